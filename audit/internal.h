/* Shared inside audit/. */
#ifndef AUDIT_INTERNAL_H
#define AUDIT_INTERNAL_H

#include <sys/stat.h>

#include "audit/audit.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "base/slice.h"

/* ---- chain.c: leaf, chain, Merkle root (spec 07 section 7). Pure. ---- */

enum { CHAIN_LEVELS = 64 };

/*
 * State of a chain after `count` records. subtree[k] is the root of a full tree of 2^k leaves and
 * counts only while bit k of `count` is set: the memory does not grow with the log.
 */
struct chain {
	uint64_t count;
	unsigned char head[SHA256_BYTES]; /* zero before the first record */
	unsigned char subtree[CHAIN_LEVELS][SHA256_BYTES];
};

void chain_leaf(unsigned char ret[SHA256_BYTES], struct slice event_json);

/* The chain value that this leaf would give. */
void chain_link(unsigned char ret[SHA256_BYTES], const struct chain *c,
		const unsigned char leaf[SHA256_BYTES]);

/* Add the record: `link` is what chain_link() said. */
void chain_add(struct chain *c, const unsigned char leaf[SHA256_BYTES],
	       const unsigned char link[SHA256_BYTES]);

void chain_root(unsigned char ret[SHA256_BYTES], const struct chain *c);

/* Hash of a domain string, the previous value (zeros for none) and further bytes. */
void chain_hash(unsigned char ret[SHA256_BYTES], const char *domain, const unsigned char *previous,
		struct slice bytes);

/* The value as a string, or null when there is none before the first. */
void
chain_put(struct json *j, const char *key, const unsigned char value[SHA256_BYTES], bool present);

/* ---- words.c: bounded lists of strings. Pure. ---- */

/* NUL-terminated words, AUDIT_WORDS_BYTES_MAX in all; what is more is counted, not kept. */
struct words {
	struct buf text;
	size_t count; /* kept, a shortened one included */
	size_t cut;   /* shortened or left out */
};

#define WORDS_INIT             \
	{                      \
		BUF_INIT, 0, 0 \
	}

void words_clear(struct words *w);

/* A word that does not fit ends with "..."; all later ones are left out. 0 or -ENOMEM. */
int words_add(struct words *w, struct slice word) ATTR_CHECK;

/* Paths mean another object when shortened: one that does not fit is left out. */
int words_add_whole(struct words *w, struct slice word) ATTR_CHECK;

/* A command line without its secrets. */
int words_add_command(struct words *w, const char *const *argv, size_t n,
		      const struct redact_rules *rules) ATTR_CHECK;

/* The word behind `at`, the first one for NULL; NULL at the end. */
const char *words_next(const struct words *w, const char *at);

void words_put(struct json *j, const char *key, const struct words *w);

/* ---- event.c: events as canonical JSON. Pure. ---- */

int event_started(struct buf *b, const char *started, const struct words *command,
		  const struct redact_rules *rules) ATTR_CHECK;
int event_ended(struct buf *b, const char *ended, int exit_code) ATTR_CHECK;
int event_runtime(struct buf *b, const struct audit_runtime *r) ATTR_CHECK;

/* Bodies of the side log. */
int note_policy(struct buf *b, const struct audit_policy *p, const struct words *command,
		const struct words *paths, const struct redact_rules *rules) ATTR_CHECK;
int note_degraded(struct buf *b, const struct audit_degradation *d) ATTR_CHECK;
int note_auto_run(struct buf *b, const struct audit_auto_run *change) ATTR_CHECK;

/* The words that are not UTF-8, exact; *ret_any tells whether there are any. */
int note_raw(struct buf *b, const struct words *command, bool *ret_any) ATTR_CHECK;

/* ---- append.c: a log file of chained lines ---- */

/*
 * Append-only, one write for each line. A line that the disk took only in part is cut off again;
 * when even that fails the log is broken and takes no more: a chain has no gaps.
 */
struct log_file {
	int fd;
	off_t bytes;
	bool broken;
};

int log_file_create(struct log_file *f, int dir, const char *name) ATTR_CHECK;
int log_file_append(struct log_file *f, struct slice line) ATTR_CHECK;

/* Main log and side log, each with its chain. */
struct event_log {
	struct log_file file;
	struct chain chain;
};

struct note_log {
	struct log_file file;
	uint64_t count;
	unsigned char head[SHA256_BYTES];
};

int event_log_append(struct event_log *log, struct slice event_json) ATTR_CHECK;
int note_log_append(struct note_log *log, const struct chain *main, const char *kind,
		    struct slice body_json) ATTR_CHECK;

/* ---- summary.c: session.json and its digest (spec 07 sections 5 and 8). Pure. ---- */

struct summary {
	const char *session_id;
	char started[CLOCK_TEXT_MAX];
	char ended[CLOCK_TEXT_MAX]; /* "" while it runs */
	int exit_code;
	struct words command, tracked_paths;
	char *executable; /* resolved path, or NULL */
	unsigned char executable_sha256[SHA256_BYTES];
	uint64_t snapshot_count;
	struct slice merkle_roots, network_events; /* arrays as canonical JSON */
	uint64_t event_count;
	bool integrity; /* chain_head and merkle_root are set */
	unsigned char chain_head[SHA256_BYTES], merkle_root[SHA256_BYTES];
	/* "ext", outside of the digest */
	struct words degradations, problems;
	uint64_t note_count;
	unsigned char note_head[SHA256_BYTES];
};

void summary_clear(struct summary *s);
int summary_text(struct buf *b, const struct summary *s) ATTR_CHECK;
int summary_digest(unsigned char ret[SHA256_BYTES], const struct summary *s) ATTR_CHECK;

/* ---- ledger.c ---- */

struct ledger_entry {
	const char *session_id, *completed_at;
	unsigned char digest[SHA256_BYTES];
};

enum ledger_result { LEDGER_APPENDED = 0, LEDGER_PENDING };

/*
 * Append a line under the lock, or leave it in ledger.pending. enum ledger_result or -errno.
 * `*ret_recovery`: nono-record has something to put right.
 */
int ledger_append(int audit_dir, const struct ledger_entry *entry, const char *legacy_ledger,
		  unsigned int wait_ms, bool *ret_recovery) ATTR_CHECK;

enum {
	LEDGER_WAIT_MS = 10000,
	LEDGER_LINE_MAX = 1024, /* a line of ours is 400 bytes at most */
};

/* One state of the ledger. */
struct ledger_point {
	uint64_t bytes, count;		       /* of the whole file; its lines */
	uint64_t line_bytes;		       /* of the last line, with its newline */
	unsigned char line_hash[SHA256_BYTES]; /* SHA-256 of it */
	unsigned char chain[SHA256_BYTES];     /* its chain_hash */
};

/* The pieces of an append, for recover.c. All under the lock of ledger.lock. */
int ledger_lock(int fd, unsigned int wait_ms) ATTR_CHECK;
void ledger_hash(unsigned char ret[SHA256_BYTES], const void *p, size_t n);
/* Where the next line goes: 0, -EBADMSG when head and ledger disagree, -errno. */
int ledger_point_find(struct ledger_point *ret, int ledger, int head_fd) ATTR_CHECK;
int ledger_head_write(int fd, const struct ledger_point *before,
		      const struct ledger_point *after) ATTR_CHECK;
/* The line that `entry` makes behind `at`, and the state it leads to. */
int ledger_line(struct buf *line, struct ledger_point *next, const struct ledger_point *at,
		const struct ledger_entry *entry) ATTR_CHECK;
/* Append it to the ledger, `bytes` long before: all of it or nothing. */
int ledger_write(int ledger, struct slice line, uint64_t bytes) ATTR_CHECK;

/* ---- state.c: directories and whole files ---- */

/* Only the owner's bits matter for what we create: never rely on the umask of the user. */
mode_t umask_private(void);
void umask_restore(mode_t saved);

bool session_id_is_valid(const char *id);

/*
 * Open <parent>/<name>, made when missing, a real directory of the user's own. When others may
 * enter it, that is repaired or, when `strict`, refused. The descriptor or -errno.
 */
int directory_open(int parent, const char *name, bool strict, struct err *e) ATTR_CHECK;

/* A new file with this content: 0, -EEXIST, -errno; nothing is left after a failure. */
int file_create(int dir, const char *name, struct slice text) ATTR_CHECK;

/* Replace a file atomically by way of `temp`. Not synced. */
int file_replace(int dir, const char *temp, const char *name, struct slice text) ATTR_CHECK;

/* 16 random hex digits and a NUL. */
enum { RANDOM_HEX_MAX = 17 };
int random_hex(char ret[RANDOM_HEX_MAX]) ATTR_CHECK;

#endif
