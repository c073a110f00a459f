/* profiles/group_reader.h */
#include "profiles/group_reader.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "plan/format.h"

enum { ENTRIES_MAX = 1024 };

int
group_reader_fail(struct group_reader *l, const struct node *n, const char *text)
{
	return err_set(l->e, -EBADMSG, "Configuration parse error: %s %s:%u:%u: %s", l->what,
		       l->file, n->line, n->column, text);
}

static int
fail_memory(struct group_reader *l)
{
	return err_set(l->e, -ENOMEM, "out of memory");
}

size_t
group_file_stem(const char *name)
{
	size_t n = strlen(name);

	if (name[0] == '.')
		return 0;
	if (str_ends_with(name, ".jsonc"))
		return n - strlen(".jsonc");
	return str_ends_with(name, ".json") ? n - strlen(".json") : 0;
}

int
group_reader_parse(struct group_reader *l, struct node **ret, struct slice text)
{
	struct err reason = ERR_INIT;
	int r = json_parse(ret, l->pool, text, NULL, 0, NULL, &reason);

	return r < 0 ? err_set(l->e, r, "Configuration parse error: %s %s:%s", l->what, l->file,
			       reason.text)
		     : 0;
}

/* ---- entries ---- */

static int
condition_holds(struct group_reader *l, const struct node *n, bool *ret)
{
	const char *reason;

	if (!l->host_known && when_host_find(&l->host, l->pool, l->environment) < 0)
		return fail_memory(l);
	l->host_known = true;
	if (!node_is(n, NODE_STRING) || when_holds(&l->host, n->text, ret, &reason) < 0)
		return group_reader_fail(l, n, "this is no condition");
	return 0;
}

/* The path of an entry, or NULL where its condition does not hold; a list of them is any-of. */
static int
take_entry(struct group_reader *l, const struct node *n, const char **ret)
{
	const struct node *when = node_find(n, "when"), *path = node_find(n, "path");
	bool holds = false;
	int r = 0;

	*ret = n->text;
	if (n->text)
		return 0;
	if (!node_is(n, NODE_OBJECT) || !node_is(path, NODE_STRING) || !when || n->count != 2)
		return group_reader_fail(l, n,
					 "a string is needed, or an object with path and when");
	if (!node_is(when, NODE_ARRAY))
		r = condition_holds(l, when, &holds);
	for (const struct node *one = node_is(when, NODE_ARRAY) ? when->first : NULL;
	     one && !holds && r == 0; one = one->next)
		r = condition_holds(l, one, &holds);
	*ret = holds ? path->text : NULL;
	return r;
}

/* One spelling for one place, as in the groups that come with nono. */
static bool
is_normal_path(const char *path)
{
	size_t n = strlen(path);

	return (path[0] == '/' || path[0] == '$' || str_starts_with(path, "~/")) && n > 1 &&
	       path[n - 1] != '/' && !strstr(path, "//") && !strstr(path, "/./") &&
	       !strstr(path, "/../") && !str_ends_with(path, "/..") && !str_ends_with(path, "/.");
}

typedef int take_fn(struct group_reader *l, const struct node *n, const char *text, void *to);

static int
each_entry(struct group_reader *l, const struct node *list, take_fn *take, void *to)
{
	int r = 0;

	if (list && (!node_is(list, NODE_ARRAY) || list->count > ENTRIES_MAX))
		return group_reader_fail(l, list, "a list is needed");
	for (const struct node *n = node_first(list); n && r == 0; n = n->next) {
		const char *text;

		r = take_entry(l, n, &text);
		if (r == 0 && text)
			r = take(l, n, text, to);
	}
	return r;
}

struct allowed {
	struct group_path *item;
	size_t count;
	unsigned char access;
};

struct texts {
	const char **item;
	size_t count;
};

static int
take_allowed(struct group_reader *l, const struct node *n, const char *text, void *to)
{
	struct allowed *a = to;

	if (!is_normal_path(text))
		return group_reader_fail(
			l, n,
			"a path begins with '/', '~/' or a variable, and has no '.', '..' or "
			"empty part");
	a->item[a->count++] = (struct group_path){ text, a->access, false };
	return 0;
}

static int
take_denied(struct group_reader *l, const struct node *n, const char *text, void *to)
{
	struct texts *t = to;

	if (!is_normal_path(text))
		return group_reader_fail(
			l, n,
			"a path begins with '/', '~/' or a variable, and has no '.', '..' or "
			"empty part");
	t->item[t->count++] = text;
	return 0;
}

static int
take_command(struct group_reader *l, const struct node *n, const char *text, void *to)
{
	struct texts *t = to;

	if (!*text || strchr(text, '/'))
		return group_reader_fail(l, n, "the name of a command is needed, without '/'");
	t->item[t->count++] = text;
	return 0;
}

/* ---- one group ---- */

int
group_reader_keys(struct group_reader *l, const struct node *object, const char *known)
{
	if (object && !node_is(object, NODE_OBJECT))
		return group_reader_fail(l, object, "an object is needed");
	for (const struct node *n = node_first(object); n; n = n->next) {
		size_t length = strlen(n->key);
		bool found = false;

		for (const char *at = known; *at && !found; at += *at == ' ') {
			size_t word = strcspn(at, " ");

			found = word == length && memcmp(at, n->key, word) == 0;
			at += word;
		}
		if (!found)
			return err_set(l->e, -EBADMSG,
				       "Configuration parse error: %s %s:%u:%u: unknown key '%s'; "
				       "known are: %s",
				       l->what, l->file, n->key_line, n->key_column, n->key, known);
	}
	return 0;
}

static int
take_allow(struct group_reader *l, struct group *g, const struct node *allow)
{
	static const struct {
		const char *key;
		unsigned char access;
	} kinds[] = { { "read", PLAN_READ },
		      { "write", PLAN_WRITE },
		      { "readwrite", PLAN_READ | PLAN_WRITE } };
	struct allowed a = { NULL, 0, 0 };
	size_t count = 0;
	int r = group_reader_keys(l, allow, "read write readwrite");

	for (const struct node *n = r == 0 ? node_first(allow) : NULL; n; n = n->next)
		count += n->count;
	a.item = pool_alloc(l->pool, (count + 1) * sizeof(*a.item));
	if (!a.item)
		return fail_memory(l);
	for (size_t i = 0; i < ARRAY_LEN(kinds) && r == 0; i++) {
		a.access = kinds[i].access;
		r = each_entry(l, node_find(allow, kinds[i].key), take_allowed, &a);
	}
	g->allow = a.item;
	g->allow_count = a.count;
	return r;
}

static int
take_texts(struct group_reader *l, const struct node *list, take_fn *take, const char *const **ret,
	   size_t *ret_count)
{
	struct texts t = { NULL, 0 };
	int r;

	t.item = pool_alloc(l->pool, ((list ? list->count : 0) + 1) * sizeof(*t.item));
	if (!t.item)
		return fail_memory(l);
	r = each_entry(l, list, take, &t);
	*ret = t.item;
	*ret_count = t.count;
	return r;
}

int
group_read(struct group_reader *l, struct group *g, const struct node *tree)
{
	const struct node *deny = node_find(tree, "deny"), *platform = node_find(tree, "platform");
	const struct node *description = node_find(tree, "description");
	const struct node *required = node_find(tree, "required");
	int r = group_reader_keys(l, tree, "description platform required allow deny");

	if (r == 0 && !node_is(tree, NODE_OBJECT))
		return group_reader_fail(l, tree, "an object is needed");
	if (r == 0 && description && !node_is(description, NODE_STRING))
		return group_reader_fail(l, description, "a string is needed");
	if (r == 0 && required && !node_is(required, NODE_BOOL))
		return group_reader_fail(l, required, "true or false is needed");
	if (r == 0 && platform && !str_equal(node_text(platform, ""), "linux") &&
	    !str_equal(node_text(platform, ""), "macos"))
		return group_reader_fail(l, platform, "the platforms are \"linux\" and \"macos\"");
	if (r == 0)
		r = group_reader_keys(l, deny,
				      "access commands unlink unlink_override_for_user_writable");
	if (r < 0)
		return r;
	g->description = node_text(description, "");
	g->platform = node_text(platform, NULL);
	g->linux_group = !g->platform || str_equal(g->platform, "linux");
	g->required = node_is_true(required);
	g->unlink_protection = node_is_true(node_find(deny, "unlink"));
	if ((r = take_allow(l, g, node_find(tree, "allow"))) < 0 ||
	    (r = take_texts(l, node_find(deny, "access"), take_denied, &g->deny, &g->deny_count)) <
		    0)
		return r;
	return take_texts(l, node_find(deny, "commands"), take_command, &g->commands,
			  &g->commands_count);
}

int
group_read_denied(struct group_reader *l, const struct node *list, const char *const **ret,
		  size_t *ret_count)
{
	return take_texts(l, list, take_denied, ret, ret_count);
}
