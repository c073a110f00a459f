/*
 * What the terminal was told (spec 04 section 6.7): every mode that outlives the sequence that set
 * it, also those that libvterm 0.1.4 does not know. Follows only what passed the filter, so it is
 * the terminal's state and not the program's wish. Pure.
 */
#include "screen/internal.h"

#include <string.h>

static const struct {
	uint16_t number;
	bool on; /* in a terminal that was just reset */
} mode_table[MODE_COUNT] = {
	[MODE_CURSOR_KEYS] = { 1, false },	[MODE_REVERSE_SCREEN] = { 5, false },
	[MODE_ORIGIN] = { 6, false },		[MODE_AUTOWRAP] = { 7, true },
	[MODE_MOUSE_X10] = { 9, false },	[MODE_CURSOR_VISIBLE] = { 25, true },
	[MODE_REVERSE_WRAP] = { 45, false },	[MODE_KEYPAD] = { 66, false },
	[MODE_MARGINS_LR] = { 69, false },	[MODE_MOUSE] = { 1000, false },
	[MODE_MOUSE_DRAG] = { 1002, false },	[MODE_MOUSE_MOTION] = { 1003, false },
	[MODE_FOCUS] = { 1004, false },		[MODE_MOUSE_UTF8] = { 1005, false },
	[MODE_MOUSE_SGR] = { 1006, false },	[MODE_MOUSE_URXVT] = { 1015, false },
	[MODE_MOUSE_PIXELS] = { 1016, false },	[MODE_PASTE] = { 2004, false },
	[MODE_SYNCHRONIZED] = { 2026, false },	[MODE_GRAPHEMES] = { 2027, false },
	[MODE_COLOUR_SCHEME] = { 2031, false }, [MODE_RESIZE_REPORTS] = { 2048, false },
};

unsigned int
mode_number(enum mode mode)
{
	return mode_table[mode].number;
}

bool
mode_default(enum mode mode)
{
	return mode_table[mode].on;
}

bool
modes_has(const struct modes *m, enum mode mode)
{
	return m->on >> mode & 1;
}

static void
modes_set(struct modes *m, enum mode mode, bool on)
{
	if (on)
		m->on |= UINT32_C(1) << mode;
	else
		m->on &= ~(UINT32_C(1) << mode);
}

bool
modes_on_alternate(const struct modes *m)
{
	return m->alternate != 0;
}

bool
modes_have_margins(const struct modes *m)
{
	return m->top > 1 || m->bottom || modes_has(m, MODE_MARGINS_LR);
}

/* ---- character sets ---- */

static const struct charsets charsets_default = { { 'B', 'B', 'B', 'B' }, 0 };

bool
charsets_are_default(const struct charsets *c)
{
	return memcmp(c, &charsets_default, sizeof(*c)) == 0;
}

bool
charsets_track(struct charsets *c, const struct token *t)
{
	static const char sets94[] = "()*+", sets96[] = " -./";
	const char *found;

	if (t->type == LEX_CONTROL && (t->byte == 0x0e || t->byte == 0x0f)) {
		c->gl = t->byte == 0x0e;
		return true;
	}
	if (t->type != LEX_ESC || t->intermediate[1])
		return false;
	if (!t->intermediate[0]) {
		if (t->byte != 'n' && t->byte != 'o')
			return false;
		c->gl = t->byte == 'n' ? 2 : 3;
		return true;
	}
	found = strchr(sets94, t->intermediate[0]);
	if (found) {
		c->g[found - sets94] = t->byte;
		return true;
	}
	found = strchr(sets96 + 1, t->intermediate[0]);
	if (found)
		c->g[found - sets96] = t->byte | 0x80;
	return found != NULL;
}

/* ---- start, save, restore ---- */

/* What RIS does; what only the user's eyes keep (title, pushed title) stays. */
static void
modes_hard_reset(struct modes *m)
{
	m->on = 0;
	for (unsigned int i = 0; i < MODE_COUNT; i++)
		modes_set(m, i, mode_table[i].on);
	m->alternate = 0;
	m->insert = m->newline = m->keypad = m->locator = false;
	m->top = m->bottom = m->left = m->right = 0;
	m->cursor_shape = 0;
	m->charset = charsets_default;
	m->link_open = m->palette_changed = m->special_changed = false;
	memset(m->modify_keys, 0, sizeof(m->modify_keys));
	memset(m->kitty, 0, sizeof(m->kitty));
	memset(&m->pen, 0, sizeof(m->pen));
	memset(m->palette, 0, sizeof(m->palette));
	memset(m->colours, 0, sizeof(m->colours));
	for (size_t i = 0; i < ARRAY_LEN(m->saved); i++)
		m->saved[i] = (struct modes_saved){ .charset = charsets_default };
}

void
modes_init(struct modes *m)
{
	memset(m, 0, sizeof(*m));
	modes_hard_reset(m);
	m->kept = m->on;
}

static void
modes_soft_reset(struct modes *m)
{
	static const enum mode back[] = { MODE_CURSOR_KEYS, MODE_ORIGIN,	 MODE_AUTOWRAP,
					  MODE_KEYPAD,	    MODE_CURSOR_VISIBLE, MODE_MARGINS_LR };

	for (size_t i = 0; i < ARRAY_LEN(back); i++)
		modes_set(m, back[i], mode_table[back[i]].on);
	m->insert = m->keypad = false;
	m->top = m->bottom = m->left = m->right = 0;
	m->charset = charsets_default;
	memset(&m->pen, 0, sizeof(m->pen));
	m->saved[modes_on_alternate(m)] = (struct modes_saved){ .charset = charsets_default };
}

static void
modes_save(struct modes *m)
{
	m->saved[modes_on_alternate(m)] = (struct modes_saved){ m->pen, m->charset,
								modes_has(m, MODE_ORIGIN) };
}

static void
modes_restore(struct modes *m)
{
	const struct modes_saved *s = &m->saved[modes_on_alternate(m)];

	m->pen = s->pen;
	m->charset = s->charset;
	modes_set(m, MODE_ORIGIN, s->origin);
}

/* ---- control sequences ---- */

static void
track_alternate(struct modes *m, unsigned int number, bool on)
{
	if (number == 1049 && on && !modes_on_alternate(m))
		modes_save(m);
	if (on && !m->alternate)
		m->alternate = number;
	else if (!on)
		m->alternate = 0;
	m->was_alternate = m->was_alternate || on;
	if (number == 1049 && !on)
		modes_restore(m);
}

static void
track_private(struct modes *m, unsigned int number, bool on)
{
	if (number == 47 || number == 1047 || number == 1049) {
		track_alternate(m, number, on);
		return;
	}
	if (number == 1048) {
		if (on)
			modes_save(m);
		else
			modes_restore(m);
		return;
	}
	for (unsigned int i = 0; i < MODE_COUNT; i++)
		if (mode_table[i].number == number)
			modes_set(m, i, on);
	if (number == 69 && !on)
		m->left = m->right = 0;
}

static void
track_set(struct modes *m, const struct token *t)
{
	const bool on = t->byte == 'h';

	for (unsigned int i = 0; i < t->count; i++) {
		const unsigned int number = token_param(t, i, 0);

		if (t->private == '?')
			track_private(m, number, on);
		else if (!t->private && number == 4)
			m->insert = on;
		else if (!t->private && number == 20)
			m->newline = on;
	}
}

/* XTSAVE, XTRESTORE of single modes. */
static void
track_keep(struct modes *m, const struct token *t)
{
	for (unsigned int i = 0; i < t->count; i++)
		for (unsigned int k = 0; k < MODE_COUNT; k++) {
			if (mode_table[k].number != token_param(t, i, 0))
				continue;
			if (t->byte == 'r')
				track_private(m, mode_table[k].number, m->kept >> k & 1);
			else
				m->kept = (m->kept & ~(UINT32_C(1) << k)) |
					  (m->on & UINT32_C(1) << k);
		}
}

static void
track_kitty(struct modes *m, const struct token *t)
{
	struct kitty_stack *k = &m->kitty[modes_on_alternate(m)];
	const uint8_t flags = (uint8_t)token_param(t, 0, 0);
	unsigned int n;

	switch (t->private) {
	case '>':
		if (k->depth == MODES_KITTY_MAX)
			/* The terminal forgets its oldest entry, too. */
			memmove(k->flags + 1, k->flags + 2, MODES_KITTY_MAX - 1);
		else
			k->depth++;
		k->flags[k->depth] = flags;
		break;
	case '<':
		n = token_param(t, 0, 1);
		if (n >= k->depth)
			memset(k, 0, sizeof(*k));
		else
			k->depth -= n ? n : 1;
		break;
	case '=':
		n = token_param(t, 1, 1);
		if (n == 1)
			k->flags[k->depth] = flags;
		else if (n == 2)
			k->flags[k->depth] |= flags;
		else if (n == 3)
			k->flags[k->depth] &= (uint8_t)~flags;
		break;
	default:
		break;
	}
}

static void
track_modify_keys(struct modes *m, const struct token *t)
{
	const unsigned int which = token_param(t, 0, 0);

	if (!t->count) {
		memset(m->modify_keys, 0, sizeof(m->modify_keys));
		return;
	}
	if (which >= ARRAY_LEN(m->modify_keys))
		return;
	if (t->byte == 'n') /* switched off; not what the terminal came with */
		m->modify_keys[which] = 1;
	else
		m->modify_keys[which] = t->count < 2 ? 0
						     : (uint8_t)(1 + (token_param(t, 1, 0) & 0x7f));
}

static void
track_margins(struct modes *m, const struct token *t)
{
	const bool vertical = t->byte == 'r';
	const unsigned int most = vertical ? m->rows : m->cols;
	unsigned int from = token_param(t, 0, 1), to = token_param(t, 1, 0);

	if (!from)
		from = 1;
	if (!to || to > most)
		to = most;
	if (from >= to)
		return; /* as terminals do */
	if (vertical) {
		m->top = (uint16_t)(from == 1 && to == most ? 0 : from);
		m->bottom = (uint16_t)(to == most ? 0 : to);
	} else {
		m->left = (uint16_t)(from == 1 && to == most ? 0 : from);
		m->right = (uint16_t)(to == most ? 0 : to);
	}
}

/* Pairs that save a title, "CSI 22 t" and "CSI 23 t"; with 1 behind it, the icon's alone. */
static void
track_titles(struct modes *m, const struct token *t)
{
	const unsigned int what = token_param(t, 0, 0);

	if (token_param(t, 1, 0) == 1)
		return;
	if (what == 22 && m->titles < MODES_TITLES_MAX)
		m->titles++;
	else if (what == 23 && m->titles)
		m->titles--;
}

static void
track_csi(struct modes *m, const struct token *t)
{
	if (t->intermediate[0] == '!' && t->byte == 'p' && !t->private)
		modes_soft_reset(m);
	else if (t->intermediate[0] == ' ' && t->byte == 'q' && !t->private)
		m->cursor_shape = (uint8_t)(token_param(t, 0, 0) & 15);
	else if (t->intermediate[0] == '\'' && t->byte == 'z')
		m->locator = token_param(t, 0, 0) != 0;
	if (t->intermediate[0])
		return;
	switch (t->byte) {
	case 'h':
	case 'l':
		track_set(m, t);
		break;
	case 'm':
		if (!t->private)
			style_apply(&m->pen, t);
		else if (t->private == '>')
			track_modify_keys(m, t);
		break;
	case 'n':
		if (t->private == '>')
			track_modify_keys(m, t);
		break;
	case 'r':
		if (!t->private)
			track_margins(m, t);
		else if (t->private == '?')
			track_keep(m, t);
		break;
	case 's':
		if (t->private == '?')
			track_keep(m, t);
		else if (!t->private && modes_has(m, MODE_MARGINS_LR))
			track_margins(m, t);
		else if (!t->private)
			modes_save(m);
		break;
	case 't':
		if (!t->private)
			track_titles(m, t);
		break;
	case 'u':
		if (t->private)
			track_kitty(m, t);
		else
			modes_restore(m);
		break;
	default:
		break;
	}
}

static void
track_esc(struct modes *m, const struct token *t)
{
	if (t->intermediate[0] == '#' && t->byte == '8')
		m->top = m->bottom = m->left = m->right = 0;
	if (charsets_track(&m->charset, t) || t->intermediate[0])
		return;
	switch (t->byte) {
	case '7':
		modes_save(m);
		break;
	case '8':
		modes_restore(m);
		break;
	case '=':
		m->keypad = true;
		break;
	case '>':
		m->keypad = false;
		break;
	case 'c':
		modes_hard_reset(m);
		break;
	default:
		break;
	}
}

/* ---- operating system commands ---- */

static int
hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* XParseColor's "rgb:r/g/b" and "#rgb", 1-4 digits each; anything else is PALETTE_UNKNOWN. */
static uint32_t
colour_parse(const char *p, size_t n)
{
	const bool hash = n && p[0] == '#';
	size_t width[3] = { 0 }, k = 0, i = hash ? 1 : 4;
	unsigned int value[3] = { 0 };

	if (!hash && (n < 9 || memcmp(p, "rgb:", 4) != 0))
		return PALETTE_UNKNOWN;
	if (hash && ((n - 1) % 3 != 0 || n < 4 || n > 13))
		return PALETTE_UNKNOWN;
	for (; i < n; i++) {
		const int digit = hex_digit((unsigned char)p[i]);

		if (!hash && p[i] == '/') {
			if (++k > 2)
				return PALETTE_UNKNOWN;
			continue;
		}
		if (hash)
			k = (i - 1) / ((n - 1) / 3);
		if (digit < 0 || ++width[k] > 4)
			return PALETTE_UNKNOWN;
		value[k] = value[k] * 16 + (unsigned int)digit;
	}
	for (k = 0; k < 3; k++) {
		static const unsigned int most[] = { 0, 15, 255, 4095, 65535 };

		if (!width[k])
			return PALETTE_UNKNOWN;
		/* "rgb:" scales, "#" gives the high bits. */
		value[k] = hash ? value[k] << (16 - 4 * width[k]) >> 8
				: value[k] * 255 / most[width[k]];
	}
	return COLOUR_RGB | value[0] << 16 | value[1] << 8 | value[2];
}

/* The next field up to ';': its length; *rest behind it, NULL after the last. */
static size_t
field(const char *p, const char **rest)
{
	const size_t n = strcspn(p, ";");

	*rest = p[n] ? p + n + 1 : NULL;
	return n;
}

/* Decimal at p; -1 when there is none. */
static int
field_number(const char *p, size_t n)
{
	int value = 0;

	if (!n || n > 4)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return -1;
		value = value * 10 + (p[i] - '0');
	}
	return value;
}

static void
track_palette(struct modes *m, const char *p)
{
	while (p) {
		const char *spec, *next;
		const int index = field_number(p, field(p, &spec));
		size_t n;

		if (!spec)
			return;
		n = field(spec, &next);
		if (n != 1 || spec[0] != '?') {
			m->palette_changed = true;
			if (index >= 0 && index < MODES_PALETTE)
				m->palette[index] = colour_parse(spec, n);
		}
		p = next;
	}
}

static void
track_palette_reset(struct modes *m, const char *p)
{
	if (!p || !*p) {
		memset(m->palette, 0, sizeof(m->palette));
		m->palette_changed = false;
	}
	while (p && *p) {
		const char *next;
		const int index = field_number(p, field(p, &next));

		if (index >= 0 && index < MODES_PALETTE)
			m->palette[index] = 0;
		p = next;
	}
}

/* 10-19: the values belong to this number and those that follow it. */
static void
track_colours(struct modes *m, unsigned int first, const char *p)
{
	for (; p && first < MODES_COLOURS; first++) {
		const char *next;
		const size_t n = field(p, &next);

		if (n && (n != 1 || p[0] != '?'))
			m->colours[first] = colour_parse(p, n);
		p = next;
	}
}

static void
keep_text(char *to, const char *from)
{
	size_t n = strlen(from);

	if (n > MODES_TITLE_MAX) {
		/* Not in the middle of a character. */
		n = MODES_TITLE_MAX;
		while (n && ((unsigned char)from[n] & 0xc0) == 0x80)
			n--;
	}
	memcpy(to, from, n);
	to[n] = '\0';
}

static void
track_osc(struct modes *m, const struct token *t)
{
	const char *p = (const char *)t->text, *rest;
	const int number = field_number(p, field(p, &rest));

	switch (number) {
	case 0:
	case 1:
	case 2:
		m->title_set = true;
		if (number != 1)
			keep_text(m->title, rest ? rest : "");
		if (number != 2)
			keep_text(m->icon, rest ? rest : "");
		break;
	case 4:
		track_palette(m, rest);
		break;
	case 5:
		m->special_changed = m->special_changed || (rest && !strchr(rest, '?'));
		break;
	case 7:
		keep_text(m->cwd, rest ? rest : "");
		break;
	case 8:
		m->link_open = t->kept && t->text[t->kept - 1] != ';';
		break;
	case 104:
		track_palette_reset(m, rest);
		break;
	case 105:
		m->special_changed = false;
		break;
	default:
		if (number >= 10 && number < 10 + MODES_COLOURS)
			track_colours(m, (unsigned int)number - 10, rest);
		else if (number >= 110 && number < 110 + MODES_COLOURS)
			m->colours[number - 110] = 0;
	}
}

/* ---- tokens ---- */

void
modes_track(struct modes *m, const struct token *t)
{
	/*
	 * Only an unfiltered terminal gets to see malformed ones, and what it makes of them is not
	 * known. The model leaves them alone; modes that did not would be those of another screen.
	 * A control inside one is carried out nevertheless, and bears the marks of what it is in.
	 */
	if (t->type != LEX_CONTROL && (t->malformed || t->intermediate[1]))
		return;
	switch (t->type) {
	case LEX_CONTROL:
		(void)charsets_track(&m->charset, t);
		break;
	case LEX_ESC:
		track_esc(m, t);
		break;
	case LEX_CSI:
		track_csi(m, t);
		break;
	case LEX_STRING:
		if (t->string == LEX_OSC) {
			track_osc(m, t);
		} else if (t->string == LEX_TITLE) {
			m->title_set = true;
			keep_text(m->title, (const char *)t->text);
		} else if (t->string == LEX_DCS && t->private == '=' && t->byte == 's') {
			modes_set(m, MODE_SYNCHRONIZED, token_param(t, 0, 0) == 1);
		}
		break;
	default:
		break;
	}
}

bool
modes_sets_title(const struct token *t)
{
	if (t->type != LEX_STRING)
		return false;
	return t->string == LEX_TITLE ||
	       (t->string == LEX_OSC && t->kept >= 1 && t->text[0] >= '0' && t->text[0] <= '2' &&
		(t->kept == 1 || t->text[1] == ';'));
}

void
modes_end_margins(struct modes *m)
{
	m->top = m->bottom = m->left = m->right = 0;
	modes_set(m, MODE_ORIGIN, false);
	modes_set(m, MODE_MARGINS_LR, false);
}

unsigned int
modes_report(const struct modes *m, char private, unsigned int number)
{
	bool on;

	if (private != '?') {
		if (number != 4 && number != 20)
			return 0;
		on = number == 4 ? m->insert : m->newline;
		return on ? 1 : 2;
	}
	if (number == 47 || number == 1047 || number == 1049)
		return m->alternate ? 1 : 2;
	for (unsigned int i = 0; i < MODE_COUNT; i++)
		if (mode_table[i].number == number)
			return modes_has(m, i) ? 1 : 2;
	return 0;
}
