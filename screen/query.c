/*
 * Questions a program asks its terminal, and the answers when there is no terminal (spec 04
 * section 6.8). A program that waits for one must not hang because its user has detached.
 */
#include "screen/internal.h"

#include <string.h>

static bool
osc_asks(const struct token *t)
{
	/* "OSC n ; ?" and "OSC 4 ; n ; ?". */
	return t->string == LEX_OSC && t->kept >= 2 && t->bytes == t->kept &&
	       memcmp(t->text + t->kept - 2, ";?", 2) == 0;
}

bool
query_is(const struct token *t)
{
	switch (t->type) {
	case LEX_CONTROL:
		return t->byte == 0x05;
	case LEX_C1:
		return t->byte == 0x9a;
	case LEX_ESC:
		return !t->intermediate[0] && t->byte == 'Z';
	case LEX_STRING:
		if (t->string == LEX_DCS)
			return t->byte == 'q' &&
			       (t->intermediate[0] == '$' || t->intermediate[0] == '+');
		return osc_asks(t) || (t->string == LEX_APC && t->text[0] == 'G' &&
				       strstr((const char *)t->text, "a=q") != NULL);
	case LEX_CSI:
		if (t->intermediate[0] == '$')
			return t->byte == 'p';
		if (t->intermediate[0])
			return false;
		if (t->byte == 'c')
			return t->private != '?';
		if (t->byte == 'n')
			return !t->private || t->private == '?';
		return token_is_csi(t, '?', 'u') || token_is_csi(t, '>', 'q') ||
		       token_is_csi(t, 0, 'x') ||
		       (token_is_csi(t, 0, 't') && token_param(t, 0, 0) >= 14 &&
			token_param(t, 0, 0) <= 18);
	default:
		return false;
	}
}

bool
query_needs_cursor(const struct token *t)
{
	return (token_is_csi(t, 0, 'n') || token_is_csi(t, '?', 'n')) && token_param(t, 0, 0) == 6;
}

/* The colours a terminal with a dark background has; xterm's palette. */
static uint32_t
palette_default(unsigned int i)
{
	static const uint32_t first[] = {
		0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
		0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
	};
	static const uint32_t level[] = { 0, 0x5f, 0x87, 0xaf, 0xd7, 0xff };

	if (i < 16)
		return first[i];
	if (i < 232) {
		i -= 16;
		return level[i / 36] << 16 | level[i / 6 % 6] << 8 | level[i % 6];
	}
	return (8 + (i - 232) * 10) * 0x010101u;
}

static int
answer_colour(struct buf *out, const char *name, uint32_t set, uint32_t normal)
{
	const uint32_t c = set >> 24 == COLOUR_RGB >> 24 ? set : normal;
	const unsigned int r = c >> 16 & 255, g = c >> 8 & 255, b = c & 255;

	return buf_addf(out, "\033]%s;rgb:%02x%02x/%02x%02x/%02x%02x\033\\", name, r, r, g, g, b,
			b);
}

static int
answer_osc(const struct token *t, const struct query_facts *f, struct buf *out)
{
	const char *p = (const char *)t->text;
	unsigned int n = 0;
	char name[16];

	if (t->kept - 2 >= sizeof(name))
		return 0;
	memcpy(name, p, t->kept - 2);
	name[t->kept - 2] = '\0';
	if (strcmp(name, "10") == 0 || strcmp(name, "11") == 0 || strcmp(name, "12") == 0)
		return answer_colour(out, name, f->modes->colours[name[1] - '0'],
				     name[1] == '1' ? 0x000000 : 0xe5e5e5);
	if (name[0] != '4' || name[1] != ';' || !name[2])
		return 0;
	for (p = name + 2; *p; p++) {
		if (*p < '0' || *p > '9')
			return 0;
		n = n * 10 + (unsigned int)(*p - '0');
		if (n >= MODES_PALETTE)
			return 0;
	}
	return answer_colour(out, name, f->modes->palette[n], palette_default(n));
}

static int
answer_status(const struct token *t, const struct query_facts *f, struct buf *out)
{
	const char *mark = t->private ? "?" : "";
	unsigned int row = f->row + 1;

	if (token_param(t, 0, 0) == 5 && !t->private)
		return buf_adds(out, "\033[0n");
	if (token_param(t, 0, 0) != 6)
		return 0;
	/* Origin mode counts rows from the upper margin. */
	if (f->origin && f->modes->top > 1 && row >= f->modes->top)
		row -= f->modes->top - 1u;
	return buf_addf(out, "\033[%s%u;%uR", mark, row, f->col + 1);
}

static int
answer_attributes(const struct token *t, struct buf *out)
{
	if (token_param(t, 0, 0) != 0)
		return 0;
	if (!t->private)
		return buf_adds(out, "\033[?62;22c");
	return t->private == '>' ? buf_adds(out, "\033[>1;0;0c") : 0;
}

static int
answer_csi(const struct token *t, const struct query_facts *f, struct buf *out)
{
	const unsigned int n = token_param(t, 0, 0);

	if (t->intermediate[0] == '$') {
		const char mark[] = { (char)t->private, '\0' };

		return buf_addf(out, "\033[%s%u;%u$y", mark, n,
				modes_report(f->modes, (char)t->private, n));
	}
	switch (t->byte) {
	case 'c':
		return answer_attributes(t, out);
	case 'n':
		return answer_status(t, f, out);
	case 'u':
		return buf_addf(
			out, "\033[?%uu",
			f->modes->kitty[modes_on_alternate(f->modes)]
				.flags[f->modes->kitty[modes_on_alternate(f->modes)].depth]);
	case 'q':
		return n ? 0 : buf_addf(out, "\033P>|nono(%s)\033\\", f->version);
	case 't':
		return n == 18 ? buf_addf(out, "\033[8;%u;%ut", f->rows, f->cols) : 0;
	default:
		return 0;
	}
}

int
query_answer(const struct token *t, const struct query_facts *f, struct buf *out)
{
	if (t->type == LEX_ESC || t->type == LEX_C1)
		return buf_adds(out, "\033[?62;22c"); /* DECID */
	if (t->type == LEX_CSI)
		return answer_csi(t, f, out);
	if (t->type != LEX_STRING)
		return 0;
	if (t->string == LEX_OSC)
		return answer_osc(t, f, out);
	if (t->string == LEX_DCS && t->intermediate[0] == '+')
		return buf_adds(out, "\033P0+r\033\\");
	if (t->string == LEX_DCS && t->intermediate[0] == '$')
		return buf_adds(out, "\033P0$r\033\\");
	return 0;
}
