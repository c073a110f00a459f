/* Rules about groups, the network, credentials, the environment, and what runs outside. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "profiles/groups.h"
#include "profiles/internal.h"
#include "profiles/lint_internal.h"
#include "profiles/network_policy.h"

enum { SUGGEST_EDITS = 2 };

static bool
list_contains(const struct node *list, const char *text)
{
	for (const struct node *n = node_first(list); n; n = n->next)
		if (str_equal(node_text(n, ""), text))
			return true;
	return false;
}

/* ---- names that must exist ---- */

/* The nearest of `count` names, each found by `name`. */
static const char *
nearest(const char *text, const char *(*name)(size_t i), size_t count)
{
	unsigned int best = SUGGEST_EDITS + 1;
	const char *found = NULL;

	for (size_t i = 0; i < count; i++) {
		unsigned int d = str_distance(text, name(i), SUGGEST_EDITS);

		if (d < best) {
			best = d;
			found = name(i);
		}
	}
	return found;
}

static const char *
group_name(size_t i)
{
	return groups_table[i].name;
}

static const char *
profile_name(size_t i)
{
	return network_profiles[i].name;
}

static const char *
credential_name(size_t i)
{
	return network_credentials[i].name;
}

static void
add_unknown(struct lint *l, const struct node *n, const char *pointer, const char *what,
	    const char *text, const char *near)
{
	autobuf struct buf fix = BUF_INIT;

	if (near && buf_addf(&fix, "did you mean '%s'?", near) < 0)
		l->failed = true;
	lint_add(l, "P002", LINT_ERROR, n, pointer, near ? buf_str(&fix) : NULL, "unknown %s '%s'",
		 what, text);
}

static bool
is_effective(const struct lint *l, const char *name)
{
	for (size_t i = 0; i < groups_default_count; i++)
		if (str_equal(groups_default[i], name))
			return true;
	for (const struct node *n = node_first(profile_get(l->p, "groups.include")); n; n = n->next)
		if (str_equal(node_text(n, ""), name))
			return true;
	return false;
}

static void
check_exclude(struct lint *l, const struct node *n)
{
	const char *name = node_text(n, "");
	const struct group *g = profile_find_group(l->p, name);

	if (!g)
		lint_add(l, "P003", LINT_WARN, n, "/groups/exclude", "take it out",
			 "excluded group '%s' does not exist", name);
	else if (g->required)
		lint_add(l, "P004", LINT_ERROR, n, "/groups/exclude",
			 "take it out; single paths of it can be reached with "
			 "filesystem.bypass_protection",
			 "required group '%s' cannot be excluded", name);
	else if (!is_effective(l, name))
		lint_add(l, "P003", LINT_WARN, n, "/groups/exclude", "take it out",
			 "excluded group '%s' is not in this profile", name);
}

/* What the text asked for and inheritance does not do. */
static void
check_merge(struct lint *l)
{
	const struct node *block = node_at(l->p->written, "network.block");
	const struct node *vars = node_at(l->p->written, "environment.allow_vars");

	if (node_is(block, NODE_BOOL) && !block->truth &&
	    node_is_true(profile_get(l->p, "network.block")))
		lint_add(l, "P009", LINT_WARN, block, "/network/block",
			 "extend a profile that does not block the network",
			 "network.block false cannot undo the inherited true");
	if (node_is(vars, NODE_ARRAY) && vars->count == 0 &&
	    node_first(profile_get(l->p, "environment.allow_vars")))
		lint_add(l, "P009", LINT_WARN, vars, "/environment/allow_vars",
			 "name the variables in environment.deny_vars",
			 "environment.allow_vars [] cannot empty the inherited list");
}

void
lint_groups(struct lint *l)
{
	const struct node *profile = profile_get(l->p, "network.network_profile");
	const struct node *custom = profile_get(l->p, "network.custom_credentials");

	for (size_t i = 0; i < l->p->groups_count; i++)
		if (!l->p->groups[i].group)
			add_unknown(l, l->p->groups[i].node, "/groups/include", "group",
				    l->p->groups[i].name,
				    nearest(l->p->groups[i].name, group_name, groups_count));
	if (node_is(profile, NODE_STRING) && !network_profile_find(profile->text))
		add_unknown(l, profile, "/network/network_profile", "network profile",
			    profile->text,
			    nearest(profile->text, profile_name, network_profiles_count));
	for (const struct node *n = node_first(profile_get(l->p, "network.credentials")); n;
	     n = n->next)
		if (n->text && !node_find(custom, n->text) && !network_credential_find(n->text))
			add_unknown(l, n, "/network/credentials", "credential service", n->text,
				    nearest(n->text, credential_name, network_credentials_count));
	for (const struct node *n = node_first(profile_get(l->p, "groups.exclude")); n; n = n->next)
		check_exclude(l, n);
	check_merge(l);
}

/* ---- credentials ---- */

/* Is what a reference names there? Its value is never read. */
static bool
source_is_missing(const struct lint *l, const char *key)
{
	if (str_starts_with(key, "env://"))
		return !environment_get(l->environment, key + strlen("env://"));
	if (str_starts_with(key, "file://"))
		return access(key + strlen("file://"), F_OK) == -1;
	return false;
}

static void
check_credentials(struct lint *l)
{
	const struct node *custom = profile_get(l->p, "network.custom_credentials");
	const struct node *used = profile_get(l->p, "network.credentials");

	for (const struct node *n = node_first(custom); n; n = n->next)
		if (!list_contains(used, n->key))
			lint_add(l, "P201", LINT_WARN, n, "/network/custom_credentials",
				 "add its name to network.credentials",
				 "the credential '%s' is defined and never used", n->key);
	for (const struct node *n = node_first(used); n; n = n->next) {
		const struct network_credential *known = network_credential_find(node_text(n, ""));
		const struct node *own = node_find(custom, node_text(n, ""));
		const char *key = own	  ? node_text(node_find(own, "credential_key"), "")
				  : known ? known->key
					  : "";

		if (source_is_missing(l, key))
			lint_add(l, "P201", LINT_WARN, n, "/network/credentials", NULL,
				 "the source of the credential '%s' is missing here: %s",
				 node_text(n, ""), key);
	}
}

/* ---- the network ---- */

static const char *
domain_of(const struct node *n)
{
	return node_text(n, node_text(node_find(n, "domain"), ""));
}

/* Domains below which anybody can have a host. */
static bool
is_shared_domain(const char *suffix)
{
	static const char *const shared[] = {
		"github.io",
		"gitlab.io",
		"vercel.app",
		"netlify.app",
		"pages.dev",
		"workers.dev",
		"herokuapp.com",
		"amazonaws.com",
		"cloudfront.net",
		"azurewebsites.net",
		"blob.core.windows.net",
		"web.app",
		"firebaseapp.com",
		"appspot.com",
		"run.app",
		"fly.dev",
		"onrender.com",
		"ngrok.io",
		"ngrok-free.app",
		"trycloudflare.com",
		"surge.sh",
		"glitch.me",
		"repl.co",
		"blogspot.com",
		"wordpress.com",
		"readthedocs.io",
		"s3.amazonaws.com",
	};

	if (!strchr(suffix, '.'))
		return true; /* a top-level domain */
	for (size_t i = 0; i < ARRAY_LEN(shared); i++)
		if (str_equal(suffix, shared[i]))
			return true;
	return false;
}

static void
check_domains(struct lint *l)
{
	const struct node *list = profile_get(l->p, "network.allow_domain");
	static const char *const ports[] = { "connect_port", "open_port" };

	for (const struct node *n = node_first(list); n; n = n->next) {
		const char *domain = domain_of(n);

		if (str_equal(domain, "*"))
			lint_add(l, "P203", LINT_ERROR, n, "/network/allow_domain",
				 "name the hosts, or leave the list out",
				 "'*' lets every host through: the filter has no effect");
		else if (str_starts_with(domain, "*.") && is_shared_domain(domain + 2))
			lint_add(l, "P203", LINT_WARN, n, "/network/allow_domain",
				 "name the hosts below it", "anybody can have a host below '%s'",
				 domain + 2);
	}
	for (size_t i = 0; i < ARRAY_LEN(ports) && node_first(list); i++) {
		const struct node *port = node_find(profile_get(l->p, "network"), ports[i]);

		if (node_first(port))
			lint_add(l, "P204", LINT_WARN, node_first(port), "/network", NULL,
				 "network.%s goes around the hosts of allow_domain", ports[i]);
	}
}

/* User data: anything that a person granted below the home, for reading. */
static bool
reads_user_data(const struct lint *l)
{
	for (size_t i = 0; i < l->paths; i++)
		if ((l->path[i].access & PLAN_READ) && !lint_is_ours(&l->path[i]) &&
		    str_starts_with(l->path[i].canonical, inspect_home(l->in)))
			return true;
	return false;
}

static void
check_open_network(struct lint *l)
{
	static const char *const proxy[] = { "network_profile", "allow_domain", "credentials",
					     "custom_credentials", "connect_port" };
	const struct node *network = profile_get(l->p, "network");
	bool filtered = node_is_true(node_find(network, "block"));

	for (size_t i = 0; i < ARRAY_LEN(proxy); i++) {
		const struct node *n = node_find(network, proxy[i]);

		filtered |= node_first(n) || node_is(n, NODE_STRING);
	}
	if (!filtered && reads_user_data(l))
		lint_add(l, "P202", LINT_WARN, node_find(network, "block"), "/network",
			 "set network.block, or a network_profile",
			 "the network is open, and the program reads files of yours");
}

/* ---- values ---- */

static void
check_values(struct lint *l)
{
	static const struct {
		const char *dotted, *value, *pointer, *why;
	} values[] = {
		{ "security.wsl2_proxy_policy", "insecure_proxy", "/security/wsl2_proxy_policy",
		  "on WSL2 the program can go around the proxy" },
		{ "security.signal_mode", "allow_all", "/security/signal_mode",
		  "the program can end every process of yours" },
		{ "security.process_info_mode", "allow_all", "/security/process_info_mode",
		  "the program can look at every process of yours" },
	};
	const struct node *elevation = profile_get(l->p, "security.capability_elevation");

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		const struct node *n = profile_get(l->p, values[i].dotted);

		if (str_equal(node_text(n, ""), values[i].value))
			lint_add(l, "P205", LINT_WARN, n, values[i].pointer, "leave it out",
				 "%s %s: %s", values[i].dotted, values[i].value, values[i].why);
	}
	if (node_is_true(elevation))
		lint_add(
			l, "P205", LINT_WARN, elevation, "/security/capability_elevation",
			"grant what the program needs",
			"security.capability_elevation asks for everything that is not granted: people "
			"get used to saying yes");
}

static bool
is_controlling(const char *name)
{
	size_t n = strlen(name);
	enum environment_verdict v = environment_judge(name, n);

	return v == ENVIRONMENT_DANGEROUS || v == ENVIRONMENT_EXTENDED;
}

static void
check_environment(struct lint *l)
{
	const struct node *environment = profile_get(l->p, "environment");
	const struct node *allow = node_find(environment, "allow_vars");
	const struct node *used = profile_get(l->p, "env_credentials");

	for (const struct node *n = node_first(node_find(environment, "set_vars")); n; n = n->next)
		if (is_controlling(n->key))
			lint_add(l, "P206", LINT_WARN, n, "/environment/set_vars", NULL,
				 "%s decides what programs load or run", n->key);
	if (list_contains(allow, "*"))
		lint_add(l, "P207", LINT_WARN, node_first(allow), "/environment/allow_vars",
			 "name the variables that the program needs",
			 "\"*\" passes every variable on, with all secrets among them");
	if (!node_first(used))
		used = profile_get(l->p, "network.credentials");
	if (!environment && node_first(used))
		lint_add(
			l, "P207", LINT_WARN, node_first(used), "/environment",
			"name the variables that the program needs in environment.allow_vars",
			"credentials are given by nono, and those in your environment are passed on "
			"as well");
}

/* ---- what runs outside ---- */

/* Why a script must not be run; NULL: nothing is wrong with it. */
static const char *
script_problem(const char *path)
{
	struct stat st;

	if (path[0] != '/')
		return "it is not an absolute path";
	if (lstat(path, &st) == -1)
		return "it does not exist";
	if (S_ISLNK(st.st_mode) || !S_ISREG(st.st_mode))
		return "it is not a regular file";
	if (st.st_uid != 0 && st.st_uid != getuid())
		return "it belongs to somebody else";
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return "others can write it";
	return st.st_mode & S_IXUSR ? NULL : "it is not executable";
}

static void
check_outside(struct lint *l)
{
	const struct node *hooks = profile_get(l->p, "session_hooks");
	const struct node *binary = profile_get(l->p, "binary");

	for (const struct node *n = node_first(hooks); n; n = n->next) {
		const struct node *script = node_find(n, "script");
		autobuf struct buf path = BUF_INIT;
		struct err ignored = ERR_INIT;
		const char *problem;

		if (!script || !script->text ||
		    inspect_expand(&path, l->in, script->text, &ignored) < 0)
			continue;
		problem = script_problem(buf_str(&path));
		if (problem)
			lint_add(l, "P301", LINT_ERROR, script, "/session_hooks", NULL,
				 "the script '%s' would not be run: %s", script->text, problem);
	}
	if (!l->p->source || l->p->source->kind != PROFILE_FROM_PATH)
		return;
	if (node_first(hooks))
		lint_add(l, "P302", LINT_WARN, node_first(hooks), "/session_hooks",
			 "look at the script, and use a profile of your own",
			 "a profile that is named by its path runs scripts outside the sandbox");
	if (node_is(binary, NODE_STRING))
		lint_add(l, "P302", LINT_WARN, binary, "/binary", NULL,
			 "a profile that is named by its path chooses the program to start");
}

void
lint_network(struct lint *l)
{
	check_credentials(l);
	check_domains(l);
	check_open_network(l);
	check_values(l);
	check_environment(l);
	check_outside(l);
}
