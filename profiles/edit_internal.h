/* Shared by edit.c and edit_value.c: finding places in a JSON text as somebody wrote it. */
#ifndef PROFILES_EDIT_INTERNAL_H
#define PROFILES_EDIT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/slice.h"

enum { EDIT_NO_INDEX = -1 };

/* An object or array as it stands in the text. All are offsets, SIZE_MAX: there is none. */
struct edit_container {
	size_t open;  /* of its bracket */
	size_t first; /* of its first key or entry; of its closing bracket when it is empty */
	size_t line;  /* behind the first line break in front of `first` */
	bool empty;
	size_t last_end, last_comma; /* behind the last entry, and of the comma behind that */
	size_t close;		     /* of its bracket */

	/* The member or entry that was asked for. */
	size_t start, value, end; /* start: of the key */
	size_t comma;		  /* behind it */
	size_t before_comma;	  /* in front of it */
};

/* Over blanks and comments. *ret_line, unless NULL or set: behind the first line break. */
int edit_skip_blank(struct slice t, size_t *at, size_t *ret_line) ATTR_CHECK;

int edit_skip_string(struct slice t, size_t *at) ATTR_CHECK;
int edit_skip_value(struct slice t, size_t *at) ATTR_CHECK;

/* Is this part of the text `quoted`, as it is written? */
bool edit_is_string(struct slice t, size_t from, size_t to, struct slice quoted);

/*
 * Read the container that opens at `at`, and look for a member by its key, for a string in an array
 * (both as written, with their quotes; {NULL, 0}: none), or for the entry with a number. 0 or
 * -EBADMSG.
 */
int edit_read_container(struct edit_container *c, struct slice t, size_t at, struct slice quoted,
			long index) ATTR_CHECK;

/* Append n bytes of text as a string of JSON. 0, -ENOMEM, -E2BIG. */
int edit_add_quoted(struct buf *b, const char *text, size_t n) ATTR_CHECK;

/* The blanks at the beginning of the line that `at` stands in; of nothing else. */
struct slice edit_indent(struct slice t, size_t at);

/* What ends a line of this text. */
const char *edit_line_end(struct slice t);

#endif
