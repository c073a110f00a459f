/* cli/hook_env.c: lines of an environment file. */
#include <string.h>

#include "base/attr.h"
#include "cli/hook_env.h"
#include "tests/harness/unit.h"

static void
check(struct slice text, const char *const *wanted, size_t count)
{
	struct slice entry;

	for (size_t i = 0; i < count; i++) {
		CU_ASSERT_FATAL(hook_env_next(&text, &entry));
		CU_ASSERT(slice_equal(entry, slice_of(wanted[i])));
	}
	CU_ASSERT(!hook_env_next(&text, &entry));
	CU_ASSERT_EQUAL(text.n, 0);
}

static void
test_lines(void)
{
	static const char text[] = "A=1\n"
				   "  B = two words \t\r\n"
				   "# C=3\n"
				   "\n"
				   "no assignment\n"
				   "=no name\n"
				   "two words=x\n"
				   "D=\n"
				   "E=a=b # c\n"
				   "F=\"quoted\"\n"
				   "G=last";
	static const char *const wanted[] = { "A=1", "D=", "E=a=b # c", "F=\"quoted\"", "G=last" };

	check(slice_of(text), wanted, ARRAY_LEN(wanted));
}

static void
test_bytes(void)
{
	static const char text[] = "A=1\0B=2\nC=\xff\n\0=\n";
	static const char *const wanted[] = { "C=\xff" };

	check((struct slice){ text, sizeof(text) - 1 }, wanted, 1);
	check((struct slice){ "", 0 }, NULL, 0);
	check(slice_of("\n\n"), NULL, 0);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "lines", test_lines },
		{ "any bytes", test_bytes },
	};

	return unit_run("hook_env", tests, UNIT_COUNT(tests));
}
