/* The question at the end of `nono learn`: shall this be a profile? */
#ifndef CLI_LEARN_SAVE_H
#define CLI_LEARN_SAVE_H

#include "cli/out.h"
#include "learn/classify.h"
#include "learn/trace.h"
#include "profiles/policy.h"

struct learn_save {
	const struct classification *c;
	const struct trace_result *trace;
	const struct words *command;
	const char *profile; /* of --profile, or NULL */
	const char *home;
	char *const *environment;
};

/*
 * Ask on the terminal, and write. Silent where nothing is to be saved or nobody can answer. 0 or an
 * error; a no is none.
 */
int learn_save(struct out *o, const struct learn_save *s, struct err *e) ATTR_CHECK;

#endif
