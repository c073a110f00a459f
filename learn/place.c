/*
 * Names to objects, seen from a thread that stands still. Its directories are entered through
 * /proc/TID/cwd and /proc/TID/fd, so that nothing is put together from strings, and the kernel
 * says what the object's name is.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "learn/internal.h"

enum { LINKS_MAX = 8 }; /* dangling ones behind each other */

/* Paths that mean something else for each process: what stands for them below /proc/TID. */
static const struct {
	const char *path, *own;
} own_paths[] = {
	{ "/proc/self", "" },	   { "/proc/thread-self", "" }, { "/dev/fd", "/fd" },
	{ "/dev/stdin", "/fd/0" }, { "/dev/stdout", "/fd/1" },	{ "/dev/stderr", "/fd/2" },
};

/* A path that leads us where the thread's own would lead it. */
static int
our_path(struct buf *b, pid_t tid, int dir, const char *path)
{
	if (path[0] != '/') {
		if (dir == AT_FDCWD)
			return buf_addf(b, "/proc/%d/cwd/%s", (int)tid, path);
		return buf_addf(b, "/proc/%d/fd/%d/%s", (int)tid, dir, path);
	}
	for (size_t i = 0; i < ARRAY_LEN(own_paths); i++)
		if (path_is_beneath(path, own_paths[i].path))
			return buf_addf(b, "/proc/%d%s%s", (int)tid, own_paths[i].own,
					path + strlen(own_paths[i].path));
	return buf_adds(b, path);
}

/* Names of the thread itself are written as it would write them. */
static int
own_name(struct buf *path, pid_t tid)
{
	autobuf struct buf own = BUF_INIT, renamed = BUF_INIT;
	const pid_t names[] = { tid, getpid() };
	int r;

	if (!str_starts_with(buf_str(path), "/proc/"))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		buf_reset(&own);
		if ((r = buf_addf(&own, "/proc/%d", (int)names[i])) < 0)
			return r;
		if (!path_is_beneath(buf_str(path), buf_str(&own)))
			continue;
		if ((r = buf_addf(&renamed, "/proc/self%s", buf_str(path) + own.n)) < 0)
			return r;
		buf_reset(path);
		return buf_adds(path, buf_str(&renamed));
	}
	return 0;
}

static int
find_existing(struct place *ret, int fd)
{
	struct stat st;
	int r;

	if (fstat(fd, &st) == -1)
		return -errno;
	ret->exists = true;
	ret->parent_exists = true;
	ret->directory = S_ISDIR(st.st_mode);
	r = path_of_fd(&ret->path, fd);
	return r == -ENOMEM || r == 0 ? r : -ESTALE;
}

/* A name that is not there: its directory as far as that exists, and the rest as it is. */
static int
find_missing(struct place *ret, pid_t tid, const char *ours, bool relative)
{
	const char *slash;
	struct stat st;
	int r = path_canonical(&ret->path, "/", ours);

	if (r < 0)
		return r;
	/* Still through the thread: its directory has no name, or the thread may not be looked at. */
	if (relative && str_starts_with(buf_str(&ret->path), "/proc/")) {
		autobuf struct buf own = BUF_INIT;

		if ((r = buf_addf(&own, "/proc/%d", (int)tid)) < 0)
			return r;
		if (path_is_beneath(buf_str(&ret->path), buf_str(&own)))
			return -ESTALE;
	}
	slash = strrchr(buf_str(&ret->path), '/');
	if (slash && slash != ret->path.p) {
		size_t n = (size_t)(slash - ret->path.p);

		ret->path.p[n] = '\0';
		ret->parent_exists = stat(ret->path.p, &st) == 0 && S_ISDIR(st.st_mode);
		ret->path.p[n] = '/';
	} else {
		ret->parent_exists = true;
	}
	return 0;
}

/* A symlink to a name that is not there: opening it for creation makes that name. */
static int
follow_dangling(struct buf *ours)
{
	char target[PATH_MAX];
	ssize_t n = readlink(buf_str(ours), target, sizeof(target) - 1);
	size_t dir;

	if (n <= 0)
		return 0;
	target[n] = '\0';
	if (target[0] == '/') {
		buf_reset(ours);
	} else {
		dir = (size_t)(path_basename(ours->p) - ours->p);
		ours->n = dir;
		ours->p[dir] = '\0';
	}
	return buf_adds(ours, target) < 0 ? -ENOMEM : 1;
}

int
place_find(struct place *ret, pid_t tid, int dir, const char *path, bool follow)
{
	autobuf struct buf ours = BUF_INIT;
	bool relative = path[0] != '/';
	int r;

	buf_reset(&ret->path);
	ret->exists = ret->directory = ret->parent_exists = false;
	if ((r = our_path(&ours, tid, dir, path)) < 0)
		return r;
	for (int links = 0;; links++) {
		autofd int fd = open(buf_str(&ours),
				     O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW));

		if (fd != -1)
			r = find_existing(ret, fd);
		else if (follow && errno == ENOENT && links < LINKS_MAX &&
			 (r = follow_dangling(&ours)) != 0)
			; /* once more, with the name it leads to */
		else
			r = find_missing(ret, tid, buf_str(&ours), relative);
		if (r <= 0)
			break;
	}
	return r < 0 ? r : own_name(&ret->path, tid);
}
