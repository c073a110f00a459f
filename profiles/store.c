/* Writing profiles. */
#include "profiles/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

enum { EXCHANGES_MAX = 3 };

int
store_make_directory(const char *path)
{
	char part[PATH_MAX];
	size_t n = strlen(path);

	if (n == 0 || n >= sizeof(part))
		return -ENAMETOOLONG;
	for (size_t i = 1; i <= n; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0700) == -1 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

/* Written and on the disk, under a name that nobody else uses. */
static int
write_temporary(int directory, const char *name, struct slice text, mode_t mode, gid_t group)
{
	autofd int fd = openat(directory, name,
			       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r;

	if (fd == -1)
		return -errno;
	r = fd_write_all(fd, text.p, text.n);
	/* The mask of the caller may have taken bits that the owner needs. */
	if (r == 0 && ((group != (gid_t)-1 && fchown(fd, (uid_t)-1, group) == -1) ||
		       fchmod(fd, mode) == -1 || fsync(fd) == -1))
		r = -errno;
	return r;
}

static int
choose_temporary(char ret[NAME_MAX + 1], int directory, const char *name)
{
	int n = snprintf(ret, NAME_MAX + 1, ".%s.tmp.%ld", name, (long)getpid());

	if (n < 0 || n > NAME_MAX)
		return -ENAMETOOLONG;
	/* What a process of the same number left behind when it was killed. */
	(void)unlinkat(directory, ret, 0);
	return 0;
}

/* A name for what has none yet. */
static int
move_new(int dir, const char *temporary, const char *name)
{
	if (renameat2(dir, temporary, dir, name, RENAME_NOREPLACE) == 0)
		return 0;
	/* Some file systems cannot do that; a link is made only where nothing is. */
	if (errno != EINVAL)
		return -errno;
	return linkat(dir, temporary, dir, name, 0) == -1 ? -errno : 0;
}

int
store_write(const char *directory, const char *name, struct slice text, bool replace)
{
	autofd int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char temporary[NAME_MAX + 1];
	int r;

	if (dir == -1)
		return -errno;
	if ((r = choose_temporary(temporary, dir, name)) < 0)
		return r;
	r = write_temporary(dir, temporary, text, 0600, (gid_t)-1);
	if (r == 0 && replace && renameat(dir, temporary, dir, name) == -1)
		r = -errno;
	if (r == 0 && !replace)
		r = move_new(dir, temporary, name);
	(void)unlinkat(dir, temporary, 0);
	if (r == 0 && fsync(dir) == -1)
		r = -errno;
	return r;
}

int
store_read_at(struct buf *b, int directory, const char *name, size_t limit, struct stat *ret_stat)
{
	/* A fifo must not keep us waiting. */
	autofd int fd = openat(directory, name,
			       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

	if (fd == -1 || fstat(fd, ret_stat) == -1)
		return -errno;
	if (!S_ISREG(ret_stat->st_mode))
		return -EINVAL;
	return buf_read_fd(b, fd, limit);
}

int
store_read(struct buf *b, const char *path, size_t limit)
{
	struct stat st;

	return store_read_at(b, AT_FDCWD, path, limit, &st);
}

static int
check_bytes(int directory, const char *name, struct slice wanted)
{
	autobuf struct buf now = BUF_INIT;
	struct stat st;
	int r = store_read_at(&now, directory, name, wanted.n, &st);

	if (r == -ENOMEM)
		return r;
	return r == 0 && slice_equal((struct slice){ now.p, now.n }, wanted) ? 0 : -ESTALE;
}

/*
 * The two files change places, so that what was replaced can be looked at when nobody can change it
 * by its name any more; what is not `old` goes back, unless there was another write meanwhile.
 */
static int
exchange(int dir, const char *temporary, const char *name, struct slice old, struct slice text)
{
	struct slice behind = old;
	int r = check_bytes(dir, name, old);

	if (r < 0)
		return r;
	for (int i = 0; i < EXCHANGES_MAX; i++) {
		if (renameat2(dir, temporary, dir, name, RENAME_EXCHANGE) == -1) {
			/* Some file systems cannot do that. */
			if (errno != EINVAL || i > 0)
				return -errno;
			return renameat(dir, temporary, dir, name) == -1 ? -errno : 0;
		}
		if (check_bytes(dir, temporary, behind) == 0)
			return i == 0 ? 0 : -ESTALE;
		behind = text;
	}
	return -ESTALE;
}

int
store_swap_at(int directory, const char *name, struct slice old, struct slice text, mode_t mode,
	      gid_t group)
{
	char temporary[NAME_MAX + 1];
	int r = choose_temporary(temporary, directory, name);

	if (r < 0)
		return r;
	r = write_temporary(directory, temporary, text, mode, group);
	if (r == 0)
		r = old.p ? exchange(directory, temporary, name, old, text)
			  : move_new(directory, temporary, name);
	(void)unlinkat(directory, temporary, 0);
	if (r == 0 && fsync(directory) == -1)
		r = -errno;
	return r == -EEXIST ? -ESTALE : r;
}

int
store_remove_at(int directory, const char *name, struct slice old)
{
	char temporary[NAME_MAX + 1];
	int r = choose_temporary(temporary, directory, name);

	if (r == 0)
		r = check_bytes(directory, name, old);
	if (r == 0 && renameat(directory, name, directory, temporary) == -1)
		r = -errno;
	if (r < 0)
		return r;
	if ((r = check_bytes(directory, temporary, old)) < 0)
		return move_new(directory, temporary, name) < 0 ? -EEXIST : r;
	return unlinkat(directory, temporary, 0) == -1 ? -errno : 0;
}

int
store_lock(const char *directory)
{
	autofd int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autofd int fd = -1;

	if (dir == -1)
		return -errno;
	fd = openat(dir, ".lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1 || flock(fd, LOCK_EX) == -1)
		return -errno;
	return fd_take(&fd);
}
