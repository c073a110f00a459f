/* Parent, cgroup, limits, session keyring and signal mask. */
#include <errno.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "child/internal.h"

/*
 * The program must not outlive its broker. The death signal is set before the parent is compared:
 * a broker that died in between is noticed by one of the two.
 */
int
step_parent(const struct child_plan *p)
{
	if (p->parent == 0)
		return 0;
	if (p->death_signal && prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		return errno;
	return getppid() == p->parent ? 0 : ESRCH;
}

/*
 * Into the group whose limits hold for everything from here on; children are born into it. 0 is
 * the writing process, whatever its number is in which pid namespace. A short write moved nobody.
 */
int
step_cgroup(const struct child_plan *p)
{
	ssize_t n;

	if (p->cgroup_fd == -1)
		return 0;
	n = write(p->cgroup_fd, "0", 1);
	if (n == -1)
		return errno;
	return n == 1 ? 0 : EIO;
}

/*
 * No core dumps: a piped core_pattern starts a helper outside the sandbox, and for it the kernel
 * ignores a limit of 0 but not a limit of 1 (core(5)).
 */
int
step_limits(const struct child_plan *p)
{
	const struct rlimit one = { 1, 1 };
	struct rlimit now;

	if (!p->limit_core)
		return 0;
	if (getrlimit(RLIMIT_CORE, &now) == -1)
		return errno;
	/* A hard limit of 0 cannot be raised without CAP_SYS_RESOURCE: 0 stays 0. */
	if (now.rlim_max == 0)
		return 0;
	return setrlimit(RLIMIT_CORE, &one) == -1 ? errno : 0;
}

/*
 * A new, empty session keyring, so that the program does not possess the user's tickets and keys;
 * the filter then closes keyctl. A kernel without keyrings, or a container that refuses the call,
 * leaves nothing that could be reached either: the filter refuses the same calls.
 */
int
step_keyring(const struct child_plan *p)
{
	if (!p->new_keyring)
		return 0;
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) != -1)
		return 0;
	return errno == ENOSYS || errno == EPERM ? 0 : errno;
}

int
step_signals(const struct child_plan *p)
{
	return sigprocmask(SIG_SETMASK, &p->signal_mask, NULL) == -1 ? errno : 0;
}
