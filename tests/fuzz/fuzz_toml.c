/* config.toml: any bytes are a tree within its limits, or an error with a place. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
walk(const struct toml *t, const struct toml_node *n, size_t *seen)
{
	if (n->type < TOML_TABLE || n->type > TOML_BOOLEAN || n->line == 0 || n->column == 0)
		abort();
	++*seen;
	if (n->type == TOML_STRING && strlen(toml_string(t, n)) != n->string_bytes)
		abort();
	for (const struct toml_node *c = toml_first(t, n); c; c = toml_next(t, c)) {
		if (n->type == TOML_TABLE && toml_find(t, n, toml_key(t, c)) != c)
			abort();
		walk(t, c, seen);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct toml t = TOML_INIT;
	struct err e = ERR_INIT;
	size_t seen = 0;

	if (toml_parse(&t, (struct slice){ (const char *)data, size }, &e) == 0) {
		walk(&t, &t.node[0], &seen);
		if (seen != t.count)
			abort();
	} else if (!strchr(e.text, ':')) {
		abort();
	}
	toml_clear(&t);
	return 0;
}
