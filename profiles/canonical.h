/*
 * The one form of a profile that is hashed and compared over time (spec 03 B20): what it means once
 * everything is inherited, whatever the order and the layout it was written in. Name and description
 * mean nothing; paths stay as they are written; groups count by their names and the version of the
 * policy.
 */
#ifndef PROFILES_CANONICAL_H
#define PROFILES_CANONICAL_H

#include "base/sha256.h"
#include "profiles/profile.h"

/* Keys and lists without order sorted, no entry twice; in the pool. NULL when out of memory. */
struct node *profile_canonical(struct pool *pool, const struct profile *p) ATTR_CHECK;

/* The SHA-256 of it, written without blanks. 0 or -errno. */
int canonical_hash(char ret[SHA256_HEX_MAX], const struct node *form) ATTR_CHECK;

/* That of a profile: what `profile show --hash` prints. 0 or -errno. */
int profile_hash(char ret[SHA256_HEX_MAX], const struct profile *p) ATTR_CHECK;

/*
 * Replace what could be a secret, values of variables, by a sign of what it was: for a form that is
 * kept. 0 or -errno.
 */
int canonical_mask(struct pool *pool, struct node *form) ATTR_CHECK;

#endif
