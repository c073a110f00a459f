/*
 * Proofs for `nono setup`: forbidden acts, done for real by a throw-away process inside a real
 * sandbox. The process is this program again, started with COMMAND_PROVE; it does not know what
 * is expected and only reports how each act ended.
 */
#ifndef CLI_PROVE_H
#define CLI_PROVE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "launch/launch.h"

#define PROVE_COMMAND "__prove"

enum prove_act {
	/* in a sandbox with the network allowed */
	ACT_READ_GRANTED,
	ACT_OPEN_READ,
	ACT_OPEN_WRITE,
	ACT_LIST,
	ACT_LINK_IN,
	ACT_RENAME_GRANTED,
	ACT_TRUNCATE,
	ACT_TRUNCATE_GRANTED,
	ACT_DEVICE_IOCTL,
	ACT_OTHER_TERMINAL,
	ACT_SIGNAL,
	ACT_ABSTRACT,
	ACT_TRACE,
	ACT_READ_MEMORY,
	ACT_INHERITED_FD,
	ACT_CAPABILITIES,
	ACT_SESSION_KEYRING,
	ACT_CORE_LIMIT,
	ACT_CORE_CHANGE,
	ACT_TYPE_AHEAD,
	ACT_FOREIGN_CALLS,
	ACT_URING,
	ACT_USERFAULTFD,
	ACT_NAMESPACE,
	ACT_CLONE3,
	ACT_MOUNT,
	ACT_CHROOT,
	ACT_KEYCTL,
	ACT_PERF,
	ACT_HANDLE,
	ACT_FANOTIFY,
	ACT_PERSONALITY,
	ACT_LIMITS_OF_OTHERS,
	ACT_PRIORITY_OF_OTHERS,
	ACT_SETID,
	ACT_FAMILY,
	ACT_RAW,
	ACT_NETLINK,
	ACT_UNIX_DATAGRAM,
	/* in a sandbox with the network blocked */
	ACT_CONNECT,
	ACT_BIND,
	ACT_CONNECT_GRANTED,
	ACT_UDP,
	ACT_LISTEN,
	ACT_FAST_OPEN,
	ACT_UNIX,
	/* by the environment of a session of `nono run` */
	ACT_ENVIRONMENT,
	/* in sessions with --memory and with --max-procs */
	ACT_MEMORY_LIMIT,
	ACT_PROCESS_LIMIT,
	/* outside: does nono refuse, does something end */
	ACT_PROTECTED_ROOTS,
	ACT_DENY_OVERLAP,
	ACT_SWAPPED_GRANT,
	ACT_STDIN_DIRECTORY,
	ACT_LEFTOVER,
	ACT_DEATH,
	ACT_OWN_DEVPTS,
	ACT_DENIED_INSIDE,
	ACT_METADATA,
	ACT_QUEUES,
	ACT_LIST_OTHERS,
	ACT_COUNT
};

/* How an act ended: 0 it succeeded, > 0 its errno, < 0: */
enum {
	ACT_NOT_RUN = -1,
	ACT_NOT_POSSIBLE = -2, /* the machine has no such thing, so nothing is open */
};

struct prove_result {
	int outcome[ACT_COUNT];
};

/*
 * Do all of it on this kernel. 0, or why no sandbox could be made. Takes well under a second; at
 * most some seconds when something hangs.
 */
int prove_all(struct prove_result *ret, const struct kernel *k, char *const *environment,
	      struct err *e) ATTR_CHECK;

/* ---- between prove.c and the process inside (prove_acts.c) ---- */

enum prove_mode {
	PROVE_DEFAULT = 1,
	PROVE_BLOCKED,
	PROVE_SESSION,
	PROVE_MEMORY,
	PROVE_PROCESSES,
	PROVE_WAIT,
	PROVE_DEVPTS,
	PROVE_TREE,    /* read-only, and one of the grants is denied and covered */
	PROVE_NUMBERS, /* processes of its own */
};

/* What the process inside touches, below and above the limit. */
enum {
	PROVE_MEMORY_BELOW = 4 << 20,
	PROVE_MEMORY_ABOVE = 48 << 20,
};
#define PROVE_MEMORY_LIMIT "16M"
#define PROVE_PROCESS_LIMIT "2"

struct prove_report {
	int32_t act, outcome;
};

/* Where things are; words of the command line, in this order, behind the mode. */
enum prove_word {
	PROVE_WORD_BOX, /* directory with granted/, second/, outside/ */
	PROVE_WORD_VICTIM,
	PROVE_WORD_PORT,
	PROVE_WORD_GRANTED_PORT, /* 0: none */
	PROVE_WORD_TERMINAL,	 /* path of somebody else's, "" when there are none */
	PROVE_WORD_NAME,	 /* of the abstract socket and of the key */
	PROVE_WORD_COUNT
};

enum { PROVE_INHERITED_FD = 100 };

#define PROVE_VARIABLE "LD_AUDIT"

/* The process inside: reports on standard output. The exit code. */
int prove_inside(size_t count, const char *const *words);

#endif
