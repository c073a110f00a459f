/*
 * pty [WAIT SEND]... -- COMMAND...: run the command on a terminal of its own, as session leader and
 * foreground group. Whenever its output contains WAIT, SEND is typed and the next pair is awaited;
 * SEND "close" hangs the terminal up. The output goes to standard output, the exit code is the
 * command's (128 + signal), 125 when the terminal cannot be made. SIGALRM ends it after TIMEOUT_S.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/harness/patience.h"

enum {
	TIMEOUT_S = 30,
	OUTPUT_MAX = 1 << 16, /* kept to look for WAIT in */
};

struct terminal {
	int fd;
	char output[OUTPUT_MAX];
	size_t used;
	size_t looked; /* a WAIT is looked for behind the one before */
};

/* False at the end of the output. */
static bool
read_some(struct terminal *t)
{
	ssize_t n;

	if (t->used == sizeof(t->output) - 1) {
		t->used = 0;
		t->looked = 0;
	}
	n = read(t->fd, t->output + t->used, sizeof(t->output) - 1 - t->used);
	if (n == -1 && errno == EINTR)
		return true;
	if (n <= 0)
		return false; /* EIO: nobody has the terminal open any more */
	(void)fwrite(t->output + t->used, 1, (size_t)n, stdout);
	(void)fflush(stdout);
	t->used += (size_t)n;
	return true;
}

static bool
type_next(struct terminal *t, char *const *pair)
{
	char *found = memmem(t->output + t->looked, t->used - t->looked, pair[0], strlen(pair[0]));

	if (!found)
		return false;
	t->looked = (size_t)(found - t->output) + strlen(pair[0]);
	if (strcmp(pair[1], "close") == 0) {
		(void)close(t->fd);
		t->fd = -1;
	} else if (write(t->fd, pair[1], strlen(pair[1])) == -1) {
		perror("pty: write");
	}
	return true;
}

static void
talk(struct terminal *t, int argc, char *const *pairs)
{
	while (t->fd != -1 && read_some(t))
		while (argc >= 2 && t->fd != -1 && type_next(t, pairs)) {
			pairs += 2;
			argc -= 2;
		}
}

int
main(int argc, char **argv)
{
	static struct terminal t;
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	int status, pairs = 1;
	pid_t pid;

	while (pairs < argc && strcmp(argv[pairs], "--") != 0)
		pairs++;
	if (pairs + 1 >= argc || (pairs - 1) % 2 != 0) {
		(void)fprintf(stderr, "usage: pty [WAIT SEND]... -- COMMAND...\n");
		return 125;
	}
	pid = forkpty(&t.fd, NULL, NULL, &size);
	if (pid == -1) {
		perror("pty: forkpty");
		return 125;
	}
	if (pid == 0) {
		(void)execvp(argv[pairs + 1], argv + pairs + 1);
		perror("pty: exec");
		_exit(125);
	}
	(void)alarm(TIMEOUT_S * patience());
	talk(&t, pairs - 1, argv + 1);
	if (waitpid(pid, &status, 0) == -1)
		return 125;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
