/*
 * Words and paths in one line of a program's output. Pure, linear in the line, for any bytes: who
 * wrote the line wants to mislead us. A path is taken as it stands; what it is worth is decided by
 * whoever asks the plan about it.
 */
#include <string.h>

#include "record/internal.h"

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
is_word_char(char c)
{
	return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
	       c == '-';
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool
text_find(struct slice s, size_t from, const char *needle, size_t *ret_at)
{
	size_t n = strlen(needle);

	for (size_t i = from; n <= s.n && i <= s.n - n; i++) {
		size_t k = 0;

		while (k < n && lower(s.p[i + k]) == needle[k])
			k++;
		if (k == n) {
			*ret_at = i;
			return true;
		}
	}
	return false;
}

bool
text_find_word(struct slice s, size_t from, const char *word, size_t *ret_at)
{
	size_t n = strlen(word), at;

	while (text_find(s, from, word, &at)) {
		if ((at == 0 || !is_word_char(s.p[at - 1])) &&
		    (at + n == s.n || !is_word_char(s.p[at + n]))) {
			*ret_at = at;
			return true;
		}
		from = at + 1;
	}
	return false;
}

struct slice
text_trim(struct slice s)
{
	while (s.n > 0 && is_blank(s.p[0]))
		s.p++, s.n--;
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* ---- quotes ---- */

static bool
starts_at(struct slice s, size_t at, const char *text)
{
	size_t n = strlen(text);

	return at <= s.n && n <= s.n - at && memcmp(s.p + at, text, n) == 0;
}

enum { SHELL_QUOTE = 0 }; /* index */

/* Quotes come in pairs: of C, of old GNU programs (`x'), of UTF-8 locales. */
static const struct {
	const char *open, *close, *other;
} quotes[] = {
	{ "'", "'", NULL },
	{ "\"", "\"", NULL },
	{ "`", "'", "`" },
	{ "\xe2\x80\x98", "\xe2\x80\x99", NULL },
	{ "\xe2\x80\x9c", "\xe2\x80\x9d", NULL },
};

/* Which pair opens at `at`, else -1. The apostrophe of "can't" opens nothing. */
static int
quote_at(struct slice s, size_t at)
{
	if (at > 0 && is_word_char(s.p[at - 1]))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(quotes); i++)
		if (starts_at(s, at, quotes[i].open))
			return (int)i;
	return -1;
}

/*
 * Names that GNU programs quote as for a shell have joints, at which the quote closes and opens
 * again: 'it'\''s', 'caf'$'\351''.txt'. How long the one at `at` is, its $'...' within it.
 */
static size_t
joint_at(struct slice s, size_t at)
{
	size_t i;

	if (starts_at(s, at, "'\\''"))
		return 4;
	if (!starts_at(s, at, "'$'\\"))
		return 0;
	for (i = at + 3; i < s.n && s.p[i] != '\''; i++)
		if (s.p[i] == '\\')
			i++;
	/* Another part behind it, or the end of the word: that closing quote is the caller's. */
	if (starts_at(s, i, "''"))
		return i + 2 - at;
	return i < s.n ? i - at : 0;
}

/* it\'s, as Python and Node write it; but the last quote ends a name, with a backslash or not. */
static bool
is_escaped_quote(struct slice s, size_t at, size_t from)
{
	return at > from && s.p[at - 1] == '\\' && (s.p[at] == '\'' || s.p[at] == '"') &&
	       memchr(s.p + at + 1, s.p[at], s.n - at - 1);
}

/*
 * What stands between the quotes that open at `at`; *ret_end is behind the closing one. An
 * unclosed quote ends with the text.
 */
static struct slice
quoted(struct slice s, size_t at, int quote, size_t *ret_end)
{
	size_t from = at + strlen(quotes[quote].open), i;

	for (i = from; i < s.n; i++) {
		const char *close = quotes[quote].close;
		size_t joint = quote == SHELL_QUOTE ? joint_at(s, i) : 0;

		if (joint > 0)
			i += joint - 1;
		if (joint > 0 || is_escaped_quote(s, i, from))
			continue;

		if (!starts_at(s, i, close)) {
			close = quotes[quote].other;
			if (!close || !starts_at(s, i, close))
				continue;
		}
		*ret_end = i + strlen(close);
		return (struct slice){ s.p + from, i - from };
	}
	*ret_end = s.n;
	return (struct slice){ s.p + from, s.n - from };
}

/* ---- words ---- */

static bool
ends_bare(struct slice s, size_t at)
{
	if (strchr("'\"`)(<>", s.p[at])) /* NUL among them */
		return true;
	for (size_t i = 3; i < ARRAY_LEN(quotes); i++)
		if (starts_at(s, at, quotes[i].open) || starts_at(s, at, quotes[i].close))
			return true;
	return false;
}

/* The bare word at `at`; `whole`: blanks are part of it. */
static struct slice
bare(struct slice s, size_t at, bool whole, size_t *ret_end)
{
	size_t end = at;

	while (end < s.n && !ends_bare(s, end) && (whole || !is_blank(s.p[end])))
		end++;
	*ret_end = end;
	while (end > at && (is_blank(s.p[end - 1]) || strchr(",;:", s.p[end - 1])))
		end--;
	return (struct slice){ s.p + at, end - at };
}

static bool
is_acceptable(struct slice word)
{
	if (word.n == 0 || word.n >= RECORD_PATH_MAX)
		return false;
	for (size_t i = 0; i < word.n; i++)
		if ((unsigned char)word.p[i] < 0x20 || word.p[i] == 0x7f)
			return false;
	return true;
}

bool
text_word(struct slice s, size_t at, struct slice *ret)
{
	size_t end;
	int quote;

	while (at < s.n && is_blank(s.p[at]))
		at++;
	if (at >= s.n)
		return false;
	quote = quote_at(s, at);
	*ret = quote >= 0 ? quoted(s, at, quote, &end) : bare(s, at, false, &end);
	return is_acceptable(*ret);
}

/* ---- paths ---- */

static bool
is_absolute(struct slice word)
{
	return word.n > 0 && (word.p[0] == '/' || (word.n > 1 && memcmp(word.p, "~/", 2) == 0));
}

static bool
has_slash(struct slice word)
{
	size_t at;

	return memchr(word.p, '/', word.n) && !text_find(word, 0, "://", &at);
}

struct found {
	struct text_path *path;
	size_t count;
};

static void
add(struct found *f, struct slice word, bool weak)
{
	if (f->count < TEXT_PATHS_MAX && is_acceptable(word))
		f->path[f->count++] = (struct text_path){ word, weak };
}

/* "'/x'", "/x" or "'/a' -> '/b'" at `at`: where it ends. A bare word must be absolute. */
static size_t
argument(struct slice line, size_t at, struct found *f)
{
	static const char arrow[] = " -> ";
	int quote = quote_at(line, at);
	struct slice word;
	size_t end;

	word = quote >= 0 ? quoted(line, at, quote, &end) : bare(line, at, false, &end);
	if (quote >= 0 || is_absolute(word)) {
		add(f, word, false);
		if (starts_at(line, end, arrow) && text_word(line, end + strlen(arrow), &word))
			add(f, word, false);
	}
	return end;
}

/* "open '/x'", "rename '/a' -> '/b'": calls that programs print with their arguments. */
static void
behind_call(struct slice line, struct found *f)
{
	static const char *const calls[] = { "mkdir",	 "mkdtemp", "open",
					     "copyfile", "rename",  "unlink" };

	for (size_t i = 0; i < ARRAY_LEN(calls) && f->count == 0; i++) {
		size_t from = 0, at;

		while (f->count == 0 && text_find_word(line, from, calls[i], &at)) {
			size_t behind = at + strlen(calls[i]);

			from = behind;
			while (behind < line.n &&
			       (is_blank(line.p[behind]) || line.p[behind] == '('))
				behind++;
			if (behind > from && behind < line.n)
				/* What was looked at is not looked at again: linear time. */
				from = argument(line, behind, f);
		}
	}
}

/* "Permission denied: '/x'", as Python writes it. */
static void
behind_phrase(struct slice line, size_t at, struct found *f)
{
	if (!starts_at(line, at, ":"))
		return;
	for (at++; at < line.n && is_blank(line.p[at]); at++)
		;
	if (at < line.n)
		(void)argument(line, at, f);
}

/* Does the text say that a file was to be made or opened? Its last word is a name then. */
static bool
names_a_file(struct slice segment)
{
	static const char *const verbs[] = { "cannot", "can't", "could not", "failed to",
					     "unable to" };
	static const char *const acts[] = { "create", "open",	"write",  "touch", "remove",
					    "stat",   "access", "unlink", "lock",  "save" };
	size_t at;

	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (text_find(segment, 0, verbs[i], &at))
			for (size_t k = 0; k < ARRAY_LEN(acts); k++)
				if (text_find_word(segment, at, acts[k], &at))
					return true;
	return false;
}

/*
 * The paths of one ':'-separated part. Names with a slash beat quoted names, and those beat a bare
 * word.
 */
static void
in_segment(struct slice segment, struct found *f)
{
	struct text_path plain[TEXT_PATHS_MAX];
	struct found names = { plain, 0 };
	struct slice last = { NULL, 0 };
	size_t words = 0, at = 0;

	f->count = 0;
	while (at < segment.n) {
		int quote = quote_at(segment, at);
		struct slice word;
		size_t end;

		if (quote >= 0) {
			word = quoted(segment, at, quote, &end);
			add(has_slash(word) ? f : &names, word, false);
			last.n = 0;
		} else if (is_blank(segment.p[at]) || ends_bare(segment, at)) {
			end = at + 1;
			if (!is_blank(segment.p[at]))
				last.n = 0;
			at = end;
			continue;
		} else {
			word = bare(segment, at,
				    words == 0 && is_absolute((struct slice){ segment.p + at,
									      segment.n - at }),
				    &end);
			if (has_slash(word) || is_absolute(word))
				add(f, word, false);
			last = word;
		}
		words++;
		at = end > at ? end : at + 1;
	}
	if (f->count > 0)
		return;
	for (size_t i = 0; i < names.count; i++)
		add(f, names.path[i].text, false);
	if (f->count == 0 && last.n > 0 && (words == 1 || names_a_file(segment)))
		add(f, last, true);
}

/* ':', but not that of "https://". */
static bool
is_separator(struct slice s, size_t at)
{
	return s.p[at] == ':' && !(at > 0 && is_word_char(s.p[at - 1]) && starts_at(s, at, "://"));
}

/* The last part before the phrase that names something. A ':' inside quotes parts nothing. */
static void
before_phrase(struct slice head, struct found *f)
{
	struct text_path other[TEXT_PATHS_MAX];
	struct found last = { other, 0 };
	size_t start = 0, at = 0;

	while (head.n > 0 && strchr(" \t:(", head.p[head.n - 1]))
		head.n--;
	while (start < head.n) {
		for (at = start; at < head.n && !is_separator(head, at);) {
			int quote = quote_at(head, at);

			if (quote >= 0)
				(void)quoted(head, at, quote, &at);
			else
				at++;
		}
		in_segment((struct slice){ head.p + start, at - start }, &last);
		/* A word alone is a name only right before the phrase: "cat: x: Permission denied". */
		if (last.count > 0 && (!other[0].weak || at >= head.n)) {
			memcpy(f->path, other, sizeof(other));
			f->count = last.count;
		}
		start = at + 1;
	}
}

/* ---- spelling ---- */

static int
digit_of(char c, unsigned int base)
{
	const char *digits = "0123456789abcdef", *found = strchr(digits, lower(c));

	return c && found && found < digits + base ? (int)(found - digits) : -1;
}

/* `n` digits at `at`, or -1. */
static int
number_at(struct slice s, size_t at, size_t n, unsigned int base)
{
	int value = 0;

	if (at > s.n || n > s.n - at)
		return -1;
	for (size_t i = at; i < at + n; i++) {
		int digit = digit_of(s.p[i], base);

		if (digit < 0)
			return -1;
		value = value * (int)base + digit;
	}
	return value;
}

/* One escape at `at`, which holds a backslash: the byte, and in *ret_n how long it is; or -1. */
static int
escape_at(struct slice s, size_t at, size_t *ret_n)
{
	static const char letters[] = "abtnvfr", same[] = "\\'\"";
	char c = at + 1 < s.n ? s.p[at + 1] : '\0';
	const char *found;
	int value = -1;

	if (starts_at(s, at, "\\x")) {
		*ret_n = 4;
		value = number_at(s, at + 2, 2, 16);
	} else if (starts_at(s, at, "\\udc")) {
		/* Python: a byte that is no UTF-8, as a surrogate. */
		*ret_n = 6;
		value = number_at(s, at + 4, 2, 16);
		value = value < 0x80 ? -1 : value;
	} else if (digit_of(c, 8) >= 0) {
		*ret_n = 4;
		value = number_at(s, at + 1, 3, 8);
	} else if (c && (found = strchr(letters, c))) {
		*ret_n = 2;
		value = '\a' + (int)(found - letters);
	} else if (c && strchr(same, c)) {
		*ret_n = 2;
		value = c;
	}
	return value > 0 && value <= 0xff ? value : -1;
}

int
text_unescape(struct buf *b, struct slice s)
{
	size_t at = 0;
	int r = 0;

	while (at < s.n && r == 0) {
		size_t n = 1;
		int byte = -1;

		if (starts_at(s, at, "'\\''")) {
			byte = '\'';
			n = 4;
		} else if (starts_at(s, at, "'$'\\")) {
			at += 3;
			continue;
		} else if (starts_at(s, at, "''")) {
			at += 2;
			continue;
		} else if (s.p[at] == '\\') {
			byte = escape_at(s, at, &n);
		}
		n = byte < 0 ? 1 : n;
		r = buf_addc(b, byte < 0 ? s.p[at] : (char)byte);
		at += n;
	}
	return r;
}

size_t
text_paths(struct slice line, size_t phrase, size_t phrase_bytes,
	   struct text_path ret[TEXT_PATHS_MAX])
{
	struct found f = { ret, 0 };

	behind_call(line, &f);
	if (f.count == 0)
		behind_phrase(line, phrase + phrase_bytes, &f);
	if (f.count == 0)
		before_phrase((struct slice){ line.p, phrase }, &f);
	return f.count;
}
