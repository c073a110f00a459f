/*
 * A small interpreter of seccomp programs, to ask a filter for its decision without installing
 * it. Only the instructions are known for which the kernel can answer at installation.
 */
#ifndef TESTS_HARNESS_BPF_H
#define TESTS_HARNESS_BPF_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_result {
	bool valid;	 /* false: unknown instruction, or ran out of the program */
	uint32_t action; /* SECCOMP_RET_* with data */
	size_t at;	 /* the return that decided */
	size_t visited;	 /* instructions executed */
	size_t constant; /* of these, before the first look at an argument */
};

struct bpf_result
bpf_run(const struct sock_filter *code, size_t length, const struct seccomp_data *data);

#endif
