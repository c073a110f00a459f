/*
 * The mandatory policy of a system (spec 03 B23): /etc/nono/policy.d/NAME.json. It holds in every
 * start of every user, and only root can have written it. A text that is not understood, or that
 * somebody else could have written, ends the start: it may be what closes a path.
 */
#ifndef PROFILES_SYSTEM_POLICY_H
#define PROFILES_SYSTEM_POLICY_H

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "profiles/groups.h"
#include "profiles/pool.h"

enum {
	SYSTEM_POLICY_FILES_MAX = 64,
	SYSTEM_POLICY_GROUPS_MAX = 256, /* of all files */
};

/* One file, typed. */
struct system_text {
	struct group *group; /* all required; those of "groups", then what "deny" lists */
	size_t groups;
	bool forbid_bypass;
	enum network_limit network;
};

/*
 * One text, which `file` names in messages and "system:NAME" in front of what it denies. Pure but
 * for conditions about the machine.
 */
int
system_policy_parse(struct system_text *ret, struct pool *pool, struct slice text, const char *file,
		    const char *name, char *const *environment, struct err *e) ATTR_CHECK;

/* All files, joined: `ret` was zeroed. 0 or an error that names the file and what to do. */
int system_policy_load(struct user_groups *ret, struct pool *pool, char *const *environment,
		       struct err *e) ATTR_CHECK;

/* Where it is. */
const char *system_policy_directory(void);

/* Could there be any? For programs that cannot read it; one system call where there is none. */
bool system_policy_exists(void);

/* What holds for a profile or, without one (NULL), for a request with these groups (or NULL). */
struct profile;
const struct system_policy *system_policy_of(const struct profile *p, const struct user_groups *g);

#endif
