/* The lexer: every row gives the same tokens wherever it is cut. */
#include "tests/unit/screen/feed.h"

/* Tokens as text: T(ext length), B(roken), C(ontrol), 1 (C1), E, [ (CSI), S(tring), A(bort). */
static void
describe(struct buf *d, const struct token *t)
{
	int r = 0;

	switch (t->type) {
	case LEX_CONTROL:
		r = buf_addf(d, "C%02x%s ", t->byte, t->inside ? "i" : "");
		break;
	case LEX_C1:
		r = buf_addf(d, "1%02x ", t->byte);
		break;
	case LEX_ESC:
		r = buf_addf(d, "E%s%c ", (const char[]){ (char)t->intermediate[0], '\0' },
			     t->byte);
		break;
	case LEX_CSI:
		r = buf_adds(d, "[");
		if (r == 0 && t->private)
			r = buf_addc(d, (char)t->private);
		for (unsigned int i = 0; i < t->count && r == 0; i++)
			r = buf_addf(d, "%s%d", i ? (t->sub >> i & 1 ? ":" : ";") : "",
				     t->given >> i & 1 ? (int)t->param[i] : -1);
		if (r == 0)
			r = buf_addf(d, "%s%c%s ", (const char[]){ (char)t->intermediate[0], '\0' },
				     t->byte, t->malformed ? "!" : "");
		break;
	case LEX_DCS_HEAD:
		r = buf_addf(d, "D%c ", t->byte);
		break;
	case LEX_STRING:
		r = buf_addf(d, "S%d:%zu:%.20s:%d%s ", (int)t->string, t->bytes,
			     (const char *)t->text, (int)t->end, t->malformed ? "!" : "");
		break;
	case LEX_ABORT:
		r = buf_adds(d, "A ");
		break;
	default:
		break;
	}
	CU_ASSERT(r == 0);
}

/* Text in a row is one: how much of it a token has depends on the cut. */
static void
lex_all(struct lex *l, const unsigned char *p, size_t n, struct buf *d, size_t *text)
{
	for (size_t i = 0; i < n;) {
		const bool pending = l->state == LEX_IN_UTF8;
		const unsigned int before = pending ? l->utf8_n : 0;
		const size_t k = lex_next(l, p + i, n - i);

		i += k;
		if (l->t.type == LEX_TEXT) {
			*text += k + before;
			continue;
		}
		if (l->t.type == LEX_MORE)
			continue;
		if (*text)
			CU_ASSERT(buf_addf(d, "T%zu ", *text) == 0);
		*text = 0;
		if (l->t.type == LEX_BROKEN) {
			CU_ASSERT(buf_addf(d, "B%zu ", before + k) == 0);
		} else {
			describe(d, &l->t);
		}
	}
}

static const struct {
	struct buf in;
	const char *tokens;
	bool plain_c1;
} rows[] = {
	{ TEXT("abc\r\n\tx\b"), "T8 ", false },
	{ TEXT("\0a\a\x7f"), "C00 T1 C07 C7f ", false },
	{ TEXT("\xc3\xa4\xe6\x97\xa5\xf0\x9f\x91\x8d"), "T9 ", false },
	{ TEXT("a\xff\xc3(\xe6\x97x"), "T1 B1 B1 T1 B2 T1 ", false },
	{ TEXT("\xed\xa0\x80|"), "B1 B1 180 T1 ", false }, /* a surrogate: 0x80 is a C1 then */
	{ TEXT("\xf4\x90\x80|"), "B1 A 180 T1 ", false },
	{ TEXT("\033[m\033[1;31m"), "[m [1;31m ", false },
	{ TEXT("\033[;5H\033[4:3m\033[38:2::1:2:3m"), "[-1;5H [4:3m [38:2:-1:1:2:3m ", false },
	{ TEXT("\033[?1049h\033[>4;2m\033[!p\033[2 q"), "[?1049h [>4;2m [!p [2 q ", false },
	{ TEXT("\033[3?h\033[1 2q\033[1??h"), "[3h! [1 q! [1h! ", false },
	{ TEXT("\033[99999999999A"), "[65535A ", false },
	{ TEXT("\033(B\0337\033#8\033 F"), "E(B E7 E#8 E F ", false },
	{ TEXT("\033[3\r1m\033\nc"), "C0di [31m C0ai Ec ", false },
	{ TEXT("\033[31\033[32m"), "A [32m ", false },
	{ TEXT("\033[31\030m\033]0;x\032y"), "A C18 T1 A C1a T1 ", false },
	{ TEXT("\033[3\xc3\xa4"), "A T2 ", false },
	{ TEXT("\033]0;title\a\033]2;t\033\\"), "S1:7:0;title:1 S1:3:2;t:0 ", false },
	{ TEXT("\033]0;a\x9c"
	       "b\033]0;a\xc2\x9c"
	       "b"),
	  "S1:3:0;a:2 T1 S1:3:0;a:3 T1 ", false },
	{ TEXT("\033]0;\xe2\x9c\x93\a"), "S1:5:0;\xe2\x9c\x93:1 ",
	  false }, /* 0x9c in a character */
	{ TEXT("\033]0;a\nb\a\033]0;\xff\a\033]0;\xc2\x90\a"),
	  "S1:4:0;ab:1! S1:3:0;\xff:1! S1:4:0;\xc2\x90:1! ", false },
	{ TEXT("\033]0;t\033[1m"), "A [1m ", false },
	{ TEXT("\033Pq#0~\033\\\033P1;2|x\033\\"), "Dq S2:3:#0~:0 D| S2:1:x:0 ", false },
	{ TEXT("\033_Gx\033\\\033^p\033\\\033Xs\033\\\033kt\033\\"),
	  "S3:2:Gx:0 S4:1:p:0 S5:1:s:0 S6:1:t:0 ", false },
	{ TEXT("\033_a\ab\033\\"), "S3:2:ab:0! ", false }, /* BEL ends an OSC only */
	{ TEXT("\x9b"
	       "31m\xc2\x9b"
	       "1m\x9d"
	       "0;t\a\x84"),
	  "[31m [1m S1:3:0;t:1 184 ", false },
	{ TEXT("\x9b"
	       "31m\xc2\x9b"
	       "1m\x9d"
	       "0;t\a"),
	  "19b T3 19b T2 19d T3 C07 ", true },
	{ TEXT("\x9d"
	       "0;t\nx"),
	  "A T2 ", false },
	{ TEXT("\033]P1234567x\033]Ry"), "S1:8:P1234567:1! T1 S1:1:R:1! T1 ", false },
};

static void
test_tokens(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t at = 0; at <= rows[i].in.n; at++) {
			const unsigned char *p = (const unsigned char *)rows[i].in.p;
			struct buf d = BUF_INIT;
			struct lex l;
			size_t text = 0;

			lex_init(&l, rows[i].plain_c1);
			lex_all(&l, p, at, &d, &text);
			lex_all(&l, p + at, rows[i].in.n - at, &d, &text);
			if (text)
				CU_ASSERT(buf_addf(&d, "T%zu ", text) == 0);
			CU_ASSERT_STRING_EQUAL(buf_str(&d), rows[i].tokens);
			if (strcmp(buf_str(&d), rows[i].tokens) != 0)
				printf("# row %zu at %zu: %s\n", i, at, buf_str(&d));
			buf_clear(&d);
		}
}

static void
lex_string(struct lex *l, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t n = strlen(text);

	for (size_t i = 0; i < n;)
		i += lex_next(l, p + i, n - i);
}

static void
test_parameter_limit(void)
{
	struct buf b = BUF_INIT;
	struct lex l;

	for (unsigned int n = LEX_PARAMS_MAX; n <= LEX_PARAMS_MAX + 1; n++) {
		buf_reset(&b);
		CU_ASSERT(buf_adds(&b, "\033[1") == 0);
		for (unsigned int i = 1; i < n; i++)
			CU_ASSERT(buf_addf(&b, ";%u", i) == 0);
		CU_ASSERT(buf_adds(&b, "m") == 0);
		lex_init(&l, false);
		lex_string(&l, b.p);
		CU_ASSERT(l.t.type == LEX_CSI);
		CU_ASSERT(l.t.count == LEX_PARAMS_MAX);
		CU_ASSERT(l.t.malformed == (n > LEX_PARAMS_MAX));
	}
	buf_clear(&b);
}

static void
test_string_limit(void)
{
	struct buf b = BUF_INIT;
	struct lex l;

	for (size_t n = LEX_TEXT_MAX; n <= LEX_TEXT_MAX + 1; n++) {
		buf_reset(&b);
		CU_ASSERT(buf_adds(&b, "\033]") == 0);
		for (size_t i = 0; i < n; i++)
			CU_ASSERT(buf_addc(&b, 'x') == 0);
		CU_ASSERT(buf_adds(&b, "\a") == 0);
		lex_init(&l, false);
		lex_string(&l, b.p);
		CU_ASSERT(l.t.type == LEX_STRING);
		CU_ASSERT(l.t.kept == LEX_TEXT_MAX);
		CU_ASSERT(l.t.bytes == n);
	}
	buf_clear(&b);
}

static void
test_scan(void)
{
	unsigned char b[200];

	/* Each byte value at each place of a longer run. */
	for (unsigned int at = 0; at < 70; at++)
		for (unsigned int c = 0; c < 256; c++) {
			const bool plain = (c >= 0x20 && c < 0x7f) || (c >= 8 && c <= 10) ||
					   c == 13;

			memset(b, 'a', sizeof(b));
			b[at] = (unsigned char)c;
			CU_ASSERT(scan_plain(b, 70) == (plain ? 70 : at));
		}
	for (unsigned int at = 1; at < 70; at++) {
		struct scan_lines s = { .pure = true };

		memset(b, 'a', sizeof(b));
		b[at - 1] = '\r';
		b[at] = '\n';
		scan_lines(&s, b, 70);
		CU_ASSERT(s.lines == 1 && s.pure);
		b[at - 1] = 'a';
		s = (struct scan_lines){ .pure = true };
		scan_lines(&s, b, 70);
		CU_ASSERT(s.lines == 1 && !s.pure);
		b[at] = '\t';
		s = (struct scan_lines){ .pure = true };
		scan_lines(&s, b, 70);
		CU_ASSERT(s.lines == 0 && !s.pure);
	}
}

int
main(void)
{
	const struct unit_test tests[] = {
		{ "tokens, cut everywhere", test_tokens },
		{ "64 parameters", test_parameter_limit },
		{ "4096 bytes of a string are kept", test_string_limit },
		{ "runs of plain text", test_scan },
	};

	return unit_run("screen-lex", tests, UNIT_COUNT(tests));
}
