/* Settings of an agent: a hook goes in and out, and nothing else is lost or changed. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "profiles/agent_settings.h"
#include "profiles/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct slice
whole(const struct buf *b)
{
	return (struct slice){ b->p, b->n };
}

static const struct node *
tree_of(struct slice text, struct pool *pool)
{
	struct node *n = NULL;

	if (json_parse(&n, pool, text, NULL, 0, NULL, NULL) < 0)
		abort();
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct agent_hook hook = { "E", "A|B", "/c", { "$HOME/c", NULL } };
	struct slice text = { (const char *)data, size };
	autobuf struct buf with = BUF_INIT, again = BUF_INIT, without = BUF_INIT;
	struct err e = ERR_INIT;
	const struct node *entry = NULL, *same = NULL;
	struct pool pool = { 0 };
	unsigned int made = 0, more = 0;
	int r = agent_settings_add(&with, text, &hook, &pool, &entry, &made, &e);

	if (r < 0) {
		if (!*e.text || with.n > 0)
			abort();
	} else if (r == AGENT_SETTINGS_SAME) {
		if (with.n > 0 || !entry)
			abort();
		(void)!agent_settings_remove(&without, text, &hook, entry, 7, &e);
	} else {
		if (agent_settings_add(&again, whole(&with), &hook, &pool, &same, &more, &e) !=
			    AGENT_SETTINGS_SAME ||
		    !node_equal(entry, same))
			abort();
		if (agent_settings_remove(&without, whole(&with), &hook, entry, made, &e) !=
		    AGENT_SETTINGS_REMOVED)
			abort();
		if (r == AGENT_SETTINGS_ADDED &&
		    !node_equal(tree_of(whole(&without), &pool), tree_of(text, &pool)))
			abort();
	}
	pool_clear(&pool);
	return 0;
}
