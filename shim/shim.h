/*
 * shim/: the process between broker and program in a session with a terminal, or with processes of
 * its own. Forked by the child
 * as its last step but two, so confined like the program, and able to be killed by it: the broker
 * believes nothing but that the session is over when the shim is.
 */
#ifndef SHIM_SHIM_H
#define SHIM_SHIM_H

#include <stdbool.h>
#include <stdint.h>

/* What it tells the broker about the program, each in one write to a pipe. */
enum shim_event {
	SHIM_STARTED = 1, /* value: pid */
	SHIM_STOPPED,	  /* value: signal */
	SHIM_CONTINUED,
	SHIM_EXITED, /* value: exit code */
	SHIM_KILLED, /* value: signal */
};

struct shim_report {
	uint32_t event;
	int32_t value;
};

/*
 * Fork. The caller stays as the shim and never returns; its child, which goes on to become the
 * program, leads the foreground group of the session's terminal and gets 0. Else an errno > 0, in
 * either of them. All signals must be blocked. `tty_fd` -1: the program stays in the caller's
 * process group. `enters`: children of the caller are born into another pid namespace. `job_fd`: close-on-exec, the only descriptor that the
 * shim keeps.
 */
int shim_fork(int tty_fd, int job_fd, bool enters);

#endif
