/* The object of --diagnostics-json: exact for the plain cases, by its parts for the others. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "tests/harness/record_sample.h"
#include "tests/harness/unit.h"

static char *
object(const struct record_sample *s)
{
	autobuf struct buf b = BUF_INIT;
	struct verdict v;

	if (verdict_find(&v, &s->session) < 0 || diagnostics_json(&b, &s->session, &v) < 0)
		abort();
	verdict_clear(&v);
	return buf_take(&b);
}

static void
expect(const struct record_sample *s, const char *wanted)
{
	autofree char *got = object(s), *text = record_sample_text(s, wanted);
	bool equal = got && text && str_equal(got, text);

	if (!equal)
		printf("--- got\n%s--- wanted\n%s---\n", got, text);
	CU_ASSERT_TRUE(equal);
}

static void
test_success(void)
{
	struct record_sample s;

	CU_ASSERT_TRUE_FATAL(record_sample_make(&s, PLAN_NET_ALLOWED));
	record_sample_exit(&s, 0, NULL);
	expect(&s, "{\n  \"session\": {\n    \"exit_code\": 0,\n    \"origin\": \"child\",\n"
		   "    \"denials\": [],\n    \"ipc_denials\": [],\n    \"violations\": [],\n"
		   "    \"diagnostics\": []\n  }\n}\n");
	record_sample_clear(&s);
}

static void
test_guess(void)
{
	struct record_sample s;

	CU_ASSERT_TRUE_FATAL(record_sample_make(&s, PLAN_NET_ALLOWED));
	record_sample_exit(&s, 1, "cat: @/out/file: Permission denied\n");
	/* A guess is no denial: that list holds what was seen. */
	expect(&s, "{\n  \"session\": {\n    \"exit_code\": 1,\n    \"origin\": \"child\",\n"
		   "    \"denials\": [],\n    \"ipc_denials\": [],\n    \"violations\": [],\n"
		   "    \"diagnostics\": [\n      {\n"
		   "        \"code\": \"sandbox_denied_path\",\n"
		   "        \"severity\": \"error\",\n"
		   "        \"message\": \"the sandbox refused access to a path\",\n"
		   "        \"hint\": \"--read-file @/out/file\",\n"
		   "        \"remediation\": {\n"
		   "          \"kind\": \"grant_path\",\n"
		   "          \"path\": \"@/out/file\",\n"
		   "          \"access\": \"Read\",\n"
		   "          \"is_file\": true\n        },\n"
		   "        \"path\": \"@/out/file\",\n"
		   "        \"access\": \"Read\",\n"
		   "        \"detail\": {\n"
		   "          \"kind\": \"stderr_observation\",\n"
		   "          \"observation_kind\": \"permission_denied\",\n"
		   "          \"line\": \"cat: @/out/file: Permission denied\"\n"
		   "        }\n      }\n    ]\n  }\n}\n");
	record_sample_clear(&s);
}

/* The first diagnostic has this code and severity; "" where there is none. */
static void
expect_code(const struct record_sample *s, const char *code, const char *severity)
{
	autofree char *text = object(s);
	cJSON *root = cJSON_Parse(text);
	const cJSON *session = cJSON_GetObjectItemCaseSensitive(root, "session");
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(session, "diagnostics");
	const cJSON *item = cJSON_GetArrayItem(list, 0);
	const char *got = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "code"));
	const char *how = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "severity"));

	CU_ASSERT_PTR_NOT_NULL(root);
	CU_ASSERT_STRING_EQUAL(got ? got : "", code);
	CU_ASSERT_STRING_EQUAL(how ? how : "", severity);
	cJSON_Delete(root);
}

static void
test_codes(void)
{
	struct record_sample s;
	struct record_facts *f = &s.session.facts;

	CU_ASSERT_TRUE_FATAL(record_sample_make(&s, PLAN_NET_BLOCKED));
	record_sample_exit(&s, 3, NULL);
	expect_code(&s, "command_failed_application", "info");
	record_sample_exit(&s, 3, "cat: @/gone: No such file or directory\n");
	expect_code(&s, "command_failed_application", "info");
	record_sample_exit(&s, 3, "already exists\n");
	expect_code(&s, "command_failed_application", "info");
	record_sample_exit(&s, 3, "Could not resolve host: x\n");
	expect_code(&s, "sandbox_denied_network", "error");
	record_sample_exit(&s, 0, "cat: @/out/file: Permission denied\n");
	expect_code(&s, "sandbox_denied_path", "warning");
	record_sample_exit(&s, 137, NULL);
	f->flags = RECORD_STARTUP_TIMEOUT;
	expect_code(&s, "cancelled", "error");
	record_sample_exit(&s, 127, NULL);
	f->end = RECORD_NOT_STARTED;
	f->step = RECORD_STEP_EXEC;
	f->error = ENOENT;
	expect_code(&s, "command_not_found", "error");
	f->exit_code = 126;
	expect_code(&s, "command_failed_likely_sandbox", "error");
	f->step = RECORD_STEP_SETUP;
	expect_code(&s, "other", "error");
	record_sample_clear(&s);
}

static void
test_observed(void)
{
	static struct record_denial d[3] = {
		{ .operation = RECORD_OPEN,
		  .access = PLAN_READ | PLAN_WRITE,
		  .reason = RECORD_RATE_LIMITED,
		  .target = "/nowhere/a\033[31mb\377" },
		{ .operation = RECORD_BIND,
		  .reason = RECORD_SOCKET_DENIED,
		  .target = "/run/x y.sock" },
		{ .operation = RECORD_SEND,
		  .reason = RECORD_POLICY_BLOCKED,
		  .target = "unix:<abstract>" },
	};
	static const char *const parts[] = {
		/* Nothing that a terminal would act on, and the exact bytes beside it. */
		"\"path\": \"/nowhere/ab\xef\xbf\xbd\",\n"
		"        \"path_b64\": \"L25vd2hlcmUvYRtbMzFtYv8=\",\n"
		"        \"access\": \"ReadWrite\",\n"
		"        \"reason\": \"RateLimited\"\n",
		"\"target\": \"/run/x y.sock\",\n        \"operation\": \"bind\",\n"
		"        \"reason\": \"UnixSocketDenied\",\n"
		"        \"remediation\": {\n          \"kind\": \"grant_unix_socket\",\n"
		"          \"path\": \"/run/x y.sock\",\n          \"bind\": true\n        },\n"
		"        \"suggested_flag\": \"--allow-unix-socket-bind '/run/x y.sock'\"\n",
		"\"target\": \"unix:<abstract>\",\n        \"operation\": \"send\",\n"
		"        \"reason\": \"PolicyBlocked\",\n"
		"        \"remediation\": {\n          \"kind\": \"check_policy\"\n        }\n",
		"\"kind\": \"supervised_denial\",\n          \"reason\": \"RateLimited\"\n",
		"\"kind\": \"ipc_denial\",\n          \"operation\": \"bind\",\n"
		"          \"target\": \"/run/x y.sock\",\n"
		"          \"ipc_reason\": \"UnixSocketDenied\"\n",
		"\"code\": \"sandbox_denied_unix_socket\"",
	};
	struct record_sample s;
	autofree char *text = NULL;
	cJSON *root;

	CU_ASSERT_TRUE_FATAL(record_sample_make(&s, PLAN_NET_ALLOWED));
	record_sample_denials(&s, d, ARRAY_LEN(d));
	text = object(&s);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (!strstr(text, parts[i]))
			printf("    lacks: %s\n", parts[i]);
		CU_ASSERT_PTR_NOT_NULL(strstr(text, parts[i]));
	}
	CU_ASSERT_PTR_NULL(strchr(text, '\033'));
	root = cJSON_Parse(text);
	CU_ASSERT_PTR_NOT_NULL(root);
	cJSON_Delete(root);
	record_sample_clear(&s);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "success", test_success },
		{ "a guess", test_guess },
		{ "code and severity", test_codes },
		{ "what the broker saw", test_observed },
	};

	return unit_run("record_json", tests, UNIT_COUNT(tests));
}
