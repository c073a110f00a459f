/* What `nono why` answers, and how it is written (spec 01 section 9, spec 02 19.5). */
#ifndef CLI_ANSWER_H
#define CLI_ANSWER_H

#include <stdbool.h>

#include "base/buf.h"
#include "cli/out.h"

enum answer_status {
	ANSWER_ALLOWED,
	ANSWER_DENIED,
	ANSWER_APPROVAL,
	ANSWER_NOT_SANDBOXED,
	ANSWER_SCOPE,
};

/* Absent fields are NULL, or empty buffers. Strings are borrowed. */
struct answer {
	enum answer_status status;
	const char *reason;
	const char *message; /* not_sandboxed */
	struct buf granted_path;
	const char *access; /* "read", "write", "read+write", or a sentence about the network */
	struct buf source;
	const char *category; /* what the protected group is for */
	struct buf details;
	struct buf policy;	 /* "group:NAME" */
	const char *system_file; /* of the system's policy that decides, or NULL */
	struct buf closest_path, closest_source;
	const char *closest_access;
	struct buf suggestion;
	const char *enforcement; /* landlock, seccomp, none */

	/* scope */
	const char *scope, *state;
	bool requested, enforced, supported;
	int kernel_abi; /* 0: unknown */
};

void answer_clear(struct answer *a);

/* 0 or -ENOMEM. */
int answer_json(struct buf *b, const struct answer *a) ATTR_CHECK;
void answer_text(struct out *o, const struct answer *a);

/* One more sentence about it: 0 or -ENOMEM. */
int answer_detail(struct answer *a, const char *fmt, ...) ATTR_PRINTF(2, 3) ATTR_CHECK;

/* 0, or with --exit-status 3 and 4. */
int answer_exit_code(const struct answer *a);

#endif
