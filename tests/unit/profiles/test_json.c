/* The JSON reader: values, places, limits at and above, and memory that runs out. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "profiles/json.h"
#include "tests/harness/unit.h"

static int
parse(struct pool *pool, struct node **n, const char *text, size_t bytes, unsigned int flags,
      struct err *e)
{
	struct json_place place;

	*e = (struct err)ERR_INIT;
	return json_parse(n, pool, (struct slice){ text, bytes }, NULL, flags, &place, e);
}

static void
test_values(void)
{
	static const char text[] = "{ \"s\": \"x\", // comment\n"
				   "  \"n\": -1.5e3, \"t\": true, \"f\": false, \"z\": null,\n"
				   "\t\"a\": [1, [2,],],\n"
				   "  \"\xc3\xa4\": {\"deep\": {\"er\": 9007199254740992}} }";
	struct pool pool = { 0 };
	struct node *n = NULL;
	struct err e;
	int64_t v;

	CU_ASSERT_EQUAL_FATAL(parse(&pool, &n, text, strlen(text), 0, &e), 0);
	CU_ASSERT_EQUAL(n->count, 7);
	CU_ASSERT_STRING_EQUAL(node_text(node_find(n, "s"), ""), "x");
	CU_ASSERT_FALSE(node_integer(node_find(n, "z"), 0, 1, &v));
	CU_ASSERT_TRUE(node_integer(node_find(n, "n"), -1500, 0, &v) && v == -1500);
	CU_ASSERT_FALSE(node_integer(node_find(n, "n"), -1499, 0, &v));
	CU_ASSERT_TRUE(node_is_true(node_find(n, "t")));
	CU_ASSERT_FALSE(node_is_true(node_find(n, "f")));
	CU_ASSERT_TRUE(node_is(node_find(n, "z"), NODE_NULL));
	CU_ASSERT_EQUAL(node_find(n, "a")->count, 2);
	CU_ASSERT_TRUE(node_integer(node_at(n, "\xc3\xa4.deep.er"), 0, INT64_MAX, &v) &&
		       v == 1LL << 53);
	/* Places: of the value and of its key, columns in characters. */
	CU_ASSERT_EQUAL(node_find(n, "s")->line, 1);
	CU_ASSERT_EQUAL(node_find(n, "s")->column, 8);
	CU_ASSERT_EQUAL(node_find(n, "s")->key_column, 3);
	CU_ASSERT_EQUAL(node_find(n, "t")->line, 2);
	CU_ASSERT_EQUAL(node_find(n, "t")->column, 21);
	CU_ASSERT_EQUAL(node_find(n, "a")->first->next->line, 3);
	CU_ASSERT_EQUAL(node_find(n, "a")->first->next->column, 11);
	CU_ASSERT_EQUAL(node_at(n, "\xc3\xa4.deep")->column, 17);
	pool_clear(&pool);
}

/* A text of `n` repetitions between two others. */
static char *
repeat(const char *before, const char *item, size_t n, const char *after)
{
	size_t length = strlen(item), at = strlen(before);
	char *text = malloc(at + n * length + strlen(after) + 1);

	CU_ASSERT_FATAL(text != NULL);
	memcpy(text, before, at);
	for (size_t i = 0; i < n; i++, at += length)
		memcpy(text + at, item, length);
	memcpy(text + at, after, strlen(after) + 1);
	return text;
}

static void
check_limit(const char *before, const char *item, size_t limit, const char *after)
{
	struct pool pool = { 0 };
	struct node *n;
	struct err e;
	char *text = repeat(before, item, limit, after);

	CU_ASSERT_EQUAL(parse(&pool, &n, text, strlen(text), 0, &e), 0);
	free(text);
	text = repeat(before, item, limit + 1, after);
	CU_ASSERT_EQUAL(parse(&pool, &n, text, strlen(text), 0, &e), -EFBIG);
	CU_ASSERT_TRUE(strstr(e.text, "1:") == e.text);
	free(text);
	pool_clear(&pool);
}

static void
test_limits(void)
{
	struct pool pool = { 0 };
	struct node *n;
	struct err e;
	char *text;

	check_limit("[", "1,", JSON_ITEMS_MAX, "]");
	check_limit("\"", "x", JSON_STRING_MAX, "\"");
	check_limit("", " ", JSON_BYTES_MAX - 2, "{}");
	text = repeat("", "[", JSON_NESTING_MAX, "");
	CU_ASSERT_EQUAL(parse(&pool, &n, text, strlen(text), 0, &e), -EBADMSG);
	CU_ASSERT_TRUE(strstr(e.text, "1:65: the text ends here") == e.text);
	free(text);
	text = repeat("", "[", JSON_NESTING_MAX + 1, "");
	CU_ASSERT_EQUAL(parse(&pool, &n, text, strlen(text), 0, &e), -EFBIG);
	free(text);
	/* A NUL ends nothing. */
	CU_ASSERT_EQUAL(parse(&pool, &n, "{}\0x", 4, 0, &e), -EBADMSG);
	CU_ASSERT_EQUAL(parse(&pool, &n, "\"a\0b\"", 5, 0, &e), -EBADMSG);
	CU_ASSERT_EQUAL(parse(&pool, &n, "", 0, 0, &e), -EBADMSG);
	CU_ASSERT_EQUAL(parse(&pool, &n, "1e999", 5, 0, &e), 0);
	CU_ASSERT_FALSE(node_integer(n, INT64_MIN, INT64_MAX, &(int64_t){ 0 }));
	pool_clear(&pool);
}

static void
test_plain(void)
{
	static const char *const jsonc[] = { "{} // x", "/* x */ {}", "[1,]", "{\"a\": 1,}",
					     "\xef\xbb\xbf{}" };
	struct pool pool = { 0 };
	struct node *n;
	struct err e;

	for (size_t i = 0; i < UNIT_COUNT(jsonc); i++) {
		CU_ASSERT_EQUAL(parse(&pool, &n, jsonc[i], strlen(jsonc[i]), 0, &e), 0);
		CU_ASSERT_EQUAL(parse(&pool, &n, jsonc[i], strlen(jsonc[i]), JSON_PLAIN, &e),
				-EBADMSG);
	}
	CU_ASSERT_EQUAL(parse(&pool, &n, " [1, {}] ", 9, JSON_PLAIN, &e), 0);
	pool_clear(&pool);
}

/* Memory that runs out is told as that, at every allocation, the library's as well. */
static void
test_memory(void)
{
	int code = -1;

	for (int i = 1; i < 200 && code != 0; i++) {
		pid_t pid;
		int status;

		(void)fflush(stdout);
		pid = fork();
		if (pid == 0) {
			struct pool pool = { 0 };
			struct node *n;
			struct err e;
			char number[16];
			int r;

			(void)snprintf(number, sizeof(number), "%d", i);
			(void)setenv("NONO_TEST_FAIL_ALLOC", number, 1);
			r = parse(&pool, &n, "{\"a\": [1, \"x\", {}], \"b\": 2}", 27, 0, &e);
			pool_clear(&pool);
			_exit(r == 0 ? 0 : r == -ENOMEM ? 1 : 2);
		}
		CU_ASSERT_EQUAL_FATAL(waitpid(pid, &status, 0), pid);
		code = WIFEXITED(status) ? WEXITSTATUS(status) : 3;
		CU_ASSERT_TRUE(code <= 1);
	}
	CU_ASSERT_EQUAL(code, 0);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "values and their places", test_values },
		{ "limits", test_limits },
		{ "plain JSON", test_plain },
		{ "memory", test_memory },
	};

	return unit_run("json", tests, UNIT_COUNT(tests));
}
