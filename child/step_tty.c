/*
 * The session's own terminal, and the shim that gives the program job control.
 *
 * A program that leads its session belongs to an orphaned process group, and the kernel throws ^Z
 * away there. So the session leader is the shim: it forks the program into a foreground group of
 * its own and waits. Stopping, continuing and the end of the program are told to the broker, which
 * does with its own terminal what a shell would do.
 */
#include <errno.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child/internal.h"

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
