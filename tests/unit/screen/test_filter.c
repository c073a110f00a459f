/*
 * The output filter, row by row of spec 04 section 6.9: what passes comes out byte for byte, what
 * is dropped leaves no byte, wherever the input is cut. Each dropped row has a neighbour that
 * passes.
 */
#include "tests/unit/screen/feed.h"

enum { PASS, DROP };

struct sequence {
	struct buf in;
	int standard, strict;
};

static const struct sequence rows[] = {
	/* clipboard */
	{ TEXT("\033]52;c;?\a"), DROP, DROP },
	{ TEXT("\033]52;c;?\033\\"), DROP, DROP },
	{ TEXT("\033]52;;?\a"), DROP, DROP },
	{ TEXT("\033]52;c;x?\a"), DROP, DROP },
	{ TEXT("\033]52;c;aGVsbG8=\a"), PASS, DROP },
	{ TEXT("\033]52;p;aGVsbG8=\033\\"), PASS, DROP },
	{ TEXT("\033]052;c;?\a"), DROP, DROP },
	{ TEXT("\033]5522;type=read\033\\"), DROP, DROP },
	/* reading the screen back, macros, keys, printing, other windows */
	{ TEXT("\033[1;1;1;1;2;2*y"), DROP, DROP },
	{ TEXT("\033[1*z"), DROP, DROP },
	{ TEXT("\033[2*x"), PASS, PASS },
	{ TEXT("\033P0;0;0!z414243\033\\"), DROP, DROP },
	{ TEXT("\033P1;1|17/4142\033\\"), DROP, DROP },
	{ TEXT("\033P|17/4142\033\\"), DROP, DROP },
	/* the answerback: not to be set, so what ENQ asks for is the user's own */
	{ TEXT("\033P1v726d202d72660a\033\\"), DROP, DROP },
	{ TEXT("\033Pvreboot\033\\"), DROP, DROP },
	{ TEXT("\005"), PASS, PASS },
	{ TEXT("\033P$q\"p\033\\"), PASS, PASS },
	{ TEXT("\033P$qm\033\\"), PASS, PASS },
	{ TEXT("\033P$q q\033\\"), PASS, PASS },
	{ TEXT("\033P$qrm -rf\033\\"), DROP, DROP },
	{ TEXT("\033P$qm\n\033\\"), DROP, DROP },
	{ TEXT("\033P$q\rreboot\r\033\\"), DROP, DROP },
	{ TEXT("\033P$q\033\\"), DROP, DROP },
	{ TEXT("\033P1$qm\033\\"), DROP, DROP },
	{ TEXT("\033P1$tx\033\\"), DROP, DROP },
	{ TEXT("\033P+q544e;436f\033\\"), PASS, PASS },
	{ TEXT("\033P+qzz\033\\"), DROP, DROP },
	{ TEXT("\033Pzz\033\\"), PASS, PASS },
	{ TEXT("\033Pzzz\033\\"), DROP, DROP },
	{ TEXT("\033[i"), DROP, DROP },
	{ TEXT("\033[5i"), DROP, DROP },
	{ TEXT("\033[?5i"), DROP, DROP },
	{ TEXT("\033[0i"), DROP, DROP },
	{ TEXT("\033[?4i"), DROP, DROP },
	{ TEXT("\033]50;font\a"), DROP, DROP },
	{ TEXT("\033]50;?\a"), DROP, DROP },
	{ TEXT("\033]46;/tmp/log\a"), DROP, DROP },
	{ TEXT("\033]3;PROP=x\a"), DROP, DROP },
	{ TEXT("\033]1337;File=inline=1:AAAA\a"), DROP, DROP },
	{ TEXT("\033]1337;Copy=:AAAA\a"), DROP, DROP },
	{ TEXT("\033]1337;CurrentDir=/x\a"), PASS, PASS },
	{ TEXT("\033]5113;ac=send\033\\"), DROP, DROP },
	{ TEXT("\033_Ga=T,t=f;L2V0Yw==\033\\"), DROP, DROP },
	{ TEXT("\033_Ga=T,t=t,f=100;L2V0Yw==\033\\"), DROP, DROP },
	{ TEXT("\033_Gt=s;L2V0Yw==\033\\"), DROP, DROP },
	{ TEXT("\033_Ga=q,i=1,t=s;L2V0Yw==\033\\"), DROP, DROP },
	{ TEXT("\033_Gt=d,t=f;L2V0Yw==\033\\"), DROP, DROP },
	{ TEXT("\033_Gf=24,t=d;AAAA\033\\"), PASS, DROP },
	{ TEXT("\033_Gf=24,s=1,v=1;AAAA\033\\"), PASS, DROP },
	{ TEXT("\033_Gm=1;AAAA\033\\"), PASS, DROP },
	{ TEXT("\033_other\033\\"), DROP, DROP },
	{ TEXT("\033[14t"), PASS, PASS },
	{ TEXT("\033[16t"), PASS, PASS },
	{ TEXT("\033[18t"), PASS, PASS },
	{ TEXT("\033[22;0t"), PASS, PASS },
	{ TEXT("\033[23;0t"), PASS, PASS },
	{ TEXT("\033[1t"), DROP, DROP },
	{ TEXT("\033[3;0;0t"), DROP, DROP },
	{ TEXT("\033[8;50;100t"), DROP, DROP },
	{ TEXT("\033[11t"), DROP, DROP },
	{ TEXT("\033[50t"), DROP, DROP },
	/* the title, read back */
	{ TEXT("\033[20t"), DROP, DROP },
	{ TEXT("\033[21t"), DROP, DROP },
	{ TEXT("\033[0021t"), DROP, DROP },
	{ TEXT("\033[4294967317t"), DROP, DROP },
	{ TEXT("\033[21;0t"), DROP, DROP },
	{ TEXT("\033[>2t"), DROP, DROP },
	{ TEXT("\033]0;title\a"), PASS, PASS },
	{ TEXT("\033]2;\xc3\xa4\xe2\x9c\x93\033\\"), PASS, PASS },
	{ TEXT("\033]2;a\nb\a"), DROP, DROP },
	{ TEXT("\033]2;a\xff\a"), DROP, DROP },
	{ TEXT("\033ktitle\033\\"), PASS, PASS },
	/* links */
	{ TEXT("\033]8;;http://example.com/\a"), PASS, DROP },
	{ TEXT("\033]8;id=1;https://example.com/\033\\"), PASS, DROP },
	{ TEXT("\033]8;;mailto:a@b\033\\"), PASS, DROP },
	{ TEXT("\033]8;;file:///etc/motd\033\\"), PASS, DROP },
	{ TEXT("\033]8;;\033\\"), PASS, DROP },
	{ TEXT("\033]8;;file://host/etc/motd\033\\"), DROP, DROP },
	{ TEXT("\033]8;;javascript:x\033\\"), DROP, DROP },
	{ TEXT("\033]8;;ssh://h/\033\\"), DROP, DROP },
	{ TEXT("\033]8;;http://\xc3\xa4/\033\\"), DROP, DROP },
	/* notifications, shape, images */
	{ TEXT("\033]9;done\033\\"), PASS, PASS },
	{ TEXT("\033]9;4;1;50\033\\"), PASS, PASS },
	{ TEXT("\033]9;7;calc\033\\"), DROP, DROP },
	{ TEXT("\033]777;notify;a;b\033\\"), PASS, PASS },
	{ TEXT("\033]777;ext;a\033\\"), DROP, DROP },
	{ TEXT("\033]51;Ax\033\\"), PASS, PASS },
	{ TEXT("\033]51;[\"call\",\"Tapi_x\"]\033\\"), DROP, DROP },
	{ TEXT("\033[4 q"), PASS, PASS },
	{ TEXT("\033P0;1q\"1;1;2;2#0;2;0;0;0~~-\033\\"), PASS, DROP },
	{ TEXT("\033Pq~\r\n~\033\\"), PASS, DROP },
	/* C1 as bytes and in UTF-8 */
	{ TEXT("\x84\x85\x8d"), PASS, DROP },
	{ TEXT("\xc2\x84"), PASS, DROP },
	{ TEXT("\x9b"
	       "31m"),
	  PASS, 2 },
	{ TEXT("\xc0\x9b"), 3, 3 },
	/* ordinary sequences, and those of our own defence */
	{ TEXT("\033[1;31mx\033[m\033[38;2;1;2;3m\033[4:3m"), PASS, PASS },
	{ TEXT("\033[?1049h\033[H\033[2J\033[3J\033[?25l\033[1;24r\033[?1006;1000h"), PASS, PASS },
	{ TEXT("\033[999;999H\033[6n\033[c\033[>c\033[=c\033[>q\033[?u\033[>1u\033[<u"), PASS,
	  PASS },
	{ TEXT("\033(0\033)B\016\017\0337\0338\033D\033M\033H\033c\033=\033>\033#8"), PASS, PASS },
	{ TEXT("\033]4;1;rgb:11/22/33\033\\\033]10;?\033\\\033]104\033\\\033]133;A\033\\"), PASS,
	  PASS },
	{ TEXT("\a\b\t\v\f\005\001\177"), PASS, PASS },
	{ TEXT("\033%G"), PASS, PASS },
	{ TEXT("\033%@"), DROP, DROP },
	{ TEXT("\033 G"), DROP, DROP },
	{ TEXT("\033[?2l"), DROP, DROP },
	{ TEXT("\033[?25;2l"), DROP, DROP },
	{ TEXT("\033[?4294968296h"), DROP, DROP },
	{ TEXT("\033[?38h"), DROP, DROP },
	{ TEXT("\033[?1049r"), DROP, DROP },
	{ TEXT("\033[?2004s\033[?2004r"), PASS, PASS },
	{ TEXT("\033[62\"p"), DROP, DROP },
	{ TEXT("\033[62;1\"p"), PASS, PASS },
	{ TEXT("\033[1$}"), DROP, DROP },
	{ TEXT("\033[2$~"), DROP, DROP },
	{ TEXT("\033[0$~\033[1$}"), DROP, DROP },
	{ TEXT("\033!m"), DROP, DROP },
	{ TEXT("\033^message\033\\"), DROP, DROP },
	{ TEXT("\033Xstring\033\\"), DROP, DROP },
	{ TEXT("\033Ptmux;\033\033]52;c;?\a\033\\"), 4, 4 },
	{ TEXT("\033P@kitty-cmd{}\033\\"), DROP, DROP },
	{ TEXT("\033[12]"), DROP, DROP },
	{ TEXT("\033]P1ff0000\033]R"), DROP, DROP },
	{ TEXT("\033]Itext\a"), DROP, DROP },
};

static struct buf
expected(const struct sequence *row, int verdict)
{
	switch (verdict) {
	case PASS:
		return row->in;
	case 2: /* without the C1 it is text */
		return TEXT("31m");
	case 3: /* what is not UTF-8 stays, the C1 behind it goes */
		return TEXT("\xc0");
	case 4: /* the envelope is void, its clipboard query dropped, and the end means nothing */
		return TEXT("\033\\");
	default:
		return TEXT("");
	}
}

static void
test_table(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CU_ASSERT(comes_out(SCREEN_FILTER_STANDARD, rows[i].in,
				    expected(&rows[i], rows[i].standard)));
		CU_ASSERT(comes_out(SCREEN_FILTER_STRICT, rows[i].in,
				    expected(&rows[i], rows[i].strict)));
		CU_ASSERT(comes_out(SCREEN_FILTER_OFF, rows[i].in, rows[i].in));
	}
}

/* Between other text, nothing around it is lost. */
static void
test_surroundings(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct buf want = expected(&rows[i], rows[i].standard);
		struct buf in = BUF_INIT, out = BUF_INIT, all = BUF_INIT;

		CU_ASSERT(buf_adds(&in, "before") == 0 &&
			  buf_add(&in, rows[i].in.p, rows[i].in.n) == 0 &&
			  buf_adds(&in, "behind") == 0);
		CU_ASSERT(buf_adds(&all, "before") == 0 && buf_add(&all, want.p, want.n) == 0 &&
			  buf_adds(&all, "behind") == 0);
		filtered(SCREEN_FILTER_STANDARD, &in, in.n, &out);
		CU_ASSERT(same_bytes(&out, &all));
		buf_clear(&in);
		buf_clear(&out);
		buf_clear(&all);
	}
}

static const struct {
	struct buf in, out;
} damaged[] = {
	/* C0 inside a sequence is carried out first. */
	{ TEXT("\033[3\r1m"), TEXT("\r\033[31m") },
	/* Void sequences leave nothing; what made them void stays. */
	{ TEXT("\033[31\033[32m"), TEXT("\033[32m") },
	{ TEXT("\033]52;c;?\033[m"), TEXT("\033[m") },
	{ TEXT("\033[31\030x"), TEXT("\030x") },
	{ TEXT("\033]0;a\030x"), TEXT("\030x") },
	{ TEXT("\033[3\xc3\xa4"), TEXT("\xc3\xa4") },
	/* An end in 8 bits becomes one that every terminal knows. */
	{ TEXT("\033]0;t\x9cx"), TEXT("\033]0;t\033\\x") },
	{ TEXT("\033]0;t\xc2\x9cx"), TEXT("\033]0;t\033\\x") },
	/* What a terminal in UTF-8 takes for text stays text. */
	{ TEXT("\x9d"
	       "0;t\nx"),
	  TEXT("0;t\nx") },
	{ TEXT("\x9b"
	       "12\nx"),
	  TEXT("12\nx") },
	{ TEXT("\033kt\nx"), TEXT("t\nx") },
	{ TEXT("\033kt\x9b"
	       "31m\nx"),
	  TEXT("t\x9b"
	       "31m\nx") },
	/* An image that breaks off is ended. */
	{ TEXT("\033Pq~~\033[m"), TEXT("\033Pq~~\033\\\033[m") },
	{ TEXT("\033Pq~\a~\033\\x"), TEXT("\033Pq~\033\\x") },
	{ TEXT("\033Pq~\x9b~\033\\x"), TEXT("\033Pq~\033\\x") },
	{ TEXT("\033Pq~\x9cx"), TEXT("\033Pq~\033\\x") },
	/* A link that is dropped ends the one before it. */
	{ TEXT("\033]8;;http://a/\ax\033]8;;ssh://b/\ay"),
	  TEXT("\033]8;;http://a/\ax\033]8;;\033\\y") },
	/* Latin 1, and characters cut off. */
	{ TEXT("caf\xe9\n"), TEXT("caf\xe9\n") },
	{ TEXT("\xe6\x97\n\xf0\x9f\x91x"), TEXT("\xe6\x97\n\xf0\x9f\x91x") },
};

static void
test_damaged(void)
{
	for (size_t i = 0; i < ARRAY_LEN(damaged); i++) {
		CU_ASSERT(comes_out(SCREEN_FILTER_STANDARD, damaged[i].in, damaged[i].out));
		CU_ASSERT(comes_out(SCREEN_FILTER_STANDARD, damaged[i].out, damaged[i].out));
	}
}

/*
 * Introduced by 8-bit controls, as bytes and in UTF-8; most are ended by one, too. In strict mode they are no
 * controls, and what stands between them is text there and for the terminal.
 */
static const struct {
	const char
		*bytes; /* 'C' CSI, 'O' OSC, 'D' DCS, 'A' APC at the start; text; 'S' at the end */
	bool passes;
} eight_bit[] = {
	{ "C21t", false },	     { "C20t", false },		 { "C5i", false },
	{ "C1;1;1;1;2;2*y", false }, { "C?2l", false },		 { "C14t", true },
	{ "O52;c;?S", false },	     { "O50;?S", false },	 { "O1337;File=:eA==S", false },
	{ "O0;title\a", true },	     { "D1;1|17/4142S", false }, { "D1v4142S", false },
	{ "D$qrm -rfS", false },     { "D$qm\033\\", true },	 { "AGt=f;L2V0Yw==S", false },
};

static int
add_control(struct buf *b, unsigned char c1, bool encoded)
{
	return buf_addf(b, "%s%c", encoded ? "\xc2" : "", c1);
}

static void
test_eight_bit(void)
{
	static const struct {
		char letter;
		unsigned char c1;
	} introducers[] = { { 'C', 0x9b }, { 'O', 0x9d }, { 'D', 0x90 }, { 'A', 0x9f } };

	for (size_t i = 0; i < 2 * ARRAY_LEN(eight_bit); i++) {
		const char *p = eight_bit[i / 2].bytes;
		const bool ended = p[strlen(p) - 1] == 'S';
		const size_t n = strlen(p) - 1 - ended;
		struct buf in = BUF_INIT, text = BUF_INIT;

		for (size_t k = 0; k < ARRAY_LEN(introducers); k++)
			if (introducers[k].letter == p[0])
				CU_ASSERT(add_control(&in, introducers[k].c1, i & 1) == 0);
		CU_ASSERT(buf_add(&in, p + 1, n) == 0 && buf_add(&text, p + 1, n) == 0);
		if (ended)
			CU_ASSERT(add_control(&in, 0x9c, i & 1) == 0);
		CU_ASSERT(comes_out(SCREEN_FILTER_STANDARD, in,
				    eight_bit[i / 2].passes ? in : TEXT("")));
		CU_ASSERT(comes_out(SCREEN_FILTER_STRICT, in, text));
		CU_ASSERT(comes_out(SCREEN_FILTER_OFF, in, in));
		buf_clear(&in);
		buf_clear(&text);
	}
}

/* XTWINOPS: sizes and the title's stack, of all numbers. */
static void
test_window_operations(void)
{
	for (unsigned int n = 0; n < 100; n++) {
		const bool passes = n == 14 || n == 16 || n == 18 || n == 22 || n == 23;
		static const char *const forms[] = { "\033[%ut", "\033[%u;0t", "\033[%u;2;3t",
						     "\033[00%ut" };

		for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
			char text[32];
			struct buf in = { .p = text };

			(void)snprintf(text, sizeof(text), forms[i], n);
			in.n = strlen(text);
			CU_ASSERT(comes_out(SCREEN_FILTER_STANDARD, in, passes ? in : TEXT("")));
		}
	}
}

static void
test_clipboard_limit(void)
{
	for (size_t n = 65536; n <= 65537; n++) {
		struct buf in = BUF_INIT, out = BUF_INIT;

		CU_ASSERT(buf_adds(&in, "\033]52;c;") == 0);
		for (size_t i = 0; i < n; i++)
			CU_ASSERT(buf_addc(&in, 'A') == 0);
		CU_ASSERT(buf_adds(&in, "\a") == 0);
		filtered(SCREEN_FILTER_STANDARD, &in, 1000, &out);
		CU_ASSERT(n == 65536 ? same_bytes(&in, &out) : out.n == 0);
		buf_clear(&in);
		buf_clear(&out);
	}
}

/* 100 MB of one kind: what is held, and what the model keeps, stays small. */
static void
test_bounded(void)
{
	static const char *const begin[] = { "",	"\033]0;", "\033]52;c;", "\033[",
					     "\033P1|", "\033Pq",  "\033_G",	 "\033^",
					     "\033k",	"\x9d",	   "\033P",	 "\x9b",
					     "\x90",	"\xc2\x9d" };
	static char block[64 << 10];

	memset(block, '1', sizeof(block));
	for (size_t i = 0; i < ARRAY_LEN(begin); i++) {
		struct screen *s = screen_of(24, 80, begin[i]);
		struct buf out = BUF_INIT;
		size_t n = 0;

		for (; n < (size_t)(i < 3 ? 100 : 8) << 20; n += sizeof(block)) {
			buf_reset(&out);
			feed(s, block, sizeof(block), &out);
		}
		CU_ASSERT(s->filter.hold.cap <= 2 * SCREEN_HOLD_MAX + 64);
		CU_ASSERT(out.cap <= 4 * sizeof(block));
		CU_ASSERT(s->backlog.count <= BACKLOG_CHUNKS);
		CU_ASSERT(s->model->history.bytes <= SCREEN_HISTORY_BYTES);
		buf_reset(&out);
		feed(s, "\033\\\033[1m", 6, &out);
		CU_ASSERT(out.n >= 4 && memcmp(out.p + out.n - 4, "\033[1m", 4) == 0);
		buf_clear(&out);
		screen_free(s);
	}
}

/* What real programs print comes out as it went in, and stays so. */
static void
test_recordings(void)
{
	static const char *const names[] = { "vim", "less", "top", "tmux", "bash", "colours" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct buf in = BUF_INIT;

		recording(names[i], &in);
		CU_ASSERT(in.n > 0);
		for (size_t at = 0; at <= in.n; at += 97) {
			struct buf out = BUF_INIT;

			filtered(SCREEN_FILTER_STANDARD, &in, at, &out);
			CU_ASSERT(same_bytes(&in, &out));
			buf_clear(&out);
		}
		buf_clear(&in);
	}
}

static void
test_finish(void)
{
	struct screen *s = screen_of(24, 80, "x\xc3");
	struct buf out = BUF_INIT;

	CU_ASSERT(screen_finish(s, &out) == 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&out), "\xc3");
	buf_reset(&out);
	tell(s, "\033]52;c;");
	CU_ASSERT(screen_finish(s, &out) == 0);
	CU_ASSERT(out.n == 0);
	tell(s, "\033Pq~~");
	CU_ASSERT(screen_finish(s, &out) == 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&out), "\033\\");
	buf_clear(&out);
	screen_free(s);
}

int
main(void)
{
	const struct unit_test tests[] = {
		{ "the table, three levels, cut everywhere", test_table },
		{ "what stands around a dropped sequence stays", test_surroundings },
		{ "damaged sequences", test_damaged },
		{ "8-bit controls", test_eight_bit },
		{ "window operations", test_window_operations },
		{ "64 KiB of clipboard", test_clipboard_limit },
		{ "memory is bounded", test_bounded },
		{ "recordings come out byte for byte", test_recordings },
		{ "the end of output", test_finish },
	};

	return unit_run("screen-filter", tests, UNIT_COUNT(tests));
}
