/*
 * A command line as it may be shown: secrets that its words carry are replaced (spec 02 section
 * 24.1). Pure; the words come from the user and may be any bytes.
 */
#ifndef CLI_REDACT_H
#define CLI_REDACT_H

#include "base/buf.h"

/* What must be remembered from word to word; zeroed before the first one. */
struct redact {
	int next; /* enum of redact.c */
};

/* Append the word, without its secrets. 0 or -ENOMEM. */
int redact_word(struct redact *state, struct buf *b, const char *word) ATTR_CHECK;

#endif
