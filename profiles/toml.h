/*
 * The part of TOML 1.0 that config.toml needs (spec 01 section 18): comments, bare, quoted and
 * dotted keys, table headers, basic and literal strings, integers, floats, booleans, arrays over
 * several lines, inline tables. Arrays of tables, dates and multi-line strings are refused by name.
 * Pure: bytes in, tree out, nothing written unless all of it is good.
 */
#ifndef PROFILES_TOML_H
#define PROFILES_TOML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum {
	TOML_BYTES_MAX = 1 << 20,
	TOML_NODES_MAX = 8192, /* tables and values */
	TOML_DEPTH_MAX = 32,   /* tables and arrays inside each other */
	TOML_KEY_MAX = 256,    /* bytes of one key */
};

enum toml_type {
	TOML_TABLE = 1,
	TOML_ARRAY,
	TOML_STRING,
	TOML_INTEGER,
	TOML_FLOAT,
	TOML_BOOLEAN,
};

struct toml_node {
	uint8_t type;	       /* enum toml_type */
	uint8_t made;	       /* how a table came to be, toml.c */
	uint32_t line, column; /* of the key, of the value in an array; from 1 */
	uint32_t key, string;  /* offsets of NUL-terminated text */
	uint32_t string_bytes;
	uint32_t next, first, last; /* sibling and children, 0: none */
	union {
		int64_t integer;
		double number;
		bool boolean;
	};
};

/* Node 0 is the outermost table. */
struct toml {
	struct toml_node *node;
	size_t count, capacity;
	struct buf text;
};

#define TOML_INIT                    \
	{                            \
		NULL, 0, 0, BUF_INIT \
	}

/*
 * 0, or -EBADMSG with "LINE:COLUMN: REASON" in `e`, -EFBIG when a limit is passed (the same text),
 * -ENOMEM. *ret is written only on success and released with toml_clear().
 */
int toml_parse(struct toml *ret, struct slice text, struct err *e) ATTR_CHECK;
void toml_clear(struct toml *t);

const char *toml_key(const struct toml *t, const struct toml_node *n);

/* Bytes of a string; a NUL in it was refused, so that this is all of it. */
const char *toml_string(const struct toml *t, const struct toml_node *n);

/* Children of a table or array, in the order of the text; NULL at the end. */
const struct toml_node *toml_first(const struct toml *t, const struct toml_node *n);
const struct toml_node *toml_next(const struct toml *t, const struct toml_node *n);

/* The child of a table with this key, or NULL. */
const struct toml_node *toml_find(const struct toml *t, const struct toml_node *n, const char *key);

#endif
