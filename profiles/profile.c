/* A finished profile, looked at. Needs no library, so that the start path can link it. */
#include "profiles/profile.h"

#include "base/alloc.h"

const struct node *
profile_get(const struct profile *p, const char *dotted)
{
	return p ? node_at(p->tree, dotted) : NULL;
}

void
profile_free(struct profile *p)
{
	if (!p)
		return;
	pool_clear(&p->pool);
	mem_free(p);
}
