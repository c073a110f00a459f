/*
 * The text of a profile against the key table: unknown keys and wrong types are errors, because a
 * slip of the pen must never silently weaken a policy. Leaves the tree in its canonical form:
 * canonical names, the table's order, conditions evaluated, nulls gone where they mean nothing.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "profiles/reader.h"

enum { HINT_KEYS_MAX = 8 };

/* ---- messages ---- */

int
reader_fail_memory(struct reader *r)
{
	return err_set(r->e, -ENOMEM, "I/O error: out of memory; end other programs and try again");
}

static int
fail_at(struct reader *r, const struct profile_source *source, uint32_t line, uint32_t column,
	const char *hint, const char *fmt, va_list ap) ATTR_PRINTF(6, 0);

static int
fail_at(struct reader *r, const struct profile_source *source, uint32_t line, uint32_t column,
	const char *hint, const char *fmt, va_list ap)
{
	const char *shown = source ? source->path : r->shown;
	char text[512];

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	if (r->problem) {
		struct profile_problem *p = r->problem;

		p->class_name = "Profile parse error";
		(void)snprintf(p->file, sizeof(p->file), "%s", shown);
		p->place.line = line;
		p->place.column = column;
		(void)snprintf(p->place.hint, sizeof(p->place.hint), "%s", hint ? hint : "");
	}
	return err_set(r->e, -EBADMSG, "Profile parse error: %s:%u:%u: %s%s%s", shown, line, column,
		       text, hint && *hint ? "; " : "", hint ? hint : "");
}

int
reader_fail(struct reader *r, const struct node *n, const char *hint, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)fail_at(r, n->source, n->line, n->column, hint, fmt, ap);
	va_end(ap);
	return -EBADMSG;
}

int
reader_fail_key(struct reader *r, const struct node *n, const char *hint, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)fail_at(r, n->source, n->key_line, n->key_column, hint, fmt, ap);
	va_end(ap);
	return -EBADMSG;
}

int
reader_warn(struct reader *r, enum policy_note_kind kind, const char *fmt, ...)
{
	struct policy_notes *n = r->notes;
	autobuf struct buf text = BUF_INIT;
	va_list ap;
	int e;

	if (!n)
		return 0;
	va_start(ap, fmt);
	e = buf_vaddf(&text, fmt, ap);
	va_end(ap);
	if (e < 0 || mem_grow((void **)&n->item, &n->capacity, n->count, sizeof(*n->item)) < 0)
		return reader_fail_memory(r);
	n->item[n->count].kind = kind;
	n->item[n->count].text = buf_take(&text);
	return n->item[n->count].text ? (n->count++, 0) : reader_fail_memory(r);
}

static const char *
kind_text(const struct node *n)
{
	switch ((enum node_kind)n->kind) {
	case NODE_NULL:
		return "null";
	case NODE_BOOL:
		return n->truth ? "true" : "false";
	case NODE_NUMBER:
		return "a number";
	case NODE_STRING:
		return "a string";
	case NODE_ARRAY:
		return "a list";
	case NODE_OBJECT:
		break;
	}
	return "an object";
}

static int
fail_kind(struct reader *r, const struct node *n, const char *name, const char *expected)
{
	return reader_fail(r, n, NULL, "invalid type for '%.64s': expected %s, found %s", name,
			   expected, kind_text(n));
}

/* Keys that were there once, or that belong elsewhere. */
static const char *
known_elsewhere(const char *name)
{
	static const struct {
		const char *name, *hint;
	} moved[] = {
		{ "trust_groups", "use groups.exclude" },
		{ "base_groups", "use groups.exclude" },
	};

	for (size_t i = 0; i < ARRAY_LEN(moved); i++)
		if (str_equal(moved[i].name, name))
			return moved[i].hint;
	return NULL;
}

static int
fail_unknown(struct reader *r, const struct node *n, const struct key_table *t)
{
	const char *near = schema_suggest(t, n->key), *moved = known_elsewhere(n->key);
	char hint[160] = "";
	size_t used = 0;

	if (moved)
		return reader_fail_key(r, n, moved, "unknown key '%.64s'", n->key);
	if (near) {
		(void)snprintf(hint, sizeof(hint), "did you mean '%s'?", near);
		return reader_fail_key(r, n, hint, "unknown key '%.64s'", n->key);
	}
	for (size_t i = 0; t->count <= HINT_KEYS_MAX && i < t->count && used < sizeof(hint); i++)
		used += (size_t)snprintf(hint + used, sizeof(hint) - used, "%s%s",
					 i ? ", " : "known here: ", t->key[i].name);
	return reader_fail_key(r, n, hint, "unknown key '%.64s'", n->key);
}

/* ---- conditions ---- */

static int
condition_holds(struct reader *r, const struct node *n, bool *ret)
{
	const char *reason;

	if (n->kind != NODE_STRING)
		return fail_kind(r, n, "when", "a string or a list of strings");
	if (!r->host && !(r->host = r->find_host(r->context)))
		return reader_fail_memory(r);
	if (when_holds(r->host, n->text, ret, &reason) < 0)
		return reader_fail(r, n, reason, "invalid condition '%.64s'", n->text);
	return 0;
}

/* One condition, or any of several. All are looked at: a wrong one is an error everywhere. */
static int
when_value(struct reader *r, const struct node *when, bool *ret)
{
	bool any = false;
	int e;

	if (when->kind != NODE_ARRAY)
		return condition_holds(r, when, ret);
	if (!when->first)
		return reader_fail(r, when, NULL, "the list of conditions is empty");
	for (const struct node *n = when->first; n; n = n->next) {
		bool holds;

		if ((e = condition_holds(r, n, &holds)) < 0)
			return e;
		any = any || holds;
	}
	*ret = any;
	return 0;
}

static bool
is_date(const char *s)
{
	static const char shape[] = "dddd-dd-dd";

	for (size_t i = 0; i < sizeof(shape); i++)
		if (shape[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != shape[i])
			return false;
	return true;
}

/* {path, until, reason}: after that day the entry is gone. */
static int
check_until(struct reader *r, const struct node *until, const char *path, bool *holds)
{
	if (until->kind != NODE_STRING || !is_date(until->text))
		return reader_fail(r, until, "write it as YYYY-MM-DD", "'until' is not a date");
	if (strcmp(r->today, until->text) <= 0)
		return 0;
	*holds = false;
	return reader_warn(r, POLICY_NOTE_WARNING,
			   "%s:%u: bypass_protection '%s' has ended on %s and is ignored", r->shown,
			   until->line, path, until->text);
}

struct entry {
	const struct node *text, *when, *until, *reason;
};

static int
read_entry(struct reader *r, const struct key *k, const struct node *item, struct entry *ret)
{
	const char *name = k->type == KEY_PATHS ? "path" : k->type == KEY_NAMES ? "name" : "origin";
	bool bypass = str_equal(k->name, "bypass_protection");

	for (const struct node *m = item->first; m; m = m->next) {
		if (str_equal(m->key, name))
			ret->text = m;
		else if (str_equal(m->key, "when"))
			ret->when = m;
		else if (bypass && str_equal(m->key, "until"))
			ret->until = m;
		else if (bypass && str_equal(m->key, "reason") && m->kind == NODE_STRING)
			ret->reason = m;
		else
			return reader_fail_key(r, m, NULL,
					       "conditional entry has unknown field(s): %.64s",
					       m->key);
	}
	if (!ret->text || ret->text->kind != NODE_STRING)
		return reader_fail(r, item, NULL, "conditional entry needs '%s', a string", name);
	if (!ret->when && !bypass)
		return reader_fail(r, item, "write the string alone where it always holds",
				   "conditional entry needs 'when'");
	return 0;
}

/* The object becomes its string, or leaves the list. */
static int
check_entry(struct reader *r, const struct key *k, struct node *list, struct node *item)
{
	struct entry entry = { 0 };
	bool holds = true;
	int e;

	if ((e = read_entry(r, k, item, &entry)) < 0)
		return e;
	if (entry.when && (e = when_value(r, entry.when, &holds)) < 0)
		return e;
	if (entry.until && holds && (e = check_until(r, entry.until, entry.text->text, &holds)) < 0)
		return e;
	if (!holds) {
		node_remove(list, item);
		return 0;
	}
	item->kind = NODE_STRING;
	item->text = entry.text->text;
	item->first = item->last = NULL;
	item->count = 0;
	for (size_t i = 0; i < 2; i++) {
		const struct node *kept = i ? entry.reason : entry.until;
		struct node *copy = kept ? node_copy(r->pool, kept) : NULL;

		if (kept && !copy)
			return reader_fail_memory(r);
		if (copy)
			node_append(item, copy);
	}
	return 0;
}

/* ---- values ---- */

static int
check_object(struct reader *r, struct node *n, const char *name, const struct key_table *t);

static int
check_choice(struct reader *r, const struct node *n, const char *name, const char *const *choices)
{
	char list[160] = "", hint[200];
	const char *near = NULL;
	size_t used = 0;

	for (size_t i = 0; choices[i]; i++) {
		if (str_equal(choices[i], n->text))
			return 0;
		if (!near && str_distance(n->text, choices[i], 2) <= 2 && strlen(n->text) > 2)
			near = choices[i];
		if (used < sizeof(list))
			used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
						 i ? ", " : "", choices[i]);
	}
	if (near)
		(void)snprintf(hint, sizeof(hint), "did you mean '%s'?", near);
	else
		(void)snprintf(hint, sizeof(hint), "known: %s", list);
	return reader_fail(r, n, hint, "unknown value '%.64s' for '%.64s'", n->text, name);
}

static int
check_string(struct reader *r, const struct key *k, const struct node *n, const char *name)
{
	if (n->kind != NODE_STRING)
		return fail_kind(r, n, name, "a string");
	if ((k->flags & KEY_NOT_EMPTY) && !*n->text)
		return reader_fail(r, n, NULL, "'%.64s' must not be empty", name);
	return k->choices ? check_choice(r, n, name, k->choices) : 0;
}

static int
check_integer(struct reader *r, const struct key *k, const struct node *n, const char *name)
{
	int64_t value;

	if (n->kind != NODE_NUMBER)
		return fail_kind(r, n, name, "a number");
	if (!node_integer(n, k->min, k->max, &value))
		return reader_fail(r, n, NULL, "'%.64s' must be a whole number from %lld to %lld",
				   name, (long long)k->min, (long long)k->max);
	return 0;
}

static int
check_item(struct reader *r, const struct key *k, struct node *list, struct node *item)
{
	switch (k->type) {
	case KEY_PORTS:
		return check_integer(r, k, item, k->name);
	case KEY_OBJECTS:
		if ((k->flags & KEY_OR_STRING) && item->kind == NODE_STRING)
			return k->choices ? check_choice(r, item, k->name, k->choices) : 0;
		return check_object(r, item, k->name, k->members);
	case KEY_PATHS:
	case KEY_NAMES:
	case KEY_ORIGINS:
		if (item->kind == NODE_OBJECT)
			return check_entry(r, k, list, item);
		break;
	case KEY_BOOL:
	case KEY_STRING:
	case KEY_INTEGER:
	case KEY_STRINGS:
	case KEY_OBJECT:
	case KEY_MAP:
		break;
	}
	return item->kind == NODE_STRING ? 0 : fail_kind(r, item, k->name, "strings");
}

static int
check_list(struct reader *r, const struct key *k, struct node *n)
{
	if (n->kind == NODE_STRING && (k->flags & KEY_OR_STRING) && k->type == KEY_STRINGS) {
		struct node *item = node_copy(r->pool, n);

		if (!item)
			return reader_fail_memory(r);
		item->key = NULL;
		n->kind = NODE_ARRAY;
		n->text = NULL;
		node_append(n, item);
	}
	if (n->kind != NODE_ARRAY)
		return fail_kind(r, n, k->name,
				 k->flags & KEY_OR_STRING && k->type == KEY_STRINGS
					 ? "a string or a list"
					 : "a list");
	if ((k->flags & KEY_NOT_EMPTY) && !n->first)
		return reader_fail(r, n, NULL, "'%s' must not be empty", k->name);
	for (struct node *item = n->first, *next; item; item = next) {
		int e;

		next = item->next;
		if ((e = check_item(r, k, n, item)) < 0)
			return e;
	}
	return 0;
}

static int
check_map(struct reader *r, const struct key *k, struct node *n)
{
	if (n->kind != NODE_OBJECT)
		return fail_kind(r, n, k->name, "an object");
	for (struct node *m = n->first; m; m = m->next) {
		int e;

		if (!k->members || (m->kind == NODE_STRING && (k->flags & KEY_OR_STRING)))
			e = check_string(r, k, m, m->key);
		else
			e = check_object(r, m, m->key, k->members);
		if (e < 0)
			return e;
	}
	return 0;
}

static int
check_value(struct reader *r, const struct key *k, struct node *n)
{
	switch (k->type) {
	case KEY_BOOL:
		return n->kind == NODE_BOOL ? 0 : fail_kind(r, n, k->name, "true or false");
	case KEY_STRING:
		return check_string(r, k, n, k->name);
	case KEY_INTEGER:
		return check_integer(r, k, n, k->name);
	case KEY_STRINGS:
	case KEY_PATHS:
	case KEY_NAMES:
	case KEY_ORIGINS:
	case KEY_PORTS:
	case KEY_OBJECTS:
		return check_list(r, k, n);
	case KEY_MAP:
		return check_map(r, k, n);
	case KEY_OBJECT:
		break;
	}
	if ((k->flags & KEY_OR_STRING) && n->kind == NODE_STRING)
		return check_choice(r, n, k->name, k->choices);
	return check_object(r, n, k->name, k->members);
}

/* ---- objects ---- */

static int
fail_twice(struct reader *r, const struct node *first, const struct node *second)
{
	return reader_fail_key(r, second, "keep one of the two",
			       "duplicate field: '%s' and '%s' (line %u) are the same key",
			       second->key, first->key, first->key_line);
}

static int
find_keys(struct reader *r, const struct node *n, const struct key_table *t, struct node **found)
{
	for (struct node *m = n->first; m; m = m->next) {
		const struct key *k = schema_find(t, m->key);
		struct node **place;

		if (!k)
			return fail_unknown(r, m, t);
		place = &found[k - t->key];
		if (*place)
			return fail_twice(r, *place, m);
		*place = m;
	}
	return 0;
}

static int
check_object(struct reader *r, struct node *n, const char *name, const struct key_table *t)
{
	struct node *found[64] = { NULL };
	int e;

	if (t->count > ARRAY_LEN(found))
		return reader_fail(r, n, NULL, "the table of '%s' is too large", t->name);
	if (n->kind != NODE_OBJECT)
		return fail_kind(r, n, name, "an object");
	if ((e = find_keys(r, n, t, found)) < 0)
		return e;
	n->first = n->last = NULL;
	n->count = 0;
	for (size_t i = 0; i < t->count; i++) {
		const struct key *k = &t->key[i];
		struct node *m = found[i];

		if (!m || (m->kind == NODE_NULL && (k->flags & KEY_NULLABLE))) {
			if (k->flags & KEY_REQUIRED)
				return reader_fail(r, n, NULL, "missing field `%s` in '%.64s'",
						   k->name, name);
			if (!m || k->merge != MERGE_NULL_CLEARS)
				continue;
		} else if ((e = check_value(r, k, m)) < 0) {
			return e;
		}
		node_set(n, k->name, m);
	}
	return 0;
}

/* An entry {env_var, when} becomes its variable, or leaves the map. */
static int
check_env_credentials(struct reader *r, struct node *map)
{
	for (struct node *m = node_first(map), *next; m; m = next) {
		const struct node *when = node_find(m, "when");
		bool holds = true;
		int e;

		next = m->next;
		if (m->kind != NODE_OBJECT)
			continue;
		if (when && (e = when_value(r, when, &holds)) < 0)
			return e;
		if (!holds) {
			node_remove(map, m);
			continue;
		}
		m->text = node_text(node_find(m, "env_var"), "");
		m->kind = NODE_STRING;
		m->first = m->last = NULL;
		m->count = 0;
	}
	return 0;
}

void
check_order(struct node *object, const struct key_table *t)
{
	struct node *first = object->first, *next, *ordered[64] = { NULL };

	object->first = object->last = NULL;
	object->count = 0;
	for (struct node *m = first; m; m = next) {
		const struct key *k = schema_find(t, m->key);

		next = m->next;
		if (k && (size_t)(k - t->key) < ARRAY_LEN(ordered))
			ordered[k - t->key] = m;
	}
	for (size_t i = 0; i < ARRAY_LEN(ordered) && i < t->count; i++) {
		struct node *m = ordered[i];

		if (!m)
			continue;
		node_append(object, m);
		if (t->key[i].type == KEY_OBJECT && m->kind == NODE_OBJECT)
			check_order(m, t->key[i].members);
	}
}

int
check_profile(struct reader *r, struct node *tree)
{
	int e = check_object(r, tree, "the profile", &schema_profile);

	return e < 0 ? e : check_env_credentials(r, node_find(tree, "env_credentials"));
}
