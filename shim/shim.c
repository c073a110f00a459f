/*
 * The job-control shim.
 *
 * A program that leads its session belongs to an orphaned process group, and the kernel throws ^Z
 * away there. So the session leader is the shim: it forks the program into a foreground group of
 * its own and waits. Stopping, continuing and the end of the program are told to the broker, which
 * does with its own terminal what a shell would do.
 *
 * A program in a pid namespace must be somebody's child outside of it, too: nobody enters one by
 * himself. Without a terminal it has the shim for this alone.
 */
#include "shim/shim.h"

#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void
tell(int job_fd, enum shim_event event, int value)
{
	const struct shim_report report = { event, value };
	ssize_t n;

	/* Nobody to tell: the broker is gone, and the death signal is on its way. */
	do {
		n = write(job_fd, &report, sizeof(report));
	} while (n == -1 && errno == EINTR);
}

/*
 * Every signal is blocked here, and stays so. Holding no stream, the shim keeps no pipe open for a
 * reader of the program's output; not dumpable, it cannot be traced by the program.
 */
static _Noreturn void
shim_main(int job_fd, pid_t program)
{
	siginfo_t info;

	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)syscall(SYS_close_range, 0U, (unsigned int)job_fd - 1, 0);
	(void)syscall(SYS_close_range, (unsigned int)job_fd + 1, ~0U, 0);
	tell(job_fd, SHIM_STARTED, program);
	for (;;) {
		if (waitid(P_PID, (id_t)program, &info, WEXITED | WSTOPPED | WCONTINUED) == -1) {
			if (errno == EINTR)
				continue;
			_exit(126);
		}
		switch (info.si_code) {
		case CLD_EXITED:
			tell(job_fd, SHIM_EXITED, info.si_status);
			_exit(info.si_status);
		case CLD_KILLED:
		case CLD_DUMPED:
			tell(job_fd, SHIM_KILLED, info.si_status);
			_exit(128 + info.si_status);
		case CLD_CONTINUED:
			tell(job_fd, SHIM_CONTINUED, 0);
			break;
		default:
			tell(job_fd, SHIM_STOPPED, info.si_status);
			break;
		}
	}
}

int
shim_fork(int tty_fd, int job_fd, bool enters)
{
	pid_t shim = getpid(), program = fork();

	if (program == -1)
		return errno;
	if (program > 0)
		shim_main(job_fd, program);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		return errno;
	/* A parent outside of the namespace has no number in it; the one of orphans is 1. */
	if (getppid() != (enters ? 0 : shim))
		return ESRCH;
	if (tty_fd == -1)
		return 0;
	/* A background group would be stopped by SIGTTOU here, but all signals are blocked. */
	program = getpid();
	if (setpgid(0, 0) == -1 || ioctl(tty_fd, TIOCSPGRP, &program) == -1)
		return errno;
	return 0;
}
