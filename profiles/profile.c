/* A finished profile, looked at. Needs no library, so that the start path can link it. */
#include "profiles/profile.h"

#include "base/alloc.h"
#include "profiles/user_groups.h"

const struct node *
profile_get(const struct profile *p, const char *dotted)
{
	return p ? node_at(p->tree, dotted) : NULL;
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
