/*
 * Rows that scrolled out of the main screen: a ring of packed rows, at most `limit` of them and at
 * most SCREEN_HISTORY_BYTES in all; the oldest go first. Links are not kept.
 *
 * A packed row is its runs of equal style and its characters in UTF-8. In front of a combining
 * character stands PACK_COMBINES, in front of a wide one PACK_WIDE: control characters, which no
 * cell holds.
 */
#include "screen/internal.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"

enum { PACK_COMBINES = 1, PACK_WIDE = 2 };

struct run {
	struct style style;
	uint32_t bytes;
};

struct packed_row {
	uint16_t cols; /* of the row it was */
	uint16_t runs;
	bool wrap;
	uint32_t bytes; /* of text, behind the runs */
	struct run run[];
};

static size_t
packed_size(const struct packed_row *p)
{
	/* The allocator's share counts: a history of empty lines is not free. */
	return sizeof(*p) + p->runs * sizeof(struct run) + p->bytes + 16;
}

static const unsigned char *
packed_text(const struct packed_row *p)
{
	return (const unsigned char *)&p->run[p->runs];
}

void
history_init(struct history *h, size_t limit)
{
	*h = (struct history){ .limit = limit };
}

static void
history_forget(struct history *h)
{
	struct packed_row *oldest = h->ring[h->first];

	h->bytes -= packed_size(oldest);
	mem_free(oldest);
	h->ring[h->first] = NULL;
	h->first = (h->first + 1) % h->limit;
	h->count--;
}

void
history_clear(struct history *h)
{
	while (h->count)
		history_forget(h);
}

void
history_free(struct history *h)
{
	history_clear(h);
	mem_free(h->ring);
	*h = (struct history){ 0 };
}

const struct packed_row *
history_at(const struct history *h, size_t i)
{
	return h->ring[(h->first + i) % h->limit];
}

/* ---- packing ---- */

/* Bytes of a cell, written to `to` when that is given. */
static unsigned int
pack_cell(unsigned char *to, const struct row *r, unsigned int i, unsigned int cols)
{
	const struct cell *c = &r->cells[i];
	unsigned int n = 0;

	if (!c->ch[0]) {
		if (to)
			*to = ' ';
		return 1;
	}
	if (c->ch[0] == (uint32_t)CELL_TAIL)
		return 0;
	if (i + 1 < cols && r->cells[i + 1].ch[0] == (uint32_t)CELL_TAIL) {
		if (to)
			to[n] = PACK_WIDE;
		n++;
	}
	for (unsigned int k = 0; k < CELL_CHARS && c->ch[k]; k++) {
		const uint32_t ch = c->ch[k];
		const unsigned int len = ch < 0x80 ? 1 : ch < 0x800 ? 2 : ch < 0x10000 ? 3 : 4;

		if (k) {
			if (to)
				to[n] = PACK_COMBINES;
			n++;
		}
		if (to && len == 1) {
			to[n] = (unsigned char)ch;
		} else if (to) {
			for (unsigned int b = 0; b < len; b++)
				to[n + b] = (unsigned char)(0x80 |
							    (ch >> 6 * (len - 1 - b) & 0x3f));
			/* The lead byte: as many ones as there are bytes, and the rest. */
			to[n] = (unsigned char)((0xf00 >> len & 0xff) | ch >> 6 * (len - 1));
		}
		n += len;
	}
	return n;
}

static struct style
pack_style(const struct cell *c)
{
	struct style s = c->style;

	s.link = 0;
	s.attr &= (uint16_t)~STYLE_PROTECTED;
	return s;
}

/* Most cells. */
static bool
cell_is_ascii(const struct cell *c)
{
	return c->ch[0] < 0x80 && !c->ch[1] && c->ch[0];
}

static struct packed_row *
pack(const struct row *r, unsigned int cols)
{
	const unsigned int used = r->wrap ? cols : row_used(r, cols);
	const struct cell *c = r->cells;
	struct packed_row *p;
	unsigned int runs = 0;
	unsigned char *text;
	size_t bytes = 0;

	for (unsigned int i = 0; i < used; i++) {
		runs += !i || !style_equal(&c[i].style, &c[i - 1].style);
		bytes += cell_is_ascii(&c[i]) ? 1 : pack_cell(NULL, r, i, cols);
	}
	p = mem_calloc(1, sizeof(*p) + runs * sizeof(struct run) + bytes);
	if (!p)
		return NULL;
	p->cols = (uint16_t)cols;
	p->wrap = r->wrap;
	p->bytes = (uint32_t)bytes;
	p->runs = (uint16_t)runs;
	text = (unsigned char *)&p->run[runs];
	runs = 0;
	for (unsigned int i = 0; i < used; i++) {
		const unsigned char *before = text;

		if (!i || !style_equal(&c[i].style, &c[i - 1].style))
			p->run[runs++].style = pack_style(&c[i]);
		if (cell_is_ascii(&c[i]))
			*text++ = (unsigned char)c[i].ch[0];
		else
			text += pack_cell(text, r, i, cols);
		p->run[runs - 1].bytes += (uint32_t)(text - before);
	}
	return p;
}

int
history_push(struct history *h, const struct row *r, unsigned int cols)
{
	struct packed_row *p;

	if (h->limit == 0)
		return 0;
	/* Programs that use the whole screen never scroll anything into it. */
	if (!h->ring)
		h->ring = mem_calloc(h->limit, sizeof(*h->ring));
	p = h->ring ? pack(r, cols) : NULL;
	if (!p)
		return -ENOMEM;
	if (h->count == h->limit)
		history_forget(h);
	h->ring[(h->first + h->count++) % h->limit] = p;
	h->bytes += packed_size(p);
	while (h->bytes > SCREEN_HISTORY_BYTES)
		history_forget(h);
	return 0;
}

/* ---- unpacking ---- */

static uint32_t
unpack_char(const unsigned char **p)
{
	const unsigned int lead = *(*p)++;
	unsigned int more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
	uint32_t c = more ? lead & (0x3fu >> more) : lead;

	while (more--)
		c = c << 6 | (*(*p)++ & 0x3f);
	return c;
}

static void
unpack(struct row *r, unsigned int cols, const struct packed_row *p)
{
	const unsigned char *text = packed_text(p);
	unsigned int col = 0, k = 0;

	for (unsigned int i = 0; i < p->runs; i++) {
		const unsigned char *end = text + p->run[i].bytes;

		while (text < end) {
			const bool wide = *text == PACK_WIDE, combines = *text == PACK_COMBINES;
			uint32_t c;

			text += wide || combines;
			c = unpack_char(&text);
			if (combines) {
				if (col && ++k < CELL_CHARS)
					r->cells[col - 1 -
						 (r->cells[col - 1].ch[0] == (uint32_t)CELL_TAIL)]
						.ch[k] = c;
				continue;
			}
			if (col + (wide ? 2 : 1) > cols)
				return;
			k = 0;
			r->cells[col].ch[0] = c;
			r->cells[col].style = p->run[i].style;
			if (wide) {
				r->cells[col + 1].ch[0] = (uint32_t)CELL_TAIL;
				r->cells[col + 1].style = p->run[i].style;
			}
			col += wide ? 2 : 1;
		}
	}
}

bool
history_pop(struct history *h, struct row *r, unsigned int cols)
{
	const size_t last = (h->first + h->count - 1) % h->limit;
	struct packed_row *p;

	if (!h->count)
		return false;
	p = h->ring[last];
	memset(r->cells, 0, cols * sizeof(r->cells[0]));
	unpack(r, cols, p);
	r->wrap = p->wrap && p->cols == cols;
	h->bytes -= packed_size(p);
	h->ring[last] = NULL;
	h->count--;
	mem_free(p);
	return true;
}

bool
packed_wraps(const struct packed_row *p, unsigned int cols)
{
	return p->wrap && p->cols == cols;
}

bool
packed_is_empty(const struct packed_row *p)
{
	return !p->bytes;
}

static int
emit_text(struct buf *out, const unsigned char *p, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0;) {
		size_t k = i;

		while (k < n && p[k] > PACK_WIDE)
			k++;
		r = buf_add(out, p + i, k - i);
		i = k + 1;
	}
	return r;
}

int
packed_emit(struct buf *out, const struct packed_row *p, bool styles)
{
	const unsigned char *text = packed_text(p);
	bool styled = false;
	int r = 0;

	for (unsigned int i = 0; i < p->runs && r == 0; i++) {
		const bool plain = style_is_default(&p->run[i].style);

		if (styles && (styled || !plain))
			r = plain ? buf_adds(out, "\033[m") : style_emit(out, &p->run[i].style);
		styled = !plain;
		if (r == 0)
			r = emit_text(out, text, p->run[i].bytes);
		text += p->run[i].bytes;
	}
	if (r == 0 && styles && styled)
		r = buf_adds(out, "\033[m");
	return r;
}
