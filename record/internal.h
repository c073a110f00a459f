/* Shared inside record/. */
#ifndef RECORD_INTERNAL_H
#define RECORD_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "ipc/broker_record.h"
#include "ipc/save.h"
#include "plan/plan.h"

/* ---- confine.c ---- */

/* Descriptors that stay usable; -1: none. Standard error always does. */
struct confine_fds {
	int plan, facts, output, context; /* read */
	int json, list;			  /* written */
};

/*
 * Give up everything but reading and writing these descriptors, looking paths up without opening
 * them, and memory up to a limit. There is no way back. 0 or -errno; after a failure the caller
 * may only exit.
 */
int record_confine(const struct confine_fds *fds) ATTR_CHECK;

/* The same for a role that works on the files below `dir`, and on nothing else. */
int record_confine_below(int dir) ATTR_CHECK;

/* ---- input.c ---- */

struct session {
	struct plan plan;
	struct record_facts facts;
	const struct record_denial *denials; /* facts.denials of them */
	struct slice output;		     /* printable UTF-8 lines; p NULL: none was kept */
	struct slice context;		     /* ipc/save.h; p NULL: nothing may be offered */
	void *plan_image, *facts_image, *context_image;
	struct buf output_text;
};

/* Read and check them. `ret` is cleared by session_clear() in any case. */
int session_load(struct session *ret, const struct confine_fds *fds, struct err *e) ATTR_CHECK;
void session_clear(struct session *s);

/* Are these bytes facts? Pure: 0, -EPROTONOSUPPORT or -EBADMSG. */
int facts_check(const void *image, size_t bytes) ATTR_CHECK;

/* ---- text.c: pure, over any bytes ---- */

enum { TEXT_PATHS_MAX = 2 };

struct text_path {
	struct slice text; /* "/...", "~/..." or relative; 1..RECORD_PATH_MAX-1 bytes */
	bool weak;	   /* a bare word that stands where a file name may stand */
};

/* First place of `needle` (lower case) at or behind `from`; ASCII case does not matter. */
bool text_find(struct slice s, size_t from, const char *needle, size_t *ret_at);

/* The same for a whole word: no letter, digit, '_' or '-' before or behind it. */
bool text_find_word(struct slice s, size_t from, const char *word, size_t *ret_at);

/* The quoted or bare word at `at`, behind blanks. False when there is none or it is too long. */
bool text_word(struct slice s, size_t at, struct slice *ret);

/*
 * Append what a quoted name means when it is spelled as GNU programs (it'\''s, caf'$'\351) and
 * Python (\\, \xe9, \udce9) do.
 */
int text_unescape(struct buf *b, struct slice s) ATTR_CHECK;

/* Without blanks around it. */
struct slice text_trim(struct slice s);

/*
 * The paths that a line names around an error phrase of `phrase_bytes` bytes at `phrase`, the
 * likeliest first: how many.
 */
size_t text_paths(struct slice line, size_t phrase, size_t phrase_bytes,
		  struct text_path ret[TEXT_PATHS_MAX]);

/* ---- scan.c: pure ---- */

enum finding_kind {
	FINDING_DENIAL = 1,
	FINDING_NETWORK,
	FINDING_MISSING,
	FINDING_FAILURE, /* the program's own complaint */
};

/* What one line says. Slices point into the text. */
struct finding {
	enum finding_kind kind;
	unsigned int access; /* PLAN_READ | PLAN_WRITE; both when the line does not tell */
	struct text_path path[TEXT_PATHS_MAX];
	size_t paths;
	struct slice line;
};

enum { FINDINGS_MAX = 256 };

struct scan {
	struct finding item[FINDINGS_MAX]; /* in the order of the text, no two alike */
	size_t count;
};

/* Time is linear in the text. Later findings than FINDINGS_MAX are dropped. */
void scan_text(struct scan *ret, struct slice text);

/* ---- flag.c ---- */

/* A path as the plan sees it. */
struct place {
	struct buf path;      /* canonical */
	unsigned int granted; /* access that the plan grants */
	unsigned int closed;  /* wanted, and refused by modes or a read-only mount whatever we do */
	unsigned int missing; /* wanted, and refused by the sandbox alone; 0: it is not the cause */
	bool exists, is_directory;
	const struct plan_deny *deny; /* protected by this rule, or NULL */
};

#define PLACE_INIT               \
	{                        \
		.path = BUF_INIT \
	}

/*
 * Ask the plan about a path as a program printed it (absolute, "~/...", or relative to the start
 * directory). 0 or -ENOMEM.
 */
int place_find(struct place *ret, const struct plan *p, const char *printed,
	       unsigned int wanted) ATTR_CHECK;
void place_clear(struct place *place);

/* A narrowest grant: what the flag names. */
struct grant_flag {
	const char *name; /* "--read-file" ... */
	struct buf path;  /* its value, unquoted */
	unsigned int access;
	bool in_manifest; /* an entry of the session's manifest takes the place of the flag */
	bool is_file;
	bool must_be_made; /* the path has to exist at the next start, and does not yet */
	bool refused;	   /* nono itself would refuse the flag: not to be advised */
};

/* 0 or -ENOMEM; released by grant_flag_clear(). */
int grant_flag_find(struct grant_flag *ret, const struct plan *p, const struct place *place,
		    unsigned int access) ATTR_CHECK;
void grant_flag_clear(struct grant_flag *f);

/* Append a word for a shell: printable, and exact whatever its bytes are. */
int word_quote(struct buf *b, const char *word) ATTR_CHECK;

/* Append "--read-file /x" with a quoted, printable value; or the entry of filesystem.grants. */
int grant_flag_add(struct buf *b, const struct grant_flag *f) ATTR_CHECK;

/* ---- verdict.c ---- */

enum cause {
	CAUSE_NONE = 0,
	CAUSE_DENIAL,
	CAUSE_NETWORK,
	CAUSE_MISSING,
	CAUSE_FAILURE,
	CAUSE_PERMISSIONS, /* owner, mode or a read-only mount */
	CAUSE_UNCLEAR,	   /* a refusal of nobody knows what */
};

/* One refused path that the broker saw, repeated refusals merged. */
struct denied_path {
	const char *path; /* points into the records */
	unsigned int access;
	enum record_reason reason;
	const struct plan_deny *deny;
};

struct verdict {
	struct denied_path *paths; /* sorted by path */
	size_t paths_count;
	const struct record_denial **sockets;
	size_t sockets_count;

	/* What the output makes likely: a guess. */
	enum cause cause;
	struct place place; /* CAUSE_DENIAL, CAUSE_MISSING, CAUSE_PERMISSIONS */
	struct slice line;  /* the line it was taken from */
};

int verdict_find(struct verdict *ret, const struct session *s) ATTR_CHECK;

/* The path of a finding that the sandbox refused indeed: 1, 0 and no place, or -ENOMEM. */
int
verdict_refused_place(struct place *ret, const struct plan *p, const struct finding *f) ATTR_CHECK;
void verdict_clear(struct verdict *v);

/* ---- footer.c, footer_parts.c, lines.c, diagnostics_json.c ---- */

/* Does this session get a footer, if there is anything to say? */
bool footer_is_wanted(const struct session *s);

/* Append the footer, plain lines, nothing when nothing is to be said. 0 or -ENOMEM. */
int footer_text(struct buf *b, const struct session *s, const struct verdict *v) ATTR_CHECK;

/* The port that a line about the network names, or 0. */
unsigned int line_port(struct slice line);

/* Append the narrowest flag that would have granted what such a line is about. */
int network_flag_add(struct buf *b, const struct plan *p, struct slice line) ATTR_CHECK;

/*
 * Append lines in the form for a terminal `columns` wide (0: not known), where the program may
 * have left the cursor anywhere.
 */
int lines_for_terminal(struct buf *b, struct slice lines, unsigned int columns) ATTR_CHECK;

int diagnostics_json(struct buf *b, const struct session *s, const struct verdict *v) ATTR_CHECK;

/* ---- save.c ---- */

/* Does the user not want to be asked about this path again? */
bool save_is_suppressed(const struct session *s, const char *path);

/*
 * Which refusals a grant would have helped, of those that the footer tells about: *ret is freed
 * with mem_free(), its rows stand behind it. 0 or -ENOMEM.
 */
int save_find(struct save_list **ret, const struct session *s, const struct verdict *v) ATTR_CHECK;

/* ---- conclude.c ---- */

/* The role: exit code. Nothing is inherited but these descriptors. */
int record_conclude(const struct confine_fds *fds);

/* ---- recover.c ---- */

/* The role: exit code. `audit_dir` is an open directory. */
int record_recover(int audit_dir);

#endif
