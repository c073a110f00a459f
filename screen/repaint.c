/*
 * Repainting (spec 04 section 6.11): from the model, never from recorded bytes, so that no query,
 * bell or clipboard write happens twice and nothing begins in the middle of a sequence.
 *
 * The order: synchronized update on; everything that changes how output is taken to its default;
 * [history, main screen, switch to the alternate one]; the cells by absolute position; tab stops,
 * margins and modes; the saved cursor; cursor and pen; synchronized update off.
 */
#include "screen/internal.h"

#include <errno.h>
#include <string.h>

/* Everything whose state is unknown in a terminal that was somebody else's. */
static const char unknown_to_default[] =
	"\033[m\033(B\033)B\017\033[4l\033[?6l\033[?69l\033[r\033[?7h\033[?25l";

static const char charsets_to_default[] = "\033[m\033(B\033)B\033*B\033+B\017";

enum { PAINT_SLACK = 64 << 10 }; /* room for modes and title behind the cells */

/* ---- cells ---- */

struct painter {
	const struct model *m;
	struct buf *out;
	struct style pen; /* of the terminal */
	bool plain;	  /* text alone: what fits even when everything else does not */
	int r;
};

static void
paint_link(struct painter *p, uint16_t link)
{
	if (p->r == 0)
		p->r = buf_addf(p->out, "\033]8;%s\033\\", link ? link_text(p->m, link) : ";");
}

static void
paint_style(struct painter *p, const struct style *s)
{
	struct style want = *s;

	if (p->plain)
		return;
	want.attr &= (uint16_t)~STYLE_PROTECTED;
	if (want.link != p->pen.link)
		paint_link(p, want.link);
	p->pen.link = want.link;
	if (p->r == 0 && !style_equal(&want, &p->pen))
		p->r = style_is_default(&want) ? buf_adds(p->out, "\033[m")
					       : style_emit(p->out, &want);
	p->pen = want;
}

static void
paint_cells(struct painter *p, const struct row *r, unsigned int from, unsigned int to)
{
	for (unsigned int c = from; c < to && p->r == 0; c++) {
		if (r->cells[c].ch[0] == (uint32_t)CELL_TAIL)
			continue;
		paint_style(p, &r->cells[c].style);
		if (p->r == 0)
			p->r = cell_emit(p->out, &r->cells[c]);
	}
}

static const struct style style_none;

/*
 * A row that goes on in the next one is written to its last column and the next one right behind
 * it: the terminal wraps by itself, and knows later that it is one line.
 */
static void
paint_grid(struct painter *p, const struct grid *g)
{
	bool wrapped = false;

	for (unsigned int i = 0; i < g->rows && p->r == 0; i++) {
		const struct row *r = g->row[i];
		const bool wraps = r->wrap && i + 1 < g->rows && g->row[i + 1]->cells[0].ch[0] &&
				   r->cells[g->cols - 1].ch[0];
		const unsigned int used = wraps ? g->cols : row_used(r, g->cols);

		if (!wrapped)
			p->r = buf_addf(p->out, "\033[%uH", i + 1);
		paint_cells(p, r, 0, used);
		if (used < g->cols && p->r == 0) {
			paint_style(p, &style_none);
			p->r = p->r < 0 ? p->r : buf_adds(p->out, "\033[K");
		}
		wrapped = wraps;
	}
	paint_style(p, &style_none);
}

/* ---- history ---- */

/* As many of the newest rows as fit into `room` bytes. */
static size_t
history_fits(const struct model *m, size_t room, struct buf *scratch)
{
	size_t n = 0;

	while (n < m->history.count) {
		buf_reset(scratch);
		if (packed_emit(scratch, history_at(&m->history, m->history.count - 1 - n), true) <
		    0)
			return n;
		if (scratch->n + 2 > room)
			return n;
		room -= scratch->n + 2;
		n++;
	}
	return n;
}

/*
 * Print the rows from the top of the empty screen, then scroll until the last of them has left it.
 */
static int
paint_history(const struct model *m, size_t room, struct buf *out)
{
	autobuf struct buf scratch = BUF_INIT;
	const size_t n = history_fits(m, room, &scratch);
	const size_t on_screen = n < m->rows - 1 ? n : m->rows - 1;
	int r = buf_adds(out, m->history.count ? "\033[H\033[2J\033[3J" : "\033[H\033[2J");

	for (size_t i = 0; i < n && r == 0; i++) {
		const size_t at = m->history.count - n + i;
		const struct packed_row *p = history_at(&m->history, at);
		const bool goes_on = packed_wraps(p, m->cols) && i + 1 < n &&
				     !packed_is_empty(history_at(&m->history, at + 1));

		r = packed_emit(out, p, true);
		if (r == 0 && !goes_on)
			r = buf_adds(out, "\r\n");
	}
	if (r == 0 && n)
		r = buf_addf(out, "\033[%uH", m->rows);
	for (size_t i = 0; i < on_screen && r == 0; i++)
		r = buf_addc(out, '\n');
	return r;
}

/* ---- cursor ---- */

static int
paint_pen(const struct model *m, const struct style *pen, struct buf *out)
{
	struct painter p = { .m = m, .out = out };

	paint_style(&p, pen);
	return p.r;
}

/* Everything that ESC 7 saves, but for origin mode, as the program had saved it. */
static int
paint_place(const struct model *m, const struct saved_cursor *c, struct buf *out)
{
	struct style pen = c->pen;
	int r = buf_addf(out, "\033[%u;%uH", c->row + 1, c->col + 1);

	pen.link = 0;
	if (r == 0)
		r = paint_pen(m, &pen, out);
	return r < 0 ? r : charsets_emit(out, &c->charset);
}

/* So that the program's ESC 8 goes there. */
static int
paint_saved(const struct model *m, const struct saved_cursor *c, struct buf *out)
{
	int r;

	if (!c->row && !c->col && style_is_default(&c->pen) && charsets_are_default(&c->charset))
		return 0;
	r = paint_place(m, c, out);
	if (r == 0)
		r = buf_adds(out, "\0337");
	return r < 0 ? r : buf_adds(out, charsets_to_default);
}

/* A cursor behind the last column gets there only by writing into that column once more. */
static int
paint_cursor(const struct screen *s, struct buf *out)
{
	const struct model *m = s->model;
	const struct grid *g = &m->grid[m->alternate];
	unsigned int row, col, top = 0, left = 0;
	struct painter p = { .m = m, .out = out };

	model_cursor(m, &row, &col);
	if (m->origin) {
		top = m->top;
		left = m->left;
	}
	if (m->phantom && col > 0 && g->row[row]->cells[col].ch[0] == (uint32_t)CELL_TAIL)
		col--;
	p.r = buf_addf(out, "\033[%u;%uH", row >= top ? row - top + 1 : 1,
		       col >= left ? col - left + 1 : 1);
	if (m->phantom)
		paint_cells(&p, g->row[row], col, g->cols);
	paint_style(&p, &m->pen);
	if (p.r == 0)
		p.r = charsets_emit(out, &s->modes.charset);
	return p.r;
}

static int
paint_tabs(const struct model *m, struct buf *out)
{
	bool usual = true;
	int r;

	for (unsigned int c = 0; c < m->cols; c++)
		usual = usual && model_tab(m, c) == (c % 8 == 0);
	if (usual)
		return 0;
	r = buf_adds(out, "\033[3g");
	for (unsigned int c = 0; c < m->cols && r == 0; c++)
		if (model_tab(m, c))
			r = buf_addf(out, "\033[1;%uH\033H", c + 1);
	return r;
}

/* ---- all ---- */

/* What comes behind the cells. */
static int
paint_state(const struct screen *s, struct buf *out)
{
	const struct model *m = s->model;
	int r = paint_tabs(m, out);

	if (r == 0)
		r = paint_saved(m, &m->saved[m->alternate], out);
	if (r == 0)
		r = modes_emit(&s->modes, RESET_KEYS | RESET_OUTPUT | RESET_LOOKS, out);
	if (r == 0)
		r = kitty_emit(&s->modes.kitty[m->alternate], out);
	if (r == 0)
		r = paint_cursor(s, out);
	/* Behind the cursor: with these on, painting its cell would move others. */
	if (r == 0 && s->modes.insert)
		r = buf_adds(out, "\033[4h");
	if (r == 0 && s->modes.newline)
		r = buf_adds(out, "\033[20h");
	if (r == 0 && modes_has(&s->modes, MODE_CURSOR_VISIBLE))
		r = buf_adds(out, "\033[?25h");
	return r;
}

/*
 * The terminal has its defaults, as screen_leave() and the shell left it, and a cursor that only it
 * knows. Alternate screens are never left to the shell, so this is the main one.
 */
static int
paint_modes(struct screen *s, struct buf *out)
{
	int r = modes_emit(&s->modes, RESET_KEYS | RESET_OUTPUT | RESET_LOOKS, out);

	if (r == 0)
		r = kitty_emit(&s->modes.kitty[0], out);
	if (r == 0)
		r = paint_pen(s->model, &s->model->pen, out);
	if (r == 0)
		r = charsets_emit(out, &s->modes.charset);
	if (r == 0 && s->modes.insert)
		r = buf_adds(out, "\033[4h");
	if (r == 0 && s->modes.newline)
		r = buf_adds(out, "\033[20h");
	return r;
}

/* Both screens of a terminal that knows nothing. */
static int
paint_fresh(const struct screen *s, bool plain, struct buf *out)
{
	const struct model *m = s->model;
	struct painter p = { .m = m, .out = out, .plain = plain };

	paint_grid(&p, &m->grid[0]);
	if (p.r < 0 || !m->alternate)
		return p.r;
	p.r = kitty_emit(&s->modes.kitty[0], out);
	/* Where the program left the main screen: 1049 saves it once more, and comes back to it. */
	if (p.r == 0)
		p.r = paint_place(m, &m->saved[0], out);
	if (p.r == 0)
		p.r = buf_addf(out, "\033[?%uh%s", s->modes.alternate, charsets_to_default);
	paint_grid(&p, &m->grid[1]);
	return p.r;
}

static int
paint_cell_part(const struct screen *s, enum screen_paint what, bool plain, struct buf *out)
{
	const struct model *m = s->model;
	struct painter p = { .m = m, .out = out, .plain = plain };

	if (what == SCREEN_PAINT_FRESH)
		return paint_fresh(s, plain, out);
	if (what == SCREEN_PAINT_VISIBLE)
		paint_grid(&p, &m->grid[m->alternate]);
	return p.r;
}

/* Before a title is set: on a new terminal as often as on the one before, else once. */
static int
paint_titles(struct screen *s, enum screen_paint what, struct buf *out)
{
	const unsigned int before = s->modes.titles;

	if (!before && s->modes.title_set)
		s->modes.titles = 1;
	return titles_push(out,
			   what == SCREEN_PAINT_FRESH ? s->modes.titles : s->modes.titles - before);
}

int
screen_repaint(struct screen *s, enum screen_paint what, struct buf *out)
{
	autobuf struct buf cells = BUF_INIT;
	autobuf struct buf state = BUF_INIT;
	const size_t before = out->n;
	size_t fixed;
	const bool nothing = what == SCREEN_PAINT_MODES && s->background;
	int r = screen_sync(s);

	if (r == 0 && !nothing)
		r = paint_titles(s, what, &state);
	if (r == 0 && what == SCREEN_PAINT_MODES) {
		modes_end_margins(&s->modes);
		model_end_margins(s->model);
		model_start_line(s->model);
		r = nothing ? 0 : paint_modes(s, &state);
		return r < 0 ? r : buf_add(out, state.p, state.n);
	}
	if (r == 0)
		r = paint_state(s, &state);
	if (r == 0)
		r = paint_cell_part(s, what, false, &cells);
	fixed = sizeof(unknown_to_default) + state.n + 64;
	if (r == 0 && cells.n + fixed > SCREEN_REPAINT_MAX) {
		buf_reset(&cells);
		r = paint_cell_part(s, what, true, &cells);
	}
	if (r == 0)
		r = buf_adds(out, "\033[?2026h");
	if (r == 0)
		r = buf_adds(out, unknown_to_default);
	if (r == 0 && what == SCREEN_PAINT_FRESH)
		r = paint_history(s->model,
				  cells.n + fixed + PAINT_SLACK < SCREEN_REPAINT_MAX
					  ? SCREEN_REPAINT_MAX - cells.n - fixed - PAINT_SLACK
					  : 0,
				  out);
	/* Larger than the limit even so: a thousand rows of a thousand wide characters. */
	if (r == 0 && cells.n + fixed <= SCREEN_REPAINT_MAX)
		r = buf_add(out, cells.p, cells.n);
	if (r == 0)
		r = buf_add(out, state.p, state.n);
	if (r == 0 && !modes_has(&s->modes, MODE_SYNCHRONIZED))
		r = buf_adds(out, "\033[?2026l");
	if (r < 0)
		out->n = before;
	return r;
}
