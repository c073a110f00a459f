/* The one question of the front end: may the program see the working directory? */
#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include "cli/out.h"

/* A policy_ask_fn; `context` is the struct out of standard error. Everything but yes is no. */
bool prompt_share_directory(void *context, const char *directory, unsigned int access);

/*
 * One line from a descriptor, cut to `size`, byte by byte: what stands behind it belongs to others.
 * Its length, or -EIO at the end of the input.
 */
int prompt_read_line(int fd, char *line, size_t size) ATTR_CHECK;

/* Was the line y or yes? */
bool prompt_read_yes(int fd);

#endif
