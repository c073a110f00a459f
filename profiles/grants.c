/*
 * Grants of file system objects: built from policy groups and from flags, in the order of spec 02
 * 2.3. A user's path is opened here and identified; a group's path is not even looked at, because
 * launch/ opens it anyway and a start has no time for sixty look-ups more.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/internal.h"
#include "profiles/profile.h"

enum { CREATED_MODE = 0600 };

/* FNV-1a: most pairs of paths are told apart by it without touching the strings. */
static uint32_t
hash_bytes(const char *s, size_t n)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return h;
}

uint32_t
home_key(const struct host *h, const char *path)
{
	const char *home = h->home_real;
	uint32_t key;

	if (!path_is_inside(path, home)) {
		if (h->home == home || !path_is_inside(path, h->home))
			return 0;
		home = h->home;
	}
	path += str_equal(home, "/") ? 1 : strlen(home) + 1;
	key = hash_bytes(path, strcspn(path, "/"));
	return key ? key : 1;
}

bool
grant_is_user(const struct grant *g)
{
	return g->source == PLAN_SOURCE_USER || g->source == PLAN_SOURCE_PROFILE;
}

/* An entry that was not looked at may be a file: nothing can be below it then. */
bool
grant_is_directory(const struct grant *g)
{
	return g->kind != PLAN_KIND_FILE;
}

bool
grants_have_user(const struct assembly *a)
{
	for (size_t i = 0; i < a->grants_count; i++)
		if (grant_is_user(&a->grants[i]))
			return true;
	return a->sockets_count > 0;
}

unsigned int
grants_cover(const struct assembly *a, const char *path)
{
	unsigned int access = 0;

	for (size_t i = 0; i < a->grants_count; i++) {
		const struct grant *g = &a->grants[i];

		if (grant_is_directory(g) && g->alias == PLAN_ALIAS_NONE &&
		    path_is_beneath(path, g->place))
			access |= g->access;
	}
	return access;
}

const char *
access_text(unsigned int access)
{
	switch (access) {
	case PLAN_READ:
		return "read";
	case PLAN_WRITE:
		return "write";
	default:
		return "read+write";
	}
}

int
grant_source_text(struct buf *b, const struct grant *g)
{
	switch ((enum plan_source)g->source) {
	case PLAN_SOURCE_USER:
		return buf_adds(b, "user");
	case PLAN_SOURCE_PROFILE:
		return buf_adds(b, "profile");
	case PLAN_SOURCE_GROUP:
		return buf_addf(b, "group:%s", g->source_name);
	case PLAN_SOURCE_SYSTEM:
		break;
	}
	return buf_adds(b, "system");
}

static bool
contains_home(const struct assembly *a, const char *path)
{
	return path_is_beneath(a->host.home, path) || path_is_beneath(a->host.home_real, path);
}

int
grant_add(struct assembly *a, const struct grant *g)
{
	struct grant *added;
	int r = mem_grow((void **)&a->grants, &a->grants_cap, a->grants_count, sizeof(*added));

	if (r < 0)
		return r;
	added = &a->grants[a->grants_count++];
	*added = *g;
	added->place_hash = hash_bytes(g->place, strlen(g->place));
	added->home_key = home_key(&a->host, g->place);
	added->near_home = added->home_key || contains_home(a, g->place);
	return 0;
}

/*
 * A path of a group in the form that canonical paths are compared with. Only the home directory
 * is translated: it is the one part of group paths that the user, and not the system, chooses.
 */
const char *
home_translated(struct assembly *a, const char *path)
{
	size_t n = strlen(a->host.home);
	autobuf struct buf b = BUF_INIT;

	if (a->host.home == a->host.home_real || !path_is_beneath(path, a->host.home))
		return path;
	if (buf_addf(&b, "%s%s", a->host.home_real, path + n) < 0)
		return NULL;
	return pool_take(&a->pool, &b);
}

int
expand_group_path(struct assembly *a, const char *text, const char **ret, struct err *e)
{
	autobuf struct buf expanded = BUF_INIT, normal = BUF_INIT;
	int r;

	*ret = text;
	if (text[0] == '/' && !strchr(text, '$'))
		return 0;
	/* Nearly all of them; entries of the table are normal already. */
	if (text[0] == '~' && text[1] == '/' && !strchr(text, '$') && a->host.home[1]) {
		*ret = pool_join(&a->pool, a->host.home, text + 2);
		return *ret ? 0 : err_memory(e);
	}
	r = expand_path(&expanded, text, &a->host, EXPAND_STRICT, e);
	if (r < 0)
		return r;
	if (path_absolute(&normal, "/", buf_str(&expanded)) < 0 ||
	    !(*ret = pool_take(&a->pool, &normal)))
		return err_memory(e);
	return 0;
}

/* A home below a directory for everybody's files: its denies could not hold (spec 03 9.2). */
static int
skip_temp(struct assembly *a, const struct group *g, const char *path, struct err *e)
{
	int r = note_add(a, POLICY_NOTE_WARNING,
			 "%s: '%s' is not granted, because the home directory '%s' is inside it; "
			 "grant single directories below it with --write",
			 g->name, path, a->host.home);

	a->covered_stale = true;
	return r < 0 ? err_memory(e) : 0;
}

static int
add_group_path(struct assembly *a, const struct group *g, const struct group_path *entry,
	       struct err *e)
{
	struct grant grant = {
		.resolved = "",
		.source_name = g->name,
		.access = entry->access,
		.kind = PLAN_KIND_ANY,
		.source = PLAN_SOURCE_GROUP,
		.flags = PLAN_GRANT_OPTIONAL,
	};
	int r;

	if ((r = expand_group_path(a, entry->path, &grant.original, e)) < 0)
		return r;
	if (str_equal(g->name, "system_write_linux") && contains_home(a, grant.original))
		return skip_temp(a, g, grant.original, e);
	grant.place = home_translated(a, grant.original);
	if (!grant.place)
		return err_memory(e);
	if (grant.place != grant.original)
		grant.resolved = grant.place;
	grant.alias = (uint8_t)plan_alias_of(grant.original, entry->access);
	if (entry->covered)
		grant.flags |= PLAN_GRANT_COVERED;
	r = grant_add(a, &grant);
	return r < 0 ? err_memory(e) : 0;
}

int
grants_add_group(struct assembly *a, const struct group *g, struct err *e)
{
	for (size_t i = 0; i < g->allow_count; i++) {
		int r = add_group_path(a, g, &g->allow[i], e);

		if (r < 0)
			return r;
	}
	return 0;
}

int
grant_missing(struct assembly *a, const char *flag, const char *path, bool warn, struct err *e)
{
	if (a->rq->strict_paths)
		return err_set(e, -ENOENT,
			       "Path does not exist: %s; create it or remove %s (--strict-paths "
			       "allows no skipped grant)",
			       path, flag);
	if (warn &&
	    note_add(a, POLICY_NOTE_WARNING, "'%s' does not exist and will be ignored.", path) < 0)
		return err_memory(e);
	if (note_add(a, POLICY_NOTE_SKIPPED, "%s %s", flag, path) < 0)
		return err_memory(e);
	return 0;
}

/*
 * A name for /proc/self of this process would be another process's once the program runs, and the
 * broker keeps this one's number: such a grant must go through the alias rules.
 */
static const char *
own_proc_path(struct assembly *a, const char *name)
{
	autobuf struct buf b = BUF_INIT;
	char own[32];

	(void)snprintf(own, sizeof(own), "/proc/%ld", (long)getpid());
	if (!path_is_beneath(name, own))
		return NULL;
	if (buf_addf(&b, "/proc/self%s", name + strlen(own)) < 0)
		return NULL;
	return pool_take(&a->pool, &b);
}

/* A grant of /dev/stdin, /proc/self and the like: no identity, it is another object later. */
static int
add_alias(struct assembly *a, struct grant *g, const char *absolute, struct err *e)
{
	g->original = absolute;
	g->resolved = absolute;
	g->place = absolute;
	return grant_add(a, g) < 0 ? err_memory(e) : 0;
}

int
grant_add_object(struct assembly *a, const char *flag, const char *original, unsigned int access,
		 enum plan_kind kind, enum plan_source source, const struct object *o,
		 struct err *e)
{
	struct grant g = {
		.flag = flag,
		.original = original,
		.resolved = o->name,
		.place = o->name,
		.source_name = "",
		.device = o->device,
		.inode = o->inode,
		.type = o->type,
		.access = (uint8_t)access,
		.kind = (uint8_t)kind,
		.source = (uint8_t)source,
		.flags = PLAN_GRANT_CHECKED,
	};
	autobuf struct buf absolute = BUF_INIT;
	const char *typed, *own;

	if (source == PLAN_SOURCE_USER && object_note_file_system(a, o) < 0)
		return err_memory(e);
	if (path_absolute(&absolute, a->host.cwd, original) < 0 ||
	    !(typed = pool_take(&a->pool, &absolute)))
		return err_memory(e);
	own = own_proc_path(a, o->name);
	if (plan_alias_of(typed, access) == PLAN_ALIAS_NONE && own)
		typed = own;
	g.alias = (uint8_t)plan_alias_of(typed, access);
	if (g.alias == PLAN_ALIAS_CHILD && !path_is_beneath(o->name, "/proc")) {
		/* /proc/self/root, cwd, fd/N: a way out of /proc to an object with a name. It is
		 * granted, and judged, under that name. */
		g.alias = PLAN_ALIAS_NONE;
		g.original = o->name;
	}
	if (g.alias != PLAN_ALIAS_NONE) {
		g.device = g.inode = 0;
		g.type = 0;
		g.flags = 0;
		return add_alias(a, &g, typed, e);
	}
	return grant_add(a, &g) < 0 ? err_memory(e) : 0;
}

/* /dev/stdin as a pipe has no canonical name, but is granted as an alias all the same. */
int
grant_add_nameless(struct assembly *a, const char *flag, const char *path, unsigned int access,
		   enum plan_kind kind, struct err *e)
{
	struct grant g = {
		.flag = flag,
		.source_name = "",
		.access = (uint8_t)access,
		.kind = (uint8_t)kind,
		.source = PLAN_SOURCE_USER,
	};
	autobuf struct buf absolute = BUF_INIT;
	const char *typed;

	if (path_absolute(&absolute, a->host.cwd, path) < 0 ||
	    !(typed = pool_take(&a->pool, &absolute)))
		return err_memory(e);
	g.alias = (uint8_t)plan_alias_of(typed, access);
	if (g.alias == PLAN_ALIAS_NONE)
		return err_set(e, -ESTALE,
			       "Failed to canonicalize path %s: it was removed or has no name in "
			       "the file system; remove %s",
			       path, flag);
	return add_alias(a, &g, typed, e);
}

struct flag_rule {
	const char *flag, *instead;
	uint8_t access, kind;
};

/*
 * A file the program may write but that does not exist yet: Landlock can only grant what exists,
 * so it is made empty (spec 02 3.3). 1 when made, 0 when not ours to make.
 */
static int
create_file(struct assembly *a, const struct flag_rule *rule, const char *path, struct err *e)
{
	autofree char *parent = NULL;
	const char *leaf = path_basename(path);
	autofd int dir = -1, fd = -1;
	struct stat st;
	int r;

	if ((a->rq->dry_run && !a->rq->explain) || !(rule->access & PLAN_WRITE) ||
	    rule->kind != PLAN_KIND_FILE)
		return 0;
	if (!*leaf || str_equal(leaf, ".") || str_equal(leaf, ".."))
		return 0;
	parent = mem_memdup0(path, (size_t)(leaf - path));
	if (!parent)
		return err_memory(e);
	dir = open(*parent ? parent : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir == -1 || fstat(dir, &st) == -1 || st.st_uid != geteuid())
		return 0;
	if (a->rq->explain)
		return fstatat(dir, leaf, &st, AT_SYMLINK_NOFOLLOW) == -1 && errno == ENOENT &&
		       faccessat(dir, ".", W_OK | X_OK, AT_EACCESS) == 0;
	fd = openat(dir, leaf, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, CREATED_MODE);
	if (fd == -1)
		return 0;
	r = mem_grow((void **)&a->created, &a->created_cap, a->created_count, sizeof(*a->created));
	if (r < 0 || !(a->created[a->created_count] = pool_strdup(&a->pool, path))) {
		(void)unlinkat(dir, leaf, 0);
		return err_memory(e);
	}
	a->created_count++;
	return 1;
}

void
grants_undo_created(struct assembly *a)
{
	for (size_t i = 0; i < a->created_count; i++) {
		struct stat st;

		if (lstat(a->created[i], &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0)
			(void)unlink(a->created[i]);
	}
	a->created_count = 0;
}

static int
check_kind(const struct flag_rule *rule, const char *path, const struct object *o, struct err *e)
{
	bool directory = o->type == S_IFDIR;

	if (rule->kind == PLAN_KIND_DIR && !directory)
		return err_set(e, -ENOTDIR,
			       "Configuration parse error: CLI path '%s' is not a directory. Use "
			       "%s for single files.",
			       path, rule->instead);
	if (rule->kind == PLAN_KIND_FILE && directory)
		return err_set(e, -EISDIR,
			       "Expected a file but got a directory: %s; use %s for directories",
			       path, rule->instead);
	return 0;
}

/* For `nono why`: the grant of a file that a launch would make. */
static int
add_promised(struct assembly *a, const struct flag_rule *rule, const char *path, struct err *e)
{
	struct grant g = {
		.flag = rule->flag,
		.original = path,
		.source_name = "",
		.access = rule->access,
		.kind = rule->kind,
		.source = PLAN_SOURCE_USER,
	};
	autobuf struct buf canonical = BUF_INIT;

	if (path_canonical(&canonical, a->host.cwd, path) < 0 ||
	    !(g.resolved = pool_take(&a->pool, &canonical)))
		return err_memory(e);
	g.place = g.resolved;
	return grant_add(a, &g) < 0 ? err_memory(e) : 0;
}

static int
add_flag_path(struct assembly *a, const struct flag_rule *rule, const char *path, struct err *e)
{
	struct object o;
	int made = 0, r;

	if (!*path)
		return err_set_exit(e, EXIT_USAGE, -EINVAL,
				    "invalid value '' for %s: a path is needed", rule->flag);
	r = roots_check_request(a, path, "CLI", rule->access, rule->kind == PLAN_KIND_DIR, e);
	if (r < 0)
		return r;
	r = object_open(a, path, &o);
	if (errno_is_missing(r)) {
		made = create_file(a, rule, path, e);
		if (made < 0)
			return made;
		if (made == 0)
			return grant_missing(a, rule->flag, path, rule->kind == PLAN_KIND_DIR, e);
		if (a->rq->explain)
			return add_promised(a, rule, path, e);
		r = object_open(a, path, &o);
	}
	if (r == -ENOMEM)
		return err_memory(e);
	if (r == -ESTALE)
		return grant_add_nameless(a, rule->flag, path, rule->access, rule->kind, e);
	if (r < 0)
		return err_set_errno(e, r,
				     "Failed to canonicalize path %s (check it and its parents, or "
				     "remove %s)",
				     path, rule->flag);
	r = check_kind(rule, path, &o, e);
	if (r == 0)
		r = grant_add_object(a, rule->flag, path, rule->access, rule->kind,
				     PLAN_SOURCE_USER, &o, e);
	if (r == 0 && made)
		a->grants[a->grants_count - 1].flags |= PLAN_GRANT_CREATED;
	o.fd = fd_close(o.fd);
	return r;
}

int
grants_add_flags(struct assembly *a, struct err *e)
{
	const struct policy_request *rq = a->rq;
	const struct {
		struct flag_rule rule;
		const struct words *words;
	} flags[] = {
		{ { "--allow", "--allow-file", PLAN_READ | PLAN_WRITE, PLAN_KIND_DIR },
		  &rq->allow },
		{ { "--read", "--read-file", PLAN_READ, PLAN_KIND_DIR }, &rq->read },
		{ { "--write", "--write-file", PLAN_WRITE, PLAN_KIND_DIR }, &rq->write },
		{ { "--allow-file", "--allow", PLAN_READ | PLAN_WRITE, PLAN_KIND_FILE },
		  &rq->allow_file },
		{ { "--read-file", "--read", PLAN_READ, PLAN_KIND_FILE }, &rq->read_file },
		{ { "--write-file", "--write", PLAN_WRITE, PLAN_KIND_FILE }, &rq->write_file },
	};

	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		for (size_t j = 0; j < flags[i].words->count; j++) {
			int r = add_flag_path(a, &flags[i].rule, flags[i].words->item[j], e);

			if (r < 0)
				return r;
		}
	return 0;
}

int
grants_warn_nested(struct assembly *a)
{
	/* In a read-only tree it narrows the other one. */
	const bool narrows = namespaces_wanted(a) >= PLAN_NAMESPACES_FULL;

	for (size_t i = 0; i < a->grants_count; i++) {
		const struct grant *child = &a->grants[i];

		if (!grant_is_user(child))
			continue;
		for (size_t j = 0; j < a->grants_count; j++) {
			const struct grant *parent = &a->grants[j];
			int r;

			if (!grant_is_directory(parent) || parent->alias != PLAN_ALIAS_NONE ||
			    parent->access == child->access ||
			    (narrows && !(child->access & PLAN_WRITE)) ||
			    (parent->access & child->access) != child->access ||
			    !path_is_inside(child->place, parent->place))
				continue;
			/* A profile is checked once, by `lint`; a command line is typed every time. */
			r = note_add(a,
				     child->source == PLAN_SOURCE_USER ? POLICY_NOTE_WARNING
								       : POLICY_NOTE_INFO,
				     "grant '%s' (%s) has no effect: '%s' already grants %s",
				     child->place, access_text(child->access), parent->place,
				     access_text(parent->access));
			if (r < 0)
				return r;
			break;
		}
	}
	return 0;
}
