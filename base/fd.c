/* Descriptors: ownership, standard streams, sealed memory. */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

int
fd_close(int fd)
{
	int saved = errno;

	if (fd >= 0)
		(void)close(fd);
	errno = saved;
	return -1;
}

int
fd_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

void
fd_cleanup(int *fd)
{
	*fd = fd_close(*fd);
}

int
fd_write_all(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		ssize_t done = write(fd, at, n);

		if (done == -1 && errno == EINTR)
			continue;
		if (done == -1)
			return -errno;
		at += done;
		n -= (size_t)done;
	}
	return 0;
}

int
fd_open_standard(void)
{
	for (int i = 0; i <= 2; i++) {
		int fd;

		if (fcntl(i, F_GETFD) != -1 || errno != EBADF)
			continue;
		fd = open("/dev/null", i == 0 ? O_RDONLY : O_WRONLY);
		if (fd == -1)
			return -errno;
		/* The lowest free number is i: all below it are open. */
		if (fd != i)
			return -EBADF;
	}
	return 0;
}

int
fd_sealed_memory(const char *name, const void *p, size_t n)
{
	autofd int fd = -1;
	int r;

	if ((fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING)) == -1)
		return -errno;
	if ((r = fd_write_all(fd, p, n)) < 0)
		return r;
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == -1)
		return -errno;
	return fd_take(&fd);
}

int
fd_read_file(int fd, size_t max, bool newest, void **ret, size_t *ret_bytes)
{
	autofree char *p = NULL;
	struct stat st;
	size_t n, got = 0;
	off_t from;

	if (fstat(fd, &st) == -1)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size < 0)
		return -EBADMSG;
	if ((uintmax_t)st.st_size > max && !newest)
		return -EFBIG;
	n = (uintmax_t)st.st_size > max ? max : (size_t)st.st_size;
	from = st.st_size - (off_t)n;
	p = mem_calloc(n + 1, 1);
	if (!p)
		return -ENOMEM;
	while (got < n) {
		ssize_t more = pread(fd, p + got, n - got, from + (off_t)got);

		if (more == -1 && errno == EINTR)
			continue;
		if (more <= 0)
			return more == 0 ? -EBADMSG : -errno;
		got += (size_t)more;
	}
	*ret = p;
	*ret_bytes = n;
	p = NULL;
	return 0;
}

int
fd_move_up(int fd, int at_least)
{
	int up;

	if (fd >= at_least)
		return fd;
	up = fcntl(fd, F_DUPFD_CLOEXEC, at_least);
	if (up == -1)
		return -errno;
	fd_close(fd);
	return up;
}
