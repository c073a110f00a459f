/* Environment variables that stand for flags. */
#include <string.h>

#include "base/attr.h"
#include "cli/env.h"
#include "tests/harness/unit.h"

struct bound {
	struct opt o;
	struct err e;
	int r;
};

/* `run OPTION ls` or `run ls` with these variables. */
static void
bind(struct bound *b, const char *command, const char *option, const char *first,
     const char *second)
{
	char *environment[] = { (char[]){ "HOME=/home/me" }, (char *)(uintptr_t)first,
				(char *)(uintptr_t)(first ? second : NULL), NULL };
	const char *argv[] = { "nono", command, option ? option : "ls", option ? "ls" : NULL,
			       NULL };

	*b = (struct bound){ .o = OPT_INIT, .e = ERR_INIT };
	b->r = opt_parse(&b->o, option ? 4 : 3, (char *const *)(uintptr_t)argv, environment, &b->e);
	if (b->r == 0)
		b->r = env_bind(&b->o, environment, &b->e);
	if (b->r == 0)
		b->r = opt_check(&b->o, &b->e);
}

static bool
refused(const char *command, const char *option, const char *first, const char *second,
	const char *text)
{
	struct bound b;
	bool yes;

	bind(&b, command, option, first, second);
	yes = b.r < 0 && b.e.exit_code == EXIT_USAGE && strstr(b.e.text, text);
	if (!yes)
		printf("# %s: %d '%s'\n", first, b.r, b.e.text);
	opt_clear(&b.o);
	return yes;
}

static size_t
count(const char *option, const char *first, enum flag_id id)
{
	struct bound b;
	size_t n;

	bind(&b, "run", option, first, NULL);
	n = b.r == 0 ? opt_count(&b.o, id) : 99;
	opt_clear(&b.o);
	return n;
}

static void
test_booleans(void)
{
	static const char *const yes[] = { "1", "y", "YES", "t", "True", "on" };
	static const char *const no[] = { "0", "n", "NO", "f", "False", "OFF" };
	char text[64];

	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		(void)snprintf(text, sizeof(text), "NONO_BLOCK_NET=%s", yes[i]);
		CU_ASSERT_EQUAL(count(NULL, text, FLAG_BLOCK_NET), 1);
		(void)snprintf(text, sizeof(text), "NONO_BLOCK_NET=%s", no[i]);
		CU_ASSERT_EQUAL(count(NULL, text, FLAG_BLOCK_NET), 0);
	}
	CU_ASSERT_EQUAL(count(NULL, "NONO_BLOCK_NET=", FLAG_BLOCK_NET), 0);
	CU_ASSERT_TRUE(refused("run", NULL, "NONO_BLOCK_NET=2", NULL,
			       "invalid value '2' for '--block-net'"));
	CU_ASSERT_TRUE(refused("run", NULL, "NONO_BLOCK_NET=2", NULL, "NONO_BLOCK_NET"));
}

static void
test_values(void)
{
	struct bound b;

	bind(&b, "run", NULL, "NONO_ALLOW=~/a,/b", NULL);
	CU_ASSERT_EQUAL(b.r, 0);
	CU_ASSERT_EQUAL_FATAL(b.o.count, 2);
	CU_ASSERT_STRING_EQUAL(b.o.item[0].value, "/home/me/a");
	CU_ASSERT_STRING_EQUAL(b.o.item[1].value, "/b");
	opt_clear(&b.o);
	/* argv replaces, it does not add. */
	bind(&b, "run", "--allow=/c", "NONO_ALLOW=/a,/b", NULL);
	CU_ASSERT_EQUAL_FATAL(b.o.count, 1);
	CU_ASSERT_STRING_EQUAL(b.o.item[0].value, "/c");
	opt_clear(&b.o);
	CU_ASSERT_EQUAL(count(NULL, "NONO_ALLOW=", FLAG_ALLOW), 0);
	CU_ASSERT_EQUAL(
		count("--error-exit-code=3", "NONO_ERROR_EXIT_CODE=x", FLAG_ERROR_EXIT_CODE), 1);
	CU_ASSERT_TRUE(refused("run", NULL, "NONO_ERROR_EXIT_CODE=x", NULL, "invalid value 'x'"));
}

static void
test_conflicts(void)
{
	CU_ASSERT_TRUE(refused("run", NULL, "NONO_ALLOW_NET=1", "NONO_BLOCK_NET=1",
			       "cannot be used with"));
	CU_ASSERT_TRUE(
		refused("run", "--block-net", "NONO_ALLOW_NET=1", NULL, "cannot be used with"));
	CU_ASSERT_EQUAL(count("--block-net", "NONO_ALLOW_NET=false", FLAG_BLOCK_NET), 1);
}

static void
test_old_names(void)
{
	struct bound b;

	bind(&b, "run", NULL, "NONO_NET_BLOCK=1", NULL);
	CU_ASSERT_TRUE(opt_has(&b.o, FLAG_BLOCK_NET));
	CU_ASSERT_EQUAL_FATAL(b.o.warnings, 1);
	CU_ASSERT_STRING_EQUAL(b.o.warning[0], "  [nono] Warning: `NONO_NET_BLOCK` is deprecated; "
					       "use `NONO_BLOCK_NET` instead.");
	opt_clear(&b.o);
	/* Both set: the new one counts, the warning stays. */
	bind(&b, "run", NULL, "NONO_NET_BLOCK=1", "NONO_BLOCK_NET=0");
	CU_ASSERT_FALSE(opt_has(&b.o, FLAG_BLOCK_NET));
	CU_ASSERT_EQUAL(b.o.warnings, 1);
	opt_clear(&b.o);
}

static void
test_later(void)
{
	CU_ASSERT_TRUE(
		refused("run", NULL, "NONO_NETWORK_PROFILE=x", NULL, "NONO_NETWORK_PROFILE"));
	CU_ASSERT_TRUE(refused("run", NULL, "NONO_NETWORK_PROFILE=x", NULL,
			       "not available in this build: --network-profile"));
	CU_ASSERT_TRUE(refused("run", NULL, "NONO_PROXY_ALLOW=x", NULL, "NONO_PROXY_ALLOW"));
	/* Whoever set it believes that it restricts wrap as well. */
	CU_ASSERT_TRUE(refused("wrap", NULL, "NONO_ALLOW_DOMAIN=x", NULL,
			       "not available in this build: --allow-domain"));
	CU_ASSERT_TRUE(refused("run", NULL, "NONO_TRUST_OVERRIDE=1", NULL, "--trust-override"));
	CU_ASSERT_EQUAL(count(NULL, "NONO_TRUST_OVERRIDE=0", FLAG_BLOCK_NET), 0);
	CU_ASSERT_EQUAL(count(NULL, "NONO_NETWORK_PROFILE=", FLAG_BLOCK_NET), 0);
	CU_ASSERT_EQUAL(count(NULL, "NONO_CAPABILITY_ELEVATION=no", FLAG_BLOCK_NET), 0);
	CU_ASSERT_TRUE(refused("run", NULL, "NONO_CAPABILITY_ELEVATION=required", NULL,
			       "--capability-elevation"));
}

static void
test_macos(void)
{
	struct bound b;

	bind(&b, "run", NULL, "NONO_TRUST_PROXY_CA=1", NULL);
	CU_ASSERT_EQUAL(b.r, 0);
	CU_ASSERT_EQUAL(b.o.warnings, 1);
	opt_clear(&b.o);
	bind(&b, "run", NULL, "NONO_TRUST_PROXY_CA=0", NULL);
	CU_ASSERT_EQUAL(b.o.warnings, 0);
	opt_clear(&b.o);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "switches", test_booleans },	 { "values", test_values },
		{ "conflicts", test_conflicts }, { "old names", test_old_names },
		{ "later builds", test_later },	 { "other platforms", test_macos },
	};

	return unit_run("env", tests, UNIT_COUNT(tests));
}
