/*
 * The child -> who forked it: one record of 8 bytes on a close-on-exec pipe when a step between fork
 * and execve failed; nothing when the program runs, which closes the pipe. The reader believes no
 * more than that the launch failed: the words for each step are in launch/spawn.c.
 */
#ifndef IPC_CHILD_REPORT_H
#define IPC_CHILD_REPORT_H

#include <stdint.h>

/* In the order of child_run(). */
enum child_step {
	CHILD_STEP_NONE = 0,
	CHILD_STEP_PARENT, /* death signal, parent still there */
	CHILD_STEP_CGROUP, /* into the group that carries the limits */
	CHILD_STEP_FDS,
	CHILD_STEP_NAMESPACE,
	CHILD_STEP_DIRECTORY,
	CHILD_STEP_PTY, /* a terminal in the session's own devpts; its master to the broker */
	CHILD_STEP_TTY, /* the session's own terminal */
	CHILD_STEP_LIMITS,
	CHILD_STEP_KEYRING,
	CHILD_STEP_NO_NEW_PRIVS,
	CHILD_STEP_CAPABILITIES,
	CHILD_STEP_LANDLOCK,
	CHILD_STEP_SECCOMP,
	CHILD_STEP_JOB, /* the job-control shim */
	CHILD_STEP_SIGNALS,
	CHILD_STEP_EXEC,
	CHILD_STEP_COUNT
};

struct child_report {
	uint32_t step; /* enum child_step */
	int32_t error; /* errno, > 0 */
};

#endif
