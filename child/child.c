/* The order of the steps, and the report of the one that failed. */
#include "child/child.h"

#include <errno.h>
#include <unistd.h>

#include "child/internal.h"

/*
 * Why this order:
 *  - parent first: from here on the child dies with the broker;
 *  - the group next: what runs outside of it is not limited, and the broker kills by group;
 *  - descriptors before anything is opened, so that nothing inherited can be mistaken for ours;
 *  - the namespace before the directory, which is another one there, and before Landlock, whose rules
 *    are for what is mounted in it;
 *  - the limits and the keyring use calls that the filter refuses later;
 *  - no-new-privileges before capabilities, Landlock and seccomp: the latter two demand it;
 *  - Landlock before seccomp: the rules opened here need openat, which a later filter may trap;
 *  - the terminal early: it becomes the streams, and the failures of later steps need none;
 *  - seccomp behind all of these: it forbids calls that they make;
 *  - the shim behind the filter: it stays for the whole session and must be confined as well;
 *  - signals unblocked last: a handler cannot run, execve has not reset them, and a pending SIGTERM
 *    ends the launch here as it would end the program.
 */
struct child_report
child_run(const struct child_plan *p)
{
	static const struct {
		enum child_step step;
		int (*run)(const struct child_plan *p);
	} order[] = {
		{ CHILD_STEP_PARENT, step_parent },
		{ CHILD_STEP_CGROUP, step_cgroup },
		{ CHILD_STEP_FDS, step_fds },
		{ CHILD_STEP_NAMESPACE, step_namespace },
		{ CHILD_STEP_DIRECTORY, step_directory },
		{ CHILD_STEP_PTY, step_pty },
		{ CHILD_STEP_TTY, step_tty },
		{ CHILD_STEP_LIMITS, step_limits },
		{ CHILD_STEP_KEYRING, step_keyring },
		{ CHILD_STEP_NO_NEW_PRIVS, step_no_new_privs },
		{ CHILD_STEP_CAPABILITIES, step_capabilities },
		{ CHILD_STEP_LANDLOCK, step_landlock },
		{ CHILD_STEP_SECCOMP, step_seccomp },
		{ CHILD_STEP_JOB, step_job },
		{ CHILD_STEP_SIGNALS, step_signals },
		{ CHILD_STEP_EXEC, step_exec },
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		int error = order[i].run(p);

		if (error)
			return (struct child_report){ order[i].step, error };
	}
	return (struct child_report){ CHILD_STEP_EXEC, EINVAL };
}

_Noreturn void
child_main(const struct child_plan *p)
{
	struct child_report report = child_run(p);
	ssize_t n;

	/* One write of 8 bytes to a pipe is atomic. */
	do {
		n = write(p->report_fd, &report, sizeof(report));
	} while (n == -1 && errno == EINTR);
	_exit(report.step == CHILD_STEP_EXEC ? 127 : 126);
}
