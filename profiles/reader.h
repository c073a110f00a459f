/* Shared by the files that turn the text of a profile into its canonical tree. */
#ifndef PROFILES_READER_H
#define PROFILES_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "profiles/profile.h"
#include "profiles/schema.h"

enum { WHEN_TEXT_MAX = 512 };

/* What conditions are compared with; NULL or 0: not known. */
struct when_host {
	const char *id, *id_like, *version, *variant; /* of os-release */
	const char *hostname, *home;
	const char *arch;
	unsigned int landlock_abi;
	bool wsl, container, ci;
};

/* Take what an os-release text says; strings go to the pool. 0 or -ENOMEM. */
int when_read_os_release(struct when_host *h, struct pool *pool, struct slice text) ATTR_CHECK;

/*
 * Does one condition hold? 0, or -EINVAL with *ret_reason, a constant. Looks at the disk for
 * `exists:` only.
 */
int when_holds(const struct when_host *h, const char *text, bool *ret,
	       const char **ret_reason) ATTR_CHECK;

/* One text on its way into a profile. */
struct reader {
	struct pool *pool;
	const char *shown;	      /* the file, or the preset's name */
	const struct when_host *host; /* NULL until a condition asks */
	const struct when_host *(*find_host)(void *context);
	void *context;
	char today[16];		    /* YYYY-MM-DD */
	struct policy_notes *notes; /* NULL: none wanted */
	size_t deprecated_keys;
	struct profile_problem *problem; /* NULL: not wanted */
	struct err *e;
};

/* "Profile parse error: SHOWN:LINE:COLUMN: TEXT[; HINT]" about a value, or about its key. */
int reader_fail(struct reader *r, const struct node *n, const char *hint, const char *fmt, ...)
	ATTR_PRINTF(4, 5);
int reader_fail_key(struct reader *r, const struct node *n, const char *hint, const char *fmt, ...)
	ATTR_PRINTF(4, 5);
int reader_fail_memory(struct reader *r);

/* A warning of this text, once: 0 or the error for memory. */
int reader_warn(struct reader *r, enum policy_note_kind kind, const char *fmt, ...)
	ATTR_PRINTF(3, 4) ATTR_CHECK;

/* check.c: keys, types, choices, conditions; renames and orders in place. */
int check_profile(struct reader *r, struct node *tree) ATTR_CHECK;

/* Put the members of an object and of the objects in it into the order of the table. */
void check_order(struct node *object, const struct key_table *t);

/* legacy.c: older keys and group names take their new places. */
int legacy_drain(struct reader *r, struct node *tree) ATTR_CHECK;

/* validate.c: what a table of types cannot say (spec 03 3.9 to 3.17). */
int validate_text(struct reader *r, const struct node *tree) ATTR_CHECK;
int validate_resolved(struct reader *r, const struct node *tree) ATTR_CHECK;

/* validate.c: small forms that policies.c needs, too. */
bool form_is_pattern(const char *text);
bool form_is_variable(const char *text);
bool form_is_origin(const char *text);
bool form_is_upstream(const char *text);

/* merge.c: a new tree in which the child's text builds on the base's (4.3). NULL: no memory. */
struct node *
merge_trees(struct pool *pool, const struct node *base, const struct node *child) ATTR_CHECK;

/* merge.c: what `remove` names leaves the tree, with `remove` itself (B21). */
int merge_remove(struct reader *r, struct node *tree) ATTR_CHECK;

/* credential.c: syntax of references and of target variables; NULL, or what is wrong. */
const char *credential_key_problem(const char *text);
const char *credential_uri_problem(const char *text);
const char *credential_target_problem(const char *variable);
bool credential_is_command(const char *text, const char **ret_name);
bool credential_needs_variable(const char *text);

#endif
