/*
 * B5: listen(2) without bind: the kernel picks a port, Landlock's bind rule is never asked, and
 * the whole network can connect.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static void
autobind(const char *name, int family)
{
	struct sockaddr_storage at = { 0 };
	socklen_t bytes = sizeof(at);
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || listen(fd, 1) == -1 ||
	    getsockname(fd, (struct sockaddr *)&at, &bytes) == -1) {
		attack_result(name, -1);
	} else {
		in_port_t port = family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port
						    : ((struct sockaddr_in *)&at)->sin_port;

		attack_effect(name, port != 0, "no-port");
	}
	if (fd != -1)
		(void)close(fd);
}

int
main(void)
{
	int pair[2];

	autobind("listen", AF_INET);
	autobind("listen6", AF_INET6);
	attack_twin("socketpair", socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	return 0;
}
