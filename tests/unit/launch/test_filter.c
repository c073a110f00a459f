/*
 * The base filter, decision by decision: every denied call with its errno and tag beside its
 * allowed twin, on both architectures and in all variants; that each defence stands alone; how
 * many instructions a number costs.
 */
#include "tests/unit/launch/filter_programs.h"

enum {
	OK = -1,
	NUMBERS_TESTED = 600,
	VISITED_MAX = 16, /* longest walk of any number up to its answer or first argument */
	AVERAGE_MAX = 10,
	LENGTH_MAX = 200,
	QUESTIONS = 6000,
	/* Sets of enum filter_net. */
	NET_ALLOWED = 1 << FILTER_NET_ALLOWED,
	NET_LISTEN = 1 << FILTER_NET_LISTEN,
	NET_TCP = 1 << FILTER_NET_TCP,
	NET_NONE = 1 << FILTER_NET_NONE,
	NET_RESTRICTED = NET_LISTEN | NET_TCP | NET_NONE,
	NET_ALL = NET_ALLOWED | NET_RESTRICTED,
	/* Sets of guard_truncate. */
	PLAIN = 1,
	GUARDED = 2,
	BOTH = PLAIN | GUARDED,
};

#define HIGH (1ULL << 32)	  /* a bit the kernel does not look at in an int argument */
#define POINTER 0x7fff00000000ULL /* low word zero */

struct row {
	const char *call;
	uint64_t args[6];
	int expect; /* OK, or the errno */
	enum hook tag;
	int nets, guards;
};

/* clang-format off */
static const struct row rows[] = {
	/* namespaces: one bit each, all else of a thread or a fork */
	{ "clone", { 0x01200011 }, OK, 0, NET_ALL, BOTH },
	{ "clone", { 0x003d0f00 }, OK, 0, NET_ALL, BOTH },
	{ "clone", { 0x80 | 0x11 }, OK, 0, NET_ALL, BOTH },
	{ "clone", { 0x10000000ULL << 32 | 0x11 }, OK, 0, NET_ALL, BOTH },
	{ "clone", { 0x10000011 }, EPERM, HOOK_FILTER_NAMESPACES, NET_ALL, BOTH },
	{ "clone", { HIGH | 0x10000011 }, EPERM, HOOK_FILTER_NAMESPACES, NET_ALL, BOTH },
	{ "clone", { 0x00020011 }, EPERM, HOOK_FILTER_NAMESPACES, NET_ALL, BOTH },
	{ "clone", { 0x40000011 }, EPERM, HOOK_FILTER_NAMESPACES, NET_ALL, BOTH },
	{ "clone", { 0x20000011 }, EPERM, HOOK_FILTER_NAMESPACES, NET_ALL, BOTH },
	{ "clone", { 0x08000011 }, EPERM, HOOK_FILTER_NAMESPACES, NET_ALL, BOTH },
	{ "clone", { 0x04000011 }, EPERM, HOOK_FILTER_NAMESPACES, NET_ALL, BOTH },
	{ "clone", { 0x02000011 }, EPERM, HOOK_FILTER_NAMESPACES, NET_ALL, BOTH },
	{ "unshare", { 0x00000600 }, OK, 0, NET_ALL, BOTH },
	{ "unshare", { 0 }, OK, 0, NET_ALL, BOTH },
	{ "unshare", { 0x10000000 }, EPERM, HOOK_FILTER_NAMESPACES, NET_ALL, BOTH },
	{ "unshare", { 0x00020000 }, EPERM, HOOK_FILTER_NAMESPACES, NET_ALL, BOTH },
	{ "unshare", { 0x40000000 }, EPERM, HOOK_FILTER_NAMESPACES, NET_ALL, BOTH },
	{ "unshare", { 0x20000000 }, EPERM, HOOK_FILTER_NAMESPACES, NET_ALL, BOTH },
	{ "unshare", { 0x08000000 }, EPERM, HOOK_FILTER_NAMESPACES, NET_ALL, BOTH },
	{ "unshare", { 0x04000000 }, EPERM, HOOK_FILTER_NAMESPACES, NET_ALL, BOTH },
	{ "unshare", { 0x02000000 }, EPERM, HOOK_FILTER_NAMESPACES, NET_ALL, BOTH },
	{ "unshare", { 0x00000080 }, EPERM, HOOK_FILTER_NAMESPACES, NET_ALL, BOTH },
	/* personality */
	{ "personality", { 0 }, OK, 0, NET_ALL, BOTH },
	{ "personality", { 8 }, OK, 0, NET_ALL, BOTH },
	{ "personality", { 0x20000 }, OK, 0, NET_ALL, BOTH },
	{ "personality", { 0x20008 }, OK, 0, NET_ALL, BOTH },
	{ "personality", { 0x40000 }, OK, 0, NET_ALL, BOTH },
	{ "personality", { 0xffffffff }, OK, 0, NET_ALL, BOTH },
	{ "personality", { ~0ULL }, OK, 0, NET_ALL, BOTH },
	{ "personality", { 1 }, EPERM, HOOK_FILTER_PERSONALITY, NET_ALL, BOTH },
	{ "personality", { 0x0400000 }, EPERM, HOOK_FILTER_PERSONALITY, NET_ALL, BOTH },
	{ "personality", { 0x40008 }, EPERM, HOOK_FILTER_PERSONALITY, NET_ALL, BOTH },
	{ "personality", { HIGH | 0x0400000 }, EPERM, HOOK_FILTER_PERSONALITY, NET_ALL, BOTH },
	{ "personality", { 0xfffffffe }, EPERM, HOOK_FILTER_PERSONALITY, NET_ALL, BOTH },
	/* terminal */
	{ "ioctl", { 0, 0x5411 }, OK, 0, NET_ALL, BOTH },
	{ "ioctl", { 0, 0x5413 }, OK, 0, NET_ALL, BOTH },
	{ "ioctl", { 0, 0x5401 }, OK, 0, NET_ALL, BOTH },
	{ "ioctl", { 0, 0x541e }, OK, 0, NET_ALL, BOTH },
	{ "ioctl", { 0x5412, 0x5422, 0x5412 }, OK, 0, NET_ALL, BOTH },
	{ "ioctl", { 0, 0x5424 }, OK, 0, NET_ALL, BOTH },
	{ "ioctl", { 0, 0x5412ULL << 32 }, OK, 0, NET_ALL, BOTH },
	{ "ioctl", { 0, 0x5412 }, EPERM, HOOK_FILTER_TTY, NET_ALL, BOTH },
	{ "ioctl", { 0, HIGH | 0x5412 }, EPERM, HOOK_FILTER_TTY, NET_ALL, BOTH },
	{ "ioctl", { 0, 0x541c }, EPERM, HOOK_FILTER_TTY, NET_ALL, BOTH },
	{ "ioctl", { 0, 0x541d }, EPERM, HOOK_FILTER_TTY, NET_ALL, BOTH },
	{ "ioctl", { 0, 0x5423 }, EPERM, HOOK_FILTER_TTY, NET_ALL, BOTH },
	{ "ioctl", { 0, 1ULL << 63 | 0x5423 }, EPERM, HOOK_FILTER_TTY, NET_ALL, BOTH },
	/* limits and priorities; errno 0 is success without the call */
	{ "prlimit64", { 0, 7, POINTER }, OK, 0, NET_ALL, BOTH },
	{ "prlimit64", { 0, 4, 0, POINTER }, OK, 0, NET_ALL, BOTH },
	{ "prlimit64", { 1, 0, 0, POINTER }, OK, 0, NET_ALL, BOTH },
	{ "prlimit64", { 1, 4, 0, POINTER }, OK, 0, NET_ALL, BOTH },
	{ "prlimit64", { HIGH, 7, POINTER }, OK, 0, NET_ALL, BOTH },
	{ "prlimit64", { 1, 0, POINTER }, EPERM, HOOK_FILTER_PRLIMIT, NET_ALL, BOTH },
	{ "prlimit64", { 1, 0, 1 }, EPERM, HOOK_FILTER_PRLIMIT, NET_ALL, BOTH },
	{ "prlimit64", { 0xffffffff, 0, 1 }, EPERM, HOOK_FILTER_PRLIMIT, NET_ALL, BOTH },
	{ "prlimit64", { 1, 4, POINTER }, EPERM, HOOK_FILTER_PRLIMIT, NET_ALL, BOTH },
	{ "prlimit64", { 0, 4, POINTER }, 0, HOOK_FILTER_CORE, NET_ALL, BOTH },
	{ "prlimit64", { 0, 4, 1 }, 0, HOOK_FILTER_CORE, NET_ALL, BOTH },
	{ "prlimit64", { HIGH, HIGH | 4, POINTER }, 0, HOOK_FILTER_CORE, NET_ALL, BOTH },
	{ "setrlimit", { 7, POINTER }, OK, 0, NET_ALL, BOTH },
	{ "setrlimit", { 5, POINTER }, OK, 0, NET_ALL, BOTH },
	{ "setrlimit", { 4, 0 }, OK, 0, NET_ALL, BOTH },
	{ "setrlimit", { 4, POINTER }, 0, HOOK_FILTER_CORE, NET_ALL, BOTH },
	{ "setrlimit", { HIGH | 4, 1 }, 0, HOOK_FILTER_CORE, NET_ALL, BOTH },
	{ "setpriority", { 0, 0, 5 }, OK, 0, NET_ALL, BOTH },
	{ "setpriority", { 1, 0, 5 }, OK, 0, NET_ALL, BOTH },
	{ "setpriority", { 0, HIGH, 5 }, OK, 0, NET_ALL, BOTH },
	{ "setpriority", { 0, 1, 5 }, EPERM, HOOK_FILTER_PRIORITY, NET_ALL, BOTH },
	{ "setpriority", { 1, 1, 5 }, EPERM, HOOK_FILTER_PRIORITY, NET_ALL, BOTH },
	{ "setpriority", { 2, 0, 5 }, EPERM, HOOK_FILTER_PRIORITY, NET_ALL, BOTH },
	{ "setpriority", { HIGH | 2, 0, 5 }, EPERM, HOOK_FILTER_PRIORITY, NET_ALL, BOTH },
	{ "sched_setscheduler", { 0, 3, POINTER }, OK, 0, NET_ALL, BOTH },
	{ "sched_setscheduler", { HIGH, 3, POINTER }, OK, 0, NET_ALL, BOTH },
	{ "sched_setscheduler", { 1, 3, POINTER }, EPERM, HOOK_FILTER_PRIORITY, NET_ALL, BOTH },
	{ "sched_setparam", { 0, POINTER }, OK, 0, NET_ALL, BOTH },
	{ "sched_setparam", { 1, POINTER }, EPERM, HOOK_FILTER_PRIORITY, NET_ALL, BOTH },
	{ "sched_setattr", { 0, POINTER, 0 }, OK, 0, NET_ALL, BOTH },
	{ "sched_setattr", { 1, POINTER, 0 }, EPERM, HOOK_FILTER_PRIORITY, NET_ALL, BOTH },
	{ "ioprio_set", { 1, 0, 5 }, OK, 0, NET_ALL, BOTH },
	{ "ioprio_set", { 2, 0, 5 }, OK, 0, NET_ALL, BOTH },
	{ "ioprio_set", { 1, 1, 5 }, EPERM, HOOK_FILTER_PRIORITY, NET_ALL, BOTH },
	{ "ioprio_set", { 3, 0, 5 }, EPERM, HOOK_FILTER_PRIORITY, NET_ALL, BOTH },
	/* setuid bits */
	{ "chmod", { POINTER, 0755 }, OK, 0, NET_ALL, BOTH },
	{ "chmod", { POINTER, 02755 }, OK, 0, NET_ALL, BOTH },
	{ "chmod", { POINTER, 04755 }, EPERM, HOOK_FILTER_SETID, NET_ALL, BOTH },
	{ "chmod", { POINTER, HIGH | 04000 }, EPERM, HOOK_FILTER_SETID, NET_ALL, BOTH },
	{ "fchmod", { 3, 01777 }, OK, 0, NET_ALL, BOTH },
	{ "fchmod", { 04000, 0755 }, OK, 0, NET_ALL, BOTH },
	{ "fchmod", { 3, 04755 }, EPERM, HOOK_FILTER_SETID, NET_ALL, BOTH },
	{ "fchmodat", { 3, 04000, 0755 }, OK, 0, NET_ALL, BOTH },
	{ "fchmodat", { 3, POINTER, 06755 }, EPERM, HOOK_FILTER_SETID, NET_ALL, BOTH },
	{ "fchmodat2", { 3, 04000, 0755, 04000 }, OK, 0, NET_ALL, BOTH },
	{ "fchmodat2", { 3, POINTER, 04755 }, EPERM, HOOK_FILTER_SETID, NET_ALL, BOTH },
	{ "mknod", { POINTER, 0100644 }, OK, 0, NET_ALL, BOTH },
	{ "mknod", { POINTER, 0104755 }, EPERM, HOOK_FILTER_SETID, NET_ALL, BOTH },
	{ "mknodat", { 3, POINTER, 0010644, 04000 }, OK, 0, NET_ALL, BOTH },
	{ "mknodat", { 3, POINTER, 0104755 }, EPERM, HOOK_FILTER_SETID, NET_ALL, BOTH },
	{ "mknod", { POINTER, 0020600 }, EACCES, HOOK_FILTER_DEVICE, NET_ALL, BOTH },
	{ "mknod", { POINTER, 0024600 }, EPERM, HOOK_FILTER_SETID, NET_ALL, BOTH },
	{ "mknod", { POINTER, 0140600 }, OK, 0, NET_ALL, BOTH },
	{ "mknodat", { 3, POINTER, HIGH | 0060600 }, EACCES, HOOK_FILTER_DEVICE, NET_ALL, BOTH },
	{ "mknodat", { 3, POINTER, 0010600, 0020000 }, OK, 0, NET_ALL, BOTH },
	{ "renameat2", { 3, POINTER, 3, POINTER, 4 }, EACCES, HOOK_FILTER_DEVICE, NET_ALL, BOTH },
	{ "renameat2", { 3, POINTER, 3, POINTER, 3 }, OK, 0, NET_ALL, BOTH },
	{ "creat", { POINTER, 0644 }, OK, 0, NET_ALL, BOTH },
	{ "creat", { POINTER, 04755 }, EPERM, HOOK_FILTER_SETID, NET_ALL, BOTH },
	{ "open", { POINTER, 0101, 0644 }, OK, 0, NET_ALL, BOTH },
	{ "open", { POINTER, 0, 04755 }, OK, 0, NET_ALL, BOTH },
	{ "open", { POINTER, 0101, 04755 }, EPERM, HOOK_FILTER_SETID, NET_ALL, BOTH },
	{ "open", { POINTER, 020000002, 04755 }, EPERM, HOOK_FILTER_SETID, NET_ALL, BOTH },
	{ "openat", { 3, POINTER, 0101, 0644 }, OK, 0, NET_ALL, BOTH },
	{ "openat", { 3, POINTER, 0, 04755 }, OK, 0, NET_ALL, BOTH },
	{ "openat", { 3, POINTER, 0100ULL << 32, 04755 }, OK, 0, NET_ALL, BOTH },
	{ "openat", { 3, POINTER, 0100, 04755 }, EPERM, HOOK_FILTER_SETID, NET_ALL, BOTH },
	{ "openat", { 3, POINTER, 01101, 04755 }, EPERM, HOOK_FILTER_SETID, NET_ALL, BOTH },
	{ "openat", { 3, POINTER, HIGH | 0101, HIGH | 04755 }, EPERM, HOOK_FILTER_SETID, NET_ALL, BOTH },
	{ "openat", { 3, POINTER, 020000001, 04755 }, EPERM, HOOK_FILTER_SETID, NET_ALL, BOTH },
	{ "mkdir", { POINTER, 04755 }, OK, 0, NET_ALL, BOTH },
	/* truncation where Landlock does not see it */
	{ "truncate", { POINTER, 0 }, OK, 0, NET_ALL, PLAIN },
	{ "truncate", { POINTER, 0 }, EPERM, HOOK_FILTER_TRUNCATE, NET_ALL, GUARDED },
	{ "ftruncate", { 3, 0 }, OK, 0, NET_ALL, BOTH },
	{ "openat2", { 3, POINTER, POINTER, 24 }, ENOSYS, HOOK_FILTER_SETID, NET_ALL, PLAIN },
	{ "openat2", { 3, POINTER, POINTER, 24 }, ENOSYS, HOOK_FILTER_TRUNCATE, NET_ALL, GUARDED },
	{ "openat", { 3, POINTER, 01001 }, OK, 0, NET_ALL, BOTH },
	{ "openat", { 3, POINTER, 01002 }, OK, 0, NET_ALL, BOTH },
	{ "openat", { 3, POINTER, 01101, 0644 }, OK, 0, NET_ALL, BOTH },
	{ "openat", { 3, POINTER, 01000 }, OK, 0, NET_ALL, PLAIN },
	{ "openat", { 3, POINTER, 01000 }, EPERM, HOOK_FILTER_TRUNCATE, NET_ALL, GUARDED },
	{ "openat", { 3, POINTER, HIGH | 01000 }, EPERM, HOOK_FILTER_TRUNCATE, NET_ALL, GUARDED },
	{ "openat", { 3, POINTER, 01003 }, EPERM, HOOK_FILTER_TRUNCATE, NET_ALL, GUARDED },
	{ "openat", { 3, POINTER, 01100, 0644 }, EPERM, HOOK_FILTER_TRUNCATE, NET_ALL, GUARDED },
	{ "open", { POINTER, 01001 }, OK, 0, NET_ALL, BOTH },
	{ "open", { POINTER, 01000 }, OK, 0, NET_ALL, PLAIN },
	{ "open", { POINTER, 01000 }, EPERM, HOOK_FILTER_TRUNCATE, NET_ALL, GUARDED },
	{ "open", { POINTER, 01003 }, EPERM, HOOK_FILTER_TRUNCATE, NET_ALL, GUARDED },
	{ "open", { POINTER, 01100, 0644 }, EPERM, HOOK_FILTER_TRUNCATE, NET_ALL, GUARDED },
	/* restricted network */
	{ "listen", { 3, 1 }, OK, 0, NET_ALLOWED | NET_LISTEN, BOTH },
	{ "listen", { 3, 1 }, EACCES, HOOK_FILTER_NET_LISTEN, NET_TCP | NET_NONE, BOTH },
	{ "sendto", { 3, POINTER, 1, 0x4000 }, OK, 0, NET_ALL, BOTH },
	{ "sendto", { 3, POINTER, 0x20000000, 0 }, OK, 0, NET_ALL, BOTH },
	{ "sendto", { 3, POINTER, 1, 0x20000000 }, OK, 0, NET_ALLOWED, BOTH },
	{ "sendto", { 3, POINTER, 1, 0x20000000 },
	  EOPNOTSUPP, HOOK_FILTER_NET_FASTOPEN, NET_RESTRICTED, BOTH },
	{ "sendto", { 3, POINTER, 1, HIGH | 0x20004000 },
	  EOPNOTSUPP, HOOK_FILTER_NET_FASTOPEN, NET_RESTRICTED, BOTH },
	{ "sendmsg", { 3, POINTER, 0x4000, 0x20000000 }, OK, 0, NET_ALL, BOTH },
	{ "sendmsg", { 3, POINTER, 0x20000000 },
	  EOPNOTSUPP, HOOK_FILTER_NET_FASTOPEN, NET_RESTRICTED, BOTH },
	{ "sendmmsg", { 3, POINTER, 0x20000000, 0 }, OK, 0, NET_ALL, BOTH },
	{ "sendmmsg", { 3, POINTER, 1, 0x20000000 },
	  EOPNOTSUPP, HOOK_FILTER_NET_FASTOPEN, NET_RESTRICTED, BOTH },
	{ "connect", { 3, POINTER, 16 }, OK, 0, NET_ALL, BOTH },
	{ "bind", { 3, POINTER, 16 }, OK, 0, NET_ALL, BOTH },
	/* neighbours of whole calls */
	{ "clock_gettime", { 0 }, OK, 0, NET_ALL, BOTH },
	{ "name_to_handle_at", { 0 }, OK, 0, NET_ALL, BOTH },
	{ "inotify_add_watch", { 0 }, OK, 0, NET_ALL, BOTH },
	{ "getpriority", { 2, 1 }, OK, 0, NET_ALL, BOTH },
	{ "execveat", { 0 }, OK, 0, NET_ALL, BOTH },
};

/* Spec 02 26.3.2, written down a second time on purpose. */
static const struct row whole[] = {
	{ "io_uring_setup", { 0 }, ENOSYS, HOOK_FILTER_URING, NET_ALL, BOTH },
	{ "io_uring_enter", { 0 }, ENOSYS, HOOK_FILTER_URING, NET_ALL, BOTH },
	{ "io_uring_register", { 0 }, ENOSYS, HOOK_FILTER_URING, NET_ALL, BOTH },
	{ "userfaultfd", { 0 }, ENOSYS, HOOK_FILTER_USERFAULTFD, NET_ALL, BOTH },
	{ "clone3", { 0 }, ENOSYS, HOOK_FILTER_CLONE3, NET_ALL, BOTH },
	{ "kexec_load", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
	{ "kexec_file_load", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
	{ "modify_ldt", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
	{ "bpf", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
	{ "perf_event_open", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
	{ "add_key", { 0 }, EPERM, HOOK_FILTER_KEYRING, NET_ALL, BOTH },
	{ "request_key", { 0 }, EPERM, HOOK_FILTER_KEYRING, NET_ALL, BOTH },
	{ "keyctl", { 0 }, EPERM, HOOK_FILTER_KEYRING, NET_ALL, BOTH },
	{ "mount", { 0 }, EPERM, HOOK_FILTER_MOUNT, NET_ALL, BOTH },
	{ "umount2", { 0 }, EPERM, HOOK_FILTER_MOUNT, NET_ALL, BOTH },
	{ "pivot_root", { 0 }, EPERM, HOOK_FILTER_MOUNT, NET_ALL, BOTH },
	{ "chroot", { 0 }, EPERM, HOOK_FILTER_MOUNT, NET_ALL, BOTH },
	{ "open_tree", { 0 }, EPERM, HOOK_FILTER_MOUNT, NET_ALL, BOTH },
	{ "open_tree_attr", { 0 }, EPERM, HOOK_FILTER_MOUNT, NET_ALL, BOTH },
	{ "move_mount", { 0 }, EPERM, HOOK_FILTER_MOUNT, NET_ALL, BOTH },
	{ "fsopen", { 0 }, EPERM, HOOK_FILTER_MOUNT, NET_ALL, BOTH },
	{ "fsconfig", { 0 }, EPERM, HOOK_FILTER_MOUNT, NET_ALL, BOTH },
	{ "fsmount", { 0 }, EPERM, HOOK_FILTER_MOUNT, NET_ALL, BOTH },
	{ "fspick", { 0 }, EPERM, HOOK_FILTER_MOUNT, NET_ALL, BOTH },
	{ "mount_setattr", { 0 }, EPERM, HOOK_FILTER_MOUNT, NET_ALL, BOTH },
	{ "swapon", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
	{ "swapoff", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
	{ "init_module", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
	{ "finit_module", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
	{ "delete_module", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
	{ "reboot", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
	{ "acct", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
	{ "quotactl", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
	{ "quotactl_fd", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
	{ "settimeofday", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
	{ "clock_settime", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
	{ "adjtimex", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
	{ "clock_adjtime", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
	{ "syslog", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
	{ "open_by_handle_at", { 0 }, EPERM, HOOK_FILTER_HANDLE, NET_ALL, BOTH },
	{ "fanotify_init", { 0 }, EPERM, HOOK_FILTER_FANOTIFY, NET_ALL, BOTH },
	{ "setns", { 0 }, EPERM, HOOK_FILTER_MOUNT, NET_ALL, BOTH },
	{ "sethostname", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
	{ "setdomainname", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
	{ "iopl", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
	{ "ioperm", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
	{ "vhangup", { 0 }, EPERM, HOOK_FILTER_KERNEL, NET_ALL, BOTH },
};
/* clang-format on */

/* Calls that arm64 never had; anything else that does not resolve is a failure. */
static bool
only_x86_64(const char *call)
{
	static const char *const names[] = {
		"open", "creat", "chmod", "mknod", "mkdir", "modify_ldt", "iopl", "ioperm",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], call) == 0)
			return true;
	return false;
}

static struct programs *all;

static struct bpf_result
ask(const struct program *p, uint32_t arch, uint32_t nr, const uint64_t args[6])
{
	struct seccomp_data data = { .nr = (int)nr, .arch = arch };

	memcpy(data.args, args, sizeof(data.args));
	return bpf_run(p->code, (size_t)p->length, &data);
}

static uint32_t
action_of(int expect)
{
	return expect == OK ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | (uint32_t)expect;
}

/* True when program and expectation agree; says which one does not. */
static bool
agrees(const struct program *p, unsigned int a, unsigned int net, unsigned int guard, uint32_t nr,
       const uint64_t args[6], const char *call, int expect, enum hook tag)
{
	struct bpf_result r = ask(p, audit_arch(a), nr, args);

	if (r.valid && r.action == action_of(expect) && p->tag[r.at] == tag)
		return true;
	printf("# %s net %u guard %u: %s(%#llx, %#llx, %#llx, %#llx): %#x tag %s, not %#x tag %s\n",
	       architecture_names[a], net, guard, call, (unsigned long long)args[0],
	       (unsigned long long)args[1], (unsigned long long)args[2],
	       (unsigned long long)args[3], r.action, hook_name((enum hook)p->tag[r.at]),
	       action_of(expect), hook_name(tag));
	return false;
}

#define FOR_ALL_PROGRAMS(a, net, guard)                                   \
	for (unsigned int a = 0; a < ARCHITECTURES; a++)                  \
		for (unsigned int net = 0; net < FILTER_NET_COUNT; net++) \
			for (unsigned int guard = 0; guard < GUARDS; guard++)

static void
check_rows(const struct row *list, size_t n)
{
	size_t asked = 0;

	FOR_ALL_PROGRAMS(a, net, guard)
	{
		for (size_t i = 0; i < n; i++) {
			const struct row *row = &list[i];
			int nr = number_of(a, row->call);

			if (!(row->nets & 1 << net) || !(row->guards & 1 << guard))
				continue;
			CU_ASSERT(nr >= 0 || (a == 1 && only_x86_64(row->call)));
			if (nr < 0)
				continue;
			asked++;
			CU_ASSERT(agrees(&all->p[a][net][guard], a, net, guard, (uint32_t)nr,
					 row->args, row->call, row->expect, row->tag));
		}
	}
	CU_ASSERT(asked > n);
}

static void
test_arguments(void)
{
	check_rows(rows, ARRAY_LEN(rows));
}

static void
test_whole_calls(void)
{
	check_rows(whole, ARRAY_LEN(whole));
}

/* What socket() should do, in plain words; the program must say the same for every triple. */
static int
expect_socket(unsigned int net, unsigned int family, unsigned int type, unsigned int protocol,
	      enum hook *tag)
{
	bool datagram_protocol = protocol == 0 || protocol == 17 || protocol == 1 || protocol == 58;

	*tag = HOOK_NONE;
	type &= 0xf;
	if (family == 1) {
		*tag = HOOK_FILTER_NET_UNIX;
		if (net != FILTER_NET_ALLOWED)
			return EAFNOSUPPORT;
		*tag = type == 1 || type == 5 ? HOOK_NONE : HOOK_FILTER_UNIX_DGRAM;
		return *tag ? EPROTONOSUPPORT : OK;
	}
	if (family == 16) {
		*tag = protocol == 0 ? HOOK_NONE : HOOK_FILTER_NETLINK;
		return *tag ? EPROTONOSUPPORT : OK;
	}
	if (family != 2 && family != 10) {
		*tag = HOOK_FILTER_FAMILY;
		return EAFNOSUPPORT;
	}
	if (net == FILTER_NET_NONE) {
		*tag = HOOK_FILTER_NET_INET;
		return EAFNOSUPPORT;
	}
	if (type == 1 && (protocol == 0 || protocol == 6))
		return OK;
	if (type == 2 && datagram_protocol) {
		*tag = net == FILTER_NET_ALLOWED ? HOOK_NONE : HOOK_FILTER_NET_UDP;
		return *tag ? EPROTONOSUPPORT : OK;
	}
	*tag = HOOK_FILTER_RAW;
	return EPROTONOSUPPORT;
}

static int
expect_socketpair(unsigned int family, unsigned int type, enum hook *tag)
{
	type &= 0xf;
	*tag = family == 1 ? HOOK_FILTER_UNIX_DGRAM : HOOK_FILTER_FAMILY;
	if (family != 1)
		return EAFNOSUPPORT;
	if (type != 1 && type != 5)
		return EPROTONOSUPPORT;
	*tag = HOOK_NONE;
	return OK;
}

static void
test_sockets(void)
{
	static const unsigned int flags[] = { 0, 0x10, 0x80000, 0x80800 };
	size_t wrong = 0;

	FOR_ALL_PROGRAMS(a, net, guard)
	{
		const struct program *p = &all->p[a][net][guard];
		uint32_t socket_nr = (uint32_t)number_of(a, "socket");
		uint32_t pair_nr = (uint32_t)number_of(a, "socketpair");

		for (unsigned int i = 0; i < 48 * 16 * ARRAY_LEN(flags); i++) {
			unsigned int family = i % 48, type = i / 48 % 16;
			enum hook tag;

			type |= flags[i / 48 / 16];
			for (unsigned int protocol = 0; protocol < 264; protocol++) {
				/* Every second one with rubbish in the high words. */
				uint64_t high = protocol & 1 ? HIGH : 0;
				uint64_t args[6] = { high | family, high | type, high | protocol };
				int expect = expect_socket(net, family, type, protocol, &tag);

				wrong += !agrees(p, a, net, guard, socket_nr, args, "socket",
						 expect, tag);
				expect = expect_socketpair(family, type, &tag);
				wrong += !agrees(p, a, net, guard, pair_nr, args, "socketpair",
						 expect, tag);
				if (wrong > 10)
					CU_FAIL_FATAL("sockets differ");
			}
		}
	}
	CU_ASSERT_EQUAL(wrong, 0);
}

static bool
in_a_table(unsigned int a, uint32_t nr)
{
	static const char *const sockets[] = { "socket", "socketpair" };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (number_of(a, rows[i].call) == (int)nr)
			return true;
	for (size_t i = 0; i < ARRAY_LEN(whole); i++)
		if (number_of(a, whole[i].call) == (int)nr)
			return true;
	for (size_t i = 0; i < ARRAY_LEN(sockets); i++)
		if (number_of(a, sockets[i]) == (int)nr)
			return true;
	return false;
}

/* Whatever no rule names is allowed, whatever its arguments. */
static void
test_everything_else(void)
{
	for (unsigned int a = 0; a < ARCHITECTURES; a++) {
		for (uint32_t nr = 0; nr < NUMBERS_TESTED; nr++) {
			uint64_t state = nr + 1;
			uint64_t args[6];

			if (in_a_table(a, nr))
				continue;
			for (unsigned int i = 0; i < FILTER_NET_COUNT * GUARDS * 8; i++) {
				unsigned int net = i / 16, guard = i & 1;

				for (size_t k = 0; k < 6; k++)
					args[k] = random_argument(&state);
				CU_ASSERT(agrees(&all->p[a][net][guard], a, net, guard, nr, args,
						 "unnamed call", OK, HOOK_NONE));
			}
		}
	}
}

static void
test_architecture(void)
{
	static const uint32_t foreign[] = { AUDIT_ARCH_I386, AUDIT_ARCH_ARM, AUDIT_ARCH_RISCV64, 0,
					    0xffffffff };
	static const uint32_t high[] = { 0x40000000, 0x40000001, 0x400001ff, 0x40000200,
					 0x80000000, 0xc0000000, 0xffffffff };
	const uint64_t args[6] = { 1, 1 };

	FOR_ALL_PROGRAMS(a, net, guard)
	{
		const struct program *p = &all->p[a][net][guard];

		for (uint32_t nr = 0; nr < NUMBERS_TESTED; nr++) {
			struct bpf_result r;

			for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
				r = ask(p, foreign[i], nr, args);
				CU_ASSERT(r.valid && r.action == action_of(ENOSYS) &&
					  p->tag[r.at] == HOOK_FILTER_ARCH);
			}
			r = ask(p, audit_arch(1 - a), nr, args);
			CU_ASSERT(r.action == action_of(ENOSYS));
			r = ask(p, audit_arch(a), 0x40000000 | nr, args);
			CU_ASSERT(r.action == action_of(a == 0 ? ENOSYS : OK));
		}
		for (size_t i = 0; i < ARRAY_LEN(high); i++)
			CU_ASSERT(agrees(p, a, net, guard, high[i], args, "high number",
					 a == 0 ? ENOSYS : OK,
					 a == 0 ? HOOK_FILTER_ARCH : HOOK_NONE));
		CU_ASSERT(agrees(p, a, net, guard, 0x3fffffff, args, "high number", OK, HOOK_NONE));
	}
}

/* ---- each defence alone ---------------------------------------------------------------------- */

static bool
tag_expected(enum hook tag, unsigned int net, unsigned int guard)
{
	switch (tag) {
	case HOOK_FILTER_NET_UDP:
		return net == FILTER_NET_LISTEN || net == FILTER_NET_TCP;
	case HOOK_FILTER_NET_INET:
		return net == FILTER_NET_NONE;
	case HOOK_FILTER_RAW:
		return net != FILTER_NET_NONE;
	case HOOK_FILTER_NET_UNIX:
	case HOOK_FILTER_NET_FASTOPEN:
		return net != FILTER_NET_ALLOWED;
	case HOOK_FILTER_NET_LISTEN:
		return net == FILTER_NET_TCP || net == FILTER_NET_NONE;
	case HOOK_FILTER_TRUNCATE:
		return guard;
	default:
		return true;
	}
}

static void
test_tags_mark_denials(void)
{
	FOR_ALL_PROGRAMS(a, net, guard)
	{
		const struct program *p = &all->p[a][net][guard];
		bool seen[HOOK_COUNT] = { false };

		for (int i = 0; i < p->length; i++) {
			const struct sock_filter *c = &p->code[i];
			bool returns = BPF_CLASS(c->code) == BPF_RET;

			if (!returns || c->k == SECCOMP_RET_ALLOW) {
				CU_ASSERT_EQUAL(p->tag[i], HOOK_NONE);
				continue;
			}
			CU_ASSERT_EQUAL(c->k & SECCOMP_RET_ACTION_FULL, SECCOMP_RET_ERRNO);
			CU_ASSERT_FATAL(p->tag[i] >= HOOK_FILTER_FIRST && p->tag[i] < HOOK_COUNT);
			seen[p->tag[i]] = true;
		}
		for (unsigned int tag = HOOK_FILTER_FIRST; tag < HOOK_COUNT; tag++)
			CU_ASSERT_EQUAL(seen[tag], tag_expected((enum hook)tag, net, guard));
	}
}

/* The k-th question put to the whole and to the weakened program. */
static void
question(unsigned int a, size_t k, uint64_t *state, struct seccomp_data *data)
{
	const struct row *row = NULL;

	*data = (struct seccomp_data){ .arch = audit_arch(a) };
	if (k < ARRAY_LEN(rows))
		row = &rows[k];
	else if (k < ARRAY_LEN(rows) + ARRAY_LEN(whole))
		row = &whole[k - ARRAY_LEN(rows)];
	if (row) {
		data->nr = number_of(a, row->call);
		memcpy(data->args, row->args, sizeof(data->args));
		return;
	}
	/* A third at random, a third at the calls with arguments, a third at sockets. */
	data->nr = (int)(next_random(state) % NUMBERS_TESTED);
	if (k % 3 == 1)
		data->nr = number_of(a, rows[next_random(state) % ARRAY_LEN(rows)].call);
	if (k % 97 == 0)
		data->arch = AUDIT_ARCH_I386;
	for (size_t i = 0; i < 6; i++)
		data->args[i] = random_argument(state);
	if (k % 3 == 2) {
		static const uint64_t families[] = { 0, 1, 2, 10, 16, 17, 40 };
		static const uint64_t types[] = { 1, 2, 3, 5, 10 };
		static const uint64_t protocols[] = { 0, 1, 6, 17, 58, 136, 262 };

		data->nr = number_of(a, next_random(state) % 4 ? "socket" : "socketpair");
		data->args[0] = families[next_random(state) % ARRAY_LEN(families)];
		data->args[1] = types[next_random(state) % ARRAY_LEN(types)];
		data->args[2] = protocols[next_random(state) % ARRAY_LEN(protocols)];
	}
}

static void
check_one_defence(const struct program *p, unsigned int a, enum hook tag)
{
	static struct sock_filter weak[CODE_MAX];
	size_t length = (size_t)p->length, opened = 0;
	uint64_t state = tag + 77;

	memcpy(weak, p->code, length * sizeof(weak[0]));
	for (size_t i = 0; i < length; i++)
		if (p->tag[i] == tag)
			weak[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	for (size_t k = 0; k < QUESTIONS; k++) {
		struct seccomp_data data;
		struct bpf_result before, after;

		question(a, k, &state, &data);
		before = bpf_run(p->code, length, &data);
		after = bpf_run(weak, length, &data);
		CU_ASSERT_FATAL(before.valid && after.valid && before.at == after.at);
		if (p->tag[before.at] == tag) {
			opened++;
			CU_ASSERT(before.action != SECCOMP_RET_ALLOW);
			CU_ASSERT_EQUAL(after.action, SECCOMP_RET_ALLOW);
		} else {
			CU_ASSERT_EQUAL(after.action, before.action);
		}
	}
	CU_ASSERT(opened > 0);
}

static void
test_defences_alone(void)
{
	FOR_ALL_PROGRAMS(a, net, guard)
	{
		for (unsigned int tag = HOOK_FILTER_FIRST; tag < HOOK_COUNT; tag++)
			if (tag_expected((enum hook)tag, net, guard))
				check_one_defence(&all->p[a][net][guard], a, (enum hook)tag);
	}
}

/* ---- cost ------------------------------------------------------------------------------------ */

static void
test_cost(void)
{
	const uint64_t args[6] = { 0 };

	FOR_ALL_PROGRAMS(a, net, guard)
	{
		const struct program *p = &all->p[a][net][guard];
		size_t longest = 0, sum = 0;

		for (uint32_t nr = 0; nr < NUMBERS; nr++) {
			struct bpf_result r = ask(p, audit_arch(a), nr, args);

			sum += r.constant;
			if (r.constant > longest)
				longest = r.constant;
		}
		printf("# %s net %u guard %u: %d instructions; per number at most %zu, average %zu.%zu\n",
		       architecture_names[a], net, guard, p->length, longest, sum / NUMBERS,
		       sum * 10 / NUMBERS % 10);
		CU_ASSERT(p->length <= LENGTH_MAX);
		CU_ASSERT(longest <= VISITED_MAX);
		CU_ASSERT(sum <= (size_t)AVERAGE_MAX * NUMBERS);
	}
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "whole calls", test_whole_calls },
		{ "calls judged by their arguments", test_arguments },
		{ "every family, type and protocol", test_sockets },
		{ "calls without a rule are allowed", test_everything_else },
		{ "foreign architectures and x32", test_architecture },
		{ "tags mark exactly the denials", test_tags_mark_denials },
		{ "switching one defence off opens its calls only", test_defences_alone },
		{ "few instructions per number", test_cost },
	};
	int r;

	all = programs_new();
	r = unit_run("filter", tests, UNIT_COUNT(tests));
	free(all);
	return r;
}
