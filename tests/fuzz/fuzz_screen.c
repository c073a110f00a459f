/*
 * What a program prints. The first bytes choose the filter, the size and how the rest is cut into
 * reads; 0xff 0xff ROWS COLUMNS in it is a change of size. Beside the sanitizers' checks:
 *
 *   - cutting the input differently changes no byte of the output;
 *   - the output passes the filter unchanged, and so does every repaint;
 *   - the output is bounded by the input;
 *   - a model that is fed at once and one that is fed at the end show the same;
 *   - a repaint makes a second model show the same;
 *   - coming back from the shell writes nothing and leaves the cursor alone.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "screen/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool ok, const char *what)
{
	if (ok)
		return;
	(void)fprintf(stderr, "not so: %s\n", what);
	abort();
}

struct session {
	struct screen *s;
	struct buf out;
	bool resized;
};

/* Feed in pieces of `step` bytes; the model at once when `eager`. */
static void
session_feed(struct session *e, const uint8_t *p, size_t n, size_t step, bool eager)
{
	size_t k;

	for (size_t i = 0; i < n; i += k) {
		k = n - i < step ? n - i : step;
		if (n - i >= 4 && p[i] == 0xff && p[i + 1] == 0xff) {
			check(screen_resize(e->s, p[i + 2] % 20, p[i + 3] % 60) == 0, "resize");
			e->resized = true;
			k = 4;
			continue;
		}
		for (size_t j = 1; j < k; j++)
			if (p[i + j] == 0xff)
				k = j;
		check(screen_feed(e->s, p + i, k, &e->out) == 0, "feed");
		while (eager && screen_idle(e->s) == 1)
			;
	}
}

static void
session_close(struct session *e)
{
	buf_clear(&e->out);
	screen_free(e->s);
}

static bool
same_bytes(const struct buf *a, const struct buf *b)
{
	return a->n == b->n && (a->n == 0 || memcmp(a->p, b->p, a->n) == 0);
}

static bool
same_cell(const struct model *a, const struct cell *x, const struct model *b, const struct cell *y)
{
	struct style s = x->style, t = y->style;
	const char *la = link_text(a, s.link), *lb = link_text(b, t.link);

	s.link = t.link = 0;
	s.attr &= (uint16_t)~STYLE_PROTECTED;
	t.attr &= (uint16_t)~STYLE_PROTECTED;
	/* A blank and a space look the same. */
	return memcmp(x->ch + 1, y->ch + 1, sizeof(x->ch) - sizeof(x->ch[0])) == 0 &&
	       (x->ch[0] ? x->ch[0] : ' ') == (y->ch[0] ? y->ch[0] : ' ') && style_equal(&s, &t) &&
	       strcmp(la, lb) == 0;
}

static void
check_grids(const struct model *a, const struct model *b, unsigned int which, const char *what)
{
	for (unsigned int r = 0; r < a->rows; r++)
		for (unsigned int c = 0; c < a->cols; c++)
			check(same_cell(a, &a->grid[which].row[r]->cells[c], b,
					&b->grid[which].row[r]->cells[c]),
			      what);
}

static void
check_same(struct screen *a, struct screen *b)
{
	unsigned int row[2], col[2];

	check(screen_cursor(a, &row[0], &col[0]) == 0 && screen_cursor(b, &row[1], &col[1]) == 0,
	      "cursor");
	/* libvterm wraps to the left edge instead of the left margin, where origin mode does not
	 * reach. */
	if (!a->model->origin || !a->model->margins_lr) {
		check(row[0] == row[1] && col[0] == col[1], "the same cursor");
		check(a->model->phantom == b->model->phantom, "the same wrap pending");
	}
	check(a->model->alternate == b->model->alternate, "the same screen");
	check_grids(a->model, b->model, a->model->alternate, "the same cells");
}

static void
check_filtered(const struct buf *in, enum screen_filter level, const char *what)
{
	struct session e = { screen_new(2, 20, level), BUF_INIT, false };

	check(e.s != NULL, "memory");
	check(screen_feed(e.s, (const uint8_t *)in->p, in->n, &e.out) == 0, "feed");
	check(screen_finish(e.s, &e.out) == 0, "finish");
	check(same_bytes(in, &e.out), what);
	session_close(&e);
}

static void
check_repaint(struct screen *s, enum screen_filter level, bool resized)
{
	struct session e = { screen_new(s->model->rows, s->model->cols, level), BUF_INIT, false };
	struct buf text = BUF_INIT;

	check(e.s != NULL && screen_repaint(s, SCREEN_PAINT_FRESH, &text) == 0, "repaint");
	check(text.n <= SCREEN_REPAINT_MAX, "a repaint within its limit");
	check(screen_feed(e.s, (const uint8_t *)text.p, text.n, &e.out) == 0, "feed");
	check(level == SCREEN_FILTER_OFF || same_bytes(&text, &e.out), "a repaint passes");
	check_same(s, e.s);
	check_grids(s->model, e.s->model, 0, "the same cells on the main screen");
	/* Rows that were wider than the screen is now take more than one, and in a screen of one
	 * row it is not known whether its line goes on. */
	check(resized || s->model->rows < 2 || s->model->history.count == e.s->model->history.count,
	      "as much history");
	session_close(&e);
	buf_clear(&text);
}

static void
check_back(struct screen *s, enum screen_filter level)
{
	struct session e = { screen_new(s->model->rows, s->model->cols, level), BUF_INIT, false };
	struct buf text = BUF_INIT;
	unsigned int row[2], col[2];

	check(e.s && screen_feed(e.s, (const uint8_t *)"\r\n\n\nab", 6, &e.out) == 0, "shell");
	check(screen_cursor(e.s, &row[0], &col[0]) == 0, "cursor");
	check(screen_repaint(s, SCREEN_PAINT_MODES, &text) == 0, "modes");
	buf_reset(&e.out);
	check(screen_feed(e.s, (const uint8_t *)text.p, text.n, &e.out) == 0, "feed");
	check(level == SCREEN_FILTER_OFF || same_bytes(&text, &e.out), "modes pass");
	check(screen_cursor(e.s, &row[1], &col[1]) == 0, "cursor");
	check(row[0] == row[1] && col[0] == col[1], "the shell's cursor");
	check(e.s->modes.on == s->modes.on, "the program's modes");
	session_close(&e);
	buf_clear(&text);
}

static void
check_rest(struct screen *s, enum screen_filter level)
{
	struct buf text = BUF_INIT;

	check(screen_dump(s, &text) == 0 && text.n <= SCREEN_DUMP_MAX, "dump");
	buf_reset(&text);
	check(screen_settle(s, &text) == 0, "settle");
	check(screen_repaint(s, SCREEN_PAINT_STATE, &text) == 0, "state");
	check(screen_leave(s, SCREEN_LEAVE_CLEAR, &text) == 0, "leave");
	if (!screen_on_alternate(s))
		check_back(s, level);
	check(screen_leave(s, SCREEN_LEAVE_FINAL, &text) == 0, "leave");
	check(screen_replies(s).n <= SCREEN_REPLIES_MAX, "bounded replies");
	buf_clear(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum screen_filter level;
	struct session whole, cut;
	size_t step;

	if (size < 4)
		return 0;
	level = data[0] % 3;
	whole = (struct session){ screen_new(data[1] % 20, data[2] % 60, level), BUF_INIT, false };
	cut = (struct session){ screen_new(data[1] % 20, data[2] % 60, level), BUF_INIT, false };
	check(whole.s && cut.s, "memory");
	step = data[3] % 32 + 1;
	screen_set_attached(whole.s, data[3] & 32);
	screen_set_attached(cut.s, data[3] & 32);
	data += 4;
	size -= 4;
	session_feed(&whole, data, size, size ? size : 1, false);
	session_feed(&cut, data, size, step, true);
	check(same_bytes(&whole.out, &cut.out), "the same output however it is cut");
	check(whole.out.n <= 8 * size + 16, "output bounded by input");
	check_same(whole.s, cut.s);
	check(screen_finish(cut.s, &cut.out) == 0, "finish");
	if (level != SCREEN_FILTER_OFF)
		check_filtered(&cut.out, level, "output passes unchanged");
	check_repaint(whole.s, level, whole.resized);
	check_rest(whole.s, level);
	session_close(&whole);
	session_close(&cut);
	return 0;
}
