/* Text for people: roles, badges, colour decision (spec 01 section 22). */
#include "cli/out.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
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

/* Bytes of the character at `p`, and its columns; a colour has none. */
static size_t
next_char(const char *p, size_t n, unsigned int *columns)
{
	unsigned char lead = (unsigned char)*p;
	size_t bytes = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

	*columns = 1;
	if (lead == '\033') {
		const char *end = memchr(p, 'm', n);

		*columns = 0;
		return end ? (size_t)(end - p) + 1 : n;
	}
	/* U+2E80 and above: East Asian text and pictures, rather taken as wide. */
	if (lead > 0xe2 || (lead == 0xe2 && n > 1 && (unsigned char)p[1] >= 0xba))
		*columns = 2;
	return bytes < n ? bytes : n;
}

/* What of a line fits in `width` columns, the ellipsis included; all colours are kept. */
static int
cut_line(struct buf *b, const char *p, size_t n, unsigned int width)
{
	static const char ellipsis[] = "\xe2\x80\xa6";
	unsigned int used = 0, columns;
	bool cut = false;
	int r = 0;

	for (size_t i = 0, bytes; i < n; i += bytes) {
		bytes = next_char(p + i, n - i, &columns);
		used += columns;
	}
	if (used <= width)
		return buf_add(b, p, n);
	used = 0;
	for (size_t i = 0, bytes; i < n && r == 0; i += bytes) {
		bytes = next_char(p + i, n - i, &columns);
		if (!cut && used + columns > width - 1) {
			cut = true;
			r = buf_adds(b, ellipsis);
		}
		used += columns;
		if (r == 0 && (columns == 0 || !cut))
			r = buf_add(b, p + i, bytes);
	}
	return r;
}

void
out_cut(struct out *o, size_t from)
{
	autobuf struct buf lines = BUF_INIT;
	struct winsize size;
	int r = 0;

	if (o->failed || !isatty(o->fd) || ioctl(o->fd, TIOCGWINSZ, &size) == -1 || !size.ws_col)
		return;
	for (size_t at = from; at < o->text.n && r == 0;) {
		const char *end = memchr(o->text.p + at, '\n', o->text.n - at);
		size_t n = end ? (size_t)(end - o->text.p) - at : o->text.n - at;

		r = cut_line(&lines, o->text.p + at, n, size.ws_col);
		if (r == 0 && end)
			r = buf_addc(&lines, '\n');
		at += n + (end != NULL);
	}
	if (r == 0 && lines.n > 0) {
		o->text.n = from;
		r = buf_add(&o->text, lines.p, lines.n);
	}
	if (r < 0)
		o->failed = true;
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
