/* Shared by the questions of `nono why` (cmd_why.c, why_*.c). */
#ifndef CLI_WHY_H
#define CLI_WHY_H

#include <limits.h>

#include "cli/answer.h"
#include "cli/config.h"
#include "cli/opt.h"
#include "cli/request.h"
#include "cli/subject.h"
#include "cli/summary.h"
#include "launch/launch.h"

struct why {
	const struct opt *o;
	char *const *environment;
	struct out out;		   /* standard output */
	struct out note;	   /* standard error */
	struct slice profile_text; /* instead of a file of its name; p NULL: none */
	const char *profile_shown;
	struct config config;
	struct request request;
	struct policy_notes notes;
	void *image;
	size_t image_bytes;
	struct plan plan;
	struct plan_identity *grants; /* what each grant opens */
	struct kernel kernel;
	char cwd[PATH_MAX];
	struct answer answer;
};

/*
 * Make the plan of the options and look at what it grants: 0 or an error. Drops the capabilities
 * of root. Released by why_clear() in both cases.
 */
int
why_prepare(struct why *w, const struct opt *o, char *const *environment, struct err *e) ATTR_CHECK;
void why_clear(struct why *w);

/* Each: the answer, or an error that is still to be told. */
int why_path(struct why *w, const char *path, unsigned int access, struct err *e) ATTR_CHECK;
int why_port(struct why *w, unsigned int port, bool bind, struct err *e) ATTR_CHECK;
int why_socket(struct why *w, struct err *e) ATTR_CHECK;
int why_host(struct why *w, struct err *e) ATTR_CHECK;
int why_scope(struct why *w, struct err *e) ATTR_CHECK;
int why_command(struct why *w, struct err *e) ATTR_CHECK;

#endif
