/*
 * E5: e5_starvation NONO MODE: a program that eats the memory or the processes of the user, so that
 * the broker, or anything else of the user, cannot work any more. This driver starts nono with
 * limits and plays both: outside it judges, and as the program inside (with one more word) it eats.
 * What it eats is bounded, so that a success hurts nobody.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	MIB = 1 << 20,
	HOG_MIB = 160,
	HOG_CHILDREN = 4, /* each a quarter of it */
	SMALL_MIB = 8,
	CROWD = 120,
	FEW = 10,
	BOMB_MAX = 600,
	ANSWER_MS_MAX = 15000,
	PAGE = 4096,
};

#define MEMORY "64M"
#define PROCESSES "60"

static char self[PATH_MAX];

/* ---- inside ---- */

static int
hog(size_t mib)
{
	volatile char *held = malloc(mib * MIB);

	if (!held)
		return 1;
	for (size_t at = 0; at < mib * MIB; at += PAGE)
		held[at] = 1;
	return 0;
}

static int
hog_in_children(void)
{
	int status, failed = 0;

	for (int i = 0; i < HOG_CHILDREN; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			if (hog(HOG_MIB / HOG_CHILDREN) != 0)
				_exit(1);
			(void)sleep(2);
			_exit(0);
		}
		failed |= pid == -1;
	}
	while (wait(&status) != -1)
		failed |= status != 0;
	return failed;
}

/* Processes that wait for the end; the errno of the first that cannot be made. */
static int
crowd(int count)
{
	for (int i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid == -1)
			return errno;
		if (pid == 0) {
			(void)pause();
			_exit(0);
		}
	}
	return 0;
}

static void *
idle(void *unused)
{
	(void)pause();
	return unused;
}

static int
threads(int count)
{
	for (int i = 0; i < count; i++) {
		pthread_t thread;
		int error = pthread_create(&thread, NULL, idle, NULL);

		if (error)
			return error;
	}
	return 0;
}

/*
 * Every process makes others as fast as it can; all but the first, which is the program, are deaf
 * to SIGTERM. The shared count bounds them together where nothing else does.
 */
static int
bomb(void)
{
	atomic_int *made = mmap(NULL, sizeof(*made), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (made == MAP_FAILED)
		return 1;
	printf("bomb\n");
	fflush(stdout);
	while (atomic_load(made) < BOMB_MAX)
		if (fork() == 0) {
			(void)signal(SIGTERM, SIG_IGN);
			atomic_fetch_add(made, 1);
		}
	for (;;)
		(void)pause();
}

static int
inside(const char *what)
{
	if (strcmp(what, "small") == 0)
		return hog(SMALL_MIB);
	if (strcmp(what, "memory") == 0)
		return hog(HOG_MIB);
	if (strcmp(what, "memory-in-children") == 0)
		return hog_in_children();
	if (strcmp(what, "few") == 0)
		return crowd(FEW);
	if (strcmp(what, "processes") == 0)
		return crowd(CROWD);
	if (strcmp(what, "threads") == 0)
		return threads(CROWD);
	return bomb();
}

/* ---- outside ---- */

static pid_t
start(const char *nono, const char *mode, const char *what, int output)
{
	const char *work = attack_env("ESC_WORK");
	char directory[PATH_MAX];
	pid_t pid;

	(void)snprintf(directory, sizeof(directory), "%s", self);
	*strrchr(directory, '/') = '\0';
	pid = fork();
	if (pid == 0) {
		(void)dup2(output == -1 ? STDERR_FILENO : output, STDOUT_FILENO);
		execl(nono, nono, mode, "-s", "--memory", MEMORY, "--max-procs", PROCESSES,
		      "--allow", work, "--read", directory, "--", self, what, (char *)NULL);
		_exit(127);
	}
	return pid;
}

static int
ended(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	/* On a terminal, nono's last sequences stand in the line. */
	printf("\n");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void
try_memory(const char *nono, const char *mode, const char *what)
{
	int code = ended(start(nono, mode, what, -1));

	attack_effect(what, code == 0, code == 128 + SIGKILL ? "killed" : "otherwise");
}

/* The program exits with the errno that stopped it. */
static void
try_crowd(const char *nono, const char *mode, const char *what)
{
	attack_errno(what, ended(start(nono, mode, what, -1)));
}

/* With every process of the limit busy, the broker does what it is told. */
static void
try_broker(const char *nono, const char *mode)
{
	struct pollfd wait_for = { .events = POLLIN };
	pid_t pid, answer = 0;
	int ends[2];
	char byte;

	if (pipe(ends) == -1)
		exit(3);
	pid = start(nono, mode, "bomb", ends[1]);
	(void)close(ends[1]);
	wait_for.fd = ends[0];
	if (poll(&wait_for, 1, ANSWER_MS_MAX) != 1 || read(ends[0], &byte, 1) != 1) {
		attack_effect("broker", false, "otherwise");
		return;
	}
	(void)sleep(1);
	(void)kill(pid, SIGTERM);
	for (int i = 0; i < ANSWER_MS_MAX / 100 && answer == 0; i++) {
		(void)poll(NULL, 0, 100);
		answer = waitpid(pid, NULL, WNOHANG);
	}
	attack_effect("broker", answer != pid, "answered");
	if (answer != pid)
		(void)kill(pid, SIGKILL);
}

int
main(int argc, char **argv)
{
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (argc == 2)
		return inside(argv[1]);
	if (argc != 3 || n <= 0)
		return 3;
	try_memory(argv[1], argv[2], "memory");
	try_memory(argv[1], argv[2], "memory-in-children");
	try_crowd(argv[1], argv[2], "processes");
	try_crowd(argv[1], argv[2], "threads");
	try_broker(argv[1], argv[2]);
	errno = 0;
	attack_twin("small", ended(start(argv[1], argv[2], "small", -1)) == 0);
	attack_twin("few", ended(start(argv[1], argv[2], "few", -1)) == 0);
	return 0;
}
