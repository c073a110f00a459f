/*
 * `profile drift`: what a profile grants and recorded runs did not use, and what they lacked (spec 03
 * B4). Reads what `learn --record` wrote; the profile is never changed. A record may come from
 * anywhere and decides about nothing but what is printed, and what a draft takes away.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/cmd_profile.h"
#include "cli/drift_draft.h"
#include "profiles/hosts.h"
#include "profiles/inspect.h"
#include "profiles/json.h"
#include "profiles/store.h"
#include "profiles/view.h"

enum {
	RECORD_BYTES_MAX = 256 << 20,
	MISSING_MAX = 200, /* shown; of more, their number is */
};

/* One path that a run used, or was refused. */
struct use {
	const char *path;
	bool read, write, denied, directory;
	unsigned int count;
};

struct link {
	const char *host; /* or the address */
	unsigned int port;
	bool bind;
};

enum part { PART_UNUSED, PART_NARROWER, PART_MISSING, PART_COUNT };

struct finding {
	enum part part;
	const char *pointer, *value, *origin; /* unused */
	const char *to, *reason;	      /* narrower */
	const char *access;		      /* missing */
	bool is_host;
	unsigned int count;
	struct drift_change change; /* of the profile's text; no node: none */
};

struct drift {
	struct listing *l;
	struct pool pool;
	struct profile *p;
	struct inspect *in;
	struct use *use;
	size_t uses, uses_cap;
	struct link *link;
	size_t links, links_cap;
	struct finding *finding;
	size_t findings, findings_cap;
	size_t runs;
	bool partial;
	struct err *e;
};

static int
fail_memory(struct drift *d)
{
	return err_set(d->e, -ENOMEM, "out of memory");
}

/* ---- records ---- */

static int
take_path(struct drift *d, const struct node *n, const char *path)
{
	const char *access = node_text(node_find(n, "access"), "");
	const char *result = node_text(node_find(n, "result"), "");
	bool read = str_equal(access, "read"), write = str_equal(access, "write");
	bool both = str_equal(access, "readwrite"), denied = str_equal(result, "denied");

	/* A look at names and modes needs no grant; what is not there was not used. */
	if ((!read && !write && !both) || path[0] != '/' || str_equal(result, "missing"))
		return 0;
	if (mem_grow((void **)&d->use, &d->uses_cap, d->uses, sizeof(*d->use)) < 0 ||
	    !(path = pool_strdup(&d->pool, path)))
		return fail_memory(d);
	d->use[d->uses++] = (struct use){
		.path = path,
		.read = read || both,
		.write = write || both,
		.denied = denied,
		.directory = str_equal(node_text(node_find(n, "kind"), ""), "directory") && !write,
		.count = 1,
	};
	return 0;
}

static int
take_link(struct drift *d, const struct node *n, const char *address)
{
	const char *host = node_text(node_find(n, "host"), address);
	int64_t port = 0;

	if (!node_integer(node_find(n, "port"), 0, UINT16_MAX, &port))
		return 0;
	if (mem_grow((void **)&d->link, &d->links_cap, d->links, sizeof(*d->link)) < 0 ||
	    !(host = pool_strdup(&d->pool, host)))
		return fail_memory(d);
	d->link[d->links++] = (struct link){
		.host = host,
		.port = (unsigned int)port,
		.bind = str_equal(node_text(node_find(n, "access"), ""), "bind"),
	};
	return 0;
}

static int
take_line(struct drift *d, const char *file, size_t number, struct slice line)
{
	struct pool pool = { 0 };
	struct err reason = ERR_INIT;
	const struct node *path, *address;
	struct node *n = NULL;
	int r = json_parse(&n, &pool, line, NULL, JSON_PLAIN, NULL, &reason);

	if (r < 0) {
		r = err_set(d->e, r, "'%s', line %zu, is no record of a run: %s", file, number,
			    reason.text);
		goto out;
	}
	if (number == 1) {
		int64_t version = 0;

		if (!node_integer(node_find(n, "nono_use"), 1, 1, &version))
			r = err_set(d->e, -EBADMSG,
				    "'%s' is no record of a run; `nono learn --record FILE` writes "
				    "them",
				    file);
		d->runs++;
		d->partial |= !str_equal(node_text(node_find(n, "coverage"), ""), "full");
		goto out;
	}
	path = node_find(n, "path");
	address = node_find(n, "addr");
	if (node_text(path, NULL))
		r = take_path(d, n, path->text);
	else if (node_text(address, NULL))
		r = take_link(d, n, address->text);
out:
	pool_clear(&pool);
	return r;
}

static int
read_record(struct drift *d, const char *file)
{
	autobuf struct buf text = BUF_INIT;
	int r = store_read(&text, file, RECORD_BYTES_MAX);
	struct slice rest = { text.p, text.n };
	size_t number = 0;

	if (r < 0)
		return err_set_errno(d->e, r, "cannot read the record '%s'", file);
	if (rest.n == 0)
		return err_set(d->e, -EBADMSG, "the record '%s' is empty", file);
	while (rest.n > 0 && r == 0) {
		const char *end = memchr(rest.p, '\n', rest.n);
		size_t n = end ? (size_t)(end - rest.p) : rest.n;

		r = take_line(d, file, ++number, (struct slice){ rest.p, n });
		n += end != NULL;
		rest = (struct slice){ rest.p + n, rest.n - n };
	}
	return r;
}

static int
compare_uses(const void *a, const void *b)
{
	const struct use *x = a, *y = b;
	int r = strcmp(x->path, y->path);

	return r ? r : x->denied - y->denied;
}

/* One entry for each path, and one more for its refusals. */
static void
unite_uses(struct drift *d)
{
	size_t kept = 0;

	if (d->uses > 1)
		qsort(d->use, d->uses, sizeof(*d->use), compare_uses);
	for (size_t i = 0; i < d->uses; i++) {
		struct use *u = kept ? &d->use[kept - 1] : NULL;

		if (!u || compare_uses(u, &d->use[i]) != 0) {
			d->use[kept++] = d->use[i];
			continue;
		}
		u->read |= d->use[i].read;
		u->write |= d->use[i].write;
		u->directory &= d->use[i].directory;
		u->count++;
	}
	d->uses = kept;
}

/* ---- findings ---- */

static int
add_finding(struct drift *d, const struct finding *f)
{
	if (mem_grow((void **)&d->finding, &d->findings_cap, d->findings, sizeof(*d->finding)) < 0)
		return fail_memory(d);
	d->finding[d->findings++] = *f;
	return 0;
}

/* "/filesystem/read/3" of "filesystem.read" and 3. */
static const char *
pointer_to(struct drift *d, const char *dotted, size_t index)
{
	autobuf struct buf b = BUF_INIT;
	int r = buf_addf(&b, "/%s/%zu", dotted, index);

	for (size_t i = 0; r == 0 && i < b.n; i++)
		if (b.p[i] == '.')
			b.p[i] = '/';
	return r < 0 ? NULL : pool_take(&d->pool, &b);
}

static int
add_unused(struct drift *d, const char *dotted, size_t index, const struct node *n)
{
	struct finding f = { .part = PART_UNUSED,
			     .pointer = pointer_to(d, dotted, index),
			     .change = { .node = n } };
	autobuf struct buf value = BUF_INIT, origin = BUF_INIT;

	if (!f.pointer || node_line(&value, n) < 0 || view_origin(&origin, n) < 0 ||
	    !(f.value = pool_take(&d->pool, &value)) || !(f.origin = pool_take(&d->pool, &origin)))
		return fail_memory(d);
	return add_finding(d, &f);
}

/* One that can be narrower in place, or in another list. */
static int
add_narrower(struct drift *d, const char *dotted, size_t index, const char *from, const char *to,
	     const char *reason, const struct drift_change *change)
{
	struct finding f = { .part = PART_NARROWER,
			     .change = *change,
			     .pointer = pointer_to(d, dotted, index),
			     .value = pool_strdup(&d->pool, from),
			     .to = pool_strdup(&d->pool, to),
			     .reason = reason };

	return f.pointer && f.value && f.to ? add_finding(d, &f) : fail_memory(d);
}

/* ---- paths ---- */

struct grant_list {
	const char *dotted;
	bool read, write;
	const char *reads, *writes; /* the list for less */
};

/* What of a place was used. */
struct used {
	bool read, write;
	struct buf common; /* the deepest directory above everything that was used */
};

/* Shorten to the part above both. */
static void
cut_to_common(struct buf *common, const char *directory)
{
	while (common->n > 1 && !path_is_beneath(directory, buf_str(common))) {
		while (common->n > 1 && common->p[common->n - 1] != '/')
			common->n--;
		if (common->n > 1)
			common->n--;
		common->p[common->n] = '\0';
	}
}

static int
add_use(struct used *u, const struct use *use)
{
	autobuf struct buf directory = BUF_INIT;
	size_t n = strlen(use->path);

	u->read |= use->read;
	u->write |= use->write;
	if (!use->directory)
		while (n > 1 && use->path[--n] != '/')
			;
	if (buf_add(&directory, use->path, n ? n : 1) < 0)
		return -ENOMEM;
	if (u->common.n == 0)
		return buf_adds(&u->common, buf_str(&directory));
	cut_to_common(&u->common, buf_str(&directory));
	return 0;
}

static int
find_used(struct drift *d, struct used *u, const char *place, bool tree)
{
	for (size_t i = 0; i < d->uses; i++) {
		const struct use *use = &d->use[i];
		bool inside = tree ? path_is_beneath(use->path, place)
				   : str_equal(use->path, place);

		if (inside && !use->denied && add_use(u, use) < 0)
			return fail_memory(d);
	}
	return 0;
}

/* Where an entry is: 1, 0 when that cannot be known, or an error. */
static int
find_place(struct drift *d, struct buf *place, const char *text, bool *ret_tree)
{
	autobuf struct buf expanded = BUF_INIT;
	struct err ignored = ERR_INIT;
	struct stat st;
	int r;

	/* What git answers depends on where the run was. */
	if (text[0] == '@')
		return 0;
	r = inspect_expand(&expanded, d->in, text, &ignored);
	if (r == -ENOMEM || (r == 0 && path_canonical(place, "/", buf_str(&expanded)) < 0))
		return fail_memory(d);
	if (r < 0)
		return 0;
	*ret_tree = stat(buf_str(place), &st) == -1 || S_ISDIR(st.st_mode);
	return 1;
}

/* The entry stays written as it is, with what is missing of the path behind it. */
static int
add_deeper(struct drift *d, const struct grant_list *list, size_t index, const struct node *n,
	   const char *place, const char *common)
{
	const char *text = node_text(n, NULL);
	struct drift_change change = { .node = n };
	autobuf struct buf deeper = BUF_INIT;

	if (text) {
		size_t length = strlen(text), skip = str_equal(place, "/") ? 0 : strlen(place);

		while (length > 0 && text[length - 1] == '/')
			length--;
		if (buf_add(&deeper, text, length) < 0 || buf_adds(&deeper, common + skip) < 0 ||
		    !(change.path = pool_take(&d->pool, &deeper)))
			return fail_memory(d);
	}
	return add_narrower(d, list->dotted, index, node_text(n, place), common,
			    "nothing beside this directory was used", &change);
}

static int
judge_grant(struct drift *d, const struct grant_list *list, size_t index, const struct node *n)
{
	autobuf struct buf place = BUF_INIT;
	struct used u = { false, false, BUF_INIT };
	bool tree = false;
	int r = find_place(d, &place, node_text(n, node_text(node_find(n, "path"), "@")), &tree);

	if (r > 0)
		r = find_used(d, &u, buf_str(&place), tree);
	else
		return r;
	if (r == 0 && !u.read && !u.write)
		r = add_unused(d, list->dotted, index, n);
	else if (r == 0 && list->read && list->write && !u.write)
		r = add_narrower(d, list->dotted, index, list->dotted, list->reads,
				 "it was only read",
				 &(struct drift_change){ .node = n, .list = list->reads });
	else if (r == 0 && list->read && list->write && !u.read)
		r = add_narrower(d, list->dotted, index, list->dotted, list->writes,
				 "it was only written",
				 &(struct drift_change){ .node = n, .list = list->writes });
	if (r == 0 && tree && u.common.n && path_is_inside(buf_str(&u.common), buf_str(&place)))
		r = add_deeper(d, list, index, n, buf_str(&place), buf_str(&u.common));
	buf_clear(&u.common);
	return r;
}

static int
judge_grants(struct drift *d)
{
	static const struct grant_list lists[] = {
		{ "filesystem.allow", true, true, "filesystem.read", "filesystem.write" },
		{ "filesystem.read", true, false, NULL, NULL },
		{ "filesystem.write", false, true, NULL, NULL },
		{ "filesystem.allow_file", true, true, "filesystem.read_file",
		  "filesystem.write_file" },
		{ "filesystem.read_file", true, false, NULL, NULL },
		{ "filesystem.write_file", false, true, NULL, NULL },
		{ "filesystem.bypass_protection", false, false, NULL, NULL },
	};
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		size_t index = 0;

		for (const struct node *n = node_first(profile_get(d->p, lists[i].dotted));
		     n && r == 0; n = n->next)
			r = judge_grant(d, &lists[i], index++, n);
	}
	return r;
}

/* ---- groups ---- */

static int
group_is_used(struct drift *d, const struct group *g, bool *ret)
{
	*ret = g->allow_count == 0;
	for (size_t i = 0; i < g->allow_count && !*ret; i++) {
		autobuf struct buf place = BUF_INIT;
		struct used u = { false, false, BUF_INIT };
		bool tree = false;
		int r = find_place(d, &place, g->allow[i].path, &tree);

		if (r > 0)
			r = find_used(d, &u, buf_str(&place), tree);
		*ret = u.read || u.write;
		buf_clear(&u.common);
		if (r < 0)
			return r;
	}
	return 0;
}

static int
judge_groups(struct drift *d)
{
	size_t index = 0;
	int r = 0;

	for (const struct node *n = node_first(profile_get(d->p, "groups.include")); n && r == 0;
	     n = n->next, index++) {
		const struct group *g = profile_find_group(d->p, node_text(n, ""));
		bool used = true;

		if (g && g->linux_group)
			r = group_is_used(d, g, &used);
		if (r == 0 && !used)
			r = add_unused(d, "groups.include", index, n);
	}
	return r;
}

/* ---- the network ---- */

static int
judge_domains(struct drift *d)
{
	size_t index = 0;
	int r = 0;

	for (const struct node *n = node_first(profile_get(d->p, "network.allow_domain"));
	     n && r == 0; n = n->next, index++) {
		const char *domain = node_text(n, node_text(node_find(n, "domain"), ""));
		bool used = false;

		for (size_t i = 0; i < d->links && !used; i++)
			used = !d->link[i].bind && host_entry_lets(domain, d->link[i].host);
		if (!used)
			r = add_unused(d, "network.allow_domain", index, n);
	}
	return r;
}

static int
judge_ports(struct drift *d)
{
	static const struct {
		const char *dotted;
		bool connect, bind;
	} lists[] = { { "network.open_port", true, true },
		      { "network.listen_port", false, true },
		      { "network.connect_port", true, false } };
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		size_t index = 0;

		for (const struct node *n = node_first(profile_get(d->p, lists[i].dotted));
		     n && r == 0; n = n->next, index++) {
			bool used = false;

			for (size_t k = 0; k < d->links; k++)
				used |= d->link[k].port == (unsigned int)n->number &&
					(d->link[k].bind ? lists[i].bind : lists[i].connect);
			if (!used)
				r = add_unused(d, lists[i].dotted, index, n);
		}
	}
	return r;
}

/* ---- what was missing ---- */

static int
list_missing(struct drift *d)
{
	int r = 0;

	for (size_t i = 0; i < d->uses && r == 0; i++) {
		const struct use *u = &d->use[i];

		if (u->denied)
			r = add_finding(d, &(struct finding){ .part = PART_MISSING,
							      .value = u->path,
							      .access = !u->write  ? "read"
									: !u->read ? "write"
										   : "readwrite",
							      .count = u->count });
	}
	for (size_t i = 0; i < d->links && r == 0; i++) {
		struct finding f = { .part = PART_MISSING, .is_host = true, .access = "connect" };
		bool told = false;

		f.value = d->link[i].host;
		for (size_t k = 0; k < d->links; k++) {
			bool same = !d->link[k].bind && str_equal(d->link[k].host, f.value);

			f.count += same;
			told |= same && k < i;
		}
		if (!told && !d->link[i].bind &&
		    host_decide(d->p, f.value).verdict == HOST_UNLISTED)
			r = add_finding(d, &f);
	}
	return r;
}

/* ---- the answer ---- */

static const char *const titles[PART_COUNT] = { "Unused", "Could be narrower", "Missing" };
static const char *const keys[PART_COUNT] = { "unused", "narrower", "missing" };

static void
json_one(struct json *j, const struct finding *f)
{
	json_object(j, NULL);
	if (f->part == PART_MISSING) {
		json_bytes(j, f->is_host ? "host" : "path", f->value);
		json_string(j, "access", f->access);
		json_number(j, "count", f->count);
	} else {
		json_string(j, "pointer", f->pointer);
		json_string(j, f->part == PART_UNUSED ? "value" : "from", f->value);
		if (f->part == PART_UNUSED) {
			json_string(j, "origin", f->origin);
		} else {
			json_bytes(j, "to", f->to);
			json_string(j, "reason", f->reason);
		}
	}
	json_end(j);
}

static void
put_one(struct out *o, const struct finding *f)
{
	out_puts(o, "    ");
	if (f->part == PART_MISSING) {
		out_putf(o, "%s ", f->access);
		out_text(o, f->value);
		out_putf(o, " (%u %s)\n", f->count, f->count == 1 ? "time" : "times");
		return;
	}
	out_text(o, f->pointer);
	out_puts(o, "  ");
	out_text(o, f->value);
	if (f->part == PART_NARROWER) {
		out_puts(o, " -> ");
		out_text(o, f->to);
	}
	out_puts(o, "  # ");
	out_text(o, f->part == PART_UNUSED ? f->origin : f->reason);
	out_puts(o, "\n");
}

static void
put_part(struct drift *d, enum part part)
{
	struct listing *l = d->l;
	size_t shown = 0;

	json_array(&l->j, keys[part]);
	for (size_t i = 0; i < d->findings; i++) {
		if (d->finding[i].part != part)
			continue;
		if (shown++ == 0)
			out_putf(&l->out, "\n  %s:\n", titles[part]);
		json_one(&l->j, &d->finding[i]);
		if (part != PART_MISSING || shown <= MISSING_MAX)
			put_one(&l->out, &d->finding[i]);
	}
	if (part == PART_MISSING && shown > MISSING_MAX)
		out_putf(&l->out, "    and %zu more\n", shown - MISSING_MAX);
	json_end(&l->j);
}

static void
put_answer(struct drift *d, const char *name)
{
	struct listing *l = d->l;
	const char *coverage = d->partial ? "partial" : "full";

	listing_title(l, "drift of '%s' over %zu %s (%s coverage)", name, d->runs,
		      d->runs == 1 ? "run" : "runs", coverage);
	json_object(&l->j, NULL);
	json_string(&l->j, "profile", name);
	json_number(&l->j, "runs", d->runs);
	json_string(&l->j, "coverage", coverage);
	for (int part = 0; part < PART_COUNT; part++)
		put_part(d, (enum part)part);
	json_end(&l->j);
	if (d->findings == 0)
		out_puts(&l->out, "\n  (the profile fits)\n");
	for (size_t i = 0; i < d->findings && opt_has(l->o, FLAG_EXIT_CODE); i++)
		if (d->finding[i].part == PART_UNUSED)
			l->exit_code = EXIT_NONO;
	if (l->exit_code)
		(void)err_set(&l->verdict, -EINVAL, "the profile grants what was not used");
}

static int
read_records(struct drift *d)
{
	const struct opt *o = d->l->o;
	uint64_t wanted = 1;
	int r = 0;

	if (!opt_has(o, FLAG_FROM))
		return err_set_exit(
			d->e, EXIT_USAGE, -EINVAL,
			"--from FILE is needed: a record of `nono learn --record FILE`");
	for (size_t i = 0; i < o->count && r == 0; i++)
		if (o->item[i].flag->id == FLAG_FROM)
			r = read_record(d, o->item[i].value);
	if (r < 0)
		return r;
	if (opt_has(o, FLAG_MIN_RUNS) &&
	    str_to_u64(opt_value(o, FLAG_MIN_RUNS), 1, UINT32_MAX, &wanted) < 0)
		return -EINVAL;
	if (d->runs < wanted)
		return err_set(
			d->e, -EINVAL,
			"%zu runs are recorded, and --min-runs wants %llu; record more of them",
			d->runs, (unsigned long long)wanted);
	unite_uses(d);
	return 0;
}

/* ---- --write ---- */

static int
write_draft(struct drift *d)
{
	const char *name = opt_value(d->l->o, FLAG_WRITE_DRAFT);
	struct drift_change *changes;
	size_t n = 0;
	int r;

	if (!name)
		return 0;
	if (d->partial)
		return err_set(
			d->e, -EINVAL,
			"--write: what the records do not cover looks unused; a draft is only "
			"made of records with full coverage, as `nono learn --record` writes "
			"them");
	changes = mem_calloc(d->findings + 1, sizeof(*changes));
	if (!changes)
		return fail_memory(d);
	for (size_t i = 0; i < d->findings; i++)
		if (d->finding[i].part != PART_MISSING)
			changes[n++] = d->finding[i].change;
	r = drift_draft_write(d->l, d->p, name, changes, n, d->e);
	mem_free(changes);
	return r;
}

int
profile_drift(struct listing *l, struct err *e)
{
	struct drift d = { .l = l, .e = e };
	const char *name = l->o->program.item[0];
	int r = listing_load(l, &d.p, name, 0, e);

	if (r == 0)
		r = inspect_open(&d.in, l->environment, e);
	if (r == 0 && (r = read_records(&d)) == 0 && (r = judge_grants(&d)) == 0 &&
	    (r = judge_groups(&d)) == 0 && (r = judge_domains(&d)) == 0 &&
	    (r = judge_ports(&d)) == 0 && (r = list_missing(&d)) == 0 && (r = write_draft(&d)) == 0)
		put_answer(&d, name);
	mem_free(d.use);
	mem_free(d.link);
	mem_free(d.finding);
	inspect_free(d.in);
	profile_free(d.p);
	pool_clear(&d.pool);
	return r;
}
