/* Shared inside profiles/: the working set of one policy_assemble() call. */
#ifndef PROFILES_INTERNAL_H
#define PROFILES_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "plan/plan.h"
#include "profiles/groups.h"
#include "profiles/policy.h"
#include "profiles/pool.h"

enum {
	PASSWD_BYTES_MAX = 16 << 20,
	MOUNTINFO_BYTES_MAX = 8 << 20,
	MOUNTS_MAX = 16384,
	INTERPRETER_LEVELS_MAX = 4,
};

/* ---- what the machine and the environment say (host.c, home.c) ---- */

/* Everything paths are expanded from. Absolute, never empty. */
struct host {
	uid_t uid;
	const char *home;      /* as $HOME says */
	const char *home_real; /* canonical */
	const char *temp;      /* $TMPDIR without trailing '/', or "/tmp" */
	const char *cwd;       /* getcwd() */
	const char *workdir;   /* as displayed, symlinks kept */
	char *const *environment;
};

/* The value of a variable of `environment`, or NULL. The first entry counts, as for getenv(). */
const char *environment_get(char *const *environment, const char *name);

/* The same for a name of `n` bytes. */
const char *environment_get_n(char *const *environment, const char *name, size_t n);

/* home.c: pure; the home of `uid` in passwd(5) text, a slice of it. */
bool passwd_home(struct slice text, uid_t uid, struct slice *ret);

/* $HOME, else passwd, else getent; absolute. 0 or an error. */
int home_find(struct buf *b, char *const *environment, uid_t uid, struct err *e) ATTR_CHECK;

/* run.c */
struct run {
	char *const *argv, *const *environment;
	const char *directory; /* NULL: ours */
	int timeout_ms;
	size_t bytes_max; /* of its standard output */
};

/* The exit status, or -errno: -ETIMEDOUT, -EFBIG, -ECHILD when a signal ended it. */
int run_program(struct buf *answer, const struct run *run) ATTR_CHECK;

/* ---- variables (expand.c, pure) ---- */

enum {
	EXPAND_STRICT = 1, /* groups and flags: a leading variable must be set and absolute */
};

/*
 * Append `text` with its variables replaced (spec 03 section 6). 0, -ENOMEM, -EINVAL, or -ENXIO
 * for a leading variable that is unset or not absolute under EXPAND_STRICT.
 */
int expand_path(struct buf *b, const char *text, const struct host *h, unsigned int flags,
		struct err *e) ATTR_CHECK;

/* ---- grants (grants.c, dedupe.c) ---- */

struct grant {
	const char *flag; /* "--read" when the command line named it, else NULL */
	const char *original;
	const char *resolved; /* canonical, or "" (group entries are opened by launch/) */
	const char *place;    /* for comparison: resolved, else lexical, home canonical */
	const char *source_name;
	uint64_t device, inode;
	uint32_t type;
	uint32_t place_hash;
	uint8_t access, kind, source, alias, flags;
	uint32_t home_key; /* home_key() of place */
	uint32_t chain;	   /* dedupe.c: 1 + index of another with this hash */
	bool upgrade;	   /* dedupe.c: united with the other access */
	bool near_home;	   /* above, at or below the home directory */
};

struct socket_grant {
	const char *flag;
	const char *original, *resolved, *source_name;
	uint8_t scope, mode, source;
};

/* What grants of one flag or field are. */
struct socket_rule {
	const char *flag; /* of a profile: the name of the field */
	uint8_t scope, mode, source;
};

struct deny {
	const char *literal, *resolved;
	const char *group;
	const char *system_file; /* of the system's policy that says it, else NULL */
	bool required, extended;
	bool of_profile;   /* or of a manifest: `group` is its name */
	bool configured;   /* by config.toml: only a flag lifts it */
	bool mask;	   /* below a grant, and to be covered there */
	bool absent;	   /* when that was decided */
	bool in_home;	   /* both forms are below the home directory */
	bool dropped;	   /* by a check, and gone when it ends */
	uint32_t home_key; /* home_key() of both forms, 0 when they may differ */
};

struct command_rule {
	const char *name, *group;
	enum plan_command_rule rule;
};

/* Paths that a dynamic token stands for. */
struct paths {
	const char **item;
	size_t count, capacity;
};

enum { TOKENS = 6 };

/* nono's own directories; NULL where the list is shorter. */
struct roots {
	const char *state[3];  /* $XDG_STATE_HOME/nono, its default, ~/.nono: never granted */
	const char *config[2]; /* never writable, except <config>/profile-drafts */
	bool found, canonical;
};

struct fs_seen {
	long type;
	uint64_t id;
};

struct assembly {
	const struct policy_request *rq;
	struct policy_notes *notes;
	struct pool pool;
	struct host host;

	struct grant *grants;
	size_t grants_count, grants_cap;
	struct socket_grant *sockets;
	size_t sockets_count, sockets_cap;
	struct deny *denies;
	size_t denies_count, denies_cap;
	struct command_rule *commands;
	size_t commands_count, commands_cap;
	const char **created; /* files pre-created for a write grant */
	size_t created_count, created_cap;

	struct fs_seen fs_seen[16];
	size_t fs_seen_count;
	const char **bypassed; /* canonical; those of the profile, then of --bypass-protection */
	size_t bypassed_count, bypassed_cap;
	struct roots roots;

	struct paths token[TOKENS]; /* answers of git, by query */
	bool token_asked[TOKENS];
	size_t profile_bypasses;
	bool block_field; /* the profile blocks the network, not a flag */
	bool limited;	  /* neither does: the system's policy */
	const struct system_policy *system;

	const char *workdir_real; /* canonical, set by workdir_grant() */
	bool denies_resolved;	  /* symlinked deny entries were looked up */
	bool covered_stale;	  /* PLAN_GRANT_COVERED of the table may no longer hold */
};

/* protect.c: read grants for what --protect-git and --protect-project-policy name. 0 or an error. */
bool protection_wanted(const struct assembly *a);
bool file_caps_kept(const struct assembly *a); /* linux.keep_file_caps, as root */
int protection_add(struct assembly *a, struct err *e) ATTR_CHECK;

/* mask.c: what --deny-overlap and --namespaces, or else the profile, say. */
bool masks_wanted(const struct assembly *a);
enum plan_namespaces namespaces_wanted(const struct assembly *a);

/* The flags PLAN_OWN_PROCESSES and PLAN_NEED_PROCESSES, or an error where they contradict others. */
int processes_wanted(const struct assembly *a, struct plan_settings *s, struct err *e) ATTR_CHECK;

/* Can what is marked be covered? When all grants are known. 0 or an error. */
int masks_check(struct assembly *a, struct err *e) ATTR_CHECK;

/* Add a note: 0 or -ENOMEM. */
int note_add(struct assembly *a, enum policy_note_kind kind, const char *fmt, ...)
	ATTR_PRINTF(3, 4) ATTR_CHECK;

/* The error for memory, everywhere the same. */
int err_memory(struct err *e);

/* A file system object, opened once. */
struct object {
	int fd;		  /* O_PATH; the caller closes */
	const char *name; /* canonical */
	uint64_t device, inode;
	uint32_t type; /* S_IFMT bits */
};

/* Open and name it: 0, -errno (-ESTALE: no name in the file system). `ret->fd` is -1 on failure. */
int object_open(struct assembly *a, const char *path, struct object *ret) ATTR_CHECK;

/* Note a file system on which rules are weaker (spec 02 3.7): 0 or -ENOMEM. */
int object_note_file_system(struct assembly *a, const struct object *o) ATTR_CHECK;

/* A path below $HOME with the home canonical, else the path itself; NULL: out of memory. */
const char *home_translated(struct assembly *a, const char *path) ATTR_CHECK;

/*
 * A number for the first name of a path below the home, 0 for any other path: two paths below the
 * home with different numbers have nothing to do with each other.
 */
uint32_t home_key(const struct host *h, const char *path);

/* A path of a policy group, expanded and normal, into *ret. 0, or what expand_path() says. */
int
expand_group_path(struct assembly *a, const char *text, const char **ret, struct err *e) ATTR_CHECK;

/* Append; fills place_hash, near_home and home_key. 0 or -ENOMEM. */
int grant_add(struct assembly *a, const struct grant *g) ATTR_CHECK;

/* A user grant of an opened object; `o->name` is the canonical name. 0 or an error. */
int grant_add_object(struct assembly *a, const char *flag, const char *original,
		     unsigned int access, enum plan_kind kind, enum plan_source source,
		     const struct object *o, struct err *e) ATTR_CHECK;

/*
 * The same for an object without a name in the file system: what is an alias, as /dev/stdin, can
 * be granted all the same. 0, or an error that says what to do about `flag`.
 */
int grant_add_nameless(struct assembly *a, const char *flag, const char *path, unsigned int access,
		       enum plan_kind kind, struct err *e) ATTR_CHECK;

int grants_add_group(struct assembly *a, const struct group *g, struct err *e) ATTR_CHECK;
int grants_add_flags(struct assembly *a, struct err *e) ATTR_CHECK;

/* A path of a flag does not exist: note it, or refuse under --strict-paths. */
int grant_missing(struct assembly *a, const char *flag, const char *path, bool warn,
		  struct err *e) ATTR_CHECK;

/* Remove what was created for grants, when the assembly failed. */
void grants_undo_created(struct assembly *a);

bool grant_is_user(const struct grant *g);
bool grant_is_directory(const struct grant *g);

/* Is there a user's grant / a user's grant of a directory? */
bool grants_have_user(const struct assembly *a);

/* The union of the access of all directory grants at or above a canonical path. */
unsigned int grants_cover(const struct assembly *a, const char *path);

/* "user", "profile", "group:NAME" or "system". */
int grant_source_text(struct buf *b, const struct grant *g) ATTR_CHECK;

/* "read", "write", "read+write" */
const char *access_text(unsigned int access);

/* spec 02 2.4; keeps the order of survivors. */
void grants_dedupe(struct assembly *a);

/* Warn about user grants that a wider grant above makes pointless (spec 02 2.5). */
int grants_warn_nested(struct assembly *a) ATTR_CHECK;

/* ---- sockets (sockets.c) ---- */

int sockets_add_flags(struct assembly *a, struct err *e) ATTR_CHECK;
int socket_add_path(struct assembly *a, const struct socket_rule *rule, const char *path,
		    struct err *e) ATTR_CHECK;
bool sockets_requested(const struct policy_request *rq);
bool socket_grant_covers(const struct assembly *a, const char *path);

/* ---- denies (deny.c, deny_links.c) ---- */

int denies_add_group(struct assembly *a, const struct group *g, struct err *e) ATTR_CHECK;

/* Give every deny entry its canonical form, once, as soon as a user's grant exists. */
int denies_resolve(struct assembly *a, struct err *e) ATTR_CHECK;

int denies_bypass(struct assembly *a, struct err *e) ATTR_CHECK;

/* A path that a profile or a manifest denies, absolute and normal. */
int deny_add_profile(struct assembly *a, const char *literal, struct err *e) ATTR_CHECK;

/* Lift the denies at and below a path; `word` is how it was written. */
int
deny_bypass_path(struct assembly *a, const char *path, const char *word, struct err *e) ATTR_CHECK;

/* ---- the profile (apply.c, token.c) ---- */

/* later.c: refuse a field that this version cannot apply. */
int later_check(struct assembly *a, struct err *e) ATTR_CHECK;

/* Join ports and the blocking of the network to what the flags say. */
int apply_request(struct assembly *a, struct policy_request *rq, struct err *e) ATTR_CHECK;
int apply_grants(struct assembly *a, struct err *e) ATTR_CHECK;
int apply_sockets(struct assembly *a, enum plan_net net, struct err *e) ATTR_CHECK;
int apply_denies(struct assembly *a, struct err *e) ATTR_CHECK;
int apply_bypasses(struct assembly *a, struct err *e) ATTR_CHECK;
int apply_make_directories(struct assembly *a, struct err *e) ATTR_CHECK;

/* preflight.c: what the agent of a profile needs in the home directory. */
int preflight(struct assembly *a, struct err *e) ATTR_CHECK;
int
apply_command(struct assembly *a, struct pool *pool, struct words *ret, struct err *e) ATTR_CHECK;
void apply_settings(const struct assembly *a, struct plan_settings *s);

/* ---- the manifest (manifest_apply.c) ---- */

/* Refuse what this version cannot apply, and what does not fit to the command. */
int manifest_check(struct assembly *a, struct err *e) ATTR_CHECK;

/* Ports, the blocking of the network and limits; takes the place of what flags say. */
int manifest_request(struct assembly *a, struct policy_request *rq, struct err *e) ATTR_CHECK;

/* Grants, denies and commands. */
int manifest_add(struct assembly *a, struct err *e) ATTR_CHECK;
void manifest_settings(const struct assembly *a, struct plan_settings *s);

/* What the working directory shall be granted with; without a profile for reading. */
unsigned int apply_workdir_access(const struct assembly *a);

/* 0: a token, its paths are appended; 1: no token. */
int token_expand(struct assembly *a, const char *text, struct paths *ret, struct err *e) ATTR_CHECK;

/* Both checks of spec 02 5.2: drop exact files, refuse overlaps. */
int denies_check(struct assembly *a, struct err *e) ATTR_CHECK;

/* Those of config.toml, as group "user:LIST". */
int denies_add_configured(struct assembly *a, struct err *e) ATTR_CHECK;

/* Does a bypass of this path, or of one above it, lift the entry for it? */
bool deny_is_lifted(const struct assembly *a, const struct deny *d, const char *path);

/* The first entry at or above this path that no bypass lifts for it, or NULL. */
const struct deny *denies_find(const struct assembly *a, const char *path);

/* ---- nono's own directories (roots.c) ---- */

/* Find them; against what a user named (`canonical`) with their symlinks resolved. */
/* The directory for records; roots_find() was called. */
const char *roots_state(const struct assembly *a);
int roots_find(struct assembly *a, bool canonical, struct err *e) ATTR_CHECK;

/* Refuse a path that a flag or profile (`source`, for the text) asks for, even a missing one. */
int roots_check_request(struct assembly *a, const char *path, const char *source,
			unsigned int access, bool directory, struct err *e) ATTR_CHECK;

/* Refuse any grant of the finished set. */
int roots_check(struct assembly *a, struct err *e) ATTR_CHECK;

/* Would reading this file be refused? */
bool roots_protect_file(const struct assembly *a, const char *path);

/* ---- mounts (mountinfo.c pure, exposure.c) ---- */

struct mount_line {
	unsigned int id, parent, major, minor;
	struct slice root, point; /* escaped as in the file */
};

/* The next line: 1, 0 at the end, -EBADMSG. `rest` advances. */
int mountinfo_next(struct slice *rest, struct mount_line *ret) ATTR_CHECK;

/* Append a field with \ooo replaced: 0, -ENOMEM, -EBADMSG. */
int mountinfo_unescape(struct buf *b, struct slice field) ATTR_CHECK;

struct mount {
	unsigned int id, parent, major, minor;
	const char *root, *point;
};

/* The mount that a path lookup ends in, or -1. */
long mounts_find(const struct mount *mounts, size_t count, const char *path);

/*
 * Where a path that lives on mount `from` can also be seen through mount `through`: appended to
 * `b`. 1 if it can, 0 if not, -ENOMEM.
 */
int mounts_alias(struct buf *b, const struct mount *from, const struct mount *through,
		 const char *path) ATTR_CHECK;

/* Refuse user grants that show a denied path through another mount (spec 02 3.8). */
int exposure_check(struct assembly *a, struct err *e) ATTR_CHECK;

/* ---- the rest ---- */

/* workdir.c */
int workdir_find(struct assembly *a, struct err *e) ATTR_CHECK;
int workdir_grant(struct assembly *a, policy_ask_fn *ask, void *context, struct err *e) ATTR_CHECK;
const char *workdir_start(const struct assembly *a);

/* environment.c */
enum environment_verdict {
	ENVIRONMENT_PASS,
	ENVIRONMENT_DANGEROUS, /* the reference's list: never */
	ENVIRONMENT_EXTENDED,  /* ours */
	ENVIRONMENT_AMBIENT,   /* names a way to the user's agents and daemons */
	ENVIRONMENT_OWN,       /* NONO_* */
};
enum environment_verdict environment_judge(const char *name, size_t n);
int environment_build(struct assembly *a, struct plan_builder *b, const char *session_id,
		      struct err *e) ATTR_CHECK;

/* network.c */

/* No more network than the system's policy lets a session have; `rq` is joined already. */
int network_limit(struct assembly *a, const struct policy_request *asked, struct policy_request *rq,
		  struct err *e) ATTR_CHECK;
int network_choose(struct assembly *a, enum plan_net *ret, struct err *e) ATTR_CHECK;

/* limits.c: refuse grants that would let the program lift its limits. */
int limits_check(const struct assembly *a, struct err *e) ATTR_CHECK;

/* emit.c */
int emit_plan(struct assembly *a, struct plan_builder *b, const char *program,
	      const char *session_id, struct err *e) ATTR_CHECK;

/* commands.c */
int commands_add_group(struct assembly *a, const struct group *g) ATTR_CHECK;
int commands_add(struct assembly *a, const char *name, const char *source,
		 enum plan_command_rule rule) ATTR_CHECK;
int commands_add_profile(struct assembly *a, struct err *e) ATTR_CHECK;
int commands_add_flags(struct assembly *a, struct err *e) ATTR_CHECK;

/* Refuse the words of the command; `canonical` is the found program's real path, or NULL. */
int commands_check(struct assembly *a, const char *canonical, struct err *e) ATTR_CHECK;

/* program.c */
int program_find(struct assembly *a, struct buf *path, struct err *e) ATTR_CHECK;
int program_grant(struct assembly *a, const char *path, struct err *e) ATTR_CHECK;

/* interpreter.c: pure. What the head of a program names as its interpreter. */
enum interpreter_kind { INTERPRETER_NONE, INTERPRETER_PATH, INTERPRETER_ENV };

struct interpreter {
	enum interpreter_kind kind;
	struct slice name; /* a path; for ENV the command that env(1) looks up */
};

/* `#!` line of the first bytes of a file. */
struct interpreter interpreter_of_script(struct slice head);

/* PT_INTERP of an ELF file of this machine's word size; needs the bytes it points to in `head`. */
struct interpreter interpreter_of_elf(struct slice head);

#endif
