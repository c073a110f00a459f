/*
 * From what was seen to what should be granted (spec 03 section 14.3). Pure: whether something is
 * granted already, and what may not be granted as a whole, is asked through the caller.
 */
#ifndef LEARN_CLASSIFY_H
#define LEARN_CLASSIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "learn/paths.h"

enum cover {
	COVER_NONE = 0,
	COVER_SYSTEM,	 /* what every program gets */
	COVER_PROFILE,	 /* the compared profile */
	COVER_SENSITIVE, /* protected by a group */
};

struct classify_rules {
	/* May the program use one access (PLAN_READ or PLAN_WRITE)? *ret_group when sensitive. */
	enum cover (*ask)(const void *context, const char *path, unsigned int access,
			  const char **ret_group);
	/* Must this directory never be granted as a whole? */
	bool (*too_broad)(const void *context, const char *dir, unsigned int access);
	const void *context;
	bool denied_only; /* the command was confined: only what was refused is wanted */
	bool all;	  /* keep the lists below that need no grant */
	size_t collapse;  /* as many files of a directory become the directory; 0: never */
};

struct finding {
	const char *path; /* borrowed from the table, unless it is in `own` */
	char *own;
	const char *group; /* the rule that protects it; borrowed */
	uint8_t access;
	bool directory;
};

struct findings {
	struct finding *item;
	size_t count, capacity;
};

struct classification {
	struct findings wanted;
	struct findings sensitive;    /* wanted, but protected */
	struct findings broad;	      /* wanted, but only a grant of too much would give it */
	struct findings covered;      /* all: granted already */
	struct findings looked;	      /* all: no grant is needed */
	struct findings absent;	      /* all: looked for and not there */
	size_t by_system, by_profile; /* how many paths are covered */
};

/* `paths` is sorted, and outlives the result. 0 or -ENOMEM; cleared in both cases. */
int classify(struct classification *ret, const struct paths *paths,
	     const struct classify_rules *rules) ATTR_CHECK;
void classification_clear(struct classification *c);

#endif
