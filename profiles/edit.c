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

#include "profiles/edit_internal.h"

/* Put `what` into the container: 0, -ENOMEM. */
static int
insert(struct buf *ret, struct slice t, const struct edit_container *c, struct slice what)
{
	bool array = t.p[c->open] == '[';
	size_t at = c->first;
	const char *before = "", *after = c->empty ? "" : ", ", *eol = "";
	struct slice indent = { "", 0 };
	int r;

	if (!c->empty && c->line != SIZE_MAX) {
		at = c->line;
		indent = edit_indent(t, c->first);
		after = ",";
		eol = edit_line_end(t);
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

		if ((r = edit_add_quoted(b, rest, n)) < 0 || (r = buf_adds(b, ": ")) < 0)
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
	struct edit_container c;
	size_t at = 0;
	int r = edit_skip_blank(t, &at, NULL);

	if (r < 0)
		return r;
	for (int part = 0; part < EDIT_KEY_PARTS_MAX; part++) {
		autobuf struct buf key = BUF_INIT;
		size_t n = strcspn(rest, ".");

		if (at >= t.n || t.p[at] != '{')
			return -EBADMSG;
		if ((r = edit_add_quoted(&key, rest, n)) < 0 ||
		    (r = edit_read_container(&c, t, at, (struct slice){ key.p, key.n },
					     EDIT_NO_INDEX)) < 0)
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
	struct edit_container c;
	struct slice value;
	size_t at;
	int r = edit_add_quoted(&quoted, item->value, strlen(item->value));

	if (r < 0)
		return r;
	value = (struct slice){ quoted.p, quoted.n };
	if ((r = find_or_insert(ret, t, item->list, value, true, &at)) <= 0)
		return r < 0 ? r : 1;
	if (at >= t.n || t.p[at] != '[')
		return -EBADMSG;
	if ((r = edit_read_container(&c, t, at, value, EDIT_NO_INDEX)) < 0)
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
	if ((r = edit_add_quoted(&quoted, value, strlen(value))) < 0 ||
	    (r = find_or_insert(ret, text, key, (struct slice){ quoted.p, quoted.n }, false,
				&at)) <= 0)
		return r;
	end = at;
	if ((r = edit_skip_value(text, &end)) < 0 || (r = buf_add(ret, text.p, at)) < 0 ||
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
		if ((r = edit_skip_blank(t, &at, NULL)) < 0)
			return r;
		if (at >= start)
			break;
		last = at;
		if (t.p[at] != '"')
			at++;
		else if ((r = edit_skip_string(t, &at)) < 0)
			return r;
	}
	if (at != start || last == SIZE_MAX || (t.p[last] != ',' && t.p[last] != '['))
		return -EBADMSG;
	*ret = (struct entry){ start, start, SIZE_MAX, t.p[last] == ',' ? last : SIZE_MAX };
	if ((r = edit_skip_value(t, &ret->end)) < 0)
		return r;
	at = ret->end;
	if ((r = edit_skip_blank(t, &at, NULL)) < 0)
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
	    (r = c->is_number ? buf_adds(&was, c->was)
			      : edit_add_quoted(&was, c->was, strlen(c->was))) < 0)
		return r;
	/* Another spelling of the same string is left to its writer. */
	if (!edit_is_string(t, e.start, e.end, (struct slice){ was.p, was.n }))
		return -EBADMSG;
	if (!c->with)
		return remove_entry(ret, t, &e);
	if ((r = edit_add_quoted(&with, c->with, strlen(c->with))) < 0 ||
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
