/* Text for people: roles, badges, colour decision (spec 01 section 22). */
#include "cli/out.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "cli/env.h"

static enum color_depth
color_depth(char *const *environment)
{
	const char *truecolor = env_get(environment, "COLORTERM");
	const char *term = env_get(environment, "TERM");

	if (truecolor && (str_equal(truecolor, "truecolor") || str_equal(truecolor, "24bit")))
		return COLOR_TRUE;
	return term && str_ends_with(term, "-256color") ? COLOR_256 : COLOR_16;
}

static bool
color_wanted(int fd, const char *when, char *const *environment)
{
	const char *force = env_get(environment, "CLICOLOR_FORCE");
	const char *soft = env_get(environment, "CLICOLOR");
	const char *term = env_get(environment, "TERM");

	if (when && !str_equal(when, "auto"))
		return str_equal(when, "always");
	if (env_get(environment, "NO_COLOR"))
		return false;
	if (force && !str_equal(force, "0"))
		return true;
	return !(soft && str_equal(soft, "0")) && !(term && str_equal(term, "dumb")) &&
	       isatty(fd) == 1;
}

void
out_init(struct out *o, int fd, const char *when, char *const *environment)
{
	*o = (struct out){ .fd = fd, .theme = theme_find(NULL) };
	if (color_wanted(fd, when, environment))
		o->depth = color_depth(environment);
}

void
out_clear(struct out *o)
{
	buf_clear(&o->text);
}

void
out_puts(struct out *o, const char *text)
{
	if (!o->quiet && buf_adds(&o->text, text) < 0)
		o->failed = true;
}

void
out_putf(struct out *o, const char *fmt, ...)
{
	va_list ap;

	if (o->quiet)
		return;
	va_start(ap, fmt);
	if (buf_vaddf(&o->text, fmt, ap) < 0)
		o->failed = true;
	va_end(ap);
}

void
out_text(struct out *o, const char *text)
{
	if (!o->quiet && str_printable(&o->text, slice_of(text)) < 0)
		o->failed = true;
}

void
out_role(struct out *o, enum role role, bool bold, const char *text)
{
	char color[THEME_ESCAPE_MAX];

	theme_escape(o->theme, color, o->depth, role, false);
	out_puts(o, color);
	if (bold && o->depth)
		out_puts(o, "\033[1m");
	out_puts(o, text);
	if (o->depth)
		out_puts(o, "\033[0m");
}

void
out_badge(struct out *o, enum role role, const char *text)
{
	char color[THEME_ESCAPE_MAX];

	theme_escape(o->theme, color, o->depth, role, true);
	out_puts(o, color);
	out_puts(o, theme_badge_text(o->depth));
	out_puts(o, text);
	if (o->depth)
		out_puts(o, "\033[0m");
}

void
out_warning(struct out *o, const char *text)
{
	out_puts(o, "  ");
	out_role(o, ROLE_RED, true, "warning:");
	out_puts(o, " ");
	out_text(o, text);
	out_puts(o, "\n");
}

void
out_warning_line(struct out *o, const char *line)
{
	const char *mark = strcasestr(line, "warning:");
	char word[sizeof("warning:")];

	if (mark) {
		memcpy(word, mark, sizeof(word) - 1);
		word[sizeof(word) - 1] = '\0';
		out_putf(o, "%.*s", (int)(mark - line), line);
		out_role(o, ROLE_RED, true, word);
		line = mark + sizeof(word) - 1;
	}
	out_text(o, line);
	out_puts(o, "\n");
}

int
out_flush(struct out *o)
{
	int r;

	if (o->failed)
		return -ENOMEM;
	r = fd_write_all(o->fd, o->text.p, o->text.n);
	buf_reset(&o->text);
	return r;
}

/*
 * Some errors are a list. Whoever wrote one made the names in it harmless: a line break is ours.
 */
static void
put_lines(struct out *o, const char *text)
{
	char line[ERR_TEXT_MAX];

	while (*text) {
		size_t n = strcspn(text, "\n");

		(void)snprintf(line, sizeof(line), "%.*s", (int)n, text);
		out_text(o, line);
		out_puts(o, "\n");
		text += n;
		text += *text == '\n';
	}
}

void
out_error(struct out *o, const struct err *e)
{
	bool quiet = o->quiet;

	if (o->failed)
		buf_reset(&o->text);
	o->failed = false;
	o->quiet = false;
	/* Without colour: scripts look for these words, on terminals as well. */
	out_puts(o, e->exit_code == EXIT_USAGE ? "error: " : "nono: ");
	put_lines(o, e->text);
	o->quiet = quiet;
	/* Nowhere is left to tell about a failure to tell. */
	(void)out_flush(o);
}
