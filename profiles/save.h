/*
 * Saving what was found out as a profile: a new one, or additions to one that exists (spec 03 13.4,
 * B14). What is written was loaded by the strict reader first.
 */
#ifndef PROFILES_SAVE_H
#define PROFILES_SAVE_H

#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "profiles/edit.h"

/* May a new profile have this name? NULL, or the reason in a few words. */
const char *save_name_doubt(const char *name);

/* Write a new user profile, and append its path to `ret_path`. 0 or an error. */
int save_profile_new(struct buf *ret_path, const char *name, struct slice text,
		     char *const *environment, struct err *e) ATTR_CHECK;

struct save_additions {
	const struct edit_addition *item;
	size_t count;
	struct slice alone; /* the additions as a profile of their own */
};

/*
 * Add to the lists of the profile `name` at `path`; its old text stays as PATH~, its mode and owner
 * stay. Where the text has no place for it, or changes meanwhile, nothing is changed; in the first
 * case the additions are written to PATH.new, and the error says so. *ret_added: how many were new.
 */
int save_profile_add(const char *path, const char *name, const struct save_additions *additions,
		     char *const *environment, size_t *ret_added, struct err *e) ATTR_CHECK;

#endif
