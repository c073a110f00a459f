/* Shared by the rules (lint*.c). */
#ifndef PROFILES_LINT_INTERNAL_H
#define PROFILES_LINT_INTERNAL_H

#include <stdbool.h>

#include "profiles/inspect.h"
#include "profiles/lint.h"
#include "profiles/profile.h"

/* A path that a person asked for, in a list of `filesystem`, or the working directory. */
struct lint_path {
	const char *list;	 /* "allow"; "workdir" */
	size_t index;		 /* in the list */
	const struct node *node; /* NULL: a group's */
	const struct group *group;
	const char *written, *path, *canonical; /* the last two absolute */
	unsigned int access;			/* PLAN_*; 0 for a socket */
	bool exists, directory;
	bool file_list; /* allow_file and the like */
	bool socket;
};

struct lint_deny {
	const char *written, *canonical;
	const struct group *group; /* NULL: filesystem.deny */
};

struct lint {
	struct lint_report *report;
	const struct lint_levels *levels;
	const struct profile *p;
	const struct inspect *in;
	char *const *environment;
	struct lint_path *path; /* users' grants first, then writable ones of groups */
	size_t paths, paths_capacity;
	struct lint_path *bypass;
	size_t bypasses, bypasses_capacity;
	struct lint_deny *deny;
	size_t denies, denies_capacity;
	bool failed; /* out of memory */
};

/* One finding about a node, or about the profile as a whole (NULL). `fix` may be NULL. */
void
lint_add(struct lint *l, const char *rule, enum lint_severity severity, const struct node *node,
	 const char *pointer, const char *fix, const char *fmt, ...) ATTR_PRINTF(7, 8);

/* "/filesystem/allow/0", in the pool. */
const char *lint_pointer(struct lint *l, const struct lint_path *path);

/* Does a preset or a group ask for it? Those are judged more mildly. */
bool lint_is_ours(const struct lint_path *path);

/* The groups of rules. */
void lint_files(struct lint *l);   /* P005 to P007, P303 */
void lint_groups(struct lint *l);  /* P002 to P004, P009 */
void lint_paths(struct lint *l);   /* P008, P101 to P112 */
void lint_network(struct lint *l); /* P201 to P207, P301, P302 */

#endif
