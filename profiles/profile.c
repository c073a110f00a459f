/* A finished profile, looked at. Needs no library, so that the start path can link it. */
#include "profiles/profile.h"

#include "base/alloc.h"
#include "base/str.h"
#include "profiles/user_groups.h"

const struct node *
profile_get(const struct profile *p, const char *dotted)
{
	return p ? node_at(p->tree, dotted) : NULL;
}

bool
profile_builds_on(const struct profile *p, const char *preset)
{
	for (size_t i = 0; i < p->sources_count; i++)
		if (p->sources[i]->kind == PROFILE_FROM_PRESET &&
		    str_equal(p->sources[i]->path, preset))
			return true;
	return false;
}

const struct group *
profile_find_group(const struct profile *p, const char *name)
{
	const struct group *g = group_find(name);

	return g ? g : user_groups_find(&p->user_groups, name);
}

void
profile_free(struct profile *p)
{
	if (!p)
		return;
	pool_clear(&p->pool);
	mem_free(p);
}
