/*
 * --protect-git, --protect-project-policy: what the user's own tools will act on later is read-only although
 * it lies inside a write grant (spec 02 26.2, row P1; spec 03 B8). Each becomes a read grant, which
 * narrows in the read-only tree; launch/placements.c keeps what is above in its place.
 */
#include <errno.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/internal.h"
#include "profiles/profile.h"

static const struct protected_path {
	const char *directory, *below; /* in a granted directory; "": the directory itself */
	const char *flag;
	bool git;
} list[] = {
	{ ".git", "hooks", "--protect-git", true },
	{ ".git", "config", "--protect-git", true },
	{ ".nono", "", "--protect-project-policy", false },
};

static bool
is_wanted(const struct assembly *a, const struct protected_path *p)
{
	return p->git ? a->rq->protect_git : a->rq->protect_project_policy;
}

bool
protection_wanted(const struct assembly *a)
{
	return a->rq->protect_git || a->rq->protect_project_policy;
}

bool
file_caps_kept(const struct assembly *a)
{
	return a->host.uid == 0 &&
	       node_is_true(profile_get(a->rq->profile, "linux.keep_file_caps"));
}

/* What does not exist cannot be mounted on, and the program can make it. */
static int
note_absent(struct assembly *a, const struct protected_path *p, const char *path)
{
	return note_add(a, POLICY_NOTE_WARNING,
			"'%s' does not exist: %s cannot keep the program from making it", path,
			p->flag);
}

/* A link, or what is reached through it, could be replaced beside what is mounted. */
static int
refuse_link(const struct protected_path *p, const char *path, struct err *e)
{
	return err_set(
		e, -ELOOP,
		"'%s' is a symbolic link, which the program could replace: %s cannot protect what "
		"it leads to; make it a real one, or start without %s",
		path, p->flag, p->flag);
}

static int
narrow(struct assembly *a, const struct protected_path *p, const char *path, struct err *e)
{
	const char *name = pool_strdup(&a->pool, path);
	struct object o;
	struct stat st;
	int r;

	if (!name)
		return err_memory(e);
	if (lstat(name, &st) == -1 && errno_is_missing(-errno))
		return note_absent(a, p, name) < 0 ? err_memory(e) : 0;
	if (S_ISLNK(st.st_mode))
		return refuse_link(p, name, e);
	r = object_open(a, name, &o);
	if (r < 0)
		return err_set_errno(e, r, "cannot open '%s' to protect it (%s)", name, p->flag);
	r = grant_add_object(a, p->flag, name, PLAN_READ,
			     o.type == S_IFDIR ? PLAN_KIND_DIR : PLAN_KIND_FILE, PLAN_SOURCE_USER,
			     &o, e);
	o.fd = fd_close(o.fd);
	return r;
}

/* `directory`: a granted one's ".git" or ".nono". */
static int
add_in(struct assembly *a, const char *directory, const struct protected_path *p, struct err *e)
{
	autobuf struct buf path = BUF_INIT;
	struct stat st;

	if (lstat(directory, &st) == -1)
		return errno_is_missing(-errno)
			       ? 0
			       : err_set_errno(e, -errno, "cannot look at '%s' to protect it (%s)",
					       directory, p->flag);
	if (S_ISLNK(st.st_mode))
		return refuse_link(p, directory, e);
	/* A working tree of git whose repository is elsewhere: at least the file that names it stays. */
	if (!S_ISDIR(st.st_mode) || !*p->below)
		return narrow(a, p, directory, e);
	if (path_join(&path, directory, p->below) < 0)
		return err_memory(e);
	return narrow(a, p, buf_str(&path), e);
}

static int
add_one(struct assembly *a, const char *granted, const struct protected_path *p, struct err *e)
{
	autobuf struct buf directory = BUF_INIT;

	if (str_equal(path_basename(granted), p->directory))
		return add_in(a, granted, p, e);
	if (path_join(&directory, granted, p->directory) < 0)
		return err_memory(e);
	return add_in(a, buf_str(&directory), p, e);
}

int
protection_add(struct assembly *a, struct err *e)
{
	const size_t count = a->grants_count;
	int r = 0;

	if (!protection_wanted(a) && !file_caps_kept(a))
		return 0;
	if (a->rq->namespaces && str_equal(a->rq->namespaces, "off"))
		return err_set_exit(e, EXIT_USAGE, -EINVAL,
				    "%s needs a mount namespace; leave out --namespaces=off",
				    a->rq->protect_git ? "--protect-git"
				    : a->rq->protect_project_policy
					    ? "--protect-project-policy"
					    : "linux.keep_file_caps of the profile");
	for (size_t i = 0; i < count && r == 0; i++) {
		const struct grant g = a->grants[i];

		if (!grant_is_user(&g) || !(g.access & PLAN_WRITE) || g.kind != PLAN_KIND_DIR ||
		    g.alias != PLAN_ALIAS_NONE)
			continue;
		for (size_t k = 0; k < ARRAY_LEN(list) && r == 0; k++)
			if (is_wanted(a, &list[k]))
				r = add_one(a, g.place, &list[k], e);
	}
	return r;
}
