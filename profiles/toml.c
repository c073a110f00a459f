/*
 * TOML, the part that config.toml needs. One pass over the bytes, one position; a tree of nodes in
 * one array, so that a hostile file costs memory in proportion to its size and nothing else.
 */
#include "profiles/toml.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

/* TOML lets a table be filled from several places, but be defined only once. */
enum made {
	MADE_IMPLICIT = 1, /* a part of somebody's dotted header */
	MADE_HEADER,	   /* [a.b] */
	MADE_DOTTED,	   /* a.b = 1 */
	MADE_CLOSED,	   /* { ... }, and every array: complete where it stands */
};

enum { NUMBER_BYTES_MAX = 64 };

struct reader {
	const char *p, *end;
	const char *line_start;
	uint32_t line;
	struct toml t;
	struct err *e;
	unsigned int depth;
};

/* ---- errors ---- */

/* Columns count characters: bytes that do not continue one. */
static uint32_t
column_of(const struct reader *r, const char *p)
{
	uint32_t column = 1;

	for (const char *c = r->line_start; c < p; c++)
		column += (*c & 0xc0) != 0x80;
	return column;
}

static int
bad_at(struct reader *r, const char *p, const char *reason)
{
	return err_set(r->e, -EBADMSG, "%u:%u: %s", r->line, column_of(r, p), reason);
}

static int
bad(struct reader *r, const char *reason)
{
	return bad_at(r, r->p, reason);
}

static int
too_big(struct reader *r, const char *reason)
{
	return err_set(r->e, -EFBIG, "%u:%u: %s", r->line, column_of(r, r->p), reason);
}

static int
no_memory(struct reader *r)
{
	return err_set_errno(r->e, -ENOMEM, "cannot read it");
}

/* ---- bytes ---- */

static int
peek(const struct reader *r)
{
	return r->p < r->end ? (unsigned char)*r->p : -1;
}

static bool
take(struct reader *r, char c)
{
	if (peek(r) != (unsigned char)c)
		return false;
	r->p++;
	return true;
}

static bool
starts(const struct reader *r, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(r->end - r->p) >= n && memcmp(r->p, word, n) == 0;
}

static void
skip_blanks(struct reader *r)
{
	while (peek(r) == ' ' || peek(r) == '\t')
		r->p++;
}

/* A comment, up to the line break. */
static int
skip_comment(struct reader *r)
{
	skip_blanks(r);
	if (!take(r, '#'))
		return 0;
	for (int c; (c = peek(r)) != -1 && c != '\n'; r->p++) {
		if (c == '\r' && starts(r, "\r\n"))
			return 0;
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return bad(r, "a control character in a comment");
	}
	return 0;
}

static bool
take_newline(struct reader *r)
{
	if (!starts(r, "\r\n") && peek(r) != '\n')
		return false;
	r->p += *r->p == '\r' ? 2 : 1;
	r->line++;
	r->line_start = r->p;
	return true;
}

/* Blanks, comments and line breaks, as between the values of an array. */
static int
skip_lines(struct reader *r)
{
	do {
		int error = skip_comment(r);

		if (error < 0)
			return error;
	} while (take_newline(r));
	return 0;
}

/* ---- nodes ---- */

static int
text_add(struct reader *r, const char *p, size_t n, uint32_t *ret)
{
	*ret = (uint32_t)r->t.text.n;
	if (buf_add(&r->t.text, p, n) < 0 || buf_addc(&r->t.text, '\0') < 0)
		return no_memory(r);
	return 0;
}

/* Append a child; the parent's and every other pointer into the array is stale afterwards. */
static int
node_add(struct reader *r, uint32_t parent, uint32_t key, const char *place, uint32_t *ret)
{
	struct toml *t = &r->t;

	if (t->count >= TOML_NODES_MAX)
		return too_big(r, "too many keys and values");
	if (mem_grow((void **)&t->node, &t->capacity, t->count, sizeof(*t->node)) < 0)
		return no_memory(r);
	*ret = (uint32_t)t->count++;
	t->node[*ret] = (struct toml_node){ .line = r->line,
					    .column = column_of(r, place),
					    .key = key };
	if (*ret == 0)
		return 0;
	if (t->node[parent].last)
		t->node[t->node[parent].last].next = *ret;
	else
		t->node[parent].first = *ret;
	t->node[parent].last = *ret;
	return 0;
}

static uint32_t
child_find(const struct toml *t, uint32_t parent, const char *key)
{
	for (uint32_t i = t->node[parent].first; i; i = t->node[i].next)
		if (str_equal(t->text.p + t->node[i].key, key))
			return i;
	return 0;
}

/* ---- strings ---- */

static int
hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int
add_code_point(struct reader *r, struct buf *b, int digits)
{
	uint32_t v = 0;
	char out[4];
	size_t n;

	for (int i = 0; i < digits; i++) {
		int digit = hex_digit(peek(r));

		if (digit < 0)
			return bad(r, "a hexadecimal digit is missing");
		v = v << 4 | (uint32_t)digit;
		r->p++;
	}
	if (v == 0)
		return bad(r, "a NUL in a string");
	if (v > 0x10ffff || (v >= 0xd800 && v < 0xe000))
		return bad(r, "not a Unicode character");
	if (v < 0x80) {
		out[0] = (char)v;
		n = 1;
	} else if (v < 0x800) {
		out[0] = (char)(0xc0 | v >> 6);
		n = 2;
	} else if (v < 0x10000) {
		out[0] = (char)(0xe0 | v >> 12);
		n = 3;
	} else {
		out[0] = (char)(0xf0 | v >> 18);
		n = 4;
	}
	for (size_t i = 1; i < n; i++)
		out[i] = (char)(0x80 | (v >> 6 * (n - 1 - i) & 0x3f));
	return buf_add(b, out, n) < 0 ? no_memory(r) : 0;
}

static int
read_escape(struct reader *r, struct buf *b)
{
	static const char from[] = "btnfr\"\\", to[] = "\b\t\n\f\r\"\\";
	int c = peek(r);
	const char *known = c > 0 ? strchr(from, c) : NULL;

	if (c != 'u' && c != 'U' && !known)
		return bad(r, "an unknown escape behind the backslash");
	r->p++;
	if (c == 'u' || c == 'U')
		return add_code_point(r, b, c == 'u' ? 4 : 8);
	return buf_addc(b, to[known - from]) < 0 ? no_memory(r) : 0;
}

/* The opening quote is still there. */
static int
read_string(struct reader *r, struct buf *b)
{
	const char quote = *r->p, *open = r->p;

	if (starts(r, quote == '"' ? "\"\"\"" : "'''"))
		return bad(r, "strings over several lines are not supported");
	r->p++;
	for (int c; !take(r, quote);) {
		int error = 0;

		c = peek(r);
		if (c == -1 || c == '\n')
			return bad_at(r, open, "the string does not end on its line");
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return bad(r, "a control character in a string");
		r->p++;
		if (c == '\\' && quote == '"')
			error = read_escape(r, b);
		else if (buf_addc(b, (char)c) < 0)
			error = no_memory(r);
		if (error < 0)
			return error;
	}
	return 0;
}

/* ---- keys ---- */

static bool
is_bare(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

/* One part of a dotted key into `b`. */
static int
read_key(struct reader *r, struct buf *b)
{
	const char *start = r->p;
	int error = 0;

	buf_reset(b);
	if (buf_adds(b, "") < 0)
		return no_memory(r);
	if (peek(r) == '"' || peek(r) == '\'') {
		error = read_string(r, b);
	} else {
		while (is_bare(peek(r)))
			r->p++;
		if (r->p == start)
			return bad(r, "a key is expected here");
		if (buf_add(b, start, (size_t)(r->p - start)) < 0)
			return no_memory(r);
	}
	if (error == 0 && b->n > TOML_KEY_MAX)
		return too_big(r, "the key is too long");
	return error;
}

/* Go to, or make, the table `key` below *at. */
static int
enter_table(struct reader *r, uint32_t *at, const char *key, const char *place, enum made made)
{
	uint32_t found = child_find(&r->t, *at, key), text;
	int error;

	if (!found) {
		if ((error = text_add(r, key, strlen(key), &text)) < 0 ||
		    (error = node_add(r, *at, text, place, &found)) < 0)
			return error;
		r->t.node[found].type = TOML_TABLE;
		r->t.node[found].made = (uint8_t)made;
	} else if (r->t.node[found].type != TOML_TABLE || r->t.node[found].made == MADE_CLOSED) {
		return bad_at(r, place, "this key has a value already");
	} else if (made == MADE_DOTTED && r->t.node[found].made != MADE_DOTTED) {
		return bad_at(r, place, "this table is defined elsewhere");
	}
	*at = found;
	return 0;
}

/*
 * A dotted key: every part but the last is entered; the last is left in `b`, its place in *ret.
 * `at` becomes the table the last part belongs to.
 */
static int
read_dotted(struct reader *r, uint32_t *at, struct buf *b, enum made made, const char **ret)
{
	unsigned int depth = r->depth;

	for (;;) {
		int error;

		skip_blanks(r);
		*ret = r->p;
		if ((error = read_key(r, b)) < 0)
			return error;
		skip_blanks(r);
		if (!take(r, '.'))
			return 0;
		if (++depth >= TOML_DEPTH_MAX)
			return too_big(r, "tables are nested too deeply");
		if ((error = enter_table(r, at, buf_str(b), *ret, made)) < 0)
			return error;
	}
}

/* ---- values ---- */

static int read_value(struct reader *r, uint32_t node);
static int read_pair(struct reader *r, uint32_t table);

/* Digits with single underscores between them, copied without them. */
static bool
clean_digits(const char *word, size_t n, char *out)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		if (word[i] != '_')
			out[used++] = word[i];
		else if (i == 0 || i + 1 == n || hex_digit(word[i - 1]) < 0 ||
			 hex_digit(word[i + 1]) < 0)
			return false;
	}
	out[used] = '\0';
	return used > 0;
}

static bool
parse_based(const char *text, int base, int64_t *ret)
{
	const char *allowed = base == 16 ? "0123456789abcdefABCDEF" : base == 8 ? "01234567" : "01";
	char *end;

	if (!*text || text[strspn(text, allowed)])
		return false;
	errno = 0;
	*ret = strtoll(text, &end, base);
	return errno == 0;
}

/* [+-] digits [. digits] [e [+-] digits], no leading zero. */
static bool
is_decimal(const char *text, bool *ret_float)
{
	static const char digits[] = "0123456789";
	size_t n;

	text += *text == '+' || *text == '-';
	n = strspn(text, digits);
	if (n == 0 || (n > 1 && *text == '0'))
		return false;
	text += n;
	*ret_float = *text != '\0';
	if (*text == '.') {
		n = strspn(++text, digits);
		if (n == 0)
			return false;
		text += n;
	}
	if (*text == 'e' || *text == 'E') {
		text++;
		text += *text == '+' || *text == '-';
		n = strspn(text, digits);
		if (n == 0)
			return false;
		text += n;
	}
	return *text == '\0';
}

static int
read_number(struct reader *r, uint32_t node)
{
	static const struct {
		const char *word;
		double value;
	} special[] = {
		{ "inf", INFINITY }, { "+inf", INFINITY }, { "-inf", -INFINITY },
		{ "nan", NAN },	     { "+nan", NAN },	   { "-nan", NAN },
	};
	const char *start = r->p;
	char text[NUMBER_BYTES_MAX];
	struct toml_node *v = &r->t.node[node];
	bool is_float = false;
	size_t n;

	while (is_bare(peek(r)) || peek(r) == '+' || peek(r) == '.' || peek(r) == ':')
		r->p++;
	n = (size_t)(r->p - start);
	if (n == 0)
		return bad(r, "a value is expected here");
	if (memchr(start, ':', n) || (n >= 8 && start[4] == '-' && start[7] == '-'))
		return bad_at(r, start, "dates and times are not supported");
	if (n >= sizeof(text) || !clean_digits(start, n, text))
		return bad_at(r, start, "not a value: strings stand in quotes");
	for (size_t i = 0; i < ARRAY_LEN(special); i++)
		if (str_equal(text, special[i].word)) {
			v->type = TOML_FLOAT;
			v->number = special[i].value;
			return 0;
		}
	v->type = TOML_INTEGER;
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'o' || text[1] == 'b')) {
		int base = text[1] == 'x' ? 16 : text[1] == 'o' ? 8 : 2;

		if (!parse_based(text + 2, base, &v->integer))
			return bad_at(r, start, "not a number, or one of more than 63 bits");
		return 0;
	}
	if (!is_decimal(text, &is_float))
		return bad_at(r, start, "not a value: strings stand in quotes");
	if (is_float) {
		v->type = TOML_FLOAT;
		v->number = strtod(text, NULL);
		return 0;
	}
	errno = 0;
	v->integer = strtoll(text, NULL, 10);
	return errno ? bad_at(r, start, "a number of more than 63 bits") : 0;
}

static int
read_array(struct reader *r, uint32_t node)
{
	const char *open = r->p++;
	uint32_t line = r->line, column = column_of(r, open);
	bool comma = true;
	int error;

	r->t.node[node].type = TOML_ARRAY;
	r->t.node[node].made = MADE_CLOSED;
	for (;;) {
		uint32_t item;

		if ((error = skip_lines(r)) < 0)
			return error;
		if (take(r, ']'))
			return 0;
		if (peek(r) == -1)
			return err_set(r->e, -EBADMSG, "%u:%u: the array has no end", line, column);
		if (!comma)
			return bad(r, "a comma or ']' is expected here");
		if ((error = node_add(r, node, 0, r->p, &item)) < 0 ||
		    (error = read_value(r, item)) < 0 || (error = skip_lines(r)) < 0)
			return error;
		comma = take(r, ',');
	}
}

static int
read_inline_table(struct reader *r, uint32_t node)
{
	int error;

	r->p++;
	r->t.node[node].type = TOML_TABLE;
	r->t.node[node].made = MADE_DOTTED;
	skip_blanks(r);
	if (!take(r, '}')) {
		do {
			if ((error = read_pair(r, node)) < 0)
				return error;
			skip_blanks(r);
		} while (take(r, ','));
		if (!take(r, '}'))
			return bad(r, "a comma or '}' is expected here");
	}
	r->t.node[node].made = MADE_CLOSED;
	return 0;
}

static int
read_value(struct reader *r, uint32_t node)
{
	autobuf struct buf b = BUF_INIT;
	uint32_t text;
	int c = peek(r), error;

	if (c == '"' || c == '\'') {
		if ((error = read_string(r, &b)) < 0 ||
		    (error = text_add(r, buf_str(&b), b.n, &text)) < 0)
			return error;
		r->t.node[node].type = TOML_STRING;
		r->t.node[node].string = text;
		r->t.node[node].string_bytes = (uint32_t)b.n;
		return 0;
	}
	if (c == '[' || c == '{') {
		if (++r->depth >= TOML_DEPTH_MAX)
			return too_big(r, "arrays and tables are nested too deeply");
		error = c == '[' ? read_array(r, node) : read_inline_table(r, node);
		r->depth--;
		return error;
	}
	for (int yes = 0; yes <= 1; yes++) {
		const char *word = yes ? "true" : "false";
		size_t n = strlen(word);

		if (starts(r, word) && (r->p + n == r->end || !is_bare((unsigned char)r->p[n]))) {
			r->p += n;
			r->t.node[node].type = TOML_BOOLEAN;
			r->t.node[node].boolean = yes;
			return 0;
		}
	}
	return read_number(r, node);
}

/* key = value */
static int
read_pair(struct reader *r, uint32_t table)
{
	autobuf struct buf key = BUF_INIT;
	const char *place;
	uint32_t text, node;
	int error;

	if ((error = read_dotted(r, &table, &key, MADE_DOTTED, &place)) < 0)
		return error;
	if (child_find(&r->t, table, buf_str(&key)))
		return bad_at(r, place, "this key has a value already");
	if (!take(r, '='))
		return bad(r, "'=' is expected behind the key");
	skip_blanks(r);
	if ((error = text_add(r, buf_str(&key), key.n, &text)) < 0 ||
	    (error = node_add(r, table, text, place, &node)) < 0)
		return error;
	return read_value(r, node);
}

/* [a.b] */
static int
read_header(struct reader *r, uint32_t *ret)
{
	autobuf struct buf key = BUF_INIT;
	const char *place;
	uint32_t at = 0;
	int error;

	if (starts(r, "[["))
		return bad(r, "arrays of tables are not supported");
	r->p++;
	if ((error = read_dotted(r, &at, &key, MADE_IMPLICIT, &place)) < 0)
		return error;
	if (!take(r, ']'))
		return bad(r, "']' is expected behind the table's name");
	if ((error = enter_table(r, &at, buf_str(&key), place, MADE_IMPLICIT)) < 0)
		return error;
	if (r->t.node[at].made != MADE_IMPLICIT)
		return bad_at(r, place, "this table is defined already");
	r->t.node[at].made = MADE_HEADER;
	*ret = at;
	return 0;
}

static int
check_utf8(struct reader *r)
{
	struct slice rest = { r->p, (size_t)(r->end - r->p) };

	while (rest.n > 0) {
		size_t n = str_utf8_sequence(rest);

		if (n == 0)
			return bad_at(r, rest.p, "not UTF-8");
		if (*rest.p == '\n') {
			r->line++;
			r->line_start = rest.p + 1;
		}
		rest.p += n;
		rest.n -= n;
	}
	r->line = 1;
	r->line_start = r->p;
	return 0;
}

static int
read_document(struct reader *r)
{
	uint32_t table, root;
	int error;

	if ((error = check_utf8(r)) < 0 || (error = text_add(r, "", 0, &root)) < 0 ||
	    (error = node_add(r, 0, 0, r->p, &root)) < 0)
		return error;
	r->t.node[0].type = TOML_TABLE;
	r->t.node[0].made = MADE_HEADER;
	table = root;
	for (;;) {
		if ((error = skip_lines(r)) < 0)
			return error;
		if (peek(r) == -1)
			return 0;
		error = peek(r) == '[' ? read_header(r, &table) : read_pair(r, table);
		if (error < 0 || (error = skip_comment(r)) < 0)
			return error;
		if (peek(r) != -1 && !take_newline(r))
			return bad(r, "the line should end here");
	}
}

int
toml_parse(struct toml *ret, struct slice text, struct err *e)
{
	struct reader r = { .line = 1, .e = e };
	int error;

	if (text.n > TOML_BYTES_MAX)
		return err_set(e, -EFBIG, "1:1: more than %d bytes", TOML_BYTES_MAX);
	/* A byte order mark, as some editors write it. */
	if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0) {
		text.p += 3;
		text.n -= 3;
	}
	r.p = r.line_start = text.n ? text.p : "";
	r.end = r.p + text.n;
	error = read_document(&r);
	if (error < 0)
		toml_clear(&r.t);
	else
		*ret = r.t;
	return error;
}

void
toml_clear(struct toml *t)
{
	mem_free(t->node);
	buf_clear(&t->text);
	*t = (struct toml)TOML_INIT;
}

const char *
toml_key(const struct toml *t, const struct toml_node *n)
{
	return t->text.p + n->key;
}

const char *
toml_string(const struct toml *t, const struct toml_node *n)
{
	return t->text.p + n->string;
}

const struct toml_node *
toml_first(const struct toml *t, const struct toml_node *n)
{
	return n->first ? &t->node[n->first] : NULL;
}

const struct toml_node *
toml_next(const struct toml *t, const struct toml_node *n)
{
	return n->next ? &t->node[n->next] : NULL;
}

const struct toml_node *
toml_find(const struct toml *t, const struct toml_node *n, const char *key)
{
	uint32_t found = child_find(t, (uint32_t)(n - t->node), key);

	return found ? &t->node[found] : NULL;
}
