/*
 * Writes nono.1 (mdoc) from the table of commands and flags, so that the manual page and --help
 * cannot differ. What the table does not hold, it holds itself: exit codes, environment, files.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/table.h"

enum { LINE_COLUMNS = 76 };

/* One character of text: the backslash and the hyphen-minus have a meaning of their own. */
static void
print_character(char c)
{
	if (c == '\\')
		(void)fputs("\\e", stdout);
	else if (c == '-')
		(void)fputs("\\-", stdout);
	else
		(void)putchar(c);
}

/*
 * Text of a paragraph, filled, with every sentence on lines of its own as mdoc wants it. A dot or
 * quote may not begin a line; an empty line starts a paragraph.
 */
static void
print_text(const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t n = strcspn(text, " \n");

		if (column > 0 && column + n >= LINE_COLUMNS) {
			(void)putchar('\n');
			column = 0;
		} else if (column > 0) {
			(void)putchar(' ');
		}
		if (column == 0 && (*text == '.' || *text == '\''))
			(void)fputs("\\&", stdout);
		for (size_t i = 0; i < n; i++)
			print_character(text[i]);
		column += n + 1;
		if (n > 0 && text[n - 1] == '.' && text[n] == ' ') {
			(void)putchar('\n');
			column = 0;
		}
		text += n;
		if (text[0] == '\n' && text[1] == '\n') {
			(void)fputs("\n.Pp\n", stdout);
			column = 0;
		}
		text += strspn(text, " \n");
	}
	(void)putchar('\n');
}

/* A word behind a macro: hyphens are minus signs. */
static void
print_word(const char *word)
{
	while (*word)
		print_character(*word++);
}

static bool
is_shown(const struct flag *f)
{
	return f->status == STATUS_AVAILABLE && !f->hidden;
}

static void
print_flag(const struct flag *f)
{
	(void)fputs(".It", stdout);
	if (f->letter)
		(void)printf(" Fl %c", f->letter);
	if (f->letter && f->metavar)
		(void)printf(" Ar %s", f->metavar);
	(void)fputs(f->letter ? " , Fl Fl " : " Fl Fl ", stdout);
	print_word(f->name);
	if (f->metavar)
		(void)printf(" Ar %s", f->metavar);
	(void)putchar('\n');
	print_text(f->help);
	if (f->repeat && f->value != VALUE_COUNT)
		(void)puts("May be given several times.");
	if (f->variable)
		(void)printf("The environment variable\n.Ev %s\nstands for it.\n", f->variable);
}

static void
print_flags(void)
{
	(void)puts(".Sh OPTIONS");
	(void)puts("Options stand before the program; everything from the first word that is no\n"
		   "option belongs to the program.");
	for (int heading = 0; heading < HEADING_COUNT; heading++) {
		bool open = false;

		for (size_t i = 0; i < flags_count; i++) {
			const struct flag *f = &flags_table[i];

			if (f->heading != heading || !is_shown(f))
				continue;
			if (!open) {
				const char *title = heading_title((enum heading)heading);

				(void)printf(".Ss %c", title[0]);
				for (const char *c = title + 1; *c; c++)
					(void)putchar(*c | 0x20);
				(void)puts("\n.Bl -tag -width Ds");
			}
			open = true;
			print_flag(f);
		}
		if (open)
			(void)puts(".El");
	}
}

static void
print_commands(void)
{
	(void)puts(".Sh DESCRIPTION\n"
		   ".Nm\n"
		   "runs a program with access to what is granted on the command line, and to\n"
		   "nothing else.\n"
		   "The commands are:\n"
		   ".Bl -tag -width Ds");
	for (size_t i = 0; i < commands_count; i++) {
		const struct command *c = &commands_table[i];

		if (c->status != STATUS_AVAILABLE)
			continue;
		(void)printf(".It Nm Cm %s\n", c->name);
		print_text(c->about);
	}
	(void)puts(".El");
}

static void
print_examples(void)
{
	(void)puts(".Sh EXAMPLES");
	for (size_t i = 0; i < commands_count; i++) {
		const char *line = commands_table[i].examples;

		while (line && *line) {
			int n = (int)strcspn(line, "\n");

			(void)fputs(".Dl ", stdout);
			for (int k = 0; k < n; k++)
				print_character(line[k]);
			(void)putchar('\n');
			line += n + (line[n] == '\n');
		}
	}
}

static void
print_variables(void)
{
	(void)puts(
		".Sh ENVIRONMENT\n"
		"A variable counts only where its option is not given, and an empty one counts as\n"
		"not set.\n"
		"Switches take the words y, yes, t, true, on, 1, and n, no, f, false, off, 0.\n"
		".Bl -tag -width Ds");
	for (size_t i = 0; i < flags_count; i++) {
		const struct flag *f = &flags_table[i];

		if (!f->variable || !is_shown(f))
			continue;
		(void)printf(".It Ev %s\nThe option\n.Fl Fl ", f->variable);
		print_word(f->name);
		(void)puts(" .");
	}
	(void)puts(".It Ev NONO_LOG , RUST_LOG\n"
		   "Level of the log: error, warn, info, debug, trace or off.\n"
		   ".It Ev NO_COLOR , CLICOLOR , CLICOLOR_FORCE , COLORTERM , TERM\n"
		   "Whether and how to use colours.\n"
		   ".It Ev HOME , PWD , TMPDIR , PATH\n"
		   "As for every program.\n"
		   ".El");
}

int
main(void)
{
	(void)puts(".\\\" Written by tools/gen_man.c from the table of commands and flags.\n"
		   ".Dd $Mdocdate$\n"
		   ".Dt NONO 1\n"
		   ".Os\n"
		   ".Sh NAME\n"
		   ".Nm nono\n"
		   ".Nd run a program inside limits\n"
		   ".Sh SYNOPSIS\n"
		   ".Nm\n.Cm run\n.Op Ar options\n.Op Fl Fl\n.Ar program\n.Op Ar argument ...\n"
		   ".Nm\n.Cm wrap\n.Op Ar options\n.Op Fl Fl\n.Ar program\n.Op Ar argument ...\n"
		   ".Nm\n.Cm help\n.Op Ar command");
	print_commands();
	print_flags();
	print_variables();
	(void)puts(".Sh EXIT STATUS\n"
		   "The exit code of the program; 128+N when signal N killed it under\n"
		   ".Nm Cm run .\n"
		   "Of\n.Nm\nitself:\n"
		   ".Bl -tag -width Ds\n"
		   ".It 1\nAn error before the program ran.\n"
		   ".It 2\nA usage error; nothing was started.\n"
		   ".It 126\nThe sandbox could not be set up, or the program is not executable.\n"
		   ".It 127\nThe program was not found.\n"
		   ".El\n"
		   ".Pp\n"
		   "The option\n.Fl Fl error\\-exit\\-code\nreplaces 1, 126 and 127.");
	print_examples();
	(void)puts(".Sh SEE ALSO\n"
		   ".Xr seccomp 2 ,\n"
		   ".Xr landlock 7");
	return ferror(stdout) || fflush(stdout) == EOF;
}
