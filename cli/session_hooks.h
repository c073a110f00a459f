/*
 * The scripts of a profile around a session of `nono run` (spec 03 15.2). They run with the user's
 * full rights, outside of the sandbox, which is why B13 asks whose they are. A failure is told and
 * the session goes on, unless the profile says `required`.
 */
#ifndef CLI_SESSION_HOOKS_H
#define CLI_SESSION_HOOKS_H

#include <stdbool.h>

#include "base/sha256.h"
#include "cli/out.h"
#include "plan/plan.h"
#include "profiles/profile.h"

enum { SESSION_ID_MAX = 32 };

struct session_hooks {
	const struct profile *profile;
	char *const *environment;
	struct out *out;
	int prompt_ms; /* for the answer to a question; -1: any time */
	bool skipped;  /* not `nono run`: they are not run, which is said */
	char session_id[SESSION_ID_MAX];
	struct buf workdir;
	bool after_known; /* what the script for `after` was before the session */
	unsigned char after_hash[SHA256_BYTES];
};

/* Does the profile have any? */
bool session_hooks_wanted(const struct profile *p);

/*
 * Run the script for `before`, and put what it exports into the plan that is being built. Fills
 * session id and directory (the caller clears it) from there. 0 or an error.
 */
int session_hooks_before(struct session_hooks *h, struct plan_builder *b, struct err *e) ATTR_CHECK;

/*
 * Refuse scripts that the program of this plan could write: it would run without a sandbox next
 * time. Then, when there is a script for `after`, become the parent of the session: returns 0 in the
 * process that goes on to the session, and in no other. Or an error.
 */
int
session_hooks_stay(const struct session_hooks *h, const struct plan *p, struct err *e) ATTR_CHECK;

#endif
