/*
 * The model: what the terminal shows, from the bytes that passed. This file is the list of
 * sequences that change cells or cursor, and how libvterm is told about them: in its own words,
 * one parameter at a time, within limits. What it does not list changes nothing.
 */
#include "screen/internal.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"

enum { COUNT_MAX = 9999 }; /* of any parameter that reaches libvterm */

/* ---- classes of tokens ---- */

static bool
letter_in(const struct token *t, const char *letters)
{
	return t->byte && strchr(letters, t->byte) != NULL;
}

static bool
mode_matters(const struct token *t)
{
	for (unsigned int i = 0; i < t->count; i++)
		switch (token_param(t, i, 0)) {
		case 4:
		case 20:
			if (!t->private)
				return true;
			break;
		case 6:
		case 7:
		case 47:
		case 69:
		case 1047:
		case 1048:
		case 1049:
			if (t->private == '?')
				return true;
			break;
		default:
			break;
		}
	return false;
}

static bool
csi_matters(const struct token *t)
{
	const unsigned char i = t->intermediate[0];

	if (t->intermediate[1] || t->malformed)
		return false;
	if (i)
		return !t->private &&
		       ((i == '"' && t->byte == 'q') || (i == '!' && t->byte == 'p') ||
			(i == '\'' && letter_in(t, "}~")));
	if (letter_in(t, "hl") || (t->private == '?' && letter_in(t, "rs")))
		return mode_matters(t);
	if (t->private)
		return t->private == '?' && letter_in(t, "JK");
	return letter_in(t, "@ABCDEFGHIJKLMPSTXZ`abdefgjkrsu");
}

bool
model_cares(const struct token *t)
{
	switch (t->type) {
	case LEX_CONTROL:
		return t->byte >= 0x0b && t->byte <= 0x0f;
	case LEX_C1:
		return letter_in(t, "\x84\x85\x88\x8d\x8e\x8f");
	case LEX_ESC:
		if (t->malformed || t->intermediate[1])
			return false;
		if (t->intermediate[0] == '#')
			return t->byte == '8';
		if (t->intermediate[0])
			return strchr("()*+-./", t->intermediate[0]) != NULL;
		return letter_in(t, "78cDEHMNOno");
	case LEX_CSI:
		return csi_matters(t);
	default:
		return false;
	}
}

bool
model_stays_in_row(const struct token *t)
{
	if (t->type != LEX_CSI || t->intermediate[0])
		return false;
	return t->private ? t->private == '?' && t->byte == 'K' : letter_in(t, "@CDGIKPXZ`aj");
}

/* ---- cursor ---- */

void
model_cursor(const struct model *m, unsigned int *row, unsigned int *col)
{
	vterm_cursor(m, row, col);
	/* Behind a wide character libvterm's stays on it. */
	if (m->phantom)
		*col = m->cols - 1;
}

void
model_move_to(struct model *m, unsigned int row, unsigned int col)
{
	const unsigned int top = m->origin ? m->top : 0, left = m->origin ? m->left : 0;

	vterm_sequence(m, "\033[%u;%uH", row >= top ? row - top + 1 : 1,
		       col >= left ? col - left + 1 : 1);
	m->phantom = false;
}

static void
set_origin(struct model *m, bool on)
{
	m->origin = on;
	vterm_sequence(m, "\033[?6%c", on ? 'h' : 'l');
	m->phantom = false;
}

static void
save_cursor(struct model *m)
{
	struct saved_cursor *s = &m->saved[m->alternate];

	model_cursor(m, &s->row, &s->col);
	s->pen = m->pen;
	s->charset = m->charset;
	s->origin = m->origin;
	s->phantom = m->phantom;
}

static void
set_charsets(struct model *m, const struct charsets *c)
{
	static const char *const shift[] = { "\017", "\016", "\033n", "\033o" };

	m->charset = *c;
	for (unsigned int i = 0; i < ARRAY_LEN(c->g); i++)
		/* libvterm knows three of them; all others are letters to it. */
		vterm_sequence(m, "\033%c%c", "()*+"[i],
			       (c->g[i] && strchr("0A", c->g[i])) ? c->g[i] : 'B');
	vterm_sequence(m, "%s", shift[c->gl & 3]);
}

static void
restore_cursor(struct model *m)
{
	const struct saved_cursor *s = &m->saved[m->alternate];
	const uint16_t link = m->pen.link;

	set_origin(m, s->origin);
	set_charsets(m, &s->charset);
	m->pen = s->pen;
	m->pen.link = link;
	model_move_to(m, s->row < m->rows ? s->row : m->rows - 1,
		      s->col < m->cols ? s->col : m->cols - 1);
}

static void
forget_saved(struct saved_cursor *s)
{
	*s = (struct saved_cursor){ .charset = { { 'B', 'B', 'B', 'B' }, 0 } };
}

/* ---- screens ---- */

static void
blank_alternate(struct model *m)
{
	for (unsigned int i = 0; i < m->rows; i++) {
		row_blank(m->grid[1].row[i], 0, m->cols, &m->pen);
		m->grid[1].row[i]->wrap = false;
	}
}

static void
set_alternate(struct model *m, unsigned int number, bool on)
{
	if (number == 1049 && on && !m->alternate)
		save_cursor(m);
	if (number == 1047 && !on && m->alternate)
		blank_alternate(m);
	if (number == 1049 && on && !m->alternate)
		blank_alternate(m);
	m->alternate = on;
	if (number == 1049 && !on)
		restore_cursor(m);
}

static void
set_margins_lr(struct model *m, bool on)
{
	unsigned int row, col;

	m->margins_lr = on;
	vterm_sequence(m, "\033[?69%c", on ? 'h' : 'l');
	if (on)
		return;
	/* libvterm keeps the margins for the next time, and goes home when they are reset. */
	vterm_cursor(m, &row, &col);
	m->left = 0;
	vterm_sequence(m, "\033[s");
	model_move_to(m, row, col);
}

void
model_end_margins(struct model *m)
{
	unsigned int row, col;

	model_cursor(m, &row, &col);
	set_origin(m, false);
	vterm_sequence(m, "\033[r");
	m->top = 0;
	set_margins_lr(m, false);
	model_move_to(m, row, col);
}

static void
set_tabs(struct model *m, unsigned int from)
{
	for (unsigned int c = from; c < SCREEN_SIDE_MAX; c++)
		m->tabs[c / 8] = (unsigned char)((m->tabs[c / 8] & ~(1u << c % 8)) |
						 (unsigned int)(c % 8 == 0) << c % 8);
}

bool
model_tab(const struct model *m, unsigned int col)
{
	return m->tabs[col / 8] >> col % 8 & 1;
}

static void
hard_reset(struct model *m)
{
	m->alternate = false;
	m->pen = (struct style){ 0 };
	m->charset = (struct charsets){ { 'B', 'B', 'B', 'B' }, 0 };
	m->origin = m->margins_lr = m->phantom = false;
	m->insert = m->protecting = m->shifted = m->repeatable = false;
	m->autowrap = true;
	m->top = m->left = 0;
	forget_saved(&m->saved[0]);
	forget_saved(&m->saved[1]);
	set_tabs(m, 0);
	vterm_hard_reset(m);
	set_charsets(m, &m->charset);
	blank_alternate(m);
}

static void
soft_reset(struct model *m)
{
	unsigned int row, col;

	vterm_cursor(m, &row, &col);
	set_origin(m, false);
	vterm_sequence(m, "\033[r\033[4l\033[?7h\033[0\"q");
	set_margins_lr(m, false);
	m->top = 0;
	m->autowrap = true;
	m->insert = m->protecting = false;
	m->pen = (struct style){ .link = m->pen.link };
	m->charset = (struct charsets){ { 'B', 'B', 'B', 'B' }, 0 };
	set_charsets(m, &m->charset);
	forget_saved(&m->saved[m->alternate]);
	model_move_to(m, row, col);
}

/* ---- control sequences ---- */

static unsigned int
count_of(const struct token *t)
{
	const unsigned int n = token_param(t, 0, 1);

	return n < 1 ? 1 : n > COUNT_MAX ? COUNT_MAX : n;
}

static unsigned int
place(const struct token *t, unsigned int i)
{
	const unsigned int n = token_param(t, i, 1);

	return n < 1 ? 1 : n > COUNT_MAX ? COUNT_MAX : n;
}

static void
set_ansi_mode(struct model *m, unsigned int number, bool on)
{
	if (number == 4)
		m->insert = on;
	if (number == 4 || number == 20)
		vterm_sequence(m, "\033[%u%c", number, on ? 'h' : 'l');
}

static void
set_private_mode(struct model *m, unsigned int number, bool on)
{
	switch (number) {
	case 6:
		set_origin(m, on);
		break;
	case 7:
		m->autowrap = on;
		m->phantom = m->phantom && on;
		if (!on)
			model_end_phantom(m);
		vterm_sequence(m, "\033[?7%c", on ? 'h' : 'l');
		break;
	case 69:
		set_margins_lr(m, on);
		break;
	case 47:
	case 1047:
	case 1049:
		set_alternate(m, number, on);
		break;
	case 1048:
		if (on)
			save_cursor(m);
		else
			restore_cursor(m);
		break;
	default:
		break;
	}
}

/* XTSAVE, XTRESTORE: only an unfiltered terminal gets them for modes that matter here. */
static void
keep_mode(struct model *m, unsigned int number, bool restore)
{
	bool *kept = number == 6    ? &m->kept.origin
		     : number == 7  ? &m->kept.autowrap
		     : number == 69 ? &m->kept.margins_lr
				    : NULL;

	if (kept && restore)
		set_private_mode(m, number, *kept);
	else if (kept)
		*kept = number == 6 ? m->origin : number == 7 ? m->autowrap : m->margins_lr;
}

static void
set_modes(struct model *m, const struct token *t)
{
	for (unsigned int i = 0; i < t->count; i++) {
		const unsigned int number = token_param(t, i, 0);

		if (t->private == '?' && letter_in(t, "rs"))
			keep_mode(m, number, t->byte == 'r');
		else if (t->private == '?')
			set_private_mode(m, number, t->byte == 'h');
		else if (!t->private)
			set_ansi_mode(m, number, t->byte == 'h');
	}
}

static void
set_margins(struct model *m, const struct token *t)
{
	const unsigned int most = t->byte == 'r' ? m->rows : m->cols;
	unsigned int from = place(t, 0), to = token_param(t, 1, 0);

	if (!to || to > most)
		to = most;
	if (from >= to)
		return;
	vterm_sequence(m, "\033[%u;%u%c", from, to, t->byte);
	if (t->byte == 'r')
		m->top = from - 1;
	else
		m->left = from - 1;
	m->phantom = false;
}

static void
clear_tabs(struct model *m, const struct token *t)
{
	const unsigned int what = token_param(t, 0, 0);
	unsigned int row, col;

	vterm_cursor(m, &row, &col);
	if (what == 0)
		m->tabs[col / 8] &= (unsigned char)~(1u << col % 8);
	else if (what == 3)
		memset(m->tabs, 0, sizeof(m->tabs));
	else
		return;
	vterm_sequence(m, "\033[%ug", what);
}

/* In runs: nine bytes of a program must not cost as much as a screenful of single characters. */
static void
repeat(struct model *m, const struct token *t)
{
	enum { RUN = 128 };
	const unsigned int cells = m->rows * m->cols;
	unsigned int n = count_of(t);
	autobuf struct buf b = BUF_INIT;
	struct cell c;
	size_t one;
	int r;

	if (!m->repeatable)
		return;
	c = m->grid[m->alternate].row[m->put_row]->cells[m->put_col];
	if (n > cells)
		n = cells;
	r = cell_emit(&b, &c);
	one = b.n;
	for (unsigned int i = 1; i < RUN && i < n && r == 0; i++)
		r = cell_emit(&b, &c);
	for (; n && r == 0; n -= n < RUN ? n : RUN)
		model_text(m, (const unsigned char *)b.p, one * (n < RUN ? n : RUN));
	if (r < 0)
		m->error = r;
}

static void
erase_display(struct model *m, const struct token *t)
{
	const unsigned int what = token_param(t, 0, 0);

	if (what == 3 && !t->private)
		history_clear(&m->history);
	else if (what <= 2)
		vterm_sequence(m, t->private ? "\033[?%uJ" : "\033[%uJ", what);
}

static void
feed_plain_csi(struct model *m, const struct token *t)
{
	switch (t->byte) {
	case 'A':
	case 'B':
	case 'C':
	case 'D':
	case 'E':
	case 'F':
	case 'a':
	case 'e':
	case 'j':
	case 'k':
	case 'G':
	case '`':
	case 'd':
		vterm_sequence(m, "\033[%u%c", count_of(t), t->byte);
		m->phantom = false;
		break;
	case 'H':
	case 'f':
		vterm_sequence(m, "\033[%u;%u%c", place(t, 0), place(t, 1), t->byte);
		m->phantom = false;
		break;
	case '@':
	case 'I':
	case 'L':
	case 'M':
	case 'P':
	case 'S':
	case 'X':
	case 'Z':
		vterm_sequence(m, "\033[%u%c", count_of(t), t->byte);
		break;
	case 'T':
		if (t->count <= 1)
			vterm_sequence(m, "\033[%uT", count_of(t));
		break;
	case 'J':
		erase_display(m, t);
		break;
	case 'K':
		if (token_param(t, 0, 0) <= 2)
			vterm_sequence(m, "\033[%uK", token_param(t, 0, 0));
		break;
	case 'b':
		repeat(m, t);
		break;
	case 'g':
		clear_tabs(m, t);
		break;
	case 'm':
		style_apply(&m->pen, t);
		break;
	case 'r':
		set_margins(m, t);
		break;
	case 's':
		if (m->margins_lr)
			set_margins(m, t);
		else
			save_cursor(m);
		break;
	case 'u':
		restore_cursor(m);
		break;
	default:
		break;
	}
}

static void
feed_csi(struct model *m, const struct token *t)
{
	const bool sgr = t->byte == 'm' && !t->private && !t->intermediate[0];

	if (!sgr && !csi_matters(t))
		return;
	if (!sgr && t->byte != 'b')
		m->repeatable = false;
	if (!t->intermediate[0] &&
	    (letter_in(t, "hl") || (t->private == '?' && letter_in(t, "rs")))) {
		set_modes(m, t);
	} else if (t->intermediate[0] == '!') {
		soft_reset(m);
	} else if (t->intermediate[0] == '"') {
		m->protecting = token_param(t, 0, 0) == 1;
		vterm_sequence(m, "\033[%u\"q", m->protecting);
	} else if (t->intermediate[0] == '\'') {
		vterm_sequence(m, "\033[%u'%c", count_of(t), t->byte);
	} else if (!t->private) {
		feed_plain_csi(m, t);
	} else if (t->byte == 'J') {
		erase_display(m, t);
	} else if (token_param(t, 0, 0) <= 2) {
		vterm_sequence(m, "\033[?%uK", token_param(t, 0, 0));
	}
}

/* ---- the other tokens ---- */

/* "ESC letter", also as the C1 control it stands for. */
static void
feed_letter(struct model *m, unsigned char letter)
{
	unsigned int row, col;

	switch (letter) {
	case '7':
		save_cursor(m);
		break;
	case '8':
		restore_cursor(m);
		break;
	case 'c':
		hard_reset(m);
		break;
	case 'H':
		vterm_cursor(m, &row, &col);
		m->tabs[col / 8] |= (unsigned char)(1u << col % 8);
		vterm_sequence(m, "\033H");
		break;
	case 'D':
	case 'M':
		if (m->phantom)
			model_end_phantom(m);
		vterm_sequence(m, "\033%c", letter);
		break;
	case 'E':
	case 'N':
	case 'O':
		m->shifted = letter != 'E';
		vterm_sequence(m, "\033%c", letter);
		break;
	default:
		break;
	}
}

/* DECALN fills the screen, and as in xterm ends margins and goes home. */
static void
align(struct model *m)
{
	vterm_sequence(m, "\033[r\033[s\033#8");
	m->top = m->left = 0;
	m->repeatable = false;
	model_move_to(m, 0, 0);
}

static void
feed_token(struct model *m, const struct token *t)
{
	if (t->type == LEX_STRING && t->string == LEX_OSC && !t->malformed && t->kept >= 3 &&
	    memcmp(t->text, "8;", 2) == 0) {
		const bool open = t->text[t->kept - 1] != ';' && t->bytes <= t->kept;

		m->pen.link = 0;
		if (open)
			m->pen.link = link_number(m, (const char *)t->text + 2);
	}
	if (t->type == LEX_CSI) {
		feed_csi(m, t);
		return;
	}
	if (!model_cares(t))
		return;
	m->repeatable = false;
	if (charsets_track(&m->charset, t))
		set_charsets(m, &m->charset);
	else if (t->type == LEX_CONTROL)
		model_text(m, (const unsigned char *)"\n", 1); /* VT, FF */
	else if (t->type == LEX_C1)
		feed_letter(m, (unsigned char)(t->byte - 0x40));
	else if (t->intermediate[0] == '#')
		align(m);
	else
		feed_letter(m, t->byte);
}

int
model_feed(struct model *m, const unsigned char *p, size_t n)
{
	static const unsigned char replacement[] = { 0xef, 0xbf, 0xbd };

	for (size_t i = 0; i < n && !m->error;) {
		const bool pending = m->lex.state == LEX_IN_UTF8;
		const size_t k = lex_next(&m->lex, p + i, n - i);

		if (m->lex.t.type == LEX_TEXT && pending)
			model_text(m, m->lex.utf8, m->lex.utf8_n);
		else if (m->lex.t.type == LEX_TEXT)
			model_text(m, p + i, k);
		else if (m->lex.t.type == LEX_BROKEN)
			model_text(m, replacement, sizeof(replacement));
		else if (m->lex.t.type != LEX_MORE)
			feed_token(m, &m->lex.t);
		i += k;
	}
	return m->error ? -ENOMEM : 0;
}

void
model_jump(struct model *m, const struct style *pen, const char *link)
{
	struct grid *g = &m->grid[m->alternate];

	lex_init(&m->lex, false);
	m->pen = *pen;
	m->pen.link = link ? link_number(m, link) : 0;
	/* A character, for what a single shift before it would have done to the next one. With
	 * margins at the edges, origin mode or not is the same place. */
	vterm_sequence(m, "\033[%u;1H ", m->rows);
	vterm_sequence(m, "\033[%u;1H", m->rows);
	m->phantom = false;
	m->repeatable = m->shifted = false;
	g->row[m->rows - 1]->wrap = false;
	if (m->rows > 1)
		g->row[m->rows - 2]->wrap = false;
	row_blank(g->row[m->rows - 1], 0, m->cols, &m->pen);
}

/* ---- size ---- */

static void
copy_row(struct row *to, unsigned int to_cols, struct row *from, unsigned int from_cols)
{
	const unsigned int n = to_cols < from_cols ? to_cols : from_cols;

	row_cut(from, n, from_cols);
	memcpy(to->cells, from->cells, n * sizeof(to->cells[0]));
	to->wrap = from->wrap && to_cols == from_cols;
}

static bool
row_is_blank(const struct row *r, unsigned int cols)
{
	return row_used(r, cols) == 0;
}

/*
 * Into a grid of another size. On the main screen what does not fit leaves at the top, into the
 * history, after empty rows below the cursor have left at the bottom; and comes back when there is
 * room again. On the alternate screen rows are cut off at the bottom. *row follows the cursor.
 */
static int
grid_resize(struct model *m, bool alternate, struct grid *new, unsigned int *row)
{
	struct grid *old = &m->grid[alternate];
	unsigned int skip = 0, pull = 0, have = old->rows;

	if (!alternate && new->rows < old->rows) {
		while (have > new->rows &&
		       have - 1 > *row &&row_is_blank(old->row[have - 1], old->cols))
			have--;
		skip = have > new->rows ? have - new->rows : 0;
		/* The cursor stays on the screen; what is below it does not have to. */
		if (skip > *row)
			skip = *row;
		for (unsigned int i = 0; i < skip; i++)
			if (history_push(&m->history, old->row[i], old->cols) < 0)
				return -ENOMEM;
	} else if (!alternate && new->rows > old->rows) {
		pull = new->rows - old->rows;
		if (pull > m->history.count)
			pull = (unsigned int)m->history.count;
		for (unsigned int i = pull; i > 0; i--)
			(void)history_pop(&m->history, new->row[i - 1], new->cols);
	}
	for (unsigned int i = skip; i < old->rows && i - skip + pull < new->rows; i++)
		copy_row(new->row[i - skip + pull], new->cols, old->row[i], old->cols);
	*row = *row - skip + pull;
	if (*row >= new->rows)
		*row = new->rows - 1;
	grid_clear(old);
	*old = *new;
	return 0;
}

int
model_resize(struct model *m, unsigned int rows, unsigned int cols)
{
	struct grid new[2] = { { 0 } };
	unsigned int row, col;
	int r = grid_init(&new[0], rows, cols);

	if (r == 0)
		r = grid_init(&new[1], rows, cols);
	if (r < 0)
		goto fail;
	model_cursor(m, &row, &col);
	/* libvterm keeps margins that are outside the new screen; terminals reset them. */
	vterm_sequence(m, "\033[r\033[s");
	m->top = m->left = 0;
	r = grid_resize(m, false, &new[0], m->alternate ? &m->saved[0].row : &row);
	if (r < 0)
		goto fail;
	if (!m->alternate && m->saved[0].row >= rows)
		m->saved[0].row = rows - 1;
	r = grid_resize(m, true, &new[1], m->alternate ? &row : &m->saved[1].row);
	if (cols > m->cols)
		set_tabs(m, m->cols);
	m->rows = rows;
	m->cols = cols;
	for (size_t i = 0; i < ARRAY_LEN(m->saved); i++) {
		if (m->saved[i].row >= rows)
			m->saved[i].row = rows - 1;
		if (m->saved[i].col >= cols)
			m->saved[i].col = cols - 1;
	}
	m->repeatable = false;
	vterm_resize(m);
	model_move_to(m, row, col < cols ? col : cols - 1);
	return r;
fail:
	grid_clear(&new[0]);
	grid_clear(&new[1]);
	return r;
}

/* ---- life ---- */

struct model *
model_new(unsigned int rows, unsigned int cols)
{
	struct model *m = mem_calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->rows = rows;
	m->cols = cols;
	m->link = mem_calloc(LINKS_MAX, sizeof(*m->link));
	history_init(&m->history, SCREEN_HISTORY_ROWS);
	if (!m->link || grid_init(&m->grid[0], rows, cols) < 0 ||
	    grid_init(&m->grid[1], rows, cols) < 0 || vterm_start(m) < 0) {
		model_free(m);
		return NULL;
	}
	lex_init(&m->lex, false);
	m->kept.autowrap = true;
	hard_reset(m);
	return m;
}

void
model_free(struct model *m)
{
	if (!m)
		return;
	vterm_stop(m);
	grid_clear(&m->grid[0]);
	grid_clear(&m->grid[1]);
	history_free(&m->history);
	for (size_t i = 0; m->link && i < LINKS_MAX; i++)
		mem_free(m->link[i]);
	mem_free(m->link);
	mem_free(m);
}
