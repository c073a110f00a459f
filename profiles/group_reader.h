/*
 * The object of spec 03 section 9.1: one policy group as a person writes it, in a file of the user or
 * in the system's mandatory policy. Pure but for conditions about the machine.
 */
#ifndef PROFILES_GROUP_READER_H
#define PROFILES_GROUP_READER_H

#include "base/slice.h"
#include "profiles/groups.h"
#include "profiles/json.h"
#include "profiles/when_host.h"

struct group_reader {
	struct pool *pool; /* everything read lives here */
	char *const *environment;
	const char *what, *file; /* for messages: "policy group", the path */
	struct when_host host;	 /* looked up with the first condition */
	bool host_known;
	struct err *e;
};

/* Length of the file's name without its ending; 0: no file of JSON. */
size_t group_file_stem(const char *name);

/* Text to tree: 0, or an error that says where. */
int group_reader_parse(struct group_reader *l, struct node **ret, struct slice text) ATTR_CHECK;

/* The object, which may be NULL, has no other keys than the words of `known`. */
int
group_reader_keys(struct group_reader *l, const struct node *object, const char *known) ATTR_CHECK;

/* Fill everything of `g` but its name. 0 or an error. */
int group_read(struct group_reader *l, struct group *g, const struct node *tree) ATTR_CHECK;

/* A list of denied paths; NULL is an empty one. */
int group_read_denied(struct group_reader *l, const struct node *list, const char *const **ret,
		      size_t *ret_count) ATTR_CHECK;

/* "... FILE:LINE:COLUMN: TEXT" about a value: -EBADMSG. */
int group_reader_fail(struct group_reader *l, const struct node *n, const char *text);

#endif
