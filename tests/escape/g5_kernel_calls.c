/*
 * G5: calls into kernel surface that no program under nono needs. Arguments are chosen so that a
 * success changes nothing: `reached` means that the kernel went past its permission check and
 * complained about the argument, or did the harmless thing.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/quota.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { UFFD_USER_ONLY = 1, CALL_QUOTACTL_FD = 443, PERSONALITY_READ_IMPLIES_EXEC = 0x0400000 };

/* Any errno but the refusals: the call was carried out as far as its nonsense allowed. */
static void
reached(const char *name, long ret)
{
	if (ret == -1 && (errno == EPERM || errno == EACCES || errno == ENOSYS))
		attack_result(name, -1);
	else
		attack_errno(name, 0);
}

static void
unprivileged_surface(void)
{
	struct perf_event_attr perf = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(perf),
		.config = PERF_COUNT_SW_TASK_CLOCK,
		.exclude_kernel = 1,
		.exclude_hv = 1,
	};
	union bpf_attr bpf;
	struct timex clock = { 0 };
	char ldt[16];

	memset(&bpf, 0, sizeof(bpf));
	bpf.map_type = BPF_MAP_TYPE_ARRAY;
	bpf.key_size = 4;
	bpf.value_size = 4;
	bpf.max_entries = 1;
	attack_result("userfaultfd", syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_ONLY));
	attack_result("perf-event-open", syscall(SYS_perf_event_open, &perf, 0, -1, -1, 0));
	attack_result("bpf", syscall(SYS_bpf, BPF_MAP_CREATE, &bpf, sizeof(bpf)));
	attack_result("adjtimex", syscall(SYS_adjtimex, &clock));
	attack_result("clock-adjtime", syscall(SYS_clock_adjtime, CLOCK_REALTIME, &clock));
	attack_result("quotactl-sync", syscall(SYS_quotactl, QCMD(Q_SYNC, 0), NULL, 0, NULL));
	attack_result("fanotify",
		      syscall(SYS_fanotify_init, FAN_CLASS_NOTIF | FAN_REPORT_FID | FAN_CLOEXEC,
			      O_RDONLY));
	attack_result("personality", syscall(SYS_personality, PERSONALITY_READ_IMPLIES_EXEC));
	attack_result("clone3", syscall(SYS_clone3, NULL, 0) == -1 && errno == EINVAL ? 0 : -1);
#ifdef SYS_modify_ldt
	attack_result("modify-ldt", syscall(SYS_modify_ldt, 0, ldt, sizeof(ldt)));
	/* Lowering, or keeping, the level needs no privilege. */
	attack_result("iopl", syscall(SYS_iopl, 0));
	attack_result("ioperm", syscall(SYS_ioperm, 0x80, 1, 0));
#else
	(void)ldt;
	attack_skip("modify-ldt", "only x86_64 has this call");
	attack_skip("iopl", "only x86_64 has this call");
	attack_skip("ioperm", "only x86_64 has this call");
#endif
}

/* In a session of its own, which has no terminal that could be hung up. */
static int
hang_up(void *context)
{
	(void)context;
	if (setsid() == -1)
		return errno;
	return syscall(SYS_vhangup) == -1 ? errno : 0;
}

static void
privileged_surface(void)
{
	char text[16];

	reached("syslog", syscall(SYS_syslog, 3, text, sizeof(text)));
	reached("swapon", syscall(SYS_swapon, "/nonexistent", 0));
	reached("swapoff", syscall(SYS_swapoff, "/nonexistent"));
	reached("init-module", syscall(SYS_init_module, NULL, 0, NULL));
	reached("finit-module", syscall(SYS_finit_module, -1, "", 0));
	reached("delete-module", syscall(SYS_delete_module, "", O_NONBLOCK));
	reached("kexec-load", syscall(SYS_kexec_load, 0, 1000000, NULL, 0));
	reached("kexec-file-load", syscall(SYS_kexec_file_load, -1, -1, 0, NULL, 0xff));
	reached("reboot", syscall(SYS_reboot, 0, 0, 0, NULL));
	reached("acct", syscall(SYS_acct, "/nonexistent"));
	reached("quotactl-fd", syscall(CALL_QUOTACTL_FD, 0, QCMD(Q_QUOTAOFF, 0), 0, NULL));
	reached("settimeofday", syscall(SYS_settimeofday, NULL, NULL));
	reached("clock-settime",
		syscall(SYS_clock_settime, CLOCK_REALTIME, &(struct timespec){ .tv_nsec = -1 }));
	attack_errno("vhangup", attack_forked(hang_up, NULL));
	reached("sethostname", syscall(SYS_sethostname, "", -1));
	reached("setdomainname", syscall(SYS_setdomainname, "", -1));
}

int
main(void)
{
	struct timespec now;

	unprivileged_surface();
	privileged_surface();
	attack_twin("clock-gettime", syscall(SYS_clock_gettime, CLOCK_REALTIME, &now) == 0);
	attack_twin("personality-query", syscall(SYS_personality, 0xffffffffUL) != -1);
	attack_twin("personality-no-randomize", syscall(SYS_personality, 0x40000UL) != -1);
	return 0;
}
