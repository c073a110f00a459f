/*
 * The session's own terminal, and the shim that gives the program job control.
 *
 * A program that leads its session belongs to an orphaned process group, and the kernel throws ^Z
 * away there. So the session leader is the shim: it forks the program into a foreground group of
 * its own and waits. Stopping, continuing and the end of the program are told to the broker, which
 * does with its own terminal what a shell would do.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child/internal.h"

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

static void
tell(int job_fd, enum child_job_event event, int value)
{
	const struct child_job job = { event, value };
	ssize_t n;

	/* Nobody to tell: the broker is gone, and the death signal is on its way. */
	do {
		n = write(job_fd, &job, sizeof(job));
	} while (n == -1 && errno == EINTR);
}

/*
 * Every signal is blocked here, and stays so. Holding no stream, the shim keeps no pipe open for a
 * reader of the program's output; not dumpable, it cannot be traced by the program.
 */
static _Noreturn void
shim_main(const struct child_plan *p, pid_t program)
{
	unsigned int job_fd = (unsigned int)p->job_fd;
	siginfo_t info;

	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)syscall(SYS_close_range, 0U, job_fd - 1, 0);
	(void)syscall(SYS_close_range, job_fd + 1, ~0U, 0);
	tell(p->job_fd, CHILD_JOB_STARTED, program);
	for (;;) {
		if (waitid(P_PID, (id_t)program, &info, WEXITED | WSTOPPED | WCONTINUED) == -1) {
			if (errno == EINTR)
				continue;
			_exit(126);
		}
		switch (info.si_code) {
		case CLD_EXITED:
			tell(p->job_fd, CHILD_JOB_EXITED, info.si_status);
			_exit(info.si_status);
		case CLD_KILLED:
		case CLD_DUMPED:
			tell(p->job_fd, CHILD_JOB_KILLED, info.si_status);
			_exit(128 + info.si_status);
		case CLD_CONTINUED:
			tell(p->job_fd, CHILD_JOB_CONTINUED, 0);
			break;
		default:
			tell(p->job_fd, CHILD_JOB_STOPPED, info.si_status);
			break;
		}
	}
}

int
step_job(const struct child_plan *p)
{
	pid_t shim, program;

	if (p->job_fd == -1)
		return 0;
	shim = getpid();
	program = fork();
	if (program == -1)
		return errno;
	if (program > 0)
		shim_main(p, program);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		return errno;
	if (getppid() != shim)
		return ESRCH;
	/* A background group would be stopped by SIGTTOU here, but all signals are blocked. */
	program = getpid();
	if (setpgid(0, 0) == -1 || ioctl(p->tty_fd, TIOCSPGRP, &program) == -1)
		return errno;
	return 0;
}
