/*
 * A session and its registry record on disk: what is there at the start and at the end, modes,
 * refusals, a disk that takes half a line, a killed broker.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit/internal.h"
#include "base/alloc.h"
#include "base/fd.h"
#include "base/procstat.h"
#include "base/str.h"
#include "tests/harness/unit.h"

static char root[64], state_path[80];
static struct audit_state state;

static void
open_state(void)
{
	struct err e = ERR_INIT;

	(void)snprintf(root, sizeof(root), "/tmp/nono-audit.XXXXXX");
	if (!mkdtemp(root) || chmod(root, 0700) == -1)
		abort();
	(void)snprintf(state_path, sizeof(state_path), "%s/.local/nono", root);
	CU_ASSERT_EQUAL(audit_state_open(&state, state_path, 3600, &e), 0);
}

static void
close_state(void)
{
	char command[128];

	audit_state_close(&state);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", root);
	CU_ASSERT_EQUAL(system(command), 0);
}

/* The file below the state directory; "" when it is missing. */
static const char *
content(struct buf *b, const char *name)
{
	autofd int fd = openat(state.fd, name, O_RDONLY | O_CLOEXEC);

	buf_reset(b);
	if (fd >= 0)
		CU_ASSERT_EQUAL(buf_read_fd(b, fd, 1 << 20), 0);
	return buf_str(b);
}

static unsigned int
mode_of(const char *name)
{
	struct stat st;

	return fstatat(state.fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_mode & 07777 : 0;
}

static const char *const argv_of_test[] = { "curl", "--token", "x", "y" };
static const char *const paths_of_test[] = { "/w", "/r" };
static const struct audit_policy policy_of_test = { .workdir = "/w", .network = "allowed" };

static struct audit_begin
sample(const char *id)
{
	return (struct audit_begin){
		.session_id = id,
		.started = { 1776801600, 5 },
		.command = argv_of_test,
		.command_count = ARRAY_LEN(argv_of_test),
		.tracked_paths = paths_of_test,
		.tracked_path_count = ARRAY_LEN(paths_of_test),
		.policy = &policy_of_test,
	};
}

static const struct audit_end normal_end = { .ended = { 1776801661, 0 }, .exit_code = 42 };

static void
test_start_and_end(void)
{
	static const char wanted[] = "{\n"
				     "  \"session_id\": \"s1\",\n"
				     "  \"started\": \"2026-04-21T21:00:00.000000005+01:00\",\n"
				     "  \"ended\": null,\n"
				     "  \"command\": [\n"
				     "    \"curl\",\n"
				     "    \"--token\",\n"
				     "    \"[REDACTED]\",\n"
				     "    \"y\"\n"
				     "  ],\n"
				     "  \"executable_identity\": null,\n"
				     "  \"tracked_paths\": [\n"
				     "    \"/w\",\n"
				     "    \"/r\"\n"
				     "  ],\n"
				     "  \"snapshot_count\": 0,\n"
				     "  \"exit_code\": null,\n"
				     "  \"merkle_roots\": [],\n"
				     "  \"network_events\": [],\n"
				     "  \"audit_event_count\": 0,\n"
				     "  \"audit_integrity\": null,\n"
				     "  \"audit_attestation\": null,\n"
				     "  \"ext\": {\n"
				     "    \"degraded\": [\n"
				     "      \"tcp ports: Landlock V3\"\n"
				     "    ],\n"
				     "    \"problems\": [],\n"
				     "    \"ext_count\": 2,\n";
	static const struct audit_degradation lost = { "tcp ports", "Landlock V3" };
	static const char identity[] =
		"  \"executable_identity\": {\n"
		"    \"resolved_path\": \"/bin/curl\",\n"
		"    \"sha256\": "
		"\"0000000000000000000000000000000000000000000000000000000000000000\"\n"
		"  },\n";
	static const struct audit_executable program = { .resolved_path = "/bin/curl" };
	struct audit_end end = normal_end;
	struct audit_begin begin = sample("s1");
	struct audit_session *s = NULL;
	struct audit_outcome outcome;
	struct err e = ERR_INIT;
	autobuf struct buf b = BUF_INIT;

	open_state();
	end.executable = &program;
	begin.degradations = &lost;
	begin.degradation_count = 1;
	CU_ASSERT_EQUAL_FATAL(audit_session_begin(&s, &state, &begin, &e), 0);
	(void)content(&b, "audit/s1/session.json");
	CU_ASSERT_TRUE(str_starts_with(buf_str(&b), wanted));
	CU_ASSERT_EQUAL(audit_session_end(s, &end, &outcome, &e), 0);
	CU_ASSERT_FALSE(outcome.ledger_needs_recovery);
	audit_session_free(s);
	(void)content(&b, "audit/s1/session.json");
	CU_ASSERT_PTR_NOT_NULL(strstr(buf_str(&b), identity));
	CU_ASSERT_PTR_NOT_NULL(strstr(buf_str(&b), "\"exit_code\": 42,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(buf_str(&b), "\"ended\": \"2026-04-21T21:01:01.000000000"));
	CU_ASSERT_PTR_NOT_NULL(strstr(buf_str(&b), "\"audit_event_count\": 2,"));
	CU_ASSERT_PTR_NULL(strstr(content(&b, "audit/s1/audit-events.ndjson"), "\"x\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(content(&b, "audit/ledger.ndjson"), "\"session_id\":\"s1\""));
	close_state();
}

static void
test_no_integrity(void)
{
	struct audit_begin begin = sample("s1");
	struct audit_session *s = NULL;
	struct audit_outcome outcome;
	struct err e = ERR_INIT;
	autobuf struct buf b = BUF_INIT;

	open_state();
	begin.no_integrity = true;
	CU_ASSERT_EQUAL_FATAL(audit_session_begin(&s, &state, &begin, &e), 0);
	CU_ASSERT_EQUAL(audit_session_end(s, &normal_end, &outcome, &e), 0);
	audit_session_free(s);
	(void)content(&b, "audit/s1/session.json");
	CU_ASSERT_PTR_NOT_NULL(strstr(buf_str(&b), "\"audit_event_count\": 2,\n"
						   "  \"audit_integrity\": null,"));
	close_state();
}

/* Whatever the umask is: closed to others, open to the owner. */
static void
test_modes(void)
{
	static const mode_t masks[] = { 0, 0777 };
	static const char *const directories[] = { ".", "audit", "audit/s1", "sessions",
						   "sessions/.live" };
	static const char *const files[] = {
		"audit/s1/session.json",     "audit/s1/audit-events.ndjson",
		"audit/s1/audit-ext.ndjson", "audit/s1/.lock",
		"audit/ledger.ndjson",	     "audit/ledger.head",
		"audit/ledger.lock",	     "sessions/s1.json"
	};
	const struct record_begin record = { .session_id = "s1",
					     .supervisor = getpid(),
					     .command = argv_of_test,
					     .command_count = 1,
					     .workdir = "/w",
					     .network = "allowed" };

	for (size_t i = 0; i < ARRAY_LEN(masks); i++) {
		mode_t saved = umask(masks[i]);
		struct audit_begin begin = sample("s1");
		struct audit_session *s = NULL;
		struct audit_outcome outcome;
		struct record *r = NULL;
		struct err e = ERR_INIT;

		open_state();
		CU_ASSERT_EQUAL_FATAL(audit_session_begin(&s, &state, &begin, &e), 0);
		CU_ASSERT_EQUAL(record_begin(&r, &state, &record, &e), 0);
		CU_ASSERT_EQUAL(mode_of("sessions/.live/s1"), 0600);
		CU_ASSERT_EQUAL(audit_session_end(s, &normal_end, &outcome, &e), 0);
		CU_ASSERT_EQUAL(record_end(r, 0, &e), 0);
		audit_session_free(s);
		record_free(r);
		for (size_t n = 0; n < ARRAY_LEN(directories); n++)
			CU_ASSERT_EQUAL(mode_of(directories[n]), 0700);
		for (size_t n = 0; n < ARRAY_LEN(files); n++)
			CU_ASSERT_EQUAL(mode_of(files[n]), 0600);
		CU_ASSERT_EQUAL(umask(saved), masks[i]);
		close_state();
	}
}

/* An id that is taken, ids that are none, directories of others. Each has its allowed twin. */
static void
test_refused(void)
{
	static const char *const bad[] = { "",
					   "../x",
					   "a/b",
					   "a.b",
					   "\xff",
					   "12345678901234567890123456789012"
					   "345678901234567890123456789012345" };
	struct audit_begin begin = sample("s1");
	struct audit_session *s = NULL, *second = NULL;
	struct err e = ERR_INIT;
	autobuf struct buf before = BUF_INIT, after = BUF_INIT;

	open_state();
	CU_ASSERT_EQUAL_FATAL(audit_session_begin(&s, &state, &begin, &e), 0);
	(void)content(&before, "audit/s1/audit-events.ndjson");
	CU_ASSERT_EQUAL(audit_session_begin(&second, &state, &begin, &e), -EEXIST);
	CU_ASSERT_STRING_EQUAL(content(&after, "audit/s1/audit-events.ndjson"), buf_str(&before));
	audit_session_free(s);

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		begin.session_id = bad[i];
		CU_ASSERT_EQUAL(audit_session_begin(&second, &state, &begin, &e), -EINVAL);
		CU_ASSERT_TRUE(str_starts_with(e.text, "invalid audit session id: '"));
	}
	begin.session_id = "1234567890123456789012345678901234567890123456789012345678901234";
	CU_ASSERT_EQUAL_FATAL(audit_session_begin(&s, &state, &begin, &e), 0);
	audit_session_free(s);

	/* Others may enter: put right. A link: refused. */
	CU_ASSERT_EQUAL(fchmodat(state.fd, "audit", 0755, 0), 0);
	begin.session_id = "s2";
	CU_ASSERT_EQUAL_FATAL(audit_session_begin(&s, &state, &begin, &e), 0);
	CU_ASSERT_EQUAL(mode_of("audit"), 0700);
	audit_session_free(s);
	CU_ASSERT_EQUAL(renameat(state.fd, "audit", state.fd, "elsewhere"), 0);
	CU_ASSERT_EQUAL(symlinkat("elsewhere", state.fd, "audit"), 0);
	begin.session_id = "s3";
	CU_ASSERT_EQUAL(audit_session_begin(&s, &state, &begin, &e), -ENOTDIR);
	CU_ASSERT_EQUAL(mode_of("elsewhere/s3"), 0);
	CU_ASSERT_EQUAL(unlinkat(state.fd, "audit", 0), 0);
	CU_ASSERT_EQUAL(renameat(state.fd, "elsewhere", state.fd, "audit"), 0);
	CU_ASSERT_EQUAL_FATAL(audit_session_begin(&s, &state, &begin, &e), 0);
	audit_session_free(s);
	close_state();
}

static void
test_state(void)
{
	struct audit_state again;
	struct err e = ERR_INIT;

	open_state();
	CU_ASSERT_EQUAL(audit_state_open(&again, "relative", 0, &e), -EINVAL);
	CU_ASSERT_EQUAL(chmod(state_path, 0722), 0);
	CU_ASSERT_EQUAL(audit_state_open(&again, state_path, 0, &e), -EPERM);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "chmod 700 and retry"));
	CU_ASSERT_EQUAL(chmod(state_path, 0755), 0);
	CU_ASSERT_EQUAL(audit_state_open(&again, state_path, 0, &e), 0);
	audit_state_close(&again);
	close_state();
}

/* The disk takes a part of a line: it is cut off, the log goes on with the same chain. */
static void
test_half_a_line(void)
{
	const struct audit_event event = { .type = AUDIT_SANDBOX_RUNTIME };
	struct audit_begin begin = sample("s1");
	struct audit_session *s = NULL;
	struct rlimit old, limit;
	struct audit_outcome outcome;
	struct err e = ERR_INIT;
	autobuf struct buf before = BUF_INIT, after = BUF_INIT;

	open_state();
	(void)signal(SIGXFSZ, SIG_IGN);
	CU_ASSERT_EQUAL(getrlimit(RLIMIT_FSIZE, &old), 0);
	CU_ASSERT_EQUAL_FATAL(audit_session_begin(&s, &state, &begin, &e), 0);
	(void)content(&before, "audit/s1/audit-events.ndjson");
	limit = old;
	limit.rlim_cur = before.n + 10;
	CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &limit), 0);
	CU_ASSERT_EQUAL(audit_event(s, &event, &e), -ENOSPC);
	limit.rlim_cur = before.n;
	CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &limit), 0);
	CU_ASSERT_EQUAL(audit_event(s, &event, &e), -EFBIG);
	CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &old), 0);
	CU_ASSERT_STRING_EQUAL(content(&after, "audit/s1/audit-events.ndjson"), buf_str(&before));
	CU_ASSERT_EQUAL(audit_event(s, &event, &e), 0);
	CU_ASSERT_EQUAL(audit_session_end(s, &normal_end, &outcome, &e), 0);
	audit_session_free(s);
	(void)content(&after, "audit/s1/audit-events.ndjson");
	CU_ASSERT_PTR_NOT_NULL(strstr(buf_str(&after), "{\"sequence\":2,"));
	close_state();
}

/* A start that cannot be written leaves no session. */
static void
test_no_space_at_start(void)
{
	struct audit_begin begin = sample("s1");
	struct audit_session *s = NULL;
	struct rlimit old, limit;
	struct err e = ERR_INIT;

	open_state();
	CU_ASSERT_EQUAL(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = old;
	limit.rlim_cur = 100;
	CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &limit), 0);
	CU_ASSERT_EQUAL(audit_session_begin(&s, &state, &begin, &e), -ENOSPC);
	CU_ASSERT_PTR_NULL(s);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "--no-audit"));
	CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &old), 0);
	CU_ASSERT_EQUAL(mode_of("audit/s1"), 0);
	CU_ASSERT_EQUAL_FATAL(audit_session_begin(&s, &state, &begin, &e), 0);
	audit_session_free(s);
	close_state();
}

/* The last event cannot be written: session.json and the ledger still say what is known. */
static void
test_end_problems(void)
{
	static const char *const problems[] = { "final snapshot: refused" };
	struct audit_end end = normal_end;
	struct audit_begin begin = sample("s1");
	struct audit_session *s = NULL;
	struct audit_outcome outcome;
	struct err e = ERR_INIT;
	autobuf struct buf b = BUF_INIT;
	struct rlimit old, limit;

	open_state();
	CU_ASSERT_EQUAL_FATAL(audit_session_begin(&s, &state, &begin, &e), 0);
	CU_ASSERT_EQUAL(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = old;
	limit.rlim_cur = 0;
	end.problems = problems;
	end.problem_count = 1;
	CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &limit), 0);
	CU_ASSERT_EQUAL(audit_session_end(s, &end, &outcome, &e), -EFBIG);
	CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &old), 0);
	audit_session_free(s);
	/* The old summary is there, whole: the session counts as unfinished. */
	CU_ASSERT_PTR_NOT_NULL(strstr(content(&b, "audit/s1/session.json"), "\"ended\": null"));
	CU_ASSERT_EQUAL(mode_of("audit/ledger.pending/s1.json"), 0);
	close_state();
}

/* ---- the registry record ---- */

static struct record_begin
sample_record(const char *id)
{
	struct procstat st = { 0 };

	CU_ASSERT_EQUAL(procstat_read(&st, getpid()), 0);
	return (struct record_begin){
		.session_id = id,
		.name = "n",
		.supervisor = getpid(),
		.start_ticks = st.start_ticks,
		.started = { 1776801600, 0 },
		.command = argv_of_test,
		.command_count = ARRAY_LEN(argv_of_test),
		.workdir = "/w",
		.network = "blocked",
	};
}

/* The record as a format of the values that change. */
static const char *
record_of(char text[1024], const struct record_begin *b, pid_t child, const char *status,
	  const char *attachment, const char *exit_code)
{
	(void)snprintf(text, 1024,
		       "{\n  \"session_id\": \"%s\",\n  \"name\": \"n\",\n"
		       "  \"supervisor_pid\": %d,\n  \"child_pid\": %10d,\n"
		       "  \"started\": \"2026-04-21T21:00:00.000000000+01:00\",\n"
		       "  \"started_epoch\": %llu,\n  \"status\": \"%s\",\n"
		       "  \"attachment\": \"%s\",\n  \"exit_code\": %s,\n"
		       "  \"command\": [\n    \"curl\",\n    \"--token\",\n    \"[REDACTED]\",\n"
		       "    \"y\"\n  ],\n  \"profile\": null,\n  \"workdir\": \"/w\",\n"
		       "  \"network\": \"blocked\",\n  \"rollback_session\": null\n}\n",
		       b->session_id, (int)b->supervisor, (int)child,
		       (unsigned long long)b->start_ticks, status, attachment, exit_code);
	return text;
}

static void
test_record(void)
{
	struct record_begin begin;
	struct record *r = NULL, *second = NULL;
	struct err e = ERR_INIT;
	autobuf struct buf b = BUF_INIT;
	char text[1024];

	open_state();
	begin = sample_record("s1");
	CU_ASSERT_EQUAL_FATAL(record_begin(&r, &state, &begin, &e), 0);
	CU_ASSERT_STRING_EQUAL(content(&b, "sessions/s1.json"),
			       record_of(text, &begin, 0, "running", "attached", "null"));
	CU_ASSERT_EQUAL(record_begin(&second, &state, &begin, &e), -EEXIST);
	CU_ASSERT_EQUAL(record_child(r, 123, &e), 0);
	CU_ASSERT_STRING_EQUAL(content(&b, "sessions/s1.json"),
			       record_of(text, &begin, 123, "running", "attached", "null"));
	CU_ASSERT_EQUAL(record_sweep(&state, RECORD_SWEEP_MAX), 0);
	CU_ASSERT_EQUAL(record_end(r, 5, &e), 0);
	record_free(r);
	CU_ASSERT_STRING_EQUAL(content(&b, "sessions/s1.json"),
			       record_of(text, &begin, 123, "exited", "detached", "5"));
	CU_ASSERT_EQUAL(record_sweep(&state, RECORD_SWEEP_MAX), 0);
	CU_ASSERT_EQUAL(mode_of("sessions/.live/s1"), 0);
	/* Two words when no name is given; none but letters, digits and three signs. */
	begin = sample_record("s2");
	begin.name = NULL;
	CU_ASSERT_EQUAL_FATAL(record_begin(&r, &state, &begin, &e), 0);
	CU_ASSERT_PTR_NULL(strstr(content(&b, "sessions/s2.json"), "\"name\": \"n\""));
	record_free(r);
	begin = sample_record("s3");
	begin.name = "a b";
	CU_ASSERT_EQUAL(record_begin(&r, &state, &begin, &e), -EINVAL);
	close_state();
}

/* Its broker was killed: exit code -1, socket and key gone; living neighbours untouched. */
static void
test_sweep(void)
{
	struct record_begin begin;
	struct record *living = NULL;
	struct err e = ERR_INIT;
	autobuf struct buf b = BUF_INIT;
	char text[1024];
	pid_t pid;

	open_state();
	CU_ASSERT_EQUAL(record_sweep(&state, RECORD_SWEEP_MAX), 0);
	begin = sample_record("alive");
	CU_ASSERT_EQUAL_FATAL(record_begin(&living, &state, &begin, &e), 0);
	pid = fork();
	if (pid == 0) {
		struct record *r = NULL;

		begin = sample_record("dead");
		begin.supervisor = getpid();
		if (record_begin(&r, &state, &begin, &e) < 0)
			_exit(1);
		(void)raise(SIGKILL);
	}
	CU_ASSERT_EQUAL(waitpid(pid, NULL, 0), pid);
	(void)!close(openat(state.fd, "sessions/dead.sock", O_WRONLY | O_CREAT, 0600));
	(void)!close(openat(state.fd, "sessions/dead.key", O_WRONLY | O_CREAT, 0600));
	(void)!close(openat(state.fd, "sessions/alive.sock", O_WRONLY | O_CREAT, 0600));
	CU_ASSERT_EQUAL(record_sweep(&state, RECORD_SWEEP_MAX), 1);
	CU_ASSERT_EQUAL(mode_of("sessions/dead.sock"), 0);
	CU_ASSERT_EQUAL(mode_of("sessions/dead.key"), 0);
	CU_ASSERT_EQUAL(mode_of("sessions/alive.sock"), 0600);
	(void)content(&b, "sessions/dead.json");
	begin = sample_record("dead");
	begin.supervisor = pid;
	CU_ASSERT_PTR_NOT_NULL(strstr(buf_str(&b), "\"status\": \"exited\",\n"
						   "  \"attachment\": \"detached\",\n"
						   "  \"exit_code\": -1,"));
	begin = sample_record("alive");
	CU_ASSERT_STRING_EQUAL(content(&b, "sessions/alive.json"),
			       record_of(text, &begin, 0, "running", "attached", "null"));
	CU_ASSERT_EQUAL(record_sweep(&state, RECORD_SWEEP_MAX), 0);
	record_free(living);
	/* Lock free, but the process is there: a file system without locks. */
	CU_ASSERT_EQUAL(record_sweep(&state, RECORD_SWEEP_MAX), 0);
	CU_ASSERT_EQUAL(mode_of("sessions/.live/alive"), 0600);
	close_state();
}

static void
test_sessions_directory(void)
{
	struct record_begin begin;
	struct record *r = NULL;
	struct err e = ERR_INIT;

	open_state();
	CU_ASSERT_EQUAL(mkdirat(state.fd, "sessions", 0750), 0);
	begin = sample_record("s1");
	CU_ASSERT_EQUAL(record_begin(&r, &state, &begin, &e), -EPERM);
	CU_ASSERT_PTR_NOT_NULL(
		strstr(e.text, "must not be group/world accessible; chmod 700 and retry"));
	CU_ASSERT_EQUAL(fchmodat(state.fd, "sessions", 0700, 0), 0);
	CU_ASSERT_EQUAL_FATAL(record_begin(&r, &state, &begin, &e), 0);
	record_free(r);
	close_state();
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "start and end", test_start_and_end },
		{ "without integrity", test_no_integrity },
		{ "modes under any umask", test_modes },
		{ "ids and directories refused", test_refused },
		{ "state directory", test_state },
		{ "half a line on a full disk", test_half_a_line },
		{ "no space at the start", test_no_space_at_start },
		{ "no space at the end", test_end_problems },
		{ "record", test_record },
		{ "record of a killed broker", test_sweep },
		{ "sessions directory", test_sessions_directory },
	};

	return unit_run("audit-session", tests, UNIT_COUNT(tests));
}
