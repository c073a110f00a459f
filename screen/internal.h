/* Shared inside screen/ only. */
#ifndef SCREEN_INTERNAL_H
#define SCREEN_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "screen/screen.h"

/* ---- scan.c: runs of plain text ---- */

/* Bytes at the start that are printable ASCII, BS, HT, LF or CR. */
size_t scan_plain(const unsigned char *p, size_t n);

/* What a run of text does to rows, as far as bytes tell it. */
struct scan_lines {
	size_t lines; /* LF */
	/* Nothing but printable ASCII and CR LF pairs: then every column costs one byte. */
	bool pure;
	bool cr; /* the last byte was a CR; set before the call to what the run follows */
};

/* Adds to *s. */
void scan_lines(struct scan_lines *s, const unsigned char *p, size_t n);

/* Bytes of the well-formed character that begins with this byte, which is not ASCII. */
static inline size_t
char_bytes(unsigned char lead)
{
	return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* ---- lex.c: bytes to tokens ---- */

enum {
	LEX_PARAMS_MAX = 64,
	LEX_TEXT_MAX = 4096,	 /* of a string; the rest is skipped but counted */
	LEX_SEQUENCE_MAX = 1024, /* bytes of a control sequence; longer ones are malformed */
	LEX_VALUE_MAX = 65535,	 /* larger parameters become this */
};

enum lex_type {
	LEX_MORE,     /* inside something that has not ended */
	LEX_TEXT,     /* characters, BS, HT, LF, CR */
	LEX_BROKEN,   /* bytes that are not UTF-8 and no C1 */
	LEX_CONTROL,  /* `byte`: another C0, DEL; `inside`: it came within an escape sequence */
	LEX_C1,	      /* `byte`: a single C1 control, 0x80-0x9f */
	LEX_ESC,      /* `intermediate`, `byte` */
	LEX_CSI,      /* `private`, params, `intermediate`, `byte` */
	LEX_DCS_HEAD, /* as LEX_CSI: the device control string begins, its text follows */
	LEX_STRING,   /* a whole string: `string`, `text`; for DCS also the head */
	LEX_ABORT,    /* what had begun is void; `restart`: but for an ESC, which was taken */
};

enum lex_string { LEX_OSC = 1, LEX_DCS, LEX_APC, LEX_PM, LEX_SOS, LEX_TITLE };

/* How a sequence was introduced or a string ended. */
enum lex_form { LEX_SEVEN_BIT, LEX_BELL, LEX_RAW, LEX_ENCODED };

struct token {
	enum lex_type type;
	unsigned char byte;
	unsigned char private; /* one of < = > ?, or 0 */
	unsigned char intermediate[2];
	bool inside;
	bool restart;
	bool malformed; /* no terminal agrees on its meaning: do not pass */
	bool saturated; /* a parameter was larger than LEX_VALUE_MAX */
	bool broken;	/* a C1 right behind broken UTF-8 */
	enum lex_string string;
	enum lex_form form; /* of the introducer */
	enum lex_form end;  /* of a string */
	unsigned int count; /* parameters */
	uint64_t given;	    /* bit per parameter: it has digits */
	uint64_t sub;	    /* bit per parameter: a ':' stands before it */
	uint16_t param[LEX_PARAMS_MAX];
	size_t bytes; /* of the string's text in all */
	size_t kept;
	unsigned char text[LEX_TEXT_MAX + 1];
};

enum lex_state {
	LEX_IN_GROUND,
	LEX_IN_UTF8,
	LEX_IN_ESC,
	LEX_IN_HEAD, /* of CSI or DCS */
	LEX_IN_STRING,
	LEX_IN_STRING_ESC,
};

struct lex {
	enum lex_state state;
	bool plain_c1;	    /* C1 controls are single bytes and introduce nothing */
	bool intermediates; /* in a head: the parameters are over */
	bool after_broken;  /* set by the owner: what passed last was broken UTF-8 */
	unsigned int head;  /* bytes of the sequence so far */
	unsigned char utf8[4];
	unsigned int utf8_n;
	struct token t;
};

void lex_init(struct lex *l, bool plain_c1);

/*
 * Take bytes until a token is complete or they are used up: the number taken (0 when the token
 * ended before the first one), and l->t. Call again while bytes are left. All bytes taken since
 * the token began belong to it; an `inside` control is the last byte taken.
 */
size_t lex_next(struct lex *l, const unsigned char *in, size_t n);

/* In the middle of a sequence, a string or a character. */
bool lex_is_inside(const struct lex *l);

/* The parameter, or `missing` when it is not there or empty. */
unsigned int token_param(const struct token *t, unsigned int i, unsigned int missing);

/* A CSI without intermediates: "CSI private ... final". */
bool token_is_csi(const struct token *t, char private, char final);

/* ---- style.c: colours and attributes ---- */

enum {
	STYLE_BOLD = 1 << 0,
	STYLE_FAINT = 1 << 1,
	STYLE_ITALIC = 1 << 2,
	STYLE_BLINK = 1 << 3,
	STYLE_REVERSE = 1 << 4,
	STYLE_HIDDEN = 1 << 5,
	STYLE_STRIKE = 1 << 6,
	STYLE_OVERLINE = 1 << 7,
	STYLE_UNDERLINE_SHIFT = 8, /* 3 bits: 0 none, 1 single ... 5 dashed (SGR 4:n) */
	STYLE_UNDERLINE = 7 << STYLE_UNDERLINE_SHIFT,
	STYLE_PROTECTED = 1 << 11, /* DECSCA; not a matter of SGR */

	COLOUR_DEFAULT = 0,
	COLOUR_INDEX = 1 << 24, /* | 0-255 */
	COLOUR_RGB = 2 << 24,	/* | 0xrrggbb */
};

struct style {
	uint32_t fg, bg, ul;
	uint16_t attr;
	uint16_t link; /* 0: none */
};

_Static_assert(sizeof(struct style) == 16, "no padding: styles are compared as bytes");

static inline bool
style_equal(const struct style *a, const struct style *b)
{
	return __builtin_memcmp(a, b, sizeof(*a)) == 0;
}

static inline bool
style_is_default(const struct style *a)
{
	static const struct style plain;

	return style_equal(a, &plain);
}

/* Apply a CSI m. The link stays. */
void style_apply(struct style *p, const struct token *t);

/* The sequence that makes any pen this one. 0 or -ENOMEM. */
int style_emit(struct buf *out, const struct style *p) ATTR_CHECK;

/* ---- modes.c, reset.c: what the terminal was told ---- */

enum {
	MODES_TITLE_MAX = 1024,
	MODES_KITTY_MAX = 8,
	MODES_TITLES_MAX = 10, /* as many as xterm keeps */
	MODES_PALETTE = 256,
	MODES_COLOURS = 10, /* OSC 10-19: text, background, cursor, ... */

	PALETTE_UNKNOWN = 3 << 24, /* set to something that is not a plain RGB colour */
};

/* The DEC private modes that are followed, each a bit. modes.c has their numbers. */
enum mode {
	MODE_CURSOR_KEYS,
	MODE_REVERSE_SCREEN,
	MODE_ORIGIN,
	MODE_AUTOWRAP,
	MODE_MOUSE_X10,
	MODE_CURSOR_VISIBLE,
	MODE_REVERSE_WRAP,
	MODE_KEYPAD,
	MODE_MARGINS_LR,
	MODE_MOUSE,
	MODE_MOUSE_DRAG,
	MODE_MOUSE_MOTION,
	MODE_FOCUS,
	MODE_MOUSE_UTF8,
	MODE_MOUSE_SGR,
	MODE_MOUSE_URXVT,
	MODE_MOUSE_PIXELS,
	MODE_PASTE,
	MODE_SYNCHRONIZED,
	MODE_GRAPHEMES,
	MODE_COLOUR_SCHEME,
	MODE_RESIZE_REPORTS,
	MODE_COUNT
};

struct kitty_stack {
	uint8_t flags[MODES_KITTY_MAX + 1]; /* [0] is the base, which nobody pushed */
	unsigned int depth;
};

struct charsets {
	unsigned char g[4]; /* final byte of the designation, 'B' for ASCII */
	uint8_t gl;	    /* 0-3 */
};

/* What ESC 7 keeps, as far as it is not a place. */
struct modes_saved {
	struct style pen;
	struct charsets charset;
	bool origin;
};

struct modes {
	unsigned int rows, cols; /* of the terminal; set by whoever knows */
	uint32_t on;		 /* bits of enum mode */
	uint32_t kept;		 /* the bits that "CSI ? n s" keeps */
	unsigned int alternate;	 /* 0, or the mode number that switched to it: 47, 1047, 1049 */
	bool was_alternate;
	bool insert, newline;
	bool keypad;
	bool locator;			   /* DEC locator reports */
	uint16_t top, bottom, left, right; /* margins as given; 0 when not */
	uint8_t cursor_shape;		   /* DECSCUSR, 0: the terminal's own */
	uint8_t modify_keys[8];		   /* CSI > n ; v m: v + 1, 0: not set */
	struct charsets charset;
	struct kitty_stack kitty[2]; /* main, alternate */
	struct style pen;	     /* its link is not followed here */
	struct modes_saved saved[2];
	unsigned int titles; /* pushed on the terminal's stack and not popped */
	bool title_set;
	char title[MODES_TITLE_MAX + 1];
	char icon[MODES_TITLE_MAX + 1];
	char cwd[MODES_TITLE_MAX + 1];
	bool link_open;
	bool palette_changed;
	bool special_changed;		 /* OSC 5 */
	uint32_t palette[MODES_PALETTE]; /* 0, COLOUR_RGB | rgb, or PALETTE_UNKNOWN */
	uint32_t colours[MODES_COLOURS];
};

void modes_init(struct modes *m);
/* After a token that reached the terminal. */
void modes_track(struct modes *m, const struct token *t);
/* Margins at the edges, no origin mode. */
void modes_end_margins(struct modes *m);
bool modes_sets_title(const struct token *t);
bool modes_has(const struct modes *m, enum mode mode);
/* For DECRQM: 1 set, 2 reset, 0 not known. */
unsigned int modes_report(const struct modes *m, char private, unsigned int number);
/* ESC ( ) * + and the shifts; false when the token is none of them. */
bool charsets_track(struct charsets *c, const struct token *t);
bool charsets_are_default(const struct charsets *c);
int charsets_emit(struct buf *out, const struct charsets *c) ATTR_CHECK;
/* The number after "CSI ?". */
unsigned int mode_number(enum mode mode);
/* Not what a terminal has after its own reset. */
bool mode_default(enum mode mode);

bool modes_on_alternate(const struct modes *m);
bool modes_have_margins(const struct modes *m);

enum {
	RESET_KEYS = 1 << 0,   /* keyboard, mouse, paste, focus: what changes input */
	RESET_OUTPUT = 1 << 1, /* margins, pen, charset: what changes how output is taken */
	RESET_LOOKS = 1 << 2,  /* palette, cursor shape: what stays behind */
};
/* Switch off what is on. May move the cursor when there are margins. 0 or -ENOMEM. */
int modes_reset(const struct modes *m, unsigned int what, struct buf *out) ATTR_CHECK;
#define TITLE_PUSH "\033[22;0t"
int titles_push(struct buf *out, unsigned int n) ATTR_CHECK;
int titles_pop(struct buf *out, unsigned int n) ATTR_CHECK;
/* Switch on, in a terminal that has everything at its default, what is on. 0 or -ENOMEM. */
int modes_emit(const struct modes *m, unsigned int what, struct buf *out) ATTR_CHECK;
/* The keyboard flags of one screen: off, or on as they are. 0 or -ENOMEM. */
int kitty_reset(const struct kitty_stack *k, struct buf *out) ATTR_CHECK;
int kitty_emit(const struct kitty_stack *k, struct buf *out) ATTR_CHECK;

/* ---- filter.c, filter_osc.c: what passes ---- */

struct filter {
	enum screen_filter level;
	enum { FILTER_HOLD, FILTER_PASS, FILTER_SKIP } mode;
	struct buf hold;
	bool link_open;
};

/*
 * One token of lex_next() with the `n` bytes it took. Appends to `out`; *passed when the token as
 * a whole reached the terminal. 0 or -ENOMEM.
 */
int filter_token(struct filter *f, const struct token *t, const unsigned char *raw, size_t n,
		 struct buf *out, bool *passed) ATTR_CHECK;
/* Cut a string that is being streamed. 0 or -ENOMEM. */
int filter_cut(struct filter *f, struct buf *out) ATTR_CHECK;

enum osc_verdict { OSC_DROP, OSC_PASS, OSC_CLOSE_LINK /* drop, and end the open link */ };
/* `text` is the whole string behind the introducer, without its end. */
enum osc_verdict filter_osc(enum screen_filter level, const unsigned char *text, size_t n);

/* ---- query.c ---- */

struct model;

/* True for a token that makes a terminal answer. */
bool query_is(const struct token *t);

struct query_facts {
	const struct modes *modes;
	const char *version;
	unsigned int rows, cols;
	unsigned int row, col; /* cursor, from 0 */
	bool origin;
};
/* Whether the answer needs the cursor. */
bool query_needs_cursor(const struct token *t);
/* Append the answer, if there is one. 0 or -ENOMEM. */
int
query_answer(const struct token *t, const struct query_facts *facts, struct buf *out) ATTR_CHECK;

/* ---- grid.c: cells ---- */

enum {
	CELL_CHARS = 5, /* base and four combining characters */
	CELL_TAIL = -1, /* the right half of a wide character */
};

struct cell {
	uint32_t ch[CELL_CHARS]; /* ch[0]: 0 for blank, (uint32_t)CELL_TAIL */
	struct style style;
};

struct row {
	bool wrap; /* the line goes on in the next row */
	struct cell cells[];
};

struct grid {
	unsigned int rows, cols;
	struct row **row;
};

int grid_init(struct grid *g, unsigned int rows, unsigned int cols) ATTR_CHECK;
void grid_clear(struct grid *g);
void row_blank(struct row *r, unsigned int from, unsigned int to, const struct style *pen);
/* Blank a wide character that reaches across the left edge of this column. */
void row_cut(struct row *r, unsigned int col, unsigned int cols);
/* Columns up to the last one that is not blank in the default style. */
unsigned int row_used(const struct row *r, unsigned int cols);
/* Append the characters of a cell as UTF-8; a blank is a space. 0 or -ENOMEM. */
int cell_emit(struct buf *out, const struct cell *c) ATTR_CHECK;

/* ---- history.c: rows that scrolled out, packed ---- */

struct packed_row;

struct history {
	struct packed_row **ring;
	size_t limit, first, count, bytes;
};

void history_init(struct history *h, size_t limit);
void history_free(struct history *h);
void history_clear(struct history *h);
int history_push(struct history *h, const struct row *r, unsigned int cols) ATTR_CHECK;
/* Move the newest row into `r`; false when there is none. */
bool history_pop(struct history *h, struct row *r, unsigned int cols);
/* 0 is the oldest. */
const struct packed_row *history_at(const struct history *h, size_t i);
bool packed_is_empty(const struct packed_row *p);
bool packed_wraps(const struct packed_row *p, unsigned int cols);
/* The row as text, with or without its styles; the pen ends up default. 0 or -ENOMEM. */
int packed_emit(struct buf *out, const struct packed_row *p, bool styles) ATTR_CHECK;

/* ---- model.c: what the terminal shows ---- */

struct saved_cursor {
	unsigned int row, col;
	struct style pen;
	struct charsets charset;
	bool origin, phantom;
};

enum { LINKS_MAX = 1024 };

struct vterm;

struct model {
	unsigned int rows, cols;
	struct grid grid[2]; /* main, alternate */
	bool alternate;
	struct history history;
	struct lex lex;
	struct style pen;
	struct charsets charset;
	bool origin, autowrap, margins_lr;
	struct {
		bool origin, autowrap, margins_lr;
	} kept;			/* that "CSI ? n s" keeps */
	unsigned int top, left; /* margins, from 0 */
	bool margins;		/* any is not at the edge */
	bool phantom;		/* the cursor stands behind the last column */
	bool insert, protecting;
	bool shifted;				/* a single shift waits for its character */
	bool repeatable;			/* nothing but text since the cell put last */
	unsigned int put_row, put_col, put_end; /* that cell, and the column behind it */
	unsigned char tabs[(SCREEN_SIDE_MAX + 7) / 8];
	struct saved_cursor saved[2];
	char **link; /* LINKS_MAX, "params;URI" or NULL; the number of a link is its index + 1 */
	int error;   /* -ENOMEM, met where it could not be returned */
	struct vterm *vterm;
};

struct model *model_new(unsigned int rows, unsigned int cols);
void model_free(struct model *m);
int model_feed(struct model *m, const unsigned char *p, size_t n) ATTR_CHECK;
int model_resize(struct model *m, unsigned int rows, unsigned int cols) ATTR_CHECK;
/* Characters, BS, HT, LF, CR: whole characters only. */
void model_text(struct model *m, const unsigned char *p, size_t n);
/* The cursor; in the last column when it stands behind it. */
void model_cursor(const struct model *m, unsigned int *row, unsigned int *col);
/* The cursor, not behind the last column. */
void model_move_to(struct model *m, unsigned int row, unsigned int col);
void model_end_phantom(struct model *m);
/* Margins at the edges, no origin mode; the cursor stays. */
void model_end_margins(struct model *m);
/* The cursor to the start of a line of its own. */
void model_start_line(struct model *m);
/* Does the token change anything the model holds, beyond pen and link? */
bool model_cares(const struct token *t);
/* It does, but only within the row of the cursor. */
bool model_stays_in_row(const struct token *t);
/* As after a screenful of lines: the cursor at the start of an empty bottom row. */
void model_jump(struct model *m, const struct style *pen, const char *link);
bool model_tab(const struct model *m, unsigned int col);

/* link.c */
uint16_t link_number(struct model *m, const char *text);
/* "" for none. */
const char *link_text(const struct model *m, uint16_t number);

/* ---- vterm.c: the only file that knows libvterm ---- */

int vterm_start(struct model *m) ATTR_CHECK;
void vterm_stop(struct model *m);
/* Printable ASCII, BS, HT, CR LF: at most VTERM_WRITE_MAX bytes. Or one character of UTF-8. */
enum { VTERM_WRITE_MAX = 1024 };
void vterm_write(struct model *m, const unsigned char *p, size_t n);
/* Sequences that vterm.c's list calls safe. */
void vterm_sequence(struct model *m, const char *fmt, ...) ATTR_PRINTF(2, 3);
/* Move the cursor within its row. */
void vterm_column(struct model *m, unsigned int col);
void vterm_hard_reset(struct model *m);
void vterm_resize(struct model *m);
void vterm_cursor(const struct model *m, unsigned int *row, unsigned int *col);
/* Does the character join the one before it? */
bool vterm_combines(struct model *m, const unsigned char *p, size_t n);

/* What vterm.c calls as libvterm changes the screen (put.c). */
void put_glyph(struct model *m, unsigned int row, unsigned int col, const uint32_t *ch,
	       unsigned int width, bool protected);
/* Printable ASCII, which must end before the last column. */
void put_ascii(struct model *m, unsigned int row, unsigned int col, const unsigned char *p,
	       unsigned int n);
/* A character that joins the one left of the cursor. */
void put_combining(struct model *m, uint32_t ch);
void
put_blank(struct model *m, unsigned int row, unsigned int from, unsigned int to, bool selective);
void put_scroll(struct model *m, unsigned int top, unsigned int bottom, int down);
void put_move(struct model *m, unsigned int from_row, unsigned int to_row, unsigned int from_col,
	      unsigned int to_col, unsigned int n);

/* ---- backlog.c ---- */

enum {
	CHUNK_BYTES = 64 << 10,
	BACKLOG_CHUNKS = 64,
};

struct chunk {
	struct chunk *next;
	size_t n, fed;
	struct scan_lines scan;
	bool plain;	 /* nothing in it reaches beyond the row of the cursor, but for line ends */
	bool line_start; /* CR LF stands before it */
	struct style pen; /* at its beginning */
	char *link;	  /* the link then open, or NULL */
	unsigned char bytes[CHUNK_BYTES];
};

struct backlog {
	struct chunk *head, *tail, *spare;
	size_t count;
	bool jump; /* the head does not follow what the model has seen: model_jump() first */
};

enum backlog_kind { BACKLOG_TEXT, BACKLOG_ROW, BACKLOG_BARRIER };

void backlog_clear(struct backlog *b);

struct backlog_now {
	const struct modes *modes; /* after the token */
	const char *link;	   /* that is open, or NULL */
};
int backlog_add(struct backlog *b, struct model *m, const struct backlog_now *now,
		const unsigned char *p, size_t n, enum backlog_kind kind) ATTR_CHECK;
/* Feed at most `limit` bytes: 1 when something is left, 0, -ENOMEM. */
int backlog_feed(struct backlog *b, struct model *m, size_t limit) ATTR_CHECK;

/* ---- repaint.c, dump.c, screen.c ---- */

struct screen {
	struct lex lex;
	struct filter filter;
	struct modes modes;
	struct backlog backlog;
	struct model *model;
	struct buf replies;
	struct buf scratch;
	char *link; /* the open link, "params;URI", or NULL */
	const char *version;
	bool detached;
	bool background;
	bool has_output;
	bool has_begun; /* something was sent to the terminal */
};

int screen_sync(struct screen *s) ATTR_CHECK;

#endif
