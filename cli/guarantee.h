/*
 * What nono promises, one line each: which mechanism holds it, and whether it held when it was
 * tried (spec 02 section 26.4). Pure: judges what prove.c found.
 */
#ifndef CLI_GUARANTEE_H
#define CLI_GUARANTEE_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/prove.h"

enum guarantee_state { GUARANTEE_ENFORCED, GUARANTEE_DEGRADED, GUARANTEE_UNAVAILABLE };

enum { GUARANTEE_REASON_MAX = 192 };

struct guarantee {
	const char *id;	  /* for scripts */
	const char *text; /* for people */
	const char *mechanism;
	enum guarantee_state state;
	bool broken; /* this kernel could hold it, and it did not hold */
	char reason[GUARANTEE_REASON_MAX];
};

extern const size_t guarantees_count;

/* The i-th line on this kernel. */
void guarantee_judge(struct guarantee *ret, size_t i, const struct prove_result *result,
		     const struct kernel *k);

const char *guarantee_state_text(enum guarantee_state state);

#endif
