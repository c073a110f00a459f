/*
 * screen/: what the sandboxed program prints, on its way to the terminal. Pure: no descriptor, no
 * clock, no global. One struct screen per session with a PTY; nono-screen's main loop reads the
 * PTY, calls screen_feed() and writes what came out.
 *
 * What stands behind it, in the order the bytes meet it:
 *
 *   lexer      cuts the stream into text, controls, escape sequences and strings
 *   filter     passes, holds back until complete, or drops (spec 04 section 6.9)
 *   modes      what the passed sequences switched on in the terminal (6.7)
 *   backlog    passed bytes that the model has not seen yet
 *   model      the two grids and the history, for repainting (6.11); libvterm does the arithmetic
 *
 * The terminal never sees the beginning of a sequence whose end is not decided yet, except inside
 * an image that is being streamed: between two calls of screen_feed() the terminal is in its
 * ground state, and a prompt may be painted.
 */
#ifndef SCREEN_SCREEN_H
#define SCREEN_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/slice.h"

enum {
	SCREEN_SIDE_MAX = 1000,	     /* rows and columns of the model; larger is clamped */
	SCREEN_COLS_MIN = 2,	     /* a wide character must fit; smaller is clamped */
	SCREEN_HISTORY_ROWS = 10000, /* default and maximum of screen_limit_history() */
	/* The history forgets its oldest rows above this; the process stays within 32 MiB. */
	SCREEN_HISTORY_BYTES = 24 << 20,
	SCREEN_HOLD_MAX = (64 << 10) + 64, /* longest sequence that is held back to be judged */
	SCREEN_REPAINT_MAX = 4 << 20,
	SCREEN_DUMP_MAX = 1 << 20,
	SCREEN_REPLIES_MAX = 4 << 10, /* answers to queries that nobody has fetched */
};

enum screen_filter {
	SCREEN_FILTER_STANDARD,
	SCREEN_FILTER_STRICT,
	SCREEN_FILTER_OFF, /* everything passes at once; the state is followed all the same */
};

struct screen;

/* NULL when out of memory. Sizes of 0 become 24 rows, 80 columns. */
struct screen *screen_new(unsigned int rows, unsigned int cols, enum screen_filter level);
void screen_free(struct screen *s);

/* Keep fewer rows of what scrolls out of the main screen; before the first screen_feed(). */
void screen_limit_history(struct screen *s, unsigned int rows);

/*
 * Take bytes of the program; append to `out` what goes to the terminal. Any chunking gives the
 * same output in total. 0 or -ENOMEM (the session cannot go on: bytes may have been lost).
 */
int screen_feed(struct screen *s, const unsigned char *in, size_t n, struct buf *out) ATTR_CHECK;

/*
 * The program has ended: what is held back and is mere text comes out, the rest is dropped. 0 or
 * -ENOMEM.
 */
int screen_finish(struct screen *s, struct buf *out) ATTR_CHECK;

/*
 * Let the model catch up by a bounded piece (about a millisecond). Call when there is nothing to
 * relay. 1: there is more to do, 0: done, or -ENOMEM.
 */
int screen_idle(struct screen *s) ATTR_CHECK;

/* Zero or the present size changes nothing. 0 or -ENOMEM (the old size stays). */
int screen_resize(struct screen *s, unsigned int rows, unsigned int cols) ATTR_CHECK;

/*
 * No terminal is attached: queries are answered from the model (section 6.8). The answers wait in
 * screen_replies() until screen_replies_clear(); what does not fit is dropped.
 */
void screen_set_attached(struct screen *s, bool attached);
struct slice screen_replies(const struct screen *s);
void screen_replies_clear(struct screen *s);

/* The version in the answer to XTVERSION; the string must stay alive. */
void screen_set_version(struct screen *s, const char *version);

bool screen_on_alternate(const struct screen *s);
/* The program has been on the alternate screen (startup timeout, section 6.12). */
bool screen_was_alternate(const struct screen *s);
/* The program has printed something a user can see. */
bool screen_has_output(const struct screen *s);
/* Synchronized output is on: the caller ends it after 150 ms with screen_end_synchronized(). */
bool screen_is_synchronized(const struct screen *s);
int screen_end_synchronized(struct screen *s, struct buf *out) ATTR_CHECK;
/* The last title, "" when none was set. Untrusted text without control characters. */
const char *screen_title(const struct screen *s);

/* The cursor, from 0. Lets the model catch up: 0 or -ENOMEM. */
int screen_cursor(struct screen *s, unsigned int *row, unsigned int *col) ATTR_CHECK;

/*
 * Give the terminal back: end an image that is being streamed, switch off what is known to be on
 * and nothing else (section 6.3), bring back the title if the program has set one. Leaves the alternate screen when the program is on it; never on the main screen, and never a
 * clear unless SCREEN_LEAVE_CLEAR is asked for and the alternate screen was left. With
 * SCREEN_LEAVE_FINAL also the line end that a last line lacks, and erases what is right of and
 * below it: the broker's own output follows. 0 or -ENOMEM.
 *
 * The screen still holds what the program had switched on: screen_repaint() brings it back.
 */
enum {
	SCREEN_LEAVE_CLEAR = 1 << 0, /* detach, suspend */
	SCREEN_LEAVE_FINAL = 1 << 1,
};
int screen_leave(struct screen *s, unsigned int flags, struct buf *out) ATTR_CHECK;

/*
 * Before a prompt: cut an image that is being streamed, end synchronized output, switch off what
 * would disturb reading keys and painting. The caller stops the screen afterwards. 0 or -ENOMEM.
 */
int screen_settle(struct screen *s, struct buf *out) ATTR_CHECK;

/*
 * The shell has the keyboard: kitty's key modes, which stack up, are noted and not passed on, and
 * screen_repaint() leaves the modes of the main screen alone. What filters nothing knows no tokens
 * and passes them on all the same.
 */
void screen_set_background(struct screen *s, bool background);

enum screen_paint {
	/*
	 * The shell has used the main screen since: keys, pen and colours, but nothing that moves
	 * the cursor. Margins and origin mode are over.
	 */
	SCREEN_PAINT_MODES,
	SCREEN_PAINT_STATE,   /* modes, margins, pen, cursor: the cells are still there */
	SCREEN_PAINT_VISIBLE, /* also the cells of the screen that is shown */
	SCREEN_PAINT_FRESH,   /* a terminal that knows nothing: history, both screens */
};
/* At most SCREEN_REPAINT_MAX bytes in one synchronized update. 0 or -ENOMEM. */
int screen_repaint(struct screen *s, enum screen_paint what, struct buf *out) ATTR_CHECK;

/* History and visible cells as UTF-8 lines, the newest SCREEN_DUMP_MAX bytes. 0 or -ENOMEM. */
int screen_dump(struct screen *s, struct buf *out) ATTR_CHECK;

#endif
