/* What the broker hands over: every field has its limit. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/str.h"
#include "tests/harness/record_sample.h"
#include "tests/harness/unit.h"

struct file {
	struct record_facts facts;
	struct record_denial denial;
};

static struct file
sample(void)
{
	struct file f = {
		.facts = { .version = RECORD_VERSION,
			   .bytes = sizeof(f),
			   .end = RECORD_EXITED,
			   .number = 1,
			   .exit_code = 1,
			   .denials = 1 },
		.denial = { .operation = RECORD_OPEN,
			    .access = PLAN_READ,
			    .reason = RECORD_POLICY_BLOCKED,
			    .target = "/etc/shadow" },
	};

	memcpy(f.facts.magic, RECORD_MAGIC, sizeof(f.facts.magic));
	return f;
}

static void
test_accepted(void)
{
	struct file f = sample();

	CU_ASSERT_EQUAL(facts_check(&f, sizeof(f)), 0);
	f.denial.operation = RECORD_CONNECT;
	f.denial.access = 0;
	CU_ASSERT_EQUAL(facts_check(&f, sizeof(f)), 0);
	memset(f.denial.target, 'a', sizeof(f.denial.target) - 1);
	CU_ASSERT_EQUAL(facts_check(&f, sizeof(f)), 0);
	f.facts.end = RECORD_KILLED;
	f.facts.number = 64;
	CU_ASSERT_EQUAL(facts_check(&f, sizeof(f)), 0);
	f.facts.denials = 0;
	f.facts.bytes = sizeof(f.facts);
	CU_ASSERT_EQUAL(facts_check(&f, sizeof(f.facts)), 0);
}

static void
test_refused(void)
{
	struct file f;

#define REFUSED(change, error)                                      \
	do {                                                        \
		f = sample();                                       \
		change;                                             \
		CU_ASSERT_EQUAL(facts_check(&f, sizeof(f)), error); \
	} while (0)

	REFUSED(f.facts.magic[0] = 'X', -EBADMSG);
	REFUSED(f.facts.version++, -EPROTONOSUPPORT);
	REFUSED(f.facts.bytes++, -EBADMSG);
	REFUSED(f.facts.flags = RECORD_ALL_FLAGS + 1, -EBADMSG);
	REFUSED(f.facts.end = 0, -EBADMSG);
	REFUSED(f.facts.end = RECORD_NOT_STARTED + 1, -EBADMSG);
	REFUSED(f.facts.end = RECORD_NOT_STARTED, -EBADMSG);
	REFUSED(f.facts.number = 256, -EBADMSG);
	REFUSED(f.facts.exit_code = 256, -EBADMSG);
	REFUSED(f.facts.step = RECORD_STEP_EXEC, -EBADMSG);
	REFUSED(f.facts.zero = 1, -EBADMSG);
	REFUSED(f.facts.denials = 0, -EBADMSG);
	REFUSED(f.facts.denials = 2, -EBADMSG);
	REFUSED(f.facts.denials = RECORD_DENIALS_MAX + 1, -EBADMSG);
	REFUSED((f.facts.end = RECORD_KILLED, f.facts.number = 0), -EBADMSG);
	REFUSED((f.facts.end = RECORD_KILLED, f.facts.number = 65), -EBADMSG);
	REFUSED(f.denial.operation = 0, -EBADMSG);
	REFUSED(f.denial.operation = RECORD_SEND + 1, -EBADMSG);
	REFUSED(f.denial.access = 0, -EBADMSG);
	REFUSED(f.denial.access = 4, -EBADMSG);
	REFUSED(f.denial.operation = RECORD_CONNECT, -EBADMSG);
	REFUSED(f.denial.reason = 0, -EBADMSG);
	REFUSED(f.denial.reason = RECORD_SOCKET_DENIED + 1, -EBADMSG);
	REFUSED(f.denial.zero = 1, -EBADMSG);
	REFUSED(f.denial.target[0] = '\0', -EBADMSG);
	REFUSED(f.denial.target[sizeof(f.denial.target) - 1] = 'x', -EBADMSG);
	REFUSED(memset(f.denial.target, 'x', sizeof(f.denial.target)), -EBADMSG);
#undef REFUSED
	f = sample();
	CU_ASSERT_EQUAL(facts_check(&f, 0), -EBADMSG);
	CU_ASSERT_EQUAL(facts_check(&f, sizeof(f.facts) - 1), -EBADMSG);
	CU_ASSERT_EQUAL(facts_check(&f, sizeof(f) - 1), -EBADMSG);
}

/* A plan, the facts and this output in memory files: what is read of them. */
static int
load(struct session *ret, const char *output, size_t n)
{
	struct file f = sample();
	struct record_sample s;
	struct confine_fds fds = { -1, -1, -1, -1, -1, -1 };
	struct err e = ERR_INIT;
	int r;

	CU_ASSERT_TRUE_FATAL(record_sample_make(&s, PLAN_NET_ALLOWED));
	fds.plan = fd_sealed_memory("plan", s.session.plan.image, s.session.plan.header->bytes);
	fds.facts = fd_sealed_memory("facts", &f, sizeof(f));
	if (output)
		fds.output = fd_sealed_memory("output", output, n);
	r = session_load(ret, &fds, &e);
	fd_close(fds.plan);
	fd_close(fds.facts);
	fd_close(fds.output);
	record_sample_clear(&s);
	return r;
}

static void
test_load(void)
{
	static const char raw[] = "one\033[31m red\nb\001c\302\233d\377\n\nlast";
	struct session s;
	char *big;

	CU_ASSERT_EQUAL_FATAL(load(&s, NULL, 0), 0);
	CU_ASSERT_EQUAL(s.output.n, 0);
	CU_ASSERT_EQUAL(s.facts.denials, 1);
	CU_ASSERT_STRING_EQUAL(s.denials[0].target, "/etc/shadow");
	session_clear(&s);

	CU_ASSERT_EQUAL_FATAL(load(&s, raw, sizeof(raw) - 1), 0);
	CU_ASSERT_TRUE(slice_equal(s.output, slice_of("one red\nbc\xef\xbf\xbd\n\nlast\n")));
	session_clear(&s);

	/* Longer than the limit: the newest part. */
	big = mem_calloc(RECORD_OUTPUT_MAX + 2, 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(big);
	memset(big, 'x', RECORD_OUTPUT_MAX + 1);
	big[0] = 'A';
	big[RECORD_OUTPUT_MAX] = 'Z';
	CU_ASSERT_EQUAL_FATAL(load(&s, big, RECORD_OUTPUT_MAX + 1), 0);
	CU_ASSERT_EQUAL(s.output.n, RECORD_OUTPUT_MAX + 1);
	CU_ASSERT_EQUAL(s.output.p[0], 'x');
	CU_ASSERT_EQUAL(s.output.p[RECORD_OUTPUT_MAX - 1], 'Z');
	session_clear(&s);
	mem_free(big);
}

static void
test_load_refused(void)
{
	struct confine_fds fds = { -1, -1, -1, -1, -1, -1 };
	struct session s;
	struct err e = ERR_INIT;
	int ends[2];

	CU_ASSERT_EQUAL(session_load(&s, &fds, &e), -EBADF);
	session_clear(&s);
	/* A pipe could keep us waiting. */
	CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
	fds.plan = ends[0];
	CU_ASSERT_EQUAL(session_load(&s, &fds, &e), -EBADMSG);
	CU_ASSERT_TRUE(str_starts_with(e.text, "cannot read the plan of the session"));
	session_clear(&s);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "facts as they should be", test_accepted },
		{ "every wrong field is refused", test_refused },
		{ "loading, and cleaning the output", test_load },
		{ "files that are none", test_load_refused },
	};

	return unit_run("record_facts", tests, UNIT_COUNT(tests));
}
