/*
 * The profile that a project brings along (spec 03 B24): .nono/profile.json, in the working directory
 * or above it up to the top of the repository. Whoever can write the project could write what it is
 * granted next: it is only looked for when asked for, and only used as somebody saw it and said yes.
 */
#ifndef CLI_PROJECT_PROFILE_H
#define CLI_PROJECT_PROFILE_H

#include "cli/out.h"
#include "profiles/profile.h"

struct project_request {
	const char *workdir; /* NULL: the present directory */
	char *const *environment;
	unsigned int flags; /* PROFILE_* */
	bool ask;	    /* a person may be asked */
	struct out *out;
};

/* Find, load and approve it. *ret_path: its file, in the pool. 0 or an error. */
int project_profile_load(struct profile **ret, const char **ret_path, struct pool *pool,
			 const struct project_request *rq, struct policy_notes *notes,
			 struct err *e) ATTR_CHECK;

#endif
