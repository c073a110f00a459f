/* Events and notes: exact bytes, redaction, bytes that are not UTF-8, limits. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/internal.h"
#include "base/alloc.h"
#include "tests/harness/unit.h"

static void
test_golden(void)
{
	autobuf struct buf started = BUF_INIT, ended = BUF_INIT;
	static const char *const argv[] = { "pwd" };
	struct words command = WORDS_INIT;

	CU_ASSERT_EQUAL(words_add_command(&command, argv, 1, NULL), 0);
	CU_ASSERT_EQUAL(event_started(&started, "2026-04-21T20:00:00Z", &command, NULL), 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&started),
			       "{\"type\":\"session_started\",\"started\":\"2026-04-21T20:00:00Z\","
			       "\"command\":[\"pwd\"]}");
	CU_ASSERT_EQUAL(event_ended(&ended, "2026-04-21T20:00:01Z", 0), 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&ended),
			       "{\"type\":\"session_ended\",\"ended\":\"2026-04-21T20:00:01Z\","
			       "\"exit_code\":0}");
	words_clear(&command);
}

/* Rules of the user's own: what differs is told, sorted and in lower case; nothing when equal. */
static void
test_redaction_policy(void)
{
	static const char *const flags[] = { "--Zeta", "--alpha", "--token", "--zeta" };
	static const char *const variables[] = { "MY_KEY" };
	static const char *const shown[] = { "state", "gh_token", "--auth", "unknown", "--alpha" };
	static const char *const same[] = { "--token" };
	static const char *const argv[] = { "--alpha", "1", "--auth", "2", "h?state=3&code=4" };
	const struct redact_rules rules = {
		.flags = { flags, ARRAY_LEN(flags) },
		.variables = { variables, ARRAY_LEN(variables) },
		.shown = { shown, ARRAY_LEN(shown) },
	};
	const struct redact_rules equal = { .flags = { same, ARRAY_LEN(same) } };
	autobuf struct buf b = BUF_INIT;
	struct words command = WORDS_INIT;

	CU_ASSERT_EQUAL(words_add_command(&command, argv, ARRAY_LEN(argv), &rules), 0);
	CU_ASSERT_EQUAL(event_started(&b, "T", &command, &rules), 0);
	CU_ASSERT_STRING_EQUAL(
		buf_str(&b),
		"{\"type\":\"session_started\",\"started\":\"T\",\"command\":[\"--alpha\","
		"\"[REDACTED]\",\"--auth\",\"2\",\"h?state=3&code=[REDACTED]\"],"
		"\"redaction_policy\":{\"added_flags\":[\"--alpha\",\"--zeta\"],"
		"\"removed_flags\":[\"--auth\"],"
		"\"removed_query_keys\":[\"state\"],\"added_env_vars\":[\"my_key\"],"
		"\"removed_env_vars\":[\"gh_token\"]}}");
	buf_reset(&b);
	words_clear(&command);
	CU_ASSERT_EQUAL(event_started(&b, "T", &command, &equal), 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&b),
			       "{\"type\":\"session_started\",\"started\":\"T\",\"command\":[]}");
}

static void
test_command(void)
{
	static const char *const argv[] = {
		"a\"b\\",  "",	     "\n\t\r\b\f\001\177", "\xf0\x9f\x98\x80", "\xff",
		"--token", "geheim", "https://u:p@h"
	};
	autobuf struct buf b = BUF_INIT, raw = BUF_INIT;
	struct words command = WORDS_INIT;
	bool any = false;

	CU_ASSERT_EQUAL(words_add_command(&command, argv, ARRAY_LEN(argv), NULL), 0);
	CU_ASSERT_EQUAL(event_started(&b, "T", &command, NULL), 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&b),
			       "{\"type\":\"session_started\",\"started\":\"T\",\"command\":["
			       "\"a\\\"b\\\\\",\"\",\"\\n\\t\\r\\b\\f\\u0001\177\","
			       "\"\xf0\x9f\x98\x80\",\"\xef\xbf\xbd\",\"--token\",\"[REDACTED]\","
			       "\"https://u:[REDACTED]@h\"]}");
	CU_ASSERT_EQUAL(note_raw(&raw, &command, &any), 0);
	CU_ASSERT_TRUE(any);
	CU_ASSERT_STRING_EQUAL(buf_str(&raw),
			       "{\"kind\":\"raw\",\"field\":\"command\",\"words\":[[4,\"/w==\"]]}");
	words_clear(&command);
}

static void
test_runtime(void)
{
	const bool enforced = true;
	struct audit_runtime r = { .when = { 1, 5 }, .tool_sandbox_active = false };
	autobuf struct buf b = BUF_INIT;

	CU_ASSERT_EQUAL(event_runtime(&b, &r), 0);
	CU_ASSERT_STRING_EQUAL(
		buf_str(&b),
		"{\"type\":\"sandbox_runtime\",\"event\":{"
		"\"timestamp\":\"1970-01-01T00:00:01.000000005+00:00\",\"platform\":\"linux\","
		"\"tool_sandbox_active\":false}}");
	buf_reset(&b);
	r.landlock_abi = "V6";
	r.landlock_execute_enforced = &enforced;
	CU_ASSERT_EQUAL(event_runtime(&b, &r), 0);
	CU_ASSERT_STRING_EQUAL(
		buf_str(&b),
		"{\"type\":\"sandbox_runtime\",\"event\":{"
		"\"timestamp\":\"1970-01-01T00:00:01.000000005+00:00\",\"platform\":\"linux\","
		"\"landlock_abi\":\"V6\",\"landlock_execute_enforced\":true,"
		"\"tool_sandbox_active\":false}}");
}

static void
test_policy(void)
{
	static const struct audit_grant grants[] = {
		{ "/w", "user", AUDIT_READ | AUDIT_WRITE },
		{ "/r\xff", "agent", AUDIT_READ },
	};
	static const char *const environment[] = { "PATH=/bin", "OPENAI_API_KEY=x", "no-equals",
						   "B=" };
	const struct audit_policy p = {
		.workdir = "/w",
		.network = "blocked",
		.grants = grants,
		.grant_count = ARRAY_LEN(grants),
		.system_grant_count = 57,
		.deny_count = 12,
		.environment = environment,
		.environment_count = ARRAY_LEN(environment),
	};
	struct words none = WORDS_INIT;
	autobuf struct buf b = BUF_INIT;

	/* The hash is of PATH, OPENAI_API_KEY and B: the secret's name counts, it is not shown. */
	CU_ASSERT_EQUAL(note_policy(&b, &p, &none, &none, NULL), 0);
	CU_ASSERT_STRING_EQUAL(
		buf_str(&b),
		"{\"kind\":\"policy\",\"profile\":null,\"workdir\":\"/w\",\"network\":\"blocked\","
		"\"grants\":[{\"path\":\"/w\",\"access\":\"readwrite\",\"source\":\"user\"},"
		"{\"path\":\"/r\xef\xbf\xbd\",\"access\":\"read\",\"source\":\"agent\"}],"
		"\"grants_cut\":0,\"system_grants\":57,\"denies\":12,"
		"\"environment_names\":[\"PATH\",\"[REDACTED]\",\"B\"],\"environment_count\":3,"
		"\"env_name_hash\":\"f98eceffc2b4ed5effe27cdbe813fa43cb3099b9bcab40ba165179e1057fd738\","
		"\"command_cut\":0,\"tracked_paths_cut\":0}");
}

/* Exactly as many grants and names as are shown, and one more. */
static void
test_policy_limits(void)
{
	static struct audit_grant grants[AUDIT_GRANTS_MAX + 1];
	const char *environment[65];
	char longest[3][140];
	struct audit_policy p = {
		.workdir = "/", .network = "allowed", .grants = grants, .environment = environment
	};
	struct words none = WORDS_INIT;

	for (size_t i = 0; i < ARRAY_LEN(grants); i++)
		grants[i] = (struct audit_grant){ "/p", "user", AUDIT_READ };
	for (size_t i = 0; i < ARRAY_LEN(environment); i++)
		environment[i] = "NAME=";
	for (size_t i = 0; i < 3; i++) {
		memset(longest[i], 'N', 127 + i);
		longest[i][127 + i] = '=';
		longest[i][128 + i] = '\0';
		environment[i] = longest[i];
	}
	for (size_t extra = 0; extra <= 1; extra++) {
		autobuf struct buf b = BUF_INIT;
		char text[32];

		p.grant_count = AUDIT_GRANTS_MAX + extra;
		p.environment_count = 64 + extra;
		CU_ASSERT_EQUAL(note_policy(&b, &p, &none, &none, NULL), 0);
		(void)snprintf(text, sizeof(text), "\"grants_cut\":%zu,", extra);
		CU_ASSERT_PTR_NOT_NULL(strstr(buf_str(&b), text));
		(void)snprintf(text, sizeof(text), "\"environment_count\":%zu,", 64 + extra);
		CU_ASSERT_PTR_NOT_NULL(strstr(buf_str(&b), text));
		/* 127 and 128 bytes are shown whole, 129 not. */
		longest[0][127] = longest[1][128] = '"';
		CU_ASSERT_PTR_NOT_NULL(strstr(buf_str(&b), longest[0]));
		CU_ASSERT_PTR_NOT_NULL(strstr(buf_str(&b), longest[1]));
		CU_ASSERT_PTR_NOT_NULL(strstr(buf_str(&b), "N...\""));
		longest[0][127] = longest[1][128] = '=';
	}
}

/* Words up to the limit are kept whole; the next byte shortens, whole paths are left out. */
static void
test_words(void)
{
	enum { MAX = AUDIT_WORDS_BYTES_MAX };
	char *text = mem_calloc(MAX + 2, 1);
	struct words w = WORDS_INIT;

	memset(text, 'x', MAX + 1);
	CU_ASSERT_EQUAL(words_add(&w, (struct slice){ text, MAX - 1 }), 0);
	CU_ASSERT_TRUE(w.count == 1 && w.cut == 0 && w.text.n == MAX);
	CU_ASSERT_EQUAL(words_add(&w, slice_of("")), 0);
	CU_ASSERT_TRUE(w.count == 1 && w.cut == 1 && w.text.n == MAX);
	words_clear(&w);

	CU_ASSERT_EQUAL(words_add(&w, (struct slice){ text, MAX }), 0);
	CU_ASSERT_TRUE(w.count == 1 && w.cut == 1 && w.text.n == MAX);
	CU_ASSERT_STRING_EQUAL(w.text.p + MAX - 5, "x...");
	CU_ASSERT_EQUAL(words_add(&w, slice_of("later")), 0);
	CU_ASSERT_TRUE(w.count == 1 && w.cut == 2);
	words_clear(&w);

	CU_ASSERT_EQUAL(words_add_whole(&w, (struct slice){ text, MAX }), 0);
	CU_ASSERT_TRUE(w.count == 0 && w.cut == 1);
	CU_ASSERT_PTR_NULL(words_next(&w, NULL));
	words_clear(&w);

	/* Never within a character. */
	memcpy(text + MAX - 6, "\xf0\x9f\x98\x80", 4);
	CU_ASSERT_EQUAL(words_add(&w, (struct slice){ text, MAX }), 0);
	CU_ASSERT_STRING_EQUAL(w.text.p + MAX - 8, "xx...");
	CU_ASSERT_TRUE(w.count == 1 && w.cut == 1);
	words_clear(&w);
	mem_free(text);
}

/* The worst command line there can be still fits an event, with its raw words too. */
static void
test_worst(void)
{
	static const char *argv[AUDIT_WORDS_BYTES_MAX];
	static const char *const words[] = { "\001", "\xff", "", "\"" };

	for (size_t k = 0; k < ARRAY_LEN(words); k++) {
		autobuf struct buf event = BUF_INIT, raw = BUF_INIT;
		struct words w = WORDS_INIT;
		bool any;

		for (size_t i = 0; i < ARRAY_LEN(argv); i++)
			argv[i] = words[k];
		CU_ASSERT_EQUAL(words_add_command(&w, argv, ARRAY_LEN(argv), NULL), 0);
		CU_ASSERT_EQUAL(w.cut + w.count, ARRAY_LEN(argv));
		CU_ASSERT_EQUAL(event_started(&event, "T", &w, NULL), 0);
		CU_ASSERT_EQUAL(note_raw(&raw, &w, &any), 0);
		words_clear(&w);
	}
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "golden events", test_golden }, { "redaction policy", test_redaction_policy },
		{ "command", test_command },	  { "sandbox_runtime", test_runtime },
		{ "policy", test_policy },	  { "policy: limits", test_policy_limits },
		{ "words: limits", test_words },  { "longest command", test_worst },
	};

	return unit_run("event", tests, UNIT_COUNT(tests));
}
