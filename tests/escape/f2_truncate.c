/*
 * F-2: emptying files of the user. ESC_SECRET lies outside of every grant; ESC_READ_ONLY is a
 * file under a read grant, where O_RDONLY|O_TRUNC needs only the right to read on kernels whose
 * Landlock has no TRUNCATE right. Success is a file of another size.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum way { WAY_TRUNCATE, WAY_OPEN, WAY_OPENAT, WAY_OPENAT2, WAY_CREAT };

static long
cut(const char *path, enum way way)
{
	struct open_how how = { .flags = O_RDONLY | O_TRUNC };

	switch (way) {
	case WAY_TRUNCATE:
		return truncate(path, 0);
	case WAY_OPEN:
#ifdef SYS_open
		return syscall(SYS_open, path, O_RDONLY | O_TRUNC, 0);
#endif
	case WAY_OPENAT:
		return syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_TRUNC, 0);
	case WAY_OPENAT2:
		return syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	case WAY_CREAT:
		return creat(path, 0600);
	}
	return -1;
}

int
main(void)
{
	const char *secret = attack_env("ESC_SECRET");
	const char *read_only = attack_env("ESC_READ_ONLY");
	const char *own = attack_work_path("to-cut");
	struct stat st;
	int fd;

	attack_result("outside-truncate", cut(secret, WAY_TRUNCATE));
	attack_result("outside-creat", cut(secret, WAY_CREAT));
	attack_result("outside-open", cut(secret, WAY_OPENAT));
	attack_result("read-grant-truncate", cut(read_only, WAY_TRUNCATE));
	attack_result("read-grant-creat", cut(read_only, WAY_CREAT));
	attack_result("read-grant-open", cut(read_only, WAY_OPEN));
	attack_result("read-grant-openat", cut(read_only, WAY_OPENAT));
	attack_result("read-grant-openat2", cut(read_only, WAY_OPENAT2));
	attack_twin_open("read-grant-read", read_only, O_RDONLY);

	fd = open(own, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	attack_twin("own-cut", fd != -1 && write(fd, "xx", 2) == 2 && ftruncate(fd, 1) == 0 &&
				       fstat(fd, &st) == 0 && st.st_size == 1);
	attack_twin_open("own-o-trunc", own, O_WRONLY | O_TRUNC);
	return 0;
}
