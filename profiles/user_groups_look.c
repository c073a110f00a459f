/* What of the user's groups needs no JSON library. */
#include <dirent.h>

#include "base/buf.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/place.h"
#include "profiles/user_groups.h"

bool
user_groups_exist(char *const *environment)
{
	autobuf struct buf directory = BUF_INIT;
	const struct dirent *entry;
	struct err ignored = ERR_INIT;
	bool found = false;
	DIR *dir;

	if (place_config(&directory, environment, &ignored) < 0 ||
	    buf_adds(&directory, "/groups") < 0 || !(dir = opendir(buf_str(&directory))))
		return false;
	while (!found && (entry = readdir(dir)))
		found = str_ends_with(entry->d_name, ".json") ||
			str_ends_with(entry->d_name, ".jsonc");
	(void)closedir(dir);
	return found;
}

const struct group *
user_groups_find(const struct user_groups *g, const char *name)
{
	for (size_t i = 0; g && i < g->count; i++)
		if (str_equal(g->item[i].group.name, name))
			return &g->item[i].group;
	return NULL;
}
