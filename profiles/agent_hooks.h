/*
 * Hooks of agents (spec 03 15.1): a script of nono's, outside of what the agent may write, and an
 * entry in the agent's settings that runs it. <state>/agent-hooks.json tells what was added, so
 * that it can be taken away again, and only that.
 */
#ifndef PROFILES_AGENT_HOOKS_H
#define PROFILES_AGENT_HOOKS_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "profiles/profile.h"

#define AGENT_DIRECTORY "agent-hooks" /* below nono's data */

enum { AGENT_SCRIPT_NAME_MAX = 128, AGENT_SCRIPT_BYTES_MAX = 256 << 10 };

/* A program that knows hooks, and its settings file HOME/DIRECTORY/NAME. */
struct agent {
	const char *target, *directory, *name;
};

/* By the key of `hooks`; NULL: not known. */
const struct agent *agent_find(const char *target);
bool agent_script_is_valid(const char *script);
int agent_script_directory(struct buf *b, const struct agent *a, char *const *environment,
			   struct err *e) ATTR_CHECK;

/* Append the script that the profile's hook has when it is installed: 1, 0 without one. */
int agent_hook_script(struct buf *b, const struct profile *p, char *const *environment,
		      struct err *e) ATTR_CHECK;

/*
 * Install what the profile names, for `target` alone unless that is NULL. What was done is told in
 * `notes`, and what was there already is not. 0 or an error.
 */
int agent_hooks_install(const struct profile *p, const char *target, char *const *environment,
			struct policy_notes *notes, struct err *e) ATTR_CHECK;

/* Take away what was installed, for `target` or for all. Told in `notes`. 0 or an error. */
int agent_hooks_remove(const char *target, char *const *environment, struct policy_notes *notes,
		       struct err *e) ATTR_CHECK;

enum agent_hook_part {
	AGENT_PART_MISSING = 0,
	AGENT_PART_INSTALLED,
	AGENT_PART_CHANGED, /* since nono wrote it */
	AGENT_PART_UNKNOWN, /* it cannot be read */
};

struct agent_hook_status {
	const char *target, *event, *matcher, *script, *settings;
	enum agent_hook_part script_is, entry_is;
	struct agent_hook_status *next;
};

/* What the record lists, in its order, in the pool. 0 or an error. */
int agent_hooks_status(struct agent_hook_status **ret, struct pool *pool, char *const *environment,
		       struct err *e) ATTR_CHECK;

#endif
