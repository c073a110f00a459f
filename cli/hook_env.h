/* What a session hook exports: lines KEY=VALUE in a file of its own (spec 03 15.2). Pure. */
#ifndef CLI_HOOK_ENV_H
#define CLI_HOOK_ENV_H

#include <stdbool.h>

#include "base/slice.h"

enum { HOOK_ENV_BYTES_MAX = 1 << 20 };

/*
 * The next entry, "KEY=VALUE" without blanks around it; the text is moved behind it. Blank lines,
 * comments and lines without a name before '=' are skipped. False at the end.
 */
bool hook_env_next(struct slice *text, struct slice *ret);

#endif
