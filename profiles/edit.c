/*
 * Finding the place of a change. New members and entries come first in what they join when that
 * has several lines: the one line that is inserted ends with a comma, and whether the last entry
 * has one does not matter.
 */
#include "profiles/edit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
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

/* `"b": {"c": ["value"]}` for what is left of a dotted key; without a list `"b": {"c": "value"}`. */
static int
add_members(struct buf *b, const char *rest, struct slice quoted, bool list)
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
	if ((r = buf_adds(b, list ? "[" : "")) < 0 || (r = buf_add(b, quoted.p, quoted.n)) < 0 ||
	    (r = buf_adds(b, list ? "]" : "")) < 0)
		return r;
	while (braces-- > 0)
		if ((r = buf_addc(b, '}')) < 0)
			return r;
	return 0;
}

/*
 * Find the value of a dotted key: 1 and its place, or 0 when the text was appended with the key and
 * this value put in.
 */
static int
find_or_insert(struct buf *ret, struct slice t, const char *rest, struct slice quoted, bool list,
	       size_t *ret_at)
{
	autobuf struct buf what = BUF_INIT;
	struct container c;
	size_t at = 0;
	int r = skip_blank(t, &at, NULL);

	if (r < 0)
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
			if ((r = add_members(&what, rest, quoted, list)) < 0)
				return r;
			return insert(ret, t, &c, (struct slice){ what.p, what.n });
		}
		at = c.value;
		if (rest[n] == '\0')
			break;
		rest += n + 1;
	}
	*ret_at = at;
	return 1;
}

/* One addition: 1, 0 when the list has the value already. Nothing is appended then. */
static int
add_one(struct buf *ret, struct slice t, const struct edit_addition *item)
{
	autobuf struct buf quoted = BUF_INIT;
	struct container c;
	struct slice value;
	size_t at;
	int r = add_quoted(&quoted, item->value, strlen(item->value));

	if (r < 0)
		return r;
	value = (struct slice){ quoted.p, quoted.n };
	if ((r = find_or_insert(ret, t, item->list, value, true, &at)) <= 0)
		return r < 0 ? r : 1;
	if (at >= t.n || t.p[at] != '[')
		return -EBADMSG;
	if ((r = read_container(&c, t, at, value)) < 0)
		return r;
	if (c.value != SIZE_MAX)
		return 0;
	r = insert(ret, t, &c, value);
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

int
edit_set(struct buf *ret, struct slice text, const char *key, const char *value)
{
	autobuf struct buf quoted = BUF_INIT;
	size_t at, end;
	int r;

	if (text.n > EDIT_BYTES_MAX)
		return -E2BIG;
	if ((r = add_quoted(&quoted, value, strlen(value))) < 0 ||
	    (r = find_or_insert(ret, text, key, (struct slice){ quoted.p, quoted.n }, false,
				&at)) <= 0)
		return r;
	end = at;
	if ((r = skip_value(text, &end)) < 0 || (r = buf_add(ret, text.p, at)) < 0 ||
	    (r = buf_add(ret, quoted.p, quoted.n)) < 0)
		return r;
	return buf_add(ret, text.p + end, text.n - end);
}

/* ---- changing entries ---- */

/* One entry and what is around it. All are offsets. */
struct entry {
	size_t start, end;
	size_t comma;  /* behind it; SIZE_MAX: it is the last */
	size_t before; /* the comma in front of it; SIZE_MAX: it is the first */
};

/* The offset of a place; SIZE_MAX when the text does not reach that far. */
static size_t
offset_of(struct slice t, uint32_t line, uint32_t column)
{
	size_t at = 0;

	for (; line > 1; line--) {
		const char *end = memchr(t.p + at, '\n', t.n - at);

		if (!end)
			return SIZE_MAX;
		at = (size_t)(end - t.p) + 1;
	}
	/* Columns count characters. */
	for (; column > 1 && at < t.n && t.p[at] != '\n'; column--)
		do
			at++;
		while (at < t.n && ((unsigned char)t.p[at] & 0xc0) == 0x80);
	return column == 1 && at < t.n ? at : SIZE_MAX;
}

/* Token by token from the beginning: a comma in front may stand behind remarks with commas. */
static int
find_entry(struct entry *ret, struct slice t, size_t start)
{
	size_t at = 0, last = SIZE_MAX;
	int r;

	for (;;) {
		if ((r = skip_blank(t, &at, NULL)) < 0)
			return r;
		if (at >= start)
			break;
		last = at;
		if (t.p[at] != '"')
			at++;
		else if ((r = skip_string(t, &at)) < 0)
			return r;
	}
	if (at != start || last == SIZE_MAX || (t.p[last] != ',' && t.p[last] != '['))
		return -EBADMSG;
	*ret = (struct entry){ start, start, SIZE_MAX, t.p[last] == ',' ? last : SIZE_MAX };
	if ((r = skip_value(t, &ret->end)) < 0)
		return r;
	at = ret->end;
	if ((r = skip_blank(t, &at, NULL)) < 0)
		return r;
	if (at < t.n && t.p[at] == ',')
		ret->comma = at;
	return 0;
}

static bool
is_blank(struct slice t, size_t from, size_t to)
{
	while (from < to && (t.p[from] == ' ' || t.p[from] == '\t' || t.p[from] == '\r'))
		from++;
	return from >= to;
}

/* Widen an entry that has its line to itself, but for a remark behind it, to all of that line. */
static bool
take_line(struct slice t, const struct entry *e, size_t *from, size_t *to)
{
	size_t begin = e->start, at = e->comma == SIZE_MAX ? e->end : e->comma + 1;
	const char *end;

	while (begin > 0 && t.p[begin - 1] != '\n')
		begin--;
	if (!is_blank(t, begin, e->start) || memchr(t.p + e->start, '\n', at - e->start))
		return false;
	if (!(end = memchr(t.p + at, '\n', t.n - at)))
		return false;
	while (at < t.n && (t.p[at] == ' ' || t.p[at] == '\t'))
		at++;
	if (!(t.n - at >= 2 && t.p[at] == '/' && t.p[at + 1] == '/') &&
	    !is_blank(t, at, (size_t)(end - t.p)))
		return false;
	*from = begin;
	*to = (size_t)(end - t.p) + 1;
	return true;
}

static int
remove_entry(struct buf *ret, struct slice t, const struct entry *e)
{
	size_t from = e->start, to = e->end, before = e->before;
	int r;

	if (!take_line(t, e, &from, &to) && e->comma != SIZE_MAX) {
		if (is_blank(t, e->end, e->comma)) {
			to = e->comma + 1;
			while (to < t.n && t.p[to] == ' ')
				to++;
		} else {
			/* A remark between both stays. */
			if ((r = buf_add(ret, t.p, from)) < 0 ||
			    (r = buf_add(ret, t.p + to, e->comma - to)) < 0)
				return r;
			return buf_add(ret, t.p + e->comma + 1, t.n - e->comma - 1);
		}
	}
	/* The last one takes the comma in front of it. */
	if (e->comma == SIZE_MAX && before != SIZE_MAX) {
		size_t rest = is_blank(t, before + 1, from) ? from : before + 1;

		if ((r = buf_add(ret, t.p, before)) < 0 ||
		    (r = buf_add(ret, t.p + rest, from - rest)) < 0)
			return r;
	} else if ((r = buf_add(ret, t.p, from)) < 0) {
		return r;
	}
	return buf_add(ret, t.p + to, t.n - to);
}

static int
change_one(struct buf *ret, struct slice t, const struct edit_change *c)
{
	autobuf struct buf was = BUF_INIT, with = BUF_INIT;
	size_t start = offset_of(t, c->line, c->column);
	struct entry e;
	int r;

	if (start == SIZE_MAX)
		return -EBADMSG;
	if ((r = find_entry(&e, t, start)) < 0 ||
	    (r = c->is_number ? buf_adds(&was, c->was) : add_quoted(&was, c->was, strlen(c->was))) <
		    0)
		return r;
	/* Another spelling of the same string is left to its writer. */
	if (!is_string(t, e.start, e.end, (struct slice){ was.p, was.n }))
		return -EBADMSG;
	if (!c->with)
		return remove_entry(ret, t, &e);
	if ((r = add_quoted(&with, c->with, strlen(c->with))) < 0 ||
	    (r = buf_add(ret, t.p, e.start)) < 0 || (r = buf_add(ret, with.p, with.n)) < 0)
		return r;
	return buf_add(ret, t.p + e.end, t.n - e.end);
}

/* From the end on, so that the places of the others stay what they are. */
static int
compare_changes(const void *a, const void *b)
{
	const struct edit_change *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? 1 : -1;
	return x->column < y->column ? 1 : x->column > y->column ? -1 : 0;
}

int
edit_change(struct buf *ret, struct slice text, struct edit_change *item, size_t count)
{
	autobuf struct buf now = BUF_INIT, next = BUF_INIT;
	int r;

	if (text.n > EDIT_BYTES_MAX)
		return -E2BIG;
	if ((r = buf_add(&now, text.p, text.n)) < 0)
		return r;
	if (count > 1)
		qsort(item, count, sizeof(*item), compare_changes);
	for (size_t i = 0; i < count; i++) {
		struct buf swap;

		buf_reset(&next);
		if ((r = change_one(&next, (struct slice){ now.p, now.n }, &item[i])) < 0)
			return r;
		swap = now;
		now = next;
		next = swap;
	}
	return buf_add(ret, buf_str(&now), now.n);
}
