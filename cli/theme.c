/* Palettes of 24-bit colours, and the way from there to what older terminals know. */
#include "cli/theme.h"

#include <stdint.h>
#include <stdio.h>
#include <strings.h>

#include "base/attr.h"

struct rgb {
	uint8_t red, green, blue;
};

struct theme {
	const char *name;
	const char *alias[2];
	struct rgb color[ROLE_COUNT];
};

/* clang-format off */
static const struct theme themes[] = {
	{ "mocha", { "catppuccin", "catppuccin-mocha" },
	  { { 250, 179, 135 }, { 166, 218, 149 }, { 249, 226, 175 }, { 243, 139, 168 },
	    { 137, 180, 250 }, { 148, 226, 213 }, { 205, 214, 244 }, { 147, 153, 178 },
	    { 108, 112, 134 }, { 69, 71, 90 } } },
	{ "latte", { "catppuccin-latte", NULL },
	  { { 254, 100, 11 }, { 64, 160, 43 }, { 223, 142, 29 }, { 210, 15, 57 },
	    { 30, 102, 245 }, { 23, 146, 153 }, { 76, 79, 105 }, { 108, 111, 133 },
	    { 140, 143, 161 }, { 188, 192, 204 } } },
	{ "frappe", { "catppuccin-frappe", NULL },
	  { { 239, 159, 118 }, { 166, 209, 137 }, { 229, 200, 144 }, { 231, 130, 132 },
	    { 140, 170, 238 }, { 129, 200, 190 }, { 198, 208, 245 }, { 148, 156, 187 },
	    { 115, 121, 148 }, { 65, 69, 89 } } },
	{ "macchiato", { "catppuccin-macchiato", NULL },
	  { { 245, 169, 127 }, { 166, 218, 149 }, { 238, 212, 159 }, { 237, 135, 150 },
	    { 138, 173, 244 }, { 139, 213, 202 }, { 202, 211, 245 }, { 148, 155, 187 },
	    { 110, 115, 141 }, { 54, 58, 79 } } },
	{ "tokyo-night", { "tokyo", "tokyonight" },
	  { { 255, 158, 100 }, { 158, 206, 106 }, { 224, 175, 104 }, { 247, 118, 142 },
	    { 122, 162, 247 }, { 115, 218, 202 }, { 192, 202, 245 }, { 134, 150, 187 },
	    { 86, 95, 137 }, { 52, 59, 88 } } },
	{ "minimal", { "plain", NULL },
	  { { 204, 102, 0 }, { 80, 200, 80 }, { 220, 180, 50 }, { 220, 70, 70 },
	    { 80, 150, 220 }, { 80, 190, 190 }, { 220, 220, 220 }, { 140, 140, 140 },
	    { 80, 80, 80 }, { 55, 55, 55 } } },
};
/* clang-format on */

/*
 * What stands for a role among the 16 colours of old terminals: SGR numbers. By meaning, not by
 * distance: the terminal's own palette decides what "red" looks like.
 */
static const uint8_t palette16[ROLE_COUNT] = {
	[ROLE_BRAND] = 33,   [ROLE_GREEN] = 32,	  [ROLE_YELLOW] = 93, [ROLE_RED] = 31,
	[ROLE_BLUE] = 34,    [ROLE_TEAL] = 36,	  [ROLE_TEXT] = 39,   [ROLE_SUBTEXT] = 37,
	[ROLE_OVERLAY] = 90, [ROLE_SURFACE] = 90,
};

const struct theme *
theme_find(const char *name)
{
	if (!name)
		return &themes[0];
	for (size_t i = 0; i < ARRAY_LEN(themes); i++) {
		const struct theme *t = &themes[i];

		if (strcasecmp(name, t->name) == 0 ||
		    (t->alias[0] && strcasecmp(name, t->alias[0]) == 0) ||
		    (t->alias[1] && strcasecmp(name, t->alias[1]) == 0))
			return t;
	}
	return NULL;
}

const struct theme *
theme_choose(const char *asked, const char *configured, const char **ret_unknown)
{
	const char *name = asked ? asked : configured;
	const struct theme *t = theme_find(name);

	*ret_unknown = t ? NULL : name;
	return t ? t : theme_find(NULL);
}

/* 0..255 to the six steps of the colour cube of 256-colour terminals. */
static unsigned int
cube_step(unsigned int v)
{
	return v < 48 ? 0 : v < 115 ? 1 : (v - 35) / 40;
}

void
theme_escape(const struct theme *t, char *p, enum color_depth depth, enum role role, bool ground)
{
	const struct rgb c = t->color[role];

	switch (depth) {
	case COLOR_NONE:
		p[0] = '\0';
		break;
	case COLOR_16:
		(void)snprintf(p, THEME_ESCAPE_MAX, "\033[%dm",
			       palette16[role] + (ground ? 10 : 0));
		break;
	case COLOR_256:
		(void)snprintf(p, THEME_ESCAPE_MAX, "\033[%d;5;%um", ground ? 48 : 38,
			       16 + 36 * cube_step(c.red) + 6 * cube_step(c.green) +
				       cube_step(c.blue));
		break;
	case COLOR_TRUE:
		(void)snprintf(p, THEME_ESCAPE_MAX, "\033[%d;2;%d;%d;%dm", ground ? 48 : 38, c.red,
			       c.green, c.blue);
		break;
	}
}

const char *
theme_badge_text(enum color_depth depth)
{
	switch (depth) {
	case COLOR_16:
		return "\033[30m";
	case COLOR_256:
		return "\033[38;5;235m";
	case COLOR_TRUE:
		return "\033[38;2;30;30;46m";
	case COLOR_NONE:
		break;
	}
	return "";
}
