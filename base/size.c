/* Amounts of memory as people write them. */
#include "base/size.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/slice.h"

static const char prefixes[] = "KMGT"; /* each 1024, or 1000, times the one before */

static char
upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct slice
trim(struct slice s)
{
	while (s.n > 0 && is_blank(s.p[0]))
		s = (struct slice){ s.p + 1, s.n - 1 };
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* The factor of a unit, 0 when there is no such unit. */
static uint64_t
unit_factor(struct slice unit)
{
	const char *prefix;
	uint64_t step, factor = 1;

	if (unit.n == 0 || (unit.n == 1 && upper(unit.p[0]) == 'B'))
		return 1;
	prefix = strchr(prefixes, upper(unit.p[0]));
	if (!prefix || !*prefix || unit.n > 3)
		return 0;
	/* K, Ki, KiB and KB: only the last one counts in thousands. */
	step = unit.n == 2 && upper(unit.p[1]) == 'B' ? 1000 : 1024;
	if (unit.n >= 2 && step == 1024 && upper(unit.p[1]) != 'I')
		return 0;
	if (unit.n == 3 && upper(unit.p[2]) != 'B')
		return 0;
	for (const char *p = prefixes; p <= prefix; p++)
		factor *= step;
	return factor;
}

static int
refuse(int r, const char *reason, const char **ret_reason)
{
	*ret_reason = reason;
	return r;
}

int
size_parse(uint64_t *ret, const char *text, const char **ret_reason)
{
	struct slice all = trim(slice_of(text)), number = all, unit;
	uint64_t value = 0, factor;

	if (all.n == 0)
		return refuse(-EINVAL, "the size cannot be empty", ret_reason);
	/* The unit begins with the first letter, so that 1.5G is told from 5X. */
	for (number.n = 0; number.n < all.n; number.n++) {
		char c = upper(all.p[number.n]);

		if (c >= 'A' && c <= 'Z')
			break;
	}
	unit = (struct slice){ all.p + number.n, all.n - number.n };
	number = trim(number);
	if (number.n == 0)
		return refuse(-EINVAL, "missing numeric value before the unit", ret_reason);
	for (size_t i = 0; i < number.n; i++)
		if (number.p[i] < '0' || number.p[i] > '9')
			return refuse(-EINVAL, "the number is not a valid integer", ret_reason);
	factor = unit_factor(unit);
	if (factor == 0)
		return refuse(-EINVAL,
			      "unknown unit; use K, M, G, T (1024) or KB, MB, GB, TB (1000)",
			      ret_reason);
	for (size_t i = 0; i < number.n; i++)
		if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(number.p[i] - '0'), &value))
			return refuse(-ERANGE, "the size overflows 64 bits", ret_reason);
	if (__builtin_mul_overflow(value, factor, &value))
		return refuse(-ERANGE, "the size overflows 64 bits", ret_reason);
	if (value == 0)
		return refuse(-ERANGE, "the size must be greater than zero", ret_reason);
	*ret = value;
	return 0;
}

void
size_show(char text[SIZE_TEXT_MAX], uint64_t bytes)
{
	static const char *const unit[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	uint64_t whole = bytes, below = 0;
	size_t i = 0;

	if (bytes < 1024) {
		(void)snprintf(text, SIZE_TEXT_MAX, "%u B", (unsigned int)bytes);
		return;
	}
	for (;; i++) {
		below = whole % 1024;
		whole /= 1024;
		if (whole < 1024)
			break;
	}
	(void)snprintf(text, SIZE_TEXT_MAX, "%u.%u %s", (unsigned int)whole,
		       (unsigned int)(below * 10 / 1024), unit[i]);
}
