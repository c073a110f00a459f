/* <state>/agent-hooks.json: what nono added to the settings of agents. */
#ifndef PROFILES_AGENT_RECORD_H
#define PROFILES_AGENT_RECORD_H

#include "base/err.h"
#include "base/sha256.h"
#include "profiles/node.h"

struct agent_row {
	const char *target, *script, *sha256; /* script: its path */
	const char *settings, *event, *matcher, *command;
	const struct node *entry; /* of the event's list, as it was added */
	unsigned int made;	  /* AGENT_MADE_* of agent_settings.h */
	struct agent_row *next;
};

struct agent_record {
	struct pool *pool;
	const char *state; /* directory */
	int lock;	   /* or -1 */
	struct agent_row *first;
};

/* Read it, empty when there is none; `lock`: to be written. 0 or an error. */
int agent_record_open(struct agent_record *r, struct pool *pool, bool lock,
		      char *const *environment, struct err *e) ATTR_CHECK;
int agent_record_write(const struct agent_record *r, struct err *e) ATTR_CHECK;
void agent_record_close(struct agent_record *r);

/* Put a row in the place of the one for the same settings, event and command. */
void agent_record_set(struct agent_record *r, struct agent_row *row);
void agent_record_drop(struct agent_record *r, const struct agent_row *row);

#endif
