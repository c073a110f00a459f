/* Palettes (spec 01 section 22.1): which colour a role has, at which depth. Pure. */
#ifndef CLI_THEME_H
#define CLI_THEME_H

#include <stdbool.h>
#include <stddef.h>

enum color_depth { COLOR_NONE = 0, COLOR_16, COLOR_256, COLOR_TRUE };

enum role {
	ROLE_BRAND,
	ROLE_GREEN,
	ROLE_YELLOW,
	ROLE_RED,
	ROLE_BLUE,
	ROLE_TEAL,
	ROLE_TEXT,
	ROLE_SUBTEXT,
	ROLE_OVERLAY,
	ROLE_SURFACE,
	ROLE_COUNT
};

/* The names without aliases, separated by blanks; the first is the default. */
#define THEME_NAMES "mocha latte frappe macchiato tokyo-night minimal"
#define THEME_LIST "mocha, latte, frappe, macchiato, tokyo-night, minimal"

struct theme;

enum { THEME_ESCAPE_MAX = 32 };

/* By name or alias, case does not matter; NULL when unknown. NULL as name: the default. */
const struct theme *theme_find(const char *name);

/*
 * The theme of the first name that is given: a flag's (or its variable's), then the configured one.
 * A name that is unknown is left in *ret_unknown, which is NULL otherwise; the default counts then.
 */
const struct theme *
theme_choose(const char *asked, const char *configured, const char **ret_unknown);

/*
 * The escape sequence that switches the foreground (or ground) to a role's colour, into at least
 * THEME_ESCAPE_MAX bytes; "" without colour.
 */
void
theme_escape(const struct theme *t, char *p, enum color_depth depth, enum role role, bool ground);

/* The foreground of text on a coloured ground. */
const char *theme_badge_text(enum color_depth depth);

#endif
