/* The lines in which two texts differ, with a few around them. */
#ifndef CLI_LINE_DIFF_H
#define CLI_LINE_DIFF_H

#include "base/slice.h"
#include "cli/out.h"

/* Append lines marked '-' (only in `a`), '+' (only in `b`) and ' '. 0 or -ENOMEM. */
int line_diff(struct out *o, struct slice a, struct slice b) ATTR_CHECK;

#endif
