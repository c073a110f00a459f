/* Conditions against made-up machines, and the file that says which system a machine has. */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "profiles/reader.h"
#include "tests/harness/unit.h"

static const struct when_host debian = {
	.id = "debian",
	.version = "12.4",
	.hostname = "box",
	.arch = "x86_64",
	.landlock_abi = 6,
};
static const struct when_host ubuntu = {
	.id = "ubuntu",
	.id_like = "debian derived",
	.version = "22.04",
	.variant = "server",
	.hostname = "box",
	.arch = "aarch64",
	.wsl = true,
	.container = true,
	.ci = true,
};
static const struct when_host unknown = { 0 };

static bool
holds(const struct when_host *h, const char *text)
{
	const char *reason;
	bool r = false;

	CU_ASSERT_EQUAL(when_holds(h, text, &r, &reason), 0);
	return r;
}

static void
test_systems(void)
{
	static const struct {
		const char *text;
		bool debian, ubuntu, unknown;
	} v[] = {
		{ "linux", true, true, true },
		{ "!linux", false, false, false },
		{ "macos", false, false, false },
		{ "!macos", true, true, true },
		{ "windows:10:22000", false, false, false },
		{ "amiga", false, false, false },
		{ "linux:debian", true, false, false },
		{ "!linux:debian", false, true, true },
		{ "linux:debian-like", true, true, false },
		{ "linux:derived-like", false, true, false },
		{ "linux:deb-like", false, false, false },
		{ "linux:ubuntu:22.04:server", false, true, false },
		{ "linux:ubuntu:22.04:desktop", false, false, false },
		{ "linux:debian:12.4:server", false, false, false },
		{ "host:box", true, true, false },
		{ "host:other", false, false, false },
		{ "wsl", false, true, false },
		{ "container", false, true, false },
		{ "!ci", true, false, true },
		{ "arch:x86_64", true, false, false },
		{ "landlock:>=6", true, false, false },
		{ "landlock:<6", false, true, true },
		{ "landlock:6", true, false, false },
		{ "exists:/proc/self", true, true, true },
		{ "!exists:/no:such", true, true, true },
	};

	for (size_t i = 0; i < UNIT_COUNT(v); i++) {
		CU_ASSERT_EQUAL(holds(&debian, v[i].text), v[i].debian);
		CU_ASSERT_EQUAL(holds(&ubuntu, v[i].text), v[i].ubuntu);
		CU_ASSERT_EQUAL(holds(&unknown, v[i].text), v[i].unknown);
	}
}

static void
test_versions(void)
{
	static const struct {
		const char *text;
		bool expected; /* on 12.4 */
	} v[] = {
		{ "linux:debian:12.4", true },	  { "linux:debian:==12.4", true },
		{ "linux:debian:12", false },	  { "linux:debian:>=12", true },
		{ "linux:debian:<=12", false },	  { "linux:debian:>12", true },
		{ "linux:debian:<13", true },	  { "linux:debian:>=12.10", false },
		{ "linux:debian:<12.10", true },  { "linux:debian:>=12.4.0", false },
		{ "linux:debian:12.04", true },	  { "linux:debian:trixie", false },
		{ "linux:debian:<trixie", true },
	};
	const struct when_host rolling = { .id = "arch" };

	for (size_t i = 0; i < UNIT_COUNT(v); i++)
		CU_ASSERT_EQUAL(holds(&debian, v[i].text), v[i].expected);
	CU_ASSERT_FALSE(holds(&rolling, "linux:arch:>=1"));
	CU_ASSERT_TRUE(holds(&rolling, "!linux:arch:>=1"));
}

static void
test_os_release(void)
{
	struct pool pool = { 0 };
	struct when_host h = { 0 };

	CU_ASSERT_EQUAL(
		when_read_os_release(
			&h, &pool,
			slice_of("# comment\nID='fedora'\nID_LIKE=\"rhel \\\"x\\\"\"\r\n"
				 "VERSION_ID=40\nVARIANT_ID=\nPRETTY_NAME=\"a\"\nVERSION_ID")),
		0);
	CU_ASSERT_STRING_EQUAL(h.id, "fedora");
	CU_ASSERT_STRING_EQUAL(h.id_like, "rhel \"x\"");
	CU_ASSERT_STRING_EQUAL(h.version, "40");
	CU_ASSERT_STRING_EQUAL(h.variant, "");
	pool_clear(&pool);
}

static void
test_length(void)
{
	char text[WHEN_TEXT_MAX + 1] = "linux:";
	const char *reason = NULL;
	bool r;

	memset(text + 6, 'a', sizeof(text) - 7);
	text[WHEN_TEXT_MAX - 1] = '\0';
	CU_ASSERT_EQUAL(when_holds(&debian, text, &r, &reason), 0);
	text[WHEN_TEXT_MAX - 1] = 'a';
	text[WHEN_TEXT_MAX] = '\0';
	CU_ASSERT_EQUAL(when_holds(&debian, text, &r, &reason), -EINVAL);
	CU_ASSERT_STRING_EQUAL(reason, "it is too long");
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "systems and machines", test_systems },
		{ "versions", test_versions },
		{ "os-release", test_os_release },
		{ "length", test_length },
	};

	return unit_run("when", tests, UNIT_COUNT(tests));
}
