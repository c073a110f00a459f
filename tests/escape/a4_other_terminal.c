/*
 * A4: another terminal of the same user. Reading steals what is typed there, writing paints on
 * it. ESC_PTS is a slave that `outside serve` holds open.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int
main(void)
{
	const char *pts = attack_env("ESC_PTS");
	char through[256];
	const char *own;

	attack_open("read", pts, O_RDONLY);
	attack_open("write", pts, O_WRONLY);
	attack_open("read-write", pts, O_RDWR);
	(void)snprintf(through, sizeof(through), "/proc/self/root%s", pts);
	attack_open("through-proc-root", through, O_RDWR);
	own = ttyname(0);
	if (own)
		attack_twin_open("own-terminal", own, O_RDWR);
	else
		attack_twin("own-terminal", false);
	attack_twin_open("dev-tty", "/dev/tty", O_RDWR);
	return 0;
}
