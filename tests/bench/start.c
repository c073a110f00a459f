/*
 * Measures what starting a command costs: wall time of whole runs, interleaved so that a busy
 * moment hits every candidate alike, and the executions and syncs of one traced run.
 *
 *   start ROUNDS NAME=COMMAND...     COMMAND is split at blanks; streams are /dev/null
 *
 * Prints per candidate: NAME median_us p10_us p90_us execs syncs exit_code
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORDS_MAX = 64, CANDIDATES_MAX = 16, WARM_UP = 5, TRACE_SYSGOOD = SIGTRAP | 0x80 };

struct candidate {
	const char *name;
	char *word[WORDS_MAX + 1];
	uint64_t *ns;
	unsigned int execs, syncs;
	int exit_code;
};

static void
die(const char *what)
{
	fprintf(stderr, "start: %s: %s\n", what, strerror(errno));
	exit(2);
}

static uint64_t
now_ns(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) == -1)
		die("clock_gettime");
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t
run_once(struct candidate *c)
{
	posix_spawn_file_actions_t files;
	uint64_t begin = now_ns();
	int status;
	pid_t pid;

	if ((errno = posix_spawn_file_actions_init(&files)) != 0)
		die("spawn actions");
	for (int fd = 0; fd <= 2; fd++)
		if ((errno = posix_spawn_file_actions_addopen(&files, fd, "/dev/null",
							      fd ? O_WRONLY : O_RDONLY, 0)) != 0)
			die("spawn actions");
	if ((errno = posix_spawnp(&pid, c->word[0], &files, NULL, c->word, environ)) != 0)
		die(c->word[0]);
	if (waitpid(pid, &status, 0) == -1)
		die("waitpid");
	(void)posix_spawn_file_actions_destroy(&files);
	c->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return now_ns() - begin;
}

static int
is_sync(long nr)
{
	return nr == SYS_fsync || nr == SYS_fdatasync || nr == SYS_sync || nr == SYS_syncfs ||
	       nr == SYS_sync_file_range;
}

/* Count execve and sync calls of the whole tree; the bare process's own first exec counts too. */
static void
trace_once(struct candidate *c)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	pid_t first = fork();
	int status;

	if (first == -1)
		die("fork");
	if (first == 0) {
		int null = open("/dev/null", O_RDWR);

		for (int fd = 0; fd <= 2; fd++)
			(void)dup2(null, fd);
		(void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		(void)raise(SIGSTOP);
		(void)execvp(c->word[0], c->word);
		_exit(127);
	}
	if (waitpid(first, &status, 0) == -1 ||
	    ptrace(PTRACE_SETOPTIONS, first, NULL, (void *)options) == -1 ||
	    ptrace(PTRACE_SYSCALL, first, NULL, NULL) == -1)
		die("ptrace");
	for (;;) {
		pid_t pid = waitpid(-1, &status, __WALL);
		long deliver = 0;

		if (pid == -1)
			break;
		if (!WIFSTOPPED(status))
			continue;
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8)) {
			c->execs++;
		} else if (WSTOPSIG(status) == TRACE_SYSGOOD) {
			struct __ptrace_syscall_info info;

			if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) > 0 &&
			    info.op == PTRACE_SYSCALL_INFO_ENTRY && is_sync((long)info.entry.nr))
				c->syncs++;
		} else if (status >> 16 == 0 && WSTOPSIG(status) != SIGTRAP &&
			   WSTOPSIG(status) != SIGSTOP) {
			deliver = WSTOPSIG(status);
		}
		(void)ptrace(PTRACE_SYSCALL, pid, NULL, (void *)deliver);
	}
}

static int
by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

int
main(int argc, char **argv)
{
	static struct candidate list[CANDIDATES_MAX];
	size_t count = 0, rounds;

	if (argc < 3 || (rounds = strtoul(argv[1], NULL, 10)) == 0 || argc - 2 > CANDIDATES_MAX) {
		fprintf(stderr, "usage: start ROUNDS NAME=COMMAND...\n");
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		struct candidate *c = &list[count++];
		char *command = strchr(argv[i], '=');
		size_t words = 0;

		if (!command)
			return 2;
		*command++ = '\0';
		c->name = argv[i];
		for (char *w = strtok(command, " "); w && words < WORDS_MAX; w = strtok(NULL, " "))
			c->word[words++] = w;
		c->ns = calloc(rounds, sizeof(*c->ns));
		if (!c->ns || words == 0)
			die("calloc");
	}
	for (size_t r = 0; r < rounds + WARM_UP; r++)
		for (size_t i = 0; i < count; i++) {
			uint64_t ns = run_once(&list[i]);

			if (r >= WARM_UP)
				list[i].ns[r - WARM_UP] = ns;
		}
	for (size_t i = 0; i < count; i++) {
		struct candidate *c = &list[i];

		trace_once(c);
		qsort(c->ns, rounds, sizeof(*c->ns), by_size);
		printf("%s %.1f %.1f %.1f %u %u %d\n", c->name, (double)c->ns[rounds / 2] / 1000,
		       (double)c->ns[rounds / 10] / 1000, (double)c->ns[rounds * 9 / 10] / 1000,
		       c->execs, c->syncs, c->exit_code);
	}
	return 0;
}
