/* Which system calls name files or addresses, and where in their arguments. Pure. */
#ifndef LEARN_CALLS_H
#define LEARN_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CALL_ARGS = 6, CALL_NUMBER_MAX = 512 };

/* What a number means depends on who asks. */
enum call_arch {
	CALL_X86_64,
	CALL_AARCH64,
	CALL_I386,
	CALL_ARCHES,
	CALL_UNKNOWN = CALL_ARCHES, /* nothing is known about its calls */
};

enum call_act {
	ACT_OPEN = 1, /* flags in an argument */
	ACT_OPEN_HOW, /* openat2: flags in memory */
	ACT_CREATE,   /* creat */
	ACT_EXECUTE,
	ACT_LOOK,   /* needs no grant: Landlock does not restrict it */
	ACT_CHANGE, /* an existing file: its size, mode, owner, times, attributes */
	ACT_MAKE,   /* a new name */
	ACT_REMOVE, /* a name */
	ACT_RENAME, /* two names */
	ACT_LINK,   /* two names, the second is new */
	ACT_CONNECT,
	ACT_BIND,
	ACT_SEND, /* sendto */
	ACT_SEND_MESSAGE,
	ACT_SEND_MESSAGES,
	ACT_SOCKET,	/* socketcall: the call is in the first argument */
	ACT_LEAVE_ROOT, /* paths mean something else from here on */
	ACT_URING,	/* opens files without any of these calls */
};

enum {
	CALL_NO_FOLLOW = 1, /* the last symlink is the object */
	CALL_TWO_DIRS = 2,  /* the second name has a directory descriptor of its own */
	CALL_AT_FLAGS = 4,  /* AT_SYMLINK_NOFOLLOW may be in the flags */
};

struct call {
	const char *name;
	int16_t number[CALL_ARCHES]; /* -1: does not exist there */
	uint8_t act;		     /* enum call_act */
	int8_t dir, path, flags;     /* argument numbers, -1: none */
	int8_t path2;		     /* behind its directory descriptor if CALL_TWO_DIRS */
	uint8_t options;
};

extern const struct call calls_table[];
extern const size_t calls_count;

/* AUDIT_ARCH_* to ours. */
enum call_arch call_arch_of(uint32_t audit_arch);

/* The architecture this program was compiled for, and the other whose programs run here. */
enum call_arch call_arch_native(void);

/* NULL when the call is of no interest. */
const struct call *call_find(enum call_arch arch, uint64_t number);

/* Of the calls of socketcall(2): what it is, or 0. The arguments are an array of 32-bit words. */
unsigned int call_of_socketcall(uint64_t number);

#endif
