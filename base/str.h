/* Strings: numbers, comparison, and showing untrusted text on a terminal. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/slice.h"

bool str_equal(const char *a, const char *b);
bool str_starts_with(const char *s, const char *prefix);
bool str_ends_with(const char *s, const char *suffix);

/* A whole unsigned decimal number in min..max: 0, or -EINVAL / -ERANGE. No sign, no blanks. */
int str_to_u64(const char *s, uint64_t min, uint64_t max, uint64_t *ret) ATTR_CHECK;

/*
 * Append text that came from outside so that a terminal shows it and nothing more: escape
 * sequences (CSI to its final byte, OSC/DCS/PM/APC to BEL or ST), C0 except none, DEL, C1 and
 * Unicode bidi controls are removed; newline and tab become a blank; bytes that are not UTF-8
 * become U+FFFD. 0 or -ENOMEM.
 */
int str_printable(struct buf *b, struct slice text) ATTR_CHECK;

/* The same, allocated; NULL when out of memory. Free with mem_free(). */
char *str_printable_dup(const char *text) ATTR_CHECK;

/* Bytes of the well-formed UTF-8 sequence that a non-empty text begins with; 0 when malformed. */
size_t str_utf8_sequence(struct slice text);
bool str_is_utf8(struct slice text);

/* Append a word quoted for a POSIX shell, bare when it needs no quotes. */
int str_shell_quote(struct buf *b, const char *word) ATTR_CHECK;

/* Damerau-Levenshtein distance, but at most `limit` + 1; for suggestions. */
unsigned int str_distance(const char *a, const char *b, unsigned int limit);

#endif
