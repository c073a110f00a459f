/*
 * How a profile builds on another one (spec 03 4.3): one walk over the key table, whose column
 * says the rule. Pure; both trees stay as they are. Lists keep the first origin of an entry, and
 * remember who else asked for it.
 */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "profiles/reader.h"

static struct node *merge_object(struct pool *pool, const struct key_table *t,
				 const struct node *base, const struct node *child);
static struct node *policies_object(struct pool *pool, const struct key_table *t,
				    const struct node *base, const struct node *child);

/* A node like this one, without its children. */
static struct node *
shell(struct pool *pool, const struct node *like)
{
	struct node *n = node_new(pool, NODE_NULL);

	if (!n)
		return NULL;
	*n = *like;
	n->next = n->first = n->last = NULL;
	n->count = 0;
	return n;
}

static struct node *
find_equal(const struct node *list, const struct node *item)
{
	for (struct node *n = node_first(list); n; n = n->next)
		if (item->kind == NODE_STRING
			    ? n->kind == NODE_STRING && str_equal(n->text, item->text)
			    : node_equal(n, item))
			return n;
	return NULL;
}

static int
add_new(struct pool *pool, struct node *list, const struct node *from)
{
	for (const struct node *n = node_first(from); n; n = n->next) {
		struct node *same = find_equal(list, n), *copy = node_copy(pool, n);

		if (!copy)
			return -ENOMEM;
		if (!same) {
			node_append(list, copy);
			continue;
		}
		while (same->again)
			same = same->again;
		same->again = copy;
	}
	return 0;
}

static struct node *
merge_union(struct pool *pool, const struct node *base, const struct node *child)
{
	struct node *list = shell(pool, child ? child : base);

	if (!list || add_new(pool, list, base) < 0 || add_new(pool, list, child) < 0)
		return NULL;
	return list;
}

/* Entries keep the base's order; one that the child has too is the child's. */
static struct node *
merge_map(struct pool *pool, const struct node *base, const struct node *child)
{
	struct node *map = shell(pool, child);

	if (!map)
		return NULL;
	for (const struct node *n = base->first; n; n = n->next) {
		const struct node *wins = node_find(child, n->key);
		struct node *copy = node_copy(pool, wins ? wins : n);

		if (!copy)
			return NULL;
		node_append(map, copy);
	}
	for (const struct node *n = child->first; n; n = n->next) {
		struct node *copy = node_find(base, n->key) ? NULL : node_copy(pool, n);

		if (copy)
			node_append(map, copy);
		else if (!node_find(base, n->key))
			return NULL;
	}
	return map;
}

/* ---- allow_domain ---- */

static const char *
domain_of(const struct node *n)
{
	return n->kind == NODE_STRING ? n->text : node_text(node_find(n, "domain"), "");
}

static bool
has_endpoints(const struct node *n)
{
	return node_first(node_find(n, "endpoints"));
}

/* A host that is limited anywhere stays limited; rules add up. */
static int
join_domain(struct pool *pool, struct node *present, const struct node *more)
{
	struct node *copy, *next = present->next;

	if (!has_endpoints(more))
		return 0;
	if (has_endpoints(present))
		return add_new(pool, node_find(present, "endpoints"), node_find(more, "endpoints"));
	copy = node_copy(pool, more);
	if (!copy)
		return -ENOMEM;
	*present = *copy;
	present->next = next;
	return 0;
}

static int
add_domains(struct pool *pool, struct node *list, const struct node *from)
{
	for (const struct node *n = node_first(from); n; n = n->next) {
		struct node *present = list->first, *copy;

		while (present && !str_equal(domain_of(present), domain_of(n)))
			present = present->next;
		if (present) {
			if (join_domain(pool, present, n) < 0)
				return -ENOMEM;
			continue;
		}
		copy = node_copy(pool, n);
		if (!copy)
			return -ENOMEM;
		node_append(list, copy);
	}
	return 0;
}

static struct node *
merge_domains(struct pool *pool, const struct node *base, const struct node *child)
{
	struct node *list = shell(pool, child ? child : base);

	if (!list || add_domains(pool, list, base) < 0 || add_domains(pool, list, child) < 0)
		return NULL;
	return list;
}

/* ---- command_policies: a child can add, and never loosen ---- */

static bool
is_named(const struct key *k, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_equal(k->name, names[i]))
			return true;
	return false;
}

static struct node *
policies_map(struct pool *pool, const struct key *k, const struct node *base,
	     const struct node *child)
{
	static const char *const joined[] = { "commands", "from" };
	bool join = k->members && is_named(k, joined, ARRAY_LEN(joined));
	struct node *map = shell(pool, base);

	if (!map)
		return NULL;
	for (const struct node *n = base->first; n; n = n->next) {
		const struct node *other = node_find(child, n->key);
		struct node *merged;

		if (join && other && n->kind == NODE_OBJECT && other->kind == NODE_OBJECT)
			merged = policies_object(pool, k->members, n, other);
		else
			merged = node_copy(pool, n);
		if (!merged)
			return NULL;
		node_set(map, n->key, merged);
	}
	for (const struct node *n = child->first; n; n = n->next) {
		struct node *copy;

		if (node_find(base, n->key))
			continue;
		copy = node_copy(pool, n);
		if (!copy)
			return NULL;
		node_append(map, copy);
	}
	return map;
}

static struct node *
policies_value(struct pool *pool, const struct key *k, const struct node *base,
	       const struct node *child)
{
	static const char *const kept[] = { "invocation_policy", "resources", "stdio" };

	switch (k->type) {
	case KEY_BOOL:
		return node_copy(pool, base->truth ? base : child);
	case KEY_STRINGS:
	case KEY_PATHS:
	case KEY_NAMES:
	case KEY_ORIGINS:
	case KEY_PORTS:
	case KEY_OBJECTS:
		return merge_union(pool, base, child);
	case KEY_MAP:
		return policies_map(pool, k, base, child);
	case KEY_OBJECT:
		if (str_equal(k->name, "open_urls"))
			return node_copy(pool, child);
		if (base->kind == child->kind && !is_named(k, kept, ARRAY_LEN(kept)))
			return policies_object(pool, k->members, base, child);
		break;
	case KEY_STRING:
	case KEY_INTEGER:
		break;
	}
	return node_copy(pool, base);
}

static struct node *
policies_object(struct pool *pool, const struct key_table *t, const struct node *base,
		const struct node *child)
{
	struct node *merged = shell(pool, base);

	for (size_t i = 0; merged && i < t->count; i++) {
		const struct key *k = &t->key[i];
		const struct node *b = node_find(base, k->name), *c = node_find(child, k->name);
		struct node *n;

		if (!b && !c)
			continue;
		n = b && c ? policies_value(pool, k, b, c) : node_copy(pool, b ? b : c);
		if (!n)
			return NULL;
		node_set(merged, k->name, n);
	}
	return merged;
}

/* ---- by the table ---- */

/* Only one of the two is there. */
static struct node *
merge_single(struct pool *pool, const struct key *k, const struct node *n)
{
	switch (k->merge) {
	case MERGE_UNION:
	case MERGE_EMPTY_CLEARS:
		return merge_union(pool, n, NULL);
	case MERGE_DOMAINS:
		return merge_domains(pool, n, NULL);
	case MERGE_MEMBERS:
		return merge_object(pool, k->members, n, NULL);
	case MERGE_REPLACE:
	case MERGE_OR:
	case MERGE_MAP:
	case MERGE_NULL_CLEARS:
	case MERGE_POLICIES:
	case MERGE_NEVER:
		break;
	}
	return node_copy(pool, n);
}

static struct node *
merge_value(struct pool *pool, const struct key *k, const struct node *base,
	    const struct node *child)
{
	switch (k->merge) {
	case MERGE_MEMBERS:
		return merge_object(pool, k->members, base, child);
	case MERGE_UNION:
		return merge_union(pool, base, child);
	case MERGE_OR:
		return node_copy(pool, base->truth ? base : child);
	case MERGE_MAP:
		return merge_map(pool, base, child);
	case MERGE_EMPTY_CLEARS:
		return child->first ? merge_union(pool, base, child) : node_copy(pool, child);
	case MERGE_DOMAINS:
		return merge_domains(pool, base, child);
	case MERGE_POLICIES:
		return policies_object(pool, k->members, base, child);
	case MERGE_REPLACE:
	case MERGE_NULL_CLEARS:
	case MERGE_NEVER:
		break;
	}
	return node_copy(pool, child);
}

static struct node *
merge_object(struct pool *pool, const struct key_table *t, const struct node *base,
	     const struct node *child)
{
	struct node *merged = shell(pool, child ? child : base);

	for (size_t i = 0; merged && i < t->count; i++) {
		const struct key *k = &t->key[i];
		const struct node *b = node_find(base, k->name), *c = node_find(child, k->name);
		struct node *n;

		if (k->merge == MERGE_NEVER)
			b = NULL; /* what inheritance consumes stays with the text it is in */
		if (!b && !c)
			continue;
		n = b && c ? merge_value(pool, k, b, c) : merge_single(pool, k, b ? b : c);
		if (!n)
			return NULL;
		node_set(merged, k->name, n);
	}
	return merged;
}

struct node *
merge_trees(struct pool *pool, const struct node *base, const struct node *child)
{
	return merge_object(pool, &schema_profile, base, child);
}

/* ---- remove ---- */

/* From a list the equal entries, from a map the entries of these names. */
static void
remove_entries(struct node *from, const struct node *names)
{
	for (const struct node *name = node_first(names); name; name = name->next)
		for (struct node *n = node_first(from), *next; n; n = next) {
			next = n->next;
			if (from->kind == NODE_OBJECT	? str_equal(n->key, name->text)
			    : name->kind == NODE_NUMBER ? node_equal(n, name)
							: str_equal(domain_of(n), name->text))
				node_remove(from, n);
		}
}

static void
remove_members(struct node *tree, const struct node *remove)
{
	for (const struct node *n = node_first(remove); n; n = n->next) {
		struct node *target = node_find(tree, n->key);

		if (target && n->kind == NODE_OBJECT)
			remove_members(target, n);
		else if (target)
			remove_entries(target, n);
	}
}

int
merge_remove(struct reader *r, struct node *tree)
{
	struct node *remove = node_find(tree, "remove"), *routes;
	const struct node *deny = node_at(remove, "filesystem.deny");

	if (!remove)
		return 0;
	if (node_first(deny))
		return reader_fail(r, deny->first, "use bypass_protection",
				   "'remove' cannot take back a denied path");
	routes = node_find(remove, "custom_credentials");
	remove_entries(node_at(tree, "network.custom_credentials"), routes);
	remove_members(tree, remove);
	node_remove(tree, remove);
	return 0;
}
