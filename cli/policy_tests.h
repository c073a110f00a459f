/*
 * Questions to a profile with the answers that its writer expects (spec 03 B16): files of cases, read
 * and answered by what decides for `nono why`, and, where that is asked for, tried in a sandbox.
 */
#ifndef CLI_POLICY_TESTS_H
#define CLI_POLICY_TESTS_H

#include "cli/live.h"
#include "cli/why.h"
#include "profiles/inspect.h"

/* What came of trying a case. */
enum policy_try {
	TRY_NOT, /* `why_not` says why */
	TRY_AGREES,
	TRY_DIFFERS, /* the kernel does something else than `nono why` says */
};

struct policy_case {
	const char *title;
	const char *wanted; /* the reason that is expected, or NULL */
	bool expected;	    /* allowed */
	bool predicted;	    /* so says `nono why`, with this reason: */
	const char *reason;

	enum policy_try result;
	const char *why_not;
	int error;    /* of the kernel, when it was tried */
	bool covered; /* something else was found there */

	/* for trying */
	const char *path; /* absolute; NULL: not a path */
	enum live_op op;
	const char *made; /* LIVE_CREATE: what is made there */
	bool there;	  /* outside there is something at that path */
	bool comparable;  /* and it is the same object inside */
	uint64_t device, inode;
};

struct policy_tests {
	struct opt o;
	struct why why;
	struct inspect *in;
	struct pool pool;
	const char *file; /* the present one */
	struct policy_case *item;
	size_t count, cap;
	size_t failed; /* after policy_tests_judge() */
	bool live, may_write;
	struct live *sandbox;
	struct err *e;
};

/* Where the tests of a profile are. */
struct policy_tests_request {
	const char *reference; /* of the profile */
	struct slice text;     /* of it, where it is not that of a file; p NULL: it is */
	const char *shown;     /* names the text */
	bool live, may_write;  /* `may_write`: --live-write */
	char *const *environment;
};

/* Each: 0 or an error. Released by policy_tests_clear() in every case. */
int policy_tests_begin(struct policy_tests *t, const struct policy_tests_request *rq,
		       struct err *e) ATTR_CHECK;
int policy_tests_read(struct policy_tests *t, const char *file) ATTR_CHECK;
int policy_tests_judge(struct policy_tests *t) ATTR_CHECK;
void policy_tests_clear(struct policy_tests *t);

/* "DIRECTORY/NAME.test.jsonc" beside a file of a profile; in the pool, NULL when out of memory. */
const char *policy_tests_beside(struct policy_tests *t, const char *profile) ATTR_CHECK;

bool policy_case_is_good(const struct policy_case *c);

/* "ok NUMBER - TITLE ..." with what is wrong behind it. */
void policy_case_put(struct out *o, const struct policy_case *c, size_t number, bool live);

#endif
