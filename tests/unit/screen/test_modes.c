/* What was switched on, and the strings that switch it off: nothing that is not known to be on. */
#include "tests/unit/screen/feed.h"

static const struct {
	const char *in, *left; /* what screen_leave() says behind it */
} rows[] = {
	{ "", "" },
	{ "text\r\n", "" },
	{ "\033[?1h\033=", "\033[?1l\033>" },
	{ "\033[?1h\033[?1l\033=\033>", "" },
	{ "\033[?9h", "\033[?9l" },
	{ "\033[?1000h\033[?1006h", "\033[?1000l\033[?1006l" },
	{ "\033[?1002;1003;1005;1015;1016h",
	  "\033[?1002l\033[?1003l\033[?1005l\033[?1015l\033[?1016l" },
	{ "\033[?1004h\033[?2004h", "\033[?1004l\033[?2004l" },
	{ "\033[?2026h", "\033[?2026l" },
	{ "\033P=1s\033\\", "\033[?2026l" },
	{ "\033[?2031h\033[?2048h", "\033[?2031l\033[?2048l" },
	{ "\033[?25l", "\033[?25h" },
	{ "\033[?7l", "\033[?7h" },
	{ "\033[4h", "\033[4l" },
	{ "\033[1mx", "\033[m" },
	{ "\033[1mx\033[m", "" },
	{ "\033(0", "\033(B" },
	{ "\033)0\016", "\017\033)B" },
	{ "\033[5 q", "\033[0 q" },
	{ "\033[>1u", "\033[<u" },
	{ "\033[>1u\033[>3u", "\033[<2u" },
	{ "\033[>1u\033[<u", "" },
	{ "\033[=5u", "\033[=0u" },
	{ "\033[>4;2m", "\033[>4m" },
	{ "\033[>4;2m\033[>4m", "" },
	{ "\033]4;1;rgb:ff/00/00\033\\", "\033]104\033\\" },
	{ "\033]4;1;rgb:ff/00/00\033\\\033]104\033\\", "" },
	{ "\033]4;1;?\033\\\033]11;?\033\\", "" },
	{ "\033]10;#fff\033\\\033]12;red\033\\", "\033]110\033\\\033]112\033\\" },
	{ "\033]8;;http://x/\033\\x", "\033]8;;\033\\" },
	{ "\033[5;10rab", "\033[r\033[1;3H" },
	{ "\033[?6hab", "\033[?6l\033[1;3H" },
	{ "\033[1;24r", "" },
	{ "\033[30;40r", "" },
	{ "\033[?69h\033[5;20s", "\033[?69l\033[1;1H" },
	{ "\033[1;2'z", "\033[0'z" },
	/* The alternate screen, entered one way or the other. */
	{ "\033[?1049h", "\033[?1049l" },
	{ "\033[?47h", "\033[?47l" },
	{ "\033[?1047h", "\033[?1047l" },
	{ "\033[?1049h\033[?1049l", "" },
	{ "\033[>1u\033[?1049h\033[>3u", "\033[<u\033[?1049l\033[<u" },
	{ "\033[?1049h\033[5;10r", "\033[r\033[?1049l" },
	/* Reset by the program. */
	{ "\033[?1000h\033[1m\033[?1049h\033c", "" },
	{ "\033[?7l\033[4h\033[?25l\033(0\033[5;6r\033[1m\033[!p", "" },
	/* What the filter drops was never switched on. */
	{ "\033[?2l\033[?1001h", "" },
	/* Not a mode to restore: only what XTSAVE saw. */
	{ "\033[?2004s\033[?2004h\033[?2004r", "" },
};

static void
test_leave(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct screen *s = screen_of(24, 80, rows[i].in);
		struct buf out = BUF_INIT;

		CU_ASSERT(screen_leave(s, 0, &out) == 0);
		CU_ASSERT_STRING_EQUAL(buf_str(&out), rows[i].left);
		if (strcmp(buf_str(&out), rows[i].left) != 0)
			printf("# row %zu: %s\n", i, buf_str(&out) + 1);
		CU_ASSERT(screen_was_alternate(s) ==
			  (strstr(rows[i].in, "47h") != NULL || strstr(rows[i].in, "49h") != NULL));
		buf_clear(&out);
		screen_free(s);
	}
}

/* Never on the main screen, and a clear only when it is asked for. */
static void
test_leave_flags(void)
{
	static const struct {
		const char *in;
		unsigned int flags;
		const char *left;
	} v[] = {
		{ "x", SCREEN_LEAVE_CLEAR, "" },
		{ "\033[?1049hx", SCREEN_LEAVE_CLEAR, "\033[?1049l\033[2J\033[H" },
		{ "x", SCREEN_LEAVE_FINAL, "\r\n\r\033[K\033[J" },
		{ "x\r\n", SCREEN_LEAVE_FINAL, "\r\033[K\033[J" },
		{ "\033[?1049hx", SCREEN_LEAVE_FINAL, "\033[?1049l\r\033[K\033[J" },
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		struct screen *s = screen_of(24, 80, v[i].in);
		struct buf out = BUF_INIT;

		CU_ASSERT(screen_leave(s, v[i].flags, &out) == 0);
		CU_ASSERT_STRING_EQUAL(buf_str(&out), v[i].left);
		buf_clear(&out);
		screen_free(s);
	}
}

static const struct {
	const char *in, *out, *left;
} titles[] = {
	/* Saved when the first one is set, and once. */
	{ "text", "text", "" },
	{ "\033]2;a\a", "\033[22;0t\033]2;a\a", "\033[23;0t" },
	{ "x\033]0;a\033\\y\033]2;b\a", "x\033[22;0t\033]0;a\033\\y\033]2;b\a", "\033[23;0t" },
	{ "\033]1;icon\a", "\033[22;0t\033]1;icon\a", "\033[23;0t" },
	{ "\033ka\033\\", "\033[22;0t\033ka\033\\", "\033[23;0t" },
	/* Not for what only looks like it, or does not pass. */
	{ "\033]10;#fff\a\033]104\a", "\033]10;#fff\a\033]104\a", "\033]110\033\\" },
	{ "\033]2;a\nb\a", "", "" },
	/* A program that saves it itself: once is enough. */
	{ "\033[22;2t\033]2;a\a", "\033[22;2t\033]2;a\a", "\033[23;0t" },
	{ "\033[22t\033]2;a\a\033[23t", "\033[22t\033]2;a\a\033[23t", "" },
	{ "\033[22;2t\033]2;a\a\033[23;2t\033]2;b\a",
	  "\033[22;2t\033]2;a\a\033[23;2t\033[22;0t\033]2;b\a", "\033[23;0t" },
	{ "\033[22;1t\033]2;a\a", "\033[22;1t\033[22;0t\033]2;a\a", "\033[23;0t" },
};

static void
test_title_pair(void)
{
	for (size_t i = 0; i < ARRAY_LEN(titles); i++)
		for (size_t at = 0; at <= strlen(titles[i].in); at++) {
			struct screen *s = screen_of(24, 80, "");
			struct buf out = BUF_INIT;

			feed(s, titles[i].in, at, &out);
			feed(s, titles[i].in + at, strlen(titles[i].in) - at, &out);
			CU_ASSERT_STRING_EQUAL(buf_str(&out), titles[i].out);
			buf_reset(&out);
			CU_ASSERT(screen_leave(s, 0, &out) == 0);
			CU_ASSERT_STRING_EQUAL(buf_str(&out), titles[i].left);
			buf_reset(&out);
			CU_ASSERT(screen_leave(s, 0, &out) == 0);
			CU_ASSERT(strstr(buf_str(&out), "23;0t") == NULL);
			buf_clear(&out);
			screen_free(s);
		}
}

/* After ^Z and fg: the shell's title is saved before the program's comes back. */
static void
test_title_again(void)
{
	struct screen *s = screen_of(24, 80, "\033]2;a title\a");
	struct buf out = BUF_INIT;

	CU_ASSERT_STRING_EQUAL(screen_title(s), "a title");
	CU_ASSERT(screen_leave(s, 0, &out) == 0);
	buf_reset(&out);
	CU_ASSERT(screen_repaint(s, SCREEN_PAINT_MODES, &out) == 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&out), "\033[22;0t\033]2;a title\033\\");
	buf_reset(&out);
	CU_ASSERT(screen_leave(s, 0, &out) == 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&out), "\033[23;0t");
	buf_clear(&out);
	screen_free(s);
}

static void
test_title_unfiltered(void)
{
	struct screen *s = screen_new(24, 80, SCREEN_FILTER_OFF);
	struct buf out = BUF_INIT;

	CU_ASSERT_FATAL(s != NULL);
	feed(s, "\033]2", 3, &out);
	feed(s, ";a\a", 3, &out);
	CU_ASSERT_STRING_EQUAL(buf_str(&out), "\033[22;0t\033]2;a\a");
	buf_reset(&out);
	CU_ASSERT(screen_leave(s, 0, &out) == 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&out), "\033[23;0t");
	buf_clear(&out);
	screen_free(s);
}

static void
test_settle(void)
{
	struct screen *s = screen_of(24, 80, "\033[?1049h\033[?1000h\033[1m\033[?25l\033Pq~");
	struct buf out = BUF_INIT;

	CU_ASSERT(screen_settle(s, &out) == 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&out), "\033\\\033[?1000l\033[?25h\033[m");
	/* The rest of the image does not come out as text. */
	buf_reset(&out);
	feed(s, "~~\033\\x", 5, &out);
	CU_ASSERT_STRING_EQUAL(buf_str(&out), "x");
	/* Nor does the model take what follows for a part of it. */
	CU_ASSERT(screen_sync(s) == 0);
	CU_ASSERT(s->model->grid[1].row[0]->cells[0].ch[0] == 'x');
	/* The state is kept, and comes back. */
	buf_reset(&out);
	CU_ASSERT(screen_repaint(s, SCREEN_PAINT_STATE, &out) == 0);
	CU_ASSERT(strstr(buf_str(&out), "\033[?1000h") != NULL);
	CU_ASSERT(strstr(buf_str(&out), "\033[?25h") == NULL);
	CU_ASSERT(strstr(buf_str(&out), "\033[0;1m") != NULL);
	CU_ASSERT(strstr(buf_str(&out), "1049") == NULL);
	buf_clear(&out);
	screen_free(s);
}

static void
test_settle_unfiltered(void)
{
	struct screen *s = screen_new(24, 80, SCREEN_FILTER_OFF);
	struct buf out = BUF_INIT;

	CU_ASSERT_FATAL(s != NULL);
	tell(s, "\033]0;tit");
	CU_ASSERT(s->modes.titles == 1);
	CU_ASSERT(screen_settle(s, &out) == 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&out), "\030\033\\");
	buf_clear(&out);
	screen_free(s);
}

static void
test_synchronized(void)
{
	struct screen *s = screen_of(24, 80, "\033[?2026h");
	struct buf out = BUF_INIT;

	CU_ASSERT(screen_is_synchronized(s));
	CU_ASSERT(screen_end_synchronized(s, &out) == 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&out), "\033[?2026l");
	CU_ASSERT(!screen_is_synchronized(s));
	buf_clear(&out);
	screen_free(s);
}

static void
test_kitty_limit(void)
{
	struct screen *s = screen_of(24, 80, "");
	struct buf out = BUF_INIT;

	for (unsigned int i = 1; i <= MODES_KITTY_MAX + 1; i++)
		tell(s, "\033[>1u");
	CU_ASSERT(screen_leave(s, 0, &out) == 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&out), "\033[<8u");
	buf_clear(&out);
	screen_free(s);
}

static void
test_title_limit(void)
{
	struct screen *s = screen_of(24, 80, "\033]2;");

	/* A character of two bytes lies across the limit. */
	for (unsigned int i = 0; i < MODES_TITLE_MAX - 1; i++)
		tell(s, "x");
	tell(s, "\xc3\xa4\a");
	CU_ASSERT(strlen(screen_title(s)) == MODES_TITLE_MAX - 1);
	screen_free(s);
}

int
main(void)
{
	const struct unit_test tests[] = {
		{ "only what is on is switched off", test_leave },
		{ "clear and last line only when asked for", test_leave_flags },
		{ "the title is saved once, before the first", test_title_pair },
		{ "the title comes back with the program", test_title_again },
		{ "the title, unfiltered", test_title_unfiltered },
		{ "a prompt finds a quiet terminal", test_settle },
		{ "a prompt in the middle of unfiltered output", test_settle_unfiltered },
		{ "synchronized output can be ended", test_synchronized },
		{ "eight keyboard flags are kept", test_kitty_limit },
		{ "a long title is cut between characters", test_title_limit },
	};

	return unit_run("screen-modes", tests, UNIT_COUNT(tests));
}
