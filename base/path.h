/*
 * Paths as byte strings. Comparison is by component, never by prefix: "/a/bc" is not beneath
 * "/a/b". Limits: PATH_MAX as everywhere in Linux.
 */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"

/* True when `path` is `dir` or below it. Both absolute and normal (no "//", ".", ".."). */
bool path_is_beneath(const char *path, const char *dir);

/* True when strictly below. */
bool path_is_inside(const char *path, const char *dir);

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
 * Append the canonical form of a path that may not exist: the longest existing ancestor
 * resolved, the rest appended unchanged. If nothing resolves, the lexical absolute form.
 */
int path_canonical(struct buf *b, const char *cwd, const char *path) ATTR_CHECK;

/* "dir/name" without doubling the slash. */
int path_join(struct buf *b, const char *dir, const char *name) ATTR_CHECK;

#endif
