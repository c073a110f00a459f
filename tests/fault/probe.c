/*
 * probe run|wrap SECRET: the program of a launch under fault injection. Proves its own confinement
 * and prints CONFINED, or ESCAPED and what was missing. It asks the kernel, not its environment:
 * whatever step failed to happen, one of these answers changes.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DESCRIPTORS_CHECKED = 4096 };

static int
escaped(const char *what)
{
	printf("ESCAPED %s\n", what);
	return 3;
}

static int
extra_descriptor(void)
{
	for (int fd = 3; fd < DESCRIPTORS_CHECKED; fd++)
		if (fcntl(fd, F_GETFD) != -1)
			return fd;
	return -1;
}

/* KEYCTL_GET_KEYRING_ID is one of the calls that the filter refuses with EPERM. */
static int
keyring_errno(void)
{
	errno = 0;
	(void)syscall(SYS_keyctl, 0, -3, 0);
	return errno;
}

int
main(int argc, char **argv)
{
	struct rlimit core;
	sigset_t blocked;
	int death = 0;

	if (argc != 3)
		return escaped("usage");
	if (open(argv[2], O_RDONLY | O_CLOEXEC) != -1 || errno != EACCES)
		return escaped("landlock");
	errno = 0;
	if (syscall(SYS_io_uring_setup, 1, NULL) != -1 || errno != ENOSYS)
		return escaped("filter");
	if (keyring_errno() != EPERM)
		return escaped("filter-keyring");
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return escaped("no-new-privs");
	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 2)
		return escaped("seccomp-mode");
	if (extra_descriptor() != -1)
		return escaped("descriptors");
	if (getrlimit(RLIMIT_CORE, &core) == -1 || core.rlim_cur > 1 || core.rlim_max > 1)
		return escaped("core-limit");
	if (prctl(PR_GET_PDEATHSIG, &death, 0, 0, 0) == -1 ||
	    (strcmp(argv[1], "run") == 0 && death != SIGKILL))
		return escaped("death-signal");
	if (sigprocmask(SIG_SETMASK, NULL, &blocked) == -1 || sigismember(&blocked, SIGTERM) ||
	    sigismember(&blocked, SIGINT))
		return escaped("signal-mask");
	printf("CONFINED\n");
	return 0;
}
