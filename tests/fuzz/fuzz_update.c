/* update-check.json: a server had a part in it. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/update.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct update_cache c;

	if (update_parse(&c, (struct slice){ (const char *)data, size }) < 0)
		return 0;
	if (strlen(c.version) >= sizeof(c.version) || strlen(c.message) >= sizeof(c.message) ||
	    strlen(c.url) >= sizeof(c.url))
		abort();
	(void)update_is_newer(c.version, "0.1.0");
	(void)update_url_is_allowed(c.url);
	return 0;
}
