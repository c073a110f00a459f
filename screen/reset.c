/*
 * Strings that switch modes off and on again (spec 04 section 6.3). Only what is known to be on is
 * switched off: an unsolicited `CSI ? 1049 l` wipes the scrollback of some terminals, and every
 * other one is something that a terminal may not know.
 */
#include "screen/internal.h"

/* Modes that change what keys and the mouse send. */
static const enum mode key_modes[] = {
	MODE_CURSOR_KEYS,  MODE_KEYPAD, MODE_MOUSE_X10,	    MODE_MOUSE,		 MODE_MOUSE_DRAG,
	MODE_MOUSE_MOTION, MODE_FOCUS,	MODE_MOUSE_UTF8,    MODE_MOUSE_SGR,	 MODE_MOUSE_URXVT,
	MODE_MOUSE_PIXELS, MODE_PASTE,	MODE_COLOUR_SCHEME, MODE_RESIZE_REPORTS,
};

/* Modes that change how output is taken, margins and origin excepted: those come in an order. */
static const enum mode output_modes[] = {
	MODE_AUTOWRAP, MODE_REVERSE_WRAP, MODE_CURSOR_VISIBLE, MODE_REVERSE_SCREEN, MODE_GRAPHEMES,
};

static int
emit_mode(struct buf *out, enum mode mode, bool on)
{
	return buf_addf(out, "\033[?%u%c", mode_number(mode), on ? 'h' : 'l');
}

/* Bring the modes of a list that differ from the default to it, or from it. */
static int
emit_modes(struct buf *out, const struct modes *m, const enum mode *list, size_t n, bool restore)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++)
		if (modes_has(m, list[i]) != mode_default(list[i]))
			r = emit_mode(out, list[i], mode_default(list[i]) != restore);
	return r;
}

/* ---- keyboard ---- */

int
kitty_reset(const struct kitty_stack *k, struct buf *out)
{
	int r = 0;

	if (k->depth == 1)
		r = buf_adds(out, "\033[<u");
	else if (k->depth)
		r = buf_addf(out, "\033[<%uu", k->depth);
	if (r == 0 && k->flags[0])
		r = buf_adds(out, "\033[=0u");
	return r;
}

int
kitty_emit(const struct kitty_stack *k, struct buf *out)
{
	int r = 0;

	if (k->flags[0])
		r = buf_addf(out, "\033[=%uu", k->flags[0]);
	for (unsigned int i = 1; i <= k->depth && r == 0; i++)
		r = buf_addf(out, "\033[>%uu", k->flags[i]);
	return r;
}

static int
keys_emit(const struct modes *m, struct buf *out, bool restore)
{
	int r = emit_modes(out, m, key_modes, ARRAY_LEN(key_modes), restore);

	for (unsigned int i = 0; i < ARRAY_LEN(m->modify_keys) && r == 0; i++) {
		if (!m->modify_keys[i])
			continue;
		if (restore)
			r = buf_addf(out, "\033[>%u;%um", i, m->modify_keys[i] - 1u);
		else
			r = buf_addf(out, "\033[>%um", i);
	}
	if (r == 0 && m->keypad)
		r = buf_adds(out, restore ? "\033=" : "\033>");
	if (r == 0 && m->locator)
		r = buf_adds(out, restore ? "\033[1;2'z" : "\033[0'z");
	return r;
}

/* ---- output ---- */

int
charsets_emit(struct buf *out, const struct charsets *c)
{
	static const char *const shift[] = { "\017", "\016", "\033n", "\033o" };
	int r = 0;

	for (unsigned int i = 0; i < ARRAY_LEN(c->g) && r == 0; i++)
		if (c->g[i] != 'B')
			r = buf_addf(out, "\033%c%c", c->g[i] & 0x80 ? " -./"[i] : "()*+"[i],
				     c -> g[i] & 0x7f);
	if (r == 0 && c->gl)
		r = buf_adds(out, shift[c->gl]);
	return r;
}

static int
charsets_reset(struct buf *out, const struct charsets *c)
{
	int r = c->gl ? buf_adds(out, "\017") : 0;

	for (unsigned int i = 0; i < ARRAY_LEN(c->g) && r == 0; i++)
		if (c->g[i] != 'B')
			r = buf_addf(out, "\033%cB", "()*+"[i]);
	return r;
}

static int
output_reset(const struct modes *m, struct buf *out)
{
	int r = 0;

	if (modes_has(m, MODE_SYNCHRONIZED))
		r = emit_mode(out, MODE_SYNCHRONIZED, false);
	if (r == 0 && m->insert)
		r = buf_adds(out, "\033[4l");
	if (r == 0 && m->newline)
		r = buf_adds(out, "\033[20l");
	if (r == 0 && modes_has(m, MODE_ORIGIN))
		r = emit_mode(out, MODE_ORIGIN, false);
	if (r == 0 && (m->top > 1 || m->bottom))
		r = buf_adds(out, "\033[r");
	if (r == 0 && modes_has(m, MODE_MARGINS_LR))
		r = emit_mode(out, MODE_MARGINS_LR, false);
	if (r == 0)
		r = emit_modes(out, m, output_modes, ARRAY_LEN(output_modes), false);
	if (r == 0)
		r = charsets_reset(out, &m->charset);
	if (r == 0 && m->link_open)
		r = buf_adds(out, "\033]8;;\033\\");
	if (r == 0 && !style_is_default(&m->pen))
		r = buf_adds(out, "\033[m");
	return r;
}

static int
output_emit(const struct modes *m, struct buf *out)
{
	int r = 0;

	if (modes_has(m, MODE_MARGINS_LR))
		r = emit_mode(out, MODE_MARGINS_LR, true);
	if (r == 0 && (m->top > 1 || m->bottom))
		r = m->bottom ? buf_addf(out, "\033[%u;%ur", m->top ? m->top : 1, m->bottom)
			      : buf_addf(out, "\033[%ur", m->top);
	if (r == 0 && (m->left || m->right))
		r = m->right ? buf_addf(out, "\033[%u;%us", m->left ? m->left : 1, m->right)
			     : buf_addf(out, "\033[%us", m->left);
	if (r == 0 && modes_has(m, MODE_ORIGIN))
		r = emit_mode(out, MODE_ORIGIN, true);
	if (r == 0)
		r = emit_modes(out, m, output_modes, ARRAY_LEN(output_modes), true);
	return r;
}

/* ---- looks ---- */

static int
looks_reset(const struct modes *m, struct buf *out)
{
	int r = m->cursor_shape ? buf_adds(out, "\033[0 q") : 0;

	if (r == 0 && m->palette_changed)
		r = buf_adds(out, "\033]104\033\\");
	if (r == 0 && m->special_changed)
		r = buf_adds(out, "\033]105\033\\");
	for (unsigned int i = 0; i < MODES_COLOURS && r == 0; i++)
		if (m->colours[i])
			r = buf_addf(out, "\033]%u\033\\", 110 + i);
	return r;
}

static int
emit_rgb(struct buf *out, uint32_t c)
{
	return buf_addf(out, ";rgb:%02x/%02x/%02x\033\\", c >> 16 & 255, c >> 8 & 255, c & 255);
}

static int
looks_emit(const struct modes *m, struct buf *out)
{
	int r = m->cursor_shape ? buf_addf(out, "\033[%u q", m->cursor_shape) : 0;

	for (unsigned int i = 0; i < MODES_PALETTE && r == 0; i++) {
		if (m->palette[i] >> 24 != COLOUR_RGB >> 24)
			continue;
		r = buf_addf(out, "\033]4;%u", i);
		if (r == 0)
			r = emit_rgb(out, m->palette[i]);
	}
	for (unsigned int i = 0; i < MODES_COLOURS && r == 0; i++) {
		if (m->colours[i] >> 24 != COLOUR_RGB >> 24)
			continue;
		r = buf_addf(out, "\033]%u", 10 + i);
		if (r == 0)
			r = emit_rgb(out, m->colours[i]);
	}
	if (r == 0 && m->title_set && m->title[0])
		r = buf_addf(out, "\033]2;%s\033\\", m->title);
	if (r == 0 && m->title_set && m->icon[0])
		r = buf_addf(out, "\033]1;%s\033\\", m->icon);
	if (r == 0 && m->cwd[0])
		r = buf_addf(out, "\033]7;%s\033\\", m->cwd);
	return r;
}

int
titles_push(struct buf *out, unsigned int n)
{
	int r = 0;

	for (; n && r == 0; n--)
		r = buf_adds(out, TITLE_PUSH);
	return r;
}

int
titles_pop(struct buf *out, unsigned int n)
{
	int r = 0;

	for (; n && r == 0; n--)
		r = buf_adds(out, "\033[23;0t");
	return r;
}

/* ---- all ---- */

int
modes_reset(const struct modes *m, unsigned int what, struct buf *out)
{
	int r = 0;

	if (what & RESET_KEYS)
		r = keys_emit(m, out, false);
	if (r == 0 && (what & RESET_OUTPUT))
		r = output_reset(m, out);
	if (r == 0 && (what & RESET_LOOKS))
		r = looks_reset(m, out);
	return r;
}

int
modes_emit(const struct modes *m, unsigned int what, struct buf *out)
{
	int r = 0;

	if (what & RESET_LOOKS)
		r = looks_emit(m, out);
	if (r == 0 && (what & RESET_OUTPUT))
		r = output_emit(m, out);
	if (r == 0 && (what & RESET_KEYS))
		r = keys_emit(m, out, true);
	return r;
}
