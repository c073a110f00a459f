/*
 * For commands that show policies instead of applying them: what a path means on this machine, for
 * this user. Looks at the environment and the home directory, and at nothing that a path names.
 */
#ifndef PROFILES_INSPECT_H
#define PROFILES_INSPECT_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

struct inspect;

/* 0 or an error; the caller frees the result. */
int inspect_open(struct inspect **ret, char *const *environment, struct err *e) ATTR_CHECK;
void inspect_free(struct inspect *in);

/*
 * Append a path as a group or a profile writes it with its variables replaced. 0, -ENOMEM, or
 * another error when the launch would refuse or skip it.
 */
int
inspect_expand(struct buf *b, const struct inspect *in, const char *text, struct err *e) ATTR_CHECK;

/* The working directory; the home directory. */
const char *inspect_workdir(const struct inspect *in);
const char *inspect_home(const struct inspect *in);

#endif
