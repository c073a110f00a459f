/*
 * broker -> nono-record. When a session ended and something is to be said about it, the broker
 * spawns
 *
 *   nono-record conclude --plan-fd=N --facts-fd=N [--output-fd=N] [--json-fd=N]
 *                        [--context-fd=N --list-fd=N] --build=ID
 *
 * as every helper: own process group, signals blocked, no environment. It answers with its exit
 * code alone: 0, RECORD_OFFERS_SAVE, or EXIT_NONO when nothing could be said (the reason is on
 * standard error then). What it prints changes nothing about the exit code of the session.
 *
 *   plan     the sealed plan image of the session
 *   facts    struct record_facts, and `denials` of struct record_denial behind it, nothing else
 *   output   text that the program left on its screen, UTF-8, a line a row, at most
 *            RECORD_OUTPUT_MAX bytes (a longer file is cut, not refused); every byte of it is the
 *            program's word. Absent without a PTY: then nothing is guessed.
 *   json     where RECORD_DIAGNOSTICS_JSON goes, instead of standard error
 *   context  ipc/save.h; then what a grant would have helped is written to `list`
 *   list     ipc/save.h; complete when the answer is RECORD_OFFERS_SAVE
 *
 * plan, facts, output and context are regular (memory) files, read from offset 0; json and list are
 * written as they are.
 * Start directory, program, argv, grants and network come from the plan.
 */
#ifndef IPC_BROKER_RECORD_H
#define IPC_BROKER_RECORD_H

#include <stdint.h>

#define RECORD_MAGIC "NONOFACT"

enum {
	RECORD_VERSION = 1,
	RECORD_OUTPUT_MAX = 1 << 20,
	RECORD_DENIALS_MAX = 4096,
	RECORD_PATH_MAX = 4096,	 /* bytes of a path with its NUL */
	RECORD_OFFERS_SAVE = 10, /* exit code: something was refused that a profile may grant */
};

/* How the session ended. */
enum record_end {
	RECORD_EXITED = 1,  /* number: exit code of the program */
	RECORD_KILLED,	    /* number: the signal that ended it */
	RECORD_NOT_STARTED, /* number: exit code of nono; step and error say why */
};

/* Which part of the launch failed: RECORD_NOT_STARTED. */
enum record_step {
	RECORD_STEP_NONE = 0,
	RECORD_STEP_SETUP, /* the sandbox could not be built; the broker told the story */
	RECORD_STEP_EXEC,  /* execve failed with `error` */
};

enum record_flag {
	RECORD_SILENT = 1 << 0,
	RECORD_NO_DIAGNOSTICS = 1 << 1,
	RECORD_DIAGNOSTICS_JSON = 1 << 2, /* print the object, also with the two above */
	RECORD_TERMINAL = 1 << 3,	  /* standard error is a terminal */
	RECORD_PTY = 1 << 4,		  /* the program had a PTY of ours */
	RECORD_SHELL = 1 << 5,		  /* `nono shell`: no footer */
	RECORD_STARTUP_TIMEOUT = 1 << 6,  /* ended by the startup timeout: no footer */
	RECORD_OOM_TOLD = 1 << 7,	  /* the memory limit was explained: no footer */
	RECORD_ALL_FLAGS = (1 << 8) - 1
};

struct record_facts {
	char magic[8];
	uint32_t version;
	uint32_t bytes; /* of the whole file */
	uint32_t flags; /* enum record_flag */
	uint32_t end;	/* enum record_end */
	uint32_t number;
	uint32_t exit_code; /* what nono exits with, 0..255 */
	uint32_t step;	    /* enum record_step */
	uint32_t error;	    /* errno, > 0, when a step failed */
	uint32_t denials;   /* records behind this struct */
	uint32_t zero;
};

/* Values are those of spec 02 23.3; a larger number is the stricter reason. */
enum record_reason {
	RECORD_BACKEND_ERROR = 1,
	RECORD_RATE_LIMITED,
	RECORD_USER_DENIED,
	RECORD_INSUFFICIENT_ACCESS,
	RECORD_POLICY_BLOCKED,
	RECORD_SOCKET_DENIED,
};

enum record_operation {
	RECORD_OPEN = 1,
	RECORD_CONNECT,
	RECORD_BIND,
	RECORD_SEND,
};

/* One refused call that the broker saw itself: no guess. Sockets have access 0. */
struct record_denial {
	uint32_t operation; /* enum record_operation */
	uint32_t access;    /* PLAN_READ | PLAN_WRITE for RECORD_OPEN, else 0 */
	uint32_t reason;    /* enum record_reason */
	uint32_t zero;
	char target[RECORD_PATH_MAX]; /* NUL-terminated, zero behind it; never empty */
};

_Static_assert(sizeof(struct record_facts) == 48, "no hidden padding");
_Static_assert(sizeof(struct record_denial) == 16 + RECORD_PATH_MAX, "no hidden padding");

#endif
