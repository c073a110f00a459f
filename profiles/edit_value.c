/* Values that are added, replaced and removed; what edit_value_add() added, removal takes back. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "profiles/edit.h"
#include "profiles/edit_internal.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_blank_between(struct slice t, size_t from, size_t to)
{
	while (from < to && is_blank(t.p[from]))
		from++;
	return from >= to;
}

static size_t
line_start(struct slice t, size_t at)
{
	while (at > 0 && t.p[at - 1] != '\n')
		at--;
	return at;
}

/* Behind the line break, when nothing but blanks stands in front of it; else `at`. */
static size_t
line_rest(struct slice t, size_t at)
{
	for (size_t i = at; i < t.n && is_blank(t.p[i]); i++)
		if (t.p[i] == '\n')
			return i + 1;
	return at;
}

/*
 * The container that holds the last step of a path, with that member or entry found in it; without
 * a step 1 and the place of the outermost value.
 */
static int
find(struct edit_container *c, struct slice t, const struct edit_path *path, size_t *ret_value)
{
	size_t at = 0;
	int r = edit_skip_blank(t, &at, NULL);

	for (size_t i = 0; i < path->steps && r == 0; i++) {
		const struct edit_step *s = &path->step[i];
		autobuf struct buf key = BUF_INIT;

		if (at >= t.n || t.p[at] != (s->key ? '{' : '['))
			return -EBADMSG;
		if (s->key && (r = edit_add_quoted(&key, s->key, strlen(s->key))) < 0)
			return r;
		r = edit_read_container(c, t, at,
					(struct slice){ s->key ? buf_str(&key) : NULL, key.n },
					s->key ? EDIT_NO_INDEX : (long)s->index);
		if (r == 0 && c->value == SIZE_MAX)
			r = -EBADMSG;
		at = c->value;
	}
	if (r < 0)
		return r;
	if (at >= t.n)
		return -EBADMSG;
	*ret_value = at;
	return path->steps == 0;
}

/* ---- layout ---- */

struct layout {
	bool lines; /* else everything in one line */
	struct slice indent;
	struct slice unit; /* of one more level */
	const char *eol;
};

/* Line breaks of a text by json_write.h are layout: those of strings are escaped. */
static int
add_value(struct buf *b, struct slice value, const struct layout *l)
{
	size_t i = 0;
	int r = 0;

	while (value.n > 0 && is_blank(value.p[value.n - 1]))
		value.n--;
	while (i < value.n && r == 0) {
		size_t n = 0, blanks = 0;
		bool bracket;

		while (i + n < value.n && value.p[i + n] != '\n')
			n++;
		if ((r = buf_add(b, value.p + i, n)) < 0 || (i += n) == value.n)
			return r;
		bracket = n > 0 && strchr("{[", value.p[i - 1]);
		i++;
		while (i + blanks < value.n && value.p[i + blanks] == ' ')
			blanks++;
		i += blanks;
		if (!l->lines) {
			if (!bracket && i < value.n && !strchr("}]", value.p[i]))
				r = buf_addc(b, ' ');
			continue;
		}
		if ((r = buf_adds(b, l->eol)) == 0)
			r = buf_add(b, l->indent.p, l->indent.n);
		for (size_t level = 0; level < blanks / 2 && r == 0; level++)
			r = buf_add(b, l->unit.p, l->unit.n);
	}
	return r;
}

/* How much deeper is what stands at `at` than the container? */
static struct slice
unit_between(struct slice outer, struct slice inner)
{
	if (inner.n > outer.n && memcmp(inner.p, outer.p, outer.n) == 0)
		return (struct slice){ inner.p + outer.n, inner.n - outer.n };
	return (struct slice){ "  ", 2 };
}

/* The unit of the text: the indent of its first member. */
static struct slice
unit_of(struct slice t)
{
	struct edit_container c;
	size_t at = 0;

	if (edit_skip_blank(t, &at, NULL) == 0 && at < t.n && (t.p[at] == '{' || t.p[at] == '[') &&
	    edit_read_container(&c, t, at, (struct slice){ NULL, 0 }, EDIT_NO_INDEX) == 0 &&
	    !c.empty && c.line != SIZE_MAX)
		return unit_between((struct slice){ "", 0 }, edit_indent(t, c.first));
	return (struct slice){ "  ", 2 };
}

static int
add_member(struct buf *b, const char *key, struct slice value, const struct layout *l)
{
	int r = 0;

	if (key && (r = edit_add_quoted(b, key, strlen(key))) == 0)
		r = buf_adds(b, ": ");
	return r < 0 ? r : add_value(b, value, l);
}

/* ---- adding ---- */

static int
add_to_empty(struct buf *ret, struct slice t, const struct edit_container *c, const char *key,
	     struct slice value)
{
	struct slice outer = edit_indent(t, c->open), unit = unit_of(t);
	autobuf struct buf indent = BUF_INIT;
	struct layout l = { .lines = true, .unit = unit, .eol = edit_line_end(t) };
	int r;

	if ((r = buf_add(&indent, outer.p, outer.n)) < 0 ||
	    (r = buf_add(&indent, unit.p, unit.n)) < 0)
		return r;
	l.indent = (struct slice){ indent.p, indent.n };
	if ((r = buf_add(ret, t.p, c->open + 1)) < 0 || (r = buf_adds(ret, l.eol)) < 0 ||
	    (r = buf_add(ret, indent.p, indent.n)) < 0 || (r = add_member(ret, key, value, &l)) < 0)
		return r;
	/* A line break in front of the bracket, or of a comment, is as good as one of ours. */
	if (c->line == SIZE_MAX &&
	    ((r = buf_adds(ret, l.eol)) < 0 || (r = buf_add(ret, outer.p, outer.n)) < 0))
		return r;
	return buf_add(ret, t.p + c->open + 1, t.n - c->open - 1);
}

/* In front of the line of the closing bracket; the entry before it gets a comma. */
static int
add_line(struct buf *ret, struct slice t, const struct edit_container *c, size_t at,
	 const char *key, struct slice value)
{
	struct slice inner = edit_indent(t, c->first);
	struct layout l = { .lines = true,
			    .indent = inner,
			    .unit = unit_between(edit_indent(t, c->open), inner),
			    .eol = edit_line_end(t) };
	bool comma = c->last_comma != SIZE_MAX;
	int r;

	if ((r = buf_add(ret, t.p, c->last_end)) < 0 || (!comma && (r = buf_addc(ret, ',')) < 0) ||
	    (r = buf_add(ret, t.p + c->last_end, at - c->last_end)) < 0 ||
	    (r = buf_add(ret, inner.p, inner.n)) < 0 || (r = add_member(ret, key, value, &l)) < 0 ||
	    (comma && (r = buf_addc(ret, ',')) < 0) || (r = buf_adds(ret, l.eol)) < 0)
		return r;
	return buf_add(ret, t.p + at, t.n - at);
}

static int
add_inline(struct buf *ret, struct slice t, const struct edit_container *c, const char *key,
	   struct slice value)
{
	const struct layout l = { .lines = false };
	int r;

	if ((r = buf_add(ret, t.p, c->last_end)) < 0 || (r = buf_adds(ret, ", ")) < 0 ||
	    (r = add_member(ret, key, value, &l)) < 0)
		return r;
	return buf_add(ret, t.p + c->last_end, t.n - c->last_end);
}

int
edit_value_add(struct buf *ret, struct slice text, const struct edit_path *path, const char *key,
	       struct slice value)
{
	struct edit_container c;
	size_t at, line;
	int r;

	if (text.n > EDIT_BYTES_MAX || value.n > EDIT_BYTES_MAX)
		return -E2BIG;
	if ((r = find(&c, text, path, &at)) < 0)
		return r;
	if (text.p[at] != (key ? '{' : '['))
		return -EBADMSG;
	r = edit_read_container(&c, text, at, (struct slice){ NULL, 0 }, EDIT_NO_INDEX);
	if (r < 0)
		return r;
	if (c.empty)
		return add_to_empty(ret, text, &c, key, value);
	line = line_start(text, c.close);
	if (line >= c.last_end && is_blank_between(text, line, c.close) &&
	    edit_indent(text, c.first).n == c.first - line_start(text, c.first))
		return add_line(ret, text, &c, line, key, value);
	return add_inline(ret, text, &c, key, value);
}

/* ---- replacing ---- */

int
edit_value_replace(struct buf *ret, struct slice text, const struct edit_path *path,
		   struct slice value)
{
	struct edit_container c;
	struct layout l = { .lines = true, .unit = unit_of(text), .eol = edit_line_end(text) };
	size_t at;
	int r;

	if (text.n > EDIT_BYTES_MAX || value.n > EDIT_BYTES_MAX)
		return -E2BIG;
	/* The outermost value has no end that its container knows. */
	if ((r = find(&c, text, path, &at)) != 0)
		return r < 0 ? r : -EBADMSG;
	l.indent = edit_indent(text, c.start);
	l.lines = l.indent.n == c.start - line_start(text, c.start);
	if ((r = buf_add(ret, text.p, at)) < 0 || (r = add_value(ret, value, &l)) < 0)
		return r;
	return buf_add(ret, text.p + c.end, text.n - c.end);
}

/* ---- removing ---- */

/* What goes: the member or entry, and a comma that stands elsewhere, in the order of the text. */
struct cut {
	size_t from[2], to[2];
};

static struct cut
cut_also(size_t from, size_t to, size_t comma)
{
	if (comma == SIZE_MAX)
		return (struct cut){ { from, to }, { to, to } };
	if (comma < from)
		return (struct cut){ { comma, from }, { comma + 1, to } };
	return (struct cut){ { from, comma }, { to, comma + 1 } };
}

static struct cut
find_cut(struct slice t, const struct edit_container *c)
{
	size_t from = c->start, to = c->end, comma = c->comma, line, rest;

	if (comma != SIZE_MAX && is_blank_between(t, to, comma)) {
		to = comma + 1;
		comma = SIZE_MAX;
	}
	/* Alone between the brackets. */
	if (is_blank_between(t, c->open + 1, from) && is_blank_between(t, to, c->close))
		return cut_also(c->open + 1, c->close, SIZE_MAX);
	/* The comma in front belongs to the entry there, unless this one has none of its own. */
	if (c->comma == SIZE_MAX)
		comma = c->before_comma;
	line = line_start(t, from);
	rest = line_rest(t, to);
	if (line > c->open && is_blank_between(t, line, from) && rest > to)
		return cut_also(line, rest, comma);
	/* ", X": what follows X stays as it is, also a comma. */
	if (c->before_comma != SIZE_MAX && is_blank_between(t, c->before_comma + 1, from))
		return cut_also(c->before_comma, c->end, SIZE_MAX);
	while (to < t.n && (t.p[to] == ' ' || t.p[to] == '\t'))
		to++;
	return cut_also(from, to, comma);
}

int
edit_value_remove(struct buf *ret, struct slice text, const struct edit_path *path)
{
	struct edit_container c;
	struct cut cut;
	size_t at = 0;
	int r;

	if (text.n > EDIT_BYTES_MAX)
		return -E2BIG;
	if ((r = find(&c, text, path, &at)) != 0)
		return r < 0 ? r : -EBADMSG;
	cut = find_cut(text, &c);
	at = 0;
	for (size_t i = 0; i < ARRAY_LEN(cut.from); i++) {
		if ((r = buf_add(ret, text.p + at, cut.from[i] - at)) < 0)
			return r;
		at = cut.to[i];
	}
	return buf_add(ret, text.p + at, text.n - at);
}
