/*
 * G8: programs that give rights when executed. ESC_SETUID is a copy of this program that belongs
 * to root and has the set-user-ID bit (run.sh makes it when it is started by root); ESC_PLAIN is
 * the same without the bit.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

static int
exec_and_ask(void *path)
{
	(void)execl(path, path, "who", (char *)NULL);
	return errno;
}

int
main(int argc, char **argv)
{
	int r;

	if (argc == 2 && strcmp(argv[1], "who") == 0)
		return geteuid() == 0 ? 0 : 250;

	r = attack_forked(exec_and_ask, (char *)(uintptr_t)attack_env("ESC_SETUID"));
	if (access(attack_env("ESC_SETUID"), F_OK) == -1 && errno == ENOENT)
		attack_skip("setuid", "no set-user-ID program: the suite was not started by root");
	else if (r == 0 || r == 250)
		attack_effect("setuid", r == 0, "no-effect");
	else
		attack_errno("setuid", r);
	r = attack_forked(exec_and_ask, (char *)(uintptr_t)attack_env("ESC_PLAIN"));
	errno = r;
	attack_twin("plain", r == 250);
	return 0;
}
