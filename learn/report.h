/* What was learned, for programs: JSON, a profile, and lines for later comparison. */
#ifndef LEARN_REPORT_H
#define LEARN_REPORT_H

#include "base/buf.h"
#include "learn/classify.h"
#include "learn/net.h"
#include "learn/trace.h"

/* "--read-file" and so on: the flag that grants a finding. */
const char *report_flag(const struct finding *f);

/* Can this path stand in a profile, which expands "$" and holds UTF-8? */
bool report_can_be_written(const char *path);

/* Why the observations may have holes, i-th of the reasons that hold; NULL behind the last. */
const char *report_hole(const struct trace_result *t, size_t i);

/* The object of `nono learn --json` (spec 03 section 14.4). 0 or -ENOMEM. */
int
report_json(struct buf *b, const struct classification *c, const struct trace_result *t) ATTR_CHECK;

struct report_profile {
	const char *name, *description; /* name NULL: a nameless one, to be printed */
	const char *base;		/* `extends`, or NULL */
	const char *home;		/* paths below it are written as ~/ */
	bool strict;			/* must be plain JSON: no comments */
	bool bypass;			/* sensitive paths are granted with their bypass */
};

/*
 * A profile that loads. Sensitive paths are comments, unless `bypass`; with `strict` they are left
 * out instead. 0 or -ENOMEM.
 */
int report_profile(struct buf *b, const struct report_profile *p, const struct classification *c,
		   const struct trace_result *t) ATTR_CHECK;

struct report_record {
	const char *profile; /* what it was compared with */
	const char *command_sha256, *started;
	bool sandboxed;
};

/* Lines of JSON: a head, then one for each observation (spec 03 section 14.5). 0 or -ENOMEM. */
int report_record(struct buf *b, const struct report_record *h,
		  const struct trace_result *t) ATTR_CHECK;

#endif
