/*
 * Paths as byte strings. Comparison is by component, never by prefix: "/a/bc" is not beneath
 * "/a/b". Limits: PATH_MAX as everywhere in Linux.
 */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"

/* For path_is_beneath() and path_is_inside(): these, without the look at the first name. */
bool path_starts_with(const char *path, const char *dir, bool strictly);

/*
 * Can `path` be `dir` or below it, as far as the first letter tells? At every start every grant is compared
 * with every deny, and most differ there.
 */
static inline bool
path_may_start_with(const char *path, const char *dir)
{
	return dir[0] != '/' || dir[1] == '\0' || (path[0] == '/' && path[1] == dir[1]);
}

/* True when `path` is `dir` or below it. Both absolute and normal (no "//", ".", ".."). */
static inline bool
path_is_beneath(const char *path, const char *dir)
{
	return path_may_start_with(path, dir) && path_starts_with(path, dir, false);
}

/* True when strictly below. */
static inline bool
path_is_inside(const char *path, const char *dir)
{
	return path_may_start_with(path, dir) && path_starts_with(path, dir, true);
}

/* The part behind the last '/'. */
const char *path_basename(const char *path);

/*
 * Append an absolute, lexically normal form: made absolute against `cwd`, "//", "." and ".."
 * removed (".." without looking at symlinks). 0 or -ENOMEM.
 */
int path_absolute(struct buf *b, const char *cwd, const char *path) ATTR_CHECK;

/*
 * Append the kernel's name of an open descriptor (readlink of /proc/self/fd/N). 0, -errno;
 * -ESTALE when the object was deleted or has no name in the file system (pipe, socket).
 */
int path_of_fd(struct buf *b, int fd) ATTR_CHECK;

/*
 * O_PATH descriptor of an object on whose way no symbolic link is, so that the lexical form of the path is
 * its name. -ELOOP where there is one; -ENOSYS or -EPERM where openat2(2) is not to be had (before
 * Linux 5.6, in a sandbox): the caller then opens it the usual way.
 */
int path_open_plain(const char *path) ATTR_CHECK;

/*
 * Append the canonical form of a path that may not exist: the longest existing ancestor
 * resolved, the rest appended unchanged. If nothing resolves, the lexical absolute form.
 */
int path_canonical(struct buf *b, const char *cwd, const char *path) ATTR_CHECK;

/* "dir/name" without doubling the slash. */
int path_join(struct buf *b, const char *dir, const char *name) ATTR_CHECK;

#endif
