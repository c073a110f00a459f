/* A profile as a capability manifest (spec 02 section 21): what `--config` starts from again. */
#ifndef PROFILES_MANIFEST_WRITE_H
#define PROFILES_MANIFEST_WRITE_H

#include "plan/plan.h"
#include "profiles/inspect.h"
#include "profiles/profile.h"

/*
 * Append the JSON of a profile and of the plan that was made of it. What a manifest has no place
 * for is appended to `lost`, one key a line. Looks at which granted paths exist, and of what kind
 * they are. 0 or an error.
 */
int manifest_write(struct buf *json, struct buf *lost, const struct profile *p,
		   const struct plan *plan, const struct inspect *in, struct err *e) ATTR_CHECK;

#endif
