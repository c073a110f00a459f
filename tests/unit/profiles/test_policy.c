/* Grants, sockets, network and settings of a request, in a temporary home. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "profiles/internal.h"
#include "tests/harness/policy_run.h"
#include "tests/harness/unit.h"

enum { RW = PLAN_READ | PLAN_WRITE };

static unsigned int
access_of(const struct policy_run *t, const char *path)
{
	const struct plan_grant *g = policy_grant(t, path);

	return g ? g->access : 0;
}

static void
test_defaults(void)
{
	struct policy_run t;
	const struct plan_grant *g;

	policy_run_init(&t);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_EQUAL(access_of(&t, t.project), PLAN_READ);
	CU_ASSERT_EQUAL(access_of(&t, "/usr/bin"), PLAN_READ);
	CU_ASSERT_EQUAL(access_of(&t, "/tmp"), PLAN_WRITE);
	CU_ASSERT_EQUAL(access_of(&t, "/dev/null"), RW);
	CU_ASSERT_EQUAL(policy_grants_of(&t, "/dev/null"), 1);
	g = policy_grant(&t, "/usr/bin");
	CU_ASSERT_FATAL(g != NULL);
	CU_ASSERT_EQUAL(g->source, PLAN_SOURCE_GROUP);
	CU_ASSERT_EQUAL(g->kind, PLAN_KIND_ANY);
	CU_ASSERT(g->flags & PLAN_GRANT_OPTIONAL);
	CU_ASSERT_STRING_EQUAL(plan_string(&t.plan, g->source_name), "system_read_linux_core");
	g = policy_grant(&t, t.project);
	CU_ASSERT_EQUAL(g->source, PLAN_SOURCE_USER);
	CU_ASSERT_EQUAL(g->kind, PLAN_KIND_DIR);
	CU_ASSERT(g->flags & PLAN_GRANT_CHECKED && g->inode && (g->type & S_IFMT) == S_IFDIR);
	CU_ASSERT_EQUAL(policy_grant(&t, "/proc/self")->alias, PLAN_ALIAS_PROC);
	CU_ASSERT_EQUAL(policy_grant(&t, "/dev/stdin")->alias, PLAN_ALIAS_STDIN);
	CU_ASSERT_EQUAL(t.plan.settings->net, PLAN_NET_ALLOWED);
	CU_ASSERT_EQUAL(t.plan.settings->uid, getuid());
	CU_ASSERT_STRING_EQUAL(plan_string(&t.plan, t.plan.settings->home), t.home);
	CU_ASSERT_STRING_EQUAL(plan_string(&t.plan, t.plan.settings->workdir), t.project);
	CU_ASSERT_STRING_EQUAL(plan_string(&t.plan, t.plan.settings->start_directory), t.project);
	CU_ASSERT_STRING_EQUAL(plan_string(&t.plan, t.plan.settings->temp_parent), "/tmp");
	CU_ASSERT_STRING_EQUAL(plan_string(&t.plan, t.plan.settings->program), "/bin/true");
	CU_ASSERT_EQUAL(strlen(plan_string(&t.plan, t.plan.settings->session_id)), 16);
	CU_ASSERT_STRING_EQUAL(plan_argument_at(&t.plan, 0), "/bin/true");
	policy_run_clear(&t);
}

/* Spec 02 2.4 row by row: an earlier and a later grant of one directory. */
static void
test_dedupe(void)
{
	static const struct {
		const char *name;
		unsigned int flag[2];
		unsigned int expected;
	} v[] = {
		{ "read and read", { PLAN_READ, PLAN_READ }, PLAN_READ },
		{ "read and write", { PLAN_READ, PLAN_WRITE }, RW },
		{ "read and both", { RW, PLAN_READ }, RW },
		{ "write and both", { RW, PLAN_WRITE }, RW },
		{ "write and write", { PLAN_WRITE, PLAN_WRITE }, PLAN_WRITE },
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		struct policy_run t;
		const char *d;

		policy_run_init(&t);
		policy_mkdir(d = policy_path(&t, "data"));
		for (size_t j = 0; j < 2; j++) {
			struct words *list = v[i].flag[j] == RW		 ? &t.rq.allow
					     : v[i].flag[j] == PLAN_READ ? &t.rq.read
									 : &t.rq.write;

			if (list->count)
				policy_words(&t, list, d, d, NULL);
			else
				policy_words(&t, list, d, NULL);
		}
		CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
		CU_ASSERT_EQUAL(access_of(&t, d), v[i].expected);
		CU_ASSERT_EQUAL(policy_grants_of(&t, d), 1);
		policy_run_clear(&t);
	}
}

/* A user's grant over one of a group: spec 02 2.4, 28 items 22 and 23. */
static void
test_dedupe_group(void)
{
	struct policy_run t;
	const struct plan_grant *g;

	policy_run_init(&t);
	policy_words(&t, &t.rq.read, "/tmp", "/usr/share", NULL);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	g = policy_grant(&t, "/tmp");
	CU_ASSERT_FATAL(g != NULL);
	CU_ASSERT_EQUAL(g->access, RW);
	CU_ASSERT_EQUAL(g->source, PLAN_SOURCE_USER);
	CU_ASSERT_EQUAL(policy_grants_of(&t, "/tmp"), 1);
	g = policy_grant(&t, "/usr/share");
	CU_ASSERT_EQUAL(g->access, PLAN_READ);
	CU_ASSERT_EQUAL(g->source, PLAN_SOURCE_USER);
	/* Entries below it stay without a rule: it still covers them. */
	CU_ASSERT(policy_grant(&t, "/usr/share/zoneinfo")->flags & PLAN_GRANT_COVERED);
	policy_words(&t, &t.rq.read, NULL);
	policy_words(&t, &t.rq.write, "/usr/share", NULL);
	if (policy_go(&t) == 0)
		CU_ASSERT_EQUAL(access_of(&t, "/usr/share"), RW);
	policy_run_clear(&t);
}

/* Rows that the default groups have no entry for: spec 02 28 item 23. */
static void
test_dedupe_rows(void)
{
	static const struct {
		uint8_t source[2], access[2];
		uint8_t expected, expected_source;
	} v[] = {
		{ { PLAN_SOURCE_GROUP, PLAN_SOURCE_USER },
		  { RW, PLAN_READ },
		  PLAN_READ,
		  PLAN_SOURCE_USER },
		{ { PLAN_SOURCE_USER, PLAN_SOURCE_GROUP },
		  { PLAN_READ, RW },
		  PLAN_READ,
		  PLAN_SOURCE_USER },
		{ { PLAN_SOURCE_PROFILE, PLAN_SOURCE_USER },
		  { PLAN_READ, RW },
		  RW,
		  PLAN_SOURCE_USER },
		{ { PLAN_SOURCE_PROFILE, PLAN_SOURCE_USER },
		  { PLAN_READ, PLAN_WRITE },
		  RW,
		  PLAN_SOURCE_PROFILE },
		{ { PLAN_SOURCE_PROFILE, PLAN_SOURCE_USER },
		  { RW, PLAN_READ },
		  RW,
		  PLAN_SOURCE_PROFILE },
		{ { PLAN_SOURCE_GROUP, PLAN_SOURCE_USER },
		  { PLAN_READ, PLAN_WRITE },
		  RW,
		  PLAN_SOURCE_USER },
		{ { PLAN_SOURCE_GROUP, PLAN_SOURCE_SYSTEM },
		  { PLAN_READ, PLAN_READ },
		  PLAN_READ,
		  PLAN_SOURCE_GROUP },
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		struct grant two[2];
		struct assembly a = { .grants = two, .grants_count = 2 };

		for (size_t j = 0; j < 2; j++)
			two[j] = (struct grant){
				.original = "/d",
				.resolved = "/d",
				.place = "/d",
				.source_name = "",
				.access = v[i].access[j],
				.kind = PLAN_KIND_DIR,
				.source = v[i].source[j],
			};
		grants_dedupe(&a);
		CU_ASSERT_EQUAL(a.grants_count, 1);
		CU_ASSERT_EQUAL(two[0].access, v[i].expected);
		CU_ASSERT_EQUAL(two[0].source, v[i].expected_source);
	}
}

/* Where the grant above is narrowed or gone, an entry of the table needs its own rule again. */
static void
test_covered(void)
{
	static const struct {
		uint8_t above, below;
		bool covered;
	} v[] = {
		{ PLAN_READ, PLAN_READ, true },
		{ RW, PLAN_READ, true },
		{ PLAN_READ, RW, false },
		{ PLAN_WRITE, PLAN_READ, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		struct grant two[2] = {
			{ .original = "/d",
			  .resolved = "",
			  .place = "/d",
			  .source_name = "g",
			  .place_hash = 1,
			  .access = v[i].above,
			  .kind = PLAN_KIND_ANY,
			  .source = PLAN_SOURCE_GROUP },
			{ .original = "/d/e",
			  .resolved = "",
			  .place = "/d/e",
			  .source_name = "g",
			  .place_hash = 2,
			  .access = v[i].below,
			  .kind = PLAN_KIND_ANY,
			  .source = PLAN_SOURCE_GROUP,
			  .flags = PLAN_GRANT_COVERED },
		};
		struct assembly a = { .grants = two, .grants_count = 2, .covered_stale = true };

		grants_dedupe(&a);
		CU_ASSERT_EQUAL(a.grants_count, 2);
		CU_ASSERT_EQUAL((two[1].flags & PLAN_GRANT_COVERED) != 0, v[i].covered);
	}
}

/* Two names of one directory are one grant, and the typed name is kept for display. */
static void
test_dedupe_links(void)
{
	struct policy_run t;
	const struct plan_grant *g;
	const char *d, *link;

	policy_run_init(&t);
	policy_mkdir(d = policy_path(&t, "data"));
	policy_link(d, link = policy_path(&t, "link"));
	policy_words(&t, &t.rq.read, d, link, NULL);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_EQUAL(policy_grants_of(&t, d), 1);
	g = policy_grant(&t, d);
	CU_ASSERT_STRING_EQUAL(plan_string(&t.plan, g->original), link);
	policy_words(&t, &t.rq.read, link, NULL);
	policy_words(&t, &t.rq.write, d, NULL);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_EQUAL(access_of(&t, d), RW);
	policy_run_clear(&t);
}

/* Spec 02 28 items 3 and 4: names as people type them. */
static void
test_names(void)
{
	static const char *const names[] = { "./x",   "../project/x", "x",     "with blank",
					     "-dash", "byte\xff",     "x/../x" };
	struct policy_run t;

	policy_run_init(&t);
	policy_mkdir(policy_path(&t, "project/x"));
	policy_mkdir(policy_path(&t, "project/with blank"));
	policy_mkdir(policy_path(&t, "project/-dash"));
	policy_mkdir(policy_path(&t, "project/byte\xff"));
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *leaf = strrchr(names[i], '/') ? strrchr(names[i], '/') + 1 : names[i];
		const struct plan_grant *g;

		policy_words(&t, &t.rq.allow, names[i], NULL);
		CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
		g = policy_grant(&t, policy_path(&t, "project/%s", leaf));
		CU_ASSERT_FATAL(g != NULL);
		CU_ASSERT_STRING_EQUAL(plan_string(&t.plan, g->original), names[i]);
	}
	policy_run_clear(&t);
}

static void
test_missing(void)
{
	struct policy_run t;
	char text[RUN_PATH_MAX + 64];
	const char *gone;

	policy_run_init(&t);
	gone = policy_path(&t, "gone");
	policy_words(&t, &t.rq.allow, gone, NULL);
	policy_words(&t, &t.rq.read_file, gone, NULL);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	(void)snprintf(text, sizeof(text), "'%s' does not exist and will be ignored.", gone);
	CU_ASSERT(policy_noted(&t, POLICY_NOTE_WARNING, text));
	(void)snprintf(text, sizeof(text), "--allow %s", gone);
	CU_ASSERT(policy_noted(&t, POLICY_NOTE_SKIPPED, text));
	(void)snprintf(text, sizeof(text), "--read-file %s", gone);
	CU_ASSERT(policy_noted(&t, POLICY_NOTE_SKIPPED, text));
	CU_ASSERT_PTR_NULL(policy_grant(&t, gone));
	t.rq.strict_paths = true;
	CU_ASSERT_EQUAL(policy_go(&t), -ENOENT);
	CU_ASSERT(policy_failed_with(&t, "Path does not exist: "));
	CU_ASSERT_EQUAL(t.e.exit_code, EXIT_NONO);
	policy_words(&t, &t.rq.allow, "", NULL);
	CU_ASSERT(policy_go(&t) < 0 && t.e.exit_code == EXIT_USAGE);
	policy_run_clear(&t);
}

static void
test_created_file(void)
{
	struct policy_run t;
	const char *file;
	struct stat st;

	policy_run_init(&t);
	file = policy_path(&t, "project/new");
	policy_words(&t, &t.rq.write_file, file, NULL);
	t.rq.dry_run = true;
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	CU_ASSERT(policy_noted(&t, POLICY_NOTE_SKIPPED, file));
	CU_ASSERT_EQUAL(lstat(file, &st), -1);
	t.rq.dry_run = false;
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT(lstat(file, &st) == 0 && (st.st_mode & 07777) == 0600 && st.st_size == 0);
	CU_ASSERT_EQUAL(access_of(&t, file), PLAN_WRITE);
	CU_ASSERT_EQUAL(policy_grant(&t, file)->kind, PLAN_KIND_FILE);
	/* A start that fails later leaves nothing behind. */
	(void)unlink(file);
	policy_words(&t, &t.rq.command, "no-such-program", NULL);
	CU_ASSERT(policy_go(&t) < 0);
	CU_ASSERT_EQUAL(lstat(file, &st), -1);
	/* Never through a dangling link. */
	policy_words(&t, &t.rq.command, "/bin/true", NULL);
	policy_link(policy_path(&t, "elsewhere"), file);
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	CU_ASSERT_EQUAL(lstat(policy_path(&t, "elsewhere"), &st), -1);
	policy_run_clear(&t);
}

static void
test_kinds(void)
{
	struct policy_run t;
	const char *file;

	policy_run_init(&t);
	policy_file(file = policy_path(&t, "file"), "x", 0644);
	policy_words(&t, &t.rq.allow, file, NULL);
	CU_ASSERT_EQUAL(policy_go(&t), -ENOTDIR);
	CU_ASSERT(policy_failed_with(&t, "Configuration parse error: CLI path '"));
	CU_ASSERT(policy_failed_with(&t, "is not a directory. Use --allow-file for single files."));
	policy_words(&t, &t.rq.allow, NULL);
	policy_words(&t, &t.rq.read, file, NULL);
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "Use --read-file"));
	policy_words(&t, &t.rq.read, NULL);
	policy_words(&t, &t.rq.read_file, t.home, NULL);
	CU_ASSERT_EQUAL(policy_go(&t), -EISDIR);
	CU_ASSERT(policy_failed_with(&t, "Expected a file but got a directory: "));
	policy_words(&t, &t.rq.read_file, file, NULL);
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	CU_ASSERT_EQUAL(policy_grant(&t, file)->kind, PLAN_KIND_FILE);
	policy_link("loop", policy_path(&t, "loop"));
	policy_words(&t, &t.rq.read_file, policy_path(&t, "loop"), NULL);
	CU_ASSERT_EQUAL(policy_go(&t), -ELOOP);
	CU_ASSERT(policy_failed_with(&t, "Failed to canonicalize path "));
	policy_run_clear(&t);
}

static void
test_nested_warning(void)
{
	struct policy_run t;
	const char *d;

	policy_run_init(&t);
	policy_mkdir(d = policy_path(&t, "data/inner"));
	policy_words(&t, &t.rq.allow, policy_path(&t, "data"), NULL);
	policy_words(&t, &t.rq.read, d, NULL);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT(policy_noted(&t, POLICY_NOTE_WARNING, "(read) has no effect: '"));
	CU_ASSERT(policy_noted(&t, POLICY_NOTE_WARNING, "already grants read+write"));
	CU_ASSERT_EQUAL(access_of(&t, d), PLAN_READ);
	/* A wider one below a narrower one is not pointless. */
	policy_words(&t, &t.rq.allow, d, NULL);
	policy_words(&t, &t.rq.read, policy_path(&t, "data"), NULL);
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	CU_ASSERT(!policy_noted(&t, POLICY_NOTE_WARNING, "has no effect"));
	policy_run_clear(&t);
}

/* Grants of what is another object in every process carry no identity. */
static void
test_aliases(void)
{
	struct policy_run t;
	const struct plan_grant *g;
	char link[64];

	policy_run_init(&t);
	policy_words(&t, &t.rq.read, "/proc/self/fd", NULL);
	policy_words(&t, &t.rq.read_file, "/dev/stdin", NULL);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	g = policy_grant(&t, "/proc/self/fd");
	CU_ASSERT_FATAL(g != NULL);
	CU_ASSERT_EQUAL(g->alias, PLAN_ALIAS_CHILD);
	CU_ASSERT(!(g->flags & PLAN_GRANT_CHECKED) && g->inode == 0);
	/* This process's number would be the broker's. */
	(void)snprintf(link, sizeof(link), "/proc/%ld/fd", (long)getpid());
	policy_words(&t, &t.rq.read, link, NULL);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_PTR_NULL(policy_grant(&t, link));
	CU_ASSERT_PTR_NOT_NULL(policy_grant(&t, "/proc/self/fd"));
	policy_run_clear(&t);
}

/* Spec 02 28 item 12. */
static void
test_home_in_temp(void)
{
	struct policy_run t;
	char entry[RUN_PATH_MAX];

	policy_run_init(&t);
	(void)snprintf(entry, sizeof(entry), "TMPDIR=%s/", t.root);
	policy_env(&t, entry);
	policy_words(&t, &t.rq.allow, policy_path(&t, "project"), NULL);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_PTR_NULL(policy_grant(&t, t.root));
	CU_ASSERT(policy_noted(&t, POLICY_NOTE_WARNING, "because the home directory"));
	CU_ASSERT_EQUAL(access_of(&t, "/tmp"), PLAN_WRITE);
	CU_ASSERT_EQUAL(access_of(&t, t.project), RW);
	policy_env(&t, "TMPDIR=relative");
	CU_ASSERT(policy_go(&t) < 0);
	CU_ASSERT(policy_failed_with(
		&t, "Environment variable 'TMPDIR' validation failed: must be an absolute path"));
	policy_run_clear(&t);
}

static void
test_home(void)
{
	struct policy_run t;
	char entry[RUN_PATH_MAX];

	policy_run_init(&t);
	policy_env(&t, "HOME=relative");
	CU_ASSERT(policy_go(&t) < 0);
	CU_ASSERT(policy_failed_with(&t, "Environment variable 'HOME' validation failed: "));
	policy_env(&t, "HOME=/no/such/home");
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "Home directory not found"));
	/* A symlink: both spellings are denied and granted alike. */
	policy_link(t.home, policy_path(&t, "alias"));
	(void)snprintf(entry, sizeof(entry), "HOME=%s", policy_path(&t, "alias"));
	policy_env(&t, entry);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_PTR_NOT_NULL(policy_grant(&t, policy_path(&t, "home/.local/bin")));
	CU_ASSERT_STRING_EQUAL(
		plan_string(&t.plan, policy_deny(&t, policy_path(&t, "alias/.ssh"))->resolved),
		policy_path(&t, "home/.ssh"));
	policy_run_clear(&t);
}

static bool
ask_yes(void *context, const char *directory, unsigned int access)
{
	(void)directory;
	*(int *)context += access == PLAN_READ;
	return true;
}

/* Spec 02 3.4, 28 items 19 to 21. The harness has no terminal as stdin. */
static void
test_workdir(void)
{
	struct policy_run t;
	int asked = 0;
	char entry[RUN_PATH_MAX];

	policy_run_init(&t);
	t.rq.allow_cwd = false;
	t.ask = ask_yes;
	t.ask_context = &asked;
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	if (isatty(STDIN_FILENO)) {
		CU_ASSERT_EQUAL(asked, 1);
	} else {
		CU_ASSERT(policy_noted(&t, POLICY_NOTE_NOTICE,
				       "Skipping CWD prompt (non-interactive). Use --allow-cwd"));
		CU_ASSERT_PTR_NULL(policy_grant(&t, t.project));
		CU_ASSERT_STRING_EQUAL(plan_string(&t.plan, t.plan.settings->start_directory), "/");
	}
	t.rq.silent = true;
	CU_ASSERT(policy_go(&t) < 0);
	CU_ASSERT(
		policy_failed_with(&t, "CWD access requires --allow-cwd in non-interactive mode"));
	/* Covered already: nothing to ask. */
	policy_words(&t, &t.rq.read, t.project, NULL);
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	policy_words(&t, &t.rq.read, NULL);
	policy_words(&t, &t.rq.write, t.root, NULL);
	CU_ASSERT(policy_go(&t) < 0); /* contains the state root of the home */
	policy_words(&t, &t.rq.write, NULL);
	t.rq.dry_run = true;
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	t.rq.silent = t.rq.dry_run = false;
	t.rq.allow_cwd = true;
	/* A false $PWD is ignored, a symlink to here is shown. */
	policy_env(&t, "PWD=/usr");
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	CU_ASSERT_STRING_EQUAL(plan_string(&t.plan, t.plan.settings->workdir), t.project);
	policy_link(t.project, policy_path(&t, "here"));
	(void)snprintf(entry, sizeof(entry), "PWD=%s", policy_path(&t, "here"));
	policy_env(&t, entry);
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	CU_ASSERT_STRING_EQUAL(plan_string(&t.plan, t.plan.settings->workdir),
			       policy_path(&t, "here"));
	CU_ASSERT_STRING_EQUAL(plan_string(&t.plan, t.plan.settings->start_directory), t.project);
	policy_mkdir(policy_path(&t, "other"));
	t.rq.workdir = "../other";
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	CU_ASSERT_STRING_EQUAL(plan_string(&t.plan, t.plan.settings->workdir),
			       policy_path(&t, "other"));
	CU_ASSERT_EQUAL(access_of(&t, policy_path(&t, "other")), PLAN_READ);
	t.rq.workdir = "/no/such/directory";
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "Path does not exist: "));
	policy_run_clear(&t);
}

static void
test_network(void)
{
	static const uint16_t some[] = { 8080, 443 }, zero[] = { 0 };
	struct policy_run t;

	policy_run_init(&t);
	t.rq.open_ports = (struct ports){ zero, 1 };
	t.rq.listen_ports = (struct ports){ some, 1 };
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	CU_ASSERT_EQUAL(plan_count(&t.plan, PLAN_SEC_PORTS), 0);
	CU_ASSERT(policy_noted(&t, POLICY_NOTE_NOTICE, "--listen-port has no effect"));
	t.rq.block_net = true;
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "open_port 0"));
	CU_ASSERT(policy_failed_with(&t, "macOS-only"));
	t.rq.open_ports = (struct ports){ some, 2 };
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_EQUAL(t.plan.settings->net, PLAN_NET_BLOCKED);
	CU_ASSERT_EQUAL(plan_count(&t.plan, PLAN_SEC_PORTS), 3);
	CU_ASSERT(plan_query_connect(&t.plan, 8080).allowed);
	CU_ASSERT(!plan_query_connect(&t.plan, 25).allowed);
	t.rq.block_net = false;
	t.rq.open_ports = (struct ports){ NULL, 0 };
	t.rq.connect_ports = (struct ports){ some + 1, 1 };
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_EQUAL(t.plan.settings->net, PLAN_NET_PORTS);
	CU_ASSERT(plan_query_connect(&t.plan, 443).allowed);
	CU_ASSERT(!plan_query_connect(&t.plan, 80).allowed);
	CU_ASSERT(plan_query_bind(&t.plan, 8080).allowed);
	policy_words(&t, &t.rq.socket_dir, t.project, NULL);
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "--allow-connect-port"));
	t.rq.block_net = true;
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "--block-net"));
	CU_ASSERT(policy_failed_with(&t, "--allow-unix-socket"));
	policy_run_clear(&t);
}

static void
make_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", path);
	CU_ASSERT_EQUAL_FATAL(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	(void)close(fd);
}

static void
test_sockets(void)
{
	struct policy_run t;
	const char *sock, *dir;
	const struct plan_socket *s;

	policy_run_init(&t);
	policy_mkdir(dir = policy_path(&t, "run"));
	make_socket(sock = policy_path(&t, "run/s"));
	policy_words(&t, &t.rq.socket_connect, sock, policy_path(&t, "run/none"), NULL);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_EQUAL_FATAL(plan_count(&t.plan, PLAN_SEC_SOCKETS), 1);
	s = plan_socket_at(&t.plan, 0);
	CU_ASSERT_EQUAL(s->scope, PLAN_SOCKET_FILE);
	CU_ASSERT_EQUAL(s->mode, PLAN_SOCKET_CONNECT);
	CU_ASSERT_EQUAL(access_of(&t, sock), PLAN_READ);
	CU_ASSERT(!policy_noted(&t, POLICY_NOTE_SKIPPED, "none"));
	/* Both modes on one socket. */
	policy_words(&t, &t.rq.socket_bind, sock, NULL);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_EQUAL(plan_count(&t.plan, PLAN_SEC_SOCKETS), 1);
	CU_ASSERT_EQUAL(plan_socket_at(&t.plan, 0)->mode, PLAN_SOCKET_CONNECT_BIND);
	CU_ASSERT_EQUAL(access_of(&t, sock), RW);
	/* A socket to come: its directory. */
	policy_words(&t, &t.rq.socket_bind, policy_path(&t, "run/new"), NULL);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_EQUAL(access_of(&t, dir), RW);
	CU_ASSERT(plan_query_socket(&t.plan, policy_path(&t, "run/new"), true).allowed);
	policy_words(&t, &t.rq.socket_bind, policy_path(&t, "absent/new"), NULL);
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "Path does not exist: "));
	policy_link(policy_path(&t, "elsewhere"), policy_path(&t, "run/dangling"));
	policy_words(&t, &t.rq.socket_bind, policy_path(&t, "run/dangling"), NULL);
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "rejects dangling symlink"));
	policy_words(&t, &t.rq.socket_bind, NULL);
	policy_words(&t, &t.rq.socket_connect, dir, NULL);
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "Expected a file"));
	policy_words(&t, &t.rq.socket_connect, NULL);
	policy_words(&t, &t.rq.socket_dir, dir, policy_path(&t, "absent"), NULL);
	policy_words(&t, &t.rq.socket_subtree_bind, dir, NULL);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_EQUAL(plan_count(&t.plan, PLAN_SEC_SOCKETS), 2);
	CU_ASSERT_EQUAL(access_of(&t, dir), RW);
	CU_ASSERT(policy_noted(&t, POLICY_NOTE_WARNING, "does not exist and will be ignored"));
	CU_ASSERT(!policy_noted(&t, POLICY_NOTE_SKIPPED, "absent"));
	policy_words(&t, &t.rq.socket_dir, sock, NULL);
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "Expected a directory"));
	policy_words(&t, &t.rq.socket_subtree_bind, NULL);
	policy_words(&t, &t.rq.socket_dir, "/usr/..", NULL);
	CU_ASSERT(policy_go(&t) < 0); /* also above the state root */
	policy_run_clear(&t);
}

static void
test_settings(void)
{
	struct policy_run t;

	policy_run_init(&t);
	t.rq.mode = PLAN_MODE_WRAP;
	t.rq.silent = t.rq.shared_tmp = t.rq.leave_background = t.rq.color = true;
	t.rq.verbosity = 9;
	t.rq.error_exit_code = 99;
	policy_env(&t, "TMPDIR=/var/tmp/");
	policy_words(&t, &t.rq.command, "true", "-x", "byte\xff", NULL);
	policy_words(&t, &t.rq.keep_fds, "1000000", NULL);
	CU_ASSERT(policy_go(&t) < 0 && t.e.exit_code == EXIT_USAGE);
	policy_words(&t, &t.rq.keep_fds, "65535", NULL);
	CU_ASSERT(policy_go(&t) == -EBADF);
	policy_words(&t, &t.rq.keep_fds, NULL);
	CU_ASSERT(dup2(0, 77) == 77 && dup2(0, 9) == 9);
	policy_words(&t, &t.rq.keep_fds, "77", "9", "77", NULL);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	(void)close(77);
	(void)close(9);
	CU_ASSERT_EQUAL(plan_count(&t.plan, PLAN_SEC_KEEP_FDS), 2);
	CU_ASSERT_EQUAL(plan_keep_fd_at(&t.plan, 0), 9);
	CU_ASSERT_EQUAL(t.plan.settings->mode, PLAN_MODE_WRAP);
	CU_ASSERT_EQUAL(t.plan.settings->flags, PLAN_NO_AUDIT | PLAN_SILENT | PLAN_NO_DIAGNOSTICS |
							PLAN_SHARED_TMP | PLAN_LEAVE_BACKGROUND |
							PLAN_COLOR);
	CU_ASSERT_EQUAL(t.plan.settings->verbosity, 3);
	CU_ASSERT_EQUAL(t.plan.settings->error_exit_code, 99);
	CU_ASSERT_STRING_EQUAL(plan_string(&t.plan, t.plan.settings->temp_parent), "/var/tmp/");
	CU_ASSERT_EQUAL(plan_count(&t.plan, PLAN_SEC_ARGV), 3);
	CU_ASSERT_STRING_EQUAL(plan_argument_at(&t.plan, 0), "true");
	CU_ASSERT_STRING_EQUAL(plan_argument_at(&t.plan, 2), "byte\xff");
	t.rq.command.count = 0;
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "No command specified"));
	policy_run_clear(&t);
}

/* In a child: 0 when the n-th allocation is never reached, 1 when its failure was told. */
static int
run_failing(struct policy_run *t, unsigned int n)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%u", n);
	(void)setenv("NONO_TEST_FAIL_ALLOC", text, 1);
	if (policy_go(t) == 0)
		return 0;
	return t->r == -ENOMEM ? 1 : 2;
}

/* Whichever allocation fails: an error, never a plan with something left out. */
static void
test_allocations(void)
{
	struct policy_run t;
	unsigned int n = 0;
	int status = 0;
	const char *d;

	policy_run_init(&t);
	policy_mkdir(d = policy_path(&t, "data"));
	policy_mkdir(policy_path(&t, "home/.docker"));
	policy_link(d, policy_path(&t, "home/.aws"));
	policy_file(policy_path(&t, "tool"), "#!/bin/sh\n", 0755);
	policy_words(&t, &t.rq.allow, policy_path(&t, "home/.docker"), NULL);
	policy_words(&t, &t.rq.read, t.project, policy_path(&t, "gone"), NULL);
	policy_words(&t, &t.rq.bypass, "~/.docker", NULL);
	policy_words(&t, &t.rq.socket_dir, t.project, NULL);
	policy_words(&t, &t.rq.allow_command, "tool", NULL);
	policy_words(&t, &t.rq.command, policy_path(&t, "tool"), NULL);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	do {
		pid_t pid = fork();

		if (pid == 0)
			_exit(run_failing(&t, ++n));
		n++;
		CU_ASSERT_EQUAL_FATAL(waitpid(pid, &status, 0), pid);
		CU_ASSERT_FATAL(WIFEXITED(status));
		CU_ASSERT(WEXITSTATUS(status) <= 1);
		if (WEXITSTATUS(status) > 1)
			(void)fprintf(stderr, "# allocation %u: %d\n", n, WEXITSTATUS(status));
	} while (WEXITSTATUS(status) != 0 && n < 100000);
	CU_ASSERT(n > 50);
	policy_run_clear(&t);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "what is granted without any flag", test_defaults },
		{ "two grants of one directory", test_dedupe },
		{ "a flag over a group", test_dedupe_group },
		{ "each row of the table of survivors", test_dedupe_rows },
		{ "covered entries", test_covered },
		{ "two names of one directory", test_dedupe_links },
		{ "names as typed", test_names },
		{ "missing paths", test_missing },
		{ "a file made for its grant", test_created_file },
		{ "file and directory flags", test_kinds },
		{ "a grant without effect is told", test_nested_warning },
		{ "objects of the process itself", test_aliases },
		{ "a home inside the temp directory", test_home_in_temp },
		{ "the home directory", test_home },
		{ "the working directory", test_workdir },
		{ "network modes and ports", test_network },
		{ "UNIX sockets", test_sockets },
		{ "settings", test_settings },
		{ "every allocation fails once", test_allocations },
	};

	return unit_run("policy", tests, UNIT_COUNT(tests));
}
