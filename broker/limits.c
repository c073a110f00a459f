/*
 * --memory and --max-procs: the session's group from before the fork to behind the last process,
 * and the story when the kernel enforced a limit.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cgroup.h"
#include "base/size.h"
#include "base/str.h"
#include "broker/internal.h"

enum { CODE_KILLED = 137, MIB = 1 << 20 };

int
limits_begin(struct limits *l, const struct plan *p, bool shim, struct err *e)
{
	struct cgroup_limits limits = {
		.memory_bytes = p->settings->memory_bytes,
		.max_processes = p->settings->max_processes,
	};

	if (!limits.memory_bytes && !limits.max_processes)
		return 0;
	/* The kernel takes no larger number; nobody can make so many. */
	if (limits.max_processes && shim && limits.max_processes < PLAN_PROCESSES_MAX)
		limits.max_processes++;
	return cgroup_create(&l->leaf, &limits, getppid(), e);
}

int
limits_child_fd(const struct limits *l)
{
	return l->leaf.procs_fd;
}

void
limits_kill(const struct limits *l)
{
	/* Linux before 5.14 has no such file; the caller's walk through /proc does it then. */
	if (l)
		(void)!cgroup_kill(&l->leaf);
}

/* One number of a flat keyed file; 0 when it cannot be read. */
static uint64_t
event(const struct limits *l, const char *file, const char *key)
{
	autobuf struct buf text = BUF_INIT;

	if (l->leaf.fd == -1 || cgroup_read(&text, &l->leaf, file) < 0)
		return 0;
	return cgroup_event((struct slice){ text.p, text.n }, key);
}

bool
limits_out_of_memory(const struct limits *l)
{
	return event(l, "memory.events", "oom_kill") > 0 ||
	       event(l, "memory.events", "oom_group_kill") > 0;
}

static void
row(const struct plan *p, const char *name, const char *value)
{
	char text[160];

	(void)snprintf(text, sizeof(text), "  %-18s %s", name, value);
	message_line(p, text);
}

/* memory.peak came with Linux 5.19. */
static void
peak_text(const struct limits *l, char text[SIZE_TEXT_MAX])
{
	autobuf struct buf b = BUF_INIT;
	uint64_t bytes;

	if (cgroup_read(&b, &l->leaf, "memory.peak") == 0 && b.n > 0) {
		b.p[strcspn(b.p, "\n")] = '\0';
		if (str_to_u64(b.p, 0, UINT64_MAX, &bytes) == 0) {
			size_show(text, bytes);
			return;
		}
	}
	(void)snprintf(text, SIZE_TEXT_MAX, "not told by this kernel");
}

static void
tell_out_of_memory(const struct limits *l, const struct plan *p)
{
	uint64_t limit = p->settings->memory_bytes;
	char text[120], size[SIZE_TEXT_MAX];

	message_line(p, "memory limit exceeded:");
	size_show(size, limit);
	row(p, "limit (--memory):", size);
	peak_text(l, size);
	row(p, "peak memory:", size);
	(void)snprintf(text, sizeof(text), "%llu (processes killed)",
		       (unsigned long long)event(l, "memory.events", "oom_kill"));
	row(p, "OOM kills:", text);
	row(p, "swap:", "none (memory.swap.max=0)");
	(void)snprintf(text, sizeof(text), "all processes of the session together (cgroup %s)",
		       l->leaf.name);
	row(p, "scope:", text);
	(void)snprintf(text, sizeof(text), "raise the limit, as in --memory %lluM",
		       (unsigned long long)(limit / MIB + 1) * 2);
	row(p, "hint:", text);
}

bool
limits_explain(const struct limits *l, const struct plan *p, int code)
{
	uint64_t refused = event(l, "pids.events", "max");
	char text[160];

	/* 137 alone may be anybody's SIGKILL, and a process can end otherwise after an OOM kill. */
	if (code == CODE_KILLED && limits_out_of_memory(l)) {
		tell_out_of_memory(l, p);
		return true;
	}
	if (code != 0 && refused > 0) {
		(void)snprintf(text, sizeof(text),
			       "process limit reached: %llu times no process or thread could be "
			       "made (--max-procs %llu)",
			       (unsigned long long)refused,
			       (unsigned long long)p->settings->max_processes);
		message_line(p, text);
	}
	return false;
}

void
limits_end(struct limits *l, const struct plan *p)
{
	char text[160], name[sizeof(l->leaf.name)];
	int r;

	/* What may live on keeps its limits; a later start removes the group when it is empty. */
	if (p->settings->flags & PLAN_LEAVE_BACKGROUND) {
		cgroup_abandon(&l->leaf);
		return;
	}
	(void)snprintf(name, sizeof(name), "%s", l->leaf.name);
	r = cgroup_remove(&l->leaf);
	if (r == 0)
		return;
	(void)snprintf(text, sizeof(text),
		       "warning: the resource group %s was not removed: %s; a later start will",
		       name, strerror(-r));
	message_line(p, text);
}
