/* A helper program of the system whose answer is needed before the start: bounded in time and size. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "profiles/internal.h"

static int64_t
now_ms(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int
read_answer(struct buf *b, int fd, const struct run *run)
{
	int64_t end = now_ms() + run->timeout_ms;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = end - now_ms();
		char bytes[4096];
		ssize_t n;

		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		n = read(fd, bytes, sizeof(bytes));
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -errno;
		if (n == 0)
			return 0;
		if (b->n + (size_t)n > run->bytes_max)
			return -EFBIG;
		if (buf_add(b, bytes, (size_t)n) < 0)
			return -ENOMEM;
	}
}

/* Its messages are nobody's business: the user did not ask for this program. */
static int
add_actions(posix_spawn_file_actions_t *actions, const struct run *run, int out)
{
	int r = 0;

	if (run->directory)
		r = posix_spawn_file_actions_addchdir_np(actions, run->directory);
	if (r == 0)
		r = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY,
						     0);
	if (r == 0)
		r = posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY,
						     0);
	return r == 0 ? posix_spawn_file_actions_adddup2(actions, out, STDOUT_FILENO) : r;
}

static int
spawn(pid_t *ret, const struct run *run, int out)
{
	posix_spawn_file_actions_t actions;
	int r = posix_spawn_file_actions_init(&actions);

	if (r != 0)
		return -r;
	if ((r = add_actions(&actions, run, out)) == 0)
		r = posix_spawnp(ret, run->argv[0], &actions, NULL, run->argv, run->environment);
	(void)posix_spawn_file_actions_destroy(&actions);
	return -r;
}

int
run_program(struct buf *answer, const struct run *run)
{
	autofd int out = -1, in = -1;
	int pipe_fds[2], status = 0, r;
	pid_t pid;

	if (pipe2(pipe_fds, O_CLOEXEC) == -1)
		return -errno;
	out = pipe_fds[0];
	in = pipe_fds[1];
	if ((r = spawn(&pid, run, in)) < 0)
		return r;
	in = fd_close(in);
	r = read_answer(answer, out, run);
	if (r < 0)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	if (r < 0)
		return r;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -ECHILD;
}
