/*
 * A program that can write into the cgroup file system lifts its own limits, or moves out of them:
 * no grant may reach there while there are any (spec 02 section 12).
 */
#include <errno.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "base/path.h"
#include "profiles/internal.h"

static const char cgroup_root[] = "/sys/fs/cgroup";

/* Also where somebody mounted it a second time. */
static bool
reaches_cgroups(const struct grant *g)
{
	struct statfs fs;

	if (path_is_beneath(g->place, cgroup_root) || path_is_beneath(cgroup_root, g->place))
		return true;
	return grant_is_user(g) && statfs(g->place, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

int
limits_check(const struct assembly *a, struct err *e)
{
	const struct policy_request *rq = a->rq;

	if (!rq->memory_bytes && !rq->max_processes)
		return 0;
	for (size_t i = 0; i < a->grants_count; i++) {
		const struct grant *g = &a->grants[i];

		if (!(g->access & PLAN_WRITE) || !reaches_cgroups(g))
			continue;
		return err_set(e, -EACCES,
			       "Configuration parse error: refusing write access to '%s' while a "
			       "--%s limit is enforced: the program could lift it through %s. Use "
			       "--read, or grant the directories you need beside it.",
			       g->place, rq->memory_bytes ? "memory" : "max-procs", cgroup_root);
	}
	return 0;
}
