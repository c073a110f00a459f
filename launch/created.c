/*
 * Files that were made so that they could be granted: a write grant needs something to stand on.
 * What the program left empty goes again, when it is still the file that was made.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "launch/launch.h"

void
launch_remove_created(const struct plan *p)
{
	for (size_t i = 0; i < plan_count(p, PLAN_SEC_GRANTS); i++) {
		const struct plan_grant *g = plan_grant_at(p, i);
		const char *path = plan_string(p, g->resolved);
		struct stat st;

		if (!(g->flags & PLAN_GRANT_CREATED) || lstat(path, &st) == -1)
			continue;
		if (S_ISREG(st.st_mode) && st.st_size == 0 && st.st_dev == g->device &&
		    st.st_ino == g->inode)
			(void)unlink(path);
	}
}
