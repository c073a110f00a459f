/* Rules about the file itself: old keys, its name, who may write it. */
#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "profiles/lint_internal.h"
#include "profiles/locate.h"
#include "profiles/presets.h"
#include "profiles/schema.h"
#include "profiles/store.h"

/* ---- P005 ---- */

static void
add_old_key(struct lint *l, const struct node *n, const char *pointer, const char *now,
	    const char *kind)
{
	struct node place = *n;
	autobuf struct buf fix = BUF_INIT;

	place.line = n->key_line;
	place.column = n->key_column;
	if (buf_addf(&fix, "use %s", now) < 0)
		l->failed = true;
	lint_add(l, "P005", LINT_WARN, &place, pointer, buf_str(&fix), "%s key '%s'", kind, n->key);
}

/* Old and alias keys of an object, and of the objects in it. */
static void
check_keys(struct lint *l, const struct node *object, const struct key_table *t,
	   const char *pointer)
{
	for (const struct node *n = node_first(object); n; n = n->next) {
		const struct key *k = n->key ? schema_find(t, n->key) : NULL;
		autobuf struct buf below = BUF_INIT;

		if (!k)
			continue;
		if (buf_addf(&below, "%s/%s", pointer, n->key) < 0) {
			l->failed = true;
			return;
		}
		if (k->flags & KEY_LEGACY)
			add_old_key(l, n, buf_str(&below), k->instead, "deprecated");
		else if (!str_equal(k->name, n->key))
			add_old_key(l, n, buf_str(&below), k->name, "other spelling of a");
		if (k->members && k->type == KEY_OBJECT)
			check_keys(l, n, k->members, buf_str(&below));
		for (const struct node *entry = k->members && k->type == KEY_MAP ? node_first(n)
										 : NULL;
		     entry; entry = entry->next)
			check_keys(l, entry, k->members, buf_str(&below));
	}
}

static bool
is_file(const struct profile_source *s)
{
	return s && (s->kind == PROFILE_FROM_USER || s->kind == PROFILE_FROM_PATH);
}

/* The text as it was written: the resolved tree knows the present keys only. */
static void
check_text(struct lint *l, const struct profile_source *source)
{
	autobuf struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;
	struct node *tree = NULL;

	if (store_read(&text, source->path, JSON_BYTES_MAX) < 0 ||
	    json_parse(&tree, &l->report->pool, (struct slice){ text.p, text.n }, source, 0, NULL,
		       &ignored) < 0)
		return;
	check_keys(l, tree, &schema_profile, "");
}

/* ---- P303 ---- */

static void
check_owner(struct lint *l, const struct profile_source *source)
{
	autobuf struct buf text = BUF_INIT, root = BUF_INIT;
	struct err ignored = ERR_INIT;
	const char *doubt = NULL;
	bool own = source->kind == PROFILE_FROM_USER &&
		   profile_config_root(&root, l->environment, &ignored) == 0;

	if (locate_read(&text, &l->report->pool, source->path, own ? buf_str(&root) : NULL, true,
			&doubt) == 0 &&
	    doubt)
		lint_add(l, "P303", LINT_WARN, NULL, "",
			 "take the others' right to write away: chmod go-w",
			 "others could have written this profile: %s", doubt);
}

/* ---- P006, P007 ---- */

static void
check_name(struct lint *l, const struct profile_source *source)
{
	const struct node *name = node_at(l->p->written, "meta.name");
	const char *base = path_basename(source->path);
	size_t n = strcspn(base, ".");
	const struct preset *same;

	if (source->kind == PROFILE_FROM_USER) {
		autobuf struct buf stem = BUF_INIT;

		if (buf_add(&stem, base, n) < 0) {
			l->failed = true;
			return;
		}
		same = preset_find(buf_str(&stem));
		if (same)
			lint_add(l, "P007", LINT_WARN, name, "",
				 "give it a name of its own, as NAME-local, that extends it",
				 "this profile is used instead of the built-in '%s'", same->name);
	}
	if (!name || !name->text)
		return;
	same = preset_find(name->text);
	if (same && !(source->kind == PROFILE_FROM_USER && strlen(name->text) == n &&
		      strncmp(name->text, base, n) == 0))
		lint_add(l, "P006", LINT_ERROR, name, "/meta/name", "give it the file's name",
			 "meta.name is the name of the built-in profile '%s'", same->name);
	else if (!same && (strlen(name->text) != n || strncmp(name->text, base, n) != 0))
		lint_add(l, "P006", LINT_WARN, name, "/meta/name", "give it the file's name",
			 "meta.name '%s' is not the name of the file, '%s'", name->text, base);
}

/* Every file of the chain, each once: their nodes name them. */
static void
each_text(struct lint *l, const struct node *n, const struct profile_source **seen, size_t *count,
	  size_t max)
{
	const struct profile_source *s = n->source;
	bool known = !is_file(s);

	for (size_t i = 0; i < *count && !known; i++)
		known = str_equal(seen[i]->path, s->path);
	if (!known && *count < max) {
		seen[(*count)++] = s;
		check_text(l, s);
	}
	for (const struct node *child = n->first; child; child = child->next)
		each_text(l, child, seen, count, max);
}

void
lint_files(struct lint *l)
{
	const struct profile_source *seen[64], *source = l->p->source;
	size_t count = 0;

	if (is_file(source)) {
		seen[count++] = source;
		check_text(l, source);
		check_owner(l, source);
		check_name(l, source);
	}
	each_text(l, l->p->tree, seen, &count, ARRAY_LEN(seen));
}
