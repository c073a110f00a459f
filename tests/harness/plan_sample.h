/*
 * Plans for tests. The sample has every section filled and every kind of record; a test that needs
 * another one changes the builder before it finishes.
 */
#ifndef TESTS_HARNESS_PLAN_SAMPLE_H
#define TESTS_HARNESS_PLAN_SAMPLE_H

#include "plan/plan.h"

/* A grant in words: `resolved` NULL means not looked up. */
struct sample_grant {
	const char *original, *resolved;
	unsigned int access;
	enum plan_kind kind;
	unsigned int flags;
};

/* Only the settings, with one argument: the smallest plan there is. 0 or -errno. */
int sample_begin(struct plan_builder *b, const char *program) ATTR_CHECK;

int sample_add_grant(struct plan_builder *b, const struct sample_grant *g) ATTR_CHECK;
int sample_add_socket(struct plan_builder *b, const char *path, enum plan_socket_scope scope,
		      enum plan_socket_mode mode) ATTR_CHECK;
int sample_add_deny(struct plan_builder *b, const char *literal, const char *resolved) ATTR_CHECK;

/* Everything. */
int sample_full(struct plan_builder *b) ATTR_CHECK;

#endif
