/*
 * What was seen of each path: a table of strings with what the command did there. Bounded: beyond
 * PATHS_MAX distinct paths it counts what it leaves out.
 */
#ifndef LEARN_PATHS_H
#define LEARN_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

enum { PATHS_MAX = 1000000 };

enum {
	PATH_READ = 1 << 0, /* of the object that was there before the command */
	PATH_WRITE = 1 << 1,
	PATH_NAME = 1 << 2,   /* the name was made, replaced or removed: a write of its directory */
	PATH_LOOKED = 1 << 3, /* only its existence, type, mode: needs no grant */
	PATH_ABSENT = 1 << 4, /* was looked for and not there */
	PATH_MADE =
		1 << 5, /* the command made the object: a grant of the name would mean another */
	PATH_MADE_READ = 1 << 6,
	PATH_MADE_WRITE = 1 << 7,
	PATH_DIRECTORY = 1 << 8,
	PATH_DENIED_READ = 1 << 9, /* refused by the sandbox around the command */
	PATH_DENIED_WRITE = 1 << 10,
	PATH_KEPT = 1 << 11, /* made, and there at the end; PATH_DIRECTORY tells what it is then */
	PATH_MOVED =
		1 << 12, /* came as a whole, by rename and the like: never by opening the name */
};

struct path_seen {
	const char *path; /* absolute, canonical as far as it exists */
	uint32_t flags;
};

struct paths {
	struct path_seen *item;
	size_t count, capacity;
	uint32_t *slot; /* open addressing; 0 is free, else index + 1 */
	size_t slots;
	struct paths_block *block;
	uint64_t dropped;
	size_t limit; /* PATHS_MAX unless a test sets less; set by paths_init() */
};

void paths_init(struct paths *p);
void paths_clear(struct paths *p);

/*
 * The entry of a path, made if it is new: 0 with its index, -ENOMEM, or -E2BIG when the table is
 * full (counted in `dropped`).
 */
int paths_add(struct paths *p, const char *path, size_t *ret) ATTR_CHECK;

/* The flags of a path of `n` bytes, 0 when it was never seen. */
uint32_t paths_flags(const struct paths *p, const char *path, size_t n);

/* By bytes of the path; indexes change. */
void paths_sort(struct paths *p);

#endif
