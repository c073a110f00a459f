/* Additions to profiles that somebody wrote: nothing is lost, and once more changes nothing. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "profiles/edit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
