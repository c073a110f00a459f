/*
 * `profile test`: questions to a profile with the answers that its writer expects. They are decided by
 * what decides for `nono why`; without --live nothing is started and nothing is touched.
 */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "cli/cmd_profile.h"
#include "cli/policy_tests.h"

/* A profile that starts nothing fails whatever its cases say. */
static void
put_refusals(struct listing *l, const struct policy_tests *t)
{
	for (size_t i = 0; i < t->why.notes.count; i++) {
		const struct policy_note *note = &t->why.notes.item[i];

		if (note->kind != POLICY_NOTE_WOULD_FAIL)
			continue;
		out_puts(&l->out, "# nono run would refuse to start: ");
		out_text(&l->out, note->text);
		out_puts(&l->out, "\n");
	}
}

static void
put_json(struct json *j, const struct policy_case *c, bool live)
{
	bool tried = c->result != TRY_NOT;
	bool allowed = c->predicted == (c->result == TRY_AGREES);

	json_object(j, NULL);
	json_bytes(j, "name", c->title);
	json_string(j, "expect", c->expected ? "allow" : "deny");
	json_string(j, "is", c->predicted ? "allow" : "deny");
	json_string(j, "reason", c->reason);
	if (live && tried)
		json_string(j, "enforced", allowed ? "allow" : "deny");
	else if (live)
		json_null(j, "enforced");
	if (live && tried && c->error)
		json_string(j, "errno", strerrorname_np(c->error));
	if (live && !tried)
		json_string(j, "not_tried", c->why_not);
	json_boolean(j, "ok", policy_case_is_good(c));
	json_end(j);
}

static void
put_all(struct listing *l, const struct policy_tests *t)
{
	struct json *j = &l->j;
	size_t tried = 0;

	put_refusals(l, t);
	json_object(j, NULL);
	json_string(j, "profile", l->o->program.item[0]);
	json_array(j, "cases");
	for (size_t i = 0; i < t->count; i++) {
		policy_case_put(&l->out, &t->item[i], i + 1, t->live);
		put_json(j, &t->item[i], t->live);
		tried += t->item[i].result != TRY_NOT;
	}
	json_end(j);
	json_number(j, "passed", t->count - t->failed);
	json_number(j, "failed", t->failed);
	if (t->live) {
		json_number(j, "tried", tried);
		out_putf(&l->out, "# %zu of %zu tried in a sandbox\n", tried, t->count);
	}
	json_end(j);
	out_putf(&l->out, "1..%zu\n", t->count);
}

/* "DIRECTORY/NAME.test.jsonc" beside "DIRECTORY/NAME.json". */
static int
read_beside(struct policy_tests *t, struct err *e)
{
	const struct profile *p = t->why.request.profile;
	const char *file;

	if (p->source->kind == PROFILE_FROM_PRESET)
		return err_set_exit(e, EXIT_USAGE, -EINVAL,
				    "profile '%s' comes with nono and has no file of tests beside "
				    "it; name one",
				    p->name);
	file = policy_tests_beside(t, p->shown);
	return file ? policy_tests_read(t, file) : err_set(e, -ENOMEM, "out of memory");
}

static int
read_files(struct listing *l, struct policy_tests *t, struct err *e)
{
	const struct words *operands = &l->o->program;
	int r = operands->count == 1 ? read_beside(t, e) : 0;

	for (size_t i = 1; i < operands->count && r == 0; i++)
		r = policy_tests_read(t, operands->item[i]);
	return r;
}

int
profile_test(struct listing *l, struct err *e)
{
	const struct policy_tests_request rq = {
		.reference = l->o->program.item[0],
		.live = opt_has(l->o, FLAG_LIVE) || opt_has(l->o, FLAG_LIVE_WRITE),
		.may_write = opt_has(l->o, FLAG_LIVE_WRITE),
		.environment = l->environment,
	};
	struct policy_tests t;
	int r = policy_tests_begin(&t, &rq, e);

	if (r == 0)
		r = read_files(l, &t, e);
	if (r == 0)
		r = policy_tests_judge(&t);
	if (r == 0)
		put_all(l, &t);
	if (r == 0 && t.failed > 0) {
		l->exit_code = EXIT_NONO;
		(void)err_set(&l->verdict, -EINVAL, "%zu of %zu cases failed", t.failed, t.count);
	}
	policy_tests_clear(&t);
	return r;
}
