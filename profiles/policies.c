/*
 * `command_policies`, the sandboxes of single tools (spec 03 3.14): what is wrong in them and what
 * is doubtful, as findings with the reference's codes. Pure.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/str.h"
#include "profiles/profile.h"
#include "profiles/reader.h"

enum { NAMES_MAX = 1024 };

struct check {
	struct policies_findings *out;
	const struct node *tree, *policies, *commands, *credentials, *backends;
	bool resolved;
};

/* Where a sandbox, an edge or a rule stands, for the text: "command 'git', caller 'npm'". */
struct where {
	const char *command, *caller;
};

static void
add(struct check *c, bool error, const char *code, const struct node *at, const char *fmt,
    va_list ap)
{
	struct policies_findings *f = c->out;
	autobuf struct buf text = BUF_INIT;
	const char *kept = NULL;

	if (buf_vaddf(&text, fmt, ap) == 0)
		kept = pool_take(&f->pool, &text);
	if (!kept || mem_grow((void **)&f->item, &f->capacity, f->count, sizeof(*f->item)) < 0) {
		f->failed = true;
		return;
	}
	f->item[f->count++] = (struct policies_finding){ code, kept, error, at };
}

static void bad(struct check *c, const char *code, const struct node *at, const char *fmt, ...)
	ATTR_PRINTF(4, 5);
static void doubt(struct check *c, const char *code, const struct node *at, const char *fmt, ...)
	ATTR_PRINTF(4, 5);

static void
bad(struct check *c, const char *code, const struct node *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(c, true, code, at, fmt, ap);
	va_end(ap);
}

static void
doubt(struct check *c, const char *code, const struct node *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(c, false, code, at, fmt, ap);
	va_end(ap);
}

/* ---- names ---- */

static bool
is_identifier(const char *s)
{
	if (!*s || str_equal(s, ".") || str_equal(s, "..") || strcasecmp(s, "session") == 0)
		return false;
	for (; *s; s++)
		if (!((*s >= 'A' && *s <= 'Z') || (*s >= 'a' && *s <= 'z') ||
		      (*s >= '0' && *s <= '9') || strchr("._+-", *s)))
			return false;
	return true;
}

static void
check_names(struct check *c, const struct node *map, const char *what)
{
	if (map && map->count > NAMES_MAX) {
		bad(c, "invalid_identifier", map, "more than %d names of a %s", NAMES_MAX, what);
		return;
	}
	for (const struct node *n = node_first(map); n; n = n->next) {
		if (!is_identifier(n->key))
			bad(c, "invalid_identifier", n, "%s '%.64s' is no valid name", what,
			    n->key);
		for (const struct node *m = map->first; m != n; m = m->next)
			if (strcasecmp(m->key, n->key) == 0) {
				bad(c, "case_fold_collision", n,
				    "%s '%.64s' and '%.64s' differ in case only", what, m->key,
				    n->key);
				break;
			}
	}
}

static void
check_paths(struct check *c, const struct node *list)
{
	for (const struct node *n = node_first(list); n; n = n->next)
		if (n->text[0] != '/')
			bad(c, "invalid_exec_bypass_path", n, "'%.128s' is not absolute", n->text);
}

/* ---- who is asked ---- */

static bool
is_backend(const struct check *c, const char *name)
{
	return str_equal(name, "terminal") || node_find(c->backends, name);
}

static void
check_timeout(struct check *c, const struct node *object)
{
	const struct node *n = node_find(object, "timeout_secs");

	if (n && n->number <= 0)
		bad(c, "invalid_approval_timeout", n, "timeout_secs must be at least 1");
}

static void
check_asked(struct check *c, const struct node *object)
{
	const struct node *n = node_find(object, "backend");

	if (n && !is_backend(c, n->text))
		bad(c, "unknown_approval_backend", n, "'%.64s' is not in approval_backends",
		    n->text);
	check_timeout(c, object);
}

static void
check_chain(struct check *c, const struct node *b)
{
	const struct node *members = node_find(b, "backends");

	if (!node_first(members))
		bad(c, "missing_approval_backend", b, "chain '%.64s' asks nobody", b->key);
	for (const struct node *n = node_first(members); n; n = n->next) {
		const struct node *other = node_find(c->backends, n->text);

		if (!is_backend(c, n->text))
			bad(c, "unknown_approval_backend", n, "'%.64s' is not in approval_backends",
			    n->text);
		else if (str_equal(node_text(node_find(other, "type"), ""), "chain"))
			bad(c, "invalid_approval_route", n, "chain '%.64s' contains chain '%.64s'",
			    b->key, n->text);
	}
}

static void
check_backends(struct check *c)
{
	for (const struct node *b = node_first(c->backends); b; b = b->next) {
		const char *type = node_text(node_find(b, "type"), "");
		const struct node *url = node_find(b, "url");

		check_timeout(c, b);
		if (str_equal(type, "chain"))
			check_chain(c, b);
		else if (node_find(b, "mode") || node_find(b, "backends"))
			bad(c, "invalid_approval_backend", b,
			    "'%.64s': mode and backends are for chains", b->key);
		if (str_equal(type, "webhook") ? !url || !form_is_upstream(url->text) : !!url)
			bad(c, "invalid_approval_backend", b,
			    "'%.64s': a webhook, and nothing else, has a url with https", b->key);
	}
	check_asked(c, node_find(c->policies, "approval_defaults"));
}

/* ---- credentials ---- */

static void
forbid(struct check *c, const struct node *credential, const char *const *fields, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (node_find(credential, fields[i]))
			bad(c, "invalid_credential", credential,
			    "'%.64s': %s does not belong to type %s", credential->key, fields[i],
			    node_text(node_find(credential, "type"), ""));
}

static void
need(struct check *c, const struct node *credential, const char *field)
{
	if (!*node_text(node_find(credential, field), ""))
		bad(c, "invalid_credential", credential, "'%.64s' needs %s", credential->key,
		    field);
}

static const char *const proxy_fields[] = {
	"upstream",	     "credential_key", "base_url_env_var", "inject_header",
	"credential_format", "tls_ca",	       "tls_client_cert",  "tls_client_key",
};

static void
check_proxy_credential(struct check *c, const struct node *n)
{
	static const char *const others[] = { "path", "mode" };
	const struct node *upstream = node_find(n, "upstream"),
			  *key = node_find(n, "credential_key");
	const struct node *variable = node_find(n, "env_var");
	const char *problem = key ? credential_key_problem(key->text) : NULL;

	need(c, n, "upstream");
	need(c, n, "env_var");
	forbid(c, n, others, ARRAY_LEN(others));
	if (upstream && !form_is_upstream(upstream->text))
		bad(c, "invalid_credential", upstream, "'%.64s': upstream needs https", n->key);
	if (problem)
		bad(c, "invalid_credential", key, "'%.64s': %s", n->key, problem);
	if (variable && credential_target_problem(variable->text))
		bad(c, "invalid_credential", variable, "'%.64s': %s", n->key,
		    credential_target_problem(variable->text));
	if (!node_find(n, "source") == !key)
		bad(c, "invalid_credential", n, "'%.64s' needs one of source and credential_key",
		    n->key);
	if (!node_find(n, "tls_client_cert") != !node_find(n, "tls_client_key"))
		bad(c, "invalid_credential", n,
		    "'%.64s': tls_client_cert and tls_client_key belong together", n->key);
}

static void
check_source(struct check *c, const struct node *credential)
{
	const struct node *source = node_find(credential, "source");
	bool keystore = str_equal(node_text(node_find(source, "type"), ""), "keystore");

	if (!source)
		return;
	if (!*node_text(node_find(source, keystore ? "key" : "command"), ""))
		bad(c, "invalid_credential", source, "'%.64s': the source needs %s",
		    credential->key, keystore ? "key" : "command");
	check_timeout(c, source);
}

static void
check_credential(struct check *c, const struct node *n)
{
	static const char *const of_files[] = { "source" };
	static const char *const of_raw[] = { "mode" };
	static const char *const of_ambient[] = { "path", "mode", "env_var" };
	const char *type = node_text(node_find(n, "type"), "");

	if (str_equal(type, "proxy")) {
		check_proxy_credential(c, n);
	} else if (str_equal(type, "ambient")) {
		forbid(c, n, proxy_fields, ARRAY_LEN(proxy_fields));
		forbid(c, n, of_ambient, ARRAY_LEN(of_ambient));
	} else {
		need(c, n, "path");
		forbid(c, n, proxy_fields, ARRAY_LEN(proxy_fields));
		forbid(c, n, of_files, ARRAY_LEN(of_files));
		if (str_equal(type, "raw-file"))
			forbid(c, n, of_raw, ARRAY_LEN(of_raw));
	}
	check_source(c, n);
}

/* ---- rules ---- */

static void
check_argv(struct check *c, const struct node *rule, const struct where *w)
{
	const struct node *argv = node_find(rule, "argv");

	if (argv && argv->count != 1)
		bad(c, "invalid_invocation_matcher", argv,
		    "command '%.64s': argv needs one of exact, prefix and contains", w->command);
}

static void
check_env(struct check *c, const struct node *rule, const struct where *w)
{
	for (const struct node *n = node_first(node_find(rule, "env")); n; n = n->next) {
		if (!form_is_variable(n->key))
			bad(c, "invalid_invocation_env_matcher", n,
			    "command '%.64s': '%.64s' is not the name of a variable", w->command,
			    n->key);
		if (n->count != 1)
			bad(c, "invalid_invocation_env_matcher", n,
			    "command '%.64s': '%.64s' needs one of equals and one_of", w->command,
			    n->key);
	}
}

static void
check_rules(struct check *c, const struct node *policy, const char *name, const struct where *w)
{
	bool asks = str_equal(name, "approve");

	for (const struct node *rule = node_first(node_find(policy, name)); rule;
	     rule = rule->next) {
		check_argv(c, rule, w);
		check_env(c, rule, w);
		check_asked(c, rule);
		if (!asks && node_find(rule, "backend"))
			bad(c, "invalid_approval_route", rule,
			    "command '%.64s': a rule of %s asks nobody", w->command, name);
	}
}

static void
check_invocations(struct check *c, const struct node *policy, const struct where *w)
{
	if (!policy)
		return;
	check_asked(c, node_find(policy, "default"));
	check_rules(c, policy, "deny", w);
	check_rules(c, policy, "approve", w);
	check_rules(c, policy, "allow", w);
}

static void
check_endpoints(struct check *c, const struct node *policy, const struct where *w)
{
	static const char *const lists[] = { "deny", "approve", "allow" };

	check_asked(c, node_find(policy, "default"));
	for (size_t i = 0; policy && i < ARRAY_LEN(lists); i++)
		for (const struct node *n = node_first(node_find(policy, lists[i])); n;
		     n = n->next) {
			check_asked(c, n);
			if (node_text(node_find(n, "path"), "")[0] != '/')
				bad(c, "invalid_endpoint_policy", n,
				    "command '%.64s': a path begins with '/'", w->command);
		}
}

/* ---- sandboxes ---- */

static void
check_used(struct check *c, const struct node *item, const struct where *w,
	   const struct node *sandbox)
{
	const char *name = item->kind == NODE_STRING ? item->text
						     : node_text(node_find(item, "name"), "");
	const struct node *credential = node_find(c->credentials, name);
	const char *type = node_text(node_find(credential, "type"), "");
	const struct node *policy = node_find(item, "endpoint_policy");

	check_endpoints(c, policy, w);
	if (!credential) {
		bad(c, "unknown_credential", item, "command '%.64s': '%.64s' is not in credentials",
		    w->command, name);
		return;
	}
	if (policy && !str_equal(type, "proxy"))
		bad(c, "invalid_endpoint_policy", item,
		    "command '%.64s': '%.64s' is no proxy credential", w->command, name);
	if (!c->resolved)
		return;
	if (!policy && str_equal(type, "proxy"))
		bad(c, "proxy_credential_requires_endpoint_policy", item,
		    "command '%.64s': '%.64s' needs an endpoint_policy", w->command, name);
	if (str_equal(type, "raw-file") && w->caller && !str_equal(w->caller, "session") &&
	    !node_is_true(node_find(sandbox, "allow_raw_file_credentials_in_chained_policy")))
		bad(c, "raw_file_credential_in_chained_policy", item,
		    "command '%.64s', caller '%.64s': '%.64s' is a file with a secret", w->command,
		    w->caller, name);
}

static void
check_environment(struct check *c, const struct node *environment, const struct where *w)
{
	for (const struct node *n = node_first(node_find(environment, "allow_vars")); n;
	     n = n->next)
		if (!form_is_pattern(n->text))
			bad(c, "invalid_environment_pattern", n,
			    "command '%.64s': '%.64s' does not name variables", w->command,
			    n->text);
	for (const struct node *n = node_first(node_find(environment, "set_vars")); n; n = n->next)
		if (!form_is_variable(n->key) || str_equal(n->key, "PATH") ||
		    str_starts_with(n->key, "NONO_"))
			bad(c, "invalid_environment_set_var", n,
			    "command '%.64s': '%.64s' cannot be set", w->command, n->key);
}

static void
check_network(struct check *c, const struct node *network, const struct where *w)
{
	const struct node *domains = node_find(network, "allow_domain");
	const struct node *connect = node_find(network, "tcp_connect_ports");
	const struct node *bind = node_find(network, "tcp_bind_ports");

	if (!network)
		return;
	if (node_is_true(node_find(network, "allow_all"))) {
		if (node_first(domains) || node_first(connect) || node_first(bind))
			bad(c, "conflicting_network_policy", network,
			    "command '%.64s': allow_all stands beside single grants", w->command);
		doubt(c, "allow_all_network", network, "command '%.64s' may use the whole network",
		      w->command);
	}
	if (node_first(connect) || node_first(bind))
		doubt(c, "raw_tcp_ports", network, "command '%.64s' may use TCP ports of any host",
		      w->command);
}

static void
check_streams(struct check *c, const struct node *stdio, const struct where *w)
{
	for (const struct node *n = node_first(stdio); n; n = n->next) {
		const struct node *bytes = node_find(n, "max_bytes");

		if (!bytes || bytes->number < 1)
			bad(c, "invalid_stdio_limit", n, "command '%.64s': %s needs max_bytes",
			    w->command, n->key);
	}
}

static void
check_sandbox(struct check *c, const struct node *sandbox, const struct where *w)
{
	const struct node *urls = node_find(sandbox, "open_urls");
	const struct node *resources = node_find(sandbox, "resources");

	if (!sandbox)
		return;
	for (const struct node *n = node_first(node_find(sandbox, "use_credentials")); n;
	     n = n->next)
		check_used(c, n, w, sandbox);
	for (const struct node *n = node_first(node_find(sandbox, "credentials")); n; n = n->next)
		check_used(c, n, w, sandbox);
	for (const struct node *n = node_first(node_find(sandbox, "argv_prepend")); n; n = n->next)
		if (!*n->text)
			bad(c, "invalid_argv_prepend", n, "command '%.64s': an argument is empty",
			    w->command);
	for (const struct node *n = node_first(node_find(urls, "allow_origins")); n; n = n->next)
		if (!form_is_origin(n->text))
			bad(c, "invalid_open_urls", n, "command '%.64s': '%.64s' is no origin",
			    w->command, n->text);
	if (urls && node_is_true(node_find(sandbox, "allow_launch_services")))
		doubt(c, "open_urls_with_launch_services", urls,
		      "command '%.64s' has open_urls and allow_launch_services", w->command);
	if (resources && !node_find(resources, "fallback"))
		doubt(c, "resource_backend_fallback", resources,
		      "command '%.64s': without fallback a weaker limit is used silently",
		      w->command);
	check_environment(c, node_find(sandbox, "environment"), w);
	check_network(c, node_find(sandbox, "network"), w);
	check_streams(c, node_find(sandbox, "stdio"), w);
}

/* ---- commands ---- */

/* {sandbox, invocation_policy}, or a sandbox alone: not both in one. */
static void
check_edge(struct check *c, const struct node *command, const struct node *edge)
{
	struct where w = { command->key, edge->key };
	const struct node *inner = node_find(edge, "sandbox");
	const struct node *policy = node_find(edge, "invocation_policy");

	if (str_equal(edge->key, "user"))
		bad(c, "reserved_caller", edge, "command '%.64s': 'user' is reserved",
		    command->key);
	else if (!str_equal(edge->key, "session") && !is_identifier(edge->key))
		bad(c, "invalid_identifier", edge,
		    "command '%.64s': caller '%.64s' is no valid "
		    "name",
		    command->key, edge->key);
	if (edge->kind == NODE_STRING)
		return;
	if (policy && !inner)
		bad(c, "invalid_approval_route", edge,
		    "command '%.64s', caller '%.64s': invocation_policy needs sandbox beside it, "
		    "{} is enough",
		    command->key, edge->key);
	for (const struct node *n = edge->first; (inner || policy) && n; n = n->next)
		if (n != inner && n != policy)
			bad(c, "invalid_explicit_deny", n,
			    "command '%.64s', caller '%.64s': '%s' belongs into sandbox",
			    command->key, edge->key, n->key);
	check_sandbox(c, inner || policy ? inner : edge, &w);
	check_invocations(c, policy, &w);
}

static bool
uses_credentials(const struct node *sandbox)
{
	return node_first(node_find(sandbox, "use_credentials")) ||
	       node_first(node_find(sandbox, "credentials"));
}

static bool
command_uses_credentials(const struct node *command)
{
	if (uses_credentials(node_find(command, "sandbox")))
		return true;
	for (const struct node *n = node_first(node_find(command, "from")); n; n = n->next)
		if (uses_credentials(n) || uses_credentials(node_find(n, "sandbox")))
			return true;
	return false;
}

static void
check_action(struct check *c, const struct node *command, const struct node *rule)
{
	const struct node *action = node_find(rule, "action");
	const char *type = node_text(node_find(action, "type"), "passthrough");

	if (str_equal(type, "capture_credential") &&
	    (!node_find(action, "credential") || !node_first(node_find(action, "grant_to"))))
		bad(c, "invalid_credential_capture", rule,
		    "command '%.64s': capture_credential needs credential and grant_to",
		    command->key);
	check_timeout(c, action);
}

static void
check_intercepts(struct check *c, const struct node *command)
{
	bool all = false;

	for (const struct node *n = node_first(node_find(command, "intercept")); n; n = n->next) {
		if (all)
			bad(c, "intercept_rule_after_catch_all", n,
			    "command '%.64s': a rule for everything stands in front of it",
			    command->key);
		all = all || !node_first(node_find(n, "args"));
		check_action(c, command, n);
	}
}

static void
check_executable(struct check *c, const struct node *command)
{
	const struct node *writable = node_find(command, "allow_writable_executable");

	if (!node_is_true(writable))
		return;
	if (node_text(node_find(command, "executable"), "")[0] != '/')
		bad(c, "writable_executable_requires_absolute_executable", writable,
		    "command '%.64s' needs an absolute executable", command->key);
	doubt(c, "writable_executable_trust_downgrade", writable,
	      "command '%.64s' may be a program that others can write", command->key);
}

static void
check_command(struct check *c, const struct node *command)
{
	const struct node *from = node_find(command, "from"), *session = node_find(from, "session");
	const struct node *bypass = node_find(command, "allow_direct_exec_bypass");
	struct where w = { command->key, NULL };

	check_executable(c, command);
	check_paths(c, bypass);
	if (node_first(bypass)) {
		doubt(c, "direct_exec_bypass", bypass,
		      "command '%.64s' can be started around its policy", command->key);
		if (command_uses_credentials(command) &&
		    !node_is_true(node_find(command, "allow_direct_exec_bypass_with_credentials")))
			bad(c, "credential_bypass_requires_opt_in", bypass,
			    "command '%.64s' uses credentials", command->key);
	}
	if (session && node_find(command, "sandbox"))
		bad(c,
		    session->kind == NODE_STRING ? "conflicting_session_deny"
						 : "ambiguous_session_policy",
		    session, "command '%.64s' has a sandbox and from.session", command->key);
	check_sandbox(c, node_find(command, "sandbox"), &w);
	for (const struct node *n = node_first(from); n; n = n->next)
		check_edge(c, command, n);
	check_intercepts(c, command);
}

/* ---- commands that start each other ---- */

static void
check_links(struct check *c, const struct node *command)
{
	for (const struct node *n = node_first(node_find(command, "can_use")); n; n = n->next) {
		const struct node *other = node_find(c->commands, n->text);

		if (!other)
			bad(c, "unknown_chained_command", n,
			    "command '%.64s': '%.64s' is not in commands", command->key, n->text);
		else if (node_is(node_find(node_find(other, "from"), command->key), NODE_STRING))
			bad(c, "contradictory_chained_allow", n,
			    "command '%.64s' can use '%.64s', which denies it", command->key,
			    n->text);
	}
	for (const struct node *n = node_first(node_find(command, "from")); n; n = n->next)
		if (is_identifier(n->key) && !str_equal(n->key, "user") &&
		    !node_find(c->commands, n->key))
			bad(c, "unknown_chained_command", n,
			    "command '%.64s': caller '%.64s' is not in commands", command->key,
			    n->key);
}

static void
check_entrypoint(struct check *c)
{
	const struct node *entry = node_find(c->policies, "entrypoint"), *command;

	if (!entry)
		return;
	command = node_find(c->commands, entry->text);
	if (!command)
		bad(c, "unknown_session_command", entry, "'%.64s' is not in commands", entry->text);
	else if (node_is(node_find(node_find(command, "from"), "session"), NODE_STRING))
		bad(c, "contradictory_session_allow", entry,
		    "'%.64s' denies being started by the session", entry->text);
}

/* The same name in the older list: which of the two holds would be a guess. */
static void
check_blocked(struct check *c)
{
	const struct node *denied = node_find(node_find(c->tree, "commands"), "deny");

	for (const struct node *n = node_first(denied); n; n = n->next)
		if (node_find(c->commands, n->text))
			bad(c, "policy_blocked_command_conflict", n,
			    "'%.64s' is in commands.deny and has a policy", n->text);
}

int
policies_check(struct policies_findings *ret, const struct node *tree, bool resolved)
{
	const struct node *policies = node_find(tree, "command_policies");
	struct check c = {
		.out = ret,
		.tree = tree,
		.policies = policies,
		.commands = node_find(policies, "commands"),
		.credentials = node_find(policies, "credentials"),
		.backends = node_find(policies, "approval_backends"),
		.resolved = resolved,
	};
	const struct node *writable = node_find(policies, "allow_writable_executables");

	if (!node_first(policies))
		return 0;
	if (!node_first(c.commands))
		bad(&c, "inactive_non_empty", policies, "there are settings but no commands");
	check_names(&c, c.commands, "command");
	check_names(&c, c.credentials, "credential");
	check_names(&c, c.backends, "approval backend");
	check_paths(&c, node_find(policies, "deny_direct_exec_bypass"));
	if (node_is_true(writable))
		doubt(&c, "writable_executables_trust_downgrade", writable,
		      "programs that others can write are allowed");
	check_backends(&c);
	for (const struct node *n = node_first(c.credentials); n; n = n->next)
		check_credential(&c, n);
	for (const struct node *n = node_first(c.commands); n; n = n->next) {
		check_command(&c, n);
		if (resolved)
			check_links(&c, n);
	}
	if (resolved)
		check_entrypoint(&c);
	check_blocked(&c);
	return ret->failed ? -ENOMEM : 0;
}

void
policies_findings_clear(struct policies_findings *f)
{
	pool_clear(&f->pool);
	mem_free(f->item);
	*f = (struct policies_findings){ 0 };
}
