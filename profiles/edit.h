/*
 * Changes to the lists of a profile that somebody wrote, with as few bytes touched as can be, so that
 * comments, order and layout stay (spec 03 13.4, B14). Pure. Of JSON it knows as much as it
 * takes to find a place; the caller reads the result with the strict reader before it counts.
 */
#ifndef PROFILES_EDIT_H
#define PROFILES_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/slice.h"

enum { EDIT_BYTES_MAX = 4 << 20, EDIT_KEY_PARTS_MAX = 4 };

struct edit_addition {
	const char *list; /* dotted: "filesystem.read_file" */
	const char *value;
};

/*
 * Append the text with every value added that its list does not have; lists and objects on the way
 * are made. In a list of several lines a value becomes a line of its own, and no other line
 * changes. *ret_added: how many were. 0, -ENOMEM, -E2BIG, or -EBADMSG when there is no such place
 * in the text.
 */
int edit_add(struct buf *ret, struct slice text, const struct edit_addition *item, size_t count,
	     size_t *ret_added) ATTR_CHECK;

/* An entry of a list, by the place of its value as the reader tells it: node.h. */
struct edit_change {
	uint32_t line, column;
	const char *was; /* what has to stand there: a string, or the digits of a number */
	bool is_number;
	const char *with; /* a string in its place; NULL: it goes */
};

/*
 * Append the text with these entries changed, which are sorted here. One that goes takes its comma
 * with it, and its line when nothing but a remark behind it stands there. 0, -ENOMEM, -E2BIG, or
 * -EBADMSG when there is no such entry.
 */
int
edit_change(struct buf *ret, struct slice text, struct edit_change *item, size_t count) ATTR_CHECK;

/* Append the text with this string as the value of a dotted key. Errors as for edit_add(). */
int edit_set(struct buf *ret, struct slice text, const char *key, const char *value) ATTR_CHECK;

#endif
