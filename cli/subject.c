/* The subject of a question: a path as the kernel would meet it. */
#include "cli/subject.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"

enum { LINKS_MAX = 40 }; /* path_resolution(7) */

/* Cut the last component off; "/" stays. */
static void
go_up(struct buf *b)
{
	char *slash = strrchr(b->p, '/');

	b->n = slash == b->p ? 1 : (size_t)(slash - b->p);
	b->p[b->n] = '\0';
}

/* A link whose target is missing: writing to it makes the target. 1 when followed. */
static int
follow_dangling(struct buf *path)
{
	autobuf struct buf next = BUF_INIT;
	char target[PATH_MAX];
	ssize_t n = readlink(buf_str(path), target, sizeof(target) - 1);
	int r;

	if (n <= 0)
		return 0;
	target[n] = '\0';
	go_up(path);
	r = path_canonical(&next, path->p, target);
	buf_reset(path);
	if (r == 0)
		r = buf_add(path, next.p, next.n);
	return r < 0 ? r : 1;
}

static int
find_chain(struct subject *p)
{
	autobuf struct buf at = BUF_INIT;
	int r = buf_add(&at, p->path.p, p->path.n);

	if (r < 0)
		return r;
	for (;;) {
		struct stat st;

		if (lstat(at.p, &st) == 0) {
			if (p->chain_count == 0 && p->missing == 0)
				p->type = st.st_mode & S_IFMT;
			if (p->chain_count == ARRAY_LEN(p->chain))
				return -ENAMETOOLONG;
			p->chain[p->chain_count++] = (struct plan_identity){ st.st_dev, st.st_ino };
		} else if (p->chain_count == 0) {
			p->missing++;
		} else {
			return -errno;
		}
		if (at.n == 1)
			return 0;
		go_up(&at);
	}
}

int
subject_look(struct subject *ret, const char *cwd, const char *path)
{
	int r;

	*ret = (struct subject){ .raw = path };
	if ((r = path_absolute(&ret->typed, cwd, path)) < 0 ||
	    (r = path_canonical(&ret->path, cwd, path)) < 0)
		return r;
	for (int links = 0; (r = follow_dangling(&ret->path)) == 1; links++)
		if (links == LINKS_MAX)
			return -ELOOP;
	if (r < 0)
		return r;
	if (ret->path.n > PLAN_PATH_MAX)
		return -ENAMETOOLONG;
	return find_chain(ret);
}

void
subject_clear(struct subject *p)
{
	buf_clear(&p->typed);
	buf_clear(&p->path);
}

int
subject_nearest(struct buf *b, const struct subject *p)
{
	size_t start = b->n;
	int r = buf_add(b, p->path.p, p->path.n);

	if (r < 0)
		return r;
	for (size_t i = 0; i < p->missing; i++) {
		char *slash = strrchr(b->p + start, '/');

		b->n = (size_t)(slash - b->p) + (slash == b->p + start);
		b->p[b->n] = '\0';
	}
	return 0;
}

int
subject_check_mode(const struct subject *p, unsigned int access)
{
	autobuf struct buf nearest = BUF_INIT;
	int mode = 0;

	/* As it was asked for: the canonical form may have lost a directory that cannot be passed. */
	if (faccessat(AT_FDCWD, p->raw, F_OK, AT_EACCESS) == -1 && errno != ENOENT)
		return -errno;
	if (p->missing == 0) {
		if (access & PLAN_READ)
			mode |= R_OK;
		if (access & PLAN_WRITE)
			mode |= p->type == S_IFDIR ? W_OK | X_OK : W_OK;
		return faccessat(AT_FDCWD, p->path.p, mode, AT_EACCESS) == -1 ? -errno : 0;
	}
	if (!(access & PLAN_WRITE))
		return 0;
	if (subject_nearest(&nearest, p) < 0)
		return -ENOMEM;
	return faccessat(AT_FDCWD, nearest.p, W_OK | X_OK, AT_EACCESS) == -1 ? -errno : 0;
}

/* Streams, terminals and the files of /proc/self are other objects in every process. */
static const char *
opened_path(const struct plan *p, const struct plan_grant *g)
{
	const char *resolved = plan_string(p, g->resolved);

	if (g->alias == PLAN_ALIAS_PROC)
		return "/proc";
	if (g->alias != PLAN_ALIAS_NONE || (g->flags & PLAN_GRANT_COVERED))
		return NULL;
	return *resolved ? resolved : plan_string(p, g->original);
}

struct plan_identity *
subject_grants(const struct plan *p)
{
	size_t n = plan_count(p, PLAN_SEC_GRANTS);
	struct plan_identity *list = mem_calloc(n ? n : 1, sizeof(*list));

	for (size_t i = 0; list && i < n; i++) {
		const char *path = opened_path(p, plan_grant_at(p, i));
		struct stat st;

		if (path && stat(path, &st) == 0)
			list[i] = (struct plan_identity){ st.st_dev, st.st_ino };
	}
	return list;
}
