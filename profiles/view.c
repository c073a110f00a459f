/* The shape of `profile show --json`. */
#include "profiles/view.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"

struct view {
	struct pool *pool;
	const struct profile *p;
	bool failed; /* out of memory */
};

/* Maps have no order of their own. */
static void
sort_maps(struct node *n)
{
	static const char *const maps[] = { "env_credentials",	  "hooks",    "custom_credentials",
					    "credential_capture", "set_vars", "approval_backends" };

	for (struct node *child = n->first; child; child = child->next) {
		if (!node_is(child, NODE_OBJECT))
			continue;
		for (size_t i = 0; i < ARRAY_LEN(maps); i++)
			if (child->key && str_equal(child->key, maps[i]))
				node_sort(child);
		sort_maps(child);
	}
}

static void
put(struct view *v, struct node *object, const char *key, struct node *value)
{
	if (value)
		node_set(object, key, value);
	else
		v->failed = true;
}

static struct node *
put_new(struct view *v, struct node *object, const char *key, enum node_kind kind)
{
	struct node *n = node_new(v->pool, kind);

	put(v, object, key, n);
	return n;
}

static void
put_copy(struct view *v, struct node *object, const char *key, const struct node *value)
{
	put(v, object, key, node_copy(v->pool, value));
}

static void
put_text(struct view *v, struct node *object, const char *key, const char *text)
{
	put(v, object, key, node_new_text(v->pool, text));
}

/* The member when it has a value. */
static void
put_if(struct view *v, struct node *object, const struct node *from, const char *key)
{
	const struct node *value = node_find(from, key);

	if (value && !node_is(value, NODE_NULL))
		put_copy(v, object, key, value);
}

static void
put_or_null(struct view *v, struct node *object, const struct node *from, const char *key)
{
	const struct node *value = node_find(from, key);

	if (value)
		put_copy(v, object, key, value);
	else
		put_new(v, object, key, NODE_NULL);
}

static void
put_list(struct view *v, struct node *object, const struct node *from, const char *key)
{
	const struct node *value = node_find(from, key);

	if (node_is(value, NODE_ARRAY))
		put_copy(v, object, key, value);
	else
		put_new(v, object, key, NODE_ARRAY);
}

static bool
has_value(const struct node *n)
{
	return n && !node_is(n, NODE_NULL) &&
	       !((node_is(n, NODE_ARRAY) || node_is(n, NODE_OBJECT)) && n->count == 0);
}

/* Whatever the section has that was not put yet, in its own order: nothing is left out. */
static void
put_rest(struct view *v, struct node *object, const struct node *from)
{
	for (const struct node *n = node_first(from); n; n = n->next)
		if (!node_find(object, n->key) && has_value(n))
			put_copy(v, object, n->key, n);
}

static void
put_security(struct view *v, struct node *root)
{
	const struct node *from = profile_get(v->p, "security");
	struct node *n = put_new(v, root, "security", NODE_OBJECT);

	if (!n)
		return;
	put_if(v, n, from, "signal_mode");
	put_if(v, n, from, "process_info_mode");
	put_if(v, n, from, "ipc_mode");
	put_or_null(v, n, from, "capability_elevation");
	put_if(v, n, from, "wsl2_proxy_policy");
	put_rest(v, n, from);
}

static void
put_filesystem(struct view *v, struct node *root)
{
	static const char *const lists[] = { "allow",
					     "read",
					     "write",
					     "allow_file",
					     "read_file",
					     "write_file",
					     "deny",
					     "bypass_protection",
					     "suppress_save_prompt" };
	const struct node *from = profile_get(v->p, "filesystem");
	struct node *n = put_new(v, root, "filesystem", NODE_OBJECT);

	if (!n)
		return;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		put_list(v, n, from, lists[i]);
	put_rest(v, n, from);
}

/* The effective groups; the extended ones are everybody's and stay out unless they were named. */
static void
put_groups(struct view *v, struct node *root)
{
	struct node *n = put_new(v, root, "groups", NODE_OBJECT);
	struct node *list = n ? put_new(v, n, "include", NODE_ARRAY) : NULL;

	if (!list)
		return;
	for (size_t i = 0; i < v->p->groups_count; i++) {
		const struct profile_group *g = &v->p->groups[i];
		struct node *item;

		if (!g->node && g->group && g->group->extended)
			continue;
		item = g->node ? node_copy(v->pool, g->node) : NULL;
		if (!item || !node_is(item, NODE_STRING))
			item = node_new_text(v->pool, g->name);
		if (item)
			node_append(list, item);
		else
			v->failed = true;
	}
	put_list(v, n, profile_get(v->p, "groups"), "exclude");
}

static void
put_network(struct view *v, struct node *root)
{
	static const char *const lists[] = { "allow_domain", "credentials", "open_port",
					     "listen_port" };
	const struct node *from = profile_get(v->p, "network");
	struct node *n = put_new(v, root, "network", NODE_OBJECT);
	struct node *block = n ? put_new(v, n, "block", NODE_BOOL) : NULL;

	if (!block)
		return;
	block->truth = node_is_true(node_find(from, "block"));
	put_or_null(v, n, from, "network_profile");
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		put_list(v, n, from, lists[i]);
	put_or_null(v, n, from, "upstream_proxy");
	put_list(v, n, from, "upstream_bypass");
	put_rest(v, n, from);
}

static void
put_section(struct view *v, struct node *root, const char *key, const char *a, const char *b)
{
	const struct node *from = profile_get(v->p, key);
	struct node *n = put_new(v, root, key, NODE_OBJECT);

	if (!n)
		return;
	put_list(v, n, from, a);
	put_list(v, n, from, b);
	put_rest(v, n, from);
}

static void
put_workdir(struct view *v, struct node *root)
{
	const struct node *from = profile_get(v->p, "workdir");
	struct node *n = put_new(v, root, "workdir", NODE_OBJECT);

	if (!n)
		return;
	put_if(v, n, from, "access");
	if (!n->first)
		put_text(v, n, "access", "none");
}

struct node *
profile_view(struct pool *pool, const struct profile *p)
{
	static const char *const when_set[] = { "env_credentials", "hooks",
						"open_urls",	   "allow_launch_services",
						"allow_gpu",	   "unsafe_macos_seatbelt_rules" };
	static const char *const not_shown[] = { "extends", "meta" };
	struct view v = { .pool = pool, .p = p };
	struct node *root = node_new(pool, NODE_OBJECT);
	const struct node *commands = profile_get(p, "commands");

	if (!root)
		return NULL;
	put_text(&v, root, "name", node_text(profile_get(p, "meta.name"), ""));
	put_text(&v, root, "description", node_text(profile_get(p, "meta.description"), ""));
	if (p->extends)
		put_copy(&v, root, "extends", p->extends);
	else
		put_new(&v, root, "extends", NODE_NULL);
	put_security(&v, root);
	if (has_value(profile_get(p, "linux")))
		put_copy(&v, root, "linux", profile_get(p, "linux"));
	put_filesystem(&v, root);
	if (p->groups_count > 0 || has_value(profile_get(p, "groups")))
		put_groups(&v, root);
	if (has_value(node_find(commands, "allow")) || has_value(node_find(commands, "deny")))
		put_section(&v, root, "commands", "allow", "deny");
	put_network(&v, root);
	put_workdir(&v, root);
	put_section(&v, root, "rollback", "exclude_patterns", "exclude_globs");
	for (size_t i = 0; i < ARRAY_LEN(when_set); i++)
		if (has_value(profile_get(p, when_set[i])))
			put_copy(&v, root, when_set[i], profile_get(p, when_set[i]));
	for (const struct node *n = node_first(p->tree); n; n = n->next) {
		bool skip = node_find(root, n->key) || !has_value(n);

		for (size_t i = 0; i < ARRAY_LEN(not_shown); i++)
			skip = skip || str_equal(n->key, not_shown[i]);
		if (!skip)
			put_copy(&v, root, n->key, n);
	}
	sort_maps(root);
	return v.failed ? NULL : root;
}

struct node *
profile_view_flat(struct pool *pool, const struct profile *p)
{
	struct node *root = node_copy(pool, p->tree);
	struct node *extends = node_find(root, "extends");

	if (root && extends)
		node_remove(root, extends);
	if (root)
		sort_maps(root);
	return root;
}

static int
add_one(struct buf *b, const struct node *n)
{
	const struct profile_source *s = n->source;

	if (!s)
		return buf_adds(b, "every profile");
	switch (s->kind) {
	case PROFILE_FROM_PRESET:
		return buf_addf(b, "preset %s", s->name);
	case PROFILE_FROM_PACK:
		return buf_addf(b, "pack %s, %s:%u", s->pack ? s->pack : s->name, s->path, n->line);
	case PROFILE_FROM_IMPLICIT:
		return buf_adds(b, "every profile");
	case PROFILE_FROM_USER:
	case PROFILE_FROM_PATH:
		break;
	}
	return buf_addf(b, "%s:%u", s->path, n->line);
}

int
view_origin(struct buf *b, const struct node *n)
{
	int r = add_one(b, n);

	for (const struct node *also = n->again; also && r == 0; also = also->again) {
		r = buf_adds(b, also == n->again ? "; also " : ", ");
		if (r == 0)
			r = add_one(b, also);
	}
	return r;
}
