/* A command line as it may be shown and kept. */
#include "base/redact.h"

#include <string.h>
#include <strings.h>

#define BLANKS " \t\n\v\f\r"

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
static const char *const secret_variables[] = {
	"ANTHROPIC_API_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AZURE_OPENAI_API_KEY",
	"COHERE_API_KEY",    "GEMINI_API_KEY",	      "GH_TOKEN",	   "GITHUB_TOKEN",
	"GOOGLE_API_KEY",    "HUGGINGFACE_API_TOKEN", "MISTRAL_API_KEY",   "NONO_PROXY_TOKEN",
	"OPENAI_API_KEY",    "TOGETHER_API_KEY",
};

#define LIST(names)                                        \
	{                                                  \
		.item = (names), .count = ARRAY_LEN(names) \
	}

static const struct redact_list built_in[REDACT_SETS] = {
	[REDACT_FLAGS] = LIST(secret_flags),
	[REDACT_HEADERS] = LIST(secret_headers),
	[REDACT_QUERY_KEYS] = LIST(secret_keys),
	[REDACT_VARIABLES] = LIST(secret_variables),
};

static bool
is_blank(char c)
{
	return c != '\0' && strchr(BLANKS, c);
}

/* Names compare trimmed and without case. */
static bool
is_one_of(struct slice name, struct redact_list list)
{
	while (name.n > 0 && is_blank(name.p[0]))
		name.p++, name.n--;
	while (name.n > 0 && is_blank(name.p[name.n - 1]))
		name.n--;
	for (size_t i = 0; i < list.count; i++)
		if (strlen(list.item[i]) == name.n &&
		    strncasecmp(list.item[i], name.p, name.n) == 0)
			return true;
	return false;
}

static struct redact_list
added(const struct redact_rules *rules, enum redact_set set)
{
	switch (set) {
	case REDACT_FLAGS:
		return rules->flags;
	case REDACT_HEADERS:
		return rules->headers;
	case REDACT_QUERY_KEYS:
		return rules->query_keys;
	default:
		return rules->variables;
	}
}

/* What the user added is secret whatever else is said; built-in names may be taken off. */
static bool
is_secret(struct slice name, enum redact_set set, const struct redact_rules *rules)
{
	if (rules && is_one_of(name, added(rules, set)))
		return true;
	return is_one_of(name, built_in[set]) && !(rules && is_one_of(name, rules->shown));
}

/* "Name: value" of a header that carries a secret: true, and the bytes up to the colon. */
static bool
header_is_secret(const char *text, const struct redact_rules *rules, size_t *ret)
{
	const char *colon = strchr(text, ':');

	if (!colon)
		return false;
	*ret = (size_t)(colon - text);
	return is_secret((struct slice){ text, *ret }, REDACT_HEADERS, rules);
}

/* Does a password stand at `text`, behind "://"? Then where, and how many bytes. */
static bool
url_password(const char *text, size_t *skip, size_t *password)
{
	size_t at = strcspn(text, "/?#" BLANKS), colon = strcspn(text, ":");

	while (at > 0 && text[at - 1] != '@')
		at--;
	if (at == 0 || colon >= at - 1)
		return false;
	*skip = colon + 1;
	*password = at - 1 - *skip;
	return true;
}

/* "key=value" at `text`: bytes up to and with '=', and of the value, when the key is secret. */
static bool
query_secret(const char *text, const struct redact_rules *rules, size_t *key, size_t *value)
{
	*key = strcspn(text, "=&;#" BLANKS);
	if (text[*key] != '=' || !is_secret((struct slice){ text, *key }, REDACT_QUERY_KEYS, rules))
		return false;
	++*key;
	*value = strcspn(text + *key, "&;#" BLANKS);
	return true;
}

static int
redact_passwords(struct buf *b, const char *text)
{
	size_t head, secret;
	int r = 0;

	while (*text && r == 0) {
		if (strncmp(text, "://", 3) != 0) {
			r = buf_addc(b, *text++);
			continue;
		}
		r = buf_add(b, text, 3);
		text += 3;
		if (r == 0 && url_password(text, &head, &secret)) {
			r = buf_add(b, text, head);
			r = r < 0 ? r : buf_adds(b, REDACT_TEXT);
			text += head + secret;
		}
	}
	return r;
}

static int
redact_queries(struct buf *b, const char *text, const struct redact_rules *rules)
{
	bool in_query = false;
	size_t head, secret;
	int r = 0;

	while (*text && r == 0) {
		bool segment = *text == '?' || (in_query && strchr("&;", *text));

		if (*text == '#' || is_blank(*text))
			in_query = false;
		else if (*text == '?')
			in_query = true;
		r = buf_addc(b, *text++);
		if (r == 0 && segment && query_secret(text, rules, &head, &secret)) {
			r = buf_add(b, text, head);
			r = r < 0 ? r : buf_adds(b, REDACT_TEXT);
			text += head + secret;
		}
	}
	return r;
}

/* Passwords first: a query value may hold an address, and is then replaced with it. */
static int
redact_text(struct buf *b, const char *text, const struct redact_rules *rules)
{
	autobuf struct buf half = BUF_INIT;
	int r = redact_passwords(&half, text);

	return r < 0 ? r : redact_queries(b, buf_str(&half), rules);
}

/* A header line in a word of its own: the blanks behind the colon stay. */
static int
redact_value(struct buf *b, const char *text, const struct redact_rules *rules)
{
	size_t name;
	int r;

	if (!header_is_secret(text, rules, &name))
		return redact_text(b, text, rules);
	name++;
	name += strspn(text + name, BLANKS);
	r = buf_add(b, text, name);
	return r < 0 ? r : buf_adds(b, REDACT_TEXT);
}

/* The value of a header flag. */
static int
redact_header(struct buf *b, const char *text, const struct redact_rules *rules)
{
	size_t name;
	int r;

	if (!header_is_secret(text, rules, &name))
		return redact_text(b, text, rules);
	r = buf_add(b, text, name);
	return r < 0 ? r : buf_adds(b, ": " REDACT_TEXT);
}

int
redact_word(struct redact *state, struct buf *b, const char *word)
{
	static const char *const header_flags[] = { "--header" };
	const struct redact_list long_header = LIST(header_flags);
	size_t name = strcspn(word, "=");
	struct slice flag = { word, name };
	enum next now = (enum next)state->next;
	bool secret, header;
	int r;

	state->next = NEXT_PLAIN;
	if (now == NEXT_SECRET)
		return buf_adds(b, REDACT_TEXT);
	if (now == NEXT_HEADER)
		return redact_header(b, word, state->rules);
	secret = is_secret(flag, REDACT_FLAGS, state->rules);
	header = slice_equal(flag, slice_of("-H")) || is_one_of(flag, long_header);
	if (word[name] == '=' && (secret || header)) {
		r = buf_add(b, word, name + 1);
		if (r < 0)
			return r;
		return secret ? buf_adds(b, REDACT_TEXT)
			      : redact_header(b, word + name + 1, state->rules);
	}
	if (secret || header) {
		state->next = secret ? NEXT_SECRET : NEXT_HEADER;
		return buf_adds(b, word);
	}
	return redact_value(b, word, state->rules);
}

bool
redact_is_secret_variable(struct slice name, const struct redact_rules *rules)
{
	return is_secret(name, REDACT_VARIABLES, rules);
}

/* Behind `last`, and before the best so far? */
static bool
is_next(const char *name, const char *last, const char *best)
{
	return (!last || strcasecmp(name, last) > 0) && (!best || strcasecmp(name, best) < 0);
}

const char *
redact_next_added(const struct redact_rules *rules, enum redact_set set, const char *last)
{
	const struct redact_list from = added(rules, set);
	const char *best = NULL;

	for (size_t i = 0; i < from.count; i++) {
		const struct slice name = slice_of(from.item[i]);

		if (is_next(name.p, last, best) && !is_one_of(name, built_in[set]))
			best = name.p;
	}
	return best;
}

const char *
redact_next_removed(const struct redact_rules *rules, enum redact_set set, const char *last)
{
	const char *best = NULL;

	for (size_t i = 0; i < built_in[set].count; i++) {
		const struct slice name = slice_of(built_in[set].item[i]);

		if (is_next(name.p, last, best) && !is_secret(name, set, rules))
			best = name.p;
	}
	return best;
}
