/*
 * B2: an address of family AF_UNSPEC. The kernel takes it as AF_INET on an IPv4 socket; a rule
 * that only looks for AF_INET lets it pass.
 */
#include "tests/escape/attack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int
main(void)
{
	struct sockaddr_in to = {
		.sin_family = AF_UNSPEC,
		.sin_port = htons((in_port_t)attack_env_number("ESC_UDP")),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct sockaddr_in any = { .sin_family = AF_UNSPEC };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	attack_result("udp-unspec",
		      fd == -1 ? -1 : sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)));
	(void)close(fd);

	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	attack_result("tcp-bind-unspec",
		      fd == -1 ? -1 : bind(fd, (struct sockaddr *)&any, sizeof(any)));
	(void)close(fd);

	/* Dissolving an association is no connection: programs may do it. */
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	attack_twin("tcp-dissolve",
		    fd != -1 && connect(fd, (struct sockaddr *)&any, sizeof(any)) == 0);
	(void)close(fd);
	return 0;
}
