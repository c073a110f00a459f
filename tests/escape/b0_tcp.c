/* B0: plain TCP with the network blocked: connect, bind, and the ways to spell them. */
#include "tests/escape/attack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void
connect_to(const char *name, const struct sockaddr *sa, socklen_t bytes, bool fast)
{
	int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int one = 1;

	if (fd == -1) {
		attack_result(name, -1);
		return;
	}
	if (fast)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one, sizeof(one));
	if (connect(fd, sa, bytes) == -1)
		attack_result(name, -1);
	else
		attack_result(name, send(fd, "x", 1, MSG_NOSIGNAL));
	(void)close(fd);
}

static void
bind_to(const char *name, int socket_family, sa_family_t family)
{
	struct sockaddr_in6 v6 = { .sin6_family = family };
	struct sockaddr_in v4 = { .sin_family = family };
	int fd = socket(socket_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int ret;

	if (fd == -1) {
		attack_result(name, -1);
		return;
	}
	ret = socket_family == AF_INET6 ? bind(fd, (struct sockaddr *)&v6, sizeof(v6))
					: bind(fd, (struct sockaddr *)&v4, sizeof(v4));
	attack_result(name, ret);
	(void)close(fd);
}

int
main(void)
{
	in_port_t port = htons((in_port_t)attack_env_number("ESC_TCP"));
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = port };
	struct sockaddr_in6 mapped = { .sin6_family = AF_INET6, .sin6_port = port };
	int pair[2];

	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	connect_to("connect", (struct sockaddr *)&v4, sizeof(v4), false);
	connect_to("connect-fastopen-option", (struct sockaddr *)&v4, sizeof(v4), true);
	v4.sin_addr.s_addr = htonl(INADDR_ANY);
	connect_to("connect-any", (struct sockaddr *)&v4, sizeof(v4), false);
	mapped.sin6_addr.s6_addr[10] = 0xff;
	mapped.sin6_addr.s6_addr[11] = 0xff;
	mapped.sin6_addr.s6_addr[12] = 127;
	mapped.sin6_addr.s6_addr[15] = 1;
	connect_to("connect-mapped", (struct sockaddr *)&mapped, sizeof(mapped), false);
	bind_to("bind", AF_INET, AF_INET);
	bind_to("bind-inet6", AF_INET6, AF_INET6);
	attack_twin("socketpair", socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	return 0;
}
