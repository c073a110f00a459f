/*
 * `profile test`: questions to a profile with the answers that its writer expects (spec 03 B16). They
 * are decided by what decides for `nono why`; nothing is started and nothing is touched.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cli/cmd_profile.h"
#include "cli/why.h"
#include "profiles/inspect.h"
#include "profiles/json.h"
#include "profiles/store.h"

enum { WORDS_MAX = 16 };

struct tests {
	struct listing *l;
	struct why *w;
	struct inspect *in;
	struct pool pool;
	const char *file; /* the present one */
	size_t number, failed;
	struct err *e;
};

struct verdict {
	bool allowed;
	const char *reason; /* a word of `nono why`, or a sentence */
};

static int
fail_memory(struct tests *t)
{
	return err_set(t->e, -ENOMEM, "out of memory");
}

static int
fail_case(struct tests *t, const struct node *n, const char *text)
{
	return err_set(t->e, -EBADMSG, "'%s':%u:%u: %s", t->file, n->line, n->column, text);
}

/* ---- one question ---- */

static int
ask_path(struct tests *t, const struct node *n, const char *text, const char *op)
{
	autobuf struct buf path = BUF_INIT;
	unsigned int access = str_equal(op, "write") ? PLAN_WRITE : PLAN_READ;
	int r;

	if (!str_equal(op, "read") && !str_equal(op, "write") && !str_equal(op, "execute"))
		return fail_case(t, n, "the op of a path is read, write or execute");
	r = inspect_expand(&path, t->in, text, t->e);
	return r < 0 ? r : why_path(t->w, buf_str(&path), access, t->e);
}

/* Questions that `why` takes from its options. */
static int
ask_words(struct tests *t, const char *const *words, size_t count,
	  int (*ask)(struct why *w, struct err *e))
{
	const char *argv[WORDS_MAX] = { "nono", "why" };
	const struct opt *before = t->w->o;
	struct opt o = OPT_INIT;
	int r;

	memcpy(argv + 2, words, count * sizeof(*words));
	/* opt_parse() writes to none of them. */
	r = opt_parse(&o, (int)count + 2, (char *const *)(uintptr_t)argv, t->l->environment, t->e);
	t->w->o = &o;
	if (r == 0)
		r = ask(t->w, t->e);
	t->w->o = before;
	opt_clear(&o);
	return r;
}

static int
ask_host(struct tests *t, const struct node *n, const char *host, const char *op)
{
	const char *const words[] = { "--host", host, "--bind" };

	if (!str_equal(op, "connect") && !str_equal(op, "bind"))
		return fail_case(t, n, "the op of a host is connect or bind");
	return ask_words(t, words, str_equal(op, "bind") ? 3 : 2, why_host);
}

static int
ask_command(struct tests *t, const struct node *n, const char *name, const char *op)
{
	const char *const words[] = { "--command", name };

	(void)n;
	(void)op;
	return ask_words(t, words, 2, why_command);
}

static int
ask_variable(struct tests *t, const struct node *n, const char *name, const char *op)
{
	(void)n;
	(void)op;
	t->w->answer.status = profile_passes_variable(t->w->request.profile, name,
						      &t->w->answer.reason)
				      ? ANSWER_ALLOWED
				      : ANSWER_DENIED;
	return 0;
}

static const struct {
	const char *key, *op;
	int (*ask)(struct tests *t, const struct node *n, const char *subject, const char *op);
} kinds[] = {
	{ "path", "read", ask_path },
	{ "host", "connect", ask_host },
	{ "command", "execute", ask_command },
	{ "env", "read", ask_variable },
};

/* ---- one case ---- */

static int
check_keys(struct tests *t, const struct node *n)
{
	static const char *const known[] = { "name", "path", "host",   "command",
					     "env",  "op",   "expect", "reason" };

	for (const struct node *k = node_first(n); k; k = k->next) {
		bool found = false;

		for (size_t i = 0; i < ARRAY_LEN(known); i++)
			found |= str_equal(known[i], k->key);
		if (!found)
			return fail_case(t, k,
					 "a case has name, path, host, command or env, op, expect "
					 "and reason");
		if (!node_is(k, NODE_STRING) || !*k->text)
			return fail_case(t, k, "a string is needed");
	}
	return 0;
}

static void
put_case(struct tests *t, const struct node *n, const char *title, bool expected,
	 const struct verdict *v)
{
	struct out *o = &t->l->out;
	struct json *j = &t->l->j;
	const char *wanted = node_text(node_find(n, "reason"), NULL);
	bool good = v->allowed == expected && (!wanted || str_equal(wanted, v->reason));

	t->number++;
	t->failed += !good;
	out_role(o, good ? ROLE_GREEN : ROLE_RED, false, good ? "ok" : "not ok");
	out_putf(o, " %zu - ", t->number);
	out_text(o, title);
	if (!good) {
		out_putf(o, ": expected %s", expected ? "allow" : "deny");
		if (wanted) {
			out_puts(o, " (");
			out_text(o, wanted);
			out_puts(o, ")");
		}
		out_putf(o, ", is %s (%s)", v->allowed ? "allow" : "deny", v->reason);
	}
	out_puts(o, "\n");
	json_object(j, NULL);
	json_bytes(j, "name", title);
	json_string(j, "expect", expected ? "allow" : "deny");
	json_string(j, "is", v->allowed ? "allow" : "deny");
	json_string(j, "reason", v->reason);
	json_boolean(j, "ok", good);
	json_end(j);
}

static int
run_case(struct tests *t, const struct node *n)
{
	const char *expect = node_text(node_find(n, "expect"), "");
	autobuf struct buf title = BUF_INIT;
	struct verdict v = { false, "" };
	size_t kind = ARRAY_LEN(kinds);
	const char *subject, *op;
	int r;

	if (!node_is(n, NODE_OBJECT))
		return fail_case(t, n, "an object is needed");
	if ((r = check_keys(t, n)) < 0)
		return r;
	if (!str_equal(expect, "allow") && !str_equal(expect, "deny"))
		return fail_case(t, n, "\"expect\" is needed: allow or deny");
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (node_find(n, kinds[i].key)) {
			if (kind < ARRAY_LEN(kinds))
				return fail_case(t, n, "a case has one subject");
			kind = i;
		}
	if (kind == ARRAY_LEN(kinds))
		return fail_case(t, n, "a case needs a path, a host, a command or an env");
	subject = node_find(n, kinds[kind].key)->text;
	op = node_text(node_find(n, "op"), kinds[kind].op);
	answer_clear(&t->w->answer);
	t->w->answer = (struct answer){ 0 };
	if ((r = kinds[kind].ask(t, n, subject, op)) < 0)
		return r;
	v.allowed = t->w->answer.status == ANSWER_ALLOWED;
	v.reason = t->w->answer.reason ? t->w->answer.reason : "";
	if (buf_adds(&title, node_text(node_find(n, "name"), "")) < 0 ||
	    (title.n == 0 && buf_addf(&title, "%s %s %s", kinds[kind].key, op, subject) < 0))
		return fail_memory(t);
	put_case(t, n, buf_str(&title), str_equal(expect, "allow"), &v);
	return 0;
}

static int
run_file(struct tests *t, const char *file)
{
	autobuf struct buf text = BUF_INIT;
	struct err reason = ERR_INIT;
	const struct node *cases;
	struct node *tree = NULL;
	int r = store_read(&text, file, JSON_BYTES_MAX);

	t->file = file;
	if (r < 0)
		return err_set_errno(t->e, r, "cannot read the tests '%s'", file);
	r = json_parse(&tree, &t->pool, (struct slice){ text.p, text.n }, NULL, 0, NULL, &reason);
	if (r < 0)
		return err_set(t->e, r, "'%s':%s", file, reason.text);
	cases = node_find(tree, "cases");
	if (!node_is(tree, NODE_OBJECT) || !node_is(cases, NODE_ARRAY) || tree->count != 1)
		return fail_case(t, tree, "an object with the list \"cases\" is needed");
	for (const struct node *n = cases->first; n && r == 0; n = n->next)
		r = run_case(t, n);
	return r;
}

/* ---- all of them ---- */

/* "DIRECTORY/NAME.test.jsonc" beside "DIRECTORY/NAME.json". */
static int
find_file(struct tests *t, const char **ret)
{
	const struct profile *p = t->w->request.profile;
	autobuf struct buf path = BUF_INIT;
	size_t n = strlen(p->shown);

	if (p->source->kind == PROFILE_FROM_PRESET)
		return err_set_exit(t->e, EXIT_USAGE, -EINVAL,
				    "profile '%s' comes with nono and has no file of tests beside "
				    "it; name one",
				    p->name);
	if (str_ends_with(p->shown, ".jsonc"))
		n -= strlen(".jsonc");
	else if (str_ends_with(p->shown, ".json"))
		n -= strlen(".json");
	if (buf_add(&path, p->shown, n) < 0 || buf_adds(&path, ".test.jsonc") < 0 ||
	    !(*ret = pool_take(&t->pool, &path)))
		return fail_memory(t);
	return 0;
}

/* A profile that starts nothing fails whatever its cases say. */
static void
put_refusals(struct tests *t)
{
	struct out *o = &t->l->out;

	for (size_t i = 0; i < t->w->notes.count; i++) {
		const struct policy_note *note = &t->w->notes.item[i];

		if (note->kind != POLICY_NOTE_WOULD_FAIL)
			continue;
		out_puts(o, "# nono run would refuse to start: ");
		out_text(o, note->text);
		out_puts(o, "\n");
	}
}

static int
run_all(struct tests *t, const struct words *operands)
{
	struct json *j = &t->l->j;
	const char *beside;
	int r = inspect_open(&t->in, t->l->environment, t->e);

	if (r < 0)
		return r;
	put_refusals(t);
	json_object(j, NULL);
	json_string(j, "profile", operands->item[0]);
	json_array(j, "cases");
	if (operands->count == 1 && (r = find_file(t, &beside)) == 0)
		r = run_file(t, beside);
	for (size_t i = 1; i < operands->count && r == 0; i++)
		r = run_file(t, operands->item[i]);
	json_end(j);
	json_number(j, "passed", t->number - t->failed);
	json_number(j, "failed", t->failed);
	json_end(j);
	out_putf(&t->l->out, "1..%zu\n", t->number);
	return r;
}

int
profile_test(struct listing *l, struct err *e)
{
	const struct words *operands = &l->o->program;
	const char *const argv[] = { "nono", "why", "--profile", operands->item[0], "--path", "/" };
	struct why w = { 0 };
	struct tests t = { .l = l, .w = &w, .e = e };
	struct opt o = OPT_INIT;
	int r = opt_parse(&o, (int)ARRAY_LEN(argv), (char *const *)(uintptr_t)argv, l->environment,
			  e);

	if (r == 0)
		r = why_prepare(&w, &o, l->environment, e);
	if (r == 0)
		r = run_all(&t, operands);
	if (r == 0 && t.failed > 0) {
		l->exit_code = EXIT_NONO;
		(void)err_set(&l->verdict, -EINVAL, "%zu of %zu cases failed", t.failed, t.number);
	}
	inspect_free(t.in);
	pool_clear(&t.pool);
	why_clear(&w);
	opt_clear(&o);
	return r;
}
