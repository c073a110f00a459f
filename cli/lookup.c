/* Finding things in the table, and the nearest thing to a name that is not in it. */
#include <string.h>

#include "base/str.h"
#include "cli/table.h"

enum { SUGGEST_EDITS = 2 };

const struct flag *
flag_find(const char *name, size_t n, unsigned int commands)
{
	for (size_t i = 0; i < flags_count; i++) {
		const struct flag *f = &flags_table[i];

		if ((f->commands & commands) &&
		    (list_has(f->name, name, n) || list_has(f->aliases, name, n) ||
		     list_has(f->legacy, name, n)))
			return f;
	}
	return NULL;
}

const struct flag *
flag_find_letter(char letter, unsigned int commands)
{
	for (size_t i = 0; i < flags_count; i++)
		if (letter && flags_table[i].letter == letter &&
		    (flags_table[i].commands & commands))
			return &flags_table[i];
	return NULL;
}

const struct flag *
flag_by_id(enum flag_id id)
{
	for (size_t i = 0; i < flags_count; i++)
		if (flags_table[i].id == id)
			return &flags_table[i];
	return NULL;
}

const char *
flag_suggest(const char *name, size_t n, unsigned int commands)
{
	unsigned int best = SUGGEST_EDITS + 1;
	const char *found = NULL;
	char typed[64];

	if (n >= sizeof(typed))
		return NULL;
	memcpy(typed, name, n);
	typed[n] = '\0';
	for (size_t i = 0; i < flags_count; i++) {
		const struct flag *f = &flags_table[i];
		unsigned int d;

		if (f->hidden || f->status != STATUS_AVAILABLE || !(f->commands & commands))
			continue;
		d = str_distance(typed, f->name, SUGGEST_EDITS);
		/* A name of which nothing would be left is no near miss. */
		if (d < best && d < strlen(f->name) && d < n) {
			best = d;
			found = f->name;
		}
	}
	return found;
}

const struct command *
command_find(const char *name)
{
	for (size_t i = 0; i < commands_count; i++) {
		const struct command *c = &commands_table[i];

		if (str_equal(c->name, name) || list_has(c->aliases, name, strlen(name)))
			return c;
	}
	return NULL;
}

const struct command *
command_find_sub(const struct command *parent, const char *name)
{
	for (const struct command *c = parent->sub; c && c->name; c++)
		if (str_equal(c->name, name))
			return c;
	return NULL;
}

/* Take `c` when it is nearer to the name than what was found before. */
static void
consider(const struct command *c, const char *name, unsigned int *best, const char **found)
{
	unsigned int d;

	if (c->hidden || c->status != STATUS_AVAILABLE)
		return;
	d = str_distance(name, c->name, SUGGEST_EDITS);
	if (d < *best && d < strlen(name) && d < strlen(c->name)) {
		*best = d;
		*found = c->name;
	}
}

const char *
command_suggest(const char *name)
{
	unsigned int best = SUGGEST_EDITS + 1;
	const char *found = NULL;

	for (size_t i = 0; i < commands_count; i++)
		consider(&commands_table[i], name, &best, &found);
	return found;
}

const char *
command_suggest_sub(const struct command *parent, const char *name)
{
	unsigned int best = SUGGEST_EDITS + 1;
	const char *found = NULL;

	for (const struct command *c = parent->sub; c && c->name; c++)
		consider(c, name, &best, &found);
	return found;
}
