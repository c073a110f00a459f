/* learn/calls.c and filter.c: numbers as libseccomp knows them; what the filter stops at. */
#include <errno.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <string.h>

#include "base/attr.h"
#include "learn/calls.h"
#include "learn/filter.h"
#include "tests/harness/bpf.h"
#include "tests/harness/unit.h"

static const struct {
	enum call_arch arch;
	uint32_t audit, seccomp;
} arches[] = {
	{ CALL_X86_64, AUDIT_ARCH_X86_64, SCMP_ARCH_X86_64 },
	{ CALL_AARCH64, AUDIT_ARCH_AARCH64, SCMP_ARCH_AARCH64 },
	{ CALL_I386, AUDIT_ARCH_I386, SCMP_ARCH_X86 },
};

/* libseccomp answers with negative numbers for what goes through socketcall or does not exist. */
static bool
number_is_right(const struct call *c, size_t arch)
{
	int known = seccomp_syscall_resolve_name_arch(arches[arch].seccomp, c->name);
	int own = c->number[arches[arch].arch];

	if (arches[arch].arch == CALL_I386 && own >= 345 && own <= 373)
		return known < 0 || known == own;
	return own == (known < 0 ? -1 : known);
}

static void
test_numbers(void)
{
	for (size_t i = 0; i < calls_count; i++)
		for (size_t a = 0; a < ARRAY_LEN(arches); a++) {
			const struct call *c = &calls_table[i];
			bool right = number_is_right(c, a);

			if (!right)
				(void)fprintf(stderr, "%s: %d\n", c->name,
					      c->number[arches[a].arch]);
			CU_ASSERT(right);
			CU_ASSERT(c->number[arches[a].arch] < CALL_NUMBER_MAX);
			if (c->number[arches[a].arch] >= 0)
				CU_ASSERT_PTR_EQUAL(call_find(arches[a].arch,
							      (uint64_t)c->number[arches[a].arch]),
						    c);
		}
	CU_ASSERT_PTR_NULL(call_find(CALL_X86_64, 0)); /* read */
	CU_ASSERT_PTR_NULL(call_find(CALL_X86_64, CALL_NUMBER_MAX));
	CU_ASSERT_PTR_NULL(call_find(CALL_X86_64, UINT64_MAX));
	CU_ASSERT_PTR_NULL(call_find(CALL_UNKNOWN, 2));
}

static void
test_arguments(void)
{
	for (size_t i = 0; i < calls_count; i++) {
		const struct call *c = &calls_table[i];
		const int8_t index[] = { c->dir, c->path, c->flags, c->path2 };

		for (size_t k = 0; k < ARRAY_LEN(index); k++)
			CU_ASSERT(index[k] >= -1 && index[k] < CALL_ARGS);
		CU_ASSERT_EQUAL(c->path2 >= 0, c->act == ACT_RENAME || c->act == ACT_LINK);
		CU_ASSERT(!(c->options & CALL_TWO_DIRS) || c->path2 > 0);
		CU_ASSERT(!(c->options & CALL_AT_FLAGS) || c->flags >= 0);
	}
}

static uint32_t
ask(const struct trace_filter *f, uint32_t arch, int number, uint64_t length)
{
	struct seccomp_data data = { .nr = number, .arch = arch, .args = { 3, 0, length } };
	struct bpf_result r = bpf_run(f->code, f->length, &data);

	CU_ASSERT(r.valid);
	return r.action;
}

static uint32_t
wanted(const struct call *c, struct trace_filter_choice choice)
{
	if (c->act == ACT_LOOK && !choice.looks)
		return SECCOMP_RET_ALLOW;
	if (c->act == ACT_URING && !choice.allow_io_uring)
		return SECCOMP_RET_ERRNO | ENOSYS;
	return SECCOMP_RET_TRACE;
}

static bool
is_native(size_t arch)
{
	enum call_arch native = call_arch_native();

	return arches[arch].arch == native ||
	       (arches[arch].arch == CALL_I386 && native == CALL_X86_64);
}

static void
check_filter(struct trace_filter_choice choice)
{
	struct trace_filter f;

	CU_ASSERT_EQUAL_FATAL(trace_filter_make(&f, choice), 0);
	for (size_t a = 0; a < ARRAY_LEN(arches); a++) {
		if (!is_native(a)) {
			CU_ASSERT_EQUAL(ask(&f, arches[a].audit, 1, 0), SECCOMP_RET_TRACE);
			continue;
		}
		for (int n = 0; n < CALL_NUMBER_MAX; n++) {
			const struct call *c = call_find(arches[a].arch, (uint64_t)n);

			CU_ASSERT_EQUAL(ask(&f, arches[a].audit, n, 100),
					c ? wanted(c, choice) : SECCOMP_RET_ALLOW);
		}
	}
}

static void
test_filter(void)
{
	check_filter((struct trace_filter_choice){ 0 });
	check_filter((struct trace_filter_choice){ .looks = true });
	check_filter((struct trace_filter_choice){ .allow_io_uring = true });
	check_filter((struct trace_filter_choice){ .looks = true, .allow_io_uring = true });
}

static void
test_filter_edges(void)
{
	struct trace_filter f;
	uint32_t native = arches[call_arch_native()].audit;
	int send = -1;

	CU_ASSERT_EQUAL_FATAL(trace_filter_make(&f, (struct trace_filter_choice){ 0 }), 0);
	for (size_t i = 0; i < calls_count; i++)
		if (calls_table[i].act == ACT_SEND)
			send = calls_table[i].number[call_arch_native()];
	CU_ASSERT_EQUAL(ask(&f, native, send, 1500), SECCOMP_RET_TRACE);
	CU_ASSERT_EQUAL(ask(&f, native, send, 1501), SECCOMP_RET_ALLOW);
	CU_ASSERT_EQUAL(ask(&f, AUDIT_ARCH_PPC64, 1, 0), SECCOMP_RET_TRACE);
	if (call_arch_native() == CALL_X86_64)
		CU_ASSERT_EQUAL(ask(&f, native, 0x40000000 | 2, 0), SECCOMP_RET_TRACE);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "numbers are those of libseccomp", test_numbers },
		{ "argument numbers fit", test_arguments },
		{ "filter stops at the calls of the table", test_filter },
		{ "filter at its edges", test_filter_edges },
	};

	return unit_run("calls", tests, UNIT_COUNT(tests));
}
