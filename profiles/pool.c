/*
 * Strings that live as long as one policy_assemble(): added one by one, released together, never
 * moved.
 */
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "profiles/internal.h"

enum { POOL_BLOCK_BYTES = 16 << 10 };

struct pool_block {
	struct pool_block *next;
	size_t used, size;
	char bytes[];
};

const char *
pool_add(struct pool *p, const char *s, size_t n)
{
	struct pool_block *block = p->head;
	char *copy;

	if (n >= SIZE_MAX / 2)
		return NULL;
	if (!block || block->size - block->used <= n) {
		size_t size = n < POOL_BLOCK_BYTES ? POOL_BLOCK_BYTES : n + 1;

		block = mem_realloc(NULL, sizeof(*block) + size, 1);
		if (!block)
			return NULL;
		*block = (struct pool_block){ .next = p->head, .size = size };
		p->head = block;
	}
	copy = block->bytes + block->used;
	if (n)
		memcpy(copy, s, n);
	copy[n] = '\0';
	block->used += n + 1;
	return copy;
}

const char *
pool_strdup(struct pool *p, const char *s)
{
	return pool_add(p, s, strlen(s));
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
