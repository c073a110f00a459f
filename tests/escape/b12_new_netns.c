/* B12: a network namespace of one's own, inside a user namespace of one's own, to shed rules. */
#include "tests/escape/attack.h"

#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int
by_unshare(void *flags)
{
	return unshare((int)(intptr_t)flags) == -1 ? errno : 0;
}

static int
by_clone(void *flags)
{
	long pid = syscall(SYS_clone, (intptr_t)flags | SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == -1)
		return errno;
	if (pid == 0)
		_exit(0);
	(void)waitpid((pid_t)pid, NULL, 0);
	return 0;
}

static int
by_clone3(void *flags)
{
	struct clone_args args = { .flags = (uint64_t)(intptr_t)flags, .exit_signal = SIGCHLD };
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid == -1)
		return errno;
	if (pid == 0)
		_exit(0);
	(void)waitpid((pid_t)pid, NULL, 0);
	return 0;
}

int
main(void)
{
	void *both = (void *)(intptr_t)(CLONE_NEWUSER | CLONE_NEWNET);

	attack_errno("unshare", attack_forked(by_unshare, both));
	attack_errno("unshare-user", attack_forked(by_unshare, (void *)(intptr_t)CLONE_NEWUSER));
	attack_errno("clone", attack_forked(by_clone, both));
	/* clone(2) ignores the upper half of its flags; unshare(2) refuses it. */
	attack_errno("clone-upper-bits",
		     attack_forked(by_clone, (void *)(1L << 32 | CLONE_NEWUSER)));
	attack_errno("clone3", attack_forked(by_clone3, both));
	attack_twin("fork", attack_forked(by_clone, NULL) == 0);
	attack_twin("unshare-files", unshare(CLONE_FILES) == 0);
	return 0;
}
