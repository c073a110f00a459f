/* Heap memory with one point where a test can make an allocation fail. */
#include "base/alloc.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hooks.h"

void *
mem_calloc(size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes) || hook_fail_alloc())
		return NULL;
	return calloc(bytes ? bytes : 1, 1);
}

void *
mem_realloc(void *old, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes) || hook_fail_alloc())
		return NULL;
	return realloc(old, bytes ? bytes : 1);
}

char *
mem_memdup0(const void *p, size_t n)
{
	char *copy;

	if (n == SIZE_MAX)
		return NULL;
	copy = mem_calloc(n + 1, 1);
	if (copy && n)
		memcpy(copy, p, n);
	return copy;
}

char *
mem_strdup(const char *s)
{
	return mem_memdup0(s, strlen(s));
}

void
mem_free(void *p)
{
	int saved = errno;

	free(p);
	errno = saved;
}

void
mem_cleanup(void *pp)
{
	void **p = pp;

	mem_free(*p);
	*p = NULL;
}

int
mem_grow(void **items, size_t *cap, size_t count, size_t size)
{
	size_t more;
	void *p;

	if (count < *cap)
		return 0;
	more = *cap ? *cap * 2 : 8;
	p = mem_realloc(*items, more, size);
	if (!p)
		return -ENOMEM;
	*items = p;
	*cap = more;
	return 0;
}
