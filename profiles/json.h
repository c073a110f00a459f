/*
 * Strict JSON with comments and trailing commas (spec 03 section 2): one reading of every text, or
 * none. Pure: bytes in, tree out. Only programs that may link a JSON library call this.
 */
#ifndef PROFILES_JSON_H
#define PROFILES_JSON_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "profiles/node.h"

enum {
	JSON_BYTES_MAX = 1 << 20,
	JSON_NESTING_MAX = 64,
	JSON_ITEMS_MAX = 65536,	    /* of one array, members of one object */
	JSON_STRING_MAX = 64 << 10, /* bytes of one string or key */
};

enum {
	JSON_PLAIN = 1, /* no comments, no trailing commas, no byte order mark: RFC 8259 */
};

/* Where and why a text was refused. */
struct json_place {
	uint32_t line, column; /* from 1; 0 when not about one place */
	char hint[160];	       /* the next step, or "" */
};

/*
 * 0 and a tree in the pool, or -EBADMSG, -EFBIG (a limit), -EILSEQ (no UTF-8), -ENOMEM with
 * "LINE:COLUMN: REASON" in `e`. `place` may be NULL.
 */
int json_parse(struct node **ret, struct pool *pool, struct slice text,
	       const struct profile_source *source, unsigned int flags, struct json_place *place,
	       struct err *e) ATTR_CHECK;

#endif
