/* Finding a preset. The table is made by tools/gen_presets.c. */
#include "profiles/presets.h"

#include "base/attr.h"
#include "base/str.h"

const struct preset *
preset_find(const char *name)
{
	/* What users of other versions type, and names of packs that became presets. */
	static const char *const other[][2] = {
		{ "claude", "claude-code" },
		{ "claude-no-kc", "claude-code" },
		{ "always-further/claude", "claude-code" },
		{ "always-further/codex", "codex" },
		{ "always-further/opencode", "opencode" },
	};

	for (size_t i = 0; i < ARRAY_LEN(other); i++)
		if (str_equal(name, other[i][0]))
			name = other[i][1];
	for (size_t i = 0; i < presets_count; i++)
		if (str_equal(presets_table[i].name, name))
			return &presets_table[i];
	return NULL;
}
