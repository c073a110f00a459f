/* Landlock, seccomp, execve. */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/landlock.h"
#include "child/internal.h"

/* Objects below /proc/self are other inodes in every process, so these rules are made here. */
static int
add_own_rule(int ruleset_fd, const struct child_rule *rule)
{
	struct landlock_path_rule attr = { .access = rule->access };
	int fd, error = 0;

	fd = open(rule->path, O_PATH | O_CLOEXEC);
	if (fd == -1)
		return errno;
	attr.parent_fd = fd;
	if (syscall(SYS_landlock_add_rule, ruleset_fd, LANDLOCK_RULE_PATH, &attr, 0) == -1)
		error = errno;
	(void)close(fd);
	return error;
}

int
step_landlock(const struct child_plan *p)
{
	if (p->ruleset_fd == -1)
		return 0;
	for (size_t i = 0; i < p->rules_count; i++) {
		int error = add_own_rule(p->ruleset_fd, &p->rules[i]);

		if (error)
			return error;
	}
	return syscall(SYS_landlock_restrict_self, p->ruleset_fd, 0) == -1 ? errno : 0;
}

int
step_seccomp(const struct child_plan *p)
{
	if (p->filter.len == 0)
		return 0;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &p->filter) == -1 ? errno : 0;
}

int
step_exec(const struct child_plan *p)
{
	(void)execve(p->program, p->argv, p->environment);
	return errno;
}
