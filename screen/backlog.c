/*
 * The backlog: bytes that have passed and that the model has not seen. Under a flood the model
 * would be the slowest part by far, and most of what it did would scroll out of its history
 * unseen. So it is fed when there is time, or when somebody asks; and what provably leaves no
 * trace is forgotten instead.
 *
 * What may be forgotten. Let the bytes waiting be P S, where nothing in them but line ends reaches
 * beyond the row of the cursor (`plain`), the margins are at the edges, S begins behind CR LF,
 * P has at least as many line feeds as the screen has rows, and S scrolls at least N rows, N being
 * the rows of the screen and, on the main screen, of the history. Then:
 *
 *   - behind P the cursor is at the left edge of the bottom row, which is empty: each line feed
 *     moves it down or scrolls, and nothing moves it up;
 *   - what S does depends on that row, on the pen and on modes that plain bytes do not change; the
 *     pen at the beginning of S is kept with the chunk;
 *   - every row that was on the screen or in the history before S is pushed out by S.
 *
 * So P may go, if model_jump() puts cursor and pen where P would have left them. A chunk that is
 * not plain makes everything before and in it indispensable.
 *
 * The rows that S scrolls: at least its line feeds; and when every column costs one byte (`pure`)
 * and lines wrap, at least bytes / columns - 2 for each chunk.
 */
#include "screen/internal.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"

static void
chunk_free(struct chunk *c)
{
	if (c)
		mem_free(c->link);
	mem_free(c);
}

void
backlog_clear(struct backlog *b)
{
	while (b->head) {
		struct chunk *next = b->head->next;

		chunk_free(b->head);
		b->head = next;
	}
	chunk_free(b->spare);
	*b = (struct backlog){ 0 };
}

static void
backlog_drop_head(struct backlog *b)
{
	struct chunk *c = b->head;

	b->head = c->next;
	b->count--;
	if (!b->head)
		b->tail = NULL;
	mem_free(c->link);
	c->link = NULL;
	if (b->spare)
		mem_free(c);
	else
		b->spare = c;
}

int
backlog_feed(struct backlog *b, struct model *m, size_t limit)
{
	while (b->head && limit) {
		struct chunk *c = b->head;
		const size_t n = c->n - c->fed < limit ? c->n - c->fed : limit;
		int r;

		if (b->jump)
			model_jump(m, &c->pen, c->link);
		b->jump = false;
		r = model_feed(m, c->bytes + c->fed, n);
		if (r < 0)
			return r;
		c->fed += n;
		limit -= n;
		if (c->fed == c->n)
			backlog_drop_head(b);
	}
	return b->head != NULL;
}

/* ---- forgetting ---- */

static size_t
rows_scrolled(const struct chunk *c, const struct model *m, bool wraps)
{
	const size_t by_width = c->scan.pure && wraps ? (c->n - 2 * c->scan.lines) / m->cols : 0;

	return by_width > c->scan.lines + 2 ? by_width - 2 : c->scan.lines;
}

/* The chunk that S may begin with, as late as possible, all being plain; NULL if there is none. */
static struct chunk *
backlog_find(const struct backlog *b, const struct model *m, const struct modes *modes)
{
	const size_t history = modes_on_alternate(modes) ? 0 : m->history.limit;
	const bool wraps = modes_has(modes, MODE_AUTOWRAP);
	size_t behind = 0, before = 0;
	struct chunk *found = NULL;

	if (modes_have_margins(modes))
		return NULL;
	for (struct chunk *c = b->head; c; c = c->next)
		behind += rows_scrolled(c, m, wraps);
	for (struct chunk *c = b->head; c; c = c->next) {
		/* What the model has seen of the head already counts for nothing. */
		if (c != b->head && c->line_start && behind >= m->rows + history &&
		    (b->jump || before >= m->rows))
			found = c;
		behind -= rows_scrolled(c, m, wraps);
		before += c->fed ? 0 : c->scan.lines;
	}
	return found;
}

static bool
backlog_has_barrier(const struct backlog *b)
{
	for (const struct chunk *c = b->head; c; c = c->next)
		if (!c->plain)
			return true;
	return false;
}

static int
backlog_trim(struct backlog *b, struct model *m, const struct modes *modes)
{
	enum { LOOK_EVERY = 8 };
	struct chunk *s;

	/*
	 * What is indispensable has to be fed some time, and stands in the way until then. A
	 * hostile program makes it expensive (ESC # 8 writes every cell), so that whoever wants to
	 * paint a prompt must not find much of it waiting.
	 */
	while (backlog_has_barrier(b)) {
		const int r = backlog_feed(b, m, CHUNK_BYTES);

		if (r < 0)
			return r;
	}
	/* Looking costs a walk over the chunks: only now and then, and before it gets full. */
	if (b->count < BACKLOG_CHUNKS && b->count % LOOK_EVERY)
		return 0;
	s = backlog_find(b, m, modes);
	if (s) {
		while (b->head != s)
			backlog_drop_head(b);
		b->jump = true;
	}
	while (b->count >= BACKLOG_CHUNKS) {
		const int r = backlog_feed(b, m, CHUNK_BYTES);

		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- adding ---- */

static int
backlog_open(struct backlog *b, struct model *m, const struct backlog_now *now, bool line_start)
{
	struct chunk *c;
	int r = backlog_trim(b, m, now->modes);

	if (r < 0)
		return r;
	c = b->spare ? b->spare : mem_calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	b->spare = NULL;
	c->next = NULL;
	c->n = c->fed = 0;
	c->scan = (struct scan_lines){ .pure = true };
	c->plain = true;
	c->line_start = line_start;
	c->pen = now->modes->pen;
	c->link = NULL;
	if (now->link) {
		c->link = mem_strdup(now->link);
		if (!c->link) {
			mem_free(c);
			return -ENOMEM;
		}
	}
	if (b->tail)
		b->tail->next = c;
	else
		b->head = c;
	b->tail = c;
	b->count++;
	return 0;
}

/* The last place in p[0..n) that has CR LF before it; 0 when there is none. */
static size_t
last_line_start(const unsigned char *p, size_t n)
{
	while (n >= 2) {
		const unsigned char *lf = memrchr(p + 1, '\n', n - 1);

		if (!lf)
			return 0;
		if (lf[-1] == '\r')
			return (size_t)(lf - p) + 1;
		n = (size_t)(lf - p);
	}
	return 0;
}

static void
chunk_add(struct chunk *c, const unsigned char *p, size_t n, enum backlog_kind kind)
{
	if (kind == BACKLOG_TEXT)
		scan_lines(&c->scan, p, n);
	else
		c->scan.pure = false;
	if (kind == BACKLOG_BARRIER)
		c->plain = false;
	memcpy(c->bytes + c->n, p, n);
	c->n += n;
}

/*
 * A chunk ends at the last line end of the text that makes it more than half full: only so can the
 * next one be what S begins with. The pen in `now` is that after the token, and so that at the
 * beginning of the new chunk, because text does not change it.
 */
int
backlog_add(struct backlog *b, struct model *m, const struct backlog_now *now,
	    const unsigned char *p, size_t n, enum backlog_kind kind)
{
	int r = 0;

	while (n && r == 0) {
		struct chunk *c = b->tail;
		const size_t room = c ? CHUNK_BYTES - c->n : 0;
		size_t k = 0;

		if (kind == BACKLOG_TEXT && c && c->n + n > CHUNK_BYTES / 2)
			k = last_line_start(p, n < room ? n : room);
		if (!k && n <= room) {
			chunk_add(c, p, n, kind);
			return 0;
		}
		if (k || room)
			chunk_add(c, p, k ? k : room, kind);
		p += k ? k : room;
		n -= k ? k : room;
		r = backlog_open(b, m, now, k != 0);
	}
	return r;
}
