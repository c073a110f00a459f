/* Names in queries. A query is read to the end of its first question; what follows is not ours. */
#include "learn/dns.h"

#include <stdint.h>

#include "base/str.h"

enum {
	HEADER_BYTES = 12,
	LABEL_MAX = 63,
	FLAG_RESPONSE = 0x80, /* in byte 2 */
	OPCODE_MASK = 0x78,
	QUESTION_TAIL_BYTES = 4, /* type and class */
};

static bool
is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_';
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* One label behind the `n` bytes of *name; false when it does not fit or has other bytes. */
static bool
add_label(char *name, size_t *n, struct slice label)
{
	if (*n + (*n > 0) + label.n >= DNS_NAME_MAX)
		return false;
	if (*n > 0)
		name[(*n)++] = '.';
	for (size_t i = 0; i < label.n; i++) {
		if (!is_name_byte(label.p[i]))
			return false;
		name[(*n)++] = lower(label.p[i]);
	}
	return true;
}

bool
dns_query_name(char ret[DNS_NAME_MAX], struct slice packet)
{
	const unsigned char *p = (const unsigned char *)packet.p;
	char name[DNS_NAME_MAX];
	size_t at = HEADER_BYTES, n = 0;

	if (packet.n < HEADER_BYTES || (p[2] & (FLAG_RESPONSE | OPCODE_MASK)) ||
	    (p[4] == 0 && p[5] == 0))
		return false;
	for (;;) {
		size_t length;

		if (at >= packet.n)
			return false;
		length = p[at++];
		if (length == 0)
			break;
		/* A pointer (RFC 1035 4.1.4) has nothing to point at in a first question. */
		if (length > LABEL_MAX || length > packet.n - at ||
		    !add_label(name, &n, (struct slice){ packet.p + at, length }))
			return false;
		at += length;
	}
	if (n == 0 || packet.n - at < QUESTION_TAIL_BYTES)
		return false;
	memcpy(ret, name, n);
	ret[n] = '\0';
	return true;
}

/* Behind `"KEY"`, blanks, ':' and blanks: the text of a string without escapes. */
static bool
string_member(struct slice text, const char *key, struct slice *ret)
{
	size_t key_n = strlen(key);
	const char *end = text.p + text.n, *p = text.p;

	for (; p < end; p++) {
		const char *v, *close;

		if (*p != '"' || (size_t)(end - p) < key_n + 2 || memcmp(p + 1, key, key_n) != 0 ||
		    p[key_n + 1] != '"')
			continue;
		for (v = p + key_n + 2; v < end && (*v == ' ' || *v == '\t' || *v == ':'); v++)
			;
		if (v == end || *v != '"')
			continue;
		v++;
		close = memchr(v, '"', (size_t)(end - v));
		if (!close)
			return false;
		*ret = (struct slice){ v, (size_t)(close - v) };
		return true;
	}
	return false;
}

bool
dns_varlink_name(char ret[DNS_NAME_MAX], struct slice message)
{
	static const char wanted[] = ".ResolveHostname";
	struct slice method, name;
	char lowered[DNS_NAME_MAX];
	size_t n = 0;

	if (message.n == 0 || message.p[0] != '{' || !string_member(message, "method", &method) ||
	    method.n < sizeof(wanted) - 1 ||
	    memcmp(method.p + method.n - (sizeof(wanted) - 1), wanted, sizeof(wanted) - 1) != 0 ||
	    !string_member(message, "name", &name) || !memchr(name.p, '.', name.n))
		return false;
	while (name.n > 0) {
		const char *dot = memchr(name.p, '.', name.n);
		struct slice label = { name.p, dot ? (size_t)(dot - name.p) : name.n };

		if (label.n == 0 || label.n > LABEL_MAX || !add_label(lowered, &n, label))
			return false;
		name.p += label.n + (dot != NULL);
		name.n -= label.n + (dot != NULL);
	}
	memcpy(ret, lowered, n);
	ret[n] = '\0';
	return true;
}
