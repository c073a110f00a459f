/* The scripts that profiles may name in `hooks`, compiled from profiles/data/hooks/. */
#ifndef PROFILES_HOOK_SCRIPTS_H
#define PROFILES_HOOK_SCRIPTS_H

#include "profiles/presets.h"

extern const struct preset hook_scripts_table[];
extern const size_t hook_scripts_count;

#endif
