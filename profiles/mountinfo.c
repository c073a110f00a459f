/*
 * /proc/self/mountinfo (proc(5)) as text. Pure. Names in it are chosen by whoever may mount, so
 * every field is checked and nothing is copied before it was.
 */
#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "profiles/internal.h"

/* The next field of a line, ended by a blank or the end of the line; false when there is none. */
static bool
take_field(struct slice *line, struct slice *ret)
{
	const char *blank;

	if (line->n == 0)
		return false;
	blank = memchr(line->p, ' ', line->n);
	*ret = (struct slice){ line->p, blank ? (size_t)(blank - line->p) : line->n };
	line->p += ret->n + (blank ? 1 : 0);
	line->n -= ret->n + (blank ? 1 : 0);
	return ret->n > 0;
}

static bool
to_number(struct slice s, unsigned int *ret)
{
	unsigned int v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' || __builtin_mul_overflow(v, 10u, &v) ||
		    __builtin_add_overflow(v, (unsigned int)(s.p[i] - '0'), &v))
			return false;
	}
	*ret = v;
	return true;
}

static bool
to_device(struct slice s, unsigned int *major, unsigned int *minor)
{
	const char *colon = memchr(s.p, ':', s.n);
	size_t n;

	if (!colon)
		return false;
	n = (size_t)(colon - s.p);
	return to_number((struct slice){ s.p, n }, major) &&
	       to_number((struct slice){ colon + 1, s.n - n - 1 }, minor);
}

int
mountinfo_next(struct slice *rest, struct mount_line *ret)
{
	struct slice line, id, parent, device;
	struct mount_line m = { 0 };
	const char *newline;

	if (rest->n == 0)
		return 0;
	newline = memchr(rest->p, '\n', rest->n);
	line = (struct slice){ rest->p, newline ? (size_t)(newline - rest->p) : rest->n };
	if (memchr(line.p, '\0', line.n) || !take_field(&line, &id) ||
	    !take_field(&line, &parent) || !take_field(&line, &device) ||
	    !take_field(&line, &m.root) || !take_field(&line, &m.point) || !to_number(id, &m.id) ||
	    !to_number(parent, &m.parent) || !to_device(device, &m.major, &m.minor))
		return -EBADMSG;
	newline = newline ? newline + 1 : rest->p + rest->n;
	rest->n -= (size_t)(newline - rest->p);
	rest->p = newline;
	*ret = m;
	return 1;
}

static bool
is_octal(const char *p)
{
	return p[0] >= '0' && p[0] <= '3' && p[1] >= '0' && p[1] <= '7' && p[2] >= '0' &&
	       p[2] <= '7';
}

int
mountinfo_unescape(struct buf *b, struct slice field)
{
	for (size_t i = 0; i < field.n; i++) {
		char c = field.p[i];
		int r;

		if (c == '\\') {
			if (field.n - i < 4 || !is_octal(field.p + i + 1))
				return -EBADMSG;
			c = (char)((field.p[i + 1] - '0') << 6 | (field.p[i + 2] - '0') << 3 |
				   (field.p[i + 3] - '0'));
			if (c == '\0')
				return -EBADMSG;
			i += 3;
		}
		if ((r = buf_addc(b, c)) < 0)
			return r;
	}
	return 0;
}

/* The mount at the root of this process: the one whose parent is not in the list. */
static long
root_mount(const struct mount *mounts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bool has_parent = false;

		if (!str_equal(mounts[i].point, "/"))
			continue;
		for (size_t j = 0; j < count; j++)
			has_parent |= j != i && mounts[j].id == mounts[i].parent;
		if (!has_parent)
			return (long)i;
	}
	return -1;
}

/*
 * As the kernel walks: at every directory on the way the mount on top of it is entered. A mount
 * below a directory that was mounted over later is not found, and that is right: nobody sees it.
 */
long
mounts_find(const struct mount *mounts, size_t count, const char *path)
{
	long now = root_mount(mounts, count);

	for (size_t steps = 0; now >= 0 && steps < count; steps++) {
		long next = -1;

		for (size_t i = 0; i < count; i++) {
			const struct mount *m = &mounts[i];

			if ((long)i == now || m->parent != mounts[now].id ||
			    !path_is_beneath(path, m->point) ||
			    !path_is_beneath(m->point, mounts[now].point))
				continue;
			if (next == -1 || strlen(m->point) < strlen(mounts[next].point))
				next = (long)i;
		}
		if (next == -1)
			return now;
		now = next;
	}
	return now;
}

static const char *
below(const char *path, const char *dir)
{
	return str_equal(dir, "/") ? path : path + strlen(dir);
}

int
mounts_alias(struct buf *b, const struct mount *from, const struct mount *through, const char *path)
{
	autobuf struct buf in_device = BUF_INIT;
	const char *inside;
	int r;

	if (from->major != through->major || from->minor != through->minor ||
	    !path_is_beneath(path, from->point))
		return 0;
	if ((r = buf_addf(&in_device, "%s%s", str_equal(from->root, "/") ? "" : from->root,
			  below(path, from->point))) < 0)
		return r;
	inside = buf_str(&in_device);
	/* Only a part of the denied tree is mounted there: all of it shows. */
	if (path_is_inside(through->root, inside))
		return (r = buf_adds(b, through->point)) < 0 ? r : 1;
	if (!path_is_beneath(inside, through->root))
		return 0;
	inside = below(inside, through->root);
	r = buf_addf(b, "%s%s", str_equal(through->point, "/") && *inside ? "" : through->point,
		     inside);
	return r < 0 ? r : 1;
}
