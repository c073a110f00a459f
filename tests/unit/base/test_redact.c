/* Secrets of a command line are not shown; everything beside them is. */
#include <string.h>

#include "base/attr.h"
#include "base/redact.h"
#include "tests/harness/unit.h"

struct variant {
	const char *words[4];
	const char *shown; /* joined by '|' */
};

static const struct variant variants[] = {
	{ { "--token", "abc", "x" }, "--token|[REDACTED]|x" },
	{ { "--TOKEN=abc" }, "--TOKEN=[REDACTED]" },
	{ { "--tokens", "abc" }, "--tokens|abc" },
	{ { "-H", "Authorization: x" }, "-H|Authorization: [REDACTED]" },
	{ { "-H", "Accept: x" }, "-H|Accept: x" },
	{ { "--header=Cookie: a=b" }, "--header=Cookie: [REDACTED]" },
	{ { "-H", "authorization:" }, "-H|authorization: [REDACTED]" },
	{ { "-H=Authorization: x" }, "-H=Authorization: [REDACTED]" },
	{ { "-h", "Authorization: x" }, "-h|Authorization: [REDACTED]" },
	{ { "-h=Authorization: x" }, "-h=Authorization: x" },
	{ { "--HEADER", " Cookie : a" }, "--HEADER| Cookie : [REDACTED]" },
	{ { "--token", "--token", "x" }, "--token|[REDACTED]|x" },
	{ { "--token" }, "--token" },
	{ { "--token", "a", "--format=json" }, "--token|[REDACTED]|--format=json" },
	{ { "X-Api-Key:1" }, "X-Api-Key:[REDACTED]" },
	{ { "X-Api-Key: \t1" }, "X-Api-Key: \t[REDACTED]" },
	{ { "X-Api-Key:" }, "X-Api-Key:[REDACTED]" },
	{ { "https://a:@h" }, "https://a:[REDACTED]@h" },
	{ { "https://:p@h" }, "https://:[REDACTED]@h" },
	{ { "https://a:p\"w@h" }, "https://a:[REDACTED]@h" },
	{ { "https://h:80/x@y" }, "https://h:80/x@y" },
	{ { "https://h/a?token=1&format=json&nonce=2" },
	  "https://h/a?token=[REDACTED]&format=json&nonce=[REDACTED]" },
	{ { "h?a=1?Key=2 b&token=3" }, "h?a=1?Key=[REDACTED] b&token=3" },
	{ { "?x=://y&token=x:p@h&b=1" }, "?x=://y&token=[REDACTED]&b=1" },
	{ { "h?token&x=1" }, "h?token&x=1" },
	{ { "h?u=https://a:b@c&code=" }, "h?u=https://a:[REDACTED]@c&code=[REDACTED]" },
	{ { "https://u:pw@h/p" }, "https://u:[REDACTED]@h/p" },
	{ { "https://u:p@w@h/p" }, "https://u:[REDACTED]@h/p" },
	{ { "https://u@h:80/p" }, "https://u@h:80/p" },
	{ { "a://u:1@h b://v:2@i" }, "a://u:[REDACTED]@h b://v:[REDACTED]@i" },
	{ { "h?token=1&page=2;key=3#key=4" }, "h?token=[REDACTED]&page=2;key=[REDACTED]#key=4" },
	{ { "key=1" }, "key=1" },
	{ { "\xff\x01" }, "\xff\x01" },
	{ { "" }, "" },
};

static void
test_words(void)
{
	for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
		autobuf struct buf b = BUF_INIT;
		struct redact state = { 0 };

		for (size_t w = 0; w < 4 && variants[i].words[w]; w++) {
			if (w > 0)
				CU_ASSERT_EQUAL(buf_addc(&b, '|'), 0);
			CU_ASSERT_EQUAL(redact_word(&state, &b, variants[i].words[w]), 0);
		}
		CU_ASSERT_STRING_EQUAL(buf_str(&b), variants[i].shown);
		if (strcmp(buf_str(&b), variants[i].shown) != 0)
			printf("# %s\n", buf_str(&b));
	}
}

/* What was redacted once stays as it is. */
static void
test_twice(void)
{
	for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
		struct redact first = { 0 }, second = { 0 };

		for (size_t w = 0; w < 4 && variants[i].words[w]; w++) {
			autobuf struct buf once = BUF_INIT, twice = BUF_INIT;

			CU_ASSERT_EQUAL(redact_word(&first, &once, variants[i].words[w]), 0);
			CU_ASSERT_EQUAL(redact_word(&second, &twice, buf_str(&once)), 0);
			CU_ASSERT_STRING_EQUAL(buf_str(&twice), buf_str(&once));
		}
	}
}

static void
test_variables(void)
{
	CU_ASSERT_TRUE(redact_is_secret_variable(slice_of("GITHUB_TOKEN"), NULL));
	CU_ASSERT_TRUE(redact_is_secret_variable(slice_of("github_token"), NULL));
	CU_ASSERT_FALSE(redact_is_secret_variable(slice_of("GITHUB_TOKENS"), NULL));
	CU_ASSERT_FALSE(redact_is_secret_variable(slice_of("PATH"), NULL));
	CU_ASSERT_FALSE(redact_is_secret_variable(slice_of(""), NULL));
}

/* Names of the configuration: more of them, and built-in ones that are shown. */
static void
test_rules(void)
{
	static const char *const flags[] = { "--pin" }, *const headers[] = { "X-Pin" };
	static const char *const keys[] = { "pin" }, *const shown[] = { "--auth", "state", "pin" };
	static const struct redact_rules rules = {
		.flags = { flags, 1 },
		.headers = { headers, 1 },
		.query_keys = { keys, 1 },
		.shown = { shown, 3 },
	};
	static const struct {
		const char *word, *shown;
	} words[] = {
		{ "--PIN=1", "--PIN=[REDACTED]" },
		{ "--token=1", "--token=[REDACTED]" },
		{ "--auth=1", "--auth=1" },
		{ "x-pin: 1", "x-pin: [REDACTED]" },
		{ "h?state=1&pin=2&code=3", "h?state=1&pin=[REDACTED]&code=[REDACTED]" },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		autobuf struct buf b = BUF_INIT;
		struct redact state = { .rules = &rules };

		CU_ASSERT_EQUAL(redact_word(&state, &b, words[i].word), 0);
		CU_ASSERT_STRING_EQUAL(buf_str(&b), words[i].shown);
	}
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "words", test_words },
		{ "names of the configuration", test_rules },
		{ "twice", test_twice },
		{ "variables", test_variables },
	};

	return unit_run("redact", tests, UNIT_COUNT(tests));
}
