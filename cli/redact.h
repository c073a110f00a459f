/*
 * A command line as it may be shown: secrets that its words carry are replaced (spec 02 section
 * 24.1). Pure; the words come from the user and may be any bytes.
 */
#ifndef CLI_REDACT_H
#define CLI_REDACT_H

#include "base/buf.h"

/* What the configuration changes: names beside the built-in ones, and names to show although. */
struct redact_list {
	const char *const *item;
	size_t count;
};

struct redact_rules {
	struct redact_list flags, headers, query_keys;
	struct redact_list shown; /* built-in names that are not secret here */
};

/* What must be remembered from word to word; zeroed but for `rules` before the first one. */
struct redact {
	const struct redact_rules *rules; /* NULL: the built-in names alone */
	int next;			  /* enum of redact.c */
};

/* Append the word, without its secrets. 0 or -ENOMEM. */
int redact_word(struct redact *state, struct buf *b, const char *word) ATTR_CHECK;

#endif
