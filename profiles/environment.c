/*
 * The program's environment (spec 02 section 13): what it inherits, what it never sees, what is
 * added. One entry per name; values and names are bytes, whatever their encoding.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hooks.h"
#include "base/path.h"
#include "profiles/internal.h"
#include "profiles/profile.h"

/* Each list is sorted by bytes: it is searched by halves. */
static const char *const dangerous[] = {
	"BASH_ENV",
	"CDPATH",
	"DOTNET_STARTUP_HOOKS",
	"ENV",
	"GEM_HOME",
	"GEM_PATH",
	"GLOBIGNORE",
	"GOFLAGS",
	"IFS",
	"JAVA_TOOL_OPTIONS",
	"NODE_OPTIONS",
	"NODE_PATH",
	"OP_CONNECT_HOST",
	"OP_CONNECT_TOKEN",
	"OP_SERVICE_ACCOUNT_TOKEN",
	"PERL5LIB",
	"PERL5OPT",
	"PROMPT_COMMAND",
	"PYTHONPATH",
	"PYTHONSTARTUP",
	"RUBYLIB",
	"RUBYOPT",
	"_JAVA_OPTIONS",
};

static const char *const dangerous_prefixes[] = { "LD_", "DYLD_", "BASH_FUNC_", "OP_SESSION_" };

static const char *const extended[] = {
	"BASHOPTS",
	"BASH_XTRACEFD",
	"CLASSPATH",
	"CORECLR_ENABLE_PROFILING",
	"CORECLR_PROFILER",
	"ELECTRON_RUN_AS_NODE",
	"FPATH",
	"GCONV_PATH",
	"GETCONF_DIR",
	"GIT_CONFIG_COUNT", /* without its keys, which are not inherited, git would fail */
	"GIT_CONFIG_PARAMETERS",
	"GIT_EXEC_PATH",
	"GIT_EXTERNAL_DIFF",
	"GIT_PROXY_COMMAND",
	"GIT_SSH_COMMAND",
	"GLIBC_TUNABLES",
	"HOSTALIASES",
	"JDK_JAVA_OPTIONS",
	"LOCALDOMAIN",
	"LOCPATH",
	"LUA_CPATH",
	"LUA_INIT",
	"LUA_PATH",
	"MALLOC_TRACE",
	"NIS_PATH",
	"NLSPATH",
	"PERL5DB",
	"PERLLIB",
	"PHPRC",
	"PHP_INI_SCAN_DIR",
	"PS4",
	"PYTHONBREAKPOINT",
	"PYTHONHOME",
	"PYTHONINSPECT",
	"PYTHONUSERBASE",
	"RESOLV_HOST_CONF",
	"RES_OPTIONS",
	"RUBYSHELL",
	"R_ENVIRON",
	"R_PROFILE",
	"SHELLOPTS",
	"ZDOTDIR",
};

static const char *const extended_prefixes[] = { "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_",
						 "LUA_PATH_", "LUA_CPATH_", "LUA_INIT_" };

/* Ways to agents, daemons and terminals that would act with the user's rights. */
static const char *const ambient[] = {
	"CONTAINER_HOST",
	"DBUS_SESSION_BUS_ADDRESS",
	"DBUS_SYSTEM_BUS_ADDRESS",
	"DOCKER_HOST",
	"GIT_ASKPASS",
	"GPG_AGENT_INFO",
	"INVOCATION_ID",
	"KITTY_LISTEN_ON",
	"KRB5CCNAME",
	"LISTEN_FDNAMES",
	"LISTEN_FDS",
	"LISTEN_PID",
	"NOTIFY_SOCKET",
	"NVIM",
	"NVIM_LISTEN_ADDRESS",
	"SSH_AGENT_PID",
	"SSH_ASKPASS",
	"SSH_AUTH_SOCK",
	"STY",
	"SUDO_ASKPASS",
	"TMUX",
	"TMUX_PANE",
	"VSCODE_GIT_ASKPASS_MAIN",
	"VSCODE_GIT_ASKPASS_NODE",
	"VSCODE_GIT_IPC_HANDLE",
	"VSCODE_IPC_HOOK_CLI",
	"WATCHDOG_PID",
	"WATCHDOG_USEC",
	"WAYLAND_SOCKET",
	"WEZTERM_UNIX_SOCKET",
	"WSL_INTEROP",
	"XAUTHORITY",
};

static int
compare_name(const void *key, const void *item)
{
	const struct slice *name = key;
	const char *text = *(const char *const *)item;
	int r = strncmp(name->p, text, name->n);

	return r != 0 ? r : text[name->n] ? -1 : 0;
}

static bool
is_listed(struct slice name, const char *const *list, size_t count)
{
	return bsearch(&name, list, count, sizeof(*list), compare_name) != NULL;
}

static bool
has_prefix(struct slice name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(list[i]);

		if (name.n >= n && memcmp(name.p, list[i], n) == 0)
			return true;
	}
	return false;
}

/* Settings of nono that may not silently change a nono inside; only its look and its log pass. */
static bool
is_own(struct slice name)
{
	static const char *const own[] = { "NONO_" };
	static const char *const log[] = { "NONO_LOG" };

	return has_prefix(name, own, 1) && !has_prefix(name, log, 1) &&
	       !slice_equal(name, slice_of("NONO_THEME"));
}

enum environment_verdict
environment_judge(const char *text, size_t n)
{
	struct slice name = { text, n };

	if (is_own(name))
		return ENVIRONMENT_OWN;
	if (is_listed(name, dangerous, ARRAY_LEN(dangerous)) ||
	    has_prefix(name, dangerous_prefixes, ARRAY_LEN(dangerous_prefixes)))
		return ENVIRONMENT_DANGEROUS;
	if (is_listed(name, extended, ARRAY_LEN(extended)) ||
	    has_prefix(name, extended_prefixes, ARRAY_LEN(extended_prefixes)))
		return ENVIRONMENT_EXTENDED;
	if (is_listed(name, ambient, ARRAY_LEN(ambient)))
		return ENVIRONMENT_AMBIENT;
	return ENVIRONMENT_PASS;
}

bool
policy_variable_is_dangerous(const char *name, size_t n)
{
	enum environment_verdict v = environment_judge(name, n);

	return v == ENVIRONMENT_DANGEROUS || v == ENVIRONMENT_OWN;
}

/*
 * The socket such a variable names, in any of their notations: "/path", "unix:/path",
 * "unix://path", "unix:path=/path,guid=...", "/path,pid,pane", "/path:pid:1".
 */
static bool
names_granted_socket(const struct assembly *a, const char *name, const char *value)
{
	autobuf struct buf text = BUF_INIT, path = BUF_INIT;
	const char *slash = strchr(value, '/');
	bool colons = strncmp(name, "GPG_AGENT_INFO=", 15) == 0;

	if (a->sockets_count == 0 || !slash)
		return false;
	if (buf_add(&text, slash, strcspn(slash, colons ? ":" : ",;")) < 0 ||
	    path_canonical(&path, "/", buf_str(&text)) < 0)
		return false;
	return socket_grant_covers(a, buf_str(&path));
}

/* Does an entry before `index` have the same name? getenv(3) would answer with that one. */
static bool
is_repeated(char *const *environment, size_t index, size_t n)
{
	for (size_t i = 0; i < index; i++)
		if (strncmp(environment[i], environment[index], n) == 0 && environment[i][n] == '=')
			return true;
	return false;
}

/* NAME, PREFIX* or * of a list of a profile. */
static bool
matches(const struct node *list, struct slice name)
{
	for (const struct node *n = node_first(list); n; n = n->next) {
		struct slice pattern = slice_of(n->text);

		if (pattern.n > 0 && pattern.p[pattern.n - 1] == '*') {
			if (name.n >= --pattern.n && memcmp(name.p, pattern.p, pattern.n) == 0)
				return true;
		} else if (slice_equal(pattern, name)) {
			return true;
		}
	}
	return false;
}

/* Deny before allow; without a list of allowed ones every name passes. */
static bool
passes_filter(const struct assembly *a, const char *entry, size_t n)
{
	const struct node *allow = profile_get(a->rq->profile, "environment.allow_vars");
	struct slice name = { entry, n };

	return !matches(profile_get(a->rq->profile, "environment.deny_vars"), name) &&
	       (!allow || matches(allow, name));
}

/* Does the profile give this variable a value? */
static bool
is_set(const struct assembly *a, const char *entry, size_t n)
{
	const struct node *set = node_first(profile_get(a->rq->profile, "environment.set_vars"));

	for (; set; set = set->next)
		if (slice_equal(slice_of(set->key), (struct slice){ entry, n }))
			return true;
	return false;
}

static int
add_set(struct assembly *a, struct plan_builder *b, struct err *e)
{
	const struct node *n = node_first(profile_get(a->rq->profile, "environment.set_vars"));

	for (; n; n = n->next) {
		autobuf struct buf entry = BUF_INIT;
		int r = buf_addf(&entry, "%s=", n->key);

		if (r < 0)
			return err_memory(e);
		if ((r = expand_path(&entry, n->text, &a->host, 0, e)) < 0)
			return r;
		if ((r = plan_build_environment(b, buf_str(&entry))) < 0)
			return err_set_errno(e, r,
					     "Configuration parse error: environment.set_vars.%s "
					     "is too long",
					     n->key);
	}
	return 0;
}

static bool
is_kept(const struct assembly *a, const char *entry, size_t n)
{
	/* What is set below is never inherited, not even by a test build. */
	static const char *const set[] = { "NONO_CAP_FILE=", "NONO_SANDBOXED=",
					   "NONO_SESSION_ID=" };

	if (is_set(a, entry, n))
		return false;
	if (hook_off(HOOK_ENVIRONMENT)) {
		for (size_t i = 0; i < ARRAY_LEN(set); i++)
			if (strncmp(entry, set[i], strlen(set[i])) == 0)
				return false;
		return true;
	}
	switch (environment_judge(entry, n)) {
	case ENVIRONMENT_PASS:
		return passes_filter(a, entry, n);
	case ENVIRONMENT_AMBIENT:
		return names_granted_socket(a, entry, entry + n + 1) && passes_filter(a, entry, n);
	case ENVIRONMENT_DANGEROUS:
	case ENVIRONMENT_EXTENDED:
	case ENVIRONMENT_OWN:
		break;
	}
	return false;
}

int
environment_build(struct assembly *a, struct plan_builder *b, const char *session_id, struct err *e)
{
	char *const *environment = a->host.environment;
	char id[64];
	int r = 0;

	for (size_t i = 0; r == 0 && environment && environment[i]; i++) {
		const char *entry = environment[i];
		const char *equal = strchr(entry, '=');
		size_t n = equal ? (size_t)(equal - entry) : 0;

		if (n > 0 && is_kept(a, entry, n) && !is_repeated(environment, i, n))
			r = plan_build_environment(b, entry);
	}
	if (r == 0 && (r = add_set(a, b, e)) < 0)
		return r;
	(void)snprintf(id, sizeof(id), "NONO_SESSION_ID=%s", session_id);
	/* No state file yet: a nono inside must not find somebody else's. */
	if (r < 0 || (r = plan_build_environment(b, "NONO_CAP_FILE=/dev/null")) < 0 ||
	    (r = plan_build_environment(b, "NONO_SANDBOXED=1")) < 0 ||
	    (r = plan_build_environment(b, id)) < 0) {
		if (r == -ENOMEM)
			return err_memory(e);
		return err_set_errno(e, r,
				     "Configuration parse error: the environment is too large; "
				     "start with fewer or shorter variables");
	}
	return 0;
}
