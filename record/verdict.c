/*
 * What the end of a session is put down to: refusals that the broker saw, which are facts, and
 * what the output makes likely, which is a guess. A path that the grants cover is never called
 * refused, whatever the program printed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "record/internal.h"

/* ---- what the broker saw ---- */

static int
compare_paths(const void *a, const void *b)
{
	const struct denied_path *x = a, *y = b;

	return strcmp(x->path, y->path);
}

/* Repeated refusals of a path become one: access adds up, the stricter reason stays. */
static void
merge_paths(struct verdict *v)
{
	size_t kept = 0;

	qsort(v->paths, v->paths_count, sizeof(*v->paths), compare_paths);
	for (size_t i = 0; i < v->paths_count; i++) {
		struct denied_path *last = kept ? &v->paths[kept - 1] : NULL;

		if (!last || strcmp(last->path, v->paths[i].path) != 0) {
			v->paths[kept++] = v->paths[i];
			continue;
		}
		last->access |= v->paths[i].access;
		if (v->paths[i].reason > last->reason)
			last->reason = v->paths[i].reason;
	}
	v->paths_count = kept;
}

static int
take_records(struct verdict *v, const struct session *s)
{
	size_t n = s->facts.denials;

	if (n == 0)
		return 0;
	v->paths = mem_calloc(n, sizeof(*v->paths));
	v->sockets = mem_calloc(n, sizeof(*v->sockets));
	if (!v->paths || !v->sockets)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct record_denial *d = &s->denials[i];

		if (d->operation == RECORD_OPEN)
			v->paths[v->paths_count++] = (struct denied_path){
				.path = d->target,
				.access = d->access,
				.reason = (enum record_reason)d->reason,
				.deny = plan_query_path(&s->plan, d->target, d->access).deny,
			};
		else
			v->sockets[v->sockets_count++] = d;
	}
	if (v->paths_count > 0)
		merge_paths(v);
	return 0;
}

/* ---- what the output makes likely ---- */

/*
 * A bare word counts when the line is about a write, or when there is such a file. A name with a
 * replacement character for a byte that was no UTF-8 is not the name, unless there is such a file.
 */
static bool
is_plausible(const struct finding *f, const struct text_path *path, const struct place *place)
{
	static const char replacement[] = "\xef\xbf\xbd";

	if (place->exists)
		return true;
	return (!path->weak || f->access == PLAN_WRITE) &&
	       !strstr(buf_str(&place->path), replacement);
}

/* The place that a printed name means: as it stands, or else with its escapes undone. */
static int
find_place(struct place *ret, const struct plan *p, const struct text_path *path,
	   unsigned int access)
{
	autofree char *printed = mem_memdup0(path->text.p, path->text.n);
	autobuf struct buf plain = BUF_INIT;
	int r;

	if (!printed)
		return -ENOMEM;
	if ((r = place_find(ret, p, printed, access)) < 0 || ret->exists)
		return r;
	r = text_unescape(&plain, path->text);
	if (r == 0 && plain.n > 0 && !str_equal(buf_str(&plain), printed)) {
		place_clear(ret);
		return place_find(ret, p, buf_str(&plain), access);
	}
	if (r < 0)
		place_clear(ret);
	return r;
}

/*
 * Look at the paths of a finding. `fits` says which place makes it the cause; 1 with *ret_place,
 * 0, or -ENOMEM.
 */
static int
try_finding(struct place *ret, const struct plan *p, const struct finding *f,
	    bool (*fits)(const struct place *))
{
	for (size_t i = 0; i < f->paths; i++) {
		int r = find_place(ret, p, &f->path[i], f->access);

		if (r < 0)
			return r;
		if (is_plausible(f, &f->path[i], ret) && fits(ret))
			return 1;
		place_clear(ret);
	}
	return 0;
}

static bool
is_refused(const struct place *place)
{
	return place->missing != 0;
}

int
verdict_refused_place(struct place *ret, const struct plan *p, const struct finding *f)
{
	return try_finding(ret, p, f, is_refused);
}

static bool
is_absent(const struct place *place)
{
	return !place->exists;
}

static bool
is_closed(const struct place *place)
{
	return place->closed != 0;
}

/* It is there or granted, and was found not to be refused: the sandbox is not the cause. */
static bool
is_known(const struct place *place)
{
	return place->exists || place->granted != 0;
}

static int
fits_cause(struct verdict *v, const struct session *s, const struct finding *f, enum cause cause)
{
	struct place place = PLACE_INIT;
	int r;

	switch (cause) {
	case CAUSE_DENIAL:
		return try_finding(&v->place, &s->plan, f, is_refused);
	case CAUSE_MISSING:
		return try_finding(&v->place, &s->plan, f, is_absent);
	case CAUSE_PERMISSIONS:
		return try_finding(&v->place, &s->plan, f, is_closed);
	case CAUSE_NETWORK:
		return s->plan.settings->net != PLAN_NET_ALLOWED;
	case CAUSE_UNCLEAR:
		r = try_finding(&place, &s->plan, f, is_known);
		place_clear(&place);
		return r < 0 ? r : !r;
	case CAUSE_FAILURE:
	case CAUSE_NONE:
		break;
	}
	return 1;
}

/* The first finding of this kind that is such a cause: 1, 0, or -ENOMEM. */
static int
try_cause(struct verdict *v, const struct session *s, const struct scan *found,
	  enum finding_kind kind, enum cause cause)
{
	for (size_t i = 0; i < found->count; i++) {
		const struct finding *f = &found->item[i];
		int r = f->kind == kind ? fits_cause(v, s, f, cause) : 0;

		if (r == 0)
			continue;
		v->line = f->line;
		return r;
	}
	return 0;
}

static int
guess(struct verdict *v, const struct session *s)
{
	/* A missing path or a complaint of the program's own explains a failure before a refusal. */
	static const struct {
		enum finding_kind kind;
		enum cause cause;
		bool explains_success;
	} order[] = {
		{ FINDING_MISSING, CAUSE_MISSING, false },
		{ FINDING_FAILURE, CAUSE_FAILURE, false },
		{ FINDING_DENIAL, CAUSE_DENIAL, true },
		{ FINDING_NETWORK, CAUSE_NETWORK, true },
		{ FINDING_DENIAL, CAUSE_PERMISSIONS, false },
		{ FINDING_DENIAL, CAUSE_UNCLEAR, false },
	};
	struct scan *found = mem_calloc(1, sizeof(*found));
	int r = 0;

	if (!found)
		return -ENOMEM;
	scan_text(found, s->output);
	for (size_t i = 0; i < ARRAY_LEN(order) && r == 0; i++) {
		if (s->facts.exit_code == 0 && !order[i].explains_success)
			continue;
		r = try_cause(v, s, found, order[i].kind, order[i].cause);
		if (r == 1)
			v->cause = order[i].cause;
	}
	mem_free(found);
	return r < 0 ? r : 0;
}

int
verdict_find(struct verdict *ret, const struct session *s)
{
	int r;

	*ret = (struct verdict){ .place = PLACE_INIT };
	r = take_records(ret, s);
	if (r == 0 && s->output.n > 0)
		r = guess(ret, s);
	if (r < 0)
		verdict_clear(ret);
	return r;
}

void
verdict_clear(struct verdict *v)
{
	mem_free(v->paths);
	mem_free(v->sockets);
	place_clear(&v->place);
	*v = (struct verdict){ .place = PLACE_INIT };
}
