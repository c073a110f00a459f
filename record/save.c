/*
 * Which refusals of a session could be saved as grants (spec 03 13.2). Of the footer's refusals all
 * that the output names, not only the likeliest: a person will choose. What is protected is listed
 * too, because its refusals can be silenced; what nono never grants is not.
 */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "record/internal.h"

bool
save_is_suppressed(const struct session *s, const char *path)
{
	struct slice rest = s->context;
	const char *word;
	int kind;

	while ((kind = save_take_word(&rest, &word)) != 0)
		if (kind == SAVE_SUPPRESSED && path_is_beneath(path, word))
			return true;
	return false;
}

static struct save_row *
rows_of(struct save_list *list)
{
	return (struct save_row *)(list + 1);
}

static void
add_row(struct save_list *list, const char *path, unsigned int access, unsigned int flags)
{
	struct save_row *rows = rows_of(list);
	size_t n = strlen(path);

	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(rows[i].path, path) != 0)
			continue;
		rows[i].access |= access;
		/* What was seen once is no mere claim. */
		rows[i].flags &= flags | ~(uint32_t)SAVE_CLAIMED;
		return;
	}
	if (list->count == SAVE_ROWS_MAX || n >= sizeof(rows->path)) {
		list->dropped++;
		return;
	}
	rows[list->count].access = access;
	rows[list->count].flags = flags;
	memcpy(rows[list->count].path, path, n + 1);
	list->count++;
}

/* 0 or -ENOMEM. */
static int
add_place(struct save_list *list, const struct session *s, const struct place *place,
	  unsigned int claimed)
{
	const char *path = buf_str(&place->path);
	struct grant_flag flag;
	int r = grant_flag_find(&flag, &s->plan, place, place->missing);

	if (r < 0)
		return r;
	/* A grant of what is not there when the next session starts would be skipped. */
	if (!flag.refused && !flag.must_be_made && !save_is_suppressed(s, path) &&
	    !save_is_suppressed(s, buf_str(&flag.path)))
		add_row(list, buf_str(&flag.path), place->missing,
			claimed | (flag.is_file ? 0 : (unsigned int)SAVE_DIRECTORY));
	grant_flag_clear(&flag);
	return 0;
}

static int
add_observed(struct save_list *list, const struct session *s, const struct verdict *v)
{
	int r = 0;

	for (size_t i = 0; i < v->paths_count && r == 0; i++) {
		struct place place;

		if ((r = place_find(&place, &s->plan, v->paths[i].path, v->paths[i].access)) < 0)
			return r;
		if (place.missing != 0)
			r = add_place(list, s, &place, 0);
		place_clear(&place);
	}
	return r;
}

static int
add_finding(struct save_list *list, const struct session *s, const struct finding *f)
{
	struct place place;
	int r = verdict_refused_place(&place, &s->plan, f);

	if (r != 1)
		return r;
	r = add_place(list, s, &place, SAVE_CLAIMED);
	place_clear(&place);
	return r;
}

/* A shim told the story already, and knows it better. */
static bool
is_told_by_shim(struct slice output)
{
	static const char start[] = "nono: tool-sandbox denied ";
	const size_t n = sizeof(start) - 1;

	while (output.n >= n) {
		const char *end = memchr(output.p, '\n', output.n);
		size_t line = end ? (size_t)(end - output.p) + 1 : output.n;

		if (line >= n && memcmp(output.p, start, n) == 0)
			return true;
		output.p += line;
		output.n -= line;
	}
	return false;
}

int
save_find(struct save_list **ret, const struct session *s, const struct verdict *v)
{
	autofree struct save_list *list = mem_calloc(1, SAVE_LIST_BYTES);
	struct scan *found = mem_calloc(1, sizeof(*found));
	int r = list && found ? 0 : -ENOMEM;

	if (r == 0) {
		memcpy(list->magic, SAVE_MAGIC, sizeof(list->magic));
		list->version = SAVE_VERSION;
		r = is_told_by_shim(s->output) ? 0 : add_observed(list, s, v);
	}
	/* Where the footer blames something else, no refusal is held against it. */
	if (r == 0 && v->cause == CAUSE_DENIAL && !is_told_by_shim(s->output)) {
		scan_text(found, s->output);
		for (size_t i = 0; i < found->count && r == 0; i++)
			if (found->item[i].kind == FINDING_DENIAL)
				r = add_finding(list, s, &found->item[i]);
	}
	mem_free(found);
	if (r < 0)
		return r;
	*ret = list;
	list = NULL;
	return 0;
}
