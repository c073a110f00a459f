/* Interned paths. Strings live in blocks that are never moved. */
#include "learn/paths.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { BLOCK_BYTES = 64 << 10, SLOTS_FIRST = 1024 };

struct paths_block {
	struct paths_block *next;
	size_t used, size;
	char bytes[];
};

void
paths_init(struct paths *p)
{
	*p = (struct paths){ .limit = PATHS_MAX };
}

void
paths_clear(struct paths *p)
{
	while (p->block) {
		struct paths_block *next = p->block->next;

		mem_free(p->block);
		p->block = next;
	}
	mem_free(p->item);
	mem_free(p->slot);
	*p = (struct paths){ 0 };
}

/* FNV-1a. Who chooses colliding names slows his own run down. */
static uint32_t
hash(const char *s, size_t n)
{
	uint32_t h = 2166136261U;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619U;
	return h;
}

/* The slot that has the path, or the free one where it belongs. The table is never full. */
static size_t
find_slot(const struct paths *p, const char *path, size_t n)
{
	size_t i = hash(path, n) & (p->slots - 1);

	while (p->slot[i] != 0) {
		const char *have = p->item[p->slot[i] - 1].path;

		if (strncmp(have, path, n) == 0 && have[n] == '\0')
			break;
		i = (i + 1) & (p->slots - 1);
	}
	return i;
}

static int
grow_slots(struct paths *p)
{
	struct paths bigger = *p;

	bigger.slots = p->slots ? p->slots * 2 : SLOTS_FIRST;
	bigger.slot = mem_calloc(bigger.slots, sizeof(*bigger.slot));
	if (!bigger.slot)
		return -ENOMEM;
	for (size_t i = 0; i < p->count; i++) {
		const char *path = p->item[i].path;

		bigger.slot[find_slot(&bigger, path, strlen(path))] = (uint32_t)i + 1;
	}
	mem_free(p->slot);
	p->slot = bigger.slot;
	p->slots = bigger.slots;
	return 0;
}

static const char *
store(struct paths *p, const char *path, size_t n)
{
	struct paths_block *b = p->block;
	char *s;

	if (!b || b->size - b->used < n + 1) {
		size_t size = n + 1 > BLOCK_BYTES ? n + 1 : BLOCK_BYTES;

		b = mem_calloc(1, sizeof(*b) + size);
		if (!b)
			return NULL;
		b->size = size;
		b->next = p->block;
		p->block = b;
	}
	s = b->bytes + b->used;
	memcpy(s, path, n);
	s[n] = '\0';
	b->used += n + 1;
	return s;
}

int
paths_add(struct paths *p, const char *path, size_t *ret)
{
	size_t n = strlen(path), slot;
	const char *stored;
	int r;

	if (p->count * 2 >= p->slots && (r = grow_slots(p)) < 0)
		return r;
	slot = find_slot(p, path, n);
	if (p->slot[slot] != 0) {
		*ret = p->slot[slot] - 1;
		return 0;
	}
	if (p->count >= p->limit) {
		p->dropped++;
		return -E2BIG;
	}
	if ((r = mem_grow((void **)&p->item, &p->capacity, p->count, sizeof(*p->item))) < 0)
		return r;
	stored = store(p, path, n);
	if (!stored)
		return -ENOMEM;
	p->item[p->count] = (struct path_seen){ .path = stored };
	*ret = p->count++;
	p->slot[slot] = (uint32_t)p->count;
	return 0;
}

uint32_t
paths_flags(const struct paths *p, const char *path, size_t n)
{
	uint32_t index = p->slots ? p->slot[find_slot(p, path, n)] : 0;

	return index ? p->item[index - 1].flags : 0;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct path_seen *)a)->path, ((const struct path_seen *)b)->path);
}

void
paths_sort(struct paths *p)
{
	if (p->count == 0)
		return;
	qsort(p->item, p->count, sizeof(*p->item), compare);
	memset(p->slot, 0, p->slots * sizeof(*p->slot));
	for (size_t i = 0; i < p->count; i++) {
		const char *path = p->item[i].path;

		p->slot[find_slot(p, path, strlen(path))] = (uint32_t)i + 1;
	}
}
