/*
 * The scanner of jsonc.h. One pass, no look-back; what a lenient parser would guess at is named
 * with its place and the spelling that is meant (spec 03 section 2).
 */
#include "profiles/jsonc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

enum {
	NUMBER_BYTES_MAX = 40, /* the library's own limit is 63, and it would not say so */
};

struct scan {
	struct jsonc *out;
	struct slice text;
	size_t at;
	uint32_t line;
	size_t line_start;
	uint32_t extra_bytes; /* continuation bytes since line_start: columns count characters */
	unsigned int flags, depth;
	struct json_place *place;
	struct err *e;
};

static int scan_value(struct scan *s);

static uint32_t
column(const struct scan *s)
{
	return (uint32_t)(s->at - s->line_start) - s->extra_bytes + 1;
}

/* `hint` is the next step or NULL; the place is where the scan stands. */
static int fail(struct scan *s, int r, const char *hint, const char *fmt, ...) ATTR_PRINTF(4, 5);

static int
fail(struct scan *s, int r, const char *hint, const char *fmt, ...)
{
	char reason[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	s->place->line = s->line;
	s->place->column = column(s);
	(void)snprintf(s->place->hint, sizeof(s->place->hint), "%s", hint ? hint : "");
	return err_set(s->e, r, "%u:%u: %s%s%s", s->place->line, s->place->column, reason,
		       hint ? "; " : "", hint ? hint : "");
}

static int
peek(const struct scan *s)
{
	return s->at < s->text.n ? (unsigned char)s->text.p[s->at] : -1;
}

static bool
looks_at(const struct scan *s, const char *word)
{
	size_t n = strlen(word);

	return s->text.n - s->at >= n && memcmp(s->text.p + s->at, word, n) == 0;
}

/* One character forward. */
static void
advance(struct scan *s)
{
	unsigned char c = (unsigned char)s->text.p[s->at++];

	if (c == '\n') {
		s->line++;
		s->line_start = s->at;
		s->extra_bytes = 0;
	} else if ((c & 0xc0) == 0x80) {
		s->extra_bytes++;
	}
}

/* The same, and the library shall not see it. Line ends stay, so that lines do. */
static void
skip(struct scan *s)
{
	if (s->text.p[s->at] != '\n')
		s->out->plain.p[s->at] = ' ';
	advance(s);
}

static int
skip_comment(struct scan *s)
{
	struct scan start = *s;

	if (s->flags & JSON_PLAIN)
		return fail(s, -EBADMSG, NULL, "a comment is not allowed here");
	skip(s);
	if (peek(s) == '/') {
		while (peek(s) != -1 && peek(s) != '\n')
			skip(s);
		return 0;
	}
	if (peek(s) != '*') {
		*s = start;
		return fail(s, -EBADMSG, "comments are // and /* */", "unexpected '/'");
	}
	skip(s);
	while (peek(s) != -1 && !looks_at(s, "*/"))
		skip(s);
	if (peek(s) == -1)
		return fail(&start, -EBADMSG, "end it with */", "this comment has no end");
	skip(s);
	skip(s);
	return 0;
}

/* Blanks and comments. */
static int
skip_space(struct scan *s)
{
	for (;;) {
		int c = peek(s), r;

		if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
			advance(s);
			continue;
		}
		if (c != '/')
			return 0;
		if ((r = skip_comment(s)) < 0)
			return r;
	}
}

static int
hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \uXXXX at s->at; the value, or -1. */
static int
escaped_unit(const struct scan *s)
{
	int unit = 0;

	if (!looks_at(s, "\\u") || s->text.n - s->at < 6)
		return -1;
	for (size_t i = 2; i < 6; i++) {
		int digit = hex_digit((unsigned char)s->text.p[s->at + i]);

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

static void
advance_by(struct scan *s, size_t n)
{
	while (n--)
		advance(s);
}

static int
scan_escape(struct scan *s)
{
	static const char known[] = "\"\\/bfnrt";
	int unit = escaped_unit(s), low;

	if (unit < 0) {
		int c = s->at + 1 < s->text.n ? (unsigned char)s->text.p[s->at + 1] : 0;

		if (!c || !strchr(known, c))
			return fail(s, -EBADMSG, "a backslash itself is written \\\\",
				    "unknown escape in a string");
		advance_by(s, 2);
		return 0;
	}
	if (unit == 0)
		return fail(s, -EBADMSG, NULL, "a string holds a NUL character");
	if (unit >= 0xdc00 && unit <= 0xdfff)
		return fail(s, -EBADMSG, NULL, "half of a surrogate pair in a string");
	if (unit >= 0xd800 && unit <= 0xdbff) {
		struct scan second = *s;

		second.at += 6;
		low = escaped_unit(&second);
		if (low < 0xdc00 || low > 0xdfff)
			return fail(s, -EBADMSG, NULL, "half of a surrogate pair in a string");
		advance_by(s, 6);
	}
	advance_by(s, 6);
	return 0;
}

static int
scan_string(struct scan *s)
{
	struct scan start = *s;

	advance(s);
	for (;;) {
		int c = peek(s), r;

		if (s->at - start.at > JSON_STRING_MAX + 1)
			return fail(&start, -EFBIG, NULL, "a string is longer than %d bytes",
				    JSON_STRING_MAX);
		if (c == -1 || c == '\n' || c == '\r')
			return fail(&start, -EBADMSG, "end it with \" on the same line",
				    "this string has no end");
		if (c == 0)
			return fail(s, -EBADMSG, NULL, "a string holds a NUL character");
		if (c < 0x20)
			return fail(s, -EBADMSG, "write a tab as \\t",
				    "control character 0x%02x in a string", (unsigned int)c);
		if (c == '\\') {
			if ((r = scan_escape(s)) < 0)
				return r;
			continue;
		}
		advance(s);
		if (c == '"')
			return 0;
	}
}

static bool
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static bool
is_word(int c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       c == '$' || c >= 0x80;
}

static bool
scan_digits(struct scan *s)
{
	if (!is_digit(peek(s)))
		return false;
	while (is_digit(peek(s)))
		advance(s);
	return true;
}

static int
scan_number(struct scan *s)
{
	struct scan start = *s;

	if (peek(s) == '-')
		advance(s);
	if (peek(s) == '0') {
		advance(s);
		if (peek(s) == 'x' || peek(s) == 'X')
			return fail(&start, -EBADMSG, "write it in decimal",
				    "hexadecimal numbers are not JSON");
		if (is_digit(peek(s)))
			return fail(&start, -EBADMSG, "leave the zeros in front out",
				    "a number begins with 0");
	} else if (!scan_digits(s)) {
		return fail(&start, -EBADMSG, NULL, "a number needs a digit in front");
	}
	if (peek(s) == '.') {
		advance(s);
		if (!scan_digits(s))
			return fail(&start, -EBADMSG, NULL, "a number needs a digit behind '.'");
	}
	if (peek(s) == 'e' || peek(s) == 'E') {
		advance(s);
		if (peek(s) == '+' || peek(s) == '-')
			advance(s);
		if (!scan_digits(s))
			return fail(&start, -EBADMSG, NULL, "a number needs digits behind 'e'");
	}
	if (is_word(peek(s)))
		return fail(&start, -EBADMSG, "put texts into double quotes",
			    "a number is followed by other characters");
	if (s->at - start.at > NUMBER_BYTES_MAX)
		return fail(&start, -EFBIG, NULL, "a number is longer than %d characters",
			    NUMBER_BYTES_MAX);
	return 0;
}

/* A word that is no value: as far as it goes, for the message. */
static int
fail_word(struct scan *s, const char *hint)
{
	size_t n = 0;

	while (n < 40 && s->at + n < s->text.n && is_word((unsigned char)s->text.p[s->at + n]))
		n++;
	while (n > 0 && s->at + n < s->text.n &&
	       ((unsigned char)s->text.p[s->at + n] & 0xc0) == 0x80)
		n--;
	return fail(s, -EBADMSG, hint, "unexpected '%.*s'", (int)n, s->text.p + s->at);
}

static int
scan_word(struct scan *s)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t n = strlen(words[i]);

		if (!looks_at(s, words[i]) ||
		    (s->at + n < s->text.n && is_word((unsigned char)s->text.p[s->at + n])))
			continue;
		advance_by(s, n);
		return 0;
	}
	return fail_word(s, "texts are in double quotes; the words are true, false and null");
}

static int
fail_character(struct scan *s, const char *expected)
{
	int c = peek(s);

	if (c == -1)
		return fail(s, -EBADMSG, NULL, "the text ends here; expected %s", expected);
	if (c == '\'')
		return fail(s, -EBADMSG, "use \" instead of '", "single quotes are not JSON");
	if (c == '#')
		return fail(s, -EBADMSG, "comments begin with //", "unexpected '#'");
	if (c == '+')
		return fail(s, -EBADMSG, "leave the sign out", "a number begins with '+'");
	if (c < 0x20 || c == 0x7f)
		return fail(s, -EBADMSG, NULL, "unexpected byte 0x%02x; expected %s",
			    (unsigned int)c, expected);
	return fail(s, -EBADMSG, NULL, "unexpected '%c'; expected %s", c, expected);
}

/*
 * Behind an item: 1 when another one follows, 0 at the closing bracket, which is left. A comma in
 * front of it is blanked out.
 */
static int
scan_separator(struct scan *s, int close)
{
	const char *expected = close == ']' ? "',' or ']'" : "',' or '}'";
	struct scan comma;
	int r;

	if ((r = skip_space(s)) < 0)
		return r;
	if (peek(s) == close)
		return 0;
	if (peek(s) != ',') {
		int c = peek(s);

		if (c == '"' || c == '{' || c == '[' || c == '-' || is_word(c))
			return fail(s, -EBADMSG, "put a comma behind the value before this one",
				    "expected %s", expected);
		return fail_character(s, expected);
	}
	comma = *s;
	advance(s);
	if ((r = skip_space(s)) < 0)
		return r;
	if (peek(s) != close)
		return peek(s) == ',' ? fail(s, -EBADMSG, "leave one of the two out",
					     "two commas without a value between them")
				      : 1;
	if (s->flags & JSON_PLAIN)
		return fail(&comma, -EBADMSG, "leave the comma out",
			    "a comma in front of '%c' is not allowed here", close);
	s->out->plain.p[comma.at] = ' ';
	return 0;
}

static int
add_position(struct scan *s, const struct scan *key)
{
	struct jsonc *j = s->out;
	int r = mem_grow((void **)&j->position, &j->capacity, j->count, sizeof(*j->position));

	if (r < 0)
		return err_set(s->e, r, "out of memory");
	j->position[j->count++] = (struct jsonc_position){
		.line = s->line,
		.column = column(s),
		.key_line = key ? key->line : 0,
		.key_column = key ? column(key) : 0,
	};
	return 0;
}

static int
scan_member(struct scan *s)
{
	struct scan key = *s;
	int r;

	if (peek(s) != '"') {
		if (is_word(peek(s)))
			return fail_word(s, "keys are in double quotes");
		return fail_character(s, "a key in double quotes");
	}
	if ((r = scan_string(s)) < 0 || (r = skip_space(s)) < 0)
		return r;
	if (peek(s) != ':')
		return peek(s) == '=' ? fail(s, -EBADMSG, "write ':'", "unexpected '='")
				      : fail_character(s, "':'");
	advance(s);
	if ((r = skip_space(s)) < 0 || (r = add_position(s, &key)) < 0)
		return r;
	return scan_value(s);
}

static int
scan_item(struct scan *s)
{
	int r = add_position(s, NULL);

	return r < 0 ? r : scan_value(s);
}

/* Both kinds of brackets. */
static int
scan_container(struct scan *s)
{
	int close = peek(s) == '[' ? ']' : '}', r;
	size_t items = 0;

	if (++s->depth > JSON_NESTING_MAX)
		return fail(s, -EFBIG, NULL, "more than %d levels of brackets", JSON_NESTING_MAX);
	advance(s);
	if ((r = skip_space(s)) < 0)
		return r;
	for (r = peek(s) != close; r > 0;) {
		if (++items > JSON_ITEMS_MAX)
			return fail(s, -EFBIG, NULL, "more than %d items in one list",
				    JSON_ITEMS_MAX);
		r = close == ']' ? scan_item(s) : scan_member(s);
		if (r == 0)
			r = scan_separator(s, close);
	}
	if (r < 0)
		return r;
	advance(s);
	s->depth--;
	return 0;
}

static int
scan_value(struct scan *s)
{
	int c = peek(s);

	if (c == '{' || c == '[')
		return scan_container(s);
	if (c == '"')
		return scan_string(s);
	if (c == '-' || is_digit(c))
		return scan_number(s);
	if (c == '.')
		return fail(s, -EBADMSG, "write 0.5 for .5", "a number begins with '.'");
	if (is_word(c))
		return scan_word(s);
	return fail_character(s, "a value");
}

static int
check_encoding(struct scan *s)
{
	while (s->at < s->text.n) {
		struct slice rest = { s->text.p + s->at, s->text.n - s->at };
		size_t n = str_utf8_sequence(rest);

		if (n == 0)
			return fail(s, -EILSEQ, "save the file as UTF-8", "byte 0x%02x is no UTF-8",
				    (unsigned int)(unsigned char)*rest.p);
		advance_by(s, n);
	}
	return 0;
}

static int
scan_text(struct scan *s)
{
	int r;

	if (looks_at(s, "\xef\xbb\xbf")) {
		if (s->flags & JSON_PLAIN)
			return fail(s, -EBADMSG, NULL, "a byte order mark is not allowed here");
		for (int i = 0; i < 3; i++)
			skip(s);
		s->line_start = s->at;
		s->extra_bytes = 0;
	}
	if ((r = skip_space(s)) < 0)
		return r;
	if (peek(s) == -1)
		return fail(s, -EBADMSG, "the smallest profile is {}",
			    "there is no value in the text");
	if ((r = scan_item(s)) < 0 || (r = skip_space(s)) < 0)
		return r;
	if (peek(s) != -1)
		return fail(s, -EBADMSG, NULL, "there is more text behind the end of the value");
	return 0;
}

int
jsonc_scan(struct jsonc *ret, struct slice text, unsigned int flags, struct json_place *place,
	   struct err *e)
{
	struct json_place unused;
	struct scan s = {
		.out = ret,
		.text = text,
		.line = 1,
		.flags = flags,
		.place = place ? place : &unused,
		.e = e,
	};
	struct scan encoding = s;
	int r;

	*s.place = (struct json_place){ 0 };
	if (text.n > JSON_BYTES_MAX)
		return err_set(e, -EFBIG, "1:1: the text is larger than %d bytes; split it up",
			       JSON_BYTES_MAX);
	if ((r = check_encoding(&encoding)) < 0)
		return r;
	if (buf_add(&ret->plain, text.p, text.n) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	return scan_text(&s);
}

void
jsonc_clear(struct jsonc *j)
{
	buf_clear(&j->plain);
	mem_free(j->position);
	*j = (struct jsonc){ 0 };
}
