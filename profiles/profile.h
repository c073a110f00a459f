/*
 * From the name of a profile to its finished form: found, read, checked, merged with what it
 * extends (spec 03 sections 1 to 5). Programs that may not link a JSON library include this header
 * for the model only: what load.c makes, policy_assemble() takes.
 *
 * The finished form is a tree that holds canonical keys only: no aliases, no legacy keys, no
 * conditional entries (evaluated), no `extends`; members in the order of the key table, maps in the
 * order they were written. What no text set is absent. Every entry of a list knows the text, line
 * and column it came from (struct node), and through `again` who else asked for it.
 */
#ifndef PROFILES_PROFILE_H
#define PROFILES_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "profiles/groups.h"
#include "profiles/json.h"
#include "profiles/node.h"
#include "profiles/policy.h"
#include "profiles/pool.h"

enum {
	PROFILE_EXTENDS_MAX = 10, /* hops below the selected profile */
	PROFILE_NAME_MAX = 128,
};

/* One effective group: implicit ones first, then `groups.include`, exclusions removed. */
struct profile_group {
	const char *name;
	const struct group *group; /* NULL: unknown */
	const struct node *node;   /* the include that named it; NULL: implicit */
};

struct profile {
	struct pool pool;
	const char *name;		     /* as asked for */
	const char *shown;		     /* file path, or the preset's name, for messages */
	const struct profile_source *source; /* of the selected text */
	struct node *tree;		     /* see above */
	struct node *written;	    /* the selected text alone, canonical, with `extends` */
	const struct node *extends; /* as written: NULL, or an array of strings */
	const struct profile_source *const *sources; /* of all texts of the chain, its own first */
	size_t sources_count;
	struct profile_group *groups;
	size_t groups_count;
	struct user_groups user_groups; /* all there are, effective or not */
	size_t deprecated_keys;		/* in all texts */
	bool is_user;			/* named as a user profile or by path: `binary` counts */
};

/* A group by its name, also one of the user's; NULL when unknown. */
const struct group *profile_find_group(const struct profile *p, const char *name);

/* dotted: as "network.block". NULL when absent. */
const struct node *profile_get(const struct profile *p, const char *dotted);

/* Is the preset of this name among its bases, or itself it? By the text, not by what a file is called. */
bool profile_builds_on(const struct profile *p, const char *preset);

enum profile_ref_kind {
	PROFILE_REF_NAME = 1,
	PROFILE_REF_PATH,
	PROFILE_REF_REGISTRY, /* NAMESPACE/PACK[@VERSION] */
};

/* Spec 03 5.1; -EINVAL for what is none of the three. Looks at nothing on the disk. */
int profile_ref_classify(const char *text, enum profile_ref_kind *ret, struct err *e) ATTR_CHECK;
bool profile_name_is_valid(const char *name);

enum {
	PROFILE_ALONE = 1 << 0,	  /* without inheritance and without warnings: a look at its meta */
	PROFILE_LENIENT = 1 << 1, /* unknown and required groups are left for the caller to judge */
	PROFILE_TRUST_ANY = 1 << 2,	  /* --allow-untrusted-profile */
	PROFILE_PROJECT_PRESETS = 1 << 3, /* --allow-project-presets */
	PROFILE_QUIET = 1 << 4,		  /* no warnings in `notes` */
	PROFILE_DRAFT = 1 << 5,		  /* the name of a draft: <cfg>/profile-drafts */
};

/* Which class of spec 03 section 18 an error has, where it is, and what to do. */
struct profile_problem {
	const char *class_name; /* "Profile parse error"; constant */
	char file[1024];
	struct json_place place;
};

struct profile_request {
	const char *reference;		 /* the argument of --profile */
	struct slice text;		 /* read instead of its file; p NULL: none */
	const char *shown;		 /* names that text in messages */
	struct words extends;		 /* --extends, prepended */
	char *const *environment;	 /* HOME, XDG_*, CI */
	unsigned int flags;		 /* PROFILE_* */
	struct profile_problem *problem; /* NULL, or filled when loading fails */
};

/*
 * Load and resolve. 0, or an error whose text is the whole line after "nono: " (spec 03 section 18)
 * with FILE:LINE:COLUMN and a suggestion. -ENOENT: no such profile. Opens no socket, starts no
 * program, asks nothing. Warnings go to `notes` (POLICY_NOTE_WARNING; deprecated keys
 * POLICY_NOTE_DEPRECATED, text without "warning: ").
 */
int profile_load(struct profile **ret, const struct profile_request *rq, struct policy_notes *notes,
		 struct err *e) ATTR_CHECK;

/* The same for a text that is not in a file of its own; `shown` names it in messages. */
int profile_load_text(struct profile **ret, struct slice text, const char *shown,
		      const struct profile_request *rq, struct policy_notes *notes,
		      struct err *e) ATTR_CHECK;

void profile_free(struct profile *p);

/* What is wrong, or only doubtful, in `command_policies` (spec 03 3.14). */
struct policies_finding {
	const char *code, *text;
	bool error; /* else a warning */
	const struct node *at;
};

struct policies_findings {
	struct pool pool;
	struct policies_finding *item;
	size_t count, capacity;
	bool failed; /* out of memory */
};

/* `resolved`: the references of one command to another are looked at, too. */
int
policies_check(struct policies_findings *ret, const struct node *tree, bool resolved) ATTR_CHECK;
void policies_findings_clear(struct policies_findings *f);

/*
 * Append <cfg>, the configuration directory of this user (spec 03 section 1), whether it exists or
 * not.
 */
int profile_config_root(struct buf *b, char *const *environment, struct err *e) ATTR_CHECK;

/* Append the file of a user profile: 1, or 0 when there is none. */
int profile_user_file(struct buf *b, const char *config_root, const char *name) ATTR_CHECK;

#endif
