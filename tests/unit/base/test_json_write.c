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

/* The form that is hashed: spec 07 section 6.2, byte for byte. */
static void
test_canonical(void)
{
	autobuf struct buf b = BUF_INIT;
	struct json j = JSON_CANONICAL_INIT(&b, 1000);

	json_object(&j, NULL);
	json_string(&j, "s", "\"\\\b\f\n\r\t\001\037\177/\xc3\xa9\xff<>");
	json_array(&j, "a");
	json_number(&j, NULL, UINT64_MAX);
	json_integer(&j, NULL, INT64_MIN);
	json_integer(&j, NULL, 0);
	json_boolean(&j, NULL, false);
	json_null(&j, NULL);
	json_value(&j, NULL, slice_of("{\"x\":[]}"));
	json_end(&j);
	json_end(&j);
	CU_ASSERT_EQUAL(json_finish(&j), 0);
	CU_ASSERT_STRING_EQUAL(
		buf_str(&b),
		"{\"s\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\177/\xc3\xa9\xef\xbf\xbd<>\","
		"\"a\":[18446744073709551615,-9223372036854775808,0,false,null,{\"x\":[]}]}");
}

/* At the limit, and one byte above it. */
static void
test_limit(void)
{
	for (size_t max = 0; max <= 8; max++) {
		autobuf struct buf b = BUF_INIT;
		struct json j = JSON_CANONICAL_INIT(&b, max);

		json_array(&j, NULL);
		json_string(&j, NULL, "abcd");
		json_end(&j);
		CU_ASSERT_EQUAL(json_finish(&j), max < 8 ? -E2BIG : 0);
		CU_ASSERT_TRUE(b.n <= max);
	}
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
	for (int depth = JSON_LEVELS_MAX; depth <= JSON_LEVELS_MAX + 1; depth++) {
		autobuf struct buf b = BUF_INIT;
		struct json j = JSON_INIT(&b);

		for (int i = 0; i < depth; i++)
			json_array(&j, NULL);
		for (int i = 0; i < depth; i++)
			json_end(&j);
		CU_ASSERT_EQUAL(json_finish(&j), depth == JSON_LEVELS_MAX ? 0 : -EINVAL);
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
		{ "layout", test_layout },
		{ "escapes", test_escapes },
		{ "canonical form", test_canonical },
		{ "limit", test_limit },
		{ "bytes", test_bytes },
		{ "depth", test_depth },
		{ "misuse", test_misuse },
	};

	return unit_run("json_write", tests, UNIT_COUNT(tests));
}
