/* Lines on a terminal where the program may have left the cursor anywhere. */
#include <string.h>

#include "base/str.h"
#include "record/internal.h"

struct range {
	uint32_t first, last;
};

static const struct range zero_width[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd }, { 0x0610, 0x061a },
	{ 0x064b, 0x065f }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x200b, 0x200d },
	{ 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
};
static const struct range double_width[] = {
	{ 0x1100, 0x115f },   { 0x2e80, 0x303e },   { 0x3041, 0xa4cf },	  { 0xac00, 0xd7a3 },
	{ 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },	  { 0xffe0, 0xffe6 },
	{ 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
};

static bool
is_in(uint32_t c, const struct range *ranges, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

/* The code point of a well-formed sequence of `n` bytes. */
static uint32_t
code_point(const unsigned char *p, size_t n)
{
	static const unsigned char mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t c = p[0] & mask[n];

	for (size_t i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3f);
	return c;
}

/* The column behind a printable line. A wide character does not fit into the last one. */
static unsigned int
end_column(struct slice line, unsigned int columns)
{
	unsigned int column = 0;

	while (line.n > 0) {
		size_t n = str_utf8_sequence(line);
		uint32_t c = n ? code_point((const unsigned char *)line.p, n) : ' ';
		unsigned int width = is_in(c, zero_width, ARRAY_LEN(zero_width))       ? 0
				     : is_in(c, double_width, ARRAY_LEN(double_width)) ? 2
										       : 1;

		column = column + width > columns ? width : column + width;
		n = n ? n : 1;
		line.p += n;
		line.n -= n;
	}
	return column;
}

/*
 * CR, text, erase to the end, CR LF. When the text ends in the last column the cursor is still on
 * it (the wrap is pending, as in xterm), and erasing would take the last character away.
 */
static int
add_line(struct buf *b, struct slice line, unsigned int columns)
{
	bool full = columns > 0 && line.n > 0 && end_column(line, columns) == columns;
	int r;

	if ((r = buf_addc(b, '\r')) < 0 || (r = buf_add(b, line.p, line.n)) < 0)
		return r;
	return buf_adds(b, full ? "\r\n" : "\033[K\r\n");
}

int
lines_for_terminal(struct buf *b, struct slice lines, unsigned int columns)
{
	int r = 0;

	while (lines.n > 0 && r == 0) {
		const char *end = memchr(lines.p, '\n', lines.n);
		size_t n = end ? (size_t)(end - lines.p) : lines.n;

		r = add_line(b, (struct slice){ lines.p, n }, columns);
		lines.p += n + (end != NULL);
		lines.n -= n + (end != NULL);
	}
	return r;
}
