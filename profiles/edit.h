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

/* One step from an object or array to what is in it. */
struct edit_step {
	const char *key; /* NULL: entry number `index` of an array */
	size_t index;
};

/* A place in a text, from the outermost value on; no step: that value. */
struct edit_path {
	const struct edit_step *step;
	size_t steps;
};

/*
 * Each appends the changed text. `value` is a JSON text as base/json_write.h lays it out; it gets
 * the indent and the line ends of its new place. Keys are found as json_write.h writes them; one
 * with needless escapes is not. 0, -ENOMEM, -E2BIG, or -EBADMSG when there is no such place.
 *
 * add: the last member (with a key) or entry (key NULL) of the container at `path`.
 * replace: another value at `path`.
 * remove: the member or entry at `path`, with its lines and its comma; no comment goes with it.
 */
int edit_value_add(struct buf *ret, struct slice text, const struct edit_path *path,
		   const char *key, struct slice value) ATTR_CHECK;
int edit_value_replace(struct buf *ret, struct slice text, const struct edit_path *path,
		       struct slice value) ATTR_CHECK;
int edit_value_remove(struct buf *ret, struct slice text, const struct edit_path *path) ATTR_CHECK;

#endif
