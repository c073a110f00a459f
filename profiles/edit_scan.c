/*
 * As much of JSON as it takes to find a place: the caller reads the result with the strict reader
 * before it counts.
 */
#include "profiles/edit_internal.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/json_write.h"
#include "profiles/edit.h"

enum { INDENT_MAX = 256 };

int
edit_skip_blank(struct slice t, size_t *at, size_t *ret_line)
{
	for (;;) {
		while (*at < t.n && (t.p[*at] == ' ' || t.p[*at] == '\t' || t.p[*at] == '\r' ||
				     t.p[*at] == '\n')) {
			if (t.p[*at] == '\n' && ret_line && *ret_line == SIZE_MAX)
				*ret_line = *at + 1;
			++*at;
		}
		if (t.n - *at < 2 || t.p[*at] != '/')
			return 0;
		if (t.p[*at + 1] == '/') {
			while (*at < t.n && t.p[*at] != '\n')
				++*at;
		} else if (t.p[*at + 1] == '*') {
			for (*at += 2; *at < t.n; ++*at)
				if (t.n - *at >= 2 && t.p[*at] == '*' && t.p[*at + 1] == '/')
					break;
			if (*at >= t.n)
				return -EBADMSG;
			*at += 2;
		} else {
			return 0;
		}
	}
}

int
edit_skip_string(struct slice t, size_t *at)
{
	for (++*at; *at < t.n; ++*at) {
		if (t.p[*at] == '\\')
			++*at;
		else if (t.p[*at] == '"') {
			++*at;
			return 0;
		}
	}
	return -EBADMSG;
}

/* Brackets are counted, not matched: the strict reader saw the text, and will again. */
int
edit_skip_value(struct slice t, size_t *at)
{
	size_t depth = 0;
	int r;

	do {
		if ((r = edit_skip_blank(t, at, NULL)) < 0)
			return r;
		if (*at >= t.n)
			return -EBADMSG;
		switch (t.p[*at]) {
		case '"':
			if ((r = edit_skip_string(t, at)) < 0)
				return r;
			break;
		case '{':
		case '[':
			depth++;
			++*at;
			break;
		case '}':
		case ']':
			if (depth == 0)
				return -EBADMSG;
			depth--;
			++*at;
			break;
		default:
			++*at;
			while (depth == 0 && *at < t.n && !strchr(",]} \t\r\n/", t.p[*at]))
				++*at;
			break;
		}
	} while (depth > 0);
	return 0;
}

bool
edit_is_string(struct slice t, size_t from, size_t to, struct slice quoted)
{
	return quoted.p && slice_equal((struct slice){ t.p + from, to - from }, quoted);
}

int
edit_read_container(struct edit_container *c, struct slice t, size_t at, struct slice quoted,
		    long index)
{
	bool object = t.p[at] == '{';
	char close = object ? '}' : ']';
	long count = 0;
	int r;

	*c = (struct edit_container){ .open = at,
				      .line = SIZE_MAX,
				      .empty = true,
				      .last_end = SIZE_MAX,
				      .last_comma = SIZE_MAX,
				      .start = SIZE_MAX,
				      .value = SIZE_MAX,
				      .end = SIZE_MAX,
				      .comma = SIZE_MAX,
				      .before_comma = SIZE_MAX };
	at++;
	if ((r = edit_skip_blank(t, &at, &c->line)) < 0)
		return r;
	c->first = at;
	while (at < t.n && t.p[at] != close) {
		size_t start = at, value = at;
		bool wanted;

		if ((r = object && t.p[at] != '"' ? -EBADMSG : edit_skip_value(t, &at)) < 0)
			return r;
		wanted = c->value == SIZE_MAX &&
			 (count++ == index || edit_is_string(t, start, at, quoted));
		c->empty = false;
		if (object) {
			if ((r = edit_skip_blank(t, &at, NULL)) < 0)
				return r;
			if (at >= t.n || t.p[at] != ':')
				return -EBADMSG;
			at++;
			if ((r = edit_skip_blank(t, &at, NULL)) < 0)
				return r;
			value = at;
			if ((r = edit_skip_value(t, &at)) < 0)
				return r;
		}
		if (wanted) {
			c->start = start;
			c->value = value;
			c->end = at;
			c->before_comma = c->last_comma;
		}
		c->last_end = at;
		c->last_comma = SIZE_MAX;
		if ((r = edit_skip_blank(t, &at, NULL)) < 0)
			return r;
		if (at < t.n && t.p[at] == ',') {
			c->last_comma = at++;
			if (wanted)
				c->comma = c->last_comma;
			if ((r = edit_skip_blank(t, &at, NULL)) < 0)
				return r;
		} else if (at >= t.n || t.p[at] != close) {
			return -EBADMSG;
		}
	}
	c->close = at;
	return at < t.n ? 0 : -EBADMSG;
}

int
edit_add_quoted(struct buf *b, const char *text, size_t n)
{
	autobuf struct buf copy = BUF_INIT, quoted = BUF_INIT;
	struct json j = JSON_CANONICAL_INIT(&quoted, EDIT_BYTES_MAX);
	int r;

	if ((r = buf_add(&copy, text, n)) < 0)
		return r;
	json_string(&j, NULL, buf_str(&copy));
	if ((r = json_finish(&j)) < 0)
		return r;
	return buf_add(b, quoted.p, quoted.n);
}

struct slice
edit_indent(struct slice t, size_t at)
{
	size_t start = at, n = 0;

	while (start > 0 && t.p[start - 1] != '\n')
		start--;
	while (start + n < at && n < INDENT_MAX &&
	       (t.p[start + n] == ' ' || t.p[start + n] == '\t'))
		n++;
	return (struct slice){ t.p + start, n };
}

const char *
edit_line_end(struct slice t)
{
	const char *end = memchr(t.p, '\n', t.n);

	return end && end > t.p && end[-1] == '\r' ? "\r\n" : "\n";
}
