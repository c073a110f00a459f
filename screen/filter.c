/*
 * The output filter (spec 04 section 6.9). Invariant: what it appends to `out` consists of whole
 * characters and whole, well-formed sequences, so every terminal cuts it where our lexer does; the
 * only exception is an image, which streams and is cut properly when it breaks off.
 *
 * A sequence waits in `hold` until it is complete, then passes byte for byte or not at all. What a
 * sequence is passed or dropped for is written in the tables; the general rule is "pass", as the
 * program would do without us, and the exceptions are
 *
 *   - sequences that act outside the window's cells or put words into the program's mouth that
 *     could reach the user's shell (reports of titles, macros, printing, clipboards, files);
 *   - sequences after which the terminal reads bytes differently than our lexer (VT52 mode, 8-bit
 *     character sets, Tektronix mode), because everything behind them would pass unseen;
 *   - envelopes that another terminal program opens and sends on (tmux, screen).
 */
#include "screen/internal.h"

#include <string.h>

static bool
strict(const struct filter *f)
{
	return f->level == SCREEN_FILTER_STRICT;
}

static bool
in_list(unsigned int value, const unsigned int *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == value)
			return true;
	return false;
}

/* ---- escape sequences ---- */

static bool
esc_passes(const struct token *t)
{
	switch (t->intermediate[0]) {
	case 0:
		return true;
	case '(':
	case ')':
	case '*':
	case '+':
	case '-':
	case '.':
	case '/': /* character sets */
	case '#': /* line sizes, alignment */
		return true;
	case ' ': /* G would make the terminal answer in 8-bit controls */
		return !t->intermediate[1] && t->byte != 'G';
	case '%': /* anything but UTF-8 would let C1 bytes hide in characters */
		return !t->intermediate[1] && t->byte == 'G';
	default: /* screen's message line is "ESC !" and a text */
		return false;
	}
}

/* ---- control sequences ---- */

static bool
modes_pass(const struct token *t)
{
	/* 2: VT52, 38: Tektronix, 1001: highlight tracking, which hangs xterm until answered. */
	static const unsigned int never[] = { 2, 38, 1001 };
	/* Not to be kept and brought back behind our back (XTSAVE, XTRESTORE). */
	static const unsigned int never_kept[] = { 6, 7, 47, 69, 1047, 1048, 1049 };
	const bool keeps = t->byte == 'r' || t->byte == 's';

	if (t->saturated)
		return false; /* wraps around to any mode in a careless terminal */
	if (t->private == '?')
		for (unsigned int i = 0; i < t->count; i++)
			if (in_list(t->param[i], never, ARRAY_LEN(never)) ||
			    (keeps && in_list(t->param[i], never_kept, ARRAY_LEN(never_kept))))
				return false;
	return true;
}

/* XTWINOPS: sizes may be asked for, the title may be pushed and popped. */
static bool
window_passes(const struct token *t)
{
	static const unsigned int allowed[] = { 14, 16, 18, 22, 23 };

	return !t->private && !t->saturated &&
	       in_list(token_param(t, 0, 0), allowed, ARRAY_LEN(allowed));
}

static bool
plain_csi_passes(const struct token *t)
{
	switch (t->byte) {
	case 'h':
	case 'l':
	case 's':
	case 'r':
		return modes_pass(t);
	case 't': /* "CSI > t" would make titles hexadecimal, past the check of their text */
		return window_passes(t);
	case 'T':
		/* Scrolling has one parameter; five are highlight tracking, "CSI >" is titles. */
		return t->private != '>' && t->count <= 1;
	case 'i': /* media copy: prints the screen, or opens the printer for what follows */
	case ']': /* Linux console: switches to another console, sets the screen saver */
		return false;
	case 'm':
	case 'n':
	case 'p': /* resource values that reset numbers of their own */
	case 'u':
		return t->private == 0 || !t->saturated;
	default:
		return true;
	}
}

static bool
csi_passes(const struct token *t)
{
	if (t->malformed || t->intermediate[1])
		return false;
	switch (t->intermediate[0]) {
	case 0:
		return plain_csi_passes(t);
	case '*': /* y: DECRQCRA, reads the screen back; z: runs a macro. x, | stay. */
		return t->byte != 'y' && t->byte != 'z';
	case '$': /* }, ~: writes on the status line instead of the window */
		return t->byte != '}' && t->byte != '~';
	case '"': /* DECSCL: only the forms that keep answers in 7 bits */
		return t->byte != 'p' || token_param(t, 0, 0) == 61 || token_param(t, 1, 0) == 1;
	case '&': /* u and w: locator and user-preferred sets are not for programs of today */
	case ',': /* key definitions of several kinds */
	case '+': /* secure reset, key programming */
	case '-':
		return false;
	default:
		return true;
	}
}

/* ---- device control strings ---- */

enum dcs { DCS_OTHER, DCS_SIXEL, DCS_REQUEST, DCS_TERMCAP, DCS_SYNCHRONIZED, DCS_UNKNOWN_TEST };

static enum dcs
dcs_kind(const struct token *t)
{
	if (t->malformed || t->intermediate[1])
		return DCS_OTHER;
	if (t->byte == 'q' && !t->private && !t->intermediate[0])
		return DCS_SIXEL;
	if (t->byte == 'q' && !t->private && !t->count && t->intermediate[0] == '$')
		return DCS_REQUEST;
	if (t->byte == 'q' && !t->private && !t->count && t->intermediate[0] == '+')
		return DCS_TERMCAP;
	if (t->byte == 's' && t->private == '=' && !t->intermediate[0])
		return DCS_SYNCHRONIZED;
	if (t->byte == 'z' && !t->private && !t->count && !t->intermediate[0])
		return DCS_UNKNOWN_TEST;
	return DCS_OTHER;
}

/* A setting's name: what stands behind the parameters of the sequence that sets it. */
static bool
request_is_known(const unsigned char *p, size_t n)
{
	if (n < 1 || n > 3)
		return false;
	for (size_t i = 0; i + 1 < n; i++)
		if (p[i] < 0x20 || p[i] > 0x2f)
			return false;
	return p[n - 1] >= 0x40 && p[n - 1] <= 0x7e;
}

static bool
termcap_is_hex(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strchr("0123456789abcdefABCDEF;", p[i]) || !p[i])
			return false;
	return true;
}

static bool
dcs_passes(const struct filter *f, const struct token *t)
{
	switch (dcs_kind(t)) {
	case DCS_SIXEL:
		return !strict(f);
	case DCS_REQUEST: /* a terminal may quote an unknown request in its answer */
		return t->bytes <= t->kept && request_is_known(t->text, t->kept);
	case DCS_TERMCAP:
		return t->bytes <= t->kept && termcap_is_hex(t->text, t->kept);
	case DCS_SYNCHRONIZED:
		return !t->bytes;
	case DCS_UNKNOWN_TEST: /* "zz" is what Vim finds out with whether unknown ones are shown */
		return t->bytes == 1 && t->text[0] == 'z';
	case DCS_OTHER: /* user-defined keys, macros, fonts, state, "tmux;", kitty's remote control */
	default:
		return false;
	}
}

/* ---- application program commands: kitty's images ---- */

/* The data must be in the sequence: files and shared memory are read with the user's rights. */
static bool
apc_passes(const struct filter *f, const struct token *t)
{
	size_t i = 1;

	if (t->text[0] != 'G' || strict(f))
		return false;
	while (i < t->kept && t->text[i] != ';') {
		const size_t end = i + strcspn((const char *)t->text + i, ",;");

		if (t->text[i] == 't' && t->text[i + 1] == '=' &&
		    (end != i + 3 || t->text[i + 2] != 'd'))
			return false;
		i = end + (t->text[end] == ',');
	}
	/* The keys must all have been seen. */
	return i < t->kept || t->bytes <= t->kept;
}

/* ---- holding ---- */

static bool
text_is_ascii(const struct buf *b, size_t from)
{
	for (size_t i = from; i < b->n; i++)
		if ((unsigned char)b->p[i] >= 0x80)
			return false;
	return true;
}

static size_t
introducer_bytes(const struct token *t)
{
	return t->form == LEX_RAW ? 1 : 2;
}

/* Bytes at the end of a held string that end it. */
static size_t
end_bytes(const struct token *t)
{
	return t->end == LEX_BELL || t->end == LEX_RAW ? 1 : 2;
}

static int
hold_add(struct filter *f, const unsigned char *raw, size_t n)
{
	if (f->mode == FILTER_SKIP || !n)
		return 0;
	if (f->hold.n + n > SCREEN_HOLD_MAX) {
		/* Longer than anything that may pass. The memory goes too. */
		buf_clear(&f->hold);
		f->mode = FILTER_SKIP;
		return 0;
	}
	return buf_add(&f->hold, raw, n);
}

static void
hold_end(struct filter *f)
{
	buf_reset(&f->hold);
	f->mode = FILTER_HOLD;
}

static int
hold_pass(struct filter *f, struct buf *out)
{
	return buf_add(out, f->hold.p, f->hold.n);
}

/* ---- strings ---- */

static int
osc_end(struct filter *f, const struct token *t, struct buf *out, bool *passed)
{
	const size_t from = introducer_bytes(t);
	const size_t n = f->hold.n - end_bytes(t) - from;
	enum osc_verdict v;

	v = filter_osc(f->level, (const unsigned char *)f->hold.p + from, n);
	if (v == OSC_PASS) {
		*passed = true;
		if (t->text[0] == '8' && t->text[1] == ';')
			f->link_open = t->text[t->kept - 1] != ';';
		return 0;
	}
	/* Without its own link the text would belong to the one before it. */
	if (v == OSC_CLOSE_LINK && f->link_open) {
		f->link_open = false;
		return buf_adds(out, "\033]8;;\033\\");
	}
	return 0;
}

static int
string_end(struct filter *f, const struct token *t, struct buf *out, bool *passed)
{
	int r = 0;

	if (t->malformed || (t->form != LEX_SEVEN_BIT && !text_is_ascii(&f->hold, 2)))
		return 0;
	switch (t->string) {
	case LEX_OSC:
		r = osc_end(f, t, out, passed);
		break;
	case LEX_DCS:
		*passed = dcs_passes(f, t);
		break;
	case LEX_APC:
		*passed = apc_passes(f, t);
		break;
	case LEX_TITLE: /* screen and tmux; to others it is text, and harmless as such */
		*passed = true;
		break;
	case LEX_PM: /* screen shows these on its message line */
	case LEX_SOS:
	default:
		break;
	}
	if (r < 0 || !*passed)
		return r;
	/* In UTF-8 a lone 0x9c is no end: one that every terminal knows takes its place. */
	if (t->form == LEX_SEVEN_BIT && (t->end == LEX_RAW || t->end == LEX_ENCODED)) {
		r = buf_add(out, f->hold.p, f->hold.n - end_bytes(t));
		return r < 0 ? r : buf_adds(out, "\033\\");
	}
	return hold_pass(f, out);
}

/* ---- streaming ---- */

/* Bytes at the start that an image may consist of; no terminal takes one of them for an end. */
static size_t
image_bytes(const unsigned char *p, size_t n)
{
	size_t i = 0;

	while (i < n && ((p[i] >= 0x20 && p[i] < 0x7f) || p[i] == '\r' || p[i] == '\n'))
		i++;
	return i;
}

static int
stream_token(struct filter *f, const struct token *t, const unsigned char *raw, size_t n,
	     struct buf *out, bool *passed)
{
	/* The backslash of the end may stand alone, its ESC read before. */
	const size_t tail = t->type == LEX_STRING && t->end == LEX_SEVEN_BIT;
	const size_t good = image_bytes(raw, n - tail);
	int r = buf_add(out, raw, good);

	if (r < 0)
		return r;
	/* An ESC at the end of what was read: its second byte tells. */
	if (t->type == LEX_MORE && (good == n || (good == n - 1 && raw[good] == 0x1b)))
		return 0;
	*passed = t->type == LEX_STRING;
	hold_end(f);
	if (t->type == LEX_MORE)
		f->mode = FILTER_SKIP;
	r = buf_adds(out, "\033\\");
	if (r == 0 && t->type == LEX_ABORT && t->restart)
		r = buf_addc(&f->hold, '\033');
	return r;
}

int
filter_cut(struct filter *f, struct buf *out)
{
	if (f->mode != FILTER_PASS)
		return 0;
	f->mode = FILTER_SKIP;
	return buf_adds(out, "\033\\");
}

/* ---- tokens ---- */

/* A void sequence that was text to most terminals comes out as text. */
static int
abort_release(struct filter *f, const struct token *t, struct buf *out)
{
	const size_t from = introducer_bytes(t);
	const bool text = !t->malformed && (t->form != LEX_SEVEN_BIT || t->string == LEX_TITLE);
	const size_t n = f->hold.n - (t->restart && f->hold.n ? 1 : 0);
	int r = 0;

	if (text && f->mode == FILTER_HOLD && n > from)
		r = buf_add(out, f->hold.p + from, n - from);
	hold_end(f);
	if (r == 0 && t->restart)
		r = buf_addc(&f->hold, '\033');
	return r;
}

static int
sequence_end(struct filter *f, const struct token *t, struct buf *out, bool *passed)
{
	int r = 0;

	if (f->mode == FILTER_SKIP)
		goto out;
	switch (t->type) {
	case LEX_ESC:
		*passed = !t->malformed && esc_passes(t);
		break;
	case LEX_CSI:
		*passed = csi_passes(t);
		break;
	case LEX_C1:
		*passed = !strict(f) && !t->broken;
		break;
	case LEX_STRING:
		r = string_end(f, t, out, passed);
		goto out;
	default:
		*passed = true;
	}
	if (*passed)
		r = hold_pass(f, out);
out:
	hold_end(f);
	return r;
}

static int
token_unfiltered(const struct token *t, const unsigned char *raw, size_t n, struct buf *out,
		 bool *passed)
{
	*passed = t->type != LEX_MORE && t->type != LEX_DCS_HEAD && t->type != LEX_ABORT;
	return buf_add(out, raw, n);
}

static int
token_more(struct filter *f, const struct token *t, const unsigned char *raw, size_t n,
	   struct buf *out)
{
	int r;

	r = hold_add(f, raw, n);
	if (r < 0 || t->type != LEX_DCS_HEAD || f->mode == FILTER_SKIP)
		return r;
	if (dcs_kind(t) == DCS_SIXEL && !strict(f) && t->form == LEX_SEVEN_BIT) {
		r = hold_pass(f, out);
		buf_reset(&f->hold);
		f->mode = FILTER_PASS;
	}
	return r;
}

int
filter_token(struct filter *f, const struct token *t, const unsigned char *raw, size_t n,
	     struct buf *out, bool *passed)
{
	int r;

	*passed = false;
	if (f->level == SCREEN_FILTER_OFF)
		return token_unfiltered(t, raw, n, out, passed);
	if (f->mode == FILTER_PASS)
		return stream_token(f, t, raw, n, out, passed);
	if (t->type == LEX_MORE || t->type == LEX_DCS_HEAD)
		return token_more(f, t, raw, n, out);
	if (t->type == LEX_CONTROL && t->inside) {
		/* NUL and DEL do nothing anywhere; the others are carried out at once. */
		r = hold_add(f, raw, n - 1);
		*passed = t->byte && t->byte != 0x7f;
		return r < 0 || !*passed ? r : buf_addc(out, (char)t->byte);
	}
	if (!f->hold.n && (t->type == LEX_TEXT || t->type == LEX_BROKEN)) {
		*passed = true;
		return buf_add(out, raw, n);
	}
	r = hold_add(f, raw, n);
	if (r < 0)
		return r;
	if (t->type == LEX_ABORT)
		return abort_release(f, t, out);
	return sequence_end(f, t, out, passed);
}
