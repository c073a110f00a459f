/*
 * Denied paths that a user's grant shows through another mount of the same file system (spec 02
 * 3.8). Landlock knows inodes, not names: a bind mount of the home inside a project opens what
 * the names of the policy keep closed.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/hooks.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/internal.h"

struct mounts {
	struct mount *item;
	size_t count, cap;
	long home;	  /* the mount of the home directory */
	bool inside_home; /* some mount point is below it */
};

static int
add_mount(struct assembly *a, struct mounts *all, const struct mount_line *line)
{
	autobuf struct buf text = BUF_INIT;
	struct mount m = { line->id, line->parent, line->major, line->minor, NULL, NULL };
	int r;

	if (all->count >= MOUNTS_MAX)
		return -E2BIG;
	if ((r = mountinfo_unescape(&text, line->root)) < 0)
		return r;
	if (!(m.root = pool_take(&a->pool, &text)))
		return -ENOMEM;
	if ((r = mountinfo_unescape(&text, line->point)) < 0)
		return r;
	if (!(m.point = pool_take(&a->pool, &text)))
		return -ENOMEM;
	if ((r = mem_grow((void **)&all->item, &all->cap, all->count, sizeof(m))) < 0)
		return r;
	/* Outside of this process's root, or a namespace file: not reachable by a path. */
	if (m.root[0] == '/' && m.point[0] == '/')
		all->item[all->count++] = m;
	return 0;
}

static int
read_mounts(struct assembly *a, struct mounts *all)
{
	autofd int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	autobuf struct buf text = BUF_INIT;
	struct mount_line line;
	struct slice rest;
	int r;

	if (fd == -1)
		return -errno;
	if ((r = buf_read_fd(&text, fd, MOUNTINFO_BYTES_MAX)) < 0)
		return r;
	rest = (struct slice){ buf_str(&text), text.n };
	while ((r = mountinfo_next(&rest, &line)) > 0)
		if ((r = add_mount(a, all, &line)) < 0)
			return r;
	return r;
}

static void
find_home(const struct assembly *a, struct mounts *all)
{
	all->home = mounts_find(all->item, all->count, a->host.home_real);
	for (size_t i = 0; i < all->count; i++)
		all->inside_home |= path_is_inside(all->item[i].point, a->host.home_real);
}

static bool
is_granted_directory(const struct grant *g)
{
	return grant_is_user(g) && g->kind == PLAN_KIND_DIR && g->alias == PLAN_ALIAS_NONE;
}

/* Another mount of the same file system: without one, nothing can be seen twice. */
static bool
has_twin(const struct mounts *all, size_t index)
{
	const struct mount *m = &all->item[index];

	for (size_t i = 0; i < all->count; i++)
		if (i != index && all->item[i].major == m->major && all->item[i].minor == m->minor)
			return true;
	return false;
}

static int
refuse(const struct assembly *a, const struct grant *g, const struct deny *d, const char *shown,
       struct err *e)
{
	if (a->system->forbid_bypass)
		return err_set(e, -EACCES,
			       "Sandbox initialization failed: grant '%s' shows denied path '%s' "
			       "(group:%s) through a mount at '%s', and the system's policy %s "
			       "forbids to lift that; grant a directory that does not contain this "
			       "mount",
			       g->original, d->literal, d->group, shown, a->system->forbid_bypass);
	return err_set(e, -EACCES,
		       "Sandbox initialization failed: Landlock deny-overlap is not enforceable on "
		       "Linux. Refusing to start with conflicting policy. Grant '%s' shows denied "
		       "path '%s' (group:%s) through a mount at '%s'; grant a directory that does "
		       "not contain this mount, or add --bypass-protection %s",
		       g->original, d->literal, d->group, shown, d->literal);
}

/* The mount a denied path lives on: for nearly all of them that of the home. */
static long
mount_of(const struct mounts *all, const struct deny *d)
{
	if (d->in_home && !all->inside_home)
		return all->home;
	return mounts_find(all->item, all->count, d->resolved);
}

/* One denied path seen through one mount that a grant reaches. */
static int
check_deny(const struct assembly *a, const struct mounts *all, const struct grant *g,
	   size_t through, const struct deny *d, struct err *e)
{
	autobuf struct buf shown = BUF_INIT;
	long from = mount_of(all, d);
	int r;

	if (from < 0 || (size_t)from == through)
		return 0;
	r = mounts_alias(&shown, &all->item[from], &all->item[through], d->resolved);
	if (r < 0)
		return err_memory(e);
	if (r == 0 || mounts_find(all->item, all->count, buf_str(&shown)) != (long)through)
		return 0;
	if (!path_is_beneath(buf_str(&shown), g->place) &&
	    !path_is_beneath(g->place, buf_str(&shown)))
		return 0;
	return deny_is_lifted(a, d, g->place) ? 0 : refuse(a, g, d, buf_str(&shown), e);
}

static int
check_grant(const struct assembly *a, const struct mounts *all, const struct grant *g,
	    struct err *e)
{
	long own = mounts_find(all->item, all->count, g->place);

	for (size_t i = 0; i < all->count; i++) {
		if ((long)i != own && !path_is_beneath(all->item[i].point, g->place))
			continue;
		if (!has_twin(all, i))
			continue;
		for (size_t j = 0; j < a->denies_count; j++) {
			int r = check_deny(a, all, g, i, &a->denies[j], e);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

int
exposure_check(struct assembly *a, struct err *e)
{
	struct mounts all = { .home = -1 };
	size_t first = 0;
	int r;

	while (first < a->grants_count && !is_granted_directory(&a->grants[first]))
		first++;
	if (first == a->grants_count || a->denies_count == 0 || hook_off(HOOK_DENY_OVERLAP))
		return 0;
	r = read_mounts(a, &all);
	if (r == -ENOMEM)
		r = err_memory(e);
	else if (r < 0)
		r = err_set_errno(
			e, r,
			"Sandbox initialization failed: cannot read /proc/self/mountinfo to "
			"find bind mounts of denied paths; mount /proc, or grant single "
			"files instead of directories");
	if (r == 0)
		find_home(a, &all);
	for (size_t i = first; r == 0 && i < a->grants_count; i++)
		if (is_granted_directory(&a->grants[i]))
			r = check_grant(a, &all, &a->grants[i], e);
	mem_free(all.item);
	return r;
}
