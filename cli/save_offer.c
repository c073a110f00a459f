/* Reading and judging; see the header. */
#include "cli/save_offer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/env.h"
#include "learn/cover.h"
#include "learn/report.h"

enum { ROOTS = 5 };

/* ---- the three files ---- */

static int
read_context(struct save_offer *s, size_t bytes)
{
	struct slice rest = { s->context_image, bytes };
	const char *word;
	size_t n = 0;
	int kind;

	while ((kind = save_take_word(&rest, &word)) != 0)
		n += kind == SAVE_VARIABLE;
	s->environment = mem_calloc(n + 1, sizeof(*s->environment));
	if (!s->environment)
		return -ENOMEM;
	n = 0;
	rest = (struct slice){ s->context_image, bytes };
	while ((kind = save_take_word(&rest, &word)) != 0) {
		if (kind == SAVE_VARIABLE)
			s->environment[n++] = (char *)s->context_image +
					      (word - (const char *)s->context_image);
		else if (kind == SAVE_PROFILE)
			s->profile = word;
	}
	return 0;
}

/* ---- what may be granted ---- */

struct judge {
	const struct save_offer *s;
	struct slice context;
	struct buf home, root[ROOTS];
	struct cover_rules cover;
};

/* DIR/BELOW, canonical, as a root that is nono's own. */
static int
add_root(struct judge *j, size_t i, const char **ret, const char *dir, const char *below)
{
	autobuf struct buf path = BUF_INIT;

	if (!dir || dir[0] != '/')
		return 0;
	if (path_join(&path, dir, below) < 0 ||
	    path_canonical(&j->root[i], "/", buf_str(&path)) < 0)
		return -ENOMEM;
	*ret = buf_str(&j->root[i]);
	return 0;
}

static int
judge_init(struct judge *j, const struct save_offer *s, struct slice context)
{
	const char *home = plan_string(&s->plan, s->plan.settings->home);
	struct cover_rules *c = &j->cover;

	*j = (struct judge){ .s = s, .context = context };
	if (path_canonical(&j->home, "/", home) < 0 ||
	    add_root(j, 0, &c->state[0], env_get(s->environment, "XDG_STATE_HOME"), "nono") < 0 ||
	    add_root(j, 1, &c->state[1], home, ".local/state/nono") < 0 ||
	    add_root(j, 2, &c->state[2], home, ".nono") < 0 ||
	    add_root(j, 3, &c->config[0], env_get(s->environment, "XDG_CONFIG_HOME"), "nono") < 0 ||
	    add_root(j, 4, &c->config[1], home, ".config/nono") < 0)
		return -ENOMEM;
	c->plan = &s->plan;
	c->home = buf_str(&j->home);
	c->temp = "";
	return 0;
}

static void
judge_clear(struct judge *j)
{
	buf_clear(&j->home);
	for (size_t i = 0; i < ROOTS; i++)
		buf_clear(&j->root[i]);
}

static bool
is_suppressed(struct slice context, const char *path)
{
	const char *word;
	int kind;

	while ((kind = save_take_word(&context, &word)) != 0)
		if (kind == SAVE_SUPPRESSED && path_is_beneath(path, word))
			return true;
	return false;
}

/* Is what the screen shows of it what it is, and can it be written? 1, 0 or -ENOMEM. */
static int
is_plain(const char *path)
{
	autobuf struct buf shown = BUF_INIT;

	if (!report_can_be_written(path))
		return 0;
	if (str_printable(&shown, slice_of(path)) < 0)
		return -ENOMEM;
	return str_equal(buf_str(&shown), path);
}

/* Does the name lead to itself, and is there what the row says? 1, 0 or -ENOMEM. */
static int
is_there(const char *path, bool directory)
{
	autobuf struct buf canonical = BUF_INIT;
	struct stat st;

	if (path[0] != '/')
		return 0;
	if (path_canonical(&canonical, "/", path) < 0)
		return -ENOMEM;
	return str_equal(buf_str(&canonical), path) && lstat(path, &st) == 0 &&
	       S_ISDIR(st.st_mode) == directory;
}

/* The lists of a profile are those of the flags: "--read-file" is filesystem.read_file. */
static const char *
list_of(unsigned int access, bool directory)
{
	static const char *const lists[2][4] = {
		{ NULL, "filesystem.read_file", "filesystem.write_file", "filesystem.allow_file" },
		{ NULL, "filesystem.read", "filesystem.write", "filesystem.allow" },
	};

	return lists[directory][access & 3];
}

/* 1: it is a row now; 0: nothing to offer; -ENOMEM. */
static int
judge_row(struct save_item *ret, size_t *odd_names, const struct judge *j,
	  const struct save_row *row)
{
	bool directory = row->flags & SAVE_DIRECTORY;
	struct save_item item = { .path = row->path,
				  .directory = directory,
				  .claimed = row->flags & SAVE_CLAIMED };
	int r;

	if (memchr(row->path, '\0', sizeof(row->path)) == NULL ||
	    (row->flags & ~(uint32_t)SAVE_ALL_FLAGS) || row->access < 1 || row->access > 3)
		return 0;
	if ((r = is_there(row->path, directory)) <= 0)
		return r;
	if ((r = is_plain(row->path)) <= 0) {
		*odd_names += r == 0;
		return r;
	}
	/* Processes of the next session have other numbers: no grant there helps. */
	if (path_is_beneath(row->path, "/proc") || is_suppressed(j->context, row->path) ||
	    cover_too_broad(&j->cover, row->path, row->access))
		return 0;
	for (unsigned int bit = PLAN_READ; bit <= PLAN_WRITE; bit <<= 1) {
		enum cover cover = cover_ask(&j->cover, row->path, bit, &item.group);

		if ((row->access & bit) && (cover == COVER_NONE || cover == COVER_SENSITIVE))
			item.access |= bit;
	}
	if (item.access == 0)
		return 0;
	item.list = list_of(item.access, directory);
	*ret = item;
	return 1;
}

static int
compare(const void *a, const void *b)
{
	const struct save_item *x = a, *y = b;

	return x->claimed != y->claimed ? x->claimed - y->claimed : strcmp(x->path, y->path);
}

static int
judge_all(struct save_offer *s, struct slice context, const struct save_list *list)
{
	const struct save_row *rows = (const struct save_row *)(list + 1);
	struct judge j;
	int r = judge_init(&j, s, context);

	s->item = mem_calloc(list->count + 1, sizeof(*s->item));
	r = s->item ? r : -ENOMEM;
	for (size_t i = 0; i < list->count && r >= 0; i++) {
		r = judge_row(&s->item[s->count], &s->odd_names, &j, &rows[i]);
		s->count += r == 1;
	}
	judge_clear(&j);
	if (r >= 0 && s->count > 1)
		qsort(s->item, s->count, sizeof(*s->item), compare);
	s->dropped = list->dropped;
	return r < 0 ? r : 0;
}

/* ---- all of it ---- */

static bool
list_is_valid(const struct save_list *list, size_t bytes)
{
	return bytes == SAVE_LIST_BYTES &&
	       memcmp(list->magic, SAVE_MAGIC, sizeof(list->magic)) == 0 &&
	       list->version == SAVE_VERSION && list->count <= SAVE_ROWS_MAX && list->zero == 0;
}

int
save_offer_judge(struct save_offer *s, size_t context_bytes, size_t list_bytes)
{
	int r = read_context(s, context_bytes);

	if (r == 0 && !list_is_valid(s->list_image, list_bytes))
		r = -EBADMSG;
	return r < 0 ? r
		     : judge_all(s, (struct slice){ s->context_image, context_bytes },
				 s->list_image);
}

int
save_offer_load(struct save_offer *ret, struct err *e)
{
	size_t bytes, context_bytes;
	int r;

	*ret = (struct save_offer){ .count = 0 };
	if ((r = fd_read_file(SAVE_PLAN_FD, PLAN_BYTES_MAX, false, &ret->plan_image, &bytes)) < 0 ||
	    (r = plan_open(&ret->plan, ret->plan_image, bytes, NULL)) < 0)
		return err_set_errno(e, r, "cannot read the plan of the session");
	r = fd_read_file(SAVE_CONTEXT_FD, SAVE_CONTEXT_MAX, false, &ret->context_image,
			 &context_bytes);
	if (r == 0)
		r = fd_read_file(SAVE_LIST_FD, SAVE_LIST_BYTES, false, &ret->list_image, &bytes);
	if (r == 0)
		r = save_offer_judge(ret, context_bytes, bytes);
	return r < 0 ? err_set_errno(e, r, "cannot read what the session was refused") : 0;
}

void
save_offer_clear(struct save_offer *s)
{
	mem_free(s->item);
	mem_free(s->environment);
	mem_free(s->plan_image);
	mem_free(s->list_image);
	mem_free(s->context_image);
	*s = (struct save_offer){ .count = 0 };
}

size_t
save_offer_count(const struct save_offer *s, enum save_action action)
{
	size_t n = 0;

	for (size_t i = 0; i < s->count; i++)
		n += s->item[i].action == action;
	return n;
}
