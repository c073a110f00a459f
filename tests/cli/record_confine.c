/*
 * Whoever takes nono-record over through the text it reads finds nothing to do. Each refusal has
 * its neighbour that must go on working. Started by record.sh and no unit program: the limit on
 * memory is below what a sanitizer needs.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "record/internal.h"
#include "tests/harness/unit.h"

/* In a confined child: 0 when `fn` answers true. */
static int
confined(bool (*fn)(const struct confine_fds *))
{
	int status;
	pid_t pid = fork();

	if (pid == -1)
		return -1;
	if (pid == 0) {
		struct confine_fds fds = { .output = -1, .context = -1, .json = -1, .list = -1 };

		fds.plan = fd_sealed_memory("plan", "plan", 4);
		fds.facts = fd_sealed_memory("facts", "facts", 5);
		if (fds.plan < 0 || fds.facts < 0 || record_confine(&fds) < 0)
			_exit(2);
		_exit(fn(&fds) ? 0 : 1);
	}
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static bool
fails(long result, int error)
{
	return result == -1 && errno == error;
}

static bool
opens_nothing(const struct confine_fds *fds)
{
	struct stat st;
	char byte;
	int fd = open("/etc/passwd", O_PATH | O_CLOEXEC);

	(void)fds;
	/* Looked up, not opened; and no way from here to the bytes. */
	return fd != -1 && stat("/etc/passwd", &st) == 0 && fails(read(fd, &byte, 1), EPERM) &&
	       fails(pread(fd, &byte, 1, 0), EBADF) &&
	       fails(open("/proc/self/fd/0", O_RDONLY), EACCES) &&
	       fails(open("/etc/passwd", O_RDONLY), EACCES) &&
	       fails(open("/tmp", O_RDONLY | O_DIRECTORY), EACCES) &&
	       fails(open("/tmp/x", O_WRONLY | O_CREAT, 0600), EACCES) &&
	       fails(openat(fd, "", O_RDONLY), EACCES) && fails(unlink("/tmp/x"), EPERM) &&
	       fails(mkdir("/tmp/x", 0700), EPERM) && fails(chmod("/etc/passwd", 0600), EPERM) &&
	       fails(syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", NULL, 0), EPERM);
}

static bool
resolves_paths(const struct confine_fds *fds)
{
	autobuf struct buf b = BUF_INIT;

	(void)fds;
	return path_canonical(&b, "/", "/usr/../usr/bin/env/nothing") == 0 &&
	       strstr(buf_str(&b), "bin/env/nothing");
}

static bool
reads_its_own(const struct confine_fds *fds)
{
	char byte;

	return pread(fds->plan, &byte, 1, 0) == 1 && byte == 'p' &&
	       pread(fds->facts, &byte, 1, 0) == 1 && byte == 'f' &&
	       fails(pread(STDIN_FILENO, &byte, 1, 0), EBADF) &&
	       fails(read(STDIN_FILENO, &byte, 1), EPERM);
}

static bool
writes_errors_only(const struct confine_fds *fds)
{
	struct winsize size;

	errno = 0;
	(void)ioctl(STDERR_FILENO, TIOCGWINSZ, &size);
	return errno != EPERM && write(STDERR_FILENO, "", 0) == 0 &&
	       fails(write(STDOUT_FILENO, "", 0), EBADF) && fails(write(fds->plan, "", 0), EBADF) &&
	       fails(ioctl(STDERR_FILENO, TIOCSTI, "x"), ENOTTY) &&
	       fails(ioctl(STDIN_FILENO, TIOCGWINSZ, &size), ENOTTY);
}

static bool
starts_nothing(const struct confine_fds *fds)
{
	char *argv[] = { (char[]){ "true" }, NULL };

	(void)fds;
	return fails(execv("/usr/bin/true", argv), EPERM) && fails(fork(), EPERM) &&
	       fails(kill(getppid(), 0), EPERM) && fails(socket(AF_UNIX, SOCK_STREAM, 0), EPERM) &&
	       fails(socket(AF_INET, SOCK_DGRAM, 0), EPERM) &&
	       fails(prctl(PR_SET_DUMPABLE, 1), EPERM) &&
	       fails(syscall(SYS_ptrace, 0, 0, 0, 0), EPERM) &&
	       fails(syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0), EPERM);
}

static bool
memory_is_bounded(const struct confine_fds *fds)
{
	void *small = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);
	void *large = mmap(NULL, (size_t)1 << 30, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int large_error = errno;
	void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (large != MAP_FAILED || large_error != ENOMEM)
		return false;
	if (code != MAP_FAILED || errno != EPERM)
		return false;
	if (mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fds->plan, 0) != MAP_FAILED || errno != EPERM)
		return false;
	return small != MAP_FAILED;
}

/* ---- recovery: the files of one directory ---- */

static char directory[] = "/tmp/nono-record.XXXXXX"; /* below/, and a file beside it */

/* The same for recovery, in `below`. */
static int
confined_below(bool (*fn)(int dir))
{
	int status;
	pid_t pid = fork();

	if (pid == -1)
		return -1;
	if (pid == 0) {
		int dir = chdir(directory) == -1
				  ? -1
				  : open("below", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (dir == -1 || record_confine_below(dir) < 0)
			_exit(2);
		_exit(fn(dir) ? 0 : 1);
	}
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static bool
works_below(int dir)
{
	char byte = 0;
	int fd = openat(dir, "file", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int list = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = list == -1 ? NULL : fdopendir(list);
	bool any = d && readdir(d);

	return fd != -1 && any && closedir(d) == 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
	       write(fd, "ab", 2) == 2 && pwrite(fd, "c", 1, 1) == 1 &&
	       pread(fd, &byte, 1, 1) == 1 && byte == 'c' && ftruncate(fd, 1) == 0 &&
	       write(STDERR_FILENO, "", 0) == 0 && unlinkat(dir, "file", 0) == 0;
}

static bool
reaches_nothing_else(int dir)
{
	char byte;
	void *small = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);

	return small != MAP_FAILED && fails(open("/etc/passwd", O_RDONLY), EACCES) &&
	       fails(openat(dir, "..", O_RDONLY | O_DIRECTORY), EACCES) &&
	       fails(openat(dir, "../new", O_WRONLY | O_CREAT, 0600), EACCES) &&
	       fails(openat(dir, "../beside", O_RDONLY), EACCES) &&
	       fails(unlinkat(dir, "../beside", 0), EACCES) &&
	       fails(read(STDIN_FILENO, &byte, 1), EBADF) &&
	       fails(write(STDOUT_FILENO, "", 0), EBADF);
}

static bool
makes_few_calls(int dir)
{
	char *argv[] = { (char[]){ "true" }, NULL };

	return fails(execv("/usr/bin/true", argv), EPERM) && fails(fork(), EPERM) &&
	       fails(kill(getppid(), 0), EPERM) && fails(socket(AF_UNIX, SOCK_STREAM, 0), EPERM) &&
	       fails(socket(AF_INET, SOCK_DGRAM, 0), EPERM) &&
	       fails(ioctl(STDIN_FILENO, TIOCSTI, "x"), EPERM) &&
	       fails(fcntl(dir, F_DUPFD, 0), EPERM) && fails(fchmod(dir, 0777), EPERM) &&
	       fails(renameat(dir, "a", dir, "b"), EPERM) &&
	       fails(symlinkat("/", dir, "link"), EPERM) &&
	       fails(syscall(SYS_openat2, dir, "file", NULL, 0), EPERM) &&
	       mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
		       MAP_FAILED &&
	       errno == EPERM;
}

static void
test_recovery(void)
{
	CU_ASSERT_FATAL(mkdtemp(directory) != NULL && chdir(directory) == 0);
	CU_ASSERT_FATAL(mkdir("below", 0700) == 0 && mknod("beside", S_IFREG | 0600, 0) == 0);
	CU_ASSERT_EQUAL(confined_below(works_below), 0);
	CU_ASSERT_EQUAL(confined_below(reaches_nothing_else), 0);
	CU_ASSERT_EQUAL(confined_below(makes_few_calls), 0);
	CU_ASSERT(unlink("beside") == 0 && rmdir("below") == 0 && rmdir(directory) == 0);
}

static void
test_files(void)
{
	CU_ASSERT_EQUAL(confined(opens_nothing), 0);
	CU_ASSERT_EQUAL(confined(resolves_paths), 0);
}

static void
test_descriptors(void)
{
	CU_ASSERT_EQUAL(confined(reads_its_own), 0);
	CU_ASSERT_EQUAL(confined(writes_errors_only), 0);
}

static void
test_processes(void)
{
	CU_ASSERT_EQUAL(confined(starts_nothing), 0);
}

static void
test_memory(void)
{
	CU_ASSERT_EQUAL(confined(memory_is_bounded), 0);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "no file is opened, paths are looked up", test_files },
		{ "descriptors by number", test_descriptors },
		{ "no process, no socket", test_processes },
		{ "memory is bounded and never code", test_memory },
		{ "recovery: one directory, few calls", test_recovery },
	};

	return unit_run("record_confine", tests, UNIT_COUNT(tests));
}
