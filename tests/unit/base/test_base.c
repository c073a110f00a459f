/* base/: strings, paths, descriptors, the one line of /proc/PID/stat. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/hooks.h"
#include "base/path.h"
#include "base/procstat.h"
#include "base/str.h"
#include "tests/harness/unit.h"

static void
test_printable(void)
{
	static const struct {
		const char *in, *out;
	} t[] = {
		{ "plain", "plain" },
		{ "t\xc3\xa4glich \xe2\x9c\x93 \xf0\x9f\x98\x80",
		  "t\xc3\xa4glich \xe2\x9c\x93 \xf0\x9f\x98\x80" },
		{ "a\tb\nc", "a b c" },
		{ "\x1b[31mred\x1b[0m", "red" },
		{ "\x1b[38;2;1;2;3mx", "x" },
		{ "\x1b]52;c;ZXZpbA==\x07x", "x" },
		{ "\x1b]0;title\x1b\\x", "x" },
		{ "\x1bP$q\"p\x1b\\x", "x" },
		{ "\x1b"
		  "7x\x1b",
		  "7x" },
		{ "\x1b[never ends", "ever ends" },
		{ "\x1b]never ends", "" },
		{ "\xc2\x9b"
		  "31mx",
		  "x" },
		{ "\xc2\x9d"
		  "0;t\xc2\x9cx",
		  "x" },
		{ "a\r\b\x7f\x01z", "az" },
		{ "a\xe2\x80\xae"
		  "b\xe2\x81\xa6"
		  "c",
		  "abc" },
		{ "a\xff"
		  "b\xc3",
		  "a\xef\xbf\xbd"
		  "b\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },
	};

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		autofree char *s = str_printable_dup(t[i].in);

		CU_ASSERT_PTR_NOT_NULL_FATAL(s);
		CU_ASSERT_STRING_EQUAL(s, t[i].out);
	}
}

static void
test_numbers(void)
{
	uint64_t v = 7;

	CU_ASSERT_EQUAL(str_to_u64("0", 0, 65535, &v), 0);
	CU_ASSERT_EQUAL(v, 0);
	CU_ASSERT_EQUAL(str_to_u64("65535", 0, 65535, &v), 0);
	CU_ASSERT_EQUAL(v, 65535);
	CU_ASSERT_EQUAL(str_to_u64("65536", 0, 65535, &v), -ERANGE);
	CU_ASSERT_EQUAL(str_to_u64("18446744073709551616", 0, UINT64_MAX, &v), -ERANGE);
	CU_ASSERT_EQUAL(str_to_u64("", 0, 9, &v), -EINVAL);
	CU_ASSERT_EQUAL(str_to_u64("-1", 0, 9, &v), -EINVAL);
	CU_ASSERT_EQUAL(str_to_u64("+1", 0, 9, &v), -EINVAL);
	CU_ASSERT_EQUAL(str_to_u64(" 1", 0, 9, &v), -EINVAL);
	CU_ASSERT_EQUAL(str_to_u64("1.5", 0, 9, &v), -EINVAL);
	CU_ASSERT_EQUAL(v, 65535);
}

static void
test_quote_and_distance(void)
{
	autobuf struct buf b = BUF_INIT;

	CU_ASSERT_EQUAL(str_shell_quote(&b, "a/b-c.d"), 0);
	CU_ASSERT_EQUAL(buf_addc(&b, ' '), 0);
	CU_ASSERT_EQUAL(str_shell_quote(&b, "it's"), 0);
	CU_ASSERT_EQUAL(buf_addc(&b, ' '), 0);
	CU_ASSERT_EQUAL(str_shell_quote(&b, ""), 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&b), "a/b-c.d 'it'\\''s' ''");

	CU_ASSERT_EQUAL(str_distance("alow", "allow", 2), 1);
	CU_ASSERT_EQUAL(str_distance("alolw", "allow", 2), 1);
	CU_ASSERT_EQUAL(str_distance("allow", "allow", 2), 0);
	CU_ASSERT_EQUAL(str_distance("read", "write", 2), 3);
	CU_ASSERT_EQUAL(str_distance("", "ab", 2), 2);
}

static void
test_path_components(void)
{
	CU_ASSERT_TRUE(path_is_beneath("/a/b", "/a"));
	CU_ASSERT_TRUE(path_is_beneath("/a", "/a"));
	CU_ASSERT_TRUE(path_is_beneath("/a", "/"));
	CU_ASSERT_FALSE(path_is_beneath("/ab", "/a"));
	CU_ASSERT_FALSE(path_is_beneath("/a", "/a/b"));
	CU_ASSERT_FALSE(path_is_inside("/a", "/a"));
	CU_ASSERT_TRUE(path_is_inside("/a/b", "/a"));
	CU_ASSERT_STRING_EQUAL(path_basename("/a/b"), "b");
	CU_ASSERT_STRING_EQUAL(path_basename("b"), "b");
}

static void
test_path_absolute(void)
{
	static const struct {
		const char *cwd, *in, *out;
	} t[] = {
		{ "/w", "a", "/w/a" },
		{ "/w", "/a//b/./c/", "/a/b/c" },
		{ "/w/x", "../a", "/w/a" },
		{ "/", "..", "/" },
		{ "/", "../../..", "/" },
		{ "/w", ".", "/w" },
		{ "/w", "/", "/" },
		{ "/", "a", "/a" },
		{ "/w", "a/../../../b", "/b" },
		{ "/w", "..a/b..", "/w/..a/b.." },
	};

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		autobuf struct buf b = BUF_INIT;

		CU_ASSERT_EQUAL(path_absolute(&b, t[i].cwd, t[i].in), 0);
		CU_ASSERT_STRING_EQUAL(buf_str(&b), t[i].out);
	}
}

static void
test_path_canonical(void)
{
	char dir[] = "/tmp/nono-unit-XXXXXX", path[256], expected[256];
	autobuf struct buf b = BUF_INIT, base = BUF_INIT;

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
	CU_ASSERT_EQUAL(path_canonical(&base, "/", dir), 0);
	(void)snprintf(path, sizeof(path), "%s/real", dir);
	CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/link", dir);
	CU_ASSERT_EQUAL(symlink("real", path), 0);

	/* A link is followed by the kernel, what does not exist is appended as written. */
	(void)snprintf(path, sizeof(path), "%s/link/no/such", dir);
	(void)snprintf(expected, sizeof(expected), "%s/real/no/such", base.p);
	CU_ASSERT_EQUAL(path_canonical(&b, "/", path), 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&b), expected);
	buf_reset(&b);
	CU_ASSERT_EQUAL(path_canonical(&b, dir, "link"), 0);
	(void)snprintf(expected, sizeof(expected), "%s/real", base.p);
	CU_ASSERT_STRING_EQUAL(buf_str(&b), expected);
	buf_reset(&b);
	CU_ASSERT_EQUAL(path_canonical(&b, "/", "/no-such-top/x"), 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&b), "/no-such-top/x");
	buf_reset(&b);
	CU_ASSERT_EQUAL(path_canonical(&b, "/", "/"), 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&b), "/");

	(void)snprintf(path, sizeof(path), "%s/link", dir);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/real", dir);
	(void)rmdir(path);
	(void)rmdir(dir);
}

static void
test_path_of_fd(void)
{
	char name[] = "/tmp/nono-unit (deleted)";
	autobuf struct buf b = BUF_INIT;
	int fd = open(name, O_CREAT | O_RDWR | O_CLOEXEC, 0600), ends[2];

	CU_ASSERT_NOT_EQUAL_FATAL(fd, -1);
	/* The suffix may be part of the name. */
	CU_ASSERT_EQUAL(path_of_fd(&b, fd), 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&b), name);
	CU_ASSERT_EQUAL(unlink(name), 0);
	buf_reset(&b);
	CU_ASSERT_EQUAL(path_of_fd(&b, fd), -ESTALE);
	(void)close(fd);
	CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
	CU_ASSERT_EQUAL(path_of_fd(&b, ends[0]), -ESTALE);
	(void)close(ends[0]);
	(void)close(ends[1]);
	CU_ASSERT_EQUAL(path_of_fd(&b, 12345), -ENOENT);
}

static void
test_procstat(void)
{
	static const char good[] = "42 (a) b) (c) S 7 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 "
				   "98765 2600960 239 18446744073709551615";
	static const char *const bad[] = {
		"",
		"x",
		"42",
		"42 (a",
		"42 (a)",
		"42 (a) ",
		"42 (a) S",
		"42 (a) S x",
		"0 (a) S 1",
		"42 (a) S 7 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17",
		"99999999999 (a) S 7 42 42 0 -1 1 1 0 0 0 0 0 0 0 20 0 1 0 5 6",
	};
	struct procstat st = { 0 };

	CU_ASSERT_EQUAL(procstat_parse(&st, slice_of(good)), 0);
	CU_ASSERT_EQUAL(st.pid, 42);
	CU_ASSERT_EQUAL(st.parent, 7);
	CU_ASSERT_EQUAL(st.state, 'S');
	CU_ASSERT_EQUAL(st.start_ticks, 98765);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		CU_ASSERT_EQUAL(procstat_parse(&st, slice_of(bad[i])), -EINVAL);
		CU_ASSERT_EQUAL(st.pid, 42);
	}
	CU_ASSERT_EQUAL(procstat_read(&st, getpid()), 0);
	CU_ASSERT_EQUAL(st.pid, getpid());
	CU_ASSERT_EQUAL(st.parent, getppid());
}

static void
test_sealed_memory(void)
{
	int fd = fd_sealed_memory("unit", "abc", 3);
	char text[8] = "";

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(pread(fd, text, sizeof(text), 0), 3);
	CU_ASSERT_STRING_EQUAL(text, "abc");
	CU_ASSERT_EQUAL(pwrite(fd, "x", 1, 0), -1);
	CU_ASSERT_EQUAL(errno, EPERM);
	CU_ASSERT_EQUAL(ftruncate(fd, 0), -1);
	(void)close(fd);
}

static void
test_errors(void)
{
	struct err e = ERR_INIT;
	char longer[ERR_TEXT_MAX * 2];

	CU_ASSERT_EQUAL(err_set_errno(&e, -ENOENT, "cannot read '%s'", "x"), -ENOENT);
	CU_ASSERT_STRING_EQUAL(e.text, "cannot read 'x': No such file or directory");
	CU_ASSERT_EQUAL(e.exit_code, EXIT_NONO);
	CU_ASSERT_EQUAL(err_set_exit(&e, EXIT_MISSING, -ENOENT, "no %s", "y"), -ENOENT);
	CU_ASSERT_EQUAL(e.exit_code, EXIT_MISSING);
	CU_ASSERT_EQUAL(err_set(NULL, -EIO, "nobody listens"), -EIO);
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	CU_ASSERT_EQUAL(err_set_errno(&e, -EIO, "%s", longer), -EIO);
	CU_ASSERT_EQUAL(strlen(e.text), ERR_TEXT_MAX - 1);
	CU_ASSERT_TRUE(errno_is_missing(-ENOTDIR));
	CU_ASSERT_TRUE(errno_is_denied(-EPERM));
	CU_ASSERT_FALSE(errno_is_denied(-ENOENT));
	CU_ASSERT_TRUE(errno_is_unsupported(-ENOSYS));
}

static void
test_buffers(void)
{
	autobuf struct buf b = BUF_INIT;
	char *taken;

	CU_ASSERT_STRING_EQUAL(buf_str(&b), "");
	for (int i = 0; i < 1000; i++)
		CU_ASSERT_EQUAL(buf_addf(&b, "%d,", i), 0);
	CU_ASSERT_EQUAL(strlen(b.p), b.n);
	CU_ASSERT_TRUE(str_ends_with(b.p, "998,999,"));
	taken = buf_take(&b);
	CU_ASSERT_PTR_NOT_NULL(taken);
	CU_ASSERT_PTR_NULL(b.p);
	mem_free(taken);
	CU_ASSERT_PTR_NULL(mem_calloc(SIZE_MAX, 2));
	CU_ASSERT_PTR_NULL(mem_realloc(NULL, SIZE_MAX / 2, 4));
}

/* The names in tests and the enum cannot drift apart. */
static void
test_hook_names(void)
{
	for (int i = 0; i < HOOK_COUNT; i++) {
		CU_ASSERT_PTR_NOT_NULL_FATAL(hook_name((enum hook)i));
		for (int j = 0; j < i; j++)
			CU_ASSERT_STRING_NOT_EQUAL(hook_name((enum hook)i),
						   hook_name((enum hook)j));
	}
	CU_ASSERT_STRING_EQUAL(hook_name(HOOK_FILTER_TRUNCATE), "filter-truncate");
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "text from outside is made harmless", test_printable },
		{ "numbers", test_numbers },
		{ "shell quoting and distance", test_quote_and_distance },
		{ "paths are compared by component", test_path_components },
		{ "lexical absolute paths", test_path_absolute },
		{ "canonical paths of what may not exist", test_path_canonical },
		{ "the name of a descriptor", test_path_of_fd },
		{ "/proc/PID/stat with a hostile comm", test_procstat },
		{ "sealed memory", test_sealed_memory },
		{ "errors name object and reason", test_errors },
		{ "buffers", test_buffers },
		{ "every hook has its own name", test_hook_names },
	};

	return unit_run("base", tests, UNIT_COUNT(tests));
}
