/*
 * Where this user may make cgroups. systemd gives a user the subtree of user@UID.service; what is
 * started elsewhere (a plain ssh session, a container) has at best the group it is in.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cgroup.h"
#include "base/fd.h"
#include "launch/cgroup.h"
#include "launch/internal.h"

enum { PROCS_BYTES_MAX = 64 << 10 };

#define CGROUP_ROOT "/sys/fs/cgroup"

static int
refuse_hierarchy(struct err *e)
{
	return err_set(e, -EOPNOTSUPP,
		       "resource: not a unified cgroup v2 hierarchy at " CGROUP_ROOT
		       "; boot with systemd.unified_cgroup_hierarchy=1, mount cgroup2 there in a "
		       "container, or leave --memory and --max-procs out");
}

static int
read_place(struct buf *text, struct cgroup_place *ret, struct err *e)
{
	autofd int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
	int r = fd == -1 ? -errno : buf_read_fd(text, fd, CGROUP_BYTES_MAX);

	if (r < 0)
		return err_set_errno(e, r, "resource: cannot read /proc/self/cgroup");
	r = cgroup_parse(ret, (struct slice){ text->p, text->n }, getuid());
	if (r == -ENOENT)
		return refuse_hierarchy(e);
	if (r < 0)
		return err_set(e, -ENOENT,
			       "resource: no delegated cgroup v2 subtree for this session: its "
			       "group is outside of this cgroup namespace; start nono inside of "
			       "it, or leave --memory and --max-procs out");
	return 0;
}

static bool
is_cgroup2(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

/* The kernel decides in the end; this only tells apart what is worth trying. */
static bool
is_ours(const char *path, int dir_fd)
{
	return access(path, W_OK) == 0 && faccessat(dir_fd, "cgroup.subtree_control", W_OK, 0) == 0;
}

bool
cgroup_holds_only(int dir_fd, pid_t a, pid_t b)
{
	autofd int fd = openat(dir_fd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	autobuf struct buf text = BUF_INIT;
	char *at, *end;

	if (fd == -1 || buf_read_fd(&text, fd, PROCS_BYTES_MAX) < 0 || text.n == 0)
		return false;
	for (at = text.p; *at; at = end + 1) {
		long pid = strtol(at, &end, 10);

		if (*end != '\n' || (pid != a && pid != b))
			return false;
	}
	return true;
}

/* Only the root of the hierarchy, which has no type, may hold processes and be divided. */
static bool
is_root(int dir_fd)
{
	return faccessat(dir_fd, "cgroup.type", F_OK, 0) == -1 && errno == ENOENT;
}

static int
check_own(const char *path, pid_t companion, struct err *e)
{
	autofd int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *reason = NULL;

	if (fd == -1 || !is_ours(path, fd))
		reason = "is not this user's";
	else if (!is_root(fd) && !cgroup_holds_only(fd, getpid(), companion))
		reason = "holds other processes and so cannot be divided";
	if (!reason)
		return 0;
	return err_set(e, -ENOENT,
		       "resource: no delegated cgroup v2 subtree for this session: its group '%s' "
		       "%s; start it as `systemd-run --user --scope nono ...`, in a service with "
		       "Delegate=yes, or leave --memory and --max-procs out",
		       path, reason);
}

int
cgroup_find(struct buf *path, enum cgroup_kind *ret, pid_t companion, struct err *e)
{
	autobuf struct buf text = BUF_INIT;
	struct cgroup_place place;
	struct slice chosen;
	int r;

	if (!is_cgroup2(CGROUP_ROOT))
		return refuse_hierarchy(e);
	if ((r = read_place(&text, &place, e)) < 0)
		return r;
	chosen = place.delegated.n ? place.delegated : place.own;
	if (buf_adds(path, CGROUP_ROOT) < 0 ||
	    (chosen.n > 1 && buf_add(path, chosen.p, chosen.n) < 0))
		return err_set(e, -ENOMEM, "out of memory");
	*ret = place.delegated.n ? CGROUP_DELEGATED : CGROUP_OWN;
	return *ret == CGROUP_DELEGATED ? 0 : check_own(path->p, companion, e);
}
