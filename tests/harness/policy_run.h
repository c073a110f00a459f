/*
 * A temporary home and one run of policy_assemble() in it. The tree is made below /var/tmp: a home
 * below /tmp is a case of its own.
 */
#ifndef TESTS_HARNESS_POLICY_RUN_H
#define TESTS_HARNESS_POLICY_RUN_H

#include <stdbool.h>

#include "plan/plan.h"
#include "profiles/policy.h"

enum { RUN_PATH_MAX = 512, RUN_WORDS_MAX = 16, RUN_VARIABLES_MAX = 256 };

struct policy_run {
	char root[64];	   /* the temporary tree, canonical */
	char home[128];	   /* root/home */
	char project[128]; /* root/project, the working directory */
	char *variables[RUN_VARIABLES_MAX + 1];
	size_t variables_count;
	const char *store[32][RUN_WORDS_MAX];
	size_t stores;

	struct policy_request rq;
	policy_ask_fn *ask;
	void *ask_context;

	int r;
	struct err e;
	struct policy_notes notes;
	struct plan_builder builder;
	void *image;
	struct plan plan;
};

/* Tree, environment (HOME, PATH, PWD), working directory, request `--allow-cwd -- /bin/true`. */
void policy_run_init(struct policy_run *t);
void policy_run_clear(struct policy_run *t);

/* A path below the tree; in a ring of buffers that lasts for a test's lines. */
const char *policy_path(const struct policy_run *t, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* Make a directory with its parents, a file with contents, a symlink. */
void policy_mkdir(const char *path);
void policy_file(const char *path, const char *contents, unsigned int mode);
void policy_link(const char *target, const char *path);

/* Set a variable ("NAME=VALUE"), replacing one of the same name; "NAME" alone removes it. */
void policy_env(struct policy_run *t, const char *entry);

/* Fill a list of the request; ends with NULL. */
void policy_words(struct policy_run *t, struct words *words, ...) __attribute__((sentinel));

/* Run; what an earlier run left is released. The result is t->r as well. */
int policy_go(struct policy_run *t);

/* Is there such a note? `kind` 0-based enum; part of the text. */
bool policy_noted(const struct policy_run *t, enum policy_note_kind kind, const char *part);
bool policy_failed_with(const struct policy_run *t, const char *part);

/* The grant of this resolved (else original) path, or NULL; how many there are. */
const struct plan_grant *policy_grant(const struct policy_run *t, const char *path);
size_t policy_grants_of(const struct policy_run *t, const char *path);
const struct plan_deny *policy_deny(const struct policy_run *t, const char *literal);

/* The value of a variable of the plan, or NULL; how often the name is there. */
const char *policy_variable(const struct policy_run *t, const char *name);
size_t policy_variable_count(const struct policy_run *t, const char *name);

#endif
