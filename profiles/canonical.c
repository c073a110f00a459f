/* profiles/canonical.h */
#include "profiles/canonical.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "profiles/view.h"

enum {
	FORM_BYTES_MAX = 4 << 20,
	MASK_DIGITS = 16,
};

struct entry {
	struct node *node;
	const char *text;
};

static int
compare_entries(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->text, ((const struct entry *)b)->text);
}

static int
write_form(struct buf *b, const struct node *n)
{
	struct json j = JSON_CANONICAL_INIT(b, FORM_BYTES_MAX);

	node_write(&j, NULL, n);
	return json_finish(&j);
}

static int
sort_list(struct pool *pool, struct node *list)
{
	autofree struct entry *entry = mem_calloc(list->count ? list->count : 1, sizeof(*entry));
	size_t n = 0;

	if (!entry)
		return -ENOMEM;
	for (struct node *child = list->first; child; child = child->next) {
		autobuf struct buf text = BUF_INIT;
		int r = write_form(&text, child);

		if (r < 0)
			return r;
		entry[n].node = child;
		if (!(entry[n++].text = pool_take(pool, &text)))
			return -ENOMEM;
	}
	qsort(entry, n, sizeof(*entry), compare_entries);
	list->first = list->last = NULL;
	list->count = 0;
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && str_equal(entry[i].text, entry[i - 1].text))
			continue;
		entry[i].node->next = NULL;
		node_append(list, entry[i].node);
	}
	return 0;
}

static void
sort_keys(struct node *n)
{
	for (struct node *child = n->first; child; child = child->next)
		sort_keys(child);
	if (node_is(n, NODE_OBJECT))
		node_sort(n);
}

/* All lists that stand directly in an object. */
static int
sort_lists(struct pool *pool, struct node *object)
{
	int r = 0;

	for (struct node *n = node_first(object); n && r == 0; n = n->next)
		if (node_is(n, NODE_ARRAY))
			r = sort_list(pool, n);
	return r;
}

/* Only these are sets: elsewhere, in a command or in rules of a proxy, the order counts. */
static int
sort_sets(struct pool *pool, struct node *form)
{
	static const char *const objects[] = { "filesystem",  "groups",	 "commands", "rollback",
					       "environment", "network", "open_urls" };
	static const char *const lists[] = { "packs", "skipdirs" };
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(objects) && r == 0; i++)
		r = sort_lists(pool, node_find(form, objects[i]));
	for (size_t i = 0; i < ARRAY_LEN(lists) && r == 0; i++) {
		struct node *list = node_find(form, lists[i]);

		if (node_is(list, NODE_ARRAY))
			r = sort_list(pool, list);
	}
	return r;
}

struct node *
profile_canonical(struct pool *pool, const struct profile *p)
{
	static const char *const meaningless[] = { "name", "description", "extends",
						   "interactive" };
	struct node *form = profile_view(pool, p), *version;

	if (!form || !(version = node_new(pool, NODE_NUMBER)))
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(meaningless); i++) {
		struct node *n = node_find(form, meaningless[i]);

		if (n)
			node_remove(form, n);
	}
	version->number = groups_version;
	node_set(form, "policy_version", version);
	sort_keys(form);
	return sort_sets(pool, form) < 0 ? NULL : form;
}

int
canonical_hash(char ret[SHA256_HEX_MAX], const struct node *form)
{
	unsigned char value[SHA256_BYTES];
	autobuf struct buf text = BUF_INIT;
	struct sha256 h;
	int r = write_form(&text, form);

	if (r < 0)
		return r;
	sha256_init(&h);
	sha256_add(&h, text.p, text.n);
	sha256_end(&h, value);
	sha256_hex(ret, value);
	return 0;
}

int
profile_hash(char ret[SHA256_HEX_MAX], const struct profile *p)
{
	struct pool pool = { 0 };
	const struct node *form = profile_canonical(&pool, p);
	int r = form ? canonical_hash(ret, form) : -ENOMEM;

	pool_clear(&pool);
	return r;
}

int
canonical_mask(struct pool *pool, struct node *form)
{
	struct node *variables = node_at(form, "environment.set_vars");

	for (struct node *n = node_first(variables); n; n = n->next) {
		unsigned char value[SHA256_BYTES];
		char hex[SHA256_HEX_MAX];
		struct sha256 h;

		if (!n->text)
			continue;
		sha256_init(&h);
		sha256_add(&h, n->text, strlen(n->text));
		sha256_end(&h, value);
		sha256_hex(hex, value);
		hex[MASK_DIGITS] = '\0';
		if (!(n->text = pool_strdup(pool, hex)))
			return -ENOMEM;
	}
	return 0;
}
