/*
 * B1: datagrams: what DNS, QUIC and tunnels use, and what Landlock does not know. Success is a
 * datagram handed to the kernel for the outsider at 127.0.0.1:ESC_UDP.
 */
#include "tests/escape/attack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static void
send_one(const char *name, int family, int type, int protocol, bool connected)
{
	in_port_t port = htons((in_port_t)attack_env_number("ESC_UDP"));
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = port };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = port };
	struct sockaddr *sa = family == AF_INET6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;
	socklen_t bytes = family == AF_INET6 ? sizeof(v6) : sizeof(v4);
	int fd = socket(family, type | SOCK_CLOEXEC, protocol);

	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	v6.sin6_addr = (struct in6_addr)IN6ADDR_LOOPBACK_INIT;
	if (fd == -1) {
		attack_result(name, -1);
		return;
	}
	if (!connected)
		attack_result(name, sendto(fd, "x", 1, 0, sa, bytes));
	else if (connect(fd, sa, bytes) == -1)
		attack_result(name, -1);
	else
		attack_result(name, send(fd, "x", 1, 0));
	(void)close(fd);
}

int
main(void)
{
	int pair[2];

	send_one("udp", AF_INET, SOCK_DGRAM, 0, false);
	send_one("udp-protocol-17", AF_INET, SOCK_DGRAM, IPPROTO_UDP, false);
	send_one("udp-connected", AF_INET, SOCK_DGRAM, 0, true);
	send_one("udp6", AF_INET6, SOCK_DGRAM, 0, false);
	send_one("udp-nonblock-type", AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0, false);
	send_one("udplite", AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE, false);
	/* The kernel takes ints: what is above them must not hide the value from a filter. */
	attack_result("upper-bits",
		      syscall(SYS_socket, 1UL << 32 | AF_INET, 1UL << 32 | SOCK_DGRAM, 0));
	attack_twin("socketpair", socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	return 0;
}
