/* Leaf, chain and Merkle root against the golden values of spec 07 section 7. */
#include <stdlib.h>
#include <string.h>

#include "audit/internal.h"
#include "tests/harness/unit.h"

struct golden {
	const char *event, *leaf, *chain;
};

static const struct golden log_of_spec[] = {
	{ "{\"type\":\"session_started\",\"started\":\"2026-04-21T20:00:00Z\",\"command\":[\"pwd\"]}",
	  "79456fb8f1785e5096a6a9e0dc87faf5aea2adde2035e721f4fe70fdacb5a7d0",
	  "f23c3783bd3981a638b6808a5b99a84cba0c198ff2b10e32ba337e3e86e7baa5" },
	{ "{\"type\":\"network\",\"event\":{\"timestamp_unix_ms\":1776801600500,\"mode\":\"connect\","
	  "\"decision\":\"deny\",\"denial_category\":\"host_denied\",\"target\":\"evil.example\","
	  "\"port\":443,\"method\":null,\"path\":null,\"status\":null,"
	  "\"reason\":\"host not allowed\"}}",
	  "5d055a97dee2a2de88e87f6ea48f76e959f1c93747bf3a06beeb479194aba525",
	  "037e192e2562e959804e2c7740bd6d5a914660055e35b759efdcca915d0ea975" },
	{ "{\"type\":\"session_ended\",\"ended\":\"2026-04-21T20:00:01Z\",\"exit_code\":0}",
	  "076e559e44135ff9a3d27403d1d6ad389bb04542956a064fc23acb37824c70bb",
	  "36394800f3bfcd4690e12b9c2514bf11f02f3022539a7b94b8252f7eb56f8054" },
};

static void
assert_hex(const unsigned char value[SHA256_BYTES], const char *wanted)
{
	char hex[SHA256_HEX_MAX];

	sha256_hex(hex, value);
	CU_ASSERT_STRING_EQUAL(hex, wanted);
}

static void
test_golden_log(void)
{
	unsigned char leaf[SHA256_BYTES], link[SHA256_BYTES], root[SHA256_BYTES];
	struct chain c = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(log_of_spec); i++) {
		chain_leaf(leaf, slice_of(log_of_spec[i].event));
		assert_hex(leaf, log_of_spec[i].leaf);
		chain_link(link, &c, leaf);
		assert_hex(link, log_of_spec[i].chain);
		chain_add(&c, leaf, link);
	}
	chain_root(root, &c);
	assert_hex(root, "bc58702673c4ea915e308d9e959d15fc98ea710ca25b87c9d3d6233796b7345f");
	CU_ASSERT_EQUAL(c.count, 3);
}

static void
add_leaf(struct chain *c, unsigned char byte)
{
	unsigned char leaf[SHA256_BYTES], link[SHA256_BYTES];

	memset(leaf, byte, sizeof(leaf));
	chain_link(link, c, leaf);
	chain_add(c, leaf, link);
}

static void
test_golden_tree(void)
{
	unsigned char root[SHA256_BYTES];
	struct chain c = { 0 };

	for (unsigned char i = 1; i <= 5; i++)
		add_leaf(&c, i);
	chain_root(root, &c);
	assert_hex(root, "87f9319b8dbb3d3fd55d419aabf3c218aafd2dfd82d5e30fb22e8e89c10c0160");
}

static void
test_small(void)
{
	unsigned char root[SHA256_BYTES];
	struct chain c = { 0 };

	chain_root(root, &c);
	assert_hex(root, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	add_leaf(&c, 7);
	chain_root(root, &c);
	assert_hex(root, "0707070707070707070707070707070707070707070707070707070707070707");
}

/* The stack of subtrees against pairing the whole level, for every count. */
static void
test_pairing(void)
{
	static const char domain[] = "nono.audit.merkle.alpha\n";
	enum { LEAVES = 70 };
	struct chain c = { 0 };

	for (size_t count = 1; count <= LEAVES; count++) {
		unsigned char level[LEAVES][SHA256_BYTES], root[SHA256_BYTES];
		size_t width = count;

		add_leaf(&c, (unsigned char)count);
		for (size_t i = 0; i < count; i++)
			memset(level[i], (int)i + 1, SHA256_BYTES);
		while (width > 1) {
			for (size_t i = 0; i < width; i += 2) {
				struct sha256 h;

				if (i + 1 == width) {
					memcpy(level[i / 2], level[i], SHA256_BYTES);
					continue;
				}
				sha256_init(&h);
				sha256_add(&h, domain, sizeof(domain) - 1);
				sha256_add(&h, level[i], SHA256_BYTES);
				sha256_add(&h, level[i + 1], SHA256_BYTES);
				sha256_end(&h, level[i / 2]);
			}
			width = (width + 1) / 2;
		}
		chain_root(root, &c);
		CU_ASSERT_EQUAL(memcmp(root, level[0], sizeof(root)), 0);
	}
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "golden log", test_golden_log },
		{ "golden tree", test_golden_tree },
		{ "no and one record", test_small },
		{ "every count is paired bottom-up", test_pairing },
	};

	return unit_run("chain", tests, UNIT_COUNT(tests));
}
