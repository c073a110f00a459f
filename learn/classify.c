/*
 * One entry of the table wants up to two things: access to the object that was there before
 * (granted as that object), and access to the directory in which a name came or went. What the
 * command made itself is another object next time, so that it counts as its directory too.
 */
#include "learn/classify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/format.h"

struct work {
	const struct paths *paths;
	const struct classify_rules *rules;
	struct classification *c;
	bool system, profile; /* something of the current entry is covered */
};

static void
findings_clear(struct findings *f)
{
	for (size_t i = 0; i < f->count; i++)
		mem_free(f->item[i].own);
	mem_free(f->item);
	*f = (struct findings){ 0 };
}

void
classification_clear(struct classification *c)
{
	findings_clear(&c->wanted);
	findings_clear(&c->sensitive);
	findings_clear(&c->broad);
	findings_clear(&c->covered);
	findings_clear(&c->looked);
	findings_clear(&c->absent);
}

/* `n` bytes of the path; a copy is made when they are not all of it. */
static int
findings_add(struct findings *f, const char *path, size_t n, unsigned int access, bool directory,
	     const char *group)
{
	struct finding new = {
		.path = path, .group = group, .access = (uint8_t)access, .directory = directory
	};
	int r = mem_grow((void **)&f->item, &f->capacity, f->count, sizeof(*f->item));

	if (r < 0)
		return r;
	if (path[n] != '\0') {
		new.path = new.own = mem_memdup0(path, n);
		if (!new.own)
			return -ENOMEM;
	}
	f->item[f->count++] = new;
	return 0;
}

static size_t
parent_length(const char *path, size_t n)
{
	while (n > 0 && path[n - 1] != '/')
		n--;
	return n > 1 ? n - 1 : 1;
}

/* The topmost of the path and the directories above it that the command made; 0: none. */
static size_t
made_length(const struct paths *paths, const char *path, size_t n)
{
	size_t top = 0;

	for (; n > 1; n = parent_length(path, n))
		if (paths_flags(paths, path, n) & PATH_MADE)
			top = n;
	return top;
}

/* What of `access` is missing at a path; sensitive parts go to *ret_group. */
static unsigned int
missing_access(struct work *w, const char *path, unsigned int access, const char **ret_group)
{
	unsigned int missing = 0;

	for (unsigned int bit = PLAN_READ; bit <= PLAN_WRITE; bit <<= 1) {
		if (!(access & bit))
			continue;
		switch (w->rules->ask(w->rules->context, path, bit, ret_group)) {
		case COVER_SYSTEM:
			w->system = true;
			break;
		case COVER_PROFILE:
			w->profile = true;
			break;
		default:
			missing |= bit;
			break;
		}
	}
	return missing;
}

/* Access to the object itself. */
static int
want_object(struct work *w, const struct path_seen *p, unsigned int access)
{
	bool directory = p->flags & PATH_DIRECTORY;
	const char *group = NULL;
	struct findings *to = &w->c->wanted;

	access = missing_access(w, p->path, access, &group);
	if (access == 0)
		return 0;
	if (group)
		to = &w->c->sensitive;
	else if (directory && w->rules->too_broad(w->rules->context, p->path, access))
		to = &w->c->broad;
	return findings_add(to, p->path, strlen(p->path), access, directory, group);
}

/*
 * Access by way of the directory above `n` bytes of the path: what is there was made, or its name
 * came or went.
 */
static int
want_parent(struct work *w, const struct path_seen *p, size_t n, unsigned int access)
{
	const struct classify_rules *rules = w->rules;
	size_t dir_n = parent_length(p->path, n);
	autofree char *dir = mem_memdup0(p->path, dir_n);
	autofree char *base = mem_memdup0(p->path, n);
	const char *group = NULL;
	uint32_t flags;

	if (!dir || !base)
		return -ENOMEM;
	/* A name can be protected in a directory that is not. */
	(void)missing_access(w, p->path, access, &group);
	if (!group)
		access = missing_access(w, dir, access, &group);
	if (access == 0)
		return 0;
	if (group)
		return findings_add(&w->c->sensitive, p->path, strlen(p->path), access,
				    p->flags & PATH_DIRECTORY, group);
	if (!rules->too_broad(rules->context, dir, access))
		return findings_add(&w->c->wanted, p->path, dir_n, access, true, NULL);
	/* What was made and stays can be granted by itself: it will be there next time. */
	flags = paths_flags(w->paths, base, n);
	if ((flags & PATH_KEPT) && (!(flags & PATH_MOVED) || (flags & PATH_DIRECTORY)) &&
	    !((flags & PATH_DIRECTORY) && rules->too_broad(rules->context, base, access)))
		return findings_add(&w->c->wanted, p->path, n, access, flags & PATH_DIRECTORY,
				    NULL);
	return findings_add(&w->c->broad, p->path, n, access, flags & PATH_DIRECTORY, NULL);
}

static unsigned int
access_of(uint32_t flags, uint32_t read, uint32_t write)
{
	return (flags & read ? (unsigned int)PLAN_READ : 0) |
	       (flags & write ? (unsigned int)PLAN_WRITE : 0);
}

static int
keep_unneeded(struct work *w, const struct path_seen *p, unsigned int access)
{
	struct findings *to;

	if (!w->rules->all)
		return 0;
	if (access != 0)
		to = &w->c->covered;
	else if (p->flags & PATH_LOOKED)
		to = &w->c->looked;
	else
		to = &w->c->absent;
	return findings_add(to, p->path, strlen(p->path), access, p->flags & PATH_DIRECTORY, NULL);
}

static int
classify_one(struct work *w, const struct path_seen *p)
{
	unsigned int object = access_of(p->flags, PATH_READ, PATH_WRITE);
	unsigned int parent = access_of(p->flags, PATH_MADE_READ, PATH_MADE_WRITE | PATH_NAME);
	unsigned int denied = access_of(p->flags, PATH_DENIED_READ, PATH_DENIED_WRITE);
	unsigned int all = object | parent;
	size_t n = strlen(p->path), top = made_length(w->paths, p->path, n);
	int r = 0;

	w->system = w->profile = false;
	if (w->rules->denied_only) {
		w->profile = all & ~denied;
		object &= denied;
		parent &= denied;
	}
	if (top != 0 && top != n) {
		/* Below a directory that the command made. */
		parent |= object;
		object = 0;
	} else {
		top = n;
	}
	if (object)
		r = want_object(w, p, object);
	if (parent && r == 0)
		r = want_parent(w, p, top, parent);
	if (r < 0)
		return r;
	w->c->by_profile += w->profile;
	w->c->by_system += w->system && !w->profile;
	if (all == 0 || w->system || w->profile)
		r = keep_unneeded(w, p, all);
	return r;
}

/* ---- one entry per path, and none below one that gives as much ---- */

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct finding *)a)->path, ((const struct finding *)b)->path);
}

static void
merge_equal(struct findings *f)
{
	size_t n = 0;

	if (f->count == 0)
		return;
	qsort(f->item, f->count, sizeof(*f->item), compare);
	for (size_t i = 1; i < f->count; i++) {
		struct finding *kept = &f->item[n], *p = &f->item[i];

		if (str_equal(kept->path, p->path)) {
			kept->access |= p->access;
			kept->directory |= p->directory;
			mem_free(p->own);
		} else {
			f->item[++n] = *p;
		}
	}
	f->count = n + 1;
}

/* The access that directories above give. */
static unsigned int
access_above(const struct findings *f, const char *path)
{
	unsigned int access = 0;
	char dir[PLAN_PATH_MAX + 1];
	size_t n = strlen(path);

	if (n >= sizeof(dir))
		return 0;
	memcpy(dir, path, n + 1);
	while (n > 1) {
		struct finding key = { .path = dir };
		const struct finding *above;

		n = parent_length(dir, n);
		dir[n] = '\0';
		above = bsearch(&key, f->item, f->count, sizeof(*f->item), compare);
		if (above && above->directory)
			access |= above->access;
	}
	return access;
}

static int
drop_included(struct findings *f)
{
	bool *drop = mem_calloc(f->count + 1, sizeof(*drop));
	size_t n = 0;

	if (!drop)
		return -ENOMEM;
	/* First all are judged: the list must stay searchable meanwhile. */
	for (size_t i = 0; i < f->count; i++)
		drop[i] = (f->item[i].access & ~access_above(f, f->item[i].path)) == 0;
	for (size_t i = 0; i < f->count; i++) {
		if (drop[i])
			mem_free(f->item[i].own);
		else
			f->item[n++] = f->item[i];
	}
	f->count = n;
	mem_free(drop);
	return 0;
}

/* ---- files of one directory to the directory ---- */

static int
compare_siblings(const void *a, const void *b)
{
	const struct finding *x = *(const struct finding *const *)a;
	const struct finding *y = *(const struct finding *const *)b;
	size_t xn = parent_length(x->path, strlen(x->path));
	size_t yn = parent_length(y->path, strlen(y->path));
	int r = memcmp(x->path, y->path, xn < yn ? xn : yn);

	if (r == 0 && xn != yn)
		r = xn < yn ? -1 : 1;
	return r != 0 ? r : x->access - y->access;
}

static bool
may_collapse(const struct work *w, const char *dir, unsigned int access)
{
	return !str_equal(dir, "/etc") && !str_equal(dir, "/var") &&
	       !w->rules->too_broad(w->rules->context, dir, access);
}

/* Does a finding of the run of siblings become its directory? */
static int
collapse_run(struct work *w, struct finding **run, size_t count)
{
	size_t n = parent_length(run[0]->path, strlen(run[0]->path));
	autofree char *dir = NULL;

	if (count < w->rules->collapse)
		return 0;
	dir = mem_memdup0(run[0]->path, n);
	if (!dir)
		return -ENOMEM;
	if (!may_collapse(w, dir, run[0]->access))
		return 0;
	for (size_t i = 0; i < count; i++) {
		mem_free(run[i]->own);
		run[i]->path = run[i]->own = mem_strdup(dir);
		if (!run[i]->own)
			return -ENOMEM;
		run[i]->directory = true;
	}
	return 0;
}

static int
collapse(struct work *w)
{
	struct findings *f = &w->c->wanted;
	struct finding **files = mem_calloc(f->count + 1, sizeof(*files));
	size_t count = 0, end;
	int r = 0;

	if (!files)
		return -ENOMEM;
	for (size_t i = 0; i < f->count; i++)
		if (!f->item[i].directory)
			files[count++] = &f->item[i];
	if (count > 0)
		qsort(files, count, sizeof(*files), compare_siblings);
	for (size_t i = 0; i < count && r == 0; i = end) {
		for (end = i + 1; end < count && compare_siblings(&files[i], &files[end]) == 0;)
			end++;
		r = collapse_run(w, files + i, end - i);
	}
	mem_free(files);
	return r;
}

int
classify(struct classification *ret, const struct paths *paths, const struct classify_rules *rules)
{
	struct work w = { .paths = paths, .rules = rules, .c = ret };
	int r = 0;

	*ret = (struct classification){ 0 };
	for (size_t i = 0; i < paths->count && r == 0; i++)
		r = classify_one(&w, &paths->item[i]);
	if (r < 0)
		return r;
	merge_equal(&ret->wanted);
	merge_equal(&ret->sensitive);
	merge_equal(&ret->broad);
	if ((r = drop_included(&ret->wanted)) < 0 || rules->collapse == 0)
		return r;
	if ((r = collapse(&w)) < 0)
		return r;
	merge_equal(&ret->wanted);
	return drop_included(&ret->wanted);
}
