/* The keys of a capability manifest (spec 02 section 21). */
#include "base/attr.h"
#include "profiles/manifest.h"
#include "profiles/schema_internal.h"

static const char *const access_modes[] = { "read", "write", "readwrite", NULL };
static const char *const entry_types[] = { "file", "directory", NULL };
static const char *const network_modes[] = { "blocked", "proxy", "unrestricted", NULL };
static const char *const inject_modes[] = { "header", "url_path", "query_param", "basic_auth",
					    NULL };
static const char *const isolation[] = { "isolated", "allow_same_sandbox", "allow_all", NULL };
static const char *const ipc_modes[] = { "shared_memory_only", "full", NULL };
static const char *const strategies[] = { "direct", "monitor", "supervised", NULL };

#define NEEDED(key, text)                                                    \
	{                                                                    \
		.name = (key), .type = KEY_STRING, .merge = MERGE_NEVER,     \
		.flags = KEY_REQUIRED | KEY_NOT_EMPTY, .description = (text) \
	}
#define TEXT(key, text)                                                                        \
	{                                                                                      \
		.name = (key), .type = KEY_STRING, .merge = MERGE_NEVER, .description = (text) \
	}
#define CHOICE(key, list, text)                                                             \
	{                                                                                   \
		.name = (key), .type = KEY_STRING, .merge = MERGE_NEVER, .choices = (list), \
		.description = (text)                                                       \
	}
#define SWITCH(key, text)                                                                    \
	{                                                                                    \
		.name = (key), .type = KEY_BOOL, .merge = MERGE_NEVER, .description = (text) \
	}
#define STRINGS(key, text)                                                                      \
	{                                                                                       \
		.name = (key), .type = KEY_STRINGS, .merge = MERGE_NEVER, .description = (text) \
	}
#define PORTS(key, text)                                                          \
	{                                                                         \
		.name = (key), .type = KEY_PORTS, .merge = MERGE_NEVER, .min = 1, \
		.max = UINT16_MAX, .description = (text)                          \
	}
#define OBJECT(key, table, text)                                                              \
	{                                                                                     \
		.name = (key), .type = KEY_OBJECT, .merge = MERGE_NEVER, .members = &(table), \
		.description = (text)                                                         \
	}
#define OBJECTS(key, table, text)                                                              \
	{                                                                                      \
		.name = (key), .type = KEY_OBJECTS, .merge = MERGE_NEVER, .members = &(table), \
		.description = (text)                                                          \
	}

static const struct key grant_keys[] = {
	NEEDED("path", "The file or directory; ~ and variables are replaced. It must exist."),
	{ .name = "access",
	  .type = KEY_STRING,
	  .merge = MERGE_NEVER,
	  .flags = KEY_REQUIRED,
	  .choices = access_modes,
	  .description = "read, write or readwrite." },
	CHOICE("type", entry_types, "directory, with all below it, or a single file."),
};
static const struct key_table grant = SCHEMA_TABLE("Grant", grant_keys);

static const struct key deny_keys[] = {
	NEEDED("path", "What no grant may open, with all below it."),
};
static const struct key_table deny = SCHEMA_TABLE("Deny", deny_keys);

static const struct key filesystem_keys[] = {
	OBJECTS("grants", grant, "All files that the program may use."),
	OBJECTS("deny", deny, "Paths that nothing may grant."),
};
static const struct key_table filesystem = SCHEMA_TABLE("Filesystem", filesystem_keys);

static const struct key rule_keys[] = {
	NEEDED("method", "HTTP method, or * for any."),
	NEEDED("path", "Path: * is one segment, ** any number of them."),
};
static const struct key_table rule = SCHEMA_TABLE("EndpointRule", rule_keys);

static const struct key endpoint_keys[] = {
	NEEDED("host", "Host name."),
	OBJECTS("rules", rule, "What may be requested there."),
};
static const struct key_table endpoint = SCHEMA_TABLE("Endpoint", endpoint_keys);

static const struct key ports_keys[] = {
	PORTS("connect", "TCP ports of any host to connect to; no others then."),
	PORTS("bind", "TCP ports to accept connections on."),
	PORTS("localhost", "TCP ports of this machine to connect to and to accept on."),
};
static const struct key_table ports = SCHEMA_TABLE("Ports", ports_keys);

static const struct key network_keys[] = {
	CHOICE("mode", network_modes, "blocked, proxy or unrestricted."),
	STRINGS("allow_domains", "Hosts that the proxy lets through."),
	OBJECTS("endpoints", endpoint, "Requests that the proxy lets through."),
	OBJECT("ports", ports, "Single ports."),
	SWITCH("dns", "Names may be looked up."),
};
static const struct key_table network = SCHEMA_TABLE("Network", network_keys);

static const struct key inject_keys[] = {
	CHOICE("mode", inject_modes, "Where the credential is put."),
	TEXT("header", "The header it is put into."),
	TEXT("format", "The header's value, with {} for the credential."),
	TEXT("path_pattern", "The path whose {} is replaced."),
	TEXT("path_replacement", "What the path becomes."),
	TEXT("query_param_name", "The parameter it is put into."),
};
static const struct key_table inject = SCHEMA_TABLE("Inject", inject_keys);

static const struct key credential_keys[] = {
	NEEDED("name", "The name of the route."),
	NEEDED("upstream", "The URL that requests are sent to."),
	NEEDED("source", "Where the credential comes from."),
	OBJECT("inject", inject, "How it is put into requests."),
	TEXT("env_var", "The variable that stands for it inside."),
	OBJECTS("endpoint_rules", rule, "What may be requested with it."),
};
static const struct key_table credential = SCHEMA_TABLE("Credential", credential_keys);

static const struct key process_keys[] = {
	STRINGS("allowed_commands", "Commands that start although a list blocks them."),
	STRINGS("blocked_commands", "Commands that are not started directly."),
	CHOICE("signal_mode", isolation, "Which processes may be signalled."),
	CHOICE("process_info_mode", isolation, "Which processes can be looked at."),
	CHOICE("ipc_mode", ipc_modes, "Which ways of talking to other processes are open."),
	CHOICE("exec_strategy", strategies, "direct for wrap, supervised for run and shell."),
};
static const struct key_table process = SCHEMA_TABLE("Process", process_keys);

static const struct key rollback_keys[] = {
	SWITCH("enabled", "Keep snapshots."),
	STRINGS("exclude_patterns", "Names that snapshots leave out."),
	STRINGS("exclude_globs", "Patterns of names that snapshots leave out."),
};
static const struct key_table rollback = SCHEMA_TABLE("Rollback", rollback_keys);

static const struct key resources_keys[] = {
	{ .name = "memory_bytes",
	  .type = KEY_INTEGER,
	  .merge = MERGE_NEVER,
	  .min = 1,
	  .max = MANIFEST_MEMORY_MAX,
	  .description = "Memory of the whole session." },
};
const struct key_table schema_manifest_resources = SCHEMA_TABLE("Resources", resources_keys);

static const struct key manifest_keys[] = {
	{ .name = "version",
	  .type = KEY_STRING,
	  .merge = MERGE_NEVER,
	  .flags = KEY_REQUIRED,
	  .description = MANIFEST_VERSION "." },
	TEXT("$schema", "For editors; ignored."),
	OBJECT("filesystem", filesystem, "Files and directories."),
	OBJECT("network", network, "The network."),
	OBJECTS("credentials", credential, "Secrets that the proxy puts into requests."),
	OBJECT("process", process, "Commands and isolation from other processes."),
	OBJECT("rollback", rollback, "Snapshots."),
	OBJECT("resources", schema_manifest_resources, "Limits."),
};
const struct key_table schema_manifest = SCHEMA_TABLE("Manifest", manifest_keys);
