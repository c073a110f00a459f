/* The plan image, copied into private memory and checked. */
#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "broker/internal.h"

int
plan_load(struct plan *ret, int fd, struct err *e)
{
	struct stat st;
	size_t got = 0;
	char *image;

	if (fstat(fd, &st) == -1)
		return err_set_errno(e, -errno, "cannot read the plan from descriptor %d", fd);
	if (!S_ISREG(st.st_mode) || st.st_size <= 0 || st.st_size > PLAN_BYTES_MAX)
		return err_set(e, -EBADMSG, "the plan on descriptor %d is no plan of this program",
			       fd);
	/* A copy: whoever else holds the file cannot change what was checked. */
	image = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		     -1, 0);
	if (image == MAP_FAILED)
		return err_set_errno(e, -errno, "cannot make room for the plan");
	while (got < (size_t)st.st_size) {
		ssize_t n = pread(fd, image + got, (size_t)st.st_size - got, (off_t)got);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set_errno(e, n == 0 ? -EBADMSG : -errno, "cannot read the plan");
		got += (size_t)n;
	}
	fd_close(fd);
	if (mprotect(image, (size_t)st.st_size, PROT_READ) == -1)
		return err_set_errno(e, -errno, "cannot protect the plan");
	return plan_open(ret, image, (size_t)st.st_size, e);
}
