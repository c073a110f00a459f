/* bash and PowerShell: scripts that walk the words themselves. */
#include <stdbool.h>

#include "cli/completion.h"

/* "--allow -a", each behind `before`. */
static int
add_names(struct buf *b, const struct flag *f, const char *before)
{
	int r = buf_addf(b, "%s--%s", before, f->name);

	if (r == 0 && f->letter)
		r = buf_addf(b, "%s-%c", before, f->letter);
	return r;
}

static int
add_all_flags(struct buf *b, unsigned int commands)
{
	int r = 0;

	for (size_t i = 0; i < flags_count && r == 0; i++)
		if (completion_shows_flag(&flags_table[i], commands))
			r = add_names(b, &flags_table[i], " ");
	return r;
}

static int
add_all_commands(struct buf *b, const char *separator, bool programs_only)
{
	const char *before = "";
	int r = 0;

	for (size_t i = 0; i < commands_count && r == 0; i++) {
		const struct command *c = &commands_table[i];

		if (!completion_shows_command(c) || (programs_only && !completion_takes_program(c)))
			continue;
		r = buf_addf(b, "%s%s", before, c->name);
		before = separator;
	}
	return r;
}

/* "--allow|-a|--read|-r) ACTION ;;" for all flags of a kind; nothing when there are none. */
static int
add_kind(struct buf *b, enum completion_kind kind, const char *action)
{
	bool any = false;
	int r = 0;

	for (size_t i = 0; i < flags_count && r == 0; i++) {
		const struct flag *f = &flags_table[i];

		if (!completion_shows_flag(f, ON_ALL) || completion_kind(f) != kind)
			continue;
		r = buf_addf(b, "%s--%s", any ? "|" : "\t", f->name);
		if (r == 0 && f->letter)
			r = buf_addf(b, "|-%c", f->letter);
		any = true;
	}
	return r == 0 && any ? buf_addf(b, ") %s ;;\n", action) : r;
}

static int
add_choices(struct buf *b)
{
	int r = 0;

	for (size_t i = 0; i < flags_count && r == 0; i++) {
		const struct flag *f = &flags_table[i];

		if (completion_shows_flag(f, ON_ALL) && completion_kind(f) == COMPLETE_WORDS)
			r = buf_addf(b, "\t--%s) kind=words words='%s' ;;\n", f->name, f->choices);
	}
	return r;
}

/* The last word of its value kinds: what _nono_kind() leaves in `kind`. */
static int
add_kinds(struct buf *b)
{
	int r;

	if ((r = buf_adds(b, "# What stands behind a flag: kind is empty when nothing does.\n"
			     "_nono_kind() {\n"
			     "\tkind='' words=''\n"
			     "\tcase $1 in\n")) < 0 ||
	    (r = add_choices(b)) < 0 || (r = add_kind(b, COMPLETE_DIRECTORY, "kind=dir")) < 0 ||
	    (r = add_kind(b, COMPLETE_FILE, "kind=file")) < 0 ||
	    (r = add_kind(b, COMPLETE_ANY, "kind=any")) < 0)
		return r;
	return buf_adds(b, "\tesac\n}\n\n");
}

static const char bash_walk[] =
	"_nono() {\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} command='' flag='' kind words flags operands\n"
	"\tlocal i word\n"
	"\tCOMPREPLY=()\n"
	"\t# '=' is a word of its own here: --color = al\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tword=${COMP_WORDS[i]}\n"
	"\t\tif [[ -n $flag ]]; then\n"
	"\t\t\t[[ $word == '=' ]] || flag=''\n"
	"\t\t\tcontinue\n"
	"\t\tfi\n"
	"\t\tcase $word in\n"
	"\t\t--)\n"
	"\t\t\ti=$((i + 1))\n"
	"\t\t\tbreak\n"
	"\t\t\t;;\n"
	"\t\t-*)\n"
	"\t\t\t_nono_kind \"$word\"\n"
	"\t\t\t[[ -z $kind ]] || flag=$word\n"
	"\t\t\t;;\n"
	"\t\t*)\n"
	"\t\t\tif [[ -n $command ]]; then\n"
	"\t\t\t\tbreak\n"
	"\t\t\tfi\n"
	"\t\t\tcommand=$word\n"
	"\t\t\t;;\n"
	"\t\tesac\n"
	"\tdone\n";

static const char bash_end[] =
	"\tif [[ -n $flag || ( $cur == '=' && $i -gt 1 ) ]]; then\n"
	"\t\t[[ -n $flag ]] || flag=${COMP_WORDS[i - 1]}\n"
	"\t\t[[ $cur != '=' ]] || cur=''\n"
	"\t\t_nono_kind \"$flag\"\n"
	"\t\tcase $kind in\n"
	"\t\tdir)\n"
	"\t\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\t\tmapfile -t COMPREPLY < <(compgen -d -- \"$cur\")\n"
	"\t\t\t;;\n"
	"\t\tfile)\n"
	"\t\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	"\t\t\t;;\n"
	"\t\twords) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\") ;;\n"
	"\t\tesac\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tif [[ $cur == -* ]]; then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"$flags\" -- \"$cur\")\n"
	"\telif [[ -n $operands ]]; then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"$operands\" -- \"$cur\")\n"
	"\tfi\n"
	"}\n"
	"complete -F _nono nono\n";

static int
add_bash_program(struct buf *b)
{
	int r;

	if ((r = buf_adds(b, "\tcase $command in\n\t")) < 0 ||
	    (r = add_all_commands(b, "|", true)) < 0)
		return r;
	return buf_adds(
		b, ")\n"
		   "\t\t# From here on the words are the program's.\n"
		   "\t\tif [[ -z $flag && $i -lt $COMP_CWORD ||\n"
		   "\t\t\t-z $flag && $i -eq $COMP_CWORD && ${COMP_WORDS[i - 1]} == -- ]]; then\n"
		   "\t\t\tif declare -F _command_offset >/dev/null; then\n"
		   "\t\t\t\t_command_offset \"$i\"\n"
		   "\t\t\telif [[ $i -eq $COMP_CWORD ]]; then\n"
		   "\t\t\t\tmapfile -t COMPREPLY < <(compgen -c -- \"$cur\")\n"
		   "\t\t\telse\n"
		   "\t\t\t\tcompopt -o filenames 2>/dev/null\n"
		   "\t\t\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
		   "\t\t\tfi\n"
		   "\t\t\treturn\n"
		   "\t\tfi\n"
		   "\t\t;;\n"
		   "\tesac\n");
}

/* Flags and operands of each command, by name. */
static int
add_bash_commands(struct buf *b)
{
	int r;

	if ((r = buf_adds(b, "\tcase $command in\n\t'')\n\t\tflags='")) < 0 ||
	    (r = add_all_flags(b, ON_ROOT)) < 0 || (r = buf_adds(b, "'\n\t\toperands='")) < 0 ||
	    (r = add_all_commands(b, " ", false)) < 0 || (r = buf_adds(b, "'\n\t\t;;\n")) < 0)
		return r;
	for (size_t i = 0; i < commands_count; i++) {
		const struct command *c = &commands_table[i];
		const char *list = c->operands, *word;

		if (!completion_shows_command(c))
			continue;
		if ((r = buf_addf(b, "\t%s)\n\t\tflags='", c->name)) < 0 ||
		    (r = add_all_flags(b, c->flags)) < 0 || (r = buf_adds(b, "'\n")) < 0)
			return r;
		if (completion_takes_program(c)) {
			r = buf_adds(b, "\t\t[[ -n $flag || $cur == -* ]] || "
					"operands=$(compgen -c -- \"$cur\")\n");
		} else if (list_has(list, "COMMAND", 7)) {
			if ((r = buf_adds(b, "\t\toperands='")) == 0 &&
			    (r = add_all_commands(b, " ", false)) == 0)
				r = buf_adds(b, "'\n");
		} else if (list_next(&list, &word) > 0) {
			r = buf_addf(b, "\t\toperands='%s'\n", c->operands);
		}
		if (r < 0 || (r = buf_adds(b, "\t\t;;\n")) < 0)
			return r;
	}
	return buf_adds(b, "\tesac\n");
}

int
completion_bash(struct buf *b)
{
	int r;

	if ((r = buf_adds(b, "# bash completion for nono. Made by `nono completion bash`.\n\n")) <
		    0 ||
	    (r = add_kinds(b)) < 0 || (r = buf_adds(b, bash_walk)) < 0 ||
	    (r = add_bash_program(b)) < 0 || (r = add_bash_commands(b)) < 0)
		return r;
	return buf_adds(b, bash_end);
}

/* ---- PowerShell ---- */

static const char powershell_walk[] =
	"Register-ArgumentCompleter -Native -CommandName nono -ScriptBlock {\n"
	"\tparam($wordToComplete, $commandAst, $cursorPosition)\n"
	"\t$command = ''\n"
	"\t$flag = ''\n"
	"\t$words = @($commandAst.CommandElements | Select-Object -Skip 1 |\n"
	"\t\tWhere-Object { $_.Extent.EndOffset -lt $cursorPosition } |\n"
	"\t\tForEach-Object { $_.Extent.Text })\n"
	"\tforeach ($word in $words) {\n"
	"\t\tif ($flag) { $flag = ''; continue }\n"
	"\t\tif ($values.ContainsKey($word)) { $flag = $word; continue }\n"
	"\t\tif ($word.StartsWith('-')) { if ($word -eq '--') { return }; continue }\n"
	"\t\tif ($command) { return }\n"
	"\t\t$command = $word\n"
	"\t}\n"
	"\tif ($flag) { $offered = $values[$flag] }\n"
	"\telseif ($wordToComplete.StartsWith('-')) { $offered = $flags[$command] }\n"
	"\telse { $offered = $operands[$command] }\n"
	"\t$offered | Where-Object { $_ -like \"$wordToComplete*\" } | ForEach-Object {\n"
	"\t\t[System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)\n"
	"\t}\n"
	"}.GetNewClosure()\n";

/* 'a', 'b' of a list of words. */
static int
add_quoted(struct buf *b, const char *list)
{
	const char *word, *before = "";
	int r = 0;

	for (size_t n; r == 0 && (n = list_next(&list, &word)) > 0; before = ", ")
		r = buf_addf(b, "%s'%.*s'", before, (int)n, word);
	return r;
}

static int
add_powershell_flags(struct buf *b, const char *command, unsigned int commands)
{
	autobuf struct buf names = BUF_INIT;
	int r;

	if ((r = add_all_flags(&names, commands)) < 0 ||
	    (r = buf_addf(b, "\t'%s' = @(", command)) < 0 ||
	    (r = add_quoted(b, buf_str(&names))) < 0)
		return r;
	return buf_adds(b, ")\n");
}

static int
add_powershell_operands(struct buf *b, const char *command, const char *list)
{
	int r;

	if ((r = buf_addf(b, "\t'%s' = @(", command)) < 0 || (r = add_quoted(b, list)) < 0)
		return r;
	return buf_adds(b, ")\n");
}

/* Flags with a value; paths are completed by PowerShell itself where nothing is offered. */
static int
add_powershell_values(struct buf *b)
{
	int r = buf_adds(b, "$values = @{\n");

	for (size_t i = 0; i < flags_count && r == 0; i++) {
		const struct flag *f = &flags_table[i];

		if (!completion_shows_flag(f, ON_ALL) || completion_kind(f) == COMPLETE_NOTHING)
			continue;
		if ((r = buf_addf(b, "\t'--%s' = @(", f->name)) < 0 ||
		    (r = add_quoted(b, f->choices)) < 0)
			return r;
		r = buf_adds(b, ")\n");
	}
	return r < 0 ? r : buf_adds(b, "}\n");
}

int
completion_powershell(struct buf *b)
{
	autobuf struct buf commands = BUF_INIT;
	int r;

	if ((r = add_all_commands(&commands, " ", false)) < 0 ||
	    (r = buf_adds(b, "# PowerShell completion for nono. Made by `nono completion "
			     "powershell`.\n$flags = @{\n")) < 0 ||
	    (r = add_powershell_flags(b, "", ON_ROOT)) < 0)
		return r;
	for (size_t i = 0; i < commands_count && r == 0; i++)
		if (completion_shows_command(&commands_table[i]))
			r = add_powershell_flags(b, commands_table[i].name,
						 commands_table[i].flags);
	if (r < 0 || (r = buf_adds(b, "}\n$operands = @{\n")) < 0 ||
	    (r = add_powershell_operands(b, "", buf_str(&commands))) < 0)
		return r;
	for (size_t i = 0; i < commands_count && r == 0; i++) {
		const struct command *c = &commands_table[i];

		if (completion_shows_command(c) && c->operands)
			r = add_powershell_operands(b, c->name,
						    list_has(c->operands, "COMMAND", 7)
							    ? buf_str(&commands)
							    : c->operands);
	}
	if (r < 0 || (r = buf_adds(b, "}\n")) < 0 || (r = add_powershell_values(b)) < 0)
		return r;
	return buf_adds(b, powershell_walk);
}
