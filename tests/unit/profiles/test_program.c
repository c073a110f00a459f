/* Finding the program, what it needs to start, and commands that are not started. */
#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "profiles/internal.h"
#include "tests/harness/policy_run.h"
#include "tests/harness/unit.h"

static void
path_to(struct policy_run *t, const char *dirs)
{
	char entry[4 * RUN_PATH_MAX];

	(void)snprintf(entry, sizeof(entry), "PATH=%s", dirs);
	policy_env(t, entry);
}

static void
command(struct policy_run *t, const char *word)
{
	policy_words(t, &t->rq.command, word, NULL);
}

static const char *
program(const struct policy_run *t)
{
	return plan_string(&t->plan, t->plan.settings->program);
}

static void
test_search(void)
{
	struct policy_run t;
	char dirs[3 * RUN_PATH_MAX];

	policy_run_init(&t);
	policy_mkdir(policy_path(&t, "a/tool2"));
	policy_mkdir(policy_path(&t, "b"));
	policy_file(policy_path(&t, "a/tool"), "#!/bin/sh\n", 0644);
	policy_file(policy_path(&t, "b/tool"), "#!/bin/sh\n", 0755);
	policy_file(policy_path(&t, "b/tool2"), "#!/bin/sh\n", 0755);
	policy_file(policy_path(&t, "project/here"), "#!/bin/sh\n", 0755);
	(void)snprintf(dirs, sizeof(dirs), "%s/a:%s/b", t.root, t.root);
	path_to(&t, dirs);
	/* The first that can be executed, not the first of that name. */
	command(&t, "tool");
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_STRING_EQUAL(program(&t), policy_path(&t, "b/tool"));
	CU_ASSERT_STRING_EQUAL(plan_argument_at(&t.plan, 0), "tool");
	command(&t, "tool2");
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_STRING_EQUAL(program(&t), policy_path(&t, "b/tool2"));
	/* An empty element is the current directory; without one it is not searched. */
	command(&t, "here");
	CU_ASSERT_EQUAL(policy_go(&t), -ENOENT);
	path_to(&t, "/usr/bin:");
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_STRING_EQUAL(program(&t), policy_path(&t, "project/here"));
	command(&t, "./here");
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_STRING_EQUAL(program(&t), policy_path(&t, "project/here"));
	CU_ASSERT_STRING_EQUAL(plan_argument_at(&t.plan, 0), "./here");
	command(&t, "../b/tool");
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_STRING_EQUAL(program(&t), policy_path(&t, "b/tool"));
	/* ".." behind a symlink is where the kernel goes, not where the text points. */
	policy_mkdir(policy_path(&t, "c/deep"));
	policy_file(policy_path(&t, "c/tool3"), "#!/bin/sh\n", 0755);
	policy_link("../c/deep", policy_path(&t, "project/link"));
	command(&t, "link/../tool3");
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_STRING_EQUAL(program(&t), policy_path(&t, "c/tool3"));
	/* A symlink keeps its name: it tells a multi-call program what to be. */
	policy_link("tool3", policy_path(&t, "c/other"));
	command(&t, policy_path(&t, "c/other"));
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_STRING_EQUAL(program(&t), policy_path(&t, "c/other"));
	policy_env(&t, "PATH");
	command(&t, "sh");
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_STRING_EQUAL(program(&t), "/bin/sh");
	policy_run_clear(&t);
}

static void
test_failures(void)
{
	static const struct {
		const char *word;
		int exit_code;
	} v[] = {
		{ "no-such-program", EXIT_MISSING },
		{ "./missing", EXIT_MISSING },
		{ "", EXIT_MISSING },
		{ "./plain", EXIT_SETUP },
		{ "./plain/x", EXIT_MISSING },
		{ ".", EXIT_SETUP },
		{ "./pipe", EXIT_SETUP },
	};
	struct policy_run t;

	policy_run_init(&t);
	policy_file(policy_path(&t, "project/plain"), "text", 0644);
	CU_ASSERT_EQUAL(mkfifo(policy_path(&t, "project/pipe"), 0755), 0);
	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		char text[128];

		command(&t, strcmp(v[i].word, ".") == 0 ? "./." : v[i].word);
		CU_ASSERT(policy_go(&t) < 0);
		CU_ASSERT_EQUAL(t.e.exit_code, v[i].exit_code);
		(void)snprintf(text, sizeof(text),
			       "Command execution failed: %s: cannot find binary path",
			       t.rq.command.item[0]);
		CU_ASSERT(policy_failed_with(&t, text));
		/* A dry run tells it and ends well. */
		t.rq.dry_run = true;
		CU_ASSERT_EQUAL(policy_go(&t), 0);
		CU_ASSERT(policy_noted(&t, POLICY_NOTE_WOULD_FAIL, text));
		t.rq.dry_run = false;
	}
	policy_run_clear(&t);
}

static const struct plan_grant *
system_grant(const struct policy_run *t, const char *path)
{
	const struct plan_grant *g = policy_grant(t, path);

	return g && g->source == PLAN_SOURCE_SYSTEM ? g : NULL;
}

static void
test_grants(void)
{
	struct policy_run t;
	const struct plan_grant *g;
	char text[RUN_PATH_MAX];
	const char *tool;

	policy_run_init(&t);
	policy_mkdir(policy_path(&t, "opt/bin"));
	policy_mkdir(policy_path(&t, "opt/lib"));
	/* link -> script -> interpreter script -> /bin/sh, which the groups cover. */
	policy_file(policy_path(&t, "opt/lib/lang"), "#!/bin/sh\n", 0755);
	(void)snprintf(text, sizeof(text), "#! %s/opt/lib/lang -x\n", t.root);
	policy_file(tool = policy_path(&t, "opt/lib/tool"), text, 0755);
	policy_link("../lib/tool", policy_path(&t, "opt/bin/tool"));
	command(&t, policy_path(&t, "opt/bin/tool"));
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	g = system_grant(&t, tool);
	CU_ASSERT_FATAL(g != NULL);
	CU_ASSERT_EQUAL(g->access, PLAN_READ);
	CU_ASSERT_EQUAL(g->kind, PLAN_KIND_FILE);
	CU_ASSERT(g->flags & PLAN_GRANT_CHECKED);
	CU_ASSERT_PTR_NOT_NULL(system_grant(&t, policy_path(&t, "opt/lib/lang")));
	CU_ASSERT_PTR_NULL(policy_grant(&t, policy_path(&t, "opt/lib")));
	CU_ASSERT_PTR_NULL(policy_grant(&t, "/bin/sh"));
	/* Nothing to add where a grant covers it already. */
	policy_words(&t, &t.rq.read, policy_path(&t, "opt"), NULL);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_PTR_NULL(system_grant(&t, tool));
	policy_words(&t, &t.rq.read, NULL);
	/* #!/usr/bin/env looks in PATH. */
	policy_file(tool, "#!/usr/bin/env -S lang x\n", 0755);
	(void)snprintf(text, sizeof(text), "%s/opt/lib:/usr/bin", t.root);
	path_to(&t, text);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_PTR_NOT_NULL(system_grant(&t, policy_path(&t, "opt/lib/lang")));
	/* Its own interpreter ends after the fourth level. */
	(void)snprintf(text, sizeof(text), "#!%s\n", tool);
	policy_file(tool, text, 0755);
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	policy_run_clear(&t);
}

/* A program in a denied place gets no grant of its own. */
static void
test_denied(void)
{
	struct policy_run t;
	const char *tool;

	policy_run_init(&t);
	policy_mkdir(policy_path(&t, "home/.ssh"));
	policy_mkdir(policy_path(&t, "home/.nono"));
	policy_file(tool = policy_path(&t, "home/.ssh/tool"), "#!/bin/sh\n", 0755);
	command(&t, tool);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_PTR_NULL(policy_grant(&t, tool));
	CU_ASSERT(policy_noted(&t, POLICY_NOTE_WARNING, "is protected"));
	policy_file(tool = policy_path(&t, "home/.nono/tool"), "#!/bin/sh\n", 0755);
	command(&t, tool);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_PTR_NULL(policy_grant(&t, tool));
	/* The target decides, not the name that leads to it. */
	policy_link("../home/.ssh/tool", policy_path(&t, "project/tool"));
	t.rq.allow_cwd = false;
	command(&t, "./tool");
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_PTR_NULL(policy_grant(&t, policy_path(&t, "home/.ssh/tool")));
	policy_run_clear(&t);
}

static void
test_blocked(void)
{
	static const char *const blocked[] = { "rm",	      "/bin/rm",   "sudo",
					       "npm",	      "chmod",	   "pip",
					       "/usr/bin/dd", "mkfs.ext4", "systemctl" };
	struct policy_run t;

	policy_run_init(&t);
	for (size_t i = 0; i < ARRAY_LEN(blocked); i++) {
		const char *name = strrchr(blocked[i], '/');
		char text[64];

		name = name ? name + 1 : blocked[i];
		command(&t, blocked[i]);
		CU_ASSERT(policy_go(&t) < 0);
		CU_ASSERT_EQUAL(t.e.exit_code, EXIT_NONO);
		(void)snprintf(text, sizeof(text), "Command '%s' is blocked: ", name);
		CU_ASSERT(policy_failed_with(&t, text));
		CU_ASSERT(policy_failed_with(&t, "--allow-command"));
	}
	command(&t, "rm");
	t.rq.dry_run = true;
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	CU_ASSERT(policy_noted(&t, POLICY_NOTE_WOULD_FAIL, "Command 'rm' is blocked"));
	t.rq.dry_run = false;
	policy_words(&t, &t.rq.allow_command, "rm", "chmod", NULL);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT(policy_noted(&t, POLICY_NOTE_WARNING,
			       "CLI flag `--allow-command` is deprecated in v0.33.0"));
	CU_ASSERT(policy_noted(&t, POLICY_NOTE_WARNING, "Configured commands: rm, chmod."));
	CU_ASSERT(plan_query_command(&t.plan, "rm").allowed);
	CU_ASSERT(!plan_query_command(&t.plan, "mv").allowed);
	policy_words(&t, &t.rq.block_command, "true", "rm", NULL);
	CU_ASSERT_EQUAL(policy_go(&t), 0); /* allow beats block */
	command(&t, "true");
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "Command 'true' is blocked"));
	/* Spec 02 28 item 60: children are not looked at. */
	policy_words(&t, &t.rq.command, "sh", "-c", "true", NULL);
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	CU_ASSERT(policy_noted(&t, POLICY_NOTE_WARNING,
			       "CLI flag `--block-command` is deprecated in v0.33.0"));
	policy_words(&t, &t.rq.block_command, "dir/", NULL);
	CU_ASSERT(policy_go(&t) < 0 && t.e.exit_code == EXIT_USAGE);
	policy_run_clear(&t);
}

/* Under another name: the target's name counts, and the applet of a multi-call program. */
static void
test_disguised(void)
{
	struct policy_run t;

	policy_run_init(&t);
	policy_link("/bin/chown", policy_path(&t, "project/x"));
	command(&t, "./x");
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "Command 'chown' is blocked"));
	policy_words(&t, &t.rq.allow_command, "x", NULL);
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	policy_words(&t, &t.rq.allow_command, NULL);
	policy_file(policy_path(&t, "project/busybox"), "#!/bin/sh\n", 0755);
	policy_file(policy_path(&t, "project/toybox-1"), "#!/bin/sh\n", 0755);
	policy_words(&t, &t.rq.command, "./busybox", "rm", "f", NULL);
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "Command 'rm' is blocked"));
	policy_words(&t, &t.rq.command, "./busybox", "cat", "rm", NULL);
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	policy_words(&t, &t.rq.command, "./toybox-1", "/bin/rm", NULL);
	CU_ASSERT(policy_go(&t) < 0 && policy_failed_with(&t, "Command 'rm' is blocked"));
	policy_words(&t, &t.rq.command, "/bin/true", "rm", NULL);
	CU_ASSERT_EQUAL(policy_go(&t), 0);
	policy_run_clear(&t);
}

static void
test_script_lines(void)
{
	static const struct {
		const char *head;
		enum interpreter_kind kind;
		const char *name;
	} v[] = {
		{ "#!/bin/sh\n", INTERPRETER_PATH, "/bin/sh" },
		{ "#!/bin/sh", INTERPRETER_PATH, "/bin/sh" },
		{ "#! \t/bin/sh -e\nx", INTERPRETER_PATH, "/bin/sh" },
		{ "#!/usr/bin/env python3\n", INTERPRETER_ENV, "python3" },
		{ "#!/usr/bin/env -S python3 -u\n", INTERPRETER_ENV, "python3" },
		{ "#!/usr/bin/env -Spython3 -u\n", INTERPRETER_ENV, "python3" },
		{ "#!/usr/bin/env -i A=b python3\n", INTERPRETER_ENV, "python3" },
		{ "#!/usr/bin/env\n", INTERPRETER_NONE, "" },
		{ "#!\n", INTERPRETER_NONE, "" },
		{ "#!", INTERPRETER_NONE, "" },
		{ "text", INTERPRETER_NONE, "" },
		{ "", INTERPRETER_NONE, "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		struct interpreter found = interpreter_of_script(slice_of(v[i].head));

		CU_ASSERT_EQUAL(found.kind, v[i].kind);
		if (v[i].kind != INTERPRETER_NONE)
			CU_ASSERT(slice_equal(found.name, slice_of(v[i].name)));
	}
}

static void
test_elf_headers(void)
{
	struct {
		Elf64_Ehdr ehdr;
		Elf64_Phdr phdr[2];
		char interp[16];
	} file = { .interp = "/lib/ld.so" };
	struct slice head = { (const char *)&file, sizeof(file) };
	struct interpreter found;

	memcpy(file.ehdr.e_ident, ELFMAG, SELFMAG);
	file.ehdr.e_ident[EI_CLASS] = ELFCLASS64;
	file.ehdr.e_phoff = sizeof(file.ehdr);
	file.ehdr.e_phentsize = sizeof(Elf64_Phdr);
	file.ehdr.e_phnum = 2;
	file.phdr[1].p_type = PT_INTERP;
	file.phdr[1].p_offset = offsetof(__typeof__(file), interp);
	file.phdr[1].p_filesz = 11;
	found = interpreter_of_elf(head);
	CU_ASSERT(found.kind == INTERPRETER_PATH &&
		  slice_equal(found.name, slice_of("/lib/ld.so")));
	/* Cut, without its NUL, or pointing out of the file: no answer, no read outside. */
	for (size_t n = 0; n < sizeof(file.ehdr) + sizeof(file.phdr); n++)
		CU_ASSERT_EQUAL(interpreter_of_elf((struct slice){ head.p, n }).kind,
				INTERPRETER_NONE);
	file.phdr[1].p_filesz = 10;
	CU_ASSERT_EQUAL(interpreter_of_elf(head).kind, INTERPRETER_NONE);
	file.phdr[1].p_filesz = UINT64_MAX;
	CU_ASSERT_EQUAL(interpreter_of_elf(head).kind, INTERPRETER_NONE);
	file.phdr[1].p_offset = UINT64_MAX;
	CU_ASSERT_EQUAL(interpreter_of_elf(head).kind, INTERPRETER_NONE);
	file.ehdr.e_phoff = UINT64_MAX - 8;
	CU_ASSERT_EQUAL(interpreter_of_elf(head).kind, INTERPRETER_NONE);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "search", test_search },
		{ "not found, not executable", test_failures },
		{ "files it needs to start", test_grants },
		{ "programs in protected places", test_denied },
		{ "blocked commands", test_blocked },
		{ "blocked commands under other names", test_disguised },
		{ "interpreter lines", test_script_lines },
		{ "ELF headers", test_elf_headers },
	};

	return unit_run("program", tests, UNIT_COUNT(tests));
}
