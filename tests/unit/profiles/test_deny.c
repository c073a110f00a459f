/* What may not be granted: denied paths, nono's own directories, bind mounts of either. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "tests/harness/policy_run.h"
#include "tests/harness/unit.h"

enum { RW = PLAN_READ | PLAN_WRITE };

static const char overlap[] = "Sandbox initialization failed: Landlock deny-overlap is not "
			      "enforceable on Linux. Refusing to start with conflicting policy.\n";

static void
secrets(const struct policy_run *t)
{
	policy_mkdir(policy_path(t, "home/.ssh/keys"));
	policy_file(policy_path(t, "home/.ssh/config"), "c", 0600);
	policy_file(policy_path(t, "home/.zshrc"), "z", 0600);
	policy_mkdir(policy_path(t, "home/.docker"));
	policy_mkdir(policy_path(t, "home/.sshfoo"));
	policy_mkdir(policy_path(t, "home/.config/gh"));
	policy_mkdir(policy_path(t, "home/.config/git"));
}

/* Denies are in the plan, with their group, and components are compared, not prefixes. */
static void
test_entries(void)
{
	struct policy_run t;
	const struct plan_deny *d;

	policy_run_init(&t);
	secrets(&t);
	policy_words(&t, &t.rq.read, policy_path(&t, "home/.sshfoo"), NULL);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	d = policy_deny(&t, policy_path(&t, "home/.ssh"));
	CU_ASSERT_FATAL(d != NULL);
	CU_ASSERT_EQUAL(d->flags, PLAN_DENY_REQUIRED);
	CU_ASSERT_STRING_EQUAL(plan_string(&t.plan, d->group), "deny_credentials");
	CU_ASSERT(
		!plan_query_path(&t.plan, policy_path(&t, "home/.ssh/config"), PLAN_READ).allowed);
	CU_ASSERT(plan_query_path(&t.plan, policy_path(&t, "home/.sshfoo/x"), PLAN_READ).allowed);
	/* Missing entries count as well; $HISTFILE only when it is set. */
	CU_ASSERT_PTR_NOT_NULL(policy_deny(&t, policy_path(&t, "home/.aws")));
	CU_ASSERT_PTR_NULL(policy_deny(&t, policy_path(&t, "hist")));
	policy_env(&t, "HISTFILE=relative");
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	policy_env(&t, "HISTFILE=/no/such/history");
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	CU_ASSERT_PTR_NOT_NULL(policy_deny(&t, "/no/such/history"));
	policy_run_clear(&t);
}

static void
test_overlap(void)
{
	struct policy_run t;
	char line[3 * RUN_PATH_MAX];

	policy_run_init(&t);
	secrets(&t);
	policy_words(&t, &t.rq.read, policy_path(&t, "home/.config"), NULL);
	CU_ASSERT_EQUAL(policy_go(&t), -EACCES);
	CU_ASSERT_EQUAL(strncmp(t.e.text, overlap, strlen(overlap)), 0);
	(void)snprintf(line, sizeof(line),
		       "Conflicts:\n- deny '%s/.config/BraveSoftware' overlaps allowed parent "
		       "'%s/.config' (source: user)\n",
		       t.home, t.home);
	CU_ASSERT(policy_failed_with(&t, line));
	CU_ASSERT(policy_failed_with(&t, " deny rule(s) cannot apply under an allowed parent "
					 "directory.\n"));
	CU_ASSERT(policy_failed_with(&t, "- ... and "));
	CU_ASSERT(policy_failed_with(&t, " more conflict(s)\n"));
	CU_ASSERT(policy_failed_with(&t, "--bypass-protection"));
	/* The neighbour that must work. */
	policy_words(&t, &t.rq.read, policy_path(&t, "home/.config/git"), NULL);
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	/* A missing deny takes part: nothing of .mozilla exists. */
	policy_mkdir(policy_path(&t, "home/.mozilla"));
	policy_words(&t, &t.rq.read, policy_path(&t, "home/.mozilla"), NULL);
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "/.mozilla/firefox' overlaps"));
	policy_run_clear(&t);
}

/* The second check: the working directory comes after the flags (spec 02 28 item 13). */
static void
test_overlap_workdir(void)
{
	struct policy_run t;

	policy_run_init(&t);
	secrets(&t);
	CU_ASSERT_EQUAL_FATAL(chdir(policy_path(&t, "home/.config")), 0);
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "Landlock deny-overlap"));
	CU_ASSERT_EQUAL_FATAL(chdir(policy_path(&t, "home/.ssh")), 0);
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "is protected by policy group"));
	CU_ASSERT_EQUAL_FATAL(chdir(policy_path(&t, "home/.config/git")), 0);
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	policy_run_clear(&t);
}

/* Spec 03 B7: at or inside a denied path, directories and files alike. */
static void
test_inside(void)
{
	static const struct {
		const char *path;
		bool file;
	} v[] = {
		{ "home/.ssh", false },		{ "home/.ssh/keys", false },
		{ "home/.ssh/config", true },	{ "home/.zshrc", true },
		{ "home/.ssh/keys/..", false },
	};
	static const struct {
		const char *before, *after;
	} ways[] = {
		{ "/proc/self/root", "/home/.ssh" },
		{ "/proc/thread-self/root", "/home/.ssh/keys" },
		{ "/proc/self/cwd/../..", "/home/.ssh" },
	};
	struct policy_run t;
	char advice[RUN_PATH_MAX];

	policy_run_init(&t);
	secrets(&t);
	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		const char *path = policy_path(&t, "%s", v[i].path);
		struct words *list = v[i].file ? &t.rq.read_file : &t.rq.read;

		policy_words(&t, list, path, NULL);
		CU_ASSERT_EQUAL(policy_go(&t), -EACCES);
		(void)snprintf(advice, sizeof(advice), "add --bypass-protection %s", path);
		CU_ASSERT(policy_failed_with(&t, advice));
		CU_ASSERT(policy_failed_with(&t, "is inside protected path"));
		/* What it advises works, and opens no more than asked for. */
		policy_words(&t, &t.rq.bypass, path, NULL);
		CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
		CU_ASSERT(plan_query_path(&t.plan, i == 4 ? policy_path(&t, "home/.ssh") : path,
					  PLAN_READ)
				  .allowed);
		CU_ASSERT(!plan_query_path(&t.plan, path, PLAN_WRITE).allowed);
		CU_ASSERT(!plan_query_path(&t.plan, policy_path(&t, "home/.docker"), PLAN_READ)
				   .allowed);
		if (v[i].file)
			CU_ASSERT(!plan_query_path(&t.plan, policy_path(&t, "home/.ssh/id_rsa"),
						   PLAN_READ)
					   .allowed);
		policy_words(&t, &t.rq.bypass, NULL);
		policy_words(&t, list, NULL);
	}
	/* Through /proc it is the same place. */
	CU_ASSERT_EQUAL_FATAL(chdir("/var/tmp"), 0);
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		(void)snprintf(advice, sizeof(advice), "%s%s%s", ways[i].before, t.root,
			       ways[i].after);
		policy_words(&t, &t.rq.read, advice, NULL);
		CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "is inside protected path"));
	}
	policy_run_clear(&t);
}

static void
test_bypass(void)
{
	struct policy_run t;

	policy_run_init(&t);
	secrets(&t);
	policy_words(&t, &t.rq.bypass, "~/.docker", NULL);
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "bypass_protection '~/.docker' has "
							      "no matching grant"));
	policy_words(&t, &t.rq.read, policy_path(&t, "home/.docker"), NULL);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT(policy_noted(&t, POLICY_NOTE_INFO, "bypass_protection relaxing deny rule for"));
	CU_ASSERT(policy_noted(&t, POLICY_NOTE_NOTICE, "bypass_protection: 1 path(s)"));
	CU_ASSERT_PTR_NULL(policy_deny(&t, policy_path(&t, "home/.docker")));
	/* Spec 02 28 item 15: other denies stay. */
	CU_ASSERT_PTR_NOT_NULL(policy_deny(&t, policy_path(&t, "home/.ssh")));
	policy_words(&t, &t.rq.bypass, "$HOME/.docker", NULL);
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	/* A bypass below a deny does not remove the deny above it. */
	policy_words(&t, &t.rq.read, policy_path(&t, "home/.ssh/keys"), NULL);
	policy_words(&t, &t.rq.bypass, "~/.ssh/keys", NULL);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_PTR_NOT_NULL(policy_deny(&t, policy_path(&t, "home/.ssh")));
	policy_words(&t, &t.rq.read, policy_path(&t, "home/.ssh"), NULL);
	CU_ASSERT(policy_go(&t) < 0);
	/* A group's grant does not count, a missing path is kept as typed. */
	policy_words(&t, &t.rq.read, NULL);
	policy_words(&t, &t.rq.bypass, "/usr/bin", NULL);
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "has no matching grant"));
	policy_words(&t, &t.rq.bypass, policy_path(&t, "gone"), NULL);
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "has no matching grant"));
	policy_words(&t, &t.rq.bypass, "$UNSET_VARIABLE/x", NULL);
	CU_ASSERT(policy_go(&t) < 0);
	CU_ASSERT(policy_failed_with(
		&t, "Environment variable 'UNSET_VARIABLE' validation failed: not set"));
	policy_run_clear(&t);
}

/* Spec 02 28 item 14: the target of a denied symlink is denied, under both names. */
static void
test_links(void)
{
	struct policy_run t;

	policy_run_init(&t);
	policy_mkdir(policy_path(&t, "vault/aws"));
	policy_mkdir(policy_path(&t, "dotfiles/config/gcloud"));
	policy_link(policy_path(&t, "vault/aws"), policy_path(&t, "home/.aws"));
	policy_link("../dotfiles/config", policy_path(&t, "home/.config"));
	/* No user's grant could hold a target: not looked up. */
	t.rq.allow_cwd = false;
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	t.rq.allow_cwd = true;
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_STRING_EQUAL(
		plan_string(&t.plan, policy_deny(&t, policy_path(&t, "home/.aws"))->resolved),
		policy_path(&t, "vault/aws"));
	CU_ASSERT_STRING_EQUAL(
		plan_string(&t.plan,
			    policy_deny(&t, policy_path(&t, "home/.config/gcloud"))->resolved),
		policy_path(&t, "dotfiles/config/gcloud"));
	/* Missing below a link: its parent is resolved. */
	CU_ASSERT_STRING_EQUAL(
		plan_string(&t.plan, policy_deny(&t, policy_path(&t, "home/.config/op"))->resolved),
		policy_path(&t, "dotfiles/config/op"));
	policy_words(&t, &t.rq.read, policy_path(&t, "vault"), NULL);
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "/vault/aws' overlaps allowed"));
	policy_words(&t, &t.rq.read, policy_path(&t, "vault/aws"), NULL);
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "is protected by policy group"));
	policy_words(&t, &t.rq.bypass, "~/.aws", NULL);
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	policy_words(&t, &t.rq.bypass, policy_path(&t, "vault/aws"), NULL);
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	policy_words(&t, &t.rq.bypass, NULL);
	policy_words(&t, &t.rq.read, policy_path(&t, "dotfiles"), NULL);
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "Landlock deny-overlap"));
	policy_run_clear(&t);
}

/* Spec 03 B15: entries of the extended groups give way to a user's grant, with a warning. */
static void
test_extended(void)
{
	struct policy_run t;

	policy_run_init(&t);
	secrets(&t);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_EQUAL(policy_deny(&t, policy_path(&t, "home/.config/gh"))->flags, 0);
	policy_words(&t, &t.rq.read, policy_path(&t, "home/.config/gh"), NULL);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT(policy_noted(&t, POLICY_NOTE_WARNING, "which group deny_credentials_extended"));
	CU_ASSERT_PTR_NULL(policy_deny(&t, policy_path(&t, "home/.config/gh")));
	CU_ASSERT_PTR_NOT_NULL(policy_deny(&t, policy_path(&t, "home/.pypirc")));
	CU_ASSERT(
		plan_query_path(&t.plan, policy_path(&t, "home/.config/gh/x"), PLAN_READ).allowed);
	policy_words(&t, &t.rq.read, policy_path(&t, "home/.config/git"), NULL);
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	CU_ASSERT(policy_noted(&t, POLICY_NOTE_WARNING, ".config/git/credentials'"));
	policy_run_clear(&t);
}

/* A group's own grant that settings push into a denied directory. */
static void
test_group_inside(void)
{
	struct policy_run t;
	char entry[RUN_PATH_MAX];

	policy_run_init(&t);
	secrets(&t);
	(void)snprintf(entry, sizeof(entry), "TMPDIR=%s/.ssh/keys", t.home);
	policy_env(&t, entry);
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "(group:system_write_linux)"));
	CU_ASSERT(policy_failed_with(&t, "TMPDIR"));
	(void)snprintf(entry, sizeof(entry), "TMPDIR=%s/.ssh", t.home);
	policy_env(&t, entry);
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	CU_ASSERT_PTR_NULL(policy_grant(&t, policy_path(&t, "home/.ssh")));
	(void)snprintf(entry, sizeof(entry), "TMPDIR=%s/tmp", t.home);
	policy_env(&t, entry);
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	CU_ASSERT_EQUAL(policy_grant(&t, policy_path(&t, "home/tmp"))->access, PLAN_WRITE);
	policy_run_clear(&t);
}

/* nono's state: never, not even what does not exist. Its configuration: never writable. */
static void
test_roots(void)
{
	enum what { ALLOW, READ, READ_FILE, WRITE_FILE };
	static const struct {
		enum what what;
		const char *path;
		const char *text; /* NULL: granted or skipped */
	} v[] = {
		{ ALLOW, "home", "overlaps protected nono state root" },
		{ READ, "home", "overlaps protected nono state root" },
		{ ALLOW, "home/.nono/rollbacks", "overlaps protected nono state root" },
		{ READ, "home/.nono", "overlaps protected nono state root" },
		{ READ, "home/.local/state", "overlaps protected nono state root" },
		{ READ, "home/.local/state/nono/missing", "overlaps protected nono state root" },
		{ READ_FILE, "home/.local/state/nono/f", "overlaps protected nono state root" },
		{ READ, "home/.local/state/other", NULL },
		{ READ, "home/.nonoo", NULL },
		{ READ, "home/.config/nono", NULL },
		{ READ_FILE, "home/.config/nono/config.toml", NULL },
		{ ALLOW, "home/.config/nono", "overlaps nono's configuration" },
		{ ALLOW, "home/.config/nono/profiles", "overlaps nono's configuration" },
		{ WRITE_FILE, "home/.config/nono/config.toml", "overlaps nono's configuration" },
		{ ALLOW, "home/.config", "overlaps nono's configuration" },
		{ ALLOW, "home/.config/nono/profile-drafts", NULL },
		{ ALLOW, "home/.config/nono/profile-draftsx", "overlaps nono's configuration" },
		{ ALLOW, "home/.config/nonox", NULL },
		{ ALLOW, "link-to-state", "overlaps protected nono state root" },
	};
	struct policy_run t;

	policy_run_init(&t);
	policy_mkdir(policy_path(&t, "home/.local/state/nono"));
	policy_mkdir(policy_path(&t, "home/.local/state/other"));
	policy_mkdir(policy_path(&t, "home/.nonoo"));
	policy_mkdir(policy_path(&t, "home/.config/nono/profiles"));
	policy_mkdir(policy_path(&t, "home/.config/nono/profile-drafts"));
	policy_mkdir(policy_path(&t, "home/.config/nono/profile-draftsx"));
	policy_mkdir(policy_path(&t, "home/.config/nonox"));
	policy_file(policy_path(&t, "home/.config/nono/config.toml"), "", 0600);
	policy_link("home/.local/state", policy_path(&t, "link-to-state"));
	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		struct words *list[] = { &t.rq.allow, &t.rq.read, &t.rq.read_file,
					 &t.rq.write_file };

		policy_words(&t, list[v[i].what], policy_path(&t, "%s", v[i].path), NULL);
		(void)policy_go(&t);
		if (v[i].text) {
			CU_ASSERT(policy_failed_with(&t, v[i].text));
			CU_ASSERT(policy_failed_with(&t, "(source: CLI)"));
			CU_ASSERT(policy_failed_with(
				&t, "Sandbox initialization failed: Refusing to grant"));
		} else {
			CU_ASSERT_EQUAL(t.r, 0);
			if (t.r)
				(void)fprintf(stderr, "# %s: %s\n", v[i].path, t.e.text);
		}
		policy_words(&t, list[v[i].what], NULL);
	}
	/* The working directory is a grant like any other; its denies are looked at first. */
	CU_ASSERT_EQUAL_FATAL(chdir(t.home), 0);
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "Landlock deny-overlap"));
	CU_ASSERT_EQUAL_FATAL(chdir(policy_path(&t, "home/.local/state")), 0);
	CU_ASSERT(policy_go(&t) < 0);
	CU_ASSERT(policy_failed_with(&t, "overlaps protected nono state root"));
	policy_run_clear(&t);
}

static void
test_roots_xdg(void)
{
	struct policy_run t;
	char entry[RUN_PATH_MAX];

	policy_run_init(&t);
	policy_mkdir(policy_path(&t, "state"));
	policy_mkdir(policy_path(&t, "config/nono"));
	(void)snprintf(entry, sizeof(entry), "XDG_STATE_HOME=%s/state", t.root);
	policy_env(&t, entry);
	(void)snprintf(entry, sizeof(entry), "XDG_CONFIG_HOME=%s/config", t.root);
	policy_env(&t, entry);
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	policy_words(&t, &t.rq.read, policy_path(&t, "state"), NULL);
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "/state/nono'"));
	policy_words(&t, &t.rq.read, policy_path(&t, "config"), NULL);
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	policy_words(&t, &t.rq.write, policy_path(&t, "config"), NULL);
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "/config/nono'"));
	/* Values that cannot be used are ignored, and that is told. */
	policy_words(&t, &t.rq.write, NULL);
	policy_env(&t, "XDG_STATE_HOME=state");
	policy_env(&t, "XDG_CONFIG_HOME=/no/such/config");
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	CU_ASSERT(policy_noted(&t, POLICY_NOTE_WARNING, "XDG_STATE_HOME='state'"));
	CU_ASSERT(policy_noted(&t, POLICY_NOTE_WARNING, "XDG_CONFIG_HOME='/no/such/config'"));
	policy_run_clear(&t);
}

/* Runs in a child with a mount namespace of its own. 77: not possible here. */
static int
exposed(struct policy_run *t)
{
	if (unshare(CLONE_NEWNS | (geteuid() ? CLONE_NEWUSER : 0)) == -1 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mount(t->home, policy_path(t, "project/bind"), NULL, MS_BIND, NULL) == -1)
		return 77;
	if (policy_go(t) != -EACCES || !policy_failed_with(t, "Landlock deny-overlap") ||
	    !policy_failed_with(t, "/project/bind/"))
		return 1;
	/* Only a part of a denied tree. */
	if (umount(policy_path(t, "project/bind")) == -1 ||
	    mount(policy_path(t, "home/.ssh/keys"), policy_path(t, "project/bind"), NULL, MS_BIND,
		  NULL) == -1)
		return 77;
	if (policy_go(t) != -EACCES || !policy_failed_with(t, "/.ssh'"))
		return 2;
	/* The twin: a bind mount of something else. */
	if (umount(policy_path(t, "project/bind")) == -1 ||
	    mount(policy_path(t, "vault"), policy_path(t, "project/bind"), NULL, MS_BIND, NULL) ==
		    -1)
		return 77;
	return policy_go(t) == 0 ? 0 : 3;
}

static void
test_exposure(void)
{
	struct policy_run t;
	int status = 0;
	pid_t pid;

	policy_run_init(&t);
	secrets(&t);
	policy_mkdir(policy_path(&t, "vault"));
	policy_mkdir(policy_path(&t, "project/bind"));
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	pid = fork();
	if (pid == 0)
		_exit(exposed(&t));
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		printf("skip deny: bind mounts of denied paths: no mount namespace here\n");
	else
		CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
	policy_run_clear(&t);
}

static void
test_hooks(void)
{
	struct policy_run t;

	policy_run_init(&t);
	secrets(&t);
	policy_words(&t, &t.rq.read, policy_path(&t, "home/.ssh"), NULL);
	CU_ASSERT_EQUAL(setenv("NONO_TEST_OFF", "deny-overlap", 1), 0);
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	policy_words(&t, &t.rq.read, t.home, NULL);
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "state root"));
	CU_ASSERT_EQUAL(setenv("NONO_TEST_OFF", "protected-roots", 1), 0);
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "deny-overlap"));
	CU_ASSERT_EQUAL(setenv("NONO_TEST_OFF", "protected-roots,deny-overlap", 1), 0);
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	(void)unsetenv("NONO_TEST_OFF");
	CU_ASSERT(policy_go(&t) < 0);
	policy_run_clear(&t);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "entries of the plan", test_entries },
		{ "a deny below a grant", test_overlap },
		{ "a deny below the working directory", test_overlap_workdir },
		{ "a grant at or inside a denied path", test_inside },
		{ "bypass", test_bypass },
		{ "symlinks among denied paths", test_links },
		{ "extended groups", test_extended },
		{ "group grants inside denied paths", test_group_inside },
		{ "nono's own directories", test_roots },
		{ "nono's own directories elsewhere", test_roots_xdg },
		{ "bind mounts of denied paths", test_exposure },
		{ "each check alone", test_hooks },
	};

	return unit_run("deny", tests, UNIT_COUNT(tests));
}
