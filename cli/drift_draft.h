/*
 * `profile drift --write`: a draft of the profile without what was not used. The text stays as its
 * writer left it but for the entries that change; what is inherited is left alone.
 */
#ifndef CLI_DRIFT_DRAFT_H
#define CLI_DRIFT_DRAFT_H

#include "cli/cmd_profile.h"

/* One entry of a list; without `list` and `path` it goes. */
struct drift_change {
	const struct node *node;
	const char *list; /* dotted: it moves there */
	const char *path; /* it is written so */
};

/*
 * Write the draft `name` of `p`, with the hash of the text that it was made from where promoting it
 * will ask for that. Several changes of one entry are one. 0 or an error.
 */
int drift_draft_write(struct listing *l, const struct profile *p, const char *name,
		      const struct drift_change *changes, size_t count, struct err *e) ATTR_CHECK;

#endif
