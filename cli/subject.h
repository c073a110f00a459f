/*
 * A path as the kernel would meet it: where its links lead, which objects lie above it, and what
 * its modes say to this user. Looks, opens nothing for reading.
 */
#ifndef CLI_SUBJECT_H
#define CLI_SUBJECT_H

#include "base/attr.h"
#include "base/buf.h"
#include "plan/plan.h"

enum { SUBJECT_DEPTH_MAX = 2048 }; /* components of a path of PLAN_PATH_MAX bytes */

struct subject {
	const char *raw;  /* as it was asked for, borrowed */
	struct buf typed; /* the same, absolute */
	struct buf path;  /* canonical; of a dangling link, where it leads */
	struct plan_identity chain[SUBJECT_DEPTH_MAX];
	size_t chain_count;
	size_t missing;	   /* names at the end that cannot be seen */
	unsigned int type; /* S_IFMT bits of the object, 0 when it is missing */
};

/* 0, -ENOMEM, -ENAMETOOLONG, -ELOOP. Cleared with subject_clear() in every case. */
int subject_look(struct subject *ret, const char *cwd, const char *path) ATTR_CHECK;
void subject_clear(struct subject *p);

/*
 * Would owner, mode, or the file system itself refuse this? 0 or -errno. A missing path is written
 * by creating it, and so is a name in a directory.
 */
int subject_check_mode(const struct subject *p, unsigned int access);

/* The nearest existing directory at or above the path; never NULL. Appended. */
int subject_nearest(struct buf *b, const struct subject *p) ATTR_CHECK;

/* What each grant of the plan opens now, in an array for plan_query_object(); NULL: no memory. */
struct plan_identity *subject_grants(const struct plan *p) ATTR_CHECK;

#endif
