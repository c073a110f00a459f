/*
 * audit/: the record of a session, written by the broker and by nobody else.
 *
 *   <state>/audit/<id>/audit-events.ndjson   main log, hash chain (spec 07 sections 6 and 7)
 *   <state>/audit/<id>/audit-ext.ndjson      side log for what the main format cannot carry (A4)
 *   <state>/audit/<id>/session.json          summary, from the start on, replaced at the end
 *   <state>/audit/<id>/.lock                 held while the writer lives
 *   <state>/audit/ledger.ndjson              one line for each ended session
 *   <state>/sessions/<id>.json               registry record (spec 04 section 7)
 *
 * Nothing is parsed and nothing is synced: a killed broker loses no record, a power failure may
 * lose the last ones. Order of calls: audit_state_open(), record_begin(), audit_session_begin(),
 * audit_event() and audit_degraded() any number of times, audit_session_end(), record_end().
 *
 * All functions answer 0 or -errno with the reason in `e`. Strings are borrowed for the call.
 */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/redact.h"
#include "base/sha256.h"

enum {
	AUDIT_ID_MAX = 64,		  /* bytes of a session id */
	AUDIT_WORDS_BYTES_MAX = 64 << 10, /* command, paths, names: all words with their NUL */
	AUDIT_EVENT_BYTES_MAX = 1 << 20,  /* one event as canonical JSON */
	AUDIT_GRANTS_MAX = 256,		  /* listed in the policy summary */
};

/* Directory and zone that belong to the user, from the plan. */
struct audit_state {
	int fd;		  /* <state> */
	int utc_offset_s; /* of the local time in records */
};

/*
 * Open <state> (absolute), made with its parents when missing. Refused when it belongs to somebody
 * else than the user or root, or others may write to it.
 */
int audit_state_open(struct audit_state *ret, const char *path, int utc_offset_s,
		     struct err *e) ATTR_CHECK;
void audit_state_close(struct audit_state *state);

/* ---- the audit session (session.c, event.c) ---- */

enum { AUDIT_READ = 1, AUDIT_WRITE = 2 };

struct audit_grant {
	const char *path, *source; /* source: "user" or the profile's name */
	unsigned int access;	   /* AUDIT_READ | AUDIT_WRITE */
};

/* What the session may do; a summary goes to the side log. */
struct audit_policy {
	const char *profile; /* or NULL */
	const char *workdir;
	const char *network;		  /* "allowed", "blocked", "proxy (localhost:N)" */
	const struct audit_grant *grants; /* of the user and the profile */
	size_t grant_count;
	size_t system_grant_count, deny_count;
	const char *const *environment; /* "NAME=VALUE"; names are kept, values never */
	size_t environment_count;
};

struct audit_executable {
	const char *resolved_path;
	unsigned char sha256[SHA256_BYTES];
};

/* A restriction that was wanted and holds only in part. */
struct audit_degradation {
	const char *guarantee, *reason;
};

struct audit_begin {
	const char *session_id;
	struct timespec started;
	const char *const *command; /* argv; redacted here */
	size_t command_count;
	const char *const *tracked_paths; /* the project first */
	size_t tracked_path_count;
	const struct redact_rules *redaction; /* NULL: the built-in names alone */
	const struct audit_policy *policy;
	const struct audit_degradation *degradations;
	size_t degradation_count;
	bool no_integrity;	   /* --no-audit-integrity */
	const char *legacy_ledger; /* ledger of an old version that must be continued, or NULL */
};

struct audit_session;

/* Make the directory, write the first records. On failure nothing is left behind. */
int audit_session_begin(struct audit_session **ret, const struct audit_state *state,
			const struct audit_begin *begin, struct err *e) ATTR_CHECK;

/* What was enforced, as the kernel calls it. Absent values are left out. */
struct audit_runtime {
	struct timespec when;
	const char *landlock_abi;	       /* "V1" ... "V6", "unknown", or NULL */
	const bool *landlock_execute_enforced; /* or NULL */
	bool tool_sandbox_active;
};

enum audit_event_type { AUDIT_SANDBOX_RUNTIME = 1 };

struct audit_event {
	enum audit_event_type type;
	union {
		struct audit_runtime runtime;
	};
};

/*
 * Append one event. When this fails, what the event permits must not happen; the log is as it was
 * before, or, when even that could not be had, refuses everything from now on.
 */
int audit_event(struct audit_session *s, const struct audit_event *event, struct err *e) ATTR_CHECK;

/* A restriction was lost while the session ran. */
int audit_degraded(struct audit_session *s, const struct audit_degradation *d,
		   struct err *e) ATTR_CHECK;

/* A file that an agent takes commands from is another one behind its session. */
struct audit_auto_run {
	const char *file, *kind;
	const char *before_sha256, *after_sha256; /* digits, "": there is none */
};

int audit_auto_run(struct audit_session *s, const struct audit_auto_run *change,
		   struct err *e) ATTR_CHECK;

struct audit_end {
	struct timespec ended;
	/*
	 * The program as it was when it started, or NULL. Told at the end: hashing a large one
	 * would hold the start up.
	 */
	const struct audit_executable *executable;
	int exit_code;
	const char *const *problems; /* of other steps of the conclusion, for session.json */
	size_t problem_count;
};

struct audit_outcome {
	/* The ledger and its head disagree, was locked too long, or lines wait in ledger.pending:
	 * `nono-record` has to put it right. Nothing is lost until then. */
	bool ledger_needs_recovery;
};

/*
 * Last event, session.json, ledger line. Every step is tried whatever became of the one before;
 * the answer is the first failure, which session.json also tells where it could be written.
 */
int audit_session_end(struct audit_session *s, const struct audit_end *end,
		      struct audit_outcome *ret, struct err *e);

/* Takes NULL. Without audit_session_end() the session counts as orphaned. */
void audit_session_free(struct audit_session *s);

/* ---- recovery (recover.c, nono-record alone) ---- */

struct audit_recovery {
	uint64_t torn_bytes; /* moved to ledger.torn-<time> */
	uint64_t
		lost_lines; /* that the old head knew; the old head is kept as ledger.head-<time> */
	unsigned int appended; /* lines that waited in ledger.pending */
	unsigned int refused;  /* of those that are no entries and stay there */
};

/*
 * Put right what the writer of the ledger must not guess about: a torn last line, a head that is
 * lost or of another ledger, lines that wait. `audit_dir` is <state>/audit. 0, or -errno with the
 * reason: -EBADMSG when the last whole line does not prove itself, which then stays the last.
 */
int audit_recover(int audit_dir, struct audit_recovery *ret, struct err *e) ATTR_CHECK;

/* ---- the registry record (record.c) ---- */

struct record_begin {
	const char *session_id;
	const char *name; /* NULL: two random words */
	pid_t supervisor;
	uint64_t start_ticks; /* of the supervisor, base/procstat.h */
	struct timespec started;
	const char *const *command; /* argv; redacted here */
	size_t command_count;
	const struct redact_rules *redaction; /* NULL: the built-in names alone */
	const char *profile;		      /* or NULL */
	const char *workdir, *network;
	bool detached;
};

struct record;

int record_begin(struct record **ret, const struct audit_state *state,
		 const struct record_begin *begin, struct err *e) ATTR_CHECK;

/* The program runs. */
int record_child(struct record *r, pid_t child, struct err *e) ATTR_CHECK;

/* The session ended: exit code, detached. */
int record_end(struct record *r, int exit_code, struct err *e) ATTR_CHECK;

/* Takes NULL. Without record_end() a later sweep says that the session vanished. */
void record_free(struct record *r);

/*
 * Mark the records of sessions whose broker was killed as ended with exit code -1 and remove their
 * sockets and keys; looks at `max` sessions at most. The number swept, or -errno.
 */
int record_sweep(const struct audit_state *state, unsigned int max);

enum { RECORD_SWEEP_MAX = 256 };

#endif
