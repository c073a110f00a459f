/* What `nono setup` says about profiles, and the examples that it writes. */
#ifndef CLI_SETUP_PROFILES_H
#define CLI_SETUP_PROFILES_H

#include <stdbool.h>

#include "base/err.h"
#include "cli/out.h"

/* A line for each profile that comes with nono. */
void setup_put_presets(struct out *o);

/*
 * Write the examples into the user's profiles, a line each. A file that exists stays, unless `force`
 * is given. 0 or an error.
 */
int
setup_write_examples(struct out *o, bool force, char *const *environment, struct err *e) ATTR_CHECK;

#endif
