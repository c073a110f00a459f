/* JSON: exact layout, escapes, bytes that are not UTF-8, misuse. */
#include <errno.h>

#include "base/json_write.h"
#include "tests/harness/unit.h"

static void
test_layout(void)
{
	autobuf struct buf b = BUF_INIT;
	struct json j = JSON_INIT(&b);

	json_object(&j, NULL);
	json_string(&j, "name", "x");
	json_array(&j, "list");
	json_number(&j, NULL, 1);
	json_boolean(&j, NULL, true);
	json_null(&j, NULL);
	json_end(&j);
	json_array(&j, "none");
	json_end(&j);
	json_object(&j, "empty");
	json_end(&j);
	json_end(&j);
	CU_ASSERT_EQUAL(json_finish(&j), 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&b), "{\n"
					    "  \"name\": \"x\",\n"
					    "  \"list\": [\n"
					    "    1,\n"
					    "    true,\n"
					    "    null\n"
					    "  ],\n"
					    "  \"none\": [],\n"
					    "  \"empty\": {}\n"
					    "}\n");
}

static void
test_escapes(void)
{
	autobuf struct buf b = BUF_INIT;
	struct json j = JSON_INIT(&b);

	json_string(&j, NULL, "\"\\\n\t\001\177\xc3\xa9/");
	CU_ASSERT_EQUAL(json_finish(&j), 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&b), "\"\\\"\\\\\\n\\t\\u0001\\u007f\xc3\xa9/\"\n");
}

static void
test_bytes(void)
{
	autobuf struct buf b = BUF_INIT;
	struct json j = JSON_INIT(&b);

	json_object(&j, NULL);
	json_bytes(&j, "good", "\xc3\xa9");
	json_bytes(&j, "path",
		   "a\xff"
		   "b");
	json_base64(&j, "one", "a");
	json_base64(&j, "two", "ab");
	json_base64(&j, "none", "");
	json_end(&j);
	CU_ASSERT_EQUAL(json_finish(&j), 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&b), "{\n"
					    "  \"good\": \"\xc3\xa9\",\n"
					    "  \"path\": \"a\xef\xbf\xbd"
					    "b\",\n"
					    "  \"path_b64\": \"Yf9i\",\n"
					    "  \"one\": \"YQ==\",\n"
					    "  \"two\": \"YWI=\",\n"
					    "  \"none\": \"\"\n"
					    "}\n");
}

static void
test_depth(void)
{
	for (int depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
		autobuf struct buf b = BUF_INIT;
		struct json j = JSON_INIT(&b);

		for (int i = 0; i < depth; i++)
			json_array(&j, NULL);
		for (int i = 0; i < depth; i++)
			json_end(&j);
		CU_ASSERT_EQUAL(json_finish(&j), depth == JSON_DEPTH_MAX ? 0 : -EINVAL);
	}
}

static void
test_misuse(void)
{
	autobuf struct buf b = BUF_INIT;
	struct json j = JSON_INIT(&b), k = JSON_INIT(&b), l = JSON_INIT(&b);

	json_object(&j, NULL);
	CU_ASSERT_EQUAL(json_finish(&j), -EINVAL);
	json_object(&k, NULL);
	json_string(&k, NULL, "no key");
	json_end(&k);
	CU_ASSERT_EQUAL(json_finish(&k), -EINVAL);
	json_end(&l);
	CU_ASSERT_EQUAL(json_finish(&l), -EINVAL);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "layout", test_layout }, { "escapes", test_escapes }, { "bytes", test_bytes },
		{ "depth", test_depth },   { "misuse", test_misuse },
	};

	return unit_run("json_write", tests, UNIT_COUNT(tests));
}
