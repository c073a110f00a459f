/* What all questions about saving a profile have in common: the terminal, a name, how to use it. */
#ifndef CLI_SAVE_NAME_H
#define CLI_SAVE_NAME_H

#include "base/attr.h"
#include "cli/out.h"
#include "profiles/policy.h"

enum { SAVE_SUGGESTION_MAX = 64 };

/* The terminal, when standard error is one and we may read it; else -1. */
int save_open_terminal(void) ATTR_CHECK;

/* `base`-local for a built-in base, else the program in the letters of a name; "" for none. */
void save_suggest_name(char text[SAVE_SUGGESTION_MAX], const char *base, const char *program);

/* "Run with: ...", the command without its secrets. */
void save_put_run_line(struct out *o, const struct words *command, const char *name);

#endif
