/* The command line: spec of tokens, values, relations. Each refusal stands beside what works. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "cli/opt.h"
#include "tests/harness/unit.h"

enum { ARGV_MAX = 16 };

static char *no_environment[] = { (char[]){ "HOME=/home/me" }, NULL };

struct parsed {
	struct opt o;
	struct err e;
	int r;
};

/* Words separated by blanks; '^' stands for a blank inside a word. */
static void
parse(struct parsed *p, const char *line)
{
	static char text[1024];
	static char *argv[ARGV_MAX + 1];
	int argc = 0;
	char *save = NULL;

	*p = (struct parsed){ .o = OPT_INIT, .e = ERR_INIT };
	(void)strncpy(text, line, sizeof(text) - 1);
	for (char *w = strtok_r(text, " ", &save); w && argc < ARGV_MAX;
	     w = strtok_r(NULL, " ", &save)) {
		for (char *c = w; *c; c++)
			if (*c == '^')
				*c = ' ';
		argv[argc++] = w;
	}
	argv[argc] = NULL;
	p->r = opt_parse(&p->o, argc, argv, no_environment, &p->e);
	if (p->r == 0 && p->o.command && !p->o.help)
		p->r = opt_check(&p->o, &p->e);
}

static bool
refused(const char *line, const char *text)
{
	struct parsed p;
	bool yes;

	parse(&p, line);
	yes = p.r < 0 && p.e.exit_code == EXIT_USAGE && strstr(p.e.text, text);
	if (!yes)
		printf("# %s: %d %d '%s'\n", line, p.r, p.e.exit_code, p.e.text);
	opt_clear(&p.o);
	return yes;
}

static bool
value_is(const char *line, enum flag_id id, const char *value)
{
	struct parsed p;
	bool yes;

	parse(&p, line);
	yes = p.r == 0 && opt_value(&p.o, id) && strcmp(opt_value(&p.o, id), value) == 0 &&
	      p.o.program.count == 1;
	if (!yes)
		printf("# %s: %d '%s'\n", line, p.r, p.e.text);
	opt_clear(&p.o);
	return yes;
}

static void
test_values(void)
{
	static const char *const forms[] = {
		"nono run --read /x ls", "nono run --read=/x ls", "nono run -r /x ls",
		"nono run -r/x ls",	 "nono run -r=/x ls",	  "nono run -sr /x ls",
		"nono run -vsr/x -- ls",
	};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		CU_ASSERT_TRUE(value_is(forms[i], FLAG_READ, "/x"));
	CU_ASSERT_TRUE(value_is("nono run --read=-x ls", FLAG_READ, "-x"));
	CU_ASSERT_TRUE(value_is("nono run --read - ls", FLAG_READ, "-"));
	CU_ASSERT_TRUE(refused("nono run --read -x ls",
			       "a value is required for '--read <DIR>' but none was supplied"));
	CU_ASSERT_TRUE(refused("nono run --read -- ls", "a value is required for"));
	CU_ASSERT_TRUE(refused("nono run --allow", "a value is required for '--allow <DIR>'"));
	CU_ASSERT_TRUE(refused("nono run --read= ls", "invalid value ''"));
}

static void
test_home(void)
{
	CU_ASSERT_TRUE(value_is("nono run --read=~/x ls", FLAG_READ, "/home/me/x"));
	CU_ASSERT_TRUE(value_is("nono run --read=~ ls", FLAG_READ, "/home/me"));
	CU_ASSERT_TRUE(value_is("nono run --read=~you ls", FLAG_READ, "~you"));
	/* The shell has expanded it, or was told not to. */
	CU_ASSERT_TRUE(value_is("nono run --read ~/x ls", FLAG_READ, "~/x"));
}

static void
test_switches(void)
{
	struct parsed p;

	parse(&p, "nono -v run -vv -s --dry-run --json ls");
	CU_ASSERT_EQUAL(p.r, 0);
	CU_ASSERT_EQUAL(opt_count(&p.o, FLAG_VERBOSE), 3);
	CU_ASSERT_TRUE(opt_has(&p.o, FLAG_SILENT));
	CU_ASSERT_FALSE(opt_has(&p.o, FLAG_BLOCK_NET));
	opt_clear(&p.o);
	CU_ASSERT_TRUE(refused("nono run --dry-run=true ls", "unexpected value 'true'"));
	CU_ASSERT_TRUE(refused("nono run -s=1 ls", "unexpected value '1'"));
	CU_ASSERT_TRUE(
		refused("nono run --block-net --block-net ls", "cannot be used multiple times"));
	CU_ASSERT_TRUE(refused("nono -s run -s ls", "cannot be used multiple times"));
	CU_ASSERT_TRUE(
		refused("nono run --workdir a --workdir b ls", "cannot be used multiple times"));
}

static void
test_program(void)
{
	struct parsed p;

	parse(&p, "nono run --allow . ls -la --allow /x");
	CU_ASSERT_EQUAL(p.r, 0);
	CU_ASSERT_EQUAL(p.o.program.count, 4);
	CU_ASSERT_EQUAL(opt_count(&p.o, FLAG_ALLOW), 1);
	opt_clear(&p.o);
	parse(&p, "nono run -- --help");
	CU_ASSERT_EQUAL(p.r, 0);
	CU_ASSERT_FALSE(p.o.help);
	CU_ASSERT_STRING_EQUAL(p.o.program.item[0], "--help");
	opt_clear(&p.o);
	parse(&p, "nono run -- --");
	CU_ASSERT_EQUAL(p.o.program.count, 1);
	opt_clear(&p.o);
	parse(&p, "nono run -");
	CU_ASSERT_EQUAL(p.o.program.count, 1);
	opt_clear(&p.o);
	parse(&p, "nono run"); /* said after the banner: a profile may name the program */
	CU_ASSERT_EQUAL(p.r, 0);
	opt_clear(&p.o);
	CU_ASSERT_TRUE(refused("nono wrap --allow .", "required arguments were not provided"));
	CU_ASSERT_TRUE(refused("nono wrap --", "required arguments were not provided"));
}

static void
test_sizes(void)
{
	struct parsed p;

	parse(&p, "nono run --memory 1MiB ls");
	CU_ASSERT_EQUAL(p.r, 0);
	CU_ASSERT_STRING_EQUAL(opt_value(&p.o, FLAG_MEMORY), "1MiB");
	opt_clear(&p.o);
	CU_ASSERT_TRUE(refused("nono run --memory=1048575 ls", "did you mean 1048575M?"));
	CU_ASSERT_TRUE(refused("nono run --memory 512 ls", "below the 1 MiB minimum"));
	CU_ASSERT_TRUE(refused("nono run --memory 007 ls", "did you mean 7M?"));
	CU_ASSERT_TRUE(refused("nono run --memory 1023K ls", "below the 1 MiB minimum"));
	CU_ASSERT_TRUE(refused("nono run --memory= ls", "cannot be empty"));
	CU_ASSERT_TRUE(refused("nono run --memory M ls", "missing numeric value"));
	CU_ASSERT_TRUE(refused("nono run --memory 1.5G ls", "not a valid integer"));
	CU_ASSERT_TRUE(refused("nono run --memory +5 ls", "not a valid integer"));
	CU_ASSERT_TRUE(refused("nono run --memory 5X ls", "unknown unit"));
	CU_ASSERT_TRUE(refused("nono run --memory 16777216T ls", "overflows"));
	CU_ASSERT_TRUE(refused("nono run --memory 8388608T ls", "overflows"));
	CU_ASSERT_TRUE(refused("nono run --memory 0 ls", "greater than zero"));
	CU_ASSERT_TRUE(refused("nono run --max-procs 0 ls", "not a number from 1"));
	CU_ASSERT_TRUE(refused("nono run --max-procs 4194305 ls", "not a number from 1"));
}

static void
test_unknown(void)
{
	struct parsed p;

	CU_ASSERT_TRUE(refused("nono run --alow . ls", "unexpected argument '--alow'"));
	CU_ASSERT_TRUE(refused("nono run --allo=. ls", "unexpected argument '--allo'"));
	CU_ASSERT_TRUE(refused("nono run -x ls", "unexpected argument '-x'"));
	CU_ASSERT_TRUE(refused("nono run -V ls", "unexpected argument '-V'"));
	CU_ASSERT_TRUE(refused("nono --allow . run ls", "unexpected argument '--allow'"));
	CU_ASSERT_TRUE(refused("nono rnu ls", "unrecognized subcommand 'rnu'"));
	CU_ASSERT_TRUE(refused("nono wrap --memory 1G ls", "unexpected argument '--memory'"));
	parse(&p, "nono run --alow . ls");
	CU_ASSERT_STRING_EQUAL(p.o.tip, "allow");
	CU_ASSERT_TRUE(p.o.show_usage);
	opt_clear(&p.o);
	parse(&p, "nono rnu");
	CU_ASSERT_STRING_EQUAL(p.o.tip, "run");
	opt_clear(&p.o);
	/* Hidden and old names are no suggestions, and three edits are too many. */
	parse(&p, "nono run --net-blok ls");
	CU_ASSERT_PTR_NULL(p.o.tip);
	opt_clear(&p.o);
	parse(&p, "nono run --alloxyz . ls");
	CU_ASSERT_PTR_NULL(p.o.tip);
	opt_clear(&p.o);
}

static void
test_numbers(void)
{
	CU_ASSERT_TRUE(value_is("nono run --open-port 0 ls", FLAG_OPEN_PORT, "0"));
	CU_ASSERT_TRUE(value_is("nono run --open-port 65535 ls", FLAG_OPEN_PORT, "65535"));
	CU_ASSERT_TRUE(refused("nono run --open-port 65536 ls", "invalid value '65536'"));
	CU_ASSERT_TRUE(refused("nono run --open-port 70000 ls", "invalid value"));
	CU_ASSERT_TRUE(refused("nono run --open-port=-1 ls", "invalid value"));
	CU_ASSERT_TRUE(refused("nono run --open-port 1x ls", "invalid value"));
	CU_ASSERT_TRUE(value_is("nono run --error-exit-code 255 ls", FLAG_ERROR_EXIT_CODE, "255"));
	CU_ASSERT_TRUE(refused("nono run --error-exit-code 256 ls", "invalid value"));
	CU_ASSERT_TRUE(refused("nono run --error-exit-code 0 ls", "invalid value"));
	CU_ASSERT_TRUE(value_is("nono run --keep-fd 3 ls", FLAG_KEEP_FD, "3"));
	CU_ASSERT_TRUE(refused("nono run --keep-fd 2 ls", "invalid value"));
	CU_ASSERT_TRUE(value_is("nono run --color never ls", FLAG_COLOR, "never"));
	CU_ASSERT_TRUE(refused("nono run --color blue ls", "possible values: auto always never"));
}

static void
test_bytes(void)
{
	CU_ASSERT_TRUE(value_is("nono run --read \xff/x ls", FLAG_READ, "\xff/x"));
	CU_ASSERT_TRUE(refused("nono run --allow-command \xff ls", "not UTF-8"));
	CU_ASSERT_TRUE(
		value_is("nono run --allow-command \xc3\xa9 ls", FLAG_ALLOW_COMMAND, "\xc3\xa9"));
}

static void
test_comma(void)
{
	char dir[] = "/tmp/nono-comma.XXXXXX", both[128];
	struct parsed p;

	parse(&p, "nono run --allow /a,/b -a /c ls");
	CU_ASSERT_EQUAL(p.r, 0);
	CU_ASSERT_EQUAL_FATAL(p.o.count, 3);
	CU_ASSERT_STRING_EQUAL(p.o.item[0].value, "/a");
	CU_ASSERT_STRING_EQUAL(p.o.item[1].value, "/b");
	CU_ASSERT_STRING_EQUAL(p.o.item[2].value, "/c");
	opt_clear(&p.o);
	parse(&p, "nono run --allow=~/a,~/b ls");
	CU_ASSERT_EQUAL_FATAL(p.o.count, 2);
	CU_ASSERT_STRING_EQUAL(p.o.item[1].value, "/home/me/b");
	opt_clear(&p.o);
	CU_ASSERT_TRUE(refused("nono run --allow /a,,/b ls", "element of the comma list is empty"));
	CU_ASSERT_TRUE(refused("nono run --allow /a, ls", "element of the comma list is empty"));
	CU_ASSERT_TRUE(value_is("nono run --read /a,/b ls", FLAG_READ, "/a,/b"));

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
	(void)snprintf(both, sizeof(both), "%s/a,b", dir);
	CU_ASSERT_EQUAL(mkdir(both, 0700), 0);
	(void)snprintf(both, sizeof(both), "nono run --allow %s/a,b ls", dir);
	parse(&p, both);
	CU_ASSERT_EQUAL(p.o.count, 1);
	opt_clear(&p.o);
	(void)snprintf(both, sizeof(both), "%s/a,b", dir);
	(void)rmdir(both);
	(void)rmdir(dir);
}

static void
test_relations(void)
{
	CU_ASSERT_TRUE(refused("nono run --block-net --allow-net ls", "cannot be used with"));
	CU_ASSERT_TRUE(refused("nono run --net-allow --net-block ls", "cannot be used with"));
	CU_ASSERT_TRUE(refused("nono run --json ls", "required arguments were not provided"));
}

static void
test_later(void)
{
	struct parsed p;

	CU_ASSERT_TRUE(refused("nono run --network-profile x ls",
			       "not available in this build: --network-profile"));
	CU_ASSERT_TRUE(refused("nono ps --all", "not available in this build: ps"));
	parse(&p, "nono ps --help");
	CU_ASSERT_EQUAL(p.r, 0);
	CU_ASSERT_TRUE(p.o.help);
	opt_clear(&p.o);
	parse(&p, "nono run --allow-launch-services ls");
	CU_ASSERT_TRUE(p.r < 0);
	CU_ASSERT_EQUAL(p.e.exit_code, EXIT_NONO);
	CU_ASSERT_STRING_EQUAL(p.e.text, "Configuration parse error: --allow-launch-services is "
					 "only supported on macOS");
	opt_clear(&p.o);
}

static void
test_old_names(void)
{
	struct parsed p;

	parse(&p, "nono run --override-deny /x --override-deny /y --bypass-protection /z ls "
		  "--net-block");
	CU_ASSERT_EQUAL(p.r, 0);
	CU_ASSERT_EQUAL(opt_count(&p.o, FLAG_BYPASS), 3);
	CU_ASSERT_EQUAL_FATAL(p.o.warnings, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(p.o.warning[0], "warning: deprecated key '--override-deny'"));
	opt_clear(&p.o);
	parse(&p, "nono run --net-block --allow-port 1 --open-port 2 ls");
	CU_ASSERT_EQUAL_FATAL(p.o.warnings, 2);
	CU_ASSERT_STRING_EQUAL(p.o.warning[0], "  [nono] Warning: `--net-block` is deprecated; use "
					       "`--block-net` instead.");
	CU_ASSERT_STRING_EQUAL(opt_value(&p.o, FLAG_OPEN_PORT), "1");
	opt_clear(&p.o);
	parse(&p, "nono run --keep-background ls");
	CU_ASSERT_TRUE(opt_has(&p.o, FLAG_LEAVE_BACKGROUND));
	CU_ASSERT_EQUAL(p.o.warnings, 0);
	opt_clear(&p.o);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "forms of a value", test_values },
		{ "home directory", test_home },
		{ "switches", test_switches },
		{ "where the program starts", test_program },
		{ "sizes", test_sizes },
		{ "unknown names and suggestions", test_unknown },
		{ "numbers and choices", test_numbers },
		{ "bytes that are not UTF-8", test_bytes },
		{ "comma lists", test_comma },
		{ "conflicts and needs", test_relations },
		{ "names of later builds", test_later },
		{ "old names", test_old_names },
	};

	return unit_run("opt", tests, UNIT_COUNT(tests));
}
