/*
 * A3: other requests on the user's terminal: TIOCLINUX (paste buffer of a console), TIOCSETD
 * (line disciplines, kernel surface), TIOCCONS (take over the console's output).
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

static void
request(const char *name, unsigned long number, void *arg)
{
	attack_result(name, syscall(SYS_ioctl, 0, number, arg));
}

int
main(void)
{
	int discipline = 0; /* N_TTY, what is set already */
	char subcode = 6;   /* TIOCL_GETSHIFTSTATE: reads only */
	struct termios t;

	request("tioclinux", TIOCLINUX, &subcode);
	request("tioclinux-upper-bits", 1UL << 32 | TIOCLINUX, &subcode);
	request("tiocsetd", TIOCSETD, &discipline);
	request("tiocsetd-upper-bits", 0x80000000UL << 32 | TIOCSETD, &discipline);
	request("tioccons", TIOCCONS, NULL);
	attack_twin("tcgetattr", tcgetattr(0, &t) == 0);
	attack_twin("tcsetattr", tcgetattr(0, &t) == 0 && tcsetattr(0, TCSANOW, &t) == 0);
	attack_twin("tiocgetd", ioctl(0, TIOCGETD, &discipline) == 0);
	return 0;
}
