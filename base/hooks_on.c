/* The test build: hooks are read from NONO_TEST_* variables. Never linked into a release. */
#include <fcntl.h>
#include <signal.h>
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

/*
 * What a helper would try when its parser was taken over. Each act leaves a trace that the test
 * finds: a marker typed or painted, a file, a connection, a dead process.
 */
void
hook_after_confinement(const char *who)
{
	const char *text = getenv("NONO_TEST_ATTACK"), *act;
	char bytes[64];
	size_t n = strlen(who);

	if (!text || strncmp(text, who, n) != 0 || text[n] != ':')
		return;
	act = text + n + 1;
	if (strcmp(act, "open") == 0) {
		(void)open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	} else if (strcmp(act, "connect") == 0) {
		(void)socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	} else if (strcmp(act, "signal") == 0) {
		(void)kill(getppid(), SIGTERM);
	} else if (strcmp(act, "exec") == 0) {
		(void)execl("/bin/true", "true", (char *)NULL);
	} else if (strcmp(act, "fork") == 0) {
		(void)fork();
	} else if (strcmp(act, "key") == 0) {
		(void)!read(5, bytes, sizeof(bytes));
	} else if (strcmp(act, "type") == 0) {
		(void)!write(4, "touch typed\n", 12);
	} else if (strcmp(act, "push") == 0) {
		(void)ioctl(5, TIOCSTI, "x");
	} else if (strcmp(act, "modes") == 0) {
		struct termios modes;

		(void)tcgetattr(5, &modes);
	} else if (strcmp(act, "dup") == 0) {
		(void)dup2(5, 4);
	} else if (strcmp(act, "executable-memory") == 0) {
		(void)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	} else if (strcmp(act, "crash") == 0) {
		*(volatile int *)NULL = 1;
	} else {
		return;
	}
	/* Still alive: the confinement let it happen. */
	(void)!write(5, "ATTACK-SUCCEEDED\r\n", 18);
}

bool
hook_is_test_build(void)
{
	return true;
}
