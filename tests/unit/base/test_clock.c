/* Moments as text: zones, borders of years and days, values out of range. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/clock.h"
#include "tests/harness/unit.h"

struct variant {
	struct timespec when;
	int offset_s;
	const char *text;
};

static const struct variant variants[] = {
	{ { 0, 0 }, 0, "1970-01-01T00:00:00.000000000+00:00" },
	{ { 1776801600, 123456789 }, 7200, "2026-04-21T22:00:00.123456789+02:00" },
	{ { 1776801600, 1 }, -12600, "2026-04-21T16:30:00.000000001-03:30" },
	{ { 1709164799, 999999999 }, 60, "2024-02-29T00:00:59.999999999+00:01" },
	{ { 0, 0 }, -60, "1969-12-31T23:59:00.000000000-00:01" },
	{ { 0, 0 }, 59, "1970-01-01T00:00:00.000000000+00:00" },
	{ { 0, 0 }, 86340, "1970-01-01T23:59:00.000000000+23:59" },
	{ { 0, 0 }, 86341, "1970-01-01T23:59:00.000000000+23:59" },
	{ { 0, 0 }, 1000000000, "1970-01-01T23:59:00.000000000+23:59" },
	{ { 0, 0 }, -1000000000, "1969-12-31T00:01:00.000000000-23:59" },
};

static void
test_variants(void)
{
	for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
		char text[CLOCK_TEXT_MAX];

		clock_rfc3339(text, variants[i].when, variants[i].offset_s);
		CU_ASSERT_STRING_EQUAL(text, variants[i].text);
	}
}

/* Day by day over 900 years, and far outside, against libc's calendar. */
static void
test_calendar(void)
{
	unsigned int wrong = 0;

	for (int64_t day = -200000; day < 130000; day++) {
		const time_t when = day * 86400 + (day & 0xffff);
		char text[CLOCK_TEXT_MAX], wanted[CLOCK_TEXT_MAX];
		struct tm tm;

		clock_rfc3339(text, (struct timespec){ when, 7 }, 0);
		(void)gmtime_r(&when, &tm);
		(void)snprintf(wanted, sizeof(wanted),
			       "%04d-%02d-%02dT%02d:%02d:%02d.000000007+00:00", tm.tm_year + 1900,
			       tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
		wrong += strcmp(text, wanted) != 0;
	}
	CU_ASSERT_EQUAL(wrong, 0);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "rfc 3339", test_variants },
		{ "calendar", test_calendar },
	};

	return unit_run("clock", tests, UNIT_COUNT(tests));
}
