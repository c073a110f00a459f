/* Answers while nobody is attached. */
#include "tests/unit/screen/feed.h"

static const struct {
	const char *in, *answer;
} rows[] = {
	{ "\033[c", "\033[?62;22c" },
	{ "\033[0c", "\033[?62;22c" },
	{ "\033Z", "\033[?62;22c" },
	{ "\033[>c", "\033[>1;0;0c" },
	{ "\033[=c", "" },
	{ "\033[5n", "\033[0n" },
	{ "\033[6n", "\033[1;1R" },
	{ "abc\r\nde\033[6n", "\033[2;3R" },
	{ "\033[12;40H\033[?6n", "\033[?12;40R" },
	{ "\033[5;10r\033[?6h\033[3;4H\033[6n", "\033[3;4R" },
	{ "\033[?25$p", "\033[?25;1$y" },
	{ "\033[?2004$p", "\033[?2004;2$y" },
	{ "\033[?2004h\033[?2004$p", "\033[?2004;1$y" },
	{ "\033[?1049h\033[?1049$p", "\033[?1049;1$y" },
	{ "\033[?4711$p", "\033[?4711;0$y" },
	{ "\033[4$p", "\033[4;2$y" },
	{ "\033[?u", "\033[?0u" },
	{ "\033[>5u\033[?u", "\033[?5u" },
	{ "\033[>q", "\033P>|nono(1.2)\033\\" },
	{ "\033P+q544e\033\\", "\033P0+r\033\\" },
	{ "\033P$qm\033\\", "\033P0$r\033\\" },
	{ "\033[18t", "\033[8;24;80t" },
	{ "\033[14t\033[16t", "" },
	{ "\033]10;?\033\\", "\033]10;rgb:e5e5/e5e5/e5e5\033\\" },
	{ "\033]11;?\a", "\033]11;rgb:0000/0000/0000\033\\" },
	{ "\033]11;rgb:12/34/56\a\033]11;?\a", "\033]11;rgb:1212/3434/5656\033\\" },
	{ "\033]4;1;?\a", "\033]4;1;rgb:cdcd/0000/0000\033\\" },
	{ "\033]4;196;?\a", "\033]4;196;rgb:ffff/0000/0000\033\\" },
	{ "\033]4;255;?\a", "\033]4;255;rgb:eeee/eeee/eeee\033\\" },
	{ "\033]4;256;?\a", "" },
	{ "\005", "" },
	{ "\033P$q\"p\033\\", "\033P0$r\033\\" },
	{ "\033P$qrm -rf\033\\", "" },
	{ "\033P$qm\rreboot\r\033\\", "" },
	{ "\033P+qzz\033\\", "" },
	{ "\033]12;?\033\\", "\033]12;rgb:e5e5/e5e5/e5e5\033\\" },
	{ "\033]13;?\033\\", "" },
	{ "\033[20h\033[20$p", "\033[20;1$y" },
	{ "\033[1;1;1;1;2;2*y", "" },
	{ "\033[19t\033[13t\033[11t", "" },
	/* Dropped by the filter: not even a detached program learns the title. */
	{ "\033]2;t\a\033[21t", "" },
	{ "\033]52;c;?\a", "" },
};

static void
test_answers(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (int attached = 0; attached < 2; attached++) {
			struct screen *s = screen_of(24, 80, "");
			struct slice got;

			screen_set_attached(s, attached);
			screen_set_version(s, "1.2");
			tell(s, rows[i].in);
			got = screen_replies(s);
			CU_ASSERT(slice_equal(got, slice_of(attached ? "" : rows[i].answer)));
			if (!slice_equal(got, slice_of(attached ? "" : rows[i].answer)))
				printf("# row %zu: %.*s\n", i, (int)got.n, got.n ? got.p : "");
			screen_replies_clear(s);
			CU_ASSERT(screen_replies(s).n == 0);
			screen_free(s);
		}
}

static void
test_limit(void)
{
	struct screen *s = screen_of(24, 80, "");

	screen_set_attached(s, false);
	for (unsigned int i = 0; i < 2000; i++)
		tell(s, "\033[c");
	CU_ASSERT(screen_replies(s).n <= SCREEN_REPLIES_MAX);
	CU_ASSERT(screen_replies(s).n > SCREEN_REPLIES_MAX - 16);
	screen_free(s);
}

int
main(void)
{
	const struct unit_test tests[] = {
		{ "answers, and none while attached", test_answers },
		{ "answers that nobody fetches are bounded", test_limit },
	};

	return unit_run("screen-query", tests, UNIT_COUNT(tests));
}
