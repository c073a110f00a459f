/* The pieces together: bytes in, bytes out, and what is known in between. */
#include "screen/screen.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "screen/internal.h"

static unsigned int
side(unsigned int n, unsigned int least, unsigned int missing)
{
	return !n ? missing : n < least ? least : n > SCREEN_SIDE_MAX ? SCREEN_SIDE_MAX : n;
}

struct screen *
screen_new(unsigned int rows, unsigned int cols, enum screen_filter level)
{
	struct screen *s = mem_calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	lex_init(&s->lex, level == SCREEN_FILTER_STRICT);
	s->filter.level = level;
	modes_init(&s->modes);
	s->version = "0";
	s->model = model_new(side(rows, 1, 24), side(cols, SCREEN_COLS_MIN, 80));
	if (!s->model) {
		screen_free(s);
		return NULL;
	}
	s->modes.rows = s->model->rows;
	s->modes.cols = s->model->cols;
	return s;
}

void
screen_limit_history(struct screen *s, unsigned int rows)
{
	history_init(&s->model->history, rows < SCREEN_HISTORY_ROWS ? rows : SCREEN_HISTORY_ROWS);
}

void
screen_free(struct screen *s)
{
	if (!s)
		return;
	buf_clear(&s->filter.hold);
	buf_clear(&s->replies);
	backlog_clear(&s->backlog);
	model_free(s->model);
	mem_free(s->link);
	mem_free(s);
}

int
screen_sync(struct screen *s)
{
	const int r = backlog_feed(&s->backlog, s->model, SIZE_MAX);

	return r < 0 ? r : 0;
}

int
screen_idle(struct screen *s)
{
	return backlog_feed(&s->backlog, s->model, CHUNK_BYTES);
}

/* ---- feeding ---- */

/* The link that later text belongs to; the model numbers it when it gets there. */
static int
track_link(struct screen *s, const struct token *t)
{
	const bool open = t->kept >= 3 && t->text[t->kept - 1] != ';' && t->bytes <= t->kept;

	if (t->malformed || t->kept < 2 || memcmp(t->text, "8;", 2) != 0)
		return 0;
	mem_free(s->link);
	s->link = open ? mem_strdup((const char *)t->text + 2) : NULL;
	return open && !s->link ? -ENOMEM : 0;
}

static int
answer(struct screen *s, const struct token *t)
{
	struct query_facts f = {
		.modes = &s->modes,
		.version = s->version,
		.rows = s->model->rows,
		.cols = s->model->cols,
		.origin = modes_has(&s->modes, MODE_ORIGIN),
	};
	const size_t before = s->replies.n;
	int r = 0;

	if (query_needs_cursor(t))
		r = screen_cursor(s, &f.row, &f.col);
	if (r == 0)
		r = query_answer(t, &f, &s->replies);
	if (r == 0 && s->replies.n > SCREEN_REPLIES_MAX)
		s->replies.n = before;
	return r;
}

static enum backlog_kind
kind_of(const struct token *t)
{
	if (t->type == LEX_TEXT)
		return BACKLOG_TEXT;
	if (!model_cares(t) || model_stays_in_row(t))
		return BACKLOG_ROW;
	return BACKLOG_BARRIER;
}

/* A token has reached the terminal. */
static int
passed(struct screen *s, const struct token *t)
{
	int r = 0;

	if (t->type == LEX_TEXT) {
		s->has_output = true;
		return 0;
	}
	modes_track(&s->modes, t);
	if (t->type == LEX_STRING && t->string == LEX_OSC)
		r = track_link(s, t);
	if (r == 0 && s->detached && query_is(t))
		r = answer(s, t);
	return r;
}

/*
 * What the filter let out belongs to the token that let it out, with one exception: text that was
 * held for a sequence that came to nothing. Both are BACKLOG_ROW to the backlog, at least.
 */
static int
remember(struct screen *s, const struct token *t, const unsigned char *p, size_t n)
{
	const struct backlog_now now = { &s->modes, s->link };

	return backlog_add(&s->backlog, s->model, &now, p, n, kind_of(t));
}

/*
 * The user's title is saved when the program is about to set one, unless it has just saved it
 * itself; screen_leave() brings it back. `at` is where the sequence begins that sets it.
 */
static int
save_title(struct screen *s, struct buf *out, size_t at)
{
	const size_t n = out->n - at;
	const int r = titles_push(out, 1);

	if (r < 0)
		return r;
	memmove(out->p + at + strlen(TITLE_PUSH), out->p + at, n);
	memcpy(out->p + at, TITLE_PUSH, strlen(TITLE_PUSH));
	s->modes.titles = 1;
	return 0;
}

/* Unfiltered, a sequence is on its way before it is known. */
static int
begin_unfiltered(struct screen *s, struct buf *out)
{
	if (s->has_begun || s->filter.level != SCREEN_FILTER_OFF)
		return 0;
	s->has_begun = true;
	s->modes.titles = 1;
	return titles_push(out, 1);
}

void
screen_set_background(struct screen *s, bool background)
{
	s->background = background && s->filter.level != SCREEN_FILTER_OFF;
}

static bool
is_held_back(const struct screen *s, const struct token *t)
{
	return s->background && (token_is_csi(t, '>', 'u') || token_is_csi(t, '<', 'u') ||
				 token_is_csi(t, '=', 'u'));
}

int
screen_feed(struct screen *s, const unsigned char *in, size_t n, struct buf *out)
{
	int r = begin_unfiltered(s, out);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n;) {
		const size_t k = lex_next(&s->lex, in + i, n - i), before = out->n;
		const struct token *t = &s->lex.t;
		bool whole;

		r = filter_token(&s->filter, t, in + i, k, out, &whole);
		if (r == 0 && whole && s->filter.level != SCREEN_FILTER_OFF && !s->modes.titles &&
		    modes_sets_title(t))
			r = save_title(s, out, before);
		if (r == 0 && whole)
			r = passed(s, t);
		if (r == 0 && whole && is_held_back(s, t))
			out->n = before;
		if (r == 0 && out->n > before) {
			s->lex.after_broken = t->type == LEX_BROKEN;
			r = remember(s, t, (unsigned char *)out->p + before, out->n - before);
		}
		if (r < 0)
			return r;
		i += k;
	}
	return 0;
}

int
screen_finish(struct screen *s, struct buf *out)
{
	int r = filter_cut(&s->filter, out);

	if (r == 0 && s->lex.state == LEX_IN_UTF8 && s->filter.level != SCREEN_FILTER_OFF)
		r = buf_add(out, s->lex.utf8, s->lex.utf8_n);
	buf_reset(&s->filter.hold);
	lex_init(&s->lex, s->lex.plain_c1);
	s->filter.mode = FILTER_HOLD;
	return r;
}

int
screen_resize(struct screen *s, unsigned int rows, unsigned int cols)
{
	int r;

	if (!rows || !cols)
		return 0;
	rows = side(rows, 1, 1);
	cols = side(cols, SCREEN_COLS_MIN, 80);
	if (rows == s->model->rows && cols == s->model->cols)
		return 0;
	r = screen_sync(s);
	if (r == 0)
		r = model_resize(s->model, rows, cols);
	if (r < 0)
		return r;
	/* Terminals forget margins when their size changes. */
	s->modes.top = s->modes.bottom = s->modes.left = s->modes.right = 0;
	s->modes.rows = rows;
	s->modes.cols = cols;
	return 0;
}

/* ---- facts ---- */

void
screen_set_attached(struct screen *s, bool attached)
{
	s->detached = !attached;
}

struct slice
screen_replies(const struct screen *s)
{
	return (struct slice){ s->replies.p, s->replies.n };
}

void
screen_replies_clear(struct screen *s)
{
	buf_reset(&s->replies);
}

void
screen_set_version(struct screen *s, const char *version)
{
	s->version = version;
}

bool
screen_on_alternate(const struct screen *s)
{
	return modes_on_alternate(&s->modes);
}

bool
screen_was_alternate(const struct screen *s)
{
	return s->modes.was_alternate;
}

bool
screen_has_output(const struct screen *s)
{
	return s->has_output;
}

bool
screen_is_synchronized(const struct screen *s)
{
	return modes_has(&s->modes, MODE_SYNCHRONIZED);
}

const char *
screen_title(const struct screen *s)
{
	return s->modes.title;
}

int
screen_cursor(struct screen *s, unsigned int *row, unsigned int *col)
{
	const int r = screen_sync(s);

	model_cursor(s->model, row, col);
	return r;
}

/* ---- giving the terminal back ---- */

int
screen_end_synchronized(struct screen *s, struct buf *out)
{
	if (!screen_is_synchronized(s))
		return 0;
	s->modes.on &= ~(UINT32_C(1) << MODE_SYNCHRONIZED);
	return buf_adds(out, "\033[?2026l");
}

/* The end of an image is for the model, too: what follows is not a part of it. */
static int
cut(struct screen *s, struct buf *out)
{
	const struct backlog_now now = { &s->modes, s->link };
	const size_t before = out->n;
	const int r = filter_cut(&s->filter, out);

	if (r < 0 || out->n == before)
		return r;
	return backlog_add(&s->backlog, s->model, &now, (unsigned char *)out->p + before,
			   out->n - before, BACKLOG_ROW);
}

/* Resetting margins and origin mode sends the cursor home. */
static int
cursor_back(struct screen *s, struct buf *out)
{
	unsigned int row, col;
	int r;

	if (!modes_have_margins(&s->modes) && !modes_has(&s->modes, MODE_ORIGIN))
		return 0;
	r = screen_cursor(s, &row, &col);
	return r < 0 ? r : buf_addf(out, "\033[%u;%uH", row + 1, col + 1);
}

static int
leave_alternate(struct screen *s, unsigned int flags, struct buf *out)
{
	int r;

	if (!s->modes.alternate)
		return 0;
	r = buf_addf(out, "\033[?%ul", s->modes.alternate);
	if (r == 0)
		r = kitty_reset(&s->modes.kitty[0], out);
	if (r == 0 && (flags & SCREEN_LEAVE_CLEAR))
		r = buf_adds(out, "\033[2J\033[H");
	return r;
}

static int
leave_final(struct screen *s, struct buf *out)
{
	unsigned int row, col;
	int r = 0;

	if (!s->modes.alternate) {
		r = screen_cursor(s, &row, &col);
		if (r == 0 && (col > 0 || s->model->phantom))
			r = buf_adds(out, "\r\n");
	}
	return r < 0 ? r : buf_adds(out, "\r\033[K\033[J");
}

int
screen_leave(struct screen *s, unsigned int flags, struct buf *out)
{
	int r = cut(s, out);

	/* In the background none of ours is there: the top of the stack is the shell's. */
	if (r == 0 && !s->background)
		r = kitty_reset(&s->modes.kitty[modes_on_alternate(&s->modes)], out);
	if (r == 0)
		r = modes_reset(&s->modes, RESET_KEYS | RESET_OUTPUT | RESET_LOOKS, out);
	if (r == 0 && !s->modes.alternate)
		r = cursor_back(s, out);
	if (r == 0)
		r = leave_alternate(s, flags, out);
	if (r == 0)
		r = titles_pop(out, s->modes.titles);
	s->modes.titles = 0;
	if (r == 0 && (flags & SCREEN_LEAVE_FINAL))
		r = leave_final(s, out);
	return r;
}

int
screen_settle(struct screen *s, struct buf *out)
{
	int r = cut(s, out);

	/* Unfiltered, the terminal may be in the middle of anything. */
	if (r == 0 && s->filter.level == SCREEN_FILTER_OFF && lex_is_inside(&s->lex))
		r = buf_adds(out, "\030\033\\");
	if (r == 0)
		r = kitty_reset(&s->modes.kitty[modes_on_alternate(&s->modes)], out);
	if (r == 0)
		r = modes_reset(&s->modes, RESET_KEYS | RESET_OUTPUT, out);
	return r < 0 ? r : cursor_back(s, out);
}
