/*
 * The process in the sandbox of `nono profile test --live`: a list of attempts on its standard input,
 * an answer to each on its standard output.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "cli/live.h"

#ifndef AT_EXECVE_CHECK /* Linux 6.14 */
#define AT_EXECVE_CHECK 0x10000
#endif

enum { LIST_BYTES_MAX = 64 << 20 };

/* Neither waits for anybody nor becomes anybody's terminal. */
static void
try_open(struct live_answer *a, const char *path, int flags)
{
	autofd int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1) {
		a->error = errno;
		return;
	}
	a->device = st.st_dev;
	a->inode = st.st_ino;
}

static void
try_execute(struct live_answer *a, const char *path)
{
	const char *const argv[] = { path, NULL }, *const none[] = { NULL };

	/*
	 * An older kernel refuses the flag and starts nothing; should one ignore it, this process is
	 * the program, and the missing answers say so.
	 */
	if (syscall(SYS_execveat, AT_FDCWD, path, argv, none, AT_EXECVE_CHECK) == -1)
		a->error = errno;
}

static void
try_create(struct live_answer *a, const char *path)
{
	autofd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd == -1 || unlink(path) == -1)
		a->error = errno;
}

static bool
try(struct live_answer *a, char op, const char *path)
{
	switch ((enum live_op)op) {
	case LIVE_READ:
		try_open(a, path, O_RDONLY);
		return true;
	case LIVE_WRITE:
		try_open(a, path, O_WRONLY);
		return true;
	case LIVE_EXECUTE:
		try_execute(a, path);
		return true;
	case LIVE_CREATE:
		try_create(a, path);
		return true;
	}
	return false;
}

int
live_inside(void)
{
	void *list = NULL;
	const char *p, *end;
	size_t bytes;

	if (fd_read_file(STDIN_FILENO, LIST_BYTES_MAX, false, &list, &bytes) < 0)
		return EXIT_NONO;
	p = list;
	end = p + bytes;
	while (p < end) {
		struct live_answer a = { .error = 0 };

		/* fd_read_file() put a NUL behind the last byte. */
		if (!try(&a, p[0], p + 1) || fd_write_all(STDOUT_FILENO, &a, sizeof(a)) < 0)
			break;
		p += strlen(p) + 1;
	}
	mem_free(list);
	return p < end ? EXIT_NONO : 0;
}
