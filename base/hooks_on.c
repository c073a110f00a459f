/* The test build: hooks are read from NONO_TEST_* variables. Never linked into a release. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/hooks.h"

enum { HELPER_VARIABLES_MAX = 16 };

bool
hook_off(enum hook hook)
{
	const char *list = getenv("NONO_TEST_OFF");
	const char *name = hook_name(hook);
	size_t n = strlen(name);

	while (list && *list) {
		size_t word = strcspn(list, ",");

		if ((word == n && memcmp(list, name, n) == 0) ||
		    (word == 3 && memcmp(list, "all", 3) == 0))
			return true;
		list += word;
		list += *list == ',';
	}
	return false;
}

bool
hook_fail_alloc(void)
{
	static long count;
	const char *text = getenv("NONO_TEST_FAIL_ALLOC");

	return text && ++count == strtol(text, NULL, 10);
}

int
hook_landlock_abi(int abi)
{
	const char *text = getenv("NONO_TEST_LANDLOCK_ABI");
	int cap = text ? (int)strtol(text, NULL, 10) : abi;

	return cap < abi ? cap : abi;
}

bool
hook_no_seccomp(void)
{
	return getenv("NONO_TEST_NO_SECCOMP") != NULL;
}

const char *
hook_dump_child(void)
{
	return getenv("NONO_TEST_DUMP_CHILD");
}

const char *
hook_policy_directory(void)
{
	return getenv("NONO_TEST_POLICY_D");
}

char *const *
hook_helper_environment(void)
{
	static char *list[HELPER_VARIABLES_MAX + 1];
	size_t n = 0;

	for (char **v = environ; v && *v && n < HELPER_VARIABLES_MAX; v++)
		if (strncmp(*v, "NONO_TEST_", 10) == 0)
			list[n++] = *v;
	list[n] = NULL;
	return list;
}

/* The terminal's write end and the session's PTY, by the numbers nono-screen has them under. */
enum { ATTACK_PTY = 4, ATTACK_TERMINAL = 5 };

/* The descriptor can only write: so the terminal is opened once more, and taken from the others. */
static bool
steal_key(void)
{
	char key;
	pid_t group = getpgrp();
	int fd;

	if (read(ATTACK_TERMINAL, &key, 1) == 1)
		return true;
	fd = open("/dev/tty", O_RDONLY | O_CLOEXEC);
	return fd != -1 && ioctl(fd, TIOCSPGRP, &group) == 0 && read(fd, &key, 1) == 1;
}

static bool
reach_network(void)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
					.sin_port = htons(9),
					.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	/* A refusal comes from the other end. */
	return fd != -1 && (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0 ||
			    errno == ECONNREFUSED);
}

static bool
change_modes(void)
{
	struct termios modes;

	if (tcgetattr(ATTACK_TERMINAL, &modes) == -1)
		return false;
	modes.c_lflag ^= ECHO;
	return tcsetattr(ATTACK_TERMINAL, TCSANOW, &modes) == 0;
}

static bool
make_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid > 0;
}

/* What a helper would try when its parser was taken over: true when it had its effect. */
static bool
attack(const char *act)
{
	if (strcmp(act, "open") == 0)
		return open("/etc/passwd", O_RDONLY | O_CLOEXEC) != -1;
	if (strcmp(act, "connect") == 0)
		return reach_network();
	if (strcmp(act, "signal") == 0)
		return kill(getppid(), SIGTERM) == 0;
	if (strcmp(act, "exec") == 0)
		return execl("/bin/sh", "sh", "-c", "echo ATTACK-SUCCEEDED exec >&5",
			     (char *)NULL) == 0;
	if (strcmp(act, "fork") == 0)
		return make_process();
	if (strcmp(act, "key") == 0)
		return steal_key();
	if (strcmp(act, "type") == 0)
		return write(ATTACK_PTY, "touch typed\n", 12) == 12;
	if (strcmp(act, "push") == 0)
		return ioctl(ATTACK_TERMINAL, TIOCSTI, "x") == 0;
	if (strcmp(act, "modes") == 0)
		return change_modes();
	if (strcmp(act, "dup") == 0)
		return dup2(ATTACK_TERMINAL, ATTACK_PTY) == ATTACK_PTY;
	if (strcmp(act, "executable-memory") == 0)
		return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			    0) != MAP_FAILED;
	if (strcmp(act, "crash") == 0)
		*(volatile int *)NULL = 1;
	errno = EINVAL;
	return false;
}

void
hook_after_confinement(const char *who)
{
	const char *text = getenv("NONO_TEST_ATTACK"), *act;
	size_t n = strlen(who);
	bool succeeded;

	if (!text || strncmp(text, who, n) != 0 || text[n] != ':')
		return;
	act = text + n + 1;
	errno = 0;
	succeeded = attack(act);
	/* Still alive: the confinement did not end us. */
	(void)dprintf(ATTACK_TERMINAL, "ATTACK-%s %s %d\r\n", succeeded ? "SUCCEEDED" : "REFUSED",
		      act, errno);
}

bool
hook_is_test_build(void)
{
	return true;
}
