/*
 * F-4: learning about files without opening them. Landlock leaves names and metadata alone; what is
 * covered is not there.
 */
#include "tests/escape/attack.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
main(void)
{
	char path[PATH_MAX];
	struct stat st;

	if (strcmp(attack_env("ESC_SCENE"), "masked") == 0)
		(void)snprintf(path, sizeof(path), "%s/key", attack_env("ESC_DENIED"));
	else
		(void)snprintf(path, sizeof(path), "%s", attack_env("ESC_SECRET"));
	attack_result("stat", stat(path, &st));
	attack_result("access", access(path, F_OK));
	attack_open("open-path", path, O_PATH | O_CLOEXEC);
	attack_twin("stat-granted", stat(attack_work_path("granted"), &st) == 0);
	return 0;
}
