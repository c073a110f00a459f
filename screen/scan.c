/*
 * Runs of plain text, sixteen bytes at a time. A flood is plain text, and everything else in the
 * relay is paid per sequence: this is what makes the relay as fast as memory.
 */
#include "screen/internal.h"

static bool
byte_is_plain(unsigned char c)
{
	return (c >= 0x20 && c < 0x7f) || (c >= 0x08 && c <= 0x0a) || c == 0x0d;
}

#if defined(__x86_64__)

/* SSE2 is part of x86_64. Signed lanes: bytes from 0x80 up are negative and so not printable. */
typedef char lanes __attribute__((vector_size(16)));
typedef signed char signed_lanes __attribute__((vector_size(16)));
typedef unsigned char unsigned_lanes __attribute__((vector_size(16)));

static unsigned int
lanes_mask(signed_lanes v)
{
	return (unsigned int)__builtin_ia32_pmovmskb128((lanes)v);
}

static signed_lanes
lanes_load(const unsigned char *p)
{
	signed_lanes v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

static signed_lanes
lanes_printable(signed_lanes v)
{
	return (signed_lanes)((v > 0x1f) & (v != 0x7f));
}

size_t
scan_plain(const unsigned char *p, size_t n)
{
	size_t i = 0;

	for (; n - i >= 16; i += 16) {
		const signed_lanes v = lanes_load(p + i);
		const signed_lanes ok = lanes_printable(v) | (signed_lanes)(v == 0x0a) |
					(signed_lanes)(v == 0x0d) | (signed_lanes)(v == 0x09) |
					(signed_lanes)(v == 0x08);
		const unsigned int bad = lanes_mask(ok) ^ 0xffff;

		if (bad)
			return i + (size_t)__builtin_ctz(bad);
	}
	while (i < n && byte_is_plain(p[i]))
		i++;
	return i;
}

static size_t
lanes_lines(struct scan_lines *s, const unsigned char *p, size_t n)
{
	unsigned int cr_before = s->cr, wrong = 0;
	size_t i = 0;

	while (n - i >= 16) {
		/* A lane counts to 255; nothing is added up more often between two sums. */
		size_t blocks = (n - i) / 16 < 255 ? (n - i) / 16 : 255;
		unsigned char sums[16];
		unsigned_lanes count = { 0 };

		for (; blocks; blocks--, i += 16) {
			const signed_lanes v = lanes_load(p + i);
			const signed_lanes lf = (signed_lanes)(v == 0x0a);
			const unsigned int cr = lanes_mask((signed_lanes)(v == 0x0d));
			const unsigned int end = lanes_mask(lf);

			count -= (unsigned_lanes)lf;
			wrong |= (((cr << 1) | cr_before) ^ end) & 0xffff;
			wrong |= (lanes_mask(lanes_printable(v)) | cr | end) ^ 0xffff;
			cr_before = cr >> 15;
		}
		__builtin_memcpy(sums, &count, sizeof(sums));
		for (size_t k = 0; k < sizeof(sums); k++)
			s->lines += sums[k];
	}
	if (wrong)
		s->pure = false;
	s->cr = cr_before;
	return i;
}

#else

size_t
scan_plain(const unsigned char *p, size_t n)
{
	size_t i = 0;

	while (i < n && byte_is_plain(p[i]))
		i++;
	return i;
}

static size_t
lanes_lines(struct scan_lines *s, const unsigned char *p, size_t n)
{
	(void)s;
	(void)p;
	(void)n;
	return 0;
}

#endif

void
scan_lines(struct scan_lines *s, const unsigned char *p, size_t n)
{
	for (size_t i = lanes_lines(s, p, n); i < n; i++) {
		const bool lf = p[i] == '\n';

		s->lines += lf;
		if (lf != s->cr || (!lf && p[i] != '\r' && (p[i] < 0x20 || p[i] >= 0x7f)))
			s->pure = false;
		s->cr = p[i] == '\r';
	}
}
