/*
 * What nono-screen may do once it reads the program's output: move bytes between its four
 * descriptors and manage its memory. A number that is not in the table kills the process, and the
 * session ends with the terminal restored by the broker.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/hooks.h"
#include "base/landlock.h"
#include "ipc/broker_screen.h"
#include "screen/confine.h"

#ifdef __x86_64__
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#else
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#endif

enum {
	MEMORY_BYTES_MAX = 256 << 20,
	DUMP_BYTES_MAX = 1 << 20,
};

/* Offsets of the low halves: descriptors, flags and protections are ints. */
#define LOW_OF(i) (offsetof(struct seccomp_data, args) + (i)*8)
#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, (action))
/* Go on behind the next `n` instructions unless equal. */
#define UNLESS(value, n) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (n))
#define ALLOW_IF(value) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, 1), RETURN(SECCOMP_RET_ALLOW)
#define ALLOW_CALL(name) ALLOW_IF(SYS_##name)

static const struct sock_filter rules[] = {
	LOAD(offsetof(struct seccomp_data, arch)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 1, 0),
	RETURN(SECCOMP_RET_KILL_PROCESS),
	LOAD(offsetof(struct seccomp_data, nr)),
	ALLOW_CALL(ppoll),
	ALLOW_CALL(clock_gettime),
	ALLOW_CALL(munmap),
	ALLOW_CALL(mremap),
	ALLOW_CALL(brk),
	ALLOW_CALL(madvise),
	ALLOW_CALL(futex),
	ALLOW_CALL(restart_syscall),
	ALLOW_CALL(exit),
	ALLOW_CALL(exit_group),
	/* Keys come from the terminal, typing goes to the PTY: neither is in these lists. */
	UNLESS(SYS_read, 6),
	LOAD(LOW_OF(0)),
	ALLOW_IF(SCREEN_FD_CONTROL),
	ALLOW_IF(SCREEN_FD_PTY),
	RETURN(SECCOMP_RET_KILL_PROCESS),
	UNLESS(SYS_write, 8),
	LOAD(LOW_OF(0)),
	ALLOW_IF(SCREEN_FD_CONTROL),
	ALLOW_IF(SCREEN_FD_TERMINAL),
	ALLOW_IF(SCREEN_FD_DUMP),
	RETURN(SECCOMP_RET_KILL_PROCESS),
	/* Plain memory for the heap, never executable. */
	UNLESS(SYS_mmap, 7),
	LOAD(LOW_OF(2)),
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 4, 0),
	LOAD(LOW_OF(3)),
	BPF_STMT(BPF_ALU | BPF_AND | BPF_K, MAP_ANONYMOUS | MAP_PRIVATE),
	ALLOW_IF(MAP_ANONYMOUS | MAP_PRIVATE),
	RETURN(SECCOMP_RET_KILL_PROCESS),
	RETURN(SECCOMP_RET_KILL_PROCESS),
};

static int
deny_files(void)
{
	/* Every right this kernel knows, and no rule: nothing can be opened. */
	static const uint64_t rights[] = { (1 << 16) - 1, (1 << 15) - 1, (1 << 14) - 1,
					   (1 << 13) - 1 };
	long fd = -1;

	for (size_t i = 0; i < ARRAY_LEN(rights) && fd == -1; i++) {
		const struct landlock_attr attr = { .handled_fs = rights[i] };

		fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr.handled_fs), 0);
	}
	if (fd == -1 || syscall(SYS_landlock_restrict_self, (int)fd, 0) == -1)
		return -errno;
	(void)close((int)fd);
	return 0;
}

int
screen_confine(void)
{
	const struct rlimit memory = { MEMORY_BYTES_MAX, MEMORY_BYTES_MAX };
	const struct rlimit file = { DUMP_BYTES_MAX, DUMP_BYTES_MAX };
	const struct rlimit none = { 0, 0 };
	const struct sock_fprog program = { ARRAY_LEN(rules),
					    (struct sock_filter *)(uintptr_t)rules };
	int r;

	if (hook_off(HOOK_SCREEN_CONFINE))
		return 0;
	if (prctl(PR_SET_DUMPABLE, 0) == -1 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    setrlimit(RLIMIT_AS, &memory) == -1 || setrlimit(RLIMIT_FSIZE, &file) == -1 ||
	    setrlimit(RLIMIT_NPROC, &none) == -1 || setrlimit(RLIMIT_CORE, &none) == -1)
		return -errno;
	if ((r = deny_files()) < 0)
		return r;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == -1 ? -errno : 0;
}
