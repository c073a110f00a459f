/* The bytes are written by profiles/save.h; here stands which. */
#include "cli/save_write.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json_write.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/profile.h"
#include "profiles/save.h"
#include "profiles/user_groups.h"

#define SUPPRESS_LIST "filesystem.suppress_save_prompt"

/* In the order of a profile's keys. */
static const char *const lists[] = {
	"filesystem.allow",	 "filesystem.read",	 "filesystem.write",
	"filesystem.allow_file", "filesystem.read_file", "filesystem.write_file",
	SUPPRESS_LIST,
};

static int
out_of_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "out of memory");
}

/* NULL: it is written into none. */
static const char *
list_of(const struct save_item *item)
{
	switch (item->action) {
	case SAVE_GRANT:
		return item->list;
	case SAVE_SUPPRESS:
		return SUPPRESS_LIST;
	case SAVE_SKIP:
		break;
	}
	return NULL;
}

static int
add_short_path(struct buf *b, const struct save_offer *s, const char *path)
{
	const char *home = plan_string(&s->plan, s->plan.settings->home);

	if (path_is_inside(path, home) && !str_equal(home, "/"))
		return buf_addf(b, "~%s", path + strlen(home));
	return buf_adds(b, path);
}

/* ---- a check ---- */

/* Lists of the request for the grants that were chosen. */
static void
fill_words(struct policy_request *rq, const char **list[], const struct save_offer *s)
{
	struct words *const words[] = { &rq->read,	&rq->write,	 &rq->allow,
					&rq->read_file, &rq->write_file, &rq->allow_file };

	for (size_t i = 0; i < s->count; i++) {
		const struct save_item *item = &s->item[i];
		size_t k = (size_t)(item->access & 3) - 1 + (item->directory ? 0 : 3);

		if (item->action != SAVE_GRANT)
			continue;
		words[k]->item = list[k];
		list[k][words[k]->count++] = item->path;
	}
}

int
save_check(const struct save_offer *s, struct err *e)
{
	const char *command = plan_argument_at(&s->plan, 0);
	struct policy_request rq = {
		.mode = PLAN_MODE_RUN,
		.allow_cwd = true,
		.dry_run = true,
		.no_state = true,
		.no_audit = true,
		.command = { &command, 1 },
		.environment = s->environment,
	};
	const struct profile_request wanted = {
		.reference = s->profile,
		.environment = s->environment,
		.flags = PROFILE_QUIET | PROFILE_TRUST_ANY | PROFILE_PROJECT_PRESETS,
	};
	const char **list[6] = { NULL };
	struct policy_notes notes = { 0 };
	struct user_groups groups = { 0 };
	struct profile *profile = NULL;
	struct plan_builder builder;
	struct pool pool = { 0 };
	int r = 0;

	for (size_t k = 0; k < ARRAY_LEN(list) && r == 0; k++) {
		list[k] = mem_calloc(s->count + 1, sizeof(*list[k]));
		r = list[k] ? 0 : out_of_memory(e);
	}
	if (r == 0 && s->profile)
		r = profile_load(&profile, &wanted, &notes, e);
	else if (r == 0)
		r = user_groups_load(&groups, &pool, s->environment, e);
	rq.user_groups = &groups;
	if (r == 0 && plan_builder_init(&builder) < 0)
		r = out_of_memory(e);
	else if (r == 0) {
		rq.profile = profile;
		fill_words(&rq, list, s);
		r = policy_assemble(&builder, &rq, &notes, NULL, NULL, e);
		plan_builder_clear(&builder);
	}
	profile_free(profile);
	pool_clear(&pool);
	policy_notes_clear(&notes);
	for (size_t k = 0; k < ARRAY_LEN(list); k++)
		mem_free(list[k]);
	return r;
}

/* ---- a profile of its own ---- */

/* The next path of a list behind `last`; items are not in this order: claims stand last. */
static const char *
next_path(const struct save_offer *s, const char *list, const char *last)
{
	const char *next = NULL;

	for (size_t i = 0; i < s->count; i++) {
		const char *of = list_of(&s->item[i]), *path = s->item[i].path;

		if (of && str_equal(of, list) && strcmp(path, last) > 0 &&
		    (!next || strcmp(path, next) < 0))
			next = path;
	}
	return next;
}

static void
put_list(struct json *j, const struct save_offer *s, const char *list)
{
	const char *path = next_path(s, list, "");

	if (!path)
		return;
	json_array(j, strchr(list, '.') + 1);
	for (; path; path = next_path(s, list, path)) {
		autobuf struct buf text = BUF_INIT;

		if (add_short_path(&text, s, path) < 0)
			j->error = j->error ? j->error : -ENOMEM;
		else
			json_string(j, NULL, buf_str(&text));
	}
	json_end(j);
}

static int
make_profile(struct buf *text, const struct save_offer *s, const char *name, const char *base)
{
	const char *what = save_offer_count(s, SAVE_GRANT) == 0
				   ? "Runtime-discovered save-prompt suppressions"
			   : base ? "Runtime-discovered path additions"
				  : "Runtime-discovered path profile";
	autobuf struct buf description = BUF_INIT, program = BUF_INIT;
	struct json j = JSON_INIT(text);
	int r;

	if ((r = str_printable(&program, slice_of(path_basename(plan_shown_at(&s->plan, 0))))) <
		    0 ||
	    (r = buf_addf(&description, "%s for %s", what, buf_str(&program))) < 0)
		return r;
	json_object(&j, NULL);
	if (base) {
		json_array(&j, "extends");
		json_string(&j, NULL, base);
		json_end(&j);
	}
	json_object(&j, "meta");
	json_string(&j, "name", name);
	json_string(&j, "version", "1.0.0");
	json_string(&j, "description", buf_str(&description));
	json_end(&j);
	json_object(&j, "filesystem");
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		put_list(&j, s, lists[i]);
	json_end(&j);
	json_end(&j);
	return json_finish(&j);
}

int
save_write_new(struct buf *ret_path, const struct save_offer *s, const char *name, struct err *e)
{
	autobuf struct buf text = BUF_INIT;

	if (make_profile(&text, s, name, s->profile) < 0)
		return out_of_memory(e);
	return save_profile_new(ret_path, name, (struct slice){ text.p, text.n }, s->environment,
				e);
}

/* ---- one that exists ---- */

int
save_write_existing(const struct save_offer *s, const char *path, size_t *ret_added, struct err *e)
{
	struct edit_addition *items = mem_calloc(s->count + 1, sizeof(*items));
	struct buf *values = mem_calloc(s->count + 1, sizeof(*values));
	struct save_additions additions = { .item = items };
	autobuf struct buf alone = BUF_INIT;
	int r = items && values ? 0 : -ENOMEM;

	for (size_t i = 0; i < s->count && r == 0; i++) {
		struct edit_addition *to = &items[additions.count];

		to->list = list_of(&s->item[i]);
		if (!to->list)
			continue;
		r = add_short_path(&values[i], s, s->item[i].path);
		to->value = buf_str(&values[i]);
		additions.count++;
	}
	if (r == 0)
		r = make_profile(&alone, s, s->profile, NULL);
	if (r < 0) {
		r = out_of_memory(e);
	} else {
		additions.alone = (struct slice){ alone.p, alone.n };
		r = save_profile_add(path, s->profile, &additions, s->environment, ret_added, e);
	}
	for (size_t i = 0; values && i < s->count; i++)
		buf_clear(&values[i]);
	mem_free(values);
	mem_free(items);
	return r;
}
