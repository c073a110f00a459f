/* The example profiles that `nono setup --profiles` writes, compiled from profiles/data/examples/. */
#ifndef PROFILES_EXAMPLES_H
#define PROFILES_EXAMPLES_H

#include "profiles/presets.h"

extern const struct preset examples_table[];
extern const size_t examples_count;

#endif
