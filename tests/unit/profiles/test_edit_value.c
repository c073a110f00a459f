/* profiles/edit_value.c: values added, replaced and removed, and that nothing else changes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "profiles/edit.h"
#include "tests/harness/unit.h"

#define VALUE "{\n  \"a\": [\n    1\n  ],\n  \"b\": \"x\\ny\"\n}\n"

static void
same(const struct buf *got, const char *wanted)
{
	if (strcmp(buf_str(got), wanted) != 0)
		(void)fprintf(stderr, "got:\n%s\nwanted:\n%s\n", buf_str(got), wanted);
	CU_ASSERT_STRING_EQUAL(buf_str(got), wanted);
}

/* Added to the container at `path` and taken away again; `after`: NULL when that is `text`. */
static void
check(const char *text, struct edit_path path, const char *key, const char *wanted,
      const char *after)
{
	struct edit_step step[EDIT_KEY_PARTS_MAX + 1];
	struct edit_path added = { step, path.steps + 1 };
	autobuf struct buf got = BUF_INIT, back = BUF_INIT;
	size_t index = 0;

	CU_ASSERT_EQUAL(edit_value_add(&got, slice_of(text), &path, key, slice_of(VALUE)), 0);
	same(&got, wanted);
	for (size_t i = 0; i < path.steps; i++)
		step[i] = path.step[i];
	/* The last one there is. */
	for (; !key && index < 9; index++) {
		autobuf struct buf unused = BUF_INIT;

		step[path.steps] = (struct edit_step){ NULL, index + 1 };
		if (edit_value_remove(&unused, (struct slice){ got.p, got.n }, &added) < 0)
			break;
	}
	step[path.steps] = (struct edit_step){ key, index };
	CU_ASSERT_EQUAL(edit_value_remove(&back, (struct slice){ got.p, got.n }, &added), 0);
	same(&back, after ? after : text);
}

#define ROOT ((struct edit_path){ NULL, 0 })
#define KEY(k) ((struct edit_path){ (const struct edit_step[]){ { k, 0 } }, 1 })

static void
test_lines(void)
{
	check("{\n  \"x\": 1\n}\n", ROOT, "k",
	      "{\n  \"x\": 1,\n  \"k\": {\n    \"a\": [\n      1\n    ],\n    \"b\": \"x\\ny\"\n  }\n}\n",
	      NULL);
	/* Tabs, CRLF, a trailing comma, comments. */
	check("{\r\n\t\"l\": [\r\n\t\t1, // one\r\n\t],\r\n}\r\n", KEY("l"), NULL,
	      "{\r\n\t\"l\": [\r\n\t\t1, // one\r\n\t\t{\r\n\t\t\t\"a\": [\r\n\t\t\t\t1\r\n\t\t\t],\r\n"
	      "\t\t\t\"b\": \"x\\ny\"\r\n\t\t},\r\n\t],\r\n}\r\n",
	      NULL);
	check("[\n    1 // one\n    /* two */\n]", ROOT, NULL,
	      "[\n    1, // one\n    /* two */\n    {\n        \"a\": [\n            1\n        ],\n"
	      "        \"b\": \"x\\ny\"\n    }\n]",
	      NULL);
}

static void
test_one_line(void)
{
	check("{\"x\": 1}", ROOT, "k", "{\"x\": 1, \"k\": {\"a\": [1], \"b\": \"x\\ny\"}}", NULL);
	check("[1, /* x */]", ROOT, NULL, "[1, {\"a\": [1], \"b\": \"x\\ny\"}, /* x */]", NULL);
	check("[1 // x\n]", ROOT, NULL, "[1, {\"a\": [1], \"b\": \"x\\ny\"} // x\n]", NULL);
	check("{\"l\": [[]]}", KEY("l"), NULL, "{\"l\": [[], {\"a\": [1], \"b\": \"x\\ny\"}]}",
	      NULL);
}

static void
test_empty(void)
{
	check("{}\n", ROOT, "k",
	      "{\n  \"k\": {\n    \"a\": [\n      1\n    ],\n    \"b\": \"x\\ny\"\n  }\n}\n", NULL);
	check("{\n\t\"l\": []\n}\n", KEY("l"), NULL,
	      "{\n\t\"l\": [\n\t\t{\n\t\t\t\"a\": [\n\t\t\t\t1\n\t\t\t],\n\t\t\t\"b\": \"x\\ny\"\n\t\t}\n"
	      "\t]\n}\n",
	      NULL);
	check("{ // none\n}", ROOT, "k",
	      "{\n  \"k\": {\n    \"a\": [\n      1\n    ],\n    \"b\": \"x\\ny\"\n  } // none\n}",
	      "{\n  // none\n}");
	check("{\n}", ROOT, "k",
	      "{\n  \"k\": {\n    \"a\": [\n      1\n    ],\n    \"b\": \"x\\ny\"\n  }\n}", "{}");
}

static void
test_remove(void)
{
	static const struct {
		const char *text;
		size_t index;
		const char *wanted;
	} v[] = {
		{ "[1, 2, 3]", 0, "[2, 3]" },
		{ "[1, 2, 3]", 1, "[1, 3]" },
		{ "[1, 2, 3]", 2, "[1, 2]" },
		{ "[1]", 0, "[]" },
		{ "[ 1, ]", 0, "[]" },
		{ "[/* a */ 1]", 0, "[/* a */ ]" },
		{ "[1 /* a */, 2]", 0, "[/* a */ 2]" },
		{ "[1, /* a */ 2]", 1, "[1 /* a */ ]" },
		{ "[\n 1, // a\n 2\n]", 0, "[\n // a\n 2\n]" },
		{ "[\n 1, // a\n 2 // b\n]", 1, "[\n 1 // a\n // b\n]" },
		{ "[\n 1,\n 2\n]", 0, "[\n 2\n]" },
		{ "[\n 1\n , 2\n , 3\n]", 1, "[\n 1\n \n , 3\n]" },
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		const struct edit_step step = { NULL, v[i].index };
		const struct edit_path path = { &step, 1 };
		autobuf struct buf got = BUF_INIT;

		CU_ASSERT_EQUAL(edit_value_remove(&got, slice_of(v[i].text), &path), 0);
		same(&got, v[i].wanted);
	}
}

static void
test_replace(void)
{
	const struct edit_step step[] = { { "l", 0 }, { NULL, 1 }, { "c", 0 } };
	const struct edit_path path = { step, 3 };
	autobuf struct buf got = BUF_INIT;

	CU_ASSERT_EQUAL(edit_value_replace(&got,
					   slice_of("{\"l\": [0, {\"c\": \"old\" /* c */}]} // x"),
					   &path, slice_of("\"new\"\n")),
			0);
	same(&got, "{\"l\": [0, {\"c\": \"new\" /* c */}]} // x");
}

static void
test_refused(void)
{
	static const struct {
		const char *text;
		struct edit_step step;
	} v[] = {
		{ "", { "k", 0 } },	      { "[]", { "k", 0 } },
		{ "{}", { "k", 0 } },	      { "{}", { NULL, 0 } },
		{ "[1]", { NULL, 1 } },	      { "{\"\\u006b\": 1}", { "k", 0 } },
		{ "{\"k\": 1", { "k", 0 } },  { "{\"k\" 1}", { "k", 0 } },
		{ "[1, // ", { NULL, 0 } },   { "[1 /* ", { NULL, 0 } },
		{ "{\"k\": 1]", { "k", 0 } },
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		const struct edit_path path = { &v[i].step, 1 };
		autobuf struct buf got = BUF_INIT;

		CU_ASSERT_EQUAL(edit_value_remove(&got, slice_of(v[i].text), &path), -EBADMSG);
		CU_ASSERT_EQUAL(edit_value_replace(&got, slice_of(v[i].text), &path, slice_of("1")),
				-EBADMSG);
		CU_ASSERT_EQUAL(
			edit_value_add(&got, slice_of(v[i].text), &path, NULL, slice_of("1")),
			-EBADMSG);
		CU_ASSERT_EQUAL(got.n, 0);
	}
	{
		const struct edit_path root = { NULL, 0 };
		autobuf struct buf got = BUF_INIT;

		CU_ASSERT_EQUAL(edit_value_add(&got, slice_of("{}"), &root, NULL, slice_of("1")),
				-EBADMSG);
		CU_ASSERT_EQUAL(edit_value_add(&got, slice_of("[]"), &root, "k", slice_of("1")),
				-EBADMSG);
		CU_ASSERT_EQUAL(edit_value_remove(&got, slice_of("{}"), &root), -EBADMSG);
		CU_ASSERT_EQUAL(edit_value_replace(&got, slice_of("{}"), &root, slice_of("1")),
				-EBADMSG);
	}
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "a line of its own", test_lines },
		{ "in one line", test_one_line },
		{ "the first of a container", test_empty },
		{ "what goes with a removed entry", test_remove },
		{ "another value", test_replace },
		{ "texts without a place", test_refused },
	};

	return unit_run("edit_value", tests, UNIT_COUNT(tests));
}
