/*
 * What a terminal between program and user costs. A sink of 80x24 reads all that is shown.
 *
 *   relay output ROUNDS NAME=COMMAND...   seconds of whole runs, interleaved
 *   relay echo ROUNDS NAME=COMMAND...     microseconds from a key to its echo; COMMAND ends in
 *                                         `relay echoing`
 *   relay answer ROUNDS NAME=COMMAND...   milliseconds from ^C until the program, which prints
 *                                         without end, has the signal; ends in `relay flooding`
 *
 * COMMAND is split at blanks. Prints per candidate: NAME median p10 p90 worst.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum {
	WORDS_MAX = 32,
	CANDIDATES_MAX = 8,
	ROUNDS_MAX = 20000,
	FLOOD_MS = 300,
	DRAW_MS = 200,
	WAIT_S = 120
};

struct candidate {
	const char *name;
	char *word[WORDS_MAX + 1];
	double *value;
};

static void
die(const char *what)
{
	fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int64_t
now_ns(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) == -1)
		die("clock_gettime");
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int
open_sink(const struct candidate *c, pid_t *ret_pid)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	int master;

	*ret_pid = forkpty(&master, NULL, NULL, &size);
	if (*ret_pid == -1)
		die("forkpty");
	if (*ret_pid == 0) {
		(void)execvp(c->word[0], c->word);
		_exit(127);
	}
	return master;
}

/* False when nothing is to be read any more. */
static bool
drain(int master, char *bytes, size_t room, size_t *ret_n)
{
	ssize_t n = read(master, bytes, room);

	*ret_n = n > 0 ? (size_t)n : 0;
	return n > 0;
}

static void
end_sink(int master, pid_t pid, bool expect_success, const char *name)
{
	int status;

	(void)close(master);
	if (waitpid(pid, &status, 0) == -1)
		die("waitpid");
	if (expect_success && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
		fprintf(stderr, "relay: '%s' failed\n", name);
		exit(2);
	}
}

static double
measure_output(const struct candidate *c)
{
	static char bytes[64 << 10];
	int64_t begin = now_ns();
	size_t n;
	pid_t pid;
	int master = open_sink(c, &pid);

	while (drain(master, bytes, sizeof(bytes), &n))
		;
	end_sink(master, pid, true, c->name);
	return (double)(now_ns() - begin) / 1e9;
}

/* Read until `mark` shows; what stands behind it is in `rest`. */
static void
await(int master, const char *mark, char *rest, size_t room)
{
	static char bytes[64 << 10];
	static char tail[(64 << 10) + 256];
	size_t kept = 0, n;
	const char *at;

	(void)alarm(WAIT_S);
	while (drain(master, bytes, sizeof(bytes), &n)) {
		memcpy(tail + kept, bytes, n);
		kept += n;
		tail[kept] = '\0';
		at = memmem(tail, kept, mark, strlen(mark));
		if (at && strchr(at, ';')) {
			(void)snprintf(rest, room, "%.64s", at + strlen(mark));
			return;
		}
		if (kept > 200) {
			memmove(tail, tail + kept - 200, 200);
			kept = 200;
		}
	}
	fprintf(stderr, "relay: '%s' never came\n", mark);
	exit(2);
}

static void
measure_echo(const struct candidate *c, size_t rounds)
{
	pid_t pid;
	int master = open_sink(c, &pid);
	char rest[80], byte;
	size_t n;

	await(master, "READY", rest, sizeof(rest));
	for (size_t i = 0; i < rounds; i++) {
		const char key = (char)('a' + i % 26);
		int64_t begin = now_ns();

		if (write(master, &key, 1) != 1)
			die("write");
		do {
			if (!drain(master, &byte, 1, &n))
				die("echo");
		} while (byte != key);
		c->value[i] = (double)(now_ns() - begin) / 1e3;
		(void)usleep(200);
	}
	if (write(master, "\004", 1) != 1)
		die("write");
	end_sink(master, pid, false, c->name);
}

static double
measure_answer(const struct candidate *c)
{
	static char bytes[64 << 10];
	char rest[80];
	int64_t end, begin;
	size_t n;
	pid_t pid;
	int master = open_sink(c, &pid);

	await(master, "READY", rest, sizeof(rest));
	end = now_ns() + (int64_t)FLOOD_MS * 1000000;
	while (now_ns() < end && drain(master, bytes, sizeof(bytes), &n))
		;
	begin = now_ns();
	if (write(master, "\003", 1) != 1)
		die("write");
	await(master, "ANSWERED ", rest, sizeof(rest));
	while (drain(master, bytes, sizeof(bytes), &n))
		;
	end_sink(master, pid, false, c->name);
	return (double)(strtoll(rest, NULL, 10) - begin) / 1e6;
}

/* The program of `echo`: raw mode, every key comes back, ^D ends. */
static int
echoing(void)
{
	struct termios raw;
	char key;

	if (tcgetattr(0, &raw) == -1)
		die("tcgetattr");
	cfmakeraw(&raw);
	if (tcsetattr(0, TCSANOW, &raw) == -1)
		die("tcsetattr");
	(void)!write(1, "READY;", 6);
	while (read(0, &key, 1) == 1 && key != '\004')
		(void)!write(1, &key, 1);
	return 0;
}

static void
answer(int number)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "\nANSWERED %lld;\n", (long long)now_ns());

	(void)number;
	(void)!write(1, text, (size_t)n);
	/* A terminal that draws now and then must have drawn it. */
	(void)poll(NULL, 0, DRAW_MS);
	_exit(0);
}

/* The program of `answer`. */
static _Noreturn void
flooding(void)
{
	static char bytes[4096];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = i % 2 ? '\n' : 'y';
	(void)signal(SIGINT, answer);
	(void)!write(1, "READY;\n", 7);
	(void)poll(NULL, 0, DRAW_MS);
	for (;;)
		(void)!write(1, bytes, sizeof(bytes));
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	static struct candidate list[CANDIDATES_MAX];
	size_t count = 0, rounds;
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "echoing") == 0)
		return echoing();
	if (strcmp(what, "flooding") == 0)
		flooding();
	if (argc < 4 || (rounds = strtoul(argv[2], NULL, 10)) == 0 || rounds > ROUNDS_MAX ||
	    argc - 3 > CANDIDATES_MAX) {
		fprintf(stderr, "usage: relay output|echo|answer ROUNDS NAME=COMMAND...\n");
		return 2;
	}
	for (int i = 3; i < argc; i++) {
		struct candidate *c = &list[count++];
		char *command = strchr(argv[i], '=');
		size_t words = 0;

		if (!command)
			return 2;
		*command++ = '\0';
		c->name = argv[i];
		for (char *w = strtok(command, " "); w && words < WORDS_MAX; w = strtok(NULL, " "))
			c->word[words++] = w;
		c->value = calloc(rounds, sizeof(*c->value));
		if (!c->value || words == 0)
			die("calloc");
	}
	for (size_t i = 0; strcmp(what, "echo") == 0 && i < count; i++)
		measure_echo(&list[i], rounds);
	for (size_t r = 0; strcmp(what, "echo") != 0 && r < rounds; r++)
		for (size_t i = 0; i < count; i++)
			list[i].value[r] = strcmp(what, "output") == 0 ? measure_output(&list[i])
								       : measure_answer(&list[i]);
	for (size_t i = 0; i < count; i++) {
		double *v = list[i].value;

		qsort(v, rounds, sizeof(*v), by_size);
		printf("%s %.3f %.3f %.3f %.3f\n", list[i].name, v[rounds / 2], v[rounds / 10],
		       v[rounds * 9 / 10], v[rounds - 1]);
	}
	return 0;
}
