/* Secrets of a command line are not shown; everything beside them is. */
#include <string.h>

#include "base/attr.h"
#include "cli/redact.h"
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
	{ { "X-Api-Key:1" }, "X-Api-Key: [REDACTED]" },
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

/* Names of the configuration: more of them, and built-in ones that are shown. */
static void
test_rules(void)
{
	static const char *const flags[] = { "--pin" }, *const headers[] = { "X-Pin" };
	static const char *const keys[] = { "pin" }, *const shown[] = { "--auth", "state", "pin" };
	static const struct redact_rules rules = {
		{ flags, 1 },
		{ headers, 1 },
		{ keys, 1 },
		{ shown, 3 },
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
	};

	return unit_run("redact", tests, UNIT_COUNT(tests));
}
