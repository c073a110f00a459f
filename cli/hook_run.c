/* Checking and running a script. */
#include "cli/hook_run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"

enum { GRACE_MS = 100, STEP_MS = 50 };

static bool
is_trusted_owner(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

static int
check_file(const char *script, const struct stat *st, struct err *e)
{
	if (!S_ISREG(st->st_mode))
		return err_set(e, -EINVAL, "hook script '%s' is not a regular file", script);
	if (!(st->st_mode & 0111))
		return err_set(e, -EACCES,
			       "hook script '%s' is not executable; make it so with chmod +x",
			       script);
	if (!is_trusted_owner(st->st_uid))
		return err_set(e, -EPERM,
			       "hook script '%s' is owned by uid %u, who could change it; only "
			       "scripts of yours or of root are run",
			       script, (unsigned int)st->st_uid);
	if (st->st_mode & 022)
		return err_set(
			e, -EPERM,
			"hook script '%s' can be written by others; take that away with chmod "
			"go-w",
			script);
	return 0;
}

/* Who may change a directory can put another file in place; a sticky bit does not help a name. */
static int
check_directories(const char *script, const char *canonical, struct err *e)
{
	char dir[PATH_MAX];
	size_t n = strlen(canonical);
	struct stat st;

	if (n >= sizeof(dir))
		return err_set(e, -ENAMETOOLONG, "the path of hook script '%s' is too long",
			       script);
	memcpy(dir, canonical, n + 1);
	while (n > 1) {
		while (n > 1 && dir[n - 1] != '/')
			n--;
		dir[n > 1 ? --n : n] = '\0';
		if (stat(n ? dir : "/", &st) == -1)
			return err_set_errno(e, -errno, "cannot look at '%s'", dir);
		if (st.st_mode & 002)
			return err_set(
				e, -EPERM,
				"hook script '%s' is in a world-writable directory, '%s'; move "
				"it below your home directory",
				script, dir);
		if (!is_trusted_owner(st.st_uid))
			return err_set(
				e, -EPERM,
				"hook script '%s' is below '%s', owned by uid %u; move it below "
				"your home directory",
				script, dir, (unsigned int)st.st_uid);
	}
	return 0;
}

int
hook_open(const char *script, struct err *e)
{
	autobuf struct buf canonical = BUF_INIT;
	autofd int fd = -1;
	struct stat st;
	int r;

	if (script[0] != '/')
		return err_set(e, -EINVAL, "Hook script path must be absolute: '%s'", script);
	/* A FIFO of that name must not keep us waiting. */
	fd = open(script, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1 && errno_is_missing(-errno))
		return err_set(e, -ENOENT, "hook script '%s' not found", script);
	if (fd == -1 || fstat(fd, &st) == -1)
		return err_set_errno(e, -errno, "cannot open hook script '%s'", script);
	if ((r = check_file(script, &st, e)) < 0)
		return r;
	r = path_of_fd(&canonical, fd);
	if (r < 0)
		return err_set_errno(e, r, "cannot tell where hook script '%s' is", script);
	r = check_directories(script, buf_str(&canonical), e);
	return r < 0 ? r : fd_take(&fd);
}

/* ---- running ---- */

static _Noreturn void
become_script(const struct hook_run *h, int output)
{
	char *argv[] = { (char *)(uintptr_t)h->script, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (setpgid(0, 0) == -1 || dup2(null, STDIN_FILENO) == -1 ||
	    dup2(h->capture ? output : null, STDOUT_FILENO) == -1 ||
	    (h->capture && dup2(output, STDERR_FILENO) == -1))
		_exit(EXIT_SETUP);
	/* An interpreter opens its script as /dev/fd/N. */
	(void)fcntl(h->fd, F_SETFD, 0);
	(void)syscall(SYS_execveat, h->fd, "", argv, h->variables, AT_EMPTY_PATH);
	_exit(errno == ENOENT ? EXIT_MISSING : EXIT_SETUP);
}

static uint64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* What has arrived; of a long output the end is kept. */
static int
drain(struct hook_run *h, int fd)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
		int r = buf_add(&h->output, bytes, (size_t)n);

		if (r < 0)
			return r;
		if (h->output.n > HOOK_OUTPUT_MAX) {
			size_t drop = h->output.n - HOOK_OUTPUT_MAX;

			memmove(h->output.p, h->output.p + drop, HOOK_OUTPUT_MAX + 1);
			h->output.n = HOOK_OUTPUT_MAX;
		}
	}
	return 0;
}

static int
wait_for(struct hook_run *h, pid_t pid, int output)
{
	uint64_t end = h->timeout_ms ? now_ms() + h->timeout_ms : UINT64_MAX;
	int r = 0, signal = SIGTERM;

	for (;;) {
		struct pollfd p = { .fd = output, .events = POLLIN };
		pid_t ended = waitpid(pid, &h->status, WNOHANG);

		if (r == 0)
			r = drain(h, output);
		if (ended == pid)
			return r;
		if (now_ms() >= end || r < 0) {
			h->timed_out = true;
			(void)kill(-pid, signal);
			signal = SIGKILL;
			end = now_ms() + GRACE_MS;
		}
		(void)poll(&p, 1, STEP_MS);
		/* Its end of the pipe may close long before it ends. */
		if (p.revents == POLLHUP)
			(void)poll(NULL, 0, STEP_MS);
	}
}

int
hook_run(struct hook_run *h, struct err *e)
{
	int fds[2], r;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) == -1)
		return err_set_errno(e, -errno, "cannot make a pipe for hook '%s'", h->script);
	pid = fork();
	if (pid == 0) {
		/* The script expects a pipe that waits. */
		(void)fcntl(fds[1], F_SETFL, 0);
		become_script(h, fds[1]);
	}
	r = pid == -1 ? -errno : 0;
	(void)close(fds[1]);
	if (r == 0)
		r = wait_for(h, pid, fds[0]);
	(void)close(fds[0]);
	return r < 0 ? err_set_errno(e, r, "cannot run hook '%s'", h->script) : 0;
}
