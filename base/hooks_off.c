/* The release build: no test hook exists, no variable is read. */
#include <stddef.h>

#include "base/attr.h"
#include "base/hooks.h"

bool
hook_off(enum hook hook ATTR_UNUSED)
{
	return false;
}

bool
hook_fail_alloc(void)
{
	return false;
}

int
hook_landlock_abi(int abi)
{
	return abi;
}

bool
hook_no_seccomp(void)
{
	return false;
}

const char *
hook_dump_child(void)
{
	return NULL;
}

const char *
hook_policy_directory(void)
{
	return NULL;
}

char *const *
hook_helper_environment(void)
{
	static char *const empty[] = { NULL };

	return empty;
}

void
hook_after_confinement(const char *who ATTR_UNUSED)
{
}

bool
hook_is_test_build(void)
{
	return false;
}
