/* JSON for scripts. */
#include "base/json_write.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

static void
put(struct json *j, const char *p, size_t n)
{
	if (j->error == 0 && j->canonical && (j->b->n > j->limit || n > j->limit - j->b->n))
		j->error = -E2BIG;
	if (j->error == 0)
		j->error = buf_add(j->b, p, n);
}

static void
put_text(struct json *j, const char *s)
{
	put(j, s, strlen(s));
}

static void
newline(struct json *j)
{
	if (j->canonical)
		return;
	put_text(j, "\n");
	for (unsigned int i = 0; i < j->depth; i++)
		put_text(j, "  ");
}

/* The letter of the two-byte escape for a control character, or 0. */
static char
short_escape(const struct json *j, unsigned char c)
{
	switch (c) {
	case '\n':
		return 'n';
	case '\t':
		return 't';
	case '\b':
		return j->canonical ? 'b' : 0;
	case '\f':
		return j->canonical ? 'f' : 0;
	case '\r':
		return j->canonical ? 'r' : 0;
	default:
		return 0;
	}
}

/* How many bytes from the start need no escape and no look: printable ASCII, mostly all of it. */
static size_t
plain_run(struct slice text)
{
	size_t n = 0;

	while (n < text.n && text.p[n] >= 0x20 && text.p[n] < 0x7f && text.p[n] != '"' &&
	       text.p[n] != '\\')
		n++;
	return n;
}

static void
quote(struct json *j, struct slice text)
{
	static const char hex[] = "0123456789abcdef";

	put_text(j, "\"");
	while (text.n > 0) {
		size_t run = plain_run(text), n = run ? run : str_utf8_sequence(text);
		unsigned char c = (unsigned char)*text.p;

		if (run > 0) {
			put(j, text.p, run);
		} else if (n == 0) {
			put_text(j, "\xef\xbf\xbd");
			n = 1;
		} else if (c == '"' || c == '\\') {
			put_text(j, "\\");
			put(j, text.p, 1);
		} else if (short_escape(j, c)) {
			char escape[2] = { '\\', short_escape(j, c) };

			put(j, escape, sizeof(escape));
		} else if (c < 0x20 || (c == 0x7f && !j->canonical)) {
			char escape[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

			put(j, escape, sizeof(escape));
		} else {
			put(j, text.p, n);
		}
		text.p += n;
		text.n -= n;
	}
	put_text(j, "\"");
}

/* Comma, line, key: what stands before every value. */
static void
begin(struct json *j, const char *key)
{
	if (j->depth > 0) {
		if (j->filled[j->depth - 1])
			put_text(j, ",");
		j->filled[j->depth - 1] = true;
		newline(j);
		/* A key belongs into an object, and only there. */
		if ((key == NULL) != j->array[j->depth - 1])
			j->error = j->error ? j->error : -EINVAL;
	}
	if (key) {
		quote(j, slice_of(key));
		put_text(j, j->canonical ? ":" : ": ");
	}
}

static void
open_level(struct json *j, const char *key, bool array)
{
	begin(j, key);
	if (j->depth == JSON_LEVELS_MAX) {
		j->error = j->error ? j->error : -EINVAL;
		return;
	}
	put_text(j, array ? "[" : "{");
	j->array[j->depth] = array;
	j->filled[j->depth] = false;
	j->depth++;
}

void
json_object(struct json *j, const char *key)
{
	open_level(j, key, false);
}

void
json_array(struct json *j, const char *key)
{
	open_level(j, key, true);
}

void
json_end(struct json *j)
{
	if (j->depth == 0) {
		j->error = j->error ? j->error : -EINVAL;
		return;
	}
	j->depth--;
	if (j->filled[j->depth])
		newline(j);
	put_text(j, j->array[j->depth] ? "]" : "}");
}

void
json_string(struct json *j, const char *key, const char *value)
{
	begin(j, key);
	quote(j, slice_of(value));
}

static void
put_base64(struct json *j, struct slice bytes)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789+/";
	const unsigned char *p = (const unsigned char *)bytes.p;

	for (size_t n = bytes.n; n > 0; n -= n < 3 ? n : 3, p += 3) {
		unsigned int v = (unsigned int)p[0] << 16 | (n > 1 ? (unsigned int)p[1] << 8 : 0) |
				 (n > 2 ? (unsigned int)p[2] : 0);
		char four[4] = { digit[v >> 18], digit[v >> 12 & 63], '=', '=' };

		if (n > 1)
			four[2] = digit[v >> 6 & 63];
		if (n > 2)
			four[3] = digit[v & 63];
		put(j, four, sizeof(four));
	}
}

void
json_bytes(struct json *j, const char *key, const char *value)
{
	char exact[64];

	json_string(j, key, value);
	if (str_is_utf8(slice_of(value)))
		return;
	if (!key || strlen(key) + sizeof("_b64") > sizeof(exact)) {
		j->error = j->error ? j->error : -EINVAL;
		return;
	}
	memcpy(exact, key, strlen(key));
	memcpy(exact + strlen(key), "_b64", sizeof("_b64"));
	json_base64(j, exact, value);
}

void
json_base64(struct json *j, const char *key, const char *value)
{
	begin(j, key);
	put_text(j, "\"");
	put_base64(j, slice_of(value));
	put_text(j, "\"");
}

void
json_number(struct json *j, const char *key, uint64_t value)
{
	char text[32];

	begin(j, key);
	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	put_text(j, text);
}

void
json_integer(struct json *j, const char *key, int64_t value)
{
	char text[32];

	begin(j, key);
	(void)snprintf(text, sizeof(text), "%lld", (long long)value);
	put_text(j, text);
}

void
json_value(struct json *j, const char *key, struct slice text)
{
	begin(j, key);
	put(j, text.p, text.n);
}

void
json_boolean(struct json *j, const char *key, bool value)
{
	begin(j, key);
	put_text(j, value ? "true" : "false");
}

void
json_null(struct json *j, const char *key)
{
	begin(j, key);
	put_text(j, "null");
}

int
json_finish(struct json *j)
{
	if (j->depth != 0 && j->error == 0)
		j->error = -EINVAL;
	if (!j->canonical)
		put_text(j, "\n");
	return j->error;
}
