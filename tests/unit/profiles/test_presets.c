/* The compiled presets, examples and network policy: complete, and consistent with the groups. */
#include <cjson/cJSON.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/str.h"
#include "profiles/examples.h"
#include "profiles/groups.h"
#include "profiles/network_policy.h"
#include "tests/harness/unit.h"

static void
test_names(void)
{
	static const char *const expected[] = {
		"default",  "linux-host-compat", "openclaw", "python-dev",  "node-dev", "go-dev",
		"java-dev", "rust-dev",		 "swival",   "claude-code", "codex",	"opencode",
	};

	CU_ASSERT_EQUAL_FATAL(presets_count, ARRAY_LEN(expected));
	for (size_t i = 0; i < presets_count; i++) {
		CU_ASSERT_STRING_EQUAL(presets_table[i].name, expected[i]);
		CU_ASSERT_EQUAL(presets_table[i].bytes, strlen(presets_table[i].text));
		CU_ASSERT_PTR_EQUAL(preset_find(expected[i]), &presets_table[i]);
	}
	CU_ASSERT_PTR_EQUAL(preset_find("claude"), preset_find("claude-code"));
	CU_ASSERT_PTR_EQUAL(preset_find("claude-no-kc"), preset_find("claude-code"));
	CU_ASSERT_PTR_EQUAL(preset_find("always-further/claude"), preset_find("claude-code"));
	CU_ASSERT_PTR_EQUAL(preset_find("always-further/codex"), preset_find("codex"));
	CU_ASSERT_PTR_EQUAL(preset_find("always-further/opencode"), preset_find("opencode"));
	CU_ASSERT_PTR_NULL(preset_find("always-further/default"));
	CU_ASSERT_PTR_NULL(preset_find(""));
}

static void
check_preset(const struct preset *p, const cJSON *root)
{
	const cJSON *groups = cJSON_GetObjectItem(root, "groups");
	const cJSON *network = cJSON_GetObjectItem(root, "network");
	const cJSON *extends = cJSON_GetObjectItem(root, "extends");
	const cJSON *profile = cJSON_GetObjectItem(network, "network_profile"), *item;

	cJSON_ArrayForEach(item, cJSON_GetObjectItem(groups, "include"))
		CU_ASSERT_PTR_NOT_NULL(group_find(item->valuestring));
	CU_ASSERT_PTR_NULL(cJSON_GetObjectItem(groups, "exclude"));
	CU_ASSERT_TRUE(cJSON_IsFalse(cJSON_GetObjectItem(network, "block")));
	if (profile)
		CU_ASSERT_PTR_NOT_NULL(network_profile_find(profile->valuestring));
	/* A missing token must not keep anybody from starting. */
	CU_ASSERT_PTR_NULL(cJSON_GetObjectItem(network, "credentials"));
	CU_ASSERT_EQUAL(extends == NULL, str_equal(p->name, "default"));
	if (extends)
		CU_ASSERT_STRING_EQUAL(extends->valuestring, "default");
	/* The agent must not write the profile of its next run. */
	CU_ASSERT_PTR_NULL(strstr(p->text, "nono/profiles"));
	CU_ASSERT_PTR_NULL(strstr(p->text, "$NONO_CONFIG/profiles"));
	/* It holds keyrings. */
	CU_ASSERT_PTR_NULL(strstr(p->text, "\"$HOME/.local\""));
}

static void
test_texts(void)
{
	for (size_t i = 0; i < presets_count; i++) {
		cJSON *root = cJSON_Parse(presets_table[i].text);

		CU_ASSERT_PTR_NOT_NULL_FATAL(root);
		check_preset(&presets_table[i], root);
		CU_ASSERT_PTR_NOT_NULL(strstr(presets_table[i].text, presets_table[i].description));
		CU_ASSERT_FALSE(presets_table[i].blocks_network);
		cJSON_Delete(root);
	}
	CU_ASSERT_EQUAL(examples_count, 3);
	for (size_t i = 0; i < examples_count; i++)
		CU_ASSERT_PTR_NOT_NULL(strstr(examples_table[i].text, examples_table[i].name));
}

static void
test_network_groups(void)
{
	static const struct {
		const char *name;
		size_t hosts, suffixes;
	} expected[] = {
		{ "llm_apis", 16, 0 },	  { "package_registries", 15, 0 },
		{ "github", 8, 0 },	  { "gitlab", 3, 0 },
		{ "sigstore", 4, 0 },	  { "documentation", 8, 0 },
		{ "google_cloud", 0, 1 }, { "azure", 0, 2 },
		{ "aws_bedrock", 0, 2 },
	};

	CU_ASSERT_EQUAL_FATAL(network_groups_count, ARRAY_LEN(expected));
	for (size_t i = 0; i < network_groups_count; i++) {
		const struct network_group *g = network_group_find(expected[i].name);

		CU_ASSERT_PTR_EQUAL_FATAL(g, &network_groups[i]);
		CU_ASSERT_EQUAL(g->hosts_count, expected[i].hosts);
		CU_ASSERT_EQUAL(g->suffixes_count, expected[i].suffixes);
	}
	CU_ASSERT_PTR_NULL(network_group_find("bogus"));
}

static void
test_network_profiles(void)
{
	static const struct {
		const char *name;
		size_t patterns;
	} expected[] = {
		{ "minimal", 16 }, { "developer", 54 }, { "claude-code", 54 },
		{ "codex", 54 },   { "opencode", 54 },	{ "enterprise", 59 },
	};

	CU_ASSERT_EQUAL_FATAL(network_profiles_count, ARRAY_LEN(expected));
	for (size_t i = 0; i < network_profiles_count; i++) {
		const struct network_profile *p = network_profile_find(expected[i].name);
		autobuf struct buf text = BUF_INIT;
		const char **list = NULL;
		size_t n = 0;

		CU_ASSERT_PTR_EQUAL_FATAL(p, &network_profiles[i]);
		CU_ASSERT_EQUAL(p->credentials_count, 0);
		CU_ASSERT_EQUAL_FATAL(network_profile_hosts(p, &list, &text), 0);
		for (; list[n]; n++)
			if (n > 0)
				CU_ASSERT_TRUE(strcmp(list[n - 1], list[n]) < 0);
		CU_ASSERT_EQUAL(n, expected[i].patterns);
		mem_free(list);
	}
	CU_ASSERT_PTR_NULL(network_profile_find("bogus"));
}

static void
test_credentials(void)
{
	CU_ASSERT_EQUAL(network_credentials_count, 6);
	CU_ASSERT_STRING_EQUAL(network_credential_find("anthropic")->header, "x-api-key");
	CU_ASSERT_STRING_EQUAL(network_credential_find("github")->format, "token {}");
	CU_ASSERT_PTR_NULL(network_credential_find("openai")->variable);
	CU_ASSERT_PTR_NULL(network_credential_find("bogus"));
}

static void
test_renamed(void)
{
	const char *const *new = group_renamed("system_read_linux");
	size_t n = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(new);
	for (; new[n]; n++)
		CU_ASSERT_PTR_NOT_NULL(group_find(new[n]));
	CU_ASSERT_EQUAL(n, 4);
	CU_ASSERT_STRING_EQUAL(group_renamed("homebrew")[0], "homebrew_linux");
	CU_ASSERT_PTR_NULL(group_renamed("deny_credentials"));
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "names", test_names },
		{ "texts", test_texts },
		{ "network groups", test_network_groups },
		{ "network profiles", test_network_profiles },
		{ "credentials", test_credentials },
		{ "old names of groups", test_renamed },
	};

	return unit_run("presets", tests, UNIT_COUNT(tests));
}
