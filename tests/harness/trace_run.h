/*
 * Start a program under ptrace and follow it until the sandboxed program runs: record every system
 * call of the launch, or make the n-th one fail. From the program's execve on (or the injected
 * failure) all processes are let go and run untraced.
 */
#ifndef TESTS_HARNESS_TRACE_RUN_H
#define TESTS_HARNESS_TRACE_RUN_H

#include <stdbool.h>
#include <stdio.h>

struct trace_options {
	char *const *argv;
	FILE *record;		/* NULL: record nothing */
	unsigned long inject;	/* which call fails, from 1; 0: none */
	int error;		/* errno it fails with */
	unsigned int timeout_s; /* by patience(); everything is killed after that */
};

struct trace_result {
	unsigned long calls; /* seen until the program's execve succeeded, that one included */
	bool program_ran;    /* the execve was seen; unknown (false) after an injected failure */
	bool injected;
	char injected_call[128]; /* "ROLE NAME" */
	bool timed_out;
	int left_over; /* processes alive when the first one had ended; killed */
	int status;    /* wait status of the first process */
};

/* 0 or -errno (of the tracing itself, never of the traced program). */
int trace_run(const struct trace_options *o, struct trace_result *ret);

#endif
