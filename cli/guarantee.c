/* The guarantees, and the answers that prove them. */
#include "cli/guarantee.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"

enum { ACTS_MAX = 5, NOT_ASKED = -100 };

struct proof {
	enum prove_act act;
	int wanted; /* errno; 0: it must work */
	int old;    /* on kernels without the mechanism; NOT_ASKED: whatever it is */
};

struct row {
	const char *id, *text, *mechanism;
	int since; /* Landlock ABI; 0: every kernel */
	/* Below it; with 0: where the system refuses the mechanism (NULL: then the line is broken). */
	enum guarantee_state old_state;
	const char *old_mechanism, *old_reason;
	size_t count;
	struct proof proof[ACTS_MAX];
};

#define LANDLOCK "Landlock"
#define FILTER "seccomp filter"
#define NET_OLD LANDLOCK_ABI_NET, GUARANTEE_ENFORCED, FILTER, "no internet sockets at all"

#define NO_GROUP "no cgroup is delegated here, so such a start refuses and says what to do"

/* clang-format off */
static const struct row rows[] = {
	{ "files", "files outside your grants", LANDLOCK, 0, 0, NULL, NULL, 5,
	  { { ACT_READ_GRANTED, 0, 0 }, { ACT_OPEN_READ, EACCES, EACCES },
	    { ACT_OPEN_WRITE, EACCES, EACCES }, { ACT_LIST, EACCES, EACCES },
	    { ACT_LINK_IN, EXDEV, EXDEV } } },
	{ "truncate", "truncating files outside your grants", LANDLOCK,
	  LANDLOCK_ABI_TRUNCATE, GUARANTEE_DEGRADED, FILTER,
	  "truncate() fails in your grants, too; Linux 6.2 tells them apart", 2,
	  { { ACT_TRUNCATE, EACCES, EPERM }, { ACT_TRUNCATE_GRANTED, 0, EPERM } } },
	{ "moves", "moving files between two of your grants", LANDLOCK,
	  LANDLOCK_ABI_REFER, GUARANTEE_DEGRADED, LANDLOCK,
	  "it fails; programs copy instead; Linux 5.19 allows it", 1,
	  { { ACT_RENAME_GRANTED, 0, EXDEV } } },
	{ "devices", "commands to devices that may only be read", LANDLOCK,
	  LANDLOCK_ABI_IOCTL_DEV, GUARANTEE_UNAVAILABLE, "none", "needs Linux 6.10", 1,
	  { { ACT_DEVICE_IOCTL, EACCES, NOT_ASKED } } },
	{ "terminals", "your other terminals", LANDLOCK, 0, 0, NULL, NULL, 1,
	  { { ACT_OTHER_TERMINAL, EACCES, EACCES } } },
	{ "typing", "typing into your terminal", FILTER, 0, 0, NULL, NULL, 1,
	  { { ACT_TYPE_AHEAD, EPERM, EPERM } } },
	{ "setid", "set-user-ID programs made in a grant", FILTER, 0, 0, NULL, NULL, 1,
	  { { ACT_SETID, EPERM, EPERM } } },
	{ "handles", "files by handle", FILTER, 0, 0, NULL, NULL, 1,
	  { { ACT_HANDLE, EPERM, EPERM } } },
	{ "watching", "watching whole file systems", FILTER, 0, 0, NULL, NULL, 1,
	  { { ACT_FANOTIFY, EPERM, EPERM } } },

	{ "tcp", "TCP under --block-net", LANDLOCK, NET_OLD, 2,
	  { { ACT_CONNECT, EACCES, EAFNOSUPPORT }, { ACT_BIND, EACCES, EAFNOSUPPORT } } },
	{ "ports", "single ports (--open-port and others)", LANDLOCK,
	  LANDLOCK_ABI_NET, GUARANTEE_UNAVAILABLE, "none", "needs Linux 6.7; such flags refuse", 1,
	  { { ACT_CONNECT_GRANTED, 0, NOT_ASKED } } },
	{ "udp", "UDP and DNS under --block-net", FILTER, 0, 0, NULL, NULL, 1,
	  { { ACT_UDP, EPROTONOSUPPORT, EAFNOSUPPORT } } },
	{ "listen", "listening under --block-net", FILTER, 0, 0, NULL, NULL, 1,
	  { { ACT_LISTEN, EACCES, EAFNOSUPPORT } } },
	{ "fast-open", "TCP fast open under --block-net", FILTER, 0, 0, NULL, NULL, 1,
	  { { ACT_FAST_OPEN, EOPNOTSUPP, EAFNOSUPPORT } } },
	{ "unix-sockets", "unix sockets (D-Bus and others) under --block-net", FILTER,
	  0, 0, NULL, NULL, 1, { { ACT_UNIX, EAFNOSUPPORT, EAFNOSUPPORT } } },
	{ "families", "rare kinds of sockets", FILTER, 0, 0, NULL, NULL, 1,
	  { { ACT_FAMILY, EAFNOSUPPORT, EAFNOSUPPORT } } },
	{ "raw", "raw sockets, rare protocols", FILTER, 0, 0, NULL, NULL, 1,
	  { { ACT_RAW, EPROTONOSUPPORT, EPROTONOSUPPORT } } },
	{ "netlink", "netlink beyond routes", FILTER, 0, 0, NULL, NULL, 1,
	  { { ACT_NETLINK, EPROTONOSUPPORT, EPROTONOSUPPORT } } },
	{ "unix-datagram", "unix datagrams", FILTER, 0, 0, NULL, NULL, 1,
	  { { ACT_UNIX_DATAGRAM, EPROTONOSUPPORT, EPROTONOSUPPORT } } },
	{ "abstract", "abstract unix sockets of other programs", LANDLOCK,
	  LANDLOCK_ABI_SCOPE, GUARANTEE_UNAVAILABLE, "none",
	  "needs Linux 6.12; --block-net closes them", 1,
	  { { ACT_ABSTRACT, EPERM, NOT_ASKED } } },

	{ "signals", "signals to your other processes", LANDLOCK,
	  LANDLOCK_ABI_SCOPE, GUARANTEE_UNAVAILABLE, "none", "needs Linux 6.12", 1,
	  { { ACT_SIGNAL, EPERM, NOT_ASKED } } },
	{ "processes", "memory of your other processes", LANDLOCK, 0, 0, NULL, NULL, 2,
	  { { ACT_TRACE, EPERM, EPERM }, { ACT_READ_MEMORY, EPERM, EPERM } } },
	{ "limits", "limits of your other processes", FILTER, 0, 0, NULL, NULL, 1,
	  { { ACT_LIMITS_OF_OTHERS, EPERM, EPERM } } },
	{ "priority", "priority of your other processes", FILTER, 0, 0, NULL, NULL, 1,
	  { { ACT_PRIORITY_OF_OTHERS, EPERM, EPERM } } },
	{ "descriptors", "files that were left open for the program", "closed at start",
	  0, 0, NULL, NULL, 1, { { ACT_INHERITED_FD, EBADF, EBADF } } },
	{ "privileges", "capabilities and set-user-ID programs", "no new privileges",
	  0, 0, NULL, NULL, 1, { { ACT_CAPABILITIES, EPERM, EPERM } } },
	{ "keyring", "keys of your login session", "keyring of its own", 0, 0, NULL, NULL, 1,
	  { { ACT_SESSION_KEYRING, ENOKEY, ENOKEY } } },
	{ "keyctl", "keyrings of the kernel", FILTER, 0, 0, NULL, NULL, 1,
	  { { ACT_KEYCTL, EPERM, EPERM } } },
	{ "core-dumps", "core dumps to a program outside", "resource limit", 0, 0, NULL, NULL, 1,
	  { { ACT_CORE_LIMIT, EPERM, EPERM } } },
	{ "core-limit", "lifting the limit of core dumps", FILTER, 0, 0, NULL, NULL, 1,
	  { { ACT_CORE_CHANGE, EPERM, EPERM } } },

	{ "foreign-calls", "system calls of other architectures", FILTER, 0, 0, NULL, NULL, 1,
	  { { ACT_FOREIGN_CALLS, ENOSYS, ENOSYS } } },
	{ "io-uring", "io_uring", FILTER, 0, 0, NULL, NULL, 1, { { ACT_URING, ENOSYS, ENOSYS } } },
	{ "userfaultfd", "userfaultfd", FILTER, 0, 0, NULL, NULL, 1,
	  { { ACT_USERFAULTFD, ENOSYS, ENOSYS } } },
	{ "namespaces", "new namespaces", FILTER, 0, 0, NULL, NULL, 1,
	  { { ACT_NAMESPACE, EPERM, EPERM } } },
	{ "clone3", "new namespaces by clone3", FILTER, 0, 0, NULL, NULL, 1,
	  { { ACT_CLONE3, ENOSYS, ENOSYS } } },
	{ "mounts", "mounts and changed roots", FILTER, 0, 0, NULL, NULL, 2,
	  { { ACT_MOUNT, EPERM, EPERM }, { ACT_CHROOT, EPERM, EPERM } } },
	{ "kernel", "administration of the kernel", FILTER, 0, 0, NULL, NULL, 1,
	  { { ACT_PERF, EPERM, EPERM } } },
	{ "personality", "weaker memory protection", FILTER, 0, 0, NULL, NULL, 1,
	  { { ACT_PERSONALITY, EPERM, EPERM } } },

	{ "environment", "dangerous variables (LD_* and others)", "policy", 0, 0, NULL, NULL, 1,
	  { { ACT_ENVIRONMENT, ENOENT, ENOENT } } },
	{ "own-state", "grants over nono's own records", "policy", 0, 0, NULL, NULL, 1,
	  { { ACT_PROTECTED_ROOTS, EPERM, EPERM } } },
	{ "protected", "grants over protected paths", "policy", 0, 0, NULL, NULL, 1,
	  { { ACT_DENY_OVERLAP, EPERM, EPERM } } },
	{ "swapped", "paths swapped between check and start", "launch", 0, 0, NULL, NULL, 1,
	  { { ACT_SWAPPED_GRANT, EPERM, EPERM } } },
	{ "streams", "a directory as a standard stream", "launch", 0, 0, NULL, NULL, 1,
	  { { ACT_STDIN_DIRECTORY, EPERM, EPERM } } },
	{ "leftovers", "processes left behind by nono run", "broker", 0, 0, NULL, NULL, 1,
	  { { ACT_LEFTOVER, EPERM, EPERM } } },
	{ "orphans", "a program without its broker", "death signal", 0, 0, NULL, NULL, 1,
	  { { ACT_DEATH, EPERM, EPERM } } },
	{ "own-terminals", "terminals that programs make inside", "devpts of its own",
	  0, GUARANTEE_DEGRADED, LANDLOCK, "none can be made, so tmux and script do not start", 1,
	  { { ACT_OWN_DEVPTS, 0, 0 } } },
	{ "denied-inside", "denied paths inside a grant (--deny-overlap)", "mount namespace",
	  0, GUARANTEE_DEGRADED, "policy", "they cannot be covered: the start is refused", 1,
	  { { ACT_DENIED_INSIDE, ENOENT, ENOENT } } },
	{ "metadata", "modes, owners elsewhere (--namespaces=full)", "read-only tree",
	  0, GUARANTEE_DEGRADED, "none", "files of yours can be given other modes", 1,
	  { { ACT_METADATA, EROFS, EROFS } } },
	{ "queues", "System V memory and queues (--namespaces=full)", "IPC namespace",
	  0, GUARANTEE_DEGRADED, "none", "those of other programs can be reached", 1,
	  { { ACT_QUEUES, EINVAL, EINVAL } } },
	{ "process-list", "listing other processes (--namespaces=full)", "pid namespace",
	  0, GUARANTEE_DEGRADED, "none", "their command lines can be read", 1,
	  { { ACT_LIST_OTHERS, ENOENT, ENOENT } } },
	{ "memory", "more memory than --memory allows", "cgroup",
	  0, GUARANTEE_UNAVAILABLE, "none", NO_GROUP, 1, { { ACT_MEMORY_LIMIT, ENOMEM, ENOMEM } } },
	{ "max-procs", "more processes than --max-procs allows", "cgroup",
	  0, GUARANTEE_UNAVAILABLE, "none", NO_GROUP, 1, { { ACT_PROCESS_LIMIT, EAGAIN, EAGAIN } } },
};

static const char *const act_text[ACT_COUNT] = {
	[ACT_READ_GRANTED] = "opening a granted file",
	[ACT_OPEN_READ] = "opening a file for reading",
	[ACT_OPEN_WRITE] = "opening a file for writing",
	[ACT_LIST] = "listing a directory",
	[ACT_LINK_IN] = "linking a file into a grant",
	[ACT_RENAME_GRANTED] = "rename",
	[ACT_TRUNCATE] = "truncate",
	[ACT_TRUNCATE_GRANTED] = "truncate of a granted file",
	[ACT_DEVICE_IOCTL] = "ioctl",
	[ACT_OTHER_TERMINAL] = "opening another terminal",
	[ACT_SIGNAL] = "kill",
	[ACT_ABSTRACT] = "connect",
	[ACT_TRACE] = "ptrace",
	[ACT_READ_MEMORY] = "process_vm_readv",
	[ACT_INHERITED_FD] = "using the descriptor",
	[ACT_CAPABILITIES] = "having capabilities",
	[ACT_SESSION_KEYRING] = "finding a key",
	[ACT_CORE_LIMIT] = "dumping core",
	[ACT_CORE_CHANGE] = "setrlimit",
	[ACT_TYPE_AHEAD] = "TIOCSTI",
	[ACT_FOREIGN_CALLS] = "int 0x80",
	[ACT_URING] = "io_uring_setup",
	[ACT_USERFAULTFD] = "userfaultfd",
	[ACT_NAMESPACE] = "unshare",
	[ACT_CLONE3] = "clone3",
	[ACT_MOUNT] = "umount2",
	[ACT_CHROOT] = "chroot",
	[ACT_KEYCTL] = "keyctl",
	[ACT_PERF] = "perf_event_open",
	[ACT_HANDLE] = "open_by_handle_at",
	[ACT_FANOTIFY] = "fanotify_init",
	[ACT_PERSONALITY] = "personality",
	[ACT_LIMITS_OF_OTHERS] = "prlimit",
	[ACT_PRIORITY_OF_OTHERS] = "setpriority",
	[ACT_SETID] = "chmod",
	[ACT_FAMILY] = "socket",
	[ACT_RAW] = "socket",
	[ACT_NETLINK] = "socket",
	[ACT_UNIX_DATAGRAM] = "socket",
	[ACT_CONNECT] = "connect",
	[ACT_BIND] = "bind",
	[ACT_CONNECT_GRANTED] = "connect to a granted port",
	[ACT_UDP] = "socket",
	[ACT_LISTEN] = "listen",
	[ACT_FAST_OPEN] = "sendto with MSG_FASTOPEN",
	[ACT_UNIX] = "socket",
	[ACT_ENVIRONMENT] = ("reading " PROVE_VARIABLE),
	[ACT_PROTECTED_ROOTS] = "granting it",
	[ACT_DENY_OVERLAP] = "granting it",
	[ACT_SWAPPED_GRANT] = "starting",
	[ACT_STDIN_DIRECTORY] = "starting",
	[ACT_LEFTOVER] = "living on",
	[ACT_DEATH] = "living on",
	[ACT_MEMORY_LIMIT] = "using more",
	[ACT_PROCESS_LIMIT] = "fork",
	[ACT_OWN_DEVPTS] = "mounting a devpts",
	[ACT_DENIED_INSIDE] = "opening a covered file",
	[ACT_METADATA] = "chmod",
	[ACT_QUEUES] = "shmctl",
	[ACT_LIST_OTHERS] = "opening /proc of another process",
};
/* clang-format on */

const size_t guarantees_count = ARRAY_LEN(rows);

static const char *
outcome_text(int outcome)
{
	return outcome == 0 ? "it works" : strerror(outcome);
}

/* False, with the reason, when an act did not end as it must. */
static bool
judge_act(struct guarantee *g, const struct proof *p, int wanted, int outcome)
{
	if (wanted == NOT_ASKED || outcome == wanted || outcome == ACT_NOT_POSSIBLE)
		return true;
	if (outcome == ACT_NOT_RUN)
		(void)snprintf(g->reason, sizeof(g->reason), "%s could not be tried",
			       act_text[p->act]);
	else
		(void)snprintf(g->reason, sizeof(g->reason), "%s: %s (wanted: %s)",
			       act_text[p->act], outcome_text(outcome), outcome_text(wanted));
	return false;
}

void
guarantee_judge(struct guarantee *ret, size_t i, const struct prove_result *result,
		const struct kernel *k)
{
	const struct row *row = &rows[i];
	bool old = k->landlock_abi < row->since;
	/* Without port rules the filter refuses one step earlier, and with another errno. */
	bool no_net = k->landlock_abi < LANDLOCK_ABI_NET;
	bool possible = false;

	*ret = (struct guarantee){
		.id = row->id,
		.text = row->text,
		.mechanism = old ? row->old_mechanism : row->mechanism,
		.state = old ? row->old_state : GUARANTEE_ENFORCED,
	};
	if (old)
		(void)snprintf(ret->reason, sizeof(ret->reason), "%s", row->old_reason);
	for (size_t n = 0; n < row->count; n++) {
		const struct proof *p = &row->proof[n];
		int outcome = result->outcome[p->act];

		possible |= outcome != ACT_NOT_POSSIBLE;
		if (!judge_act(ret, p, old || (row->since == 0 && no_net) ? p->old : p->wanted,
			       outcome)) {
			/* Where a limit could be set and did not hold, no system refused anything. */
			if (row->since == 0 && row->old_mechanism && outcome != 0) {
				ret->state = row->old_state;
				ret->mechanism = row->old_mechanism;
				(void)snprintf(ret->reason, sizeof(ret->reason), "%s: %s",
					       outcome_text(outcome), row->old_reason);
				return;
			}
			ret->state = GUARANTEE_UNAVAILABLE;
			ret->broken = true;
			return;
		}
	}
	if (!possible && !old)
		(void)snprintf(ret->reason, sizeof(ret->reason),
			       "not tried: this machine has no such thing");
}

const char *
guarantee_state_text(enum guarantee_state state)
{
	static const char *const text[] = {
		[GUARANTEE_ENFORCED] = "enforced",
		[GUARANTEE_DEGRADED] = "degraded",
		[GUARANTEE_UNAVAILABLE] = "unavailable",
	};

	return text[state];
}
