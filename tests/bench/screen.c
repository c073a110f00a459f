/*
 * Throughput of screen/: how fast output is relayed, and how fast the model takes it when it has
 * to see all of it. One line per kind of output, in MB (10^6 bytes) per second of processor time.
 * usage: screen [MEGABYTES]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "screen/screen.h"

enum { READ_BYTES = 64 << 10 };

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
make_seq(struct buf *b, size_t bytes)
{
	int r = 0;

	for (unsigned int i = 1; b->n < bytes && r == 0; i++)
		r = buf_addf(b, "%u\r\n", i);
	return r;
}

static int
make_lines(struct buf *b, size_t bytes)
{
	int r = 0;

	while (b->n < bytes && r == 0)
		r = buf_adds(b,
			     "The quick brown fox jumps over the lazy dog, again and again, until "
			     "the line is full of it.\r\n");
	return r;
}

static int
make_no_newline(struct buf *b, size_t bytes)
{
	int r = 0;

	while (b->n < bytes && r == 0)
		r = buf_adds(b, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	return r;
}

static int
make_colours(struct buf *b, size_t bytes)
{
	int r = 0;

	for (unsigned int i = 0; b->n < bytes && r == 0; i++)
		r = buf_addf(b, "\033[01;34mdir%u\033[0m  \033[38;5;%umfile\033[0m  plain text\r\n",
			     i, i % 256);
	return r;
}

static int
make_unicode(struct buf *b, size_t bytes)
{
	int r = 0;

	while (b->n < bytes && r == 0)
		r = buf_adds(b, "日本語のテキスト, mit Umlauten äöü und Zeichen ✓ → ∞.\r\n");
	return r;
}

static int
make_full_screen(struct buf *b, size_t bytes)
{
	int r = 0;

	for (unsigned int i = 0; b->n < bytes && r == 0; i++)
		r = buf_addf(b, "\033[%u;%uH\033[48;5;%um%s\033[K", i % 24 + 1, i % 60 + 1, i % 256,
			     "redrawn by a program that uses the whole screen");
	return r;
}

static const struct {
	const char *name;
	int (*make)(struct buf *b, size_t bytes);
} kinds[] = {
	{ "seq", make_seq },
	{ "lines", make_lines },
	{ "no newline", make_no_newline },
	{ "colours", make_colours },
	{ "unicode", make_unicode },
	{ "full screen", make_full_screen },
};

/* Seconds for all of it; with `all` the model sees every byte as it comes. */
static double
run(const struct buf *in, enum screen_filter level, bool all)
{
	struct screen *s = screen_new(24, 80, level);
	struct buf out = BUF_INIT;
	double start, end;
	int r = s ? 0 : -1;

	start = now();
	for (size_t i = 0; i < in->n && r >= 0; i += READ_BYTES) {
		const size_t n = in->n - i < READ_BYTES ? in->n - i : READ_BYTES;

		buf_reset(&out);
		r = screen_feed(s, (const unsigned char *)in->p + i, n, &out);
		while (all && r >= 0 && (r = screen_idle(s)) == 1)
			;
	}
	end = now();
	if (r < 0)
		exit(1);
	buf_clear(&out);
	screen_free(s);
	return end - start;
}

static double
sync_time(const struct buf *in)
{
	struct screen *s = screen_new(24, 80, SCREEN_FILTER_STANDARD);
	struct buf out = BUF_INIT;
	unsigned int row, col;
	double start;

	if (!s || screen_feed(s, (const unsigned char *)in->p, in->n, &out) < 0)
		exit(1);
	start = now();
	if (screen_cursor(s, &row, &col) < 0)
		exit(1);
	start = now() - start;
	buf_clear(&out);
	screen_free(s);
	return start;
}

int
main(int argc, char **argv)
{
	const size_t bytes = (argc > 1 ? strtoul(argv[1], NULL, 10) : 64) * 1000000;

	printf("%-12s %10s %10s %12s %12s\n", "output", "relay", "unfiltered", "with model",
	       "catch-up ms");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct buf in = BUF_INIT;

		if (kinds[i].make(&in, bytes) < 0)
			return 1;
		printf("%-12s %10.0f %10.0f %12.0f %12.1f\n", kinds[i].name,
		       (double)in.n / 1e6 / run(&in, SCREEN_FILTER_STANDARD, false),
		       (double)in.n / 1e6 / run(&in, SCREEN_FILTER_OFF, false),
		       (double)in.n / 1e6 / run(&in, SCREEN_FILTER_STANDARD, true),
		       sync_time(&in) * 1e3);
		buf_clear(&in);
	}
	return 0;
}
