/*
 * E3: prlimit(2) reaches every process of the user, past all scopes: a CPU limit of 0 kills the
 * broker with SIGKILL. The attack sets the limits the target has already, so that a success
 * changes nothing.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static void
set_same(const char *name, pid_t pid, enum __rlimit_resource what)
{
	struct rlimit limit;

	if (prlimit(pid, what, NULL, &limit) == -1)
		attack_result(name, -1);
	else
		attack_result(name, prlimit(pid, what, &limit, NULL));
}

int
main(void)
{
	pid_t victim = (pid_t)attack_env_number("ESC_VICTIM");
	struct rlimit limit;

	set_same("victim-cpu", victim, RLIMIT_CPU);
	set_same("victim-fsize", victim, RLIMIT_FSIZE);
	set_same("parent-cpu", getppid(), RLIMIT_CPU);
	set_same("parent-nofile", getppid(), RLIMIT_NOFILE);
	/* The kernel takes an int: what is above it must not hide the value from a filter. */
	if (prlimit(victim, RLIMIT_CPU, NULL, &limit) == 0)
		attack_result("upper-bits", syscall(SYS_prlimit64, 1UL << 32 | (unsigned int)victim,
						    RLIMIT_CPU, &limit, NULL));
	/* Nor may it name itself: the filter cannot know its pid, only zero. */
	set_same("own-pid", getpid(), RLIMIT_NOFILE);

	attack_twin("own", prlimit(0, RLIMIT_NOFILE, NULL, &limit) == 0 &&
				   prlimit(0, RLIMIT_NOFILE, &limit, NULL) == 0);
	limit.rlim_cur = 32;
	attack_twin("own-setrlimit", setrlimit(RLIMIT_NOFILE, &limit) == 0);
	attack_twin("read-others", prlimit(victim, RLIMIT_CPU, NULL, &limit) == 0);
	limit = (struct rlimit){ 0, 0 };
	attack_twin("core-zero", setrlimit(RLIMIT_CORE, &limit) == 0);
	return 0;
}
