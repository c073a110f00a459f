/*
 * One script that the user's profile names, run with the user's full rights outside of any sandbox
 * (spec 03 15.2). Who could have written it is checked at every run, and what was checked is what
 * runs: the descriptor.
 */
#ifndef CLI_HOOK_RUN_H
#define CLI_HOOK_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

enum { HOOK_OUTPUT_MAX = 64 << 10 };

/* Open and judge a script: the descriptor, or an error that says what is wrong with it. */
int hook_open(const char *script, struct err *e) ATTR_CHECK;

struct hook_run {
	const char *script;
	int fd;			/* of hook_open() */
	char *const *variables; /* its environment */
	uint64_t timeout_ms;	/* 0: none */
	bool capture;		/* keep its output instead of letting it through */

	/* Result. */
	int status; /* as of waitpid(2) */
	bool timed_out;
	struct buf output; /* its end, when it was long */
};

/* Run it to its end: 0 however it ended, or an error. `output` is cleared by the caller. */
int hook_run(struct hook_run *h, struct err *e) ATTR_CHECK;

#endif
