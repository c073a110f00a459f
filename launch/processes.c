/*
 * Which sessions have processes of their own: a pid namespace and the /proc that shows it, in which
 * no other process of the machine has a number. The program must be a child of the shim then
 * (shim/), because nobody can enter a pid namespace but by being born into it: `wrap`, which becomes the
 * program itself, has none.
 */
#include <errno.h>
#include <string.h>

#include "base/hooks.h"
#include "base/path.h"
#include "launch/internal.h"

#define PROC "/proc"

/* /proc/1234 and what is below. */
static bool
is_of_process(const char *path)
{
	const char *name = path + strlen(PROC);

	return path_is_beneath(path, PROC) && name[0] == '/' && name[1] >= '1' && name[1] <= '9';
}

static const char *
refused_grant(const struct plan *p, const struct plan_grant *g)
{
	const char *original = plan_string(p, g->original), *path = plan_string(p, g->resolved);

	if (!*path)
		path = original;
	if (g->alias == PLAN_ALIAS_CHILD)
		return (g->access & PLAN_WRITE) && !ruleset_lists_descriptors(original)
			       ? "a write grant below /proc/self is for the process that starts it"
			       : NULL;
	if (g->alias != PLAN_ALIAS_NONE)
		return NULL;
	if (is_of_process(path))
		return "a process is granted by its directory in /proc and must not be hidden";
	return path_is_beneath(path, PROC) && (g->access & PLAN_WRITE)
		       ? "writing in /proc is granted, and that of the session is read-only"
		       : NULL;
}

const char *
launch_no_processes(const struct plan *p)
{
	const char *why = NULL;

	if (p->settings->flags & PLAN_LEAVE_BACKGROUND)
		return "--leave-background, and they end with their process 1";
	for (size_t i = 0; i < plan_count(p, PLAN_SEC_GRANTS) && !why; i++)
		why = refused_grant(p, plan_grant_at(p, i));
	/* It would be covered by the new /proc, and be open there. */
	for (size_t i = 0; i < plan_count(p, PLAN_SEC_DENIES) && !why; i++) {
		const struct plan_deny *d = plan_deny_at(p, i);

		if ((d->flags & PLAN_DENY_MASK) &&
		    path_is_beneath(plan_string(p, d->resolved), PROC))
			why = "a denied path in /proc is covered";
	}
	return why;
}

int
processes_choose(struct launch *l, struct err *e)
{
	const uint32_t flags = l->plan->settings->flags;
	const char *why;

	if (!(flags & PLAN_OWN_PROCESSES) || hook_off(HOOK_PID_NAMESPACE))
		return 0;
	if (l->terminal.job_fd == -1)
		why = "only `nono run` and `nono shell` have them";
	else
		why = launch_no_processes(l->plan);
	l->own_processes = !why;
	if (why && (flags & PLAN_NEED_PROCESSES))
		return err_set(
			e, -EOPNOTSUPP,
			"linux.pid_namespace \"require\": this session cannot have processes of "
			"its own: %s; use \"auto\" there, or leave that out",
			why);
	if (why && l->terminal.job_fd != -1)
		(void)err_set(&l->no_processes, -EOPNOTSUPP, "%s", why);
	return 0;
}

bool
processes_hide(const struct launch *l, const char *path)
{
	return l->own_processes && path_is_beneath(path, PROC);
}

pid_t
launch_init(const struct launch *l)
{
	return l->init;
}

const struct err *
launch_processes_error(const struct launch *l)
{
	return l->no_processes.code ? &l->no_processes : NULL;
}
