/*
 * Denied paths that are reached through a symlink: the target is denied as well (spec 02 3.1).
 * Looking at all of the ~150 entries would cost more than the rest of a start, so this runs only
 * when something was granted that could hold a target (any user's grant), and reads each parent
 * directory once: almost all entries share a handful of parents, most of which do not exist. Only
 * entries whose way really contains a symlink are resolved one by one.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/path.h"
#include "profiles/internal.h"

enum {
	ENTRIES_MAX = 4096, /* per directory; in larger ones every entry is resolved */
	NO_PARENT = -1,
};

/* A directory on the way to a denied path. */
struct parent {
	long above; /* index, or NO_PARENT for the home */
	struct slice name;
	bool absent;
	bool unknown; /* not readable or too large: anything may be a symlink */
	const char **link;
	size_t links, links_cap;
};

struct parents {
	struct parent *item;
	size_t count, cap;
};

static int
add_link(struct assembly *a, struct parent *p, const char *name)
{
	int r = mem_grow((void **)&p->link, &p->links_cap, p->links, sizeof(*p->link));

	if (r < 0)
		return r;
	p->link[p->links] = pool_strdup(&a->pool, name);
	return p->link[p->links++] ? 0 : -ENOMEM;
}

static int
read_links(struct assembly *a, struct parent *p, int fd)
{
	_Alignas(struct dirent64) char bytes[16 << 10];
	size_t seen = 0;

	for (;;) {
		ssize_t n = getdents64(fd, bytes, sizeof(bytes));

		if (n == -1)
			p->unknown = true;
		if (n <= 0)
			return 0;
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *d = (const void *)(bytes + at);
			int r;

			at += d->d_reclen;
			if ((d->d_type == DT_LNK || d->d_type == DT_UNKNOWN) &&
			    (r = add_link(a, p, d->d_name)) < 0)
				return r;
			if (++seen > ENTRIES_MAX) {
				p->unknown = true;
				return 0;
			}
		}
	}
}

/* The path of a parent directory, canonical because no symlink was met on the way. */
static int
parent_path(struct buf *b, const struct assembly *a, const struct parents *all, long index)
{
	const struct parent *p = &all->item[index];
	int r;

	if (p->above == NO_PARENT)
		return buf_adds(b, a->host.home_real);
	if ((r = parent_path(b, a, all, p->above)) < 0 || (r = buf_addc(b, '/')) < 0)
		return r;
	return buf_add(b, p->name.p, p->name.n);
}

/* The directory `name` in the directory `above`, read on first use; its index or -ENOMEM. */
static long
parent_find(struct assembly *a, struct parents *all, long above, struct slice name)
{
	autobuf struct buf path = BUF_INIT;
	autofd int fd = -1;
	struct parent *p;
	int r;

	for (size_t i = 0; i < all->count; i++)
		if (all->item[i].above == above && slice_equal(all->item[i].name, name))
			return (long)i;
	r = mem_grow((void **)&all->item, &all->cap, all->count, sizeof(*p));
	if (r < 0)
		return r;
	p = &all->item[all->count++];
	*p = (struct parent){ .above = above, .name = name };
	if (above != NO_PARENT && all->item[above].absent) {
		p->absent = true;
		return (long)all->count - 1;
	}
	if ((r = parent_path(&path, a, all, (long)all->count - 1)) < 0)
		return r;
	fd = open(buf_str(&path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1 && errno_is_missing(-errno))
		p->absent = true;
	else if (fd == -1)
		p->unknown = true;
	else if ((r = read_links(a, p, fd)) < 0)
		return r;
	return (long)all->count - 1;
}

static bool
may_be_link(const struct parent *p, struct slice name)
{
	if (p->unknown)
		return true;
	for (size_t i = 0; i < p->links; i++)
		if (slice_equal(slice_of(p->link[i]), name))
			return true;
	return false;
}

/* Does the way from the home to this entry contain a symlink? 1, 0 or -ENOMEM. */
static int
way_has_link(struct assembly *a, struct parents *all, const char *resolved)
{
	const char *at = resolved + strlen(a->host.home_real);
	long dir = parent_find(a, all, NO_PARENT, (struct slice){ "", 0 });

	for (;;) {
		struct slice name;

		while (*at == '/')
			at++;
		name = (struct slice){ at, strcspn(at, "/") };
		if (dir < 0)
			return (int)dir;
		if (name.n == 0 || all->item[dir].absent)
			return 0;
		if (may_be_link(&all->item[dir], name))
			return 1;
		at += name.n;
		if (!*at)
			return 0;
		dir = parent_find(a, all, dir, name);
	}
}

static int
resolve_one(struct assembly *a, struct parents *all, struct deny *d)
{
	autobuf struct buf canonical = BUF_INIT;
	int r = d->in_home ? way_has_link(a, all, d->resolved) : 1;

	if (r <= 0)
		return r;
	if ((r = path_canonical(&canonical, "/", d->literal)) < 0)
		return r;
	/* Immutable and readable for everybody: denying it would only break the nix runtime. */
	if (path_is_beneath(buf_str(&canonical), "/nix/store"))
		return 0;
	d->resolved = pool_take(&a->pool, &canonical);
	if (!d->resolved)
		return -ENOMEM;
	d->in_home = d->in_home && path_is_inside(d->resolved, a->host.home_real);
	d->home_key = 0;
	return 0;
}

int
denies_resolve(struct assembly *a, struct err *e)
{
	struct parents all = { NULL, 0, 0 };
	int r = 0;

	if (a->denies_resolved)
		return 0;
	for (size_t i = 0; r == 0 && i < a->denies_count; i++)
		r = resolve_one(a, &all, &a->denies[i]);
	for (size_t i = 0; i < all.count; i++)
		mem_free(all.item[i].link);
	mem_free(all.item);
	a->denies_resolved = r == 0;
	return r < 0 ? err_memory(e) : 0;
}
