/* profiles/agent_settings.c: where a hook goes, what takes its place, and what is refused. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "profiles/agent_settings.h"
#include "profiles/json.h"
#include "tests/harness/unit.h"

#define ENTRY "{\"matcher\": \"M\", \"hooks\": [{\"type\": \"command\", \"command\": \"/new\"}]}"

static const struct agent_hook hook = { "E", "M", "/new", { "$HOME/old", "/old" } };

struct variant {
	const char *text;
	int result;
	unsigned int made;
	const char *wanted; /* NULL: no text */
};

static void
test_add(void)
{
	static const struct variant v[] = {
		{ "{ \"x\": 1 }", AGENT_SETTINGS_ADDED, AGENT_MADE_HOOKS | AGENT_MADE_EVENT,
		  "{ \"x\": 1, \"hooks\": {\"E\": [" ENTRY "]} }" },
		{ "{\"hooks\": {\"F\": []}}", AGENT_SETTINGS_ADDED, AGENT_MADE_EVENT,
		  "{\"hooks\": {\"F\": [], \"E\": [" ENTRY "]}}" },
		{ "{\"hooks\": {\"E\": [1, /* x */]}}", AGENT_SETTINGS_ADDED, 0,
		  "{\"hooks\": {\"E\": [1, " ENTRY ", /* x */]}}" },
		{ "{\"hooks\": {\"E\": [{}, {\"hooks\": [{}, {\"command\": \"/old\"}]}]}}",
		  AGENT_SETTINGS_REPLACED, 0,
		  "{\"hooks\": {\"E\": [{}, {\"hooks\": [{}, {\"command\": \"/new\"}]}]}}" },
		{ "{\"hooks\": {\"E\": [{\"hooks\": [{\"command\": \"/new\"}]}]}}",
		  AGENT_SETTINGS_SAME, 0, NULL },
		{ "{\"hooks\": {\"E\": [{\"hooks\": {\"command\": \"/new\"}}]}}",
		  AGENT_SETTINGS_ADDED, 0,
		  "{\"hooks\": {\"E\": [{\"hooks\": {\"command\": \"/new\"}}, " ENTRY "]}}" },
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		autobuf struct buf got = BUF_INIT, back = BUF_INIT;
		const struct node *entry = NULL;
		unsigned int made = 99;
		struct pool pool = { 0 };
		struct err e = ERR_INIT;

		CU_ASSERT_EQUAL(agent_settings_add(&got, slice_of(v[i].text), &hook, &pool, &entry,
						   &made, &e),
				v[i].result);
		CU_ASSERT_EQUAL(made, v[i].made);
		CU_ASSERT_PTR_NOT_NULL(entry);
		CU_ASSERT_STRING_EQUAL(buf_str(&got), v[i].wanted ? v[i].wanted : "");
		if (v[i].result == AGENT_SETTINGS_ADDED) {
			CU_ASSERT_EQUAL(agent_settings_remove(&back, slice_of(v[i].wanted), &hook,
							      entry, made, &e),
					AGENT_SETTINGS_REMOVED);
			CU_ASSERT_STRING_EQUAL(buf_str(&back), v[i].text);
		}
		pool_clear(&pool);
	}
}

/* `entry` as it was recorded. */
static void
check_remove(const char *text, const char *entry, unsigned int made, int result, const char *wanted)
{
	autobuf struct buf got = BUF_INIT;
	struct node *recorded = NULL;
	struct pool pool = { 0 };
	struct err e = ERR_INIT;

	CU_ASSERT_EQUAL(json_parse(&recorded, &pool, slice_of(entry), NULL, 0, NULL, NULL), 0);
	CU_ASSERT_EQUAL(agent_settings_remove(&got, slice_of(text), &hook, recorded, made, &e),
			result);
	CU_ASSERT_STRING_EQUAL(buf_str(&got), wanted);
	pool_clear(&pool);
}

static void
test_remove(void)
{
	static const char two[] =
		"{\"matcher\": \"M\", \"hooks\": [{\"command\": \"x\"}, {\"command\": \"/new\"}]}";

	check_remove("{\"hooks\": {\"E\": [" ENTRY "]}}", ENTRY, 0, AGENT_SETTINGS_REMOVED,
		     "{\"hooks\": {\"E\": []}}");
	check_remove("{\"hooks\": {\"E\": [" ENTRY "]}}", ENTRY, AGENT_MADE_EVENT,
		     AGENT_SETTINGS_REMOVED, "{\"hooks\": {}}");
	check_remove("{\"hooks\": {\"E\": [" ENTRY ", 1]}}", ENTRY, AGENT_MADE_EVENT,
		     AGENT_SETTINGS_REMOVED, "{\"hooks\": {\"E\": [1]}}");
	/* What another hook of the same entry does is not ours. */
	check_remove(
		"{\"hooks\": {\"E\": [{\"matcher\": \"M\", \"hooks\": [{\"command\": \"x\"}, "
		"{\"command\": \"/new\"}]}]}}",
		two, 7, AGENT_SETTINGS_REMOVED,
		"{\"hooks\": {\"E\": [{\"matcher\": \"M\", \"hooks\": [{\"command\": \"x\"}]}]}}");
	check_remove("{\"hooks\": {\"E\": [" ENTRY "]}}", two, 7, AGENT_SETTINGS_KEPT, "");
	check_remove("{\"hooks\": {\"E\": []}}", ENTRY, 7, AGENT_SETTINGS_SAME, "");
	check_remove("{}", ENTRY, 7, AGENT_SETTINGS_SAME, "");
}

static void
test_refused(void)
{
	static const char *const texts[] = {
		"",
		" \n",
		"[]",
		"1",
		"{",
		"{\"a\": 1, \"a\": 2}",
		"{\"hooks\": []}",
		"{\"hooks\": null}",
		"{\"hooks\": {\"E\": {}}}",
		"{\"hooks\": {\"E\": \"x\"}}",
		"{\"h\\u006foks\": {}}",
		"{\"hooks\": {\"\\u0045\": []}}",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		autobuf struct buf got = BUF_INIT;
		const struct node *entry = NULL;
		unsigned int made;
		struct pool pool = { 0 };
		struct err e = ERR_INIT;

		CU_ASSERT_EQUAL(agent_settings_add(&got, slice_of(texts[i]), &hook, &pool, &entry,
						   &made, &e),
				-EBADMSG);
		CU_ASSERT_EQUAL(got.n, 0);
		CU_ASSERT(*e.text != '\0');
		pool_clear(&pool);
	}
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "added, and taken away again", test_add },
		{ "what goes and what stays", test_remove },
		{ "settings that are left as they are", test_refused },
	};

	return unit_run("agent_settings", tests, UNIT_COUNT(tests));
}
