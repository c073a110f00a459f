/* The state file of a session: any bytes make a plan that opens, or an error that says so. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "cli/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever was read, the questions of `nono why` have an answer. */
static void
ask(const struct plan *p)
{
	const struct plan_answer path = plan_query_path(p, "/etc/passwd", PLAN_READ);
	const struct plan_answer port = plan_query_connect(p, 443);

	if (path.allowed != (path.reason == PLAN_REASON_GRANTED) ||
	    port.allowed != (port.reason == PLAN_REASON_GRANTED))
		abort();
	(void)plan_query_socket(p, "/run/x", true);
	(void)plan_query_command(p, "rm");
	for (size_t i = 0; i < plan_count(p, PLAN_SEC_GRANTS); i++)
		(void)strlen(plan_string(p, plan_grant_at(p, i)->original));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct policy_notes notes = { 0 };
	struct plan_builder b;
	struct state state = { 0 };
	struct err e = ERR_INIT;
	struct plan p;
	void *image = NULL;
	size_t bytes = 0;
	int r;

	if (plan_builder_init(&b) < 0)
		abort();
	r = state_parse(&b, &state, text, "FILE", &notes, &e);
	if (r == 0 && state.landlock_abi < 1)
		abort();
	/* Paths that no launch writes, and the like, are found here. */
	if (r == 0)
		r = plan_build_finish(&b, &image, &bytes, &e);
	if (r == 0) {
		if (plan_open(&p, image, bytes, &e) < 0)
			abort();
		ask(&p);
	} else if (!*e.text) {
		abort();
	}
	plan_builder_clear(&b);
	policy_notes_clear(&notes);
	mem_free(image);
	return 0;
}
