/*
 * The one file that knows the JSON library. The text it gets was accepted by jsonc.c, so that the
 * library decodes and never decides; its tree is copied into ours at once, with the places.
 */
#include "profiles/json.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "profiles/jsonc.h"

struct copy {
	struct pool *pool;
	const struct profile_source *source;
	const struct jsonc *scanned;
	size_t at; /* position of the next value */
	struct json_place *place;
	struct err *e;
};

static int
err_copy_memory(struct copy *c)
{
	return err_set(c->e, -ENOMEM, "out of memory");
}

static int
fail_duplicate(struct copy *c, const struct node *first, const struct node *second)
{
	autobuf struct buf key = BUF_INIT;

	if (str_printable(&key, slice_of(second->key)) < 0)
		return err_copy_memory(c);
	*c->place = (struct json_place){ .line = second->key_line,
					 .column = second->key_column,
					 .hint = "keep one of the two" };
	return err_set(c->e, -EBADMSG,
		       "%u:%u: duplicate field `%.200s`, first written in line %u; %s",
		       second->key_line, second->key_column, buf_str(&key), first->key_line,
		       c->place->hint);
}

static int
compare_members(const void *a, const void *b)
{
	const struct node *x = *(const struct node *const *)a, *y = *(const struct node *const *)b;
	int r = strcmp(x->key, y->key);

	if (r != 0)
		return r;
	if (x->key_line != y->key_line)
		return x->key_line < y->key_line ? -1 : 1;
	return (x->key_column > y->key_column) - (x->key_column < y->key_column);
}

/* A library takes the first or the last of two equal keys: the reader of the file the other. */
static int
check_duplicates(struct copy *c, const struct node *object)
{
	const struct node **members;
	size_t n = 0;
	int r = 0;

	if (object->count < 2)
		return 0;
	members = mem_calloc(object->count, sizeof(struct node *));
	if (!members)
		return err_copy_memory(c);
	for (const struct node *m = object->first; m; m = m->next)
		members[n++] = m;
	qsort(members, n, sizeof(struct node *), compare_members);
	for (size_t i = 1; i < n && r == 0; i++)
		if (str_equal(members[i - 1]->key, members[i]->key))
			r = fail_duplicate(c, members[i - 1], members[i]);
	mem_free(members);
	return r;
}

static enum node_kind
kind_of(const cJSON *value)
{
	if (cJSON_IsNull(value))
		return NODE_NULL;
	if (cJSON_IsBool(value))
		return NODE_BOOL;
	if (cJSON_IsNumber(value))
		return NODE_NUMBER;
	if (cJSON_IsString(value))
		return NODE_STRING;
	return cJSON_IsArray(value) ? NODE_ARRAY : NODE_OBJECT;
}

static int copy_children(struct copy *c, struct node *parent, const cJSON *value);

static int
copy_value(struct copy *c, struct node **ret, const cJSON *value)
{
	struct node *n = node_new(c->pool, kind_of(value));
	const struct jsonc_position *position;
	int r;

	/* Both read the same text; if they ever counted differently, no place could be trusted. */
	if (c->at >= c->scanned->count)
		return err_set(c->e, -EBADMSG, "1:1: the text has more than one reading");
	position = &c->scanned->position[c->at++];
	if (!n)
		return err_copy_memory(c);
	n->source = c->source;
	n->line = position->line;
	n->column = position->column;
	n->key_line = position->key_line;
	n->key_column = position->key_column;
	n->truth = cJSON_IsTrue(value);
	n->number = value->valuedouble;
	if (n->kind == NODE_STRING && !(n->text = pool_strdup(c->pool, value->valuestring)))
		return err_copy_memory(c);
	if ((r = copy_children(c, n, value)) < 0)
		return r;
	*ret = n;
	return 0;
}

static int
copy_children(struct copy *c, struct node *parent, const cJSON *value)
{
	const cJSON *child;

	if (parent->kind != NODE_ARRAY && parent->kind != NODE_OBJECT)
		return 0;
	cJSON_ArrayForEach(child, value)
	{
		struct node *n;
		int r = copy_value(c, &n, child);

		if (r < 0)
			return r;
		if (parent->kind == NODE_OBJECT && !(n->key = pool_strdup(c->pool, child->string)))
			return err_copy_memory(c);
		node_append(parent, n);
	}
	return parent->kind == NODE_OBJECT ? check_duplicates(c, parent) : 0;
}

static void *
library_alloc(size_t bytes)
{
	return mem_realloc(NULL, bytes ? bytes : 1, 1);
}

static int
decode(struct copy *c, struct node **ret, const struct buf *plain)
{
	cJSON_Hooks hooks = { library_alloc, mem_free };
	cJSON *root;
	int r;

	cJSON_InitHooks(&hooks);
	root = cJSON_ParseWithLength(buf_str(plain), plain->n);
	/* Its grammar is wider than ours: nothing but memory is left to fail. */
	if (!root)
		return err_copy_memory(c);
	r = copy_value(c, ret, root);
	cJSON_Delete(root);
	return r;
}

int
json_parse(struct node **ret, struct pool *pool, struct slice text,
	   const struct profile_source *source, unsigned int flags, struct json_place *place,
	   struct err *e)
{
	struct json_place unused;
	struct jsonc scanned = { 0 };
	struct copy c = {
		.pool = pool,
		.source = source,
		.scanned = &scanned,
		.place = place ? place : &unused,
		.e = e,
	};
	int r = jsonc_scan(&scanned, text, flags, c.place, e);

	if (r == 0)
		r = decode(&c, ret, &scanned.plain);
	jsonc_clear(&scanned);
	return r;
}
