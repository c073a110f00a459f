/* `profile groups`: the policy groups, as a list or one by one. */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "cli/cmd_profile.h"
#include "plan/format.h"
#include "profiles/groups.h"
#include "profiles/inspect.h"
#include "profiles/user_groups.h"

enum { NAME_COLUMNS = 36, DESCRIPTION_COLUMNS = 42 };

static const struct {
	const char *name;
	unsigned int access;
} kinds[] = {
	{ "read", PLAN_READ },
	{ "write", PLAN_WRITE },
	{ "readwrite", PLAN_READ | PLAN_WRITE },
};

static const char *
platform_of(const struct group *g)
{
	return g->platform ? g->platform : "cross-platform";
}

static size_t
count_allowed(const struct group *g, unsigned int access)
{
	size_t n = 0;

	for (size_t i = 0; i < g->allow_count; i++)
		n += g->allow[i].access == access;
	return n;
}

static bool
denies_something(const struct group *g)
{
	return g->deny_count || g->commands_count || g->unlink_protection;
}

/* ---- the list ---- */

static bool
is_listed(const struct group *g, bool all, bool extended)
{
	return (all || g->linux_group) && g->extended == extended;
}

static size_t
count_listed(bool all, bool extended)
{
	size_t n = 0;

	for (size_t i = 0; i < groups_count; i++)
		n += is_listed(&groups_table[i], all, extended);
	return n;
}

/* Where a group is written that does not come with nono. */
static void
json_origin(struct json *j, const struct group *g, const char *file)
{
	if (!file)
		return;
	json_object(j, "origin");
	json_string(j, "kind", g->system_file ? "system" : "user");
	json_bytes(j, "file", file);
	json_end(j);
}

static void
list_json(struct json *j, const struct group *g, const char *file)
{
	json_object(j, NULL);
	json_string(j, "name", g->name);
	json_string(j, "description", g->description);
	json_string(j, "platform", platform_of(g));
	json_boolean(j, "required", g->required);
	if (g->extended)
		json_boolean(j, "extended", true);
	json_origin(j, g, file);
	json_object(j, "allow");
	for (size_t k = 0; k < ARRAY_LEN(kinds) && g->allow_count; k++)
		json_number(j, kinds[k].name, count_allowed(g, kinds[k].access));
	json_end(j);
	json_object(j, "deny");
	if (denies_something(g)) {
		json_number(j, "access", g->deny_count);
		json_number(j, "commands", g->commands_count);
		json_boolean(j, "unlink", g->unlink_protection);
	}
	json_end(j);
	json_end(j);
}

static void
list_line(struct out *o, const struct group *g)
{
	out_putf(o, "  %-*s %-*s %s%s\n", NAME_COLUMNS, g->name, DESCRIPTION_COLUMNS,
		 g->description, platform_of(g), g->required ? "  required" : "");
}

/* What is not written in a group: how far a request can go. */
static void
list_limits(struct listing *l, const struct system_policy *s)
{
	static const char *const networks[] = { "", "proxy", "blocked" };

	if (s->forbid_bypass) {
		out_puts(&l->out, "  No protection can be lifted (forbid_bypass of ");
		out_text(&l->out, s->forbid_bypass);
		out_puts(&l->out, ")\n");
	}
	if (s->network != NETWORK_LIMIT_NONE) {
		out_putf(&l->out, "  Network at most: %s (max_network of ", networks[s->network]);
		out_text(&l->out, s->network_file);
		out_puts(&l->out, ")\n");
	}
}

/* Those of the system's policy, or of the user, each with its file. */
static void
list_own(struct listing *l, const struct user_groups *own, bool system)
{
	size_t count = 0;

	for (size_t i = 0; i < own->count; i++)
		count += !own->item[i].group.system_file == !system;
	if (count == 0 && !(system && own->system.files))
		return;
	out_puts(&l->out, "\n");
	listing_title(l, system ? "%zu of the system's policy" : "%zu of your own", count);
	out_puts(&l->out, "\n");
	for (size_t i = 0; i < own->count; i++)
		if (!own->item[i].group.system_file == !system) {
			list_json(&l->j, &own->item[i].group, own->item[i].file);
			list_line(&l->out, &own->item[i].group);
		}
	if (system)
		list_limits(l, &own->system);
}

static void
list_groups(struct listing *l, const struct user_groups *own)
{
	bool all = opt_has(l->o, FLAG_ALL_PLATFORMS);

	json_array(&l->j, NULL);
	for (int extended = 0; extended <= 1; extended++) {
		listing_title(l, "%zu %sgroups%s", count_listed(all, extended),
			      extended ? "extended " : "",
			      all && !extended ? " (all platforms)" : "");
		out_puts(&l->out, "\n");
		for (size_t i = 0; i < groups_count; i++)
			if (is_listed(&groups_table[i], all, extended)) {
				list_json(&l->j, &groups_table[i], NULL);
				list_line(&l->out, &groups_table[i]);
			}
		if (!extended)
			out_puts(&l->out, "\n");
	}
	list_own(l, own, true);
	list_own(l, own, false);
	json_end(&l->j);
}

/* ---- one group ---- */

static int
expand(struct buf *b, const struct inspect *in, const char *path)
{
	struct err ignored = ERR_INIT;
	int r;

	buf_reset(b);
	r = inspect_expand(b, in, path, &ignored);
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		buf_reset(b);
		return buf_adds(b, "<expansion failed>");
	}
	return 0;
}

/* A path in both forms: "raw -> expanded", {"raw", "expanded"}. */
static int
show_path(struct listing *l, const struct inspect *in, const char *path)
{
	autobuf struct buf expanded = BUF_INIT;
	int r = expand(&expanded, in, path);

	if (r < 0)
		return r;
	out_putf(&l->out, "    %s -> ", path);
	out_text(&l->out, buf_str(&expanded));
	out_puts(&l->out, "\n");
	json_object(&l->j, NULL);
	json_string(&l->j, "raw", path);
	json_bytes(&l->j, "expanded", buf_str(&expanded));
	json_end(&l->j);
	return 0;
}

static int
show_allow(struct listing *l, const struct inspect *in, const struct group *g)
{
	int r = 0;

	json_object(&l->j, "allow");
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		if (!count_allowed(g, kinds[k].access))
			continue;
		out_putf(&l->out, "\n  allow.%s:\n", kinds[k].name);
		json_array(&l->j, kinds[k].name);
		for (size_t i = 0; i < g->allow_count && r == 0; i++)
			if (g->allow[i].access == kinds[k].access)
				r = show_path(l, in, g->allow[i].path);
		json_end(&l->j);
	}
	json_end(&l->j);
	return r;
}

static int
show_deny(struct listing *l, const struct inspect *in, const struct group *g)
{
	int r = 0;

	json_object(&l->j, "deny");
	if (g->deny_count) {
		out_puts(&l->out, "\n  deny.access:\n");
		json_array(&l->j, "access");
		for (size_t i = 0; i < g->deny_count && r == 0; i++)
			r = show_path(l, in, g->deny[i]);
		json_end(&l->j);
	}
	if (g->commands_count) {
		out_puts(&l->out, "\n  deny.commands:\n");
		json_array(&l->j, "commands");
		for (size_t i = 0; i < g->commands_count; i++) {
			out_putf(&l->out, "    %s\n", g->commands[i]);
			json_string(&l->j, NULL, g->commands[i]);
		}
		json_end(&l->j);
	}
	if (g->unlink_protection) {
		out_puts(&l->out, "\n  deny.unlink: yes\n");
		json_boolean(&l->j, "unlink", true);
	}
	json_end(&l->j);
	return r;
}

static int
show_group(struct listing *l, const struct group *g, const char *file, struct err *e)
{
	struct inspect *in = NULL;
	int r = inspect_open(&in, l->environment, e);

	if (r < 0)
		return r;
	listing_title(l, "group '%s'", g->name);
	out_putf(&l->out, "\n  Description: %s\n  Platform:    %s\n  Required:    %s\n",
		 g->description, platform_of(g), g->required ? "yes" : "no");
	if (g->extended)
		out_puts(&l->out, "  Extended:    yes\n");
	if (file) {
		out_puts(&l->out, "  File:        ");
		out_text(&l->out, file);
		out_puts(&l->out, "\n");
	}
	json_object(&l->j, NULL);
	json_string(&l->j, "name", g->name);
	json_string(&l->j, "description", g->description);
	json_string(&l->j, "platform", platform_of(g));
	json_boolean(&l->j, "required", g->required);
	if (g->extended)
		json_boolean(&l->j, "extended", true);
	json_origin(&l->j, g, file);
	r = show_allow(l, in, g);
	if (r == 0)
		r = show_deny(l, in, g);
	json_end(&l->j);
	inspect_free(in);
	return r < 0 ? err_set_errno(e, r, "cannot show the group") : 0;
}

int
profile_groups(struct listing *l, struct err *e)
{
	struct pool pool = { 0 };
	struct user_groups own;
	const struct group *g;
	const char *file = NULL, *name;
	int r = user_groups_load(&own, &pool, l->environment, e);

	if (r < 0)
		goto out;
	if (l->o->program.count == 0) {
		list_groups(l, &own);
		goto out;
	}
	name = l->o->program.item[0];
	g = group_find(name);
	for (size_t i = 0; !g && i < own.count; i++)
		if (str_equal(own.item[i].group.name, name)) {
			g = &own.item[i].group;
			file = own.item[i].file;
		}
	if (g)
		r = show_group(l, g, file, e);
	else
		r = err_set(e, -ENOENT,
			    "group '%s' not found in policy.json. Use `nono profile groups` to "
			    "list available groups",
			    name);
out:
	pool_clear(&pool);
	return r;
}
