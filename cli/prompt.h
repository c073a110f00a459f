/* The one question of the front end: may the program see the working directory? */
#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include "cli/out.h"

/* A policy_ask_fn; `context` is the struct out of standard error. Everything but yes is no. */
bool prompt_share_directory(void *context, const char *directory, unsigned int access);

/* One line from a descriptor, without a byte of what stands behind it: was it y or yes? */
bool prompt_read_yes(int fd);

#endif
