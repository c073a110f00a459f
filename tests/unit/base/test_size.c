/* Sizes as people write them. */
#include "base/size.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <string.h>

#include "tests/harness/unit.h"

static void
test_accepted(void)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} cases[] = {
		{ "1", 1 },
		{ "007", 7 },
		{ "512", 512 },
		{ "5B", 5 },
		{ "5b", 5 },
		{ "1K", 1024 },
		{ "1k", 1024 },
		{ "1 K", 1024 },
		{ "1\t K", 1024 },
		{ " 1K ", 1024 },
		{ "1Ki", 1024 },
		{ "1KiB", 1024 },
		{ "1kib", 1024 },
		{ "1KB", 1000 },
		{ "1kB", 1000 },
		{ "3M", 3 << 20 },
		{ "3MiB", 3 << 20 },
		{ "3MB", 3000000 },
		{ "2G", UINT64_C(2) << 30 },
		{ "2Gi", UINT64_C(2) << 30 },
		{ "2GB", UINT64_C(2000000000) },
		{ "4T", UINT64_C(4) << 40 },
		{ "4TiB", UINT64_C(4) << 40 },
		{ "4tb", UINT64_C(4000000000000) },
		{ "18446744073709551615", UINT64_MAX },
		{ "16777215T", UINT64_C(16777215) << 40 },
	};

	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		const char *reason = NULL;
		uint64_t bytes = 0;

		CU_ASSERT_EQUAL(size_parse(&bytes, cases[i].text, &reason), 0);
		CU_ASSERT_EQUAL(bytes, cases[i].bytes);
	}
}

static void
test_rejected(void)
{
	static const struct {
		const char *text, *reason;
		int r;
	} cases[] = {
		{ "", "cannot be empty", -EINVAL },
		{ "   ", "cannot be empty", -EINVAL },
		{ "M", "missing numeric value", -EINVAL },
		{ " MiB", "missing numeric value", -EINVAL },
		{ "max", "missing numeric value", -EINVAL },
		{ "1.5G", "not a valid integer", -EINVAL },
		{ "1,5G", "not a valid integer", -EINVAL },
		{ "+5", "not a valid integer", -EINVAL },
		{ "-5M", "not a valid integer", -EINVAL },
		{ "5 12", "not a valid integer", -EINVAL },
		{ "5_000", "not a valid integer", -EINVAL },
		{ "5%", "not a valid integer", -EINVAL },
		{ "5\n", "not a valid integer", -EINVAL },
		{ "5\xc2\xb5", "not a valid integer", -EINVAL },
		{ "0x10", "unknown unit", -EINVAL },
		{ "5X", "unknown unit", -EINVAL },
		{ "5P", "unknown unit", -EINVAL },
		{ "5MM", "unknown unit", -EINVAL },
		{ "5iB", "unknown unit", -EINVAL },
		{ "5BB", "unknown unit", -EINVAL },
		{ "5KiBs", "unknown unit", -EINVAL },
		{ "5KBi", "unknown unit", -EINVAL },
		{ "5 M B", "unknown unit", -EINVAL },
		{ "5M1", "unknown unit", -EINVAL },
		{ "18446744073709551616", "overflows", -ERANGE },
		{ "99999999999999999999999", "overflows", -ERANGE },
		{ "16777216T", "overflows", -ERANGE },
		{ "18446744073709551615KB", "overflows", -ERANGE },
		{ "0", "greater than zero", -ERANGE },
		{ "000", "greater than zero", -ERANGE },
		{ "0G", "greater than zero", -ERANGE },
	};

	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		const char *reason = "";
		uint64_t bytes = 77;

		CU_ASSERT_EQUAL(size_parse(&bytes, cases[i].text, &reason), cases[i].r);
		CU_ASSERT_PTR_NOT_NULL(strstr(reason, cases[i].reason));
		CU_ASSERT_EQUAL(bytes, 77);
	}
}

static void
test_shown(void)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0 B" },
		{ 1023, "1023 B" },
		{ 1024, "1.0 KiB" },
		{ 1536, "1.5 KiB" },
		{ 512 << 20, "512.0 MiB" },
		{ (1 << 20) - 1, "1023.9 KiB" },
		{ UINT64_C(5) << 40, "5.0 TiB" },
		{ UINT64_MAX, "15.9 EiB" },
	};
	char text[SIZE_TEXT_MAX];

	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		size_show(text, cases[i].bytes);
		CU_ASSERT_STRING_EQUAL(text, cases[i].text);
	}
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "sizes that are accepted", test_accepted },
		{ "sizes that are rejected, each with its reason", test_rejected },
		{ "sizes as shown", test_shown },
	};

	return unit_run("size", tests, UNIT_COUNT(tests));
}
