/* F-5: watching directories that no grant names: moments and names, no contents. */
#include "tests/escape/attack.h"

#include <sys/inotify.h>
#include <unistd.h>

int
main(void)
{
	int fd = inotify_init1(IN_CLOEXEC);

	attack_result("inotify", inotify_add_watch(fd, attack_env("ESC_OUT"), IN_ALL_EVENTS));
	attack_twin("inotify-granted",
		    inotify_add_watch(fd, attack_env("ESC_WORK"), IN_ALL_EVENTS) != -1);
	(void)close(fd);
	return 0;
}
