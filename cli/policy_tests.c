/* Files of cases: read, asked, tried, told. */
#include "cli/policy_tests.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/cmd_profile.h"
#include "profiles/json.h"
#include "profiles/store.h"

enum { WORDS_MAX = 16, PROBE_BYTES = 8 };

static int
fail_memory(struct policy_tests *t)
{
	return err_set(t->e, -ENOMEM, "out of memory");
}

static int
fail_case(struct policy_tests *t, const struct node *n, const char *text)
{
	return err_set(t->e, -EBADMSG, "'%s':%u:%u: %s", t->file, n->line, n->column, text);
}

/* ---- what may be tried ---- */

static const char *
keep(struct policy_tests *t, const char *text)
{
	const char *p = pool_strdup(&t->pool, text);

	if (!p)
		(void)fail_memory(t);
	return p;
}

/* Its name is nobody else's: it is removed again, whatever happens. */
static int
plan_creation(struct policy_tests *t, struct policy_case *c, const char *directory)
{
	unsigned char bytes[PROBE_BYTES];
	char name[sizeof(".nono-probe.") + 2 * PROBE_BYTES] = ".nono-probe.";
	autobuf struct buf path = BUF_INIT;

	if (!t->may_write) {
		c->why_not = "writing there means to make a file; see --live-write";
		return 0;
	}
	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return err_set_errno(t->e, -errno, "no random bytes for the name of a file");
	for (size_t i = 0; i < sizeof(bytes); i++)
		(void)sprintf(name + strlen(name), "%02x", bytes[i]);
	if (path_join(&path, directory, name) < 0 || !(c->made = pool_take(&t->pool, &path)))
		return fail_memory(t);
	c->path = c->made;
	c->op = LIVE_CREATE;
	return 0;
}

static int
plan_write(struct policy_tests *t, struct policy_case *c, const struct subject *s)
{
	autobuf struct buf parent = BUF_INIT;

	if (s->type == S_IFDIR)
		return plan_creation(t, c, buf_str(&s->typed));
	if (s->missing == 0) {
		c->op = LIVE_WRITE;
		return 0;
	}
	if (s->missing > 1) {
		c->why_not = "there is no such directory";
		return 0;
	}
	if (subject_nearest(&parent, s) < 0)
		return fail_memory(t);
	return plan_creation(t, c, buf_str(&parent));
}

static int
plan_path(struct policy_tests *t, struct policy_case *c, const char *path, const char *op)
{
	const char *typed;
	struct subject s;
	struct stat st;
	int r = subject_look(&s, t->why.cwd, path);

	if (r < 0) {
		subject_clear(&s);
		return err_set_errno(t->e, r, "cannot look at '%s'", path);
	}
	c->op = LIVE_READ;
	if (!(typed = c->path = keep(t, buf_str(&s.typed)))) {
		r = -ENOMEM;
	} else if (str_equal(op, "write")) {
		r = plan_write(t, c, &s);
	} else if (str_equal(op, "execute")) {
		c->op = LIVE_EXECUTE;
		if (s.type != S_IFREG || faccessat(AT_FDCWD, typed, X_OK, AT_EACCESS) == -1)
			c->why_not = "it is no program of this user";
	} else if (s.missing > 0) {
		c->why_not = "nothing is there";
	}
	c->there = s.missing == 0;
	/* Another process has another /proc/self, and a sandbox other terminals. */
	c->comparable = r == 0 && !c->made && !path_is_beneath(typed, "/proc") &&
			!path_is_beneath(typed, "/dev") && stat(typed, &st) == 0 &&
			(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
	if (c->comparable) {
		c->device = st.st_dev;
		c->inode = st.st_ino;
	}
	subject_clear(&s);
	return r;
}

/* ---- one question ---- */

static int
ask_path(struct policy_tests *t, const struct node *n, const char *text, const char *op)
{
	autobuf struct buf path = BUF_INIT;
	unsigned int access = str_equal(op, "write") ? PLAN_WRITE : PLAN_READ;
	int r;

	if (!str_equal(op, "read") && !str_equal(op, "write") && !str_equal(op, "execute"))
		return fail_case(t, n, "the op of a path is read, write or execute");
	r = inspect_expand(&path, t->in, text, t->e);
	return r < 0 ? r : why_path(&t->why, buf_str(&path), access, t->e);
}

/* Questions that `why` takes from its options. */
static int
ask_words(struct policy_tests *t, const char *const *words, size_t count,
	  int (*ask)(struct why *w, struct err *e))
{
	const char *argv[WORDS_MAX] = { "nono", "why" };
	const struct opt *before = t->why.o;
	struct opt o = OPT_INIT;
	int r;

	memcpy(argv + 2, words, count * sizeof(*words));
	/* opt_parse() writes to none of them. */
	r = opt_parse(&o, (int)count + 2, (char *const *)(uintptr_t)argv, t->why.environment, t->e);
	t->why.o = &o;
	if (r == 0)
		r = ask(&t->why, t->e);
	t->why.o = before;
	opt_clear(&o);
	return r;
}

static int
ask_host(struct policy_tests *t, const struct node *n, const char *host, const char *op)
{
	const char *const words[] = { "--host", host, "--bind" };

	if (!str_equal(op, "connect") && !str_equal(op, "bind"))
		return fail_case(t, n, "the op of a host is connect or bind");
	return ask_words(t, words, str_equal(op, "bind") ? 3 : 2, why_host);
}

static int
ask_command(struct policy_tests *t, const struct node *n, const char *name, const char *op)
{
	const char *const words[] = { "--command", name };

	(void)n;
	(void)op;
	return ask_words(t, words, 2, why_command);
}

static int
ask_variable(struct policy_tests *t, const struct node *n, const char *name, const char *op)
{
	(void)n;
	(void)op;
	t->why.answer.status = profile_passes_variable(t->why.request.profile, name,
						       &t->why.answer.reason)
				       ? ANSWER_ALLOWED
				       : ANSWER_DENIED;
	return 0;
}

static const struct {
	const char *key, *op;
	int (*ask)(struct policy_tests *t, const struct node *n, const char *subject,
		   const char *op);
} kinds[] = {
	{ "path", "read", ask_path },
	{ "host", "connect", ask_host },
	{ "command", "execute", ask_command },
	{ "env", "read", ask_variable },
};

/* ---- one case ---- */

static int
check_keys(struct policy_tests *t, const struct node *n)
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

/* For plan_path(), when paths are to be tried. */
static int
plan_case(struct policy_tests *t, struct policy_case *c, const char *subject, const char *op)
{
	autobuf struct buf path = BUF_INIT;
	int r = inspect_expand(&path, t->in, subject, t->e);

	return r < 0 ? r : plan_path(t, c, buf_str(&path), op);
}

static int
add_case(struct policy_tests *t, const struct policy_case *c)
{
	if (mem_grow((void **)&t->item, &t->cap, t->count, sizeof(*t->item)) < 0)
		return fail_memory(t);
	t->item[t->count++] = *c;
	if (t->live && c->path && !c->why_not && live_add(t->sandbox, c->op, c->path) < 0)
		return fail_memory(t);
	return 0;
}

static int
read_case(struct policy_tests *t, const struct node *n)
{
	const char *expect = node_text(node_find(n, "expect"), "");
	const char *name = node_text(node_find(n, "name"), NULL);
	struct policy_case c = { .wanted = node_text(node_find(n, "reason"), NULL) };
	autobuf struct buf title = BUF_INIT;
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
	answer_clear(&t->why.answer);
	t->why.answer = (struct answer){ 0 };
	if ((r = kinds[kind].ask(t, n, subject, op)) < 0)
		return r;
	c.expected = str_equal(expect, "allow");
	c.predicted = t->why.answer.status == ANSWER_ALLOWED;
	c.reason = t->why.answer.reason ? t->why.answer.reason : "";
	if ((r = name ? buf_adds(&title, name)
		      : buf_addf(&title, "%s %s %s", kinds[kind].key, op, subject)) < 0 ||
	    !(c.title = pool_take(&t->pool, &title)))
		return fail_memory(t);
	if (t->live && kinds[kind].ask == ask_path)
		r = plan_case(t, &c, subject, op);
	else
		c.why_not = "only paths are tried";
	return r < 0 ? r : add_case(t, &c);
}

int
policy_tests_read(struct policy_tests *t, const char *file)
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
		r = read_case(t, n);
	return r;
}

/* ---- the kernel's answers ---- */

enum outcome { OUTCOME_ALLOWED, OUTCOME_DENIED, OUTCOME_NONE };

/* What an attempt says about the sandbox; *ret_why when that is nothing. */
static enum outcome
outcome_of(struct policy_case *c, const struct live_answer *a, const char **ret_why)
{
	switch (a->error) {
	case 0:
		/* What covers a denied path is another object. */
		c->covered = c->comparable && c->op != LIVE_EXECUTE &&
			     (a->device != c->device || a->inode != c->inode);
		return c->covered ? OUTCOME_DENIED : OUTCOME_ALLOWED;
	case ENXIO: /* a socket, a FIFO without a reader: said behind the check of access */
		return OUTCOME_ALLOWED;
	case EACCES:
	case EPERM:
	case EROFS:
		return OUTCOME_DENIED;
	case ENOENT:
	case ENOTDIR:
		c->covered = c->there;
		*ret_why = "nothing is there";
		return c->there ? OUTCOME_DENIED : OUTCOME_NONE;
	case EINVAL:
		if (c->op == LIVE_EXECUTE) {
			*ret_why = "this kernel cannot be asked about programs (Linux 6.14)";
			return OUTCOME_NONE;
		}
		break;
	default:
		break;
	}
	*ret_why = strerrordesc_np(a->error);
	if (!*ret_why)
		*ret_why = "an unknown error";
	return OUTCOME_NONE;
}

static void
compare(struct policy_case *c, const struct live_answer *a)
{
	enum outcome outcome = outcome_of(c, a, &c->why_not);

	if (outcome == OUTCOME_NONE)
		return;
	c->error = a->error;
	c->result = (outcome == OUTCOME_ALLOWED) == c->predicted ? TRY_AGREES : TRY_DIFFERS;
}

/* A probe that was killed between the two calls leaves its file. */
static void
remove_made(const struct policy_case *c)
{
	struct stat st;

	if (c->made && lstat(c->made, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0)
		(void)unlink(c->made);
}

static int
try_all(struct policy_tests *t)
{
	const struct live_answer *answer;
	int r = live_run(t->sandbox, &t->why.request.policy, &answer, t->e);

	for (size_t i = 0; i < t->count; i++) {
		struct policy_case *c = &t->item[i];

		if (!c->path || c->why_not)
			continue;
		remove_made(c);
		if (r == 0)
			compare(c, answer++);
	}
	return r;
}

bool
policy_case_is_good(const struct policy_case *c)
{
	return c->predicted == c->expected && c->result != TRY_DIFFERS &&
	       (!c->wanted || str_equal(c->wanted, c->reason));
}

int
policy_tests_judge(struct policy_tests *t)
{
	int r = t->live ? try_all(t) : 0;

	for (size_t i = 0; i < t->count && r == 0; i++)
		t->failed += !policy_case_is_good(&t->item[i]);
	return r;
}

/* ---- all of it ---- */

int
policy_tests_begin(struct policy_tests *t, const struct policy_tests_request *rq, struct err *e)
{
	const char *const argv[] = { "nono", "why", "--profile", rq->reference, "--path", "/" };
	int r;

	*t = (struct policy_tests){ .live = rq->live, .may_write = rq->may_write, .e = e };
	t->why.profile_text = rq->text;
	t->why.profile_shown = rq->shown;
	r = opt_parse(&t->o, (int)ARRAY_LEN(argv), (char *const *)(uintptr_t)argv, rq->environment,
		      e);
	/* Before why_prepare(), which gives up what a launch by root needs. */
	if (r == 0 && t->live)
		r = live_start(&t->sandbox, e);
	if (r == 0)
		r = why_prepare(&t->why, &t->o, rq->environment, e);
	return r < 0 ? r : inspect_open(&t->in, rq->environment, e);
}

void
policy_tests_clear(struct policy_tests *t)
{
	live_free(t->sandbox);
	inspect_free(t->in);
	pool_clear(&t->pool);
	why_clear(&t->why);
	opt_clear(&t->o);
	mem_free(t->item);
}

const char *
policy_tests_beside(struct policy_tests *t, const char *profile)
{
	autobuf struct buf path = BUF_INIT;
	size_t n = strlen(profile);

	if (str_ends_with(profile, ".jsonc"))
		n -= strlen(".jsonc");
	else if (str_ends_with(profile, ".json"))
		n -= strlen(".json");
	if (buf_add(&path, profile, n) < 0 || buf_adds(&path, ".test.jsonc") < 0)
		return NULL;
	return pool_take(&t->pool, &path);
}

static const char *
word_of(bool allowed)
{
	return allowed ? "allow" : "deny";
}

static void
put_difference(struct out *o, const struct policy_case *c)
{
	out_role(o, ROLE_RED, false, "MISMATCH");
	out_putf(o, ": nono why says %s (%s), the kernel ", word_of(c->predicted), c->reason);
	if (c->covered)
		out_puts(o, "shows something else there");
	else if (c->error && c->predicted)
		out_putf(o, "denies it (%s)", strerrorname_np(c->error));
	else
		out_puts(o, "allows it");
}

void
policy_case_put(struct out *o, const struct policy_case *c, size_t number, bool live)
{
	bool good = policy_case_is_good(c);
	bool as_expected = c->predicted == c->expected &&
			   (!c->wanted || str_equal(c->wanted, c->reason));

	out_role(o, good ? ROLE_GREEN : ROLE_RED, false, good ? "ok" : "not ok");
	out_putf(o, " %zu - ", number);
	out_text(o, c->title);
	if (!as_expected) {
		out_putf(o, ": expected %s", word_of(c->expected));
		if (c->wanted) {
			out_puts(o, " (");
			out_text(o, c->wanted);
			out_puts(o, ")");
		}
		out_putf(o, ", is %s (%s)", word_of(c->predicted), c->reason);
	}
	if (c->result == TRY_DIFFERS) {
		out_puts(o, as_expected ? ": " : "; ");
		put_difference(o, c);
	}
	if (live && c->result == TRY_NOT)
		out_putf(o, " # not tried: %s", c->why_not);
	out_puts(o, "\n");
}
