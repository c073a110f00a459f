/*
 * SHA-256 over libcrypto's low-level functions. OpenSSL 3 calls them deprecated in favour of EVP,
 * which loads providers and configuration at the first use: milliseconds that a start cannot pay
 * and files that the broker must not read.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/sha256.h"

#include <errno.h>
#include <openssl/sha.h>
#include <unistd.h>

enum { READ_BYTES = 64 << 10 };

_Static_assert(sizeof(struct sha256) >= sizeof(SHA256_CTX), "libcrypto's state must fit");
_Static_assert(_Alignof(struct sha256) >= _Alignof(SHA256_CTX), "libcrypto's state must fit");
_Static_assert(SHA256_DIGEST_LENGTH == SHA256_BYTES, "same hash");

/* The three cannot fail: their value is 1 in every released OpenSSL (SHA256_Init(3ssl)). */
void
sha256_init(struct sha256 *h)
{
	(void)SHA256_Init((SHA256_CTX *)h);
}

void
sha256_add(struct sha256 *h, const void *p, size_t n)
{
	(void)SHA256_Update((SHA256_CTX *)h, p, n);
}

void
sha256_end(struct sha256 *h, unsigned char ret[SHA256_BYTES])
{
	(void)SHA256_Final(ret, (SHA256_CTX *)h);
}

void
sha256_hex(char ret[SHA256_HEX_MAX], const unsigned char value[SHA256_BYTES])
{
	static const char digit[] = "0123456789abcdef";

	for (size_t i = 0; i < SHA256_BYTES; i++) {
		ret[2 * i] = digit[value[i] >> 4];
		ret[2 * i + 1] = digit[value[i] & 15];
	}
	ret[2 * SHA256_BYTES] = '\0';
}

int
sha256_fd(int fd, unsigned char ret[SHA256_BYTES])
{
	unsigned char bytes[READ_BYTES];
	struct sha256 h;
	ssize_t n;

	sha256_init(&h);
	for (;;) {
		n = read(fd, bytes, sizeof(bytes));
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -errno;
		if (n == 0)
			break;
		sha256_add(&h, bytes, (size_t)n);
	}
	sha256_end(&h, ret);
	return 0;
}
