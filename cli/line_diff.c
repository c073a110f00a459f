/*
 * Longest common subsequence over lines. Texts that differ in very many lines are shown as taken out
 * and put in whole: a draft is written by a program and must not cost memory without bound.
 */
#include "cli/line_diff.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"

enum {
	CONTEXT_LINES = 3,
	CELLS_MAX = 4 << 20,
};

struct lines {
	struct slice *item;
	size_t count, capacity;
};

/* One line of the result. */
struct row {
	char mark;
	struct slice text;
};

struct rows {
	struct row *item;
	size_t count, capacity;
};

static int
split(struct lines *l, struct slice text)
{
	while (text.n > 0) {
		const char *end = memchr(text.p, '\n', text.n);
		size_t n = end ? (size_t)(end - text.p) : text.n;
		int r = mem_grow((void **)&l->item, &l->capacity, l->count, sizeof(*l->item));

		if (r < 0)
			return r;
		l->item[l->count++] = (struct slice){ text.p, n };
		n += end != NULL;
		text.p += n;
		text.n -= n;
	}
	return 0;
}

static int
add_row(struct rows *rows, char mark, struct slice text)
{
	int r = mem_grow((void **)&rows->item, &rows->capacity, rows->count, sizeof(*rows->item));

	if (r == 0)
		rows->item[rows->count++] = (struct row){ mark, text };
	return r;
}

/* The middle, where neither the first nor the last lines are equal. */
static int
compare(struct rows *rows, const struct slice *a, size_t n, const struct slice *b, size_t m)
{
	uint32_t *best = NULL;
	size_t i = 0, k = 0, width = m + 1;
	bool whole = n > CELLS_MAX / width;
	int r = 0;

	if (!whole && !(best = mem_calloc((n + 1) * width, sizeof(*best))))
		return -ENOMEM;
	for (size_t x = whole ? 0 : n; x-- > 0;)
		for (size_t y = m; y-- > 0;) {
			uint32_t down = best[(x + 1) * width + y], right = best[x * width + y + 1];

			best[x * width + y] = slice_equal(a[x], b[y])
						      ? best[(x + 1) * width + y + 1] + 1
					      : down > right ? down
							     : right;
		}
	while ((i < n || k < m) && r == 0) {
		if (!whole && i < n && k < m && slice_equal(a[i], b[k])) {
			r = add_row(rows, ' ', a[i]);
			i++, k++;
		} else if (i < n && (whole || k == m ||
				     best[(i + 1) * width + k] >= best[i * width + k + 1])) {
			r = add_row(rows, '-', a[i++]);
		} else {
			r = add_row(rows, '+', b[k++]);
		}
	}
	mem_free(best);
	return r;
}

static void
put_row(struct out *o, const struct row *row)
{
	char mark[2] = { row->mark, '\0' };
	autobuf struct buf text = BUF_INIT;

	if (buf_add(&text, row->text.p, row->text.n) < 0)
		o->failed = true;
	if (row->mark == ' ')
		out_puts(o, mark);
	else
		out_role(o, row->mark == '+' ? ROLE_GREEN : ROLE_RED, false, mark);
	out_text(o, buf_str(&text));
	out_puts(o, "\n");
}

/* Is a changed line at most CONTEXT_LINES away? */
static bool
is_near(const struct rows *rows, size_t at)
{
	size_t from = at > CONTEXT_LINES ? at - CONTEXT_LINES : 0;

	for (size_t i = from; i < rows->count && i <= at + CONTEXT_LINES; i++)
		if (rows->item[i].mark != ' ')
			return true;
	return false;
}

int
line_diff(struct out *o, struct slice a, struct slice b)
{
	struct lines x = { NULL, 0, 0 }, y = { NULL, 0, 0 };
	struct rows rows = { NULL, 0, 0 };
	size_t head = 0, tail = 0;
	bool gap = false;
	int r;

	if ((r = split(&x, a)) < 0 || (r = split(&y, b)) < 0)
		goto out;
	while (head < x.count && head < y.count && slice_equal(x.item[head], y.item[head]))
		head++;
	while (tail < x.count - head && tail < y.count - head &&
	       slice_equal(x.item[x.count - 1 - tail], y.item[y.count - 1 - tail]))
		tail++;
	for (size_t i = 0; i < head && r == 0; i++)
		r = add_row(&rows, ' ', x.item[i]);
	if (r == 0)
		r = compare(&rows, x.count ? x.item + head : NULL, x.count - head - tail,
			    y.count ? y.item + head : NULL, y.count - head - tail);
	for (size_t i = x.count - tail; i < x.count && r == 0; i++)
		r = add_row(&rows, ' ', x.item[i]);
	for (size_t i = 0; i < rows.count && r == 0; i++) {
		if (!is_near(&rows, i)) {
			gap = true;
			continue;
		}
		if (gap)
			out_puts(o, "@@\n");
		gap = false;
		put_row(o, &rows.item[i]);
	}
out:
	mem_free(x.item);
	mem_free(y.item);
	mem_free(rows.item);
	return r;
}
