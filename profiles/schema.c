/*
 * The keys of a profile (spec 03 section 3), except network and command_policies, which are large.
 * Order: that of the specification, in which `profile show` prints them.
 */
#include "profiles/schema.h"

#include <string.h>

#include "base/attr.h"
#include "base/str.h"
#include "profiles/schema_internal.h"

/* A wrong spelling is suggested for up to this many changes. */
enum { SUGGEST_DISTANCE = 2 };

static const struct key meta_keys[] = {
	{ .name = "name",
	  .type = KEY_STRING,
	  .merge = MERGE_NEVER,
	  .flags = KEY_REQUIRED,
	  .description = "The profile's name; has no effect on what is allowed." },
	{ .name = "version",
	  .type = KEY_STRING,
	  .merge = MERGE_NEVER,
	  .description = "The version of this profile, for people." },
	{ .name = "description",
	  .type = KEY_STRING,
	  .merge = MERGE_NEVER,
	  .flags = KEY_NULLABLE,
	  .description = "What the profile is for, in one line." },
	{ .name = "author",
	  .type = KEY_STRING,
	  .merge = MERGE_NEVER,
	  .flags = KEY_NULLABLE,
	  .description = "Who wrote it." },
};
static const struct key_table meta = SCHEMA_TABLE("Meta", meta_keys);

static const struct key groups_keys[] = {
	{ .name = "include",
	  .type = KEY_NAMES,
	  .merge = MERGE_UNION,
	  .description = "Policy groups added to those that every profile has." },
	{ .name = "exclude",
	  .type = KEY_NAMES,
	  .merge = MERGE_UNION,
	  .description = "Policy groups left out; required ones cannot be." },
};
static const struct key_table groups = SCHEMA_TABLE("Groups", groups_keys);

static const struct key commands_keys[] = {
	{ .name = "allow",
	  .type = KEY_STRINGS,
	  .merge = MERGE_UNION,
	  .flags = KEY_DEPRECATED,
	  .description = "Commands that may be started although a list blocks them; looks at the "
			 "started program only." },
	{ .name = "deny",
	  .type = KEY_STRINGS,
	  .merge = MERGE_UNION,
	  .flags = KEY_DEPRECATED,
	  .description = "Commands that are not started directly; their children are not "
			 "looked at." },
};
static const struct key_table commands = SCHEMA_TABLE("Commands", commands_keys);

#define PATHS(key, text)                                                                      \
	{                                                                                     \
		.name = (key), .type = KEY_PATHS, .merge = MERGE_UNION, .description = (text) \
	}

static const struct key filesystem_keys[] = {
	PATHS("allow", "Directories to read and write, with all below them."),
	PATHS("read", "Directories (with all below them) or single files to read."),
	PATHS("write", "Directories to write without reading, with all below them."),
	PATHS("allow_file", "Single files to read and write."),
	PATHS("read_file", "Single files to read."),
	PATHS("write_file", "Single files to write without reading."),
	PATHS("unix_socket", "UNIX sockets to connect to."),
	PATHS("unix_socket_bind", "UNIX sockets to connect to and to create."),
	PATHS("unix_socket_dir", "Directories whose own sockets may be connected to."),
	PATHS("unix_socket_dir_bind", "Directories whose own sockets may be connected to and "
				      "created."),
	PATHS("unix_socket_subtree", "Directories with all sockets below them, to connect to."),
	PATHS("unix_socket_subtree_bind",
	      "Directories with all sockets below them, to connect to and to create."),
	PATHS("deny", "Paths that nothing may grant."),
	PATHS("bypass_protection",
	      "Denied paths that a grant of this profile may reach all the same."),
	{ .name = "suppress_save_prompt",
	  .alias = { "ignore" },
	  .type = KEY_PATHS,
	  .merge = MERGE_UNION,
	  .description = "Paths that saving after a denial does not offer; grants nothing." },
};
static const struct key_table filesystem = SCHEMA_TABLE("Filesystem", filesystem_keys);

static const char *const workdir_access[] = { "none", "read", "write", "readwrite", NULL };
static const struct key workdir_keys[] = {
	{ .name = "access",
	  .type = KEY_STRING,
	  .merge = MERGE_REPLACE,
	  .choices = workdir_access,
	  .description = "What the working directory is shared with; asked for at the start or "
			 "given with --allow-cwd." },
};
static const struct key_table workdir = SCHEMA_TABLE("Workdir", workdir_keys);

static const char *const isolation[] = { "isolated", "allow_same_sandbox", "allow_all", NULL };
static const char *const ipc_modes[] = { "shared_memory_only", "full", NULL };
static const char *const wsl2_policies[] = { "error", "insecure_proxy", "namespace", NULL };

static const struct key security_keys[] = {
	{ .name = "signal_mode",
	  .type = KEY_STRING,
	  .merge = MERGE_REPLACE,
	  .flags = KEY_NULLABLE,
	  .choices = isolation,
	  .description = "Which processes may be signalled." },
	{ .name = "process_info_mode",
	  .type = KEY_STRING,
	  .merge = MERGE_REPLACE,
	  .flags = KEY_NULLABLE,
	  .choices = isolation,
	  .description = "Which processes can be looked at." },
	{ .name = "ipc_mode",
	  .type = KEY_STRING,
	  .merge = MERGE_REPLACE,
	  .flags = KEY_NULLABLE,
	  .choices = ipc_modes,
	  .description = "Which ways of talking to other processes are open." },
	{ .name = "capability_elevation",
	  .type = KEY_BOOL,
	  .merge = MERGE_REPLACE,
	  .flags = KEY_NULLABLE,
	  .description = "Ask the user about accesses that are not granted while it runs." },
	{ .name = "wsl2_proxy_policy",
	  .type = KEY_STRING,
	  .merge = MERGE_REPLACE,
	  .flags = KEY_NULLABLE,
	  .choices = wsl2_policies,
	  .description = "What to do on WSL2, where the kernel cannot hold a program to the "
			 "proxy." },
	{ .name = "groups",
	  .type = KEY_STRINGS,
	  .merge = MERGE_NEVER,
	  .flags = KEY_LEGACY | KEY_DEPRECATED,
	  .instead = "groups.include",
	  .description = "Use groups.include." },
	{ .name = "allowed_commands",
	  .type = KEY_STRINGS,
	  .merge = MERGE_NEVER,
	  .flags = KEY_LEGACY | KEY_DEPRECATED,
	  .instead = "commands.allow",
	  .description = "Use commands.allow." },
};
static const struct key_table security = SCHEMA_TABLE("Security", security_keys);

static const char *const mediation[] = { "auto", "off", "pathname", NULL };
static const char *const sandbox_policies[] = { "auto", "landlock", "external", NULL };
static const char *const overlap[] = { "refuse", "auto", NULL };
static const char *const pty_access[] = { "own", "all", NULL };
static const char *const namespaces[] = { "auto", "off", "full", "require", NULL };
static const char *const net_backends[] = { "auto", "netns", "landlock", "notify", NULL };
static const char *const pid_namespaces[] = { "auto", "off", "require", NULL };
static const char *const enforcement[] = { "strict", "insecure", NULL };
static const char *const unix_datagram[] = { "deny", "mediate", NULL };
static const char *const guards[] = { "auto", "off", NULL };

#define LINUX_CHOICE(key, list, text)                                                           \
	{                                                                                       \
		.name = (key), .type = KEY_STRING, .merge = MERGE_REPLACE,                      \
		.flags = KEY_NULLABLE | KEY_EXTENSION, .choices = (list), .description = (text) \
	}
#define LINUX_SWITCH(key, text)                                              \
	{                                                                    \
		.name = (key), .type = KEY_BOOL, .merge = MERGE_REPLACE,     \
		.flags = KEY_NULLABLE | KEY_EXTENSION, .description = (text) \
	}

static const struct key linux_keys[] = {
	{ .name = "af_unix_mediation",
	  .type = KEY_STRING,
	  .merge = MERGE_REPLACE,
	  .flags = KEY_NULLABLE,
	  .choices = mediation,
	  .description = "Whether connecting to a UNIX socket needs a grant of its own." },
	{ .name = "sandbox_policy",
	  .type = KEY_STRING,
	  .merge = MERGE_REPLACE,
	  .flags = KEY_NULLABLE,
	  .choices = sandbox_policies,
	  .description = "Who restricts the network: all means, Landlock alone, or the host." },
	LINUX_CHOICE("deny_overlap", overlap,
		     "A denied path below a granted directory: refuse to start, or hide it."),
	LINUX_CHOICE("pty_access", pty_access,
		     "Which terminals the program can open: its own, or all of the user's."),
	LINUX_CHOICE("namespaces", namespaces,
		     "Whether namespaces are used beside Landlock and the system call filter."),
	LINUX_CHOICE("net_backend", net_backends, "Which mechanism restricts the network."),
	LINUX_CHOICE("pid_namespace", pid_namespaces,
		     "Whether the program sees its own processes only."),
	LINUX_CHOICE("proxy_enforcement", enforcement,
		     "Whether a session may go on where the kernel cannot enforce the proxy."),
	LINUX_CHOICE("unix_datagram", unix_datagram,
		     "UNIX datagram sockets: refuse them, or look at each message."),
	LINUX_CHOICE("metadata_guard", guards,
		     "Whether modes, owners and times outside of write grants are protected."),
	LINUX_SWITCH("compat32", "Allow 32-bit programs."),
	LINUX_SWITCH("allow_userns", "Allow new user namespaces inside."),
	LINUX_SWITCH("allow_windows_exec", "Allow programs of Windows on WSL2."),
	LINUX_SWITCH("allow_device_nodes", "Allow making device nodes in write grants."),
	LINUX_SWITCH("keep_file_caps", "Keep root's power over file modes when run as root; needs a mount namespace."),
};
static const struct key_table linux_table = SCHEMA_TABLE("Linux", linux_keys);

static const struct key environment_keys[] = {
	{ .name = "allow_vars",
	  .type = KEY_STRINGS,
	  .merge = MERGE_UNION,
	  .flags = KEY_NULLABLE,
	  .description = "The variables that are inherited, by NAME or PREFIX*; without the key, "
			 "all." },
	{ .name = "deny_vars",
	  .type = KEY_STRINGS,
	  .merge = MERGE_UNION,
	  .description = "Variables that are not inherited, by NAME or PREFIX*." },
	{ .name = "set_vars",
	  .type = KEY_MAP,
	  .merge = MERGE_MAP,
	  .description = "Variables that are set; variables in the values are expanded." },
};
static const struct key_table environment = SCHEMA_TABLE("Environment", environment_keys);

static const struct key hook_keys[] = {
	{ .name = "event",
	  .type = KEY_STRING,
	  .merge = MERGE_NEVER,
	  .flags = KEY_REQUIRED,
	  .description = "The agent's event at which the script runs." },
	{ .name = "matcher",
	  .type = KEY_STRING,
	  .merge = MERGE_NEVER,
	  .flags = KEY_REQUIRED,
	  .description = "Which of the agent's tools it is for: the agent's regular expression." },
	{ .name = "script",
	  .type = KEY_STRING,
	  .merge = MERGE_NEVER,
	  .flags = KEY_REQUIRED | KEY_NOT_EMPTY,
	  .description = "File name of the script." },
};
static const struct key_table hook = SCHEMA_TABLE("Hook", hook_keys);

static const struct key session_hook_keys[] = {
	{ .name = "script",
	  .type = KEY_STRING,
	  .merge = MERGE_NEVER,
	  .flags = KEY_REQUIRED | KEY_NOT_EMPTY,
	  .description = "Absolute path; runs with the user's rights, outside of the sandbox." },
	{ .name = "timeout_secs",
	  .type = KEY_INTEGER,
	  .merge = MERGE_NEVER,
	  .flags = KEY_NULLABLE,
	  .min = 1,
	  .max = SCHEMA_SECONDS_MAX,
	  .description = "Seconds after which it is ended." },
	{ .name = "required",
	  .type = KEY_BOOL,
	  .merge = MERGE_NEVER,
	  .flags = KEY_EXTENSION,
	  .description = "Do not start the program when the script fails." },
};
static const struct key_table session_hook = SCHEMA_TABLE("SessionHook", session_hook_keys);

static const struct key session_hooks_keys[] = {
	{ .name = "before",
	  .type = KEY_OBJECT,
	  .merge = MERGE_REPLACE,
	  .flags = KEY_NULLABLE,
	  .members = &session_hook,
	  .description = "Before the program starts." },
	{ .name = "after",
	  .type = KEY_OBJECT,
	  .merge = MERGE_REPLACE,
	  .flags = KEY_NULLABLE,
	  .members = &session_hook,
	  .description = "After it has ended." },
};
static const struct key_table session_hooks = SCHEMA_TABLE("SessionHooks", session_hooks_keys);

static const struct key rollback_keys[] = {
	{ .name = "exclude_patterns",
	  .type = KEY_STRINGS,
	  .merge = MERGE_UNION,
	  .description = "Names of files and directories that snapshots leave out." },
	{ .name = "exclude_globs",
	  .type = KEY_STRINGS,
	  .merge = MERGE_UNION,
	  .description = "Glob patterns of file names that snapshots leave out." },
};
static const struct key_table rollback = SCHEMA_TABLE("Rollback", rollback_keys);

static const struct key open_urls_keys[] = {
	{ .name = "allow_origins",
	  .type = KEY_ORIGINS,
	  .merge = MERGE_NEVER,
	  .description = "Origins of pages that the program may open in the user's browser." },
	{ .name = "allow_localhost",
	  .type = KEY_BOOL,
	  .merge = MERGE_NEVER,
	  .description = "Pages of this machine as well." },
};
const struct key_table schema_open_urls = SCHEMA_TABLE("OpenUrls", open_urls_keys);

static const struct key diagnostics_keys[] = {
	{ .name = "suppress_system_services",
	  .type = KEY_STRINGS,
	  .merge = MERGE_UNION,
	  .flags = KEY_MACOS,
	  .description = "Operations of macOS that are not reported." },
};
static const struct key_table diagnostics = SCHEMA_TABLE("Diagnostics", diagnostics_keys);

#define LEGACY(key, new_key)                                                \
	{                                                                   \
		.name = (key), .type = KEY_STRINGS, .merge = MERGE_NEVER,   \
		.flags = KEY_LEGACY | KEY_DEPRECATED, .instead = (new_key), \
		.description = "Use " new_key "."                           \
	}

static const struct key policy_keys[] = {
	LEGACY("exclude_groups", "groups.exclude"),
	LEGACY("add_allow_read", "filesystem.read"),
	LEGACY("add_allow_write", "filesystem.write"),
	LEGACY("add_allow_readwrite", "filesystem.allow"),
	LEGACY("add_deny_access", "filesystem.deny"),
	LEGACY("add_deny_commands", "commands.deny"),
	LEGACY("override_deny", "filesystem.bypass_protection"),
};
static const struct key_table policy = SCHEMA_TABLE("Policy", policy_keys);

static const struct key remove_network_keys[] = {
	{ .name = "allow_domain",
	  .type = KEY_STRINGS,
	  .merge = MERGE_NEVER,
	  .description = "Inherited domains to leave out." },
	{ .name = "credentials",
	  .type = KEY_STRINGS,
	  .merge = MERGE_NEVER,
	  .description = "Inherited credentials to leave out." },
	{ .name = "upstream_bypass",
	  .type = KEY_STRINGS,
	  .merge = MERGE_NEVER,
	  .description = "Inherited hosts to leave out." },
	{ .name = "open_port",
	  .type = KEY_PORTS,
	  .merge = MERGE_NEVER,
	  .max = UINT16_MAX,
	  .description = "Inherited ports to leave out." },
	{ .name = "listen_port",
	  .type = KEY_PORTS,
	  .merge = MERGE_NEVER,
	  .max = UINT16_MAX,
	  .description = "Inherited ports to leave out." },
	{ .name = "connect_port",
	  .type = KEY_PORTS,
	  .merge = MERGE_NEVER,
	  .max = UINT16_MAX,
	  .description = "Inherited ports to leave out." },
};
static const struct key_table remove_network = SCHEMA_TABLE("RemoveNetwork", remove_network_keys);

static const struct key remove_open_urls_keys[] = {
	{ .name = "allow_origins",
	  .type = KEY_STRINGS,
	  .merge = MERGE_NEVER,
	  .description = "Inherited origins to leave out." },
};
static const struct key_table remove_open_urls = SCHEMA_TABLE("RemoveOpenUrls",
							      remove_open_urls_keys);

#define REMOVED(key, text)                                                                      \
	{                                                                                       \
		.name = (key), .type = KEY_STRINGS, .merge = MERGE_NEVER, .description = (text) \
	}

static const struct key remove_keys[] = {
	{ .name = "filesystem",
	  .type = KEY_OBJECT,
	  .merge = MERGE_NEVER,
	  .members = &filesystem,
	  .description = "Inherited paths to leave out, as they were written; not from deny." },
	{ .name = "network",
	  .type = KEY_OBJECT,
	  .merge = MERGE_NEVER,
	  .members = &remove_network,
	  .description = "Inherited entries of network lists to leave out." },
	REMOVED("env_credentials", "Names of inherited env_credentials to leave out."),
	REMOVED("custom_credentials", "Names of inherited custom credentials to leave out."),
	REMOVED("hooks", "Targets of inherited hooks to leave out."),
	{ .name = "open_urls",
	  .type = KEY_OBJECT,
	  .merge = MERGE_NEVER,
	  .members = &remove_open_urls,
	  .description = "Inherited origins to leave out." },
};
static const struct key_table remove_table = SCHEMA_TABLE("Remove", remove_keys);

static const struct key profile_keys[] = {
	{ .name = "$schema",
	  .type = KEY_STRING,
	  .merge = MERGE_NEVER,
	  .description = "For editors; ignored." },
	{ .name = "extends",
	  .type = KEY_STRINGS,
	  .merge = MERGE_NEVER,
	  .flags = KEY_NULLABLE | KEY_OR_STRING,
	  .description = "The profiles this one builds on, the later ones stronger." },
	{ .name = "meta",
	  .type = KEY_OBJECT,
	  .merge = MERGE_NEVER,
	  .members = &meta,
	  .description = "What the profile says about itself." },
	{ .name = "groups",
	  .type = KEY_OBJECT,
	  .merge = MERGE_MEMBERS,
	  .members = &groups,
	  .description = "Policy groups." },
	{ .name = "commands",
	  .type = KEY_OBJECT,
	  .merge = MERGE_MEMBERS,
	  .flags = KEY_DEPRECATED,
	  .members = &commands,
	  .description = "Which commands may be started directly; a guard against slips." },
	{ .name = "filesystem",
	  .type = KEY_OBJECT,
	  .merge = MERGE_MEMBERS,
	  .members = &filesystem,
	  .description = "Files, directories and UNIX sockets." },
	{ .name = "workdir",
	  .type = KEY_OBJECT,
	  .merge = MERGE_MEMBERS,
	  .members = &workdir,
	  .description = "The working directory." },
	{ .name = "security",
	  .type = KEY_OBJECT,
	  .merge = MERGE_MEMBERS,
	  .members = &security,
	  .description = "Isolation from other processes." },
	{ .name = "linux",
	  .type = KEY_OBJECT,
	  .merge = MERGE_MEMBERS,
	  .members = &linux_table,
	  .description = "Settings of this platform." },
	{ .name = "network",
	  .type = KEY_OBJECT,
	  .merge = MERGE_MEMBERS,
	  .members = &schema_network,
	  .description = "The network, the proxy and its credentials." },
	{ .name = "credential_capture",
	  .type = KEY_MAP,
	  .merge = MERGE_MAP,
	  .members = &schema_capture,
	  .description = "Commands of the host that produce a credential, for cmd:// references." },
	{ .name = "env_credentials",
	  .alias = { "secrets" },
	  .type = KEY_MAP,
	  .merge = MERGE_MAP,
	  .flags = KEY_OR_STRING,
	  .members = &schema_env_credential,
	  .description = "Credentials put into the environment: where from, and as which "
			 "variable." },
	{ .name = "environment",
	  .type = KEY_OBJECT,
	  .merge = MERGE_MEMBERS,
	  .flags = KEY_NULLABLE,
	  .members = &environment,
	  .description = "Which variables the program inherits, and which are set." },
	{ .name = "hooks",
	  .type = KEY_MAP,
	  .merge = MERGE_MAP,
	  .members = &hook,
	  .description = "Scripts that an agent runs at its events." },
	{ .name = "session_hooks",
	  .type = KEY_OBJECT,
	  .merge = MERGE_MEMBERS,
	  .members = &session_hooks,
	  .description = "Scripts run before and after the session, outside of the sandbox." },
	{ .name = "rollback",
	  .alias = { "undo" },
	  .type = KEY_OBJECT,
	  .merge = MERGE_MEMBERS,
	  .members = &rollback,
	  .description = "What snapshots leave out." },
	{ .name = "skipdirs",
	  .type = KEY_STRINGS,
	  .merge = MERGE_UNION,
	  .description = "Names of directories that scans before the start leave out." },
	{ .name = "packs",
	  .type = KEY_STRINGS,
	  .merge = MERGE_UNION,
	  .description = "Packs that must be verified before the start." },
	{ .name = "binary",
	  .type = KEY_STRING,
	  .merge = MERGE_REPLACE,
	  .flags = KEY_NULLABLE | KEY_NOT_EMPTY,
	  .description = "The program to start instead of the one named on the command line." },
	{ .name = "command_args",
	  .alias = { "brokered_commands" },
	  .type = KEY_STRINGS,
	  .merge = MERGE_UNION,
	  .description = "Arguments put behind those of the command line." },
	{ .name = "command_policies",
	  .type = KEY_OBJECT,
	  .merge = MERGE_POLICIES,
	  .flags = KEY_NULLABLE,
	  .members = &schema_command_policies,
	  .description = "Sandboxes of their own for single tools." },
	{ .name = "open_urls",
	  .type = KEY_OBJECT,
	  .merge = MERGE_REPLACE,
	  .flags = KEY_NULLABLE,
	  .members = &schema_open_urls,
	  .description = "Pages that the program may open in the user's browser." },
	{ .name = "allow_gpu",
	  .type = KEY_BOOL,
	  .merge = MERGE_REPLACE,
	  .flags = KEY_NULLABLE,
	  .description = "Whether --allow-gpu may be used." },
	{ .name = "allow_launch_services",
	  .type = KEY_BOOL,
	  .merge = MERGE_REPLACE,
	  .flags = KEY_NULLABLE | KEY_MACOS,
	  .description = "macOS only." },
	{ .name = "allow_parent_of_protected",
	  .type = KEY_BOOL,
	  .merge = MERGE_REPLACE,
	  .flags = KEY_NULLABLE | KEY_MACOS,
	  .description = "macOS only." },
	{ .name = "diagnostics",
	  .type = KEY_OBJECT,
	  .merge = MERGE_MEMBERS,
	  .members = &diagnostics,
	  .description = "What is reported." },
	{ .name = "unsafe_macos_seatbelt_rules",
	  .type = KEY_STRINGS,
	  .merge = MERGE_UNION,
	  .flags = KEY_MACOS,
	  .description = "macOS only." },
	{ .name = "interactive",
	  .type = KEY_BOOL,
	  .merge = MERGE_OR,
	  .flags = KEY_DEPRECATED,
	  .description = "Ignored." },
	{ .name = "policy",
	  .type = KEY_OBJECT,
	  .merge = MERGE_NEVER,
	  .flags = KEY_DEPRECATED,
	  .members = &policy,
	  .description = "Older spellings of groups, commands and filesystem." },
	{ .name = "wsl2_proxy_policy",
	  .type = KEY_STRING,
	  .merge = MERGE_NEVER,
	  .flags = KEY_NULLABLE | KEY_EXTENSION,
	  .choices = wsl2_policies,
	  .description = "Another place for security.wsl2_proxy_policy." },
	{ .name = "remove",
	  .type = KEY_OBJECT,
	  .merge = MERGE_NEVER,
	  .flags = KEY_EXTENSION,
	  .members = &remove_table,
	  .description = "Inherited entries to leave out, as they were written." },
};
const struct key_table schema_profile = SCHEMA_TABLE("Profile", profile_keys);

static bool
is_called(const struct key *k, const char *name)
{
	if (str_equal(k->name, name))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(k->alias) && k->alias[i]; i++)
		if (str_equal(k->alias[i], name))
			return true;
	return false;
}

const struct key *
schema_find(const struct key_table *t, const char *name)
{
	for (size_t i = 0; i < t->count; i++)
		if (is_called(&t->key[i], name))
			return &t->key[i];
	return NULL;
}

const struct key *
schema_at(const char *dotted)
{
	const struct key_table *t = &schema_profile;
	const struct key *k = NULL;
	char name[64];

	while (t) {
		size_t n = strcspn(dotted, ".");

		if (n >= sizeof(name))
			return NULL;
		memcpy(name, dotted, n);
		name[n] = '\0';
		k = schema_find(t, name);
		if (!k || !dotted[n])
			return k;
		t = k->type == KEY_OBJECT ? k->members : NULL;
		dotted += n + 1;
	}
	return NULL;
}

static void
suggest(const char **best, unsigned int *distance, const char *known, const char *name)
{
	unsigned int d = str_distance(name, known, SUGGEST_DISTANCE);

	/* For a name of two letters any other one would be near. */
	if (d < *distance && d < strlen(name)) {
		*distance = d;
		*best = known;
	}
}

const char *
schema_suggest(const struct key_table *t, const char *name)
{
	unsigned int distance = SUGGEST_DISTANCE + 1;
	const char *best = NULL;

	for (size_t i = 0; i < t->count; i++) {
		const struct key *k = &t->key[i];

		suggest(&best, &distance, k->name, name);
		for (size_t j = 0; j < ARRAY_LEN(k->alias) && k->alias[j]; j++)
			suggest(&best, &distance, k->alias[j], name);
	}
	return best;
}
