/*
 * A2: push characters into the input queue of the terminal that nono shares with the user's
 * shell. The kernel looks at the low 32 bits of the request only, a careless filter at all 64.
 * pty_run looks into the queue afterwards and prints the `queue` line.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

static void
push(const char *name, int fd, unsigned long request)
{
	char c = 'x';

	attack_result(name, syscall(SYS_ioctl, fd, request, &c));
}

int
main(void)
{
	struct termios t;
	int tty;

	push("stdin", 0, TIOCSTI);
	push("upper-bits", 0, 1UL << 32 | TIOCSTI);
	push("all-upper-bits", 0, 0xffffffffUL << 32 | TIOCSTI);
	push("stdout-of-tty", 2, TIOCSTI);
	tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (tty == -1)
		attack_result("dev-tty", -1);
	else
		push("dev-tty", tty, TIOCSTI);
	attack_twin("tcgetattr", tcgetattr(0, &t) == 0);
	attack_twin("winsize", ioctl(0, TIOCGWINSZ, &(struct winsize){ 0 }) == 0);
	return 0;
}
