/* Memory that is added piece by piece, never moves, and is released in one call. */
#ifndef PROFILES_POOL_H
#define PROFILES_POOL_H

#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"

struct pool_block;

struct pool {
	struct pool_block *head;
};

/* Zeroed and aligned for any object; NULL when out of memory. */
void *pool_alloc(struct pool *p, size_t bytes) ATTR_CHECK;

/* Copies; NULL when out of memory. pool_take() copies a buffer and clears it. */
const char *pool_add(struct pool *p, const char *s, size_t n) ATTR_CHECK;
const char *pool_strdup(struct pool *p, const char *s) ATTR_CHECK;
/* "dir/name" */
const char *pool_join(struct pool *p, const char *dir, const char *name) ATTR_CHECK;
const char *pool_take(struct pool *p, struct buf *b) ATTR_CHECK;
void pool_clear(struct pool *p);

#endif
