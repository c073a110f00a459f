/* Strings: numbers, comparison, and showing untrusted text on a terminal. */
#include "base/str.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"

enum { DISTANCE_WORD_MAX = 64 };

bool
str_equal(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

bool
str_starts_with(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
str_ends_with(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

int
str_to_u64(const char *s, uint64_t min, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;

	if (!*s)
		return -EINVAL;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return -EINVAL;
		if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
			return -ERANGE;
	}
	if (v < min || v > max)
		return -ERANGE;
	*ret = v;
	return 0;
}

/* Length of the UTF-8 sequence at p (n bytes left), its code point in *ret; 0 when malformed. */
static size_t
utf8_decode(const unsigned char *p, size_t n, uint32_t *ret)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len;
	uint32_t c;

	if (p[0] < 0x80) {
		*ret = p[0];
		return 1;
	}
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		len = 2, c = p[0] & 0x1f;
	else if (p[0] >= 0xe0 && p[0] <= 0xef)
		len = 3, c = p[0] & 0x0f;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		len = 4, c = p[0] & 0x07;
	else
		return 0;
	if (n < len)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return len;
}

size_t
str_utf8_sequence(struct slice text)
{
	uint32_t c;

	return utf8_decode((const unsigned char *)text.p, text.n, &c);
}

bool
str_is_utf8(struct slice text)
{
	while (text.n > 0) {
		size_t len = str_utf8_sequence(text);

		if (len == 0)
			return false;
		text.p += len;
		text.n -= len;
	}
	return true;
}

/* Bytes of the escape sequence behind an ESC (or of the C1 form, `introducer` its 7-bit letter). */
static size_t
escape_length(const unsigned char *p, size_t n, unsigned char introducer)
{
	size_t i = 0;

	if (introducer == '[') {
		while (i < n && (p[i] < 0x40 || p[i] > 0x7e))
			i++;
		return i < n ? i + 1 : n;
	}
	/* OSC, DCS, SOS, PM, APC: to BEL, to ST (ESC \ or C2 9C), or to the end. */
	for (; i < n; i++) {
		if (p[i] == 0x07)
			return i + 1;
		if (i + 1 < n &&
		    ((p[i] == 0x1b && p[i + 1] == '\\') || (p[i] == 0xc2 && p[i + 1] == 0x9c)))
			return i + 2;
	}
	return n;
}

static bool
is_bidi_control(uint32_t c)
{
	return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

int
str_printable(struct buf *b, struct slice text)
{
	const unsigned char *p = (const unsigned char *)text.p;
	size_t n = text.n;
	int r = 0;

	while (n > 0 && r == 0) {
		uint32_t c;
		size_t len = utf8_decode(p, n, &c);

		if (len == 0) {
			r = buf_adds(b, "\xef\xbf\xbd");
			len = 1;
		} else if (c == 0x1b && n > 1 && p[1] >= 0x40 && p[1] <= 0x7e) {
			len = 2;
			if (strchr("[]PX^_", p[1]))
				len += escape_length(p + 2, n - 2, p[1]);
		} else if (c >= 0x80 && c <= 0x9f) {
			unsigned char letter = (unsigned char)(c - 0x40);

			if (strchr("[]PX^_", letter))
				len += escape_length(p + 2, n - 2, letter);
		} else if (c == '\n' || c == '\t') {
			r = buf_addc(b, ' ');
		} else if (c >= 0x20 && c != 0x7f && !is_bidi_control(c)) {
			r = buf_add(b, p, len);
		}
		p += len;
		n -= len;
	}
	return r;
}

char *
str_printable_dup(const char *text)
{
	autobuf struct buf b = BUF_INIT;

	if (str_printable(&b, slice_of(text)) < 0)
		return NULL;
	return buf_take(&b);
}

int
str_shell_quote(struct buf *b, const char *word)
{
	static const char bare[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789@%_+=:,./-";
	int r;

	if (*word && word[strspn(word, bare)] == '\0')
		return buf_adds(b, word);
	r = buf_addc(b, '\'');
	for (; *word && r == 0; word++)
		r = *word == '\'' ? buf_adds(b, "'\\''") : buf_addc(b, *word);
	return r < 0 ? r : buf_addc(b, '\'');
}

static unsigned int
least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

unsigned int
str_distance(const char *a, const char *b, unsigned int limit)
{
	unsigned int row[3][DISTANCE_WORD_MAX + 1];
	size_t n = strlen(a), m = strlen(b);

	if (n > DISTANCE_WORD_MAX || m > DISTANCE_WORD_MAX)
		return limit + 1;
	for (size_t j = 0; j <= m; j++)
		row[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= n; i++) {
		unsigned int *now = row[i % 3], *up = row[(i + 2) % 3], *up2 = row[(i + 1) % 3];

		now[0] = (unsigned int)i;
		for (size_t j = 1; j <= m; j++) {
			now[j] = least(up[j] + 1, now[j - 1] + 1);
			now[j] = least(now[j], up[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], up2[j - 2] + 1);
		}
	}
	return least(row[n % 3][m], limit + 1);
}
