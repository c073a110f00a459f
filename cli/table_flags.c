/*
 * The flags. Available ones carry their whole description; names of later builds carry what is
 * needed to refuse them: spelling, environment variable, and whether that variable is a switch.
 */
#include "cli/table.h"

#include <string.h>

#include "base/attr.h"
#include "cli/theme.h"

enum { PORT_MAX = 65535, FD_MIN = 3, PROCESSES_MAX = 1 << 22, MEMORY_MIN = 1 << 20 };

#define LATER(flag_name, flag_heading, where) \
	.name = (flag_name), .heading = (flag_heading), .commands = (where), .status = STATUS_LATER

/* clang-format off */
const struct flag flags_table[] = {
	/* ---- files ---- */
	{ .id = FLAG_ALLOW, .name = "allow", .letter = 'a', .value = VALUE_PATH, .metavar = "DIR",
	  .repeat = true, .comma = true, .variable = "NONO_ALLOW",
	  .heading = HEADING_FILESYSTEM, .commands = ON_PLAN,
	  .help = "Read and write everything below DIR. A comma separates several directories." },
	{ .id = FLAG_READ, .name = "read", .letter = 'r', .value = VALUE_PATH, .metavar = "DIR",
	  .repeat = true, .heading = HEADING_FILESYSTEM, .commands = ON_PLAN,
	  .help = "Read and execute everything below DIR." },
	{ .id = FLAG_WRITE, .name = "write", .letter = 'w', .value = VALUE_PATH, .metavar = "DIR",
	  .repeat = true, .heading = HEADING_FILESYSTEM, .commands = ON_PLAN,
	  .help = "Write everything below DIR, without reading it." },
	{ .id = FLAG_ALLOW_FILE, .name = "allow-file", .value = VALUE_PATH, .metavar = "FILE",
	  .repeat = true, .heading = HEADING_FILESYSTEM, .commands = ON_PLAN,
	  .help = "Read and write one file." },
	{ .id = FLAG_READ_FILE, .name = "read-file", .value = VALUE_PATH, .metavar = "FILE",
	  .repeat = true, .heading = HEADING_FILESYSTEM, .commands = ON_PLAN,
	  .help = "Read one file." },
	{ .id = FLAG_WRITE_FILE, .name = "write-file", .value = VALUE_PATH, .metavar = "FILE",
	  .repeat = true, .heading = HEADING_FILESYSTEM, .commands = ON_PLAN,
	  .help = "Write one file." },
	{ .id = FLAG_SOCKET, .name = "allow-unix-socket", .value = VALUE_PATH, .metavar = "SOCKET",
	  .repeat = true, .heading = HEADING_FILESYSTEM, .commands = ON_PLAN,
	  .help = "Connect to an existing unix socket; implies reading its file." },
	{ .id = FLAG_SOCKET_BIND, .name = "allow-unix-socket-bind", .value = VALUE_PATH,
	  .metavar = "SOCKET", .repeat = true, .heading = HEADING_FILESYSTEM, .commands = ON_PLAN,
	  .help = "Connect to and create a unix socket; a missing one implies writing its "
		  "directory." },
	{ .id = FLAG_SOCKET_DIR, .name = "allow-unix-socket-dir", .value = VALUE_PATH,
	  .metavar = "DIR", .repeat = true, .heading = HEADING_FILESYSTEM, .commands = ON_PLAN,
	  .help = "Connect to the unix sockets directly in DIR; implies reading DIR." },
	{ .id = FLAG_SOCKET_DIR_BIND, .name = "allow-unix-socket-dir-bind", .value = VALUE_PATH,
	  .metavar = "DIR", .repeat = true, .heading = HEADING_FILESYSTEM, .commands = ON_PLAN,
	  .help = "Connect to and create unix sockets directly in DIR; implies reading and writing "
		  "DIR." },
	{ .id = FLAG_SOCKET_SUBTREE, .name = "allow-unix-socket-subtree", .value = VALUE_PATH,
	  .metavar = "DIR", .repeat = true, .heading = HEADING_FILESYSTEM, .commands = ON_PLAN,
	  .help = "Connect to the unix sockets anywhere below DIR." },
	{ .id = FLAG_SOCKET_SUBTREE_BIND, .name = "allow-unix-socket-subtree-bind",
	  .value = VALUE_PATH, .metavar = "DIR", .repeat = true,
	  .heading = HEADING_FILESYSTEM, .commands = ON_PLAN,
	  .help = "Connect to and create unix sockets anywhere below DIR." },
	{ .id = FLAG_BYPASS, .name = "bypass-protection", .value = VALUE_PATH, .metavar = "PATH",
	  .repeat = true, .legacy = "override-deny",
	  .legacy_warning = "warning: deprecated key '--override-deny' \342\200\224 use "
			    "'--bypass-protection' instead (will be removed in v1.0.0, #594)",
	  .heading = HEADING_FILESYSTEM, .commands = ON_PLAN,
	  .help = "Lift the protection of a sensitive PATH; a grant for it is needed as well." },
	{ .id = FLAG_ALLOW_CWD, .name = "allow-cwd", .heading = HEADING_FILESYSTEM,
	  .commands = ON_PLAN,
	  .help = "Grant reading of the working directory without asking." },
	{ .id = FLAG_WORKDIR, .name = "workdir", .value = VALUE_PATH, .metavar = "DIR",
	  .heading = HEADING_FILESYSTEM, .commands = ON_PLAN,
	  .help = "The working directory of the program, instead of the present one." },
	{ .id = FLAG_STRICT_PATHS, .name = "strict-paths", .heading = HEADING_FILESYSTEM,
	  .commands = ON_LAUNCH,
	  .help = "A granted path that does not exist is an error, not a warning." },
	{ .id = FLAG_SHARED_TMP, .name = "shared-tmp", .heading = HEADING_FILESYSTEM,
	  .commands = ON_LAUNCH,
	  .help = "No private temporary directory; TMPDIR stays as it is." },
	{ .id = FLAG_SUPPRESS, .name = "suppress-save-prompt", .value = VALUE_PATH,
	  .metavar = "PATH", .repeat = true, .aliases = "ignore-denied",
	  .heading = HEADING_FILESYSTEM, .commands = ON_LAUNCH,
	  .help = "Never offer to save what was refused at or below PATH. Grants nothing." },
	{ LATER("private-tmp", HEADING_FILESYSTEM, ON_LAUNCH) },
	{ .id = FLAG_PROTECT_GIT, .name = "protect-git", .heading = HEADING_FILESYSTEM,
	  .commands = ON_LAUNCH,
	  .help = "Keep .git/hooks and .git/config of granted directories read-only: git runs what they "
		  "name, later and outside. A .git/commondir, which names another repository, can still be "
		  "made. Implies --namespaces=require." },
	{ .id = FLAG_DENY_OVERLAP, .name = "deny-overlap", .value = VALUE_CHOICE, .metavar = "HOW",
	  .choices = "refuse auto", .heading = HEADING_FILESYSTEM, .commands = ON_PLAN,
	  .help = "A denied path inside a grant: refuse to start, or (auto) cover it with emptiness "
		  "in a mount namespace; the default is refuse. --dry-run names what would be covered." },

	/* ---- network ---- */
	{ .id = FLAG_BLOCK_NET, .name = "block-net", .variable = "NONO_BLOCK_NET",
	  .legacy = "net-block", .legacy_variables = { "NONO_NET_BLOCK" }, .conflicts = "allow-net",
	  .heading = HEADING_NETWORK, .commands = ON_PLAN,
	  .help = "Block the network. Ports named by the flags below stay open." },
	{ .id = FLAG_ALLOW_NET, .name = "allow-net", .variable = "NONO_ALLOW_NET",
	  .aliases = "net-allow", .legacy_variables = { "NONO_NET_ALLOW" }, .hidden = true,
	  .warning = "  [nono] Warning: `--allow-net` is deprecated; the network is unrestricted "
		     "by default.",
	  .conflicts = "block-net network-profile allow-domain credential upstream-proxy "
		       "upstream-bypass proxy-port",
	  .heading = HEADING_NETWORK, .commands = ON_PLAN,
	  .help = "Leave the network unrestricted (the default)." },
	{ .id = FLAG_LISTEN_PORT, .name = "listen-port", .value = VALUE_NUMBER, .metavar = "PORT",
	  .max = PORT_MAX, .repeat = true, .legacy = "allow-bind",
	  .heading = HEADING_NETWORK, .commands = ON_PLAN,
	  .help = "Accept TCP connections on PORT while the network is blocked." },
	{ .id = FLAG_OPEN_PORT, .name = "open-port", .value = VALUE_NUMBER, .metavar = "PORT",
	  .max = PORT_MAX, .repeat = true, .legacy = "allow-port",
	  .heading = HEADING_NETWORK, .commands = ON_PLAN,
	  .help = "Connect to and listen on TCP PORT of this machine while the network is blocked. "
		  "The kernel filters by port, not by address: PORT of other hosts opens too." },
	{ .id = FLAG_CONNECT_PORT, .name = "allow-connect-port", .value = VALUE_NUMBER,
	  .metavar = "PORT", .max = PORT_MAX, .repeat = true,
	  .heading = HEADING_NETWORK, .commands = ON_PLAN,
	  .help = "Connect to TCP PORT of any host, and to no other port. UDP, and with it plain "
		  "DNS, is refused. Needs Linux 6.7." },
	{ .name = "trust-proxy-ca", .variable = "NONO_TRUST_PROXY_CA", .status = STATUS_MACOS,
	  .heading = HEADING_NETWORK, .commands = ON_SESSION },
	{ LATER("network-profile", HEADING_NETWORK, ON_SESSION), .value = VALUE_TEXT,
	  .variable = "NONO_NETWORK_PROFILE" },
	{ LATER("allow-domain", HEADING_NETWORK, ON_SESSION), .value = VALUE_TEXT,
	  .legacy = "allow-proxy proxy-allow", .variable = "NONO_ALLOW_DOMAIN",
	  .legacy_variables = { "NONO_ALLOW_PROXY", "NONO_PROXY_ALLOW" } },
	{ LATER("upstream-proxy", HEADING_NETWORK, ON_SESSION), .value = VALUE_TEXT,
	  .legacy = "external-proxy", .variable = "NONO_UPSTREAM_PROXY",
	  .legacy_variables = { "NONO_EXTERNAL_PROXY" } },
	{ LATER("upstream-bypass", HEADING_NETWORK, ON_SESSION), .value = VALUE_TEXT,
	  .legacy = "external-proxy-bypass", .variable = "NONO_UPSTREAM_BYPASS",
	  .legacy_variables = { "NONO_EXTERNAL_PROXY_BYPASS" } },
	{ LATER("proxy-port", HEADING_NETWORK, ON_SESSION), .value = VALUE_NUMBER },
	{ LATER("proxy-ca-validity", HEADING_NETWORK, ON_SESSION), .value = VALUE_NUMBER,
	  .variable = "NONO_PROXY_CA_VALIDITY" },
	{ LATER("allow-http2", HEADING_NETWORK, ON_SESSION) },
	{ LATER("net-backend", HEADING_NETWORK, ON_SESSION), .value = VALUE_CHOICE,
	  .variable = "NONO_NET_BACKEND" },

	/* ---- credentials ---- */
	{ LATER("credential", HEADING_CREDENTIALS, ON_SESSION), .value = VALUE_TEXT,
	  .legacy = "proxy-credential", .variable = "NONO_CREDENTIAL",
	  .legacy_variables = { "NONO_PROXY_CREDENTIAL" } },
	{ LATER("allow-endpoint", HEADING_CREDENTIALS, ON_SESSION), .value = VALUE_TEXT },
	{ LATER("env-credential", HEADING_CREDENTIALS, ON_LAUNCH), .value = VALUE_TEXT,
	  .variable = "NONO_ENV_CREDENTIAL" },
	{ LATER("env-credential-map", HEADING_CREDENTIALS, ON_LAUNCH), .value = VALUE_PAIR },

	/* ---- commands ---- */
	{ .id = FLAG_ALLOW_COMMAND, .name = "allow-command", .value = VALUE_TEXT, .metavar = "CMD",
	  .repeat = true, .heading = HEADING_COMMANDS, .commands = ON_PLAN,
	  .help = "Let a program start although the list of dangerous commands names it. Deprecated." },
	{ .id = FLAG_BLOCK_COMMAND, .name = "block-command", .value = VALUE_TEXT, .metavar = "CMD",
	  .repeat = true, .heading = HEADING_COMMANDS, .commands = ON_PLAN,
	  .help = "Do not start a program of this name. Deprecated: only the program started directly "
		  "is checked, not what it starts." },

	/* ---- setup ---- */
	{ .id = FLAG_CHECK_ONLY, .name = "check-only", .heading = HEADING_SETUP,
	  .commands = ON_SETUP,
	  .help = "Check this machine and change nothing." },
	{ .id = FLAG_SHELL_INTEGRATION, .name = "shell-integration", .heading = HEADING_SETUP,
	  .commands = ON_SETUP,
	  .help = "Show lines for the start-up file of your shell: aliases and completion." },
	{ .id = FLAG_SETUP_JSON, .name = "json", .heading = HEADING_SETUP, .commands = ON_SETUP,
	  .help = "Print the report as one JSON object." },
	{ .id = FLAG_SETUP_PROFILES, .name = "profiles", .conflicts = "check-only json",
	  .heading = HEADING_SETUP, .commands = ON_SETUP,
	  .help = "Write example profiles into your profiles. Files that exist stay." },
	{ .id = FLAG_SETUP_FORCE, .name = "force", .requires = "profiles", .heading = HEADING_SETUP,
	  .commands = ON_SETUP,
	  .help = "With --profiles: replace example profiles that exist." },

	/* ---- why ---- */
	{ .id = FLAG_WHY_PATH, .name = "path", .value = VALUE_PATH, .metavar = "PATH",
	  .conflicts = "host scope command unix-socket", .heading = HEADING_QUERY,
	  .commands = ON_WHY,
	  .help = "Ask about a file or a directory; it need not exist." },
	{ .id = FLAG_WHY_OP, .name = "op", .value = VALUE_CHOICE, .metavar = "OP",
	  .choices = "read write readwrite", .requires = "path", .heading = HEADING_QUERY,
	  .commands = ON_WHY,
	  .help = "With --path: read (the default), write or readwrite." },
	{ .id = FLAG_WHY_HOST, .name = "host", .value = VALUE_TEXT, .metavar = "HOST",
	  .conflicts = "path scope command unix-socket", .heading = HEADING_QUERY,
	  .commands = ON_WHY,
	  .help = "Ask about connecting to a host, by name or URL." },
	{ .id = FLAG_WHY_PORT, .name = "port", .value = VALUE_NUMBER, .metavar = "PORT",
	  .max = PORT_MAX, .conflicts = "path scope command unix-socket",
	  .heading = HEADING_QUERY, .commands = ON_WHY,
	  .help = "With --host: the TCP port, 443 by default." },
	{ .id = FLAG_WHY_SOCKET, .name = "unix-socket", .value = VALUE_PATH, .metavar = "SOCKET",
	  .conflicts = "path host scope command", .heading = HEADING_QUERY, .commands = ON_WHY,
	  .help = "Ask about connecting to a unix socket." },
	{ .id = FLAG_WHY_BIND, .name = "bind", .conflicts = "path scope command",
	  .heading = HEADING_QUERY, .commands = ON_WHY,
	  .help = "With --unix-socket: ask about creating it. With --port: about listening." },
	{ .id = FLAG_WHY_SCOPE, .name = "scope", .value = VALUE_CHOICE, .metavar = "SCOPE",
	  .choices = "signal abstract-unix-socket process-info",
	  .conflicts = "path host command unix-socket", .heading = HEADING_QUERY,
	  .commands = ON_WHY,
	  .help = "Ask what keeps the program from other processes: signal, abstract-unix-socket "
		  "or process-info." },
	{ .id = FLAG_WHY_COMMAND, .name = "command", .value = VALUE_PATH, .metavar = "COMMAND",
	  .conflicts = "path host scope unix-socket", .heading = HEADING_QUERY,
	  .commands = ON_WHY,
	  .help = "Ask whether a command may be started, with the arguments behind --." },
	{ .id = FLAG_WHY_CALLER, .name = "caller", .value = VALUE_TEXT, .metavar = "NAME",
	  .requires = "command", .heading = HEADING_QUERY, .commands = ON_WHY,
	  .help = "With --command: by which command it is started, `session` by default." },
	{ .id = FLAG_WHY_JSON, .name = "json", .heading = HEADING_OPTIONS, .commands = ON_WHY,
	  .help = "Print one JSON object." },
	{ .id = FLAG_WHY_EXIT_STATUS, .name = "exit-status", .heading = HEADING_OPTIONS,
	  .commands = ON_WHY,
	  .help = "Exit with 0 when it is allowed, 3 when denied, 4 when a person would be asked." },
	{ .id = FLAG_WHY_SELF, .name = "self",
	  .conflicts = "allow read write allow-file read-file write-file allow-unix-socket "
		       "allow-unix-socket-bind allow-unix-socket-dir allow-unix-socket-dir-bind "
		       "allow-unix-socket-subtree allow-unix-socket-subtree-bind "
		       "bypass-protection allow-cwd workdir block-net allow-net listen-port "
		       "open-port allow-connect-port allow-command block-command profile extends",
	  .heading = HEADING_QUERY, .commands = ON_WHY,
	  .help = "Ask about the session that this is, from inside it, instead of the options." },

	/* ---- profile ---- */
	{ .id = FLAG_PROFILE_JSON, .name = "json", .heading = HEADING_PROFILE,
	  .commands = (ON_PROFILE & ~(ON_PROFILE_INIT | ON_PROFILE_PROMOTE | ON_PROFILE_SCHEMA |
				      ON_PROFILE_GUIDE)) |
		      ON_HOOKS_STATUS | ON_HOOKS_APPROVALS,
	  .help = "Print JSON." },
	{ .id = FLAG_ALL_PLATFORMS, .name = "all-platforms", .heading = HEADING_PROFILE,
	  .commands = ON_PROFILE_GROUPS,
	  .help = "List the groups of other systems, too." },
	{ .id = FLAG_RAW, .name = "raw", .heading = HEADING_PROFILE, .commands = ON_PROFILE_SHOW,
	  .help = "Show paths as they are written only." },
	{ .id = FLAG_FORMAT, .name = "format", .value = VALUE_CHOICE, .metavar = "FORMAT",
	  .choices = "profile manifest", .heading = HEADING_PROFILE, .commands = ON_PROFILE_SHOW,
	  .help = "Print a profile that holds everything it inherits, or a capability manifest." },
	{ .id = FLAG_ORIGIN, .name = "origin", .heading = HEADING_PROFILE,
	  .commands = ON_PROFILE_SHOW,
	  .help = "Show where each entry was written." },
	{ .id = FLAG_HASH, .name = "hash", .heading = HEADING_PROFILE, .commands = ON_PROFILE_SHOW,
	  .help = "Print the SHA-256 of what the profile means, for --expect-profile-sha256: order, "
		  "layout, name and description do not count." },
	{ .id = FLAG_TIMING, .name = "timing", .heading = HEADING_PROFILE, .commands = ON_PROFILE_SHOW,
	  .help = "Also say on standard error how long each stage of using the profile takes here." },
	{ .id = FLAG_LAST, .name = "last", .heading = HEADING_PROFILE, .commands = ON_PROFILE_DIFF,
	  .help = "Compare one profile with what it was at the last start under it, or, when it has "
		  "not changed since, before its last change." },
	{ .id = FLAG_EXIT_CODE, .name = "exit-code", .heading = HEADING_PROFILE,
	  .commands = ON_PROFILE_DIFF | ON_PROFILE_DRIFT,
	  .help = "End with exit code 1 when the profiles differ, or something is unused." },
	{ .id = FLAG_FROM, .name = "from", .value = VALUE_PATH, .metavar = "FILE", .repeat = true,
	  .heading = HEADING_PROFILE, .commands = ON_PROFILE_DRIFT,
	  .help = "A record of one run, as `nono learn` writes it; may be given several times." },
	{ .id = FLAG_MIN_RUNS, .name = "min-runs", .value = VALUE_NUMBER, .metavar = "N", .min = 1,
	  .max = 100000, .heading = HEADING_PROFILE, .commands = ON_PROFILE_DRIFT,
	  .help = "Judge nothing from fewer records than N." },
	{ .id = FLAG_WRITE_DRAFT, .name = "write", .value = VALUE_TEXT, .metavar = "DRAFT",
	  .heading = HEADING_PROFILE, .commands = ON_PROFILE_DRIFT,
	  .help = "Write a draft of that name, the profile's own as a rule, without what was not used; "
		  "see profile promote." },
	{ .id = FLAG_LIVE, .name = "live", .heading = HEADING_PROFILE, .commands = ON_PROFILE_TEST,
	  .help = "Also try each path in a sandbox: files are opened and nothing is changed. A case in "
		  "which the kernel does something else than nono why says is a MISMATCH." },
	{ .id = FLAG_LIVE_WRITE, .name = "live-write", .heading = HEADING_PROFILE,
	  .commands = ON_PROFILE_TEST,
	  .help = "As --live, and try writing to directories by making and removing an empty file "
		  "named .nono-probe.* there." },
	{ .id = FLAG_DRAFT, .name = "draft", .heading = HEADING_PROFILE,
	  .commands = ON_PROFILE_VALIDATE,
	  .help = "The name is that of a draft." },
	{ .id = FLAG_PROFILE_STRICT, .name = "strict", .heading = HEADING_PROFILE,
	  .commands = ON_PROFILE_VALIDATE | ON_PROFILE_LINT,
	  .help = "End with exit code 2 for deprecated keys and warnings." },
	{ .id = FLAG_INIT_EXTENDS, .name = "extends", .value = VALUE_TEXT, .metavar = "PROFILE",
	  .heading = HEADING_PROFILE, .commands = ON_PROFILE_INIT,
	  .help = "The profile that the new one inherits from." },
	{ .id = FLAG_INIT_GROUPS, .name = "groups", .value = VALUE_TEXT, .metavar = "GROUPS",
	  .heading = HEADING_PROFILE, .commands = ON_PROFILE_INIT,
	  .help = "Groups to include, separated by commas." },
	{ .id = FLAG_DESCRIPTION, .name = "description", .value = VALUE_TEXT, .metavar = "TEXT",
	  .heading = HEADING_PROFILE, .commands = ON_PROFILE_INIT,
	  .help = "What the profile is for, in one line." },
	{ .id = FLAG_FULL, .name = "full", .heading = HEADING_PROFILE, .commands = ON_PROFILE_INIT,
	  .help = "Write the less common keys as well." },
	{ .id = FLAG_OUTPUT, .name = "output", .letter = 'o', .value = VALUE_PATH,
	  .metavar = "FILE", .heading = HEADING_PROFILE,
	  .commands = ON_PROFILE_INIT | ON_PROFILE_SCHEMA,
	  .help = "Write to FILE." },
	{ .id = FLAG_INIT_FORCE, .name = "force", .heading = HEADING_PROFILE,
	  .commands = ON_PROFILE_INIT,
	  .help = "Replace a file that exists." },
	{ .id = FLAG_DIFF, .name = "diff", .conflicts = "yes", .heading = HEADING_PROFILE,
	  .commands = ON_PROFILE_PROMOTE,
	  .help = "Show what the draft changes, and stop." },
	{ .id = FLAG_YES, .name = "yes", .heading = HEADING_PROFILE, .commands = ON_PROFILE_PROMOTE,
	  .help = "Do not ask." },
	{ .id = FLAG_ALLOW_RISKY, .name = "allow-risky", .requires = "yes",
	  .heading = HEADING_PROFILE, .commands = ON_PROFILE_PROMOTE,
	  .help = "With --yes: also for hooks, programs and lifted protections." },
	{ .id = FLAG_RULE, .name = "rule", .value = VALUE_TEXT, .metavar = "ID=LEVEL",
	  .repeat = true, .heading = HEADING_PROFILE, .commands = ON_PROFILE_LINT,
	  .help = "How much a rule counts: off, info, warn or error." },

	/* ---- options ---- */
	{ .id = FLAG_DRY_RUN, .name = "dry-run", .heading = HEADING_OPTIONS, .commands = ON_LAUNCH,
	  .help = "Show what would be granted and started, then stop. Nothing is created." },
	{ .id = FLAG_JSON, .name = "json", .requires = "dry-run", .heading = HEADING_OPTIONS,
	  .commands = ON_LAUNCH,
	  .help = "With --dry-run: one JSON object on standard output." },
	{ .id = FLAG_ERROR_EXIT_CODE, .name = "error-exit-code", .value = VALUE_NUMBER,
	  .metavar = "N", .min = 1, .max = 255, .variable = "NONO_ERROR_EXIT_CODE",
	  .heading = HEADING_OPTIONS, .commands = ON_LAUNCH,
	  .help = "Use exit code N for errors of nono's own, instead of 1, 126 and 127." },
	{ .id = FLAG_NO_DIAGNOSTICS, .name = "no-diagnostics", .heading = HEADING_OPTIONS,
	  .commands = ON_LAUNCH,
	  .help = "Print nothing about how the program ended." },
	{ .id = FLAG_KEEP_FD, .name = "keep-fd", .value = VALUE_NUMBER, .metavar = "N",
	  .min = FD_MIN, .max = PORT_MAX, .repeat = true,
	  .heading = HEADING_OPTIONS, .commands = ON_LAUNCH,
	  .help = "Pass the open descriptor N on to the program; all others above 2 are closed." },
	{ .id = FLAG_LEAVE_BACKGROUND, .name = "leave-background", .aliases = "keep-background",
	  .heading = HEADING_OPTIONS, .commands = ON_LAUNCH,
	  .help = "Let processes that the program left behind live on, still confined." },
	{ .id = FLAG_SILENT, .name = "silent", .letter = 's', .heading = HEADING_OPTIONS,
	  .commands = ON_ALL,
	  .help = "Print errors only." },
	{ .id = FLAG_VERBOSE, .name = "verbose", .letter = 'v', .value = VALUE_COUNT,
	  .repeat = true, .heading = HEADING_OPTIONS, .commands = ON_ALL,
	  .help = "Show every grant with its source; more of them log more (-vv, -vvv)." },
	{ .id = FLAG_COLOR, .name = "color", .value = VALUE_CHOICE, .metavar = "WHEN",
	  .choices = "auto always never", .heading = HEADING_OPTIONS, .commands = ON_ALL,
	  .help = "Colours: auto, always or never. NO_COLOR and CLICOLOR_FORCE are honoured." },
	{ .id = FLAG_THEME, .name = "theme", .value = VALUE_TEXT, .metavar = "NAME",
	  .choices = THEME_NAMES, .variable = "NONO_THEME", .heading = HEADING_OPTIONS,
	  .commands = ON_ALL,
	  .help = "Colours of messages: " THEME_LIST "." },
	{ .id = FLAG_LOG_FILE, .name = "log-file", .value = VALUE_PATH, .metavar = "FILE",
	  .variable = "NONO_LOG_FILE", .heading = HEADING_OPTIONS, .commands = ON_ALL,
	  .help = "Append log lines to FILE instead of writing them to standard error." },
	{ .id = FLAG_HELP, .name = "help", .letter = 'h', .heading = HEADING_OPTIONS,
	  .commands = ON_ALL,
	  .help = "Show help." },
	{ .id = FLAG_VERSION, .name = "version", .letter = 'V', .heading = HEADING_OPTIONS,
	  .commands = ON_ROOT,
	  .help = "Show the version." },
	{ .name = "allow-launch-services", .status = STATUS_MACOS, .heading = HEADING_OPTIONS,
	  .commands = ON_LAUNCH },
	{ .id = FLAG_PROFILE, .name = "profile", .letter = 'p', .value = VALUE_TEXT,
	  .metavar = "PROFILE", .variable = "NONO_PROFILE", .heading = HEADING_PROFILE,
	  .commands = ON_PLAN | ON_LEARN | ON_HOOKS_INSTALL,
	  .help = "Start under a profile: the name of one of yours or of a built-in one, or the "
		  "path of a file. `nono profile list` shows the names." },
	{ .id = FLAG_EXTENDS, .name = "extends", .value = VALUE_TEXT, .metavar = "PROFILE",
	  .repeat = true, .requires = "profile", .heading = HEADING_PROFILE, .commands = ON_PLAN | ON_LEARN,
	  .help = "Let the profile build on PROFILE as well." },
	{ .id = FLAG_CONFIG, .name = "config", .letter = 'c', .value = VALUE_PATH,
	  .metavar = "FILE", .heading = HEADING_PROFILE, .commands = ON_LAUNCH,
	  .conflicts = "allow read write allow-file read-file write-file allow-unix-socket "
		       "allow-unix-socket-bind allow-unix-socket-dir allow-unix-socket-dir-bind "
		       "allow-unix-socket-subtree allow-unix-socket-subtree-bind "
		       "bypass-protection suppress-save-prompt allow-cwd block-net allow-net "
		       "network-profile allow-domain listen-port open-port allow-connect-port "
		       "upstream-proxy proxy-port credential allow-endpoint env-credential "
		       "env-credential-map allow-command block-command profile extends "
		       "allow-launch-services allow-gpu allow-http2 memory",
	  .help = "Start under a capability manifest, a JSON file that is the whole policy: it takes "
		  "the place of the default policy, of profiles and of the options that grant. "
		  "`nono profile show` writes one of a profile." },
	{ LATER("allow-gpu", HEADING_OPTIONS, ON_LAUNCH) },
	{ LATER("sandbox-policy", HEADING_OPTIONS, ON_SESSION), .value = VALUE_CHOICE },
	{ LATER("detached", HEADING_OPTIONS, ON_RUN) },
	{ LATER("detach-timeout", HEADING_OPTIONS, ON_RUN), .value = VALUE_NUMBER,
	  .variable = "NONO_DETACH_STARTUP_TIMEOUT" },
	{ LATER("name", HEADING_OPTIONS, ON_SESSION), .value = VALUE_TEXT },
	{ .id = FLAG_STARTUP_TIMEOUT, .name = "startup-timeout", .heading = HEADING_OPTIONS,
	  .commands = ON_SESSION, .value = VALUE_NUMBER, .metavar = "SECONDS", .max = 3600,
	  .variable = "NONO_STARTUP_TIMEOUT",
	  .help = "End the program when it has not become interactive by then: on the alternate "
		  "screen, or reading single keys. 0 means never, the default. Needs a terminal." },
	{ .id = FLAG_SHELL, .name = "shell", .heading = HEADING_OPTIONS, .commands = ON_SHELL,
	  .value = VALUE_PATH, .metavar = "PATH",
	  .help = "The shell to start; default: $SHELL, else /bin/sh." },
	{ .id = FLAG_DIAGNOSTICS_JSON, .name = "diagnostics-json", .heading = HEADING_OPTIONS,
	  .commands = ON_SESSION,
	  .help = "Print how the session ended as one JSON object on stderr, also with --silent." },
	{ .id = FLAG_DIAGNOSTICS_FILE, .name = "diagnostics-file", .heading = HEADING_OPTIONS,
	  .commands = ON_SESSION, .value = VALUE_PATH, .metavar = "FILE",
	  .help = "Write the object of --diagnostics-json to FILE instead, which is emptied at the "
		  "start." },
	{ LATER("explain-denials", HEADING_OPTIONS, ON_SESSION), .aliases = "explain" },
	{ LATER("trust-override", HEADING_OPTIONS, ON_SESSION), .variable = "NONO_TRUST_OVERRIDE" },
	{ LATER("trusted-root", HEADING_OPTIONS, ON_SESSION), .value = VALUE_PATH },
	{ LATER("no-trust-cache", HEADING_OPTIONS, ON_SESSION) },
	{ LATER("skip-dir", HEADING_OPTIONS, ON_SESSION), .value = VALUE_TEXT },
	{ LATER("capability-elevation", HEADING_OPTIONS, ON_SESSION), .value = VALUE_OPTIONAL,
	  .variable = "NONO_CAPABILITY_ELEVATION" },
	{ LATER("elevation-engine", HEADING_OPTIONS, ON_SESSION), .value = VALUE_CHOICE },
	{ LATER("elevation-log", HEADING_OPTIONS, ON_SESSION), .value = VALUE_PATH },
	{ LATER("approve-on-attach", HEADING_OPTIONS, ON_SESSION) },
	{ LATER("no-session-shim", HEADING_OPTIONS, ON_SESSION) },
	{ .id = FLAG_NO_PTY, .name = "no-pty", .heading = HEADING_OPTIONS, .commands = ON_SESSION,
	  .help = "The program keeps your terminal instead of getting one of its own. It can then "
		  "write to it unfiltered." },
	{ LATER("same-session", HEADING_OPTIONS, ON_SESSION) },
	{ LATER("propagate-signal", HEADING_OPTIONS, ON_SESSION) },
	{ .id = FLAG_NAMESPACES, .name = "namespaces", .value = VALUE_CHOICE, .metavar = "WHEN",
	  .choices = "off auto full require", .heading = HEADING_OPTIONS, .commands = ON_PLAN,
	  .help = "Mount namespaces: never, where needed (auto, the default), or always, with all "
		  "outside the write grants read-only and, but for wrap, no other processes in "
		  "sight; require refuses to start without." },
	{ .id = FLAG_STRICT, .name = "strict", .heading = HEADING_OPTIONS, .commands = ON_LAUNCH,
	  .help = "Refuse to start when a guarantee would hold only in part." },
	{ .id = FLAG_NO_STATE, .name = "no-state", .heading = HEADING_OPTIONS, .commands = ON_WRAP,
	  .help = "Write no state file: `nono why` cannot be asked about the session from inside, and "
		  "nothing is left behind." },
	{ LATER("record-use", HEADING_OPTIONS, ON_SESSION), .value = VALUE_PATH },
	{ .id = FLAG_NO_SESSION_HOOKS, .name = "no-session-hooks", .heading = HEADING_PROFILE,
	  .commands = ON_SESSION,
	  .help = "Do not run the scripts that the profile names in session_hooks." },
	{ .id = FLAG_OFFLINE, .name = "offline", .heading = HEADING_OPTIONS, .commands = ON_LAUNCH,
	  .variable = "NONO_OFFLINE",
	  .help = "Let nono itself use no network. This version never does; the network of the "
		  "program is another matter." },
	{ .id = FLAG_EXPECT_SHA256, .name = "expect-profile-sha256", .value = VALUE_TEXT,
	  .metavar = "HEX", .heading = HEADING_PROFILE, .commands = ON_LAUNCH,
	  .help = "Start only when this is the SHA-256 of the profile with everything it inherits, "
		  "as `nono profile show` prints it." },
	{ .id = FLAG_TRUST_PROFILE, .name = "allow-untrusted-profile",
	  .heading = HEADING_PROFILE, .commands = ON_PLAN | ON_LEARN,
	  .help = "Use a profile that other users could have changed." },
	{ .id = FLAG_PROJECT_PRESETS, .name = "allow-project-presets",
	  .heading = HEADING_PROFILE, .commands = ON_PLAN | ON_LEARN,
	  .help = "Let a file beside the profile stand for a built-in profile of its name." },
	{ .id = FLAG_PROJECT_PROFILE, .name = "allow-project-profile", .conflicts = "profile config",
	  .heading = HEADING_PROFILE, .commands = ON_LAUNCH,
	  .help = "Use .nono/profile.json of the project, after you saw it and said yes." },
	{ .id = FLAG_PROTECT_POLICY, .name = "protect-project-policy",
	  .heading = HEADING_PROFILE, .commands = ON_LAUNCH,
	  .help = "Keep .nono of granted directories, where a project has its profiles, read-only. "
		  "Implies --namespaces=require." },
	{ .id = FLAG_NO_AUDIT, .name = "no-audit", .heading = HEADING_OPTIONS,
	  .commands = ON_SESSION,
	  .help = "Keep no record of the session." },
	{ LATER("audit-integrity", HEADING_OPTIONS, ON_SESSION) },
	{ LATER("no-audit-integrity", HEADING_OPTIONS, ON_SESSION) },
	{ LATER("audit-sign-key", HEADING_OPTIONS, ON_SESSION), .value = VALUE_TEXT },

	/* ---- learn ---- */
	{ .id = FLAG_SANDBOXED, .name = "sandboxed", .heading = HEADING_OPTIONS,
	  .commands = ON_LEARN,
	  .help = "Recommended: run the program confined, and propose what was refused." },
	{ .id = FLAG_LEARN_YES, .name = "yes", .letter = 'y', .heading = HEADING_OPTIONS,
	  .commands = ON_LEARN,
	  .help = "Do not ask before the program runs without a sandbox." },
	{ .id = FLAG_LEARN_JSON, .name = "json", .heading = HEADING_OPTIONS, .commands = ON_LEARN,
	  .conflicts = "format",
	  .help = "Print the result as JSON. The program's own output goes to standard error." },
	{ .id = FLAG_LEARN_FORMAT, .name = "format", .value = VALUE_CHOICE, .metavar = "FORMAT",
	  .choices = "text json profile", .heading = HEADING_OPTIONS, .commands = ON_LEARN,
	  .help = "The form of the result: text, json or profile, a profile that loads; what is "
		  "protected stands in its comments." },
	{ .id = FLAG_ALL, .name = "all", .heading = HEADING_OPTIONS, .commands = ON_LEARN,
	  .help = "List also what is granted already, what needs no grant, and what was not there." },
	{ .id = FLAG_COLLAPSE, .name = "collapse", .value = VALUE_OPTIONAL, .metavar = "N",
	  .heading = HEADING_OPTIONS, .commands = ON_LEARN,
	  .help = "Propose a directory instead of N files (8 without a number) directly in it that "
		  "were used in the same way." },
	{ .id = FLAG_TIMEOUT, .name = "timeout", .value = VALUE_NUMBER, .metavar = "SECONDS",
	  .min = 1, .max = 31536000, .heading = HEADING_OPTIONS, .commands = ON_LEARN,
	  .help = "End the program after that time: SIGTERM, and two seconds later SIGKILL." },
	{ .id = FLAG_NO_RDNS, .name = "no-rdns", .heading = HEADING_OPTIONS, .commands = ON_LEARN,
	  .help = "Show addresses without host names; nothing is looked up." },
	{ .id = FLAG_RECORD, .name = "record", .value = VALUE_PATH, .metavar = "FILE",
	  .heading = HEADING_OPTIONS, .commands = ON_LEARN,
	  .help = "Write every observation to FILE, one line of JSON for each." },
	{ .id = FLAG_ALLOW_IO_URING, .name = "allow-io-uring", .heading = HEADING_OPTIONS,
	  .commands = ON_LEARN,
	  .help = "Let the program use io_uring, which opens files unseen; the result is marked "
		  "incomplete." },
	{ .name = "trace", .status = STATUS_MACOS, .heading = HEADING_OPTIONS,
	  .commands = ON_LEARN },

	/* ---- resources ---- */
	{ .id = FLAG_MEMORY, .name = "memory", .value = VALUE_SIZE, .metavar = "SIZE",
	  .min = MEMORY_MIN, .heading = HEADING_RESOURCES, .commands = ON_SESSION,
	  .help = "Hard limit for the memory of the program and everything it starts together, as "
		  "512M or 2G; above it the kernel kills them all. No swap is used. Needs cgroup v2." },
	{ .id = FLAG_MAX_PROCS, .name = "max-procs", .value = VALUE_NUMBER, .metavar = "N",
	  .min = 1, .max = PROCESSES_MAX, .heading = HEADING_RESOURCES, .commands = ON_SESSION,
	  .help = "At most N processes and threads at a time in the session; more cannot be made. "
		  "Needs cgroup v2." },
	{ LATER("cpu", HEADING_RESOURCES, ON_SESSION), .value = VALUE_TEXT },

	/* ---- rollback ---- */
	{ LATER("rollback", HEADING_ROLLBACK, ON_SESSION) },
	{ LATER("no-rollback", HEADING_ROLLBACK, ON_SESSION) },
	{ LATER("no-rollback-prompt", HEADING_ROLLBACK, ON_SESSION) },
	{ LATER("rollback-exclude", HEADING_ROLLBACK, ON_SESSION), .value = VALUE_TEXT },
	{ LATER("rollback-include", HEADING_ROLLBACK, ON_SESSION), .value = VALUE_TEXT },
	{ LATER("rollback-all", HEADING_ROLLBACK, ON_SESSION) },
	{ LATER("rollback-dest", HEADING_ROLLBACK, ON_SESSION), .value = VALUE_PATH },
	{ LATER("rollback-every", HEADING_ROLLBACK, ON_SESSION), .value = VALUE_TEXT },
	{ LATER("rollback-full", HEADING_ROLLBACK, ON_SESSION) },
	{ LATER("rollback-mode", HEADING_ROLLBACK, ON_SESSION), .value = VALUE_CHOICE },
	{ LATER("rollback-no-gitignore", HEADING_ROLLBACK, ON_SESSION) },
};
/* clang-format on */

const size_t flags_count = ARRAY_LEN(flags_table);

const char *
heading_title(enum heading heading)
{
	static const char *const title[HEADING_COUNT] = {
		[HEADING_QUERY] = "QUERY",	   [HEADING_FILESYSTEM] = "FILESYSTEM",
		[HEADING_NETWORK] = "NETWORK",	   [HEADING_CREDENTIALS] = "CREDENTIALS",
		[HEADING_COMMANDS] = "COMMANDS",   [HEADING_SETUP] = "SETUP",
		[HEADING_PROFILE] = "PROFILE",	   [HEADING_OPTIONS] = "OPTIONS",
		[HEADING_RESOURCES] = "RESOURCES", [HEADING_ROLLBACK] = "ROLLBACK",
	};

	return title[heading];
}

size_t
list_next(const char **list, const char **word)
{
	size_t n;

	if (!*list)
		return 0;
	*word = *list + strspn(*list, " ");
	n = strcspn(*word, " ");
	*list = *word + n;
	return n;
}

bool
list_has(const char *list, const char *word, size_t n)
{
	const char *w;

	for (size_t m; (m = list_next(&list, &w)) > 0;)
		if (m == n && memcmp(w, word, n) == 0)
			return true;
	return false;
}
