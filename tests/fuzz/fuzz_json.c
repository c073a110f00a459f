/*
 * The JSON reader: any bytes are one tree within the limits, or an error with a place. What was
 * written from a tree is read again as the same one.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "profiles/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t
walk(const struct node *n, unsigned int depth)
{
	size_t deepest = depth, count = 0;

	if (n->kind < NODE_NULL || n->kind > NODE_OBJECT || n->line == 0 || n->column == 0)
		abort();
	if ((n->kind == NODE_STRING) != (n->text != NULL))
		abort();
	for (const struct node *c = n->first; c; c = c->next, count++) {
		size_t below;

		if ((n->kind == NODE_OBJECT) != (c->key != NULL))
			abort();
		if (c->key && node_find(n, c->key) != c)
			abort();
		below = walk(c, depth + 1);
		deepest = below > deepest ? below : deepest;
	}
	if (count != n->count || count > JSON_ITEMS_MAX)
		abort();
	return deepest;
}

static void
check_again(const struct node *n, struct pool *pool)
{
	struct buf text = { NULL, 0, 0 };
	struct json j = JSON_INIT(&text);
	struct err e = ERR_INIT;
	struct node *again;

	node_write(&j, NULL, n);
	if (json_finish(&j) == 0 && json_parse(&again, pool, (struct slice){ text.p, text.n }, NULL,
					       JSON_PLAIN, NULL, &e) < 0)
		abort();
	buf_clear(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct json_place place;
	struct pool pool = { 0 };
	struct err e = ERR_INIT;
	struct node *n = NULL;
	int r = json_parse(&n, &pool, text, NULL, 0, &place, &e);

	if (r == 0) {
		/* The writer knows fewer levels than the reader, and no infinity. */
		if (walk(n, 1) <= JSON_LEVELS_MAX && !memchr(data, 'e', size) &&
		    !memchr(data, 'E', size))
			check_again(n, &pool);
	} else if (!strchr(e.text, ':') || r == -ENOMEM) {
		abort();
	}
	n = NULL;
	e = (struct err)ERR_INIT;
	/* Plain JSON is a part of what is read. */
	if (json_parse(&n, &pool, text, NULL, JSON_PLAIN, NULL, &e) == 0 && r < 0)
		abort();
	pool_clear(&pool);
	return 0;
}
