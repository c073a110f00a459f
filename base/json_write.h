/*
 * JSON for scripts: two-space indent, one blank behind the colon, "[]" and "{}" when empty, a
 * final newline (spec 01 section 21.1). The first failure sticks; json_finish() tells it.
 *
 *   struct json j = JSON_INIT(&text);
 *   json_object(&j, NULL);
 *   json_string(&j, "name", "value");
 *   json_end(&j);
 *   r = json_finish(&j);
 *
 * `key` is NULL for an item of an array and for the outermost value.
 *
 * JSON_CANONICAL_INIT writes the form that is hashed (spec 07 section 6.2): no blank, no newline,
 * the short escapes wherever there is one and no others than JSON demands, so that every writer
 * makes the same bytes of the same values. It stops with -E2BIG before the text exceeds `max`.
 */
#ifndef BASE_JSON_WRITE_H
#define BASE_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/slice.h"

enum { JSON_LEVELS_MAX = 32 };

struct json {
	struct buf *b;
	int error;
	bool canonical;
	size_t limit; /* bytes of *b in canonical form */
	unsigned int depth;
	bool array[JSON_LEVELS_MAX];  /* what each open level is */
	bool filled[JSON_LEVELS_MAX]; /* has a member already */
};

#define JSON_INIT(text)     \
	{                   \
		.b = (text) \
	}

#define JSON_CANONICAL_INIT(text, max)                          \
	{                                                       \
		.b = (text), .canonical = true, .limit = (max), \
	}

void json_object(struct json *j, const char *key);
void json_array(struct json *j, const char *key);
void json_end(struct json *j);

/* Bytes that are not UTF-8 become U+FFFD. */
void json_string(struct json *j, const char *key, const char *value);

/* The same; a value that is not UTF-8 is repeated, exact, as "KEY_b64". Not in arrays. */
void json_bytes(struct json *j, const char *key, const char *value);

/* The bytes in base64. */
void json_base64(struct json *j, const char *key, const char *value);

void json_number(struct json *j, const char *key, uint64_t value);
void json_integer(struct json *j, const char *key, int64_t value);

/* Text that this writer made already, taken as it is. */
void json_value(struct json *j, const char *key, struct slice text);
void json_boolean(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);

/* Adds the final newline (not in canonical form): 0, -ENOMEM, -E2BIG, or -EINVAL when levels are
 * open or were too many. */
int json_finish(struct json *j) ATTR_CHECK;

#endif
