/* The settings file of an agent. */
#include "profiles/agent_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/internal.h"
#include "profiles/json.h"
#include "profiles/place.h"
#include "profiles/store.h"

/* Is the path in one of nono's own directories, where a link of the agent's making must not lead? */
static int
is_own(const char *path, char *const *environment, struct err *e)
{
	int (*const places[])(struct buf * b, char *const *environment,
			      struct err *e) = { place_config, place_state, place_data };

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		autobuf struct buf place = BUF_INIT, real = BUF_INIT;
		int r = places[i](&place, environment, e);

		if (r < 0)
			return r;
		if (path_canonical(&real, "/", buf_str(&place)) < 0)
			return err_memory(e);
		if (path_is_beneath(path, buf_str(&real)))
			return 1;
	}
	return 0;
}

/* The directory part of f->real, opened from the home directory with no link on the way. */
static int
open_directory(struct agent_file *f, const char *home, const char *directory, bool make)
{
	struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
	autofd int fd = open(home, O_PATH | O_DIRECTORY | O_CLOEXEC);
	autobuf struct buf below = BUF_INIT;
	const char *real = buf_str(&f->real) + strlen(home);
	size_t n = (size_t)(path_basename(real) - real);
	long r;

	if (fd == -1)
		return -errno;
	while (*real == '/' && n > 0)
		real++, n--;
	if (buf_add(&below, real, n) < 0 || (n == 0 && buf_addc(&below, '.') < 0))
		return -ENOMEM;
	r = syscall(SYS_openat2, fd, buf_str(&below), &how, sizeof(how));
	if (r == -1 && errno == ENOENT && make) {
		if (mkdirat(fd, directory, 0700) == -1)
			return -errno;
		r = syscall(SYS_openat2, fd, buf_str(&below), &how, sizeof(how));
	}
	if (r == -1)
		return errno == ENOENT && !make ? 0 : -errno;
	f->directory = (int)r;
	return 0;
}

static int
check_file(const struct agent_file *f, struct err *e)
{
	const char *path = buf_str(&f->real);

	if (f->stat.st_uid != geteuid())
		return err_set(e, -EPERM, "'%s' belongs to another user (uid %lu)", path,
			       (unsigned long)f->stat.st_uid);
	if (f->stat.st_nlink > 1)
		return err_set(e, -EPERM,
			       "'%s' has several names, of which one would be left behind", path);
	if (!(f->stat.st_mode & S_IWUSR))
		return err_set(e, -EACCES, "'%s' is read-only; make it writable with chmod u+w",
			       path);
	return 0;
}

static int
read_file(struct agent_file *f, struct err *e)
{
	const char *path = buf_str(&f->path);
	int r;

	if (f->directory == -1)
		return 0;
	r = store_read_at(&f->text, f->directory, path_basename(buf_str(&f->real)), JSON_BYTES_MAX,
			  &f->stat);
	if (r == -ENOENT)
		return 0;
	if (r == -ELOOP)
		return err_set(e, r, "'%s' is a symbolic link that leads to nothing; remove it",
			       path);
	if (r == -EINVAL)
		return err_set(e, r, "'%s' is not a regular file; move it away", path);
	if (r == -EFBIG)
		return err_set(e, r, "'%s' is larger than %d bytes, and is left as it is", path,
			       JSON_BYTES_MAX);
	if (r < 0)
		return err_set_errno(e, r, "cannot read '%s'", path);
	f->exists = true;
	return check_file(f, e);
}

int
agent_file_open(struct agent_file *f, const char *directory, const char *name, bool make,
		char *const *environment, struct err *e)
{
	autobuf struct buf home = BUF_INIT, real_home = BUF_INIT;
	int r;

	*f = (struct agent_file){ .directory = -1 };
	if ((r = home_find(&home, environment, getuid(), e)) < 0)
		return r;
	if (buf_addf(&f->path, "%s/%s/%s", buf_str(&home), directory, name) < 0 ||
	    path_canonical(&f->real, "/", buf_str(&f->path)) < 0 ||
	    path_canonical(&real_home, "/", buf_str(&home)) < 0)
		return err_memory(e);
	r = path_is_inside(buf_str(&f->real), buf_str(&real_home))
		    ? is_own(buf_str(&f->real), environment, e)
		    : 1;
	if (r < 0)
		return r;
	if (r > 0)
		return err_set(e, -EXDEV,
			       "'%s' leads to '%s', which is no place of its own in the home "
			       "directory; nothing is written there",
			       buf_str(&f->path), buf_str(&f->real));
	r = open_directory(f, buf_str(&real_home), directory, make);
	if (r < 0)
		return err_set_errno(e, r, "cannot open the directory of '%s'", buf_str(&f->path));
	return read_file(f, e);
}

int
agent_file_replace(const struct agent_file *f, struct slice text, struct err *e)
{
	const char *name = path_basename(buf_str(&f->real));
	/* An empty file is one, too. */
	struct slice old = { f->exists ? buf_str(&f->text) : NULL, f->text.n };
	mode_t mode = f->exists ? f->stat.st_mode & 0777 : 0600;
	gid_t group = f->exists && f->stat.st_gid != getegid() ? f->stat.st_gid : (gid_t)-1;
	int r = text.p ? store_swap_at(f->directory, name, old, text, mode, group)
		       : store_remove_at(f->directory, name, old);

	if (r == -ESTALE)
		return err_set(e, r,
			       "'%s' is being changed by another program; nothing was written, try "
			       "again when that is done",
			       buf_str(&f->path));
	return r < 0 ? err_set_errno(e, r, "cannot write '%s'", buf_str(&f->path)) : 0;
}

void
agent_file_close(struct agent_file *f)
{
	f->directory = fd_close(f->directory);
	buf_clear(&f->path);
	buf_clear(&f->real);
	buf_clear(&f->text);
}
