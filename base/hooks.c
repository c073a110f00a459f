/* Names of the defences; shared by the two builds. */
#include "base/hooks.h"

#include "base/attr.h"

static const char *const names[HOOK_COUNT] = {
	[HOOK_NONE] = "none",
	[HOOK_LANDLOCK_FS] = "landlock-fs",
	[HOOK_LANDLOCK_NET] = "landlock-net",
	[HOOK_SCOPE_SIGNAL] = "scope-signal",
	[HOOK_SCOPE_ABSTRACT] = "scope-abstract",
	[HOOK_CLOSE_FDS] = "close-fds",
	[HOOK_STDIO_ALIAS] = "stdio-alias",
	[HOOK_CAPS] = "caps",
	[HOOK_KEYRING] = "keyring",
	[HOOK_CORE_LIMIT] = "core-limit",
	[HOOK_DEATH_SIGNAL] = "death-signal",
	[HOOK_ENVIRONMENT] = "environment",
	[HOOK_DENY_OVERLAP] = "deny-overlap",
	[HOOK_PROTECTED_ROOTS] = "protected-roots",
	[HOOK_GRANT_IDENTITY] = "grant-identity",
	[HOOK_OWN_TTY] = "own-tty",
	[HOOK_DEVPTS] = "devpts",
	[HOOK_MASKS] = "masks",
	[HOOK_READ_ONLY_TREE] = "read-only-tree",
	[HOOK_IPC_NAMESPACE] = "ipc-namespace",
	[HOOK_PID_NAMESPACE] = "pid-namespace",
	[HOOK_LEFTOVERS] = "leftovers",
	[HOOK_MEMORY_LIMIT] = "memory-limit",
	[HOOK_PROCESS_LIMIT] = "process-limit",
	[HOOK_SCREEN_CONFINE] = "screen-confine",
	[HOOK_FILTER_ARCH] = "filter-arch",
	[HOOK_FILTER_URING] = "filter-uring",
	[HOOK_FILTER_USERFAULTFD] = "filter-userfaultfd",
	[HOOK_FILTER_CLONE3] = "filter-clone3",
	[HOOK_FILTER_NAMESPACES] = "filter-namespaces",
	[HOOK_FILTER_MOUNT] = "filter-mount",
	[HOOK_FILTER_KEYRING] = "filter-keyring",
	[HOOK_FILTER_KERNEL] = "filter-kernel",
	[HOOK_FILTER_HANDLE] = "filter-handle",
	[HOOK_FILTER_FANOTIFY] = "filter-fanotify",
	[HOOK_FILTER_PERSONALITY] = "filter-personality",
	[HOOK_FILTER_TTY] = "filter-tty",
	[HOOK_FILTER_PRLIMIT] = "filter-prlimit",
	[HOOK_FILTER_CORE] = "filter-core",
	[HOOK_FILTER_PRIORITY] = "filter-priority",
	[HOOK_FILTER_FAMILY] = "filter-family",
	[HOOK_FILTER_RAW] = "filter-raw",
	[HOOK_FILTER_NETLINK] = "filter-netlink",
	[HOOK_FILTER_UNIX_DGRAM] = "filter-unix-dgram",
	[HOOK_FILTER_SETID] = "filter-setid",
	[HOOK_FILTER_DEVICE] = "filter-device",
	[HOOK_FILTER_NET_UDP] = "filter-net-udp",
	[HOOK_FILTER_NET_INET] = "filter-net-inet",
	[HOOK_FILTER_NET_UNIX] = "filter-net-unix",
	[HOOK_FILTER_NET_LISTEN] = "filter-net-listen",
	[HOOK_FILTER_NET_FASTOPEN] = "filter-net-fastopen",
	[HOOK_FILTER_TRUNCATE] = "filter-truncate",
};

const char *
hook_name(enum hook hook)
{
	return (unsigned int)hook < HOOK_COUNT ? names[hook] : "?";
}
