/* The footer, word by word, over a plan with real files around it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/str.h"
#include "tests/harness/record_sample.h"
#include "tests/harness/unit.h"

#define POLICY                    \
	"\n"                      \
	"Sandbox policy:\n"       \
	"  Allowed paths:\n"      \
	"    @/wide (read)\n"     \
	"    @/rw (read+write)\n" \
	"    + 1 system/group path\n"

#define NOTHING                                                \
	"\n"                                                   \
	"No path denials were observed during this session.\n" \
	"The failure may be unrelated to sandbox restrictions.\n"

#define HELP_HEAD                                                          \
	"\n"                                                               \
	"To grant additional access, re-run with:\n"                       \
	"  --allow <path>   read and write everything below a directory\n" \
	"  --read <path>    read it\n"                                     \
	"  --write <path>   write it\n"
#define HELP_END                                                        \
	"\n"                                                            \
	"Next steps:\n"                                                 \
	"  Add permissions: nono run --allow <path> -- 'my tool' ...\n" \
	"  Query policy: nono why --path <path> --op <read|write|readwrite>\n"

#define ALLOWED "  Network: allowed\n"

static char *
footer(const struct record_sample *s)
{
	autobuf struct buf b = BUF_INIT;
	struct verdict v;

	if (verdict_find(&v, &s->session) < 0 || footer_text(&b, &s->session, &v) < 0)
		abort();
	verdict_clear(&v);
	return buf_take(&b);
}

static void
expect(const struct record_sample *s, const char *wanted)
{
	autofree char *got = footer(s), *text = record_sample_text(s, wanted);
	bool equal = got && text && str_equal(got, text);

	if (!equal)
		printf("--- got\n%s--- wanted\n%s---\n", got, text);
	CU_ASSERT_TRUE(equal);
}

/* What an exit code and this output lead to. */
static void
expect_exit(unsigned int code, const char *output, const char *wanted)
{
	struct record_sample s;

	CU_ASSERT_TRUE_FATAL(record_sample_make(&s, PLAN_NET_ALLOWED));
	record_sample_exit(&s, code, output);
	expect(&s, wanted);
	record_sample_clear(&s);
}

static void
expect_blocked(unsigned int code, const char *output, const char *wanted)
{
	struct record_sample s;

	CU_ASSERT_TRUE_FATAL(record_sample_make(&s, PLAN_NET_BLOCKED));
	record_sample_exit(&s, code, output);
	expect(&s, wanted);
	record_sample_clear(&s);
}

static void
test_generic(void)
{
	expect_exit(3, NULL,
		    "\nCommand exited with code 3.\n" NOTHING POLICY ALLOWED HELP_HEAD HELP_END);
	expect_blocked(3, "nothing of interest\n",
		       "\nCommand exited with code 3.\n" NOTHING POLICY
		       "  Network: blocked\n" HELP_HEAD
		       "  --allow-net      leave the network unrestricted\n" HELP_END);
}

static void
test_success(void)
{
	expect_exit(0, NULL, "");
	expect_exit(0, "all is well\n", "");
	/* Only refusals explain a success. */
	expect_exit(0, "cat: @/gone: No such file or directory\n", "");
	expect_exit(0, "already exists\n", "");
	expect_exit(0, "cat: @/out/file: Permission denied\n",
		    "\nThe command succeeded, but stderr showed a likely sandbox-related access "
		    "issue.\n"
		    "\nSandbox denial: (guessed from output)\n"
		    "  @/out/file (read)\n"
		    "  Try: --read-file @/out/file\n" POLICY ALLOWED);
}

static void
test_denial(void)
{
	expect_exit(1, "cat: @/out/file: Permission denied\n",
		    "\nCommand exited with code 1.\n"
		    "\nSandbox denial: (guessed from output)\n"
		    "  @/out/file (read)\n"
		    "  Try: --read-file @/out/file\n" POLICY ALLOWED);
	/* A directory; a name that does not exist in one; two kinds of access. */
	expect_exit(1, "ls: cannot open directory '@/out': Permission denied\n",
		    "\nCommand exited with code 1.\n"
		    "\nSandbox denial: (guessed from output)\n"
		    "  @/out (read)\n"
		    "  Try: --read @/out\n" POLICY ALLOWED);
	expect_exit(1, "touch: cannot touch '@/out/a b': Permission denied\n",
		    "\nCommand exited with code 1.\n"
		    "\nSandbox denial: (guessed from output)\n"
		    "  @/out/a b (write)\n"
		    "  Try: --write @/out\n" POLICY ALLOWED);
	expect_exit(1, "open @/out/file: permission denied\n",
		    "\nCommand exited with code 1.\n"
		    "\nSandbox denial: (guessed from output)\n"
		    "  @/out/file (read+write)\n"
		    "  Try: --allow-file @/out/file\n"
		    "  Hint: a file grant does not let a program replace the file by renaming "
		    "another to it;\n  programs that save that way need the directory.\n" POLICY
			    ALLOWED);
}

static void
test_granted_is_not_denied(void)
{
	static const char *const covered[] = {
		"cat: @/wide/have: Permission denied\n",
		"touch: cannot touch '@/rw/new': Permission denied\n",
		"cat: @/out/way/own: Permission denied\n", /* a link into a grant */
		"cat: @/out/../rw/own: Permission denied\n",
		"cat: /usr/share/x: Permission denied\n",
		"cat: have: Permission denied\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(covered); i++) {
		expect_exit(3, covered[i],
			    "\nCommand exited with code 3.\n" NOTHING POLICY ALLOWED HELP_HEAD
				    HELP_END);
		expect_exit(0, covered[i], "");
	}
	/* The one behind them is not. */
	expect_exit(1, "cat: @/wide/have: Permission denied\ncat: @/out/file: Permission denied\n",
		    "\nCommand exited with code 1.\n"
		    "\nSandbox denial: (guessed from output)\n"
		    "  @/out/file (read)\n"
		    "  Try: --read-file @/out/file\n" POLICY ALLOWED);
	/* Of two paths in a line, the one that is refused. */
	expect_exit(1, "mv: cannot move '@/rw/own' to '@/out/own': Permission denied\n",
		    "\nCommand exited with code 1.\n"
		    "\nSandbox denial: (guessed from output)\n"
		    "  @/out/own (write)\n"
		    "  Try: --write @/out\n" POLICY ALLOWED);
}

/* A refusal, and nothing says of what: how to find out. */
static void
test_unclear(void)
{
	static const char *const lines[] = {
		"fatal: Permission denied\n", /* a word alone, and no such file */
		"Permission denied\n",
		"cat: @/gone: Permission denied\n", /* reading what is not there is no refusal */
		"tee: @/out/caf\xef\xbf\xbd: Permission denied\n", /* not the name, but half of it */
	};

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		autobuf struct buf wanted = BUF_INIT;
		int r = buf_addf(
			&wanted,
			"\nCommand exited with code 3.\n"
			"\nUnclear denial: (guessed from output)\n  %s"
			"  This does not tell what was refused, nor whether the sandbox did.\n" POLICY
				ALLOWED HELP_HEAD "\n"
			"Next steps:\n"
			"  Add permissions: nono run --allow <path> -- 'my tool' ...\n"
			"  Discover paths: nono learn --sandboxed -- 'my tool' ...\n"
			"  Query policy: nono why --path <path> --op <read|write|readwrite>\n",
			lines[i]);

		CU_ASSERT_EQUAL_FATAL(r, 0);
		expect_exit(3, lines[i], buf_str(&wanted));
		expect_exit(0, lines[i], "");
	}
}

/* What the file system refuses, no flag grants. */
static void
test_permissions(void)
{
	struct record_sample s;
	autofree char *path = NULL;

	if (getuid() == 0) {
		puts("skip record_footer: root passes over modes");
		return;
	}
	CU_ASSERT_TRUE_FATAL(record_sample_make(&s, PLAN_NET_ALLOWED));
	path = record_sample_text(&s, "@/out/file");
	CU_ASSERT_EQUAL_FATAL(chmod(path, 0400), 0);
	record_sample_exit(&s, 1, "tee: @/out/file: Permission denied\n");
	expect(&s,
	       "\nThe command failed, but this does not look like a sandbox denial. (exit code "
	       "1)\n"
	       "\nFile permissions: (guessed from output)\n"
	       "  @/out/file (write)\n"
	       "  Owner and mode, or a file system that is read-only, refuse it to you outside of "
	       "the sandbox as well.\n");
	/* Of both, what a flag can grant. */
	record_sample_exit(&s, 1, "open @/out/file: permission denied\n");
	expect(&s, "\nCommand exited with code 1.\n"
		   "\nSandbox denial: (guessed from output)\n"
		   "  @/out/file (read)\n"
		   "  Try: --read-file @/out/file\n" POLICY ALLOWED);
	record_sample_clear(&s);
}

static void
test_workdir(void)
{
	expect_exit(1, "touch: cannot touch 'new': Permission denied\n",
		    "\nCommand exited with code 1.\n"
		    "\nSandbox denial: (guessed from output)\n"
		    "  @/wide/new (write)\n"
		    "  Try: --write @/wide\n"
		    "  Hint: the working directory is granted for reading only; --allow . grants "
		    "writing as well.\n" POLICY ALLOWED);
	/* Reading is granted, so writing is what is missing. */
	expect_exit(1, "creating have\nfailed: Permission denied\n",
		    "\nCommand exited with code 1.\n"
		    "\nSandbox denial: (guessed from output)\n"
		    "  @/wide/have (write)\n"
		    "  Try: --write-file @/wide/have\n"
		    "  Hint: the working directory is granted for reading only; --allow . grants "
		    "writing as well.\n" POLICY ALLOWED);
}

static void
test_protected(void)
{
	expect_exit(
		1, "cat: ~/.ssh/key: Permission denied\n",
		"\nCommand exited with code 1.\n"
		"\nSandbox denial: (guessed from output)\n"
		"  @/home/.ssh/key (read)  [permanently restricted]\n"
		"  Protected by rule group:deny_keys \xe2\x80\x94 override via a user profile with "
		"filesystem.bypass_protection.\n" POLICY ALLOWED);
	/* Home is never granted whole, so the file has to be made. */
	expect_exit(1, "touch: cannot touch '@/home/new': Permission denied\n",
		    "\nCommand exited with code 1.\n"
		    "\nSandbox denial: (guessed from output)\n"
		    "  @/home/new (write)\n"
		    "  Try: --write-file @/home/new\n"
		    "  Hint: create it first: path flags only apply to paths that exist when nono "
		    "starts.\n"
		    "  Hint: a file grant does not let a program replace the file by renaming "
		    "another to it;\n  programs that save that way need the directory.\n" POLICY
			    ALLOWED);
}

#define NOT_GRANTED                                                                            \
	"  nono does not grant this: it is part of nono's own records and settings, or holds " \
	"them or\n  something protected. Grant the single files and directories that are needed.\n"

/* The text is the program's: no lie in it makes us advise what is refused or grants everything. */
static void
test_never_granted(void)
{
	static const struct {
		const char *output, *path;
	} lies[] = {
		{ "ls: cannot open directory '/': Permission denied\n", "/ (read)" },
		{ "bash: ~/: Permission denied\n", "@/home (read+write)" },
		{ "ls: cannot open directory '@': Permission denied\n", "@ (read)" },
		{ "tee: @/home/.local/state/nono/x: Permission denied\n",
		  "@/home/.local/state/nono/x (write)" },
		{ "tee: @/home/.config/nono/config.toml: Permission denied\n",
		  "@/home/.config/nono/config.toml (write)" },
	};

	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		autobuf struct buf wanted = BUF_INIT;
		int r = buf_addf(
			&wanted,
			"\nCommand exited with code 1.\n"
			"\nSandbox denial: (guessed from output)\n  %s\n" NOT_GRANTED POLICY
				ALLOWED,
			lies[i].path);

		CU_ASSERT_EQUAL_FATAL(r, 0);
		expect_exit(1, lies[i].output, buf_str(&wanted));
	}
}

static void
test_missing(void)
{
	expect_exit(1, "cat: @/gone: No such file or directory\n",
		    "\nThe command failed, but this does not look like a sandbox denial. (exit "
		    "code 1)\n"
		    "\nMissing path: (guessed from output)\n"
		    "  @/gone\n"
		    "  Path flags only apply to paths that exist when nono starts.\n");
	/* It is there: the line means something else. */
	expect_exit(1, "cat: @/wide/have: No such file or directory\n",
		    "\nCommand exited with code 1.\n" NOTHING POLICY ALLOWED HELP_HEAD HELP_END);
}

static void
test_application(void)
{
	expect_exit(2, "one\ntool requires version 3\ntwo already exists\n",
		    "\nThe command failed, but this does not look like a sandbox denial. (exit "
		    "code 2)\n"
		    "\nApplication error:\n"
		    "  tool requires version 3\n");
}

/* Missing path before application failure before denial (spec 02 section 23.2). */
static void
test_order(void)
{
	static const char denial[] = "cat: @/out/file: Permission denied\n";
	static const char failure[] = "x already exists\n";
	static const char missing[] = "cat: @/gone: No such file or directory\n";
	char text[512];

	(void)snprintf(text, sizeof(text), "%s%s%s", denial, failure, missing);
	expect_exit(1, text,
		    "\nThe command failed, but this does not look like a sandbox denial. (exit "
		    "code 1)\n"
		    "\nMissing path: (guessed from output)\n"
		    "  @/gone\n"
		    "  Path flags only apply to paths that exist when nono starts.\n");
	(void)snprintf(text, sizeof(text), "%s%s", denial, failure);
	expect_exit(1, text,
		    "\nThe command failed, but this does not look like a sandbox denial. (exit "
		    "code 1)\n"
		    "\nApplication error:\n"
		    "  x already exists\n");
	/* A success is explained by a denial alone. */
	expect_exit(0, text,
		    "\nThe command succeeded, but stderr showed a likely sandbox-related access "
		    "issue.\n"
		    "\nSandbox denial: (guessed from output)\n"
		    "  @/out/file (read)\n"
		    "  Try: --read-file @/out/file\n" POLICY ALLOWED);
}

static void
test_network(void)
{
	static const char blocked[] = "  Network: blocked\n";
	char wanted[2048];

	expect_blocked(6, "curl: (6) Could not resolve host: example.org\n",
		       "\nCommand exited with code 6.\n"
		       "\nNetwork denial: (guessed from output)\n"
		       "  curl: (6) Could not resolve host: example.org\n"
		       "  Try: --allow-net in place of --block-net\n" POLICY
		       "  Network: blocked\n");
	/* A port would not help: names are asked for by UDP. */
	expect_blocked(6, "connect: could not resolve host example.org port 443\n",
		       "\nCommand exited with code 6.\n"
		       "\nNetwork denial: (guessed from output)\n"
		       "  connect: could not resolve host example.org port 443\n"
		       "  Try: --allow-net in place of --block-net\n" POLICY
		       "  Network: blocked\n");
	(void)snprintf(wanted, sizeof(wanted),
		       "\nCommand exited with code 7.\n"
		       "\nNetwork denial: (guessed from output)\n"
		       "  curl: Failed to connect to 10.0.0.1 port 5432: Permission denied\n"
		       "  Try: --allow-connect-port 5432\n" POLICY "%s",
		       blocked);
	expect_blocked(7, "curl: Failed to connect to 10.0.0.1 port 5432: Permission denied\n",
		       wanted);
	/* The network is open: not ours. */
	expect_exit(7, "connect to 10.0.0.1:80 failed: Connection refused\n",
		    "\nCommand exited with code 7.\n" NOTHING POLICY ALLOWED HELP_HEAD HELP_END);
}

static void
test_signals(void)
{
	static const struct {
		uint32_t signal;
		const char *text;
	} rows[] = {
		{ SIGKILL, "\nCommand killed by SIGKILL (exit code 137).\n" NOTHING },
		{ SIGSEGV, "\nCommand killed by signal 11 / SIGSEGV (exit code 139).\n" NOTHING },
		{ SIGTERM, "\nCommand killed by signal 15 / SIGTERM (exit code 143).\n" NOTHING },
		{ 40, "\nCommand killed by signal 40 (exit code 168).\n" NOTHING },
		{ SIGSYS,
		  "\nCommand killed by signal 31 / SIGSYS (exit code 159).\n"
		  "  It made a blocked system call. nono answers those with an error; the filter "
		  "that killed it\n"
		  "  is one that the program, or a tool it started, installed itself.\n" NOTHING },
	};
	struct record_sample s;

	CU_ASSERT_TRUE_FATAL(record_sample_make(&s, PLAN_NET_ALLOWED));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		s.session.facts.end = RECORD_KILLED;
		s.session.facts.number = rows[i].signal;
		s.session.facts.exit_code = 128 + rows[i].signal;
		expect(&s, rows[i].text);
	}
	record_sample_clear(&s);
}

/* 126 and 127, returned by a program that ran. */
static void
test_shell_codes(void)
{
	expect_exit(127, NULL,
		    "\nFailed to execute command (exit code 127).\n"
		    "  Program: /usr/bin/env\n"
		    "  Its directory /usr/bin is readable in the sandbox.\n"
		    "  It started and returned 127 itself: shells do that for a command that they "
		    "cannot find.\n" NOTHING POLICY ALLOWED HELP_HEAD HELP_END);
	expect_exit(126, NULL,
		    "\nPermission denied (exit code 126).\n"
		    "  Program: /usr/bin/env\n"
		    "  Its directory /usr/bin is readable in the sandbox.\n"
		    "  It started and returned 126 itself: shells do that for a command that they "
		    "find but\n  cannot execute.\n" NOTHING POLICY ALLOWED HELP_HEAD HELP_END);
}

static void
test_not_started(void)
{
	struct record_sample s;
	struct record_facts *f = &s.session.facts;

	CU_ASSERT_TRUE_FATAL(record_sample_make(&s, PLAN_NET_ALLOWED));
	f->end = RECORD_NOT_STARTED;
	f->step = RECORD_STEP_EXEC;
	f->error = EACCES;
	f->number = f->exit_code = 126;
	expect(&s, "\nPermission denied (exit code 126).\n"
		   "  Program: /usr/bin/env\n"
		   "  Its directory /usr/bin is readable in the sandbox.\n"
		   "  It was found but could not be executed: Permission denied.\n" NOTHING POLICY
			   ALLOWED HELP_HEAD HELP_END);
	f->error = ENOENT;
	f->number = f->exit_code = 127;
	expect(&s,
	       "\nFailed to execute command (exit code 127).\n"
	       "  Program: /usr/bin/env\n"
	       "  Its directory /usr/bin is readable in the sandbox.\n"
	       "  It exists; the interpreter or the loader that it names does not, or cannot be "
	       "read.\n" NOTHING POLICY ALLOWED HELP_HEAD HELP_END);
	f->step = RECORD_STEP_SETUP;
	f->number = f->exit_code = 126;
	expect(&s, "\nThe sandbox could not be set up: the command was not started (exit code "
		   "126).\n" NOTHING POLICY ALLOWED HELP_HEAD HELP_END);
	record_sample_clear(&s);
}

static struct record_denial
denial(uint32_t operation, unsigned int access, enum record_reason reason, const char *target)
{
	struct record_denial d = { .operation = operation, .access = access, .reason = reason };

	(void)snprintf(d.target, sizeof(d.target), "%s", target);
	return d;
}

static void
test_observed_paths(void)
{
	struct record_sample s;
	autofree char *file = NULL, *key = NULL;
	struct record_denial d[5];

	CU_ASSERT_TRUE_FATAL(record_sample_make(&s, PLAN_NET_ALLOWED));
	file = record_sample_text(&s, "@/out/file");
	key = record_sample_text(&s, "@/home/.ssh/key");
	d[0] = denial(RECORD_OPEN, PLAN_READ, RECORD_USER_DENIED, file);
	record_sample_denials(&s, d, 1);
	expect(&s, "\nCommand exited with code 1.\n"
		   "\nSandbox denial: 1 path blocked. (observed)\n"
		   "  @/out/file (read)\n"
		   "Fix flags: --read-file @/out/file\n");
	/* Sorted, merged, the protected one counted apart; the output adds no guess to facts. */
	d[1] = denial(RECORD_OPEN, PLAN_READ, RECORD_POLICY_BLOCKED, key);
	d[2] = denial(RECORD_OPEN, PLAN_WRITE, RECORD_RATE_LIMITED, file);
	d[3] = denial(RECORD_OPEN, PLAN_READ, RECORD_POLICY_BLOCKED, "/nonexistent/a\033[31mb");
	d[4] = denial(RECORD_OPEN, PLAN_READ, RECORD_POLICY_BLOCKED, key);
	record_sample_exit(&s, 1, "cat: @/out/other: Permission denied\n");
	record_sample_denials(&s, d, 5);
	s.session.facts.exit_code = 1;
	expect(&s, "\nCommand exited with code 1.\n"
		   "\nSandbox denial: 3 paths blocked. (observed)\n"
		   "  /nonexistent/ab (read)\n"
		   "  @/home/.ssh/key (read)  [permanently restricted]\n"
		   "  @/out/file (read+write)\n"
		   "Fix flags: --read-file $'/nonexistent/a\\033[31mb' --allow-file @/out/file\n"
		   "1 path is permanently restricted \xe2\x80\x94 override via a user profile with "
		   "filesystem.bypass_protection.\n");
	record_sample_clear(&s);
}

static void
test_many_paths(void)
{
	static struct record_denial d[12];
	struct record_sample s;
	autofree char *got = NULL;

	CU_ASSERT_TRUE_FATAL(record_sample_make(&s, PLAN_NET_ALLOWED));
	for (size_t i = 0; i < ARRAY_LEN(d); i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "/etc/file-%02zu", i);
		d[i] = denial(RECORD_OPEN, PLAN_READ, RECORD_POLICY_BLOCKED, name);
	}
	record_sample_denials(&s, d, ARRAY_LEN(d));
	got = footer(&s);
	CU_ASSERT_PTR_NOT_NULL_FATAL(got);
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "Sandbox denial: 12 paths blocked. (observed)\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "  /etc/file-09 (read)\n  \xe2\x80\xa6 and 2 more\n"));
	/* Nothing in /etc exists by these names: one flag for their directory, said once. */
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "Fix flags: --read /etc\n"));
	record_sample_clear(&s);
}

static void
test_sockets(void)
{
	struct record_sample s;
	struct record_denial d[3];

	CU_ASSERT_TRUE_FATAL(record_sample_make(&s, PLAN_NET_ALLOWED));
	d[0] = denial(RECORD_CONNECT, 0, RECORD_SOCKET_DENIED, "/run/a b.sock");
	record_sample_denials(&s, d, 1);
	expect(&s, "\nCommand exited with code 1.\n"
		   "\nIPC denial: 1 pathname Unix socket blocked. (observed)\n"
		   "  connect /run/a b.sock (not granted)\n"
		   "Fix flags: --allow-unix-socket '/run/a b.sock'\n");
	d[1] = denial(RECORD_BIND, 0, RECORD_POLICY_BLOCKED, "/run/x.sock");
	d[2] = denial(RECORD_SEND, 0, RECORD_SOCKET_DENIED, "unix:<abstract>");
	record_sample_denials(&s, d, 3);
	expect(&s, "\nCommand exited with code 1.\n"
		   "\nIPC denial: 3 Unix socket operations blocked. (observed)\n"
		   "  connect /run/a b.sock (not granted)\n"
		   "  bind /run/x.sock (blocked by policy)\n"
		   "  send unix:<abstract> (not granted)\n"
		   "Fix flags: --allow-unix-socket '/run/a b.sock' --allow-unix-socket-bind "
		   "/run/x.sock\n");
	/* A refusal that the program survived. */
	record_sample_exit(&s, 0, NULL);
	record_sample_denials(&s, d, 1);
	expect(&s, "\nCommand exited with code 0.\n"
		   "\nIPC denial: 1 pathname Unix socket blocked. (observed)\n"
		   "  connect /run/a b.sock (not granted)\n"
		   "Fix flags: --allow-unix-socket '/run/a b.sock'\n");
	record_sample_clear(&s);
}

static void
test_silence(void)
{
	static const uint32_t flags[] = { RECORD_SILENT, RECORD_NO_DIAGNOSTICS, RECORD_SHELL,
					  RECORD_STARTUP_TIMEOUT, RECORD_OOM_TOLD };
	struct record_sample s;

	CU_ASSERT_TRUE_FATAL(record_sample_make(&s, PLAN_NET_ALLOWED));
	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		record_sample_exit(&s, 1, "cat: @/out/file: Permission denied\n");
		s.session.facts.flags = flags[i];
		expect(&s, "");
	}
	record_sample_clear(&s);
}

/* Arguments of the command may be secrets; paths and lines may be hostile. */
/* Options that grant are usage errors beside a manifest: none is advised. */
static void
expect_manifest(unsigned int code, const char *output, const char *wanted)
{
	struct record_sample s;
	struct plan_settings *settings;

	CU_ASSERT_TRUE_FATAL(record_sample_make(&s, PLAN_NET_BLOCKED));
	settings = (struct plan_settings *)(uintptr_t)s.session.plan.settings;
	settings->flags |= PLAN_MANIFEST;
	record_sample_exit(&s, code, output);
	expect(&s, wanted);
	record_sample_clear(&s);
}

static void
test_manifest(void)
{
	expect_manifest(3, NULL,
			"\nCommand exited with code 3.\n" NOTHING POLICY "  Network: blocked\n"
			"\nThe manifest of this session is its whole policy. To grant additional "
			"access, add to filesystem.grants:\n"
			"  { \"path\": \"<path>\", \"access\": \"read|write|readwrite\", \"type\": "
			"\"directory|file\" }\n");
	expect_manifest(
		1, "cat: @/out/file: Permission denied\n",
		"\nCommand exited with code 1.\n"
		"\nSandbox denial: (guessed from output)\n"
		"  @/out/file (read)\n"
		"  Try, in filesystem.grants: { \"path\": \"@/out/file\", \"access\": \"read\", "
		"\"type\": \"file\" }\n" POLICY "  Network: blocked\n");
	expect_manifest(1, "cat: ~/.ssh/key: Permission denied\n",
			"\nCommand exited with code 1.\n"
			"\nSandbox denial: (guessed from output)\n"
			"  @/home/.ssh/key (read)  [permanently restricted]\n"
			"  Denied by the manifest or config.toml: @/home/.ssh\n" POLICY
			"  Network: blocked\n");
	expect_manifest(6, "curl: (6) Could not resolve host: example.org\n",
			"\nCommand exited with code 6.\n"
			"\nNetwork denial: (guessed from output)\n"
			"  curl: (6) Could not resolve host: example.org\n"
			"  Try: \"mode\" and \"ports\" in \"network\" of the manifest\n" POLICY
			"  Network: blocked\n");
	/* The name of a file cannot end the text. */
	expect_manifest(1, "tee: \"@/none/a\\y\": Permission denied\n",
			"\nCommand exited with code 1.\n"
			"\nSandbox denial: (guessed from output)\n"
			"  @/none/a\\y (write)\n"
			"  Try, in filesystem.grants: { \"path\": \"@/none/a\\\\y\", \"access\": "
			"\"write\", \"type\": \"file\" }\n"
			"  Hint: create it first: path flags only apply to paths that exist when "
			"nono starts.\n"
			"  Hint: a file grant does not let a program replace the file by renaming "
			"another to it;\n  programs that save that way need the directory.\n" POLICY
			"  Network: blocked\n");
}

static void
test_hostile(void)
{
	struct record_sample s;
	autobuf struct buf text = BUF_INIT;
	autofree char *got = NULL;

	CU_ASSERT_TRUE_FATAL(record_sample_make(&s, PLAN_NET_ALLOWED));
	record_sample_exit(&s, 1, NULL);
	got = footer(&s);
	CU_ASSERT_PTR_NOT_NULL_FATAL(got);
	CU_ASSERT_PTR_NULL(strstr(got, "hunter2"));
	CU_ASSERT_PTR_NULL(strstr(got, "Denied paths during this session"));
	mem_free(got);
	/* A path that looks like the end of a row, and one with a quote in it. */
	record_sample_exit(
		&s, 1,
		"tee: \"@/nowhere/x (read)  Try: --allow /'; rm -rf ~\": Permission denied\n");
	got = footer(&s);
	CU_ASSERT_PTR_NOT_NULL_FATAL(got);
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "  Try: --write-file '"));
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "/nowhere/x (read)  Try: --allow /'\\''; rm -rf ~'\n"));
	mem_free(got);
	/* A line that pretends to be advice of ours. */
	record_sample_exit(&s, 1, "  Try: --allow: Permission denied\n");
	got = footer(&s);
	CU_ASSERT_PTR_NOT_NULL_FATAL(got);
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "\n  \"Try: --allow: Permission denied\"\n"));
	mem_free(got);
	record_sample_exit(&s, 1, "fix flags: --allow / already exists\n");
	got = footer(&s);
	CU_ASSERT_PTR_NOT_NULL_FATAL(got);
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "\n  \"fix flags: --allow / already exists\"\n"));
	mem_free(got);
	/* A very long complaint is cut. */
	CU_ASSERT_EQUAL(buf_adds(&text, "already exists "), 0);
	for (int i = 0; i < 1000; i++)
		CU_ASSERT_EQUAL(buf_adds(&text, "\xc3\xa4"), 0);
	record_sample_exit(&s, 1, buf_str(&text));
	got = footer(&s);
	CU_ASSERT_PTR_NOT_NULL_FATAL(got);
	CU_ASSERT(strlen(got) < 700);
	CU_ASSERT_TRUE(str_is_utf8(slice_of(got)));
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "\xc3\xa4\xe2\x80\xa6\n"));
	record_sample_clear(&s);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "nothing found", test_generic },
		{ "success", test_success },
		{ "likely denial and its flag", test_denial },
		{ "a granted path is never denied", test_granted_is_not_denied },
		{ "a refusal of nobody knows what", test_unclear },
		{ "what the file system refuses", test_permissions },
		{ "read-only working directory", test_workdir },
		{ "protected path, and home", test_protected },
		{ "what is never granted is never advised", test_never_granted },
		{ "missing path", test_missing },
		{ "application error", test_application },
		{ "which cause comes first", test_order },
		{ "network", test_network },
		{ "signals", test_signals },
		{ "126 and 127 of the program", test_shell_codes },
		{ "not started", test_not_started },
		{ "observed paths", test_observed_paths },
		{ "more paths than rows", test_many_paths },
		{ "observed sockets", test_sockets },
		{ "when nothing is said", test_silence },
		{ "under a manifest", test_manifest },
		{ "hostile text and secrets", test_hostile },
	};

	return unit_run("record_footer", tests, UNIT_COUNT(tests));
}
