/* Paths as byte strings. */
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"

bool
path_starts_with(const char *path, const char *dir, bool strictly)
{
	size_t n = strlen(dir);

	if (n == 1 && dir[0] == '/')
		return path[0] == '/' && (!strictly || path[1] != '\0');
	return strncmp(path, dir, n) == 0 && (path[n] == '/' || (!strictly && path[n] == '\0'));
}

const char *
path_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int
path_join(struct buf *b, const char *dir, const char *name)
{
	size_t n = strlen(dir);
	int r;

	if ((r = buf_add(b, dir, n)) < 0)
		return r;
	if (n == 0 || dir[n - 1] != '/')
		if ((r = buf_addc(b, '/')) < 0)
			return r;
	return buf_adds(b, name);
}

/* Append the components of `path` to the normal path that starts at b->p[start]. */
static int
add_components(struct buf *b, size_t start, const char *path)
{
	while (*path) {
		size_t n = strcspn(path, "/");
		int r;

		if (n == 2 && path[0] == '.' && path[1] == '.') {
			while (b->n > start && b->p[b->n - 1] != '/')
				b->n--;
			if (b->n > start)
				b->n--;
			b->p[b->n] = '\0';
		} else if (n > 0 && !(n == 1 && path[0] == '.')) {
			if ((r = buf_addc(b, '/')) < 0 || (r = buf_add(b, path, n)) < 0)
				return r;
		}
		path += n;
		path += *path == '/';
	}
	return 0;
}

int
path_absolute(struct buf *b, const char *cwd, const char *path)
{
	size_t start = b->n;
	int r;

	/* Make the buffer exist, so that an empty result can be terminated. */
	if ((r = buf_add(b, "", 0)) < 0)
		return r;
	if (path[0] != '/' && (r = add_components(b, start, cwd)) < 0)
		return r;
	if ((r = add_components(b, start, path)) < 0)
		return r;
	return b->n == start ? buf_addc(b, '/') : 0;
}

int
path_of_fd(struct buf *b, int fd)
{
	static const char deleted[] = " (deleted)";
	char link[64], name[PATH_MAX];
	struct stat by_fd, by_name;
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, name, sizeof(name) - 1);
	if (n == -1)
		return -errno;
	name[n] = '\0';
	if (name[0] != '/')
		return -ESTALE;
	/* The kernel marks removed objects in the text; a file may also be called that. */
	if (str_ends_with(name, deleted) &&
	    (fstat(fd, &by_fd) == -1 || lstat(name, &by_name) == -1 ||
	     by_fd.st_dev != by_name.st_dev || by_fd.st_ino != by_name.st_ino))
		return -ESTALE;
	return buf_add(b, name, (size_t)n);
}

int
path_open_plain(const char *path)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS };
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	return fd == -1 ? -errno : fd;
}

int
path_canonical(struct buf *b, const char *cwd, const char *path)
{
	autobuf struct buf absolute = BUF_INIT;
	autofd int plain = -1;
	size_t cut;
	int r;

	/* ".." must be walked by the kernel: the ancestor is opened by the path as typed. */
	if (path[0] != '/') {
		if ((r = path_join(&absolute, cwd, path)) < 0)
			return r;
	} else if ((r = buf_adds(&absolute, path)) < 0) {
		return r;
	}
	/* Where the kernel meets no link before the end, or before the first name that is missing, the
	 * lexical form is the canonical one, and asking /proc for it would cost as much as the walk. */
	plain = path_open_plain(absolute.p);
	if (plain >= 0 || plain == -ENOENT)
		return path_absolute(b, cwd, path);
	cut = absolute.n;
	for (;;) {
		autofd int fd = -1;
		char kept = absolute.p[cut];

		absolute.p[cut] = '\0';
		fd = open(cut ? absolute.p : "/", O_PATH | O_CLOEXEC);
		absolute.p[cut] = kept;
		if (fd != -1) {
			size_t start = b->n;

			if ((r = path_of_fd(b, fd)) < 0)
				break;
			if (b->n == start + 1)
				b->n = start; /* the root adds no component */
			b->p[b->n] = '\0';
			r = add_components(b, start, absolute.p + cut);
			if (r < 0)
				return r;
			return b->n == start ? buf_addc(b, '/') : 0;
		}
		if (cut == 0)
			break;
		while (cut > 0 && absolute.p[cut - 1] == '/')
			cut--;
		while (cut > 0 && absolute.p[cut - 1] != '/')
			cut--;
	}
	return path_absolute(b, cwd, path);
}
