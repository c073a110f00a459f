/*
 * From a profile to a manifest. Files are taken from the plan that a start under the profile would
 * have, so that both starts are the same one: the entries of all groups are written out. Names that
 * are another object in every process (/proc/self, /dev/fd) stay names.
 */
#include "profiles/manifest_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/json_write.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/manifest.h"
#include "profiles/network_policy.h"

#define SCHEMA "https://nono.sh/schemas/capability-manifest.schema.json"

struct entry {
	const char *path;
	unsigned int access;
	bool directory;
};

struct writer {
	struct pool pool;
	const struct profile *p;
	const struct plan *plan;
	const struct inspect *in;
	struct json j;
	struct buf *lost;
	struct entry *grant;
	size_t grants, grants_capacity;
	const char **deny;
	size_t denies, denies_capacity;
	int error;
};

static void
lose(struct writer *m, const char *key)
{
	if (buf_addf(m->lost, "%s\n", key) < 0)
		m->error = -ENOMEM;
}

/*
 * Text that a manifest can hold: its reader replaces variables again, and JSON has no bytes that
 * are no characters.
 */
static bool
is_carried_as_written(struct writer *m, const char *path)
{
	autobuf struct buf expanded = BUF_INIT;
	struct err ignored = ERR_INIT;
	int r;

	if (!str_is_utf8(slice_of(path)))
		return false;
	r = inspect_expand(&expanded, m->in, path, &ignored);
	if (r == -ENOMEM)
		m->error = r;
	return r == 0 && str_equal(buf_str(&expanded), path);
}

/* ---- grants ---- */

static void
add_grant(struct writer *m, const struct plan_grant *g)
{
	struct plan_ref name = g->original;
	const char *path;
	struct stat st;

	/* An alias is another object in every process. */
	if (g->alias == PLAN_ALIAS_NONE && g->resolved.length)
		name = g->resolved;
	path = plan_string(m->plan, name);
	/* A missing path is an error of a manifest, and none of a group. */
	if (stat(path, &st) == -1)
		return;
	if (!is_carried_as_written(m, path)) {
		lose(m, "filesystem: a granted path with a variable's name or no UTF-8 in it");
		return;
	}
	for (size_t i = 0; i < m->grants; i++)
		if (str_equal(m->grant[i].path, path)) {
			m->grant[i].access |= g->access;
			return;
		}
	if (mem_grow((void **)&m->grant, &m->grants_capacity, m->grants, sizeof(*m->grant)) < 0) {
		m->error = -ENOMEM;
		return;
	}
	m->grant[m->grants++] = (struct entry){ path, g->access, S_ISDIR(st.st_mode) };
}

/* What the start itself adds for its program is added again by the next one. */
static void
add_grants(struct writer *m)
{
	for (size_t i = 0; i < plan_count(m->plan, PLAN_SEC_GRANTS); i++) {
		const struct plan_grant *g = plan_grant_at(m->plan, i);

		if (g->source != PLAN_SOURCE_SYSTEM)
			add_grant(m, g);
	}
}

/* ---- denies ---- */

/* By the profile, also where there is nothing yet that could be granted. */
static bool
is_bypassed(struct writer *m, const char *path)
{
	if (m->p->user_groups.system.forbid_bypass)
		return false;
	for (const struct node *n = node_first(profile_get(m->p, "filesystem.bypass_protection"));
	     n; n = n->next) {
		autobuf struct buf expanded = BUF_INIT, bypass = BUF_INIT;
		struct err ignored = ERR_INIT;
		int r = n->text ? inspect_expand(&expanded, m->in, n->text, &ignored) : -EINVAL;

		if (r == 0)
			r = path_absolute(&bypass, inspect_workdir(m->in), buf_str(&expanded));
		if (r == -ENOMEM)
			m->error = r;
		if (r == 0 && path_is_beneath(path, buf_str(&bypass)))
			return true;
	}
	return false;
}

static void
add_deny(struct writer *m, const struct plan_deny *d)
{
	const char *path = plan_string(m->plan, d->literal);

	/* What config.toml closes ("user:LIST") no profile opens. */
	if (!str_starts_with(plan_string(m->plan, d->group), "user:") && is_bypassed(m, path))
		return;
	if (!is_carried_as_written(m, path)) {
		lose(m, "filesystem: a denied path with a variable's name or no UTF-8 in it");
		return;
	}
	for (size_t i = 0; i < m->denies; i++)
		if (str_equal(m->deny[i], path))
			return;
	if (mem_grow((void **)&m->deny, &m->denies_capacity, m->denies, sizeof(*m->deny)) < 0) {
		m->error = -ENOMEM;
		return;
	}
	m->deny[m->denies++] = path;
}

static void
add_denies(struct writer *m)
{
	for (size_t i = 0; i < plan_count(m->plan, PLAN_SEC_DENIES); i++)
		add_deny(m, plan_deny_at(m->plan, i));
}

static int
compare_grants(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
write_filesystem(struct writer *m)
{
	add_grants(m);
	add_denies(m);
	if (m->grants)
		qsort(m->grant, m->grants, sizeof(*m->grant), compare_grants);
	if (m->denies)
		qsort(m->deny, m->denies, sizeof(*m->deny), compare_texts);
	json_object(&m->j, "filesystem");
	json_array(&m->j, "grants");
	for (size_t i = 0; i < m->grants; i++) {
		json_object(&m->j, NULL);
		json_string(&m->j, "path", m->grant[i].path);
		json_string(&m->j, "access",
			    m->grant[i].access == PLAN_READ    ? "read"
			    : m->grant[i].access == PLAN_WRITE ? "write"
							       : "readwrite");
		json_string(&m->j, "type", m->grant[i].directory ? "directory" : "file");
		json_end(&m->j);
	}
	json_end(&m->j);
	json_array(&m->j, "deny");
	for (size_t i = 0; i < m->denies; i++) {
		json_object(&m->j, NULL);
		json_string(&m->j, "path", m->deny[i]);
		json_end(&m->j);
	}
	json_end(&m->j);
	json_end(&m->j);
}

/* ---- network ---- */

static void
add_domain(struct writer *m, const char ***list, size_t *n, size_t *capacity, const char *text)
{
	for (size_t i = 0; i < *n; i++)
		if (str_equal((*list)[i], text))
			return;
	if (mem_grow((void **)list, capacity, *n, sizeof(**list)) < 0)
		m->error = -ENOMEM;
	else
		(*list)[(*n)++] = text;
}

/* A group of hosts stands for its hosts and suffix patterns. */
static void
add_domain_or_group(struct writer *m, const char ***list, size_t *n, size_t *capacity,
		    const char *text)
{
	const struct network_group *g = network_group_find(text);

	if (!g) {
		add_domain(m, list, n, capacity, text);
		return;
	}
	for (size_t i = 0; i < g->hosts_count; i++)
		add_domain(m, list, n, capacity, g->hosts[i]);
	for (size_t i = 0; i < g->suffixes_count; i++) {
		autobuf struct buf pattern = BUF_INIT;
		const char *kept = NULL;

		if (buf_addf(&pattern, "*%s", g->suffixes[i]) == 0)
			kept = pool_take(&m->pool, &pattern);
		if (kept)
			add_domain(m, list, n, capacity, kept);
		else
			m->error = -ENOMEM;
	}
}

static void
write_domains(struct writer *m)
{
	const char *name = node_text(profile_get(m->p, "network.network_profile"), NULL);
	const struct network_profile *profile = name ? network_profile_find(name) : NULL;
	const char **list = NULL;
	size_t n = 0, capacity = 0;

	for (size_t i = 0; profile && i < profile->groups_count; i++)
		add_domain_or_group(m, &list, &n, &capacity, profile->groups[i]);
	for (const struct node *d = node_first(profile_get(m->p, "network.allow_domain")); d;
	     d = d->next) {
		const char *domain = node_text(d, node_text(node_find(d, "domain"), NULL));

		if (domain && !node_first(node_find(d, "endpoints")))
			add_domain_or_group(m, &list, &n, &capacity, domain);
	}
	json_array(&m->j, "allow_domains");
	for (size_t i = 0; i < n; i++)
		json_string(&m->j, NULL, list[i]);
	json_end(&m->j);
	mem_free(list);
	json_array(&m->j, "endpoints");
	for (const struct node *d = node_first(profile_get(m->p, "network.allow_domain")); d;
	     d = d->next) {
		const struct node *rules = node_find(d, "endpoints");

		if (!node_first(rules))
			continue;
		json_object(&m->j, NULL);
		json_string(&m->j, "host", node_text(node_find(d, "domain"), ""));
		node_write(&m->j, "rules", rules);
		json_end(&m->j);
	}
	json_end(&m->j);
}

static void
write_ports(struct writer *m)
{
	static const char *const lists[][2] = {
		{ "connect", "network.connect_port" },
		{ "bind", "network.listen_port" },
		{ "localhost", "network.open_port" },
	};

	json_object(&m->j, "ports");
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		const struct node *n = profile_get(m->p, lists[i][1]);

		json_array(&m->j, lists[i][0]);
		for (n = node_first(n); n; n = n->next)
			json_integer(&m->j, NULL, (int64_t)n->number);
		json_end(&m->j);
	}
	json_end(&m->j);
}

static void
write_network(struct writer *m)
{
	static const char *const proxy[] = { "network.allow_domain", "network.credentials",
					     "network.custom_credentials" };
	bool filtered = node_text(profile_get(m->p, "network.network_profile"), NULL);

	for (size_t i = 0; i < ARRAY_LEN(proxy); i++)
		filtered |= node_first(profile_get(m->p, proxy[i])) != NULL;
	json_object(&m->j, "network");
	json_string(&m->j, "mode",
		    filtered					 ? "proxy"
		    : m->plan->settings->net == PLAN_NET_BLOCKED ? "blocked"
								 : "unrestricted");
	write_domains(m);
	json_boolean(&m->j, "dns", true);
	write_ports(m);
	json_end(&m->j);
}

/* ---- process, rollback, credentials ---- */

static void
write_commands(struct writer *m)
{
	const char **list = NULL;
	size_t n = 0, capacity = 0;

	json_array(&m->j, "allowed_commands");
	for (const struct node *c = node_first(profile_get(m->p, "commands.allow")); c; c = c->next)
		json_string(&m->j, NULL, node_text(c, ""));
	json_end(&m->j);
	for (size_t i = 0; i < m->p->groups_count; i++) {
		const struct group *g = m->p->groups[i].group;

		for (size_t k = 0; g && k < g->commands_count; k++)
			add_domain(m, &list, &n, &capacity, g->commands[k]);
	}
	for (const struct node *c = node_first(profile_get(m->p, "commands.deny")); c; c = c->next)
		add_domain(m, &list, &n, &capacity, node_text(c, ""));
	if (n)
		qsort(list, n, sizeof(*list), compare_texts);
	json_array(&m->j, "blocked_commands");
	for (size_t i = 0; i < n; i++)
		json_string(&m->j, NULL, list[i]);
	json_end(&m->j);
	mem_free(list);
}

static void
write_process(struct writer *m, bool rollback)
{
	static const char *const modes[][3] = {
		{ "signal_mode", "security.signal_mode", "isolated" },
		{ "process_info_mode", "security.process_info_mode", "isolated" },
		{ "ipc_mode", "security.ipc_mode", "shared_memory_only" },
	};

	json_object(&m->j, "process");
	write_commands(m);
	json_string(&m->j, "exec_strategy", rollback ? "supervised" : "monitor");
	for (size_t i = 0; i < ARRAY_LEN(modes); i++)
		json_string(&m->j, modes[i][0],
			    node_text(profile_get(m->p, modes[i][1]), modes[i][2]));
	json_end(&m->j);
}

static void
write_rollback(struct writer *m)
{
	static const char *const keys[] = { "exclude_patterns", "exclude_globs" };
	const struct node *rollback = profile_get(m->p, "rollback");

	json_object(&m->j, "rollback");
	json_boolean(&m->j, "enabled", false);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const struct node *list = node_find(rollback, keys[i]);

		if (list) {
			node_write(&m->j, keys[i], list);
		} else {
			json_array(&m->j, keys[i]);
			json_end(&m->j);
		}
	}
	json_end(&m->j);
}

static void
write_credential(struct writer *m, const struct node *c)
{
	static const char *const inject[][2] = {
		{ "mode", "inject_mode" },
		{ "header", "inject_header" },
		{ "format", "credential_format" },
		{ "path_pattern", "path_pattern" },
		{ "path_replacement", "path_replacement" },
		{ "query_param_name", "query_param_name" },
	};
	const struct node *n;

	json_object(&m->j, NULL);
	json_string(&m->j, "name", c->key);
	json_string(&m->j, "upstream", node_text(node_find(c, "upstream"), ""));
	json_string(&m->j, "source", node_text(node_find(c, "credential_key"), ""));
	json_object(&m->j, "inject");
	for (size_t i = 0; i < ARRAY_LEN(inject); i++)
		if ((n = node_find(c, inject[i][1])) && n->text)
			json_string(&m->j, inject[i][0], n->text);
	json_end(&m->j);
	if ((n = node_find(c, "env_var")) && n->text)
		json_string(&m->j, "env_var", n->text);
	if (node_first(n = node_find(c, "endpoint_rules")))
		node_write(&m->j, "endpoint_rules", n);
	json_end(&m->j);
}

static void
write_credentials(struct writer *m)
{
	const struct node *custom = profile_get(m->p, "network.custom_credentials");
	bool any = false;

	for (const struct node *c = node_first(custom); c; c = c->next) {
		if (!node_text(node_find(c, "credential_key"), NULL)) {
			lose(m, "network.custom_credentials: a route without credential_key");
			continue;
		}
		if (!any)
			json_array(&m->j, "credentials");
		any = true;
		write_credential(m, c);
	}
	if (any)
		json_end(&m->j);
	for (const struct node *c = node_first(profile_get(m->p, "network.credentials")); c;
	     c = c->next)
		if (!node_find(custom, node_text(c, "")))
			lose(m, "network.credentials: a built-in route");
}

/* ---- what has no place ---- */

static bool
is_carried(const char *section, const char *key)
{
	static const char *const carried[] = {
		".meta",
		".groups",
		".commands",
		".workdir",
		".rollback",
		".interactive",
		"filesystem.allow",
		"filesystem.read",
		"filesystem.write",
		"filesystem.allow_file",
		"filesystem.read_file",
		"filesystem.write_file",
		"filesystem.deny",
		"filesystem.bypass_protection",
		"filesystem.suppress_save_prompt",
		"security.signal_mode",
		"security.process_info_mode",
		"security.ipc_mode",
		"network.block",
		"network.network_profile",
		"network.allow_domain",
		"network.credentials",
		"network.custom_credentials",
		"network.open_port",
		"network.listen_port",
		"network.connect_port",
	};
	size_t n = strlen(section);

	for (size_t i = 0; i < ARRAY_LEN(carried); i++)
		if (strncmp(carried[i], section, n) == 0 && carried[i][n] == '.' &&
		    str_equal(carried[i] + n + 1, key))
			return true;
	return false;
}

static bool
says_something(const struct node *n)
{
	switch ((enum node_kind)n->kind) {
	case NODE_NULL:
		return false;
	case NODE_BOOL:
		return n->truth;
	case NODE_ARRAY:
	case NODE_OBJECT:
		return n->count > 0;
	case NODE_NUMBER:
	case NODE_STRING:
		break;
	}
	return true;
}

static void
name_losses(struct writer *m)
{
	static const char *const sections[] = { "filesystem", "security", "network", "linux" };

	for (const struct node *n = node_first(m->p->tree); n; n = n->next) {
		bool section = false;

		for (size_t i = 0; i < ARRAY_LEN(sections); i++)
			section |= str_equal(n->key, sections[i]);
		if (!section && !is_carried("", n->key) && says_something(n))
			lose(m, n->key);
		for (const struct node *k = section ? node_first(n) : NULL; k; k = k->next) {
			autobuf struct buf dotted = BUF_INIT;

			if (is_carried(n->key, k->key) || !says_something(k))
				continue;
			if (buf_addf(&dotted, "%s.%s", n->key, k->key) < 0)
				m->error = -ENOMEM;
			else
				lose(m, buf_str(&dotted));
		}
	}
}

int
manifest_write(struct buf *json, struct buf *lost, const struct profile *p, const struct plan *plan,
	       const struct inspect *in, struct err *e)
{
	struct writer m = { .p = p, .plan = plan, .in = in, .lost = lost, .j = JSON_INIT(json) };
	bool rollback = node_first(profile_get(p, "rollback.exclude_patterns")) ||
			node_first(profile_get(p, "rollback.exclude_globs"));

	json_object(&m.j, NULL);
	json_string(&m.j, "version", MANIFEST_VERSION);
	json_string(&m.j, "$schema", SCHEMA);
	write_filesystem(&m);
	write_network(&m);
	write_process(&m, rollback);
	if (rollback)
		write_rollback(&m);
	write_credentials(&m);
	json_end(&m.j);
	name_losses(&m);
	if (json_finish(&m.j) < 0)
		m.error = -ENOMEM;
	mem_free(m.grant);
	mem_free(m.deny);
	pool_clear(&m.pool);
	return m.error < 0 ? err_set(e, m.error, "out of memory") : 0;
}
