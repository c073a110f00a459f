/*
 * G7: a crash hands the program's memory to the core dump, and where core_pattern is a pipe to a
 * helper that runs outside of the sandbox as root. Success is a wait status that says a core was
 * dumped. `raise` first asks for a higher limit; run.sh starts it with a soft limit of 0.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void
crash(const char *name, bool raise_limit)
{
	int status;
	pid_t pid = fork();

	if (pid == -1) {
		attack_result(name, -1);
		return;
	}
	if (pid == 0) {
		struct rlimit limit;

		if (chdir(attack_env("ESC_WORK")) == -1 || getrlimit(RLIMIT_CORE, &limit) == -1)
			_exit(1);
		if (raise_limit) {
			limit.rlim_cur = limit.rlim_max;
			(void)setrlimit(RLIMIT_CORE, &limit);
			limit = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
			(void)setrlimit(RLIMIT_CORE, &limit);
		}
		abort();
	}
	if (waitpid(pid, &status, 0) == -1)
		attack_result(name, -1);
	else
		attack_effect(name, WIFSIGNALED(status) && WCOREDUMP(status), "no-dump");
}

int
main(void)
{
	struct rlimit limit = { 0, 0 };

	crash("crash", false);
	crash("raise", true);
	/* Programs that hold secrets set the limit to 0 and must not fail. */
	attack_twin("limit-zero", setrlimit(RLIMIT_CORE, &limit) == 0);
	attack_twin("not-dumpable", prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
	return 0;
}
