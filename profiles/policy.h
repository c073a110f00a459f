/*
 * From what the user asked for to a plan: spec 02 sections 2, 3, 5, 6, 13 and 15.5, spec 03
 * sections 7 to 9. Front-end code: runs with the user's rights, before anything is confined, and
 * trusts argv and environment of the user only as far as those sections say. Prints nothing:
 * notes and errors go to the caller.
 */
#ifndef PROFILES_POLICY_H
#define PROFILES_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "plan/plan.h"
#include "profiles/pool.h"

/* Borrowed strings in argv order. */
struct words {
	const char *const *item;
	size_t count;
};

struct ports {
	const uint16_t *item;
	size_t count;
};

/* A path that config.toml closes, and the name of the list it stands in. */
struct closed_path {
	const char *list, *path;
};

struct closed_paths {
	const struct closed_path *item;
	size_t count;
};

struct profile;
struct manifest;
struct user_groups;

/* What the command line and a profile ask for. Everything is borrowed. */
struct policy_request {
	enum plan_mode mode;
	const struct profile *profile; /* profiles/profile.h; NULL: preset `default` */
	const struct manifest
		*manifest; /* profiles/manifest.h; instead of profile, groups, flags */
	const struct user_groups *user_groups; /* without a profile: the required ones hold */
	struct words allow, read, write;       /* directories */
	struct words allow_file, read_file, write_file;
	struct words socket_connect, socket_bind; /* --allow-unix-socket, -bind */
	struct words socket_dir, socket_dir_bind;
	struct words socket_subtree, socket_subtree_bind;
	struct words bypass; /* --bypass-protection */
	struct words allow_command, block_command;
	struct words configured_commands; /* blocked by config.toml */
	struct closed_paths configured_paths;
	struct ports open_ports, listen_ports, connect_ports;
	struct words keep_fds; /* numbers as text, --keep-fd */
	bool block_net;
	bool allow_net;
	bool allow_cwd;
	bool silent;
	bool no_diagnostics;
	bool strict_paths; /* a missing path of a flag is an error */
	bool strict;	   /* a guarantee that holds in part only refuses to start */
	enum { DENY_OVERLAP_UNSET, DENY_OVERLAP_REFUSE, DENY_OVERLAP_AUTO } deny_overlap;
	bool protect_git, protect_project_policy; /* read-only inside write grants */
	const char *namespaces; /* off, auto, full, require; NULL: as the profile says */
	bool no_state;		/* no state file for `nono why --self` */
	bool no_audit;		/* no record of the session */
	int32_t utc_offset_s;	/* of the local time in records */
	bool no_pty;		/* the program keeps the caller's terminal */
	bool shared_tmp;
	bool leave_background;
	bool explain; /* with dry_run: no program; what would refuse the launch becomes a note */
	bool dry_run; /* creates nothing; failures of the program search become notes */
	bool color;
	unsigned int startup_timeout_s; /* 0: none */
	bool diagnostics_json;
	enum plan_filter terminal_filter;
	unsigned int scrollback_rows;
	unsigned int verbosity;
	unsigned int error_exit_code;
	uint64_t memory_bytes;	   /* --memory; 0: none */
	uint64_t max_processes;	   /* --max-procs; 0: none */
	const char *workdir;	   /* --workdir or NULL */
	struct words command;	   /* program and arguments; at least one word */
	struct words own_programs; /* files of nono: readable, so that it can be asked inside */
	char *const *environment;  /* the caller's environ */
};

enum policy_note_kind {
	POLICY_NOTE_WARNING,	/* "  warning: TEXT" */
	POLICY_NOTE_SKIPPED,	/* a flag's missing path, text "--allow PATH" */
	POLICY_NOTE_NOTICE,	/* "  TEXT" */
	POLICY_NOTE_INFO,	/* only with -v */
	POLICY_NOTE_DEPRECATED, /* "warning: TEXT", at the left edge: scripts look for it */
	POLICY_NOTE_WOULD_FAIL, /* dry run: "  would fail: TEXT" */
};

struct policy_note {
	enum policy_note_kind kind;
	char *text;
};

/* Everything the caller prints before the launch. */
struct policy_notes {
	struct policy_note *item;
	size_t count, capacity;
};

void policy_notes_clear(struct policy_notes *n);

/* Add one that is not there yet. 0 or -ENOMEM. */
int
policy_notes_add(struct policy_notes *n, enum policy_note_kind kind, const char *text) ATTR_CHECK;
int policy_notes_addf(struct policy_notes *n, enum policy_note_kind kind, const char *fmt, ...)
	ATTR_PRINTF(3, 4) ATTR_CHECK;

/* Asks the person whether to share the working directory; true grants. */
typedef bool policy_ask_fn(void *context, const char *directory, unsigned int access);

/*
 * Resolve the request into the builder (which the caller initialised and finishes). `ask` is
 * called at most once, only when spec 02 3.4 wants the prompt and stdin is a terminal; NULL: no
 * prompt. 0, or an error with text and exit code (spec 01 section 25).
 */
int
policy_assemble(struct plan_builder *b, const struct policy_request *rq, struct policy_notes *notes,
		policy_ask_fn *ask, void *ask_context, struct err *e) ATTR_CHECK;

/*
 * Does a variable of this name (n bytes) make programs run what its value says, or steer nono? Such
 * a one never reaches a program, whoever sets it.
 */
bool policy_variable_is_dangerous(const char *name, size_t n);

/*
 * The command as the request's profile changes it: `binary` in its place, `command_args` behind it
 * (spec 03 3.13). To be asked before policy_assemble(), which takes rq->command as it is. The words
 * live in the pool, or are those of the request.
 */
int policy_command(struct words *ret, struct pool *pool, const struct policy_request *rq,
		   struct policy_notes *notes, struct err *e) ATTR_CHECK;

#endif
