/*
 * What the tree of a session has in another way than the tree outside (namespace.c mounts it): the
 * write grants in a read-only world, the read grants inside them, the masks and the way to them.
 * Paths are canonical: of two names of a directory the plan keeps one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/hooks.h"
#include "base/path.h"
#include "base/str.h"
#include "launch/internal.h"

int
placement_add(struct launch *l, enum placement_kind kind, const char *path, const struct stat *st,
	      struct err *e)
{
	int r = mem_grow((void **)&l->placements, &l->placements_capacity, l->placements_count,
			 sizeof(*l->placements));

	if (r < 0)
		return err_set_errno(e, r, "cannot note '%s' for the session's tree", path);
	l->placements[l->placements_count++] = (struct placement){
		.path = path, .device = st->st_dev, .inode = st->st_ino, .kind = kind, .fd = -1
	};
	return 0;
}

static int
add_system(struct launch *l, const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return err_set_errno(e, -errno, "cannot look at '%s'", path);
	return placement_add(l, PLACE_WRITABLE, path, &st, e);
}

/* Files below /proc/self may be granted for writing; the child opens them. */
static bool
proc_is_writable(const struct plan *p)
{
	for (size_t i = 0; i < plan_count(p, PLAN_SEC_GRANTS); i++) {
		const struct plan_grant *g = plan_grant_at(p, i);

		if (g->alias == PLAN_ALIAS_CHILD && (g->access & PLAN_WRITE))
			return true;
	}
	return false;
}

static int
by_path(const void *a, const void *b)
{
	return strcmp(((const struct placement *)a)->path, ((const struct placement *)b)->path);
}

/* The nearest of the first `n`, which are in order, that this path is beneath. */
static const struct placement *
nearest_above(const struct placement *list, size_t n, const char *path)
{
	while (n-- > 0)
		if (path_is_beneath(path, list[n].path))
			return &list[n];
	return NULL;
}

/* Something writable inside something writable needs no mount; the same for what is read-only. */
static void
drop_repeated(struct launch *l)
{
	size_t kept = 0;

	qsort(l->placements, l->placements_count, sizeof(*l->placements), by_path);
	for (size_t i = 0; i < l->placements_count; i++) {
		const struct placement *p = &l->placements[i];
		const struct placement *above = nearest_above(l->placements, kept, p->path);
		bool writable = above && above->kind == PLACE_WRITABLE;

		if (writable != (p->kind == PLACE_WRITABLE))
			l->placements[kept++] = *p;
	}
	l->placements_count = kept;
}

static int
add_mask(struct launch *l, const struct plan_deny *d, struct err *e)
{
	const char *path = plan_string(l->plan, d->resolved);
	struct stat st;

	if (lstat(path, &st) == -1) {
		/* What is not there yet cannot be covered; the front end said so. */
		if (errno_is_missing(-errno) && (d->flags & PLAN_DENY_ABSENT))
			return 0;
		return err_set_errno(
			e, -errno,
			"Sandbox initialization failed: cannot look at the denied path "
			"'%s' to cover it; if it was moved just now, start again",
			path);
	}
	l->masks_count++;
	return placement_add(l, S_ISDIR(st.st_mode) ? PLACE_EMPTY_DIRECTORY : PLACE_EMPTY_FILE,
			     path, &st, e);
}

/* What is in such a directory can be renamed and replaced. */
static bool
is_in_write_grant(const struct plan *p, const char *path)
{
	for (size_t i = 0; i < plan_count(p, PLAN_SEC_GRANTS); i++) {
		const struct plan_grant *g = plan_grant_at(p, i);
		const char *granted = plan_string(p, g->resolved);

		/* Entries of groups were not looked up. */
		if (!*granted)
			granted = plan_string(p, g->original);
		if (g->alias == PLAN_ALIAS_NONE && (g->access & PLAN_WRITE) &&
		    path_is_inside(path, granted))
			return true;
	}
	return false;
}

/* Takes `directory` over, also when it fails. */
static int
add_pin(struct launch *l, char *directory, size_t first, struct err *e)
{
	autofree char *own = directory;
	struct stat st;
	int r;

	for (size_t i = first; i < l->placements_count; i++)
		if (str_equal(l->placements[i].path, own))
			return 0;
	if (lstat(own, &st) == -1)
		return errno_is_missing(-errno)
			       ? 0
			       : err_set_errno(e, -errno, "cannot look at '%s'", own);
	if ((r = placement_add(l, PLACE_PINNED, own, &st, e)) < 0)
		return r;
	l->placements[l->placements_count - 1].own = own;
	own = NULL;
	return 0;
}

/*
 * A mask stays on its directory when the program renames what is above. The next session would find
 * another object at the denied path, cover that, and show the real one under its new name: so every
 * directory on the way that could be renamed becomes a mount, and the kernel refuses (EBUSY).
 */
static int
add_pins(struct launch *l, size_t first, const char *denied, struct err *e)
{
	struct stat st;
	int r = 0;

	/* Nothing is covered then, or add_mask() says why not. */
	if (lstat(denied, &st) == -1)
		return 0;

	for (const char *at = strchr(denied + 1, '/'); at && r == 0; at = strchr(at + 1, '/')) {
		char *directory = mem_memdup0(denied, (size_t)(at - denied));

		if (!directory)
			return err_set_errno(e, -ENOMEM, "cannot cover '%s'", denied);
		if (is_in_write_grant(l->plan, directory))
			r = add_pin(l, directory, first, e);
		else
			mem_free(directory);
	}
	return r;
}

static int
add_all_pins(struct launch *l, bool masks, struct err *e)
{
	size_t first = l->placements_count;
	int r = 0;

	/* The same for a read grant that narrows a write grant. */
	for (size_t i = 0; i < first && r == 0; i++)
		if (l->placements[i].kind == PLACE_READ_ONLY)
			r = add_pins(l, first, l->placements[i].path, e);
	for (size_t i = 0; masks && i < plan_count(l->plan, PLAN_SEC_DENIES) && r == 0; i++)
		if (plan_deny_at(l->plan, i)->flags & PLAN_DENY_MASK)
			r = add_pins(l, first,
				     plan_string(l->plan, plan_deny_at(l->plan, i)->resolved), e);
	qsort(l->placements + first, l->placements_count - first, sizeof(*l->placements), by_path);
	return r;
}

/* Behind everything else, and none of them below another one. */
static int
add_masks(struct launch *l, struct err *e)
{
	size_t first = l->placements_count, kept = first;
	int r = 0;

	for (size_t i = 0; i < plan_count(l->plan, PLAN_SEC_DENIES) && r == 0; i++)
		if (plan_deny_at(l->plan, i)->flags & PLAN_DENY_MASK)
			r = add_mask(l, plan_deny_at(l->plan, i), e);
	if (r < 0 || l->masks_count == 0)
		return r;
	qsort(l->placements + first, l->placements_count - first, sizeof(*l->placements), by_path);
	for (size_t i = first; i < l->placements_count; i++)
		if (!nearest_above(l->placements + first, kept - first, l->placements[i].path))
			l->placements[kept++] = l->placements[i];
	l->placements_count = kept;
	l->masks_count = kept - first;
	return 0;
}

/*
 * A descriptor belongs to the tree outside: by one of a directory what lies below it is reached past
 * every mask, and is not read-only.
 */
static int
check_keep_fds(const struct launch *l, struct err *e)
{
	for (size_t i = 0; i < plan_count(l->plan, PLAN_SEC_KEEP_FDS); i++) {
		const int fd = (int)plan_keep_fd_at(l->plan, i);
		struct stat st;

		if (fstat(fd, &st) == -1)
			return err_set_errno(e, -errno, "cannot look at descriptor %d", fd);
		if (S_ISDIR(st.st_mode))
			return err_set(
				e, -EISDIR,
				"descriptor %d of --keep-fd is a directory, by which %s; leave it "
				"out, or start without %s",
				fd,
				l->masks_count ? "denied paths could be reached although they are "
						 "covered"
				: l->read_only_tree
					? "the program would reach a tree that is not read-only"
					: "the program could reach the /proc of the system",
				l->masks_count	    ? "--deny-overlap=auto"
				: l->read_only_tree ? "--namespaces=full"
						    : "linux.pid_namespace \"require\"");
	}
	return 0;
}

int
placements_finish(struct launch *l, struct err *e)
{
	int r;

	/*
	 * Nothing for /dev: writing to a device takes no writable mount, and the modes of the user's
	 * terminals and of what is in /dev/shm are to stay.
	 */
	if (l->read_only_tree) {
		if (!l->own_processes && proc_is_writable(l->plan) &&
		    (r = add_system(l, "/proc", e)) < 0)
			return r;
		drop_repeated(l);
	}
	r = add_all_pins(l, !hook_off(HOOK_MASKS), e);
	if (r == 0 && !hook_off(HOOK_MASKS))
		r = add_masks(l, e);
	return r == 0 && (l->masks_count > 0 || l->read_only_tree || l->own_processes)
		       ? check_keep_fds(l, e)
		       : r;
}

void
placements_free(struct launch *l)
{
	for (size_t i = 0; i < l->placements_count; i++)
		mem_free(l->placements[i].own);
	mem_free(l->placements);
}
