/* The lines in which two texts differ. */
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "cli/line_diff.h"
#include "tests/harness/unit.h"

static const char *
diff(struct out *o, const char *a, const char *b)
{
	char *none[] = { NULL };

	out_init(o, -1, "never", none);
	CU_ASSERT_EQUAL_FATAL(line_diff(o, slice_of(a), slice_of(b)), 0);
	return buf_str(&o->text);
}

static void
test_cases(void)
{
	static const struct {
		const char *a, *b, *expected;
	} cases[] = {
		{ "", "", "" },
		{ "a\nb\n", "a\nb\n", "" },
		{ "", "a\n", "+a\n" },
		{ "a\n", "", "-a\n" },
		{ "a\nb\nc\n", "a\nx\nc\n", " a\n-b\n+x\n c\n" },
		{ "a\nb\nc\n", "b\nc\nd\n", "-a\n b\n c\n+d\n" },
		{ "a", "a\n", "" },
		{ "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\n6\n7\n8\nx\n",
		  "@@\n 6\n 7\n 8\n-9\n+x\n" },
		{ "x\n1\n2\n3\n4\n5\n6\n7\n8\ny\n", "1\n2\n3\n4\n5\n6\n7\n8\n",
		  "-x\n 1\n 2\n 3\n@@\n 6\n 7\n 8\n-y\n" },
		{ "a\033[2Jb\n", "c\n", "-ab\n+c\n" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct out o;

		CU_ASSERT_STRING_EQUAL(diff(&o, cases[i].a, cases[i].b), cases[i].expected);
		out_clear(&o);
	}
}

/* Too much to be compared line by line: everything goes, everything comes. */
static void
test_large(void)
{
	enum { LINES = 4000 };
	autobuf struct buf a = BUF_INIT, b = BUF_INIT;
	struct out o;
	size_t minus = 0, plus = 0;

	for (int i = 0; i < LINES; i++) {
		CU_ASSERT_EQUAL_FATAL(buf_addf(&a, "a%d\nsame\n", i), 0);
		CU_ASSERT_EQUAL_FATAL(buf_addf(&b, "b%d\nsame\n", i), 0);
	}
	for (const char *p = diff(&o, buf_str(&a), buf_str(&b)); *p; p += strcspn(p, "\n") + 1) {
		minus += *p == '-';
		plus += *p == '+';
	}
	CU_ASSERT_EQUAL(minus, 2 * LINES - 1);
	CU_ASSERT_EQUAL(plus, 2 * LINES - 1);
	out_clear(&o);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "cases", test_cases },
		{ "large texts", test_large },
	};

	return unit_run("line_diff", tests, UNIT_COUNT(tests));
}
