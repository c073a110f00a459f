/* What help must show, and what it must not. */
#include <string.h>

#include "cli/help.h"
#include "tests/harness/unit.h"

static void
render(struct out *o, const char *command)
{
	char *none[] = { NULL };

	out_init(o, -1, "never", none);
	if (command)
		help_command(o, NULL, command_find(command));
	else
		help_root(o);
	CU_ASSERT_FALSE(o->failed);
}

static bool
shows(const struct out *o, const char *text)
{
	return strstr(buf_str(&o->text), text) != NULL;
}

/* As an option or in the list of later ones, not as part of a longer name. */
static bool
names_flag(const struct out *o, const char *name)
{
	char text[64];
	const char *p = buf_str(&o->text);

	(void)snprintf(text, sizeof(text), "--%s", name);
	while ((p = strstr(p, text))) {
		p += strlen(text);
		if (strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789-") == 0)
			return true;
	}
	return false;
}

static void
test_root(void)
{
	struct out o;
	char line[64];

	render(&o, NULL);
	for (size_t i = 0; i < commands_count; i++) {
		(void)snprintf(line, sizeof(line), "\n  %s ", commands_table[i].name);
		CU_ASSERT_EQUAL(shows(&o, line), !commands_table[i].hidden);
	}
	for (size_t i = 0; i < flags_count; i++)
		if ((flags_table[i].commands & ON_ROOT) && !flags_table[i].hidden)
			CU_ASSERT_TRUE(names_flag(&o, flags_table[i].name));
	CU_ASSERT_TRUE(shows(&o, "USAGE"));
	CU_ASSERT_TRUE(shows(&o, "LEARN MORE"));
	out_clear(&o);
}

static void
check_flags(const char *command, unsigned int where)
{
	struct out o;

	render(&o, command);
	for (size_t i = 0; i < flags_count; i++) {
		const struct flag *f = &flags_table[i];
		bool wanted = (f->commands & where) && !f->hidden && f->status != STATUS_MACOS;

		/* Examples and texts of other flags may name one as well. */
		if (wanted)
			CU_ASSERT_TRUE(names_flag(&o, f->name));
		if (!flag_find(f->name, strlen(f->name), where) || f->hidden)
			CU_ASSERT_FALSE(names_flag(&o, f->name));
	}
	CU_ASSERT_TRUE(shows(&o, "USAGE"));
	CU_ASSERT_TRUE(shows(&o, "EXAMPLES"));
	CU_ASSERT_TRUE(shows(&o, "FILESYSTEM\n"));
	CU_ASSERT_TRUE(shows(&o, "NETWORK\n"));
	CU_ASSERT_FALSE(shows(&o, "override-deny"));
	out_clear(&o);
}

static void
test_run(void)
{
	struct out o;

	check_flags("run", ON_RUN);
	render(&o, "run");
	CU_ASSERT_TRUE(shows(&o, "nono run"));
	CU_ASSERT_TRUE(shows(&o, "Not available in this build:"));
	out_clear(&o);
}

static void
test_wrap(void)
{
	static const char *const no[] = { "allow-domain",   "credential",      "network-profile",
					  "upstream-proxy", "upstream-bypass", "proxy-port",
					  "allow-net" };
	struct out o;

	check_flags("wrap", ON_WRAP);
	render(&o, "wrap");
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		CU_ASSERT_FALSE(names_flag(&o, no[i]));
	CU_ASSERT_TRUE(names_flag(&o, "block-net"));
	CU_ASSERT_TRUE(names_flag(&o, "listen-port"));
	CU_ASSERT_TRUE(names_flag(&o, "open-port"));
	out_clear(&o);
}

static void
test_later(void)
{
	struct out o;

	render(&o, "ps");
	CU_ASSERT_TRUE(shows(&o, "nono ps"));
	CU_ASSERT_TRUE(shows(&o, "Not available in this build."));
	out_clear(&o);
}

static void
test_width(void)
{
	static const char *const commands[] = { NULL, "run", "wrap" };

	for (size_t i = 0; i < 3; i++) {
		struct out o;

		render(&o, commands[i]);
		for (const char *p = buf_str(&o.text); *p;) {
			size_t n = strcspn(p, "\n");

			CU_ASSERT_TRUE(n <= 80);
			CU_ASSERT_TRUE(n == 0 || p[n - 1] != ' ');
			p += n + (p[n] == '\n');
		}
		out_clear(&o);
	}
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "root", test_root },	 { "run", test_run },	  { "wrap", test_wrap },
		{ "later", test_later }, { "width", test_width },
	};

	return unit_run("help", tests, UNIT_COUNT(tests));
}
