/*
 * The compiled policy groups: counts that users see, names, and that no group gives away what
 * another one denies.
 */
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/path.h"
#include "plan/format.h"
#include "profiles/groups.h"
#include "tests/harness/unit.h"

enum { PATH_BYTES = 512 };

/* "~/x" and "$HOME/x" are one path; other variables become directories of their own. */
static const char *
plain(char ret[PATH_BYTES], const char *path)
{
	if (strncmp(path, "~/", 2) == 0)
		(void)snprintf(ret, PATH_BYTES, "/home/user/%s", path + 2);
	else if (strncmp(path, "$HOME/", 6) == 0)
		(void)snprintf(ret, PATH_BYTES, "/home/user/%s", path + 6);
	else if (path[0] == '$')
		(void)snprintf(ret, PATH_BYTES, "/variable/%s", path + 1);
	else
		(void)snprintf(ret, PATH_BYTES, "%s", path);
	return ret;
}

static size_t
count_allow(const char *name, unsigned int access)
{
	const struct group *g = group_find(name);
	size_t n = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(g);
	for (size_t i = 0; i < g->allow_count; i++)
		n += g->allow[i].access == access;
	CU_ASSERT_EQUAL(n, g->allow_count);
	return n;
}

static void
test_counts(void)
{
	size_t on_linux = 0, on_macos = 0, extended = 0, required = 0, denied = 0, commands = 0;

	for (size_t i = 0; i < groups_count; i++) {
		const struct group *g = &groups_table[i];

		if (g->extended) {
			extended++;
			CU_ASSERT(g->linux_group && !g->required);
			continue;
		}
		on_linux += g->linux_group;
		on_macos += !g->linux_group;
		commands += g->commands_count;
		if (g->linux_group && g->required) {
			required++;
			denied += g->deny_count;
		}
		/* What is denied cannot be excluded, and the other way round. */
		CU_ASSERT(!g->linux_group || g->required == (g->deny_count > 0));
	}
	CU_ASSERT_EQUAL(on_linux, 28);
	CU_ASSERT_EQUAL(on_macos, 12);
	CU_ASSERT_EQUAL(extended, 6);
	CU_ASSERT_EQUAL(required, 5);
	CU_ASSERT_EQUAL(denied, 46);
	CU_ASSERT_EQUAL(commands, 46);
	CU_ASSERT_EQUAL(count_allow("system_read_linux_core", PLAN_READ), 60);
	CU_ASSERT_EQUAL(count_allow("system_write_linux", PLAN_WRITE), 11);
	CU_ASSERT_EQUAL(count_allow("user_caches_linux", PLAN_READ | PLAN_WRITE), 1);
	CU_ASSERT_EQUAL(count_allow("system_read_extended", PLAN_READ), 21);
	CU_ASSERT_EQUAL(group_find("deny_credentials_extended")->deny_count, 68);
	CU_ASSERT_EQUAL(group_find("deny_keychains_linux_extended")->deny_count, 11);
	CU_ASSERT_EQUAL(group_find("deny_browser_data_linux_extended")->deny_count, 21);
	CU_ASSERT_EQUAL(group_find("deny_shell_history_extended")->deny_count, 19);
	CU_ASSERT_EQUAL(group_find("deny_shell_configs_extended")->deny_count, 12);
}

static void
test_names(void)
{
	for (size_t i = 0; i < groups_count; i++) {
		CU_ASSERT_PTR_EQUAL(group_find(groups_table[i].name), &groups_table[i]);
		CU_ASSERT(groups_table[i].description[0] != '\0');
		CU_ASSERT(group_find(groups_table[i].name)->linux_group ||
			  groups_table[i].allow_count + groups_table[i].deny_count +
					  groups_table[i].commands_count ==
				  0);
	}
	CU_ASSERT_PTR_NULL(group_find("system_read_linux"));
	CU_ASSERT_PTR_NULL(group_find(""));
	CU_ASSERT(group_find("unlink_protection")->unlink_protection);
	CU_ASSERT_FALSE(group_find("deny_credentials")->unlink_protection);
}

/* Preset `default` in storage order, then what is ours. */
static void
test_default(void)
{
	static const char *const expected[] = {
		"deny_credentials",
		"deny_keychains_macos",
		"deny_keychains_linux",
		"deny_browser_data_macos",
		"deny_browser_data_linux",
		"deny_macos_private",
		"deny_shell_history",
		"deny_shell_configs",
		"system_read_macos",
		"system_read_linux_core",
		"system_write_macos",
		"system_write_linux",
		"user_tools",
		"homebrew_macos",
		"homebrew_linux",
		"dangerous_commands",
		"dangerous_commands_macos",
		"dangerous_commands_linux",
		"deny_credentials_extended",
		"deny_keychains_linux_extended",
		"deny_browser_data_linux_extended",
		"deny_shell_history_extended",
		"deny_shell_configs_extended",
		"system_read_extended",
	};

	CU_ASSERT_EQUAL_FATAL(groups_default_count, ARRAY_LEN(expected));
	for (size_t i = 0; i < ARRAY_LEN(expected); i++)
		CU_ASSERT_STRING_EQUAL(groups_default[i], expected[i]);
	for (size_t i = 0; i < groups_count; i++) {
		bool in_default = false;

		for (size_t j = 0; j < groups_default_count; j++)
			in_default |= group_find(groups_default[j]) == &groups_table[i];
		CU_ASSERT(in_default || !(groups_table[i].required || groups_table[i].extended));
	}
}

static bool
is_alias(const char *path)
{
	return path_is_beneath(path, "/dev") || path_is_beneath(path, "/proc");
}

static void
test_covered(void)
{
	size_t covered = 0;

	for (size_t i = 0; i < groups_count; i++) {
		const struct group *g = &groups_table[i];

		for (size_t j = 0; j < g->allow_count; j++) {
			const struct group_path *entry = &g->allow[j];
			bool ancestor = false;

			for (size_t k = 0; k < j; k++)
				ancestor |= g->allow[k].access == entry->access &&
					    !is_alias(g->allow[k].path) &&
					    path_is_inside(entry->path, g->allow[k].path);
			CU_ASSERT_EQUAL(entry->covered, ancestor);
			CU_ASSERT_FALSE(entry->covered && is_alias(entry->path));
			covered += entry->covered;
		}
	}
	CU_ASSERT_EQUAL(covered, 10);
}

/* Grants above a denied path: exactly these, which a profile that includes the group masks. */
static const struct {
	const char *group, *allow, *deny;
} exceptions[] = {
	{ "user_caches_linux", "~/.cache", "~/.cache/huggingface/token" },
	{ "user_caches_linux", "~/.cache", "~/.cache/keepassxc" },
	{ "user_caches_linux", "~/.cache", "~/.cache/mozilla" },
	{ "user_caches_linux", "~/.cache", "~/.cache/google-chrome" },
	{ "user_caches_linux", "~/.cache", "~/.cache/chromium" },
};

static bool
is_exception(const char *group, const char *allow, const char *deny)
{
	for (size_t i = 0; i < ARRAY_LEN(exceptions); i++)
		if (strcmp(exceptions[i].group, group) == 0 &&
		    strcmp(exceptions[i].allow, allow) == 0 &&
		    strcmp(exceptions[i].deny, deny) == 0)
			return true;
	return false;
}

static void
test_no_grant_around_deny(void)
{
	char a[PATH_BYTES], d[PATH_BYTES];
	size_t found = 0, pairs = 0;

	for (size_t i = 0; i < groups_count; i++) {
		const struct group *g = &groups_table[i];

		for (size_t j = 0; j < groups_count * g->allow_count; j++) {
			const struct group *o = &groups_table[j / g->allow_count];
			const char *allow = g->allow[j % g->allow_count].path;

			for (size_t k = 0; k < o->deny_count; k++) {
				const char *allowed = plain(a, allow);
				const char *denied = plain(d, o->deny[k]);

				pairs++;
				if (!path_is_beneath(allowed, denied) &&
				    !path_is_beneath(denied, allowed))
					continue;
				found++;
				CU_ASSERT(is_exception(g->name, allow, o->deny[k]));
			}
		}
	}
	CU_ASSERT_EQUAL(found, ARRAY_LEN(exceptions));
	CU_ASSERT(pairs > 10000);
}

static bool
has(const char *const *list, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], word) == 0)
			return true;
	return false;
}

/* Spellings that a careless edit of the data would lose. */
static void
test_spelling(void)
{
	const struct group *g = group_find("deny_keychains_linux_extended");

	CU_ASSERT(has(g->deny, g->deny_count, "~/.config/Bitwarden CLI"));
	g = group_find("deny_shell_history_extended");
	CU_ASSERT(has(g->deny, g->deny_count, "$HISTFILE"));
	g = group_find("deny_credentials");
	CU_ASSERT(has(g->deny, g->deny_count, "~/.ssh"));
	CU_ASSERT_FALSE(has(g->deny, g->deny_count, "~/.sshfoo"));
	g = group_find("dangerous_commands");
	CU_ASSERT(has(g->commands, g->commands_count, "npm"));
	CU_ASSERT_STRING_EQUAL(group_find("git_config")->allow[0].path, "$HOME/.gitconfig");
	CU_ASSERT_STRING_EQUAL(group_find("rust_runtime")->allow[0].path, "~/.cargo/bin");
	/* The whole of /etc and /proc would carry /etc/shadow's neighbours and other processes. */
	g = group_find("system_read_linux_core");
	for (size_t i = 0; i < g->allow_count; i++) {
		CU_ASSERT_STRING_NOT_EQUAL(g->allow[i].path, "/etc");
		CU_ASSERT_STRING_NOT_EQUAL(g->allow[i].path, "/proc");
	}
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "counts that users see", test_counts },
		{ "names are unique and found", test_names },
		{ "groups of the default preset", test_default },
		{ "covered entries have an ancestor before them", test_covered },
		{ "no grant around a denied path", test_no_grant_around_deny },
		{ "spellings", test_spelling },
	};

	return unit_run("groups", tests, UNIT_COUNT(tests));
}
