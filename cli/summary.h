/* What the plan grants on this kernel, for people (spec 01 section 23). */
#ifndef CLI_SUMMARY_H
#define CLI_SUMMARY_H

#include "cli/out.h"
#include "launch/launch.h"
#include "plan/plan.h"
#include "profiles/policy.h"

void summary_banner(struct out *o);

/* Warnings, skipped paths, notices; INFO only when verbose, WOULD_FAIL not here. */
void summary_notes(struct out *o, const struct policy_notes *notes, unsigned int verbosity);

/* The capability block, and behind it what this kernel lacks. */
void summary_capabilities(struct out *o, const struct plan *p, const struct kernel *k);

/* "requested, enforced" and so on, of the two scopes of spec 02 section 9. */
const char *summary_scope(bool requested, const struct kernel *k);

/* Name of the i-th Landlock feature that this kernel lacks, and its effect; NULL behind the last. */
const char *summary_missing(const struct kernel *k, size_t i, const char **ret_effect);

/* Names for --json and for rows. */
const char *summary_source(unsigned int source);

#endif
