/*
 * From a system call at its entry to what it wants of which path. The thread stands still, but
 * others of its process may change the memory meanwhile: what is read here is a copy, and nothing
 * is decided by it but what the report says.
 *
 * What Landlock does not restrict (stat, access, readlink, chdir) needs no grant: ACT_LOOK. What
 * the permission bits refuse no grant can give: it is noted as looked at.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "learn/internal.h"

enum { MAPS_BYTES_MAX = 1 << 20 };

static int
note(struct trace *t, struct tracee *k, const char *path, uint32_t flags)
{
	size_t index;
	int r = paths_add(&t->result->paths, path, &index);

	if (r < 0)
		return r == -E2BIG ? 0 : r;
	t->result->paths.item[index].flags |= flags;
	if (k->seen_count < SEEN_MAX) {
		k->seen[k->seen_count] = index;
		k->wanted[k->seen_count++] = flags;
	}
	return 0;
}

static bool
is_made(const struct trace *t, const char *path)
{
	return paths_flags(&t->result->paths, path, strlen(path)) & PATH_MADE;
}

/* Would the permission bits let the name be made, or the object be used? */
static bool
bits_allow(const char *path, int mode)
{
	return faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0;
}

static bool
bits_allow_name(const struct place *p)
{
	const char *path = buf_str(&p->path);
	char dir[PATH_MAX];
	size_t n = (size_t)(path_basename(path) - path);

	if (!p->parent_exists || n >= sizeof(dir))
		return false;
	memcpy(dir, path, n);
	dir[n] = '\0';
	return bits_allow(n ? dir : "/", W_OK | X_OK);
}

/* Reading and writing of an existing object. */
static int
note_use(struct trace *t, struct tracee *k, const struct place *p, uint32_t use)
{
	const char *path = buf_str(&p->path);
	uint32_t flags = p->directory ? PATH_DIRECTORY : 0;

	if (((use & PATH_READ) && !bits_allow(path, R_OK) && !bits_allow(path, X_OK)) ||
	    ((use & PATH_WRITE) && !bits_allow(path, W_OK)))
		return note(t, k, path, flags | PATH_LOOKED);
	if (is_made(t, path))
		use = ((use & PATH_READ) ? PATH_MADE_READ : 0) |
		      ((use & PATH_WRITE) ? PATH_MADE_WRITE : 0);
	return note(t, k, path, flags | use);
}

/* A name that appears, is replaced or goes. */
static int
note_name(struct trace *t, struct tracee *k, const struct place *p, uint32_t flags)
{
	if (!bits_allow_name(p))
		return note(t, k, buf_str(&p->path), PATH_LOOKED);
	return note(t, k, buf_str(&p->path), PATH_NAME | flags);
}

static int
note_open(struct trace *t, struct tracee *k, struct place *p, uint64_t flags)
{
	const char *path = buf_str(&p->path);
	uint32_t use;

	switch (flags & O_ACCMODE) {
	case O_RDONLY:
		use = PATH_READ;
		break;
	case O_WRONLY:
		use = PATH_WRITE;
		break;
	default:
		use = PATH_READ | PATH_WRITE;
		break;
	}
	if (flags & O_TRUNC)
		use |= PATH_WRITE;
	if (!p->exists && (flags & O_CREAT))
		return note_name(t, k, p,
				 PATH_MADE | PATH_MADE_WRITE |
					 ((use & PATH_READ) ? PATH_MADE_READ : 0));
	if (!p->exists)
		return note(t, k, path, PATH_ABSENT);
	if ((flags & O_PATH) || ((flags & O_CREAT) && (flags & O_EXCL)))
		return note(t, k, path, PATH_LOOKED);
	if (p->directory && (flags & O_TMPFILE) == O_TMPFILE)
		use |= PATH_WRITE;
	else if (p->directory && (use & PATH_WRITE))
		return note(t, k, path, PATH_LOOKED | PATH_DIRECTORY); /* EISDIR */
	return note_use(t, k, p, use);
}

static int
note_made(struct trace *t, struct tracee *k, const struct place *p)
{
	if (p->exists)
		return note(t, k, buf_str(&p->path), PATH_LOOKED);
	return note_name(t, k, p, PATH_MADE | PATH_MOVED);
}

static int
note_removed(struct trace *t, struct tracee *k, const struct place *p)
{
	if (!p->exists)
		return note(t, k, buf_str(&p->path), PATH_ABSENT);
	return note_name(t, k, p, p->directory ? PATH_DIRECTORY : 0);
}

/* The path in an argument of the thread: 0, -ENOMEM, or -ESTALE when there is nothing to note. */
static int
find_argument(struct trace *t, struct tracee *k, uint64_t address, int dir, bool follow,
	      struct place *ret)
{
	char path[PATH_MAX];
	ssize_t n;

	if (address == 0)
		return -ESTALE;
	n = tracee_string(k->tid, address, path, sizeof(path));
	if (n == -EFAULT)
		t->result->unreadable++;
	if (n <= 0)
		return -ESTALE;
	return place_find(ret, k->tid, dir, path, follow);
}

static int
observe_two(struct trace *t, struct tracee *k, const struct call *c, const struct entry *in,
	    const struct place *from)
{
	struct place to = PLACE_INIT;
	int dir = c->options & CALL_TWO_DIRS ? (int)in->arg[c->path2 - 1] : AT_FDCWD;
	int r = find_argument(t, k, in->arg[c->path2], dir, false, &to);

	if (r == 0 && !from->exists) {
		r = note(t, k, buf_str(&from->path), PATH_ABSENT);
	} else if (r == 0 && c->act == ACT_RENAME) {
		r = note_removed(t, k, from);
		if (r == 0)
			r = note_name(t, k, &to,
				      PATH_MADE | PATH_MOVED |
					      (from->directory ? PATH_DIRECTORY : 0));
	} else if (r == 0 && to.exists) {
		r = note(t, k, buf_str(&to.path), PATH_LOOKED);
	} else if (r == 0) {
		/* Landlock asks both directories when a name crosses from one to the other. */
		r = note_name(t, k, from, 0);
		if (r == 0)
			r = note_name(t, k, &to, PATH_MADE | PATH_MOVED);
	}
	buf_clear(&to.path);
	return r;
}

static int
observe_path(struct trace *t, struct tracee *k, const struct call *c, const struct entry *in)
{
	struct place p = PLACE_INIT;
	struct open_how how = { 0 };
	uint64_t flags = c->flags >= 0 ? in->arg[c->flags] : 0;
	bool follow = !(c->options & CALL_NO_FOLLOW);
	int r;

	if (c->act == ACT_CREATE)
		flags = O_WRONLY | O_CREAT | O_TRUNC;
	if (c->act == ACT_OPEN_HOW) {
		if (tracee_read(k->tid, flags, &how, sizeof(how)) < sizeof(how.flags))
			return 0;
		flags = how.flags;
	}
	if (c->act == ACT_OPEN || c->act == ACT_OPEN_HOW)
		follow = !(flags & O_NOFOLLOW) &&
			 (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
	if (c->options & CALL_AT_FLAGS)
		follow = !(flags & AT_SYMLINK_NOFOLLOW);
	r = find_argument(t, k, in->arg[c->path], c->dir >= 0 ? (int)in->arg[c->dir] : AT_FDCWD,
			  follow, &p);
	if (r == 0) {
		switch ((enum call_act)c->act) {
		case ACT_OPEN:
		case ACT_OPEN_HOW:
		case ACT_CREATE:
			r = note_open(t, k, &p, flags);
			break;
		case ACT_EXECUTE:
			r = p.exists ? note_use(t, k, &p, PATH_READ)
				     : note(t, k, buf_str(&p.path), PATH_ABSENT);
			break;
		case ACT_CHANGE:
			r = p.exists ? note_use(t, k, &p, PATH_WRITE)
				     : note(t, k, buf_str(&p.path), PATH_ABSENT);
			break;
		case ACT_MAKE:
			r = note_made(t, k, &p);
			break;
		case ACT_REMOVE:
			r = note_removed(t, k, &p);
			break;
		case ACT_RENAME:
		case ACT_LINK:
			r = observe_two(t, k, c, in, &p);
			break;
		default:
			r = note(t, k, buf_str(&p.path), p.exists ? PATH_LOOKED : PATH_ABSENT);
			break;
		}
	}
	buf_clear(&p.path);
	return r == -ESTALE ? 0 : r;
}

int
observe_entry(struct trace *t, struct tracee *k, const struct entry *entry)
{
	const struct call *c;

	k->seen_count = 0;
	if (entry->arch >= CALL_ARCHES || entry->number >= CALL_NUMBER_MAX) {
		/* Numbers this high are those of x32, and of nothing that exists yet. */
		t->result->foreign_calls |= t->started;
		return 0;
	}
	c = t->index[entry->arch][entry->number];
	/* Before that the new process only becomes the command. */
	if (!c || (!t->started && c->act != ACT_EXECUTE))
		return 0;
	switch ((enum call_act)c->act) {
	case ACT_LEAVE_ROOT:
		t->result->left_root = true;
		return 0;
	case ACT_URING:
		t->result->io_uring = true;
		return 0;
	case ACT_CONNECT:
	case ACT_BIND:
	case ACT_SEND:
	case ACT_SEND_MESSAGE:
	case ACT_SEND_MESSAGES:
	case ACT_SOCKET:
		return observe_socket(t, k, (enum call_act)c->act, entry);
	case ACT_LOOK:
		if (!t->o->looks)
			return 0;
		return observe_path(t, k, c, entry);
	default:
		return observe_path(t, k, c, entry);
	}
}

void
observe_result(struct trace *t, struct tracee *k, int64_t value)
{
	for (size_t i = 0; i < k->seen_count && (value == -EACCES || value == -EPERM); i++) {
		uint32_t wanted = k->wanted[i], denied = 0;

		if (wanted & (PATH_READ | PATH_MADE_READ))
			denied |= PATH_DENIED_READ;
		if (wanted & (PATH_WRITE | PATH_MADE_WRITE | PATH_NAME))
			denied |= PATH_DENIED_WRITE;
		t->result->paths.item[k->seen[i]].flags |= denied;
	}
	k->seen_count = 0;
}

/* One line of /proc/PID/maps: "address perms offset dev inode   /path". */
static int
note_mapped(struct trace *t, struct tracee *k, char *line, dev_t *last_device, ino_t *last_inode)
{
	struct place p = PLACE_INIT;
	char *path = strchr(line, '/');
	struct stat st;
	int r;

	if (!path || stat(path, &st) == -1 ||
	    (st.st_dev == *last_device && st.st_ino == *last_inode))
		return 0;
	*last_device = st.st_dev;
	*last_inode = st.st_ino;
	/* The kernel's rule: set-group-ID without execution for the group marks locking. */
	t->result->set_id |= (st.st_mode & S_ISUID) ||
			     (st.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP);
	r = place_find(&p, k->tid, AT_FDCWD, path, true);
	if (r == 0 && p.exists)
		r = note_use(t, k, &p, PATH_READ);
	buf_clear(&p.path);
	return r == -ESTALE ? 0 : r;
}

/*
 * The kernel itself opened the program, its interpreter and its loader; no call names them, but
 * they are mapped now and nothing else is.
 */
int
observe_exec(struct trace *t, struct tracee *k)
{
	autobuf struct buf maps = BUF_INIT;
	char name[64];
	autofd int fd = -1;
	dev_t device = 0;
	ino_t inode = 0;
	int r;

	(void)snprintf(name, sizeof(name), "/proc/%d/maps", (int)k->tid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return 0;
	r = buf_read_fd(&maps, fd, MAPS_BYTES_MAX);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	k->seen_count = 0;
	for (char *line = maps.p, *end; line && *line && r == 0; line = end) {
		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		r = note_mapped(t, k, line, &device, &inode);
	}
	k->seen_count = 0;
	return r;
}
