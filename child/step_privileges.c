/* No new privileges, no capabilities. */
#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "child/internal.h"

enum { CAPABILITY_NUMBERS = 64 };

int
step_no_new_privs(const struct child_plan *p)
{
	(void)p;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ? errno : 0;
}

/*
 * uid 0 would get its capabilities back at execve: the bounding set is emptied, and the root rule
 * switched off for good where nothing is kept, for by that rule the kept ones pass execve. Both need
 * CAP_SETPCAP; where a container took it away (EPERM), execve cannot add a capability that the
 * permitted set lacks, because no-new-privileges is set.
 */
static int
empty_bounding_set(uint64_t keep)
{
	const unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |
				   SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

	if (keep == 0 && prctl(PR_SET_SECUREBITS, bits) == -1 && errno != EPERM)
		return errno;
	for (unsigned long cap = 0; cap < CAPABILITY_NUMBERS; cap++) {
		if ((keep & 1ULL << cap) || prctl(PR_CAPBSET_DROP, cap) == 0)
			continue;
		if (errno == EINVAL) /* the kernel's last capability was the one before */
			break;
		if (errno != EPERM)
			return errno;
	}
	return 0;
}

/*
 * CAP_PERFMON and CAP_SYS_ADMIN read other processes past Landlock, CAP_MKNOD makes devices:
 * none of these is ever kept. Lowering permitted and inheritable clears the ambient set too
 * (capabilities(7)).
 */
int
step_capabilities(const struct child_plan *p)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct set[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
	int error;

	if (!p->drop_capabilities)
		return 0;
	if (p->drop_bounding && (error = empty_bounding_set(p->keep_capabilities)) != 0)
		return error;
	/* A container may have taken some of them. */
	if (p->keep_capabilities && syscall(SYS_capget, &header, set) == -1)
		return errno;
	for (int i = 0; i < 2; i++) {
		set[i].permitted &= (uint32_t)(p->keep_capabilities >> 32 * i);
		set[i].effective = set[i].permitted;
		set[i].inheritable = 0;
	}
	return syscall(SYS_capset, &header, set) == -1 ? errno : 0;
}
