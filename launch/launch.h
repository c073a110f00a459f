/*
 * launch/: from a plan to a running, confined program. Trusted code used by the broker and by
 * `wrap`: opens what the plan grants, builds the Landlock rule set, picks the filter, fills struct
 * child_plan, forks. It parses nothing but the plan.
 */
#ifndef LAUNCH_LAUNCH_H
#define LAUNCH_LAUNCH_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "child/child.h"
#include "plan/plan.h"

/* ---- what this kernel can do (probe.c) ---- */

enum {
	LANDLOCK_ABI_REFER = 2,
	LANDLOCK_ABI_TRUNCATE = 3,
	LANDLOCK_ABI_NET = 4,
	LANDLOCK_ABI_IOCTL_DEV = 5,
	LANDLOCK_ABI_SCOPE = 6,
	LANDLOCK_ABI_LOG = 7,
	LANDLOCK_ABI_MAX = 7, /* newer kernels are used as 7 */
};

struct kernel {
	int landlock_abi;   /* 1..7; 0: not usable */
	int landlock_error; /* -errno of the probe when 0 */
	bool seccomp;	    /* filters can be installed */
	bool no_devpts;	    /* this session asked for its own and was refused */
	bool no_tree;	    /* the same of a read-only tree */
	bool no_processes;  /* the same of processes of its own */
};

void kernel_probe(struct kernel *k);

/* ---- what holds only in part (degraded.c) ---- */

enum { LAUNCH_DEGRADATIONS_MAX = 8 };

struct degradation {
	const char *guarantee, *reason;
};

size_t launch_degradations(const struct plan *p, const struct kernel *k,
			   struct degradation ret[LAUNCH_DEGRADATIONS_MAX]);

/* --strict: an error when there is any. Behind launch_prepare(), when `k` is complete. */
int launch_check_strict(const struct plan *p, const struct kernel *k, struct err *e) ATTR_CHECK;

/* ---- the filter (filter.c over generated tables) ---- */

/* What `socket`, `listen` and friends may do. */
enum filter_net {
	FILTER_NET_ALLOWED, /* INET and INET6 stream and datagram, UNIX, NETLINK ROUTE */
	FILTER_NET_LISTEN,  /* restricted, some port may be bound: TCP only, listen allowed */
	FILTER_NET_TCP,	    /* restricted: TCP sockets only, listen EACCES */
	FILTER_NET_NONE,    /* blocked without Landlock network rules: no INET at all */
	FILTER_NET_COUNT
};

struct filter_choice {
	enum filter_net net;
	bool guard_truncate; /* Landlock ABI < 3 */
};

/* One generated program: `tag[i]` is the enum hook of a denying return, else 0. */
struct filter_table {
	const struct sock_filter *code;
	const unsigned char *tag;
	unsigned short length;
};

/* Never NULL. Defined in the generated file; the second one, with i386, on x86_64 only. */
const struct filter_table *filter_table_find(struct filter_choice choice);
const struct filter_table *filter_table_find_compat(struct filter_choice choice);

/* Which one a plan needs on this kernel. */
struct filter_choice filter_choose(const struct plan *p, const struct kernel *k);

/*
 * The rules that the plan's profile lifts: bit N is the enum hook N that tags them. HOOK_FILTER_ARCH
 * means 32-bit programs (linux.compat32), which have a table of their own.
 */
uint64_t filter_lifted(const struct plan *p);

/*
 * The program to install. Where nothing is lifted it points into the constant table; else, and in a
 * test build with defences switched off, it is a copy in which those return ALLOW. *ret_copy (may be
 * NULL after) is freed with mem_free(). 0 or -ENOMEM.
 */
int filter_make(struct filter_choice choice, uint64_t lifted, struct sock_fprog *ret,
		void **ret_copy) ATTR_CHECK;

/* ---- the launch (prepare.c, spawn.c) ---- */

struct launch;

/*
 * Open everything, build everything; nothing is executed. On failure the error names the object
 * and the next step, and nothing is left behind. `*ret` is released with launch_free().
 * The plan must outlive it.
 */
int launch_prepare(struct launch **ret, const struct plan *p, const struct kernel *k,
		   struct err *e) ATTR_CHECK;

/* The session's own terminal. */
struct launch_terminal {
	bool own_devpts;	  /* one is mounted, and the child makes the PTY in it */
	int tty_fd;		  /* else: PTY slave, borrowed until the program runs */
	unsigned int tty_streams; /* bit n: the program's descriptor n is the slave */
	int job_fd; /* write end of a close-on-exec pipe for struct shim_report; -1: no shim */
};

/*
 * The same for a program on a terminal of its own (NULL: on the caller's streams), or that may have a
 * shim beside it: it needs one for the terminal, or for processes of its own.
 */
int launch_prepare_on(struct launch **ret, const struct plan *p, const struct kernel *k,
		      const struct launch_terminal *t, struct err *e) ATTR_CHECK;
/* Also removes the state file, which a program that was become keeps. */
void launch_free(struct launch *l);

/* The finished child plan, for the dump and for tests. */
const struct child_plan *launch_child_plan(const struct launch *l);

/* The private temporary directory, "" when there is none. */
const char *launch_temp_directory(const struct launch *l);

#define LAUNCH_NO_TREE "what no grant names can still be given other modes and owners: %s"

#define STATE_WARNING \
	"Capability state file could not be written: nono why --self will not work inside"

/* Why there is no state file, an -errno, or 0. */
int launch_state_error(const struct launch *l);

/* Remove the files that were made for grants and are still empty. */
void launch_remove_created(const struct plan *p);

/* Why launch_spawn() failed, when the program was there and execve refused it: an errno, else 0. */
int launch_exec_error(const struct launch *l);

/* The child shall enter this group first: an open cgroup.procs, borrowed until the program runs. */
void launch_set_cgroup(struct launch *l, int procs_fd);

/* wrap: become the program. Returns only on failure, with the error and exit code set. */
int launch_exec(struct launch *l, struct err *e);

/*
 * Why the launch goes on without the mount namespace that it should have: no devpts of its own, no
 * read-only tree. NULL: it has what it needs. Masks are never missing: their launch fails.
 */
const struct err *launch_no_namespace(const struct launch *l);

/*
 * With PLAN_OWN_PROCESSES: why a session of this plan shall have no processes of its own all the same;
 * NULL: it shall.
 */
const char *launch_no_processes(const struct plan *p);

/* Why it has none although they were asked for. NULL: it has what was asked. */
const struct err *launch_processes_error(const struct launch *l);

/*
 * Process 1 of the session's pid namespace, a child of the caller, which ends it behind all others;
 * launch_free() is the last who does. 0: the session has no such namespace.
 */
pid_t launch_init(const struct launch *l);

/* Why a session of this plan shall have no devpts of its own; NULL: it shall. */
const char *launch_no_devpts(const struct plan *p);

/*
 * The launch in three acts, for a session with a devpts of its own. All signals must be blocked by
 * the caller; `mask` is what the program starts with.
 */
int launch_fork(struct launch *l, const sigset_t *mask, struct err *e) ATTR_CHECK;

/* The master of the terminal that the child made; it waits for launch_finish(). */
int launch_receive_master(struct launch *l, int *ret_master, struct err *e) ATTR_CHECK;

/* Without a devpts after all: the program's terminal is this one. */
int launch_use_slave(struct launch *l, int tty_fd, struct err *e) ATTR_CHECK;

/* Kill and reap a child that does not get there. NULL or no such child: nothing. */
void launch_abandon(struct launch *l);

/* Does a child wait for launch_finish()? */
bool launch_is_forked(const struct launch *l);

/* Wait until the child runs the program: 0 with *ret_pid and *ret_pidfd, or as launch_spawn(). */
int launch_finish(struct launch *l, pid_t *ret_pid, int *ret_pidfd, struct err *e) ATTR_CHECK;

/*
 * Fork the confined child and wait until it runs the program or failed. All signals must be
 * blocked by the caller; `mask` is what the program starts with. 0 with *ret_pid and *ret_pidfd,
 * or an error with text and exit code; the child is reaped then.
 */
int launch_spawn(struct launch *l, const sigset_t *mask, pid_t *ret_pid, int *ret_pidfd,
		 struct err *e) ATTR_CHECK;

/* Canonical text of a child plan: descriptors as device:inode and rights, random names replaced. */
int launch_dump(struct buf *b, const struct launch *l) ATTR_CHECK;

/* ---- private temporary directories (tempdir.c) ---- */

/*
 * Make one for this process below `parent`; *ret is freed by the caller with mem_free(), "" is never
 * returned. 0 or an error.
 */
int tempdir_make(char **ret, const char *parent, struct err *e) ATTR_CHECK;

/* Remove what ended launches left below `parent`, in bounded time. Failures are ignored. */
void tempdir_sweep(const char *parent);

/* Remove one private directory: at once when empty, else by a confined helper. 0 or -errno. */
int tempdir_remove(const char *path);

#endif
