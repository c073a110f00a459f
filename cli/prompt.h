/* The one question of the front end: may the program see the working directory? */
#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include "cli/out.h"

struct prompt {
	struct out *out; /* standard error */
	int limit_ms;	 /* for the answer, as poll(2) takes it */
};

/* A policy_ask_fn; `context` is a struct prompt. Everything but yes is no. */
bool prompt_share_directory(void *context, const char *directory, unsigned int access);

/*
 * One line from a descriptor, cut to `size`, byte by byte: what stands behind it belongs to others.
 * Its length, or -EIO at the end of the input.
 */
int prompt_read_line(int fd, char *line, size_t size) ATTR_CHECK;

/* Was the line y or yes? */
bool prompt_read_yes(int fd);

/* What `o` holds is the question: did the answer come in that time (-1: in any), and was it yes? */
bool prompt_ask_yes(struct out *o, int tty, int limit_ms);

#endif
