/* The notice about a newer version: the cache, versions, addresses. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "cli/update.h"
#include "tests/harness/unit.h"

static void
test_cache(void)
{
	static const char good[] =
		"{\n  \"uuid\": \"x\", \"last_check\": 1.5e3, \"list\": [1, {\"a\": null}, []],\n"
		"  \"latest_version\": \"9.9.9\",\n"
		"  \"cached_result\": {\"latest_version\": \"1.2.3\", \"update_available\": true,\n"
		"    \"message\": \"a\\n\\u001b[31mb\\\"\", \"release_url\": \"https://x/\",\n"
		"    \"inner\": {\"latest_version\": \"8.8.8\"}}\n}\n";
	static const char *const wrong[] = {
		"",
		"[]",
		"x",
		"{",
		"{\"a\"}",
		"{\"a\":}",
		"{\"a\":1,}",
		"{\"a\":1}x",
		"{\"a\":\"\\x\"}",
		"{\"a\":\"\\u12g\"}",
		"{\"a\":tru}",
		"{\"a\":[1}",
		"{\"a\":\"\n\"}",
		"{\"a\":\"",
		"{a:1}",
		"{\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}",
	};
	struct update_cache c;

	CU_ASSERT_EQUAL_FATAL(update_parse(&c, slice_of(good)), 0);
	CU_ASSERT_TRUE(c.available);
	CU_ASSERT_STRING_EQUAL(c.version, "1.2.3");
	CU_ASSERT_STRING_EQUAL(c.message, "a\n\033[31mb\"");
	CU_ASSERT_STRING_EQUAL(c.url, "https://x/");
	CU_ASSERT_EQUAL(update_parse(&c, slice_of("{\"cached_result\": null}")), 0);
	CU_ASSERT_FALSE(c.available);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		CU_ASSERT_EQUAL(update_parse(&c, slice_of(wrong[i])), -EBADMSG);
}

/* Every beginning of a good cache is a bad one, and no byte behind the end is read. */
static void
test_cut(void)
{
	static const char text[] =
		"{\"cached_result\":{\"latest_version\":\"1\\u0041\",\"n\":[-1]}}";
	struct update_cache c;

	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		char *exact = malloc(n ? n : 1);

		CU_ASSERT_PTR_NOT_NULL_FATAL(exact);
		memcpy(exact, text, n);
		CU_ASSERT_EQUAL(update_parse(&c, (struct slice){ exact, n }), -EBADMSG);
		free(exact);
	}
	CU_ASSERT_EQUAL(update_parse(&c, slice_of(text)), 0);
	CU_ASSERT_STRING_EQUAL(c.version, "1A");
}

static void
test_limits(void)
{
	autobuf struct buf b = BUF_INIT;
	struct update_cache c;
	int r = buf_adds(&b, "{\"cached_result\":{\"message\":\"");

	for (int i = 0; i < UPDATE_MESSAGE_MAX; i++)
		r |= buf_addc(&b, 'm');
	r |= buf_adds(&b, "\"}}");
	CU_ASSERT_EQUAL(update_parse(&c, (struct slice){ b.p, b.n }), 0);
	CU_ASSERT_EQUAL(strlen(c.message), UPDATE_MESSAGE_MAX - 1);
	while (b.n < UPDATE_BYTES_MAX)
		r |= buf_addc(&b, ' ');
	CU_ASSERT_EQUAL(update_parse(&c, (struct slice){ b.p, b.n }), 0);
	r |= buf_addc(&b, ' ');
	CU_ASSERT_EQUAL(update_parse(&c, (struct slice){ b.p, b.n }), -EBADMSG);
	CU_ASSERT_EQUAL(r, 0);
}

static void
test_versions(void)
{
	CU_ASSERT_TRUE(update_is_newer("0.1.1", "0.1.0"));
	CU_ASSERT_TRUE(update_is_newer("v1.0", "0.9.9"));
	CU_ASSERT_TRUE(update_is_newer("0.10.0", "0.9.0"));
	CU_ASSERT_TRUE(update_is_newer("0.1.0.1", "0.1.0"));
	CU_ASSERT_FALSE(update_is_newer("0.1.0", "0.1.0"));
	CU_ASSERT_FALSE(update_is_newer("0.1", "0.1.0"));
	CU_ASSERT_FALSE(update_is_newer("0.0.9", "0.1.0"));
	CU_ASSERT_FALSE(update_is_newer("x", "0.1.0"));
	CU_ASSERT_FALSE(update_is_newer("", "0.1.0"));
	CU_ASSERT_FALSE(update_is_newer("0.1.0-rc1", "0.1.0"));
	CU_ASSERT_TRUE(update_is_newer("0.2.0-rc1", "0.1.0"));
	CU_ASSERT_FALSE(update_is_newer("99999999999999999999", "0.1.0"));
}

static void
test_addresses(void)
{
	CU_ASSERT_TRUE(update_url_is_allowed("https://example.org/x"));
	CU_ASSERT_TRUE(update_url_is_allowed("http://127.0.0.1:8080/"));
	CU_ASSERT_TRUE(update_url_is_allowed("http://[::1]/x"));
	CU_ASSERT_TRUE(update_url_is_allowed("http://localhost"));
	CU_ASSERT_FALSE(update_url_is_allowed("http://localhost.example.org/"));
	CU_ASSERT_FALSE(update_url_is_allowed("http://example.org/"));
	CU_ASSERT_FALSE(update_url_is_allowed("https://"));
	CU_ASSERT_FALSE(update_url_is_allowed("ftp://example.org/"));
	CU_ASSERT_FALSE(update_url_is_allowed(""));
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "cache", test_cache },	 { "cut short", test_cut },
		{ "limits", test_limits },	 { "versions", test_versions },
		{ "addresses", test_addresses },
	};

	return unit_run("update", tests, UNIT_COUNT(tests));
}
