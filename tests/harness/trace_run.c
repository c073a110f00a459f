/*
 * The ptrace loop. Owns the table of traced processes: each is known by its role in a launch
 * (nono; after the exec of nono-broker the guardian; its first fork the broker; the broker's forks
 * the child) and stands in at most one system call.
 *
 * One thing is changed while recording: prctl(PR_SET_DUMPABLE, 0) is answered 0 without being
 * executed. A process that is not dumpable cannot be read by an unprivileged tracer (ptrace(2),
 * process_vm_readv(2)), and these tests run unprivileged.
 */
#include "tests/harness/trace_run.h"

#include <elf.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/harness/patience.h"
#include "tests/harness/trace_call.h"
#include "tests/harness/trace_names.h"

#include <linux/ptrace.h>

enum {
	PROCESSES_MAX = 64,
	FDS_MAX = 1024, /* how far the program's descriptors are listed */
	GRACE_MS = 500,
	OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
		  PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL,
};

enum role { ROLE_UNKNOWN, ROLE_NONO, ROLE_GUARDIAN, ROLE_BROKER, ROLE_CHILD, ROLE_HELPER };

static const char *const role_names[] = {
	"unknown", "nono", "guardian", "broker", "child", "helper"
};

struct process {
	pid_t pid; /* 0: free slot */
	enum role role;
	bool waiting; /* stopped before its parent's fork event was seen */
	bool forked;  /* has forked once */
	bool in_call;
	bool skipped; /* the call is not executed; `answer` is its result */
	long answer;
	unsigned long index;
	enum role call_role; /* of the caller: an execve may change the role */
	char text[TRACE_TEXT_MAX];
};

struct trace {
	const struct trace_options *o;
	struct trace_result *result;
	pid_t first;
	bool started; /* the first execve succeeded: counting */
	bool over;    /* let everybody go */
	struct process process[PROCESSES_MAX];
};

static volatile sig_atomic_t alarm_rang;

static void
on_alarm(int number)
{
	(void)number;
	alarm_rang = 1;
}

/* ---- registers ---- */

/* At the entry of a call: the kernel shall execute nothing. */
static int
skip_call(pid_t pid)
{
#if defined(__x86_64__)
	struct user_regs_struct r;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &r) == -1)
		return -errno;
	r.orig_rax = (unsigned long long)-1;
	return ptrace(PTRACE_SETREGS, pid, NULL, &r) == -1 ? -errno : 0;
#elif defined(__aarch64__)
	int number = -1;
	struct iovec v = { &number, sizeof(number) };

	/* NT_ARM_SYSTEM_CALL: x8 itself is not looked at again */
	return ptrace(PTRACE_SETREGSET, pid, 0x404, &v) == -1 ? -errno : 0;
#else
#error "x86_64 and aarch64 only"
#endif
}

/* At the exit of a call. */
static int
set_result(pid_t pid, long value)
{
#if defined(__x86_64__)
	struct user_regs_struct r;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &r) == -1)
		return -errno;
	r.rax = (unsigned long long)value;
	return ptrace(PTRACE_SETREGS, pid, NULL, &r) == -1 ? -errno : 0;
#else
	struct user_regs_struct r;
	struct iovec v = { &r, sizeof(r) };

	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v) == -1)
		return -errno;
	r.regs[0] = (unsigned long long)value;
	return ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &v) == -1 ? -errno : 0;
#endif
}

/* ---- the table ---- */

static struct process *
find_process(struct trace *t, pid_t pid)
{
	struct process *free_slot = NULL;

	for (size_t i = 0; i < PROCESSES_MAX; i++) {
		if (t->process[i].pid == pid)
			return &t->process[i];
		if (t->process[i].pid == 0 && !free_slot)
			free_slot = &t->process[i];
	}
	if (free_slot) {
		memset(free_slot, 0, sizeof(*free_slot));
		free_slot->pid = pid;
	}
	return free_slot;
}

static enum role
role_of_fork(struct process *parent)
{
	bool first = !parent->forked;

	parent->forked = true;
	if (parent->role == ROLE_GUARDIAN && first)
		return ROLE_BROKER;
	if (parent->role == ROLE_BROKER || parent->role == ROLE_CHILD)
		return ROLE_CHILD;
	return ROLE_HELPER;
}

/* ---- letting go on ---- */

static void
resume(const struct trace *t, pid_t pid, int signal_number)
{
	void *data = (void *)(intptr_t)signal_number;

	/* ESRCH: killed in the meantime; its end is reported by waitpid */
	if (t->over)
		(void)ptrace(PTRACE_DETACH, pid, NULL, data);
	else if (t->started)
		(void)ptrace(PTRACE_SYSCALL, pid, NULL, data);
	else
		(void)ptrace(PTRACE_CONT, pid, NULL, data);
}

/* ---- recording ---- */

static void
record_call(const struct trace *t, const struct process *p, const char *result)
{
	if (t->o->record)
		(void)fprintf(t->o->record, "%lu %s %d %s = %s\n", p->index,
			      role_names[p->call_role], (int)p->pid, p->text, result);
}

static void
record_status(const struct trace *t, pid_t pid)
{
	static const char *const keys[] = { "SigBlk:",	"SigIgn:",	   "CapInh:", "CapPrm:",
					    "CapEff:",	"CapBnd:",	   "CapAmb:", "NoNewPrivs:",
					    "Seccomp:", "Seccomp_filters:" };
	char path[64], line[256];
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return;
	while (fgets(line, sizeof(line), f))
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			if (strncmp(line, keys[i], strlen(keys[i])) == 0)
				(void)fprintf(t->o->record, "program %d status %.*s %s", (int)pid,
					      (int)strlen(keys[i]) - 1, line,
					      line + strlen(keys[i]) + 1);
	(void)fclose(f);
}

static void
record_program(const struct trace *t, pid_t pid)
{
	if (!t->o->record)
		return;
	for (unsigned int fd = 0; fd < FDS_MAX; fd++) {
		char name[TRACE_STRING_MAX];
		const char *kind;

		trace_fd_name(pid, fd, name, &kind);
		if (strcmp(kind, "closed") != 0)
			(void)fprintf(t->o->record, "program %d fd %u %s %s\n", (int)pid, fd, kind,
				      name);
	}
	record_status(t, pid);
}

/* ---- events ---- */

static bool
is_ours(pid_t pid)
{
	char link[64], path[TRACE_STRING_MAX];
	const char *slash;
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/%d/exe", (int)pid);
	n = readlink(link, path, sizeof(path) - 1);
	if (n == -1)
		return false;
	path[n] = '\0';
	slash = strrchr(path, '/');
	return slash && strncmp(slash + 1, "nono", 4) == 0;
}

static void
on_exec(struct trace *t, struct process *p)
{
	if (!t->started) {
		t->started = true;
		p->role = ROLE_NONO;
		return;
	}
	p->in_call = false;
	record_call(t, p, "0");
	if (p->role == ROLE_HELPER)
		return;
	if (p->role == ROLE_NONO && is_ours(p->pid)) {
		p->role = ROLE_GUARDIAN;
		p->forked = false;
		return;
	}
	record_program(t, p->pid);
	t->result->program_ran = true;
	t->over = true;
}

static void
on_fork(struct trace *t, struct process *parent)
{
	unsigned long message = 0;
	struct process *child;

	if (ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &message) == -1)
		return;
	child = find_process(t, (pid_t)message);
	if (!child)
		return;
	child->role = role_of_fork(parent);
	if (child->waiting) {
		child->waiting = false;
		resume(t, child->pid, 0);
	}
}

/*
 * These cannot fail in any kernel, and brk answers with the old end instead of an error: a failure
 * of theirs would test nothing.
 */
static bool
never_fails(const char *name)
{
	static const char *const names[] = {
		"brk",	   "exit",    "exit_group",	"rt_sigreturn", "getpid",
		"gettid",  "getppid", "getuid",		"geteuid",	"getgid",
		"getegid", "umask",   "restart_syscall"
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void
inject(struct trace *t, struct process *p, uint64_t number)
{
	char name[64];

	trace_call_name(number, name);
	(void)snprintf(t->result->injected_call, sizeof(t->result->injected_call), "%s %s",
		       role_names[p->role], name);
	t->result->injected = true;
	if (never_fails(name)) {
		t->over = true;
		return;
	}
	/* close(2): the descriptor is gone whatever the answer is */
	if (strcmp(name, "close") != 0 && skip_call(p->pid) < 0) {
		t->over = true;
		return;
	}
	p->skipped = true;
	p->answer = -t->o->error;
}

static void
on_entry(struct trace *t, struct process *p, const struct ptrace_syscall_info *info)
{
	struct trace_call c = { .pid = p->pid, .number = info->entry.nr };

	p->in_call = true;
	p->skipped = false;
	p->index = ++t->result->calls;
	p->call_role = p->role;
	if (t->o->inject == p->index)
		inject(t, p, c.number);
	if (!t->o->record)
		return;
	for (size_t i = 0; i < TRACE_ARGUMENTS; i++)
		c.argument[i] = info->entry.args[i];
	trace_call_describe(&c, p->text);
	if (strcmp(p->text, "prctl set-dumpable 0x0 0x0") == 0 && skip_call(p->pid) == 0) {
		p->skipped = true;
		p->answer = 0;
	}
}

static void
on_leave(struct trace *t, struct process *p, const struct ptrace_syscall_info *info)
{
	long result = (long)info->exit.rval;
	char text[64];

	if (!p->in_call)
		return;
	p->in_call = false;
	if (p->skipped) {
		p->skipped = false;
		result = p->answer;
		(void)set_result(p->pid, result);
		t->over = t->result->injected;
	}
	if (result < 0 && result > -4096 && strerrorname_np((int)-result))
		(void)snprintf(text, sizeof(text), "-%s", strerrorname_np((int)-result));
	else
		(void)snprintf(text, sizeof(text), "%ld", result);
	record_call(t, p, text);
}

static void
on_call_stop(struct trace *t, struct process *p)
{
	struct ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, p->pid, sizeof(info), &info) == -1)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		on_entry(t, p, &info);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		on_leave(t, p, &info);
}

static void
on_stop(struct trace *t, pid_t pid, int status)
{
	struct process *p = find_process(t, pid);
	int event = status >> 16;
	int number = WSTOPSIG(status);

	if (!p) {
		resume(t, pid, 0);
		return;
	}
	if (p->role == ROLE_UNKNOWN && t->started && !t->over) {
		/* the fork event of its parent, which tells who it is, comes second */
		p->waiting = true;
		return;
	}
	switch (event) {
	case PTRACE_EVENT_EXEC:
		on_exec(t, p);
		break;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		on_fork(t, p);
		break;
	case PTRACE_EVENT_STOP:
		if (number == SIGSTOP || number == SIGTSTP || number == SIGTTIN ||
		    number == SIGTTOU) {
			if (t->over)
				(void)ptrace(PTRACE_DETACH, pid, NULL, NULL);
			else
				(void)ptrace(PTRACE_LISTEN, pid, NULL, NULL);
			return;
		}
		break;
	case 0:
		if (number == (SIGTRAP | 0x80))
			on_call_stop(t, p);
		else {
			resume(t, pid, number);
			return;
		}
		break;
	default:
		break;
	}
	resume(t, pid, 0);
}

static void
on_end(struct trace *t, pid_t pid)
{
	struct process *p = find_process(t, pid);

	if (!p)
		return;
	if (p->in_call)
		record_call(t, p, "?");
	memset(p, 0, sizeof(*p));
}

/* ---- the end ---- */

/* Whether children are left; the ended ones are reaped. */
static bool
children_are_left(void)
{
	pid_t pid;

	do {
		pid = waitpid(-1, NULL, __WALL | WNOHANG);
	} while (pid > 0);
	return pid == 0;
}

static int
kill_children(void)
{
	char path[64], word[32];
	int count = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	f = fopen(path, "re");
	if (!f)
		return 0;
	while (fscanf(f, "%31s", word) == 1)
		if (kill((pid_t)strtol(word, NULL, 10), SIGKILL) == 0)
			count++;
	(void)fclose(f);
	return count;
}

/*
 * As subreaper we inherit whatever the launch left behind. Who was sent SIGKILL but has not died
 * yet, or is about to notice that its parent is gone, gets GRACE_MS to do so.
 */
static int
kill_left_over(void)
{
	int count = 0;

	for (int ms = 0; ms < GRACE_MS; ms++) {
		if (!children_are_left())
			return 0;
		(void)poll(NULL, 0, 1);
	}
	/* Their own orphans become our children in turn. */
	while (children_are_left()) {
		count += kill_children();
		(void)poll(NULL, 0, 1);
	}
	return count;
}

/* Nobody is kept back for a fork event that an injected failure may have swallowed. */
static void
release_waiting(struct trace *t)
{
	for (size_t i = 0; t->over && i < PROCESSES_MAX; i++) {
		if (!t->process[i].waiting)
			continue;
		t->process[i].waiting = false;
		resume(t, t->process[i].pid, 0);
	}
}

static void
trace_loop(struct trace *t)
{
	for (;;) {
		int status;
		pid_t pid = waitpid(-1, &status, __WALL);

		if (alarm_rang && !t->result->timed_out) {
			t->result->timed_out = true;
			t->over = true;
			for (size_t i = 0; i < PROCESSES_MAX; i++)
				if (t->process[i].pid)
					(void)kill(t->process[i].pid, SIGKILL);
			(void)kill(t->first, SIGKILL);
		}
		if (pid == -1 && errno == EINTR)
			continue;
		if (pid == -1)
			return;
		if (WIFSTOPPED(status)) {
			on_stop(t, pid, status);
			release_waiting(t);
			continue;
		}
		on_end(t, pid);
		if (pid == t->first) {
			t->result->status = status;
			return;
		}
	}
}

/* The traced process waits here until it is seized. */
_Noreturn static void
first_process(int wait_fd, char *const *argv)
{
	char byte;

	while (read(wait_fd, &byte, 1) == -1 && errno == EINTR)
		;
	(void)close(wait_fd);
	(void)execvp(argv[0], argv);
	(void)fprintf(stderr, "tracer: cannot execute '%s': %s\n", argv[0], strerror(errno));
	_exit(125);
}

int
trace_run(const struct trace_options *o, struct trace_result *ret)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct trace *t = calloc(1, sizeof(*t));
	int go[2], r = 0;

	if (!t)
		return -ENOMEM;
	memset(ret, 0, sizeof(*ret));
	t->o = o;
	t->result = ret;
	if (pipe(go) == -1 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == -1) {
		r = -errno;
		goto out;
	}
	t->first = fork();
	if (t->first == 0) {
		(void)close(go[1]);
		first_process(go[0], o->argv);
	}
	(void)close(go[0]);
	if (t->first == -1 ||
	    ptrace(PTRACE_SEIZE, t->first, NULL, (void *)(uintptr_t)OPTIONS) == -1) {
		r = -errno;
		(void)close(go[1]);
		goto out;
	}
	(void)sigaction(SIGALRM, &action, NULL);
	(void)alarm(o->timeout_s * patience());
	(void)close(go[1]);
	trace_loop(t);
	(void)alarm(0);
	ret->left_over = kill_left_over();
out:
	free(t);
	return r;
}
