/*
 * Which file a command word starts, and what that file needs to be readable to start at all: its
 * real file, its interpreter, its loader (spec 02 15.5). Single files only, never a directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/internal.h"

enum { HEAD_BYTES = 4096 };

/* PATH when there is none, as in the C library's execvp(3). */
static const char default_path[] = "/bin:/usr/bin";

/* 0 for an executable regular file, -ENOENT, or another -errno for one that cannot be run. */
static int
check_executable(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return errno_is_missing(-errno) ? -ENOENT : -errno;
	if (!S_ISREG(st.st_mode))
		return -EACCES;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == -1 ? -EACCES : 0;
}

static bool
has_parent_step(const char *path)
{
	return str_starts_with(path, "../") || strstr(path, "/../");
}

/*
 * Absolute, with the name of the file itself kept (a multi-call program is told by it). Only ".."
 * needs the file system, because it may follow a symlink.
 */
static int
absolute_program(struct buf *b, const struct host *h, const char *word)
{
	autobuf struct buf dir = BUF_INIT, parent = BUF_INIT;
	const char *leaf = path_basename(word);
	int r;

	if (!has_parent_step(word))
		return path_absolute(b, h->cwd, word);
	if ((r = buf_add(&parent, word, (size_t)(leaf - word))) < 0 ||
	    (r = path_canonical(&dir, h->cwd, buf_str(&parent))) < 0)
		return r;
	return path_join(b, buf_str(&dir), leaf);
}

/* The first executable of this name in PATH; -EACCES when one is there but cannot be run. */
static int
search_path(struct buf *b, const struct host *h, struct slice name)
{
	const char *path = environment_get(h->environment, "PATH");
	int result = -ENOENT, r;

	if (!path)
		path = default_path;
	for (;;) {
		autobuf struct buf candidate = BUF_INIT, absolute = BUF_INIT;
		size_t n = strcspn(path, ":");

		/* An empty element is the current directory. */
		if ((r = buf_add(&candidate, path, n)) < 0 ||
		    (r = n ? buf_addc(&candidate, '/') : 0) < 0 ||
		    (r = buf_add(&candidate, name.p, name.n)) < 0 ||
		    (r = path_absolute(&absolute, h->cwd, buf_str(&candidate))) < 0)
			return r;
		r = check_executable(buf_str(&absolute));
		if (r == 0)
			return buf_adds(b, buf_str(&absolute));
		/* A directory that may not be searched says nothing about the file. */
		if (r != -ENOENT && faccessat(AT_FDCWD, buf_str(&absolute), F_OK, AT_EACCESS) == 0)
			result = r;
		if (!path[n])
			return result;
		path += n + 1;
	}
}

static int
err_program(struct err *e, int r, const char *word, bool slash)
{
	if (r == -ENOMEM)
		return err_memory(e);
	if (r == -ENOENT)
		return err_set_exit(e, EXIT_MISSING, r,
				    "Command execution failed: %s: cannot find binary path (%s)",
				    word,
				    slash ? "no such file; check the path"
					  : "no directory of PATH has it; install it or give its "
					    "path");
	return err_set_exit(e, EXIT_SETUP, r,
			    "Command execution failed: %s: cannot find binary path (a file is "
			    "there but cannot be executed; make it an executable regular file "
			    "with chmod +x)",
			    word);
}

int
program_find(struct assembly *a, struct buf *path, struct err *e)
{
	const char *word = a->rq->command.item[0];
	bool slash = strchr(word, '/') != NULL;
	int r;

	if (slash) {
		r = absolute_program(path, &a->host, word);
		/* The word itself is looked up: the kernel follows ".." as the user meant it. */
		if (r == 0)
			r = check_executable(word);
	} else {
		r = *word ? search_path(path, &a->host, slice_of(word)) : -ENOENT;
	}
	return r < 0 ? err_program(e, r, word, slash) : 0;
}

/* A file the program cannot start without: granted unless covered or denied. */
static int
grant_file(struct assembly *a, const char *path, const struct object *o, struct err *e)
{
	int r;

	if (grants_cover(a, o->name) & PLAN_READ)
		return 0;
	if ((r = denies_resolve(a, e)) < 0 || (r = roots_find(a, true, e)) < 0)
		return r;
	if (denies_find(a, o->name) || denies_find(a, path) || roots_protect_file(a, o->name)) {
		r = note_add(a, POLICY_NOTE_WARNING,
			     "'%s' is needed to start the program but is protected; it will not "
			     "start without a grant and --bypass-protection for it",
			     path);
		return r < 0 ? err_memory(e) : 0;
	}
	return grant_add_object(a, NULL, path, PLAN_READ, PLAN_KIND_FILE, PLAN_SOURCE_SYSTEM, o, e);
}

/* Read the head of a file; nothing when it cannot be read (execute-only programs are common). */
static size_t
read_head(const char *path, char *bytes, size_t size)
{
	/* Not blocking: it may be a FIFO by now. */
	autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n = fd == -1 ? -1 : pread(fd, bytes, size, 0);

	return n > 0 ? (size_t)n : 0;
}

/* The file that runs this one, appended to `b`: 1, 0 when there is none, -ENOMEM. */
static int
find_interpreter(struct assembly *a, const char *path, struct buf *b)
{
	char bytes[HEAD_BYTES];
	struct slice head = { bytes, read_head(path, bytes, sizeof(bytes)) };
	struct interpreter i = interpreter_of_script(head);
	int r;

	if (i.kind == INTERPRETER_NONE)
		i = interpreter_of_elf(head);
	if (i.kind == INTERPRETER_NONE)
		return 0;
	if (memchr(i.name.p, '/', i.name.n)) {
		r = i.name.p[0] == '/' ? buf_add(b, i.name.p, i.name.n) : -ENOENT;
	} else {
		r = i.kind == INTERPRETER_ENV ? search_path(b, &a->host, i.name) : -ENOENT;
	}
	return r == -ENOMEM ? r : r == 0;
}

int
program_grant(struct assembly *a, const char *path, struct err *e)
{
	autobuf struct buf now = BUF_INIT;

	if (buf_adds(&now, path) < 0)
		return err_memory(e);
	for (int level = 0; level <= INTERPRETER_LEVELS_MAX; level++) {
		autobuf struct buf next = BUF_INIT;
		const char *name = pool_strdup(&a->pool, buf_str(&now));
		struct object o;
		int r;

		if (!name)
			return err_memory(e);
		r = object_open(a, name, &o);
		if (r == -ENOMEM)
			return err_memory(e);
		if (r < 0)
			return 0; /* execve will say what is wrong with it */
		r = o.type == S_IFREG ? grant_file(a, name, &o, e) : 0;
		o.fd = fd_close(o.fd);
		if (r < 0)
			return r;
		r = find_interpreter(a, name, &next);
		if (r < 0)
			return err_memory(e);
		if (r == 0)
			return 0;
		buf_reset(&now);
		if (buf_adds(&now, buf_str(&next)) < 0)
			return err_memory(e);
	}
	return 0;
}
