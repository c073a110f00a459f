/*
 * Directories of nono itself. The state (audit, snapshots, sessions) is never granted; the
 * configuration is never writable, because who writes it writes the policy of the next run (spec
 * 02 3.9, spec 03 7.7 and B8). The default places count even while XDG variables name others: the
 * next run may have another environment.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/hooks.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/internal.h"

/* "DIR/nono", canonical on demand, into *ret. */
static int
place(struct assembly *a, const char *dir, const char *below, bool canonical, const char **ret)
{
	autobuf struct buf path = BUF_INIT, real = BUF_INIT;
	int r;

	if ((r = path_join(&path, dir, below)) < 0)
		return r;
	r = canonical ? path_canonical(&real, "/", buf_str(&path))
		      : path_absolute(&real, "/", buf_str(&path));
	if (r < 0)
		return r;
	*ret = pool_take(&a->pool, &real);
	return *ret ? 0 : -ENOMEM;
}

/* The variable's value if it can be used; a warning, once, if it is set but cannot. */
static int
xdg_directory(struct assembly *a, const char *name, bool must_exist, const char *fallback,
	      const char **ret)
{
	const char *value = environment_get(a->host.environment, name);
	struct stat st;

	*ret = NULL;
	if (!value || !*value)
		return 0;
	if (value[0] == '/' && (!must_exist || stat(value, &st) == 0)) {
		*ret = value;
		return 0;
	}
	if (a->roots.found)
		return 0;
	return note_add(a, POLICY_NOTE_WARNING, "%s='%s' is not %s and is ignored; %s is used",
			name, value, value[0] == '/' ? "an existing directory" : "an absolute path",
			fallback);
}

int
roots_find(struct assembly *a, bool canonical, struct err *e)
{
	const char *home = canonical ? a->host.home : a->host.home_real;
	struct roots roots = { .found = true, .canonical = canonical };
	const char *state, *config;

	if (a->roots.found && (a->roots.canonical || !canonical))
		return 0;
	if (xdg_directory(a, "XDG_STATE_HOME", false, "~/.local/state", &state) < 0 ||
	    xdg_directory(a, "XDG_CONFIG_HOME", true, "~/.config", &config) < 0 ||
	    (state && place(a, state, "nono", canonical, &roots.state[0]) < 0) ||
	    place(a, home, ".local/state/nono", canonical, &roots.state[1]) < 0 ||
	    place(a, home, ".nono", canonical, &roots.state[2]) < 0 ||
	    (config && place(a, config, "nono", canonical, &roots.config[0]) < 0) ||
	    place(a, home, ".config/nono", canonical, &roots.config[1]) < 0)
		return err_memory(e);
	a->roots = roots;
	return 0;
}

const char *
roots_state(const struct assembly *a)
{
	return a->roots.state[0] ? a->roots.state[0] : a->roots.state[1];
}

static bool
overlaps(const char *path, bool directory, const char *root)
{
	return root && (path_is_beneath(path, root) || (directory && path_is_beneath(root, path)));
}

static bool
is_drafts(const char *path, const char *config)
{
	static const char drafts[] = "/profile-drafts";
	size_t n = strlen(config);

	return path_is_inside(path, config) && path_is_beneath(path + n, drafts);
}

static int
check(const struct assembly *a, const char *source, const char *shown, const char *path,
      unsigned int access, bool directory, struct err *e)
{
	const struct roots *roots = &a->roots;

	for (size_t i = 0; i < ARRAY_LEN(roots->state); i++)
		if (overlaps(path, directory, roots->state[i]))
			return err_set(e, -EACCES,
				       "Sandbox initialization failed: Refusing to grant '%s' "
				       "(source: %s) because it overlaps protected nono state root "
				       "'%s'. Grant the directories you need beside it.",
				       shown, source, roots->state[i]);
	for (size_t i = 0; (access & PLAN_WRITE) && i < ARRAY_LEN(roots->config); i++) {
		const char *config = roots->config[i];

		if (!overlaps(path, directory, config) || is_drafts(path, config))
			continue;
		return err_set(e, -EACCES,
			       "Sandbox initialization failed: Refusing to grant write access to "
			       "'%s' (source: %s) because it overlaps nono's configuration '%s'. "
			       "Use --read, or grant %s/profile-drafts.",
			       shown, source, config, config);
	}
	return 0;
}

/* For nearly every grant: where it comes from need not be written down. */
static bool
meets_none(const struct roots *roots, const struct grant *g)
{
	bool directory = grant_is_directory(g);

	for (size_t i = 0; i < ARRAY_LEN(roots->state); i++)
		if (overlaps(g->place, directory, roots->state[i]))
			return false;
	for (size_t i = 0; (g->access & PLAN_WRITE) && i < ARRAY_LEN(roots->config); i++)
		if (overlaps(g->place, directory, roots->config[i]))
			return false;
	return true;
}

int
roots_check_request(struct assembly *a, const char *path, const char *source, unsigned int access,
		    bool directory, struct err *e)
{
	autobuf struct buf canonical = BUF_INIT;
	int r = roots_find(a, true, e);

	if (r < 0)
		return r;
	if (path_canonical(&canonical, a->host.cwd, path) < 0)
		return err_memory(e);
	return hook_off(HOOK_PROTECTED_ROOTS)
		       ? 0
		       : check(a, source, path, buf_str(&canonical), access, directory, e);
}

int
roots_check(struct assembly *a, struct err *e)
{
	int r;

	if (hook_off(HOOK_PROTECTED_ROOTS))
		return 0;
	r = roots_find(a, grants_have_user(a), e);
	for (size_t i = 0; r == 0 && i < a->grants_count; i++) {
		const struct grant *g = &a->grants[i];
		char source[64] = "CLI";

		if (meets_none(&a->roots, g))
			continue;
		if (g->source == PLAN_SOURCE_GROUP)
			(void)snprintf(source, sizeof(source), "group:%.50s", g->source_name);
		else if (g->source != PLAN_SOURCE_USER || a->rq->manifest)
			(void)snprintf(source, sizeof(source), "%s",
				       g->source == PLAN_SOURCE_USER	 ? "user"
				       : g->source == PLAN_SOURCE_SYSTEM ? "system"
									 : "profile");
		r = check(a, source, g->original, g->place, g->access, grant_is_directory(g), e);
	}
	return r;
}

bool
roots_protect_file(const struct assembly *a, const char *path)
{
	return !hook_off(HOOK_PROTECTED_ROOTS) &&
	       check(a, "", path, path, PLAN_READ, false, NULL) < 0;
}
