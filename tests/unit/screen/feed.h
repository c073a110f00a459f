/* Shared by the tests of screen/: feed a screen, compare what two of them show. */
#ifndef TESTS_UNIT_SCREEN_FEED_H
#define TESTS_UNIT_SCREEN_FEED_H

#include <CUnit/CUnit.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fd.h"
#include "screen/internal.h"
#include "tests/harness/unit.h"

#define TEXT(s) ((struct buf){ (char *)(uintptr_t)(s), sizeof(s) - 1, 0 })

static inline void
feed(struct screen *s, const void *p, size_t n, struct buf *out)
{
	CU_ASSERT_FATAL(screen_feed(s, p, n, out) == 0);
}

/* For those who do not care what comes out. */
static inline void
tell(struct screen *s, const char *text)
{
	struct buf out = BUF_INIT;

	feed(s, text, strlen(text), &out);
	buf_clear(&out);
}

static inline struct screen *
screen_of(unsigned int rows, unsigned int cols, const char *text)
{
	struct screen *s = screen_new(rows, cols, SCREEN_FILTER_STANDARD);

	CU_ASSERT_FATAL(s != NULL);
	tell(s, text);
	return s;
}

static inline bool
same_bytes(const struct buf *a, const struct buf *b)
{
	return a->n == b->n && (a->n == 0 || memcmp(a->p, b->p, a->n) == 0);
}

/* What comes out of a fresh screen, `in` cut at `at`. */
static inline void
filtered(enum screen_filter level, const struct buf *in, size_t at, struct buf *out)
{
	struct screen *s = screen_new(24, 80, level);

	CU_ASSERT_FATAL(s != NULL);
	/* As behind a first title: the user's is saved already. */
	s->modes.titles = 1;
	s->has_begun = true;
	feed(s, in->p, at, out);
	feed(s, in->p + at, in->n - at, out);
	screen_free(s);
}

/* Cut everywhere, the output is the same. False, and the text printed, when not. */
static inline bool
comes_out(enum screen_filter level, struct buf in, struct buf want)
{
	bool ok = true;

	for (size_t at = 0; at <= in.n && ok; at++) {
		struct buf out = BUF_INIT;

		filtered(level, &in, at, &out);
		ok = same_bytes(&out, &want);
		if (!ok) {
			printf("# cut at %zu, level %d: ", at, (int)level);
			for (size_t i = 0; i < in.n; i++)
				printf("%02x", (unsigned char)in.p[i]);
			printf(" gives ");
			for (size_t i = 0; i < out.n; i++)
				printf("%02x", (unsigned char)out.p[i]);
			printf("\n");
		}
		buf_clear(&out);
	}
	return ok;
}

static inline bool
same_cell(const struct model *a, const struct cell *x, const struct model *b, const struct cell *y)
{
	struct style s = x->style, t = y->style;

	if (strcmp(link_text(a, s.link), link_text(b, t.link)) != 0)
		return false;
	s.link = t.link = 0;
	/* A blank and a space look the same. */
	return memcmp(x->ch + 1, y->ch + 1, sizeof(x->ch) - sizeof(x->ch[0])) == 0 &&
	       (x->ch[0] ? x->ch[0] : ' ') == (y->ch[0] ? y->ch[0] : ' ') && style_equal(&s, &t);
}

static inline bool
same_grid(const struct model *a, const struct model *b, unsigned int which)
{
	for (unsigned int r = 0; r < a->rows; r++)
		for (unsigned int c = 0; c < a->cols; c++)
			if (!same_cell(a, &a->grid[which].row[r]->cells[c], b,
				       &b->grid[which].row[r]->cells[c])) {
				printf("# row %u column %u differ\n", r, c);
				return false;
			}
	return true;
}

static inline bool
same_history(const struct model *a, const struct model *b)
{
	bool same = a->history.count == b->history.count;

	for (size_t i = 0; i < a->history.count && same; i++) {
		struct buf x = BUF_INIT, y = BUF_INIT;

		same = packed_emit(&x, history_at(&a->history, i), true) == 0 &&
		       packed_emit(&y, history_at(&b->history, i), true) == 0 && same_bytes(&x, &y);
		if (!same)
			printf("# row %zu of the history differs\n", i);
		buf_clear(&x);
		buf_clear(&y);
	}
	return same;
}

/* Cursor, wrap pending, both grids, history. */
static inline bool
same_screen(struct screen *a, struct screen *b)
{
	unsigned int row[2], col[2];

	if (screen_cursor(a, &row[0], &col[0]) < 0 || screen_cursor(b, &row[1], &col[1]) < 0)
		return false;
	if (row[0] != row[1] || col[0] != col[1])
		printf("# cursor %u,%u and %u,%u\n", row[0], col[0], row[1], col[1]);
	return row[0] == row[1] && col[0] == col[1] && a->model->phantom == b->model->phantom &&
	       a->model->alternate == b->model->alternate &&
	       style_equal(&a->modes.pen, &b->modes.pen) && same_grid(a->model, b->model, 0) &&
	       (!a->model->alternate || same_grid(a->model, b->model, 1)) &&
	       same_history(a->model, b->model);
}

/* A second screen after a repaint of the first. */
static inline struct screen *
repainted(struct screen *s, enum screen_paint what)
{
	struct screen *copy = screen_new(s->model->rows, s->model->cols, SCREEN_FILTER_STANDARD);
	struct buf text = BUF_INIT, out = BUF_INIT;

	CU_ASSERT_FATAL(copy != NULL);
	CU_ASSERT_FATAL(screen_repaint(s, what, &text) == 0);
	CU_ASSERT(text.n <= SCREEN_REPAINT_MAX);
	feed(copy, text.p, text.n, &out);
	CU_ASSERT(same_bytes(&text, &out));
	buf_clear(&text);
	buf_clear(&out);
	return copy;
}

/* A recording under tests/data/screen/. */
static inline void
recording(const char *name, struct buf *b)
{
	const char *top = getenv("NONO_TOP");
	char path[512];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/tests/data/screen/%s", top ? top : ".", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_FATAL(buf_read_fd(b, fd, 1 << 20) == 0);
	(void)fd_close(fd);
}

#endif
