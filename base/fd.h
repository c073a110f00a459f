/* Descriptors: ownership, standard streams, sealed memory. */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

/* Close if >= 0, leave errno alone, answer -1: `fd = fd_close(fd)`. */
int fd_close(int fd);

/* Hand a descriptor on: the variable becomes -1. */
int fd_take(int *fd);

/* For `autofd`. */
void fd_cleanup(int *fd);

/* Write everything, over short writes and EINTR: 0 or -errno. */
int fd_write_all(int fd, const void *p, size_t n) ATTR_CHECK;

/*
 * Make sure that descriptors 0, 1 and 2 are open, on /dev/null where they are not, so that a
 * later open cannot become somebody's stdout. First act of every program. 0 or -errno.
 */
int fd_open_standard(void) ATTR_CHECK;

/* A sealed, close-on-exec memory file with these bytes; the descriptor or -errno. */
int fd_sealed_memory(const char *name, const void *p, size_t n) ATTR_CHECK;

/*
 * A whole regular file, with a NUL behind its end; the descriptor's position stays. One longer than
 * `max` is refused with -EFBIG, or cut to its newest part where `newest` asks for that; one that
 * shrinks meanwhile is -EBADMSG. *ret is freed with mem_free(). 0 or -errno.
 */
int fd_read_file(int fd, size_t max, bool newest, void **ret, size_t *ret_bytes) ATTR_CHECK;

/* Move a descriptor to a number >= `at_least`, close-on-exec; the new one or -errno. */
int fd_move_up(int fd, int at_least) ATTR_CHECK;

#endif
