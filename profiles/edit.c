/*
 * Finding the place of an insertion. New members and entries come first in what they join when that
 * has several lines: the one line that is inserted ends with a comma, and whether the last entry
 * has one does not matter.
 */
#include "profiles/edit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/json_write.h"

enum { INDENT_MAX = 256 };

/* An object or array as it stands in the text. All are offsets. */
struct container {
	size_t open;  /* of its bracket */
	size_t first; /* of its first key or entry; of its closing bracket when it is empty */
	bool empty;
	size_t last_end; /* behind the last entry */
	size_t value;	 /* of the member that was asked for, else SIZE_MAX */
	size_t line;	 /* behind the first line break in front of `first`, else SIZE_MAX */
};

static int
skip_blank(struct slice t, size_t *at, size_t *ret_line)
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

static int
skip_string(struct slice t, size_t *at)
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
static int
skip_value(struct slice t, size_t *at)
{
	size_t depth = 0;
	int r;

	do {
		if ((r = skip_blank(t, at, NULL)) < 0)
			return r;
		if (*at >= t.n)
			return -EBADMSG;
		switch (t.p[*at]) {
		case '"':
			if ((r = skip_string(t, at)) < 0)
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

static bool
is_string(struct slice t, size_t from, size_t to, struct slice quoted)
{
	return slice_equal((struct slice){ t.p + from, to - from }, quoted);
}

/*
 * Read the container that opens at `at`. Of an object: where is the member with this key? Of an
 * array: is there this string? Both are compared as written, with their quotes.
 */
static int
read_container(struct container *c, struct slice t, size_t at, struct slice quoted)
{
	bool object = t.p[at] == '{';
	char close = object ? '}' : ']';
	int r;

	*c = (struct container){ .open = at, .empty = true, .value = SIZE_MAX, .line = SIZE_MAX };
	at++;
	if ((r = skip_blank(t, &at, &c->line)) < 0)
		return r;
	c->first = at;
	while (at < t.n && t.p[at] != close) {
		size_t start = at;
		bool wanted;

		if ((r = object && t.p[at] != '"' ? -EBADMSG : skip_value(t, &at)) < 0)
			return r;
		wanted = is_string(t, start, at, quoted);
		c->empty = false;
		c->last_end = at;
		if (object) {
			if ((r = skip_blank(t, &at, NULL)) < 0)
				return r;
			if (at >= t.n || t.p[at] != ':')
				return -EBADMSG;
			at++;
			if ((r = skip_blank(t, &at, NULL)) < 0)
				return r;
			start = at;
			if ((r = skip_value(t, &at)) < 0)
				return r;
			c->last_end = at;
		}
		if (wanted && c->value == SIZE_MAX)
			c->value = start;
		if ((r = skip_blank(t, &at, NULL)) < 0)
			return r;
		if (at < t.n && t.p[at] == ',') {
			at++;
			if ((r = skip_blank(t, &at, NULL)) < 0)
				return r;
		} else if (at >= t.n || t.p[at] != close) {
			return -EBADMSG;
		}
	}
	return at < t.n ? 0 : -EBADMSG;
}

/* ---- inserting ---- */

static int
add_quoted(struct buf *b, const char *text, size_t n)
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

/* The blanks at the beginning of the line that `at` stands in; of nothing else. */
static struct slice
indent_of(struct slice t, size_t at)
{
	size_t start = at, n = 0;

	while (start > 0 && t.p[start - 1] != '\n')
		start--;
	while (start + n < at && n < INDENT_MAX &&
	       (t.p[start + n] == ' ' || t.p[start + n] == '\t'))
		n++;
	return (struct slice){ t.p + start, n };
}

static bool
uses_crlf(struct slice t)
{
	const char *end = memchr(t.p, '\n', t.n);

	return end && end > t.p && end[-1] == '\r';
}

/* Put `what` into the container: 0, -ENOMEM. */
static int
insert(struct buf *ret, struct slice t, const struct container *c, struct slice what)
{
	bool array = t.p[c->open] == '[';
	size_t at = c->first;
	const char *before = "", *after = c->empty ? "" : ", ", *eol = "";
	struct slice indent = { "", 0 };
	int r;

	if (!c->empty && c->line != SIZE_MAX) {
		at = c->line;
		indent = indent_of(t, c->first);
		after = ",";
		eol = uses_crlf(t) ? "\r\n" : "\n";
	} else if (!c->empty && array) {
		at = c->last_end;
		before = ", ";
		after = "";
	} else if (c->empty) {
		at = c->open + 1;
	}
	if ((r = buf_add(ret, t.p, at)) < 0 || (r = buf_add(ret, indent.p, indent.n)) < 0 ||
	    (r = buf_adds(ret, before)) < 0 || (r = buf_add(ret, what.p, what.n)) < 0 ||
	    (r = buf_adds(ret, after)) < 0 || (r = buf_adds(ret, eol)) < 0)
		return r;
	return buf_add(ret, t.p + at, t.n - at);
}

/* `"b": {"c": ["value"]}` for what is left of a dotted key. */
static int
add_members(struct buf *b, const char *rest, struct slice quoted)
{
	size_t braces = 0;
	int r = 0;

	while (r == 0) {
		size_t n = strcspn(rest, ".");

		if ((r = add_quoted(b, rest, n)) < 0 || (r = buf_adds(b, ": ")) < 0)
			return r;
		if (rest[n] == '\0')
			break;
		rest += n + 1;
		braces++;
		r = buf_addc(b, '{');
	}
	if ((r = buf_addc(b, '[')) < 0 || (r = buf_add(b, quoted.p, quoted.n)) < 0 ||
	    (r = buf_addc(b, ']')) < 0)
		return r;
	while (braces-- > 0)
		if ((r = buf_addc(b, '}')) < 0)
			return r;
	return 0;
}

/* One addition: 1, 0 when the list has the value already. Nothing is appended then. */
static int
add_one(struct buf *ret, struct slice t, const struct edit_addition *item)
{
	autobuf struct buf quoted = BUF_INIT, what = BUF_INIT;
	const char *rest = item->list;
	struct container c;
	size_t at = 0;
	int r;

	if ((r = add_quoted(&quoted, item->value, strlen(item->value))) < 0 ||
	    (r = skip_blank(t, &at, NULL)) < 0)
		return r;
	for (int part = 0; part < EDIT_KEY_PARTS_MAX; part++) {
		autobuf struct buf key = BUF_INIT;
		size_t n = strcspn(rest, ".");

		if (at >= t.n || t.p[at] != '{')
			return -EBADMSG;
		if ((r = add_quoted(&key, rest, n)) < 0 ||
		    (r = read_container(&c, t, at, (struct slice){ key.p, key.n })) < 0)
			return r;
		if (c.value == SIZE_MAX) {
			if ((r = add_members(&what, rest, (struct slice){ quoted.p, quoted.n })) <
			    0)
				return r;
			r = insert(ret, t, &c, (struct slice){ what.p, what.n });
			return r < 0 ? r : 1;
		}
		at = c.value;
		if (rest[n] == '\0')
			break;
		rest += n + 1;
	}
	if (at >= t.n || t.p[at] != '[')
		return -EBADMSG;
	if ((r = read_container(&c, t, at, (struct slice){ quoted.p, quoted.n })) < 0)
		return r;
	if (c.value != SIZE_MAX)
		return 0;
	r = insert(ret, t, &c, (struct slice){ quoted.p, quoted.n });
	return r < 0 ? r : 1;
}

int
edit_add(struct buf *ret, struct slice text, const struct edit_addition *item, size_t count,
	 size_t *ret_added)
{
	autobuf struct buf now = BUF_INIT, next = BUF_INIT;
	size_t added = 0;
	int r;

	if (text.n > EDIT_BYTES_MAX)
		return -E2BIG;
	if ((r = buf_add(&now, text.p, text.n)) < 0)
		return r;
	/* Each comes first in its list: from the last on, so that their order stays. */
	while (count-- > 0) {
		struct buf swap;

		buf_reset(&next);
		r = add_one(&next, (struct slice){ now.p, now.n }, &item[count]);
		if (r < 0)
			return r;
		if (r == 0)
			continue;
		added++;
		swap = now;
		now = next;
		next = swap;
	}
	if ((r = buf_add(ret, now.p, now.n)) < 0)
		return r;
	*ret_added = added;
	return 0;
}
