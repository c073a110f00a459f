/*
 * From a reference to a finished profile (spec 03 4 and 5): the selected text, then its bases, each
 * read once, each resolved once, folded from left to right. Nothing here opens a socket, starts a
 * program or asks a question.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/internal.h"
#include "profiles/locate.h"
#include "profiles/presets.h"
#include "profiles/profile.h"
#include "profiles/reader.h"
#include "profiles/user_groups.h"
#include "profiles/when_host.h"

enum {
	BASES_MAX = 64,	 /* of one text */
	TEXTS_MAX = 256, /* of one profile */
	GROUPS_MAX = 1024,
};

/* One text, read and checked. */
struct text {
	struct text *next;
	struct profile_source source;
	struct node *tree;     /* canonical, with `extends` */
	struct node *resolved; /* with all its bases; NULL: not yet */
	unsigned int height;   /* hops below it */
	const char *directory; /* where siblings are looked for, NULL: nowhere */
	bool open;	       /* its bases are being resolved */
};

struct loader {
	const struct profile_request *rq;
	struct profile *p;
	struct reader reader;
	struct when_host host;
	const char *config_root;
	struct text *texts, **texts_end;
	size_t texts_count;
	struct text *chain[PROFILE_EXTENDS_MAX + 1]; /* the selected one first */
	size_t chain_count;
	struct err *e;
};

/* ---- messages ---- */

static void
note_problem(struct loader *l, const char *class_name, const char *file, const struct node *n)
{
	struct profile_problem *p = l->rq->problem;

	if (!p)
		return;
	*p = (struct profile_problem){ .class_name = class_name };
	(void)snprintf(p->file, sizeof(p->file), "%s", file);
	if (n) {
		p->place.line = n->line;
		p->place.column = n->column;
	}
}

static int
fail_memory(struct loader *l)
{
	return reader_fail_memory(&l->reader);
}

/* "FILE:LINE:COLUMN: " of an entry of `extends`, or "--extends: ". */
static const char *
place_of(struct loader *l, const struct node *n)
{
	autobuf struct buf b = BUF_INIT;
	const char *text;
	int r;

	if (n->source)
		r = buf_addf(&b, "%s:%u:%u", n->source->path, n->line, n->column);
	else
		r = buf_adds(&b, "--extends");
	text = r < 0 ? NULL : pool_take(&l->p->pool, &b);
	return text ? text : "";
}

static int fail_inheritance(struct loader *l, const struct node *n, int r, const char *fmt, ...)
	ATTR_PRINTF(4, 5);

static int
fail_inheritance(struct loader *l, const struct node *n, int r, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	note_problem(l, "Profile inheritance error", n->source ? n->source->path : "", n);
	return err_set(l->e, r, "Profile inheritance error: %s: %s", place_of(l, n), text);
}

/* "a -> b -> NAME" */
static const char *
chain_text(struct loader *l, const char *name)
{
	autobuf struct buf b = BUF_INIT;
	const char *text;
	int r = 0;

	for (size_t i = 0; i < l->chain_count && r == 0; i++)
		r = buf_addf(&b, "%s -> ", l->chain[i]->source.name);
	text = r < 0 || buf_adds(&b, name) < 0 ? NULL : pool_take(&l->p->pool, &b);
	return text ? text : name;
}

/* ---- one text ---- */

static int
parse(struct loader *l, struct text *t, struct slice bytes)
{
	struct reader *r = &l->reader;
	struct json_place place = { 0 };
	struct err inner = ERR_INIT;
	int e;

	r->shown = t->source.path;
	e = json_parse(&t->tree, &l->p->pool, bytes, &t->source, 0, &place, &inner);
	if (e == -ENOMEM)
		return fail_memory(l);
	if (e < 0) {
		bool encoding = e == -EILSEQ;

		note_problem(l, "Profile parse error", r->shown, NULL);
		if (l->rq->problem)
			l->rq->problem->place = place;
		return err_set(l->e, e, "Profile parse error: %s%s:%s",
			       encoding ? "invalid UTF-8: " : "", r->shown, inner.text);
	}
	if ((e = check_profile(r, t->tree)) < 0 || (e = legacy_drain(r, t->tree)) < 0)
		return e;
	check_order(t->tree, &schema_profile);
	return validate_text(r, t->tree);
}

/* Read before its content is known: what may decide about the host wants a file to trust. */
static bool
is_powerful(const struct node *tree)
{
	static const char *const fields[] = {
		"session_hooks.before", "session_hooks.after",		"binary",
		"network.credentials",	"network.custom_credentials",	"env_credentials",
		"credential_capture",	"filesystem.bypass_protection",
	};

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		const struct node *n = node_at(tree, fields[i]);

		if (n && (n->first || n->kind == NODE_STRING))
			return true;
	}
	return false;
}

static int
judge_doubt(struct loader *l, const struct text *t, const char *doubt)
{
	const char *path = t->source.path;
	int r;

	if (!doubt || (l->rq->flags & PROFILE_TRUST_ANY))
		return 0;
	if (t->source.kind == PROFILE_FROM_PATH && !is_powerful(t->tree))
		return reader_warn(&l->reader, POLICY_NOTE_WARNING,
				   "profile '%s' can be changed by others: %s", path, doubt);
	note_problem(l, "Profile read error", path, NULL);
	r = err_set(l->e, -EPERM,
		    "Profile read error at %s: others can change this profile: %s; take their "
		    "write access away (chmod go-w), or use --allow-untrusted-profile",
		    path, doubt);
	return r;
}

static struct text *
text_new(struct loader *l, enum profile_source_kind kind, const char *name, const char *path,
	 const struct text *via)
{
	struct pool *pool = &l->p->pool;
	struct text *t = pool_alloc(pool, sizeof(*t));

	if (!t)
		return NULL;
	t->source.kind = kind;
	t->source.name = pool_strdup(pool, name);
	t->source.path = pool_strdup(pool, path);
	t->source.via = via ? &via->source : NULL;
	return t->source.name && t->source.path ? t : NULL;
}

static struct text *
find_text(const struct loader *l, enum profile_source_kind kind, const char *path)
{
	for (struct text *t = l->texts; t; t = t->next)
		if (t->source.kind == kind && str_equal(t->source.path, path))
			return t;
	return NULL;
}

static int
keep_text(struct loader *l, struct text *t)
{
	if (l->texts_count == TEXTS_MAX)
		return err_set(l->e, -E2BIG,
			       "Profile inheritance error: more than %d profiles build on each "
			       "other; join some of them",
			       TEXTS_MAX);
	*l->texts_end = t;
	l->texts_end = &t->next;
	l->texts_count++;
	return 0;
}

static int
fail_read(struct loader *l, const char *path, int r)
{
	const char *reason = errno_is_missing(r) ? "profile file not found; check the path"
			     : r == -EISDIR	 ? "this is a directory; name a file in it"
			     : r == -EFBIG	 ? "it is larger than 1 MiB"
			     : r == -ELOOP	 ? "a symbolic link is not followed here"
						 : strerror(-r);

	note_problem(l, "Profile read error", path, NULL);
	return err_set(l->e, r, "Profile read error at %s: %s", path, reason);
}

static const char *
directory_of(struct loader *l, const char *path)
{
	const char *leaf = path_basename(path);

	return leaf == path ? "." : pool_add(&l->p->pool, path, (size_t)(leaf - path));
}

static int
open_file(struct loader *l, struct text **ret, enum profile_source_kind kind, const char *name,
	  const char *path, const struct text *via)
{
	const char *root = kind == PROFILE_FROM_PATH ? NULL : l->config_root, *doubt = NULL;
	autobuf struct buf bytes = BUF_INIT;
	struct text *t = find_text(l, kind, path);
	int r;

	if (t) {
		*ret = t;
		return 0;
	}
	t = text_new(l, kind, name, path, via);
	if (!t || (kind == PROFILE_FROM_PATH && !(t->directory = directory_of(l, path))))
		return fail_memory(l);
	r = locate_read(&bytes, &l->p->pool, path, root, !(l->rq->flags & PROFILE_DRAFT), &doubt);
	if (r == -ENOMEM)
		return fail_memory(l);
	if (r < 0)
		return fail_read(l, path, r);
	if ((r = parse(l, t, (struct slice){ bytes.p, bytes.n })) < 0 ||
	    (r = judge_doubt(l, t, doubt)) < 0 || (r = keep_text(l, t)) < 0)
		return r;
	*ret = t;
	return 0;
}

static int
open_preset(struct loader *l, struct text **ret, const struct preset *preset,
	    const struct text *via)
{
	struct text *t = find_text(l, PROFILE_FROM_PRESET, preset->name);
	int r;

	if (t) {
		*ret = t;
		return 0;
	}
	t = text_new(l, PROFILE_FROM_PRESET, preset->name, preset->name, via);
	if (!t)
		return fail_memory(l);
	if ((r = parse(l, t, (struct slice){ preset->text, preset->bytes })) < 0 ||
	    (r = keep_text(l, t)) < 0)
		return r;
	*ret = t;
	return 0;
}

/* ---- finding ---- */

/* In the user's directory, but never the text that asks: 1, 0 or an error. */
static int
open_user(struct loader *l, struct text **ret, const char *name, const struct text *via)
{
	autobuf struct buf path = BUF_INIT;
	int r = profile_user_file(&path, l->config_root, name);

	if (r < 0)
		return fail_memory(l);
	if (r == 0 || (via && str_equal(via->source.path, buf_str(&path))))
		return 0;
	r = open_file(l, ret, PROFILE_FROM_USER, name, buf_str(&path), via);
	return r < 0 ? r : 1;
}

/* Whoever uses a pack lists it: what is listed is verified before a start. */
static int
list_pack(struct loader *l, struct text *t, const char *pack)
{
	struct node *list = node_find(t->tree, "packs"), *n;

	t->source.pack = pool_strdup(&l->p->pool, pack);
	n = node_new_text(&l->p->pool, pack);
	if (!list && (list = node_new(&l->p->pool, NODE_ARRAY))) {
		node_set(t->tree, "packs", list);
		check_order(t->tree, &schema_profile);
	}
	if (!t->source.pack || !n || !list)
		return fail_memory(l);
	n->source = &t->source;
	n->line = n->column = 1;
	if (!node_item(list, pack))
		node_append(list, n);
	return 0;
}

/* 1, 0 or an error. */
static int
open_pack(struct loader *l, struct text **ret, const char *name, const struct text *via)
{
	struct pack_found found = { 0 };
	int r = pack_find(&found, l->config_root, name);

	if (r < 0) {
		r = fail_memory(l);
	} else if (r > 0 && via && str_equal(via->source.path, buf_str(&found.path))) {
		r = 0;
	} else if (r > 0) {
		r = open_file(l, ret, PROFILE_FROM_PACK, name, buf_str(&found.path), via);
		if (r == 0 && !(*ret)->source.pack)
			r = list_pack(l, *ret, buf_str(&found.pack));
		if (r == 0 && found.count > 1)
			r = reader_warn(&l->reader, POLICY_NOTE_WARNING,
					"profile '%s' is offered by the packs %s%s; the first is "
					"used",
					name, buf_str(&found.pack), buf_str(&found.others));
		r = r < 0 ? r : 1;
	}
	pack_found_clear(&found);
	return r;
}

/* By name, in the order of 5.2: 1, 0 or an error. */
static int
open_named(struct loader *l, struct text **ret, const char *name, const struct text *via)
{
	const struct preset *preset;
	int r = strchr(name, '/') ? 0 : open_user(l, ret, name, via);

	if (r == 0)
		r = open_pack(l, ret, name, via);
	if (r != 0)
		return r;
	preset = preset_find(name);
	if (!preset || (via && via->source.kind == PROFILE_FROM_PRESET &&
			str_equal(via->source.path, preset->name)))
		return 0;
	r = open_preset(l, ret, preset, via);
	return r < 0 ? r : 1;
}

/* Beside the file that extends it: 1, 0 or an error. */
static int
open_sibling(struct loader *l, struct text **ret, const struct node *n, const struct text *via)
{
	autobuf struct buf path = BUF_INIT;
	int r;

	if (!via->directory)
		return 0;
	r = locate_in(&path, via->directory, n->text);
	if (r < 0)
		return fail_memory(l);
	if (r == 0 || str_equal(via->source.path, buf_str(&path)))
		return 0;
	/* A repository must not redefine `default` for the user who starts something in it. */
	if (preset_find(n->text) && !(l->rq->flags & PROFILE_PROJECT_PRESETS))
		return fail_inheritance(l, n, -EEXIST,
					"the file '%s' has the name of the built-in profile '%s'; "
					"rename it, or use --allow-project-presets",
					buf_str(&path), n->text);
	r = open_file(l, ret, PROFILE_FROM_PATH, n->text, buf_str(&path), via);
	return r < 0 ? r : 1;
}

static int
open_base(struct loader *l, struct text **ret, const struct node *n, const struct text *via)
{
	enum profile_ref_kind kind;
	const char *near;
	int r;

	if (profile_ref_classify(n->text, &kind, NULL) < 0 || kind == PROFILE_REF_PATH)
		return fail_inheritance(l, n, -EINVAL, "invalid base profile name '%s'", n->text);
	r = kind == PROFILE_REF_NAME ? open_sibling(l, ret, n, via) : 0;
	if (r == 0)
		r = open_named(l, ret, n->text, via);
	if (r != 0)
		return r < 0 ? r : 0;
	near = locate_suggest(&l->p->pool, l->config_root, n->text);
	if (near)
		return fail_inheritance(l, n, -ENOENT,
					"base profile '%s' not found; did you mean '%s'?", n->text,
					near);
	return fail_inheritance(l, n, -ENOENT,
				"base profile '%s' not found; `nono profile list` shows them",
				n->text);
}

static int
fail_not_found(struct loader *l, const char *name)
{
	const char *near = locate_suggest(&l->p->pool, l->config_root, name);

	note_problem(l, "Profile not found", name, NULL);
	if (near)
		return err_set(l->e, -ENOENT, "Profile not found: %s; did you mean '%s'?", name,
			       near);
	return err_set(l->e, -ENOENT, "Profile not found: %s; `nono profile list` shows them",
		       name);
}

static int
open_draft(struct loader *l, struct text **ret, const char *name)
{
	autobuf struct buf path = BUF_INIT;

	if (!profile_name_is_valid(name))
		return fail_not_found(l, name);
	if (buf_addf(&path, "%s/profile-drafts/%s.json", l->config_root, name) < 0)
		return fail_memory(l);
	return open_file(l, ret, PROFILE_FROM_USER, name, buf_str(&path), NULL);
}

static int
open_selected(struct loader *l, struct text **ret)
{
	const char *reference = l->rq->reference;
	enum profile_ref_kind kind;
	int r = profile_ref_classify(reference, &kind, l->e);

	if (l->rq->flags & PROFILE_DRAFT)
		return open_draft(l, ret, reference);
	if (r < 0) {
		note_problem(l, "Profile parse error", reference, NULL);
		return r;
	}
	if (kind == PROFILE_REF_PATH)
		return open_file(l, ret, PROFILE_FROM_PATH, reference, reference, NULL);
	r = open_named(l, ret, reference, NULL);
	if (r != 0)
		return r < 0 ? r : 0;
	if (kind == PROFILE_REF_REGISTRY && access(reference, F_OK) == 0) {
		note_problem(l, "Profile not found", reference, NULL);
		return err_set(l->e, -EINVAL,
			       "Profile not found: %s; this names a pack. Write ./%s for the file",
			       reference, reference);
	}
	return fail_not_found(l, reference);
}

/* ---- bases ---- */

static int resolve(struct loader *l, struct text *t);

static int
fold_base(struct loader *l, struct text *t, const struct node *n, struct node **folded)
{
	struct text *base;
	int r = open_base(l, &base, n, t);

	if (r < 0)
		return r;
	if (base->open)
		return fail_inheritance(l, n, -ELOOP, "circular dependency detected: %s",
					chain_text(l, base->source.name));
	if (l->chain_count + base->height > PROFILE_EXTENDS_MAX)
		return fail_inheritance(l, n, -E2BIG, "inheritance chain too deep (max %d): %s",
					PROFILE_EXTENDS_MAX, chain_text(l, base->source.name));
	if (!base->resolved && (r = resolve(l, base)) < 0)
		return r;
	if (base->height + 1 > t->height)
		t->height = base->height + 1;
	*folded = *folded ? merge_trees(&l->p->pool, *folded, base->resolved) : base->resolved;
	return *folded ? 0 : fail_memory(l);
}

/* t->resolved and t->height. */
static int
resolve(struct loader *l, struct text *t)
{
	const struct node *extends = node_find(t->tree, "extends");
	struct node *folded = NULL, *left;
	int r;

	if (node_first(extends) && l->chain_count == ARRAY_LEN(l->chain))
		return fail_inheritance(l, extends, -E2BIG,
					"inheritance chain too deep (max %d): %s",
					PROFILE_EXTENDS_MAX, chain_text(l, t->source.name));
	if (extends && extends->count > BASES_MAX)
		return fail_inheritance(l, extends, -E2BIG, "more than %d profiles are extended",
					BASES_MAX);
	if (node_first(extends)) {
		l->chain[l->chain_count++] = t;
		t->open = true;
	}
	for (const struct node *n = node_first(extends); n; n = n->next)
		if ((r = fold_base(l, t, n, &folded)) < 0)
			return r;
	if (t->open) {
		l->chain_count--;
		t->open = false;
	}
	t->resolved = merge_trees(&l->p->pool, folded, t->tree);
	if (!t->resolved)
		return fail_memory(l);
	left = node_find(t->resolved, "extends");
	if (left)
		node_remove(t->resolved, left);
	return merge_remove(&l->reader, t->resolved);
}

/* --extends: in front of what the text says. */
static int
prepend_bases(struct loader *l, struct text *t)
{
	const struct words *words = &l->rq->extends;
	struct node *written = node_find(t->tree, "extends"), *list;

	if (words->count == 0)
		return 0;
	list = node_new(&l->p->pool, NODE_ARRAY);
	if (!list)
		return fail_memory(l);
	for (size_t i = 0; i < words->count; i++) {
		struct node *n = node_new_text(&l->p->pool, words->item[i]);

		if (!n)
			return fail_memory(l);
		node_append(list, n);
	}
	for (struct node *n = node_first(written), *next; n; n = next) {
		next = n->next;
		node_append(list, n);
	}
	if (written)
		node_remove(t->tree, written);
	node_set(t->tree, "extends", list);
	return 0;
}

/* ---- the finished profile ---- */

static struct profile_group *
find_group(struct profile *p, const char *name)
{
	for (size_t i = 0; i < p->groups_count; i++)
		if (str_equal(p->groups[i].name, name))
			return &p->groups[i];
	return NULL;
}

static void
add_group(struct profile *p, const char *name, const struct node *node)
{
	if (!find_group(p, name))
		p->groups[p->groups_count++] = (struct profile_group){ name,
								       profile_find_group(p, name),
								       node };
}

static int
refuse_required(struct loader *l, const struct node *excluded)
{
	autobuf struct buf names = BUF_INIT;
	const struct node *first = NULL;
	int r = 0;

	for (const struct node *n = node_first(excluded); n && r == 0; n = n->next) {
		const struct group *g = profile_find_group(l->p, n->text);

		if (!g || !g->required || !g->linux_group)
			continue;
		r = buf_addf(&names, "%s'%s'", first ? ", " : "", n->text);
		first = first ? first : n;
	}
	if (r < 0)
		return fail_memory(l);
	return first ? reader_fail(&l->reader, first, "remove them from groups.exclude",
				   "Cannot exclude required groups: %s", buf_str(&names))
		     : 0;
}

/*
 * The effective set (9.3). What every profile has depends on no field of it: a text that calls
 * itself "default", or extends nothing, has the same groups and the same denies as any other.
 */
static int
find_groups(struct loader *l, struct profile *p)
{
	const struct node *include = node_at(p->tree, "groups.include");
	const struct node *exclude = node_at(p->tree, "groups.exclude");
	size_t most = groups_default_count + groups_count + (include ? include->count : 0),
	       kept = 0;
	int r = user_groups_load(&p->user_groups, &p->pool, l->rq->environment, l->e);

	if (r < 0) {
		note_problem(l, "Configuration parse error", "", NULL);
		return r;
	}
	most += p->user_groups.count;
	if ((include && include->count > GROUPS_MAX) || (exclude && exclude->count > GROUPS_MAX))
		return reader_fail(&l->reader,
				   include && include->count > GROUPS_MAX ? include : exclude,
				   "there are not so many", "more than %d groups", GROUPS_MAX);
	p->groups = pool_alloc(&p->pool, most * sizeof(*p->groups));
	if (!p->groups)
		return fail_memory(l);
	for (size_t i = 0; i < groups_default_count; i++)
		add_group(p, groups_default[i], NULL);
	for (const struct node *n = node_first(include); n; n = n->next)
		add_group(p, n->text, n);
	for (size_t i = 0; i < groups_count; i++)
		if (groups_table[i].required && groups_table[i].linux_group)
			add_group(p, groups_table[i].name, NULL);
	for (size_t i = 0; i < p->user_groups.count; i++)
		if (p->user_groups.item[i].group.required &&
		    p->user_groups.item[i].group.linux_group)
			add_group(p, p->user_groups.item[i].group.name, NULL);
	for (size_t i = 0; i < p->groups_count; i++) {
		const struct group *g = p->groups[i].group;
		bool required = g && g->required && g->linux_group;

		if (required || !node_item(exclude, p->groups[i].name))
			p->groups[kept++] = p->groups[i];
	}
	p->groups_count = kept;
	return l->rq->flags & PROFILE_LENIENT ? 0 : refuse_required(l, exclude);
}

static int
list_sources(struct loader *l, struct profile *p)
{
	const struct profile_source **sources = pool_alloc(&p->pool,
							   l->texts_count * sizeof(*sources));

	if (!sources)
		return fail_memory(l);
	for (const struct text *t = l->texts; t; t = t->next)
		sources[p->sources_count++] = &t->source;
	p->sources = sources;
	return 0;
}

static int
finish(struct loader *l, struct text *t)
{
	struct profile *p = l->p;
	int r;

	p->name = t->source.name;
	p->shown = t->source.path;
	p->source = &t->source;
	p->is_user = t->source.kind == PROFILE_FROM_USER || t->source.kind == PROFILE_FROM_PATH;
	p->written = node_copy(&p->pool, t->tree);
	if (!p->written)
		return fail_memory(l);
	p->extends = node_find(p->written, "extends");
	if (l->rq->flags & PROFILE_ALONE) {
		p->tree = p->written;
		return 0;
	}
	if ((r = prepend_bases(l, t)) < 0 || (r = resolve(l, t)) < 0)
		return r;
	p->tree = t->resolved;
	p->deprecated_keys = l->reader.deprecated_keys;
	if ((r = list_sources(l, p)) < 0 || (r = find_groups(l, p)) < 0)
		return r;
	return validate_resolved(&l->reader, p->tree);
}

/* ---- entry ---- */

static const struct when_host *
find_host(void *context)
{
	struct loader *l = context;

	return when_host_find(&l->host, &l->p->pool, l->rq->environment) < 0 ? NULL : &l->host;
}

static int
prepare(struct loader *l, struct policy_notes *notes)
{
	autobuf struct buf root = BUF_INIT;
	time_t now = time(NULL);
	struct tm local;
	int r;

	l->texts_end = &l->texts;
	l->reader = (struct reader){
		.pool = &l->p->pool,
		.find_host = find_host,
		.context = l,
		.notes = l->rq->flags & (PROFILE_ALONE | PROFILE_QUIET) ? NULL : notes,
		.problem = l->rq->problem,
		.e = l->e,
	};
	if (l->rq->problem)
		*l->rq->problem = (struct profile_problem){ .class_name = "I/O error" };
	if (localtime_r(&now, &local))
		(void)strftime(l->reader.today, sizeof(l->reader.today), "%Y-%m-%d", &local);
	if ((r = profile_config_root(&root, l->rq->environment, l->e)) < 0)
		return r;
	l->config_root = pool_take(&l->p->pool, &root);
	return l->config_root ? 0 : fail_memory(l);
}

/* `text.p` NULL: from where the request says. */
static int
load(struct profile **ret, struct slice text, const char *shown, const struct profile_request *rq,
     struct policy_notes *notes, struct err *e)
{
	struct loader l = { .rq = rq, .e = e };
	struct text *selected = NULL;
	int r;

	l.p = mem_calloc(1, sizeof(*l.p));
	if (!l.p)
		return err_memory(e);
	r = prepare(&l, notes);
	if (r == 0 && text.p) {
		selected = text_new(&l, PROFILE_FROM_PATH, shown, shown, NULL);
		r = selected ? parse(&l, selected, text) : fail_memory(&l);
		if (r == 0)
			r = keep_text(&l, selected);
	} else if (r == 0) {
		r = open_selected(&l, &selected);
	}
	if (r == 0)
		r = finish(&l, selected);
	if (r < 0) {
		profile_free(l.p);
		return r;
	}
	*ret = l.p;
	return 0;
}

int
profile_load(struct profile **ret, const struct profile_request *rq, struct policy_notes *notes,
	     struct err *e)
{
	return load(ret, rq->text, rq->shown, rq, notes, e);
}

int
profile_load_text(struct profile **ret, struct slice text, const char *shown,
		  const struct profile_request *rq, struct policy_notes *notes, struct err *e)
{
	return load(ret, (struct slice){ text.p ? text.p : "", text.n }, shown, rq, notes, e);
}
