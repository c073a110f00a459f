/*
 * The lexer: a terminal's byte stream, in any chunking, as tokens. Pure, no allocation. It knows
 * where a sequence ends under the rules of ECMA-48 and xterm; what the sequence means and whether
 * it may pass is for others.
 *
 * Terminals disagree about damaged sequences. Here is what this lexer makes of them; the filter
 * sees to it that no terminal gets to see one:
 *
 *   ESC, CAN, SUB inside anything    make it void (LEX_ABORT)
 *   C0 inside an escape sequence     is carried out, the sequence goes on
 *   C0 inside a string               the string is malformed, and goes on
 *   C1 as one byte, or as U+0080...  introduce what ESC and a letter would. Such a sequence is
 *                                    void at the first C0 or byte that is not ASCII: to a terminal
 *                                    in UTF-8 it was text all along
 */
#include "screen/internal.h"

#include <string.h>

void
lex_init(struct lex *l, bool plain_c1)
{
	memset(l, 0, sizeof(*l));
	l->plain_c1 = plain_c1;
}

bool
lex_is_inside(const struct lex *l)
{
	return l->state != LEX_IN_GROUND;
}

unsigned int
token_param(const struct token *t, unsigned int i, unsigned int missing)
{
	return i < t->count && (t->given >> i & 1) ? t->param[i] : missing;
}

bool
token_is_csi(const struct token *t, char private, char final)
{
	return t->type == LEX_CSI && t->private == (unsigned char)private && !t->intermediate[0] &&
	       t->byte == (unsigned char) final;
}

/* The token is complete: back to the ground. */
static void
lex_done(struct lex *l, enum lex_type type)
{
	l->t.type = type;
	l->state = LEX_IN_GROUND;
}

static void
lex_abort(struct lex *l, bool restart)
{
	const bool in_string = l->state == LEX_IN_STRING || l->state == LEX_IN_STRING_ESC;

	/* Half a character must not come out as text. */
	if (in_string && l->utf8_n)
		l->t.malformed = true;
	lex_done(l, LEX_ABORT);
	l->t.restart = restart;
}

/* A new sequence; what the last token left behind is cleared, except the bytes of its text. */
static void
lex_begin(struct lex *l, enum lex_state state, enum lex_form form)
{
	struct token *t = &l->t;

	memset(t, 0, offsetof(struct token, param));
	t->bytes = 0;
	t->kept = 0;
	t->form = form;
	l->state = state;
	l->intermediates = false;
	l->head = 1;
}

static void
lex_begin_string(struct lex *l, enum lex_string kind)
{
	l->t.string = kind;
	l->t.bytes = 0;
	l->t.kept = 0;
	l->utf8_n = 0;
	l->state = LEX_IN_STRING;
}

static void
lex_introduce(struct lex *l, unsigned char c)
{
	switch (c) {
	case '[':
		l->state = LEX_IN_HEAD;
		l->t.string = 0;
		break;
	case 'P':
		l->state = LEX_IN_HEAD;
		l->t.string = LEX_DCS;
		break;
	case ']':
		lex_begin_string(l, LEX_OSC);
		break;
	case '_':
		lex_begin_string(l, LEX_APC);
		break;
	case '^':
		lex_begin_string(l, LEX_PM);
		break;
	case 'X':
		lex_begin_string(l, LEX_SOS);
		break;
	default:
		lex_begin_string(l, LEX_TITLE);
	}
}

/* ---- ground ---- */

/* May `c` follow the `n` bytes at `p` in well-formed UTF-8? (Unicode, table 3-7) */
static bool
utf8_continues(const unsigned char *p, unsigned int n, unsigned char c)
{
	if (n == 1 && p[0] == 0xe0)
		return c >= 0xa0 && c <= 0xbf;
	if (n == 1 && p[0] == 0xed)
		return c >= 0x80 && c <= 0x9f;
	if (n == 1 && p[0] == 0xf0)
		return c >= 0x90 && c <= 0xbf;
	if (n == 1 && p[0] == 0xf4)
		return c >= 0x80 && c <= 0x8f;
	return c >= 0x80 && c <= 0xbf;
}

static unsigned int
utf8_length(unsigned char lead)
{
	if (lead < 0xc2 || lead > 0xf4)
		return 0;
	return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* Bytes of the text run that `in` begins with; stops before anything that is not wholly there. */
static size_t
text_run(const unsigned char *in, size_t n)
{
	size_t i = 0;

	for (;;) {
		unsigned int want, k;

		i += scan_plain(in + i, n - i);
		if (i == n || in[i] < 0xc2)
			return i;
		do {
			want = utf8_length(in[i]);
			if (!want || n - i < want)
				return i;
			for (k = 1; k < want; k++)
				if (!utf8_continues(in + i, k, in[i + k]))
					return i;
			if (in[i] == 0xc2 && in[i + 1] < 0xa0)
				return i; /* C1, in UTF-8 */
			i += want;
		} while (i < n && in[i] >= 0xc2);
	}
}

static void
lex_c1(struct lex *l, unsigned char c, enum lex_form form)
{
	static const struct {
		unsigned char c1, c;
	} introducers[] = { { 0x9b, '[' }, { 0x90, 'P' }, { 0x9d, ']' },
			    { 0x9f, '_' }, { 0x9e, '^' }, { 0x98, 'X' } };
	const bool broken = l->after_broken;

	lex_begin(l, LEX_IN_GROUND, form);
	l->t.type = LEX_C1;
	l->t.byte = c;
	l->t.broken = broken;
	if (l->plain_c1 || broken)
		return;
	for (size_t i = 0; i < ARRAY_LEN(introducers); i++)
		if (introducers[i].c1 == c) {
			l->t.type = LEX_MORE;
			lex_introduce(l, introducers[i].c);
		}
}

static size_t
lex_ground(struct lex *l, const unsigned char *in, size_t n)
{
	const size_t run = text_run(in, n);

	if (run) {
		l->t.type = LEX_TEXT;
		return run;
	}
	if (in[0] == 0x1b) {
		lex_begin(l, LEX_IN_ESC, LEX_SEVEN_BIT);
		l->t.type = LEX_MORE;
	} else if (in[0] < 0x80) {
		lex_begin(l, LEX_IN_GROUND, LEX_SEVEN_BIT);
		l->t.type = LEX_CONTROL;
		l->t.byte = in[0];
	} else if (in[0] < 0xa0) {
		lex_c1(l, in[0], LEX_RAW);
	} else if (utf8_length(in[0])) {
		l->state = LEX_IN_UTF8;
		l->utf8[0] = in[0];
		l->utf8_n = 1;
		l->t.type = LEX_MORE;
	} else {
		l->t.type = LEX_BROKEN;
	}
	return 1;
}

/* A character that began in bytes taken before. */
static size_t
lex_utf8(struct lex *l, unsigned char c)
{
	if (!utf8_continues(l->utf8, l->utf8_n, c)) {
		lex_done(l, LEX_BROKEN);
		return 0;
	}
	l->utf8[l->utf8_n++] = c;
	if (l->utf8_n < utf8_length(l->utf8[0])) {
		l->t.type = LEX_MORE;
		return 1;
	}
	if (l->utf8[0] == 0xc2 && c < 0xa0)
		lex_c1(l, c, LEX_ENCODED);
	else
		lex_done(l, LEX_TEXT);
	return 1;
}

/* ---- escape and control sequences ---- */

/* Not a byte of the sequence: true when it ended or interrupted it. */
static bool
lex_interrupt(struct lex *l, unsigned char c, size_t *taken)
{
	*taken = 0;
	if (c >= 0x20 && c < 0x7f)
		return false;
	if (c == 0x1b || c == 0x18 || c == 0x1a || c >= 0x80 || l->t.form != LEX_SEVEN_BIT) {
		lex_abort(l, false);
		return true;
	}
	*taken = 1;
	l->t.type = LEX_CONTROL;
	l->t.byte = c;
	l->t.inside = true;
	return true;
}

static void
lex_intermediate(struct lex *l, unsigned char c)
{
	struct token *t = &l->t;

	l->intermediates = true;
	if (!t->intermediate[0])
		t->intermediate[0] = c;
	else if (!t->intermediate[1])
		t->intermediate[1] = c;
	else
		t->malformed = true;
}

static size_t
lex_esc(struct lex *l, unsigned char c)
{
	size_t taken;

	if (lex_interrupt(l, c, &taken))
		return taken;
	l->t.type = LEX_MORE;
	if (++l->head > LEX_SEQUENCE_MAX)
		l->t.malformed = true;
	if (c < 0x30) {
		lex_intermediate(l, c);
	} else if (!l->intermediates && strchr("[P]_^Xk", c)) {
		lex_introduce(l, c);
	} else {
		l->t.byte = c;
		lex_done(l, LEX_ESC);
	}
	return 1;
}

static void
lex_digit(struct token *t, unsigned char c)
{
	const unsigned int i = t->count ? t->count - 1 : 0;
	unsigned int value;

	if (t->count > LEX_PARAMS_MAX)
		return;
	if (!t->count) {
		t->count = 1;
		t->param[0] = 0;
	}
	value = t->param[i] * 10u + (c - '0');
	if (value > LEX_VALUE_MAX) {
		value = LEX_VALUE_MAX;
		t->saturated = true;
	}
	t->param[i] = (uint16_t)value;
	t->given |= UINT64_C(1) << i;
}

static void
lex_separator(struct token *t, unsigned char c)
{
	if (!t->count) {
		t->param[0] = 0;
		t->count = 1;
	}
	if (t->count >= LEX_PARAMS_MAX) {
		/* Remembered as one parameter too many: what follows is not kept. */
		t->count = LEX_PARAMS_MAX + 1;
		t->malformed = true;
		return;
	}
	t->param[t->count] = 0;
	if (c == ':')
		t->sub |= UINT64_C(1) << t->count;
	t->count++;
}

static size_t
lex_head(struct lex *l, unsigned char c)
{
	struct token *t = &l->t;
	size_t taken;

	if (lex_interrupt(l, c, &taken))
		return taken;
	t->type = LEX_MORE;
	if (++l->head > LEX_SEQUENCE_MAX)
		t->malformed = true;
	if (c < 0x30) {
		lex_intermediate(l, c);
	} else if (c < 0x40) {
		if (l->intermediates)
			t->malformed = true;
		else if (c <= '9')
			lex_digit(t, c);
		else if (c <= ';')
			lex_separator(t, c);
		else if (!t->count && !t->private)
			t->private = c;
		else
			t->malformed = true;
	} else {
		t->byte = c;
		if (t->count > LEX_PARAMS_MAX)
			t->count = LEX_PARAMS_MAX;
		if (t->string == LEX_DCS) {
			lex_begin_string(l, LEX_DCS);
			t->type = LEX_DCS_HEAD;
		} else {
			lex_done(l, LEX_CSI);
		}
	}
	return 1;
}

/* ---- strings ---- */

/* Screen's title and sequences begun by a C1 are text to most terminals. */
static bool
string_may_be_text(const struct token *t)
{
	return t->form != LEX_SEVEN_BIT || t->string == LEX_TITLE;
}

static void
string_done(struct lex *l, enum lex_form end)
{
	l->t.end = end;
	l->t.text[l->t.kept] = '\0';
	if (l->utf8_n)
		l->t.malformed = true;
	l->utf8_n = 0;
	lex_done(l, LEX_STRING);
}

static void
string_add(struct token *t, unsigned char c)
{
	t->bytes++;
	if (t->kept < LEX_TEXT_MAX)
		t->text[t->kept++] = c;
}

/* A byte from 0x80 up inside a string. False: the byte was not taken, the string is void. */
static bool
string_high(struct lex *l, unsigned char c)
{
	struct token *t = &l->t;

	if (l->utf8_n && utf8_continues(l->utf8, l->utf8_n, c)) {
		l->utf8[l->utf8_n++] = c;
		string_add(t, c);
		if (l->utf8_n < utf8_length(l->utf8[0]))
			return true;
		l->utf8_n = 0;
		if (l->utf8[0] == 0xc2 && c == 0x9c && !l->plain_c1) {
			t->bytes -= 2;
			if (t->kept > t->bytes)
				t->kept = t->bytes;
			string_done(l, LEX_ENCODED);
		} else if (l->utf8[0] == 0xc2 && c < 0xa0) {
			t->malformed = true;
		}
		return true;
	}
	if (l->utf8_n)
		t->malformed = true;
	l->utf8_n = 0;
	if (c == 0x9c && !l->plain_c1) {
		string_done(l, LEX_RAW);
		return true;
	}
	if (utf8_length(c)) {
		l->utf8[0] = c;
		l->utf8_n = 1;
	} else if (string_may_be_text(t)) {
		return false;
	} else {
		t->malformed = true;
	}
	string_add(t, c);
	return true;
}

/*
 * The Linux console's palette commands have no end: "ESC ] P" and seven digits, "ESC ] R". To other
 * terminals they are the beginning of a string that swallows what follows. Malformed, but over.
 */
static bool
string_is_palette(const struct token *t)
{
	return t->string == LEX_OSC &&
	       ((t->bytes == 1 && t->text[0] == 'R') || (t->bytes == 8 && t->text[0] == 'P'));
}

/* Sixel images are written in lines by some programs; terminals skip the line ends. */
static bool
string_may_break_lines(const struct token *t)
{
	return t->string == LEX_DCS && t->byte == 'q' && !t->private && !t->intermediate[0];
}

static size_t
lex_string(struct lex *l, const unsigned char *in, size_t n)
{
	struct token *t = &l->t;

	t->type = LEX_MORE;
	for (size_t i = 0; i < n; i++) {
		const unsigned char c = in[i];

		if (c >= 0x20 && c < 0x7f) {
			if (l->utf8_n)
				t->malformed = true;
			l->utf8_n = 0;
			string_add(t, c);
			if (string_is_palette(t)) {
				t->malformed = true;
				string_done(l, LEX_BELL);
				return i + 1;
			}
		} else if (c == 0x1b) {
			l->state = LEX_IN_STRING_ESC;
			return i + 1;
		} else if (c == 0x07 && t->string == LEX_OSC) {
			string_done(l, LEX_BELL);
			return i + 1;
		} else if (c == 0x18 || c == 0x1a) {
			lex_abort(l, false);
			return i;
		} else if (c >= 0x80) {
			if (!string_high(l, c)) {
				lex_abort(l, false);
				return i;
			}
			if (t->type != LEX_MORE)
				return i + 1;
		} else if (string_may_be_text(t)) {
			lex_abort(l, false);
			return i;
		} else if (!string_may_break_lines(t) || (c != '\r' && c != '\n')) {
			t->malformed = true;
		}
		if (string_may_be_text(t) && t->bytes >= LEX_TEXT_MAX) {
			lex_abort(l, false);
			return i + 1;
		}
	}
	return n;
}

static size_t
lex_string_esc(struct lex *l, unsigned char c)
{
	if (c == '\\') {
		string_done(l, LEX_SEVEN_BIT);
		return 1;
	}
	/* The ESC has been taken: it begins the next sequence. */
	lex_abort(l, true);
	return 0;
}

static size_t
lex_step(struct lex *l, const unsigned char *in, size_t n)
{
	switch (l->state) {
	case LEX_IN_UTF8:
		return lex_utf8(l, in[0]);
	case LEX_IN_ESC:
		return lex_esc(l, in[0]);
	case LEX_IN_HEAD:
		return lex_head(l, in[0]);
	case LEX_IN_STRING:
		return lex_string(l, in, n);
	case LEX_IN_STRING_ESC:
		return lex_string_esc(l, in[0]);
	case LEX_IN_GROUND:
	default:
		return lex_ground(l, in, n);
	}
}

size_t
lex_next(struct lex *l, const unsigned char *in, size_t n)
{
	size_t i = 0;

	/* The ESC that ended a string begins the next sequence. */
	if (l->t.restart)
		lex_begin(l, LEX_IN_ESC, LEX_SEVEN_BIT);
	l->t.inside = false;
	l->t.type = LEX_MORE;
	while (i < n && l->t.type == LEX_MORE)
		i += lex_step(l, in + i, n - i);
	return i;
}
