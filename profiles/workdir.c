/*
 * The working directory: which one it is, whether it is granted, and where the program starts
 * (spec 02 3.4, spec 03 section 8).
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/internal.h"

/* $PWD keeps the symlinks the user came through, but only while it is the real directory. */
static bool
names_cwd(const char *pwd, const char *cwd)
{
	struct stat a, b;

	return pwd && pwd[0] == '/' && stat(pwd, &a) == 0 && stat(cwd, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

int
workdir_find(struct assembly *a, struct err *e)
{
	const char *pwd = environment_get(a->host.environment, "PWD");
	autobuf struct buf absolute = BUF_INIT;
	char cwd[PATH_MAX];

	/* getcwd(3): "(unreachable)" marks a directory outside of this process's root. */
	if (!getcwd(cwd, sizeof(cwd)) || cwd[0] != '/')
		return err_set(e, -ENOENT,
			       "Path does not exist: the current directory was removed or cannot "
			       "be reached; change to another directory first");
	a->host.cwd = pool_strdup(&a->pool, cwd);
	if (!a->host.cwd)
		return err_memory(e);
	if (a->rq->workdir) {
		if (!*a->rq->workdir)
			return err_set_exit(
				e, EXIT_USAGE, -EINVAL,
				"invalid value '' for --workdir: a directory is needed");
		if (path_absolute(&absolute, cwd, a->rq->workdir) < 0)
			return err_memory(e);
	} else if (path_absolute(&absolute, "/", names_cwd(pwd, cwd) ? pwd : cwd) < 0) {
		return err_memory(e);
	}
	a->host.workdir = pool_take(&a->pool, &absolute);
	return a->host.workdir ? 0 : err_memory(e);
}

/* --workdir is opened as typed: its lexical form is for display only. */
static const char *
workdir_path(const struct assembly *a)
{
	return a->rq->workdir ? a->rq->workdir : a->host.workdir;
}

static int
open_workdir(struct assembly *a, struct object *o, struct err *e)
{
	int r = object_open(a, workdir_path(a), o);

	if (r == -ENOMEM)
		return err_memory(e);
	if (errno_is_missing(r))
		return err_set(e, r,
			       "Path does not exist: %s; give an existing directory to "
			       "--workdir",
			       workdir_path(a));
	if (r < 0)
		return err_set_errno(e, r, "Failed to canonicalize path %s", workdir_path(a));
	if (o->type != S_IFDIR) {
		o->fd = fd_close(o->fd);
		return err_set(e, -ENOTDIR,
			       "Expected a directory but got a file: %s; give a "
			       "directory to --workdir",
			       workdir_path(a));
	}
	return 0;
}

/* Decide whether the directory is granted: 1, 0, or an error. */
static int
wanted(struct assembly *a, unsigned int access, policy_ask_fn *ask, void *context, struct err *e)
{
	const char *dir = a->host.workdir;
	int r;

	if (a->rq->allow_cwd)
		return 1;
	if (a->rq->explain)
		return 0;
	if (a->rq->dry_run) {
		r = note_add(a, POLICY_NOTE_NOTICE,
			     "--allow-cwd would add %s access to the working directory %s",
			     access_text(access), dir);
		return r < 0 ? err_memory(e) : 0;
	}
	if (a->rq->silent)
		return err_set(e, -ENOTTY, /* nobody to ask; cli/diagnosis.c knows it by that */
			       "CWD access requires --allow-cwd in non-interactive mode; add "
			       "--allow-cwd for %s access to %s",
			       access_text(access), dir);
	if (!ask || !isatty(STDIN_FILENO)) {
		r = note_add(a, POLICY_NOTE_NOTICE,
			     "Skipping CWD prompt (non-interactive). Use --allow-cwd to include "
			     "working directory.");
		return r < 0 ? err_memory(e) : 0;
	}
	return ask(context, dir, access) ? 1 : 0;
}

int
workdir_grant(struct assembly *a, policy_ask_fn *ask, void *context, struct err *e)
{
	unsigned int access = apply_workdir_access(a);
	struct object o = { .fd = -1 };
	int r = open_workdir(a, &o, e);

	if (r < 0)
		return r;
	a->workdir_real = o.name;
	if ((grants_cover(a, o.name) & access) != access) {
		r = wanted(a, access, ask, context, e);
		if (r > 0)
			r = grant_add_object(a, "--allow-cwd", workdir_path(a), access,
					     PLAN_KIND_DIR, PLAN_SOURCE_USER, &o, e);
	}
	o.fd = fd_close(o.fd);
	return r < 0 ? r : 0;
}

const char *
workdir_start(const struct assembly *a)
{
	/* Any access counts: entering a directory is no right of Landlock. */
	return grants_cover(a, a->workdir_real) ? a->workdir_real : "/";
}
