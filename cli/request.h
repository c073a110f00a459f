/* From the parsed command line to what profiles/policy.h asks for. */
#ifndef CLI_REQUEST_H
#define CLI_REQUEST_H

#include "cli/opt.h"
#include "profiles/policy.h"

enum { REQUEST_LISTS = 19 };

/* Strings are borrowed from the options, the lists are owned. */
struct request {
	struct policy_request policy;
	const char *shell; /* program of `nono shell`, borrowed */
	void *list[REQUEST_LISTS];
	size_t lists;
};

/* 0 or -ENOMEM; cleared with request_clear() in both cases. */
int request_make(struct request *rq, const struct opt *o, char *const *environment) ATTR_CHECK;
void request_clear(struct request *rq);

#endif
