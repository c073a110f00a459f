/* See attack.h. */
#include "tests/escape/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *
errno_text(int error)
{
	static char number[32];
	const char *name;

	if (error == EOPNOTSUPP) /* libc may say ENOTSUP, the same number */
		return "EOPNOTSUPP";
	name = strerrorname_np(error);
	if (name)
		return name;
	(void)snprintf(number, sizeof(number), "%d", error);
	return number;
}

void
attack_errno(const char *name, int error)
{
	if (error == 0)
		printf("%s succeeded\n", name);
	else
		printf("%s failed: %s\n", name, errno_text(error));
	fflush(stdout);
}

void
attack_result(const char *name, long ret)
{
	attack_errno(name, ret == -1 ? errno : 0);
}

void
attack_effect(const char *name, bool succeeded, const char *why)
{
	if (succeeded)
		printf("%s succeeded\n", name);
	else
		printf("%s failed: %s\n", name, why);
	fflush(stdout);
}

void
attack_skip(const char *name, const char *reason)
{
	printf("%s skipped: %s\n", name, reason);
	fflush(stdout);
}

void
attack_twin(const char *name, bool ok)
{
	if (ok)
		printf("twin %s ok\n", name);
	else
		printf("twin %s failed: %s\n", name, errno_text(errno));
	fflush(stdout);
}

const char *
attack_env(const char *name)
{
	const char *value = getenv(name);

	if (!value || !*value) {
		fprintf(stderr, "attack: %s is not set; start me through tests/escape/run.sh\n",
			name);
		exit(3);
	}
	return value;
}

long
attack_env_number(const char *name)
{
	const char *text = attack_env(name);
	char *end;
	long value = strtol(text, &end, 0);

	if (!*text || *end || value < 0) {
		fprintf(stderr, "attack: %s is not a number: %s\n", name, text);
		exit(3);
	}
	return value;
}

const char *
attack_work_path(const char *name)
{
	static char path[4096];

	(void)snprintf(path, sizeof(path), "%s/%s", attack_env("ESC_WORK"), name);
	return path;
}

static int
open_close(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NOCTTY, 0600);

	if (fd == -1)
		return -1;
	(void)close(fd);
	return 0;
}

void
attack_open(const char *name, const char *path, int flags)
{
	attack_result(name, open_close(path, flags));
}

void
attack_twin_open(const char *name, const char *path, int flags)
{
	attack_twin(name, open_close(path, flags) == 0);
}

int
attack_forked(int (*fn)(void *context), void *context)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == -1)
		return errno;
	if (pid == 0)
		_exit(fn(context));
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static void
write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd != -1) {
		(void)!write(fd, text, strlen(text));
		(void)close(fd);
	}
}

bool
attack_own_mounts(void)
{
	unsigned int uid = getuid(), gid = getgid();
	char line[64];

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1)
		return false;
	/* The id maps keep our own numbers; a map needs setgroups denied first. */
	write_text("/proc/self/setgroups", "deny");
	(void)snprintf(line, sizeof(line), "%u %u 1", uid, uid);
	write_text("/proc/self/uid_map", line);
	(void)snprintf(line, sizeof(line), "%u %u 1", gid, gid);
	write_text("/proc/self/gid_map", line);
	return getuid() == uid;
}
