/*
 * One session: launch the program, wait for it with every signal and descriptor in one poll, end
 * what it left behind. The broker decides nothing from what the program says or prints.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/hooks.h"
#include "broker/internal.h"
#include "launch/launch.h"

enum {
	LEFTOVER_GRACE_MS = 2000,
	STOPPED_CODE_FIRST = 129, /* exit codes that shells use for 128 + signal */
	STOPPED_CODE_LAST = 143,
};

struct session {
	const struct plan *plan;
	struct launch *launch;
	int signal_fd;
	int guardian_fd; /* readable when the guardian is dead */
	pid_t child;
	int child_fd;
	siginfo_t status; /* of the child; si_pid 0 while it lives */
};

/* Reap everything that ended; orphans of the session come here because we are a subreaper. */
static void
reap(struct session *s)
{
	for (;;) {
		siginfo_t info = { 0 };

		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) == -1 || info.si_pid == 0)
			return;
		if (info.si_pid == s->child)
			s->status = info;
	}
}

static void
on_signal(struct session *s)
{
	struct signalfd_siginfo info;

	while (read(s->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		/* From the terminal, while the broker was in its group: the program has it already. */
		if (info.ssi_signo != SIGCHLD && info.ssi_code == SI_KERNEL)
			continue;
		switch (info.ssi_signo) {
		case SIGCHLD:
			reap(s);
			break;
		case SIGINT:
		case SIGTERM:
		case SIGHUP:
		case SIGQUIT:
		case SIGUSR1:
		case SIGUSR2:
		case SIGTSTP:
		case SIGCONT:
			(void)syscall(SYS_pidfd_send_signal, s->child_fd, info.ssi_signo, NULL, 0);
			break;
		default: /* nothing else is meant for the program */
			break;
		}
	}
}

/* 0 when the child ended; -EOWNERDEAD when the guardian was killed. */
static int
wait_for_child(struct session *s)
{
	struct pollfd wait[] = {
		{ .fd = s->signal_fd, .events = POLLIN },
		{ .fd = s->guardian_fd, .events = POLLIN },
	};

	/* A child that ended before the descriptor existed left its signal pending. */
	while (s->status.si_pid == 0) {
		if (poll(wait, ARRAY_LEN(wait), -1) == -1 && errno != EINTR)
			return -errno;
		if (wait[0].revents)
			on_signal(s);
		if (wait[1].revents)
			return -EOWNERDEAD;
	}
	return 0;
}

/*
 * Which signals the session reads. All are blocked; those that a bug of ours raises (SIGSEGV and
 * the like) are delivered by the kernel all the same.
 */
static int
open_signals(struct err *e)
{
	sigset_t all;
	int fd;

	(void)sigfillset(&all);
	fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd == -1 ? err_set_errno(e, -errno, "cannot receive signals") : fd;
}

static int
exit_code_of(const struct session *s)
{
	bool killed = s->status.si_code != CLD_EXITED;
	int code = killed ? 128 + s->status.si_status : s->status.si_status;

	if (killed || (code >= STOPPED_CODE_FIRST && code <= STOPPED_CODE_LAST))
		message_line(s->plan, "Session stopped.");
	return code;
}

/* Leave nothing of the session behind: processes first, then their files. */
static void
clean_up(struct session *s, unsigned int grace_ms)
{
	const struct plan_settings *settings = s->plan->settings;
	const struct strangers none = { .count = 0 };
	struct err e = ERR_INIT;

	if (!(settings->flags & PLAN_LEAVE_BACKGROUND) && !hook_off(HOOK_LEFTOVERS) &&
	    tree_end(&none, grace_ms) < 0) {
		(void)err_set(&e, -ETIMEDOUT,
			      "a process of the session cannot be ended; look for it with `ps`");
		message_error(s->plan, &e);
	}
	launch_remove_created(s->plan);
	if (s->launch && *launch_temp_directory(s->launch) &&
	    !(settings->flags & PLAN_LEAVE_BACKGROUND))
		(void)tempdir_remove(launch_temp_directory(s->launch));
	if (!(settings->flags & PLAN_SHARED_TMP))
		tempdir_sweep(plan_string(s->plan, settings->temp_parent));
	launch_free(s->launch);
	fd_close(s->child_fd);
	fd_close(s->signal_fd);
}

int
session_run(const struct plan *p, const sigset_t *original, int guardian_fd)
{
	struct session s = {
		.plan = p, .guardian_fd = guardian_fd, .child_fd = -1, .signal_fd = -1
	};
	struct err e = ERR_INIT;
	struct kernel kernel;
	int r;

	kernel_probe(&kernel);
	if ((r = open_signals(&e)) >= 0) {
		s.signal_fd = r;
		r = launch_prepare(&s.launch, p, &kernel, &e);
	}
	if (r >= 0)
		r = launch_spawn(s.launch, original, &s.child, &s.child_fd, &e);
	/*
	 * A group of its own, so that what the terminal sends is for the program and the guardian
	 * alone. Not before the fork: the program belongs to the group the shell made for the job.
	 */
	if (r >= 0 && setpgid(0, 0) == -1)
		r = err_set_errno(&e, -errno, "cannot leave the terminal's process group");
	if (r < 0) {
		message_error(p, &e);
		clean_up(&s, 0);
		return message_exit_code(p, &e);
	}
	r = wait_for_child(&s);
	if (r < 0) {
		/* Without the guardian nobody waits for us: end everything, at once. */
		(void)err_set_errno(&e, r, "the session lost its guardian");
		clean_up(&s, 0);
		return message_exit_code(p, &e);
	}
	r = exit_code_of(&s);
	clean_up(&s, LEFTOVER_GRACE_MS);
	return r;
}
