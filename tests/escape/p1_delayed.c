/* P-1: a file in a write grant that the user's own programs will run later, outside. */
#include "tests/escape/attack.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

int
main(void)
{
	char hook[PATH_MAX];

	(void)snprintf(hook, sizeof(hook), "%s", attack_work_path(".git/hooks/post-checkout"));
	attack_open("git-hook", hook, O_WRONLY | O_CREAT | O_CLOEXEC);
	(void)unlink(hook);
	attack_twin_open("beside", attack_work_path("granted"), O_WRONLY | O_CLOEXEC);
	return 0;
}
