/* What was chosen, written: a new user profile, or lines of one that exists (spec 03 13.4). */
#ifndef CLI_SAVE_WRITE_H
#define CLI_SAVE_WRITE_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "cli/save_offer.h"

/* Would the next session start with these grants beside its profile? 0 or why not. */
int save_check(const struct save_offer *s, struct err *e) ATTR_CHECK;

/* A new profile of this name; its path is appended to `ret_path`. -EEXIST: the name is taken. */
int save_write_new(struct buf *ret_path, const struct save_offer *s, const char *name,
		   struct err *e) ATTR_CHECK;

/* Into the user's profile at `path`, which the session had. *ret_added: how many were new. */
int save_write_existing(const struct save_offer *s, const char *path, size_t *ret_added,
			struct err *e) ATTR_CHECK;

#endif
