/*
 * Names for numbers in a trace. Written here, not taken from the headers of the product or the
 * system: the product is compared with them, and Debian's headers end before Landlock scopes.
 */
#ifndef TESTS_HARNESS_TRACE_NAMES_H
#define TESTS_HARNESS_TRACE_NAMES_H

#include <stddef.h>
#include <stdint.h>

enum {
	TRACE_LANDLOCK_FS_COUNT = 16,
	TRACE_LANDLOCK_NET_COUNT = 2,
	TRACE_LANDLOCK_SCOPE_COUNT = 2,
};

/* Indexed by bit. */
extern const char *const trace_landlock_fs[TRACE_LANDLOCK_FS_COUNT];
extern const char *const trace_landlock_net[TRACE_LANDLOCK_NET_COUNT];
extern const char *const trace_landlock_scope[TRACE_LANDLOCK_SCOPE_COUNT];

/* NULL when unknown. */
const char *trace_prctl_name(uint64_t option);

/* "?" when unknown. */
const char *trace_limit_name(uint64_t resource);
const char *trace_keyctl_name(uint64_t operation);

/* Which argument of this call is a path, or -1. */
int trace_path_argument(const char *call);

/* FNV-1a, 64 bits: names a filter program in a trace. */
uint64_t trace_hash(const void *data, size_t bytes);

#endif
