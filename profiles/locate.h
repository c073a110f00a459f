/* Where profiles are, and whether what lies there can be believed (spec 03 sections 1, 5, B18). */
#ifndef PROFILES_LOCATE_H
#define PROFILES_LOCATE_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "profiles/node.h"

/*
 * Read a file through one descriptor. `root` is the directory up to which the directories above it
 * are looked at, NULL for all of them. *ret_doubt: NULL, or who else could have written it (in the
 * pool). 0, -errno (printed by nobody), -EFBIG, -EISDIR.
 */
int locate_read(struct buf *text, struct pool *pool, const char *path, const char *root,
		bool follow, const char **ret_doubt) ATTR_CHECK;

/* The nearest name of a preset or a user's profile, or NULL. */
const char *locate_suggest(struct pool *pool, const char *config_root, const char *name);

/* DIRECTORY/NAME.jsonc, else .json: appended; 1, or 0 when there is neither. */
int locate_in(struct buf *b, const char *directory, const char *name) ATTR_CHECK;

#endif
