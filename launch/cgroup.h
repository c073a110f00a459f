/*
 * The resource group of a session: a leaf of the version 2 cgroup hierarchy (cgroups(7)) below a
 * directory that this user may change. The broker makes it before the fork, the child enters it
 * first thing, the broker removes it at the end.
 */
#ifndef LAUNCH_CGROUP_H
#define LAUNCH_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

enum cgroup_kind {
	CGROUP_DELEGATED = 1, /* the subtree of the user's service manager */
	CGROUP_OWN,	      /* the group this process is in */
};

/*
 * Where a leaf can be made. Looks only. 0, or an error: -EOPNOTSUPP without a version 2 hierarchy,
 * -ENOENT when no part of it is ours to change and to divide. `companion` is the one other process
 * that may be in the caller's own group (0: none): a group with processes in it cannot be divided,
 * unless they can be moved. The path is appended to `path`.
 */
int cgroup_find(struct buf *path, enum cgroup_kind *ret, pid_t companion, struct err *e) ATTR_CHECK;

struct cgroup_leaf {
	int parent_fd; /* the directory it is in; -1: there is no leaf */
	int fd;	       /* its own */
	int procs_fd;  /* cgroup.procs, for the child */
	bool moved;    /* `companion` and the caller were moved out of the parent, into NAME-own */
	pid_t companion;
	char name[32];
};

#define CGROUP_LEAF_INIT                 \
	{                                \
		-1, -1, -1, false, 0, "" \
	}

struct cgroup_limits {
	uint64_t memory_bytes;	/* 0: none */
	uint64_t max_processes; /* 0: none */
};

/*
 * Make the leaf "nono.PID" of the caller with these limits; leaves of processes that are gone are
 * removed on the way. Caller and companion (the guardian) are moved if need be. The error texts
 * begin with "resource: ".
 */
int cgroup_create(struct cgroup_leaf *ret, const struct cgroup_limits *limits, pid_t companion,
		  struct err *e) ATTR_CHECK;

/* SIGKILL to every process in it, at once and without a chance to fork away. 0 or -errno. */
int cgroup_kill(const struct cgroup_leaf *l) ATTR_CHECK;

/* Append a file of the leaf: 0 or -errno. */
int cgroup_read(struct buf *b, const struct cgroup_leaf *l, const char *file) ATTR_CHECK;

/*
 * Wait for the leaf to become empty, remove it and undo what making it changed. The descriptors
 * are closed in any case. 0 or -errno: then the next start removes it.
 */
int cgroup_remove(struct cgroup_leaf *l) ATTR_CHECK;

/* Close the descriptors and leave the group to the processes in it. */
void cgroup_abandon(struct cgroup_leaf *l);

#endif
