/*
 * What a session leaves to be saved in a profile (spec 03 section 13). Two files, both of plain
 * data, both memory files that were made before anybody wrote to them:
 *
 *   context  `nono` -> nono-record and nono-profile, sealed; the broker hands it on unread. Words
 *            that end in NUL, the first byte of each is an enum save_word. Without it nothing is
 *            offered.
 *   list     nono-record -> nono-profile: struct save_list and `count` of struct save_row. Its size
 *            is fixed. Whoever wrote it had read text of a hostile program: every row is checked
 *            against the plan again, and by a person.
 *
 * When nono-record answers with RECORD_OFFERS_SAVE, the broker starts
 *
 *   nono-profile __save ID
 *
 * in its own process group, so that it may read the user's terminal, with the plan as descriptor 3,
 * the context as 4 and the list as 5. What it answers changes nothing.
 */
#ifndef IPC_SAVE_H
#define IPC_SAVE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/slice.h"
#include "ipc/broker_record.h"

#define SAVE_MAGIC "NONOSAVE"

enum {
	SAVE_VERSION = 1,
	SAVE_ROWS_MAX = 200,
	SAVE_CONTEXT_MAX = 1 << 20, /* bytes */
	SAVE_PLAN_FD = 3,
	SAVE_CONTEXT_FD,
	SAVE_LIST_FD,
};

enum save_word {
	SAVE_PROFILE = 'p',    /* what --profile or the configuration names; absent: none */
	SAVE_SUPPRESSED = 's', /* a canonical path: nothing at or below it is offered */
	SAVE_VARIABLE = 'v',   /* NAME=VALUE of the user's environment */
};

enum save_flag {
	SAVE_DIRECTORY = 1 << 0,
	SAVE_CLAIMED = 1 << 1, /* only the program's output says so */
	SAVE_ALL_FLAGS = (1 << 2) - 1
};

struct save_row {
	uint32_t access; /* PLAN_READ | PLAN_WRITE */
	uint32_t flags;	 /* enum save_flag */
	char path[RECORD_PATH_MAX];
};

struct save_list {
	char magic[8];
	uint32_t version;
	uint32_t count;	  /* at most SAVE_ROWS_MAX */
	uint32_t dropped; /* how many more there would have been */
	uint32_t zero;
};

enum { SAVE_LIST_BYTES = sizeof(struct save_list) + SAVE_ROWS_MAX * sizeof(struct save_row) };

_Static_assert(sizeof(struct save_row) == 8 + RECORD_PATH_MAX, "no hidden padding");
_Static_assert(sizeof(struct save_list) == 24, "no hidden padding");

/* Take the next word of a context: its kind, or 0 at the end and at what is none. */
static inline int
save_take_word(struct slice *context, const char **ret)
{
	const char *word = context->p;
	const char *end = context->n > 0 ? memchr(word, '\0', context->n) : NULL;

	if (!end || end == word)
		return 0;
	context->p = end + 1;
	context->n -= (size_t)(end - word) + 1;
	*ret = word + 1;
	return *word;
}

#endif
