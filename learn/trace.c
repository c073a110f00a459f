/*
 * The ptrace loop. PTRACE_SEIZE and PTRACE_O_EXITKILL: the command stops for us only where the
 * filter says so, and cannot outlive us, which matters because a call that is to be traced fails
 * with ENOSYS when no tracer is left (seccomp(2)).
 */
#include "learn/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "learn/filter.h"
#include "learn/internal.h"

enum {
	GRACE_MS = 2000, /* between SIGTERM and SIGKILL */
	OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
		  PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACESECCOMP |
		  PTRACE_O_EXITKILL,
};

/* What the new process tells: shared memory, because its descriptors may be closed by then. */
struct beginning {
	struct err e;
	int filter; /* 0, or -errno of its installation */
};

/* ---- the new process ---- */

static int
install_filter(const struct trace_options *o)
{
	struct trace_filter f;
	struct sock_fprog program;
	int r = trace_filter_make(&f, (struct trace_filter_choice){
					      .looks = o->looks,
					      .allow_io_uring = o->allow_io_uring,
				      });

	if (r < 0)
		return r;
	program = (struct sock_fprog){ .len = f.length, .filter = f.code };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == -1)
		return -errno;
	return 0;
}

static _Noreturn void
become_command(const struct trace_options *o, struct beginning *b, int go_fd, const sigset_t *mask)
{
	char byte;

	/* Ends without a byte when the tracer could not take hold of us. */
	if (read(go_fd, &byte, 1) != 1)
		_exit(EXIT_NONO);
	b->filter = o->every_call ? 0 : install_filter(o);
	if (b->filter < 0)
		_exit(EXIT_NONO);
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
	if (o->start(o->context, &b->e) == 0)
		b->e.code = -ECANCELED;
	_exit(b->e.exit_code ? b->e.exit_code : EXIT_NONO);
}

/* ---- resuming ---- */

/* A thread that was killed meanwhile is no error: its end is reported later. */
static void
resume(const struct trace *t, pid_t tid, bool to_exit, int signal)
{
	bool every_call = !t->result->filtered;

	(void)ptrace(to_exit || every_call ? PTRACE_SYSCALL : PTRACE_CONT, tid, NULL,
		     (void *)(uintptr_t)(unsigned int)signal);
}

/* ---- events ---- */

static int
on_call(struct trace *t, struct tracee *k)
{
	struct __ptrace_syscall_info info = { 0 };
	struct entry entry;
	int r;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, k->tid, (void *)sizeof(info), &info) == -1)
		return 0;
	if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
		observe_result(t, k, info.exit.rval);
		resume(t, k->tid, false, 0);
		return 0;
	}
	entry.arch = call_arch_of(info.arch);
	if (info.op == PTRACE_SYSCALL_INFO_SECCOMP) {
		entry.number = info.seccomp.nr;
		memcpy(entry.arg, info.seccomp.args, sizeof(entry.arg));
	} else if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		entry.number = info.entry.nr;
		memcpy(entry.arg, info.entry.args, sizeof(entry.arg));
	} else {
		resume(t, k->tid, false, 0);
		return 0;
	}
	r = observe_entry(t, k, &entry);
	resume(t, k->tid, t->o->results && k->seen_count > 0, 0);
	return r;
}

static int
on_exec(struct trace *t, struct tracee *k)
{
	unsigned long former;

	/* When another thread called execve it takes over the number of the first one. */
	if (ptrace(PTRACE_GETEVENTMSG, k->tid, NULL, &former) == 0 && (pid_t)former != k->tid)
		tracees_remove(&t->tracees, (pid_t)former);
	k->process = k->tid;
	if (k->tid == t->first)
		t->started = true;
	return observe_exec(t, k);
}

static int
on_stop(struct trace *t, pid_t tid, int status)
{
	/* A new thread is known from its own first stop: its parent may be heard of only later. */
	struct tracee *k = tracees_get(&t->tracees, tid);
	int signal = WSTOPSIG(status), r = 0;

	if (!k)
		return -ENOMEM;
	if (t->kill_stage > 1)
		(void)kill(tid, SIGKILL);
	switch (status >> 16) {
	case PTRACE_EVENT_SECCOMP:
		return on_call(t, k);
	case PTRACE_EVENT_EXEC:
		r = on_exec(t, k);
		break;
	case PTRACE_EVENT_STOP:
		/* Stopped by a signal for all of its group: it stays so until SIGCONT. */
		if (signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN ||
		    signal == SIGTTOU) {
			(void)ptrace(PTRACE_LISTEN, tid, NULL, NULL);
			return 0;
		}
		break;
	default:
		if (signal == (SIGTRAP | 0x80))
			return on_call(t, k);
		resume(t, tid, false, signal);
		return 0;
	}
	resume(t, tid, false, 0);
	return r;
}

/* ---- ending it ---- */

static void
set_timer(const struct trace *t, uint64_t ms)
{
	struct itimerspec when = { .it_value = { .tv_sec = (time_t)(ms / 1000),
						 .tv_nsec = (long)(ms % 1000) * 1000000 } };

	(void)timerfd_settime(t->timer_fd, 0, &when, NULL);
}

/* First politely; when the time for that is over, for good. */
static void
end_all(struct trace *t)
{
	tracees_kill(&t->tracees, t->kill_stage == 0 ? SIGTERM : SIGKILL);
	t->kill_stage++;
	set_timer(t, GRACE_MS);
}

static void
on_end(struct trace *t, pid_t tid, int status)
{
	tracees_remove(&t->tracees, tid);
	if (tid != t->first)
		return;
	t->ended = true;
	t->result->status = status;
	/* As `nono run` does: what is left of the command ends with it. */
	t->result->left = t->tracees.count;
	if (t->tracees.count > 0 && t->kill_stage == 0)
		end_all(t);
}

static void
on_signal(struct trace *t, const struct signalfd_siginfo *s)
{
	/* What the terminal sends goes to the command as well; what a process sends comes only here. */
	bool passed = s->ssi_code == SI_KERNEL;

	switch (s->ssi_signo) {
	case SIGINT:
		if (++t->interrupts > 1) {
			t->result->interrupted = true;
			t->kill_stage = 1;
			end_all(t);
			return;
		}
		break;
	case SIGTERM:
	case SIGHUP:
	case SIGQUIT:
		break;
	default:
		return;
	}
	if (!passed && !t->ended)
		(void)kill(t->first, (int)s->ssi_signo);
}

static void
on_timer(struct trace *t)
{
	uint64_t count;

	(void)!read(t->timer_fd, &count, sizeof(count));
	if (!t->ended && t->kill_stage == 0)
		t->result->timed_out = true;
	end_all(t);
}

/* ---- the loop ---- */

static int
wait_for_something(struct trace *t, int signal_fd)
{
	struct pollfd fds[] = { { .fd = signal_fd, .events = POLLIN },
				{ .fd = t->timer_fd, .events = POLLIN } };
	struct signalfd_siginfo s[8];
	ssize_t n;

	if (poll(fds, ARRAY_LEN(fds), -1) == -1)
		return errno == EINTR ? 0 : -errno;
	if (fds[0].revents) {
		n = read(signal_fd, s, sizeof(s));
		for (ssize_t i = 0; i < n / (ssize_t)sizeof(s[0]); i++)
			on_signal(t, &s[i]);
	}
	if (fds[1].revents)
		on_timer(t);
	return 0;
}

static int
trace_loop(struct trace *t, int signal_fd)
{
	int status, r = 0;

	while (r == 0) {
		pid_t tid = waitpid(-1, &status, __WALL | WNOHANG);

		if (tid == -1)
			return errno == ECHILD ? 0 : -errno;
		if (tid == 0)
			r = wait_for_something(t, signal_fd);
		else if (WIFSTOPPED(status))
			r = on_stop(t, tid, status);
		else
			on_end(t, tid, status);
	}
	/* Out of memory: what was started must not go on unseen. */
	tracees_kill(&t->tracees, SIGKILL);
	while (waitpid(-1, &status, __WALL) > 0)
		;
	return r;
}

static void
fill_index(struct trace *t)
{
	for (size_t i = 0; i < calls_count; i++)
		for (size_t arch = 0; arch < CALL_ARCHES; arch++)
			if (calls_table[i].number[arch] >= 0)
				t->index[arch][calls_table[i].number[arch]] = &calls_table[i];
}

/* What was made and is still there is what the next run finds. */
static void
look_at_made(struct paths *paths)
{
	for (size_t i = 0; i < paths->count; i++) {
		struct path_seen *p = &paths->item[i];
		struct stat st;

		if (!(p->flags & PATH_MADE))
			continue;
		p->flags &= ~(uint32_t)PATH_DIRECTORY;
		if (lstat(p->path, &st) == 0)
			p->flags |= PATH_KEPT | (S_ISDIR(st.st_mode) ? PATH_DIRECTORY : 0);
	}
}

static int
start(struct trace *t, struct beginning *b, int signal_fd, const sigset_t *mask, struct err *e)
{
	int go[2], r;
	pid_t pid;

	if (pipe2(go, O_CLOEXEC) == -1)
		return err_set_errno(e, -errno, "Learn mode error: cannot make a pipe");
	pid = fork();
	if (pid == 0) {
		(void)close(go[1]);
		become_command(t->o, b, go[0], mask);
	}
	(void)close(go[0]);
	if (pid == -1) {
		r = -errno;
		(void)close(go[1]);
		return err_set_errno(e, r, "Learn mode error: cannot start a process");
	}
	t->first = pid;
	t->result->filtered = !t->o->every_call;
	r = ptrace(PTRACE_SEIZE, pid, NULL, (void *)(uintptr_t)OPTIONS) == -1 ? -errno : 0;
	if (r == 0 && !tracees_get(&t->tracees, pid))
		r = -ENOMEM;
	if (r == 0)
		r = fd_write_all(go[1], "g", 1);
	(void)close(go[1]);
	if (r < 0) {
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, __WALL);
		return err_set_errno(
			e, r,
			"Learn mode error: cannot trace a process: something forbids "
			"ptrace(2), as /proc/sys/kernel/yama/ptrace_scope set to 3 or a "
			"container's filter does");
	}
	if (t->o->timeout_ms > 0)
		set_timer(t, t->o->timeout_ms);
	return trace_loop(t, signal_fd) < 0 ? err_set(e, -ENOMEM, "out of memory") : 0;
}

static int
run_once(struct trace_result *ret, const struct trace_options *o, struct beginning *b,
	 const sigset_t *blocked, const sigset_t *mask, struct err *e)
{
	struct trace t = { .o = o, .result = ret };
	autofd int signal_fd = -1, timer_fd = -1;
	int r;

	fill_index(&t);
	*b = (struct beginning){ 0 };
	signal_fd = signalfd(-1, blocked, SFD_CLOEXEC | SFD_NONBLOCK);
	timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (signal_fd == -1 || timer_fd == -1)
		return err_set_errno(e, -errno, "Learn mode error: no descriptors");
	t.timer_fd = timer_fd;
	r = start(&t, b, signal_fd, mask, e);
	tracees_clear(&t.tracees);
	if (r < 0)
		return r;
	if (t.started) {
		look_at_made(&ret->paths);
		return 0;
	}
	if (b->e.code < 0) {
		*e = b->e;
		return e->code;
	}
	return err_set(e, -ECHILD,
		       "Learn mode error: the new process ended before it ran the command");
}

int
trace_command(struct trace_result *ret, const struct trace_options *o, struct err *e)
{
	static const int wanted[] = { SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct trace_options every_call = *o;
	struct beginning *b;
	sigset_t blocked, mask;
	int r;

	*ret = (struct trace_result){ 0 };
	paths_init(&ret->paths);
	b = mmap(NULL, sizeof(*b), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (b == MAP_FAILED)
		return err_set(e, -ENOMEM, "out of memory");
	(void)sigemptyset(&blocked);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		(void)sigaddset(&blocked, wanted[i]);
	(void)sigprocmask(SIG_BLOCK, &blocked, &mask);
	r = run_once(ret, o, b, &blocked, &mask, e);
	if (r < 0 && b->filter < 0) { /* no filters here: a stop at every call, then */
		*e = (struct err)ERR_INIT;
		every_call.every_call = true;
		r = run_once(ret, &every_call, b, &blocked, &mask, e);
	}
	(void)sigprocmask(SIG_SETMASK, &mask, NULL);
	(void)munmap(b, sizeof(*b));
	return r;
}

void
trace_result_clear(struct trace_result *r)
{
	paths_clear(&r->paths);
	endpoints_clear(&r->net);
}
