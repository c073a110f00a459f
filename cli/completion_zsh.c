/* zsh and fish: scripts that hand the table to the shell's own completion system. */
#include <string.h>

#include "base/str.h"
#include "cli/completion.h"

/* The first sentence of a help text. */
static struct slice
first_sentence(const char *help)
{
	const char *end = strstr(help, ". ");

	return (struct slice){ help, end ? (size_t)(end - help) : strlen(help) };
}

/* Text inside '...' of a shell, with a backslash before each character of `special`. */
static int
add_escaped(struct buf *b, struct slice text, const char *special)
{
	int r = 0;

	for (size_t i = 0; i < text.n && r == 0; i++) {
		if (text.p[i] == '\'') {
			r = buf_adds(b, "'\\''");
			continue;
		}
		if (strchr(special, text.p[i]))
			r = buf_addc(b, '\\');
		if (r == 0)
			r = buf_addc(b, text.p[i]);
	}
	return r;
}

/* ---- zsh ---- */

static int
add_zsh_value(struct buf *b, const struct flag *f)
{
	switch (completion_kind(f)) {
	case COMPLETE_NOTHING:
		return 0;
	case COMPLETE_ANY:
		return buf_addf(b, ":%s: ", f->metavar);
	case COMPLETE_DIRECTORY:
		return buf_addf(b, ":%s:_files -/", f->metavar);
	case COMPLETE_FILE:
		return buf_addf(b, ":%s:_files", f->metavar);
	case COMPLETE_WORDS:
		return buf_addf(b, ":%s:(%s)", f->metavar, f->choices);
	}
	return 0;
}

/* '*--allow=[Read and write ...]:DIR:_files -/', and the same for the letter. */
static int
add_zsh_spec(struct buf *b, const struct flag *f, bool letter)
{
	int r = buf_addf(b, " \\\n\t\t'%s-", f->repeat ? "*" : "");

	if (r == 0)
		r = letter ? buf_addc(b, f->letter)
			   : buf_addf(b, "-%s%s", f->name,
				      completion_kind(f) == COMPLETE_NOTHING ? "" : "=");
	if (r == 0 && letter && completion_kind(f) != COMPLETE_NOTHING)
		r = buf_addc(b, '+');
	if (r < 0 || (r = buf_addc(b, '[')) < 0 ||
	    (r = add_escaped(b, first_sentence(f->help), "[]:\\")) < 0 ||
	    (r = buf_addc(b, ']')) < 0 || (r = add_zsh_value(b, f)) < 0)
		return r;
	return buf_addc(b, '\'');
}

static int
add_zsh_flags(struct buf *b, unsigned int commands)
{
	int r = 0;

	for (size_t i = 0; i < flags_count && r == 0; i++) {
		const struct flag *f = &flags_table[i];

		if (!completion_shows_flag(f, commands))
			continue;
		r = add_zsh_spec(b, f, false);
		if (r == 0 && f->letter)
			r = add_zsh_spec(b, f, true);
	}
	return r;
}

static int
add_zsh_command(struct buf *b, const struct command *c)
{
	int r;

	if ((r = buf_addf(b, "\t%s)\n\t\t_arguments -s -S", c->name)) < 0 ||
	    (r = add_zsh_flags(b, c->flags)) < 0)
		return r;
	if (completion_takes_program(c))
		r = buf_adds(b, " \\\n\t\t'(-)1:program:_command_names -e'"
				" \\\n\t\t'*::arguments:_normal'");
	else if (c->operands && list_has(c->operands, "COMMAND", 7))
		r = buf_adds(b, " \\\n\t\t'1:command:_nono_commands'");
	else if (c->operands)
		r = buf_addf(b, " \\\n\t\t'1:shell:(%s)'", c->operands);
	return r < 0 ? r : buf_adds(b, "\n\t\t;;\n");
}

int
completion_zsh(struct buf *b)
{
	int r;

	if ((r = buf_adds(b, "#compdef nono\n"
			     "# zsh completion for nono. Made by `nono completion zsh`.\n\n"
			     "_nono_commands() {\n"
			     "\tlocal -a commands\n"
			     "\tcommands=(\n")) < 0)
		return r;
	for (size_t i = 0; i < commands_count; i++) {
		const struct command *c = &commands_table[i];

		if (!completion_shows_command(c))
			continue;
		if ((r = buf_addf(b, "\t\t'%s:", c->name)) < 0 ||
		    (r = add_escaped(b, slice_of(c->line), ":\\")) < 0 ||
		    (r = buf_adds(b, "'\n")) < 0)
			return r;
	}
	if ((r = buf_adds(b, "\t)\n"
			     "\t_describe -t commands 'nono command' commands\n"
			     "}\n\n"
			     "_nono() {\n"
			     "\tlocal context state state_descr line\n"
			     "\ttypeset -A opt_args\n"
			     "\t_arguments -C -s -S")) < 0 ||
	    (r = add_zsh_flags(b, ON_ROOT)) < 0 ||
	    (r = buf_adds(b, " \\\n\t\t'(-)1:command:_nono_commands'"
			     " \\\n\t\t'*::argument:->argument' && return\n"
			     "\t[[ $state == argument ]] || return\n"
			     "\tcurcontext=\"${curcontext%:*:*}:nono-$line[1]:\"\n"
			     "\tcase $line[1] in\n")) < 0)
		return r;
	for (size_t i = 0; i < commands_count && r == 0; i++)
		if (completion_shows_command(&commands_table[i]))
			r = add_zsh_command(b, &commands_table[i]);
	if (r < 0)
		return r;
	return buf_adds(
		b, "\tesac\n"
		   "}\n\n"
		   "# As a file of $fpath it is the function's body; sourced, it registers it.\n"
		   "if [[ $funcstack[1] == _nono ]]; then\n"
		   "\t_nono \"$@\"\n"
		   "else\n"
		   "\tcompdef _nono nono\n"
		   "fi\n");
}

/* ---- fish ---- */

static const char fish_walk[] =
	"# The command that the cursor belongs to; 'none' before it, 'program' behind the start of\n"
	"# somebody else's command line, which is left in __nono_words.\n"
	"function __nono_where\n"
	"\tset -l words (commandline -opc)\n"
	"\tset -e words[1]\n"
	"\tset -l command none\n"
	"\tset -l value 0\n"
	"\tset -g __nono_words\n"
	"\tfor i in (seq (count $words))\n"
	"\t\tif test $value = 1\n"
	"\t\t\tset value 0\n"
	"\t\t\tcontinue\n"
	"\t\tend\n"
	"\t\tswitch $words[$i]\n"
	"\t\t\tcase --\n"
	"\t\t\t\tset -g __nono_words $words[(math $i + 1)..-1]\n"
	"\t\t\t\techo program\n"
	"\t\t\t\treturn\n"
	"\t\t\tcase $__nono_value_flags\n"
	"\t\t\t\tset value 1\n"
	"\t\t\tcase '-*'\n"
	"\t\t\tcase '*'\n"
	"\t\t\t\tif test $command != none\n"
	"\t\t\t\t\tset -g __nono_words $words[$i..-1]\n"
	"\t\t\t\t\techo program\n"
	"\t\t\t\t\treturn\n"
	"\t\t\t\tend\n"
	"\t\t\t\tset command $words[$i]\n"
	"\t\tend\n"
	"\tend\n"
	"\techo $command\n"
	"end\n\n"
	"function __nono_in\n"
	"\tcontains -- (__nono_where) $argv\n"
	"end\n\n"
	"# What the shell itself would offer for the program's command line.\n"
	"function __nono_program\n"
	"\tset -l where (__nono_where)\n"
	"\tset -l word (commandline -ct)\n"
	"\tif test $where != program; and string match -q -- '-*' $word\n"
	"\t\treturn\n"
	"\tend\n"
	"\tset -l line (string join ' ' -- (string escape -- $__nono_words) $word)\n"
	"\tcomplete --do-complete=\"$line\"\n"
	"end\n\n"
	"complete -c nono -f\n";

static int
add_fish_value(struct buf *b, const struct flag *f)
{
	switch (completion_kind(f)) {
	case COMPLETE_NOTHING:
		return 0;
	case COMPLETE_ANY:
		return buf_adds(b, " -x");
	case COMPLETE_DIRECTORY:
		return buf_adds(b, " -x -a '(__fish_complete_directories)'");
	case COMPLETE_FILE:
		return buf_adds(b, " -r -F");
	case COMPLETE_WORDS:
		return buf_addf(b, " -x -a '%s'", f->choices);
	}
	return 0;
}

static int
add_fish_flags(struct buf *b, const char *where, unsigned int commands)
{
	int r = 0;

	for (size_t i = 0; i < flags_count && r == 0; i++) {
		const struct flag *f = &flags_table[i];

		if (!completion_shows_flag(f, commands))
			continue;
		if ((r = buf_addf(b, "complete -c nono -n '__nono_in %s' -l %s", where, f->name)) <
		    0)
			return r;
		if (f->letter && (r = buf_addf(b, " -s %c", f->letter)) < 0)
			return r;
		if ((r = add_fish_value(b, f)) < 0 || (r = buf_adds(b, " -d '")) < 0 ||
		    (r = add_escaped(b, first_sentence(f->help), "\\")) < 0)
			return r;
		r = buf_adds(b, "'\n");
	}
	return r;
}

static int
add_fish_value_flags(struct buf *b)
{
	int r = buf_adds(b, "set -g __nono_value_flags");

	for (size_t i = 0; i < flags_count && r == 0; i++) {
		const struct flag *f = &flags_table[i];

		if (!completion_shows_flag(f, ON_ALL) || completion_kind(f) == COMPLETE_NOTHING)
			continue;
		r = buf_addf(b, " --%s", f->name);
		if (r == 0 && f->letter)
			r = buf_addf(b, " -%c", f->letter);
	}
	return r < 0 ? r : buf_adds(b, "\n\n");
}

static int
add_fish_operands(struct buf *b, const struct command *c)
{
	const char *list = c->operands, *word;
	int r = 0;

	if (completion_takes_program(c))
		return buf_addf(b, "complete -c nono -n '__nono_in %s' -a '(__nono_program)'\n",
				c->name);
	for (size_t n; r == 0 && (n = list_next(&list, &word)) > 0;) {
		if (!slice_equal((struct slice){ word, n }, slice_of("COMMAND"))) {
			r = buf_addf(b, "complete -c nono -n '__nono_in %s' -a %.*s\n", c->name,
				     (int)n, word);
			continue;
		}
		for (size_t i = 0; i < commands_count && r == 0; i++)
			if (completion_shows_command(&commands_table[i]))
				r = buf_addf(b, "complete -c nono -n '__nono_in %s' -a %s\n",
					     c->name, commands_table[i].name);
	}
	return r;
}

int
completion_fish(struct buf *b)
{
	int r;

	if ((r = buf_adds(b, "# fish completion for nono. Made by `nono completion fish`.\n\n")) <
		    0 ||
	    (r = add_fish_value_flags(b)) < 0 || (r = buf_adds(b, fish_walk)) < 0 ||
	    (r = buf_adds(b, "complete -c nono -n '__nono_in program' -a '(__nono_program)'\n")) <
		    0 ||
	    (r = add_fish_flags(b, "none", ON_ROOT)) < 0)
		return r;
	for (size_t i = 0; i < commands_count; i++) {
		const struct command *c = &commands_table[i];

		if (!completion_shows_command(c))
			continue;
		if ((r = buf_addf(b, "complete -c nono -n '__nono_in none' -a %s -d '", c->name)) <
			    0 ||
		    (r = add_escaped(b, slice_of(c->line), "\\")) < 0 ||
		    (r = buf_adds(b, "'\n")) < 0 ||
		    (r = add_fish_flags(b, c->name, c->flags)) < 0 ||
		    (r = add_fish_operands(b, c)) < 0)
			return r;
	}
	return 0;
}
