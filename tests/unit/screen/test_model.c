/* What the model holds after real sequences: cells, styles, wide and combining, sizes, history. */
#include "tests/unit/screen/feed.h"

/* The visible rows as text, a line each, without blanks at their ends. */
static void
shown(struct screen *s, struct buf *b)
{
	const struct model *m = s->model;

	CU_ASSERT_FATAL(screen_sync(s) == 0);
	for (unsigned int r = 0; r < m->rows; r++) {
		const struct row *row = m->grid[m->alternate].row[r];
		const unsigned int used = row_used(row, m->cols);

		for (unsigned int c = 0; c < used; c++)
			CU_ASSERT(cell_emit(b, &row->cells[c]) == 0);
		CU_ASSERT(buf_addc(b, '|') == 0);
	}
}

/* Four rows of ten columns. */
static const struct {
	const char *in, *shown;
	unsigned int row, col;
} rows[] = {
	{ "ab\r\ncd", "ab|cd|||", 1, 2 },
	{ "0123456789", "0123456789||||", 0, 9 },
	{ "0123456789x", "0123456789|x|||", 1, 1 },
	{ "0123456789\r\nx", "0123456789|x|||", 1, 1 },
	{ "0123456789\nx", "0123456789|         x|||", 1, 9 },
	{ "\033[4;1H0123456789\nx", "||0123456789|         x|", 3, 9 },
	{ "\033[?7l0123456789xy", "012345678y||||", 0, 9 },
	{ "a\tb\bc", "a       c||||", 0, 9 },
	{ "abcdef\033[4D\033[@\033[2Px", "abxef||||", 0, 3 },
	{ "abc\033[2;3Hx\033[A\033[5Gy\033[3dz", "abc y|  x|     z||", 2, 6 },
	{ "a\r\nb\r\nc\r\nd\033[2;1H\033[L", "a||b|c|", 1, 0 },
	{ "a\r\nb\r\nc\r\nd\033[2;1H\033[M", "a|c|d||", 1, 0 },
	{ "a\r\nb\r\nc\r\nd\r\ne", "b|c|d|e|", 3, 1 },
	{ "a\r\nb\r\nc\r\nd\033[H\033M", "|a|b|c|", 0, 0 },
	{ "a\r\nb\r\nc\r\nd\033[2;3r\033[3;1H\n", "a|c||d|", 2, 0 },
	{ "a\r\nb\r\nc\033[2S", "c||||", 2, 1 },
	{ "a\033[T", "|a|||", 0, 1 },
	{ "abc\033[2;2Hx\0337\033[Hy\0338z", "ybc| xz|||", 1, 3 },
	{ "abc\033[?1049hdef", "   def||||", 0, 6 },
	{ "abc\033[?1049hdef\033[?1049lg", "abcg||||", 0, 4 },
	{ "abc\033[?47hdef\033[?47lg", "abc   g||||", 0, 7 },
	{ "x\033[5b", "xxxxxx||||", 0, 6 },
	{ "x\r\033[5b", "x||||", 0, 0 },
	{ "\xe6\x97\xa5\033[b", "\xe6\x97\xa5\xe6\x97\xa5||||", 0, 4 },
	{ "\033(0lqk\033(B", "\xe2\x94\x8c\xe2\x94\x80\xe2\x94\x90||||", 0, 3 },
	{ "\033)0\016q\017q", "\xe2\x94\x80q||||", 0, 2 },
	{ "\033*0\033Nqq", "\xe2\x94\x80q||||", 0, 2 },
	{ "e\xcc\x81x", "e\xcc\x81x||||", 0, 2 },
	{ "012345678e\xcc\x81x", "012345678e\xcc\x81|x|||", 1, 1 },
	{ "\xcc\x81x", "x||||", 0, 1 },
	{ "012345678\xe6\x97\xa5", "012345678|\xe6\x97\xa5|||", 1, 2 },
	{ "\xe6\x97\xa5\xe6\x9c\xac\033[2Gx", " x\xe6\x9c\xac||||", 0, 2 },
	{ "\xe6\x97\xa5\xe6\x9c\xac\033[3Gx", "\xe6\x97\xa5x||||", 0, 3 },
	{ "\xff\xc3|", "\xef\xbf\xbd\xef\xbf\xbd|||||", 0, 3 },
	{ "abc\033[1K", "||||", 0, 3 },
	{ "abc\033[1\"qdef\033[0\"q\033[?2J", "   def||||", 0, 6 },
	{ "abc\033#8", "EEEEEEEEEE|EEEEEEEEEE|EEEEEEEEEE|EEEEEEEEEE|", 0, 0 },
	{ "ab\033[4h\033[Gxy\033[4l", "xyab||||", 0, 2 },
	{ "ab\033c", "||||", 0, 0 },
	/* Numbers that libvterm 0.1.4 would take outside its arrays. */
	{ "a\033[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18;19;20;21;22;23;24Hb", "ab||||", 0,
	  2 },
	{ "\033[99999999999C\033[2147483648Bx", "|||         x|", 3, 9 },
	{ "\033[2147483647@\033[2147483647Px\033[99999S", "||||", 0, 1 },
	{ "\033[5b\xcc\x81\033[9999b", "||||", 0, 0 },
	{ "\033#6\033#3abc", "abc||||", 0, 3 },
};

static void
test_cells(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct screen *s = screen_of(4, 10, rows[i].in);
		struct buf b = BUF_INIT;
		unsigned int row, col;

		shown(s, &b);
		CU_ASSERT(screen_cursor(s, &row, &col) == 0);
		CU_ASSERT_STRING_EQUAL(buf_str(&b), rows[i].shown);
		CU_ASSERT(row == rows[i].row && col == rows[i].col);
		if (strcmp(buf_str(&b), rows[i].shown) != 0 || row != rows[i].row ||
		    col != rows[i].col)
			printf("# row %zu: %s %u,%u\n", i, buf_str(&b), row, col);
		buf_clear(&b);
		screen_free(s);
	}
}

static const struct {
	const char *in;
	struct style style;
} styles[] = {
	{ "\033[1;2;3;5;7;8;9;53m",
	  { .attr = STYLE_BOLD | STYLE_FAINT | STYLE_ITALIC | STYLE_BLINK | STYLE_REVERSE |
		    STYLE_HIDDEN | STYLE_STRIKE | STYLE_OVERLINE } },
	{ "\033[1;2;3;5;7;8;9;53m\033[22;23;25;27;28;29;55m", { .attr = 0 } },
	{ "\033[31;42m", { .fg = COLOUR_INDEX | 1, .bg = COLOUR_INDEX | 2 } },
	{ "\033[91;102m", { .fg = COLOUR_INDEX | 9, .bg = COLOUR_INDEX | 10 } },
	{ "\033[38;5;200;48;5;7m", { .fg = COLOUR_INDEX | 200, .bg = COLOUR_INDEX | 7 } },
	{ "\033[38;2;1;2;3;48;2;4;5;6m",
	  { .fg = COLOUR_RGB | 0x010203, .bg = COLOUR_RGB | 0x040506 } },
	{ "\033[38:2::1:2:3;48:5:9m", { .fg = COLOUR_RGB | 0x010203, .bg = COLOUR_INDEX | 9 } },
	{ "\033[38:2:1:2:3m", { .fg = COLOUR_RGB | 0x010203 } },
	{ "\033[4m", { .attr = 1 << STYLE_UNDERLINE_SHIFT } },
	{ "\033[21m", { .attr = 2 << STYLE_UNDERLINE_SHIFT } },
	{ "\033[4:3;58:2::9:8:7m",
	  { .ul = COLOUR_RGB | 0x090807, .attr = 3 << STYLE_UNDERLINE_SHIFT } },
	{ "\033[4;58;5;3m", { .ul = COLOUR_INDEX | 3, .attr = 1 << STYLE_UNDERLINE_SHIFT } },
	{ "\033[4:3m\033[4:0m", { .attr = 0 } },
	{ "\033[31;42m\033[39;49m", { .attr = 0 } },
	{ "\033[1;31m\033[m", { .attr = 0 } },
	{ "\033[31;0;1m", { .attr = STYLE_BOLD } },
	{ "\033[38;5m", { .attr = 0 } },
	{ "\033[38;2;1;2m", { .attr = 0 } },
	{ "\033[38;5;1;1m", { .fg = COLOUR_INDEX | 1, .attr = STYLE_BOLD } },
	{ "\033[1;38;9;4m", { .attr = STYLE_BOLD | 1 << STYLE_UNDERLINE_SHIFT } },
	{ "\033[>4;2m\033[?1m", { .attr = 0 } },
};

static void
test_styles(void)
{
	for (size_t i = 0; i < ARRAY_LEN(styles); i++) {
		struct screen *s = screen_of(4, 10, styles[i].in), *t;
		struct buf b = BUF_INIT;

		tell(s, "x");
		CU_ASSERT(screen_sync(s) == 0);
		CU_ASSERT(style_equal(&s->model->grid[0].row[0]->cells[0].style, &styles[i].style));
		CU_ASSERT(style_equal(&s->modes.pen, &styles[i].style));
		if (!style_equal(&s->modes.pen, &styles[i].style))
			printf("# row %zu\n", i);
		/* And back to the same by what style_emit() says. */
		CU_ASSERT(style_emit(&b, &styles[i].style) == 0);
		t = screen_of(4, 10, b.p);
		CU_ASSERT(style_equal(&t->modes.pen, &styles[i].style));
		buf_clear(&b);
		screen_free(s);
		screen_free(t);
	}
}

static void
test_resize(void)
{
	static const struct {
		const char *in;
		unsigned int rows, cols;
		const char *shown;
		size_t history;
	} v[] = {
		{ "a\r\nb\r\nc\r\nd", 2, 10, "c|d|", 2 },
		{ "a\r\nb", 2, 10, "a|b|", 0 },
		{ "a\r\nb\r\nc\r\nd\033[H", 2, 10, "a|b|", 0 },
		{ "a\r\nb\r\nc\r\nd\r\ne", 6, 10, "a|b|c|d|e||", 0 },
		{ "0123456789", 4, 5, "01234||||", 0 },
		{ "0123\xe6\x97\xa5", 4, 5, "0123||||", 0 },
		{ "ab", 4, 20, "ab||||", 0 },
		{ "\033[?1049h\033[Ha\r\nb\r\nc\r\nd", 2, 10, "a|b|", 0 },
		{ "abc", 0, 10, "abc||||", 0 },
		{ "abc", 4, 0, "abc||||", 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		struct screen *s = screen_of(4, 10, v[i].in);
		struct buf b = BUF_INIT;

		CU_ASSERT(screen_resize(s, v[i].rows, v[i].cols) == 0);
		shown(s, &b);
		CU_ASSERT_STRING_EQUAL(buf_str(&b), v[i].shown);
		if (strcmp(buf_str(&b), v[i].shown) != 0)
			printf("# row %zu: %s\n", i, buf_str(&b));
		CU_ASSERT(s->model->history.count == v[i].history);
		buf_clear(&b);
		screen_free(s);
	}
}

/* The cursor saved outside the new screen: where libvterm 0.1.4 writes beside its arrays. */
static void
test_resize_saved(void)
{
	struct screen *s = screen_of(40, 100,
				     "\033[40;100H\0337\033[30;40r\033[?69h\033[50;90s"
				     "\033[35;80Hz");
	struct buf b = BUF_INIT;

	CU_ASSERT(screen_resize(s, 3, 5) == 0);
	/* Nor is the character put last where it was. */
	tell(s, "\033[5b\0338x\r\ny\033[L\033[M");
	shown(s, &b);
	CU_ASSERT(s->model->rows == 3 && s->model->cols == 5);
	CU_ASSERT(screen_resize(s, 5000, 5000) == 0);
	CU_ASSERT(s->model->rows == SCREEN_SIDE_MAX && s->model->cols == SCREEN_SIDE_MAX);
	tell(s, "\033[999;999Hx");
	CU_ASSERT(screen_sync(s) == 0);
	buf_clear(&b);
	screen_free(s);
}

static void
test_history_rows(void)
{
	struct screen *s = screen_of(4, 10, "");
	struct buf b = BUF_INIT;

	for (unsigned int i = 0; i < SCREEN_HISTORY_ROWS + 3; i++)
		CU_ASSERT_FATAL(buf_addf(&b, "%u\r\n", i) == 0);
	tell(s, b.p);
	CU_ASSERT(screen_sync(s) == 0);
	CU_ASSERT(s->model->history.count == SCREEN_HISTORY_ROWS);
	tell(s, "x\r\n");
	CU_ASSERT(screen_sync(s) == 0);
	CU_ASSERT(s->model->history.count == SCREEN_HISTORY_ROWS);
	buf_reset(&b);
	CU_ASSERT(packed_emit(&b, history_at(&s->model->history, 0), false) == 0);
	/* 10004 lines and the empty one; four are on the screen, the oldest is gone. */
	CU_ASSERT_STRING_EQUAL(buf_str(&b), "1");
	tell(s, "\033[3J");
	CU_ASSERT(screen_sync(s) == 0);
	CU_ASSERT(s->model->history.count == 0 && s->model->history.bytes == 0);
	buf_clear(&b);
	screen_free(s);
}

static void
test_history_limit(void)
{
	static const unsigned int limits[] = { 0, 1, 7, SCREEN_HISTORY_ROWS + 1 };

	for (size_t k = 0; k < ARRAY_LEN(limits); k++) {
		struct screen *s = screen_new(4, 10, SCREEN_FILTER_STANDARD);
		struct buf b = BUF_INIT;
		size_t want = limits[k] > SCREEN_HISTORY_ROWS ? SCREEN_HISTORY_ROWS : limits[k];

		CU_ASSERT_PTR_NOT_NULL_FATAL(s);
		screen_limit_history(s, limits[k]);
		for (unsigned int i = 0; i < SCREEN_HISTORY_ROWS + 10; i++)
			CU_ASSERT_FATAL(buf_addf(&b, "%u\r\n", i) == 0);
		tell(s, b.p);
		CU_ASSERT(screen_sync(s) == 0);
		CU_ASSERT(s->model->history.count == want);
		buf_reset(&b);
		CU_ASSERT(screen_dump(s, &b) == 0);
		CU_ASSERT_PTR_NOT_NULL(strstr(buf_str(&b), "10009\n"));
		CU_ASSERT(screen_resize(s, 2, 10) == 0 && screen_resize(s, 9, 10) == 0);
		buf_clear(&b);
		screen_free(s);
	}
}

/* Every cell in a style of its own: the bytes are the limit, not the rows. */
static void
test_history_bytes(void)
{
	struct screen *s = screen_of(10, 500, "");
	struct buf line = BUF_INIT;

	for (unsigned int c = 0; c < 500; c++)
		CU_ASSERT_FATAL(
			buf_addf(&line, "\033[38;2;1;%u;%um\xe6\x97\xa5", c >> 8, c & 255) == 0);
	for (unsigned int r = 0; r < 4000; r++)
		tell(s, line.p);
	CU_ASSERT(screen_sync(s) == 0);
	CU_ASSERT(s->model->history.bytes <= SCREEN_HISTORY_BYTES);
	CU_ASSERT(s->model->history.bytes > SCREEN_HISTORY_BYTES / 10 * 9);
	CU_ASSERT(s->model->history.count < SCREEN_HISTORY_ROWS);
	buf_clear(&line);
	screen_free(s);
}

static void
test_zalgo(void)
{
	struct screen *s = screen_of(4, 10, "a");

	for (unsigned int i = 0; i < 100000; i++)
		tell(s, "\xcc\x81");
	tell(s, "b");
	CU_ASSERT(screen_sync(s) == 0);
	CU_ASSERT(s->model->grid[0].row[0]->cells[0].ch[CELL_CHARS - 1] == 0x301);
	CU_ASSERT(s->model->grid[0].row[0]->cells[1].ch[0] == 'b');
	screen_free(s);
}

static void
test_links(void)
{
	struct screen *s = screen_of(4, 10, "\033]8;id=a;http://x/\033\\ab\033]8;;\033\\c");
	const struct cell *c;

	CU_ASSERT(screen_sync(s) == 0);
	c = s->model->grid[0].row[0]->cells;
	CU_ASSERT_STRING_EQUAL(link_text(s->model, c[0].style.link), "id=a;http://x/");
	CU_ASSERT(c[1].style.link == c[0].style.link && c[2].style.link == 0);
	/* More than there are numbers for: those off the screen are forgotten. */
	for (unsigned int i = 0; i < 3 * LINKS_MAX; i++) {
		char text[64];

		(void)snprintf(text, sizeof(text), "\r\033]8;;http://x/%u\033\\y", i);
		tell(s, text);
	}
	CU_ASSERT(screen_sync(s) == 0);
	c = s->model->grid[0].row[0]->cells;
	CU_ASSERT_STRING_EQUAL(link_text(s->model, c[0].style.link), ";http://x/3071");
	CU_ASSERT_STRING_EQUAL(link_text(s->model, c[1].style.link), "id=a;http://x/");
	screen_free(s);
}

static void
test_dump(void)
{
	struct screen *s = screen_of(4, 10, "");
	struct buf b = BUF_INIT;

	tell(s, "\033[1mEPERM: operation not permitted\033[m\r\na\r\nb\r\n\033[?1049h\033[Hfull");
	CU_ASSERT(screen_dump(s, &b) == 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&b), "EPERM: operation not permitted\na\nb\nfull\n");
	screen_free(s);
	buf_reset(&b);
	s = screen_of(4, 500, "");
	for (unsigned int i = 0; i < SCREEN_HISTORY_ROWS; i++) {
		char line[512];

		(void)snprintf(line, sizeof(line), "%0400u\r\n", i);
		tell(s, line);
	}
	CU_ASSERT(screen_dump(s, &b) == 0);
	CU_ASSERT(b.n <= SCREEN_DUMP_MAX && b.n > SCREEN_DUMP_MAX - 402);
	CU_ASSERT(strncmp(b.p, "0000", 4) == 0 && strcmp(b.p + b.n - 5, "9999\n") == 0);
	buf_clear(&b);
	screen_free(s);
}

int
main(void)
{
	const struct unit_test tests[] = {
		{ "cells and cursor", test_cells },
		{ "colours and attributes", test_styles },
		{ "sizes", test_resize },
		{ "a cursor saved outside the new screen", test_resize_saved },
		{ "10000 rows of history", test_history_rows },
		{ "fewer rows of history", test_history_limit },
		{ "the bytes of a history", test_history_bytes },
		{ "combining characters without end", test_zalgo },
		{ "links are numbered anew", test_links },
		{ "the dump", test_dump },
	};

	return unit_run("screen-model", tests, UNIT_COUNT(tests));
}
