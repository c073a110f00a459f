/* A command line as it may be shown. */
#include "cli/redact.h"

#include <string.h>
#include <strings.h>

#include "base/slice.h"

#define REDACTED "[REDACTED]"

enum next { NEXT_PLAIN = 0, NEXT_SECRET, NEXT_HEADER };

static const char *const secret_flags[] = {
	"--token", "--password", "--api-key",	   "--apikey",	      "--secret",
	"--auth",  "--bearer",	 "--access-token", "--client-secret",
};
static const char *const secret_headers[] = {
	"authorization", "proxy-authorization", "x-api-key", "x-auth-token", "cookie", "set-cookie",
};
static const char *const secret_keys[] = {
	"token",    "access_token", "api_key", "apikey", "key",		  "secret",
	"password", "code",	    "state",   "nonce",	 "client_secret",
};
/* Names compare trimmed and without case. */
static bool
is_one_of(struct slice name, struct redact_list list)
{
	while (name.n > 0 && strchr(" \t", name.p[0]))
		name.p++, name.n--;
	while (name.n > 0 && strchr(" \t", name.p[name.n - 1]))
		name.n--;
	for (size_t i = 0; i < list.count; i++)
		if (strlen(list.item[i]) == name.n &&
		    strncasecmp(list.item[i], name.p, name.n) == 0)
			return true;
	return false;
}

/* What the user added is secret whatever else is said; built-in names may be taken off. */
static bool
is_secret(struct slice name, struct redact_list built_in, const struct redact_rules *rules,
	  const struct redact_list *extra)
{
	if (rules && is_one_of(name, *extra))
		return true;
	return is_one_of(name, built_in) && !(rules && is_one_of(name, rules->shown));
}

#define BUILT_IN(list)                                   \
	(struct redact_list)                             \
	{                                                \
		.item = (list), .count = ARRAY_LEN(list) \
	}

static bool
flag_is_secret(struct slice name, const struct redact_rules *rules)
{
	return is_secret(name, BUILT_IN(secret_flags), rules, rules ? &rules->flags : NULL);
}

/* "Name: value" of a header that carries a secret: true, and the bytes up to the colon. */
static bool
header_is_secret(const char *text, const struct redact_rules *rules, size_t *ret)
{
	const char *colon = strchr(text, ':');

	if (!colon)
		return false;
	*ret = (size_t)(colon - text);
	return is_secret((struct slice){ text, *ret }, BUILT_IN(secret_headers), rules,
			 rules ? &rules->headers : NULL);
}

/* Bytes of the password at `text`, which stands behind "://"; `*skip` leads to it. 0: none. */
static size_t
url_password(const char *text, size_t *skip)
{
	size_t end = strcspn(text, "/?# \t\"'"), colon, at = end;

	while (at > 0 && text[at - 1] != '@')
		at--;
	if (at == 0)
		return 0;
	at--;
	colon = strcspn(text, ":");
	if (colon >= at)
		return 0;
	*skip = colon + 1;
	return at - *skip;
}

/* "key=value" at `text`: bytes up to and with '=', and of the value, when the key is secret. */
static bool
query_secret(const char *text, const struct redact_rules *rules, size_t *key, size_t *value)
{
	*key = strcspn(text, "=&;# \t");
	if (text[*key] != '=' || !is_secret((struct slice){ text, *key }, BUILT_IN(secret_keys),
					    rules, rules ? &rules->query_keys : NULL))
		return false;
	++*key;
	*value = strcspn(text + *key, "&;# \t");
	return *value > 0;
}

static int
redact_text(struct buf *b, const char *text, const struct redact_rules *rules)
{
	bool in_query = false;
	size_t key, value;
	int r = 0;

	while (*text && r == 0) {
		if (strncmp(text, "://", 3) == 0) {
			r = buf_add(b, text, 3);
			text += 3;
			value = url_password(text, &key);
			if (r == 0 && value > 0) {
				r = buf_add(b, text, key);
				r = r < 0 ? r : buf_adds(b, REDACTED);
				text += key + value;
			}
			continue;
		}
		if (strchr("# \t", *text))
			in_query = false;
		else if (*text == '?')
			in_query = true;
		else if (!in_query || !strchr("&;", *text)) {
			r = buf_addc(b, *text++);
			continue;
		}
		r = buf_addc(b, *text++);
		if (r == 0 && in_query && query_secret(text, rules, &key, &value)) {
			r = buf_add(b, text, key);
			r = r < 0 ? r : buf_adds(b, REDACTED);
			text += key + value;
		}
	}
	return r;
}

static int
redact_header(struct buf *b, const char *text, const struct redact_rules *rules)
{
	size_t name;
	int r;

	if (!header_is_secret(text, rules, &name))
		return redact_text(b, text, rules);
	r = buf_add(b, text, name);
	return r < 0 ? r : buf_adds(b, ": " REDACTED);
}

int
redact_word(struct redact *state, struct buf *b, const char *word)
{
	size_t name = strcspn(word, "=");
	struct slice flag = { word, name };
	enum next now = (enum next)state->next;
	static const char *const header_flags[] = { "--header" };
	bool secret, header;
	int r;

	state->next = NEXT_PLAIN;
	if (now == NEXT_SECRET)
		return buf_adds(b, REDACTED);
	if (now == NEXT_HEADER)
		return redact_header(b, word, state->rules);
	secret = flag_is_secret(flag, state->rules);
	header = strcmp(word, "-H") == 0 || is_one_of(flag, BUILT_IN(header_flags));
	if (word[name] == '=' && (secret || header)) {
		r = buf_add(b, word, name + 1);
		if (r < 0)
			return r;
		return secret ? buf_adds(b, REDACTED)
			      : redact_header(b, word + name + 1, state->rules);
	}
	if (secret || header) {
		state->next = secret ? NEXT_SECRET : NEXT_HEADER;
		return buf_adds(b, word);
	}
	return redact_header(b, word, state->rules);
}
