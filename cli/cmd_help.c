/* help, --help, --version, and what is said about a bad command line. */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/hooks.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "cli/env.h"
#include "cli/help.h"
#include "cli/out.h"

#ifndef NONO_VERSION
#define NONO_VERSION "unknown"
#endif

int
cmd_usage_error(const struct opt *o, const struct err *e, char *const *environment)
{
	struct out out;

	out_init(&out, STDERR_FILENO, opt_value(o, FLAG_COLOR), environment);
	out_error(&out, e);
	if (e->exit_code == EXIT_USAGE) {
		const char *name = o->command ? o->command->name : NULL;
		const char *parent = o->parent ? o->parent->name : NULL;

		if (o->tip)
			out_putf(&out, "  tip: a similar %s exists: '%s%s'\n",
				 o->tip_is_command ? "subcommand" : "argument",
				 o->tip_is_command ? "" : "--", o->tip);
		if (o->show_usage)
			out_putf(&out, "usage: nono %s\n",
				 o->command ? o->command->usage : "[OPTIONS] <COMMAND>");
		out_putf(&out, "For more information, try 'nono %s%s%s%s--help'.\n",
			 parent ? parent : "", parent ? " " : "", name ? name : "",
			 name ? " " : "");
	}
	(void)out_flush(&out);
	out_clear(&out);
	return e->exit_code ? e->exit_code : EXIT_NONO;
}

/* The words behind `nono help`. */
static int
find_topic(struct opt *o, struct err *e)
{
	o->command = NULL;
	for (size_t i = 0; i < o->program.count; i++) {
		const char *word = o->program.item[i];

		o->parent = o->command;
		if (o->parent && !o->parent->sub)
			return err_set_exit(e, EXIT_USAGE, -EINVAL,
					    "unexpected argument '%s' found", word);
		o->command = o->parent ? command_find_sub(o->parent, word) : command_find(word);
		if (o->command)
			continue;
		o->tip = o->parent ? command_suggest_sub(o->parent, word) : command_suggest(word);
		o->tip_is_command = true;
		return err_set_exit(e, EXIT_USAGE, -EINVAL, "unrecognized subcommand '%s'", word);
	}
	return 0;
}

int
cmd_help(struct opt *o, char *const *environment)
{
	/* A command that is only a name for others was not enough. */
	bool asked = (o->command && !o->command->sub) || o->help || o->version;
	struct err e = ERR_INIT;
	const char *unknown;
	struct out out;
	int r;

	if (o->command && o->command->id == COMMAND_HELP && !o->help) {
		o->show_usage = true;
		r = find_topic(o, &e);
		if (r < 0)
			return cmd_usage_error(o, &e, environment);
	}
	/* `nono help | head`: the reader may leave early. */
	(void)signal(SIGPIPE, SIG_IGN);
	out_init(&out, asked ? STDOUT_FILENO : STDERR_FILENO, opt_value(o, FLAG_COLOR),
		 environment);
	/* The configuration is not read for help: it must work when that is broken. */
	out.theme = theme_choose(opt_value(o, FLAG_THEME), env_get(environment, "NONO_THEME"),
				 &unknown);
	if (o->version)
		out_putf(&out, "nono %s%s\n", NONO_VERSION,
			 hook_is_test_build() ? " (test build)" : "");
	else if (o->command)
		help_command(&out, o->parent, o->command);
	else
		help_root(&out);
	r = out_flush(&out);
	if (asked && r < 0 && r != -EPIPE) {
		(void)err_set_errno(&e, r, "cannot write to standard output");
		out.fd = STDERR_FILENO;
		out_error(&out, &e);
		out_clear(&out);
		return EXIT_NONO;
	}
	out_clear(&out);
	return asked ? 0 : EXIT_USAGE;
}
