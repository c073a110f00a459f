/* `profile diff`: what two profiles say differently, once everything is inherited. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cli/cmd_profile.h"
#include "cli/profile_seen.h"
#include "profiles/canonical.h"
#include "profiles/place.h"
#include "profiles/view.h"

/* How two values of a key are compared and told. */
enum shape {
	SHAPE_SET,    /* lists without order: {added, removed} */
	SHAPE_VALUE,  /* {profile1, profile2, changed} */
	SHAPE_MAP,    /* entries by name: {added, removed, changed} */
	SHAPE_OBJECT, /* key by key */
};

struct difference {
	struct listing *l;
	bool any;    /* something differs */
	bool titled; /* the present section has its title */
	const char *title;
};

static bool
is_empty(const struct node *n)
{
	return !n || node_is(n, NODE_NULL) ||
	       ((node_is(n, NODE_ARRAY) || node_is(n, NODE_OBJECT)) && n->count == 0);
}

static bool
is_same(const struct node *a, const struct node *b)
{
	return (is_empty(a) && is_empty(b)) || (a && b && node_equal(a, b));
}

static bool
set_has(const struct node *set, const struct node *item)
{
	for (const struct node *n = node_first(set); n; n = n->next)
		if (node_equal(n, item))
			return true;
	return false;
}

/* Everything of `a` is in `b` and the other way round. */
static bool
is_same_set(const struct node *a, const struct node *b)
{
	for (const struct node *n = node_first(a); n; n = n->next)
		if (!set_has(b, n))
			return false;
	for (const struct node *n = node_first(b); n; n = n->next)
		if (!set_has(a, n))
			return false;
	return true;
}

/* ---- text ---- */

static void
put_line(struct difference *d, char mark, const char *key, const struct node *n)
{
	struct out *o = &d->l->out;
	autobuf struct buf b = BUF_INIT;
	char sign[2] = { mark, '\0' };

	d->any = true;
	if (!d->titled)
		out_putf(o, "\n  %s:\n", d->title);
	d->titled = true;
	out_puts(o, "    ");
	out_role(o, mark == '+' ? ROLE_GREEN : mark == '-' ? ROLE_RED : ROLE_YELLOW, false, sign);
	out_puts(o, " ");
	out_text(o, key);
	if (!n) {
		out_puts(o, "\n");
		return;
	}
	out_puts(o, *key ? ": " : "");
	if (node_line(&b, n) < 0)
		o->failed = true;
	out_text(o, buf_str(&b));
	out_puts(o, "\n");
}

static void
put_set(struct difference *d, const char *key, const struct node *a, const struct node *b)
{
	for (const struct node *n = node_first(a); n; n = n->next)
		if (!set_has(b, n))
			put_line(d, '-', key, n);
	for (const struct node *n = node_first(b); n; n = n->next)
		if (!set_has(a, n))
			put_line(d, '+', key, n);
}

static void
put_change(struct difference *d, const char *key, const struct node *a, const struct node *b)
{
	if (is_same(a, b))
		return;
	if (!is_empty(a))
		put_line(d, '-', key, a);
	if (!is_empty(b))
		put_line(d, '+', key, b);
}

/* "~ name (changed)", then the fields that differ. */
static void
put_changed_entry(struct difference *d, const struct node *a, const struct node *b)
{
	autobuf struct buf head = BUF_INIT;

	if (buf_addf(&head, "%s (changed)", a->key) < 0)
		d->l->out.failed = true;
	put_line(d, '~', buf_str(&head), NULL);
	if (!node_is(a, NODE_OBJECT) || !node_is(b, NODE_OBJECT)) {
		put_change(d, a->key, a, b);
		return;
	}
	for (const struct node *n = a->first; n; n = n->next)
		put_change(d, n->key, n, node_find(b, n->key));
	for (const struct node *n = b->first; n; n = n->next)
		if (!node_find(a, n->key))
			put_change(d, n->key, NULL, n);
}

static void
put_map(struct difference *d, const struct node *a, const struct node *b)
{
	for (const struct node *n = node_first(a); n; n = n->next) {
		const struct node *other = node_find(b, n->key);

		if (!other)
			put_line(d, '-', n->key, NULL);
		else if (!node_equal(n, other))
			put_changed_entry(d, n, other);
	}
	for (const struct node *n = node_first(b); n; n = n->next)
		if (!node_find(a, n->key))
			put_line(d, '+', n->key, NULL);
}

/* ---- JSON ---- */

static void
json_node(struct difference *d, const char *key, const struct node *n)
{
	if (n)
		node_write(&d->l->j, key, n);
	else
		json_null(&d->l->j, key);
}

static void
json_missing(struct difference *d, const char *key, const struct node *from,
	     const struct node *other)
{
	json_array(&d->l->j, key);
	for (const struct node *n = node_first(from); n; n = n->next)
		if (!set_has(other, n))
			json_node(d, NULL, n);
	json_end(&d->l->j);
}

static void
json_pair(struct difference *d, const char *key, const struct node *a, const struct node *b)
{
	json_object(&d->l->j, key);
	json_node(d, "profile1", a);
	json_node(d, "profile2", b);
	json_end(&d->l->j);
}

static void
json_names(struct difference *d, const char *key, const struct node *from, const struct node *other)
{
	json_array(&d->l->j, key);
	for (const struct node *n = node_first(from); n; n = n->next)
		if (!node_find(other, n->key))
			json_string(&d->l->j, NULL, n->key);
	json_end(&d->l->j);
}

static void
json_changed_entry(struct difference *d, const struct node *a, const struct node *b)
{
	struct json *j = &d->l->j;

	if (!node_is(a, NODE_OBJECT) || !node_is(b, NODE_OBJECT)) {
		json_pair(d, a->key, a, b);
		return;
	}
	json_object(j, a->key);
	for (const struct node *n = a->first; n; n = n->next)
		if (!is_same(n, node_find(b, n->key)))
			json_pair(d, n->key, n, node_find(b, n->key));
	for (const struct node *n = b->first; n; n = n->next)
		if (!node_find(a, n->key))
			json_pair(d, n->key, NULL, n);
	json_end(j);
}

static void
json_map(struct difference *d, const struct node *a, const struct node *b)
{
	struct json *j = &d->l->j;

	json_names(d, "added", b, a);
	json_names(d, "removed", a, b);
	json_object(j, "changed");
	for (const struct node *n = node_first(a); n; n = n->next) {
		const struct node *other = node_find(b, n->key);

		if (other && !node_equal(n, other))
			json_changed_entry(d, n, other);
	}
	json_end(j);
}

/* ---- keys ---- */

static void
compare(struct difference *d, enum shape shape, const char *key, const struct node *a,
	const struct node *b)
{
	struct json *j = &d->l->j;

	json_object(j, key);
	switch (shape) {
	case SHAPE_SET:
		json_missing(d, "added", b, a);
		json_missing(d, "removed", a, b);
		put_set(d, key, a, b);
		break;
	case SHAPE_VALUE:
		json_node(d, "profile1", a);
		json_node(d, "profile2", b);
		json_boolean(j, "changed",
			     node_is(a, NODE_ARRAY) || node_is(b, NODE_ARRAY) ? !is_same_set(a, b)
									      : !is_same(a, b));
		if (node_is(a, NODE_ARRAY) || node_is(b, NODE_ARRAY))
			put_set(d, key, a, b);
		else
			put_change(d, key, a, b);
		break;
	case SHAPE_MAP:
		json_map(d, a, b);
		put_map(d, a, b);
		break;
	case SHAPE_OBJECT:
		break;
	}
	json_end(j);
}

static void
section(struct difference *d, const char *title)
{
	d->title = title;
	d->titled = false;
}

/* The shape of a key that has none of its own in the table below. */
static enum shape
shape_of(const struct node *a, const struct node *b)
{
	return node_is(a ? a : b, NODE_ARRAY) ? SHAPE_SET : SHAPE_VALUE;
}

/*
 * The keys of an object that are always told (up to NULL), then what else one of both has. `values`
 * are told as pairs although they are lists.
 */
static void
compare_keys(struct difference *d, const struct node *a, const struct node *b,
	     const char *const *always, const char *values)
{
	for (size_t i = 0; always && always[i]; i++) {
		const char *key = always[i];
		bool list = *key == '[', pair = list_has(values, key + list, strlen(key + list));

		key += list;
		compare(d, list && !pair ? SHAPE_SET : SHAPE_VALUE, key, node_find(a, key),
			node_find(b, key));
	}
	for (int other = 0; other <= 1; other++)
		for (const struct node *n = node_first(other ? b : a); n; n = n->next) {
			const struct node *x = node_find(a, n->key), *y = node_find(b, n->key);
			bool told = other && x;

			for (size_t i = 0; always && always[i]; i++)
				told |= str_equal(always[i] + (always[i][0] == '['), n->key);
			/* A section of its own. */
			told |= str_equal(n->key, "custom_credentials");
			if (!told)
				compare(d,
					list_has(values, n->key, strlen(n->key)) ? SHAPE_VALUE
										 : shape_of(x, y),
					n->key, x, y);
		}
}

/* "[": a list. */
static const char *const commands_keys[] = { "[allow", "[deny", NULL };
static const char *const linux_keys[] = { "af_unix_mediation", NULL };
static const char *const rollback_keys[] = { "[exclude_patterns", "[exclude_globs", NULL };
static const char *const open_urls_keys[] = { "[allow_origins", "allow_localhost", NULL };

static const struct {
	const char *key, *title;
	enum shape shape;
	const char *const *always;
} rows[] = {
	{ "filesystem", "Filesystem", SHAPE_OBJECT, NULL },
	{ "commands", "Commands", SHAPE_OBJECT, commands_keys },
	{ "linux", "Linux", SHAPE_OBJECT, linux_keys },
	{ "network", "Network", SHAPE_OBJECT, NULL },
	{ "rollback", "Rollback", SHAPE_OBJECT, rollback_keys },
	{ "open_urls", "Open URLs", SHAPE_OBJECT, open_urls_keys },
	{ "env_credentials", "Env credentials", SHAPE_VALUE, NULL },
	{ "hooks", "Hooks", SHAPE_MAP, NULL },
	{ "network.custom_credentials", "Custom credentials", SHAPE_MAP, NULL },
	{ "allow_launch_services", "Launch services", SHAPE_VALUE, NULL },
	{ "allow_gpu", "GPU", SHAPE_VALUE, NULL },
};

/* Key by key, in the order in which `profile show` has them. */
static void
compare_all(struct difference *d, const struct node *a, const struct node *b)
{
	static const char done[] =
		"name description extends groups security workdir filesystem "
		"commands linux network rollback open_urls env_credentials hooks "
		"allow_launch_services allow_gpu";

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct node *x = node_at(a, rows[i].key), *y = node_at(b, rows[i].key);
		const char *dot = strchr(rows[i].key, '.'), *key = dot ? dot + 1 : rows[i].key;

		section(d, rows[i].title);
		if (rows[i].shape != SHAPE_OBJECT) {
			compare(d, rows[i].shape, key, x, y);
			continue;
		}
		json_object(&d->l->j, key);
		compare_keys(d, x, y, rows[i].always, "open_port listen_port connect_port");
		json_end(&d->l->j);
	}
	for (int other = 0; other <= 1; other++)
		for (const struct node *n = node_first(other ? b : a); n; n = n->next) {
			const struct node *x = node_find(a, n->key), *y = node_find(b, n->key);

			if ((other && x) || list_has(done, n->key, strlen(n->key)))
				continue;
			section(d, n->key);
			compare(d, shape_of(x, y), n->key, x, y);
		}
}

static void
compare_head(struct difference *d, const struct node *a, const struct node *b)
{
	static const char *const security_keys[] = { "signal_mode",	  "process_info_mode",
						     "ipc_mode",	  "capability_elevation",
						     "wsl2_proxy_policy", NULL };
	struct json *j = &d->l->j;

	section(d, "Groups");
	json_object(j, "groups");
	json_missing(d, "added", node_at(b, "groups.include"), node_at(a, "groups.include"));
	json_missing(d, "removed", node_at(a, "groups.include"), node_at(b, "groups.include"));
	put_set(d, "", node_at(a, "groups.include"), node_at(b, "groups.include"));
	section(d, "Excluded groups");
	compare(d, SHAPE_SET, "exclude", node_at(a, "groups.exclude"),
		node_at(b, "groups.exclude"));
	json_end(j);
	section(d, "Security");
	compare_keys(d, node_find(a, "security"), node_find(b, "security"), security_keys, "");
	section(d, "Workdir");
	compare(d, SHAPE_VALUE, "workdir", node_at(a, "workdir.access"),
		node_at(b, "workdir.access"));
}

/* What the profile was, in place of the first one. */
static int
load_last(struct listing *l, struct node **ret_old, struct node **ret_new, struct profile **ret,
	  struct pool *pool, struct err *e)
{
	autobuf struct buf state = BUF_INIT;
	int r = listing_load(l, ret, l->o->program.item[0], 0, e);

	if (r < 0 || (r = place_state(&state, l->environment, e)) < 0 ||
	    (r = seen_previous(ret_old, pool, *ret, buf_str(&state), e)) < 0)
		return r;
	*ret_new = profile_canonical(pool, *ret);
	if (!*ret_new || canonical_mask(pool, *ret_new) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	return 0;
}

static int
check_operands(const struct listing *l, struct err *e)
{
	size_t wanted = opt_has(l->o, FLAG_LAST) ? 1 : 2;

	if (l->o->program.count == wanted)
		return 0;
	return err_set_exit(e, EXIT_USAGE, -EINVAL,
			    wanted == 1 ? "--last compares one profile with itself; leave OTHER out"
					: "two profiles are needed, or one with --last");
}

int
profile_diff(struct listing *l, struct err *e)
{
	const char *last_name[] = { "last run", l->o->program.item[0] };
	bool last = opt_has(l->o, FLAG_LAST);
	const char *const *name = last ? last_name : l->o->program.item;
	struct profile *p[2] = { NULL, NULL };
	struct node *view[2] = { NULL, NULL };
	struct difference d = { .l = l };
	struct pool pool = { 0 };
	int r = check_operands(l, e);

	if (r == 0 && last)
		r = load_last(l, &view[0], &view[1], &p[0], &pool, e);
	for (size_t i = 0; i < 2 && r == 0 && !last; i++) {
		r = listing_load(l, &p[i], name[i], 0, e);
		if (r == 0 && !(view[i] = profile_view(&pool, p[i])))
			r = err_set(e, -ENOMEM, "out of memory");
	}
	if (r < 0)
		goto out;
	listing_title(l, "diff '%s' vs '%s'", name[0], name[1]);
	json_object(&l->j, NULL);
	json_string(&l->j, "profile1", name[0]);
	json_string(&l->j, "profile2", name[1]);
	compare_head(&d, view[0], view[1]);
	compare_all(&d, view[0], view[1]);
	json_end(&l->j);
	if (!d.any)
		out_puts(&l->out, "\n  (no differences)\n");
	if (d.any && opt_has(l->o, FLAG_EXIT_CODE)) {
		l->exit_code = EXIT_NONO;
		(void)err_set(&l->verdict, -EINVAL, "the profiles differ");
	}
out:
	pool_clear(&pool);
	profile_free(p[0]);
	profile_free(p[1]);
	return r;
}
