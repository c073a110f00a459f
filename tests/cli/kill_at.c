/*
 * kill_at N -- PROGRAM ...          kill -9 it before its N-th call that changes a file
 * kill_at N ERRNO -- PROGRAM ...    let that call fail with this error number instead
 *
 * Counted from 1: calls that create, write, rename, remove or lock files. Exit code 0: it was
 * killed, or the call failed; 1: it ended before; 125: the tracing itself failed. The last line on
 * stdout: number of the system call, the program's exit code or -1.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static bool
changes_files(const struct __ptrace_syscall_info *c)
{
	switch (c->entry.nr) {
	case SYS_openat:
		return (c->entry.args[2] & O_CREAT) != 0;
	case SYS_write:
		return c->entry.args[0] > 2;
	case SYS_pwrite64:
	case SYS_ftruncate:
	case SYS_mkdirat:
	case SYS_renameat2:
#ifdef SYS_renameat
	case SYS_renameat:
#endif
#ifdef SYS_rename
	case SYS_rename:
	case SYS_mkdir:
#endif
	case SYS_unlinkat:
	case SYS_flock:
	case SYS_fchmod:
		return true;
	default:
		return false;
	}
}

/* At the entry of a call: no call. At its exit: this result. */
static int
set_call(pid_t pid, bool entry, long value)
{
	struct user_regs_struct r;
	struct iovec v = { &r, sizeof(r) };

	if (ptrace(PTRACE_GETREGSET, pid, (void *)1 /* NT_PRSTATUS */, &v) == -1)
		return -errno;
#if defined(__x86_64__)
	if (entry)
		r.orig_rax = (unsigned long long)-1;
	else
		r.rax = (unsigned long long)value;
#else
	if (entry) {
		int number = -1;
		struct iovec n = { &number, sizeof(number) };

		/* NT_ARM_SYSTEM_CALL */
		return ptrace(PTRACE_SETREGSET, pid, (void *)0x404, &n) == -1 ? -errno : 0;
	}
	r.regs[0] = (unsigned long long)value;
#endif
	return ptrace(PTRACE_SETREGSET, pid, (void *)1, &v) == -1 ? -errno : 0;
}

static pid_t
start(char **argv)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 && raise(SIGSTOP) == 0)
			(void)execv(argv[0], argv);
		_exit(127);
	}
	if (pid == -1 || waitpid(pid, &status, 0) == -1 ||
	    ptrace(PTRACE_SETOPTIONS, pid, NULL,
		   (void *)(PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC)) == -1)
		return -1;
	return pid;
}

int
main(int argc, char **argv)
{
	unsigned long wanted, seen = 0, number = 0;
	bool exit_comes = false, started = false;
	int status, error = 0, first = 3, r = 0;
	pid_t pid;

	if (argc < 4 || (wanted = strtoul(argv[1], NULL, 10)) == 0)
		return 125;
	if (strcmp(argv[2], "--") != 0) {
		error = atoi(argv[2]);
		first = 4;
	}
	if (first >= argc || strcmp(argv[first - 1], "--") != 0 ||
	    (pid = start(argv + first)) == -1)
		return 125;
	for (;;) {
		struct __ptrace_syscall_info c = { 0 };

		if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) == -1 || waitpid(pid, &status, 0) == -1)
			return 125;
		if (WIFEXITED(status) || WIFSIGNALED(status))
			break;
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8))
			started = true;
		if (!started || WSTOPSIG(status) != (SIGTRAP | 0x80))
			continue;
		if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(c), &c) == -1)
			return 125;
		if (c.op == PTRACE_SYSCALL_INFO_EXIT && exit_comes) {
			exit_comes = false;
			r = set_call(pid, false, -error);
		}
		if (c.op == PTRACE_SYSCALL_INFO_ENTRY && changes_files(&c) && ++seen == wanted) {
			number = (unsigned long)c.entry.nr;
			if (error == 0) {
				(void)kill(pid, SIGKILL);
				if (waitpid(pid, &status, 0) == -1)
					return 125;
				break;
			}
			exit_comes = true;
			r = set_call(pid, true, 0);
		}
		if (r < 0)
			return 125;
	}
	printf("%lu %d\n", number, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return seen < wanted;
}
