/* Shared by the commands of `profile` (cmd_profile*.c) and of `hooks` (cmd_hooks.c). */
#ifndef CLI_CMD_PROFILE_H
#define CLI_CMD_PROFILE_H

#include "base/json_write.h"
#include "cli/opt.h"
#include "cli/out.h"
#include "profiles/profile.h"

/* One command at work. What is asked for goes to standard output in one piece, at the end. */
struct listing {
	const struct opt *o;
	char *const *environment;
	struct out out;	 /* standard output */
	struct out note; /* standard error */
	bool as_json;
	struct buf json;		/* what --json prints */
	struct json j;			/* writes to it */
	bool json_done;			/* `json` was written by other means */
	struct profile_problem problem; /* about a profile that could not be loaded */
	size_t deprecated;		/* old keys in what was loaded */
	struct err verdict;		/* told behind a result that is bad, when it has a code */
	int exit_code;			/* of a command that did its work */
};

/* "nono profile: TEXT", as a heading. */
void listing_title(struct listing *l, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* Load the profile that an operand names, and tell its warnings. 0, or an error. */
int listing_load(struct listing *l, struct profile **ret, const char *reference, unsigned int flags,
		 struct err *e) ATTR_CHECK;

/* Print a tree as JSON. 0 or an error. */
int listing_tree(struct listing *l, const struct node *tree, struct err *e) ATTR_CHECK;

enum { NODE_LINE_MAX = 1 << 20 };

/* Append what an entry says on one line: its text, else JSON. 0 or -errno. */
int node_line(struct buf *b, const struct node *n) ATTR_CHECK;

/* Each: 0, or an error that is still to be told. */
int profile_groups(struct listing *l, struct err *e) ATTR_CHECK;
int profile_list(struct listing *l, struct err *e) ATTR_CHECK;
int profile_show(struct listing *l, struct err *e) ATTR_CHECK;
int profile_diff(struct listing *l, struct err *e) ATTR_CHECK;
int profile_validate(struct listing *l, struct err *e) ATTR_CHECK;
int profile_init(struct listing *l, struct err *e) ATTR_CHECK;
int profile_promote(struct listing *l, struct err *e) ATTR_CHECK;
int profile_schema(struct listing *l, struct err *e) ATTR_CHECK;
int profile_guide(struct listing *l, struct err *e) ATTR_CHECK;
int profile_lint(struct listing *l, struct err *e) ATTR_CHECK;
int profile_explain(struct listing *l, struct err *e) ATTR_CHECK;
int profile_drift(struct listing *l, struct err *e) ATTR_CHECK;
int profile_test(struct listing *l, struct err *e) ATTR_CHECK;

/* The commands of `hooks` (cmd_hooks.c). */
int hooks_status(struct listing *l, struct err *e) ATTR_CHECK;
int hooks_install(struct listing *l, struct err *e) ATTR_CHECK;
int hooks_remove(struct listing *l, struct err *e) ATTR_CHECK;
int hooks_approvals(struct listing *l, struct err *e) ATTR_CHECK;

/* Does a variable reach the program? *ret_why: a constant (cmd_profile_explain.c). */
bool profile_passes_variable(const struct profile *p, const char *name, const char **ret_why);

#endif
