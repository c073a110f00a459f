/*
 * Private temporary directories: PARENT/nono-UID/PID-STARTTIME, both 0700 and ours. The start time
 * tells a reused process number from the one that made the directory. Contents were written by a
 * program we do not trust: they are removed without following anything, by a helper that Landlock
 * confines to removing below that one directory.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/landlock.h"
#include "base/path.h"
#include "base/procstat.h"
#include "launch/internal.h"

enum {
	SWEEP_ENTRIES_MAX = 64, /* looked at per start */
	SWEEP_REMOVALS_MAX = 8, /* non-empty ones handed to the helper per start */
	REMOVE_DEPTH_MAX = 128, /* nested directories; deeper ones are left */
	REMOVE_SECONDS_MAX = 30,
	NAME_BYTES_MAX = 64,
};

/* Open PARENT/nono-UID, making it if asked; refuses what is not a private directory of ours. */
static int
open_root(const char *parent, bool make, struct buf *name, struct err *e)
{
	autofd int fd = -1;
	struct stat st;
	int r;

	if ((r = buf_addf(name, "%s/nono-%u", strcmp(parent, "/") ? parent : "",
			  (unsigned int)getuid())) < 0)
		return r;
	if (make && mkdir(name->p, 0700) == -1 && errno != EEXIST)
		return err_set_errno(e, -errno,
				     "cannot make the private temporary directory below '%s'; "
				     "set TMPDIR to a writable directory or use --shared-tmp",
				     parent);
	fd = open(name->p, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1)
		return err_set_errno(e, -errno,
				     "cannot use the private temporary directory '%s'; remove it, "
				     "set TMPDIR elsewhere or use --shared-tmp",
				     name->p);
	if (st.st_uid != getuid() || (st.st_mode & 077))
		return err_set(
			e, -EPERM,
			"'%s' is not a private directory of this user; remove it, set TMPDIR "
			"elsewhere or use --shared-tmp",
			name->p);
	return fd_take(&fd);
}

int
tempdir_make(char **ret, const char *parent, struct err *e)
{
	autobuf struct buf name = BUF_INIT;
	char own[NAME_BYTES_MAX];
	struct procstat self;
	autofd int root = -1;
	int r;

	if ((r = procstat_read(&self, getpid())) < 0)
		return err_set_errno(e, r, "cannot read /proc/%d/stat", (int)getpid());
	if ((root = open_root(parent, true, &name, e)) < 0)
		return root == -ENOMEM ? err_set_errno(e, root, "cannot make a temporary directory")
				       : root;
	(void)snprintf(own, sizeof(own), "%d-%llu", (int)self.pid,
		       (unsigned long long)self.start_ticks);
	if (mkdirat(root, own, 0700) == -1)
		return err_set_errno(
			e, -errno,
			"cannot make the private temporary directory '%s/%s'; set TMPDIR "
			"to a writable directory or use --shared-tmp",
			name.p, own);
	if (buf_addf(&name, "/%s", own) < 0 || !(*ret = buf_take(&name))) {
		(void)unlinkat(root, own, AT_REMOVEDIR);
		return err_set_errno(e, -ENOMEM, "cannot make a temporary directory");
	}
	return 0;
}

static bool
deadline_passed(const struct timespec *end)
{
	struct timespec now;

	return clock_gettime(CLOCK_MONOTONIC, &now) == -1 || now.tv_sec > end->tv_sec;
}

/* Empty the directory `fd`, which is closed. Whatever cannot be removed stays. */
static void
remove_contents(int fd, unsigned int depth, const struct timespec *end)
{
	DIR *dir = fdopendir(fd);
	const struct dirent *entry;

	if (!dir) {
		fd_close(fd);
		return;
	}
	while (!deadline_passed(end) && (entry = readdir(dir))) {
		int sub;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (unlinkat(dirfd(dir), entry->d_name, 0) == 0)
			continue;
		if (depth >= REMOVE_DEPTH_MAX)
			continue;
		sub = openat(dirfd(dir), entry->d_name,
			     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub == -1)
			continue;
		/* Module caches and the like are read-only directories. */
		(void)fchmod(sub, 0700);
		remove_contents(sub, depth + 1, end);
		(void)unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
	}
	(void)closedir(dir);
}

/* Confine this process to listing and removing below `root`. */
static int
confine_to_removal(int root)
{
	const struct landlock_attr attr = { .handled_fs = (1 << 13) - 1 };
	const struct landlock_path_rule rule = {
		.access = LANDLOCK_FS_READ_DIR | LANDLOCK_FS_REMOVE_DIR | LANDLOCK_FS_REMOVE_FILE,
		.parent_fd = root,
	};
	autofd int ruleset = -1;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -errno;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr.handled_fs), 0);
	if (ruleset == -1 ||
	    syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH, &rule, 0) == -1 ||
	    syscall(SYS_landlock_restrict_self, ruleset, 0) == -1)
		return -errno;
	return 0;
}

/* The helper: `root` is the directory of private directories, `names` the ones to remove. */
static _Noreturn void
remover_main(int root, char names[][NAME_BYTES_MAX], size_t count)
{
	struct timespec end;

	/* Holding the caller's streams would keep a reader of its output waiting. */
	if (root < 3 || syscall(SYS_close_range, 0U, (unsigned int)root - 1, 0) == -1 ||
	    syscall(SYS_close_range, (unsigned int)root + 1, ~0U, 0) == -1 ||
	    clock_gettime(CLOCK_MONOTONIC, &end) == -1 || confine_to_removal(root) < 0)
		_exit(1);
	end.tv_sec += REMOVE_SECONDS_MAX;
	for (size_t i = 0; i < count; i++) {
		int fd = openat(root, names[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (fd == -1)
			continue;
		remove_contents(fd, 0, &end);
		(void)unlinkat(root, names[i], AT_REMOVEDIR);
	}
	_exit(0);
}

/* In a session with processes of its own those of other sessions have no number, and seem gone. */
static bool
sees_all_processes(void)
{
	char name[sizeof(INIT_NAME "\n")];
	autofd int fd = open("/proc/1/comm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd == -1 ? -1 : read(fd, name, sizeof(name));

	return n != sizeof(name) - 1 || memcmp(name, INIT_NAME "\n", sizeof(name) - 1) != 0;
}

/* "PID-STARTTIME" of a process that is gone. */
static bool
is_left_over(const char *name)
{
	char *end;
	unsigned long long start;
	struct procstat st;
	long pid;
	int r;

	errno = 0;
	pid = strtol(name, &end, 10);
	if (errno || end == name || *end != '-' || pid <= 0 || pid > INT_MAX)
		return false;
	name = end + 1;
	start = strtoull(name, &end, 10);
	if (errno || end == name || *end)
		return false;
	r = procstat_read(&st, (pid_t)pid);
	if (r < 0)
		return (r == -ENOENT || r == -ESRCH) && sees_all_processes();
	return st.start_ticks != start;
}

void
tempdir_sweep(const char *parent)
{
	char names[SWEEP_REMOVALS_MAX][NAME_BYTES_MAX];
	autobuf struct buf name = BUF_INIT;
	const struct dirent *entry;
	size_t full = 0;
	int fd, again;
	DIR *dir;

	if ((fd = open_root(parent, false, &name, NULL)) < 0)
		return;
	if (!(dir = fdopendir(fd))) {
		fd_close(fd);
		return;
	}
	for (int i = 0; i < SWEEP_ENTRIES_MAX && full < SWEEP_REMOVALS_MAX; i++) {
		if (!(entry = readdir(dir)))
			break;
		if (strlen(entry->d_name) >= NAME_BYTES_MAX || !is_left_over(entry->d_name))
			continue;
		if (unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR) == -1 && errno == ENOTEMPTY)
			(void)snprintf(names[full++], NAME_BYTES_MAX, "%s", entry->d_name);
	}
	again = full ? fcntl(dirfd(dir), F_DUPFD_CLOEXEC, 3) : -1;
	(void)closedir(dir);
	if (again != -1) {
		/* Twice forked: the caller becomes a program that never asked for a child. */
		pid_t pid = fork();

		if (pid == 0) {
			if (fork() == 0)
				remover_main(again, names, full);
			_exit(0);
		}
		if (pid > 0)
			while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
				;
		fd_close(again);
	}
}

int
tempdir_remove(const char *path)
{
	char names[1][NAME_BYTES_MAX];
	const char *base = path_basename(path);
	autofree char *parent = NULL;
	autofd int root = -1;
	pid_t pid;

	if (rmdir(path) == 0)
		return 0;
	if (errno != ENOTEMPTY)
		return -errno;
	parent = mem_memdup0(path, (size_t)(base - path) - 1);
	if (!parent || strlen(base) >= NAME_BYTES_MAX)
		return -ENOMEM;
	root = open(parent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (root == -1)
		return -errno;
	(void)snprintf(names[0], NAME_BYTES_MAX, "%s", base);
	pid = fork();
	if (pid == -1)
		return -errno;
	if (pid == 0)
		remover_main(root, names, 1);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		;
	return 0;
}
