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

/* A profile of an installed pack. */
struct pack_found {
	struct buf path;   /* of the file */
	struct buf pack;   /* "NAMESPACE/PACK" */
	struct buf others; /* ", NAMESPACE/PACK" of each further pack that offers it */
	size_t count;
};

/* By name, or by NAMESPACE/PACK[@VERSION]: 1, 0 or -ENOMEM. `ret` was zeroed. */
int pack_find(struct pack_found *ret, const char *config_root, const char *reference) ATTR_CHECK;
void pack_found_clear(struct pack_found *f);

#endif
