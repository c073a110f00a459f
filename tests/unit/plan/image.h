/* Images that the tests of plan/ build, damage and open. */
#ifndef TESTS_UNIT_PLAN_IMAGE_H
#define TESTS_UNIT_PLAN_IMAGE_H

#include <errno.h>
#include <string.h>

#include "plan/plan.h"
#include "tests/harness/plan_sample.h"
#include "tests/harness/unit.h"

/* Strings that rows of test_validate.c need in the image. */
static const char *const spare_strings[] = {
	"relative/path",
	"/a//b",
	"/a/../b",
	"/a/./b",
	"/a/",
	"NOVALUE",
	"=x",
	"PATH=/other",
	"dir/cmd",
	"0123456789ABCDEF",
	"12",
	"/dev/stdout",
	"/thread",
	"0123456789abcdef0",
};

struct image {
	unsigned char *p;
	size_t n;
};

/* Finish and forget the builder. */
static inline struct image
finish(struct plan_builder *b)
{
	struct err e = ERR_INIT;
	struct image m = { NULL, 0 };
	void *p = NULL;

	CU_ASSERT_EQUAL_FATAL(plan_build_finish(b, &p, &m.n, &e), 0);
	plan_builder_clear(b);
	m.p = p;
	return m;
}

static inline struct image
sample_image(void)
{
	struct plan_builder b;
	struct plan_ref ref;

	CU_ASSERT_EQUAL_FATAL(sample_full(&b), 0);
	for (size_t i = 0; i < ARRAY_LEN(spare_strings); i++)
		CU_ASSERT_EQUAL_FATAL(plan_build_string(&b, spare_strings[i], &ref), 0);
	return finish(&b);
}

static inline void
seal(struct image m)
{
	struct plan_header h;

	memcpy(&h, m.p, sizeof(h));
	h.checksum = plan_checksum(m.p, m.n);
	memcpy(m.p, &h, sizeof(h));
}

static inline int
try_open(const unsigned char *p, size_t n)
{
	struct err e = ERR_INIT;
	struct plan plan = { NULL, NULL, NULL };
	int r = plan_open(&plan, p, n, &e);

	if (r < 0) {
		CU_ASSERT(e.text[0] != '\0');
		CU_ASSERT_PTR_NULL(plan.image);
	}
	return r;
}

static inline void
open_image(struct plan *p, struct image m)
{
	CU_ASSERT_EQUAL_FATAL(plan_open(p, m.p, m.n, NULL), 0);
}

#endif
