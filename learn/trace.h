/*
 * Run a command and note what it opens and whom it speaks to. The command is traced with ptrace(2);
 * a seccomp filter stops it at the calls of interest only. Nothing is enforced here.
 */
#ifndef LEARN_TRACE_H
#define LEARN_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "learn/net.h"
#include "learn/paths.h"

struct trace_options {
	/*
	 * Called in the new process with the caller's signal mask: becomes the command, or answers
	 * -errno with the reason in `e`. Others of its calls than execve are not noted.
	 */
	int (*start)(void *context, struct err *e);
	void *context;
	uint64_t timeout_ms; /* 0: none */
	bool looks;	     /* note calls that need no grant, too */
	bool results;	     /* the command is confined: note what is refused */
	bool allow_io_uring;
	bool every_call; /* stop at every call, as where there are no filters */
};

struct trace_result {
	struct paths paths;
	struct endpoints net;
	int status;    /* as of waitpid(2) */
	bool filtered; /* stopped by a filter, not at every call */
	bool timed_out;
	bool interrupted; /* by a second Ctrl-C */
	uint64_t left;	  /* processes that outlived the command and were ended */

	/* Why the observations may have holes. */
	bool io_uring;	     /* was set up: opens files unseen */
	bool foreign_calls;  /* calls of an ABI that the table does not have */
	bool left_root;	     /* chroot, mount: paths mean something else there */
	bool set_id;	     /* a set-user-ID program was started: it gains nothing here */
	uint64_t unreadable; /* calls whose memory could not be read */
};

/* 0, or why nothing was traced. Cleared with trace_result_clear() in both cases. */
int
trace_command(struct trace_result *ret, const struct trace_options *o, struct err *e) ATTR_CHECK;
void trace_result_clear(struct trace_result *r);

#endif
