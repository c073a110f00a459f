/* See the header. Nothing is added to a profile here: a record that lies can only take away. */
#include "cli/drift_draft.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/sha256.h"
#include "base/str.h"
#include "profiles/edit.h"
#include "profiles/store.h"

enum { NUMBER_MAX = 24 };

struct draft {
	struct listing *l;
	const struct profile *p;
	const char *name;
	struct buf directory, target, file, base; /* of drafts; of profiles */
	struct buf old, new;
	struct edit_change *change;
	char (*number)[NUMBER_MAX];
	struct edit_addition *addition;
	size_t changes, additions;
	size_t left; /* entries that are not the profile's own, or no plain ones */
	struct err *e;
};

static int
out_of_memory(struct draft *d)
{
	return err_set(d->e, -ENOMEM, "out of memory");
}

/* ---- where ---- */

static int
find_places(struct draft *d)
{
	autobuf struct buf root = BUF_INIT, other = BUF_INIT;
	int r = profile_config_root(&root, d->l->environment, d->e);

	if (r < 0)
		return r;
	if (buf_addf(&d->directory, "%s/profile-drafts", buf_str(&root)) < 0 ||
	    buf_addf(&d->target, "%s/profiles/%s.json", buf_str(&root), d->name) < 0 ||
	    buf_addf(&other, "%s/profiles/%s.jsonc", buf_str(&root), d->name) < 0 ||
	    buf_addf(&d->file, "%s.json", d->name) < 0 ||
	    buf_addf(&d->base, "%s.base", d->name) < 0)
		return out_of_memory(d);
	if (faccessat(AT_FDCWD, buf_str(&other), F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return err_set(d->e, -EEXIST,
			       "--write: a draft '%s' could not be promoted, because '%s' is used "
			       "instead of '%s.json'; rename it first",
			       d->name, buf_str(&other), d->name);
	return 0;
}

/* Only what was loaded is judged: by its path, or under its name. */
static int
check_source(struct draft *d)
{
	const struct profile_source *s = d->p->source;

	if (s->kind == PROFILE_FROM_PRESET)
		return err_set(d->e, -EINVAL,
			       "--write: profile '%s' comes with nono and is not yours to change; "
			       "make one that extends it (nono profile init)",
			       d->p->name);
	if (!profile_name_is_valid(d->name))
		return err_set_exit(d->e, EXIT_USAGE, -EINVAL,
				    "--write: '%s' is no profile name: letters, digits and single "
				    "hyphens",
				    d->name);
	return 0;
}

static bool
replaces_itself(const struct draft *d)
{
	return str_equal(d->p->source->path, buf_str(&d->target));
}

/* ---- what ---- */

/* All changes of the entry that the i-th is the first one about. */
static void
add_change(struct draft *d, const struct drift_change *all, size_t count, size_t i)
{
	const struct node *n = all[i].node;
	struct edit_change *c = &d->change[d->changes];
	const char *list = NULL, *path = NULL;

	for (size_t k = 0; k < i; k++)
		if (all[k].node == n)
			return;
	if (n->source != d->p->source || n->line == 0 ||
	    (!node_is(n, NODE_STRING) && !node_is(n, NODE_NUMBER))) {
		d->left++;
		return;
	}
	for (size_t k = i; k < count; k++) {
		list = all[k].node == n && all[k].list ? all[k].list : list;
		path = all[k].node == n && all[k].path ? all[k].path : path;
	}
	*c = (struct edit_change){ .line = n->line, .column = n->column, .was = n->text };
	if (node_is(n, NODE_NUMBER)) {
		char *text = d->number[d->changes];

		(void)snprintf(text, NUMBER_MAX, "%.0f", n->number);
		c->was = text;
		c->is_number = true;
	}
	d->changes++;
	if (list)
		d->addition[d->additions++] = (struct edit_addition){ .list = list,
								      .value = path ? path
										    : n->text };
	else
		c->with = path;
}

static int
make_text(struct draft *d, const struct drift_change *changes, size_t count)
{
	autobuf struct buf changed = BUF_INIT, added = BUF_INIT;
	size_t more;
	int r;

	d->change = mem_calloc(count + 1, sizeof(*d->change));
	d->number = mem_calloc(count + 1, sizeof(*d->number));
	d->addition = mem_calloc(count + 1, sizeof(*d->addition));
	if (!d->change || !d->number || !d->addition)
		return out_of_memory(d);
	for (size_t i = 0; i < count; i++)
		add_change(d, changes, count, i);
	if (d->changes == 0)
		return 0;
	r = store_read(&d->old, d->p->source->path, JSON_BYTES_MAX);
	if (r < 0)
		return err_set_errno(d->e, r, "cannot read the profile '%s'", d->p->source->path);
	if ((r = edit_change(&changed, (struct slice){ d->old.p, d->old.n }, d->change,
			     d->changes)) < 0 ||
	    (r = edit_add(&added, (struct slice){ changed.p, changed.n }, d->addition, d->additions,
			  &more)) < 0 ||
	    /* A draft says whose it is. */
	    (r = edit_set(&d->new, (struct slice){ added.p, added.n }, "meta.name", d->name)) < 0)
		return r == -ENOMEM
			       ? out_of_memory(d)
			       : err_set(d->e, r,
					 "'%s' was changed meanwhile, or is written in a way that "
					 "cannot be changed entry by entry; narrow it by hand, as the "
					 "same command without --write lists it",
					 d->p->source->path);
	return 0;
}

/* Does it load? */
static int
check_text(struct draft *d)
{
	struct policy_notes notes = { 0 };
	struct profile *profile = NULL;
	struct profile_request rq = {
		.reference = d->name,
		.environment = d->l->environment,
		.flags = PROFILE_QUIET | PROFILE_TRUST_ANY | PROFILE_PROJECT_PRESETS,
	};
	int r = profile_load_text(&profile, (struct slice){ d->new.p, d->new.n }, buf_str(&d->file),
				  &rq, &notes, d->e);

	policy_notes_clear(&notes);
	profile_free(profile);
	return r;
}

/* ---- the files ---- */

static int
write_base(struct draft *d)
{
	unsigned char value[SHA256_BYTES];
	char hex[SHA256_HEX_MAX];
	struct sha256 h;

	sha256_init(&h);
	sha256_add(&h, d->old.p, d->old.n);
	sha256_end(&h, value);
	sha256_hex(hex, value);
	return store_write(buf_str(&d->directory), buf_str(&d->base),
			   (struct slice){ hex, strlen(hex) }, true);
}

static int
write_files(struct draft *d)
{
	autofd int lock = -1;
	int r = store_make_directory(buf_str(&d->directory));

	if (r == 0)
		r = lock = store_lock(buf_str(&d->directory));
	if (r >= 0)
		r = store_write(buf_str(&d->directory), buf_str(&d->file),
				(struct slice){ d->new.p, d->new.n }, false);
	if (r == -EEXIST)
		return err_set(d->e, r,
			       "--write: there is a draft '%s/%s' already; promote it or remove it "
			       "first",
			       buf_str(&d->directory), buf_str(&d->file));
	if (r == 0 && replaces_itself(d))
		r = write_base(d);
	return r < 0 ? err_set_errno(d->e, r, "cannot write the draft '%s/%s'",
				     buf_str(&d->directory), buf_str(&d->file))
		     : 0;
}

static void
tell(struct draft *d)
{
	struct out *o = &d->l->note;

	if (d->left)
		out_putf(o,
			 "%zu %s not in the draft: inherited, or more than a plain string; see the "
			 "list for where each is written\n",
			 d->left, d->left == 1 ? "entry is" : "entries are");
	if (d->changes == 0) {
		out_puts(o, "No draft was written: nothing in the profile's own text changes.\n");
		return;
	}
	out_puts(o, "Draft written to ");
	out_text(o, buf_str(&d->directory));
	out_puts(o, "/");
	out_text(o, buf_str(&d->file));
	out_putf(o, "; look at it with: nono profile promote %s --diff\n", d->name);
}

static int
write_it(struct draft *d, const struct drift_change *changes, size_t count)
{
	int r;

	if ((r = check_source(d)) < 0 || (r = find_places(d)) < 0)
		return r;
	if (!replaces_itself(d) &&
	    faccessat(AT_FDCWD, buf_str(&d->target), F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return err_set(
			d->e, -EEXIST,
			"--write: profile '%s' exists and is another one than '%s'; name the "
			"draft '%s', or something new",
			d->name, d->p->name, d->p->name);
	if ((r = make_text(d, changes, count)) < 0)
		return r;
	if (d->changes > 0 && ((r = check_text(d)) < 0 || (r = write_files(d)) < 0))
		return r;
	tell(d);
	return 0;
}

int
drift_draft_write(struct listing *l, const struct profile *p, const char *name,
		  const struct drift_change *changes, size_t count, struct err *e)
{
	struct draft d = { .l = l, .p = p, .name = name, .e = e };
	int r = write_it(&d, changes, count);

	buf_clear(&d.directory);
	buf_clear(&d.target);
	buf_clear(&d.file);
	buf_clear(&d.base);
	buf_clear(&d.old);
	buf_clear(&d.new);
	mem_free(d.change);
	mem_free(d.number);
	mem_free(d.addition);
	return r;
}
