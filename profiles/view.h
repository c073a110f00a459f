/*
 * A profile as it is shown: every key that has a value, in the order and the shape of spec 03
 * section 12.3, so that two profiles that mean the same give the same bytes. What is compared,
 * printed and hashed is this tree.
 */
#ifndef PROFILES_VIEW_H
#define PROFILES_VIEW_H

#include "profiles/profile.h"

/* The tree, in the pool; NULL when out of memory. Its nodes know where they were written. */
struct node *profile_view(struct pool *pool, const struct profile *p) ATTR_CHECK;

/* Loadable and without `extends`: everything that was inherited is in it. */
struct node *profile_view_flat(struct pool *pool, const struct profile *p) ATTR_CHECK;

/*
 * Append where an entry comes from, "preset claude-code", "/path/x.json:12", and behind a "; also"
 * the others that wrote it. 0 or -ENOMEM.
 */
int view_origin(struct buf *b, const struct node *n) ATTR_CHECK;

#endif
