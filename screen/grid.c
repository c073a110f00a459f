/* Cells: rows of them, wide characters whole, characters as UTF-8. Pure but for allocation. */
#include "screen/internal.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"

static struct row *
row_new(unsigned int cols)
{
	return mem_calloc(1, sizeof(struct row) + cols * sizeof(struct cell));
}

int
grid_init(struct grid *g, unsigned int rows, unsigned int cols)
{
	*g = (struct grid){ .cols = cols };
	g->row = mem_calloc(rows, sizeof(*g->row));
	if (!g->row)
		return -ENOMEM;
	for (; g->rows < rows; g->rows++) {
		g->row[g->rows] = row_new(cols);
		if (!g->row[g->rows]) {
			grid_clear(g);
			return -ENOMEM;
		}
	}
	return 0;
}

void
grid_clear(struct grid *g)
{
	for (unsigned int i = 0; i < g->rows; i++)
		mem_free(g->row[i]);
	mem_free(g->row);
	*g = (struct grid){ 0 };
}

void
row_blank(struct row *r, unsigned int from, unsigned int to, const struct style *pen)
{
	struct cell blank = { .style.bg = pen->bg };

	for (unsigned int i = from; i < to; i++)
		r->cells[i] = blank;
}

static bool
cell_is_tail(const struct cell *c)
{
	return c->ch[0] == (uint32_t)CELL_TAIL;
}

void
row_cut(struct row *r, unsigned int col, unsigned int cols)
{
	if (col == 0 || col >= cols || !cell_is_tail(&r->cells[col]))
		return;
	memset(r->cells[col - 1].ch, 0, sizeof(r->cells[0].ch));
	memset(r->cells[col].ch, 0, sizeof(r->cells[0].ch));
}

unsigned int
row_used(const struct row *r, unsigned int cols)
{
	while (cols && !r->cells[cols - 1].ch[0] && style_is_default(&r->cells[cols - 1].style))
		cols--;
	return cols;
}

static int
utf8_emit(struct buf *out, uint32_t c)
{
	char b[4];
	size_t n;

	if (c < 0x80) {
		b[0] = (char)c;
		n = 1;
	} else if (c < 0x800) {
		b[0] = (char)(0xc0 | c >> 6);
		b[1] = (char)(0x80 | (c & 0x3f));
		n = 2;
	} else if (c < 0x10000) {
		b[0] = (char)(0xe0 | c >> 12);
		b[1] = (char)(0x80 | (c >> 6 & 0x3f));
		b[2] = (char)(0x80 | (c & 0x3f));
		n = 3;
	} else {
		b[0] = (char)(0xf0 | (c >> 18 & 7));
		b[1] = (char)(0x80 | (c >> 12 & 0x3f));
		b[2] = (char)(0x80 | (c >> 6 & 0x3f));
		b[3] = (char)(0x80 | (c & 0x3f));
		n = 4;
	}
	return buf_add(out, b, n);
}

int
cell_emit(struct buf *out, const struct cell *c)
{
	int r;

	if (!c->ch[0])
		return buf_addc(out, ' ');
	if (cell_is_tail(c))
		return 0;
	r = utf8_emit(out, c->ch[0]);
	for (unsigned int i = 1; i < CELL_CHARS && c->ch[i] && r == 0; i++)
		r = utf8_emit(out, c->ch[i]);
	return r;
}
