/* Text for people: roles, badges, colour decision (spec 01 section 22). */
#include "cli/out.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "cli/env.h"

struct rgb {
	uint8_t red, green, blue;
};

/* The palette "mocha". */
static const struct rgb palette[ROLE_COUNT] = {
	[ROLE_BRAND] = { 250, 179, 135 },   [ROLE_GREEN] = { 166, 218, 149 },
	[ROLE_YELLOW] = { 249, 226, 175 },  [ROLE_RED] = { 243, 139, 168 },
	[ROLE_BLUE] = { 137, 180, 250 },    [ROLE_TEAL] = { 148, 226, 213 },
	[ROLE_TEXT] = { 205, 214, 244 },    [ROLE_SUBTEXT] = { 147, 153, 178 },
	[ROLE_OVERLAY] = { 108, 112, 134 },
};

/* What stands for a role among the 16 colours of old terminals: SGR numbers. */
static const uint8_t palette16[ROLE_COUNT] = {
	[ROLE_BRAND] = 33, [ROLE_GREEN] = 32,	[ROLE_YELLOW] = 93,
	[ROLE_RED] = 31,   [ROLE_BLUE] = 34,	[ROLE_TEAL] = 36,
	[ROLE_TEXT] = 39,  [ROLE_SUBTEXT] = 37, [ROLE_OVERLAY] = 90,
};

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
	*o = (struct out){ .fd = fd };
	if (color_wanted(fd, when, environment))
		o->depth = color_depth(environment);
}

void
out_clear(struct out *o)
{
	buf_clear(&o->text);
}

/* 0..255 to the six steps of the colour cube of 256-colour terminals. */
static unsigned int
cube_step(unsigned int v)
{
	return v < 48 ? 0 : v < 115 ? 1 : (v - 35) / 40;
}

void
out_color(char *p, size_t n, enum color_depth depth, enum role role, bool ground)
{
	const struct rgb c = palette[role];

	switch (depth) {
	case COLOR_NONE:
		p[0] = '\0';
		break;
	case COLOR_16:
		(void)snprintf(p, n, "\033[%dm", palette16[role] + (ground ? 10 : 0));
		break;
	case COLOR_256:
		(void)snprintf(p, n, "\033[%d;5;%um", ground ? 48 : 38,
			       16 + 36 * cube_step(c.red) + 6 * cube_step(c.green) +
				       cube_step(c.blue));
		break;
	case COLOR_TRUE:
		(void)snprintf(p, n, "\033[%d;2;%d;%d;%dm", ground ? 48 : 38, c.red, c.green,
			       c.blue);
		break;
	}
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
	char color[32];

	out_color(color, sizeof(color), o->depth, role, false);
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
	char color[32];

	out_color(color, sizeof(color), o->depth, role, true);
	out_puts(o, color);
	if (o->depth)
		out_puts(o, o->depth == COLOR_16 ? "\033[30m" : "\033[38;5;235m");
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
