/* Texts of the cgroup file systems. */
#include "base/cgroup.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/harness/unit.h"

static void
is_slice(struct slice got, const char *wanted)
{
	CU_ASSERT_TRUE(slice_equal(got, slice_of(wanted)));
}

static void
test_places(void)
{
	static const struct {
		const char *text, *own, *delegated;
	} cases[] = {
		{ "0::/\n", "/", "" },
		{ "0::/", "/", "" },
		{ "0::/user.slice/user-1000.slice/session-3.scope\n",
		  "/user.slice/user-1000.slice/session-3.scope", "" },
		{ "0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-1.scope\n",
		  "/user.slice/user-1000.slice/user@1000.service/app.slice/run-1.scope",
		  "/user.slice/user-1000.slice/user@1000.service" },
		{ "0::/user@1000.service\n", "/user@1000.service", "/user@1000.service" },
		/* The first one counts: what is below it may be called anything. */
		{ "0::/user@1000.service/x/user@1000.service\n",
		  "/user@1000.service/x/user@1000.service", "/user@1000.service" },
		/* Whole components, and the right user. */
		{ "0::/user@1000.serviceX/a\n", "/user@1000.serviceX/a", "" },
		{ "0::/user@10001.service/a\n", "/user@10001.service/a", "" },
		{ "0::/user@100.service/a\n", "/user@100.service/a", "" },
		{ "0::/Xuser@1000.service/a\n", "/Xuser@1000.service/a", "" },
		{ "0::/a..b/..c/d..\n", "/a..b/..c/d..", "" },
		/* Hybrid and version 1 lines before and behind it. */
		{ "4:memory:/user@1000.service\n1:name=systemd:/x\n0::/y\n", "/y", "" },
		{ "0::/y\n3:cpu:/user@1000.service\n", "/y", "" },
	};

	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		struct cgroup_place place = { { NULL, 0 }, { NULL, 0 } };

		CU_ASSERT_EQUAL(cgroup_parse(&place, slice_of(cases[i].text), 1000), 0);
		is_slice(place.own, cases[i].own);
		is_slice(place.delegated, cases[i].delegated);
	}
}

static void
test_no_place(void)
{
	static const struct {
		const char *text;
		int r;
	} cases[] = {
		{ "", -ENOENT },
		{ "\n\n", -ENOENT },
		{ "4:memory:/x\n", -ENOENT },
		{ "10::/x\n", -ENOENT },
		{ "0:", -ENOENT },
		{ "0::", -EBADMSG },
		{ "0::\n", -EBADMSG },
		{ "0::x\n", -EBADMSG },
		{ "0::/..\n", -EBADMSG },
		{ "0::/../x\n", -EBADMSG },
		{ "0::/a/../user@1000.service\n", -EBADMSG },
		{ "0::/a/..\n", -EBADMSG },
	};
	const char nul[] = "0::/a\0b\n";
	char longer[CGROUP_PATH_MAX + 4];
	struct cgroup_place place;

	for (size_t i = 0; i < UNIT_COUNT(cases); i++)
		CU_ASSERT_EQUAL(cgroup_parse(&place, slice_of(cases[i].text), 1000), cases[i].r);
	CU_ASSERT_EQUAL(cgroup_parse(&place, (struct slice){ nul, sizeof(nul) - 1 }, 1000),
			-EBADMSG);
	memset(longer, 'a', sizeof(longer));
	memcpy(longer, "0::/", 4);
	CU_ASSERT_EQUAL(cgroup_parse(&place, (struct slice){ longer, CGROUP_PATH_MAX + 3 }, 1000),
			-EBADMSG);
	CU_ASSERT_EQUAL(cgroup_parse(&place, (struct slice){ longer, CGROUP_PATH_MAX + 2 }, 1000),
			0);
}

static void
test_events(void)
{
	const struct slice text = slice_of("low 0\nhigh 0\nmax 35\noom 3\noom_kill 2\n"
					   "oom_group_kill 1\nbad 1x\nhuge 99999999999999999999\n");

	CU_ASSERT_EQUAL(cgroup_event(text, "oom_kill"), 2);
	CU_ASSERT_EQUAL(cgroup_event(text, "oom"), 3);
	CU_ASSERT_EQUAL(cgroup_event(text, "oom_group_kill"), 1);
	CU_ASSERT_EQUAL(cgroup_event(text, "oom_gro"), 0);
	CU_ASSERT_EQUAL(cgroup_event(text, "missing"), 0);
	CU_ASSERT_EQUAL(cgroup_event(text, "bad"), 0);
	CU_ASSERT_EQUAL(cgroup_event(text, "huge"), 0);
	CU_ASSERT_EQUAL(cgroup_event(slice_of(""), "oom"), 0);
	CU_ASSERT_EQUAL(cgroup_event(slice_of("oom"), "oom"), 0);
	CU_ASSERT_EQUAL(cgroup_event(slice_of("oom "), "oom"), 0);
	CU_ASSERT_EQUAL(cgroup_event(slice_of("oom 7"), "oom"), 7);
}

static void
test_words(void)
{
	const struct slice text = slice_of("cpuset cpu io memory pids\n");

	CU_ASSERT_TRUE(cgroup_has_word(text, "memory"));
	CU_ASSERT_TRUE(cgroup_has_word(text, "cpuset"));
	CU_ASSERT_TRUE(cgroup_has_word(text, "pids"));
	CU_ASSERT_FALSE(cgroup_has_word(text, "mem"));
	CU_ASSERT_FALSE(cgroup_has_word(text, "pid"));
	CU_ASSERT_FALSE(cgroup_has_word(slice_of("\n"), "memory"));
	CU_ASSERT_FALSE(cgroup_has_word(slice_of(""), ""));
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "where a process is", test_places },
		{ "no place that could be used", test_no_place },
		{ "flat keyed files", test_events },
		{ "lists of controllers", test_words },
	};

	return unit_run("cgroup", tests, UNIT_COUNT(tests));
}
