/*
 * What the key table cannot say about single fields (spec 03 3.9 to 3.12, 3.15): routes and their
 * credentials, captures, durations, variables, origins. Pure.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "profiles/reader.h"

enum { HOST_BYTES_MAX = 255 };

/* ---- URLs ---- */

struct url {
	bool https, http;
	char host[HOST_BYTES_MAX + 1];
};

static bool
parse_url(const char *text, struct url *ret)
{
	struct slice host;
	const char *at;

	ret->https = strncasecmp(text, "https://", 8) == 0;
	ret->http = strncasecmp(text, "http://", 7) == 0;
	if (!ret->https && !ret->http)
		return false;
	host.p = text + (ret->https ? 8 : 7);
	host.n = strcspn(host.p, "/?#");
	for (size_t i = 0; i < host.n; i++)
		if ((unsigned char)host.p[i] <= ' ' || host.p[i] == 0x7f || host.p[i] == '\\')
			return false;
	/* "https://good@evil": what is in front of '@' is no host. */
	if ((at = memchr(host.p, '@', host.n)))
		return false;
	if (host.n > 0 && host.p[0] == '[') {
		const char *end = memchr(host.p, ']', host.n);

		if (!end)
			return false;
		host.n = (size_t)(end - host.p) - 1;
		host.p++;
	} else {
		at = memchr(host.p, ':', host.n);
		host.n = at ? (size_t)(at - host.p) : host.n;
	}
	if (host.n == 0 || host.n > HOST_BYTES_MAX)
		return false;
	memcpy(ret->host, host.p, host.n);
	ret->host[host.n] = '\0';
	return true;
}

static bool
is_local(const char *host)
{
	struct in6_addr six;
	struct in_addr four;

	if (strcasecmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127 || four.s_addr == 0;
	return inet_pton(AF_INET6, host, &six) == 1 &&
	       (IN6_IS_ADDR_LOOPBACK(&six) || IN6_IS_ADDR_UNSPECIFIED(&six));
}

/* A credential goes there: in clear text only to this machine. */
static int
check_upstream(struct reader *r, const struct node *n, const char *what)
{
	struct url url;

	if (!parse_url(n->text, &url))
		return reader_fail(r, n, "write it as https://HOST[:PORT][/PATH]",
				   "'%s' is not a URL: '%.128s'", what, n->text);
	if (url.http && !is_local(url.host))
		return reader_fail(r, n, "use https://; http is for this machine only",
				   "'%s' would send a credential in clear text to '%.128s'", what,
				   url.host);
	return 0;
}

static int
check_origins(struct reader *r, const struct node *open_urls)
{
	struct url url;

	for (const struct node *n = node_first(node_find(open_urls, "allow_origins")); n;
	     n = n->next)
		if (!parse_url(n->text, &url))
			return reader_fail(r, n, "write it as https://HOST",
					   "'%.128s' is not an http or https origin with a host",
					   n->text);
	return 0;
}

/* ---- small forms ---- */

static bool
has_line_end(const char *s)
{
	return s && strpbrk(s, "\r\n");
}

static bool
is_token(const char *s)
{
	static const char special[] = "!#$%&'*+-.^_`|~";

	if (!*s)
		return false;
	for (; *s; s++)
		if (!((*s >= 'A' && *s <= 'Z') || (*s >= 'a' && *s <= 'z') ||
		      (*s >= '0' && *s <= '9') || strchr(special, *s)))
			return false;
	return true;
}

static bool
is_name(const char *s, const char *more)
{
	if (!*s)
		return false;
	for (; *s; s++)
		if (!((*s >= 'A' && *s <= 'Z') || (*s >= 'a' && *s <= 'z') ||
		      (*s >= '0' && *s <= '9') || *s == '_' || (*more && strchr(more, *s))))
			return false;
	return true;
}

static bool
is_duration(const char *text)
{
	static const struct {
		char unit;
		uint64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	char digits[24];
	uint64_t value, factor = 1;
	size_t n;

	text += strspn(text, " \t\r\n");
	n = strlen(text);
	while (n > 0 && strchr(" \t\r\n", text[n - 1]))
		n--;
	for (size_t i = 0; n > 0 && i < ARRAY_LEN(units); i++)
		if (text[n - 1] == units[i].unit) {
			factor = units[i].seconds;
			n--;
			break;
		}
	if (n == 0 || n >= sizeof(digits))
		return false;
	memcpy(digits, text, n);
	digits[n] = '\0';
	return str_to_u64(digits, 1, UINT64_MAX / factor, &value) == 0;
}

static int
check_durations(struct reader *r, const struct node *tls)
{
	static const char *const fields[] = { "ca_validity", "leaf_validity" };

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		const struct node *n = node_find(tls, fields[i]);

		if (n && !is_duration(n->text))
			return reader_fail(r, n, NULL,
					   "%s must be a positive duration like 30s, 15m, 24h, or "
					   "1d",
					   fields[i]);
	}
	return 0;
}

bool
form_is_pattern(const char *text)
{
	size_t plain = strcspn(text, "*=");

	return *text && (!text[plain] || str_equal(text + plain, "*"));
}

bool
form_is_variable(const char *text)
{
	return is_name(text, "") && !(text[0] >= '0' && text[0] <= '9');
}

bool
form_is_origin(const char *text)
{
	struct url url;

	return parse_url(text, &url);
}

bool
form_is_upstream(const char *text)
{
	struct url url;

	return parse_url(text, &url) && (url.https || is_local(url.host));
}

/* ---- routes ---- */

static const char *
field(const struct node *inner, const struct node *outer, const char *name)
{
	const struct node *n = node_find(inner, name);

	return node_text(n ? n : node_find(outer, name), NULL);
}

/* How a credential is put in; `inner` is the route, or its `proxy` with the route behind it. */
static int
check_inject(struct reader *r, const struct node *inner, const struct node *outer)
{
	const char *mode = field(inner, outer, "inject_mode");
	const char *header = field(inner, outer, "inject_header");
	const char *format = field(inner, outer, "credential_format");
	const char *pattern = field(inner, outer, "path_pattern");
	const char *replacement = field(inner, outer, "path_replacement");
	const char *query = field(inner, outer, "query_param_name");

	mode = mode ? mode : "header";
	if (header && !is_token(header))
		return reader_fail(r, inner, "a header name is one word",
				   "inject_header is not a header name");
	if (has_line_end(format))
		return reader_fail(r, inner, NULL, "credential_format contains a line end");
	if (has_line_end(pattern) || has_line_end(replacement))
		return reader_fail(r, inner, NULL, "a path pattern contains a line end");
	if (str_equal(mode, "url_path")) {
		if (!pattern)
			return reader_fail(r, inner, NULL,
					   "inject_mode url_path needs path_pattern");
		if (!strstr(pattern, "{}") || (replacement && !strstr(replacement, "{}")))
			return reader_fail(r, inner, "put {} where the credential is",
					   "a path pattern has no {}");
	}
	if (str_equal(mode, "query_param") && (!query || !is_name(query, "-")))
		return reader_fail(r, inner, "letters, digits, '_' and '-'",
				   "inject_mode query_param needs query_param_name");
	return 0;
}

static int
check_oauth(struct reader *r, const struct node *auth)
{
	return check_upstream(r, node_find(auth, "token_url"), "token_url");
}

static int
check_aws(struct reader *r, const struct node *aws)
{
	for (const struct node *n = aws->first; n; n = n->next) {
		bool lower = !str_equal(n->key, "profile");

		for (const char *c = n->text; *c; c++)
			if (strchr(" \t\r\n\v\f", *c) || (lower && *c >= 'A' && *c <= 'Z'))
				return reader_fail(r, n, NULL,
						   "aws_auth.%s must have no white space%s", n->key,
						   lower ? " and be in lower case" : "");
	}
	return 0;
}

static int
check_route_variable(struct reader *r, const struct node *route, const struct node *key)
{
	const struct node *variable = node_find(route, "env_var");
	const char *problem = variable ? credential_target_problem(variable->text) : NULL;

	if (problem)
		return reader_fail(r, variable, problem, "invalid env_var '%.64s'", variable->text);
	if (key && !variable && credential_needs_variable(key->text))
		return reader_fail(r, key, "add \"env_var\": \"NAME\"",
				   "env_var is required for '%.64s'", key->text);
	return 0;
}

/* Exactly one way to get the secret. */
static int
check_route_source(struct reader *r, const struct node *route)
{
	const struct node *key = node_find(route, "credential_key");
	const struct node *auth = node_find(route, "auth"), *aws = node_find(route, "aws_auth");
	const char *problem;
	int e;

	if (!!key + !!auth + !!aws != 1)
		return reader_fail(r, route, "keep one of credential_key, auth and aws_auth",
				   "custom credential '%.64s' needs exactly one source",
				   route->key);
	if (auth)
		return check_oauth(r, auth);
	if (aws)
		return check_aws(r, aws);
	if ((problem = credential_key_problem(key->text)))
		return reader_fail(r, key, problem, "invalid credential_key '%.64s'", key->text);
	e = check_inject(r, route, NULL);
	if (e == 0 && node_find(route, "proxy"))
		e = check_inject(r, node_find(route, "proxy"), route);
	return e;
}

static int
check_routes(struct reader *r, const struct node *routes)
{
	for (const struct node *route = node_first(routes); route; route = route->next) {
		const struct node *cert = node_find(route, "tls_client_cert");
		const struct node *key = node_find(route, "tls_client_key");
		int e;

		if ((e = check_upstream(r, node_find(route, "upstream"), "upstream")) < 0 ||
		    (e = check_route_source(r, route)) < 0 ||
		    (e = check_route_variable(r, route, node_find(route, "credential_key"))) < 0)
			return e;
		if (!cert != !key)
			return reader_fail(r, route, "give both",
					   "tls_client_cert and tls_client_key belong together");
	}
	return 0;
}

static int
check_domains(struct reader *r, const struct node *list)
{
	for (const struct node *n = node_first(list); n; n = n->next)
		if (n->kind == NODE_OBJECT && node_find(n, "endpoints") &&
		    !*node_text(node_find(n, "domain"), ""))
			return reader_fail(r, n, "name the host",
					   "allow_domain has endpoints without a domain");
	return 0;
}

/* ---- captures ---- */

static int
check_capture_headers(struct reader *r, const struct node *output)
{
	static const char *const own[] = {
		"host",
		"content-length",
		"transfer-encoding",
		"connection",
		"proxy-authorization",
		"proxy-authenticate",
		"upgrade",
		"te",
		"trailer",
		"keep-alive",
	};

	for (const struct node *n = node_first(node_find(output, "allow_headers")); n;
	     n = n->next) {
		if (!is_token(n->text))
			return reader_fail(r, n, "a header name is one word",
					   "'%.64s' is not a header name", n->text);
		for (size_t i = 0; i < ARRAY_LEN(own); i++)
			if (strcasecmp(n->text, own[i]) == 0)
				return reader_fail(r, n, "remove it",
						   "a command may not set the header '%s'", own[i]);
	}
	return 0;
}

static int
check_regex(struct reader *r, const struct node *n)
{
	regex_t compiled;

	if (!n)
		return 0;
	if (regcomp(&compiled, n->text, REG_EXTENDED | REG_NOSUB) != 0)
		return reader_fail(r, n, "write a POSIX extended regular expression",
				   "cache_path_regex is not a regular expression");
	regfree(&compiled);
	return 0;
}

static int
check_captures(struct reader *r, const struct node *captures)
{
	for (const struct node *c = node_first(captures); c; c = c->next) {
		const struct node *ttl = node_find(c, "ttl_secs");
		const struct node *cache = node_find(c, "cache_ttl_secs");
		int e;

		if (!is_name(c->key, ""))
			return reader_fail_key(r, c, "letters, digits and '_'",
					       "invalid name '%.64s' in credential_capture",
					       c->key);
		for (const struct node *n = node_first(node_find(c, "command")); n; n = n->next)
			if (!*n->text)
				return reader_fail(r, n, NULL, "a word of 'command' is empty");
		if (ttl && cache && !node_equal(ttl, cache))
			return reader_fail(r, ttl, "keep one of the two",
					   "ttl_secs and cache_ttl_secs differ");
		if ((e = check_regex(r, node_find(c, "cache_path_regex"))) < 0 ||
		    (e = check_capture_headers(r, node_find(c, "output"))) < 0 ||
		    (e = check_origins(r, node_at(c, "interaction.open_urls"))) < 0)
			return e;
	}
	return 0;
}

/* ---- the environment ---- */

static int
check_env_credentials(struct reader *r, const struct node *map)
{
	for (const struct node *n = node_first(map); n; n = n->next) {
		const char *problem = credential_uri_problem(n->key);

		if (problem)
			return reader_fail_key(r, n, problem, "invalid credential '%.64s'", n->key);
		problem = credential_target_problem(n->text);
		if (problem)
			return reader_fail(r, n, problem, "invalid variable '%.64s'", n->text);
	}
	return 0;
}

static int
check_patterns(struct reader *r, const struct node *list)
{
	for (const struct node *n = node_first(list); n; n = n->next) {
		if (!form_is_pattern(n->text))
			return reader_fail(r, n, "write NAME, PREFIX* or *",
					   "'%.64s' does not name variables", n->text);
	}
	return 0;
}

static int
check_set_vars(struct reader *r, const struct node *map)
{
	for (const struct node *n = node_first(map); n; n = n->next) {
		if (!form_is_variable(n->key))
			return reader_fail_key(r, n, "letters, digits and '_'",
					       "'%.64s' is not the name of a variable", n->key);
		if (str_equal(n->key, "PATH") || str_starts_with(n->key, "NONO_"))
			return reader_fail_key(r, n, "remove it", "set_vars may not set '%.64s'",
					       n->key);
	}
	return 0;
}

/* All of its errors in one message: they are found by one look at the whole. */
static int
check_policies(struct reader *r, const struct node *tree, bool resolved)
{
	struct policies_findings f = { 0 };
	autobuf struct buf text = BUF_INIT;
	const struct node *first = NULL;
	int e = policies_check(&f, tree, resolved);

	for (size_t i = 0; i < f.count && e == 0; i++) {
		if (!f.item[i].error)
			continue;
		e = buf_addf(&text, "%s%s: %s", first ? "; " : "", f.item[i].code, f.item[i].text);
		first = first ? first : f.item[i].at;
	}
	policies_findings_clear(&f);
	if (e < 0)
		return reader_fail_memory(r);
	return first ? reader_fail(r, first, NULL, "invalid command_policies: %s", buf_str(&text))
		     : 0;
}

int
validate_text(struct reader *r, const struct node *tree)
{
	int e;

	if ((e = check_routes(r, node_at(tree, "network.custom_credentials"))) < 0 ||
	    (e = check_captures(r, node_find(tree, "credential_capture"))) < 0 ||
	    (e = check_durations(r, node_at(tree, "network.tls_intercept"))) < 0 ||
	    (e = check_env_credentials(r, node_find(tree, "env_credentials"))) < 0 ||
	    (e = check_set_vars(r, node_at(tree, "environment.set_vars"))) < 0 ||
	    (e = check_patterns(r, node_at(tree, "environment.allow_vars"))) < 0 ||
	    (e = check_patterns(r, node_at(tree, "environment.deny_vars"))) < 0 ||
	    (e = check_origins(r, node_find(tree, "open_urls"))) < 0 ||
	    (e = check_domains(r, node_at(tree, "network.allow_domain"))) < 0)
		return e;
	return check_policies(r, tree, false);
}

/* ---- after inheritance ---- */

static int
check_capture_use(struct reader *r, const struct node *tree, const struct node *key,
		  const struct node *route)
{
	const char *name, *mode = node_text(node_find(route, "inject_mode"), "header");
	const struct node *capture;

	if (!key || !credential_is_command(key->text, &name))
		return 0;
	capture = node_find(node_find(tree, "credential_capture"), name);
	if (!capture)
		return reader_fail(r, key, "add it to credential_capture",
				   "'%.64s' is not defined in credential_capture", name);
	if (node_is(node_find(capture, "output"), NODE_OBJECT) && !str_equal(mode, "header") &&
	    !str_equal(mode, "basic_auth"))
		return reader_fail(r, key, "use inject_mode header or basic_auth",
				   "'%.64s' prints headers, which inject_mode %s cannot carry",
				   name, mode);
	return 0;
}

int
validate_resolved(struct reader *r, const struct node *tree)
{
	int e;

	for (const struct node *route = node_first(node_at(tree, "network.custom_credentials"));
	     route; route = route->next)
		if ((e = check_capture_use(r, tree, node_find(route, "credential_key"), route)) < 0)
			return e;
	return check_policies(r, tree, true);
}
