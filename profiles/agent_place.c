/* Where the script of a profile's hook is: names alone, for programs that read no JSON. */
#include <limits.h>
#include <string.h>

#include "base/str.h"
#include "profiles/agent_hooks.h"
#include "profiles/internal.h"
#include "profiles/place.h"

static const struct agent agents[] = {
	{ "claude-code", ".claude", "settings.json" },
};

const struct agent *
agent_find(const char *target)
{
	for (size_t i = 0; i < ARRAY_LEN(agents); i++)
		if (str_equal(agents[i].target, target))
			return &agents[i];
	return NULL;
}

/* A file name and nothing else: it becomes part of a path. */
bool
agent_script_is_valid(const char *script)
{
	size_t n = strlen(script);

	for (size_t i = 0; i < n; i++)
		if ((unsigned char)script[i] < 0x20 || script[i] == '/' || script[i] == 0x7f)
			return false;
	return n > 0 && n <= AGENT_SCRIPT_NAME_MAX && script[0] != '.';
}

int
agent_script_directory(struct buf *b, const struct agent *a, char *const *environment,
		       struct err *e)
{
	int r = place_data(b, environment, e);

	if (r < 0)
		return r;
	return buf_addf(b, "/" AGENT_DIRECTORY "/%s", a->target) < 0 ? err_memory(e) : 0;
}

int
agent_hook_script(struct buf *b, const struct profile *p, char *const *environment, struct err *e)
{
	for (const struct node *n = node_first(profile_get(p, "hooks")); n; n = n->next) {
		const char *script = node_text(node_find(n, "script"), "");
		const struct agent *a = agent_find(n->key);
		int r;

		if (!a || !agent_script_is_valid(script))
			continue;
		if ((r = agent_script_directory(b, a, environment, e)) < 0)
			return r;
		return buf_addf(b, "/%s", script) < 0 ? err_memory(e) : 1;
	}
	return 0;
}
