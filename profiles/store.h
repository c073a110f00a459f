/*
 * Files of the user's own that are written whole or not at all: profiles and drafts (spec 03
 * sections 1 and 19 B14). A reader sees the old text or the new one, also when power fails.
 */
#ifndef PROFILES_STORE_H
#define PROFILES_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/slice.h"

/* Make a directory and those above it, each 0700 when it is new. 0 or -errno. */
int store_make_directory(const char *path) ATTR_CHECK;

/*
 * Write DIRECTORY/NAME, 0600, through a temporary file beside it. Without `replace`: -EEXIST when
 * it exists. A symbolic link of that name is replaced, never followed. 0 or -errno.
 */
int
store_write(const char *directory, const char *name, struct slice text, bool replace) ATTR_CHECK;

/*
 * Read a regular file that is no symbolic link, at most `limit` bytes. 0, -ELOOP, -EINVAL (not a
 * regular file), -EFBIG or -errno.
 */
int store_read(struct buf *b, const char *path, size_t limit) ATTR_CHECK;

/* The same for a name in an open directory, with what stat() says of it. */
int store_read_at(struct buf *b, int directory, const char *name, size_t limit,
		  struct stat *ret_stat) ATTR_CHECK;

/*
 * Put `text` in the place of a file whose bytes are `old`; old.p NULL: there must be none. The mode
 * is `mode`, and the group `group` unless that is -1. What somebody else wrote meanwhile is kept:
 * -ESTALE, and nothing has changed. 0 or -errno.
 */
int store_swap_at(int directory, const char *name, struct slice old, struct slice text, mode_t mode,
		  gid_t group) ATTR_CHECK;

/* Remove a file whose bytes are `old`, as careful. 0, -ESTALE or -errno. */
int store_remove_at(int directory, const char *name, struct slice old) ATTR_CHECK;

/* Hold DIRECTORY/.lock against other writers: a descriptor, or -errno. Released by closing it. */
int store_lock(const char *directory) ATTR_CHECK;

#endif
