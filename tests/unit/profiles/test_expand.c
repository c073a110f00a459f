/* Pure parts of the front end: variables in paths, passwd lines, the mount table. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/path.h"
#include "profiles/internal.h"
#include "tests/harness/unit.h"

static char *const environment[] = {
	(char[]){ "WORKDIR=/forged" },
	(char[]){ "UID=0" },
	(char[]){ "NONO_CONFIG=/forged" },
	(char[]){ "NONO_PACKAGES=/forged" },
	(char[]){ "HOME=/forged" },
	(char[]){ "TMPDIR=/forged" },
	(char[]){ "ABS=/abs" },
	(char[]){ "REL=rel" },
	(char[]){ "DOTS=/a/../b" },
	(char[]){ "XDG_DATA_HOME=/xdg/data" },
	(char[]){ "XDG_CACHE_HOME=cache" },
	(char[]){ "EMPTY=" },
	NULL,
};

static const struct host host = {
	.uid = 1234,
	.home = "/home/u",
	.home_real = "/home/u",
	.temp = "/var/tmp/x",
	.cwd = "/base/dir",
	.workdir = "/base/dir",
	.environment = environment,
};

static void
test_expand(void)
{
	static const struct {
		const char *text, *expected;
		unsigned int flags;
		int r;
	} v[] = {
		{ "/plain/path", "/plain/path", 0, 0 },
		{ "~", "/home/u", 0, 0 },
		{ "~/x", "/home/u/x", 0, 0 },
		{ "~user/x", "~user/x", 0, 0 },
		{ "/a/~/b", "/a/~/b", 0, 0 },
		{ "$HOME/x", "/home/u/x", 0, 0 },
		{ "$HOMEX/x", "$HOMEX/x", 0, 0 },
		{ "$UIDX", "$UIDX", 0, 0 },
		{ "$HOME-x", "/home/u-x", 0, 0 },
		{ "/run/$UID/x", "/run/1234/x", 0, 0 },
		{ "$WORKDIR/x", "/base/dir/x", 0, 0 },
		{ "$TMPDIR", "/var/tmp/x", 0, 0 },
		{ "$NONO_CONFIG/p", "/home/u/.config/nono/p", 0, 0 },
		{ "$NONO_PACKAGES", "/home/u/.config/nono/packages", 0, 0 },
		{ "$XDG_CONFIG_HOME/x", "/home/u/.config/x", 0, 0 },
		{ "$XDG_STATE_HOME", "/home/u/.local/state", 0, 0 },
		{ "$XDG_DATA_HOME/x", "/xdg/data/x", 0, 0 },
		{ "$XDG_CACHE_HOME/x", NULL, 0, -EINVAL },
		{ "$XDG_RUNTIME_DIR/x", "$XDG_RUNTIME_DIR/x", 0, 0 },
		{ "${HOME}/x", "${HOME}/x", 0, 0 },
		{ "/a$", "/a$", 0, 0 },
		{ "/a$/b", "/a$/b", 0, 0 },
		{ "$$ABS", "$/abs", 0, 0 },
		{ "$ABS/x", "/abs/x", 0, 0 },
		{ "/a/$REL/x", "/a/rel/x", 0, 0 },
		{ "/a/$EMPTY/x", "/a//x", 0, 0 },
		{ "$UNSET/x", "$UNSET/x", 0, 0 },
		{ "$ABS/x", "/abs/x", EXPAND_STRICT, 0 },
		{ "$UNSET/x", NULL, EXPAND_STRICT, -ENXIO },
		{ "$REL/x", NULL, EXPAND_STRICT, -ENXIO },
		{ "/a/$UNSET", "/a/$UNSET", EXPAND_STRICT, 0 },
		{ "$WORKDIR/../x", NULL, 0, -EINVAL },
		{ "~/..", NULL, 0, -EINVAL },
		{ "$DOTS/x", NULL, 0, -EINVAL },
		{ "/a/../b", "/a/../b", 0, 0 },
		{ "~/..x", "/home/u/..x", 0, 0 },
		{ "", "", 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		autobuf struct buf b = BUF_INIT;
		struct err e = ERR_INIT;
		int r = expand_path(&b, v[i].text, &host, v[i].flags, &e);

		CU_ASSERT_EQUAL(r, v[i].r);
		if (r != v[i].r || (r == 0 && strcmp(buf_str(&b), v[i].expected) != 0))
			(void)fprintf(stderr, "# '%s' -> %d '%s' %s\n", v[i].text, r, buf_str(&b),
				      e.text);
		if (v[i].expected)
			CU_ASSERT_STRING_EQUAL(buf_str(&b), v[i].expected);
		CU_ASSERT(r == 0 || e.text[0]);
	}
}

/* Spec 03 B9: no environment can move a built-in name, except as its table says. */
static void
test_builtins_hold(void)
{
	static const char *const names[] = { "HOME",   "WORKDIR",     "UID",
					     "TMPDIR", "NONO_CONFIG", "NONO_PACKAGES" };
	unsigned int seed = 1;

	for (int round = 0; round < 1000; round++) {
		char entry[ARRAY_LEN(names)][64];
		char *list[ARRAY_LEN(names) + 1] = { NULL };
		struct host forged = host, plain = host;

		for (size_t i = 0; i < ARRAY_LEN(names); i++) {
			(void)snprintf(entry[i], sizeof(entry[i]), "%s%s=/%d", names[i],
				       rand_r(&seed) % 4 ? "" : "X", rand_r(&seed));
			list[i] = entry[i];
		}
		forged.environment = list;
		plain.environment = list + ARRAY_LEN(names);
		for (size_t i = 0; i < ARRAY_LEN(names); i++) {
			autobuf struct buf a = BUF_INIT, b = BUF_INIT;
			char text[64];

			(void)snprintf(text, sizeof(text), "$%s/x", names[i]);
			CU_ASSERT_EQUAL_FATAL(expand_path(&a, text, &forged, 0, NULL), 0);
			CU_ASSERT_EQUAL_FATAL(expand_path(&b, text, &plain, 0, NULL), 0);
			CU_ASSERT_STRING_EQUAL(buf_str(&a), buf_str(&b));
		}
	}
}

static void
test_passwd(void)
{
	static const char text[] = "root:x:0:0:root:/root:/bin/sh\n"
				   "broken\n"
				   "relative:x:7:7::home:/bin/sh\n"
				   "u:x:1000:1000:U, ser:/home/u:/bin/bash\n"
				   "twice:x:1000:1000::/other:/bin/bash\n"
				   "last:x:1001:1001::/home/last";
	static const struct {
		uid_t uid;
		const char *home;
	} v[] = {
		{ 0, "/root" }, { 1000, "/home/u" }, { 1001, "/home/last" },
		{ 7, NULL },	{ 100, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		struct slice home = { NULL, 0 };
		bool found = passwd_home(slice_of(text), v[i].uid, &home);

		CU_ASSERT_EQUAL(found, v[i].home != NULL);
		if (found)
			CU_ASSERT(slice_equal(home, slice_of(v[i].home)));
	}
}

static void
test_mount_lines(void)
{
	static const char text[] = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
				   "30 22 0:25 /a\\040b /mnt/c\\134d rw - tmpfs tmpfs rw";
	struct slice rest = slice_of(text);
	autobuf struct buf b = BUF_INIT;
	struct mount_line m;

	CU_ASSERT_EQUAL_FATAL(mountinfo_next(&rest, &m), 1);
	CU_ASSERT(m.id == 22 && m.parent == 1 && m.major == 8 && m.minor == 1);
	CU_ASSERT(slice_equal(m.root, slice_of("/")) && slice_equal(m.point, slice_of("/")));
	CU_ASSERT_EQUAL_FATAL(mountinfo_next(&rest, &m), 1);
	CU_ASSERT_EQUAL(mountinfo_unescape(&b, m.root), 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&b), "/a b");
	buf_reset(&b);
	CU_ASSERT_EQUAL(mountinfo_unescape(&b, m.point), 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&b), "/mnt/c\\d");
	CU_ASSERT_EQUAL(mountinfo_next(&rest, &m), 0);
}

static void
test_bad_mount_lines(void)
{
	static const char *const lines[] = {
		"22",		"22 1",		 "22 1 8:1",   "22 1 8:1 /",
		"x 1 8:1 / /",	"22 x 8:1 / /",	 "22 1 8 / /", "22 1 8:x / /",
		"22 1  / /",	" 22 1 8:1 / /", "\n",	       "99999999999 1 8:1 / /",
		"-1 1 8:1 / /",
	};
	static const char *const fields[] = { "\\", "\\0", "\\04", "\\000", "\\09x", "\\777" };
	autobuf struct buf b = BUF_INIT;

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct slice rest = slice_of(lines[i]);
		struct mount_line m;

		CU_ASSERT_EQUAL(mountinfo_next(&rest, &m), -EBADMSG);
	}
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		CU_ASSERT_EQUAL(mountinfo_unescape(&b, slice_of(fields[i])), -EBADMSG);
}

/* Which mount a path is on: stacked, hidden, and in the order of a real table. */
static void
test_mount_lookup(void)
{
	static const struct mount mounts[] = {
		{ 22, 1, 8, 1, "/", "/" },
		{ 30, 22, 8, 2, "/", "/home" },
		{ 31, 30, 8, 3, "/", "/home/u" },
		{ 40, 22, 8, 4, "/", "/mnt" },
		{ 41, 22, 8, 5, "/", "/data/in" },
		{ 42, 22, 8, 6, "/", "/data" }, /* hides the one below it */
		{ 43, 40, 8, 7, "/", "/mnt" },	/* on top of another */
	};
	static const struct {
		const char *path;
		long index;
	} v[] = {
		{ "/", 0 },	    { "/etc", 0 },   { "/home", 1 },	  { "/home/uu", 1 },
		{ "/home/u/x", 2 }, { "/mnt/x", 6 }, { "/data/in/x", 5 }, { "/data", 5 },
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++)
		CU_ASSERT_EQUAL(mounts_find(mounts, ARRAY_LEN(mounts), v[i].path), v[i].index);
	CU_ASSERT_EQUAL(mounts_find(mounts, 0, "/"), -1);
}

static void
test_mount_alias(void)
{
	static const struct mount home = { 1, 0, 8, 1, "/", "/" };
	static const struct mount other = { 2, 1, 8, 2, "/home", "/mnt" };
	static const struct mount whole = { 3, 1, 8, 1, "/", "/mnt/all" };
	static const struct mount user = { 4, 1, 8, 1, "/home/u", "/mnt/u" };
	static const struct mount part = { 5, 1, 8, 1, "/home/u/.ssh/keys", "/mnt/k" };
	static const struct mount same = { 6, 1, 8, 1, "/home/u/.ssh", "/mnt/s" };
	static const struct mount near = { 7, 1, 8, 1, "/home/u/.sshfoo", "/mnt/f" };
	static const struct {
		const struct mount *through;
		const char *expected; /* NULL: not seen there */
	} v[] = {
		{ &other, NULL },	  { &whole, "/mnt/all/home/u/.ssh" },
		{ &user, "/mnt/u/.ssh" }, { &part, "/mnt/k" },
		{ &same, "/mnt/s" },	  { &near, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		autobuf struct buf b = BUF_INIT;
		int r = mounts_alias(&b, &home, v[i].through, "/home/u/.ssh");

		CU_ASSERT_EQUAL(r, v[i].expected != NULL);
		if (v[i].expected)
			CU_ASSERT_STRING_EQUAL(buf_str(&b), v[i].expected);
	}
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "variables", test_expand },
		{ "built-in names hold in 1000 environments", test_builtins_hold },
		{ "passwd lines", test_passwd },
		{ "mount lines", test_mount_lines },
		{ "bad mount lines", test_bad_mount_lines },
		{ "the mount of a path", test_mount_lookup },
		{ "a path through another mount", test_mount_alias },
	};

	return unit_run("expand", tests, UNIT_COUNT(tests));
}
