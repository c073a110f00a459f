/*
 * Writes nono.1 (mdoc) from the table of commands and flags, so that the manual page and --help
 * cannot differ. What the table does not hold, it holds itself: exit codes, environment, files.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/table.h"
#include "profiles/manifest.h"

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

static bool
command_is_shown(const struct command *c)
{
	return c->status == STATUS_AVAILABLE && !c->hidden;
}

/* "<X>" and "[X]" of a usage line, X in capitals: behind the options. */
static void
print_operands(const char *usage)
{
	for (const char *p = usage; (p = strpbrk(p, "<[")) != NULL; p++) {
		size_t n = strspn(p + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ|");

		if (n == 0 || strncmp(p, "[OPTIONS]", 9) == 0)
			continue;
		(void)fputs(*p == '[' ? ".Op Ar " : ".Ar ", stdout);
		for (size_t i = 1; i <= n; i++)
			(void)putchar(p[i] == '|' ? '|' : p[i] | 0x20);
		(void)putchar('\n');
	}
}

/* From the usage line of the table: "<X>" is needed, "[X]" is not. */
static void
print_usage(const struct command *c, const char *parent)
{
	if (!command_is_shown(c))
		return;
	(void)printf(".Nm\n.Cm %s%s%s\n", parent ? parent : "", parent ? " " : "", c->name);
	if (strstr(c->usage, "[OPTIONS]"))
		(void)puts(".Op Ar options");
	if (strstr(c->usage, "<PROGRAM>"))
		(void)puts(".Op Fl Fl\n.Ar program\n.Op Ar argument ...");
	else
		print_operands(c->usage);
}

static void
print_synopsis(void)
{
	(void)puts(".Sh SYNOPSIS");
	for (size_t i = 0; i < commands_count; i++) {
		const struct command *c = &commands_table[i];

		print_usage(c, NULL);
		for (c = c->id == COMMAND_POLICY ? NULL : c->sub; c && c->name; c++)
			print_usage(c, commands_table[i].name);
	}
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
print_about(const struct command *c, const char *parent)
{
	if (!command_is_shown(c))
		return;
	(void)printf(".It Nm Cm %s%s%s\n", parent ? parent : "", parent ? " " : "", c->name);
	print_text(c->about);
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

		print_about(c, NULL);
		for (c = c->id == COMMAND_POLICY ? NULL : c->sub; c && c->name; c++)
			print_about(c, commands_table[i].name);
	}
	(void)puts(".El");
}

static void
print_example_lines(const struct command *c)
{
	const char *line = command_is_shown(c) ? c->examples : NULL;

	while (line && *line) {
		int n = (int)strcspn(line, "\n");

		(void)fputs(".Dl ", stdout);
		for (int k = 0; k < n; k++)
			print_character(line[k]);
		(void)putchar('\n');
		line += n + (line[n] == '\n');
	}
}

static void
print_examples(void)
{
	(void)puts(".Sh EXAMPLES");
	for (size_t i = 0; i < commands_count; i++) {
		const struct command *c = &commands_table[i];

		if (!c->sub)
			print_example_lines(c);
		for (c = c->id == COMMAND_POLICY ? NULL : c->sub; c && c->name; c++)
			print_example_lines(c);
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
	(void)puts(
		".It Ev NONO_NO_SAVE_PROMPT , CI\n"
		"The first, set to 1, true or yes, or the second, set to anything: refusals of a\n"
		"session are not offered for saving.\n"
		".It Ev NONO_LOG , RUST_LOG\n"
		"Level of the log: error, warn, info, debug, trace or off.\n"
		".It Ev NONO_UPDATE_URL , NONO_NO_UPDATE_CHECK\n"
		"Source of the update notice; the second, set to anything, switches it off.\n"
		"See\n.Sx UPDATES .\n"
		".It Ev XDG_CONFIG_HOME , XDG_STATE_HOME\n"
		"Where the directories of\n.Sx FILES\nare, when absolute.\n"
		".It Ev SHELL\n"
		"The shell that\n.Nm Cm shell\nstarts, and the one that\n.Nm Cm setup\n"
		"shows lines for.\n"
		".It Ev NO_COLOR , CLICOLOR , CLICOLOR_FORCE , COLORTERM , TERM\n"
		"Whether and how to use colours.\n"
		".It Ev HOME , PWD , TMPDIR , PATH\n"
		"As for every program.\n"
		".El");
}

/* Keys of config.toml: cli/config.c; a test compares the two lists. */
static void
print_configuration(void)
{
	static const struct {
		const char *key, *text;
	} keys[] = {
		{ "ui.theme", "Colours of messages, as\n.Fl Fl theme ." },
		{ "ui.detach_sequence",
		  "Keys that leave a session, at least two: ctrl\\-X, esc, tab, enter, space or one\n"
		  "ASCII character each.\nDefault: \"ctrl\\-] d\"." },
		{ "ui.terminal_filter",
		  "What of a program's output reaches the terminal: \"standard\", \"strict\" or "
		  "\"off\"." },
		{ "ui.scrollback_rows",
		  "Lines kept of what scrolled out of a session's screen, 0 to 10000 (the default):\n"
		  "for painting it again, and for explaining how the program ended." },
		{ "ui.prompt_timeout_secs",
		  "Seconds that a question on the terminal waits for its answer, which then is no;\n"
		  "0: for ever.\nDefault: 120." },
		{ "updates.check , updates.url", "See\n.Sx UPDATES ." },
		{ "redaction.extra_flags , redaction.extra_headers , redaction.extra_query_keys",
		  "Lists of names whose values are secrets beside the built\\-in ones; they are\n"
		  "replaced wherever a command line is shown or recorded." },
		{ "redaction.extra_env_vars",
		  "Environment variables whose names are not recorded, beside the built\\-in ones.\n"
		  "Values never are." },
		{ "redaction.allow_unredacted_defaults",
		  "Built\\-in names that are no secrets; needs\n"
		  ".Li unsafe_redaction_overrides = true ." },
		{ "profiles.default",
		  "The profile of\n.Cm run , shell , wrap\nand\n.Cm why\n"
		  "when neither\n.Fl Fl profile\nnor\n.Ev NONO_PROFILE\nnames one.\n"
		  ".Fl Fl profile Ar default\nis the policy without it." },
		{ "extensions.sensitive_paths",
		  "A table of lists: paths that no profile opens, each with everything below it.\n"
		  "Only\n.Fl Fl bypass\\-protection\nbeside a grant does." },
		{ "extensions.dangerous_commands",
		  "A table of lists: commands that are not started directly." },
	};

	(void)puts(
		".Sh CONFIGURATION\n"
		"The file\n.Pa config.toml\n"
		"is written in a part of TOML 1.0, without arrays of tables, dates and strings\n"
		"of several lines.\n"
		"It is refused when others may write it, and when it cannot be understood.\n"
		"With\n.Fl v\nkeys are named that are unknown or have no effect in this version.\n"
		".Bl -tag -width Ds");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		(void)printf(".It Li %s\n%s\n", keys[i].key, keys[i].text);
	(void)puts(".El");
	(void)puts(".Sh UPDATES\n"
		   "Nothing is asked of a server, and nothing is shown, unless\n"
		   ".Li updates.url\nor\n.Ev NONO_UPDATE_URL\nnames a source.\n"
		   "This version shows notices from an existing\n.Pa update\\-check.json\n"
		   "at the end of\n.Nm Cm setup ,\n"
		   "on a terminal; it cannot ask for new ones.\n"
		   "Neither delays the start of a program.");
	(void)puts(
		".Sh FILES\n"
		".Bl -tag -width Ds\n"
		".It Pa ~/.config/nono/config.toml\nThe configuration.\n"
		".It Pa ~/.config/nono/groups/ Ns Ar NAME Ns Pa .json\n"
		"Policy groups of your own: an object with description, platform, required, allow\n"
		"(read, write and readwrite paths) and deny (access: paths, commands: names).\n"
		"Profiles include them by name; a required one holds in every start.\n"
		".It Pa ~/.config/nono/hooks/ Ns Ar SCRIPT\n"
		"Scripts of your own for\n.Li hooks\nof profiles; one called\n.Pa nono\\-hook.sh\n"
		"takes the place of the one that comes with nono.\n"
		".It Pa /etc/nono/policy.d/ Ns Ar NAME Ns Pa .json\n"
		"The system's mandatory policy, which only root may be able to write: groups (as\n"
		"above, all required), deny (paths), forbid_bypass (no protection can be lifted)\n"
		"and max_network (blocked or proxy: the most a session can have).\n"
		"It holds in every start.\n"
		"A file that others can write, or that is not understood, ends the start.\n"
		".It Pa ~/.config/nono/profiles/NAME.json , NAME.jsonc\nYour profiles.\n"
		"A program inside cannot change them.\n"
		".It Pa ~/.config/nono/profile\\-drafts/NAME.json\n"
		"Drafts, which become profiles with\n.Nm Cm profile promote .\n"
		".It Pa ~/.local/state/nono/\n"
		"Records of sessions, and\n.Pa update\\-check.json .\n"
		"Never granted to a program.\n"
		".It Pa ~/.local/share/nono/agent\\-hooks/ Ns Ar AGENT Ns Pa / Ns Ar SCRIPT\n"
		"Scripts that an agent runs at its events; see\n.Nm Cm hooks .\n"
		".It Pa ~/.claude/settings.json\n"
		"Settings of Claude Code, into which a profile with\n.Li hooks.claude\\-code\n"
		"enters its script.\nNothing else in them changes.\n"
		".It Pa .nono/profile.json , profile.jsonc\n"
		"The profile of a project, in the working directory or above it up to the top of\n"
		"its repository; see\n.Fl Fl allow\\-project\\-profile .\n"
		".It Pa /tmp/nono-UID/\n"
		"Private temporary directories of programs, removed with the session.\n"
		".El");
}

/* The file of --config: docs/formats/manifest.md has every key; a test starts under the example. */
static void
print_manifests(void)
{
	(void)puts(
		".Sh CAPABILITY MANIFESTS\n"
		"The file of\n.Fl Fl config\nis a JSON object that holds the whole policy of a start, "
		"as a service or a\nbuild system writes it.\n"
		"Nothing joins it: no profile, no working directory, of policy groups only what\n"
		"the required ones deny, and that only where it has no key\n.Li filesystem.deny .\n"
		"What a program needs to start must be granted, libraries above all; only the\n"
		"program's own file, its interpreter and a private temporary directory need not.\n"
		".Bd -literal -offset indent\n"
		"{\n"
		"  \"version\": \"" MANIFEST_VERSION "\",\n"
		"  \"filesystem\": {\n"
		"    \"grants\": [\n"
		"      { \"path\": \"/usr\", \"access\": \"read\" },\n"
		"      { \"path\": \"/lib\", \"access\": \"read\" },\n"
		"      { \"path\": \"/dev/null\", \"access\": \"readwrite\", \"type\": \"file\" },\n"
		"      { \"path\": \"$WORKDIR\", \"access\": \"readwrite\" }\n"
		"    ],\n"
		"    \"deny\": [ { \"path\": \"~/.ssh\" } ]\n"
		"  },\n"
		"  \"network\": { \"mode\": \"blocked\" },\n"
		"  \"process\": { \"exec_strategy\": \"supervised\" }\n"
		"}\n"
		".Ed\n"
		".Pp\n"
		"A granted path that does not exist, a grant at or below a denied path, and a key\n"
		"that this version cannot apply end the start; so does a denied path below a\n"
		"grant, unless\n.Fl Fl deny\\-overlap\nis auto.\n"
		"The network modes are\n.Li blocked ,\n.Li unrestricted\nand\n.Li proxy ,\n"
		"the last of which this version refuses, as it does\n.Li credentials\nand\n"
		".Li rollback.enabled .\n"
		".Li network.ports\nnames single ports.\n"
		".Nm Cm profile show\n.Ar NAME\n.Fl Fl format Cm manifest\n"
		"writes the manifest that starts as the profile does, and names on standard error\n"
		"what a manifest cannot carry.");
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
		   ".Nd run a program inside limits");
	print_synopsis();
	print_commands();
	print_flags();
	print_variables();
	print_configuration();
	print_manifests();
	(void)puts(".Sh EXIT STATUS\n"
		   "The exit code of the program; 128+N when signal N killed it under\n"
		   ".Nm Cm run .\n"
		   "Of\n.Nm\nitself:\n"
		   ".Bl -tag -width Ds\n"
		   ".It 1\nAn error before the program ran; of\n.Nm Cm setup\n"
		   "also: a guarantee does not hold although this kernel could hold it.\n"
		   ".It 2\nA usage error; nothing was started.\n"
		   ".It 126\nThe sandbox could not be set up, or the program is not executable.\n"
		   ".It 127\nThe program was not found.\n"
		   ".El\n"
		   ".Pp\n"
		   "The option\n.Fl Fl error\\-exit\\-code\nreplaces 1, 126 and 127.");
	print_examples();
	(void)puts(".Sh SEE ALSO\n"
		   ".Xr seccomp 2 ,\n"
		   ".Xr landlock 7 ,\n"
		   ".Xr nono-security 7");
	return ferror(stdout) || fflush(stdout) == EOF;
}
