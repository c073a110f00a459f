/* What was learned, for people. */
#ifndef CLI_LEARN_TEXT_H
#define CLI_LEARN_TEXT_H

#include "cli/out.h"
#include "learn/classify.h"
#include "learn/trace.h"

struct learn_text {
	const struct classification *c;
	const struct trace_result *trace;
	const char *const *command; /* its words */
	size_t words;
	bool all;	     /* list what needs no grant, too */
	const char *profile; /* of --profile, or NULL */
	bool allow_cwd;	     /* `nono run` would ask for the working directory */
	const char *refused; /* why `nono run` would not start with these flags, or NULL */
};

/* The report (spec 03 section 14.4). */
void learn_text_report(struct out *o, const struct learn_text *t);

/* How the command ended, and what the report may lack. */
void learn_text_end(struct out *o, const struct trace_result *trace);

#endif
