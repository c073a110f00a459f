/*
 * pty_run [-a|-s] COMMAND...: run a command on a terminal of its own, as a user's shell would: new
 * session, controlling terminal, descriptors 0 and 2 are the terminal, 1 stays what it is. With -a
 * 1 is the terminal too, and what is printed there goes to our stdout; with -s this stays away from
 * it, and a line for each sequence of row A5 tells whether it came.
 * Afterwards look whether anything was pushed into the terminal's input queue, which the user's
 * shell would read as if typed: prints `queue succeeded` or `queue failed: empty`.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static void
die(const char *what)
{
	fprintf(stderr, "pty_run: %s: %s\n", what, strerror(errno));
	exit(1);
}

enum { SEEN_MAX = 1 << 16 };

/* The beginning of all that was printed on the terminal. */
struct seen {
	char bytes[SEEN_MAX];
	size_t count;
};

static void
note(struct seen *seen, const char *bytes, size_t n)
{
	if (n > SEEN_MAX - seen->count)
		n = SEEN_MAX - seen->count;
	memcpy(seen->bytes + seen->count, bytes, n);
	seen->count += n;
}

static void
say_what_came(const struct seen *seen)
{
	static const struct {
		const char *name, *part;
	} sequence[] = {
		{ "clipboard-read", "]52;c;?" }, { "title-report", "[21t" },
		{ "screen-checksum", "*y" },	 { "media-copy", "[5i" },
		{ "user-keys", "|17/" },	 { "file-transfer", "File=" },
	};

	for (size_t i = 0; i < sizeof(sequence) / sizeof(*sequence); i++)
		printf("%s %s\n", sequence[i].name,
		       memmem(seen->bytes, seen->count, sequence[i].part, strlen(sequence[i].part))
			       ? "succeeded"
			       : "failed: filtered");
	/* The neighbour that is allowed, and that anything came at all. */
	printf("twin colour %s\n",
	       memmem(seen->bytes, seen->count, "\033[31mred", 8) ? "ok" : "failed: filtered");
}

/* What the command prints on its terminal. */
static void
relay(int master, int to, struct seen *seen)
{
	char bytes[4096];
	struct pollfd p = { .fd = master, .events = POLLIN };

	while (poll(&p, 1, 0) == 1 && (p.revents & POLLIN)) {
		ssize_t n = read(master, bytes, sizeof(bytes));

		if (n <= 0)
			return;
		note(seen, bytes, (size_t)n);
		if (to != -1)
			(void)!write(to, bytes, (size_t)n);
	}
}

int
main(int argc, char **argv)
{
	static struct seen seen;
	bool sequences = argc > 1 && strcmp(argv[1], "-s") == 0;
	bool all = sequences || (argc > 1 && strcmp(argv[1], "-a") == 0);
	int to = sequences ? -1 : all ? 1 : 2;
	int master, slave, status, queued = 0;
	struct termios raw;
	pid_t pid;

	argc -= all;
	argv += all;
	if (argc < 2)
		return 2;
	if (openpty(&master, &slave, NULL, NULL, NULL) == -1)
		die("openpty");
	if (tcgetattr(slave, &raw) == -1)
		die("tcgetattr");
	cfmakeraw(&raw);
	if (tcsetattr(slave, TCSANOW, &raw) == -1)
		die("tcsetattr");
	(void)fcntl(master, F_SETFD, FD_CLOEXEC);
	(void)fcntl(slave, F_SETFD, FD_CLOEXEC);
	pid = fork();
	if (pid == -1)
		die("fork");
	if (pid == 0) {
		if (setsid() == -1 || ioctl(slave, TIOCSCTTY, 0) == -1 || dup2(slave, 0) == -1 ||
		    dup2(slave, 2) == -1 || (all && dup2(slave, 1) == -1))
			_exit(126);
		(void)execvp(argv[1], &argv[1]);
		_exit(127);
	}
	for (;;) {
		pid_t gone = waitpid(pid, &status, WNOHANG);

		relay(master, to, &seen);
		if (gone == pid)
			break;
		if (gone == -1 && errno != EINTR)
			die("waitpid");
		(void)usleep(2000);
	}
	if (tcsetattr(slave, TCSANOW, &raw) == -1 || ioctl(slave, FIONREAD, &queued) == -1)
		die("queue");
	relay(master, to, &seen);
	if (sequences)
		say_what_came(&seen);
	printf(queued > 0 ? "queue succeeded\n" : "queue failed: empty\n");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
