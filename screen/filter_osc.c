/*
 * Operating system commands: which pass. By number, and for some by what they say. Everything that
 * is not listed passes: programs set colours, titles, directories and prompt marks with them.
 */
#include "screen/internal.h"

#include <string.h>
#include <strings.h>

enum { CLIPBOARD_MAX = 64 << 10, LINK_MAX = 2083 };

struct rest {
	const unsigned char *p;
	size_t n;
};

static bool
rest_starts(struct rest r, const char *word)
{
	const size_t n = strlen(word);

	return r.n >= n && memcmp(r.p, word, n) == 0;
}

/* One of the words, ended by '=' or ';' or the end. */
static bool
rest_is_one_of(struct rest r, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const size_t len = strlen(words[i]);

		if (rest_starts(r, words[i]) && (r.n == len || r.p[len] == '=' || r.p[len] == ';'))
			return true;
	}
	return false;
}

/* The part behind the next ';', empty when there is none. */
static struct rest
rest_after(struct rest r)
{
	const unsigned char *semicolon = r.n ? memchr(r.p, ';', r.n) : NULL;

	if (!semicolon)
		return (struct rest){ r.p + r.n, 0 };
	return (struct rest){ semicolon + 1, r.n - (size_t)(semicolon + 1 - r.p) };
}

/* 8 ; parameters ; URI */
static enum osc_verdict
link_verdict(enum screen_filter level, struct rest r)
{
	static const char *const schemes[] = { "http://", "https://", "mailto:", "file:///" };
	const struct rest uri = rest_after(r);

	if (level == SCREEN_FILTER_STRICT)
		return OSC_DROP;
	if (!uri.n)
		return OSC_PASS; /* the end of a link */
	if (uri.n > LINK_MAX || r.n > LEX_TEXT_MAX - 8)
		return OSC_CLOSE_LINK;
	for (size_t i = 0; i < r.n; i++)
		if (r.p[i] < 0x20 || r.p[i] > 0x7e)
			return OSC_CLOSE_LINK;
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (uri.n >= strlen(schemes[i]) &&
		    strncasecmp((const char *)uri.p, schemes[i], strlen(schemes[i])) == 0)
			return OSC_PASS;
	return OSC_CLOSE_LINK;
}

/* 52 ; clipboards ; base64 or "?" */
static bool
clipboard_passes(enum screen_filter level, struct rest r)
{
	const struct rest data = rest_after(r);

	if (level == SCREEN_FILTER_STRICT || data.n > CLIPBOARD_MAX)
		return false;
	/* Anything else than base64 asks or clears, by the terminal's own rules. */
	for (size_t i = 0; i < data.n; i++) {
		const unsigned char c = data.p[i];

		if (!((c | 0x20) >= 'a' && (c | 0x20) <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '+' && c != '/' && c != '=')
			return false;
	}
	return true;
}

/* 9 ; text is a notification. ConEmu gave "9 ; number" to commands, one of them "run". */
static bool
notification_passes(struct rest r)
{
	static const char *const allowed[] = { "4", "9", "12" }; /* progress, directory, prompt */
	size_t digits = 0;

	while (digits < r.n && r.p[digits] >= '0' && r.p[digits] <= '9')
		digits++;
	if (!digits || (digits < r.n && r.p[digits] != ';'))
		return true;
	return rest_is_one_of(r, allowed, ARRAY_LEN(allowed));
}

/* 1337: iTerm2. Files, clipboards, focus, profiles and reports stay out. */
static bool
iterm_passes(struct rest r)
{
	static const char *const allowed[] = {
		"CurrentDir", "CursorShape", "HighlightCursorLine",	"RemoteHost",
		"SetMark",    "SetUserVar",  "ShellIntegrationVersion",
	};

	return rest_is_one_of(r, allowed, ARRAY_LEN(allowed));
}

/* 777: urxvt calls its Perl extensions with it. */
static bool
extension_passes(struct rest r)
{
	static const char *const allowed[] = { "notify", "precmd", "preexec", "container" };

	return rest_is_one_of(r, allowed, ARRAY_LEN(allowed));
}

enum osc_verdict
filter_osc(enum screen_filter level, const unsigned char *text, size_t n)
{
	struct rest rest = { text, n };
	unsigned int number = 0;
	size_t digits = 0;
	bool passes = true;

	while (digits < n && digits < 6 && text[digits] >= '0' && text[digits] <= '9')
		number = number * 10 + (text[digits++] - '0');
	if (digits < n && text[digits] != ';' && digits)
		return OSC_DROP; /* terminals disagree about the number of these */
	if (digits > 1 && text[0] == '0')
		return OSC_DROP;
	if (!digits)
		/* Letters: dtterm's titles and icon file, the Linux console's palette. */
		return OSC_DROP;
	rest = digits < n ? (struct rest){ text + digits + 1, n - digits - 1 }
			  : (struct rest){ text + n, 0 };
	switch (number) {
	case 8:
		return link_verdict(level, rest);
	case 52:
		passes = clipboard_passes(level, rest);
		break;
	case 9:
		passes = notification_passes(rest);
		break;
	case 51: /* Emacs and Vim run functions; "A" only tells Emacs the directory */
		passes = rest_starts(rest, "A");
		break;
	case 777:
		passes = extension_passes(rest);
		break;
	case 1337:
		passes = iterm_passes(rest);
		break;
	case 3:	  /* any X property of the window */
	case 20:  /* urxvt: a background picture from a file */
	case 46:  /* xterm: the log file's name */
	case 50:  /* fonts; Konsole: profiles */
	case 710: /* urxvt: fonts */
	case 711:
	case 712:
	case 713:
	case 5113: /* kitty: file transfer */
	case 5522: /* kitty: clipboard */
		passes = false;
		break;
	default:
		break;
	}
	return passes ? OSC_PASS : OSC_DROP;
}
