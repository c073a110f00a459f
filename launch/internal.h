/* Shared inside launch/: the launch object and the pieces that fill it. */
#ifndef LAUNCH_INTERNAL_H
#define LAUNCH_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "launch/launch.h"

/* A rule as it was added, for the dump of a test build. */
struct rule_record {
	uint64_t device, inode, access;
	uint64_t port; /* of a port rule, else 0 */
	char path[96]; /* shown beside the inode; cut when longer */
};

enum { STATE_BYTES_MAX = 1 << 20 }; /* more is not read (cli/state.c) */

/* What a grant turned out to be. */
enum opened { OPENED_NOT = 0, OPENED_FILE, OPENED_DIRECTORY };

/* What the session's tree has in another way than the tree outside (placements.c). */
enum placement_kind {
	PLACE_WRITABLE,	 /* as it is, in a tree that is read-only otherwise */
	PLACE_READ_ONLY, /* inside something writable */
	PLACE_PINNED,	 /* as it is, but a mount: nobody inside can rename it */
	PLACE_EMPTY_DIRECTORY,
	PLACE_EMPTY_FILE,
};

struct placement {
	const char *path; /* canonical; of the plan or of the launch, or `own` */
	char *own;
	dev_t device;
	ino_t inode;
	enum placement_kind kind;
	int fd; /* used by the process that mounts */
};

struct launch {
	const struct plan *plan;
	struct kernel kernel;
	struct child_plan child;
	struct launch_terminal terminal;
	int ruleset_fd;
	int start_fd;
	int exec_error;		    /* of the child's execve; 0: it did not fail */
	int master_fd;		    /* ours of the socket on which the master comes */
	int slave_socket;	    /* the child's */
	unsigned int devpts_access; /* PLAN_READ | PLAN_WRITE on the own devpts */
	size_t devpts_rules;	    /* of `rules`, the last ones */
	pid_t pid;		    /* forked and not handed on; 0: none */
	int pidfd, report_fd;
	struct placement *placements; /* what is inside comes behind what it is in */
	size_t placements_count, placements_capacity;
	size_t masks_count; /* of them */
	bool read_only_tree;
	bool own_processes; /* a pid namespace, and the /proc of it */
	int init_fd;	    /* pidfd of its process 1; -1: none */
	pid_t init;
	struct err no_processes; /* why there is none although it was asked for; code 0 */
	struct err no_namespace; /* why there is none although it would have been better; code 0 */
	struct child_rule *rules;
	size_t rules_count, rules_capacity;
	int *keep_fds;
	char **argv;
	char **environment;
	char *tmpdir_entry;    /* "TMPDIR=..." */
	char *temp_directory;  /* "" when there is none */
	unsigned char *opened; /* enum opened, of each grant of the plan */
	char *state_path;      /* of the state file; NULL: none */
	char *state_entry;     /* "NONO_CAP_FILE=..." */
	int state_fd;	       /* until it is written */
	int state_error;       /* why there is none, or 0 */
	void *filter_copy;
	struct filter_choice filter_choice;
	uint64_t handled_fs, handled_net, scoped;
	bool record; /* keep records */
	struct rule_record *records;
	size_t records_count, records_capacity;
};

/* ruleset.c: open the grants, add the rules, leave l->ruleset_fd (or -1) and l->rules. */
int ruleset_build(struct launch *l, struct err *e) ATTR_CHECK;

/* After the child could have no devpts: the rules for l->terminal.tty_fd instead. */
int ruleset_use_slave(struct launch *l, struct err *e) ATTR_CHECK;

/* Directories of descriptors: procfs lets nobody create there, so a write grant means nothing. */
bool ruleset_lists_descriptors(const char *path);

/* The Landlock rights of an access on a directory or another object, at this ABI. */
uint64_t ruleset_rights(unsigned int access, bool directory, bool device, int abi);

/*
 * placements.c: note an opened grant that the tree of the session must know of; bring all in order
 * and add the masks, when everything was opened.
 */
int placement_add(struct launch *l, enum placement_kind kind, const char *path,
		  const struct stat *st, struct err *e) ATTR_CHECK;
int placements_finish(struct launch *l, struct err *e) ATTR_CHECK;
void placements_free(struct launch *l);

/*
 * namespace.c: make what the placements and the terminal need, if anything, for l->child. 0 also
 * where the system refuses and the launch may go on without: l->no_namespace says why then.
 */
int namespace_make(struct launch *l, struct err *e) ATTR_CHECK;

/* ---- init.c: process 1 of a session with processes of its own ---- */

#define INIT_NAME "nono-init"

enum init_step { INIT_START, INIT_MOUNT, INIT_CONFINE };

struct init_report {
	uint32_t step; /* enum init_step, the failed or the last one */
	int32_t error; /* errno; 0: it is ready */
};

/*
 * For the process that makes the namespaces, in all others of them: one of its parent's children
 * becomes process 1 of a new pid namespace, and that of the calling process's later children. It ends
 * unless it is told to go on when it was handed over.
 */
struct init_report init_start(pid_t *ret_pid, int *ret_socket);
int init_go(int socket_fd) ATTR_CHECK;

/*
 * processes.c: shall this launch have a pid namespace of its own? An error where the user demands
 * it and it cannot be; l->no_processes, where it was asked for.
 */
int processes_choose(struct launch *l, struct err *e) ATTR_CHECK;

/* Is this a place in /proc, which is another one in such a session? */
bool processes_hide(const struct launch *l, const char *path);

/* statefile.c: make it (with its name), write what was granted, remove it. */
void statefile_make(struct launch *l);
void statefile_write(struct launch *l);
void statefile_remove(struct launch *l);

/* stdio.c: refuse what must not become a standard stream of the program. */
int stdio_check(struct err *e) ATTR_CHECK;

/* cgroup_find.c: are there no other processes in the group of this directory than these two? */
bool cgroup_holds_only(int dir_fd, pid_t a, pid_t b);

#endif
