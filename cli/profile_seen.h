/*
 * What each profile meant when something was last started under it (spec 03 B20): a change between
 * two starts is told, and can be looked at. <state>/profile-seen/ has a file for each profile, which
 * no session can write.
 */
#ifndef CLI_PROFILE_SEEN_H
#define CLI_PROFILE_SEEN_H

#include "profiles/profile.h"

/*
 * Compare the profile with what was seen at the last start, tell a difference in `notes`, remember
 * it. `state` is nono's directory for its state. Only memory can fail: who cannot remember is told
 * nothing.
 */
int seen_compare(const struct profile *p, const char *state, struct policy_notes *notes,
		 struct err *e) ATTR_CHECK;

/*
 * The form before the last change: of what was seen when the profile has changed since, else of what
 * was seen before that. In the pool; 0, or an error when there is none.
 */
int seen_previous(struct node **ret, struct pool *pool, const struct profile *p, const char *state,
		  struct err *e) ATTR_CHECK;

/* Refuse a profile that means something else than the SHA-256 says. */
int seen_expect(const struct profile *p, const char *hex, struct err *e) ATTR_CHECK;

#endif
