/* Shared inside plan/: where records lie in an image, and the layout rule both sides follow. */
#ifndef PLAN_INTERNAL_H
#define PLAN_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/format.h"

/* What each section holds. */
struct plan_section_rule {
	const char *name; /* for error texts */
	uint32_t record_bytes;
	uint32_t min, max; /* records */
};

extern const struct plan_section_rule plan_section_rules[PLAN_SEC_COUNT];

/*
 * Sections follow each other in enum order, each on the first aligned offset behind the one
 * before: one layout per content, so no byte of an image is left unchecked.
 */
static inline uint64_t
plan_align(uint64_t n)
{
	return (n + PLAN_ALIGN - 1) / PLAN_ALIGN * PLAN_ALIGN;
}

/* Absolute, and without anything that comparison by component would misread ("//", ".."). */
bool plan_path_is_normal(const char *path);

#endif
