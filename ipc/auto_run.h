/*
 * What an agent runs by itself, before and after its session (spec 03 B12). Two files of plain data:
 *
 *   context  nono-profile -> nono-profile, sealed; the broker hands it on unread. Words that end in
 *            NUL: "FORM HASH PATH", HASH "-" for what is not there.
 *   list     nono-profile -> broker: struct auto_run_list and `count` of struct auto_run_row, of a
 *            fixed size. What changed, for the record; every field is checked.
 *
 * Behind the end of the session the broker starts
 *
 *   nono-profile __auto-run ID
 *
 * with the context as descriptor 3 and the list as 4. It tells the user, too, unless the first word
 * of the context is "silent".
 */
#ifndef IPC_AUTO_RUN_H
#define IPC_AUTO_RUN_H

#include <stdint.h>

#include "ipc/broker_record.h"

#define AUTO_RUN_MAGIC "NONOAUTO"

enum {
	AUTO_RUN_VERSION = 1,
	AUTO_RUN_ROWS_MAX = 64,
	AUTO_RUN_HASH_MAX = 72, /* 64 digits, NULs */
	AUTO_RUN_KIND_MAX = 32,
	AUTO_RUN_CONTEXT_MAX = 1 << 19, /* bytes */
	AUTO_RUN_CONTEXT_FD = 3,
	AUTO_RUN_LIST_FD,
};

struct auto_run_row {
	char file[RECORD_PATH_MAX];
	char kind[AUTO_RUN_KIND_MAX];
	char before[AUTO_RUN_HASH_MAX],
		after[AUTO_RUN_HASH_MAX]; /* SHA-256 of the part that counts, or "" */
};

struct auto_run_list {
	char magic[8];
	uint32_t version;
	uint32_t count; /* at most AUTO_RUN_ROWS_MAX */
};

enum {
	AUTO_RUN_LIST_BYTES = sizeof(struct auto_run_list) +
			      AUTO_RUN_ROWS_MAX * sizeof(struct auto_run_row)
};

_Static_assert(sizeof(struct auto_run_row) == RECORD_PATH_MAX + 176, "no hidden padding");
_Static_assert(sizeof(struct auto_run_list) == 16, "no hidden padding");

#endif
