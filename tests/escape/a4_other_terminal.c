/*
 * A4: another terminal of the same user. Reading steals what is typed there, writing paints on
 * it. ESC_PTS is a slave that `outside serve` holds open, ESC_PTS_DEVICE the file system it is on.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* In a devpts of the session's own the same name may be a terminal, yet it is another one. */
static void
open_other(const char *name, const char *path, int flags)
{
	dev_t device = (dev_t)attack_env_number("ESC_PTS_DEVICE");
	struct stat st;
	int fd = open(path, flags | O_NOCTTY | O_CLOEXEC), r = 0;

	if (fd == -1 || fstat(fd, &st) == -1)
		r = errno;
	else if (st.st_dev != device)
		r = ENOENT;
	if (fd != -1)
		(void)close(fd);
	attack_errno(name, r);
}

int
main(void)
{
	const char *pts = attack_env("ESC_PTS");
	char through[256];
	const char *own;

	open_other("read", pts, O_RDONLY);
	open_other("write", pts, O_WRONLY);
	open_other("read-write", pts, O_RDWR);
	(void)snprintf(through, sizeof(through), "/proc/self/root%s", pts);
	open_other("through-proc-root", through, O_RDWR);
	own = ttyname(0);
	if (own)
		attack_twin_open("own-terminal", own, O_RDWR);
	else
		attack_twin("own-terminal", false);
	attack_twin_open("dev-tty", "/dev/tty", O_RDWR);
	return 0;
}
