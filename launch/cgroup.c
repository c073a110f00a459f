/* The leaf of a session: made, limited, killed, removed. */
#include "launch/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cgroup.h"
#include "base/fd.h"
#include "base/hooks.h"
#include "base/str.h"
#include "launch/internal.h"

enum {
	FILE_BYTES_MAX = 64 << 10,
	EMPTY_LOOKS = 50,
	EMPTY_PAUSE_MS = 10,
};

#define LEAF_PREFIX "nono."
#define OWN_SUFFIX "-own"

/* ---- files of a group ---- */

/* The kernel takes a value whole or not at all. */
static int
write_file(int dir_fd, const char *file, const char *value)
{
	autofd int fd = openat(dir_fd, file, O_WRONLY | O_CLOEXEC);
	size_t n = strlen(value);
	ssize_t done;

	if (fd == -1)
		return -errno;
	done = write(fd, value, n);
	if (done == -1)
		return -errno;
	return (size_t)done == n ? 0 : -EIO;
}

static int
write_number(int dir_fd, const char *file, uint64_t number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	return write_file(dir_fd, file, text);
}

static int
read_file(struct buf *b, int dir_fd, const char *file)
{
	autofd int fd = openat(dir_fd, file, O_RDONLY | O_CLOEXEC);

	return fd == -1 ? -errno : buf_read_fd(b, fd, FILE_BYTES_MAX);
}

/* ---- leaves of sessions that are gone ---- */

/* The process number in the name of one of our groups, or 0. */
static pid_t
leaf_owner(const char *name)
{
	char *end;
	long pid;

	if (!str_starts_with(name, LEAF_PREFIX))
		return 0;
	name += strlen(LEAF_PREFIX);
	if (*name < '1' || *name > '9')
		return 0;
	pid = strtol(name, &end, 10);
	if ((*end && !str_equal(end, OWN_SUFFIX)) || pid > INT32_MAX)
		return 0;
	return (pid_t)pid;
}

/* Those with processes in them stay: rmdir refuses. Best effort, so errors are not told. */
static void
sweep(int parent_fd)
{
	int fd = openat(parent_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!dir) {
		fd_close(fd);
		return;
	}
	while ((entry = readdir(dir))) {
		pid_t pid = leaf_owner(entry->d_name);

		if (pid > 0 && kill(pid, 0) == -1 && errno == ESRCH)
			(void)unlinkat(parent_fd, entry->d_name, AT_REMOVEDIR);
	}
	(void)closedir(dir);
}

/* ---- controllers of the parent ---- */

static int
move(int dir_fd, pid_t pid)
{
	return write_number(dir_fd, "cgroup.procs", (uint64_t)pid);
}

static void
own_name(const struct cgroup_leaf *l, char name[static 40])
{
	(void)snprintf(name, 40, "%s" OWN_SUFFIX, l->name);
}

static void
move_back(struct cgroup_leaf *l)
{
	char name[40];

	if (!l->moved)
		return;
	l->moved = false;
	own_name(l, name);
	/* A group that distributes controllers may hold no process, so these go first. */
	(void)write_file(l->parent_fd, "cgroup.subtree_control", "-memory");
	(void)write_file(l->parent_fd, "cgroup.subtree_control", "-pids");
	(void)move(l->parent_fd, l->companion);
	(void)move(l->parent_fd, getpid());
	(void)unlinkat(l->parent_fd, name, AT_REMOVEDIR);
}

/*
 * A group with processes cannot give controllers to its children. When nobody but the guardian and
 * the broker is in it, as in a service or container of their own, these two step aside.
 */
static int
move_aside(struct cgroup_leaf *l)
{
	autofd int fd = -1;
	char name[40];
	int r;

	if (l->moved || !cgroup_holds_only(l->parent_fd, getpid(), l->companion))
		return -EBUSY;
	own_name(l, name);
	if (mkdirat(l->parent_fd, name, 0755) == -1)
		return -errno;
	l->moved = true;
	fd = openat(l->parent_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return -errno;
	if ((r = move(fd, l->companion)) < 0)
		return r;
	return move(fd, getpid());
}

static int
enable(struct cgroup_leaf *l, const char *controller, const char *path, struct err *e)
{
	autobuf struct buf has = BUF_INIT, gives = BUF_INIT;
	char word[16];
	int r;

	if ((r = read_file(&has, l->parent_fd, "cgroup.controllers")) < 0 ||
	    (r = read_file(&gives, l->parent_fd, "cgroup.subtree_control")) < 0)
		return err_set_errno(e, r, "resource: cannot read the controllers of '%s'", path);
	if (!cgroup_has_word((struct slice){ has.p, has.n }, controller))
		return err_set(
			e, -EOPNOTSUPP,
			"resource: '%s' controller is not delegated: '%s/cgroup.controllers' lacks "
			"it; add it to Delegate= of the unit above, or leave the limit out",
			controller, path);
	if (cgroup_has_word((struct slice){ gives.p, gives.n }, controller))
		return 0;
	(void)snprintf(word, sizeof(word), "+%s", controller);
	r = write_file(l->parent_fd, "cgroup.subtree_control", word);
	if (r == -EBUSY && (r = move_aside(l)) == 0)
		r = write_file(l->parent_fd, "cgroup.subtree_control", word);
	return r < 0 ? err_set_errno(e, r,
				     "resource: '%s' controller is not delegated: cannot enable it "
				     "in '%s'; leave the limit out or ask the administrator",
				     controller, path)
		     : 0;
}

/* ---- the leaf ---- */

static int
set_limits(const struct cgroup_leaf *l, const struct cgroup_limits *limits, struct err *e)
{
	const struct {
		const char *file;
		uint64_t value;
		bool wanted;
	} knobs[] = {
		/* Swap first: what may be swapped out is not limited by memory.max. */
		{ "memory.swap.max", 0, limits->memory_bytes && !hook_off(HOOK_MEMORY_LIMIT) },
		{ "memory.max", limits->memory_bytes,
		  limits->memory_bytes && !hook_off(HOOK_MEMORY_LIMIT) },
		/* All or nothing: half a process tree helps nobody. */
		{ "memory.oom.group", 1, limits->memory_bytes && !hook_off(HOOK_MEMORY_LIMIT) },
		{ "pids.max", limits->max_processes,
		  limits->max_processes && !hook_off(HOOK_PROCESS_LIMIT) },
	};

	for (size_t i = 0; i < ARRAY_LEN(knobs); i++) {
		int r = knobs[i].wanted ? write_number(l->fd, knobs[i].file, knobs[i].value) : 0;

		if (r < 0)
			return err_set_errno(e, r,
					     "resource: cannot set %s of group '%s' to %llu; this "
					     "kernel must support it, or leave the limit out",
					     knobs[i].file, l->name,
					     (unsigned long long)knobs[i].value);
	}
	return 0;
}

static int
make_leaf(struct cgroup_leaf *l, const struct cgroup_limits *limits, const char *path,
	  struct err *e)
{
	int r;

	if (mkdirat(l->parent_fd, l->name, 0755) == -1)
		return err_set_errno(e, -errno,
				     "resource: cannot make the group '%s/%s'; if it is there "
				     "already, remove it with rmdir",
				     path, l->name);
	l->fd = openat(l->parent_fd, l->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (l->fd != -1)
		l->procs_fd = openat(l->fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	r = l->procs_fd == -1 ? err_set_errno(e, -errno, "resource: cannot use the group '%s/%s'",
					      path, l->name)
			      : set_limits(l, limits, e);
	if (r < 0)
		(void)unlinkat(l->parent_fd, l->name, AT_REMOVEDIR);
	return r;
}

int
cgroup_create(struct cgroup_leaf *ret, const struct cgroup_limits *limits, pid_t companion,
	      struct err *e)
{
	struct cgroup_leaf l = CGROUP_LEAF_INIT;
	autobuf struct buf path = BUF_INIT;
	enum cgroup_kind kind;
	int r;

	if ((r = cgroup_find(&path, &kind, companion, e)) < 0)
		return r;
	(void)snprintf(l.name, sizeof(l.name), LEAF_PREFIX "%d", (int)getpid());
	l.companion = companion;
	l.parent_fd = open(path.p, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (l.parent_fd == -1)
		return err_set_errno(e, -errno, "resource: cannot open the group '%s'", path.p);
	sweep(l.parent_fd);
	if ((limits->memory_bytes && (r = enable(&l, "memory", path.p, e)) < 0) ||
	    (limits->max_processes && (r = enable(&l, "pids", path.p, e)) < 0) ||
	    (r = make_leaf(&l, limits, path.p, e)) < 0) {
		move_back(&l);
		cgroup_abandon(&l);
		return r;
	}
	*ret = l;
	return 0;
}

int
cgroup_kill(const struct cgroup_leaf *l)
{
	return l->fd == -1 ? 0 : write_file(l->fd, "cgroup.kill", "1");
}

int
cgroup_read(struct buf *b, const struct cgroup_leaf *l, const char *file)
{
	return read_file(b, l->fd, file);
}

static bool
is_empty(const struct cgroup_leaf *l)
{
	autobuf struct buf procs = BUF_INIT;

	return read_file(&procs, l->fd, "cgroup.procs") == 0 && procs.n == 0;
}

int
cgroup_remove(struct cgroup_leaf *l)
{
	int r = 0;

	if (l->parent_fd == -1)
		return 0;
	for (int i = 0; i < EMPTY_LOOKS && !is_empty(l); i++)
		(void)poll(NULL, 0, EMPTY_PAUSE_MS);
	if (unlinkat(l->parent_fd, l->name, AT_REMOVEDIR) == -1)
		r = -errno;
	move_back(l);
	cgroup_abandon(l);
	return r;
}

void
cgroup_abandon(struct cgroup_leaf *l)
{
	l->procs_fd = fd_close(l->procs_fd);
	l->fd = fd_close(l->fd);
	l->parent_fd = fd_close(l->parent_fd);
}
