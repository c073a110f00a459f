/*
 * child/: the only code between fork and execve (and, under `wrap`, between the last decision and
 * execve). Everything was computed before: one const struct child_plan, descriptors open, rule
 * set and filter built. No allocation, no stdio, no locks; only libc's system call wrappers. Each
 * step succeeds or child_run() answers {step, errno}; a half-dropped process may only report and
 * die. Order and reasons: child.c, docs/formats/child-sequence.md.
 */
#ifndef CHILD_CHILD_H
#define CHILD_CHILD_H

#include <linux/filter.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ipc/child_report.h"

/* A rule on an object that is another one in every process: opened after the fork. */
struct child_rule {
	const char *path; /* e.g. "/proc/self/fd" */
	uint64_t access;  /* LANDLOCK_ACCESS_FS_* */
};

struct child_plan {
	/* mode fields: the only ones that may differ between run and wrap */
	pid_t parent;	   /* who must still be the parent; 0 under wrap */
	int report_fd;	   /* close-on-exec pipe; -1 under wrap */
	bool death_signal; /* SIGKILL when the parent dies; false under wrap */
	int cgroup_fd;	   /* close-on-exec cgroup.procs of the session's group; -1: none */
	/* a session with a terminal of its own; all of it unused under wrap */
	int tty_fd;	 /* PTY slave, becomes the controlling terminal; -1: none */
	bool own_devpts; /* make the PTY in the namespace's devpts; tty_fd is a socket until then */
	unsigned int tty_streams; /* bit n: descriptor n becomes the slave */
	int job_fd;		  /* close-on-exec pipe for struct shim_report; -1: no shim */

	/* descriptors: everything else >= 3 is gone at execve */
	bool close_fds;
	const int *keep_fds; /* ascending, all >= 3 */
	size_t keep_fds_count;

	/* namespaces that wait for the program (launch/namespace.c), close-on-exec; -1: none */
	int user_ns_fd;
	int mount_ns_fd;
	int pid_ns_fd; /* the shim's child is born into it; not without shim */
	bool new_ipc;  /* and an IPC namespace, which is empty anyway */

	int start_directory_fd; /* O_PATH */
	const char *start_directory;
	bool limit_core;  /* RLIMIT_CORE {1, 1}: 0 is ignored for a piped core_pattern */
	bool new_keyring; /* join a new anonymous session keyring */
	bool drop_capabilities;
	bool drop_bounding;	    /* the process may and must empty its bounding set (uid 0) */
	uint64_t keep_capabilities; /* of uid 0, where the policy says so: bit N is capability N */

	int ruleset_fd; /* Landlock; -1: none (only a test build) */
	const struct child_rule *rules;
	size_t rules_count;

	struct sock_fprog filter; /* len 0: none (only a test build) */
	sigset_t signal_mask;	  /* what the program shall start with */

	const char *program;
	char *const *argv;
	char *const *environment;
};

/*
 * Turn this process into the program. Returns only when a step failed, with that step and errno;
 * the caller must report and exit.
 */
struct child_report child_run(const struct child_plan *p);

/* The same in a forked child: reports on p->report_fd and exits 126, or 127 for CHILD_STEP_EXEC. */
_Noreturn void child_main(const struct child_plan *p);

#endif
