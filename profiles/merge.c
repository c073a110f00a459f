/*
 * How a profile builds on another one (spec 03 4.3): one walk over the key table, whose column
 * says the rule. Pure; both trees stay as they are. Lists keep the first origin of an entry, and
 * remember who else asked for it.
 */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
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

/* ---- sets ---- */

/* What makes two entries the same one. */
enum identity { IDENTITY_VALUE = 1, IDENTITY_DOMAIN, IDENTITY_KEY };

/* Entries by what they are: a profile may hold as many as a file has room for. */
struct set {
	struct node **slot;
	size_t mask;
	enum identity by;
};

static const char *
domain_of(const struct node *n)
{
	return n->kind == NODE_STRING ? n->text : node_text(node_find(n, "domain"), "");
}

/* FNV-1a */
static uint64_t
hash_text(const char *s)
{
	uint64_t h = 14695981039346656037u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211u;
	return h;
}

/* Equal values have equal numbers, whatever the order of an object's members. */
static uint64_t
hash_value(const struct node *n)
{
	uint64_t h = n->kind;

	if (n->kind == NODE_STRING)
		return hash_text(n->text);
	if (n->kind == NODE_NUMBER)
		return n->number >= 0 && n->number < 1e15 ? (uint64_t)n->number * 2654435761u : h;
	for (const struct node *c = n->first; c; c = c->next)
		h += (hash_value(c) + (c->key ? hash_text(c->key) : 0)) * 1099511628211u;
	return h;
}

static uint64_t
hash_entry(const struct set *s, const struct node *n)
{
	switch (s->by) {
	case IDENTITY_DOMAIN:
		return hash_text(domain_of(n));
	case IDENTITY_KEY:
		return hash_text(n->key);
	case IDENTITY_VALUE:
		break;
	}
	return hash_value(n);
}

static bool
is_same(const struct set *s, const struct node *a, const struct node *b)
{
	switch (s->by) {
	case IDENTITY_DOMAIN:
		return str_equal(domain_of(a), domain_of(b));
	case IDENTITY_KEY:
		return str_equal(a->key, b->key);
	case IDENTITY_VALUE:
		break;
	}
	/* A text with and without a reason is one path. */
	if (a->kind == NODE_STRING && b->kind == NODE_STRING)
		return str_equal(a->text, b->text);
	return node_equal(a, b);
}

/* Room for as many entries; released with mem_free(s->slot). */
static int
set_init(struct set *s, enum identity by, size_t entries)
{
	size_t size = 16;

	while (size < 2 * entries)
		size *= 2;
	*s = (struct set){ mem_calloc(size, sizeof(struct node *)), size - 1, by };
	return s->slot ? 0 : -ENOMEM;
}

static struct node **
set_place(const struct set *s, const struct node *n)
{
	size_t at = hash_entry(s, n) & s->mask;

	while (s->slot[at] && !is_same(s, s->slot[at], n))
		at = (at + 1) & s->mask;
	return &s->slot[at];
}

static struct node *
set_find(const struct set *s, const struct node *n)
{
	return *set_place(s, n);
}

static void
set_fill(struct set *s, const struct node *parent)
{
	for (struct node *n = node_first(parent); n; n = n->next) {
		struct node **place = set_place(s, n);

		*place = *place ? *place : n;
	}
}

static size_t
count_of(const struct node *n)
{
	return n ? n->count : 0;
}

/* ---- lists ---- */

/* Who else asked for the entry: each text once. */
static int
remember(struct pool *pool, struct node *entry, const struct node *more)
{
	for (; more; more = more->again) {
		struct node *last = entry, *copy;

		while (last->source != more->source && last->again)
			last = last->again;
		if (last->source == more->source)
			continue;
		copy = node_copy(pool, more);
		if (!copy)
			return -ENOMEM;
		copy->again = NULL;
		last->again = copy;
	}
	return 0;
}

/* A copy with a history of its own. */
static struct node *
copy_entry(struct pool *pool, const struct node *n)
{
	struct node *copy = node_copy(pool, n);

	if (!copy)
		return NULL;
	copy->again = NULL;
	return remember(pool, copy, n->again) < 0 ? NULL : copy;
}

static int join_domain(struct pool *pool, struct node *present, const struct node *more);

static int
add_new(struct pool *pool, struct set *known, struct node *list, const struct node *from)
{
	for (const struct node *n = node_first(from); n; n = n->next) {
		struct node **place = set_place(known, n);

		if (*place) {
			if (remember(pool, *place, n) < 0 ||
			    (known->by == IDENTITY_DOMAIN && join_domain(pool, *place, n) < 0))
				return -ENOMEM;
			continue;
		}
		if (!(*place = copy_entry(pool, n)))
			return -ENOMEM;
		node_append(list, *place);
	}
	return 0;
}

/* Base, then child, each entry once. */
static struct node *
merge_list(struct pool *pool, enum identity by, const struct node *base, const struct node *child)
{
	struct node *list = shell(pool, child ? child : base);
	struct set known;
	bool good;

	if (!list || set_init(&known, by, count_of(base) + count_of(child)) < 0)
		return NULL;
	good = add_new(pool, &known, list, base) == 0 && add_new(pool, &known, list, child) == 0;
	mem_free(known.slot);
	return good ? list : NULL;
}

static struct node *
merge_union(struct pool *pool, const struct node *base, const struct node *child)
{
	return merge_list(pool, IDENTITY_VALUE, base, child);
}

static struct node *
merge_domains(struct pool *pool, const struct node *base, const struct node *child)
{
	return merge_list(pool, IDENTITY_DOMAIN, base, child);
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
	struct node *next = present->next, *again = present->again, *joined;

	if (!has_endpoints(more))
		return 0;
	if (!has_endpoints(present)) {
		joined = node_copy(pool, more);
		if (!joined)
			return -ENOMEM;
		*present = *joined;
		present->next = next;
		present->again = again;
		return 0;
	}
	joined = merge_union(pool, node_find(present, "endpoints"), node_find(more, "endpoints"));
	if (!joined)
		return -ENOMEM;
	node_find(present, "endpoints")->first = joined->first;
	node_find(present, "endpoints")->last = joined->last;
	node_find(present, "endpoints")->count = joined->count;
	return 0;
}

/* ---- maps ---- */

/* The child's entry of this name, or a copy of the base's. */
typedef struct node *
entry_fn(struct pool *pool, const struct key *k, const struct node *base, const struct node *child);

static int
add_base(struct pool *pool, const struct key *k, const struct set *children, struct node *map,
	 const struct node *base, entry_fn *both)
{
	for (const struct node *n = node_first(base); n; n = n->next) {
		const struct node *other = set_find(children, n);
		struct node *merged = other ? both(pool, k, n, other) : node_copy(pool, n);

		if (!merged)
			return -ENOMEM;
		node_set(map, n->key, merged);
	}
	return 0;
}

/* Entries keep the base's order; what is in both is decided by `both`. */
static struct node *
merge_names(struct pool *pool, const struct key *k, const struct node *base,
	    const struct node *child, entry_fn *both)
{
	struct node *map = shell(pool, child);
	struct set names;
	int r;

	if (!map || set_init(&names, IDENTITY_KEY, count_of(base) + count_of(child)) < 0)
		return NULL;
	set_fill(&names, child);
	r = add_base(pool, k, &names, map, base, both);
	memset(names.slot, 0, (names.mask + 1) * sizeof(struct node *));
	set_fill(&names, base);
	for (const struct node *n = node_first(child); n && r == 0; n = n->next) {
		struct node *copy;

		if (set_find(&names, n))
			continue;
		copy = node_copy(pool, n);
		if (copy)
			node_append(map, copy);
		else
			r = -ENOMEM;
	}
	mem_free(names.slot);
	return r < 0 ? NULL : map;
}

static struct node *
take_child(struct pool *pool, const struct key *k, const struct node *base,
	   const struct node *child)
{
	(void)k;
	(void)base;
	return node_copy(pool, child);
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
policies_entry(struct pool *pool, const struct key *k, const struct node *base,
	       const struct node *child)
{
	static const char *const joined[] = { "commands", "from" };

	if (k->members && is_named(k, joined, ARRAY_LEN(joined)) && base->kind == NODE_OBJECT &&
	    child->kind == NODE_OBJECT)
		return policies_object(pool, k->members, base, child);
	return node_copy(pool, base);
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
		return merge_names(pool, k, base, child, policies_entry);
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
		return merge_names(pool, k, base, child, take_child);
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
static int
remove_entries(struct node *from, const struct node *names)
{
	struct node *first, *next;
	struct set known;

	if (!from)
		return 0;
	if (set_init(&known, IDENTITY_DOMAIN, count_of(names)) < 0)
		return -ENOMEM;
	if (node_first(names) && names->first->kind == NODE_NUMBER)
		known.by = IDENTITY_VALUE;
	set_fill(&known, names);
	first = from->first;
	from->first = from->last = NULL;
	from->count = 0;
	for (struct node *n = first; n; n = next) {
		struct node name = { .kind = NODE_STRING, .text = n->key };

		next = n->next;
		if (!set_find(&known, from->kind == NODE_OBJECT ? &name : n))
			node_append(from, n);
	}
	mem_free(known.slot);
	return 0;
}

static int
remove_members(struct node *tree, const struct node *remove)
{
	int r = 0;

	for (const struct node *n = node_first(remove); n && r == 0; n = n->next) {
		struct node *target = node_find(tree, n->key);

		r = n->kind == NODE_OBJECT ? remove_members(target, n) : remove_entries(target, n);
	}
	return r;
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
	if (remove_entries(node_at(tree, "network.custom_credentials"), routes) < 0 ||
	    remove_members(tree, remove) < 0)
		return reader_fail_memory(r);
	node_remove(tree, remove);
	return 0;
}
