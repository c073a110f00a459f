/*
 * The syntax of references to secrets and of the variables they go to (spec 03 3.16, 3.17). Pure:
 * nothing is looked up. What a reference may not contain would mean something to the shell or to
 * the tool that it is handed to later.
 */
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "profiles/reader.h"

enum {
	KEYRING_BYTES_MAX = 1024,
	SEGMENT_LIMIT = 64,
};

static bool
is_word(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++)
		if (!((*s >= 'A' && *s <= 'Z') || (*s >= 'a' && *s <= 'z') ||
		      (*s >= '0' && *s <= '9') || *s == '_'))
			return false;
	return true;
}

/* Segments between '/' of the first `n` bytes; 0 when one is empty. */
static size_t
count_segments(const char *s, size_t n)
{
	size_t count = 1, length = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i] != '/') {
			length++;
			continue;
		}
		if (length == 0)
			return 0;
		count++;
		length = 0;
	}
	return length ? count : 0;
}

static const char *
forbidden_byte(const char *s, const char *forbidden)
{
	return strpbrk(s, forbidden) ? "it contains a character that is not allowed in it" : NULL;
}

#define SHELL_BYTES ";|&$`(){}<>!\\\"'\r\n"

static const char *
op_problem(const char *rest)
{
	size_t n = count_segments(rest, strlen(rest));

	if (n < 3 || n > SEGMENT_LIMIT)
		return "write it as op://VAULT/ITEM/FIELD";
	return forbidden_byte(rest, SHELL_BYTES "?#");
}

static const char *
bw_problem(const char *rest)
{
	size_t n = count_segments(rest, strlen(rest));

	if (n < 1 || n > 2)
		return "write it as bw://ITEM or bw://ITEM/FIELD";
	return forbidden_byte(rest, SHELL_BYTES "?#=");
}

static const char *
apple_problem(const char *rest)
{
	if (count_segments(rest, strlen(rest)) != 2)
		return "write it as apple-password://SERVER/ACCOUNT";
	return forbidden_byte(rest, SHELL_BYTES "?#");
}

static const char *
keyring_problem(const char *rest)
{
	size_t n = strcspn(rest, "?");

	if (strlen(rest) > KEYRING_BYTES_MAX)
		return "it is too long";
	if (count_segments(rest, n) != 2)
		return "write it as keyring://SERVICE/ACCOUNT";
	if (rest[n] && !str_starts_with(rest + n, "?decode="))
		return "the only option is ?decode=";
	return forbidden_byte(rest, SHELL_BYTES "#");
}

static const char *
env_problem(const char *rest)
{
	if (!is_word(rest))
		return "write it as env://NAME";
	return credential_target_problem(rest);
}

static bool
has_parent(const char *path)
{
	for (const char *at = path; at;) {
		size_t n = strcspn(at, "/");

		if (n == 2 && at[0] == '.' && at[1] == '.')
			return true;
		at = at[n] ? at + n + 1 : NULL;
	}
	return false;
}

static const char *
file_problem(const char *rest)
{
	if (rest[0] != '/' || !rest[1])
		return "write it as file:///ABSOLUTE/PATH";
	if (has_parent(rest))
		return "the path contains '..'";
	return forbidden_byte(rest, "\n\r;`|$&><");
}

static const char *
cmd_problem(const char *rest)
{
	return is_word(rest) ? NULL : "write it as cmd://NAME, with NAME of credential_capture";
}

enum scheme_use {
	SCHEME_ROUTE = 1,	/* credential_key */
	SCHEME_ENVIRONMENT = 2, /* env_credentials */
	SCHEME_NEEDS_NAME = 4,	/* no variable can be derived from it */
};

static const struct scheme {
	const char *prefix;
	const char *(*problem)(const char *rest);
	unsigned int use;
} schemes[] = {
	{ "op://", op_problem, SCHEME_ROUTE | SCHEME_ENVIRONMENT | SCHEME_NEEDS_NAME },
	{ "bw://", bw_problem, SCHEME_ROUTE | SCHEME_ENVIRONMENT | SCHEME_NEEDS_NAME },
	{ "apple-password://", apple_problem,
	  SCHEME_ROUTE | SCHEME_ENVIRONMENT | SCHEME_NEEDS_NAME },
	{ "apple-passwords://", apple_problem,
	  SCHEME_ROUTE | SCHEME_ENVIRONMENT | SCHEME_NEEDS_NAME },
	{ "keyring://", keyring_problem, SCHEME_ENVIRONMENT },
	{ "env://", env_problem, SCHEME_ROUTE | SCHEME_ENVIRONMENT },
	{ "file://", file_problem, SCHEME_ROUTE | SCHEME_ENVIRONMENT | SCHEME_NEEDS_NAME },
	{ "cmd://", cmd_problem, SCHEME_ROUTE | SCHEME_NEEDS_NAME },
};

static const struct scheme *
find_scheme(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (str_starts_with(text, schemes[i].prefix))
			return &schemes[i];
	return NULL;
}

static const char *
reference_problem(const char *text, unsigned int use)
{
	const struct scheme *s = find_scheme(text);

	if (s && (s->use & use))
		return s->problem(text + strlen(s->prefix));
	if (s || strstr(text, "://"))
		return "this kind of reference is not known here";
	return is_word(text) ? NULL : "a name consists of letters, digits and '_'";
}

const char *
credential_key_problem(const char *text)
{
	return reference_problem(text, SCHEME_ROUTE);
}

/* An account name of the keyring may have any form, as long as it is no reference. */
const char *
credential_uri_problem(const char *text)
{
	if (!*text)
		return "it is empty";
	return strstr(text, "://") ? reference_problem(text, SCHEME_ENVIRONMENT) : NULL;
}

bool
credential_is_command(const char *text, const char **ret_name)
{
	if (!str_starts_with(text, "cmd://"))
		return false;
	*ret_name = text + strlen("cmd://");
	return true;
}

bool
credential_needs_variable(const char *text)
{
	const struct scheme *s = find_scheme(text);

	return s && (s->use & SCHEME_NEEDS_NAME);
}

const char *
credential_target_problem(const char *variable)
{
	static const char *const dangerous[] = {
		"LD_PRELOAD",
		"LD_LIBRARY_PATH",
		"LD_AUDIT",
		"DYLD_INSERT_LIBRARIES",
		"DYLD_LIBRARY_PATH",
		"DYLD_FRAMEWORK_PATH",
		"BASH_ENV",
		"ENV",
		"IFS",
		"CDPATH",
		"PROMPT_COMMAND",
		"NODE_OPTIONS",
		"NODE_PATH",
		"PYTHONSTARTUP",
		"PYTHONPATH",
		"PERL5OPT",
		"PERL5LIB",
		"RUBYOPT",
		"RUBYLIB",
		"JAVA_TOOL_OPTIONS",
		"_JAVA_OPTIONS",
		"DOTNET_STARTUP_HOOKS",
		"GOFLAGS",
		"PATH",
		"HOME",
		"SHELL",
	};

	if (!is_word(variable))
		return "a variable consists of letters, digits and '_'";
	for (size_t i = 0; i < ARRAY_LEN(dangerous); i++)
		if (strcasecmp(dangerous[i], variable) == 0)
			return "this variable controls how programs run and is never set from a "
			       "credential";
	return NULL;
}
