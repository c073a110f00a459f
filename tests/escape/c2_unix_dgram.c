/*
 * C2: datagram sockets of AF_UNIX send to any path without connecting. ESC_DGRAM is a socket of
 * an outsider (syslog and sd_notify listen like this).
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void
send_to_outsider(const char *name, int fd)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	if (fd == -1) {
		attack_result(name, -1);
		return;
	}
	(void)strncpy(to.sun_path, attack_env("ESC_DGRAM"), sizeof(to.sun_path) - 1);
	attack_result(name, sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)));
	(void)close(fd);
}

int
main(void)
{
	int pair[2];

	send_to_outsider("dgram", socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	/* The kernel makes a datagram socket of SOCK_RAW in this family. */
	send_to_outsider("raw", socket(AF_UNIX, SOCK_RAW | SOCK_CLOEXEC, 0));
	send_to_outsider("pair", socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) == -1
					 ? -1
					 : pair[0]);
	send_to_outsider("pair-raw", socketpair(AF_UNIX, SOCK_RAW | SOCK_CLOEXEC, 0, pair) == -1
					     ? -1
					     : pair[0]);
	attack_twin("stream-pair", socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	attack_twin("seqpacket-pair",
		    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
	return 0;
}
