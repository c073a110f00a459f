/* The answers to classify.h: what the plan of `nono run` would say. */
#ifndef LEARN_COVER_H
#define LEARN_COVER_H

#include "learn/classify.h"
#include "plan/plan.h"

enum { COVER_ROOTS_MAX = 8 };

struct cover_rules {
	const struct plan *plan;
	const char *home; /* canonical */
	const char *temp; /* the command's private temporary directory, canonical; "": none */
	/* nono's own: the state is never granted, the configuration never for writing. Canonical. */
	const char *state[COVER_ROOTS_MAX], *config[COVER_ROOTS_MAX];
};

/* `context` is a struct cover_rules. */
enum cover
cover_ask(const void *context, const char *path, unsigned int access, const char **ret_group);
bool cover_too_broad(const void *context, const char *dir, unsigned int access);

#endif
