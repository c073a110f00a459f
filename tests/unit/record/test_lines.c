/* Lines for a terminal, wide, narrow and of unknown width. */
#include <string.h>

#include "record/internal.h"
#include "tests/harness/unit.h"

static void
expect(const char *text, unsigned int columns, const char *wanted)
{
	autobuf struct buf b = BUF_INIT;

	CU_ASSERT_EQUAL(lines_for_terminal(&b, slice_of(text), columns), 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&b), wanted);
}

static void
test_form(void)
{
	expect("", 80, "");
	expect("\na\n", 80, "\r\033[K\r\n\ra\033[K\r\n");
	expect("a\nb", 80, "\ra\033[K\r\n\rb\033[K\r\n");
	expect("a\n", 0, "\ra\033[K\r\n");
}

/* In the last column, erasing would take the character itself away. */
static void
test_full_row(void)
{
	expect("12345678901234567890\n", 20, "\r12345678901234567890\r\n");
	expect("1234567890123456789\n", 20, "\r1234567890123456789\033[K\r\n");
	expect("123456789012345678901\n", 20, "\r123456789012345678901\033[K\r\n");
	expect("1234567890123456789012345678901234567890\n", 20,
	       "\r1234567890123456789012345678901234567890\r\n");
	expect("12345678901234567890\n", 0, "\r12345678901234567890\033[K\r\n");
	expect("\n", 1, "\r\033[K\r\n");
	expect("a\n", 1, "\ra\r\n");
}

/* Columns are not bytes. */
static void
test_width(void)
{
	expect("\xc3\xa4"
	       "b\n",
	       2,
	       "\r\xc3\xa4"
	       "b\r\n");
	expect("\xe6\xbc\xa2\n", 2, "\r\xe6\xbc\xa2\r\n");
	/* The second wide character does not fit and begins the next row. */
	expect("a\xe6\xbc\xa2\xe6\xbc\xa2\n", 4, "\ra\xe6\xbc\xa2\xe6\xbc\xa2\033[K\r\n");
	expect("e\xcc\x81\n", 1, "\re\xcc\x81\r\n");
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "form of a line", test_form },
		{ "a full row is not erased", test_full_row },
		{ "width of characters", test_width },
	};

	return unit_run("record_lines", tests, UNIT_COUNT(tests));
}
