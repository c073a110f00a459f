/* The end of a dry run: what would be started, for people or as JSON (spec 01 section 23.4). */
#ifndef CLI_DRYRUN_H
#define CLI_DRYRUN_H

#include "base/redact.h"
#include "cli/summary.h"

/* The rows behind the capability block. */
void dryrun_rows(struct out *o, const struct plan *p, const struct kernel *k,
		 const struct policy_notes *notes, const struct redact_rules *rules);

/* The object for standard output. 0 or -errno. */
int dryrun_json(struct buf *b, const struct plan *p, const struct kernel *k,
		const struct policy_notes *notes, const struct redact_rules *rules) ATTR_CHECK;

#endif
