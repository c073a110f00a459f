/* Descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "child/internal.h"

/*
 * Everything from 3 on is marked close-on-exec in one call (Linux 5.11; Landlock needs 5.13), then
 * the few that the plan names are given back. Closing at execve instead of now keeps our own
 * descriptors usable for the remaining steps without a list of exceptions that could be wrong.
 */
int
step_fds(const struct child_plan *p)
{
	if (!p->close_fds)
		return 0;
	if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) == -1)
		return errno;
	for (size_t i = 0; i < p->keep_fds_count; i++)
		if (fcntl(p->keep_fds[i], F_SETFD, 0) == -1)
			return errno;
	return 0;
}
