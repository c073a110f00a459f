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
write_temporary(int directory, const char *name, struct slice text)
{
	autofd int fd = openat(directory, name,
			       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r;

	if (fd == -1)
		return -errno;
	r = fd_write_all(fd, text.p, text.n);
	/* The mask of the caller may have taken bits that the owner needs. */
	if (r == 0 && (fchmod(fd, 0600) == -1 || fsync(fd) == -1))
		r = -errno;
	return r;
}

int
store_write(const char *directory, const char *name, struct slice text, bool replace)
{
	autofd int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char temporary[NAME_MAX + 1];
	int n = snprintf(temporary, sizeof(temporary), ".%s.tmp.%ld", name, (long)getpid());
	int r;

	if (dir == -1)
		return -errno;
	if (n < 0 || (size_t)n >= sizeof(temporary))
		return -ENAMETOOLONG;
	/* What a process of the same number left behind when it was killed. */
	(void)unlinkat(dir, temporary, 0);
	r = write_temporary(dir, temporary, text);
	if (r == 0 && replace && renameat(dir, temporary, dir, name) == -1)
		r = -errno;
	if (r == 0 && !replace && renameat2(dir, temporary, dir, name, RENAME_NOREPLACE) == -1) {
		/* Some file systems cannot do that; a link is made only where nothing is. */
		r = -errno;
		if (r == -EINVAL)
			r = linkat(dir, temporary, dir, name, 0) == -1 ? -errno : 0;
	}
	(void)unlinkat(dir, temporary, 0);
	if (r == 0 && fsync(dir) == -1)
		r = -errno;
	return r;
}

int
store_read(struct buf *b, const char *path, size_t limit)
{
	/* A fifo must not keep us waiting. */
	autofd int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	return buf_read_fd(b, fd, limit);
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
