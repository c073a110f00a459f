/* SHA-256 against the vectors of FIPS 180-2, in any pieces and from a descriptor. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sha256.h"
#include "tests/harness/unit.h"

struct variant {
	const char *text;
	size_t repeat;
	const char *hex;
};

static const struct variant variants[] = {
	{ "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "aaaaaaaaaa", 100000,
	  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
};

static void
test_vectors(void)
{
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		unsigned char value[SHA256_BYTES];
		char hex[SHA256_HEX_MAX];
		struct sha256 h;

		sha256_init(&h);
		for (size_t n = 0; n < variants[i].repeat; n++)
			sha256_add(&h, variants[i].text, strlen(variants[i].text));
		sha256_end(&h, value);
		sha256_hex(hex, value);
		CU_ASSERT_STRING_EQUAL(hex, variants[i].hex);
	}
}

/* However the bytes are cut, and from a copy of the state. */
static void
test_pieces(void)
{
	char text[200];
	unsigned char whole[SHA256_BYTES], value[SHA256_BYTES];
	struct sha256 h, copy;

	memset(text, 'x', sizeof(text));
	sha256_init(&h);
	sha256_add(&h, text, sizeof(text));
	sha256_end(&h, whole);
	for (size_t cut = 0; cut <= sizeof(text); cut++) {
		sha256_init(&h);
		sha256_add(&h, text, cut);
		copy = h;
		sha256_add(&h, "other", 5);
		sha256_add(&copy, text + cut, sizeof(text) - cut);
		sha256_end(&copy, value);
		CU_ASSERT_EQUAL(memcmp(value, whole, sizeof(whole)), 0);
	}
}

static void
test_fd(void)
{
	unsigned char value[SHA256_BYTES];
	char hex[SHA256_HEX_MAX], text[1000];
	autofd int fd = memfd_create("test", MFD_CLOEXEC);

	memset(text, 'a', sizeof(text));
	for (int i = 0; i < 1000; i++)
		CU_ASSERT_EQUAL(fd_write_all(fd, text, sizeof(text)), 0);
	CU_ASSERT_EQUAL(lseek(fd, 0, SEEK_SET), 0);
	CU_ASSERT_EQUAL(sha256_fd(fd, value), 0);
	sha256_hex(hex, value);
	CU_ASSERT_STRING_EQUAL(hex, variants[3].hex);
	CU_ASSERT_EQUAL(sha256_fd(-1, value), -EBADF);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "vectors", test_vectors },
		{ "in pieces", test_pieces },
		{ "descriptor", test_fd },
	};

	return unit_run("sha256", tests, UNIT_COUNT(tests));
}
