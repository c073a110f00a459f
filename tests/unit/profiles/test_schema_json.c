/*
 * The JSON Schema that editors get: it lists the keys that the reader takes and no others, and
 * every profile that comes with the program is valid under it. The validator here knows the words
 * of JSON Schema that the generator writes, and fails on any other.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "profiles/examples.h"
#include "profiles/json.h"
#include "profiles/presets.h"
#include "profiles/schema.h"
#include "profiles/schema_json.h"
#include "tests/harness/unit.h"

static struct pool pool;
static struct node *schema;

static struct node *
parse(const char *text)
{
	static const struct profile_source nowhere = { .name = "test", .path = "test" };
	struct err e = ERR_INIT;
	struct node *tree = NULL;

	CU_ASSERT_EQUAL_FATAL(json_parse(&tree, &pool, slice_of(text), &nowhere, 0, NULL, &e), 0);
	return tree;
}

static bool
has_type(const struct node *n, const char *type)
{
	switch ((enum node_kind)n->kind) {
	case NODE_NULL:
		return str_equal(type, "null");
	case NODE_BOOL:
		return str_equal(type, "boolean");
	case NODE_NUMBER:
		return str_equal(type, "integer") && n->number == floor(n->number);
	case NODE_STRING:
		return str_equal(type, "string");
	case NODE_ARRAY:
		return str_equal(type, "array");
	case NODE_OBJECT:
		return str_equal(type, "object");
	}
	return false;
}

static bool valid(const struct node *s, const struct node *n);

static bool
valid_type(const struct node *type, const struct node *n)
{
	if (type->text)
		return has_type(n, type->text);
	for (const struct node *t = type->first; t; t = t->next)
		if (has_type(n, t->text))
			return true;
	return false;
}

static bool
valid_members(const struct node *s, const struct node *n)
{
	const struct node *more = node_find(s, "additionalProperties");

	for (const struct node *m = n->first; m; m = m->next) {
		const struct node *known = node_find(node_find(s, "properties"), m->key);

		if (known ? !valid(known, m) : !more || more->kind == NODE_BOOL || !valid(more, m))
			return false;
	}
	for (const struct node *r = node_first(node_find(s, "required")); r; r = r->next)
		if (!node_find(n, r->text))
			return false;
	return true;
}

static bool
valid_any(const struct node *list, const struct node *n)
{
	for (const struct node *s = list->first; s; s = s->next)
		if (valid(s, n))
			return true;
	return false;
}

static bool
valid_choice(const struct node *list, const struct node *n)
{
	for (const struct node *c = list->first; c; c = c->next)
		if (node_equal(c, n))
			return true;
	return false;
}

static bool
valid_items(const struct node *s, const struct node *n)
{
	for (const struct node *item = n->first; item; item = item->next)
		if (!valid(s, item))
			return false;
	return true;
}

static bool
valid_reference(const char *reference, const struct node *n)
{
	const struct node *s;

	CU_ASSERT_TRUE_FATAL(str_starts_with(reference, "#/$defs/"));
	s = node_find(node_find(schema, "$defs"), reference + strlen("#/$defs/"));
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	return valid(s, n);
}

static bool
valid_word(const struct node *s, const struct node *w, const struct node *n)
{
	static const char *const notes[] = { "$schema",	    "$id",	"title",
					     "description", "$defs",	"deprecated",
					     "properties",  "required", "additionalProperties" };
	const char *name = w->key;

	if (str_equal(name, "type"))
		return valid_type(w, n);
	if (str_equal(name, "$ref"))
		return valid_reference(w->text, n);
	if (str_equal(name, "anyOf"))
		return valid_any(w, n);
	if (str_equal(name, "enum"))
		return valid_choice(w, n);
	if (str_equal(name, "items"))
		return n->kind != NODE_ARRAY || valid_items(w, n);
	if (str_equal(name, "minimum"))
		return n->kind != NODE_NUMBER || n->number >= w->number;
	if (str_equal(name, "maximum"))
		return n->kind != NODE_NUMBER || n->number <= w->number;
	if (str_equal(name, "minLength"))
		return n->kind != NODE_STRING || strlen(n->text) >= w->number;
	if (str_equal(name, "minItems"))
		return n->kind != NODE_ARRAY || n->count >= w->number;
	for (size_t i = 0; i < ARRAY_LEN(notes); i++)
		if (str_equal(name, notes[i]))
			return true;
	(void)printf("# unknown word '%s'\n", name);
	CU_ASSERT_PTR_NULL(s);
	return false;
}

static bool
valid(const struct node *s, const struct node *n)
{
	for (const struct node *w = s->first; w; w = w->next)
		if (!valid_word(s, w, n))
			return false;
	return n->kind != NODE_OBJECT || !node_find(s, "additionalProperties") ||
	       valid_members(s, n);
}

static void
test_profiles(void)
{
	for (size_t i = 0; i < presets_count; i++)
		CU_ASSERT_TRUE(valid(schema, parse(presets_table[i].text)));
	for (size_t i = 0; i < examples_count; i++)
		CU_ASSERT_TRUE(valid(schema, parse(examples_table[i].text)));
}

static void
test_texts(void)
{
	static const struct {
		const char *text;
		bool valid;
	} cases[] = {
		{ "{}", true },
		{ "[]", false },
		{ "{\"alow\": 1}", false },
		{ "{\"extends\": []}", true },
		{ "{\"extends\": \"default\"}", true },
		{ "{\"extends\": null}", true },
		{ "{\"extends\": 1}", false },
		{ "{\"meta\": {}}", false },
		{ "{\"meta\": {\"name\": \"x\"}}", true },
		{ "{\"filesystem\": {\"ignore\": [\"/x\"]}}", true },
		{ "{\"filesystem\": {\"alow\": [\"/x\"]}}", false },
		{ "{\"filesystem\": {\"read\": [{\"path\": \"/x\", \"when\": \"linux\"}]}}", true },
		{ "{\"filesystem\": {\"read\": [{\"path\": \"/x\", \"wen\": \"linux\"}]}}", false },
		{ "{\"filesystem\": {\"unix_socket\": [\"/x\"]}}", true },
		{ "{\"filesystem\": {\"bypass_protection\": [{\"path\": \"/x\", "
		  "\"until\": \"2030-01-01\", \"reason\": \"y\"}]}}",
		  true },
		{ "{\"filesystem\": {\"read\": [1]}}", false },
		{ "{\"workdir\": {\"access\": \"all\"}}", false },
		{ "{\"workdir\": {\"access\": \"read\"}}", true },
		{ "{\"security\": {\"signal_mode\": null}}", true },
		{ "{\"security\": {\"groups\": [\"x\"]}}", true },
		{ "{\"policy\": {\"override_deny\": [\"/x\"]}}", true },
		{ "{\"network\": {\"open_port\": [80]}}", true },
		{ "{\"network\": {\"open_port\": [65536]}}", false },
		{ "{\"network\": {\"open_port\": [1.5]}}", false },
		{ "{\"network\": {\"allow_domain\": [\"x.example\", {\"domain\": \"y.example\", "
		  "\"endpoints\": [{\"method\": \"GET\", \"path\": \"/**\"}]}]}}",
		  true },
		{ "{\"network\": {\"allow_domain\": [{\"domain\": \"x\", \"more\": 1}]}}", false },
		{ "{\"env_credentials\": {\"a\": \"A\", \"b\": {\"env_var\": \"B\"}}}", true },
		{ "{\"environment\": {\"set_vars\": {\"A\": \"1\"}}}", true },
		{ "{\"environment\": {\"set_vars\": {\"A\": 1}}}", false },
		{ "{\"command_policies\": null}", true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (valid(schema, parse(cases[i].text)) != cases[i].valid)
			(void)printf("# %s\n", cases[i].text);
		CU_ASSERT_EQUAL(valid(schema, parse(cases[i].text)), cases[i].valid);
	}
}

/* Every key of a table, by all its names, and nothing else. */
static void
check_table(const struct node *object, const struct key_table *t)
{
	size_t names = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(object);
	CU_ASSERT_FALSE(node_is_true(node_find(object, "additionalProperties")));
	for (const struct node *p = node_first(node_find(object, "properties")); p; p = p->next) {
		CU_ASSERT_PTR_NOT_NULL(schema_find(t, p->key));
		names++;
	}
	for (size_t i = 0; i < t->count; i++) {
		const struct key *k = &t->key[i];
		const struct node *p = node_find(node_find(object, "properties"), k->name);

		CU_ASSERT_PTR_NOT_NULL_FATAL(p);
		CU_ASSERT_EQUAL(node_is_true(node_find(p, "deprecated")),
				(k->flags & KEY_DEPRECATED) != 0);
		names--;
		for (size_t a = 0; a < ARRAY_LEN(k->alias) && k->alias[a]; a++, names--)
			CU_ASSERT_PTR_NOT_NULL(
				node_find(node_find(object, "properties"), k->alias[a]));
		if (k->members)
			check_table(node_find(node_find(schema, "$defs"), k->members->name),
				    k->members);
	}
	CU_ASSERT_EQUAL(names, 0);
}

static void
test_keys(void)
{
	check_table(schema, &schema_profile);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "keys", test_keys },
		{ "profiles that come with the program", test_profiles },
		{ "texts", test_texts },
	};
	autobuf struct buf text = BUF_INIT;
	struct json j = JSON_INIT(&text);
	static const struct profile_source nowhere = { .name = "schema", .path = "schema" };
	struct err e = ERR_INIT;
	int code;

	schema_write_json(&j);
	if (json_finish(&j) < 0 || json_parse(&schema, &pool, slice_of(buf_str(&text)), &nowhere,
					      JSON_PLAIN, NULL, &e) < 0)
		return 2;
	code = unit_run("schema_json", tests, UNIT_COUNT(tests));
	pool_clear(&pool);
	return code;
}
