/*
 * Reader of manifests, and what is made of them. Whatever is accepted has the version of this
 * reader, is accepted again as it is written, and becomes a plan or an error with a text: what it
 * denies, the plan denies, and its grants of the user are at none of these places.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json_write.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/plan.h"
#include "profiles/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *environment[] = { (char[]){ "HOME=/var" }, (char[]){ "TMPDIR=/tmp" }, NULL };

static struct manifest *
load(const char *text, size_t n)
{
	struct policy_notes notes = { 0 };
	struct err e = ERR_INIT;
	struct manifest *m = NULL;
	int r = manifest_parse(&m, (struct slice){ text, n }, "text", &notes, &e);

	if ((r < 0) != (m == NULL) || (r < 0 && (!e.text[0] || r == -ENOMEM)))
		abort();
	policy_notes_clear(&notes);
	return m;
}

static void
check_again(const struct manifest *m)
{
	struct buf text = { NULL, 0, 0 };
	struct json j = JSON_INIT(&text);
	struct manifest *again;

	node_write(&j, NULL, m->tree);
	if (json_finish(&j) == 0) {
		again = load(text.p, text.n);
		if (!again || !node_equal(m->tree, again->tree))
			abort();
		manifest_free(again);
	}
	buf_clear(&text);
}

static void
check_plan(const struct plan *p)
{
	for (size_t i = 0; i < plan_count(p, PLAN_SEC_GRANTS); i++) {
		const struct plan_grant *g = plan_grant_at(p, i);

		if (g->source == PLAN_SOURCE_GROUP || g->source == PLAN_SOURCE_PROFILE)
			abort();
		for (size_t k = 0; k < plan_count(p, PLAN_SEC_DENIES); k++)
			if (path_is_beneath(plan_string(p, g->resolved),
					    plan_string(p, plan_deny_at(p, k)->resolved)))
				abort();
	}
}

static void
assemble(const struct manifest *m)
{
	static const char *const command[] = { "/" };
	struct policy_request rq = { .mode = PLAN_MODE_RUN,
				     .manifest = m,
				     .no_audit = true,
				     .dry_run = true,
				     .command = { command, 1 },
				     .environment = environment };
	struct policy_notes notes = { 0 };
	struct err e = ERR_INIT;
	struct plan_builder builder;
	void *image = NULL;
	struct plan plan;
	size_t bytes = 0;
	int r;

	if (plan_builder_init(&builder) < 0)
		abort();
	r = policy_assemble(&builder, &rq, &notes, NULL, NULL, &e);
	if (r == 0)
		r = plan_build_finish(&builder, &image, &bytes, &e);
	if (r == 0)
		r = plan_open(&plan, image, bytes, &e);
	if (r == 0)
		check_plan(&plan);
	else if (!e.text[0] || r == -ENOMEM)
		abort();
	mem_free(image);
	plan_builder_clear(&builder);
	policy_notes_clear(&notes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct manifest *m = load((const char *)data, size);

	if (!m)
		return 0;
	if (!str_equal(node_text(manifest_get(m, "version"), ""), MANIFEST_VERSION))
		abort();
	check_again(m);
	assemble(m);
	manifest_free(m);
	return 0;
}
