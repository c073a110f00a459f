/*
 * libvterm 0.1.4, at arm's length. It keeps the cursor, margins, tab stops and character sets and
 * tells which cells to write, blank and move (its state layer); cells, pen, history and modes are
 * ours. It was not written for hostile input. What it is known to do, and why it cannot here:
 *
 *   more than 16 parameters are written behind the array    we send at most two
 *   parameters overflow                                     we send at most 9999
 *   DECRC after a resize sets a cursor outside the screen   we restore the cursor with CUP
 *   margins survive a resize, outside the screen            we reset them first
 *   REP of a character of no width never ends               we repeat the text ourselves
 *   double-width lines divide by two, to column -1          no setlineinfo callback: they are off
 *   combining characters pile up without limit              vterm_combines(); CELL_CHARS
 *   a text's length in words is taken from the stack        VTERM_WRITE_MAX
 *   an allocation that fails is used                        its memory is ours, below: 24 slots
 *
 * So this file's callers send only text and the sequences named in model.c, spelled by us.
 */
#include "screen/internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <vterm.h>

#include "base/alloc.h"

enum {
	SLOTS = 24, /* 8 for the screen, 2 more in a resize, 8 for the probe */
	/* The largest piece: a line's description, 4 bytes, for each of SCREEN_SIDE_MAX rows. */
	SLOT_BYTES = 4096,
};

struct slot {
	_Alignas(16) unsigned char bytes[SLOT_BYTES];
};

struct vterm {
	VTerm *vt;
	VTermState *state;
	VTerm *probe;
	unsigned int probe_chars; /* in the cell that the probe put last */
	unsigned int used;	  /* bit per slot */
	struct slot slot[SLOTS];
};

_Static_assert(SLOTS <= 32, "the slots in use are bits of one word");
_Static_assert(SCREEN_SIDE_MAX * sizeof(VTermLineInfo) <= SLOT_BYTES, "a slot holds a screen");

/* ---- memory ---- */

static void *
slot_take(size_t size, void *data)
{
	struct vterm *v = data;

	for (unsigned int i = 0; i < SLOTS && size <= SLOT_BYTES; i++) {
		if (v->used >> i & 1)
			continue;
		v->used |= 1u << i;
		memset(v->slot[i].bytes, 0, SLOT_BYTES);
		return v->slot[i].bytes;
	}
	/* Not reached with the sizes above. libvterm would use NULL. */
	__builtin_trap();
}

static void
slot_give(void *p, void *data)
{
	struct vterm *v = data;

	for (unsigned int i = 0; i < SLOTS; i++)
		if (p == v->slot[i].bytes)
			v->used &= ~(1u << i);
}

/* ---- from libvterm ---- */

static bool
rect_is_inside(const struct model *m, VTermRect r)
{
	return r.start_row >= 0 && r.start_col >= 0 && r.start_row < r.end_row &&
	       r.start_col < r.end_col && (unsigned int)r.end_row <= m->rows &&
	       (unsigned int)r.end_col <= m->cols;
}

static int
on_glyph(VTermGlyphInfo *info, VTermPos pos, void *user)
{
	struct model *m = user;

	if (pos.row >= 0 && pos.col >= 0 && info->width > 0 && (unsigned int)pos.row < m->rows &&
	    (unsigned int)pos.col < m->cols)
		put_glyph(m, (unsigned int)pos.row, (unsigned int)pos.col, info->chars,
			  (unsigned int)info->width, info->protected_cell);
	return 1;
}

static int
on_cursor(VTermPos pos, VTermPos old, int visible, void *user)
{
	struct model *m = user;

	(void)old;
	(void)visible;
	/* Text leaves it on the character that fills the row; anything else ends the phantom. */
	if ((unsigned int)pos.row != m->put_row || (unsigned int)pos.col != m->put_col)
		m->phantom = false;
	if ((unsigned int)pos.col != m->put_end)
		m->put_end = 0;
	return 1;
}

static int
on_scroll(VTermRect r, int down, int right, void *user)
{
	struct model *m = user;

	if (!rect_is_inside(m, r))
		return 1;
	if (right || r.start_col || (unsigned int)r.end_col != m->cols)
		return 0; /* done by on_move() and on_erase() */
	put_scroll(m, (unsigned int)r.start_row, (unsigned int)r.end_row, down);
	return 1;
}

static int
on_move(VTermRect dest, VTermRect src, void *user)
{
	struct model *m = user;
	const int n = src.end_row - src.start_row;

	if (!rect_is_inside(m, dest) || !rect_is_inside(m, src))
		return 1;
	for (int i = 0; i < n; i++) {
		const int k = dest.start_row > src.start_row ? n - 1 - i : i;

		put_move(m, (unsigned int)(src.start_row + k), (unsigned int)(dest.start_row + k),
			 (unsigned int)src.start_col, (unsigned int)dest.start_col,
			 (unsigned int)(src.end_col - src.start_col));
	}
	return 1;
}

static int
on_erase(VTermRect r, int selective, void *user)
{
	struct model *m = user;

	if (rect_is_inside(m, r))
		for (int i = r.start_row; i < r.end_row; i++)
			put_blank(m, (unsigned int)i, (unsigned int)r.start_col,
				  (unsigned int)r.end_col, selective != 0);
	return 1;
}

static const VTermStateCallbacks callbacks = {
	.putglyph = on_glyph,
	.movecursor = on_cursor,
	.scrollrect = on_scroll,
	.moverect = on_move,
	.erase = on_erase,
};

static int
on_probe(VTermGlyphInfo *info, VTermPos pos, void *user)
{
	struct vterm *v = user;

	(void)pos;
	for (v->probe_chars = 0; info->chars[v->probe_chars];)
		v->probe_chars++;
	return 1;
}

static const VTermStateCallbacks probe_callbacks = { .putglyph = on_probe };

/* ---- start and stop ---- */

int
vterm_start(struct model *m)
{
	static VTermAllocatorFunctions allocator = { slot_take, slot_give };
	struct vterm *v = mem_calloc(1, sizeof(*v));
	VTermState *probe;

	if (!v)
		return -ENOMEM;
	m->vterm = v;
	v->vt = vterm_new_with_allocator((int)m->rows, (int)m->cols, &allocator, v);
	vterm_set_utf8(v->vt, 1);
	v->state = vterm_obtain_state(v->vt);
	vterm_state_set_callbacks(v->state, &callbacks, m);
	vterm_state_reset(v->state, 1);
	v->probe = vterm_new_with_allocator(1, 8, &allocator, v);
	vterm_set_utf8(v->probe, 1);
	probe = vterm_obtain_state(v->probe);
	vterm_state_set_callbacks(probe, &probe_callbacks, v);
	vterm_state_reset(probe, 1);
	return 0;
}

void
vterm_stop(struct model *m)
{
	if (m->vterm) {
		vterm_free(m->vterm->vt);
		vterm_free(m->vterm->probe);
	}
	mem_free(m->vterm);
	m->vterm = NULL;
}

/* ---- to libvterm ---- */

void
vterm_write(struct model *m, const unsigned char *p, size_t n)
{
	(void)vterm_input_write(m->vterm->vt, (const char *)p, n);
}

void
vterm_sequence(struct model *m, const char *fmt, ...)
{
	char text[64];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n > 0 && (size_t)n < sizeof(text))
		(void)vterm_input_write(m->vterm->vt, text, (size_t)n);
}

void
vterm_column(struct model *m, unsigned int col)
{
	/* Columns end at SCREEN_SIDE_MAX: four digits do. */
	const unsigned int n = col + 1;
	const char text[] = { '\033',
			      '[',
			      (char)('0' + n / 1000 % 10),
			      (char)('0' + n / 100 % 10),
			      (char)('0' + n / 10 % 10),
			      (char)('0' + n % 10),
			      'G' };

	(void)vterm_input_write(m->vterm->vt, text, sizeof(text));
}

void
vterm_hard_reset(struct model *m)
{
	vterm_state_reset(m->vterm->state, 1);
}

void
vterm_resize(struct model *m)
{
	vterm_set_size(m->vterm->vt, (int)m->rows, (int)m->cols);
}

void
vterm_cursor(const struct model *m, unsigned int *row, unsigned int *col)
{
	VTermPos pos;

	vterm_state_get_cursorpos(m->vterm->state, &pos);
	*row = pos.row < 0 ? 0 : (unsigned int)pos.row;
	*col = pos.col < 0 ? 0 : (unsigned int)pos.col;
	if (*row >= m->rows)
		*row = m->rows - 1;
	if (*col >= m->cols)
		*col = m->cols - 1;
}

bool
vterm_combines(struct model *m, const unsigned char *p, size_t n)
{
	struct vterm *v = m->vterm;

	(void)vterm_input_write(v->probe, "\ra", 2);
	(void)vterm_input_write(v->probe, (const char *)p, n);
	return v->probe_chars > 1;
}
