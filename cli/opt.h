/*
 * The parsed command line: one list of (flag, value) in argv order, then what environment
 * variables add (env.c), then the program. Parsing has no effect on anything.
 */
#ifndef CLI_OPT_H
#define CLI_OPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cli/table.h"
#include "profiles/policy.h"

struct opt_item {
	const struct flag *flag;
	char *value;	      /* NULL for a switch */
	const char *variable; /* where it came from, NULL: argv */
};

struct opt {
	const struct command *command; /* NULL: none given */
	const struct command *parent;  /* the command that `command` is one of, as `profile` */
	bool help, version;
	struct opt_item *item;
	size_t count, capacity;
	struct words program; /* the program and its arguments; names behind `help`; operands */
	const char **operand; /* memory of `program` where options stand between its words */
	size_t operand_capacity;
	char **warning; /* lines about old names, each once, in order of appearance */
	size_t warnings, warnings_capacity;

	/* About a usage error. */
	const char *tip; /* a near name */
	bool tip_is_command;
	bool show_usage;
};

#define OPT_INIT  \
	{         \
		0 \
	}

/*
 * Read argv. 0, or a usage error (exit code 2); the refusal of a flag of a later build or of
 * another platform is one as well. `environment` is asked for HOME only.
 */
int opt_parse(struct opt *o, int argc, char *const *argv, char *const *environment,
	      struct err *e) ATTR_CHECK;

/* What values must be there, and what excludes each other. After env_bind(). */
int opt_check(const struct opt *o, struct err *e) ATTR_CHECK;

void opt_clear(struct opt *o);

bool opt_has(const struct opt *o, enum flag_id id);
size_t opt_count(const struct opt *o, enum flag_id id);

/* The value of a flag that is given once; NULL when it is not given. */
const char *opt_value(const struct opt *o, enum flag_id id);

/* ---- for env.c ---- */

/*
 * Check and add one value. `expand`: no shell has expanded a leading "~". With a comma flag a
 * value that is no existing path becomes several.
 */
int opt_add(struct opt *o, const struct flag *f, const char *value, const char *variable,
	    bool expand, char *const *environment, struct err *e) ATTR_CHECK;

/* Add a warning line unless it is there. */
int opt_warn(struct opt *o, const char *fmt, ...) ATTR_PRINTF(2, 3) ATTR_CHECK;

/* The refusal of a flag that this build does not have; `variable` may be NULL. */
int opt_refuse(const struct flag *f, const char *variable, struct err *e);

#endif
