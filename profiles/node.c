/* Trees of values: looking at them, copying and joining them. Pure. */
#include "profiles/node.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

bool
node_is(const struct node *n, enum node_kind kind)
{
	return n && n->kind == kind;
}

struct node *
node_first(const struct node *n)
{
	return n ? n->first : NULL;
}

struct node *
node_find(const struct node *object, const char *key)
{
	if (!node_is(object, NODE_OBJECT))
		return NULL;
	for (struct node *n = object->first; n; n = n->next)
		if (str_equal(n->key, key))
			return n;
	return NULL;
}

struct node *
node_at(const struct node *object, const char *dotted)
{
	while (node_is(object, NODE_OBJECT)) {
		size_t n = strcspn(dotted, ".");
		struct node *c = object->first;

		while (c && (strncmp(c->key, dotted, n) != 0 || c->key[n]))
			c = c->next;
		if (!c || !dotted[n])
			return c;
		object = c;
		dotted += n + 1;
	}
	return NULL;
}

const char *
node_text(const struct node *n, const char *otherwise)
{
	return node_is(n, NODE_STRING) ? n->text : otherwise;
}

bool
node_is_true(const struct node *n)
{
	return node_is(n, NODE_BOOL) && n->truth;
}

bool
node_integer(const struct node *n, int64_t min, int64_t max, int64_t *ret)
{
	/* Doubles are exact up to 2^53; beyond it two texts would mean one number. */
	const double exact = 9007199254740992.0;

	int64_t whole;

	/* Also false for what is no number at all. */
	if (!node_is(n, NODE_NUMBER) || !(n->number >= -exact && n->number <= exact))
		return false;
	whole = (int64_t)n->number;
	if ((double)whole < n->number || (double)whole > n->number || whole < min || whole > max)
		return false;
	*ret = whole;
	return true;
}

struct node *
node_item(const struct node *array, const char *text)
{
	for (struct node *n = node_first(array); n; n = n->next)
		if (node_is(n, NODE_STRING) && str_equal(n->text, text))
			return n;
	return NULL;
}

static bool
members_equal(const struct node *a, const struct node *b)
{
	for (const struct node *x = a->first; x; x = x->next) {
		const struct node *y = node_find(b, x->key);

		if (!y || !node_equal(x, y))
			return false;
	}
	return true;
}

bool
node_equal(const struct node *a, const struct node *b)
{
	if (!a || !b || a->kind != b->kind || a->count != b->count)
		return a == b;
	switch ((enum node_kind)a->kind) {
	case NODE_NULL:
		return true;
	case NODE_BOOL:
		return a->truth == b->truth;
	case NODE_NUMBER:
		return !(a->number < b->number) && !(a->number > b->number);
	case NODE_STRING:
		return str_equal(a->text, b->text);
	case NODE_OBJECT:
		return members_equal(a, b);
	case NODE_ARRAY:
		break;
	}
	for (a = a->first, b = b->first; a; a = a->next, b = b->next)
		if (!node_equal(a, b))
			return false;
	return true;
}

struct node *
node_new(struct pool *p, enum node_kind kind)
{
	struct node *n = pool_alloc(p, sizeof(*n));

	if (n)
		n->kind = (uint8_t)kind;
	return n;
}

struct node *
node_new_text(struct pool *p, const char *text)
{
	struct node *n = node_new(p, NODE_STRING);

	if (n && !(n->text = pool_strdup(p, text)))
		return NULL;
	return n;
}

struct node *
node_copy(struct pool *p, const struct node *n)
{
	struct node *copy = node_new(p, NODE_NULL);

	if (!copy)
		return NULL;
	*copy = *n;
	copy->next = copy->first = copy->last = NULL;
	copy->count = 0;
	for (const struct node *c = n->first; c; c = c->next) {
		struct node *child = node_copy(p, c);

		if (!child)
			return NULL;
		node_append(copy, child);
	}
	return copy;
}

void
node_append(struct node *parent, struct node *child)
{
	child->next = NULL;
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	parent->count++;
}

void
node_set(struct node *object, const char *key, struct node *child)
{
	child->key = key;
	node_append(object, child);
}

void
node_remove(struct node *parent, struct node *child)
{
	struct node *before = NULL;

	for (struct node *c = parent->first; c; before = c, c = c->next) {
		if (c != child)
			continue;
		if (before)
			before->next = c->next;
		else
			parent->first = c->next;
		if (parent->last == c)
			parent->last = before;
		parent->count--;
		c->next = NULL;
		return;
	}
}

/* Both sorted; equal keys do not occur in one object. */
static struct node *
join_sorted(struct node *a, struct node *b)
{
	struct node *first = NULL, **end = &first;

	while (a && b) {
		struct node **least = strcmp(a->key, b->key) <= 0 ? &a : &b;

		*end = *least;
		end = &(*least)->next;
		*least = (*least)->next;
	}
	*end = a ? a : b;
	return first;
}

static struct node *
sort_list(struct node *first, uint32_t count)
{
	struct node *middle = first, *second;

	if (count < 2)
		return first;
	for (uint32_t i = 1; i < count / 2; i++)
		middle = middle->next;
	second = middle->next;
	middle->next = NULL;
	return join_sorted(sort_list(first, count / 2), sort_list(second, count - count / 2));
}

void
node_sort(struct node *object)
{
	object->first = sort_list(object->first, object->count);
	for (struct node *n = object->first; n; n = n->next)
		object->last = n;
}

static void
write_number(struct json *j, const char *key, double number)
{
	char text[32];
	int64_t whole;
	struct node n = { .kind = NODE_NUMBER, .number = number };

	if (node_integer(&n, INT64_MIN, INT64_MAX, &whole)) {
		json_integer(j, key, whole);
		return;
	}
	(void)snprintf(text, sizeof(text), "%.17g", number);
	json_value(j, key, slice_of(text));
}

void
node_write(struct json *j, const char *key, const struct node *n)
{
	switch ((enum node_kind)n->kind) {
	case NODE_NULL:
		json_null(j, key);
		return;
	case NODE_BOOL:
		json_boolean(j, key, n->truth);
		return;
	case NODE_NUMBER:
		write_number(j, key, n->number);
		return;
	case NODE_STRING:
		json_string(j, key, n->text);
		return;
	case NODE_ARRAY:
		json_array(j, key);
		break;
	case NODE_OBJECT:
		json_object(j, key);
		break;
	}
	for (const struct node *c = n->first; c; c = c->next)
		node_write(j, c->key, c);
	json_end(j);
}
