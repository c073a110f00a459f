/*
 * What a person said yes to, once for each file as it is: a path and the SHA-256 of its bytes. Kept in
 * the directory for nono's state, which no session is ever granted.
 */
#ifndef CLI_APPROVALS_H
#define CLI_APPROVALS_H

#include "base/attr.h"
#include "base/err.h"
#include "profiles/node.h"

/* The approvals there are in this file of `state`, in the pool; NULL: none. 0 or an error. */
int approvals_read(struct node **ret, struct pool *pool, const char *state, const char *file,
		   struct err *e) ATTR_CHECK;

/* Is the path approved with this hash, or, where that is NULL, with any? Takes NULL. */
bool approvals_have(const struct node *approvals, const char *path, const char *hash);

/* All that there are but those of `path`, and that with `hash` unless it is NULL. 0 or an error. */
int approvals_write(const char *state, const char *file, const struct node *old, const char *path,
		    const char *hash, struct err *e) ATTR_CHECK;

#endif
