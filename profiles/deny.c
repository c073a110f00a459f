/*
 * Denied paths. Landlock only adds rights, so a deny has no kernel effect of its own: it holds
 * because nothing grants it, and this file refuses every grant that would (spec 02 section 5,
 * spec 03 7.4 to 7.6 and B7). One set of checks for every source of a grant.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hooks.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/internal.h"
#include "profiles/manifest.h"
#include "profiles/profile.h"

enum { CONFLICT_LINES_MAX = 5 };

/* `g` NULL: a profile's or a manifest's. */
static int
add_deny(struct assembly *a, const struct group *g, const char *literal, struct err *e)
{
	const struct policy_request *rq = a->rq;
	struct deny *d;
	const char *resolved = home_translated(a, literal);

	if (!resolved ||
	    mem_grow((void **)&a->denies, &a->denies_cap, a->denies_count, sizeof(*d)) < 0)
		return err_memory(e);
	d = &a->denies[a->denies_count++];
	*d = (struct deny){
		.literal = literal,
		.resolved = resolved,
		.group = g		? g->name
			 : rq->manifest ? rq->manifest->shown
					: rq->profile->name,
		.system_file = g ? g->system_file : NULL,
		.required = g && g->required,
		.extended = g && g->extended,
		.of_profile = !g,
		.in_home = path_is_inside(literal, a->host.home),
		.home_key = home_key(&a->host, literal),
	};
	return 0;
}

int
denies_add_configured(struct assembly *a, struct err *e)
{
	const struct closed_paths *closed = &a->rq->configured_paths;

	for (size_t i = 0; i < closed->count; i++) {
		autobuf struct buf expanded = BUF_INIT, normal = BUF_INIT, name = BUF_INIT;
		struct group list = { 0 };
		const char *literal;
		int r = expand_path(&expanded, closed->item[i].path, &a->host, EXPAND_STRICT, e);

		if (r < 0)
			return r;
		if (path_absolute(&normal, "/", buf_str(&expanded)) < 0 ||
		    !(literal = pool_take(&a->pool, &normal)) ||
		    buf_addf(&name, "user:%s", closed->item[i].list) < 0 ||
		    !(list.name = pool_take(&a->pool, &name)))
			return err_memory(e);
		if ((r = add_deny(a, &list, literal, e)) < 0)
			return r;
		a->denies[a->denies_count - 1].configured = true;
	}
	return 0;
}

int
deny_add_profile(struct assembly *a, const char *literal, struct err *e)
{
	return add_deny(a, NULL, literal, e);
}

int
denies_add_group(struct assembly *a, const struct group *g, struct err *e)
{
	for (size_t i = 0; i < g->deny_count; i++) {
		const char *literal;
		int r = expand_group_path(a, g->deny[i], &literal, e);

		/* $HISTFILE and the like: a place of its own only where the user has set one. */
		if (r == -ENXIO && g->extended)
			continue;
		if (r < 0)
			return r;
		if ((r = add_deny(a, g, literal, e)) < 0)
			return r;
	}
	return 0;
}

/* Nearly always the same string: then it is compared once. */
static bool
has_two_names(const struct deny *d)
{
	return d->resolved != d->literal;
}

static bool
deny_covers(const struct deny *d, const char *path)
{
	return path_is_beneath(path, d->literal) ||
	       (has_two_names(d) && path_is_beneath(path, d->resolved));
}

static bool
deny_is_beneath(const struct deny *d, const char *path)
{
	return path_is_beneath(d->literal, path) ||
	       (has_two_names(d) && path_is_beneath(d->resolved, path));
}

/* Strictly below a granted directory. */
static bool
deny_is_inside(const struct deny *d, const char *directory)
{
	return path_is_inside(d->literal, directory) ||
	       (has_two_names(d) && path_is_inside(d->resolved, directory));
}

/* A bypass of the granted path itself lifts a broader deny for this path only. */
bool
deny_is_lifted(const struct assembly *a, const struct deny *d, const char *path)
{
	for (size_t i = d->configured ? a->profile_bypasses : 0; i < a->bypassed_count; i++)
		if (path_is_beneath(path, a->bypassed[i]))
			return true;
	return false;
}

const struct deny *
denies_find(const struct assembly *a, const char *path)
{
	for (size_t i = 0; i < a->denies_count; i++)
		if (deny_covers(&a->denies[i], path) && !deny_is_lifted(a, &a->denies[i], path))
			return &a->denies[i];
	return NULL;
}

static bool
has_user_grant(const struct assembly *a, const char *path)
{
	for (size_t i = 0; i < a->grants_count; i++) {
		const struct grant *g = &a->grants[i];

		if (!grant_is_user(g))
			continue;
		if (str_equal(g->place, path) ||
		    (grant_is_directory(g) && path_is_beneath(path, g->place)))
			return true;
	}
	return false;
}

/* The policy of the system forbids it: what was denied stays denied. */
static int
refuse_bypass(struct assembly *a, const char *word, bool by_flag, struct err *e)
{
	const char *file = a->system->forbid_bypass;
	int r;

	if (!by_flag)
		r = note_add(a, POLICY_NOTE_WARNING,
			     "profile: bypass_protection '%s' has no effect: forbid_bypass of the "
			     "system's policy %s",
			     word, file);
	else if (a->rq->explain)
		r = note_add(a, POLICY_NOTE_WOULD_FAIL,
			     "--bypass-protection %s: the system's policy %s forbids to lift a "
			     "protection",
			     word, file);
	else
		return err_set(e, -EPERM,
			       "Configuration parse error: --bypass-protection %s: the system's "
			       "policy %s forbids to lift a protection (forbid_bypass); start "
			       "without this flag",
			       word, file);
	return r < 0 ? err_memory(e) : 0;
}

int
deny_bypass_path(struct assembly *a, const char *given, const char *word, struct err *e)
{
	autobuf struct buf absolute = BUF_INIT, canonical = BUF_INIT;
	const char *path;
	size_t kept = 0;
	bool by_flag;
	int r;

	if (a->system->forbid_bypass)
		return refuse_bypass(a, word, false, e);
	if ((r = denies_resolve(a, e)) < 0)
		return r;
	if (path_absolute(&absolute, a->host.cwd, given) < 0 ||
	    path_canonical(&canonical, a->host.cwd, given) < 0 ||
	    !(path = pool_take(&a->pool, &canonical)))
		return err_memory(e);
	if (!has_user_grant(a, path))
		return err_set(e, -EINVAL,
			       "Configuration parse error: bypass_protection '%s' has no matching "
			       "grant. Add a filesystem allow for it, for example --read %s",
			       word, word);
	if (mem_grow((void **)&a->bypassed, &a->bypassed_cap, a->bypassed_count,
		     sizeof(*a->bypassed)) < 0)
		return err_memory(e);
	a->bypassed[a->bypassed_count++] = path;
	by_flag = a->bypassed_count > a->profile_bypasses;
	for (size_t i = 0; i < a->denies_count; i++)
		if ((a->denies[i].configured && !by_flag) ||
		    (!deny_is_beneath(&a->denies[i], path) &&
		     !deny_is_beneath(&a->denies[i], buf_str(&absolute))))
			a->denies[kept++] = a->denies[i];
	a->denies_count = kept;
	r = note_add(a, POLICY_NOTE_INFO, "bypass_protection relaxing deny rule for '%s'", path);
	return r < 0 ? err_memory(e) : 0;
}

static int
bypass_word(struct assembly *a, const char *word, struct err *e)
{
	autobuf struct buf expanded = BUF_INIT;
	int r;

	if (!*word)
		return err_set_exit(e, EXIT_USAGE, -EINVAL,
				    "invalid value '' for --bypass-protection: a path is needed");
	if (a->system->forbid_bypass)
		return refuse_bypass(a, word, true, e);
	r = expand_path(&expanded, word, &a->host, EXPAND_STRICT, e);
	return r < 0 ? r : deny_bypass_path(a, buf_str(&expanded), word, e);
}

int
denies_bypass(struct assembly *a, struct err *e)
{
	const struct words *words = &a->rq->bypass;
	int r = a->rq->profile ? apply_bypasses(a, e) : 0;

	for (size_t i = 0; i < words->count && r == 0; i++)
		r = bypass_word(a, words->item[i], e);
	if (r < 0 || a->system->forbid_bypass || words->count + a->profile_bypasses == 0)
		return r;
	r = note_add(a, POLICY_NOTE_NOTICE, "bypass_protection: %zu path(s)",
		     words->count + a->profile_bypasses);
	return r < 0 ? err_memory(e) : 0;
}

/* ---- the checks ---- */

/* Lines of the error text, sorted and counted before it is written. */
struct conflicts {
	const char **line;
	size_t count, cap;
	size_t *outside; /* indexes of the denies that are not in the home */
	size_t outside_count;
};

static int
add_conflict(struct assembly *a, struct conflicts *c, const struct deny *d, const struct grant *g)
{
	autobuf struct buf line = BUF_INIT, source = BUF_INIT;
	autofree char *denied = NULL, *allowed = NULL;
	int r;

	/* Names are shown in a text of several lines: none may bring a line of its own. */
	denied = str_printable_dup(path_is_inside(d->literal, g->place) ? d->literal : d->resolved);
	allowed = str_printable_dup(g->place);
	if (!denied || !allowed)
		return -ENOMEM;
	if ((r = grant_source_text(&source, g)) < 0 ||
	    (r = buf_addf(&line, "- deny '%s' overlaps allowed parent '%s' (source: %s)", denied,
			  allowed, buf_str(&source))) < 0 ||
	    (r = mem_grow((void **)&c->line, &c->cap, c->count, sizeof(*c->line))) < 0)
		return r;
	c->line[c->count] = pool_take(&a->pool, &line);
	return c->line[c->count++] ? 0 : -ENOMEM;
}

static int
compare_lines(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int
refuse_overlap(const struct assembly *a, struct conflicts *c, struct err *e)
{
	autobuf struct buf text = BUF_INIT;
	size_t unique = 0;
	int r;

	qsort(c->line, c->count, sizeof(*c->line), compare_lines);
	for (size_t i = 0; i < c->count; i++)
		if (unique == 0 || !str_equal(c->line[unique - 1], c->line[i]))
			c->line[unique++] = c->line[i];
	r = buf_addf(&text,
		     "Sandbox initialization failed: Landlock deny-overlap is not enforceable on "
		     "Linux. Refusing to start with conflicting policy.\n"
		     "%zu deny rule(s) cannot apply under an allowed parent directory.\n"
		     "Conflicts:\n",
		     unique);
	for (size_t i = 0; r == 0 && i < unique && i < CONFLICT_LINES_MAX; i++)
		r = buf_addf(&text, "%s\n", c->line[i]);
	if (r == 0 && unique > CONFLICT_LINES_MAX)
		r = buf_addf(&text, "- ... and %zu more conflict(s)\n",
			     unique - CONFLICT_LINES_MAX);
	if (r == 0)
		r = buf_addf(
			&text,
			"Grant narrower directories beside the denied paths, cover these "
			"with --deny-overlap=auto, or %s.",
			a->system->forbid_bypass
				? "remove the grants: the system's policy forbids to give one up"
			: a->rq->manifest ? "write filesystem.deny without them"
					  : "give one up with --bypass-protection <path>");
	if (r < 0)
		return err_memory(e);
	return err_set(e, -EACCES, "%s", buf_str(&text));
}

/* Where no bypass is to be had, none is advised. */
static int
refuse_inside_system(const struct assembly *a, const struct grant *g, const struct deny *d,
		     struct err *e)
{
	const char *file = d->system_file ? d->system_file : a->system->forbid_bypass;

	if (a->system->forbid_bypass || a->rq->manifest)
		return err_set(e, -EACCES,
			       "Configuration parse error: '%s' is protected by policy group '%s': "
			       "the grant is inside protected path '%s', which the system's policy "
			       "%s keeps closed; remove the grant",
			       g->original, d->group, d->literal, file);
	return err_set(e, -EACCES,
		       "Configuration parse error: '%s' is protected by policy group '%s': the "
		       "grant is inside protected path '%s' of the system's policy %s; add "
		       "--bypass-protection %s",
		       g->original, d->group, d->literal, file, g->original);
}

static int
refuse_inside(const struct assembly *a, const struct grant *g, const struct deny *d, struct err *e)
{
	if (grant_is_user(g) && (d->system_file || a->system->forbid_bypass))
		return refuse_inside_system(a, g, d, e);
	if (a->rq->manifest)
		return err_set(e, -EACCES,
			       "Configuration parse error: the grant '%s' is inside protected path "
			       "'%s' (%s '%s'); %s",
			       g->original, d->literal,
			       d->configured   ? "config.toml, list"
			       : d->of_profile ? "filesystem.deny of manifest"
					       : "group",
			       d->group,
			       group_find(d->group) ? "remove the grant, or write filesystem.deny "
						      "without that path"
						    : "remove one of the two");
	if (grant_is_user(g) && d->of_profile)
		return err_set(e, -EACCES,
			       "Configuration parse error: the grant '%s' is inside protected path "
			       "'%s' (filesystem.deny of profile '%s'); add --bypass-protection %s",
			       g->original, d->literal, d->group, g->original);
	if (grant_is_user(g))
		return err_set(e, -EACCES,
			       "Configuration parse error: '%s' is protected by policy group '%s': "
			       "the grant is inside protected path '%s' (group:%s); add "
			       "--bypass-protection %s",
			       g->original, d->group, d->literal, d->group, g->original);
	return err_set(e, -EACCES,
		       "Configuration parse error: '%s' (group:%s) is inside protected path '%s' "
		       "(group:%s); point HOME, TMPDIR and the XDG variables elsewhere",
		       g->original, g->source_name, d->literal, d->group);
}

/* For `nono why`: without the grant, the deny answers. */
static int
explain_inside(struct assembly *a, const struct grant *g, const struct deny *d, struct err *e)
{
	struct err reason = ERR_INIT;

	(void)refuse_inside(a, g, d, &reason);
	return note_add(a, POLICY_NOTE_WOULD_FAIL, "%s", reason.text) < 0 ? err_memory(e) : 0;
}

/* The extended groups are advice (spec 03 B15): a setup that worked must go on working. */
static int
skip_extended(struct assembly *a, const struct grant *g, const struct deny *d)
{
	return note_add(a, POLICY_NOTE_WARNING,
			"'%s' opens '%s', which group %s keeps closed by default", g->place,
			d->literal, d->group);
}

/* A profile's wish meets a deny of whatever source: the deny holds, and the user is told. */
static int
drop_profile_grant(struct assembly *a, const struct grant *g, const struct deny *d)
{
	const char *of = d->of_profile ? "filesystem.deny of " : "group ";
	const char *name = d->of_profile ? "the profile" : d->group;

	a->covered_stale = true;
	if (a->system->forbid_bypass)
		return note_add(a, POLICY_NOTE_WARNING,
				"profile '%s': the grant '%s' is dropped, because %s%s keeps '%s' "
				"closed, and the system's policy %s forbids to lift that",
				g->source_name, g->original, of, name, d->literal,
				a->system->forbid_bypass);
	return note_add(a, POLICY_NOTE_WARNING,
			"profile '%s': the grant '%s' is dropped, because %s%s keeps '%s' closed; "
			"%s would open it",
			g->source_name, g->original, of, name, d->literal,
			d->configured ? "--bypass-protection" : "bypass_protection");
}

enum verdict { VERDICT_KEEP, VERDICT_DROP_GRANT, VERDICT_DROP_DENY, VERDICT_MASK };

/* Below it the grant opens everything, or NULL. /proc/self is another directory in every process. */
static const char *
reach_of(const struct grant *g)
{
	if (g->alias == PLAN_ALIAS_PROC)
		return "/proc";
	return g->alias == PLAN_ALIAS_NONE && grant_is_directory(g) ? g->place : NULL;
}

/* Is what the name means the same for everybody? Else covering it covers it for nobody. */
static bool
is_one_object(const struct deny *d)
{
	return !path_is_beneath(d->literal, "/proc/self") &&
	       !path_is_beneath(d->literal, "/proc/thread-self");
}

static int
check_pair(struct assembly *a, const struct grant *g, const struct deny *d, struct conflicts *c,
	   enum verdict *ret, struct err *e)
{
	bool inside = deny_covers(d, g->place) && !deny_is_lifted(a, d, g->place);
	const char *reach = reach_of(g);
	bool above = !inside && reach && deny_is_inside(d, reach);
	int r;

	*ret = VERDICT_KEEP;
	if (!inside && !above)
		return 0;
	/* A link inside that leads out of the grant leads to nothing that is granted by it. */
	if (above && masks_wanted(a) && is_one_object(d)) {
		*ret = path_is_inside(d->resolved, reach) ? VERDICT_MASK : VERDICT_KEEP;
		return 0;
	}
	if (d->extended) {
		*ret = VERDICT_DROP_DENY;
		r = skip_extended(a, g, d);
		return r < 0 ? err_memory(e) : 0;
	}
	if (above) {
		r = add_conflict(a, c, d, g);
		return r < 0 ? err_memory(e) : 0;
	}
	if (g->source == PLAN_SOURCE_PROFILE) {
		*ret = VERDICT_DROP_GRANT;
		r = drop_profile_grant(a, g, d);
		return r < 0 ? err_memory(e) : 0;
	}
	if (!grant_is_user(g) &&
	    (str_equal(g->place, d->resolved) || str_equal(g->place, d->literal))) {
		*ret = VERDICT_DROP_GRANT;
		return 0;
	}
	if (a->rq->explain) {
		*ret = VERDICT_DROP_GRANT;
		return explain_inside(a, g, d, e);
	}
	return refuse_inside(a, g, d, e);
}

/* Most grants are far from the home, most denies in it, under a name of their own. */
static bool
are_far(const struct grant *g, const struct deny *d)
{
	if (!d->in_home)
		return false;
	return !g->near_home || (g->home_key && d->home_key && g->home_key != d->home_key);
}

/* One grant against all entries that it may meet: 1 when it stays, 0 when it is dropped. */
static int
check_grant(struct assembly *a, const struct grant *g, struct conflicts *c, struct err *e)
{
	size_t n = g->near_home ? a->denies_count : c->outside_count;
	int stays = 1;

	for (size_t i = 0; i < n; i++) {
		struct deny *d = &a->denies[g->near_home ? i : c->outside[i]];
		enum verdict verdict = VERDICT_KEEP;
		int r;

		if (!d->dropped && !are_far(g, d) && (r = check_pair(a, g, d, c, &verdict, e)) < 0)
			return r;
		if (verdict == VERDICT_DROP_GRANT)
			stays = 0;
		d->dropped |= verdict == VERDICT_DROP_DENY;
		d->mask |= verdict == VERDICT_MASK;
	}
	return stays;
}

static int
find_outside(const struct assembly *a, struct conflicts *c)
{
	c->outside = mem_calloc(a->denies_count, sizeof(*c->outside));
	if (!c->outside)
		return -ENOMEM;
	for (size_t i = 0; i < a->denies_count; i++)
		if (!a->denies[i].in_home)
			c->outside[c->outside_count++] = i;
	return 0;
}

static void
remove_dropped(struct assembly *a)
{
	size_t kept = 0;

	for (size_t i = 0; i < a->denies_count; i++)
		if (!a->denies[i].dropped)
			a->denies[kept++] = a->denies[i];
	a->denies_count = kept;
}

static int
check_all(struct assembly *a, struct conflicts *c, struct err *e)
{
	size_t kept = 0;
	int r;

	if (find_outside(a, c) < 0)
		return err_memory(e);
	for (size_t i = 0; i < a->grants_count; i++) {
		r = check_grant(a, &a->grants[i], c, e);
		if (r < 0)
			return r;
		if (r == 0)
			a->covered_stale = true;
		else
			a->grants[kept++] = a->grants[i];
	}
	a->grants_count = kept;
	remove_dropped(a);
	if (c->count == 0)
		return 0;
	r = refuse_overlap(a, c, e);
	if (!a->rq->explain || r == -ENOMEM)
		return r;
	r = note_add(a, POLICY_NOTE_WOULD_FAIL, "%s", e->text);
	*e = (struct err)ERR_INIT;
	return r < 0 ? err_memory(e) : 0;
}

int
denies_check(struct assembly *a, struct err *e)
{
	struct conflicts c = { NULL, 0, 0, NULL, 0 };
	int r;

	if (hook_off(HOOK_DENY_OVERLAP))
		return 0;
	if (grants_have_user(a) && (r = denies_resolve(a, e)) < 0)
		return r;
	r = check_all(a, &c, e);
	mem_free(c.outside);
	mem_free(c.line);
	return r;
}
