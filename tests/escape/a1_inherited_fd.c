/*
 * A1: descriptors that the caller left open. `outside fds` opened: 7 a secret file, 8 the
 * directory of it, 9 a socket to the outside, 10 a memory file, 11 an io_uring.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static void
read_fd(const char *name, int fd)
{
	char c;

	attack_result(name, pread(fd, &c, 1, 0));
}

int
main(void)
{
	int fd;

	read_fd("file", 7);
	fd = openat(8, "secret", O_RDONLY | O_CLOEXEC);
	attack_result("directory", fd);
	attack_result("socket", send(9, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT));
	read_fd("memfd", 10);
	attack_result("ring", fcntl(11, F_GETFD));
	attack_twin("stdin", fcntl(0, F_GETFD) != -1);
	attack_twin("stdout", fcntl(1, F_GETFD) != -1);
	attack_twin_open("own-open", attack_work_path("granted"), O_RDONLY);
	return 0;
}
