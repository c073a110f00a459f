/* What lines of output say: every rule of the text scan (spec 02 section 23.2). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "record/internal.h"
#include "tests/harness/unit.h"

enum { TIME_MS_MAX = 10000 }; /* under a sanitizer; 100 ms without */
enum { R = PLAN_READ, W = PLAN_WRITE, RW = PLAN_READ | PLAN_WRITE };

struct row {
	const char *text;
	enum finding_kind kind; /* of the first finding; 0: none */
	unsigned int access;
	const char *path; /* the first; NULL: none */
};

static struct scan *
scan(const char *text)
{
	struct scan *s = mem_calloc(1, sizeof(*s));

	if (!s)
		abort();
	scan_text(s, slice_of(text));
	return s;
}

static bool
row_holds(const struct row *row)
{
	struct scan *s = scan(row->text);
	const struct finding *f = &s->item[0];
	bool right;

	if (s->count == 0)
		right = row->kind == 0;
	else
		right = f->kind == row->kind && (!row->access || f->access == row->access) &&
			(row->path
				 ? f->paths > 0 && slice_equal(f->path[0].text, slice_of(row->path))
				 : f->paths == 0);
	if (!right)
		printf("    row '%s': %zu findings, kind %d, access %u, path '%.*s'\n", row->text,
		       s->count, (int)f->kind, f->access, f->paths ? (int)f->path[0].text.n : 0,
		       f->paths ? f->path[0].text.p : "");
	mem_free(s);
	return right;
}

static void
check_rows(const struct row *rows, size_t n)
{
	size_t wrong = 0;

	for (size_t i = 0; i < n; i++)
		wrong += !row_holds(&rows[i]);
	CU_ASSERT_EQUAL(wrong, 0);
}

#define CHECK(rows) check_rows((rows), ARRAY_LEN(rows))

static void
test_phrases(void)
{
	static const struct row rows[] = {
		{ "cat: /a/b: Permission denied", FINDING_DENIAL, R, "/a/b" },
		{ "cat: /a/b: PERMISSION DENIED", FINDING_DENIAL, R, "/a/b" },
		{ "chown: changing ownership of '/a': Operation not permitted", FINDING_DENIAL, W,
		  "/a" },
		{ "touch: cannot touch '/a': Read-only file system", FINDING_DENIAL, W, "/a" },
		{ "cat: /a/b: No such file or directory", FINDING_MISSING, 0, "/a/b" },
		{ "cat: /a/b: Is a directory", 0, 0, NULL },
		{ "permission was granted", 0, 0, NULL },
		{ "", 0, 0, NULL },
		{ "\n\n\n", 0, 0, NULL },
	};

	CHECK(rows);
}

static void
test_network(void)
{
	static const struct row rows[] = {
		{ "curl: (7) Failed to connect to 10.0.0.1 port 80: Permission denied",
		  FINDING_NETWORK, 0, NULL },
		{ "socket: Operation not permitted", FINDING_NETWORK, 0, NULL },
		{ "connect: Connection refused", FINDING_NETWORK, 0, NULL },
		{ "connect: Network is unreachable", FINDING_NETWORK, 0, NULL },
		{ "curl: (6) Could not resolve host: example.org", FINDING_NETWORK, 0, NULL },
		{ "ping: example.org: Temporary failure in name resolution", FINDING_NETWORK, 0,
		  NULL },
		{ "Error: getaddrinfo EAI_AGAIN registry.npmjs.org", FINDING_NETWORK, 0, NULL },
		/* The word in a path is none about the network. */
		{ "cat: /etc/network/interfaces: Permission denied", FINDING_DENIAL, R,
		  "/etc/network/interfaces" },
		{ "the network works", 0, 0, NULL },
	};

	CHECK(rows);
}

static void
test_failure(void)
{
	static const struct row rows[] = {
		{ "Error: EEXIST: file already there", FINDING_FAILURE, 0, NULL },
		{ "fatal: destination path 'x' already exists", FINDING_FAILURE, 0, NULL },
		{ "node version must be at least 20", FINDING_FAILURE, 0, NULL },
		{ "tool requires version 3", FINDING_FAILURE, 0, NULL },
		{ "Minimum version: 3", FINDING_FAILURE, 0, NULL },
		{ "please upgrade your compiler", FINDING_FAILURE, 0, NULL },
		{ "Usage: tool FILE", FINDING_FAILURE, 0, NULL },
		{ "ls: unrecognized option '--x'", FINDING_FAILURE, 0, NULL },
		{ "disk usage: 3%", 0, 0, NULL },
	};

	CHECK(rows);
}

static void
test_compiler(void)
{
	static const struct row rows[] = {
		{ "a.c:1:10: fatal error: ../b.h: Permission denied", FINDING_DENIAL, R, "../b.h" },
		{ "fatal error: opening output file a.o: Permission denied", FINDING_DENIAL, W,
		  NULL },
		{ "cc1: fatal error: opening dependency file a.d: Permission denied",
		  FINDING_DENIAL, W, NULL },
		{ "Fatal error: can't create a.o: Permission denied", FINDING_DENIAL, W, "a.o" },
	};

	CHECK(rows);
}

static void
test_path_behind_call(void)
{
	static const struct row rows[] = {
		{ "Error: EACCES: permission denied, mkdir '/a/b'", FINDING_DENIAL, RW, "/a/b" },
		{ "Error: EPERM: operation not permitted, mkdtemp '/a/bXXXXXX'", FINDING_DENIAL, RW,
		  "/a/bXXXXXX" },
		{ "open /a/b: permission denied", FINDING_DENIAL, RW, "/a/b" },
		{ "Error: EACCES: permission denied, copyfile '/a' -> '/b'", FINDING_DENIAL, RW,
		  "/a" },
		{ "Error: EACCES: permission denied, rename '/a x' -> '/b'", FINDING_DENIAL, RW,
		  "/a x" },
		{ "Error: EACCES: permission denied, unlink '/a'", FINDING_DENIAL, RW, "/a" },
		{ "Error: EACCES: permission denied, open './rel.txt'", FINDING_DENIAL, RW,
		  "./rel.txt" },
		/* Not a whole word, and a word that is no path. */
		{ "reopen /a/b: Permission denied", FINDING_DENIAL, RW, "/a/b" },
		{ "open the door: Permission denied", FINDING_DENIAL, RW, NULL },
	};

	CHECK(rows);
}

static void
test_path_before_phrase(void)
{
	static const struct row rows[] = {
		{ "bash: /a/b c: Permission denied", FINDING_DENIAL, RW, "/a/b c" },
		{ "bash: line 1: /a/b: Permission denied", FINDING_DENIAL, RW, "/a/b" },
		{ "cat: ~/x: Permission denied", FINDING_DENIAL, R, "~/x" },
		{ "ls: cannot open directory '/a': Permission denied", FINDING_DENIAL, R, "/a" },
		{ "touch: cannot touch '/a:b/c': Permission denied", FINDING_DENIAL, W, "/a:b/c" },
		{ "mkdir: cannot create directory \xe2\x80\x98/a/b\xe2\x80\x99: Permission denied",
		  FINDING_DENIAL, W, "/a/b" },
		{ "error: could not lock config file /h/.gitconfig: Permission denied",
		  FINDING_DENIAL, RW, "/h/.gitconfig" },
		{ "java.io.FileNotFoundException: /a/b (Permission denied)", FINDING_DENIAL, RW,
		  "/a/b" },
		{ "/usr/bin/x: /a/b: bad interpreter: Permission denied", FINDING_DENIAL, RW,
		  "/a/b" },
		{ "sh: 1: can't create /a/b: Permission denied", FINDING_DENIAL, W, "/a/b" },
		{ "fetch https://host/a: Permission denied", FINDING_DENIAL, RW, NULL },
		{ "PermissionError: [Errno 13] Permission denied: '/a/b'", FINDING_DENIAL, RW,
		  "/a/b" },
		{ "PermissionError: [Errno 13] Permission denied: 'rel'", FINDING_DENIAL, RW,
		  "rel" },
		{ "cat: \"/a/b\": Permission denied", FINDING_DENIAL, R, "/a/b" },
		{ "x: <see /a/b>: Permission denied", FINDING_DENIAL, RW, "/a/b" },
		{ "x: `/a/b': Permission denied", FINDING_DENIAL, RW, "/a/b" },
		{ "cat: '/a\001b': Permission denied", FINDING_DENIAL, R, NULL },
		{ "cat: '/a\033[31m': Permission denied", FINDING_DENIAL, R, NULL },
	};

	CHECK(rows);
}

static void
test_relative(void)
{
	static const struct row rows[] = {
		{ "touch: cannot touch 'x y': Permission denied", FINDING_DENIAL, W, "x y" },
		{ "sh: 1: cannot create out.txt: Permission denied", FINDING_DENIAL, W, "out.txt" },
		{ "/usr/bin/ld: cannot open output file a.out: Permission denied", FINDING_DENIAL,
		  W, "a.out" },
		{ "cat: sub/x: Permission denied", FINDING_DENIAL, R, "sub/x" },
		/* On an earlier line, used once. */
		{ "creating ./config.status\ncannot go on: Permission denied", FINDING_DENIAL, W,
		  "./config.status" },
		{ "creating empty conf.h\nerror: Permission denied", FINDING_DENIAL, W, "conf.h" },
		{ "create 'my file'\nerror: Permission denied", FINDING_DENIAL, W, "my file" },
		{ "writing out.o\nerror: Permission denied", FINDING_DENIAL, W, "out.o" },
		{ "error creating out.o: Permission denied", FINDING_DENIAL, W, "out.o" },
		{ "recreating out.o\nerror here: Permission denied", FINDING_DENIAL, RW, NULL },
	};
	struct scan *s = scan("writing a.o\nerror one: Permission denied\n"
			      "error two here: Permission denied");

	CHECK(rows);
	CU_ASSERT_EQUAL(s->count, 2);
	CU_ASSERT_EQUAL(s->item[1].paths, 0);
	mem_free(s);
}

static void
test_weak(void)
{
	struct scan *s = scan("cat: name: Permission denied\nfatal: Permission denied\n"
			      "touch: cannot touch 'q': Permission denied");

	CU_ASSERT_EQUAL(s->count, 3);
	CU_ASSERT_TRUE(s->item[0].path[0].weak);
	CU_ASSERT_TRUE(s->item[1].path[0].weak);
	CU_ASSERT_FALSE(s->item[2].path[0].weak);
	mem_free(s);
}

static void
test_modes(void)
{
	static const char *const writers[] = { "tee",	  "touch", "mkdir", "mktemp",
					       "install", "cp",	   "mv",    "rm",
					       "ln",	  "chmod", "chown", "truncate" };
	static const char *const readers[] = { "cat",  "grep", "sed",  "awk",  "head",
					       "tail", "less", "more", "find", "ls" };
	static const struct row rows[] = {
		{ "x: write error: /a: Permission denied", FINDING_DENIAL, W, "/a" },
		{ "x: cannot open /a: Permission denied", FINDING_DENIAL, R, "/a" },
		{ "cp: cannot open '/a' for reading: Permission denied", FINDING_DENIAL, R, "/a" },
		{ "bash: /h/.bashrc: Permission denied", FINDING_DENIAL, R, "/h/.bashrc" },
		{ "bash: /h/other: Permission denied", FINDING_DENIAL, RW, "/h/other" },
		{ "/usr/bin/cat: /a: Permission denied", FINDING_DENIAL, R, "/a" },
		{ "cats: /a: Permission denied", FINDING_DENIAL, RW, "/a" },
	};
	char line[64];

	CHECK(rows);
	for (size_t i = 0; i < ARRAY_LEN(writers); i++) {
		struct row row = { line, FINDING_DENIAL, W, "/a" };

		(void)snprintf(line, sizeof(line), "%s: /a: Permission denied", writers[i]);
		check_rows(&row, 1);
	}
	for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
		struct row row = { line, FINDING_DENIAL, R, "/a" };

		(void)snprintf(line, sizeof(line), "%s: /a: Permission denied", readers[i]);
		check_rows(&row, 1);
	}
}

static void
test_node(void)
{
	static const struct row rows[] = {
		{ "Error: EACCES: permission denied, open '/a/b'\n    at f (x.js:1)\n  errno: -13,\n"
		  "  code: 'EACCES',\n  syscall: 'mkdir',\n  path: '/a/b'\n}",
		  FINDING_DENIAL, W, "/a/b" },
		{ "  code: 'EPERM',\n  syscall: 'scandir',\n  path: '/a/b'", FINDING_DENIAL, R,
		  "/a/b" },
		{ "npm ERR! code EACCES\nnpm ERR! syscall mkdir\nnpm ERR! path /usr/lib/x",
		  FINDING_DENIAL, W, "/usr/lib/x" },
		{ "npm error code EACCES\nnpm error syscall open\nnpm error path /x\n",
		  FINDING_DENIAL, RW, "/x" },
		{ "Error: spawn /a/b EACCES\n  code: 'EACCES',\n  syscall: 'spawn /a/b',\n"
		  "  path: '/a/b',",
		  FINDING_DENIAL, R, "/a/b" },
		/* Not armed. */
		{ "  code: 'ENOENT',\n  syscall: 'open',\n  path: '/a/b'", 0, 0, NULL },
		{ "path: '/a/b'", 0, 0, NULL },
	};

	CHECK(rows);
}

static void
test_two_paths(void)
{
	struct scan *s = scan("mv: cannot move '/a' to '/b': Permission denied");

	CU_ASSERT_EQUAL(s->count, 1);
	CU_ASSERT_EQUAL(s->item[0].paths, 2);
	CU_ASSERT_TRUE(slice_equal(s->item[0].path[1].text, slice_of("/b")));
	mem_free(s);
}

static void
test_logins(void)
{
	static const struct row rows[] = {
		{ "git@host: Permission denied (publickey).", 0, 0, NULL },
		{ "Permission denied, please try again.", 0, 0, NULL },
	};

	CHECK(rows);
}

static void
test_limits(void)
{
	autobuf struct buf b = BUF_INIT;
	struct scan *s;
	int r = 0;

	/* The same line a thousand times is one finding. */
	for (int i = 0; i < 1000 && r == 0; i++)
		r = buf_adds(&b, "cat: /a: Permission denied\n");
	s = scan(buf_str(&b));
	CU_ASSERT_EQUAL(s->count, 1);
	mem_free(s);
	buf_reset(&b);
	for (int i = 0; i <= FINDINGS_MAX && r == 0; i++)
		r = buf_addf(&b, "cat: /a/%d: Permission denied\n", i);
	CU_ASSERT_EQUAL(r, 0);
	s = scan(buf_str(&b));
	CU_ASSERT_EQUAL(s->count, FINDINGS_MAX);
	mem_free(s);
	/* A path at the limit of the kernel, and one byte longer. */
	for (int extra = 0; extra < 2; extra++) {
		buf_reset(&b);
		r = buf_adds(&b, "cat: /");
		for (int i = 0; i < RECORD_PATH_MAX - 2 + extra && r == 0; i++)
			r = buf_addc(&b, 'a');
		CU_ASSERT_EQUAL(r, 0);
		CU_ASSERT_EQUAL(buf_adds(&b, ": Permission denied"), 0);
		s = scan(buf_str(&b));
		CU_ASSERT_EQUAL(s->count, 1);
		CU_ASSERT_EQUAL(s->item[0].paths, extra ? 0 : 1);
		mem_free(s);
	}
}

/* Texts that make a careless scan quadratic: a megabyte each must take a moment, not minutes. */
static void
test_time(void)
{
	static const char *const parts[] = {
		"open \"",
		"open '\001 ",
		"a: ",
		"'",
		"/",
		"p",
		"create ",
		"\xe2\x80\x98",
		"a: permission denied: ",
		": (",
		"open \xe2\x80\x98",
		"network ",
		"cat: /a: Permission denied\n",
		"EPERM ",
		"a b/c ",
		"~/",
		"usage:\n",
		"path: 'x'\nEACCES\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		autobuf struct buf b = BUF_INIT;
		clock_t start, spent;
		int r = 0;

		while (b.n < RECORD_OUTPUT_MAX && r == 0)
			r = buf_adds(&b, parts[i]);
		CU_ASSERT_EQUAL(r, 0);
		CU_ASSERT_EQUAL(buf_adds(&b, "\001: Permission denied"), 0);
		start = clock();
		mem_free(scan(buf_str(&b)));
		spent = (clock() - start) * 1000 / CLOCKS_PER_SEC;
		if (spent > TIME_MS_MAX)
			printf("    part '%s': %ld ms\n", parts[i], (long)spent);
		CU_ASSERT(spent <= TIME_MS_MAX);
	}
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "phrases", test_phrases },
		{ "network", test_network },
		{ "application failures", test_failure },
		{ "compilers", test_compiler },
		{ "path behind the name of a call", test_path_behind_call },
		{ "path before the phrase", test_path_before_phrase },
		{ "relative names", test_relative },
		{ "a word that may be a file", test_weak },
		{ "read or write", test_modes },
		{ "error objects of Node and npm", test_node },
		{ "two paths in a line", test_two_paths },
		{ "refused logins are no file", test_logins },
		{ "limits", test_limits },
		{ "time is linear", test_time },
	};

	return unit_run("record_scan", tests, UNIT_COUNT(tests));
}
