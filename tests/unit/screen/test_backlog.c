/*
 * The model that is fed at once and the one that is fed late, after most of a flood has been
 * forgotten, show the same.
 */
#include "tests/unit/screen/feed.h"

/* A small generator of its own: the same bytes in every run. */
static unsigned int
draw(unsigned int *state, unsigned int below)
{
	*state = *state * 1664525u + 1013904223u;
	return (*state >> 8) % below;
}

static int
add_piece(struct buf *b, unsigned int *r)
{
	static const char *const pieces[] = {
		"\t",
		"\b",
		"\r",
		"\033[m",
		"\033[1;31m",
		"\033[48;5;20m",
		"\033[K",
		"\033[5C",
		"\033[3D",
		"\033[10G",
		"\033[2P",
		"\033[3@",
		"\033[4X",
		"\xe6\x97\xa5\xe6\x9c\xac",
		"e\xcc\x81",
		"\xcc\x81",
		"\xff",
		"\033]8;;http://a/\033\\",
		"\033]8;;\033\\",
		"\033]2;t\033\\",
		"\a",
		"\n",
	};
	const unsigned int kind = draw(r, 40);

	if (kind < ARRAY_LEN(pieces))
		return buf_adds(b, pieces[kind]);
	return buf_addf(b, "%0*u", (int)draw(r, 60) + 1, draw(r, 1000000));
}

struct flood {
	const char *name, *before;
	bool plain;	       /* only digits and line ends */
	unsigned int lines;    /* in thousands */
	unsigned int line_end; /* one line in so many ends without CR */
	const char *now_and_then;
};

static const struct flood floods[] = {
	{ "plain lines", "", true, 200, 0, NULL },
	{ "everything within rows", "", false, 40, 0, NULL },
	{ "bare line feeds", "", false, 40, 3, NULL },
	{ "on the alternate screen", "x\033[?1049h\033[44m", false, 30, 0, NULL },
	{ "without wrapping", "\033[?7l", false, 30, 0, NULL },
	{ "inserting", "\033[4h", false, 30, 0, NULL },
	{ "with margins", "\033[3;10r", true, 20, 0, NULL },
	{ "in another character set", "\033(0\033[1m", true, 200, 0, NULL },
	{ "a single shift waiting", "\033*0\033N", true, 200, 0, NULL },
	{ "with movements", "", true, 30, 0, "\033[3;3Hx\033[99;1H" },
	{ "with screens", "", true, 30, 0, "\033[?1049hx\033[?1049l" },
	{ "with repeats", "", true, 30, 0, "y\033[5b" },
};

static void
test_floods(void)
{
	for (size_t i = 0; i < ARRAY_LEN(floods); i++) {
		const struct flood *f = &floods[i];
		struct screen *late = screen_of(24, 80, f->before);
		struct screen *soon = screen_of(24, 80, f->before);
		struct buf b = BUF_INIT, out = BUF_INIT;
		unsigned int r = 4711 + (unsigned int)i, most = 0;
		bool jumped = false;

		for (unsigned int line = 0; line < f->lines * 1000; line++) {
			for (unsigned int k = draw(&r, 4) + !f->plain; k > 0 && !f->plain; k--)
				CU_ASSERT_FATAL(add_piece(&b, &r) == 0);
			if (f->plain)
				CU_ASSERT_FATAL(buf_addf(&b, "%u", line) == 0);
			if (f->now_and_then && draw(&r, 10000) == 0)
				CU_ASSERT_FATAL(buf_adds(&b, f->now_and_then) == 0);
			CU_ASSERT_FATAL(buf_adds(&b, f->line_end && draw(&r, f->line_end) == 0
							     ? "\n"
							     : "\r\n") == 0);
			if (b.n < 30000 && line + 1 < f->lines * 1000)
				continue;
			buf_reset(&out);
			feed(late, b.p, b.n, &out);
			feed(soon, b.p, b.n, &out);
			CU_ASSERT(screen_sync(soon) == 0);
			/* Part of it may have been taken when there was time. */
			if (draw(&r, 50) == 0)
				CU_ASSERT(screen_idle(late) >= 0);
			jumped = jumped || late->backlog.jump;
			if (late->backlog.count > most)
				most = (unsigned int)late->backlog.count;
			buf_reset(&b);
		}
		CU_ASSERT(most <= BACKLOG_CHUNKS);
		CU_ASSERT(same_screen(late, soon));
		if (!same_screen(late, soon))
			printf("# %s\n", f->name);
		/* Else nothing was tested. */
		if (!f->now_and_then && !strstr(f->before, "10r"))
			CU_ASSERT(jumped);
		buf_clear(&b);
		buf_clear(&out);
		screen_free(late);
		screen_free(soon);
	}
}

static void
test_no_line_end(void)
{
	struct screen *late = screen_of(24, 80, ""), *soon = screen_of(24, 80, "");
	char block[1000];

	memset(block, 'x', sizeof(block) - 1);
	block[sizeof(block) - 1] = '\0';
	for (unsigned int i = 0; i < 8000; i++) {
		block[i % 900] ^= 3;
		tell(late, block);
		tell(soon, block);
		CU_ASSERT(screen_sync(soon) == 0);
	}
	CU_ASSERT(late->backlog.count <= BACKLOG_CHUNKS);
	CU_ASSERT(same_screen(late, soon));
	screen_free(late);
	screen_free(soon);
}

/* A question while nobody is attached sees everything before it. */
static void
test_question(void)
{
	struct screen *s = screen_of(24, 80, "");

	for (unsigned int i = 0; i < 100000; i++)
		tell(s, "0123456789\r\n");
	screen_set_attached(s, false);
	tell(s, "abc\033[6n");
	CU_ASSERT(slice_equal(screen_replies(s), slice_of("\033[24;4R")));
	screen_free(s);
}

static void
test_resize(void)
{
	struct screen *late = screen_of(24, 80, ""), *soon = screen_of(24, 80, "");

	for (unsigned int i = 0; i < 30000; i++) {
		tell(late, "0123456789\r\n");
		tell(soon, "0123456789\r\n");
		if (i % 9999 == 0) {
			CU_ASSERT(screen_sync(soon) == 0);
			CU_ASSERT(screen_resize(late, 10 + i % 7, 50) == 0);
			CU_ASSERT(screen_resize(soon, 10 + i % 7, 50) == 0);
		}
	}
	CU_ASSERT(same_screen(late, soon));
	screen_free(late);
	screen_free(soon);
}

int
main(void)
{
	const struct unit_test tests[] = {
		{ "floods", test_floods },
		{ "no line end at all", test_no_line_end },
		{ "a question after a flood", test_question },
		{ "a new size after a flood", test_resize },
	};

	return unit_run("screen-backlog", tests, UNIT_COUNT(tests));
}
