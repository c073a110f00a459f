/*
 * The writer of plan images. Records are collected per section; plan_build_open() lays them out
 * as plan/internal.h says. What it writes has passed plan_open(), or it writes nothing.
 */
#include "plan/plan.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "plan/internal.h"

/* Which strings are stored: open addressing, at most half full. */
struct strings_index {
	uint32_t *slot; /* offset of the string; 0: free (the empty string is never in it) */
	size_t slots, used;
};

enum { INDEX_SLOTS_FIRST = 512 };

int
plan_builder_init(struct plan_builder *b)
{
	struct strings_index *x;
	int r;

	*b = (struct plan_builder){ .strings_index = NULL };
	if ((r = buf_addc(&b->section[PLAN_SEC_STRINGS], '\0')) < 0)
		return r;
	x = mem_calloc(1, sizeof(*x));
	if (!x)
		goto fail;
	b->strings_index = x;
	x->slot = mem_calloc(INDEX_SLOTS_FIRST, sizeof(x->slot[0]));
	if (!x->slot)
		goto fail;
	x->slots = INDEX_SLOTS_FIRST;
	return 0;
fail:
	plan_builder_clear(b);
	return -ENOMEM;
}

void
plan_builder_clear(struct plan_builder *b)
{
	struct strings_index *x = b->strings_index;

	for (size_t s = 0; s < PLAN_SEC_COUNT; s++)
		buf_clear(&b->section[s]);
	if (x)
		mem_free(x->slot);
	mem_free(x);
	*b = (struct plan_builder){ .strings_index = NULL };
}

/* ---- strings ---- */

static size_t
string_hash(const char *s, size_t n)
{
	uint64_t h = n, word;

	/* By words: some hundred long paths are hashed on every start. */
	for (; n >= sizeof(word); n -= sizeof(word), s += sizeof(word)) {
		memcpy(&word, s, sizeof(word));
		h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 32;
	}
	for (; n > 0; n--)
		h = (h ^ (unsigned char)*s++) * UINT64_C(0x100000001b3);
	return (size_t)(h ^ h >> 32);
}

/* The slot of this string, or the free one where it belongs. */
static uint32_t *
index_find(const struct strings_index *x, const char *strings, const char *s, size_t n)
{
	size_t i = string_hash(s, n) & (x->slots - 1);

	while (x->slot[i] != 0 && strcmp(strings + x->slot[i], s) != 0)
		i = (i + 1) & (x->slots - 1);
	return &x->slot[i];
}

static int
index_grow(struct strings_index *x, const char *strings)
{
	struct strings_index wider = { .slots = 2 * x->slots, .used = x->used };

	wider.slot = mem_calloc(wider.slots, sizeof(wider.slot[0]));
	if (!wider.slot)
		return -ENOMEM;
	for (size_t i = 0; i < x->slots; i++) {
		const char *s = strings + x->slot[i];

		if (x->slot[i] != 0)
			*index_find(&wider, strings, s, strlen(s)) = x->slot[i];
	}
	mem_free(x->slot);
	*x = wider;
	return 0;
}

int
plan_build_string(struct plan_builder *b, const char *s, struct plan_ref *ret)
{
	struct buf *strings = &b->section[PLAN_SEC_STRINGS];
	struct strings_index *x = b->strings_index;
	uint32_t *slot;
	size_t n;
	int r;

	if (!s || !*s) {
		*ret = (struct plan_ref){ 0, 0 };
		return 0;
	}
	n = strlen(s);
	slot = index_find(x, strings->p, s, n);
	if (*slot == 0) {
		if (n >= PLAN_BYTES_MAX - strings->n)
			return -E2BIG;
		if (2 * (x->used + 1) > x->slots) {
			if ((r = index_grow(x, strings->p)) < 0)
				return r;
			slot = index_find(x, strings->p, s, n);
		}
		*slot = (uint32_t)strings->n;
		if ((r = buf_add(strings, s, n + 1)) < 0)
			return r;
		x->used++;
	}
	*ret = (struct plan_ref){ .offset = *slot, .length = (uint32_t)n };
	return 0;
}

/* ---- records ---- */

static size_t
record_count(const struct plan_builder *b, enum plan_section section)
{
	return b->section[section].n / plan_section_rules[section].record_bytes;
}

static int
add_record(struct plan_builder *b, enum plan_section section, const void *record)
{
	const struct plan_section_rule *rule = &plan_section_rules[section];

	if (record_count(b, section) >= rule->max)
		return -E2BIG;
	return buf_add(&b->section[section], record, rule->record_bytes);
}

int
plan_build_grant(struct plan_builder *b, const struct plan_grant *g)
{
	return add_record(b, PLAN_SEC_GRANTS, g);
}

int
plan_build_socket(struct plan_builder *b, const struct plan_socket *s)
{
	return add_record(b, PLAN_SEC_SOCKETS, s);
}

int
plan_build_deny(struct plan_builder *b, const struct plan_deny *d)
{
	return add_record(b, PLAN_SEC_DENIES, d);
}

int
plan_build_port(struct plan_builder *b, unsigned int port, enum plan_port_use use)
{
	struct plan_port record = { .port = (uint16_t)port, .use = (uint8_t)use };

	if (port > UINT16_MAX)
		return -EINVAL;
	return add_record(b, PLAN_SEC_PORTS, &record);
}

int
plan_build_command(struct plan_builder *b, const char *name, const char *group,
		   enum plan_command_rule rule)
{
	struct plan_command record = { .rule = (uint32_t)rule };
	int r;

	if ((r = plan_build_string(b, name, &record.name)) < 0 ||
	    (r = plan_build_string(b, group, &record.group)) < 0)
		return r;
	return add_record(b, PLAN_SEC_COMMANDS, &record);
}

static int
add_word(struct plan_builder *b, enum plan_section section, const char *word)
{
	struct plan_ref ref;
	int r;

	if ((r = plan_build_string(b, word, &ref)) < 0)
		return r;
	return add_record(b, section, &ref);
}

int
plan_build_argument(struct plan_builder *b, const char *word)
{
	return add_word(b, PLAN_SEC_ARGV, word);
}

int
plan_build_shown(struct plan_builder *b, const char *word)
{
	return add_word(b, PLAN_SEC_SHOWN, word);
}

int
plan_build_environment(struct plan_builder *b, const char *entry)
{
	return add_word(b, PLAN_SEC_ENVIRONMENT, entry);
}

int
plan_build_environment_set(struct plan_builder *b, const char *entry)
{
	size_t name = strcspn(entry, "=") + 1;
	struct plan_ref *all = (struct plan_ref *)(void *)b->section[PLAN_SEC_ENVIRONMENT].p;
	const char *strings = b->section[PLAN_SEC_STRINGS].p;

	for (size_t i = 0; i < record_count(b, PLAN_SEC_ENVIRONMENT); i++)
		if (strncmp(strings + all[i].offset, entry, name) == 0)
			return plan_build_string(b, entry, &all[i]);
	return plan_build_environment(b, entry);
}

/* People name descriptors in any order, and some twice: the image has them sorted, once. */
int
plan_build_keep_fd(struct plan_builder *b, unsigned int fd)
{
	struct plan_keep_fd record = { .fd = fd }, *all;
	size_t count = record_count(b, PLAN_SEC_KEEP_FDS), i;
	int r;

	all = (struct plan_keep_fd *)(void *)b->section[PLAN_SEC_KEEP_FDS].p;
	for (i = 0; i < count; i++)
		if (all[i].fd == fd)
			return 0;
	if ((r = add_record(b, PLAN_SEC_KEEP_FDS, &record)) < 0)
		return r;
	all = (struct plan_keep_fd *)(void *)b->section[PLAN_SEC_KEEP_FDS].p;
	for (i = count; i > 0 && all[i - 1].fd > fd; i--)
		all[i] = all[i - 1];
	all[i] = record;
	return 0;
}

int
plan_build_redaction(struct plan_builder *b, const char *name, enum plan_redaction_set set)
{
	struct plan_redaction record = { .set = (uint32_t)set };
	int r;

	if (strlen(name) > PLAN_PATH_MAX)
		return -E2BIG;
	if ((r = plan_build_string(b, name, &record.name)) < 0)
		return r;
	return add_record(b, PLAN_SEC_REDACTIONS, &record);
}

/* ---- the image ---- */

static const void *
section_bytes(const struct plan_builder *b, enum plan_section section)
{
	return section == PLAN_SEC_SETTINGS ? (const void *)&b->settings : b->section[section].p;
}

static size_t
section_count(const struct plan_builder *b, enum plan_section section)
{
	return section == PLAN_SEC_SETTINGS ? 1 : record_count(b, section);
}

/* Place every section; the size of the image. No section is larger than its rule allows. */
static uint64_t
lay_out(const struct plan_builder *b, struct plan_header *h)
{
	uint64_t at = sizeof(*h);

	for (size_t s = 0; s < PLAN_SEC_COUNT; s++) {
		size_t count = section_count(b, (enum plan_section)s);

		h->section[s] = (struct plan_span){ (uint32_t)at, (uint32_t)count };
		at = plan_align(at + (uint64_t)count * plan_section_rules[s].record_bytes);
	}
	return at;
}

int
plan_build_open(struct plan_builder *b, void **ret_image, size_t *ret_bytes, struct plan *ret,
		struct err *e)
{
	struct plan_header h = { .magic = PLAN_MAGIC, .version = PLAN_VERSION };
	uint64_t bytes = lay_out(b, &h);
	autofree unsigned char *image = NULL;
	int r;

	if (bytes > PLAN_BYTES_MAX)
		return err_set(e, -EFBIG,
			       "launch plan would be larger than %u MiB; pass fewer or shorter "
			       "arguments, environment variables and grants",
			       (unsigned int)PLAN_BYTES_MAX >> 20);
	h.bytes = (uint32_t)bytes;
	image = mem_calloc((size_t)bytes, 1);
	if (!image)
		return err_set(e, -ENOMEM, "out of memory for the launch plan; free some memory");
	memcpy(image, &h, sizeof(h));
	for (size_t s = 0; s < PLAN_SEC_COUNT; s++) {
		size_t n = h.section[s].count * (size_t)plan_section_rules[s].record_bytes;

		if (n > 0)
			memcpy(image + h.section[s].offset, section_bytes(b, (enum plan_section)s),
			       n);
	}
	h.checksum = plan_checksum(image, (size_t)bytes);
	memcpy(image, &h, sizeof(h));
	if ((r = plan_open(ret, image, (size_t)bytes, e)) < 0)
		return r;
	*ret_image = image;
	*ret_bytes = (size_t)bytes;
	image = NULL;
	return 0;
}

int
plan_build_finish(struct plan_builder *b, void **ret_image, size_t *ret_bytes, struct err *e)
{
	struct plan proof;

	return plan_build_open(b, ret_image, ret_bytes, &proof, e);
}
