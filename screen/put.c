/* What libvterm's callbacks do to cells: written, blanked, scrolled, moved. */
#include "screen/internal.h"

#include <string.h>

static struct grid *
grid_shown(struct model *m)
{
	return &m->grid[m->alternate];
}

void
put_glyph(struct model *m, unsigned int row, unsigned int col, const uint32_t *ch,
	  unsigned int width, bool protected)
{
	struct row *r = grid_shown(m)->row[row];
	struct cell *c = &r->cells[col];
	unsigned int n = 0;

	if (width > 2)
		width = 2;
	if (col + width > m->cols)
		width = 1; /* not met; nothing may be written behind the row */
	/* Text that comes to the left edge from the right one, or did not fit there. */
	if (col == 0 && row > 0 &&
	    (m->phantom || (width == 2 && m->autowrap && m->put_end + 1 == m->cols)))
		grid_shown(m)->row[row - 1]->wrap = true;
	row_cut(r, col, m->cols);
	row_cut(r, col + width, m->cols);
	memset(c->ch, 0, sizeof(c->ch));
	for (; n < CELL_CHARS && ch[n]; n++)
		c->ch[n] = ch[n];
	m->put_row = row;
	m->put_col = col;
	m->repeatable = true;
	m->shifted = false;
	c->style = m->pen;
	if (protected)
		c->style.attr |= STYLE_PROTECTED;
	if (width == 2) {
		c[1] = (struct cell){ .ch = { (uint32_t)CELL_TAIL }, .style = c->style };
	}
	m->put_end = col + width;
	m->phantom = m->autowrap && m->put_end >= m->cols;
	if (m->put_end >= m->cols)
		r->wrap = false;
}

void
put_ascii(struct model *m, unsigned int row, unsigned int col, const unsigned char *p,
	  unsigned int n)
{
	struct row *r = grid_shown(m)->row[row];
	struct cell c = { .style = m->pen };

	row_cut(r, col, m->cols);
	row_cut(r, col + n, m->cols);
	if (m->protecting)
		c.style.attr |= STYLE_PROTECTED;
	for (unsigned int i = 0; i < n; i++) {
		c.ch[0] = p[i];
		r->cells[col + i] = c;
	}
	m->put_row = row;
	m->put_end = col + n;
	m->put_col = m->put_end - 1;
	m->repeatable = true;
}

void
put_combining(struct model *m, uint32_t ch)
{
	unsigned int row, col, n = 1;
	struct cell *c;

	vterm_cursor(m, &row, &col);
	if (!m->phantom && col == 0)
		return;
	c = &grid_shown(m)->row[row]->cells[m->phantom ? col : col - 1];
	if (c->ch[0] == (uint32_t)CELL_TAIL)
		c--;
	while (n < CELL_CHARS && c->ch[n])
		n++;
	if (c->ch[0] && n < CELL_CHARS)
		c->ch[n] = ch;
}

void
put_blank(struct model *m, unsigned int row, unsigned int from, unsigned int to, bool selective)
{
	struct row *r = grid_shown(m)->row[row];

	if (to == m->cols)
		r->wrap = false;
	if (selective) {
		for (unsigned int i = from; i < to; i++)
			if (!(r->cells[i].style.attr & STYLE_PROTECTED)) {
				row_cut(r, i, m->cols);
				row_cut(r, i + 1, m->cols);
				row_blank(r, i, i + 1, &m->pen);
			}
		return;
	}
	row_cut(r, from, m->cols);
	row_cut(r, to, m->cols);
	row_blank(r, from, to, &m->pen);
}

static void
scroll_one_up(struct model *m, unsigned int top, unsigned int bottom)
{
	struct grid *g = grid_shown(m);
	struct row *r = g->row[top];

	if (top == 0 && !m->alternate && history_push(&m->history, r, m->cols) < 0)
		m->error = -1;
	memmove(g->row + top, g->row + top + 1, (bottom - top - 1) * sizeof(*g->row));
	g->row[bottom - 1] = r;
	r->wrap = false;
	row_blank(r, 0, m->cols, &m->pen);
}

static void
scroll_one_down(struct model *m, unsigned int top, unsigned int bottom)
{
	struct grid *g = grid_shown(m);
	struct row *r = g->row[bottom - 1];

	memmove(g->row + top + 1, g->row + top, (bottom - top - 1) * sizeof(*g->row));
	g->row[top] = r;
	r->wrap = false;
	row_blank(r, 0, m->cols, &m->pen);
	if (bottom >= 2 && bottom - 1 > top)
		g->row[bottom - 1]->wrap = false;
}

void
put_scroll(struct model *m, unsigned int top, unsigned int bottom, int down)
{
	for (; down > 0; down--)
		scroll_one_up(m, top, bottom);
	for (; down < 0; down++)
		scroll_one_down(m, top, bottom);
}

void
put_move(struct model *m, unsigned int from_row, unsigned int to_row, unsigned int from_col,
	 unsigned int to_col, unsigned int n)
{
	struct row *from = grid_shown(m)->row[from_row], *to = grid_shown(m)->row[to_row];

	row_cut(from, from_col, m->cols);
	row_cut(from, from_col + n, m->cols);
	row_cut(to, to_col, m->cols);
	row_cut(to, to_col + n, m->cols);
	memmove(to->cells + to_col, from->cells + from_col, n * sizeof(to->cells[0]));
	to->wrap = false;
}
