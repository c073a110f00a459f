/* learn/paths.c, classify.c: from what was seen to what should be granted. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/path.h"
#include "base/str.h"
#include "learn/classify.h"
#include "learn/report.h"
#include "plan/format.h"
#include "tests/harness/unit.h"

enum { ITEMS_MAX = 16 };

struct seen {
	const char *path;
	uint32_t flags;
};

/* /usr is readable, /tmp writable, /home/u/.ssh protected, /profile of the profile. */
static enum cover
ask(const void *context, const char *path, unsigned int access, const char **ret_group)
{
	(void)context;
	if (path_is_beneath(path, "/home/u/.ssh")) {
		*ret_group = "deny_credentials";
		return COVER_SENSITIVE;
	}
	if (path_is_beneath(path, "/profile"))
		return COVER_PROFILE;
	if ((access == PLAN_READ && path_is_beneath(path, "/usr")) ||
	    (access == PLAN_WRITE && path_is_beneath(path, "/tmp")))
		return COVER_SYSTEM;
	return COVER_NONE;
}

static bool
too_broad(const void *context, const char *dir, unsigned int access)
{
	(void)context;
	return path_is_beneath("/home/u", dir) ||
	       (access == PLAN_WRITE && path_is_beneath("/home/u/.config/nono", dir));
}

static int
add_list(struct buf *b, const char *title, const struct findings *f)
{
	int r = 0;

	for (size_t i = 0; i < f->count && r == 0; i++)
		r = buf_addf(b, "%s%s %s\n", title, report_flag(&f->item[i]), f->item[i].path);
	return r;
}

/* The findings as text: wanted as flags, then "protected ...", "broad ...". */
static void
check(const struct seen *seen, size_t collapse, bool denied_only, const char *wanted)
{
	struct classify_rules rules = {
		.ask = ask, .too_broad = too_broad, .collapse = collapse, .denied_only = denied_only
	};
	struct classification c;
	autobuf struct buf got = BUF_INIT;
	struct paths paths;
	size_t index;

	paths_init(&paths);
	for (size_t i = 0; i < ITEMS_MAX && seen[i].path; i++) {
		CU_ASSERT_EQUAL(paths_add(&paths, seen[i].path, &index), 0);
		paths.item[index].flags |= seen[i].flags;
	}
	paths_sort(&paths);
	CU_ASSERT_EQUAL(classify(&c, &paths, &rules), 0);
	CU_ASSERT(add_list(&got, "", &c.wanted) == 0 &&
		  add_list(&got, "protected ", &c.sensitive) == 0 &&
		  add_list(&got, "broad ", &c.broad) == 0);
	if (strcmp(buf_str(&got), wanted) != 0)
		(void)fprintf(stderr, "got:\n%swanted:\n%s", buf_str(&got), wanted);
	CU_ASSERT_STRING_EQUAL(buf_str(&got), wanted);
	classification_clear(&c);
	paths_clear(&paths);
}

enum {
	R = PATH_READ,
	W = PATH_WRITE,
	D = PATH_DIRECTORY,
	N = PATH_NAME,
	NEW = PATH_NAME | PATH_MADE | PATH_MADE_WRITE,
};

static void
test_objects(void)
{
	check((struct seen[ITEMS_MAX]){ { "/opt/f", R },
					{ "/opt/g", W },
					{ "/opt/h", R | W },
					{ "/opt/d", R | D },
					{ "/usr/lib/x", R },
					{ "/usr/lib/y", W },
					{ "/profile/z", R | W },
					{ "/opt/looked", PATH_LOOKED },
					{ "/opt/absent", PATH_ABSENT } },
	      0, false,
	      "--read /opt/d\n--read-file /opt/f\n--write-file /opt/g\n--allow-file /opt/h\n"
	      "--write-file /usr/lib/y\n");
}

static void
test_names(void)
{
	/* made, removed, replaced: the directory; a read of what was made, too */
	check((struct seen[ITEMS_MAX]){ { "/a/new", NEW }, { "/b/gone", N } }, 0, false,
	      "--write /a\n--write /b\n");
	check((struct seen[ITEMS_MAX]){ { "/a/new", NEW | PATH_MADE_READ }, { "/a/src", R } }, 0,
	      false, "--allow /a\n");
	/* read before it was replaced: the file itself, and its directory for writing */
	check((struct seen[ITEMS_MAX]){ { "/a/index", R | N | PATH_MADE } }, 0, false,
	      "--write /a\n--read-file /a/index\n");
	/* below what was made: up to what was there */
	check((struct seen[ITEMS_MAX]){ { "/a/d", N | PATH_MADE | D | PATH_KEPT },
					{ "/a/d/e", N | PATH_MADE | D | PATH_KEPT },
					{ "/a/d/e/f", NEW | PATH_MADE_READ },
					{ "/a/d/moved-in", R } },
	      0, false, "--allow /a\n");
	/* granted already */
	check((struct seen[ITEMS_MAX]){ { "/tmp/x", NEW } }, 0, false, "");
	check((struct seen[ITEMS_MAX]){ { "/tmp/x", NEW | PATH_MADE_READ } }, 0, false,
	      "--read /tmp\n");
}

static void
test_broad(void)
{
	check((struct seen[ITEMS_MAX]){ { "/home/u", R | D }, { "/", R | D } }, 0, false,
	      "broad --read /\nbroad --read /home/u\n");
	/* made in the home directory and kept: by itself */
	check((struct seen[ITEMS_MAX]){ { "/home/u/.hist", NEW | PATH_KEPT },
					{ "/home/u/.cache",
					  N | PATH_MADE | PATH_MOVED | D | PATH_KEPT },
					{ "/home/u/.cache/x", NEW | PATH_MADE_READ | PATH_KEPT } },
	      0, false, "--allow /home/u/.cache\n--write-file /home/u/.hist\n");
	/* moved there, or gone again: nothing smaller would do */
	check((struct seen[ITEMS_MAX]){ { "/home/u/.conf", N | PATH_MADE | PATH_MOVED | PATH_KEPT },
					{ "/home/u/.lock", NEW } },
	      0, false, "broad --write-file /home/u/.conf\nbroad --write-file /home/u/.lock\n");
	/* nono's own configuration must not come with it */
	check((struct seen[ITEMS_MAX]){ { "/home/u/.config", N | PATH_MADE | D | PATH_KEPT },
					{ "/home/u/.config/app", NEW | PATH_KEPT } },
	      0, false, "broad --write /home/u/.config\n");
}

static void
test_protected(void)
{
	check((struct seen[ITEMS_MAX]){ { "/home/u/.ssh/config", R }, { "/home/u/.ssh/new", NEW } },
	      0, false,
	      "protected --read-file /home/u/.ssh/config\n"
	      "protected --write-file /home/u/.ssh/new\n");
}

static void
test_included(void)
{
	check((struct seen[ITEMS_MAX]){ { "/a", R | D },
					{ "/a/f", R },
					{ "/a/g", W },
					{ "/a/b/c/h", R },
					{ "/a-b", R },
					{ "/a/b", N | D } },
	      0, false, "--allow /a\n--read-file /a-b\n");
	/* rights of several directories add up, as in the kernel */
	check((struct seen[ITEMS_MAX]){ { "/a", R | D }, { "/a/b/x", N }, { "/a/b/f", R | W } }, 0,
	      false, "--read /a\n--write /a/b\n");
}

static void
test_collapse(void)
{
	const struct seen seen[ITEMS_MAX] = {
		{ "/s/a", R },	    { "/s/b", R },	{ "/s/c", R },	    { "/s/d", W },
		{ "/s/e/f", R },    { "/etc/a", R },	{ "/etc/b", R },    { "/etc/c", R },
		{ "/home/u/a", R }, { "/home/u/b", R }, { "/home/u/c", R },
	};

	check(seen, 3, false,
	      "--read-file /etc/a\n--read-file /etc/b\n--read-file /etc/c\n"
	      "--read-file /home/u/a\n--read-file /home/u/b\n--read-file /home/u/c\n"
	      "--read /s\n--write-file /s/d\n");
	check(seen, 4, false,
	      "--read-file /etc/a\n--read-file /etc/b\n--read-file /etc/c\n"
	      "--read-file /home/u/a\n--read-file /home/u/b\n--read-file /home/u/c\n"
	      "--read-file /s/a\n--read-file /s/b\n--read-file /s/c\n--write-file /s/d\n"
	      "--read-file /s/e/f\n");
}

static void
test_denied_only(void)
{
	check((struct seen[ITEMS_MAX]){ { "/opt/used", R },
					{ "/opt/refused", R | PATH_DENIED_READ },
					{ "/opt/half", R | W | PATH_DENIED_WRITE } },
	      0, true, "--write-file /opt/half\n--read-file /opt/refused\n");
}

static void
test_table(void)
{
	struct paths p;
	char path[32];
	size_t index;

	paths_init(&p);
	p.limit = 5000;
	for (int i = 0; i < 5000; i++) {
		(void)snprintf(path, sizeof(path), "/p/%d", i);
		CU_ASSERT_EQUAL(paths_add(&p, path, &index), 0);
		p.item[index].flags = (uint32_t)i;
	}
	CU_ASSERT_EQUAL(paths_add(&p, "/p/17", &index), 0);
	CU_ASSERT_EQUAL(p.item[index].flags, 17);
	CU_ASSERT_EQUAL(paths_add(&p, "/p/5000", &index), -E2BIG);
	CU_ASSERT_EQUAL(p.dropped, 1);
	CU_ASSERT_EQUAL(p.count, 5000);
	paths_sort(&p);
	CU_ASSERT_EQUAL(paths_flags(&p, "/p/4999", 7), 4999);
	CU_ASSERT_EQUAL(paths_flags(&p, "/p/49999", 7), 4999);
	CU_ASSERT_EQUAL(paths_flags(&p, "/p/5000", 7), 0);
	CU_ASSERT_STRING_EQUAL(p.item[0].path, "/p/0");
	paths_clear(&p);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "objects that were there", test_objects },
		{ "names that come and go", test_names },
		{ "never the home directory or the root", test_broad },
		{ "protected paths", test_protected },
		{ "nothing below what gives as much", test_included },
		{ "siblings to their directory", test_collapse },
		{ "of a confined command what was refused", test_denied_only },
		{ "the table is bounded", test_table },
	};

	return unit_run("classify", tests, UNIT_COUNT(tests));
}
