/*
 * One grant per object (spec 02 2.4). Landlock unites all rules on one inode, so two names of an
 * object with different access would otherwise widen each other without a word.
 */
#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "profiles/internal.h"

enum { CHAINS = 256 };

/*
 * Group entries were not looked at: of unknown kind, they are whatever the other one is, and a
 * second name of the same directory is not noticed. That cannot change what is granted: the default
 * groups hold no read+write entry, and in all other cases the survivor has the united access that
 * the kernel gives two rules as well.
 */
static bool
same_object(const struct grant *a, const struct grant *b)
{
	return a->place_hash == b->place_hash && a->alias == b->alias &&
	       (a->kind == b->kind || a->kind == PLAN_KIND_ANY || b->kind == PLAN_KIND_ANY) &&
	       str_equal(a->place, b->place);
}

static bool
keeps_typed_name(const struct grant *survivor, const struct grant *dropped)
{
	return str_equal(survivor->original, survivor->resolved) &&
	       !str_equal(dropped->original, dropped->resolved) && dropped->resolved[0] &&
	       dropped->alias == PLAN_ALIAS_NONE;
}

/* `kept` becomes the survivor of the two; true when the access of both must be united. */
static bool
merge(struct grant *kept, const struct grant *new)
{
	const unsigned int both = PLAN_READ | PLAN_WRITE;
	bool unite = (kept->access ^ new->access) == both;
	struct grant dropped = *new;
	bool replace;

	if (grant_is_user(new) != grant_is_user(kept))
		replace = grant_is_user(new);
	else
		replace = new->access == both && kept->access != both;
	if (replace) {
		dropped = *kept;
		*kept = *new;
	}
	kept->flags |= dropped.flags & PLAN_GRANT_CREATED;
	if (keeps_typed_name(kept, &dropped))
		kept->original = dropped.original;
	return unite;
}

/* Is a grant other than itself above it, with at least its access and a rule of its own? */
static bool
is_covered(const struct assembly *a, const struct grant *g)
{
	for (size_t i = 0; i < a->grants_count; i++) {
		const struct grant *above = &a->grants[i];

		if (!(above->flags & PLAN_GRANT_COVERED) && above->alias == PLAN_ALIAS_NONE &&
		    grant_is_directory(above) && (above->access & g->access) == g->access &&
		    path_is_inside(g->place, above->place))
			return true;
	}
	return false;
}

/*
 * The table of groups marks entries that an earlier entry covers; a merge may have narrowed or
 * widened either, and a rule left out wrongly would refuse what was granted.
 */
static void
check_covered(struct assembly *a)
{
	for (size_t i = 0; i < a->grants_count; i++) {
		struct grant *g = &a->grants[i];

		if ((g->flags & PLAN_GRANT_COVERED) && !is_covered(a, g))
			g->flags &= (uint8_t)~PLAN_GRANT_COVERED;
	}
	a->covered_stale = false;
}

/*
 * The first kept grant of the same object, or `kept`. Kept grants of one hash are a chain, newest first: a
 * start has some hundred and fifty, and comparing all pairs took a fourteenth of it.
 */
static size_t
find_kept(const struct assembly *a, const uint32_t *chains, const struct grant *new, size_t kept)
{
	size_t found = kept;

	for (size_t j = chains[new->place_hash % CHAINS]; j > 0; j = a->grants[j - 1].chain)
		if (same_object(&a->grants[j - 1], new))
			found = j - 1;
	return found;
}

void
grants_dedupe(struct assembly *a)
{
	uint32_t chains[CHAINS] = { 0 }; /* 1 + index; 0 ends a chain */
	size_t kept = 0;

	/* Upgrades wait for the end of the walk: they must not decide later collisions. */
	for (size_t i = 0; i < a->grants_count; i++)
		a->grants[i].upgrade = false;
	for (size_t i = 0; i < a->grants_count; i++) {
		struct grant new = a->grants[i];
		size_t j = find_kept(a, chains, &new, kept);

		if (j < kept) {
			bool upgrade = a->grants[j].upgrade;
			uint32_t chain = a->grants[j].chain;

			a->covered_stale |= a->grants[j].access != new.access ||
					    grant_is_user(&new);
			upgrade |= merge(&a->grants[j], &new);
			a->grants[j].upgrade = upgrade;
			a->grants[j].chain = chain;
		} else {
			new.chain = chains[new.place_hash % CHAINS];
			a->grants[kept++] = new;
			chains[new.place_hash % CHAINS] = (uint32_t)kept;
		}
	}
	a->grants_count = kept;
	for (size_t i = 0; i < kept; i++)
		if (a->grants[i].upgrade)
			a->grants[i].access = PLAN_READ | PLAN_WRITE;
	if (a->covered_stale)
		check_covered(a);
}
