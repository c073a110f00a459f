/* The parts of the footer: how it ended and why (footer.c), lists and words (footer_parts.c). */
#ifndef RECORD_FOOTER_H
#define RECORD_FOOTER_H

#include "record/internal.h"

struct footer {
	struct buf *b;
	const struct session *session;
	const struct verdict *verdict;
	bool failed; /* out of memory */
};

enum { SIGNAL_TEXT_BYTES = 16 };

/* The name of a signal, in `text`; NULL when it has none. */
const char *footer_signal(unsigned int number, char text[static SIGNAL_TEXT_BYTES]);

/* "read", "write", "read+write". */
const char *footer_access(unsigned int access);

void footer_puts(struct footer *f, const char *text);
void footer_putf(struct footer *f, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* A blank line between blocks. */
void footer_block(struct footer *f);

/* Foreign text, made printable; the second ends the line, the third is quoted for a shell. */
void footer_foreign(struct footer *f, const char *text);
void footer_text_line(struct footer *f, const char *text);
void footer_quoted(struct footer *f, const char *word);

/*
 * A line of the program's output, cut when it is long, in quotes when it could be taken for one of
 * ours; and the end of the line.
 */
void footer_line(struct footer *f, struct slice line);

void footer_flag(struct footer *f, const struct grant_flag *flag);

/* Did the broker see refusals itself? */
bool footer_has_records(const struct footer *f);

void footer_sockets(struct footer *f);
void footer_paths(struct footer *f);
void footer_policy(struct footer *f);

#endif
