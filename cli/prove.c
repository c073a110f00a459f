/*
 * The outer side of the proofs: real sandboxes, built by the same code as for every program, and
 * a pipe on which the process inside reports.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/hooks.h"
#include "cli/env.h"
#include "cli/prove_stage.h"
#include "profiles/policy.h"

enum {
	PROOF_MS_MAX = 10000, /* one sandbox, with all its acts */
	DEATH_MS_MAX = 2000,  /* for the kernel to end an orphan */
	VARIABLES_MAX = 24,
	CODE_KILLED = 128 + SIGKILL,
	POSSESSOR_ALL = 0x3f000000, /* keyctl(2): nobody else sees the key */
};

/* ---- in a fork of ours, before the sandbox ---- */

/* A session keyring with a key that only its possessors see, for the sandbox to be without. */
static void
plant_key(const struct stage *s)
{
	long key;

	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) == -1)
		return;
	key = syscall(SYS_add_key, "user", s->name, "x", 1, KEY_SPEC_SESSION_KEYRING);
	if (key != -1)
		(void)syscall(SYS_keyctl, KEYCTL_SETPERM, key, POSSESSOR_ALL);
}

/*
 * Streams of the sandboxed process: its own terminal (where one is asked for), the pipe, nothing.
 * Who leads a terminal's session ends it with a hang-up when he dies.
 */
static int
set_streams(const struct stage *s, int out, bool own_terminal)
{
	char terminal[64];
	autofd int null = open("/dev/null", O_RDWR | O_CLOEXEC), in = -1;

	if (null == -1)
		return -errno;
	if (own_terminal && s->own_master != -1 &&
	    ptsname_r(s->own_master, terminal, sizeof(terminal)) == 0) {
		(void)setsid();
		in = open(terminal, O_RDWR | O_CLOEXEC);
		if (in != -1)
			(void)ioctl(in, TIOCSCTTY, 0);
	}
	if (dup2(in == -1 ? null : in, STDIN_FILENO) == -1 || dup2(out, STDOUT_FILENO) == -1 ||
	    dup2(null, STDERR_FILENO) == -1)
		return -errno;
	return 0;
}

static void
leak_descriptor(const struct stage *s)
{
	char path[PATH_MAX];
	autofd int fd = -1;

	if (snprintf(path, sizeof(path), "%s/outside/file", s->box) >= (int)sizeof(path))
		return;
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd != -1)
		(void)dup2(fd, PROVE_INHERITED_FD);
}

/* Errors travel on the same pipe, behind a report with an impossible number. */
static _Noreturn void
fail_inside(int out, const struct err *e)
{
	const struct prove_report mark = { .act = ACT_COUNT };

	(void)!fd_write_all(out, &mark, sizeof(mark));
	(void)!fd_write_all(out, e->text, strlen(e->text));
	_exit(EXIT_NONO);
}

static _Noreturn void
enter_sandbox(const struct stage *s, enum prove_mode mode, int out)
{
	struct launch *l = NULL;
	struct err e = ERR_INIT;
	int r = set_streams(s, out, true);

	if (r < 0)
		(void)err_set_errno(&e, r, "cannot prepare the streams");
	if (r == 0) {
		leak_descriptor(s);
		plant_key(s);
		r = stage_prepare(&l, s, mode, false, &e);
	}
	if (r == 0)
		(void)launch_exec(l, &e);
	fail_inside(STDOUT_FILENO, &e);
}

/* As the broker does: the program is a child that shall not survive us. */
static _Noreturn void
spawn_and_wait(const struct stage *s, int out)
{
	struct launch *l = NULL;
	struct err e = ERR_INIT;
	sigset_t all, none;
	int r = set_streams(s, out, false), pidfd;
	pid_t pid;

	(void)sigfillset(&all);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	if (r == 0)
		r = stage_prepare(&l, s, PROVE_WAIT, false, &e);
	if (r == 0)
		r = launch_spawn(l, &none, &pid, &pidfd, &e);
	if (r < 0)
		fail_inside(STDOUT_FILENO, &e);
	r = fd_write_all(STDOUT_FILENO, &(struct prove_report){ .act = ACT_DEATH },
			 sizeof(struct prove_report));
	(void)close(STDOUT_FILENO);
	for (;;)
		(void)pause();
}

/* A flag in any case; one that changes nothing where nothing is limited. */
static const char *
limit_flag(enum prove_mode mode)
{
	return mode == PROVE_MEMORY	 ? "--memory=" PROVE_MEMORY_LIMIT
	       : mode == PROVE_PROCESSES ? "--max-procs=" PROVE_PROCESS_LIMIT
					 : "--no-diagnostics";
}

/*
 * `nono run` of this program, in a home of its own, with a variable that must not get through. The
 * service manager, which may be asked for a group, is the one of the caller.
 */
static _Noreturn void
run_session(const struct stage *s, enum prove_mode mode, int out)
{
	char number[16], home[STAGE_BOX_MAX + 16], temp[STAGE_BOX_MAX + 16], runtime[PATH_MAX];
	const char *manager = env_get(s->environment, "XDG_RUNTIME_DIR");
	const char *argv[] = { "nono",	       "run",	     "--allow-cwd",
			       "--read-file",  s->self,	     limit_flag(mode),
			       "--silent",     "--",	     s->self,
			       PROVE_COMMAND,  number,	     s->box,
			       s->victim_text, s->port_text, s->granted_text,
			       "none",	       s->name,	     NULL };
	char *environment[VARIABLES_MAX] = { home, temp, (char[]){ "PATH=/usr/bin:/bin" },
					     (char[]){ PROVE_VARIABLE "=/nonexistent" }, runtime };
	char *const *hooks = hook_helper_environment();
	struct err e = ERR_INIT;
	autofd int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)snprintf(number, sizeof(number), "%d", (int)mode);
	(void)snprintf(home, sizeof(home), "HOME=%s/home", s->box);
	(void)snprintf(temp, sizeof(temp), "TMPDIR=%s", s->box);
	(void)snprintf(runtime, sizeof(runtime), "XDG_RUNTIME_DIR=%s", manager ? manager : "");
	for (size_t i = 0; hooks[i] && i + 6 < VARIABLES_MAX; i++)
		environment[5 + i] = hooks[i];
	if (chdir(s->box) == -1 || chdir("granted") == -1 || dup2(null, STDIN_FILENO) == -1 ||
	    dup2(out, STDOUT_FILENO) == -1)
		_exit(EXIT_NONO);
	/*
	 * The reason, when it does not start, is for the person who runs setup; that there is no
	 * group to limit is nothing to be upset about.
	 */
	if (mode != PROVE_SESSION)
		(void)dup2(null, STDERR_FILENO);
	(void)execve(s->self, (char *const *)(uintptr_t)argv, environment);
	(void)err_set_errno(&e, -errno, "cannot start '%s'", s->self);
	fail_inside(STDOUT_FILENO, &e);
}

/* ---- reading what is reported ---- */

static int
milliseconds_left(const struct timespec *end)
{
	struct timespec now;
	long ms;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (end->tv_sec - now.tv_sec) * 1000 + (end->tv_nsec - now.tv_nsec) / 1000000;
	return ms > 0 ? (int)ms : 0;
}

static struct timespec
in_milliseconds(int ms)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	return t;
}

/* Up to `n` bytes before the end of the pipe and of the time: how many, or -errno. */
static ssize_t
read_some(int fd, void *p, size_t n, const struct timespec *end)
{
	size_t done = 0;

	while (done < n) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		int ready = poll(&wait, 1, milliseconds_left(end));
		ssize_t got;

		if (ready == -1 && errno == EINTR)
			continue;
		if (ready <= 0)
			return ready == 0 ? -ETIMEDOUT : -errno;
		got = read(fd, (char *)p + done, n - done);
		if (got == -1)
			return -errno;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

static int
read_reports(struct stage *s, int fd, int ms)
{
	const struct timespec end = in_milliseconds(ms);

	for (;;) {
		struct prove_report report;
		ssize_t n = read_some(fd, &report, sizeof(report), &end);

		if (n < 0)
			return (int)n;
		if (n == 0)
			return 0;
		if (n != sizeof(report) || report.act < 0 || report.act > ACT_COUNT)
			return -EBADMSG;
		if (report.act == ACT_COUNT) {
			char text[ERR_TEXT_MAX] = "";

			(void)read_some(fd, text, sizeof(text) - 1, &end);
			return err_set(s->e, -EOPNOTSUPP, "%s", text);
		}
		s->result->outcome[report.act] = report.outcome;
	}
}

static void
reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		;
}

/* 0, or -errno; errors that the other side told are in s->e. */
static int
run_sandbox(struct stage *s, enum prove_mode mode)
{
	autofd int in = -1, out = -1;
	int ends[2], r;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return err_set_errno(s->e, -errno, "Setup error: cannot make a pipe");
	in = ends[0];
	out = ends[1];
	pid = fork();
	if (pid == -1)
		return err_set_errno(s->e, -errno, "Setup error: cannot start another process");
	if (pid == 0)
		enter_sandbox(s, mode, out);
	out = fd_close(out);
	r = read_reports(s, in, PROOF_MS_MAX);
	if (r < 0)
		(void)kill(pid, SIGKILL);
	reap(pid);
	if (r < 0 && !*s->e->text)
		(void)err_set_errno(s->e, r,
				    "Setup error: the process of the checks did not report");
	return r;
}

/* Until the pipe has no writer any more: EPERM in time ("it may not live on"), else 0. */
static int
wait_for_end(int fd)
{
	const struct timespec end = in_milliseconds(DEATH_MS_MAX);
	char byte;
	ssize_t n;

	do {
		n = read_some(fd, &byte, 1, &end);
	} while (n > 0);
	return n == 0 ? EPERM : 0;
}

static void
prove_death(struct stage *s)
{
	const struct timespec end = in_milliseconds(PROOF_MS_MAX);
	autofd int in = -1, out = -1;
	struct prove_report report = { .act = ACT_COUNT };
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return;
	in = ends[0];
	out = ends[1];
	pid = fork();
	if (pid == 0)
		spawn_and_wait(s, out);
	out = fd_close(out);
	if (pid == -1)
		return;
	if (read_some(in, &report, sizeof(report), &end) == sizeof(report) &&
	    report.act == ACT_DEATH) {
		(void)kill(pid, SIGKILL);
		s->result->outcome[ACT_DEATH] = wait_for_end(in);
	}
	(void)kill(pid, SIGKILL);
	reap(pid);
}

/* A real session whose program reports to *ret_in, the caller's; its pid, or -1. */
static pid_t
fork_session(struct stage *s, enum prove_mode mode, int *ret_in)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	pid = fork();
	if (pid == 0)
		run_session(s, mode, ends[1]);
	(void)close(ends[1]);
	*ret_in = ends[0];
	return pid;
}

static void
prove_session(struct stage *s)
{
	const struct timespec end = in_milliseconds(PROOF_MS_MAX);
	autofd int in = -1;
	struct prove_report report;
	pid_t pid = fork_session(s, PROVE_SESSION, &in);

	if (pid == -1)
		return;
	if (read_some(in, &report, sizeof(report), &end) != sizeof(report) ||
	    report.act != ACT_ENVIRONMENT) {
		(void)kill(pid, SIGTERM);
		reap(pid);
		return;
	}
	s->result->outcome[ACT_ENVIRONMENT] = report.outcome;
	reap(pid);
	s->result->outcome[ACT_LEFTOVER] = wait_for_end(in);
}

/* What a group refuses; a start without a group is refused as a whole. */
static void
prove_limit(struct stage *s, enum prove_mode mode, enum prove_act act)
{
	autofd int in = -1;
	int status = 0, r;
	pid_t pid = fork_session(s, mode, &in);

	if (pid == -1)
		return;
	r = read_reports(s, in, PROOF_MS_MAX);
	if (r < 0)
		(void)kill(pid, SIGTERM);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	if (r == 0 && s->result->outcome[act] == ACT_NOT_RUN && WIFEXITED(status) &&
	    WEXITSTATUS(status) == EXIT_NONO)
		s->result->outcome[act] = EOPNOTSUPP;
	/* The first report only announces this end. */
	if (s->result->outcome[act] == ENOMEM &&
	    (!WIFEXITED(status) || WEXITSTATUS(status) != CODE_KILLED))
		s->result->outcome[act] = ACT_NOT_RUN;
}

/* ---- what is refused before a start ---- */

/* In a fork, as what is prepared is never taken back: EPERM when nono refuses, else 0 (or an errno). */
static int
in_fork(struct stage *s, int (*act)(struct stage *s))
{
	int status;
	pid_t pid = fork();

	if (pid == -1)
		return ACT_NOT_RUN;
	if (pid == 0)
		_exit(act(s));
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return ACT_NOT_RUN;
	return WIFEXITED(status) ? WEXITSTATUS(status) : ACT_NOT_RUN;
}

static int
refuses_swapped(struct stage *s)
{
	struct launch *l = NULL;
	struct err e = ERR_INIT;

	return stage_prepare(&l, s, PROVE_DEFAULT, true, &e) == -ESTALE ? EPERM : 0;
}

static int
refuses_directory(struct stage *s)
{
	struct launch *l = NULL;
	struct err e = ERR_INIT;
	int fd = open(s->box, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1 || dup2(fd, STDIN_FILENO) == -1)
		return 0;
	return stage_prepare(&l, s, PROVE_DEFAULT, false, &e) == -EISDIR ? EPERM : 0;
}

/* Does the policy refuse to grant reading of this directory below the home of the box? */
static int
refuses_grant(struct stage *s, const char *below)
{
	char home[STAGE_BOX_MAX + 16], path[STAGE_BOX_MAX + 64];
	const char *grant = path, *program = s->self;
	char *environment[] = { home, (char[]){ "PATH=/usr/bin:/bin" }, NULL };
	const struct policy_request rq = {
		.mode = PLAN_MODE_RUN,
		.read = { &grant, 1 },
		.read_file = { &program, 1 },
		.allow_cwd = true,
		.dry_run = true,
		.command = { &program, 1 },
		.environment = environment,
	};
	struct policy_notes notes = { 0 };
	struct plan_builder b;
	struct err e = ERR_INIT;

	(void)snprintf(home, sizeof(home), "HOME=%s/home", s->box);
	(void)snprintf(path, sizeof(path), "%s/home/%s", s->box, below);
	if (chdir(s->box) == -1 || chdir("granted") == -1 || plan_builder_init(&b) < 0)
		return 0;
	/* The reason counts, not only that something went wrong. */
	return policy_assemble(&b, &rq, &notes, NULL, NULL, &e) < 0 && strstr(e.text, path) ? EPERM
											    : 0;
}

static int
refuses_state(struct stage *s)
{
	return refuses_grant(s, ".local/state");
}

static int
refuses_overlap(struct stage *s)
{
	return refuses_grant(s, ".local/share");
}

/* Up to the terminal that the child made in a devpts of its own. */
static int
makes_devpts(struct stage *s)
{
	struct launch *l = NULL;
	struct err e = ERR_INIT;
	sigset_t all;
	int r, master;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	if (stage_prepare(&l, s, PROVE_DEVPTS, false, &e) < 0)
		return ACT_NOT_RUN;
	if (!launch_child_plan(l)->own_devpts)
		return EOPNOTSUPP;
	if (launch_no_namespace(l))
		return -launch_no_namespace(l)->code;
	r = launch_fork(l, &all, &e);
	if (r == 0)
		r = launch_receive_master(l, &master, &e);
	launch_abandon(l);
	return r == 0 ? 0 : -e.code;
}

/* Into the tree of a session, and nothing else of it: what holds there holds by the mounts alone. */
static int
enter_tree(struct stage *s, enum prove_mode mode)
{
	const struct child_plan *c;
	struct launch *l = NULL;
	struct err e = ERR_INIT;

	if (stage_prepare(&l, s, mode, false, &e) < 0)
		return e.code;
	c = launch_child_plan(l);
	if ((c->user_ns_fd != -1 && setns(c->user_ns_fd, CLONE_NEWUSER) == -1) ||
	    (c->mount_ns_fd != -1 && setns(c->mount_ns_fd, CLONE_NEWNS) == -1) ||
	    (c->new_ipc && unshare(CLONE_NEWIPC) == -1))
		return -errno;
	return 0;
}

static int
reaches_queues(struct stage *s)
{
	struct shmid_ds status;
	int r = enter_tree(s, PROVE_TREE);

	if (r < 0)
		return -r;
	return shmctl(s->shared_memory, IPC_STAT, &status) == -1 ? errno : 0;
}

static int
prove_queues(struct stage *s)
{
	int outcome;

	s->shared_memory = shmget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
	if (s->shared_memory == -1)
		return ACT_NOT_POSSIBLE;
	outcome = in_fork(s, reaches_queues);
	(void)shmctl(s->shared_memory, IPC_RMID, NULL);
	return outcome;
}

static int
opens_denied(struct stage *s)
{
	char path[STAGE_BOX_MAX + 32];
	int r = enter_tree(s, PROVE_TREE);

	(void)snprintf(path, sizeof(path), "%s/granted/file", s->box);
	if (r < 0)
		return -r;
	return open(path, O_RDONLY | O_CLOEXEC) == -1 ? errno : 0;
}

static int
changes_mode(struct stage *s)
{
	char path[STAGE_BOX_MAX + 32];
	int r = enter_tree(s, PROVE_TREE);

	(void)snprintf(path, sizeof(path), "%s/outside/file", s->box);
	if (r < 0)
		return -r;
	return chmod(path, 0600) == -1 ? errno : 0;
}

/* The /proc that is mounted there shows nobody who is outside, whoever looks. */
static int
lists_others(struct stage *s)
{
	char path[64];
	int r = enter_tree(s, PROVE_NUMBERS);

	(void)snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)s->victim);
	if (r < 0)
		return -r;
	return open(path, O_RDONLY | O_CLOEXEC) == -1 ? errno : 0;
}

/* ---- all ---- */

static int
prove_everything(struct stage *s)
{
	int r;

	if ((r = stage_set(s)) < 0 || (r = run_sandbox(s, PROVE_DEFAULT)) < 0 ||
	    (r = run_sandbox(s, PROVE_BLOCKED)) < 0)
		return r;
	prove_death(s);
	prove_session(s);
	prove_limit(s, PROVE_MEMORY, ACT_MEMORY_LIMIT);
	prove_limit(s, PROVE_PROCESSES, ACT_PROCESS_LIMIT);
	s->result->outcome[ACT_SWAPPED_GRANT] = in_fork(s, refuses_swapped);
	s->result->outcome[ACT_STDIN_DIRECTORY] = in_fork(s, refuses_directory);
	s->result->outcome[ACT_PROTECTED_ROOTS] = in_fork(s, refuses_state);
	s->result->outcome[ACT_DENY_OVERLAP] = in_fork(s, refuses_overlap);
	s->result->outcome[ACT_OWN_DEVPTS] = in_fork(s, makes_devpts);
	s->result->outcome[ACT_DENIED_INSIDE] = in_fork(s, opens_denied);
	s->result->outcome[ACT_METADATA] = in_fork(s, changes_mode);
	s->result->outcome[ACT_QUEUES] = prove_queues(s);
	s->result->outcome[ACT_LIST_OTHERS] = in_fork(s, lists_others);
	return 0;
}

int
prove_all(struct prove_result *ret, const struct kernel *k, char *const *environment, struct err *e)
{
	struct stage s = {
		.kernel = k,
		.environment = environment,
		.result = ret,
		.e = e,
		.listener = -1,
		.granted_listener = -1,
		.abstract = -1,
		.own_master = -1,
		.other_master = -1,
	};
	int r;

	for (size_t i = 0; i < ACT_COUNT; i++)
		ret->outcome[i] = ACT_NOT_RUN;
	r = prove_everything(&s);
	stage_clear(&s);
	return r;
}
