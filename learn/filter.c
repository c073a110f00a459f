/*
 * Assembled by hand: the table of calls says which, and a chain of comparisons per architecture is
 * all there is. The kernel keeps a bitmap of numbers that are always allowed (Linux 5.11), so that
 * its length costs the other calls nothing.
 */
#include "learn/filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>

#include "learn/calls.h"

enum {
	X32_FIRST = 0x40000000, /* numbers of the x32 ABI: not in the table */
	QUERY_BYTES_MAX = 1500, /* no DNS query and no line for the local resolver is longer */
	JUMP_MAX = 255,
};

struct assembler {
	struct trace_filter *f;
	bool failed;
};

static void
emit(struct assembler *a, uint16_t code, uint32_t k, unsigned char jt, unsigned char jf)
{
	if (a->f->length == TRACE_FILTER_MAX) {
		a->failed = true;
		return;
	}
	a->f->code[a->f->length++] = (struct sock_filter){
		.code = code, .jt = jt, .jf = jf, .k = k
	};
}

static void
load(struct assembler *a, size_t offset)
{
	emit(a, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void
answer(struct assembler *a, uint32_t value)
{
	emit(a, BPF_RET | BPF_K, value, 0, 0);
}

/* If equal, the next `n` instructions; else jump over them. */
static void
only_if(struct assembler *a, uint32_t k, unsigned char n)
{
	emit(a, BPF_JMP | BPF_JEQ | BPF_K, k, 0, n);
}

static bool
is_wanted(const struct call *c, struct trace_filter_choice choice)
{
	switch ((enum call_act)c->act) {
	case ACT_LOOK:
		return choice.looks;
	case ACT_URING:
		return choice.allow_io_uring;
	case ACT_SEND: /* by its length */
		return false;
	default:
		return true;
	}
}

/* Sending is frequent, and only what can be a query is of interest. */
static void
match_send(struct assembler *a, uint32_t number)
{
	only_if(a, number, 4);
	load(a, offsetof(struct seccomp_data, args[2]));
	emit(a, BPF_JMP | BPF_JGT | BPF_K, QUERY_BYTES_MAX, 0, 1);
	answer(a, SECCOMP_RET_ALLOW);
	answer(a, SECCOMP_RET_TRACE);
}

/* The calls of one architecture; ends with an answer in every case. */
static void
match_calls(struct assembler *a, enum call_arch arch, struct trace_filter_choice choice)
{
	size_t left = 0;

	load(a, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < calls_count; i++) {
		const struct call *c = &calls_table[i];

		if (c->number[arch] < 0)
			continue;
		if (c->act == ACT_URING && !choice.allow_io_uring) {
			only_if(a, (uint32_t)c->number[arch], 1);
			answer(a, SECCOMP_RET_ERRNO | ENOSYS);
		} else if (c->act == ACT_SEND) {
			match_send(a, (uint32_t)c->number[arch]);
		} else {
			left += is_wanted(c, choice);
		}
	}
	for (size_t i = 0; i < calls_count; i++) {
		const struct call *c = &calls_table[i];

		if (c->number[arch] < 0 || !is_wanted(c, choice))
			continue;
		/* Over the rest of the list and the answer behind it. */
		a->failed |= left > JUMP_MAX;
		emit(a, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)c->number[arch], (unsigned char)left--,
		     0);
	}
	answer(a, SECCOMP_RET_ALLOW);
	answer(a, SECCOMP_RET_TRACE);
}

int
trace_filter_make(struct trace_filter *ret, struct trace_filter_choice choice)
{
	struct assembler a = { .f = ret };
	unsigned short jump;

	ret->length = 0;
	load(&a, offsetof(struct seccomp_data, arch));
	jump = ret->length;
#if defined(__x86_64__)
	emit(&a, BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 0);
	load(&a, offsetof(struct seccomp_data, nr));
	emit(&a, BPF_JMP | BPF_JGE | BPF_K, X32_FIRST, 0, 1);
	answer(&a, SECCOMP_RET_TRACE);
	match_calls(&a, CALL_X86_64, choice);
	a.failed |= ret->length - jump - 1 > JUMP_MAX;
	ret->code[jump].jf = (unsigned char)(ret->length - jump - 1);
	only_if(&a, AUDIT_ARCH_I386, 1);
	emit(&a, BPF_JMP | BPF_JA, 1, 0, 0);
	answer(&a, SECCOMP_RET_TRACE);
	match_calls(&a, CALL_I386, choice);
#else
	only_if(&a, AUDIT_ARCH_AARCH64, 1);
	emit(&a, BPF_JMP | BPF_JA, 1, 0, 0);
	answer(&a, SECCOMP_RET_TRACE);
	match_calls(&a, CALL_AARCH64, choice);
	(void)jump;
#endif
	return a.failed ? -E2BIG : 0;
}
