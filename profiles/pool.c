/* What lives as long as one profile or one policy_assemble(). */
#include "profiles/pool.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"

enum { POOL_BLOCK_BYTES = 16 << 10 };

struct pool_block {
	struct pool_block *next;
	size_t used, size;
	_Alignas(max_align_t) char bytes[];
};

/* `align` bytes, a power of two. */
static char *
take(struct pool *p, size_t n, size_t align)
{
	struct pool_block *block = p->head;
	size_t at = block ? (block->used + align - 1) & ~(align - 1) : 0;
	char *taken;

	if (n >= SIZE_MAX / 2)
		return NULL;
	if (!block || at > block->size || block->size - at < n) {
		size_t size = n < POOL_BLOCK_BYTES ? POOL_BLOCK_BYTES : n;

		block = mem_realloc(NULL, sizeof(*block) + size, 1);
		if (!block)
			return NULL;
		*block = (struct pool_block){ .next = p->head, .size = size };
		p->head = block;
		at = 0;
	}
	taken = block->bytes + at;
	block->used = at + n;
	return taken;
}

void *
pool_alloc(struct pool *p, size_t bytes)
{
	void *taken = take(p, bytes, _Alignof(max_align_t));

	return taken ? memset(taken, 0, bytes) : NULL;
}

const char *
pool_add(struct pool *p, const char *s, size_t n)
{
	char *copy = n < SIZE_MAX ? take(p, n + 1, 1) : NULL;

	if (!copy)
		return NULL;
	if (n)
		memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}

const char *
pool_strdup(struct pool *p, const char *s)
{
	return pool_add(p, s, strlen(s));
}

const char *
pool_join(struct pool *p, const char *dir, const char *name)
{
	size_t n = strlen(dir), m = strlen(name);
	char *copy = n + m < SIZE_MAX - 1 ? take(p, n + m + 2, 1) : NULL;

	if (!copy)
		return NULL;
	memcpy(copy, dir, n);
	copy[n] = '/';
	memcpy(copy + n + 1, name, m + 1);
	return copy;
}

const char *
pool_take(struct pool *p, struct buf *b)
{
	const char *copy = pool_add(p, buf_str(b), b->n);

	buf_reset(b);
	return copy;
}

void
pool_clear(struct pool *p)
{
	while (p->head) {
		struct pool_block *next = p->head->next;

		mem_free(p->head);
		p->head = next;
	}
}
