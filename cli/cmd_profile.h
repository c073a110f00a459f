/* Shared by the commands of `profile` (cmd_profile*.c). */
#ifndef CLI_CMD_PROFILE_H
#define CLI_CMD_PROFILE_H

#include "base/json_write.h"
#include "cli/opt.h"
#include "cli/out.h"

/* One command at work. What is asked for goes to standard output in one piece, at the end. */
struct listing {
	const struct opt *o;
	char *const *environment;
	struct out out;	 /* standard output */
	struct out note; /* standard error */
	bool as_json;
	struct buf json; /* what --json prints */
	struct json j;	 /* writes to it */
	int exit_code;	 /* of a command that did its work */
};

/* "nono profile: TEXT", as a heading. */
void listing_title(struct listing *l, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* Each: 0, or an error that is still to be told. */
int profile_groups(struct listing *l, struct err *e) ATTR_CHECK;

#endif
