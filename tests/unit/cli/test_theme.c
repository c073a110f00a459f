/* Themes: names, and the escapes of each depth. */
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "cli/table.h"
#include "cli/theme.h"
#include "tests/harness/unit.h"

static void
test_names(void)
{
	static const struct {
		const char *typed, *name;
	} names[] = {
		{ "mocha", "mocha" },
		{ "catppuccin", "mocha" },
		{ "Catppuccin-Mocha", "mocha" },
		{ "LATTE", "latte" },
		{ "catppuccin-latte", "latte" },
		{ "catppuccin-frappe", "frappe" },
		{ "catppuccin-macchiato", "macchiato" },
		{ "tokyo", "tokyo-night" },
		{ "tokyonight", "tokyo-night" },
		{ "plain", "minimal" },
	};
	const struct theme *seen[8];
	const char *list = THEME_NAMES, *word;
	size_t known = 0;
	char name[32];

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		CU_ASSERT_PTR_EQUAL(theme_find(names[i].typed), theme_find(names[i].name));
	CU_ASSERT_PTR_EQUAL(theme_find(NULL), theme_find("mocha"));
	CU_ASSERT_PTR_NULL(theme_find("moch"));
	CU_ASSERT_PTR_NULL(theme_find(""));
	for (size_t n; (n = list_next(&list, &word)) > 0;) {
		(void)snprintf(name, sizeof(name), "%.*s", (int)n, word);
		seen[known++] = theme_find(name);
		CU_ASSERT_PTR_NOT_NULL(seen[known - 1]);
		for (size_t i = 0; i + 1 < known; i++)
			CU_ASSERT_PTR_NOT_EQUAL(seen[i], seen[known - 1]);
	}
}

static void
test_escapes(void)
{
	static const struct {
		const char *theme;
		enum color_depth depth;
		enum role role;
		bool ground;
		const char *escape;
	} escapes[] = {
		{ NULL, COLOR_TRUE, ROLE_GREEN, false, "\033[38;2;166;218;149m" },
		{ NULL, COLOR_TRUE, ROLE_GREEN, true, "\033[48;2;166;218;149m" },
		{ "latte", COLOR_TRUE, ROLE_BRAND, false, "\033[38;2;254;100;11m" },
		{ "frappe", COLOR_TRUE, ROLE_TEAL, false, "\033[38;2;129;200;190m" },
		{ "macchiato", COLOR_TRUE, ROLE_SURFACE, true, "\033[48;2;54;58;79m" },
		{ "tokyo-night", COLOR_TRUE, ROLE_RED, false, "\033[38;2;247;118;142m" },
		{ "minimal", COLOR_TRUE, ROLE_OVERLAY, false, "\033[38;2;80;80;80m" },
		{ "minimal", COLOR_256, ROLE_BRAND, false, "\033[38;5;166m" },
		{ "latte", COLOR_256, ROLE_RED, true, "\033[48;5;161m" },
		{ NULL, COLOR_16, ROLE_RED, false, "\033[31m" },
		{ "latte", COLOR_16, ROLE_YELLOW, true, "\033[103m" },
		{ NULL, COLOR_NONE, ROLE_RED, false, "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(escapes); i++) {
		char p[THEME_ESCAPE_MAX];

		theme_escape(theme_find(escapes[i].theme), p, escapes[i].depth, escapes[i].role,
			     escapes[i].ground);
		CU_ASSERT_STRING_EQUAL(p, escapes[i].escape);
	}
	CU_ASSERT_STRING_EQUAL(theme_badge_text(COLOR_TRUE), "\033[38;2;30;30;46m");
	CU_ASSERT_STRING_EQUAL(theme_badge_text(COLOR_NONE), "");
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "names", test_names },
		{ "escapes", test_escapes },
	};

	return unit_run("theme", tests, UNIT_COUNT(tests));
}
