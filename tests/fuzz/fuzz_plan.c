/*
 * The validator of plan images and everything that trusts it. The input is the image; what only an
 * accident would change (magic, version, length, checksum) is put right first, so that mutations
 * reach the checks behind them. Seeds: build/tests/cli/make_plan.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/plan_walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t bytes = size / PLAN_ALIGN * PLAN_ALIGN;
	struct plan_header *h;
	struct err e = ERR_INIT;
	struct plan p;

	if (bytes < sizeof(*h))
		return 0;
	/* Exactly as large as the image: the sanitizer sees the first byte behind it. */
	h = malloc(bytes);
	if (!h)
		return 0;
	memcpy(h, data, bytes);
	memcpy(h->magic, PLAN_MAGIC, sizeof(h->magic));
	h->version = PLAN_VERSION;
	h->bytes = (uint32_t)bytes;
	h->checksum = plan_checksum(h, bytes);
	if (plan_open(&p, h, bytes, &e) == 0)
		__asm__ volatile("" : : "r"(plan_walk(&p))); /* not optimised away */
	else if (e.text[0] == '\0')
		abort();
	free(h);
	return 0;
}
