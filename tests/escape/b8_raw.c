/* B8: raw, packet and ping sockets. Outside only root, or a user in ping_group_range, has them. */
#include "tests/escape/attack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static void
try_socket(const char *name, int family, int type, int protocol)
{
	int fd = socket(family, type | SOCK_CLOEXEC, protocol);

	attack_result(name, fd);
	if (fd != -1)
		(void)close(fd);
}

int
main(void)
{
	try_socket("raw-icmp", AF_INET, SOCK_RAW, IPPROTO_ICMP);
	try_socket("raw-raw", AF_INET, SOCK_RAW, IPPROTO_RAW);
	try_socket("raw6", AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
	try_socket("inet-packet", AF_INET, SOCK_PACKET, htons(ETH_P_ALL));
	try_socket("packet", AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
	try_socket("packet-dgram", AF_PACKET, SOCK_DGRAM, htons(ETH_P_ALL));
	try_socket("ping", AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
	attack_twin("tcp-socket", socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) != -1);
	return 0;
}
