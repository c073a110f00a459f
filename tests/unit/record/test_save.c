/* Which refusals of a session are handed on to be saved. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "tests/harness/record_sample.h"
#include "tests/harness/unit.h"

/* "ACCESS FLAGS PATH" per line, with the directory of the sample. */
static char *
rows(const struct record_sample *s)
{
	autobuf struct buf b = BUF_INIT;
	struct save_list *list;
	struct save_row *row;
	struct verdict v;

	if (verdict_find(&v, &s->session) < 0 || save_find(&list, &s->session, &v) < 0)
		abort();
	verdict_clear(&v);
	CU_ASSERT_EQUAL(memcmp(list->magic, SAVE_MAGIC, sizeof(list->magic)), 0);
	CU_ASSERT_EQUAL(list->version, SAVE_VERSION);
	CU_ASSERT_EQUAL(list->zero, 0);
	row = (struct save_row *)(list + 1);
	for (size_t i = 0; i < list->count; i++)
		if (buf_addf(&b, "%u %u %s\n", row[i].access, row[i].flags, row[i].path) < 0)
			abort();
	if (list->dropped && buf_addf(&b, "and %u more\n", list->dropped) < 0)
		abort();
	mem_free(list);
	return buf_take(&b);
}

struct run {
	unsigned int code;
	const char *output, *context; /* words of the context, each ended by '|' */
	const struct record_denial *denials;
	size_t count;
};

static void
expect(const struct run *run, const char *wanted)
{
	struct record_sample s;
	autofree char *context = NULL, *got = NULL, *text = NULL;
	bool equal;

	CU_ASSERT_TRUE_FATAL(record_sample_make(&s, PLAN_NET_ALLOWED));
	record_sample_exit(&s, run->code, run->output);
	record_sample_denials(&s, run->denials, run->count);
	context = record_sample_text(&s, run->context ? run->context : "");
	text = record_sample_text(&s, wanted);
	CU_ASSERT_FATAL(context && text);
	s.session.context = (struct slice){ context, strlen(context) };
	for (char *p = context; *p; p++)
		*p = *p == '|' ? '\0' : *p;
	got = rows(&s);
	equal = got && str_equal(got, text);
	if (!equal)
		(void)printf("--- got\n%s--- wanted\n%s---\n", got, text);
	CU_ASSERT_TRUE(equal);
	record_sample_clear(&s);
}

static void
expect_output(const char *output, const char *wanted)
{
	expect(&(struct run){ .code = 1, .output = output }, wanted);
}

static void
test_claims(void)
{
	expect_output("cat: @/out/file: Permission denied\n", "1 2 @/out/file\n");
	/* Several lines, each of them once. */
	expect_output("cat: @/out/file: Permission denied\n"
		      "cat: @/home/.ssh/key: Permission denied\n"
		      "cat: @/out/file: Permission denied\n",
		      "1 2 @/out/file\n1 2 @/home/.ssh/key\n");
	/* Where it can be written, there is nothing to save. */
	expect_output("cat: @/wide/have: Permission denied\n", "");
	/* It has to exist at the next start. */
	expect_output("cat: @/out/none: Permission denied\n", "");
	expect_output(NULL, "");
}

static void
test_other_cause(void)
{
	expect_output("cat: @/gone: No such file or directory\n", "");
	expect_output("nono: tool-sandbox denied git\ncat: @/out/file: Permission denied\n", "");
	/* Not at the start of a line. */
	expect_output("xnono: tool-sandbox denied git\ncat: @/out/file: Permission denied\n",
		      "1 2 @/out/file\n");
}

static void
test_suppressed(void)
{
	struct run run = { .code = 1,
			   .output = "cat: @/out/file: Permission denied\n",
			   .context = "pdev|s@/out|" };

	expect(&run, "");
	run.context = "s@/out/file|";
	expect(&run, "");
	run.context = "s@/ou|s@/out/files|v@/out/file|";
	expect(&run, "1 2 @/out/file\n");
	/* What is behind an empty word is no context. */
	run.context = "pdev||s@/out|";
	expect(&run, "1 2 @/out/file\n");
}

static void
test_observed(void)
{
	struct record_sample s;
	static struct record_denial denials[2];
	autofree char *file = NULL, *rows_text = NULL;

	CU_ASSERT_TRUE_FATAL(record_sample_make(&s, PLAN_NET_ALLOWED));
	file = record_sample_text(&s, "@/out/file");
	CU_ASSERT_FATAL(file != NULL);
	for (size_t i = 0; i < UNIT_COUNT(denials); i++) {
		denials[i] = (struct record_denial){ .operation = RECORD_OPEN,
						     .access = i ? PLAN_WRITE : PLAN_READ,
						     .reason = RECORD_SOCKET_DENIED };
		(void)strncpy(denials[i].target, file, sizeof(denials[i].target) - 1);
	}
	record_sample_exit(&s, 1, "cat: @/out/file: Permission denied\n");
	record_sample_denials(&s, denials, UNIT_COUNT(denials));
	rows_text = rows(&s);
	/* Seen, though the output claims it, too. */
	CU_ASSERT_PTR_NOT_NULL_FATAL(rows_text);
	CU_ASSERT_EQUAL(strncmp(rows_text, "3 0 /", 5), 0);
	CU_ASSERT_STRING_EQUAL(rows_text + strlen(rows_text) - strlen("/out/file\n"),
			       "/out/file\n");
	record_sample_clear(&s);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "what the output claims", test_claims },
		{ "another cause", test_other_cause },
		{ "suppressed paths", test_suppressed },
		{ "what the broker saw", test_observed },
	};

	return unit_run("save", tests, UNIT_COUNT(tests));
}
