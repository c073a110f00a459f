/* Start the child and learn whether it became the program. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/hooks.h"
#include "launch/internal.h"

enum {
	HANDSHAKE_MS_MAX = 30000, /* execve from a slow network file system */
};

static const char *const step_text[CHILD_STEP_COUNT] = {
	[CHILD_STEP_PARENT] = "cannot tie the program to its broker",
	[CHILD_STEP_CGROUP] = "failed to self-attach to resource cgroup",
	[CHILD_STEP_FDS] = "cannot close inherited descriptors",
	[CHILD_STEP_NAMESPACE] = "cannot enter the session's namespaces",
	[CHILD_STEP_PTY] = "cannot make a terminal in the session's devpts",
	[CHILD_STEP_TTY] = "cannot take the session's terminal",
	[CHILD_STEP_JOB] = "cannot start the program beside its job-control process",
	[CHILD_STEP_DIRECTORY] = "failed to enter child working directory",
	[CHILD_STEP_LIMITS] = "cannot switch core dumps off",
	[CHILD_STEP_KEYRING] = "cannot leave the user's keyring",
	[CHILD_STEP_NO_NEW_PRIVS] = "cannot set no_new_privs",
	[CHILD_STEP_CAPABILITIES] = "cannot drop capabilities",
	[CHILD_STEP_LANDLOCK] = "Landlock",
	[CHILD_STEP_SIGNALS] = "cannot restore the signal mask",
	[CHILD_STEP_SECCOMP] = "seccomp",
};

/* What to try next when execve refuses a program that the search found. */
static const char *
exec_hint(int error)
{
	switch (error) {
	case EACCES:
		return "it, or the interpreter or loader it names, is outside every grant or not "
		       "executable; grant its directory with --read DIR";
	case ENOENT:
		return "it, or the interpreter or loader it names, does not exist";
	case ENOEXEC:
		return "not a program of this machine; a script needs a first line such as #!/bin/sh";
	case E2BIG:
		return "arguments and environment are too long";
	default:
		return "see execve(2)";
	}
}

static int
report_to_error(const struct launch *l, const struct child_report *report, struct err *e)
{
	bool wrap = l->child.parent == 0;
	int r = -report->error;

	if (report->step == CHILD_STEP_EXEC)
		return err_set_exit(e, report->error == ENOENT ? EXIT_MISSING : EXIT_SETUP, r,
				    "Command execution failed: %s: %s (%s)", l->child.program,
				    strerror(report->error), exec_hint(report->error));
	if (report->step == CHILD_STEP_CGROUP)
		return err_set_exit(
			e, EXIT_SETUP, r,
			"%s: %s (the group was removed or closed from outside; start again)",
			step_text[report->step], strerror(report->error));
	if (report->step == CHILD_STEP_DIRECTORY)
		return err_set_exit(e, wrap ? EXIT_NONO : EXIT_SETUP, r, "%s '%s': %s",
				    step_text[report->step],
				    plan_string(l->plan, l->plan->settings->start_directory),
				    strerror(report->error));
	if (report->step == CHILD_STEP_LANDLOCK && report->error == E2BIG)
		return err_set_exit(
			e, wrap ? EXIT_NONO : EXIT_SETUP, r,
			"Landlock layer limit reached (nested sandboxes): at most 16 can be "
			"inside each other; start this one from outside");
	return err_set_exit(
		e, wrap ? EXIT_NONO : EXIT_SETUP, r, "failed to apply sandbox in %s: %s: %s",
		wrap ? "this process" : "supervised child",
		report->step < CHILD_STEP_COUNT && step_text[report->step] ? step_text[report->step]
									   : "unknown step",
		strerror(report->error));
}

int
launch_exec_error(const struct launch *l)
{
	return l->exec_error;
}

void
launch_set_cgroup(struct launch *l, int procs_fd)
{
	l->child.cgroup_fd = procs_fd;
}

int
launch_exec(struct launch *l, struct err *e)
{
	struct child_report report;

	if (sigprocmask(SIG_SETMASK, NULL, &l->child.signal_mask) == -1)
		return err_set_errno(e, -errno, "cannot read the signal mask");
	report = child_run(&l->child);
	if (*l->temp_directory)
		(void)rmdir(l->temp_directory);
	return report_to_error(l, &report, e);
}

/* 1: a report was read; 0: the pipe was closed by execve; -errno. */
static int
read_report(int fd, struct child_report *ret)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	ssize_t n;
	int ready;

	do {
		ready = poll(&wait, 1, HANDSHAKE_MS_MAX);
	} while (ready == -1 && errno == EINTR);
	if (ready == -1)
		return -errno;
	if (ready == 0)
		return -ETIMEDOUT;
	do {
		n = read(fd, ret, sizeof(*ret));
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return -errno;
	if (n == 0)
		return 0;
	return n == sizeof(*ret) ? 1 : -EBADMSG;
}

static void
kill_and_reap(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		;
}

void
launch_abandon(struct launch *l)
{
	if (!l)
		return;
	if (l->pid > 0)
		kill_and_reap(l->pid);
	l->pid = 0;
	l->pidfd = fd_close(l->pidfd);
	l->report_fd = fd_close(l->report_fd);
}

int
launch_fork(struct launch *l, const sigset_t *mask, struct err *e)
{
	autofd int write_end = -1;
	int ends[2], r;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return err_set_errno(e, -errno, "cannot make a pipe to the child");
	l->report_fd = ends[0];
	write_end = ends[1];
	l->child.parent = getpid();
	l->child.report_fd = write_end;
	l->child.death_signal = !hook_off(HOOK_DEATH_SIGNAL);
	l->child.signal_mask = *mask;

	l->pid = fork();
	if (l->pid == -1)
		return err_set_errno(
			e, -errno,
			"cannot start another process; see `ulimit -u` and the pids limit of "
			"this session");
	if (l->pid == 0)
		child_main(&l->child);
	/* Not reaped yet, so the number cannot have been given to somebody else. */
	l->pidfd = (int)syscall(SYS_pidfd_open, l->pid, 0);
	if (l->pidfd == -1) {
		r = -errno;
		launch_abandon(l);
		return err_set_errno(e, r, "cannot get a descriptor of the child");
	}
	return 0;
}

bool
launch_is_forked(const struct launch *l)
{
	return l->pid > 0;
}

/* The first thing to come: 1, the master; 0, a report or the end of the child; -errno. */
static int
await_master(const struct launch *l)
{
	struct pollfd wait[] = {
		{ .fd = l->master_fd, .events = POLLIN },
		{ .fd = l->report_fd, .events = POLLIN },
	};
	int ready;

	do {
		ready = poll(wait, 2, HANDSHAKE_MS_MAX);
	} while (ready == -1 && errno == EINTR);
	if (ready == -1)
		return -errno;
	if (ready == 0)
		return -ETIMEDOUT;
	return wait[0].revents & POLLIN ? 1 : 0;
}

static int
take_master(int socket_fd, int *ret)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec part = { &byte, sizeof(byte) };
	struct msghdr m = { .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	const struct cmsghdr *header;
	autofd int fd = -1;
	int number;

	if (recvmsg(socket_fd, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) == -1)
		return -errno;
	header = CMSG_FIRSTHDR(&m);
	if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
	    header->cmsg_len != CMSG_LEN(sizeof(int)))
		return -EBADMSG;
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	/* Only a master has a number. */
	if (ioctl(fd, TIOCGPTN, &number) == -1)
		return -errno;
	*ret = fd_take(&fd);
	return 0;
}

int
launch_receive_master(struct launch *l, int *ret_master, struct err *e)
{
	struct child_report report = { 0 };
	int r = await_master(l);

	if (r == 1 && (r = take_master(l->master_fd, ret_master)) == 0)
		return 0;
	if (r == 0)
		r = read_report(l->report_fd, &report);
	launch_abandon(l);
	if (r == 1)
		r = report_to_error(l, &report, e);
	else
		r = err_set_errno(e, r == 0 ? -EPIPE : r, "the child made no terminal");
	return r;
}

int
launch_use_slave(struct launch *l, int tty_fd, struct err *e)
{
	int r;

	l->terminal.own_devpts = l->child.own_devpts = false;
	l->terminal.tty_fd = l->child.tty_fd = tty_fd;
	l->slave_socket = fd_close(l->slave_socket);
	l->master_fd = fd_close(l->master_fd);
	if ((r = ruleset_use_slave(l, e)) < 0)
		return r;
	l->child.rules_count = l->rules_count;
	return 0;
}

/*
 * A closed pipe without a report means that execve succeeded, or that the child was killed before
 * it could: a child that is dead of a signal after a few instructions of the program looks the
 * same and is reported by the exit status.
 */
int
launch_finish(struct launch *l, pid_t *ret_pid, int *ret_pidfd, struct err *e)
{
	struct child_report report = { 0 };
	int r;

	/* A child that does not read this has reported or died. */
	if (l->child.own_devpts)
		(void)send(l->master_fd, "", 1, MSG_NOSIGNAL);
	r = read_report(l->report_fd, &report);
	if (r != 0) {
		launch_abandon(l);
		if (r == 1 && report.step == CHILD_STEP_EXEC)
			l->exec_error = report.error;
		return r == 1 ? report_to_error(l, &report, e)
			      : err_set_errno(e, r, "the child did not report");
	}
	l->report_fd = fd_close(l->report_fd);
	*ret_pid = l->pid;
	l->pid = 0;
	*ret_pidfd = fd_take(&l->pidfd);
	return 0;
}

int
launch_spawn(struct launch *l, const sigset_t *mask, pid_t *ret_pid, int *ret_pidfd, struct err *e)
{
	int r = launch_fork(l, mask, e);

	return r < 0 ? r : launch_finish(l, ret_pid, ret_pidfd, e);
}
