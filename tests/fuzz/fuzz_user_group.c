/* Groups that users write: any bytes are a group whose paths have one spelling, or an error. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plan/format.h"
#include "profiles/user_groups.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_path(const char *path)
{
	size_t n = strlen(path);

	if (n < 2 || !strchr("/~$", path[0]) || path[n - 1] == '/' || strstr(path, "//") ||
	    strstr(path, "/../") || strcmp(path + n - 2, "/.") == 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *environment[] = { NULL };
	struct pool pool = { NULL };
	struct err e = ERR_INIT;
	struct group g;

	if (user_group_parse(&g, &pool, (struct slice){ (const char *)data, size }, "FILE",
			     environment, &e) == 0) {
		for (size_t i = 0; i < g.allow_count; i++) {
			check_path(g.allow[i].path);
			if (g.allow[i].access < 1 || g.allow[i].access > (PLAN_READ | PLAN_WRITE))
				abort();
		}
		for (size_t i = 0; i < g.deny_count; i++)
			check_path(g.deny[i]);
		for (size_t i = 0; i < g.commands_count; i++)
			if (!*g.commands[i] || strchr(g.commands[i], '/'))
				abort();
		if (!g.description)
			abort();
	} else if (!strstr(e.text, "FILE:")) {
		abort();
	}
	pool_clear(&pool);
	return 0;
}
