/* What a session hook writes. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/hook_env.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size }, entry;
	size_t left = size + 1;

	while (hook_env_next(&text, &entry)) {
		if (text.n >= left || entry.n < 2 || entry.p[0] == '=' ||
		    !memchr(entry.p, '=', entry.n) || memchr(entry.p, '\0', entry.n) ||
		    memchr(entry.p, '\n', entry.n))
			abort();
		left = text.n;
	}
	return 0;
}
