/*
 * Groups that the user wrote (spec 03 B23): <cfg>/groups/NAME.json, each the object of section 9.1.
 * A required one holds in every start, with a profile or without. Nobody but the user may be able to
 * write them, and a text that is not understood ends the start: it may be what closes a path.
 */
#ifndef PROFILES_USER_GROUPS_H
#define PROFILES_USER_GROUPS_H

#include "profiles/groups.h"
#include "profiles/profile.h"

enum { USER_GROUPS_MAX = 256 };

/*
 * Those of the system's policy, then the user's sorted by name; in the pool. 0 or an error that
 * names the file.
 */
int user_groups_load(struct user_groups *ret, struct pool *pool, char *const *environment,
		     struct err *e) ATTR_CHECK;

/* One text, which `file` names in messages. Pure but for conditions about the machine. */
int user_group_parse(struct group *ret, struct pool *pool, struct slice text, const char *file,
		     char *const *environment, struct err *e) ATTR_CHECK;

/* NULL when there is none of this name; takes NULL. */
const struct group *user_groups_find(const struct user_groups *g, const char *name);

/* Could there be any? For programs that cannot read them. */
bool user_groups_exist(char *const *environment);

#endif
