/*
 * A hook in the settings file of an agent (spec 03 15.1): added, and taken out again. Pure: a text
 * in, a text out. What cannot be changed without a doubt is refused, and nothing but the hook
 * differs in what is made.
 */
#ifndef PROFILES_AGENT_SETTINGS_H
#define PROFILES_AGENT_SETTINGS_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "profiles/node.h"

enum { AGENT_OLD_COMMANDS = 2 };

struct agent_hook {
	const char *event, *matcher, *command;
	/* Commands of former versions that mean the same; NULL: none. */
	const char *old[AGENT_OLD_COMMANDS];
};

/* What was not there before the hook: to be taken away with it when it is empty again. */
enum {
	AGENT_MADE_FILE = 1, /* the caller's business */
	AGENT_MADE_HOOKS = 2,
	AGENT_MADE_EVENT = 4,
};

enum agent_settings_result {
	AGENT_SETTINGS_SAME = 0, /* nothing to do, and no text */
	AGENT_SETTINGS_ADDED,
	AGENT_SETTINGS_REPLACED, /* a command of a former version */
	AGENT_SETTINGS_REMOVED,
	AGENT_SETTINGS_KEPT, /* somebody changed the entry: it stays */
};

/*
 * Append the settings with the hook in them. *ret_entry: the entry of the event's list that holds
 * it now, in the pool. *ret_made: AGENT_MADE_*. The result, or an error that says what is wrong with
 * the text, without its name.
 */
int agent_settings_add(struct buf *ret, struct slice text, const struct agent_hook *hook,
		       struct pool *pool, const struct node **ret_entry, unsigned int *ret_made,
		       struct err *e) ATTR_CHECK;

/* The opposite: `entry` as it was added, and what was made for it. */
int agent_settings_remove(struct buf *ret, struct slice text, const struct agent_hook *hook,
			  const struct node *entry, unsigned int made, struct err *e) ATTR_CHECK;

/* The entry that holds the command, or NULL. `text` may be anything. 0 or -ENOMEM. */
int agent_settings_find(const struct node **ret, struct slice text, const struct agent_hook *hook,
			struct pool *pool) ATTR_CHECK;

#endif
