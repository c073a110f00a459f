/*
 * Text for people: collected in memory, written in one piece. Colours are decided per stream;
 * whatever came from outside is passed as an argument of out_text() and loses its control bytes.
 */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "cli/theme.h"

struct out {
	int fd;
	enum color_depth depth;
	const struct theme *theme;
	bool quiet; /* --silent: nothing is written but errors */
	bool failed;
	struct buf text;
};

/* `when`: auto, always, never; NULL is auto. The theme is the default one until out.theme is set. */
void out_init(struct out *o, int fd, const char *when, char *const *environment);
void out_clear(struct out *o);

/* The same text with and without colour. Nothing happens when quiet. */
void out_puts(struct out *o, const char *text);
void out_putf(struct out *o, const char *fmt, ...) ATTR_PRINTF(2, 3);
void out_role(struct out *o, enum role role, bool bold, const char *text);

/* Foreign text, made printable. */
void out_text(struct out *o, const char *text);

/* Text on a coloured ground; plain: the same characters. */
void out_badge(struct out *o, enum role role, const char *text);

/* "  warning: TEXT", TEXT foreign. */
void out_warning(struct out *o, const char *text);

/* A line about an old name or the like: "warning:" and "Warning:" are marked. */
void out_warning_line(struct out *o, const char *line);

/* On a terminal, cut the lines collected from `from` (an offset into o->text) on to its width. */
void out_cut(struct out *o, size_t from);

/*
 * Write what was collected: 0 or -errno. -EPIPE: the reader left, which is no error for a
 * listing.
 */
int out_flush(struct out *o);

/* "nono: TEXT" or, for usage errors, "error: TEXT"; written although quiet. */
void out_error(struct out *o, const struct err *e);

#endif
