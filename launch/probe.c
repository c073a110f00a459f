/* What this kernel can really do: asked by system calls, never by version numbers. */
#include <errno.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/hooks.h"
#include "base/landlock.h"
#include "launch/launch.h"

void
kernel_probe(struct kernel *k)
{
	const uint32_t action = SECCOMP_RET_ERRNO;
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_VERSION);

	*k = (struct kernel){ 0 };
	if (abi == -1)
		k->landlock_error = -errno;
	else
		k->landlock_abi = hook_landlock_abi(abi > LANDLOCK_ABI_MAX ? LANDLOCK_ABI_MAX
									   : (int)abi);
	if (k->landlock_abi == 0 && k->landlock_error == 0)
		k->landlock_error = -EOPNOTSUPP;
	k->seccomp = !hook_no_seccomp() &&
		     syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}
