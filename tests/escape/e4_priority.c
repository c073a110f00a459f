/*
 * E4: scheduling of other processes of the user: priorities and I/O classes. sched_setattr(2) sets
 * the nice value as setpriority(2) does. Affinity is the documented residual. Every attack sets
 * what the target has already.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A user without processes: the kernel looks for them (ESRCH) once it has let the call through. */
enum { NOBODYS_UID = 0x7ffffff0 };

static void
renice(const char *name, enum __priority_which which, id_t who)
{
	int now;

	errno = 0;
	now = getpriority(which, who);
	if (errno)
		attack_result(name, -1);
	else
		attack_result(name, setpriority(which, who, now));
}

/* EACCES: it came as far as a process of ours with another value, which it left alone. */
static void
reached(const char *name, long ret)
{
	if (ret == -1 && (errno == ESRCH || errno == EACCES))
		attack_errno(name, 0);
	else
		attack_result(name, ret);
}

static long
io_class(int which, int who)
{
	return syscall(SYS_ioprio_set, which, who,
		       IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, IOPRIO_BE_NORM));
}

/* sched_setattr(2) has no wrapper in this libc. */
struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

static long
set_attributes(pid_t pid)
{
	struct attributes a = { 0 };

	if (syscall(SYS_sched_getattr, pid, &a, sizeof(a), 0) == -1)
		return -1;
	return syscall(SYS_sched_setattr, pid, &a, 0);
}

int
main(void)
{
	pid_t victim = (pid_t)attack_env_number("ESC_VICTIM");
	struct sched_param parameters = { 0 };
	cpu_set_t cpus;

	renice("victim", PRIO_PROCESS, (id_t)victim);
	renice("parent", PRIO_PROCESS, (id_t)getppid());
	renice("group", PRIO_PGRP, (id_t)getpgid(victim));
	reached("user", setpriority(PRIO_USER, NOBODYS_UID, 0));
	reached("user-zero", setpriority(PRIO_USER, 0, getpriority(PRIO_USER, 0)));
	/* The kernel takes ints: what is above them must not hide the value from a filter. */
	reached("user-upper-bits", syscall(SYS_setpriority, 1UL << 32 | PRIO_USER, NOBODYS_UID, 0));
	attack_result("io-victim", io_class(IOPRIO_WHO_PROCESS, victim));
	attack_result("io-parent", io_class(IOPRIO_WHO_PROCESS, getppid()));
	reached("io-user", io_class(IOPRIO_WHO_USER, NOBODYS_UID));
	attack_result("sched-setattr", set_attributes(victim));
	attack_result("sched-setattr-parent", set_attributes(getppid()));
	attack_result("sched-setscheduler", sched_setscheduler(victim, SCHED_OTHER, &parameters));
	attack_result("sched-setparam", sched_setparam(victim, &parameters));
	attack_result("residual-affinity",
		      sched_getaffinity(victim, sizeof(cpus), &cpus) == -1
			      ? -1
			      : sched_setaffinity(victim, sizeof(cpus), &cpus));
	attack_twin("own-nice", setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0)) == 0);
	attack_twin("own-sched", sched_setscheduler(0, SCHED_OTHER, &parameters) == 0);
	attack_twin("own-io", io_class(IOPRIO_WHO_PROCESS, 0) == 0);
	return 0;
}
