/*
 * Helper programs: found beside the broker, started with nothing but the descriptors they are
 * given. The directory is opened once, so an upgrade during the session changes nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/hooks.h"
#include "broker/internal.h"

enum { PARKED_FD_MIN = 16 };

int
helper_open_directory(struct err *e)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;
	int fd;

	if (n == -1)
		return err_set_errno(e, -errno, "cannot find the directory of nono-broker");
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return err_set(e, -ENOENT, "cannot find the directory of nono-broker in '%s'",
			       path);
	slash[1] = '\0';
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd == -1 ? err_set_errno(e, -errno, "cannot open '%s'", path) : fd;
}

/*
 * In the forked child. The sources may stand in each other's way: they are parked above all
 * targets first. Signals stay blocked: a helper decides itself.
 */
static _Noreturn void
helper_main(int directory_fd, const char *name, char *const argv[], const struct helper_fd *map,
	    size_t count, pid_t parent, bool on_terminal)
{
	int parked[HELPER_FDS_MAX], highest = 2;

	if ((!on_terminal && setpgid(0, 0) == -1) || prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
	    getppid() != parent || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		_exit(EXIT_SETUP);
	directory_fd = fcntl(directory_fd, F_DUPFD_CLOEXEC, PARKED_FD_MIN);
	for (size_t i = 0; i < count; i++) {
		parked[i] = fcntl(map[i].from, F_DUPFD_CLOEXEC, PARKED_FD_MIN);
		if (parked[i] == -1)
			_exit(EXIT_SETUP);
	}
	for (size_t i = 0; i < count; i++) {
		if (dup2(parked[i], map[i].to) == -1)
			_exit(EXIT_SETUP);
		if (map[i].to > highest)
			highest = map[i].to;
	}
	if (syscall(SYS_close_range, (unsigned int)highest + 1, ~0U, CLOSE_RANGE_CLOEXEC) == -1)
		_exit(EXIT_SETUP);
	(void)syscall(SYS_execveat, directory_fd, name, argv, hook_helper_environment(), 0);
	_exit(EXIT_MISSING);
}

static int
spawn(int directory_fd, const char *name, char *const argv[], const struct helper_fd *map,
      size_t count, bool on_terminal, pid_t *ret_pid, struct err *e)
{
	pid_t self = getpid(), pid;

	if (count > HELPER_FDS_MAX)
		return err_set(e, -E2BIG, "too many descriptors for '%s'", name);
	pid = fork();
	if (pid == -1)
		return err_set_errno(e, -errno, "cannot start '%s'; see `ulimit -u`", name);
	if (pid == 0)
		helper_main(directory_fd, name, argv, map, count, self, on_terminal);
	*ret_pid = pid;
	return 0;
}

int
helper_spawn(int directory_fd, const char *name, char *const argv[], const struct helper_fd *map,
	     size_t count, pid_t *ret_pid, struct err *e)
{
	return spawn(directory_fd, name, argv, map, count, false, ret_pid, e);
}

int
helper_spawn_on_terminal(int directory_fd, const char *name, char *const argv[],
			 const struct helper_fd *map, size_t count, pid_t *ret_pid, struct err *e)
{
	return spawn(directory_fd, name, argv, map, count, true, ret_pid, e);
}
