/* Texts of the cgroup file systems, and sizes. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cgroup.h"
#include "base/size.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice text = { (const char *)data, size };
	autobuf struct buf b = BUF_INIT;
	struct cgroup_place place;
	const char *reason = NULL;
	uint64_t bytes = 0;

	if (cgroup_parse(&place, text, 1000) == 0) {
		if (place.own.n == 0 || place.own.n >= CGROUP_PATH_MAX || place.own.p[0] != '/' ||
		    place.own.p < text.p || place.own.p + place.own.n > text.p + text.n)
			abort();
		if (place.delegated.n > place.own.n)
			abort();
	}
	(void)cgroup_event(text, "oom_kill");
	(void)cgroup_has_word(text, "memory");
	if (buf_add(&b, data, size) == 0) {
		int r = size_parse(&bytes, buf_str(&b), &reason);

		if ((r == 0 && (bytes == 0 || reason)) || (r < 0 && (bytes != 0 || !reason)))
			abort();
	}
	return 0;
}
