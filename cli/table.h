/*
 * The one table of commands and flags. Parser, environment binding, conflicts, --help, the
 * manual page and the test of reserved names all read it; nothing about a flag stands elsewhere.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum flag_id {
	FLAG_RESERVED = 0, /* of a later build: has a name and refuses */
	FLAG_SILENT,
	FLAG_VERBOSE,
	FLAG_COLOR,
	FLAG_THEME,
	FLAG_LOG_FILE,
	FLAG_HELP,
	FLAG_VERSION,
	FLAG_ALLOW,
	FLAG_READ,
	FLAG_WRITE,
	FLAG_ALLOW_FILE,
	FLAG_READ_FILE,
	FLAG_WRITE_FILE,
	FLAG_SOCKET,
	FLAG_SOCKET_BIND,
	FLAG_SOCKET_DIR,
	FLAG_SOCKET_DIR_BIND,
	FLAG_SOCKET_SUBTREE,
	FLAG_SOCKET_SUBTREE_BIND,
	FLAG_BYPASS,
	FLAG_SUPPRESS,
	FLAG_PROFILE,
	FLAG_EXTENDS,
	FLAG_CONFIG,
	FLAG_TRUST_PROFILE,
	FLAG_PROJECT_PRESETS,
	FLAG_PROJECT_PROFILE,
	FLAG_ALLOW_CWD,
	FLAG_WORKDIR,
	FLAG_STRICT_PATHS,
	FLAG_DENY_OVERLAP,
	FLAG_NAMESPACES,
	FLAG_PROTECT_GIT,
	FLAG_PROTECT_POLICY,
	FLAG_STRICT,
	FLAG_SHARED_TMP,
	FLAG_NO_PTY,
	FLAG_NO_AUDIT,
	FLAG_SHELL,
	FLAG_STARTUP_TIMEOUT,
	FLAG_DIAGNOSTICS_FILE,
	FLAG_DIAGNOSTICS_JSON,
	FLAG_BLOCK_NET,
	FLAG_ALLOW_NET,
	FLAG_LISTEN_PORT,
	FLAG_OPEN_PORT,
	FLAG_CONNECT_PORT,
	FLAG_ALLOW_COMMAND,
	FLAG_BLOCK_COMMAND,
	FLAG_DRY_RUN,
	FLAG_JSON,
	FLAG_NO_DIAGNOSTICS,
	FLAG_ERROR_EXIT_CODE,
	FLAG_KEEP_FD,
	FLAG_LEAVE_BACKGROUND,
	FLAG_CHECK_ONLY,
	FLAG_SHELL_INTEGRATION,
	FLAG_SETUP_JSON,
	FLAG_SETUP_PROFILES,
	FLAG_SETUP_FORCE,
	FLAG_MEMORY,
	FLAG_MAX_PROCS,
	FLAG_PROFILE_JSON,
	FLAG_ALL_PLATFORMS,
	FLAG_RAW,
	FLAG_FORMAT,
	FLAG_ORIGIN,
	FLAG_EXIT_CODE,
	FLAG_HASH,
	FLAG_TIMING,
	FLAG_LAST,
	FLAG_FROM,
	FLAG_MIN_RUNS,
	FLAG_WRITE_DRAFT,
	FLAG_LIVE,
	FLAG_LIVE_WRITE,
	FLAG_EXPECT_SHA256,
	FLAG_OFFLINE,
	FLAG_DRAFT,
	FLAG_PROFILE_STRICT,
	FLAG_INIT_EXTENDS,
	FLAG_INIT_GROUPS,
	FLAG_DESCRIPTION,
	FLAG_FULL,
	FLAG_OUTPUT,
	FLAG_INIT_FORCE,
	FLAG_DIFF,
	FLAG_YES,
	FLAG_ALLOW_RISKY,
	FLAG_RULE,
	FLAG_NO_SESSION_HOOKS,
	FLAG_LEARN_JSON,
	FLAG_TIMEOUT,
	FLAG_ALL,
	FLAG_NO_RDNS,
	FLAG_LEARN_YES,
	FLAG_SANDBOXED,
	FLAG_RECORD,
	FLAG_COLLAPSE,
	FLAG_LEARN_FORMAT,
	FLAG_ALLOW_IO_URING,
	FLAG_WHY_PATH,
	FLAG_WHY_OP,
	FLAG_WHY_HOST,
	FLAG_WHY_PORT,
	FLAG_WHY_SOCKET,
	FLAG_WHY_BIND,
	FLAG_WHY_SCOPE,
	FLAG_WHY_COMMAND,
	FLAG_WHY_CALLER,
	FLAG_WHY_SELF,
	FLAG_NO_STATE,
	FLAG_WHY_JSON,
	FLAG_WHY_EXIT_STATUS,
	FLAG_ID_COUNT
};

enum flag_value {
	VALUE_NONE = 0,
	VALUE_COUNT,	/* no value, may be repeated: -vv */
	VALUE_PATH,	/* any bytes but NUL, not empty */
	VALUE_TEXT,	/* UTF-8 */
	VALUE_NUMBER,	/* min..max */
	VALUE_SIZE,	/* base/size.h, from `min` bytes on */
	VALUE_CHOICE,	/* one word of `choices` */
	VALUE_OPTIONAL, /* only behind '=' */
	VALUE_PAIR,	/* exactly two tokens */
};

enum status {
	STATUS_AVAILABLE = 0,
	STATUS_LATER, /* refused by name, never ignored */
	STATUS_MACOS, /* refused as another platform's */
};

/* Where a flag is accepted. */
enum {
	ON_ROOT = 1,
	ON_RUN = 2,
	ON_SHELL = 4,
	ON_WRAP = 8,
	ON_SETUP = 16,
	ON_WHY = 1 << 5,
	ON_LEARN = 1 << 6,
	ON_PROFILE_INIT = 1 << 7,
	ON_PROFILE_LIST = 1 << 8,
	ON_PROFILE_SHOW = 1 << 9,
	ON_PROFILE_DIFF = 1 << 10,
	ON_PROFILE_VALIDATE = 1 << 11,
	ON_PROFILE_PROMOTE = 1 << 12,
	ON_PROFILE_GROUPS = 1 << 13,
	ON_PROFILE_SCHEMA = 1 << 14,
	ON_PROFILE_GUIDE = 1 << 15,
	ON_PROFILE_LINT = 1 << 16,
	ON_PROFILE_EXPLAIN = 1 << 17,
	ON_PROFILE_DRIFT = 1 << 18,
	ON_PROFILE_TEST = 1 << 19,
	ON_HOOKS_STATUS = 1 << 20,
	ON_HOOKS_INSTALL = 1 << 21,
	ON_HOOKS_REMOVE = 1 << 22,
	ON_HOOKS_APPROVALS = 1 << 23,
	ON_SESSION = ON_RUN | ON_SHELL,
	ON_LAUNCH = ON_RUN | ON_SHELL | ON_WRAP,
	ON_PLAN = ON_LAUNCH | ON_WHY, /* what decides about access */
	ON_POLICY = ON_PROFILE_LIST | ON_PROFILE_SHOW | ON_PROFILE_DIFF | ON_PROFILE_VALIDATE |
		    ON_PROFILE_GROUPS,
	ON_PROFILE = ON_POLICY | ON_PROFILE_INIT | ON_PROFILE_PROMOTE | ON_PROFILE_SCHEMA |
		     ON_PROFILE_GUIDE | ON_PROFILE_LINT | ON_PROFILE_EXPLAIN | ON_PROFILE_DRIFT |
		     ON_PROFILE_TEST,
	ON_HOOKS = ON_HOOKS_STATUS | ON_HOOKS_INSTALL | ON_HOOKS_REMOVE | ON_HOOKS_APPROVALS,
	ON_ALL = ON_ROOT | ON_LAUNCH | ON_SETUP | ON_WHY | ON_LEARN | ON_PROFILE | ON_HOOKS,
};

enum heading {
	HEADING_QUERY,
	HEADING_FILESYSTEM,
	HEADING_NETWORK,
	HEADING_CREDENTIALS,
	HEADING_COMMANDS,
	HEADING_SETUP,
	HEADING_PROFILE,
	HEADING_OPTIONS,
	HEADING_RESOURCES,
	HEADING_ROLLBACK,
	HEADING_COUNT
};

struct flag {
	enum flag_id id;
	const char *name; /* without the dashes */
	char letter;
	bool repeat;	     /* values add up, in argv order */
	bool comma;	     /* a value may be a comma list */
	bool hidden;	     /* works, but is not shown */
	unsigned char value; /* enum flag_value */
	unsigned char status;
	unsigned char heading;
	uint32_t commands; /* ON_* */
	const char *metavar;
	uint32_t min, max;
	/* Separated by blanks, as are the name lists below. Other words are refused for VALUE_CHOICE. */
	const char *choices;
	const char *aliases;	    /* accepted without a word */
	const char *legacy;	    /* accepted with the warning of spec 01 section 8 */
	const char *warning;	    /* printed once when the flag is used by any name */
	const char *legacy_warning; /* instead of the usual words for an old name */
	const char *variable;	    /* environment binding */
	const char *legacy_variables[2];
	const char *conflicts;
	const char *requires; /* one name */
	const char *help;     /* full sentences, one line of the manual */
};

enum command_id {
	COMMAND_RESERVED = 0,
	COMMAND_RUN,
	COMMAND_WRAP,
	COMMAND_SHELL,
	COMMAND_HELP,
	COMMAND_SETUP,
	COMMAND_COMPLETION,
	COMMAND_PROVE,
	COMMAND_LIVE,
	COMMAND_SAVE,
	COMMAND_AUTO_RUN,
	COMMAND_LEARN,
	COMMAND_WHY,
	COMMAND_PROFILE,
	COMMAND_POLICY,
	COMMAND_PROFILE_INIT,
	COMMAND_PROFILE_LIST,
	COMMAND_PROFILE_SHOW,
	COMMAND_PROFILE_DIFF,
	COMMAND_PROFILE_VALIDATE,
	COMMAND_PROFILE_PROMOTE,
	COMMAND_PROFILE_GROUPS,
	COMMAND_PROFILE_SCHEMA,
	COMMAND_PROFILE_GUIDE,
	COMMAND_PROFILE_LINT,
	COMMAND_PROFILE_EXPLAIN,
	COMMAND_PROFILE_DRIFT,
	COMMAND_PROFILE_TEST,
	COMMAND_HOOKS,
	COMMAND_HOOKS_STATUS,
	COMMAND_HOOKS_INSTALL,
	COMMAND_HOOKS_REMOVE,
	COMMAND_HOOKS_APPROVALS,
};

enum section {
	SECTION_START,
	SECTION_CORE,
	SECTION_EXPLORE,
	SECTION_SESSIONS,
	SECTION_PACKS,
	SECTION_POLICY,
	SECTION_SHELL,
	SECTION_COUNT
};

struct command {
	enum command_id id;
	const char *name;
	const char *aliases;
	bool hidden;
	unsigned char status;
	unsigned char section;
	bool needs_json; /* done by nono-profile */
	uint32_t flags;	 /* ON_*: which flags it takes; of all that it has, when it has some */
	const struct command *sub; /* its own commands, up to one without a name; NULL: none */
	unsigned char operands_min, operands_max; /* of the command of a command, anywhere */
	const char *operands; /* words it takes, for completion; "COMMAND": a command's name */
	const char *line;     /* shown in the root help */
	const char *usage;    /* behind "nono " */
	const char *about;    /* paragraphs of --help and of the manual */
	const char *examples;
};

#define COMPLETION_SHELLS "bash zsh fish powershell"

#define PROFILE_COMMANDS \
	"init list show diff validate promote groups schema guide lint explain drift test"

extern const struct flag flags_table[];
extern const size_t flags_count;
extern const struct command commands_table[];
extern const size_t commands_count;
extern const struct command profile_commands[], policy_commands[], hooks_commands[];

const char *heading_title(enum heading heading);
const char *section_title(enum section section);

/* True when `word` (n bytes) is one of the blank-separated words of `list` (may be NULL). */
bool list_has(const char *list, const char *word, size_t n);

/* Take the next word off the list: its length, 0 at the end; *word points into the list. */
size_t list_next(const char **list, const char **word);

/*
 * By name, alias or old spelling (n bytes, no dashes), among the flags of these commands; NULL
 * when unknown. flag_by_id() never answers NULL for an id that is in the table.
 */
const struct flag *flag_find(const char *name, size_t n, unsigned int commands);
const struct flag *flag_find_letter(char letter, unsigned int commands);
const struct flag *flag_by_id(enum flag_id id);

/* By name or alias; NULL when unknown. */
const struct command *command_find(const char *name);
const struct command *command_find_sub(const struct command *parent, const char *name);

/* The nearest shown and available name within two edits, or NULL. */
const char *flag_suggest(const char *name, size_t n, unsigned int commands);
const char *command_suggest(const char *name);
const char *command_suggest_sub(const struct command *parent, const char *name);

#endif
