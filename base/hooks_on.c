/* The test build: hooks are read from NONO_TEST_* variables. Never linked into a release. */
#include <stdlib.h>
#include <string.h>
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

bool
hook_is_test_build(void)
{
	return true;
}
