/*
 * The strict reading of a JSON text with comments, before a library sees it: refuses whatever has
 * more than one reading, blanks out what plain JSON does not know, and notes where each value is.
 */
#ifndef PROFILES_JSONC_H
#define PROFILES_JSONC_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "profiles/json.h"

struct jsonc_position {
	uint32_t line, column;	       /* of the value */
	uint32_t key_line, key_column; /* of its key, 0 when it has none */
};

struct jsonc {
	struct buf plain;		 /* RFC 8259; every value where it was */
	struct jsonc_position *position; /* of every value, in the order of the text */
	size_t count, capacity;
};

/* Results as json_parse(); `ret` was zeroed, and is cleared by the caller in any case. */
int jsonc_scan(struct jsonc *ret, struct slice text, unsigned int flags, struct json_place *place,
	       struct err *e) ATTR_CHECK;
void jsonc_clear(struct jsonc *j);

#endif
