/*
 * D3: ways to shed the filter or the rule set: add a friendlier filter, answer one's own calls
 * from a second listener, rewrite a call as a tracer after the check, exec, add an allowing
 * Landlock layer, take no_new_privs back. The probe is io_uring_setup, which must stay ENOSYS.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef PTRACE_O_SUSPEND_SECCOMP
#define PTRACE_O_SUSPEND_SECCOMP (1 << 21)
#endif

/* Succeeds when a ring can be made. */
static int
probe(void)
{
	struct io_uring_params p = { 0 };

	return syscall(SYS_io_uring_setup, 1, &p) == -1 ? errno : 0;
}

/* A filter that answers `action` to io_uring_setup and lets all else pass. */
static int
install(unsigned int flags, unsigned int action)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { .len = 4, .filter = code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}

static int
plain(void *context)
{
	(void)context;
	return probe();
}

/* The twins: a program may confine and trace what is its own. */
static int
twin_filter(void *context)
{
	(void)context;
	return install(0, SECCOMP_RET_ALLOW) == -1 ? errno : 0;
}

static int
twin_trace(void *context)
{
	int status;
	pid_t pid = fork();

	(void)context;
	if (pid == -1)
		return errno;
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1)
			_exit(errno);
		(void)raise(SIGSTOP);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) == -1)
		return errno;
	if (!WIFSTOPPED(status))
		return WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
	if (ptrace(PTRACE_CONT, pid, NULL, NULL) == -1 || waitpid(pid, &status, 0) == -1)
		return errno;
	return 0;
}

static int
allow_filter(void *context)
{
	(void)context;
	return install(0, SECCOMP_RET_ALLOW) == -1 ? errno : probe();
}

/* A child answers our own notification with "continue". */
static int
own_listener(void *context)
{
	struct seccomp_notif_resp answer = { 0 };
	struct seccomp_notif request = { 0 };
	int listener, status;
	pid_t pid;

	(void)context;
	listener = install(SECCOMP_FILTER_FLAG_NEW_LISTENER, SECCOMP_RET_USER_NOTIF);
	if (listener == -1)
		return errno;
	pid = fork();
	if (pid == -1)
		return errno;
	if (pid == 0)
		_exit(probe());
	/* A refusal of an older filter is final: then no notification comes, the child just ends. */
	for (;;) {
		struct pollfd waiting = { .fd = listener, .events = POLLIN };

		if (waitpid(pid, &status, WNOHANG) == pid)
			break;
		if (poll(&waiting, 1, 5) != 1 || !(waiting.revents & POLLIN))
			continue;
		memset(&request, 0, sizeof(request));
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) == -1)
			continue;
		answer.id = request.id;
		answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
}

/* Exchange the number of the call a stopped child is about to make. */
static void
set_call(pid_t pid, long from, long to)
{
#ifdef __x86_64__
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &regs) == -1 || (long)regs.orig_rax != from ||
	    (long)regs.rax != -ENOSYS)
		return;
	regs.orig_rax = (unsigned long long)to;
	(void)ptrace(PTRACE_SETREGS, pid, NULL, &regs);
#else
	struct user_regs_struct regs;
	struct iovec io = { .iov_base = &regs, .iov_len = sizeof(regs) };
	int number = (int)to;
	struct iovec set = { .iov_base = &number, .iov_len = sizeof(number) };

	if (ptrace(PTRACE_GETREGSET, pid, (void *)1, &io) == -1 || (long)regs.regs[8] != from)
		return;
	(void)ptrace(PTRACE_SETREGSET, pid, (void *)0x404 /* NT_ARM_SYSTEM_CALL */, &set);
#endif
}

/* Stop a child at the entry of a harmless call and make it io_uring_setup. */
static int
rewrite_call(void *context)
{
	struct io_uring_params *p = calloc(1, sizeof(*p));
	long options = (long)(intptr_t)context;
	int status;
	pid_t pid;

	if (!p)
		return ENOMEM;
	pid = fork();
	if (pid == -1)
		return errno;
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1)
			_exit(errno);
		(void)raise(SIGSTOP);
		_exit(syscall(SYS_getppid, 1, p) == -1 ? errno : 0);
	}
	if (waitpid(pid, &status, 0) == -1)
		return errno;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | options) == -1) {
		int saved = errno;

		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, &status, 0);
		return saved;
	}
	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) == -1 || waitpid(pid, &status, 0) == -1)
			return errno;
		if (WIFEXITED(status))
			return WEXITSTATUS(status);
		if (!WIFSTOPPED(status) || WSTOPSIG(status) != (SIGTRAP | 0x80))
			continue;
		set_call(pid, SYS_getppid, SYS_io_uring_setup);
	}
}

/* The filter must survive execve. */
static int
exec_self(void *context)
{
	(void)context;
	(void)execl("/proc/self/exe", "d3", "probe", (char *)NULL);
	return errno;
}

static int
disable_mode(void *context)
{
	(void)context;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_DISABLED, 0, 0, 0) == -1)
		return errno;
	return probe();
}

static int
clear_no_new_privs(void *context)
{
	(void)context;
	return prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) == -1 ? errno : 0;
}

/* A second rule set that allows everything cannot widen the first. */
static int
allowing_layer(void *context)
{
	struct landlock_ruleset_attr attr = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_READ_FILE,
	};
	struct landlock_path_beneath_attr all = {
		.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE,
	};
	int ruleset, fd;

	(void)context;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset == -1)
		return errno;
	all.parent_fd = open("/", O_PATH | O_CLOEXEC);
	if (all.parent_fd == -1)
		return errno;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &all, 0) == -1 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    syscall(SYS_landlock_restrict_self, ruleset, 0) == -1)
		return errno;
	fd = open(attack_env("ESC_SECRET"), O_RDONLY | O_CLOEXEC);
	return fd == -1 ? errno : 0;
}

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "probe") == 0)
		return probe();
	attack_errno("plain", attack_forked(plain, NULL));
	attack_errno("allow-filter", attack_forked(allow_filter, NULL));
	attack_errno("own-listener", attack_forked(own_listener, NULL));
	attack_errno("rewrite-call", attack_forked(rewrite_call, NULL));
	attack_errno("suspend-seccomp",
		     attack_forked(rewrite_call, (void *)(intptr_t)PTRACE_O_SUSPEND_SECCOMP));
	attack_errno("exec", attack_forked(exec_self, NULL));
	attack_errno("disable-mode", attack_forked(disable_mode, NULL));
	attack_errno("clear-no-new-privs", attack_forked(clear_no_new_privs, NULL));
	attack_errno("allowing-layer", attack_forked(allowing_layer, NULL));
	attack_twin("own-filter", attack_forked(twin_filter, NULL) == 0);
	attack_twin("trace-own-child", attack_forked(twin_trace, NULL) == 0);
	return 0;
}
