/*
 * The text scan of nono-record, on bytes as they are and as they come in a session (cleaned), and
 * the check of what the broker hands over. Every finding must lie inside the text and name a path
 * that can be one. Time is bounded by libFuzzer's -timeout.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "record/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static bool
is_inside(struct slice part, struct slice whole)
{
	return part.p >= whole.p && part.n <= whole.n &&
	       (size_t)(part.p - whole.p) <= whole.n - part.n;
}

static void
check_finding(const struct finding *f, struct slice text)
{
	must(f->kind >= FINDING_DENIAL && f->kind <= FINDING_FAILURE);
	must(f->paths <= TEXT_PATHS_MAX && is_inside(f->line, text));
	must(f->access <= (PLAN_READ | PLAN_WRITE) && !memchr(f->line.p, '\n', f->line.n));
	for (size_t i = 0; i < f->paths; i++) {
		struct slice path = f->path[i].text;
		autobuf struct buf plain = BUF_INIT;

		must(text_unescape(&plain, path) == 0 && plain.n <= path.n);
		must(strlen(buf_str(&plain)) == plain.n);
		must(is_inside(path, text) && path.n > 0 && path.n < RECORD_PATH_MAX);
		for (size_t k = 0; k < path.n; k++)
			must((unsigned char)path.p[k] >= 0x20 && path.p[k] != 0x7f);
	}
	if (f->kind == FINDING_DENIAL)
		must(f->access != 0);
	must(line_port(f->line) <= 65535);
}

static void
check_text(struct slice text)
{
	struct scan *s = mem_calloc(1, sizeof(*s));

	must(s != NULL);
	scan_text(s, text);
	must(s->count <= FINDINGS_MAX);
	for (size_t i = 0; i < s->count; i++)
		check_finding(&s->item[i], text);
	mem_free(s);
}

static void
check_terminal(struct slice clean)
{
	autobuf struct buf shown = BUF_INIT;

	must(lines_for_terminal(&shown, clean, 20) == 0);
	/* The only escape sequence is our own. */
	for (size_t i = 0; i < shown.n; i++)
		must(shown.p[i] != '\033' || memcmp(shown.p + i, "\033[K", 3) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = { (const char *)data, size };
	autobuf struct buf clean = BUF_INIT;
	void *copy;

	check_text(rest);
	while (rest.n > 0) {
		const char *end = memchr(rest.p, '\n', rest.n);
		size_t n = end ? (size_t)(end - rest.p) : rest.n;

		must(str_printable(&clean, (struct slice){ rest.p, n }) == 0);
		must(buf_addc(&clean, '\n') == 0);
		rest.p += n + (end != NULL);
		rest.n -= n + (end != NULL);
	}
	check_text((struct slice){ buf_str(&clean), clean.n });
	check_terminal((struct slice){ buf_str(&clean), clean.n });

	/* Aligned as the file is in the program. */
	copy = mem_memdup0(data, size);
	must(copy != NULL);
	(void)!facts_check(copy, size);
	mem_free(copy);
	return 0;
}
