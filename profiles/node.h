/*
 * A value of a JSON text that remembers where it was written: the one form in which profiles,
 * manifests and state files are looked at. json.c makes the tree (and is the only file that knows
 * the library below it); everything here is pure and needs no library.
 */
#ifndef PROFILES_NODE_H
#define PROFILES_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/json_write.h"
#include "profiles/pool.h"

enum node_kind {
	NODE_NULL = 1,
	NODE_BOOL,
	NODE_NUMBER,
	NODE_STRING,
	NODE_ARRAY,
	NODE_OBJECT,
};

enum profile_source_kind {
	PROFILE_FROM_USER = 1, /* <cfg>/profiles */
	PROFILE_FROM_PATH,     /* a file named by its path, or beside one */
	PROFILE_FROM_PACK,
	PROFILE_FROM_PRESET,
	PROFILE_FROM_IMPLICIT, /* what every profile has: the groups of preset default */
};

/* One text that took part in a profile. */
struct profile_source {
	enum profile_source_kind kind;
	const char *name;		  /* as it was referred to */
	const char *path;		  /* of the file; for a preset its name */
	const char *pack;		  /* "NAMESPACE/PACK", or NULL */
	const struct profile_source *via; /* whose `extends` named it; NULL for the selected one */
};

struct node {
	struct node *next;	   /* in its array or object, in the order of the text */
	struct node *first, *last; /* of an array or object */
	struct node *again;	   /* the same list entry written once more, by a later text */
	const struct profile_source *source; /* NULL: not from a text */
	const char *key;		     /* of a member of an object, else NULL */
	const char *text;		     /* of a string, else NULL; never holds a NUL */
	double number;
	uint32_t count;	       /* children */
	uint32_t line, column; /* of the value, from 1; column in characters */
	uint32_t key_line, key_column;
	uint8_t kind; /* enum node_kind */
	bool truth;
};

/* The member of an object, or NULL; takes NULL. */
struct node *node_find(const struct node *object, const char *key);

/* By names separated with '.', as "filesystem.allow"; NULL when one is missing. */
struct node *node_at(const struct node *object, const char *dotted);

/* The children of an array or object: `for (n = node_first(x); n; n = n->next)`; takes NULL. */
struct node *node_first(const struct node *n);

/* The text of a string, else `otherwise`; the truth of a boolean, else false. Both take NULL. */
const char *node_text(const struct node *n, const char *otherwise);
bool node_is_true(const struct node *n);
bool node_is(const struct node *n, enum node_kind kind);

/* A whole number from min to max. */
bool node_integer(const struct node *n, int64_t min, int64_t max, int64_t *ret);

/* The entry of an array with this text, or NULL; takes NULL. */
struct node *node_item(const struct node *array, const char *text);

bool node_equal(const struct node *a, const struct node *b);

/* A new node without children, or a copy with all of them; NULL when out of memory. */
struct node *node_new(struct pool *p, enum node_kind kind) ATTR_CHECK;
struct node *node_copy(struct pool *p, const struct node *n) ATTR_CHECK;
struct node *node_new_text(struct pool *p, const char *text) ATTR_CHECK;

/* Append to an array, or to an object under a key (borrowed). */
void node_append(struct node *parent, struct node *child);
void node_set(struct node *object, const char *key, struct node *child);

/* Take the child out of its parent. */
void node_remove(struct node *parent, struct node *child);

/* Order the members of an object by their keys' bytes. */
void node_sort(struct node *object);

/* Write it as JSON, under a key when it is a member (base/json_write.h). */
void node_write(struct json *j, const char *key, const struct node *n);

#endif
