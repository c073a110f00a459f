/* Amounts of memory as people write them: "512M", "2 GiB", "1500KB". Pure. */
#ifndef BASE_SIZE_H
#define BASE_SIZE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

/*
 * An unsigned integer and an optional unit, case ignored, blanks allowed in between: nothing or B
 * is bytes; K, Ki, KiB, M, ... T count in 1024s; KB, MB, GB, TB in 1000s. 0, or -EINVAL / -ERANGE
 * with the reason, a constant text, in *ret_reason. *ret is written only on success.
 */
int size_parse(uint64_t *ret, const char *text, const char **ret_reason) ATTR_CHECK;

enum { SIZE_TEXT_MAX = 32 };

/* "512.0 MiB"; below 1 KiB "17 B". */
void size_show(char text[SIZE_TEXT_MAX], uint64_t bytes);

#endif
