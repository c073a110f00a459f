/*
 * Colours and attributes: SGR to a style and back. libvterm 0.1.4 knows no faint, hidden or
 * overlined text, no underline colour and no links, so the pen is ours.
 */
#include "screen/internal.h"

#include <string.h>

/* ---- SGR to a style ---- */

static void
style_reset(struct style *p)
{
	const uint16_t link = p->link, keep = p->attr & STYLE_PROTECTED;

	memset(p, 0, sizeof(*p));
	p->link = link;
	p->attr = keep;
}

/* Sub-parameters that belong to parameter i. */
static unsigned int
subs(const struct token *t, unsigned int i)
{
	unsigned int n = 0;

	while (i + n + 1 < t->count && (t->sub >> (i + n + 1) & 1))
		n++;
	return n;
}

static uint32_t
rgb(unsigned int r, unsigned int g, unsigned int b)
{
	return COLOUR_RGB | (r & 255) << 16 | (g & 255) << 8 | (b & 255);
}

/*
 * 38, 48, 58 at i: the colour, and in *used the parameters behind i that it took. With colons an
 * RGB colour may have a colour space before its values (ISO 8613-6). False: no colour.
 */
static bool
extended_colour(const struct token *t, unsigned int i, uint32_t *ret, unsigned int *used)
{
	unsigned int n = subs(t, i);
	const bool colons = n > 0;
	unsigned int first = i + 2;

	if (!colons)
		n = t->count - i - 1;
	*used = colons ? n : n < 1 ? 0 : 1;
	if (n < 2)
		return false;
	if (token_param(t, i + 1, 0) == 5) {
		if (!colons)
			*used = 2;
		if (token_param(t, first, 0) > 255)
			return false;
		*ret = COLOUR_INDEX | token_param(t, first, 0);
		return true;
	}
	if (token_param(t, i + 1, 0) != 2)
		return false;
	if (!colons)
		*used = n < 4 ? n : 4;
	if (n < 4)
		return false;
	if (colons && n >= 5)
		first++;
	if (token_param(t, first, 0) > 255 || token_param(t, first + 1, 0) > 255 ||
	    token_param(t, first + 2, 0) > 255)
		return false;
	*ret = rgb(token_param(t, first, 0), token_param(t, first + 1, 0),
		   token_param(t, first + 2, 0));
	return true;
}

static void
set_attr(struct style *p, unsigned int mask, bool on)
{
	p->attr = (uint16_t)(on ? p->attr | mask : p->attr & ~mask);
}

static void
set_underline(struct style *p, unsigned int style)
{
	set_attr(p, STYLE_UNDERLINE, false);
	set_attr(p, (style > 5 ? 1 : style) << STYLE_UNDERLINE_SHIFT, true);
}

/* The parameters that stand alone. */
static void
apply_simple(struct style *p, unsigned int v)
{
	static const struct {
		unsigned char on, off;
		unsigned short mask;
	} pairs[] = {
		{ 1, 0, STYLE_BOLD },	    { 2, 0, STYLE_FAINT },
		{ 3, 23, STYLE_ITALIC },    { 5, 25, STYLE_BLINK },
		{ 6, 25, STYLE_BLINK },	    { 7, 27, STYLE_REVERSE },
		{ 8, 28, STYLE_HIDDEN },    { 9, 29, STYLE_STRIKE },
		{ 53, 55, STYLE_OVERLINE }, { 0, 22, STYLE_BOLD | STYLE_FAINT },
	};

	if (v >= 30 && v <= 37)
		p->fg = COLOUR_INDEX | (v - 30);
	else if (v >= 40 && v <= 47)
		p->bg = COLOUR_INDEX | (v - 40);
	else if (v >= 90 && v <= 97)
		p->fg = COLOUR_INDEX | (v - 90 + 8);
	else if (v >= 100 && v <= 107)
		p->bg = COLOUR_INDEX | (v - 100 + 8);
	else if (v == 39)
		p->fg = COLOUR_DEFAULT;
	else if (v == 49)
		p->bg = COLOUR_DEFAULT;
	else if (v == 59)
		p->ul = COLOUR_DEFAULT;
	else if (v == 21)
		set_underline(p, 2);
	else if (v == 24)
		set_underline(p, 0);
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		if (v && (pairs[i].on == v || pairs[i].off == v))
			set_attr(p, pairs[i].mask, pairs[i].on == v);
}

void
style_apply(struct style *p, const struct token *t)
{
	if (!t->count)
		style_reset(p);
	for (unsigned int i = 0; i < t->count; i++) {
		const unsigned int v = token_param(t, i, 0), n = subs(t, i);
		unsigned int used = n;
		uint32_t colour;

		if (v == 0 && !n) {
			style_reset(p);
		} else if (v == 38 || v == 48 || v == 58) {
			if (extended_colour(t, i, &colour, &used))
				*(v == 38 ? &p->fg : v == 48 ? &p->bg : &p->ul) = colour;
		} else if (v == 4) {
			set_underline(p, n ? token_param(t, i + 1, 1) : 1);
		} else if (!n) {
			apply_simple(p, v);
		}
		i += used;
	}
}

/* ---- a style to SGR ---- */

static int
emit_colour(struct buf *out, unsigned int base, uint32_t c)
{
	const unsigned int v = c & 0xffffff;

	if (c == COLOUR_DEFAULT)
		return 0;
	if (c & COLOUR_RGB)
		return buf_addf(out,
				base == 58   ? ";58:2::%u:%u:%u"
				: base == 38 ? ";38;2;%u;%u;%u"
					     : ";48;2;%u;%u;%u",
				v >> 16, v >> 8 & 255, v & 255);
	if (base == 58)
		return buf_addf(out, ";58:5:%u", v);
	if (v < 8)
		return buf_addf(out, ";%u", base - 8 + v);
	if (v < 16)
		return buf_addf(out, ";%u", base + 52 + v - 8);
	return buf_addf(out, ";%u;5;%u", base, v);
}

int
style_emit(struct buf *out, const struct style *p)
{
	static const struct {
		unsigned short mask;
		const char *text;
	} attrs[] = {
		{ STYLE_BOLD, ";1" },	{ STYLE_FAINT, ";2" },	   { STYLE_ITALIC, ";3" },
		{ STYLE_BLINK, ";5" },	{ STYLE_REVERSE, ";7" },   { STYLE_HIDDEN, ";8" },
		{ STYLE_STRIKE, ";9" }, { STYLE_OVERLINE, ";53" },
	};
	const unsigned int underline = (p->attr & STYLE_UNDERLINE) >> STYLE_UNDERLINE_SHIFT;
	int r = buf_adds(out, "\033[0");

	for (size_t i = 0; i < ARRAY_LEN(attrs) && r == 0; i++)
		if (p->attr & attrs[i].mask)
			r = buf_adds(out, attrs[i].text);
	if (r == 0 && underline == 1)
		r = buf_adds(out, ";4");
	else if (r == 0 && underline)
		r = buf_addf(out, ";4:%u", underline);
	if (r == 0)
		r = emit_colour(out, 38, p->fg);
	if (r == 0)
		r = emit_colour(out, 48, p->bg);
	if (r == 0)
		r = emit_colour(out, 58, p->ul);
	return r < 0 ? r : buf_addc(out, 'm');
}
