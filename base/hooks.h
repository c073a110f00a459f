/*
 * Test hooks. Every object of the product calls these functions; a release program links
 * hooks_off.o, where each answers "no" without looking at anything, and a program of
 * build-test/bin links hooks_on.o, which reads the NONO_TEST_* variables:
 *
 *   NONO_TEST_OFF=name,name     switch these defences off (names: base/hooks.c, hook_name())
 *   NONO_TEST_FAIL_ALLOC=n      the n-th allocation of each process fails (from 1)
 *   NONO_TEST_LANDLOCK_ABI=n    cap the Landlock ABI (0: Landlock is refused)
 *   NONO_TEST_NO_SECCOMP=1      seccomp is refused
 *   NONO_TEST_DUMP_CHILD=path   write the canonical dump of struct child_plan
 *   NONO_TEST_POLICY_D=path     the system's policy is read from there, and belongs to the caller
 *   NONO_TEST_ATTACK=who:act    the helper `who` does this after its confinement (hooks_on.c)
 */
#ifndef BASE_HOOKS_H
#define BASE_HOOKS_H

#include <stdbool.h>

/* One per defence. FILTER_* are also the tags of the denying instructions of the base filter. */
enum hook {
	HOOK_NONE = 0,
	HOOK_LANDLOCK_FS,
	HOOK_LANDLOCK_NET,
	HOOK_SCOPE_SIGNAL,
	HOOK_SCOPE_ABSTRACT,
	HOOK_CLOSE_FDS,
	HOOK_STDIO_ALIAS, /* the limits of spec 02 3.5 on redirected stdio */
	HOOK_CAPS,
	HOOK_KEYRING,
	HOOK_CORE_LIMIT,
	HOOK_DEATH_SIGNAL,
	HOOK_ENVIRONMENT,
	HOOK_DENY_OVERLAP,
	HOOK_PROTECTED_ROOTS,
	HOOK_GRANT_IDENTITY, /* device and inode compared between plan and launch */
	HOOK_OWN_TTY,	     /* only the own terminal node, not all of /dev/pts */
	HOOK_DEVPTS,	     /* a devpts of the session's own; off: the own node alone */
	HOOK_MASKS,	     /* what covers a path that is denied inside a grant */
	HOOK_READ_ONLY_TREE, /* --namespaces=full */
	HOOK_IPC_NAMESPACE,  /* the same flag, for System V IPC */
	HOOK_PID_NAMESPACE,  /* the same flag: processes of its own, and their /proc */
	HOOK_LEFTOVERS,
	HOOK_MEMORY_LIMIT,   /* the knobs of --memory, not the group */
	HOOK_PROCESS_LIMIT,  /* the same of --max-procs */
	HOOK_SCREEN_CONFINE, /* everything nono-screen gives up */
	HOOK_FILTER_FIRST,
	HOOK_FILTER_ARCH = HOOK_FILTER_FIRST, /* foreign architecture, x32 */
	HOOK_FILTER_URING,
	HOOK_FILTER_USERFAULTFD,
	HOOK_FILTER_CLONE3,
	HOOK_FILTER_NAMESPACES, /* clone and unshare flags */
	HOOK_FILTER_MOUNT,	/* mount family, chroot, pivot_root, setns */
	HOOK_FILTER_KEYRING,
	HOOK_FILTER_KERNEL, /* modules, kexec, bpf, perf, reboot, clock, ports, ... */
	HOOK_FILTER_HANDLE, /* open_by_handle_at */
	HOOK_FILTER_FANOTIFY,
	HOOK_FILTER_PERSONALITY,
	HOOK_FILTER_TTY, /* TIOCSTI, TIOCLINUX, TIOCCONS, TIOCSETD */
	HOOK_FILTER_PRLIMIT,
	HOOK_FILTER_CORE,     /* attempts to change RLIMIT_CORE */
	HOOK_FILTER_PRIORITY, /* setpriority, ioprio_set */
	HOOK_FILTER_FAMILY,   /* address families outside the list */
	HOOK_FILTER_RAW,      /* SOCK_RAW, SOCK_PACKET and foreign protocols of allowed families */
	HOOK_FILTER_NETLINK,
	HOOK_FILTER_UNIX_DGRAM,
	HOOK_FILTER_SETID,    /* S_ISUID in modes */
	HOOK_FILTER_DEVICE,   /* device nodes, overlayfs whiteouts among them */
	HOOK_FILTER_NET_UDP,  /* restricted modes: no datagram sockets */
	HOOK_FILTER_NET_INET, /* blocked without Landlock network rules: no INET at all */
	HOOK_FILTER_NET_UNIX, /* restricted modes: no AF_UNIX sockets */
	HOOK_FILTER_NET_LISTEN,
	HOOK_FILTER_NET_FASTOPEN,
	HOOK_FILTER_TRUNCATE, /* Landlock ABI < 3 */
	HOOK_COUNT
};

/* The name used in NONO_TEST_OFF and in tests, e.g. "landlock-fs", "filter-tty". */
const char *hook_name(enum hook hook);

/* True when a test build was told to leave this defence out. Always false in a release. */
bool hook_off(enum hook hook);

/* True when this allocation shall fail. */
bool hook_fail_alloc(void);

/* The ABI to use instead of `abi` (never higher). */
int hook_landlock_abi(int abi);
bool hook_no_seccomp(void);

/* Path for the dump of struct child_plan, or NULL. */
const char *hook_dump_child(void);

/* A directory in place of that of the system's policy, or NULL. */
const char *hook_policy_directory(void);

/*
 * The environment a helper of ours is started with: empty in a release, the NONO_TEST_*
 * variables in a test build. A NULL-terminated vector that lives as long as the process.
 */
char *const *hook_helper_environment(void);

/*
 * Called by a helper right behind its confinement. A test build can make it do what a taken-over
 * helper would try; in a release nothing happens.
 */
void hook_after_confinement(const char *who);

/* True in a test build: `nono --version` says so. */
bool hook_is_test_build(void);

#endif
