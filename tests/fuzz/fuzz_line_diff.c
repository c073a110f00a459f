/*
 * The lines in which two texts differ: what is shown as taken out stands in the first text, what is put
 * in stands in the second, each in its order, and nothing is lost.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "cli/line_diff.h"

enum { SEPARATOR = 0xff };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next line as it is shown, or NULL behind the last one. Freed with mem_free(). */
static char *
next_line(struct slice *text)
{
	const char *end;
	char *line, *shown;
	size_t n;

	if (text->n == 0)
		return NULL;
	end = memchr(text->p, '\n', text->n);
	n = end ? (size_t)(end - text->p) : text->n;
	line = mem_calloc(n + 1, 1);
	if (!line)
		abort();
	memcpy(line, text->p, n);
	shown = str_printable_dup(line);
	mem_free(line);
	if (!shown)
		abort();
	n += end != NULL;
	text->p += n;
	text->n -= n;
	return shown;
}

static long
count_lines(struct slice text)
{
	char *line;
	long n = 0;

	for (; (line = next_line(&text)); n++)
		mem_free(line);
	return n;
}

/* Go on to this line; those before it were left out because they are in both texts. */
static void
seek(struct slice *text, const char *wanted)
{
	char *line;

	while ((line = next_line(text))) {
		bool found = str_equal(line, wanted);

		mem_free(line);
		if (found)
			return;
	}
	abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *cut = memchr(data, SEPARATOR, size);
	size_t n = cut ? (size_t)(cut - data) : size;
	struct slice a = { (const char *)data, n };
	struct slice b = { (const char *)data + n + (cut ? 1 : 0), size - n - (cut ? 1 : 0) };
	struct slice x = a, y = b;
	char *environment[] = { NULL };
	long out = 0, in = 0;
	struct out o;

	out_init(&o, -1, "never", environment);
	if (line_diff(&o, a, b) < 0 || o.failed)
		abort();
	for (char *row = o.text.p, *end; row && row < o.text.p + o.text.n; row = end + 1) {
		end = memchr(row, '\n', (size_t)(o.text.p + o.text.n - row));
		if (!end)
			abort();
		*end = '\0';
		out += *row == '-';
		in += *row == '+';
		if (*row == '-' || *row == ' ')
			seek(&x, row + 1);
		if (*row == '+' || *row == ' ')
			seek(&y, row + 1);
		if (!strchr("-+ @", *row))
			abort();
	}
	if (out - in != count_lines(a) - count_lines(b))
		abort();
	out_clear(&o);
	return 0;
}
