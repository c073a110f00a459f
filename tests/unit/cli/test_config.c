/* config.toml: keys, types, the detach sequence. Files: tests/cli/config.sh. */
#include <errno.h>
#include <string.h>

#include "base/attr.h"
#include "base/str.h"
#include "cli/config.h"
#include "tests/harness/unit.h"

static void
test_detach(void)
{
	static const struct {
		const char *text, *bytes;
		size_t n;
	} good[] = {
		{ "ctrl-] d",
		  "\x1d"
		  "d",
		  2 },
		{ "  CTRL-a\tD ",
		  "\x01"
		  "d",
		  2 },
		{ "ctrl-@ ctrl-_", "\0\x1f", 2 },
		{ "esc Escape tab enter return space", "\x1b\x1b\t\r\r ", 6 },
		{ "ctrl-[ ctrl-\\ ctrl-^ ~ ~", "\x1b\x1c\x1e~~", 5 },
	};
	static const struct {
		const char *text, *reason;
	} wrong[] = {
		{ "", "at least two" },
		{ "d", "at least two" },
		{ "ctrl-]", "at least two" },
		{ "ctrl-1 d", "neither" },
		{ "ctrl- d", "neither" },
		{ "dd e", "neither" },
		{ "\xc3\xa9 d", "neither" },
		{ "ctrl-ab d", "neither" },
		{ "shift-a d", "neither" },
		{ "a b c d e f g h i j k l m n o p q", "more than 16" },
	};
	unsigned char bytes[CONFIG_DETACH_MAX];
	const char *reason;
	size_t n;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		CU_ASSERT_EQUAL_FATAL(config_parse_detach(good[i].text, bytes, &n, &reason), 0);
		CU_ASSERT_EQUAL(n, good[i].n);
		CU_ASSERT_EQUAL(memcmp(bytes, good[i].bytes, n), 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		reason = "";
		CU_ASSERT_EQUAL(config_parse_detach(wrong[i].text, bytes, &n, &reason), -EINVAL);
		CU_ASSERT_PTR_NOT_NULL(strstr(reason, wrong[i].reason));
	}
	CU_ASSERT_EQUAL(config_parse_detach("a b c d e f g h i j k l m n o p", bytes, &n, &reason),
			0);
	CU_ASSERT_EQUAL(n, 16);
}

static void
test_values(void)
{
	struct config c = { 0 };
	struct err e = ERR_INIT;

	CU_ASSERT_EQUAL_FATAL(
		config_parse(&c,
			     slice_of("[ui]\ntheme = 'latte'\ndetach_sequence='ctrl-a d'\n"
				      "terminal_filter = 'strict'\nscrollback_rows = 500\n"
				      "[updates]\ncheck = true\nurl = 'https://x/'\n"
				      "[redaction]\nextra_flags = ['--pin', '--otp']\n"
				      "extra_headers = ['X-Pin']\nextra_query_keys = []\n"
				      "extra_env_vars = [' MY_PIN\t', ' ', '']\n"
				      "unsafe_redaction_overrides = true\n"
				      "allow_unredacted_defaults = ['state']\n"
				      "[extensions.dangerous_commands]\nours = ['deploy', 'wipe']\n"
				      "more = ['drop']\n"),
			     &e),
		0);
	CU_ASSERT_STRING_EQUAL(c.theme, "latte");
	CU_ASSERT_EQUAL(c.detach_bytes, 2);
	CU_ASSERT_EQUAL(c.detach[0], 1);
	CU_ASSERT_EQUAL(c.terminal_filter, PLAN_FILTER_STRICT);
	CU_ASSERT_EQUAL(c.scrollback_rows, 500);
	CU_ASSERT_TRUE(c.update_check);
	CU_ASSERT_STRING_EQUAL(c.update_url, "https://x/");
	CU_ASSERT_EQUAL_FATAL(c.redact.flags.count, 2);
	CU_ASSERT_STRING_EQUAL(c.redact.flags.item[1], "--otp");
	CU_ASSERT_EQUAL(c.redact.headers.count, 1);
	CU_ASSERT_EQUAL(c.redact.query_keys.count, 0);
	CU_ASSERT_EQUAL_FATAL(c.redact.variables.count, 1);
	CU_ASSERT_STRING_EQUAL(c.redact.variables.item[0], "MY_PIN");
	CU_ASSERT_EQUAL(c.redact.shown.count, 1);
	CU_ASSERT_EQUAL_FATAL(c.blocked_commands.count, 3);
	CU_ASSERT_STRING_EQUAL(c.blocked_commands.item[2], "drop");
	CU_ASSERT_EQUAL(c.notes, 0);
	CU_ASSERT_PTR_NULL(c.profile);
	config_clear(&c);
}

static void
test_wrong(void)
{
	static const struct {
		const char *text, *error;
	} wrong[] = {
		{ "ui = 1", "1:1: ui must be a table" },
		{ "[ui]\ntheme = 1", "2:1: ui.theme must be a string in quotes" },
		{ "[ui]\ndetach_sequence = 'd'",
		  "2:1: detach sequence must contain at least two key presses" },
		{ "[ui]\nterminal_filter = 'of'",
		  "2:1: ui.terminal_filter must be \"standard\", \"strict\" or \"off\"" },
		{ "[ui]\nprompt_timeout_secs = -1",
		  "2:1: ui.prompt_timeout_secs must be from 0 to 86400" },
		{ "[ui]\nprompt_timeout_secs = 86401",
		  "2:1: ui.prompt_timeout_secs must be from 0 to 86400" },
		{ "[ui]\nscrollback_rows = -1", "2:1: ui.scrollback_rows must be from 0 to 10000" },
		{ "[ui]\nscrollback_rows = 10001",
		  "2:1: ui.scrollback_rows must be from 0 to 10000" },
		{ "[updates]\ncheck = 'yes'", "2:1: updates.check must be true or false" },
		{ "[rollback]\nmax_sessions = 1.5",
		  "2:1: rollback.max_sessions must be an integer" },
		{ "[undo]\nmax_storage_gb = '5'", "2:1: rollback.max_storage_gb must be a number" },
		{ "meta.version = true", "1:6: meta.version must be a string or an integer" },
		{ "[redaction]\nextra_flags = ['a', 1]",
		  "2:1: redaction.extra_flags must be an array of strings" },
		{ "[redaction]\nextra_env_vars = 'A'",
		  "2:1: redaction.extra_env_vars must be an array of strings" },
		{ "overrides = 1", "1:1: overrides must be a table" },
		{ "[profiles]\ndefault = ''", "2:1: the name of a profile is needed" },
		{ "[extensions.sensitive_paths]\na = 'x'",
		  "2:1: extensions.sensitive_paths.NAME must be an array of strings" },
		{ "[extensions.sensitive_paths]\na = ['/x', 'y']",
		  "2:12: a path is needed that begins with '/', '~/' or a variable" },
		{ "[extensions.sensitive_paths]\na = ['~/*.key']",
		  "2:6: patterns are not known here; name the directory" },
		{ "[extensions.dangerous_commands]\na = 'x'",
		  "2:1: extensions.dangerous_commands.NAME must be an array of strings" },
		{ "[extensions.dangerous_commands]\na = ['x', '/bin/y']",
		  "2:11: the name of a command is needed, without '/'" },
	};
	struct config c = { 0 };
	struct err e = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		CU_ASSERT_EQUAL(config_parse(&c, slice_of(wrong[i].text), &e), -EBADMSG);
		CU_ASSERT_STRING_EQUAL(e.text, wrong[i].error);
		config_clear(&c);
	}
	/* Showing secrets takes two keys. */
	CU_ASSERT_EQUAL(
		config_parse(&c, slice_of("redaction.allow_unredacted_defaults = ['code']"), &e),
		-EBADMSG);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "unsafe_redaction_overrides = true"));
	config_clear(&c);
}

static size_t
notes(const char *text, enum config_note kind, const char *part)
{
	struct config c = { 0 };
	struct err e = ERR_INIT;
	size_t n = 0;

	CU_ASSERT_EQUAL(config_parse(&c, slice_of(text), &e), 0);
	for (size_t i = 0; i < c.notes; i++)
		n += c.note[i].kind == kind && strstr(c.note[i].text, part);
	config_clear(&c);
	return n;
}

static void
test_notes(void)
{
	static const char overrides[] = "[overrides.commands]\n[trusted_keys]\nx={name='a'}";
	struct config c = { 0 };
	struct err e = ERR_INIT;

	CU_ASSERT_EQUAL(notes("x = 1\n[ui]\nthem = 'a'", CONFIG_NOTE_INFO, "unknown key"), 2);
	CU_ASSERT_EQUAL(notes("[ui]\nthem = 'a'", CONFIG_NOTE_INFO, "'ui.them'"), 1);
	CU_ASSERT_EQUAL(notes("[rollback]\nmax_sessions = 3", CONFIG_NOTE_INFO, "no effect"), 1);
	CU_ASSERT_EQUAL(notes("[undo]\nmax_sessions = 3", CONFIG_NOTE_INFO, "no effect"), 1);
	CU_ASSERT_EQUAL(notes("[meta]\nversion = 1", CONFIG_NOTE_INFO, ""), 0);
	CU_ASSERT_EQUAL(notes(overrides, CONFIG_NOTE_WARNING, "no effect"), 2);

	/* What restricts. */
	CU_ASSERT_EQUAL(config_parse(&c, slice_of("[profiles]\ndefault = 'x'"), &e), 0);
	CU_ASSERT_STRING_EQUAL(c.profile, "x");
	config_clear(&c);
	CU_ASSERT_EQUAL(config_parse(&c,
				     slice_of("[extensions.sensitive_paths]\n"
					      "a=['~/x', '/y']\nb=[]\nc=['$HOME/z']"),
				     &e),
			0);
	CU_ASSERT_EQUAL_FATAL(c.closed_paths.count, 3);
	CU_ASSERT_STRING_EQUAL(c.closed_paths.item[1].list, "a");
	CU_ASSERT_STRING_EQUAL(c.closed_paths.item[1].path, "/y");
	CU_ASSERT_STRING_EQUAL(c.closed_paths.item[2].list, "c");
	config_clear(&c);
	CU_ASSERT_EQUAL(config_parse(&c, slice_of("[extensions.sensitive_paths]"), &e), 0);
	CU_ASSERT_EQUAL(c.closed_paths.count, 0);
	config_clear(&c);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "detach sequence", test_detach },
		{ "values", test_values },
		{ "what is refused, and where", test_wrong },
		{ "notes", test_notes },
	};

	return unit_run("config", tests, UNIT_COUNT(tests));
}
