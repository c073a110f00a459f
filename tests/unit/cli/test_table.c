/* The table is consistent: names unique, references resolvable, every available flag explained. */
#include <string.h>

#include "base/str.h"
#include "cli/table.h"
#include "tests/harness/unit.h"

/* How many flags that some command of `where` accepts answer to this name. */
static size_t
owners(const char *name, size_t n, unsigned int where)
{
	size_t found = 0;

	for (size_t i = 0; i < flags_count; i++) {
		const struct flag *f = &flags_table[i];

		if (f->commands & where)
			found += list_has(f->name, name, n) || list_has(f->aliases, name, n) ||
				 list_has(f->legacy, name, n);
	}
	return found;
}

static void
check_list(const char *list, unsigned int where)
{
	const char *word;

	for (size_t n; (n = list_next(&list, &word)) > 0;)
		CU_ASSERT_EQUAL(owners(word, n, where), 1);
}

static void
test_names(void)
{
	for (size_t i = 0; i < flags_count; i++) {
		const struct flag *f = &flags_table[i];

		check_list(f->name, f->commands);
		check_list(f->aliases, f->commands);
		check_list(f->legacy, f->commands);
		for (size_t j = i + 1; j < flags_count; j++) {
			if (f->letter && (flags_table[j].commands & f->commands))
				CU_ASSERT_NOT_EQUAL(f->letter, flags_table[j].letter);
			if (f->variable && flags_table[j].variable)
				CU_ASSERT_STRING_NOT_EQUAL(f->variable, flags_table[j].variable);
		}
	}
}

static void
test_references(void)
{
	for (size_t i = 0; i < flags_count; i++) {
		const struct flag *f = &flags_table[i];
		const char *list = f->conflicts, *word;

		for (size_t n; (n = list_next(&list, &word)) > 0;)
			CU_ASSERT_PTR_NOT_NULL(flag_find(word, n, ON_ALL));
		if (f->requires)
			CU_ASSERT_PTR_NOT_NULL(
				flag_find(f->requires, strlen(f->requires), f->commands));
		if (f->legacy_variables[0])
			CU_ASSERT_PTR_NOT_NULL(f->variable);
	}
}

static void
test_available(void)
{
	bool seen[FLAG_ID_COUNT] = { false };

	for (size_t i = 0; i < flags_count; i++) {
		const struct flag *f = &flags_table[i];

		CU_ASSERT_EQUAL(f->status == STATUS_AVAILABLE, f->id != FLAG_RESERVED);
		if (f->status != STATUS_AVAILABLE)
			continue;
		CU_ASSERT_FALSE(seen[f->id]);
		seen[f->id] = true;
		CU_ASSERT_PTR_EQUAL(flag_by_id(f->id), f);
		CU_ASSERT_PTR_NOT_NULL_FATAL(f->help);
		CU_ASSERT_TRUE(str_ends_with(f->help, "."));
		CU_ASSERT_EQUAL(f->metavar != NULL,
				f->value != VALUE_NONE && f->value != VALUE_COUNT);
		if (f->value == VALUE_NUMBER)
			CU_ASSERT_TRUE(f->max > f->min);
	}
	for (size_t i = 1; i < FLAG_ID_COUNT; i++)
		CU_ASSERT_TRUE(seen[i]);
}

static void
test_commands(void)
{
	for (size_t i = 0; i < commands_count; i++) {
		const struct command *c = &commands_table[i];

		CU_ASSERT_PTR_EQUAL(command_find(c->name), c);
		CU_ASSERT_PTR_NOT_NULL(c->line);
		if (c->status == STATUS_AVAILABLE) {
			CU_ASSERT_PTR_NOT_NULL(c->usage);
			CU_ASSERT_PTR_NOT_NULL(c->about);
			CU_ASSERT_PTR_NOT_NULL(c->examples);
		}
	}
	CU_ASSERT_PTR_EQUAL(command_find("resume"), command_find("attach"));
	CU_ASSERT_PTR_NULL(command_find("bogus"));
	CU_ASSERT_PTR_NULL(command_find(""));
}

/* What completion offers behind a command is what it has. */
static void
test_subcommands(const struct command *parent)
{
	unsigned int flags = 0;

	for (const struct command *c = parent->sub; c->name; c++) {
		CU_ASSERT_TRUE(list_has(parent->operands, c->name, strlen(c->name)));
		CU_ASSERT_PTR_EQUAL(command_find_sub(parent, c->name), c);
		CU_ASSERT_EQUAL(c->status == STATUS_AVAILABLE, c->id != COMMAND_RESERVED);
		if (c->status != STATUS_AVAILABLE)
			continue;
		CU_ASSERT_TRUE(str_starts_with(c->usage, parent->name));
		CU_ASSERT_PTR_NOT_NULL(strstr(c->examples, "nono profile"));
		CU_ASSERT_TRUE(c->operands_min <= c->operands_max);
		flags |= c->flags;
	}
	CU_ASSERT_EQUAL(flags & ~parent->flags, 0);
	CU_ASSERT_PTR_NULL(command_find_sub(parent, "bogus"));
}

static void
test_commands_of_profile(void)
{
	test_subcommands(command_find("profile"));
	test_subcommands(command_find("policy"));
}

static void
test_suggestions(void)
{
	CU_ASSERT_STRING_EQUAL(flag_suggest("alow", 4, ON_RUN), "allow");
	CU_ASSERT_STRING_EQUAL(flag_suggest("block-nte", 9, ON_RUN), "block-net");
	CU_ASSERT_PTR_NULL(flag_suggest("alow", 4, ON_ROOT));
	CU_ASSERT_PTR_NULL(flag_suggest("zzzzzz", 6, ON_RUN));
	CU_ASSERT_PTR_NULL(flag_suggest("", 0, ON_RUN));
	CU_ASSERT_STRING_EQUAL(command_suggest("wrpa"), "wrap");
	CU_ASSERT_PTR_NULL(command_suggest("bogus"));
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "names are unique", test_names },
		{ "references resolve", test_references },
		{ "available flags are complete", test_available },
		{ "commands", test_commands },
		{ "commands of profile", test_commands_of_profile },
		{ "suggestions", test_suggestions },
	};

	return unit_run("table", tests, UNIT_COUNT(tests));
}
