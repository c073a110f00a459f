/* One brain: the same questions to the same plan as everywhere. */
#include "learn/cover.h"

#include "base/path.h"
#include "base/str.h"

/* A session has a terminal of its own: these are never granted by path. */
static bool
is_terminal(const char *path)
{
	return str_equal(path, "/dev/tty") || str_equal(path, "/dev/ptmx") ||
	       path_is_beneath(path, "/dev/pts");
}

enum cover
cover_ask(const void *context, const char *path, unsigned int access, const char **ret_group)
{
	const struct cover_rules *c = context;
	struct plan_answer answer;

	if (is_terminal(path) || (*c->temp && path_is_beneath(path, c->temp)))
		return COVER_SYSTEM;
	answer = plan_query_path(c->plan, path, access);
	if (answer.reason == PLAN_REASON_SENSITIVE) {
		*ret_group = plan_string(c->plan, answer.deny->group);
		return COVER_SENSITIVE;
	}
	if (!answer.allowed)
		return COVER_NONE;
	return answer.grant && (answer.grant->source == PLAN_SOURCE_USER ||
				answer.grant->source == PLAN_SOURCE_PROFILE)
		       ? COVER_PROFILE
		       : COVER_SYSTEM;
}

static bool
overlaps(const char *path, const char *root)
{
	return root && (path_is_beneath(path, root) || path_is_beneath(root, path));
}

bool
cover_too_broad(const void *context, const char *dir, unsigned int access)
{
	const struct cover_rules *c = context;

	if (path_is_beneath(c->home, dir))
		return true;
	for (size_t i = 0; i < COVER_ROOTS_MAX; i++)
		if (overlaps(dir, c->state[i]) ||
		    ((access & PLAN_WRITE) && overlaps(dir, c->config[i])))
			return true;
	/* `nono run` refuses a grant with something protected in it. */
	for (size_t i = 0; i < plan_count(c->plan, PLAN_SEC_DENIES); i++) {
		const struct plan_deny *d = plan_deny_at(c->plan, i);

		if (path_is_inside(plan_string(c->plan, d->literal), dir) ||
		    path_is_inside(plan_string(c->plan, d->resolved), dir))
			return true;
	}
	return false;
}
