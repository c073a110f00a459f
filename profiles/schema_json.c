/*
 * JSON Schema from the key table. Every table that another one refers to is written once, under
 * $defs; every object refuses keys that it does not list, as the reader does.
 */
#include "profiles/schema_json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "profiles/schema.h"

enum { TABLES_MAX = 96 };

struct tables {
	const struct key_table *item[TABLES_MAX];
	size_t count;
	bool failed;
};

/* All tables below `t`, each once. */
static void
collect(struct tables *all, const struct key_table *t)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct key_table *members = t->key[i].members;
		bool known = !members;

		for (size_t k = 0; k < all->count && !known; k++)
			known = all->item[k] == members;
		if (known)
			continue;
		if (all->count == TABLES_MAX) {
			all->failed = true;
			return;
		}
		all->item[all->count++] = members;
		collect(all, members);
	}
}

static void
put_type(struct json *j, const char *type, bool nullable)
{
	if (!nullable) {
		json_string(j, "type", type);
		return;
	}
	json_array(j, "type");
	json_string(j, NULL, type);
	json_string(j, NULL, "null");
	json_end(j);
}

static void
put_choices(struct json *j, const char *const *choices, bool nullable)
{
	if (!choices)
		return;
	json_array(j, "enum");
	for (; *choices; choices++)
		json_string(j, NULL, *choices);
	if (nullable)
		json_null(j, NULL);
	json_end(j);
}

static void
put_reference(struct json *j, const char *name)
{
	autobuf struct buf b = BUF_INIT;

	if (buf_addf(&b, "#/$defs/%s", name) < 0)
		j->error = -ENOMEM;
	else
		json_string(j, "$ref", buf_str(&b));
}

static void
put_string(struct json *j, const struct key *k)
{
	json_object(j, NULL);
	json_string(j, "type", "string");
	put_choices(j, k->choices, false);
	json_end(j);
}

/* An object of the table; where a string or null will do as well, one of several. */
static void
put_object(struct json *j, const struct key *k, bool nullable)
{
	bool several = nullable || (k->flags & KEY_OR_STRING);

	if (!several) {
		put_reference(j, k->members->name);
		return;
	}
	json_array(j, "anyOf");
	if (k->flags & KEY_OR_STRING)
		put_string(j, k);
	json_object(j, NULL);
	put_reference(j, k->members->name);
	json_end(j);
	if (nullable) {
		json_object(j, NULL);
		json_string(j, "type", "null");
		json_end(j);
	}
	json_end(j);
}

static void
put_range(struct json *j, const struct key *k)
{
	json_integer(j, "minimum", k->min);
	json_integer(j, "maximum", k->max);
}

static void
put_items(struct json *j, const struct key *k)
{
	json_object(j, "items");
	switch (k->type) {
	case KEY_PORTS:
		json_string(j, "type", "integer");
		put_range(j, k);
		break;
	case KEY_PATHS:
		put_reference(j, str_equal(k->name, "bypass_protection") ? "BypassPath"
									 : "ConditionalPath");
		break;
	case KEY_NAMES:
		put_reference(j, "ConditionalName");
		break;
	case KEY_ORIGINS:
		put_reference(j, "ConditionalOrigin");
		break;
	case KEY_OBJECTS:
		put_object(j, k, false);
		break;
	default:
		json_string(j, "type", "string");
		put_choices(j, k->choices, false);
		break;
	}
	json_end(j);
}

static void
put_list(struct json *j, const struct key *k, bool nullable)
{
	bool or_string = k->type == KEY_STRINGS && (k->flags & KEY_OR_STRING);

	if (or_string) {
		json_array(j, "anyOf");
		json_object(j, NULL);
		put_type(j, "string", nullable);
		json_end(j);
		json_object(j, NULL);
	}
	put_type(j, "array", nullable && !or_string);
	put_items(j, k);
	if (k->flags & KEY_NOT_EMPTY)
		json_integer(j, "minItems", 1);
	if (or_string) {
		json_end(j);
		json_end(j);
	}
}

static void
put_map(struct json *j, const struct key *k, bool nullable)
{
	put_type(j, "object", nullable);
	json_object(j, "additionalProperties");
	if (k->members)
		put_object(j, k, false);
	else
		json_string(j, "type", "string");
	json_end(j);
}

static void
put_key(struct json *j, const struct key *k, const char *name)
{
	bool nullable = k->flags & KEY_NULLABLE;

	json_object(j, name);
	if (!str_equal(name, k->name)) {
		char text[160];

		(void)snprintf(text, sizeof(text), "The same as %s.", k->name);
		json_string(j, "description", text);
	} else if (k->description) {
		json_string(j, "description", k->description);
	}
	switch (k->type) {
	case KEY_BOOL:
		put_type(j, "boolean", nullable);
		break;
	case KEY_STRING:
		put_type(j, "string", nullable);
		put_choices(j, k->choices, nullable);
		if (k->flags & KEY_NOT_EMPTY)
			json_integer(j, "minLength", 1);
		break;
	case KEY_INTEGER:
		put_type(j, "integer", nullable);
		put_range(j, k);
		break;
	case KEY_STRINGS:
	case KEY_PATHS:
	case KEY_NAMES:
	case KEY_ORIGINS:
	case KEY_PORTS:
	case KEY_OBJECTS:
		put_list(j, k, nullable);
		break;
	case KEY_OBJECT:
		put_object(j, k, nullable);
		break;
	case KEY_MAP:
		put_map(j, k, nullable);
		break;
	}
	if (k->flags & KEY_DEPRECATED)
		json_boolean(j, "deprecated", true);
	json_end(j);
}

static void
put_table(struct json *j, const struct key_table *t)
{
	bool required = false;

	json_string(j, "type", "object");
	json_object(j, "properties");
	for (size_t i = 0; i < t->count; i++) {
		const struct key *k = &t->key[i];

		put_key(j, k, k->name);
		for (size_t a = 0; a < ARRAY_LEN(k->alias) && k->alias[a]; a++)
			put_key(j, k, k->alias[a]);
		required |= (k->flags & KEY_REQUIRED) != 0;
	}
	json_end(j);
	if (required)
		json_array(j, "required");
	for (size_t i = 0; i < t->count && required; i++)
		if (t->key[i].flags & KEY_REQUIRED)
			json_string(j, NULL, t->key[i].name);
	if (required)
		json_end(j);
	json_boolean(j, "additionalProperties", false);
}

/* An entry that may carry a condition: the bare string, or an object. */
static void
put_conditional(struct json *j, const char *name, const char *key, bool bypass)
{
	static const char *const more[][2] = {
		{ "until", "The last day on which it counts, YYYY-MM-DD." },
		{ "reason", "Why, for people." },
	};

	json_object(j, name);
	json_array(j, "anyOf");
	json_object(j, NULL);
	json_string(j, "type", "string");
	json_end(j);
	json_object(j, NULL);
	json_string(j, "type", "object");
	json_object(j, "properties");
	json_object(j, key);
	json_string(j, "type", "string");
	json_end(j);
	json_object(j, "when");
	put_reference(j, "When");
	json_end(j);
	for (size_t i = 0; i < ARRAY_LEN(more) && bypass; i++) {
		json_object(j, more[i][0]);
		json_string(j, "description", more[i][1]);
		json_string(j, "type", "string");
		json_end(j);
	}
	json_end(j);
	json_array(j, "required");
	json_string(j, NULL, key);
	if (!bypass)
		json_string(j, NULL, "when");
	json_end(j);
	json_boolean(j, "additionalProperties", false);
	json_end(j);
	json_end(j);
	json_end(j);
}

static void
put_when(struct json *j)
{
	json_object(j, "When");
	json_string(j, "description",
		    "Where the entry counts, as \"linux\", \"!wsl\", \"linux:debian:>=12\"; of a "
		    "list, one is enough.");
	json_array(j, "anyOf");
	json_object(j, NULL);
	json_string(j, "type", "string");
	json_end(j);
	json_object(j, NULL);
	json_string(j, "type", "array");
	json_object(j, "items");
	json_string(j, "type", "string");
	json_end(j);
	json_integer(j, "minItems", 1);
	json_end(j);
	json_end(j);
	json_end(j);
}

void
schema_write_json(struct json *j)
{
	struct tables all = { .count = 0 };

	collect(&all, &schema_profile);
	if (all.failed)
		j->error = -E2BIG;
	json_object(j, NULL);
	json_string(j, "$schema", "https://json-schema.org/draft/2020-12/schema");
	json_string(j, "$id", "https://nono.sh/schemas/nono-profile.schema.json");
	json_string(j, "title", "nono Profile");
	json_string(j, "description",
		    "What a program may use: directories and files, groups of them, network, "
		    "environment.");
	put_table(j, &schema_profile);
	json_object(j, "$defs");
	put_when(j);
	put_conditional(j, "ConditionalPath", "path", false);
	put_conditional(j, "BypassPath", "path", true);
	put_conditional(j, "ConditionalName", "name", false);
	put_conditional(j, "ConditionalOrigin", "origin", false);
	for (size_t i = 0; i < all.count; i++) {
		json_object(j, all.item[i]->name);
		put_table(j, all.item[i]);
		json_end(j);
	}
	json_end(j);
	json_end(j);
}
