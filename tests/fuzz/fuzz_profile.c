/*
 * Reader, checks and merger of profiles. Input: one or two texts with a NUL between them. Whatever
 * is accepted has the groups that every profile has, merges with itself to itself, and is
 * accepted again as it is written.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/str.h"
#include "profiles/profile.h"
#include "profiles/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *environment[] = { (char[]){ "HOME=/nonexistent" }, NULL };

static struct profile *
load(const char *text, size_t n)
{
	struct profile_request rq = { .environment = environment, .flags = PROFILE_TRUST_ANY };
	struct policy_notes notes = { 0 };
	struct err e = ERR_INIT;
	struct profile *p = NULL;
	int r = profile_load_text(&p, (struct slice){ text, n }, "text", &rq, &notes, &e);

	if (r < 0 && (!e.text[0] || r == -ENOMEM))
		abort();
	policy_notes_clear(&notes);
	return r < 0 ? NULL : p;
}

static void
write_tree(struct buf *b, const struct node *tree)
{
	struct json j = JSON_INIT(b);

	node_write(&j, NULL, tree);
	if (json_finish(&j) < 0)
		abort();
}

static void
check_groups(const struct profile *p)
{
	for (size_t i = 0; i < groups_count; i++) {
		bool found = !groups_table[i].required || !groups_table[i].linux_group;

		for (size_t k = 0; k < p->groups_count && !found; k++)
			found = p->groups[k].group == &groups_table[i];
		if (!found)
			abort();
	}
}

/* Canonical means: written and read again it is the same. */
static void
check_canonical(const struct profile *p)
{
	struct buf text = { NULL, 0, 0 }, again = { NULL, 0, 0 };
	struct profile *copy;

	write_tree(&text, p->tree);
	copy = load(text.p, text.n);
	if (!copy)
		abort();
	write_tree(&again, copy->tree);
	if (!str_equal(buf_str(&text), buf_str(&again)))
		abort();
	profile_free(copy);
	buf_clear(&text);
	buf_clear(&again);
}

static void
check_merge(struct profile *base, const struct profile *child)
{
	struct node *once = merge_trees(&base->pool, base->tree, child->tree), *twice;
	struct buf a = { NULL, 0, 0 }, b = { NULL, 0, 0 };

	if (!once || !(twice = merge_trees(&base->pool, once, child->tree)))
		abort();
	write_tree(&a, once);
	write_tree(&b, twice);
	if (!str_equal(buf_str(&a), buf_str(&b)))
		abort();
	for (const struct node *n = node_first(node_at(base->tree, "filesystem.deny")); n;
	     n = n->next)
		if (!node_item(node_at(once, "filesystem.deny"), n->text))
			abort();
	buf_clear(&a);
	buf_clear(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *nul = memchr(text, '\0', size);
	size_t first = nul ? (size_t)(nul - text) : size;
	struct profile *base = load(text, first), *child = NULL;

	if (base) {
		check_groups(base);
		check_canonical(base);
		child = nul ? load(nul + 1, size - first - 1) : NULL;
		check_merge(base, child ? child : base);
	}
	profile_free(child);
	profile_free(base);
	return 0;
}
