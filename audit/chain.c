/*
 * Leaf, chain and Merkle root of a log (spec 07 section 7). The domain strings end with one line
 * feed and no NUL: a leaf can never be taken for a node or a chain value.
 */
#include <string.h>

#include "audit/internal.h"

static const char leaf_domain[] = "nono.audit.event.alpha\n";
static const char chain_domain[] = "nono.audit.chain.alpha\n";
static const char node_domain[] = "nono.audit.merkle.alpha\n";

void
chain_leaf(unsigned char ret[SHA256_BYTES], struct slice event_json)
{
	struct sha256 h;

	sha256_init(&h);
	sha256_add(&h, leaf_domain, sizeof(leaf_domain) - 1);
	sha256_add(&h, event_json.p, event_json.n);
	sha256_end(&h, ret);
}

void
chain_hash(unsigned char ret[SHA256_BYTES], const char *domain, const unsigned char *previous,
	   struct slice bytes)
{
	struct sha256 h;

	sha256_init(&h);
	sha256_add(&h, domain, strlen(domain));
	sha256_add(&h, previous, SHA256_BYTES);
	sha256_add(&h, bytes.p, bytes.n);
	sha256_end(&h, ret);
}

void
chain_link(unsigned char ret[SHA256_BYTES], const struct chain *c,
	   const unsigned char leaf[SHA256_BYTES])
{
	chain_hash(ret, chain_domain, c->head, (struct slice){ (const char *)leaf, SHA256_BYTES });
}

static void
node(unsigned char ret[SHA256_BYTES], const unsigned char left[SHA256_BYTES],
     const unsigned char right[SHA256_BYTES])
{
	chain_hash(ret, node_domain, left, (struct slice){ (const char *)right, SHA256_BYTES });
}

void
chain_add(struct chain *c, const unsigned char leaf[SHA256_BYTES],
	  const unsigned char link[SHA256_BYTES])
{
	unsigned char value[SHA256_BYTES];
	unsigned int level = 0;

	/* As a binary counter: every carry joins two full trees of the same height. */
	memcpy(value, leaf, SHA256_BYTES);
	for (; c->count >> level & 1; level++)
		node(value, c->subtree[level], value);
	memcpy(c->subtree[level], value, SHA256_BYTES);
	memcpy(c->head, link, SHA256_BYTES);
	c->count++;
}

void
chain_root(unsigned char ret[SHA256_BYTES], const struct chain *c)
{
	bool any = false;

	/* The unpaired last tree of a level moves up unchanged. */
	for (unsigned int level = 0; level < CHAIN_LEVELS; level++) {
		if (!(c->count >> level & 1))
			continue;
		if (any)
			node(ret, c->subtree[level], ret);
		else
			memcpy(ret, c->subtree[level], SHA256_BYTES);
		any = true;
	}
	if (!any) {
		struct sha256 h;

		sha256_init(&h);
		sha256_end(&h, ret);
	}
}

void
chain_put(struct json *j, const char *key, const unsigned char value[SHA256_BYTES], bool present)
{
	char hex[SHA256_HEX_MAX];

	if (!present) {
		json_null(j, key);
		return;
	}
	sha256_hex(hex, value);
	json_string(j, key, hex);
}
