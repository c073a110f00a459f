/*
 * The filter of the observed command: it stops at the calls of the table, for the tracer; all
 * others run at full speed. It restricts nothing but io_uring. Pure.
 */
#ifndef LEARN_FILTER_H
#define LEARN_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>

#include "base/attr.h"

/* Jumps of BPF reach 255 instructions, so the list of one architecture is shorter. */
enum { TRACE_FILTER_MAX = 256 };

struct trace_filter {
	struct sock_filter code[TRACE_FILTER_MAX];
	unsigned short length;
};

struct trace_filter_choice {
	bool looks; /* stop at ACT_LOOK too */
	bool allow_io_uring;
};

/* 0 or -E2BIG. */
int trace_filter_make(struct trace_filter *ret, struct trace_filter_choice choice) ATTR_CHECK;

#endif
