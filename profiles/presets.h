/*
 * The profiles that come with the program (spec 03 section 10), compiled from
 * profiles/data/presets/ at build time: the JSON text of each, which is read only when it is used.
 */
#ifndef PROFILES_PRESETS_H
#define PROFILES_PRESETS_H

#include <stdbool.h>
#include <stddef.h>

struct preset {
	const char *name;
	const char *text; /* JSON without comments */
	size_t bytes;
	const char *description; /* of its meta */
	bool blocks_network;
};

extern const struct preset presets_table[]; /* in the order of spec 03 section 10 */
extern const size_t presets_count;

/* By name or by one of its other names (`claude`, `always-further/claude`); NULL when unknown. */
const struct preset *preset_find(const char *name);

#endif
