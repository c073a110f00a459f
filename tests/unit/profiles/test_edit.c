/* profiles/edit.c: what is inserted, and that nothing else changes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "profiles/edit.h"
#include "tests/harness/unit.h"

static void
check(const char *text, const struct edit_addition *item, size_t count, const char *wanted)
{
	autobuf struct buf got = BUF_INIT, again = BUF_INIT;
	size_t added = 0, more = 0;

	CU_ASSERT_EQUAL(edit_add(&got, slice_of(text), item, count, &added), 0);
	CU_ASSERT(added <= count);
	if (strcmp(buf_str(&got), wanted) != 0)
		(void)fprintf(stderr, "got:\n%s\nwanted:\n%s\n", buf_str(&got), wanted);
	CU_ASSERT_STRING_EQUAL(buf_str(&got), wanted);
	/* Once more changes nothing. */
	CU_ASSERT_EQUAL(edit_add(&again, (struct slice){ got.p, got.n }, item, count, &more), 0);
	CU_ASSERT_EQUAL(more, 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&again), wanted);
}

static void
check_one(const char *text, const char *list, const char *value, const char *wanted)
{
	check(text, &(struct edit_addition){ list, value }, 1, wanted);
}

static void
test_lines(void)
{
	check_one(
		"{\n  \"filesystem\": {\n    \"read\": [\n      \"/a\", // why\n      \"/b\"\n    ]\n"
		"  }\n}\n",
		"filesystem.read", "/c",
		"{\n  \"filesystem\": {\n    \"read\": [\n      \"/c\",\n      \"/a\", // why\n"
		"      \"/b\"\n    ]\n  }\n}\n");
	/* comments above an entry stay above it; trailing commas stay */
	check_one("{\n\t\"read\": [ // list\n\t\t// about a\n\t\t\"/a\",\n\t],\n}\n", "read", "/c",
		  "{\n\t\"read\": [ // list\n\t\t\"/c\",\n\t\t// about a\n\t\t\"/a\",\n\t],\n}\n");
	check_one("{\n  \"read\": [ /* [ \n ] */\n    \"/a\"]}", "read", "/c",
		  "{\n  \"read\": [ /* [ \n ] */\n    \"/c\",\n    \"/a\"]}");
	/* CRLF */
	check_one("{\r\n\t\"read\": [\r\n\t\t\"/a\"\r\n\t]\r\n}\r\n", "read", "/c",
		  "{\r\n\t\"read\": [\r\n\t\t\"/c\",\r\n\t\t\"/a\"\r\n\t]\r\n}\r\n");
}

static void
test_one_line(void)
{
	check_one("{\"read\": [\"/a\"]}", "read", "/c", "{\"read\": [\"/a\", \"/c\"]}");
	check_one("{\"read\": [\"/a\", ]}", "read", "/c", "{\"read\": [\"/a\", \"/c\", ]}");
	check_one("{\"read\": []}", "read", "/c", "{\"read\": [\"/c\"]}");
	check_one("{\"read\": [ /* none */ ]}", "read", "/c", "{\"read\": [\"/c\" /* none */ ]}");
	check_one("{\"read\": [\n]}", "read", "/c", "{\"read\": [\"/c\"\n]}");
	check_one("{\"a\": {\"read\": [1]}, \"read\": [\"x\"]}", "read", "y",
		  "{\"a\": {\"read\": [1]}, \"read\": [\"x\", \"y\"]}");
}

static void
test_missing(void)
{
	check_one("{}", "read", "/c", "{\"read\": [\"/c\"]}");
	check_one("{}", "a.b.c", "/c", "{\"a\": {\"b\": {\"c\": [\"/c\"]}}}");
	check_one("{ \"x\": 1 }", "read", "/c", "{ \"read\": [\"/c\"], \"x\": 1 }");
	check_one("// head\n{\n  \"x\": 1\n}\n", "filesystem.read", "/c",
		  "// head\n{\n  \"filesystem\": {\"read\": [\"/c\"]},\n  \"x\": 1\n}\n");
	check_one("{\n  \"filesystem\": {\n    \"write\": []\n  }\n}\n", "filesystem.read", "/c",
		  "{\n  \"filesystem\": {\n    \"read\": [\"/c\"],\n    \"write\": []\n  }\n}\n");
}

static void
test_several(void)
{
	const struct edit_addition items[] = {
		{ "filesystem.read", "/1" },
		{ "filesystem.read", "/a" },
		{ "filesystem.read", "/2 \"q\"" },
		{ "filesystem.write", "/3" },
	};

	check("{\n  \"filesystem\": {\n    \"read\": [\n      \"/a\"\n    ]\n  }\n}\n", items,
	      ARRAY_LEN(items),
	      "{\n  \"filesystem\": {\n    \"write\": [\"/3\"],\n    \"read\": [\n      \"/1\",\n"
	      "      \"/2 \\\"q\\\"\",\n      \"/a\"\n    ]\n  }\n}\n");
}

static void
test_refused(void)
{
	static const char *const texts[] = {
		"",
		"[]",
		"1",
		"{",
		"{\"read\"",
		"{\"read\":",
		"{\"read\": 1}",
		"{\"read\": {}}",
		"{\"read\": [}",
		"{\"read\": [\"}",
		"{\"read\": [\"a\" \"b\"]}",
		"{read: []}",
		"{ /* ",
		"{\"read\": [\"a\\",
		"{\"read\" []}",
		"{\"x\": ]",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const struct edit_addition item = { "read", "/c" };
		autobuf struct buf got = BUF_INIT;
		size_t added = 17;

		CU_ASSERT_EQUAL(edit_add(&got, slice_of(texts[i]), &item, 1, &added), -EBADMSG);
		CU_ASSERT_EQUAL(added, 17);
		CU_ASSERT_EQUAL(got.n, 0);
	}
}

/* ---- changes ---- */

static void
check_change(const char *text, const struct edit_change *c, const char *wanted)
{
	struct edit_change copy = *c;
	autobuf struct buf got = BUF_INIT;

	CU_ASSERT_EQUAL(edit_change(&got, slice_of(text), &copy, 1), 0);
	if (strcmp(buf_str(&got), wanted) != 0)
		(void)fprintf(stderr, "got:\n%s\nwanted:\n%s\n", buf_str(&got), wanted);
	CU_ASSERT_STRING_EQUAL(buf_str(&got), wanted);
}

static void
check_removed(const char *text, uint32_t line, uint32_t column, const char *was, const char *wanted)
{
	check_change(text, &(struct edit_change){ .line = line, .column = column, .was = was },
		     wanted);
}

static void
test_removed_lines(void)
{
	/* The remark behind an entry is about it, the one above it may be about more. */
	check_removed("{\"a\": [\n\t// both\n\t\"x\", // why, and how\n\t\"y\"\n]}", 3, 2, "x",
		      "{\"a\": [\n\t// both\n\t\"y\"\n]}");
	/* The last one: the comma in front goes, the remark behind that one stays. */
	check_removed("{\"a\": [\n\t\"x\", // a, b\n\t\"y\"\n]}", 3, 2, "y",
		      "{\"a\": [\n\t\"x\" // a, b\n]}");
	check_removed("{\"a\": [\n\t\"x\",\n\t\"y\",\n]}", 3, 2, "y", "{\"a\": [\n\t\"x\",\n]}");
	check_removed("{\"a\": [\n\t\"x\"\n]}", 2, 2, "x", "{\"a\": [\n]}");
	check_removed("{\"a\": [\r\n\t\"x\",\r\n\t\"y\"\r\n]}", 2, 2, "x",
		      "{\"a\": [\r\n\t\"y\"\r\n]}");
	/* The line is not its own. */
	check_removed("{\"a\": [\n\t\"x\", \"y\"\n]}", 2, 2, "x", "{\"a\": [\n\t\"y\"\n]}");
	check_removed("{\"a\": [\n\t\"x\", \"y\"\n]}", 2, 7, "y", "{\"a\": [\n\t\"x\"\n]}");
	check_removed("{\"a\": [\n\t\"x\" /* ] */, // y\n\t\"y\"]}", 2, 2, "x",
		      "{\"a\": [\n\t\"y\"]}");
}

static void
test_removed(void)
{
	check_removed("{\"a\": [\"x\", \"y\", \"z\"]}", 1, 8, "x", "{\"a\": [\"y\", \"z\"]}");
	check_removed("{\"a\": [\"x\", \"y\", \"z\"]}", 1, 13, "y", "{\"a\": [\"x\", \"z\"]}");
	check_removed("{\"a\": [\"x\", \"y\", \"z\"]}", 1, 18, "z", "{\"a\": [\"x\", \"y\"]}");
	check_removed("{\"a\": [\"x\"]}", 1, 8, "x", "{\"a\": []}");
	check_removed("{\"a\": [\"x\", /* z */ \"y\"]}", 1, 21, "y", "{\"a\": [\"x\" /* z */ ]}");
	check_removed("{\"a\": [\"x\" /* z */, \"y\"]}", 1, 8, "x", "{\"a\": [ /* z */ \"y\"]}");
	/* Columns count characters. */
	check_removed("{\"\xc3\xa4\": [\"x\"]}", 1, 8, "x", "{\"\xc3\xa4\": []}");
	check_change("{\"a\": [80, 81]}",
		     &(struct edit_change){ 1, 12, .was = "81", .is_number = true },
		     "{\"a\": [80]}");
}

static void
test_replaced(void)
{
	struct edit_change items[] = { { 1, 8, "x", .with = "longer" },
				       { 1, 18, "z", .with = "\"" },
				       { 1, 13, "y", .with = NULL } };
	autobuf struct buf got = BUF_INIT;

	CU_ASSERT_EQUAL(edit_change(&got, slice_of("{\"a\": [\"x\", \"y\", \"z\"]} // end"), items,
				    ARRAY_LEN(items)),
			0);
	CU_ASSERT_STRING_EQUAL(buf_str(&got), "{\"a\": [\"longer\", \"\\\"\"]} // end");
}

static void
test_no_change(void)
{
	static const struct edit_change cases[] = {
		{ 1, 8, .was = "y" },	   { 1, 9, .was = "x" },	 { 2, 1, .was = "x" },
		{ 9, 1, .was = "x" },	   { 1, 99, .was = "x" },	 { 1, 2, .was = "a" },
		{ 1, 19, .was = "value" }, { 1, 26, .was = "/\\u0041" },
	};
	const char *text = "{\"a\": [\"x\"], \"b\": \"value\", \"c\": [\"\\u0041\"]}\n";

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct edit_change c = cases[i];
		autobuf struct buf got = BUF_INIT;

		CU_ASSERT_EQUAL(edit_change(&got, slice_of(text), &c, 1), -EBADMSG);
		CU_ASSERT_EQUAL(got.n, 0);
	}
}

static void
test_set(void)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{ "{}", "{\"meta\": {\"name\": \"n\"}}" },
		{ "{ \"x\": 1 }", "{ \"meta\": {\"name\": \"n\"}, \"x\": 1 }" },
		{ "{\"meta\": {}}", "{\"meta\": {\"name\": \"n\"}}" },
		{ "{\"meta\": {\"name\": \"old\", \"x\": 1}}",
		  "{\"meta\": {\"name\": \"n\", \"x\": 1}}" },
		{ "{\n\t\"meta\": {\n\t\t\"name\" : \"n\" // m\n\t}\n}",
		  "{\n\t\"meta\": {\n\t\t\"name\" : \"n\" // m\n\t}\n}" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		autobuf struct buf got = BUF_INIT;

		CU_ASSERT_EQUAL(edit_set(&got, slice_of(cases[i].text), "meta.name", "n"), 0);
		CU_ASSERT_STRING_EQUAL(buf_str(&got), cases[i].wanted);
	}
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "a line of its own", test_lines },
		{ "lists in one line", test_one_line },
		{ "lists that are not there", test_missing },
		{ "several, in order", test_several },
		{ "texts without a place", test_refused },
		{ "entries with lines of their own go", test_removed_lines },
		{ "entries in a line go", test_removed },
		{ "entries are replaced", test_replaced },
		{ "what is no entry", test_no_change },
		{ "a string is set", test_set },
	};

	return unit_run("edit", tests, UNIT_COUNT(tests));
}
