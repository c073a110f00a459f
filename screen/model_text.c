/*
 * Text into the model: what the terminal does with characters, and BS, HT, LF, CR among them. Most
 * of it goes past libvterm, which is only told where the cursor is.
 */
#include "screen/internal.h"

static uint32_t
decode(const unsigned char *p, size_t n)
{
	uint32_t c = n == 1 ? p[0] : p[0] & (0x3fu >> (n - 1));

	for (size_t i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3f);
	return c;
}

/*
 * Does the character join the one before it? Most are told by their lead byte: nothing below
 * U+0300 joins, nor do the ideographs.
 */
static bool
combines(struct model *m, const unsigned char *p, size_t n)
{
	if (p[0] < 0xcc || (p[0] >= 0xe4 && p[0] <= 0xe9))
		return false;
	return vterm_combines(m, p, n);
}

/*
 * A run of characters that are not ASCII. As in xterm, a combining character joins the cell left
 * of the cursor; libvterm would join it to what was written last, wherever that has gone, and not
 * at all in the last column. It sees one only behind its base.
 */
static void
feed_high(struct model *m, const unsigned char *p, size_t n)
{
	/* With their base no more than the 16 that libvterm has room for. */
	enum { GROUP = 8 };

	for (size_t i = 0; i < n;) {
		const size_t one = char_bytes(p[i]);
		size_t k = i;

		if (combines(m, p + i, one)) {
			put_combining(m, decode(p + i, one));
			i += one;
			continue;
		}
		for (unsigned int chars = 0; chars < GROUP && k < n; chars++)
			k += char_bytes(p[k]);
		vterm_write(m, p + i, k - i);
		i = k;
	}
}

/* At the bottom, a line feed behind the last column leaves libvterm behind the last column. */
void
model_end_phantom(struct model *m)
{
	unsigned int row, col;

	model_cursor(m, &row, &col);
	model_move_to(m, row, col);
}

void
model_start_line(struct model *m)
{
	unsigned int row, col;

	model_cursor(m, &row, &col);
	if (col)
		model_text(m, (const unsigned char *)"\r\n", 2);
}

/*
 * Most text is a run of printable ASCII that stays within its row. Such a run is put without
 * libvterm, which is then told where the cursor is; the last column is always left to it. The
 * number of bytes put, or 0 and in *leave how many libvterm shall get.
 */
static size_t
feed_direct(struct model *m, const unsigned char *p, size_t n, size_t *leave)
{
	enum { WORTH_IT = 8 }; /* shorter runs cost less than telling */
	unsigned int row, col;

	*leave = n;
	if (m->insert || m->margins_lr || m->shifted || m->charset.gl || m->charset.g[0] != 'B')
		return 0;
	vterm_cursor(m, &row, &col);
	if (m->phantom || col + 1 == m->cols) {
		*leave = 1;
		return 0;
	}
	if (n > m->cols - 1 - col)
		n = m->cols - 1 - col;
	*leave = n;
	if (n < WORTH_IT)
		return 0;
	put_ascii(m, row, col, p, (unsigned int)n);
	vterm_column(m, col + (unsigned int)n);
	return n;
}

/* Controls, BS to CR. */
static void
feed_controls(struct model *m, const unsigned char *p, size_t n)
{
	size_t from = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] != '\n' || !m->phantom || (i > from && p[i - 1] == '\r'))
			continue;
		vterm_write(m, p + from, i - from);
		from = i;
		if (m->phantom)
			model_end_phantom(m);
	}
	vterm_write(m, p + from, n - from);
	/* As in xterm, REP is for a character that stands directly before it. */
	m->repeatable = false;
}

static void
feed_low(struct model *m, const unsigned char *p, size_t n)
{
	while (n) {
		size_t k = 0, leave = 0;

		if (p[0] < 0x20) {
			while (k < n && k < VTERM_WRITE_MAX && p[k] < 0x20)
				k++;
			feed_controls(m, p, k);
		} else {
			while (k < n && k < VTERM_WRITE_MAX && p[k] >= 0x20)
				k++;
			k = feed_direct(m, p, k, &leave);
			if (!k) {
				vterm_write(m, p, leave);
				k = leave;
			}
		}
		p += k;
		n -= k;
	}
}

void
model_text(struct model *m, const unsigned char *p, size_t n)
{
	while (n) {
		size_t k = scan_plain(p, n);

		if (k)
			feed_low(m, p, k);
		p += k;
		n -= k;
		for (k = 0; k < n && p[k] >= 0x80;)
			k += char_bytes(p[k]);
		if (k)
			feed_high(m, p, k);
		p += k;
		n -= k;
	}
}
