/*
 * Hooks of profiles that were named by a path: a cloned repository must not run programs by being
 * named on a command line. Its user says yes once for each script as it is (spec 03 15.2, B13).
 */
#ifndef CLI_HOOK_TRUST_H
#define CLI_HOOK_TRUST_H

#include "base/attr.h"
#include "base/err.h"
#include "cli/out.h"
#include "profiles/node.h"

struct hook_trust {
	const char *script;
	int fd;		   /* of hook_open() */
	const char *state; /* nono's state directory */
	const char *profile;
	struct out *out;
	int prompt_ms; /* for the answer; -1: any time */
};

/* 0 when it was approved before or is now; -EPERM, or another error. */
int hook_trust_check(const struct hook_trust *t, struct err *e) ATTR_CHECK;

/* What was approved, an array of {"path", "sha256"} in the pool; NULL: nothing. 0 or an error. */
int hook_approvals(const struct node **ret, struct pool *pool, const char *state,
		   struct err *e) ATTR_CHECK;

/* Forget what was approved of this script: 1, 0 when nothing was, or an error. */
int hook_approvals_revoke(const char *state, const char *script, struct err *e) ATTR_CHECK;

#endif
