/*
 * The text of a manifest against its table: what has a name here has the right type, or the text is
 * refused. Keys without a name here are somebody else's, as the schema of manifests allows; each is
 * told, because it may be a slip of the pen.
 */
#include "profiles/manifest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "profiles/json.h"
#include "profiles/locate.h"

struct check {
	struct manifest *m;
	struct policy_notes *notes;
	struct err *e;
};

#define EXPECTED "--config takes a capability manifest, which is JSON"

static int
out_of_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "I/O error: out of memory; end other programs and try again");
}

#define FAIL(c, n, ...) manifest_fail((c)->m, n, -EBADMSG, (c)->e, __VA_ARGS__)

/* ---- types ---- */

static int
fail_type(struct check *c, const struct node *n, const char *name, const char *expected)
{
	static const char *const found[] = {
		[NODE_NULL] = "null",	    [NODE_BOOL] = "true or false",
		[NODE_NUMBER] = "a number", [NODE_STRING] = "a string",
		[NODE_ARRAY] = "a list",    [NODE_OBJECT] = "an object",
	};

	return FAIL(c, n, "invalid type for '%.64s': expected %s, found %s", name, expected,
		    found[n->kind]);
}

static int
check_choice(struct check *c, const struct key *k, const struct node *n)
{
	char list[160] = "";
	size_t used = 0;

	for (size_t i = 0; k->choices[i]; i++) {
		if (str_equal(k->choices[i], n->text))
			return 0;
		if (used < sizeof(list))
			used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
						 i ? ", " : "", k->choices[i]);
	}
	return FAIL(c, n, "invalid value '%.64s' for '%s'; known: %s", n->text, k->name, list);
}

static int
check_string(struct check *c, const struct key *k, const struct node *n)
{
	if (n->kind != NODE_STRING)
		return fail_type(c, n, k->name, k->type == KEY_STRINGS ? "strings" : "a string");
	if ((k->flags & KEY_NOT_EMPTY) && !*n->text)
		return FAIL(c, n, "'%s' must not be empty", k->name);
	return k->choices ? check_choice(c, k, n) : 0;
}

static int
check_integer(struct check *c, const struct key *k, const struct node *n)
{
	int64_t value;

	if (n->kind != NODE_NUMBER)
		return fail_type(c, n, k->name, k->type == KEY_PORTS ? "numbers" : "a number");
	if (node_integer(n, k->min, k->max, &value))
		return 0;
	return FAIL(c, n, "'%s' must be a whole number from %lld to %lld", k->name,
		    (long long)k->min, (long long)k->max);
}

static int
check_object(struct check *c, const struct node *n, const char *name, const struct key_table *t);

static int
check_list(struct check *c, const struct key *k, const struct node *n)
{
	int r = 0;

	if (n->kind != NODE_ARRAY)
		return fail_type(c, n, k->name, "a list");
	for (const struct node *item = n->first; item && r == 0; item = item->next)
		r = k->type == KEY_PORTS     ? check_integer(c, k, item)
		    : k->type == KEY_OBJECTS ? check_object(c, item, k->name, k->members)
					     : check_string(c, k, item);
	return r;
}

static int
check_value(struct check *c, const struct key *k, const struct node *n)
{
	switch (k->type) {
	case KEY_BOOL:
		return n->kind == NODE_BOOL ? 0 : fail_type(c, n, k->name, "true or false");
	case KEY_INTEGER:
		return check_integer(c, k, n);
	case KEY_OBJECT:
		return check_object(c, n, k->name, k->members);
	case KEY_STRINGS:
	case KEY_PORTS:
	case KEY_OBJECTS:
		return check_list(c, k, n);
	case KEY_STRING:
	case KEY_PATHS:
	case KEY_NAMES:
	case KEY_ORIGINS:
	case KEY_MAP:
		break;
	}
	return check_string(c, k, n);
}

static int
check_unknown(struct check *c, const struct node *n, const struct key_table *t)
{
	autobuf struct buf text = BUF_INIT;
	const char *near = schema_suggest(t, n->key);

	if (t == &schema_manifest_resources)
		return FAIL(c, n, "unknown key '%.64s' in 'resources'; known: memory_bytes",
			    n->key);
	if (!c->notes)
		return 0;
	if (buf_addf(&text, "%s:%u:%u: unknown key '%.64s' has no effect%s%s%s", c->m->shown,
		     n->key_line, n->key_column, n->key, near ? "; did you mean '" : "",
		     near ? near : "", near ? "'?" : "") < 0 ||
	    policy_notes_add(c->notes, POLICY_NOTE_WARNING, buf_str(&text)) < 0)
		return out_of_memory(c->e);
	return 0;
}

static int
check_object(struct check *c, const struct node *n, const char *name, const struct key_table *t)
{
	int r = 0;

	if (n->kind != NODE_OBJECT)
		return fail_type(c, n, name, "an object");
	for (const struct node *m = n->first; m && r == 0; m = m->next) {
		const struct key *k = schema_find(t, m->key);

		r = k ? check_value(c, k, m) : check_unknown(c, m, t);
	}
	for (size_t i = 0; i < t->count && r == 0; i++)
		if ((t->key[i].flags & KEY_REQUIRED) && !node_find(n, t->key[i].name))
			r = FAIL(c, n, "missing field `%s` in '%s'", t->key[i].name, name);
	return r;
}

/* ---- meaning ---- */

static int
check_version(struct check *c)
{
	const struct node *version = manifest_get(c->m, "version");

	if (str_equal(version->text, MANIFEST_VERSION))
		return 0;
	return FAIL(c, version, "version '%.64s' is not known; this nono reads \"%s\"",
		    version->text, MANIFEST_VERSION);
}

static int
check_supervision(struct check *c)
{
	const struct node *rollback = manifest_get(c->m, "rollback.enabled");
	const struct node *memory = manifest_get(c->m, "resources.memory_bytes");
	const char *strategy = node_text(manifest_get(c->m, "process.exec_strategy"), "monitor");
	bool snapshots = node_is_true(rollback);

	if ((!snapshots && !memory) || str_equal(strategy, "supervised"))
		return 0;
	return FAIL(c, snapshots ? rollback : memory,
		    "%s requires process.exec_strategy \"supervised\", not \"%s\"",
		    snapshots ? "rollback.enabled" : "resources.memory_bytes", strategy);
}

/* Of these no name of a variable can be made. */
static bool
needs_variable(const char *source)
{
	static const char *const schemes[] = { "op://", "apple-password://", "file://" };

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (str_starts_with(source, schemes[i]))
			return true;
	return false;
}

static int
check_credential(struct check *c, const struct node *n)
{
	static const char *const needs[][2] = { { "url_path", "path_pattern" },
						{ "query_param", "query_param_name" } };
	const struct node *inject = node_find(n, "inject"), *source = node_find(n, "source");
	const struct node *mode = node_find(inject, "mode");
	const char *name = node_text(node_find(n, "name"), "");

	if (needs_variable(source->text) && !node_find(n, "env_var"))
		return FAIL(c, source, "credential '%.64s': a source of this kind requires env_var",
			    name);
	for (size_t i = 0; i < ARRAY_LEN(needs); i++)
		if (str_equal(node_text(mode, ""), needs[i][0]) && !node_find(inject, needs[i][1]))
			return FAIL(c, mode,
				    "credential '%.64s': inject mode '%s' requires %s in 'inject'",
				    name, needs[i][0], needs[i][1]);
	return 0;
}

static int
check_meaning(struct check *c)
{
	int r = check_version(c);

	if (r == 0)
		r = check_supervision(c);
	for (const struct node *n = node_first(manifest_get(c->m, "credentials")); n && r == 0;
	     n = n->next)
		r = check_credential(c, n);
	return r;
}

/* ---- reading ---- */

static bool
looks_like_json(struct slice text)
{
	size_t i = 0;

	while (i < text.n && strchr(" \t\r\n", text.p[i]))
		i++;
	return i < text.n && text.p[i] == '{';
}

static int
read_text(struct check *c, struct slice text)
{
	struct err inner = ERR_INIT;
	int r = json_parse(&c->m->tree, &c->m->pool, text, NULL, JSON_PLAIN, NULL, &inner);

	if (r == -ENOMEM)
		return out_of_memory(c->e);
	if (r < 0)
		return err_set(c->e, r, "Configuration parse error: %s%s:%s%s",
			       r == -EILSEQ ? "invalid UTF-8: " : "", c->m->shown, inner.text,
			       looks_like_json(text) ? "" : "; " EXPECTED);
	r = check_object(c, c->m->tree, "the manifest", &schema_manifest);
	return r < 0 ? r : check_meaning(c);
}

int
manifest_parse(struct manifest **ret, struct slice text, const char *shown,
	       struct policy_notes *notes, struct err *e)
{
	struct check c = { .m = mem_calloc(1, sizeof(*c.m)), .notes = notes, .e = e };
	int r;

	if (!c.m)
		return out_of_memory(e);
	c.m->shown = pool_strdup(&c.m->pool, shown);
	r = c.m->shown ? read_text(&c, text) : out_of_memory(e);
	if (r < 0)
		manifest_free(c.m);
	else
		*ret = c.m;
	return r;
}

static int
fail_read(const char *path, int r, struct err *e)
{
	if (r == -ENOMEM)
		return out_of_memory(e);
	return err_set(e, r, "Configuration parse error: cannot read manifest '%s': %s", path,
		       errno_is_missing(r) ? "no such file; check the path"
		       : r == -EISDIR	   ? "this is a directory; name a file in it"
		       : r == -EFBIG	   ? "it is larger than 1 MiB"
					   : strerror(-r));
}

/* It was named by its path: who else may write it is told, and the user decides. */
static int
note_doubt(struct check *c, const char *path, const char *doubt)
{
	autobuf struct buf text = BUF_INIT;

	if (!doubt || !c->notes)
		return 0;
	if (buf_addf(&text, "manifest '%s' can be changed by others: %s", path, doubt) < 0 ||
	    policy_notes_add(c->notes, POLICY_NOTE_WARNING, buf_str(&text)) < 0)
		return out_of_memory(c->e);
	return 0;
}

int
manifest_load(struct manifest **ret, const char *path, struct policy_notes *notes, struct err *e)
{
	struct check c = { .notes = notes, .e = e };
	autobuf struct buf text = BUF_INIT;
	struct pool pool = { 0 };
	const char *doubt = NULL;
	int r = locate_read(&text, &pool, path, NULL, true, &doubt);

	if (r < 0)
		r = fail_read(path, r, e);
	else
		r = note_doubt(&c, path, doubt);
	if (r == 0)
		r = manifest_parse(ret, (struct slice){ text.p, text.n }, path, notes, e);
	pool_clear(&pool);
	return r;
}
