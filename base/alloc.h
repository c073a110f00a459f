/*
 * Heap memory. Every allocation of the product goes through here, so that a test can make the
 * n-th one fail (base/hooks.h). NULL means out of memory; nothing is printed.
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

#include "base/attr.h"

/* Zeroed memory for `count` items of `size` bytes; NULL on overflow or exhaustion. */
void *mem_calloc(size_t count, size_t size) ATTR_CHECK;

/* As realloc for `count` items of `size` bytes; the old block stays valid on NULL. */
void *mem_realloc(void *old, size_t count, size_t size) ATTR_CHECK;

/* Copies of a string, and of `n` bytes with a NUL put behind them. */
char *mem_strdup(const char *s) ATTR_CHECK;
char *mem_memdup0(const void *p, size_t n) ATTR_CHECK;

/* Takes NULL; leaves errno alone. */
void mem_free(void *p);

/* For `autofree`. */
void mem_cleanup(void *pp);

/* Room for one more item in a growing array: doubles *cap; 0 or -ENOMEM. */
int mem_grow(void **items, size_t *cap, size_t count, size_t size) ATTR_CHECK;

#endif
