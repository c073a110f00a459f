/*
 * A command line as it may be shown and kept: secrets that its words carry are replaced by
 * "[REDACTED]" (spec 07 section 10). Best effort by name and shape. Pure; the words are any bytes.
 * Redacting what was redacted changes nothing.
 */
#ifndef BASE_REDACT_H
#define BASE_REDACT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/slice.h"

#define REDACT_TEXT "[REDACTED]"

struct redact_list {
	const char *const *item;
	size_t count;
};

/*
 * What the configuration changes (spec 07 section 10.3): names that are secret beside the built-in
 * ones, and built-in names that are not. Trimmed and not empty.
 */
struct redact_rules {
	struct redact_list flags, headers, query_keys;
	struct redact_list shown; /* built-in names that are not secret here, of any kind */
	struct redact_list variables;
};

/* What must be remembered from word to word; zeroed but for `rules` before the first one. */
struct redact {
	const struct redact_rules *rules; /* NULL: the built-in names alone */
	int next;			  /* enum of redact.c */
};

/* Append the word, without its secrets. 0 or -ENOMEM. */
int redact_word(struct redact *state, struct buf *b, const char *word) ATTR_CHECK;

/* Does an environment variable of this name carry a secret? Its name is not shown either. */
bool redact_is_secret_variable(struct slice name, const struct redact_rules *rules);

/*
 * The differences between the rules and the built-in names, in alphabetical order without regard
 * to case: the name behind `last` (NULL: the first) that was added to a set, or removed from it.
 * NULL at the end.
 */
enum redact_set {
	REDACT_FLAGS = 0,
	REDACT_HEADERS,
	REDACT_QUERY_KEYS,
	REDACT_VARIABLES,
	REDACT_SETS
};

const char *
redact_next_added(const struct redact_rules *rules, enum redact_set set, const char *last);
const char *
redact_next_removed(const struct redact_rules *rules, enum redact_set set, const char *last);

#endif
