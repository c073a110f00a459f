/*
 * Keys and group names of older versions (spec 03 3.18, 9.4): their values move to the present
 * place, behind what is there, with one warning for each key of each text.
 */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "profiles/reader.h"

#define REMOVAL "(will be removed in v1.0.0, #594)"

static int
warn_moved(struct reader *r, const char *old, const char *new)
{
	r->deprecated_keys++;
	return reader_warn(r, POLICY_NOTE_DEPRECATED,
			   "deprecated key '%s' \u2014 use '%s' instead " REMOVAL, old, new);
}

/* The member of this name and kind, made when it is missing. NULL: out of memory. */
static struct node *
member(struct reader *r, struct node *object, const char *key, enum node_kind kind,
       const struct node *like)
{
	struct node *n = node_find(object, key);

	if (n)
		return n;
	n = node_new(r->pool, kind);
	if (!n)
		return NULL;
	n->source = like->source;
	n->line = n->key_line = like->key_line;
	n->column = n->key_column = like->key_column;
	node_set(object, key, n);
	return n;
}

/* The list that `instead` names, as "filesystem.read". */
static struct node *
target_list(struct reader *r, struct node *tree, const struct key *k, const struct node *old)
{
	const char *dot = strchr(k->instead, '.');
	const char *section = pool_add(r->pool, k->instead, (size_t)(dot - k->instead));
	struct node *object = section ? member(r, tree, section, NODE_OBJECT, old) : NULL;

	return object ? member(r, object, dot + 1, NODE_ARRAY, old) : NULL;
}

static int
drain_key(struct reader *r, struct node *tree, struct node *section, const struct key *k)
{
	struct node *old = node_find(section, k->name), *list;
	autobuf struct buf spelled = BUF_INIT;

	if (!old)
		return 0;
	node_remove(section, old);
	if (!old->first)
		return 0;
	list = target_list(r, tree, k, old);
	if (!list || buf_addf(&spelled, "%s.%s", section->key, k->name) < 0)
		return reader_fail_memory(r);
	for (struct node *item = old->first, *next; item; item = next) {
		next = item->next;
		node_append(list, item);
	}
	return warn_moved(r, buf_str(&spelled), k->instead);
}

static int
drain_section(struct reader *r, struct node *tree, const char *name)
{
	struct node *section = node_find(tree, name);
	const struct key *k = schema_find(&schema_profile, name);

	for (size_t i = 0; section && i < k->members->count; i++) {
		int e;

		if (!(k->members->key[i].flags & KEY_LEGACY))
			continue;
		if ((e = drain_key(r, tree, section, &k->members->key[i])) < 0)
			return e;
	}
	return 0;
}

/* ---- groups of v0.26 ---- */

static const struct {
	const char *name, *shown;
	const char *groups[5];
} old_groups[] = {
	{ "system_read_linux",
	  "system_read_linux_core, linux_runtime_state, linux_sysfs_read, linux_temp_read",
	  { "system_read_linux_core", "linux_runtime_state", "linux_sysfs_read",
	    "linux_temp_read" } },
	{ "homebrew", "homebrew_linux", { "homebrew_linux" } },
};

/* Appends what an entry stands for to the list. */
static int
add_group(struct reader *r, struct node *list, struct node *entry)
{
	for (size_t i = 0; i < ARRAY_LEN(old_groups); i++) {
		if (!str_equal(old_groups[i].name, entry->text))
			continue;
		for (size_t j = 0; old_groups[i].groups[j]; j++) {
			struct node *n = node_copy(r->pool, entry);

			if (!n)
				return reader_fail_memory(r);
			n->text = old_groups[i].groups[j];
			node_append(list, n);
		}
		return warn_moved(r, entry->text, old_groups[i].shown);
	}
	node_append(list, entry);
	return 0;
}

static int
rename_groups(struct reader *r, struct node *list)
{
	struct node *item = node_first(list), *next;

	if (!list)
		return 0;
	list->first = list->last = NULL;
	list->count = 0;
	for (; item; item = next) {
		int e;

		next = item->next;
		if ((e = add_group(r, list, item)) < 0)
			return e;
	}
	return 0;
}

/* ---- two places for one setting ---- */

static int
move_proxy_policy(struct reader *r, struct node *tree)
{
	struct node *outer = node_find(tree, "wsl2_proxy_policy"), *security, *inner;

	if (!outer)
		return 0;
	node_remove(tree, outer);
	security = member(r, tree, "security", NODE_OBJECT, outer);
	if (!security)
		return reader_fail_memory(r);
	inner = node_find(security, "wsl2_proxy_policy");
	if (!inner)
		node_set(security, "wsl2_proxy_policy", outer);
	else if (!str_equal(inner->text, outer->text))
		return reader_fail_key(r, outer, "keep one of the two",
				       "'wsl2_proxy_policy' and 'security.wsl2_proxy_policy' "
				       "(line %u) contradict each other",
				       inner->key_line);
	return 0;
}

int
legacy_drain(struct reader *r, struct node *tree)
{
	struct node *policy, *schema;
	int e;

	if ((e = drain_section(r, tree, "security")) < 0 ||
	    (e = drain_section(r, tree, "policy")) < 0 || (e = move_proxy_policy(r, tree)) < 0 ||
	    (e = rename_groups(r, node_at(tree, "groups.include"))) < 0 ||
	    (e = rename_groups(r, node_at(tree, "groups.exclude"))) < 0)
		return e;
	if ((policy = node_find(tree, "policy")))
		node_remove(tree, policy);
	if ((schema = node_find(tree, "$schema")))
		node_remove(tree, schema);
	return 0;
}
