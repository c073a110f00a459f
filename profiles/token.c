/*
 * Dynamic tokens of paths, "@git:QUERY" (spec 03 section 6). git runs in a directory that may
 * belong to somebody else, before the sandbox exists: without its hooks, its file system monitor
 * and its own variables, with two seconds to answer. Settings of the checkout are not asked: it
 * could grant itself paths of the host.
 */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/internal.h"

enum {
	GIT_TIMEOUT_MS = 2000,
	GIT_BYTES_MAX = 1 << 20,
	ENVIRONMENT_MAX = 4096, /* entries passed on */
	PATHS_MAX = 1024,
};

/* ---- running git ---- */

/* The user's environment without GIT_*: a variable can name a program to run. */
static void
choose_environment(char **chosen, char *const *environment)
{
	static char no_prompt[] = "GIT_TERMINAL_PROMPT=0";
	size_t n = 0;

	for (size_t i = 0; environment && environment[i] && n < ENVIRONMENT_MAX - 2; i++)
		if (!str_starts_with(environment[i], "GIT_") ||
		    str_starts_with(environment[i], "GIT_CONFIG_NOSYSTEM="))
			chosen[n++] = environment[i];
	chosen[n++] = no_prompt;
	chosen[n] = NULL;
}

/* The standard output of git; empty when it is missing, slow or fails. 0 or -ENOMEM. */
static int
run_git(struct assembly *a, struct buf *answer, const char *const *words)
{
	char *argv[16] = { (char[]){ "git" }, (char[]){ "-c" }, (char[]){ "core.fsmonitor=false" },
			   (char[]){ "-c" }, (char[]){ "core.hooksPath=/dev/null" } };
	char **environment = mem_calloc(ENVIRONMENT_MAX, sizeof(*environment));
	struct run run = {
		.argv = argv,
		.environment = environment,
		.directory = a->host.workdir,
		.timeout_ms = GIT_TIMEOUT_MS,
		.bytes_max = GIT_BYTES_MAX,
	};
	size_t n = 5;
	int r;

	if (!environment)
		return -ENOMEM;
	for (; *words && n < ARRAY_LEN(argv) - 1; words++)
		argv[n++] = (char *)(uintptr_t)*words;
	choose_environment(environment, a->host.environment);
	r = run_program(answer, &run);
	mem_free(environment);
	if (r != 0)
		buf_reset(answer);
	return r == -ENOMEM ? r : 0;
}

/* ---- lists of paths ---- */

static int
add_path(struct assembly *a, struct paths *paths, const char *path)
{
	int r;

	for (size_t i = 0; i < paths->count; i++)
		if (str_equal(paths->item[i], path))
			return 0;
	if (paths->count >= PATHS_MAX)
		return 0;
	r = mem_grow((void **)&paths->item, &paths->capacity, paths->count, sizeof(*paths->item));
	if (r < 0)
		return r;
	paths->item[paths->count] = pool_strdup(&a->pool, path);
	return paths->item[paths->count++] ? 0 : -ENOMEM;
}

/* Absolute against a directory; `~/` is the home. */
static int
add_relative(struct assembly *a, struct paths *paths, const char *directory, const char *path)
{
	autobuf struct buf absolute = BUF_INIT;
	int r;

	if (str_starts_with(path, "~/"))
		r = path_absolute(&absolute, a->host.home, path + 2);
	else
		r = path_absolute(&absolute, directory, path);
	return r < 0 ? r : add_path(a, paths, buf_str(&absolute));
}

static const char *
directory_of(struct assembly *a, const char *path)
{
	const char *leaf = path_basename(path);
	size_t n = (size_t)(leaf - path);

	return pool_add(&a->pool, path, n > 1 ? n - 1 : n);
}

/* ---- git config ---- */

/*
 * One record of `git config --list --show-origin --show-scope -z`: scope, origin and
 * KEY NEWLINE VALUE, each ended by NUL.
 */
struct setting {
	const char *scope, *origin, *key, *value;
};

static const char *
take_field(const char **at, const char *end)
{
	const char *field = *at, *nul = memchr(field, '\0', (size_t)(end - field));

	if (!nul)
		return NULL;
	*at = nul + 1;
	return field;
}

static bool
next_setting(struct assembly *a, const char **at, const char *end, struct setting *ret)
{
	const char *scope = take_field(at, end), *origin = scope ? take_field(at, end) : NULL;
	const char *pair = origin ? take_field(at, end) : NULL, *line;

	if (!pair)
		return false;
	line = strchr(pair, '\n');
	ret->scope = scope;
	ret->origin = str_starts_with(origin, "file:") ? origin + 5 : "";
	ret->key = pool_add(&a->pool, pair, line ? (size_t)(line - pair) : strlen(pair));
	ret->value = line ? line + 1 : "";
	return ret->key;
}

static bool
names_file(const char *key)
{
	static const char *const keys[] = { "core.attributesfile", "core.excludesfile",
					    "commit.template", "include.path" };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (str_equal(key, keys[i]))
			return true;
	return str_starts_with(key, "includeif.") && str_ends_with(key, ".path");
}

/* `hooks`: the hook directories, else the files of the configuration. */
static int
list_settings(struct assembly *a, struct paths *paths, bool hooks)
{
	/* Nothing of the command line above counts: the scopes below are files only. */
	static const char *const words[] = { "config",	     "--list", "--show-origin",
					     "--show-scope", "-z",     NULL };
	autobuf struct buf answer = BUF_INIT;
	const char *at, *end;
	struct setting s;
	int r = run_git(a, &answer, words);

	at = buf_str(&answer);
	end = at + answer.n;
	while (r == 0 && next_setting(a, &at, end, &s)) {
		const char *directory;

		if (!str_equal(s.scope, "global") && !str_equal(s.scope, "system"))
			continue;
		if (!*s.origin || !(directory = directory_of(a, s.origin)))
			continue;
		if (!hooks)
			r = add_relative(a, paths, a->host.workdir, s.origin);
		if (r == 0 && *s.value &&
		    (hooks ? str_equal(s.key, "core.hookspath") : names_file(s.key)))
			r = add_relative(a, paths, directory, s.value);
	}
	return r;
}

/* ---- git rev-parse ---- */

/* The answer, absolute, or NULL in *ret when there is none. */
static int
rev_parse(struct assembly *a, const char *question, const char **ret)
{
	const char *const words[] = { "rev-parse", question, NULL };
	autobuf struct buf answer = BUF_INIT, absolute = BUF_INIT;
	int r = run_git(a, &answer, words);

	*ret = NULL;
	if (r < 0)
		return r;
	while (answer.n > 0 && answer.p[answer.n - 1] == '\n')
		answer.p[--answer.n] = '\0';
	if (answer.n == 0)
		return 0;
	r = path_absolute(&absolute, a->host.workdir, buf_str(&answer));
	if (r < 0 || !(*ret = pool_take(&a->pool, &absolute)))
		return -ENOMEM;
	return 0;
}

static int
add_answer(struct assembly *a, struct paths *paths, const char *question, bool parent)
{
	const char *path;
	int r = rev_parse(a, question, &path);

	if (r < 0 || !path)
		return r;
	if (parent && !(path = directory_of(a, path)))
		return -ENOMEM;
	/* "/" is no answer that anybody meant: the parent of a checkout at the root. */
	return str_equal(path, "/") ? 0 : add_path(a, paths, path);
}

static const char *const queries[] = { "config-files", "hooks-path", "common-dir",
				       "worktree",     "toplevel",   "toplevel-parent" };

static int
ask(struct assembly *a, struct paths *paths, size_t query)
{
	switch (query) {
	case 0:
		return list_settings(a, paths, false);
	case 1:
		return list_settings(a, paths, true);
	case 2:
		return add_answer(a, paths, "--git-common-dir", false);
	case 3:
		return add_answer(a, paths, "--git-common-dir", true);
	case 4:
		return add_answer(a, paths, "--show-toplevel", false);
	default:
		return add_answer(a, paths, "--show-toplevel", true);
	}
}

int
token_expand(struct assembly *a, const char *text, struct paths *ret, struct err *e)
{
	const char *query = strchr(text, ':');
	struct paths *known;
	size_t i = 0;
	int r = 0;

	if (text[0] != '@' || !query)
		return 1;
	if (!str_starts_with(text, "@git:"))
		return err_set(e, -EINVAL,
			       "Configuration parse error: unknown dynamic-token provider in '%s'; "
			       "the only one is @git:",
			       text);
	query++;
	while (i < ARRAY_LEN(queries) && !str_equal(queries[i], query))
		i++;
	if (i == ARRAY_LEN(queries))
		return err_set(e, -EINVAL,
			       "Configuration parse error: unknown git provider query '%s'; known "
			       "are config-files, hooks-path, common-dir, worktree, toplevel and "
			       "toplevel-parent",
			       query);
	/* One process for a query, however often it is written. */
	known = &a->token[i];
	if (!a->token_asked[i])
		r = ask(a, known, i);
	a->token_asked[i] = true;
	for (size_t j = 0; r == 0 && j < known->count; j++)
		r = add_path(a, ret, known->item[j]);
	return r < 0 ? err_memory(e) : 0;
}
