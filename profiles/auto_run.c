/* The program may have written all of this: every read is bounded, and nothing waits. */
#include "profiles/auto_run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/json_write.h"
#include "base/str.h"
#include "profiles/agent_hooks.h"
#include "profiles/internal.h"
#include "profiles/json.h"
#include "profiles/place.h"

enum { FILE_BYTES_MAX = 1 << 20, NAMES_MAX = 1024 };

/* ---- which files ---- */

static bool
has_group(const struct profile *p, const char *name)
{
	for (size_t i = 0; i < p->groups_count; i++)
		if (str_equal(p->groups[i].name, name))
			return true;
	return false;
}

bool
auto_run_wanted(const struct profile *p)
{
	return node_first(profile_get(p, "hooks")) || profile_builds_on(p, "claude-code") ||
	       profile_builds_on(p, "codex") || profile_builds_on(p, "opencode");
}

enum { IN_HOME, IN_WORKDIR, IN_HOME_VSCODE };

static const struct {
	int place;
	enum auto_run_form form;
	const char *path;
} files[] = {
	{ IN_HOME, AUTO_RUN_CLAUDE, ".claude/settings.json" },
	{ IN_HOME, AUTO_RUN_CODEX, ".codex/config.toml" },
	{ IN_HOME, AUTO_RUN_OPENCODE, ".config/opencode/opencode.json" },
	{ IN_HOME, AUTO_RUN_OPENCODE, ".config/opencode/opencode.jsonc" },
	{ IN_HOME, AUTO_RUN_FILES, ".config/opencode/plugin" },
	{ IN_WORKDIR, AUTO_RUN_CLAUDE, ".claude/settings.json" },
	{ IN_WORKDIR, AUTO_RUN_CLAUDE, ".claude/settings.local.json" },
	{ IN_WORKDIR, AUTO_RUN_WHOLE, ".mcp.json" },
	{ IN_WORKDIR, AUTO_RUN_FILES, ".git/hooks" },
	{ IN_WORKDIR, AUTO_RUN_GIT, ".git/config" },
	{ IN_WORKDIR, AUTO_RUN_GIT, ".git/config.worktree" },
	/* Names another repository, whose hooks and configuration are used instead. */
	{ IN_WORKDIR, AUTO_RUN_WHOLE, ".git/commondir" },
	{ IN_WORKDIR, AUTO_RUN_WHOLE, ".vscode/tasks.json" },
	{ IN_WORKDIR, AUTO_RUN_WHOLE, ".vscode/settings.json" },
	{ IN_WORKDIR, AUTO_RUN_WHOLE, ".envrc" },
	{ IN_HOME_VSCODE, AUTO_RUN_NAMES, ".vscode/extensions" },
	{ IN_HOME_VSCODE, AUTO_RUN_WHOLE, ".config/Code/User/settings.json" },
	{ IN_HOME_VSCODE, AUTO_RUN_WHOLE, ".config/Code/User/tasks.json" },
	{ IN_HOME_VSCODE, AUTO_RUN_WHOLE, ".config/Code/User/keybindings.json" },
};

int
auto_run_each(const struct profile *p, const char *workdir, char *const *environment,
	      auto_run_fn *fn, void *context, struct err *e)
{
	autobuf struct buf home = BUF_INIT, script = BUF_INIT;
	int r = home_find(&home, environment, getuid(), e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_LEN(files) && r >= 0; i++) {
		autobuf struct buf path = BUF_INIT;

		if (files[i].place == IN_HOME_VSCODE && !has_group(p, "vscode_linux"))
			continue;
		if (buf_addf(&path, "%s/%s",
			     files[i].place == IN_WORKDIR ? workdir : buf_str(&home),
			     files[i].path) < 0)
			return err_memory(e);
		r = fn(context, files[i].form, buf_str(&path));
	}
	if (r < 0)
		return r;
	r = agent_hook_script(&script, p, environment, e);
	return r > 0 ? fn(context, AUTO_RUN_WHOLE, buf_str(&script)) : r;
}

const char *
auto_run_kind(enum auto_run_form form)
{
	static const char *const kind[AUTO_RUN_FORMS] = {
		[AUTO_RUN_CLAUDE] = "hooks, servers, status line",
		[AUTO_RUN_OPENCODE] = "plugins, servers",
		[AUTO_RUN_CODEX] = "notify, servers",
		[AUTO_RUN_GIT] = "commands of git",
		[AUTO_RUN_WHOLE] = "file",
		[AUTO_RUN_FILES] = "files",
		[AUTO_RUN_NAMES] = "names",
	};

	return form > 0 && form < AUTO_RUN_FORMS ? kind[form] : NULL;
}

/* ---- the part that counts ---- */

/* A text that is no JSON may be one for its reader: all of it counts. */
static int
add_keys(struct sha256 *h, struct slice text, const char *const *keys)
{
	struct pool pool = { 0 };
	struct node *root = NULL;
	int r = json_parse(&root, &pool, text, NULL, 0, NULL, NULL);

	if (r < 0 && r != -ENOMEM) {
		sha256_add(h, text.p, text.n);
		r = 0;
	}
	for (; r == 0 && root && *keys; keys++) {
		const struct node *n = node_find(root, *keys);
		autobuf struct buf b = BUF_INIT;
		struct json j = JSON_INIT(&b);

		if (!n)
			continue;
		node_write(&j, NULL, n);
		if ((r = json_finish(&j)) < 0)
			break;
		sha256_add(h, *keys, strlen(*keys));
		sha256_add(h, b.p, b.n);
	}
	pool_clear(&pool);
	return r;
}

static bool
begins_with(struct slice line, const char *word)
{
	size_t n = strlen(word);

	return line.n >= n && strncasecmp(line.p, word, n) == 0;
}

static bool
begins_with_any(struct slice line, const char *const *words)
{
	for (; *words; words++)
		if (begins_with(line, *words))
			return true;
	return false;
}

struct section_rules {
	const char *const *sections; /* whose lines count, all of them */
	const char *const *mixed;    /* of which the lines with `keys` count; NULL: no section */
	const char *const *keys;
};

/* Lines under headings in brackets, which is as much as git's and Codex's files need. */
static void
add_sections(struct sha256 *h, struct slice text, const struct section_rules *rules)
{
	bool whole = false, mixed = rules->mixed == NULL;

	while (text.n > 0) {
		const char *end = memchr(text.p, '\n', text.n);
		size_t n = end ? (size_t)(end - text.p) + 1 : text.n;
		struct slice line = { text.p, n };

		text.p += n;
		text.n -= n;
		while (line.n > 0 && (*line.p == ' ' || *line.p == '\t'))
			line.p++, line.n--;
		if (line.n > 0 && *line.p == '[') {
			whole = begins_with_any(line, rules->sections);
			mixed = rules->mixed && begins_with_any(line, rules->mixed);
		}
		if (whole || (mixed && begins_with_any(line, rules->keys)))
			sha256_add(h, line.p, line.n);
	}
}

static int
add_part(struct sha256 *h, enum auto_run_form form, struct slice text)
{
	static const char *const claude[] = { "hooks", "mcpServers", "statusLine", NULL };
	static const char *const opencode[] = { "plugin", "mcp", NULL };
	static const char *const codex_sections[] = { "[mcp_servers", "[[mcp_servers", NULL };
	static const char *const codex_keys[] = { "notify", "mcp_servers", NULL };
	static const char *const git_sections[] = { "[alias", "[filter", "[include",
						    "[diff",  "[merge",	 NULL };
	static const char *const git_mixed[] = { "[core", NULL };
	static const char *const git_keys[] = { "[core", "fsmonitor", "hookspath", "sshcommand",
						"pager", "editor",    NULL };
	static const struct section_rules codex = { codex_sections, NULL, codex_keys };
	static const struct section_rules git = { git_sections, git_mixed, git_keys };

	switch (form) {
	case AUTO_RUN_CLAUDE:
		return add_keys(h, text, claude);
	case AUTO_RUN_OPENCODE:
		return add_keys(h, text, opencode);
	case AUTO_RUN_CODEX:
		add_sections(h, text, &codex);
		return 0;
	case AUTO_RUN_GIT:
		add_sections(h, text, &git);
		return 0;
	default:
		sha256_add(h, text.p, text.n);
		return 0;
	}
}

/* 1, 0 when there is no such file, -ENOMEM. */
static int
add_file(struct sha256 *h, enum auto_run_form form, int directory, const char *name)
{
	autofd int fd = openat(directory, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	autobuf struct buf text = BUF_INIT;
	struct stat st = { 0 };
	int r = fd == -1 || fstat(fd, &st) == -1 ? -errno : 0;

	if (errno_is_missing(r))
		return 0;
	if (r == 0)
		r = S_ISREG(st.st_mode) ? buf_read_fd(&text, fd, FILE_BYTES_MAX) : -EINVAL;
	if (r == -ENOMEM)
		return r;
	if (r == 0)
		r = add_part(h, form, (struct slice){ text.p, text.n });
	if (r == -ENOMEM)
		return r;
	/* Another reason, or another size, is a change. */
	if (r < 0) {
		sha256_add(h, &r, sizeof(r));
		sha256_add(h, &st.st_size, sizeof(st.st_size));
		sha256_add(h, &st.st_mtim, sizeof(st.st_mtim));
	}
	return 1;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
add_names(struct sha256 *h, enum auto_run_form form, DIR *dir)
{
	char *names[NAMES_MAX];
	const struct dirent *entry;
	size_t count = 0;
	int r = 1;

	while (count < NAMES_MAX && (entry = readdir(dir))) {
		if (str_equal(entry->d_name, ".") || str_equal(entry->d_name, ".."))
			continue;
		if (!(names[count] = mem_strdup(entry->d_name))) {
			r = -ENOMEM;
			break;
		}
		count++;
	}
	qsort(names, count, sizeof(*names), compare_names);
	for (size_t i = 0; i < count; i++) {
		if (r > 0) {
			sha256_add(h, names[i], strlen(names[i]) + 1);
			if (form == AUTO_RUN_FILES &&
			    add_file(h, AUTO_RUN_WHOLE, dirfd(dir), names[i]) < 0)
				r = -ENOMEM;
		}
		mem_free(names[i]);
	}
	return r;
}

/* A settings file without any commands is as good as none. */
static bool
is_of_nothing(const unsigned char hash[SHA256_BYTES])
{
	unsigned char nothing[SHA256_BYTES];
	struct sha256 h;

	sha256_init(&h);
	sha256_end(&h, nothing);
	return memcmp(hash, nothing, sizeof(nothing)) == 0;
}

int
auto_run_hash(unsigned char ret[SHA256_BYTES], enum auto_run_form form, const char *path)
{
	struct sha256 h;
	int r;

	sha256_init(&h);
	if (form == AUTO_RUN_FILES || form == AUTO_RUN_NAMES) {
		DIR *dir = opendir(path);

		r = dir ? add_names(&h, form, dir) : 0;
		if (dir)
			(void)closedir(dir);
	} else {
		r = add_file(&h, form, AT_FDCWD, path);
	}
	sha256_end(&h, ret);
	return r > 0 && form != AUTO_RUN_WHOLE && is_of_nothing(ret) ? 0 : r;
}
