/*
 * The guardian: the process the user's shell knows. It does two things: hands signals that were
 * sent to it on to the broker, and ends the whole session when the broker was killed. It parses
 * nothing and holds nothing.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/hooks.h"
#include "broker/internal.h"

enum { SCREEN_LEAVES_MS = 200 };

/* What the guardian knows of the session. */
struct guardian {
	const struct plan *plan;
	const struct terminal_modes *modes;
	const struct strangers *strangers;
	bool on_terminal;
};

static void
add_handled(sigset_t *set)
{
	static const int handled[] = { SIGCHLD, SIGINT,	 SIGTERM, SIGHUP, SIGQUIT,
				       SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT };

	(void)sigemptyset(set);
	for (size_t i = 0; i < ARRAY_LEN(handled); i++)
		(void)sigaddset(set, handled[i]);
}

/*
 * The terminal signals its whole foreground group, the program included: handing such a signal on
 * would deliver it twice. A hang-up is different: the kernel tells the session leader alone, which
 * a shell passes on to its jobs, and so do we when we are the leader.
 */
static bool
program_has_it(const siginfo_t *info)
{
	if (info->si_code != SI_KERNEL)
		return false;
	return info->si_signo != SIGHUP || getsid(0) != getpid();
}

static void
forward(const struct guardian *g, pid_t broker, int broker_fd, const siginfo_t *info)
{
	bool from_broker = info->si_code == SI_USER && info->si_pid == broker;

	if (!from_broker && !program_has_it(info))
		(void)syscall(SYS_pidfd_send_signal, broker_fd, info->si_signo, NULL, 0);
	/*
	 * ^Z stops the job as the shell sees it. In a session with a terminal the broker asks, when
	 * the program has stopped and the shell may write.
	 */
	if (info->si_signo == SIGTSTP && (!g->on_terminal || from_broker || program_has_it(info)))
		(void)kill(getpid(), SIGSTOP);
}

/*
 * The broker was killed. The screen notices by itself and leaves the terminal as it should be:
 * it gets a moment for that before everything is ended.
 */
static int
conclude_killed(const struct guardian *g, const siginfo_t *info)
{
	struct err e = ERR_INIT;

	if (g->modes->valid)
		(void)poll(NULL, 0, SCREEN_LEAVES_MS);
	terminal_modes_restore(g->modes);
	if (!hook_off(HOOK_LEFTOVERS) && tree_end(g->strangers, 0, NULL) < 0)
		(void)err_set(
			&e, -ETIMEDOUT,
			"the broker of this session was killed (signal %d), and a process of the "
			"session cannot be ended; look for it with `ps`",
			info->si_status);
	else
		(void)err_set(
			&e, -EPIPE,
			"the broker of this session was killed (signal %d): every program of the "
			"session was ended",
			info->si_status);
	terminal_modes_restore(g->modes);
	message_error(g->plan, &e);
	return message_exit_code(g->plan, &e);
}

static _Noreturn void
guardian_main(const struct guardian *g, pid_t broker, int broker_fd)
{
	sigset_t handled;

	add_handled(&handled);
	/* Others, as SIGTTOU, keep their default action; SIGKILL is the broker's to notice. */
	(void)sigprocmask(SIG_SETMASK, &handled, NULL);
	for (;;) {
		siginfo_t info = { 0 };

		if (sigwaitinfo(&handled, &info) == -1)
			continue;
		if (info.si_signo != SIGCHLD) {
			forward(g, broker, broker_fd, &info);
			continue;
		}
		info = (siginfo_t){ 0 };
		if (waitid(P_PID, (id_t)broker, &info, WEXITED | WNOHANG) == 0 && info.si_pid)
			_exit(info.si_code == CLD_EXITED ? info.si_status
							 : conclude_killed(g, &info));
	}
}

int
guardian_start(const struct plan *p, const struct terminal_modes *m, int *ret_guardian_fd,
	       struct err *e)
{
	pid_t guardian = getpid(), broker;
	siginfo_t info;
	struct strangers strangers;
	const struct guardian g = { p, m, &strangers,
				    m->valid && !(p->settings->flags & PLAN_NO_PTY) };
	int fd, r;

	if ((r = strangers_note(&strangers)) < 0)
		return err_set_errno(e, r, "cannot tell the session from jobs that run already");
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
		return err_set_errno(e, -errno, "cannot watch over the session");
	fd = (int)syscall(SYS_pidfd_open, guardian, 0);
	if (fd == -1)
		return err_set_errno(e, -errno, "cannot get a descriptor of this process");
	broker = fork();
	if (broker == -1) {
		r = -errno;
		fd_close(fd);
		return err_set_errno(e, r, "cannot start the broker process; see `ulimit -u`");
	}
	if (broker > 0) {
		fd_close(fd);
		fd = (int)syscall(SYS_pidfd_open, broker, 0);
		if (fd == -1) {
			(void)kill(broker, SIGKILL);
			(void)waitid(P_PID, (id_t)broker, &info, WEXITED);
			(void)err_set_errno(e, -errno, "cannot get a descriptor of the broker");
			message_error(p, e);
			_exit(message_exit_code(p, e));
		}
		guardian_main(&g, broker, fd);
	}
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
		return err_set_errno(e, -errno, "cannot set the broker up");
	*ret_guardian_fd = fd;
	return 0;
}
