/*
 * B4: TCP Fast Open: sending with MSG_FASTOPEN connects without connect(2), past Landlock's
 * connect rule.
 */
#include "tests/escape/attack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum way { WAY_SENDTO, WAY_SENDMSG, WAY_SENDMMSG, WAY_UPPER_BITS };

static void
fast_open(const char *name, enum way way)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons((in_port_t)attack_env_number("ESC_TCP")),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct iovec data = { .iov_base = "x", .iov_len = 1 };
	struct mmsghdr m = { .msg_hdr = {
				     .msg_name = &to,
				     .msg_namelen = sizeof(to),
				     .msg_iov = &data,
				     .msg_iovlen = 1,
			     } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	long ret = -1;

	if (fd == -1)
		ret = -1;
	else if (way == WAY_SENDTO)
		ret = sendto(fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, (struct sockaddr *)&to,
			     sizeof(to));
	else if (way == WAY_SENDMSG)
		ret = sendmsg(fd, &m.msg_hdr, MSG_FASTOPEN | MSG_NOSIGNAL);
	else if (way == WAY_UPPER_BITS)
		ret = syscall(SYS_sendto, fd, "x", 1UL, 1UL << 32 | MSG_FASTOPEN | MSG_NOSIGNAL,
			      &to, sizeof(to));
	else
		ret = sendmmsg(fd, &m, 1, MSG_FASTOPEN | MSG_NOSIGNAL);
	attack_result(name, ret);
	(void)close(fd);
}

int
main(void)
{
	int pair[2];

	fast_open("sendto", WAY_SENDTO);
	fast_open("sendmsg", WAY_SENDMSG);
	fast_open("sendmmsg", WAY_SENDMMSG);
	fast_open("upper-bits", WAY_UPPER_BITS);
	attack_twin("send", socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0 &&
				    sendto(pair[0], "x", 1, MSG_NOSIGNAL, NULL, 0) == 1);
	return 0;
}
