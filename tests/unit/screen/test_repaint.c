/* A repaint makes a second screen show what the first one shows. */
#include "tests/unit/screen/feed.h"

static const char *const screens[] = {
	"",
	"hello\r\nworld",
	"\033[1;31mred\033[m \033[4:3;58:5:3mcurly\033[m \033[38;2;1;2;3;48;5;99mrgb\033[K\033[m end",
	"\033[2;8;9;53mall\033[m\033[7m  reverse blanks  \033[m",
	"\xe6\x97\xa5\xe6\x9c\xac e\xcc\x81\xcc\x82 \xf0\x9f\x91\x8d",
	"01234567890123456789",			     /* wraps, and is full */
	"0123456789012345678901234567890123456789x", /* goes on over three rows */
	"0123456789012345678\xe6\x97\xa5",	     /* a wide one that does not fit */
	"012345678901234567\xe6\x97\xa5",	     /* a wide one that fills */
	"\033[8;20Hx",				     /* the last cell of the last row */
	"\033[8;20H\033[31mx",
	"\033[3;5H\033[44m\033[J",
	"a\r\nb\r\nc\r\nd\r\ne\r\nf\r\ng\r\nh\r\ni\r\nj\r\nk",
	"main\r\n\033[1m\033[?1049h\033[Halt\033[3;4Hx",
	"main\r\n\033[?1049h\033[?1049lback",
	"\033[?47h47\033[2;2H",
	"\033[2;5r\033[?6h\033[2;3Hx",
	"\033[2;5r\033[4;3Hx",
	"\033[?69h\033[3;9s\033[2;4Hx",
	"\033[?7lx\033[4hins\033[20h",
	"\033[3;3H\033[32m\0337\033[m\033[5;5Hx",
	"\033(0lqk\033)0\016x",
	"\033[3g\033[5G\033H\033[1Gx",
	"\033]8;id=1;https://example.com/\033\\link\033]8;;\033\\ \033]8;;http://b/\033\\open",
	"\033]2;\xc3\xa4 title\033\\\033]1;icon\033\\\033]7;file:///tmp\033\\",
	"\033]4;1;rgb:12/34/56\033\\\033]11;#123456\033\\\033[3 q",
	"\033[?1h\033=\033[?1000;1006;1004;2004;2031h\033[>1u\033[>5u\033[>4;2m\033[?25l\033[?5h",
	"\033[>1u\033[?1049h\033[>3u",
};

static void
check_modes(const struct screen *a, const struct screen *b)
{
	const struct modes *x = &a->modes, *y = &b->modes;

	CU_ASSERT(x->on == y->on);
	CU_ASSERT(x->alternate == y->alternate);
	CU_ASSERT(x->insert == y->insert && x->newline == y->newline && x->keypad == y->keypad);
	CU_ASSERT(x->top == y->top && x->bottom == y->bottom && x->left == y->left &&
		  x->right == y->right);
	CU_ASSERT(x->cursor_shape == y->cursor_shape);
	CU_ASSERT(memcmp(x->modify_keys, y->modify_keys, sizeof(x->modify_keys)) == 0);
	CU_ASSERT(memcmp(&x->charset, &y->charset, sizeof(x->charset)) == 0);
	for (unsigned int i = 0; i < 2; i++) {
		CU_ASSERT(x->kitty[i].depth == y->kitty[i].depth);
		CU_ASSERT(memcmp(x->kitty[i].flags, y->kitty[i].flags, x->kitty[i].depth + 1) == 0);
	}
	CU_ASSERT_STRING_EQUAL(x->title, y->title);
	CU_ASSERT_STRING_EQUAL(x->icon, y->icon);
	CU_ASSERT_STRING_EQUAL(x->cwd, y->cwd);
	CU_ASSERT(memcmp(x->palette, y->palette, sizeof(x->palette)) == 0);
	CU_ASSERT(memcmp(x->colours, y->colours, sizeof(x->colours)) == 0);
	CU_ASSERT(memcmp(a->model->tabs, b->model->tabs, sizeof(a->model->tabs)) == 0);
	CU_ASSERT(style_equal(&a->model->saved[0].pen, &b->model->saved[0].pen) ||
		  !a->model->alternate);
}

static bool
same_wraps(const struct model *a, const struct model *b)
{
	for (unsigned int r = 0; r < a->rows; r++)
		if (a->grid[a->alternate].row[r]->wrap != b->grid[b->alternate].row[r]->wrap &&
		    a->grid[a->alternate].row[r]->cells[a->cols - 1].ch[0])
			return false;
	return true;
}

static void
test_fresh(void)
{
	for (size_t i = 0; i < ARRAY_LEN(screens); i++) {
		struct screen *s = screen_of(8, 20, screens[i]);
		struct screen *copy = repainted(s, SCREEN_PAINT_FRESH);

		CU_ASSERT(same_screen(s, copy));
		if (!same_screen(s, copy))
			printf("# row %zu\n", i);
		CU_ASSERT(same_wraps(s->model, copy->model));
		check_modes(s, copy);
		/* What comes next does the same to both. */
		tell(s, "\033[Ax\0338y\tz\033[?1049lq\r\nw");
		tell(copy, "\033[Ax\0338y\tz\033[?1049lq\r\nw");
		CU_ASSERT(same_screen(s, copy));
		if (!same_screen(s, copy))
			printf("# row %zu, afterwards\n", i);
		screen_free(s);
		screen_free(copy);
	}
}

/*
 * Unfiltered, the program may say what no filter passes. Modes and model understand the same of it,
 * or a repaint would be that of two different screens.
 */
static const struct {
	const char *in;
	bool alternate, origin, autowrap, margins_lr;
	unsigned int top;
} unfiltered[] = {
	/* malformed: leaves everything as it is */
	{ "main\033[?1049halt\033[?1049?l", true, false, true, false, 0 },
	{ "main\033[?1049halt\033[?1049:7?l", true, false, true, false, 0 },
	{ "main\033[?1049?hx", false, false, true, false, 0 },
	{ "\033[2;5r\033[!\"px\n\n\n\n\n\n\n\ny", false, false, true, false, 2 },
	{ "\033[2;5r\033#$8x", false, false, true, false, 2 },
	{ "\033]8;;http://a/\001\033\\x", false, false, true, false, 0 },
	/* well-formed: does what it says */
	{ "main\033[?1049halt\033[?1049l", false, false, true, false, 0 },
	/* but for a control inside one, which is carried out */
	{ "\033[?7?\016l\016x", false, false, true, false, 0 },
	/* modes that are kept and brought back */
	{ "\033[2;5r\033[?6h\033[?6s\033[?6l\033[?6r\033[2;3Hx", false, true, true, false, 2 },
	{ "\033[2;5r\033[?6h\033[?6r\033[2;3Hx", false, false, true, false, 2 },
	{ "\033[?7s\033[?7l\033[?7r01234567890123456789x", false, false, true, false, 0 },
	{ "\033[?7l\033[?7s\033[?7h\033[?7r01234567890123456789x", false, false, false, false, 0 },
	{ "\033[?69h\033[3;9s\033[?69r\033[2;1Hx", false, false, true, false, 0 },
	{ "\033[?69h\033[?69s\033[3;9s\033[?69l\033[?69r\033[2;4Hx", false, false, true, true, 0 },
};

static void
test_unfiltered(void)
{
	for (size_t i = 0; i < ARRAY_LEN(unfiltered); i++) {
		struct screen *s = screen_new(8, 20, SCREEN_FILTER_OFF), *copy;

		CU_ASSERT_FATAL(s != NULL);
		tell(s, unfiltered[i].in);
		CU_ASSERT(screen_sync(s) == 0);
		CU_ASSERT(screen_on_alternate(s) == unfiltered[i].alternate);
		CU_ASSERT(s->model->alternate == unfiltered[i].alternate);
		CU_ASSERT(modes_has(&s->modes, MODE_ORIGIN) == unfiltered[i].origin);
		CU_ASSERT(s->model->origin == unfiltered[i].origin);
		CU_ASSERT(modes_has(&s->modes, MODE_AUTOWRAP) == unfiltered[i].autowrap);
		CU_ASSERT(s->model->autowrap == unfiltered[i].autowrap);
		CU_ASSERT(modes_has(&s->modes, MODE_MARGINS_LR) == unfiltered[i].margins_lr);
		CU_ASSERT(s->model->margins_lr == unfiltered[i].margins_lr);
		CU_ASSERT(s->modes.top == unfiltered[i].top);
		CU_ASSERT(memcmp(&s->modes.charset, &s->model->charset, sizeof(s->modes.charset)) ==
			  0);
		CU_ASSERT(!s->link && !s->modes.link_open && !s->model->pen.link);
		copy = repainted(s, SCREEN_PAINT_FRESH);
		CU_ASSERT(same_screen(s, copy));
		if (!same_screen(s, copy))
			printf("# unfiltered row %zu\n", i);
		check_modes(s, copy);
		screen_free(s);
		screen_free(copy);
	}
}

/* After a prompt: on a terminal that has the modes off, with the screen's cells or without. */
static void
test_after_prompt(void)
{
	for (size_t i = 0; i < ARRAY_LEN(screens); i++)
		for (int painted = 0; painted < 2; painted++) {
			struct screen *s = screen_of(8, 20, screens[i]);
			struct screen *copy = screen_of(8, 20, screens[i]);
			struct buf out = BUF_INIT, ignored = BUF_INIT;

			CU_ASSERT(screen_settle(s, &out) == 0);
			if (painted)
				CU_ASSERT(buf_adds(&out, "\033[H\033[2Ja prompt") == 0);
			CU_ASSERT(screen_repaint(
					  s, painted ? SCREEN_PAINT_VISIBLE : SCREEN_PAINT_STATE,
					  &out) == 0);
			feed(copy, out.p, out.n, &ignored);
			CU_ASSERT(same_screen(s, copy));
			if (!same_screen(s, copy))
				printf("# row %zu\n", i);
			check_modes(s, copy);
			buf_clear(&out);
			buf_clear(&ignored);
			screen_free(s);
			screen_free(copy);
		}
}

/* After ^Z and fg on the main screen: what the shell has written stays, and its cursor. */
static void
test_after_shell(void)
{
	for (size_t i = 0; i < ARRAY_LEN(screens); i++) {
		struct screen *s = screen_of(8, 20, screens[i]);
		struct screen *copy = screen_of(8, 20, screens[i]);
		struct screen *shell;
		struct buf out = BUF_INIT, ignored = BUF_INIT;

		if (screen_on_alternate(s))
			goto next;
		CU_ASSERT(screen_leave(s, 0, &out) == 0);
		CU_ASSERT(buf_adds(&out, "\r\nStopped\r\n$ fg\r\nprogram\r\n") == 0);
		feed(copy, out.p, out.n, &ignored);
		shell = repainted(copy, SCREEN_PAINT_FRESH);
		buf_reset(&out);
		CU_ASSERT(screen_repaint(s, SCREEN_PAINT_MODES, &out) == 0);
		feed(copy, out.p, out.n, &ignored);
		/* Everything is where it was, only modes and pen are the program's again. */
		shell->modes.pen = copy->modes.pen;
		CU_ASSERT(same_screen(shell, copy));
		check_modes(s, copy);
		CU_ASSERT(style_equal(&s->modes.pen, &copy->modes.pen));
		CU_ASSERT(!modes_have_margins(&s->modes) && !modes_has(&s->modes, MODE_ORIGIN));
		/* What comes next means the same to the model and to the terminal. */
		tell(s, "a\r\nb\033[8;1Hc");
		tell(copy, "a\r\nb\033[8;1Hc");
		CU_ASSERT(same_cell(s->model, &s->model->grid[0].row[7]->cells[0], copy->model,
				    &copy->model->grid[0].row[7]->cells[0]));
		screen_free(shell);
next:
		buf_clear(&out);
		buf_clear(&ignored);
		screen_free(s);
		screen_free(copy);
	}
}

static void
test_recordings(void)
{
	static const char *const names[] = { "vim", "less", "top", "tmux", "bash", "colours" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct screen *s = screen_of(24, 80, "");
		struct buf in = BUF_INIT, out = BUF_INIT;

		recording(names[i], &in);
		for (size_t at = 0; at < in.n; at += 331) {
			struct screen *copy;

			feed(s, in.p + at, in.n - at < 331 ? in.n - at : 331, &out);
			copy = repainted(s, SCREEN_PAINT_FRESH);
			CU_ASSERT(same_screen(s, copy));
			if (!same_screen(s, copy))
				printf("# %s at %zu\n", names[i], at);
			screen_free(copy);
		}
		buf_clear(&in);
		buf_clear(&out);
		screen_free(s);
	}
}

/* One burst inside a synchronized update, and nothing that makes noise or asks. */
static void
test_burst(void)
{
	struct screen *s = screen_of(8, 20, "a\a\033[6n\033[c\033]52;c;aGk=\a\033]9;hi\ab");
	struct buf out = BUF_INIT;

	CU_ASSERT(screen_repaint(s, SCREEN_PAINT_FRESH, &out) == 0);
	CU_ASSERT(strncmp(out.p, "\033[?2026h", 8) == 0);
	CU_ASSERT(out.n > 8 && strcmp(out.p + out.n - 8, "\033[?2026l") == 0);
	CU_ASSERT(!strstr(out.p, "\033[6n") && !strstr(out.p, "]52") && !strstr(out.p, "]9"));
	CU_ASSERT(!strchr(out.p, '\a') && !strstr(out.p, "\033[c"));
	/* No history, no order to forget it. */
	CU_ASSERT(!strstr(out.p, "\033[3J"));
	buf_reset(&out);
	tell(s, "1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8\r\n9");
	CU_ASSERT(screen_repaint(s, SCREEN_PAINT_FRESH, &out) == 0);
	CU_ASSERT(strstr(out.p, "\033[3J") != NULL);
	buf_clear(&out);
	screen_free(s);
}

static void
fill(struct screen *s, unsigned int cells)
{
	struct buf b = BUF_INIT;

	for (unsigned int i = 0; i < cells; i++) {
		CU_ASSERT_FATAL(buf_addf(&b, "\033[38;2;%u;%u;%u;48;2;%u;1;2mx", i & 255,
					 i >> 8 & 255, i >> 16, i % 251) == 0);
		if (b.n > 60000 || i + 1 == cells) {
			tell(s, b.p);
			buf_reset(&b);
		}
	}
	buf_clear(&b);
}

/* A full history, then cells that cost more than the limit. */
static void
test_limit(void)
{
	struct screen *s = screen_of(50, 200, "");
	struct buf out = BUF_INIT;

	fill(s, 50 * 200 * 30);
	CU_ASSERT(screen_repaint(s, SCREEN_PAINT_FRESH, &out) == 0);
	CU_ASSERT(out.n <= SCREEN_REPAINT_MAX && out.n > SCREEN_REPAINT_MAX / 10 * 9);
	screen_free(s);
	buf_reset(&out);
	s = screen_of(500, 400, "");
	fill(s, 500 * 400);
	CU_ASSERT(screen_repaint(s, SCREEN_PAINT_FRESH, &out) == 0);
	CU_ASSERT(out.n <= SCREEN_REPAINT_MAX && out.n > 500 * 400);
	CU_ASSERT(strstr(out.p, "38;2") == NULL || strlen(strstr(out.p, "38;2")) < 100);
	buf_clear(&out);
	screen_free(s);
}

int
main(void)
{
	const struct unit_test tests[] = {
		{ "a terminal that knows nothing", test_fresh },
		{ "an unfiltered terminal", test_unfiltered },
		{ "a terminal after a prompt", test_after_prompt },
		{ "a terminal that the shell has used", test_after_shell },
		{ "recordings", test_recordings },
		{ "one burst without questions", test_burst },
		{ "4 MiB", test_limit },
	};

	return unit_run("screen-repaint", tests, UNIT_COUNT(tests));
}
