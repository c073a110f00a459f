/*
 * Links (OSC 8) by number, so that a cell needs two bytes for one. At most LINKS_MAX; when they
 * are used up, those that no cell shows any more are forgotten.
 */
#include "screen/internal.h"

#include <string.h>

#include "base/alloc.h"

static void
mark_grid(const struct grid *g, unsigned char *used)
{
	for (unsigned int r = 0; r < g->rows; r++)
		for (unsigned int c = 0; c < g->cols; c++)
			if (g->row[r]->cells[c].style.link)
				used[g->row[r]->cells[c].style.link - 1] = 1;
}

static void
links_forget(struct model *m)
{
	unsigned char used[LINKS_MAX] = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(m->grid); i++)
		mark_grid(&m->grid[i], used);
	if (m->pen.link)
		used[m->pen.link - 1] = 1;
	for (size_t i = 0; i < LINKS_MAX; i++)
		if (!used[i]) {
			mem_free(m->link[i]);
			m->link[i] = NULL;
		}
}

uint16_t
link_number(struct model *m, const char *text)
{
	size_t unused = LINKS_MAX;

	for (int again = 0; again < 2; again++) {
		for (size_t i = 0; i < LINKS_MAX; i++) {
			if (m->link[i] && strcmp(m->link[i], text) == 0)
				return (uint16_t)(i + 1);
			if (!m->link[i] && unused == LINKS_MAX)
				unused = i;
		}
		if (unused < LINKS_MAX)
			break;
		links_forget(m);
	}
	if (unused == LINKS_MAX)
		return 0;
	m->link[unused] = mem_strdup(text);
	if (!m->link[unused]) {
		m->error = -1;
		return 0;
	}
	return (uint16_t)(unused + 1);
}

const char *
link_text(const struct model *m, uint16_t number)
{
	return number && m->link[number - 1] ? m->link[number - 1] : "";
}
