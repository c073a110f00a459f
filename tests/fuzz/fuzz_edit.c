/* Additions to profiles that somebody wrote: nothing is lost, and once more changes nothing. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "profiles/edit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is left of a text that an entry goes from stands in it, in this order. */
static void
remove_entries(struct slice text)
{
	static const char *const values[] = { "", "a", "/one" };

	for (uint32_t i = 0; i < 64; i++) {
		struct edit_change c = { .line = 1 + i % 4,
					 .column = 1 + i / 4,
					 .was = values[i % ARRAY_LEN(values)] };
		autobuf struct buf got = BUF_INIT;
		size_t at = 0;

		if (edit_change(&got, text, &c, 1) < 0)
			continue;
		for (size_t k = 0; k < text.n && at < got.n; k++)
			at += text.p[k] == got.p[at];
		if (at != got.n || got.n + strlen(c.was) + 2 > text.n)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct edit_addition items[] = {
		{ "filesystem.read", "/one" },
		{ "filesystem.read", "/two \"\\" },
		{ "filesystem.allow_file", "/three" },
		{ "a", "b" },
	};
	struct slice text = { (const char *)data, size };
	autobuf struct buf got = BUF_INIT, again = BUF_INIT;
	size_t added = 0, more = 0, at = 0;

	remove_entries(text);

	if (edit_add(&got, text, items, ARRAY_LEN(items), &added) < 0)
		return 0;
	/* What was there is there, in its order. */
	for (size_t i = 0; i < got.n && at < text.n; i++)
		at += got.p[i] == text.p[at];
	if (at != text.n || (added == 0 && got.n != text.n))
		abort();
	if (edit_add(&again, (struct slice){ got.p, got.n }, items, ARRAY_LEN(items), &more) < 0 ||
	    more != 0 || again.n != got.n || memcmp(again.p, got.p, got.n) != 0)
		abort();
	return 0;
}
