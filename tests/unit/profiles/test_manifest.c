/* Manifests: what is accepted and what is refused, limits at and above, and the plan of one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/str.h"
#include "profiles/manifest.h"
#include "tests/harness/policy_run.h"
#include "tests/harness/unit.h"

#define VERSION "\"version\": \"0.1.0\""

static struct manifest *
parse(const char *text, struct policy_notes *notes, struct err *e)
{
	struct manifest *m = NULL;
	int r;

	*e = (struct err)ERR_INIT;
	r = manifest_parse(&m, slice_of(text), "m", notes, e);
	CU_ASSERT_EQUAL(r < 0, m == NULL);
	return m;
}

static bool
accepted(const char *text)
{
	struct policy_notes notes = { 0 };
	struct err e;
	struct manifest *m = parse(text, &notes, &e);
	bool quiet = m && notes.count == 0;

	manifest_free(m);
	policy_notes_clear(&notes);
	return quiet;
}

static bool
refused(const char *text, const char *part)
{
	struct err e;
	struct manifest *m = parse(text, NULL, &e);

	if (!m && e.code == -EBADMSG && str_starts_with(e.text, "Configuration parse error: m:") &&
	    strstr(e.text, part))
		return true;
	(void)printf("# %s: %s\n", text, m ? "accepted" : e.text);
	manifest_free(m);
	return false;
}

static void
test_accepted(void)
{
	CU_ASSERT_TRUE(accepted("{" VERSION "}"));
	CU_ASSERT_TRUE(accepted("{" VERSION ", \"filesystem\": {}, \"network\": {\"ports\": {}}}"));
	CU_ASSERT_TRUE(accepted("{" VERSION ", \"network\": {\"ports\": {\"bind\": [1, 65535]}}}"));
	CU_ASSERT_TRUE(accepted(
		"{" VERSION ", \"process\": {\"exec_strategy\": \"supervised\"}, "
		"\"resources\": {\"memory_bytes\": 1}, \"rollback\": {\"enabled\": true}}"));
	CU_ASSERT_TRUE(accepted("{" VERSION ", \"process\": {\"exec_strategy\": \"supervised\"}, "
				"\"resources\": {\"memory_bytes\": 9007199254740992}}"));
	CU_ASSERT_TRUE(accepted("{" VERSION ", \"rollback\": {\"exclude_globs\": [\"*\"]}}"));
}

static void
test_refused(void)
{
	static const struct {
		const char *text, *part;
	} wrong[] = {
		{ "", "m:1:1: " },
		{ "[]",
		  "m:1:1: invalid type for 'the manifest': expected an object, found a list" },
		{ "{}", "m:1:1: missing field `version`" },
		{ "{\"version\": 1}", "m:1:13: invalid type for 'version': expected a string" },
		{ "{\"version\": \"0.1\"}", "m:1:13: version '0.1' is not known" },
		{ "{\"version\": null}", "expected a string, found null" },
		{ "{" VERSION ", " VERSION "}", "duplicate field" },
		{ "{" VERSION ", \"network\": {\"ports\": {\"bind\": [0]}}}", "from 1 to 65535" },
		{ "{" VERSION ", \"network\": {\"ports\": {\"bind\": [65536]}}}",
		  "from 1 to 65535" },
		{ "{" VERSION ", \"network\": {\"ports\": {\"bind\": [1.5]}}}", "a whole number" },
		{ "{" VERSION ", \"network\": {\"ports\": {\"bind\": [\"1\"]}}}",
		  "expected numbers" },
		{ "{" VERSION ", \"network\": {\"dns\": \"yes\"}}", "expected true or false" },
		{ "{" VERSION ", \"network\": {\"allow_domains\": [1]}}", "expected strings" },
		{ "{" VERSION ", \"filesystem\": {\"grants\": {}}}", "expected a list" },
		{ "{" VERSION ", \"filesystem\": {\"grants\": [\"/usr\"]}}", "expected an object" },
		{ "{" VERSION ", \"filesystem\": {\"grants\": [{\"access\": \"read\"}]}}",
		  "`path`" },
		{ "{" VERSION ", \"filesystem\": {\"deny\": [{\"path\": \"\"}]}}",
		  "must not be empty" },
		{ "{" VERSION ", \"filesystem\": {\"deny\": [{}]}}", "missing field `path`" },
		{ "{" VERSION ", \"credentials\": [{\"name\": \"x\", \"source\": \"env://X\"}]}",
		  "missing field `upstream`" },
		{ "{" VERSION ", \"resources\": {\"cpu\": 1}}",
		  "unknown key 'cpu' in 'resources'" },
		{ "{" VERSION ", \"resources\": {\"memory_bytes\": 0}}", "from 1 to" },
		{ "{" VERSION ", \"resources\": {\"memory_bytes\": 9007199254740994}}",
		  "from 1 to" },
		{ "{" VERSION ", \"resources\": {\"memory_bytes\": 1}}", "\"supervised\"" },
		{ "{" VERSION ", \"rollback\": {\"enabled\": true}}", "\"supervised\"" },
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		CU_ASSERT_TRUE(refused(wrong[i].text, wrong[i].part));
}

static void
test_unknown(void)
{
	struct policy_notes notes = { 0 };
	struct err e;
	struct manifest *m = parse("{" VERSION ", \"filesystem\": {\"dney\": [], \"x\": {}}}",
				   &notes, &e);

	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_EQUAL_FATAL(notes.count, 2);
	CU_ASSERT_STRING_EQUAL(notes.item[0].text, "m:1:37: unknown key 'dney' has no effect; did "
						   "you mean 'deny'?");
	CU_ASSERT_STRING_EQUAL(notes.item[1].text, "m:1:49: unknown key 'x' has no effect");
	manifest_free(m);
	policy_notes_clear(&notes);
}

static int
go(struct policy_run *t, const char *members)
{
	struct policy_notes notes = { 0 };
	char text[2048];
	struct manifest *m;
	struct err e;
	int r;

	(void)snprintf(text, sizeof(text), "{" VERSION ", %s}", members);
	m = parse(text, &notes, &e);
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	t->rq.manifest = m;
	r = policy_go(t);
	t->rq.manifest = NULL;
	manifest_free(m);
	policy_notes_clear(&notes);
	return r;
}

/* Also: nothing but what the manifest says, and what the program needs to start. */
static void
test_plan(void)
{
	struct policy_run t;
	char members[1024];
	size_t others = 0;

	policy_run_init(&t);
	policy_mkdir(policy_path(&t, "project/in"));
	policy_mkdir(policy_path(&t, "project/out"));
	policy_file(policy_path(&t, "project/file"), "x", 0600);
	(void)snprintf(
		members, sizeof(members),
		"\"filesystem\": {\"grants\": [{\"path\": \"$WORKDIR/in\", \"access\": \"read\"}, "
		"{\"path\": \"%s/out\", \"access\": \"readwrite\"}, {\"path\": \"%s/file\", "
		"\"access\": \"write\", \"type\": \"file\"}], \"deny\": [{\"path\": \"~/.ssh\"}]}, "
		"\"network\": {\"mode\": \"blocked\", \"ports\": {\"localhost\": [3000]}}, "
		"\"process\": {\"signal_mode\": \"allow_all\", \"ipc_mode\": \"full\"}",
		t.project, t.project);
	CU_ASSERT_EQUAL_FATAL(go(&t, members), 0);
	CU_ASSERT_EQUAL(policy_grant(&t, policy_path(&t, "project/in"))->access, PLAN_READ);
	CU_ASSERT_EQUAL(policy_grant(&t, policy_path(&t, "project/in"))->kind, PLAN_KIND_DIR);
	CU_ASSERT_EQUAL(policy_grant(&t, policy_path(&t, "project/out"))->access,
			PLAN_READ | PLAN_WRITE);
	CU_ASSERT_EQUAL(policy_grant(&t, policy_path(&t, "project/file"))->access, PLAN_WRITE);
	CU_ASSERT_EQUAL(policy_grant(&t, policy_path(&t, "project/file"))->kind, PLAN_KIND_FILE);
	CU_ASSERT_PTR_NOT_NULL(policy_deny(&t, policy_path(&t, "home/.ssh")));
	CU_ASSERT_PTR_NULL(policy_deny(&t, policy_path(&t, "home/.aws")));
	for (size_t i = 0; i < plan_count(&t.plan, PLAN_SEC_GRANTS); i++)
		others += plan_grant_at(&t.plan, i)->source != PLAN_SOURCE_SYSTEM;
	CU_ASSERT_EQUAL(others, 3);
	CU_ASSERT_EQUAL(plan_count(&t.plan, PLAN_SEC_DENIES), 1);
	CU_ASSERT_EQUAL(t.plan.settings->net, PLAN_NET_BLOCKED);
	CU_ASSERT_EQUAL(plan_count(&t.plan, PLAN_SEC_PORTS), 1);
	CU_ASSERT_EQUAL(t.plan.settings->signal_mode, PLAN_ALLOW_ALL);
	CU_ASSERT_TRUE(t.plan.settings->flags & PLAN_IPC_FULL);
	/* The defaults, and a network that is closed without a single grant. */
	CU_ASSERT_EQUAL_FATAL(go(&t, "\"network\": {\"mode\": \"blocked\"}"), 0);
	CU_ASSERT_EQUAL(t.plan.settings->signal_mode, PLAN_ISOLATED);
	CU_ASSERT_FALSE(t.plan.settings->flags & PLAN_IPC_FULL);
	/* Required groups are given up by a list of denies only, be it empty. */
	CU_ASSERT_PTR_NOT_NULL(policy_deny(&t, policy_path(&t, "home/.ssh")));
	CU_ASSERT_EQUAL_FATAL(go(&t, "\"filesystem\": {\"deny\": []}"), 0);
	CU_ASSERT_EQUAL(plan_count(&t.plan, PLAN_SEC_DENIES), 0);
	policy_run_clear(&t);
}

static void
test_plan_refused(void)
{
	static const struct {
		const char *members, *part;
		int r;
	} wrong[] = {
		{ "\"filesystem\": {\"grants\": [{\"path\": \"$WORKDIR/none\", \"access\": \"read\"}]}",
		  "Path does not exist: ", -ENOENT },
		{ "\"filesystem\": {\"grants\": [{\"path\": \"$WORKDIR\", \"access\": \"read\", "
		  "\"type\": \"file\"}]}",
		  "Expected a file but got a directory: ", -EISDIR },
		{ "\"filesystem\": {\"grants\": [{\"path\": \"/dev/null\", \"access\": \"read\"}]}",
		  "Expected a directory but got a file: ", -ENOTDIR },
		{ "\"filesystem\": {\"grants\": [{\"path\": \"~\", \"access\": \"read\"}]}",
		  "(source: user) because it overlaps", -EACCES },
		{ "\"filesystem\": {\"grants\": [{\"path\": \"$WORKDIR\", \"access\": \"read\"}], "
		  "\"deny\": [{\"path\": \"$WORKDIR/x\"}]}",
		  "Landlock deny-overlap", -EACCES },
		{ "\"filesystem\": {\"grants\": [{\"path\": \"$WORKDIR\", \"access\": \"read\"}], "
		  "\"deny\": [{\"path\": \"$WORKDIR\"}]}",
		  "is inside protected path", -EACCES },
		{ "\"network\": {\"mode\": \"proxy\"}", "network.mode \"proxy\"", -ENOSYS },
		{ "\"network\": {\"allow_domains\": [\"a\"]}", "network.allow_domains", -ENOSYS },
		{ "\"network\": {\"endpoints\": [{\"host\": \"a\"}]}", "network.endpoints",
		  -ENOSYS },
		{ "\"network\": {\"dns\": false}", "network.dns", -ENOSYS },
		{ "\"credentials\": [{\"name\": \"a\", \"upstream\": \"b\", \"source\": \"env://C\"}]",
		  "credentials", -ENOSYS },
		{ "\"process\": {\"exec_strategy\": \"supervised\"}, \"rollback\": {\"enabled\": true}",
		  "rollback.enabled", -ENOSYS },
		{ "\"process\": {\"exec_strategy\": \"direct\"}", "`nono wrap`", -EINVAL },
	};
	struct policy_run t;

	policy_run_init(&t);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		CU_ASSERT_EQUAL(go(&t, wrong[i].members), wrong[i].r);
		CU_ASSERT_TRUE(policy_failed_with(&t, wrong[i].part));
	}
	policy_run_clear(&t);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "accepted", test_accepted },	       { "refused", test_refused },
		{ "unknown keys", test_unknown },      { "plan", test_plan },
		{ "plan refused", test_plan_refused },
	};

	return unit_run("manifest", tests, UNIT_COUNT(tests));
}
