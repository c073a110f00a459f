/*
 * Where profiles are (spec 03 sections 1, 5). A file is opened once: what is checked is what is
 * read. Who can write a profile, or put another one into its place, decides what the next start
 * grants.
 */
#include "profiles/locate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/internal.h"
#include "profiles/presets.h"
#include "profiles/profile.h"

enum {
	SUGGEST_DISTANCE = 2,
	LISTED_MAX = 4096, /* directory entries looked at for a suggestion */
};

/* ---- names ---- */

static bool
is_alnum(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool
profile_name_is_valid(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n > PROFILE_NAME_MAX || !is_alnum(name[0]) || !is_alnum(name[n - 1]))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!is_alnum(name[i]) && name[i] != '-')
			return false;
	return true;
}

/* A half of NAMESPACE/PACK. */
static bool
is_component(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_alnum(s[i]) && !strchr("._-", s[i]))
			return false;
	return n > 0;
}

static bool
is_registry(const char *text)
{
	const char *slash = strchr(text, '/'), *version;
	size_t n;

	if (!slash || strchr(slash + 1, '/') || strchr(".~/", text[0]) ||
	    str_ends_with(text, ".json") || str_ends_with(text, ".jsonc"))
		return false;
	version = strchr(slash + 1, '@');
	n = version ? (size_t)(version - slash) - 1 : strlen(slash + 1);
	return is_component(text, (size_t)(slash - text)) && is_component(slash + 1, n) &&
	       (!version || is_component(version + 1, strlen(version + 1)));
}

int
profile_ref_classify(const char *text, enum profile_ref_kind *ret, struct err *e)
{
	if (is_registry(text)) {
		*ret = PROFILE_REF_REGISTRY;
		return 0;
	}
	if (strchr(text, '/') || str_ends_with(text, ".json") || str_ends_with(text, ".jsonc")) {
		*ret = PROFILE_REF_PATH;
		return 0;
	}
	if (!profile_name_is_valid(text))
		return err_set(e, -EINVAL,
			       "Profile parse error: Invalid profile name '%s': must be "
			       "alphanumeric with hyphens only; write ./%s for a file",
			       text, text);
	*ret = PROFILE_REF_NAME;
	return 0;
}

/* ---- places ---- */

int
profile_config_root(struct buf *b, char *const *environment, struct err *e)
{
	const char *value = environment_get(environment, "XDG_CONFIG_HOME");
	autobuf struct buf home = BUF_INIT, real = BUF_INIT;
	struct stat st;
	int r;

	if (value && value[0] == '/' && stat(value, &st) == 0) {
		if (path_absolute(&real, "/", value) < 0 ||
		    path_join(b, buf_str(&real), "nono") < 0)
			return err_memory(e);
		return 0;
	}
	if ((r = home_find(&home, environment, getuid(), e)) < 0)
		return r;
	if (path_canonical(&real, "/", buf_str(&home)) < 0 ||
	    path_join(b, buf_str(&real), ".config/nono") < 0)
		return err_memory(e);
	return 0;
}

int
locate_in(struct buf *b, const char *directory, const char *name)
{
	static const char *const endings[] = { ".jsonc", ".json" };

	for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
		autobuf struct buf path = BUF_INIT;
		struct stat st;

		if (path_join(&path, directory, name) < 0 || buf_adds(&path, endings[i]) < 0)
			return -ENOMEM;
		/* One that cannot be reached is found, and cannot be read then. */
		if (lstat(buf_str(&path), &st) == -1)
			continue;
		return buf_adds(b, buf_str(&path)) < 0 ? -ENOMEM : 1;
	}
	return 0;
}

int
profile_user_file(struct buf *b, const char *config_root, const char *name)
{
	autobuf struct buf directory = BUF_INIT;

	if (path_join(&directory, config_root, "profiles") < 0)
		return -ENOMEM;
	return locate_in(b, buf_str(&directory), name);
}

/* ---- who could have written it ---- */

static bool
is_ours(const struct stat *st)
{
	return st->st_uid == geteuid() || st->st_uid == 0;
}

/* A directory of `path`; `below`: status of its entry on the way. 0 with *ret NULL or the doubt; -ENOMEM. */
static int
directory_doubt(struct pool *pool, const char *directory, const struct stat *below,
		const char **ret)
{
	autobuf struct buf text = BUF_INIT;
	struct stat st;
	int r;

	*ret = NULL;
	if (stat(directory, &st) == -1)
		return 0;
	if (!is_ours(&st))
		r = buf_addf(&text, "its directory '%s' belongs to user %lu", directory,
			     (unsigned long)st.st_uid);
	else if (!(st.st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	/* In a sticky directory nobody else can rename what is the user's. */
	else if ((st.st_mode & S_ISVTX) && S_ISDIR(below->st_mode) && is_ours(below))
		return 0;
	else
		r = buf_addf(&text, "its directory '%s' can be written by others", directory);
	if (r == 0)
		*ret = pool_take(pool, &text);
	return *ret ? 0 : -ENOMEM;
}

static int
directories_doubt(struct pool *pool, const char *path, const char *root, const struct stat *file,
		  const char **ret)
{
	char directory[PATH_MAX];
	struct stat below = *file;

	*ret = "its path is too long";
	if ((size_t)snprintf(directory, sizeof(directory), "%s", path) >= sizeof(directory))
		return 0;
	*ret = NULL;
	for (;;) {
		char *slash = strrchr(directory, '/');
		int r;

		if (!slash || !directory[1])
			return 0;
		slash[slash == directory] = '\0';
		r = directory_doubt(pool, directory, &below, ret);
		if (r < 0 || *ret || (root && str_equal(directory, root)))
			return r;
		if (stat(directory, &below) == -1)
			return 0;
	}
}

static int
file_doubt(struct pool *pool, int fd, const char *path, const char *root, const struct stat *st,
	   const char **ret)
{
	autobuf struct buf text = BUF_INIT, real = BUF_INIT, absolute = BUF_INIT, top = BUF_INIT;
	char cwd[PATH_MAX];
	int r;

	if (!is_ours(st)) {
		*ret = NULL;
		r = buf_addf(&text, "it belongs to user %lu", (unsigned long)st->st_uid);
		if (r == 0)
			*ret = pool_take(pool, &text);
		return *ret ? 0 : -ENOMEM;
	}
	*ret = "it can be written by others";
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return 0;
	*ret = "its directories cannot be checked";
	if (!getcwd(cwd, sizeof(cwd)))
		return 0;
	r = path_absolute(&absolute, cwd, path);
	r = r < 0 ? r : path_of_fd(&real, fd);
	r = r < 0 || !root ? r : path_canonical(&top, "/", root);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	/* Through a symlink there are two ways to it, and either could be bent. */
	r = directories_doubt(pool, buf_str(&real), root ? buf_str(&top) : NULL, st, ret);
	if (r == 0 && !*ret && !str_equal(buf_str(&real), buf_str(&absolute)))
		r = directories_doubt(pool, buf_str(&absolute), root, st, ret);
	return r;
}

int
locate_read(struct buf *text, struct pool *pool, const char *path, const char *root, bool follow,
	    const char **ret_doubt)
{
	/* Not a pipe that waits for a writer, nor a terminal that becomes ours. */
	int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW);
	autofd int fd = open(path, flags);
	struct stat st;
	int r;

	if (fd == -1)
		return -errno;
	if (fstat(fd, &st) == -1)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	/* A pipe (process substitution) is read; it has no place that others could change. */
	*ret_doubt = NULL;
	if (S_ISREG(st.st_mode) && (r = file_doubt(pool, fd, path, root, &st, ret_doubt)) < 0)
		return r;
	if (fcntl(fd, F_SETFL, 0) == -1)
		return -errno;
	r = buf_read_fd(text, fd, JSON_BYTES_MAX);
	return r < 0 ? r : 0;
}

/* ---- suggestions ---- */

static void
suggest(const char **best, unsigned int *distance, struct pool *pool, const char *known, size_t n,
	const char *name)
{
	const char *copy = pool_add(pool, known, n);
	unsigned int d = copy ? str_distance(name, copy, SUGGEST_DISTANCE) : SUGGEST_DISTANCE + 1;

	if (d < *distance && d < strlen(name)) {
		*distance = d;
		*best = copy;
	}
}

const char *
locate_suggest(struct pool *pool, const char *config_root, const char *name)
{
	unsigned int distance = SUGGEST_DISTANCE + 1;
	autobuf struct buf path = BUF_INIT;
	const char *best = NULL;
	const struct dirent *entry;
	size_t listed = 0;
	DIR *dir;

	for (size_t i = 0; i < presets_count; i++)
		suggest(&best, &distance, pool, presets_table[i].name,
			strlen(presets_table[i].name), name);
	if (path_join(&path, config_root, "profiles") < 0 || !(dir = opendir(buf_str(&path))))
		return best;
	while ((entry = readdir(dir)) && listed++ < LISTED_MAX) {
		size_t n = strlen(entry->d_name);

		if (str_ends_with(entry->d_name, ".jsonc"))
			n -= strlen(".jsonc");
		else if (str_ends_with(entry->d_name, ".json"))
			n -= strlen(".json");
		else
			continue;
		suggest(&best, &distance, pool, entry->d_name, n, name);
	}
	(void)closedir(dir);
	return best;
}
