/*
 * A growing byte string. After any successful call `p` is NUL-terminated behind `n` bytes
 * (never NULL once something was added). A failed addition leaves the old contents.
 *
 *   autobuf struct buf b = BUF_INIT;
 *   r = buf_addf(&b, "%s/%s", dir, name);
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/slice.h"

struct buf {
	char *p;
	size_t n, cap;
};

#define BUF_INIT           \
	{                  \
		NULL, 0, 0 \
	}

/* All return 0 or -ENOMEM. */
int buf_add(struct buf *b, const void *p, size_t n) ATTR_CHECK;
int buf_adds(struct buf *b, const char *s) ATTR_CHECK;
int buf_addc(struct buf *b, char c) ATTR_CHECK;
int buf_addf(struct buf *b, const char *fmt, ...) ATTR_PRINTF(2, 3) ATTR_CHECK;
int buf_vaddf(struct buf *b, const char *fmt, va_list ap) ATTR_PRINTF(2, 0) ATTR_CHECK;

/* The contents as a C string, "" when empty. */
const char *buf_str(const struct buf *b);

/* Forget the contents, keep the memory. */
void buf_reset(struct buf *b);

/* Release; takes a zeroed buffer. */
void buf_clear(struct buf *b);

/* Hand the string to the caller, who frees it with mem_free(); NULL when out of memory. */
char *buf_take(struct buf *b) ATTR_CHECK;

/* Read a descriptor to its end, at most `limit` bytes: 0, -EFBIG, -ENOMEM or -errno. */
int buf_read_fd(struct buf *b, int fd, size_t limit) ATTR_CHECK;

#endif
