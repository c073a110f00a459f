/* `nono completion`: which script, and what the scripts of all shells agree on. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "cli/completion.h"

enum completion_kind
completion_kind(const struct flag *f)
{
	if (f->value == VALUE_NONE || f->value == VALUE_COUNT)
		return COMPLETE_NOTHING;
	if (f->choices)
		return COMPLETE_WORDS;
	if (f->value != VALUE_PATH)
		return COMPLETE_ANY;
	return str_equal(f->metavar, "DIR") ? COMPLETE_DIRECTORY : COMPLETE_FILE;
}

bool
completion_shows_flag(const struct flag *f, unsigned int commands)
{
	return f->status == STATUS_AVAILABLE && !f->hidden && (f->commands & commands);
}

bool
completion_shows_command(const struct command *c)
{
	return c->status == STATUS_AVAILABLE && !c->hidden;
}

bool
completion_takes_program(const struct command *c)
{
	return c->id == COMMAND_RUN || c->id == COMMAND_WRAP || c->id == COMMAND_LEARN;
}

static const struct {
	const char *shell;
	int (*write)(struct buf *b);
} scripts[] = {
	{ "bash", completion_bash },
	{ "zsh", completion_zsh },
	{ "fish", completion_fish },
	{ "powershell", completion_powershell },
};

static int
print_script(int (*write)(struct buf *b), struct err *e)
{
	autobuf struct buf text = BUF_INIT;
	int r = write(&text);

	if (r < 0)
		return err_set_errno(e, r, "cannot write the script");
	(void)signal(SIGPIPE, SIG_IGN);
	r = fd_write_all(STDOUT_FILENO, text.p, text.n);
	/* The reader left early, which is no error for a listing. */
	if (r < 0 && r != -EPIPE)
		return err_set_errno(e, r, "cannot write to standard output");
	return 0;
}

int
cmd_completion(struct opt *o, char *const *environment)
{
	struct err e = ERR_INIT;

	if (o->program.count == 0)
		(void)err_set_exit(&e, EXIT_USAGE, -EINVAL,
				   "the following required arguments were not provided: <SHELL>; "
				   "one of: " COMPLETION_SHELLS);
	else if (o->program.count > 1)
		(void)err_set_exit(&e, EXIT_USAGE, -EINVAL, "unexpected argument '%s' found",
				   o->program.item[1]);
	for (size_t i = 0; i < ARRAY_LEN(scripts) && o->program.count == 1; i++)
		if (str_equal(scripts[i].shell, o->program.item[0])) {
			if (print_script(scripts[i].write, &e) == 0)
				return 0;
			return cmd_usage_error(o, &e, environment);
		}
	if (o->program.count == 1)
		(void)err_set_exit(
			&e, EXIT_USAGE, -EINVAL,
			"invalid value '%s' for '<SHELL>'; possible values: " COMPLETION_SHELLS,
			o->program.item[0]);
	return cmd_usage_error(o, &e, environment);
}
