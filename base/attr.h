/* Compiler attributes and the clean-up helpers every owned local is declared with. */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#include <stddef.h>

#if !defined(__x86_64__) && !defined(__aarch64__)
#error "nono supports x86_64 and aarch64 only"
#endif

#define ATTR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define ATTR_UNUSED __attribute__((unused))
#define ATTR_CHECK __attribute__((warn_unused_result))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* `autofd int fd = -1;` closes at scope end, `autofree char *s = NULL;` frees. */
#define autofd __attribute__((cleanup(fd_cleanup)))
#define autofree __attribute__((cleanup(mem_cleanup)))
#define autobuf __attribute__((cleanup(buf_clear)))

#endif
