/* The state file of this session, read from inside (spec 02 section 20). */
#ifndef CLI_STATE_H
#define CLI_STATE_H

#include "base/slice.h"
#include "plan/plan.h"
#include "profiles/policy.h"

/* What the file says beside the plan. */
struct state {
	int landlock_abi;
};

/*
 * Rebuild the plan that a text tells. Pure but for looking at what the grants name. 0 or an error
 * whose text begins with "SECURITY:"; `path` names the text in it.
 */
int state_parse(struct plan_builder *b, struct state *ret, struct slice text, const char *path,
		struct policy_notes *notes, struct err *e) ATTR_CHECK;

/*
 * Read the file that `path` names and rebuild its plan in `b`. 0 or an error whose text begins with
 * "SECURITY:" when the file is not one that a launch wrote. A grant whose object is gone is left
 * out, and noted as a warning.
 */
int state_read(struct plan_builder *b, struct state *ret, const char *path,
	       char *const *environment, struct policy_notes *notes, struct err *e) ATTR_CHECK;

#endif
