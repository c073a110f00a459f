/*
 * SHA-256, incremental. The work is done by the low-level functions of libcrypto, which need no
 * library initialisation: linked statically they add a few kilobytes to a program and use the
 * processor's own instructions where it has them.
 */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

enum {
	SHA256_BYTES = 32,
	SHA256_HEX_MAX = 2 * SHA256_BYTES + 1, /* with NUL */
};

/* libcrypto's state; base/sha256.c proves that it fits. Copying it forks the computation. */
struct sha256 {
	uint64_t state[14];
};

void sha256_init(struct sha256 *h);
void sha256_add(struct sha256 *h, const void *p, size_t n);

/* The value; the state must not be used afterwards. */
void sha256_end(struct sha256 *h, unsigned char ret[SHA256_BYTES]);

/* 64 lower-case digits and a NUL. */
void sha256_hex(char ret[SHA256_HEX_MAX], const unsigned char value[SHA256_BYTES]);

/* Everything that can be read from a descriptor, from its position on: 0 or -errno. */
int sha256_fd(int fd, unsigned char ret[SHA256_BYTES]) ATTR_CHECK;

#endif
