/* Help texts, written from the table (spec 01 section 1.3). */
#include "cli/help.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

enum { TEXT_COLUMNS = 80, TEXT_INDENT = 2, HELP_INDENT = 10 };

#define LATER_COMMAND " (not in this build)"

/* Words of `text`, broken before TEXT_COLUMNS; a newline in it starts a new line. */
static void
put_wrapped(struct out *o, int indent, const char *text)
{
	int column = 0;

	while (*text) {
		int n = (int)strcspn(text, " \n");

		if (column > 0 && column + 1 + n > TEXT_COLUMNS) {
			out_puts(o, "\n");
			column = 0;
		}
		if (n > 0) {
			int before = column > 0 ? 1 : indent;

			out_putf(o, "%*s%.*s", before, "", n, text);
			column += before + n;
		}
		text += n;
		if (*text == '\n') {
			out_puts(o, "\n");
			column = 0;
		}
		text += *text != '\0';
	}
	out_puts(o, "\n");
}

static void
put_lines(struct out *o, const char *text)
{
	while (*text) {
		int n = (int)strcspn(text, "\n");

		out_putf(o, "%*s%.*s\n", TEXT_INDENT, "", n, text);
		text += n + (text[n] == '\n');
	}
}

static void
put_title(struct out *o, const char *title)
{
	out_puts(o, "\n");
	out_role(o, ROLE_BRAND, true, title);
	out_puts(o, "\n");
}

static void
put_flag(struct out *o, const struct flag *f)
{
	char text[512];

	if (f->letter)
		out_putf(o, "  -%c, --%s", f->letter, f->name);
	else
		out_putf(o, "      --%s", f->name);
	if (f->metavar)
		out_putf(o, " <%s>", f->metavar);
	out_puts(o, f->repeat && f->value != VALUE_COUNT ? "...\n" : "\n");
	(void)snprintf(text, sizeof(text), "%s%s%s%s", f->help, f->variable ? " [env: " : "",
		       f->variable ? f->variable : "", f->variable ? "]" : "");
	put_wrapped(o, HELP_INDENT, text);
}

static bool
is_shown(const struct flag *f, unsigned int commands)
{
	return f->status == STATUS_AVAILABLE && !f->hidden && (f->commands & commands);
}

static void
put_flags(struct out *o, unsigned int commands)
{
	for (int heading = 0; heading < HEADING_COUNT; heading++) {
		bool titled = false;

		for (size_t i = 0; i < flags_count; i++) {
			const struct flag *f = &flags_table[i];

			if (f->heading != heading || !is_shown(f, commands))
				continue;
			if (!titled)
				put_title(o, heading_title((enum heading)heading));
			titled = true;
			put_flag(o, f);
		}
	}
}

/* The names that exist and are refused, so that nobody takes a refusal for a typing error. */
static void
put_later_flags(struct out *o, unsigned int commands)
{
	autobuf struct buf names = BUF_INIT;
	int r = 0;

	for (size_t i = 0; i < flags_count && r == 0; i++)
		if (flags_table[i].status == STATUS_LATER && (flags_table[i].commands & commands))
			r = buf_addf(&names, "%s--%s", names.n ? ", " : "", flags_table[i].name);
	if (r < 0)
		o->failed = true;
	if (!names.n)
		return;
	out_puts(o, "\nNot available in this build:\n");
	put_wrapped(o, TEXT_INDENT, buf_str(&names));
}

void
help_root(struct out *o)
{
	out_puts(o, "nono runs a program with access to what you grant, and to nothing else.\n");
	put_title(o, "USAGE");
	out_puts(o, "  nono [OPTIONS] <COMMAND>\n");
	for (int section = 0; section < SECTION_COUNT; section++) {
		put_title(o, section_title((enum section)section));
		for (size_t i = 0; i < commands_count; i++) {
			const struct command *c = &commands_table[i];

			if (c->section == section && !c->hidden)
				out_putf(o, "  %-11s %s%s\n", c->name, c->line,
					 c->status == STATUS_LATER ? LATER_COMMAND : "");
		}
	}
	put_flags(o, ON_ROOT);
	put_later_flags(o, ON_ROOT);
	put_title(o, "LEARN MORE");
	out_puts(o, "  nono help <COMMAND>     what a command does, its options, examples\n"
		    "  man nono                exit codes, environment, files\n");
}

static void
put_subcommands(struct out *o, const struct command *c)
{
	put_title(o, "COMMANDS");
	for (const struct command *sub = c->sub; sub->name; sub++)
		out_putf(o, "  %-11s %s%s\n", sub->name, sub->line,
			 sub->status == STATUS_LATER ? LATER_COMMAND : "");
}

void
help_command(struct out *o, const struct command *parent, const struct command *c)
{
	out_role(o, ROLE_BRAND, true, "nono ");
	if (parent) {
		out_role(o, ROLE_BRAND, true, parent->name);
		out_puts(o, " ");
	}
	out_role(o, ROLE_BRAND, true, c->name);
	out_putf(o, " - %s\n", c->line);
	if (c->status == STATUS_LATER) {
		out_puts(o, "\nNot available in this build.\n");
		return;
	}
	put_title(o, "USAGE");
	out_putf(o, "  nono %s\n\n", c->usage);
	put_wrapped(o, TEXT_INDENT, c->about);
	if (c->sub)
		put_subcommands(o, c);
	else if (c->flags != ON_ROOT)
		put_flags(o, c->flags);
	put_title(o, "EXAMPLES");
	put_lines(o, c->examples);
	if (!c->sub && c->flags != ON_ROOT)
		put_later_flags(o, c->flags);
}
