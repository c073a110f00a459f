/* What of the system's policy needs no JSON library. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/hooks.h"
#include "base/str.h"
#include "profiles/profile.h"
#include "profiles/system_policy.h"

#define DIRECTORY "/etc/nono/policy.d"

const char *
system_policy_directory(void)
{
	const char *other = hook_policy_directory();

	return other ? other : DIRECTORY;
}

/* Whatever is not plainly absent is left to those who can judge it. */
bool
system_policy_exists(void)
{
	int fd = open(system_policy_directory(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	const struct dirent *entry;
	bool found = false;
	DIR *dir;

	if (fd == -1)
		return errno != ENOENT;
	dir = fdopendir(fd);
	if (!dir) {
		(void)fd_close(fd);
		return true;
	}
	while (!found && (entry = readdir(dir)))
		found = str_ends_with(entry->d_name, ".json") ||
			str_ends_with(entry->d_name, ".jsonc");
	(void)closedir(dir);
	return found;
}

const struct system_policy *
system_policy_of(const struct profile *p, const struct user_groups *g)
{
	static const struct system_policy none = { 0 };

	return p ? &p->user_groups.system : g ? &g->system : &none;
}
