/* A growing byte string. */
#include "base/buf.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

static int
buf_room(struct buf *b, size_t more)
{
	size_t need, cap;
	char *p;

	if (__builtin_add_overflow(b->n, more, &need) || need >= SIZE_MAX / 2)
		return -ENOMEM;
	if (b->p && need < b->cap)
		return 0;
	cap = b->cap ? b->cap : 64;
	while (cap <= need)
		cap *= 2;
	p = mem_realloc(b->p, cap, 1);
	if (!p)
		return -ENOMEM;
	b->p = p;
	b->cap = cap;
	b->p[b->n] = '\0';
	return 0;
}

int
buf_add(struct buf *b, const void *p, size_t n)
{
	int r = buf_room(b, n);

	if (r < 0)
		return r;
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
	return 0;
}

int
buf_adds(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

int
buf_addc(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

int
buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n, r;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return -EINVAL;
	r = buf_room(b, (size_t)n);
	if (r < 0)
		return r;
	(void)vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	b->n += (size_t)n;
	return 0;
}

int
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = buf_vaddf(b, fmt, ap);
	va_end(ap);
	return r;
}

const char *
buf_str(const struct buf *b)
{
	return b->p ? b->p : "";
}

void
buf_reset(struct buf *b)
{
	b->n = 0;
	if (b->p)
		b->p[0] = '\0';
}

void
buf_clear(struct buf *b)
{
	mem_free(b->p);
	*b = (struct buf)BUF_INIT;
}

char *
buf_take(struct buf *b)
{
	char *p;

	if (!b->p && buf_room(b, 0) < 0)
		return NULL;
	p = b->p;
	*b = (struct buf)BUF_INIT;
	return p;
}

int
buf_read_fd(struct buf *b, int fd, size_t limit)
{
	size_t got = 0;

	for (;;) {
		ssize_t n;
		int r = buf_room(b, 4096);

		if (r < 0)
			return r;
		n = read(fd, b->p + b->n, b->cap - b->n - 1);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -errno;
		if (n == 0)
			return 0;
		got += (size_t)n;
		if (got > limit)
			return -EFBIG;
		b->n += (size_t)n;
		b->p[b->n] = '\0';
	}
}
