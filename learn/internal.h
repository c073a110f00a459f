/* Shared by the files of the tracer. */
#ifndef LEARN_INTERNAL_H
#define LEARN_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/buf.h"
#include "learn/calls.h"
#include "learn/dns.h"
#include "learn/trace.h"

/* ---- traced threads (tracee.c) ---- */

enum { TRACEE_BUCKETS = 1024, SEEN_MAX = 4 };

struct tracee {
	struct tracee *next;
	pid_t tid;
	pid_t process; /* 0: not asked for yet */
	char *name;    /* DNS_NAME_MAX bytes: what it asked for last; or NULL */
	/* The call it stands in: entries of the table, and what it wanted of them. */
	size_t seen[SEEN_MAX];
	uint32_t wanted[SEEN_MAX];
	size_t seen_count;
};

struct tracees {
	struct tracee *bucket[TRACEE_BUCKETS];
	size_t count;
};

struct tracee *tracees_find(const struct tracees *t, pid_t tid);

/* Found or made; NULL when out of memory. */
struct tracee *tracees_get(struct tracees *t, pid_t tid) ATTR_CHECK;
void tracees_remove(struct tracees *t, pid_t tid);
void tracees_clear(struct tracees *t);

/* To each thread's process. */
void tracees_kill(const struct tracees *t, int signal);

/* The process a thread belongs to; its own number when that cannot be told. */
pid_t tracee_process(struct tracee *k);

/* Up to `n` bytes of a stopped thread's memory; how many, 0 when none can be read. */
size_t tracee_read(pid_t tid, uint64_t address, void *p, size_t n);

/* A string with its NUL within `size` bytes: its length or -EFAULT, -ENAMETOOLONG. */
ssize_t tracee_string(pid_t tid, uint64_t address, char *p, size_t size);

/* ---- which object a path of a thread is (place.c) ---- */

struct place {
	struct buf path; /* canonical as far as it exists */
	bool exists, directory;
	bool parent_exists;
};

#define PLACE_INIT                \
	{                         \
		.path = BUF_INIT, \
	}

/*
 * Resolve as the kernel would for that thread, which stands still. 0, -ENOMEM, or -ESTALE for what
 * has no name in the file system. AT_FDCWD as directory descriptor is the thread's own directory.
 */
int place_find(struct place *ret, pid_t tid, int dir, const char *path, bool follow) ATTR_CHECK;

/* ---- one call (observe.c) ---- */

/* A system call at its entry. */
struct entry {
	enum call_arch arch;
	uint64_t number;
	uint64_t arg[CALL_ARGS];
};

struct trace {
	const struct trace_options *o;
	struct trace_result *result;
	struct tracees tracees;
	const struct call *index[CALL_ARCHES][CALL_NUMBER_MAX];
	pid_t first;
	bool started; /* the first process runs the command */
	bool ended;   /* and has ended */
	bool over;    /* no partial result is wanted any longer: everything was killed */
	unsigned int interrupts;
	int kill_stage; /* signals that were sent to end it */
	int timer_fd;
};

/* Note what the call is about: 0 or -ENOMEM. Fills k->seen. */
int observe_entry(struct trace *t, struct tracee *k, const struct entry *entry) ATTR_CHECK;

/* The same for a call about sockets (observe_socket.c). */
int observe_socket(struct trace *t, struct tracee *k, enum call_act act,
		   const struct entry *in) ATTR_CHECK;

/* How the call ended. */
void observe_result(struct trace *t, struct tracee *k, int64_t value);

/* The thread's process runs a new program. */
int observe_exec(struct trace *t, struct tracee *k) ATTR_CHECK;

#endif
