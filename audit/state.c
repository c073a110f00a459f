/* Where records live: directories of the user's own, and files that are there whole or not. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "audit/internal.h"
#include "base/fd.h"

enum {
	DIRECTORY_MODE = 0700,
	OTHERS = 0077,
	OTHERS_WRITE = 0022,
	YOUNG_SECONDS = 5, /* ext4(5), commit */
};

mode_t
umask_private(void)
{
	return umask(OTHERS);
}

void
umask_restore(mode_t saved)
{
	(void)umask(saved);
}

bool
session_id_is_valid(const char *id)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_-";
	size_t n = strlen(id);

	return n > 0 && n <= AUDIT_ID_MAX && strspn(id, allowed) == n;
}

/* Every missing directory of the path, closed to others. */
static int
make_parents(const char *path)
{
	char prefix[PATH_MAX];
	size_t n = strlen(path);

	if (n >= sizeof(prefix))
		return -ENAMETOOLONG;
	for (size_t i = 1; i <= n; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(prefix, path, i);
		prefix[i] = '\0';
		if (mkdir(prefix, DIRECTORY_MODE) == -1 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

int
audit_state_open(struct audit_state *ret, const char *path, int utc_offset_s, struct err *e)
{
	autofd int fd = -1;
	struct stat st;
	int r;

	if (*path != '/')
		return err_set(e, -EINVAL, "state directory '%s' is not an absolute path", path);
	if ((fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)) == -1 && errno == ENOENT) {
		mode_t saved = umask_private();

		r = make_parents(path);
		umask_restore(saved);
		if (r < 0)
			return err_set_errno(e, r, "cannot create state directory '%s'", path);
		fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd == -1 || fstat(fd, &st) == -1)
		return err_set_errno(e, -errno, "cannot open state directory '%s'", path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(e, -EPERM,
			       "state directory '%s' belongs to user %u; set XDG_STATE_HOME to a "
			       "directory of your own",
			       path, (unsigned int)st.st_uid);
	if (st.st_mode & OTHERS_WRITE)
		return err_set(e, -EPERM,
			       "others may write to state directory '%s'; chmod 700 and retry",
			       path);
	*ret = (struct audit_state){ .fd = fd_take(&fd), .utc_offset_s = utc_offset_s };
	return 0;
}

void
audit_state_close(struct audit_state *state)
{
	state->fd = fd_close(state->fd);
}

int
directory_open(int parent, const char *name, bool strict, struct err *e)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	autofd int fd = -1;
	struct stat st;

	if ((fd = openat(parent, name, flags)) == -1 && errno == ENOENT) {
		/* Another session may make it at the same moment. */
		if (mkdirat(parent, name, DIRECTORY_MODE) == -1 && errno != EEXIST)
			return err_set_errno(e, -errno, "cannot create directory '%s' for records",
					     name);
		fd = openat(parent, name, flags);
	}
	if (fd == -1 || fstat(fd, &st) == -1)
		return err_set_errno(e, -errno,
				     "cannot open '%s' in the state directory: it must be a real "
				     "directory",
				     name);
	if (st.st_uid != geteuid())
		return err_set(e, -EPERM,
			       "'%s' in the state directory belongs to user %u; remove it or give "
			       "it back to yourself",
			       name, (unsigned int)st.st_uid);
	if ((st.st_mode & OTHERS) && strict)
		return err_set(e, -EPERM,
			       "'%s' in the state directory must not be group/world accessible; "
			       "chmod 700 and retry",
			       name);
	if ((st.st_mode & OTHERS) && fchmod(fd, DIRECTORY_MODE) == -1)
		return err_set_errno(e, -errno, "cannot close '%s' to other users", name);
	return fd_take(&fd);
}

int
file_create(int dir, const char *name, struct slice text)
{
	autofd int fd = -1;
	int r;

	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		return -errno;
	r = fd_write_all(fd, text.p, text.n);
	if (r < 0)
		(void)unlinkat(dir, name, 0);
	return r;
}

/*
 * Where a rename replaces a file, ext4 writes the new one out at once, so that a power cut cannot leave it
 * empty (ext4(5), auto_da_alloc). What is younger than the kernel's own delay is not on disk either:
 * nothing is lost with it, and a short session need not wait for the disk.
 */
static bool
is_young(int dir, const char *name)
{
	struct timespec now;
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       clock_gettime(CLOCK_REALTIME, &now) == 0 && now.tv_sec >= st.st_mtim.tv_sec &&
	       now.tv_sec - st.st_mtim.tv_sec < YOUNG_SECONDS;
}

int
file_replace(int dir, const char *temp, const char *name, struct slice text)
{
	int r = file_create(dir, temp, text);

	if (r < 0)
		return r;
	if (is_young(dir, name) && renameat2(dir, temp, dir, name, RENAME_EXCHANGE) == 0) {
		(void)unlinkat(dir, temp, 0);
		return 0;
	}
	if (renameat(dir, temp, dir, name) == -1) {
		r = -errno;
		(void)unlinkat(dir, temp, 0);
	}
	return r;
}

int
random_hex(char ret[RANDOM_HEX_MAX])
{
	static const char digit[] = "0123456789abcdef";
	unsigned char bytes[(RANDOM_HEX_MAX - 1) / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return errno ? -errno : -EIO;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		ret[2 * i] = digit[bytes[i] >> 4];
		ret[2 * i + 1] = digit[bytes[i] & 15];
	}
	ret[RANDOM_HEX_MAX - 1] = '\0';
	return 0;
}
