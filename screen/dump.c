/* History and visible cells as text, for diagnostics (spec 04 section 6.11). */
#include "screen/internal.h"

#include <string.h>

/* A row of the grid; a line that goes on in the next row is one line. */
static int
dump_row(struct buf *out, const struct row *r, unsigned int cols)
{
	const unsigned int used = r->wrap ? cols : row_used(r, cols);
	int e = 0;

	for (unsigned int c = 0; c < used && e == 0; c++)
		e = cell_emit(out, &r->cells[c]);
	return e < 0 || r->wrap ? e : buf_addc(out, '\n');
}

static int
dump_grid(struct buf *out, const struct grid *g)
{
	unsigned int rows = g->rows;
	int r = 0;

	while (rows && !row_used(g->row[rows - 1], g->cols))
		rows--;
	for (unsigned int i = 0; i < rows && r == 0; i++)
		r = dump_row(out, g->row[i], g->cols);
	return r;
}

/* Keep the newest `limit` bytes, from the beginning of a line. */
static void
keep_end(struct buf *b, size_t limit)
{
	const char *from, *line;

	if (b->n <= limit)
		return;
	from = b->p + (b->n - limit);
	line = memchr(from, '\n', limit);
	if (line && line + 1 < b->p + b->n)
		from = line + 1;
	else
		while (from < b->p + b->n && ((unsigned char)*from & 0xc0) == 0x80)
			from++;
	b->n -= (size_t)(from - b->p);
	memmove(b->p, from, b->n);
	b->p[b->n] = '\0';
}

int
screen_dump(struct screen *s, struct buf *out)
{
	const struct model *m = s->model;
	autobuf struct buf text = BUF_INIT;
	int r = screen_sync(s);

	for (size_t i = 0; i < m->history.count && r == 0; i++) {
		const struct packed_row *p = history_at(&m->history, i);

		r = packed_emit(&text, p, false);
		if (r == 0 && !packed_wraps(p, m->cols))
			r = buf_addc(&text, '\n');
		if (text.n > 4 * SCREEN_DUMP_MAX)
			keep_end(&text, SCREEN_DUMP_MAX);
	}
	if (r == 0)
		r = dump_grid(&text, &m->grid[0]);
	if (r == 0 && m->alternate)
		r = dump_grid(&text, &m->grid[1]);
	if (r < 0)
		return r;
	keep_end(&text, SCREEN_DUMP_MAX);
	return buf_add(out, text.p, text.n);
}
