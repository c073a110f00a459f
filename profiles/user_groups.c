/* profiles/user_groups.h */
#include "profiles/user_groups.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/locate.h"
#include "profiles/place.h"
#include "profiles/when_host.h"

enum { NAME_BYTES_MAX = 64, ENTRIES_MAX = 1024 };

struct load {
	struct pool *pool;
	char *const *environment;
	struct user_groups *ret;
	const char *root, *directory;
	const char *file; /* the present one */
	struct when_host host;
	bool host_known;
	struct err *e;
};

static int
fail_memory(struct load *l)
{
	return err_set(l->e, -ENOMEM, "out of memory");
}

static int fail(struct load *l, const struct node *n, const char *text) ATTR_CHECK;

static int
fail(struct load *l, const struct node *n, const char *text)
{
	return err_set(l->e, -EBADMSG, "Configuration parse error: policy group %s:%u:%u: %s",
		       l->file, n->line, n->column, text);
}

/* ---- entries ---- */

static int
condition_holds(struct load *l, const struct node *n, bool *ret)
{
	const char *reason;

	if (!l->host_known && when_host_find(&l->host, l->pool, l->environment) < 0)
		return fail_memory(l);
	l->host_known = true;
	if (!node_is(n, NODE_STRING) || when_holds(&l->host, n->text, ret, &reason) < 0)
		return fail(l, n, "this is no condition");
	return 0;
}

/* The path of an entry, or NULL where its condition does not hold; a list of them is any-of. */
static int
take_entry(struct load *l, const struct node *n, const char **ret)
{
	const struct node *when = node_find(n, "when"), *path = node_find(n, "path");
	bool holds = false;
	int r = 0;

	*ret = n->text;
	if (n->text)
		return 0;
	if (!node_is(n, NODE_OBJECT) || !node_is(path, NODE_STRING) || !when || n->count != 2)
		return fail(l, n, "a string is needed, or an object with path and when");
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

typedef int take_fn(struct load *l, const struct node *n, const char *text, void *to);

static int
each_entry(struct load *l, const struct node *list, take_fn *take, void *to)
{
	int r = 0;

	if (list && (!node_is(list, NODE_ARRAY) || list->count > ENTRIES_MAX))
		return fail(l, list, "a list is needed");
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
take_allowed(struct load *l, const struct node *n, const char *text, void *to)
{
	struct allowed *a = to;

	if (!is_normal_path(text))
		return fail(l, n,
			    "a path begins with '/', '~/' or a variable, and has no '.', '..' or "
			    "empty part");
	a->item[a->count++] = (struct group_path){ text, a->access, false };
	return 0;
}

static int
take_denied(struct load *l, const struct node *n, const char *text, void *to)
{
	struct texts *t = to;

	if (!is_normal_path(text))
		return fail(l, n,
			    "a path begins with '/', '~/' or a variable, and has no '.', '..' or "
			    "empty part");
	t->item[t->count++] = text;
	return 0;
}

static int
take_command(struct load *l, const struct node *n, const char *text, void *to)
{
	struct texts *t = to;

	if (!*text || strchr(text, '/'))
		return fail(l, n, "the name of a command is needed, without '/'");
	t->item[t->count++] = text;
	return 0;
}

/* ---- one group ---- */

static int
check_keys(struct load *l, const struct node *object, const char *known)
{
	if (object && !node_is(object, NODE_OBJECT))
		return fail(l, object, "an object is needed");
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
				       "Configuration parse error: policy group %s:%u:%u: unknown "
				       "key '%s'; known are: %s",
				       l->file, n->key_line, n->key_column, n->key, known);
	}
	return 0;
}

static int
take_allow(struct load *l, struct group *g, const struct node *allow)
{
	static const struct {
		const char *key;
		unsigned char access;
	} kinds[] = { { "read", PLAN_READ },
		      { "write", PLAN_WRITE },
		      { "readwrite", PLAN_READ | PLAN_WRITE } };
	struct allowed a = { NULL, 0, 0 };
	size_t count = 0;
	int r = check_keys(l, allow, "read write readwrite");

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
take_texts(struct load *l, const struct node *list, take_fn *take, const char *const **ret,
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

static int
take_group(struct load *l, struct group *g, const struct node *tree)
{
	const struct node *deny = node_find(tree, "deny"), *platform = node_find(tree, "platform");
	const struct node *description = node_find(tree, "description");
	const struct node *required = node_find(tree, "required");
	int r = check_keys(l, tree, "description platform required allow deny");

	if (r == 0 && !node_is(tree, NODE_OBJECT))
		return fail(l, tree, "an object is needed");
	if (r == 0 && description && !node_is(description, NODE_STRING))
		return fail(l, description, "a string is needed");
	if (r == 0 && required && !node_is(required, NODE_BOOL))
		return fail(l, required, "true or false is needed");
	if (r == 0 && platform && !str_equal(node_text(platform, ""), "linux") &&
	    !str_equal(node_text(platform, ""), "macos"))
		return fail(l, platform, "the platforms are \"linux\" and \"macos\"");
	if (r == 0)
		r = check_keys(l, deny, "access commands unlink unlink_override_for_user_writable");
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

static int
check_name(struct load *l, const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n > NAME_BYTES_MAX ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != n)
		return err_set(
			l->e, -EINVAL,
			"Configuration parse error: policy group %s: the name of a group has "
			"letters, digits, '_' and '-'; rename the file",
			l->file);
	if (group_find(name) || group_renamed(name))
		return err_set(l->e, -EEXIST,
			       "Configuration parse error: policy group %s: a group of this name "
			       "comes with nono; rename the file",
			       l->file);
	return 0;
}

static int
take_text(struct load *l, struct group *g, struct slice text)
{
	struct err reason = ERR_INIT;
	struct node *tree = NULL;
	int r = json_parse(&tree, l->pool, text, NULL, 0, NULL, &reason);

	if (r < 0)
		return err_set(l->e, r, "Configuration parse error: policy group %s:%s", l->file,
			       reason.text);
	return take_group(l, g, tree);
}

int
user_group_parse(struct group *ret, struct pool *pool, struct slice text, const char *file,
		 char *const *environment, struct err *e)
{
	struct load l = { .pool = pool, .environment = environment, .file = file, .e = e };

	*ret = (struct group){ .name = file };
	return take_text(&l, ret, text);
}

static int
load_file(struct load *l, const char *name)
{
	struct user_group *u = &l->ret->item[l->ret->count];
	autobuf struct buf text = BUF_INIT;
	const char *doubt = NULL;
	int r;

	if ((r = check_name(l, name)) < 0)
		return r;
	r = locate_read(&text, l->pool, l->file, l->root, true, &doubt);
	if (r == -ENOMEM)
		return fail_memory(l);
	if (r < 0)
		return err_set_errno(l->e, r, "Configuration parse error: policy group %s",
				     l->file);
	if (doubt)
		return err_set(l->e, -EPERM,
			       "Configuration parse error: policy group %s: others can change it: "
			       "%s; take their write access away (chmod go-w)",
			       l->file, doubt);
	u->file = l->file;
	u->group.name = name;
	if ((r = take_text(l, &u->group, (struct slice){ text.p, text.n })) < 0)
		return r;
	l->ret->count++;
	return 0;
}

/* ---- all of them ---- */

/* Length of the name without its ending; 0: no group. */
static size_t
stem_length(const char *name)
{
	size_t n = strlen(name);

	if (name[0] == '.')
		return 0;
	if (str_ends_with(name, ".jsonc"))
		return n - strlen(".jsonc");
	return str_ends_with(name, ".json") ? n - strlen(".json") : 0;
}

static int
is_group_file(const struct dirent *entry)
{
	return stem_length(entry->d_name) > 0;
}

static int
load_listed(struct load *l, struct dirent **list, int count)
{
	int r = 0;

	if (count > USER_GROUPS_MAX)
		return err_set(l->e, -E2BIG,
			       "Configuration parse error: more than %d policy groups in %s",
			       USER_GROUPS_MAX, l->directory);
	l->ret->item = pool_alloc(l->pool, ((size_t)count + 1) * sizeof(*l->ret->item));
	if (!l->ret->item)
		return fail_memory(l);
	for (int i = 0; i < count && r == 0; i++) {
		size_t n = stem_length(list[i]->d_name);
		const char *name = pool_add(l->pool, list[i]->d_name, n);
		autobuf struct buf path = BUF_INIT;

		if (!name || buf_addf(&path, "%s/%s", l->directory, list[i]->d_name) < 0 ||
		    !(l->file = pool_take(l->pool, &path)))
			return fail_memory(l);
		if (user_groups_find(l->ret, name))
			return err_set(l->e, -EEXIST,
				       "Configuration parse error: policy group %s: there is "
				       "another file for the same name; remove one",
				       l->file);
		r = load_file(l, name);
	}
	return r;
}

int
user_groups_load(struct user_groups *ret, struct pool *pool, char *const *environment,
		 struct err *e)
{
	struct load l = { .pool = pool, .environment = environment, .ret = ret, .e = e };
	autobuf struct buf root = BUF_INIT, directory = BUF_INIT;
	struct dirent **list = NULL;
	int count, r;

	*ret = (struct user_groups){ NULL, 0 };
	if ((r = place_config(&root, environment, e)) < 0)
		return r;
	if (path_join(&directory, buf_str(&root), "groups") < 0 ||
	    !(l.root = pool_take(pool, &root)) || !(l.directory = pool_take(pool, &directory)))
		return fail_memory(&l);
	count = scandir(l.directory, &list, is_group_file, alphasort);
	/* Inside a sandbox it may be out of reach: what holds there was decided outside. */
	if (count == -1 && (errno_is_missing(-errno) || errno_is_denied(-errno)))
		return 0;
	if (count == -1)
		return err_set_errno(e, -errno, "Configuration parse error: policy groups in %s",
				     l.directory);
	r = load_listed(&l, list, count);
	for (int i = 0; i < count; i++)
		free(list[i]);
	free(list);
	return r;
}
