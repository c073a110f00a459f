/* The system's policy: any bytes are required groups whose paths have one spelling, or an error. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/system_policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_path(const char *path)
{
	size_t n = strlen(path);

	if (n < 2 || !strchr("/~$", path[0]) || path[n - 1] == '/' || strstr(path, "//") ||
	    strstr(path, "/../") || strcmp(path + n - 2, "/.") == 0)
		abort();
}

static void
check_group(const struct group *g, bool last)
{
	/* Only what "deny" lists is a group that nobody could have named. */
	if (!g->name || !g->required || !g->system_file || !g->description ||
	    (strchr(g->name, ':') && !(last && strcmp(g->name, "system:NAME") == 0)) ||
	    group_find(g->name))
		abort();
	for (size_t i = 0; i < g->allow_count; i++)
		check_path(g->allow[i].path);
	for (size_t i = 0; i < g->deny_count; i++)
		check_path(g->deny[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *environment[] = { NULL };
	struct pool pool = { NULL };
	struct err e = ERR_INIT;
	struct system_text t;

	if (system_policy_parse(&t, &pool, (struct slice){ (const char *)data, size }, "FILE",
				"NAME", environment, &e) == 0) {
		for (size_t i = 0; i < t.groups; i++)
			check_group(&t.group[i], i + 1 == t.groups);
		if (t.network > NETWORK_LIMIT_BLOCKED)
			abort();
	} else if (!strstr(e.text, "FILE:")) {
		abort();
	}
	pool_clear(&pool);
	return 0;
}
