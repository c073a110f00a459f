/*
 * update-check.json: JSON that a server had a part in. A reader of the whole grammar that keeps
 * four values; depth and bytes are limited.
 */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "cli/update.h"

enum { DEPTH_MAX = 16, KEY_MAX = 32 };

struct reader {
	const char *p, *end;
	unsigned int depth;
	struct update_cache *cache;
};

static int
peek(const struct reader *r)
{
	return r->p < r->end ? (unsigned char)*r->p : -1;
}

static void
skip_blanks(struct reader *r)
{
	while (r->p < r->end && strchr(" \t\r\n", *r->p) && *r->p)
		r->p++;
}

static bool
take(struct reader *r, char c)
{
	skip_blanks(r);
	if (peek(r) != (unsigned char)c)
		return false;
	r->p++;
	return true;
}

static bool
take_word(struct reader *r, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(r->end - r->p) < n || memcmp(r->p, word, n) != 0)
		return false;
	r->p += n;
	return true;
}

/* Four hexadecimal digits; characters beyond ASCII are shown as '?': nothing needs them. */
static bool
take_code_unit(struct reader *r, char *ret)
{
	unsigned int v = 0;

	for (int i = 0; i < 4; i++) {
		int c = peek(r);

		if (c >= '0' && c <= '9')
			v = v << 4 | (unsigned int)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			v = v << 4 | (unsigned int)((c | 0x20) - 'a' + 10);
		else
			return false;
		r->p++;
	}
	*ret = v > 0 && v < 0x80 ? (char)v : '?';
	return true;
}

static bool
take_escape(struct reader *r, char *ret)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	int c = peek(r);
	const char *known = c > 0 ? strchr(from, c) : NULL;

	if (c == 'u') {
		r->p++;
		return take_code_unit(r, ret);
	}
	if (!known)
		return false;
	r->p++;
	*ret = to[known - from];
	return true;
}

/* A string into `out` (may be NULL), cut at `room` bytes with the NUL. */
static bool
take_string(struct reader *r, char *out, size_t room)
{
	size_t n = 0;

	if (!take(r, '"'))
		return false;
	while (peek(r) != '"') {
		char c;

		if (peek(r) < 0x20)
			return false;
		c = *r->p++;
		if (c == '\\' && !take_escape(r, &c))
			return false;
		if (out && n + 1 < room)
			out[n++] = c;
	}
	r->p++;
	if (out)
		out[n] = '\0';
	return true;
}

static bool take_value(struct reader *r, const char *parent, const char *key);

static bool
take_members(struct reader *r, const char *parent)
{
	char key[KEY_MAX];

	if (take(r, '}'))
		return true;
	do {
		if (!take_string(r, key, sizeof(key)) || !take(r, ':') ||
		    !take_value(r, parent, key))
			return false;
	} while (take(r, ','));
	return take(r, '}');
}

static bool
take_items(struct reader *r)
{
	if (take(r, ']'))
		return true;
	do {
		if (!take_value(r, "", ""))
			return false;
	} while (take(r, ','));
	return take(r, ']');
}

static bool
take_number(struct reader *r)
{
	size_t n = 0;

	while (r->p < r->end && strchr("+-.0123456789eE", *r->p) && *r->p) {
		r->p++;
		n++;
	}
	return n > 0;
}

/* Where a string of this name is kept; NULL: nowhere. */
static char *
place_of(struct reader *r, const char *parent, const char *key, size_t *room)
{
	if (!str_equal(parent, "cached_result"))
		return NULL;
	if (str_equal(key, "latest_version")) {
		*room = sizeof(r->cache->version);
		return r->cache->version;
	}
	*room = UPDATE_MESSAGE_MAX;
	if (str_equal(key, "message"))
		return r->cache->message;
	return str_equal(key, "release_url") ? r->cache->url : NULL;
}

static bool
take_value(struct reader *r, const char *parent, const char *key)
{
	bool good;
	size_t room = 0;
	char *place;

	skip_blanks(r);
	switch (peek(r)) {
	case '"':
		place = place_of(r, parent, key, &room);
		return take_string(r, place, room);
	case '{':
	case '[':
		if (++r->depth > DEPTH_MAX)
			return false;
		good = *r->p++ == '{' ? take_members(r, r->depth == 2 ? key : "") : take_items(r);
		r->depth--;
		return good;
	default:
		break;
	}
	if (take_word(r, "true")) {
		if (str_equal(parent, "cached_result") && str_equal(key, "update_available"))
			r->cache->available = true;
		return true;
	}
	return take_word(r, "false") || take_word(r, "null") || take_number(r);
}

int
update_parse(struct update_cache *ret, struct slice text)
{
	struct update_cache cache = { .available = false };
	struct reader r = { text.p, text.p + text.n, 0, &cache };

	if (text.n > UPDATE_BYTES_MAX || text.n == 0)
		return -EBADMSG;
	skip_blanks(&r);
	if (peek(&r) != '{' || !take_value(&r, "", ""))
		return -EBADMSG;
	skip_blanks(&r);
	if (r.p != r.end)
		return -EBADMSG;
	*ret = cache;
	return 0;
}
