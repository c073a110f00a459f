/* The session's own terminal; the program becomes a child of the job-control shim there. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "child/internal.h"
#include "shim/shim.h"

/* The master to the broker, then its word that size, modes and screen are ready. */
static int
hand_over(int socket_fd, int master)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .header = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	char byte = 0;
	struct iovec part = { &byte, sizeof(byte) };
	const struct msghdr m = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.header), &master, sizeof(master));
	if (sendmsg(socket_fd, &m, MSG_NOSIGNAL) == -1)
		return errno;
	switch (recv(socket_fd, &byte, sizeof(byte), 0)) {
	case -1:
		return errno;
	case 0:
		return ESRCH; /* the broker gave up, or is gone */
	default:
		return 0;
	}
}

/*
 * The terminal of the session is the first one of its own devpts, so that its name is true inside.
 * The slave takes the number of the socket, which has done its duty then.
 */
int
step_pty(const struct child_plan *p)
{
	int master, slave, error, unlocked = 0;

	if (!p->own_devpts)
		return 0;
	master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (master == -1 || ioctl(master, TIOCSPTLCK, &unlocked) == -1)
		return errno;
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave == -1)
		return errno;
	if ((error = hand_over(p->tty_fd, master)) != 0)
		return error;
	(void)close(master);
	if (dup3(slave, p->tty_fd, O_CLOEXEC) == -1)
		return errno;
	(void)close(slave);
	return 0;
}

int
step_tty(const struct child_plan *p)
{
	if (p->tty_fd == -1)
		return 0;
	if (setsid() == -1 || ioctl(p->tty_fd, TIOCSCTTY, 0) == -1)
		return errno;
	for (int fd = 0; fd <= 2; fd++)
		if ((p->tty_streams & 1U << fd) && dup2(p->tty_fd, fd) == -1)
			return errno;
	return 0;
}

int
step_job(const struct child_plan *p)
{
	return p->job_fd == -1 ? 0 : shim_fork(p->tty_fd, p->job_fd, p->pid_ns_fd != -1);
}
