/*
 * The ledger and its head: golden digests and lines, every state that a killed writer can leave,
 * and those in which nothing may be guessed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit/internal.h"
#include "base/alloc.h"
#include "base/fd.h"
#include "tests/harness/unit.h"

static char directory[64];

static int
new_directory(void)
{
	(void)snprintf(directory, sizeof(directory), "/tmp/nono-ledger.XXXXXX");
	if (!mkdtemp(directory))
		abort();
	return open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void
remove_directory(int dir)
{
	static const char *const names[] = { "ledger.ndjson", "ledger.lock", "ledger.head",
					     "ledger.pending/a.json", "ledger.pending/b.json" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)unlinkat(dir, names[i], 0);
	(void)unlinkat(dir, "ledger.pending", AT_REMOVEDIR);
	CU_ASSERT_EQUAL(rmdir(directory), 0);
	fd_close(dir);
}

static void
read_file(struct buf *b, int dir, const char *name)
{
	autofd int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);

	buf_reset(b);
	CU_ASSERT_EQUAL(buf_read_fd(b, fd, 1 << 20), 0);
}

static bool
exists(int dir, const char *name)
{
	return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int
append(int dir, const char *id, bool *recovery)
{
	const struct ledger_entry entry = { .session_id = id, .completed_at = "T" };

	return ledger_append(dir, &entry, NULL, 100, recovery);
}

/* ---- golden values of spec 07 section 8 ---- */

static void
unhex(unsigned char ret[SHA256_BYTES], const char *hex)
{
	for (size_t i = 0; i < SHA256_BYTES; i++) {
		char two[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

		ret[i] = (unsigned char)strtoul(two, NULL, 16);
	}
}

static void
golden_summaries(struct summary ret[2])
{
	struct summary first = {
		.session_id = "0123456789abcdef",
		.started = "2026-04-21T20:00:00Z",
		.ended = "2026-04-21T20:00:01Z",
		.merkle_roots = slice_of("[]"),
		.network_events = slice_of(
			"[{\"timestamp_unix_ms\":1776801600500,\"mode\":\"connect\","
			"\"decision\":\"deny\",\"denial_category\":\"host_denied\","
			"\"target\":\"evil.example\",\"port\":443,\"method\":null,\"path\":null,"
			"\"status\":null,\"reason\":\"host not allowed\"}]"),
		.event_count = 3,
		.integrity = true,
	};
	struct summary second = {
		.session_id = "20260421-200000-11111",
		.started = "2026-04-21T20:00:00Z",
		.snapshot_count = 2,
		.merkle_roots = slice_of(
			"[\"0101010101010101010101010101010101010101010101010101010101010101\"]"),
		.network_events = slice_of("[]"),
		.event_count = 2,
	};

	unhex(first.chain_head, "36394800f3bfcd4690e12b9c2514bf11f02f3022539a7b94b8252f7eb56f8054");
	unhex(first.merkle_root,
	      "bc58702673c4ea915e308d9e959d15fc98ea710ca25b87c9d3d6233796b7345f");
	memset(first.executable_sha256, 9, SHA256_BYTES);
	first.executable = mem_strdup("/bin/pwd");
	CU_ASSERT_EQUAL(words_add(&first.command, slice_of("pwd")), 0);
	CU_ASSERT_EQUAL(words_add_whole(&first.tracked_paths, slice_of("/w")), 0);
	CU_ASSERT_EQUAL(words_add(&second.command, slice_of("/bin/pwd")), 0);
	CU_ASSERT_EQUAL(words_add_whole(&second.tracked_paths, slice_of("/w")), 0);
	ret[0] = first;
	ret[1] = second;
}

static void
test_golden(void)
{
	static const char wanted[] =
		"{\"sequence\":0,\"prev_chain\":null,\"session_id\":\"0123456789abcdef\","
		"\"session_digest\":"
		"\"731c1035f8a6ac069355b8f47b6b9bc9cb41d8e8d3477d015506e840f141ee43\","
		"\"completed_at\":\"2026-04-21T20:00:01Z\",\"chain_hash\":"
		"\"57c1404e0b49accb3db62c41f67ffecebe8319c40c6b7ed1d125d4bb8351219f\"}\n"
		"{\"sequence\":1,\"prev_chain\":"
		"\"57c1404e0b49accb3db62c41f67ffecebe8319c40c6b7ed1d125d4bb8351219f\","
		"\"session_id\":\"20260421-200000-11111\",\"session_digest\":"
		"\"8a4021ba29fda5b5fd3e16b7fc79b5b942a647ad8a30795b71ae533161537390\","
		"\"completed_at\":\"2026-04-21T20:00:00Z\",\"chain_hash\":"
		"\"db781aaca7aa009e4b7efbd2b7cf1ef2f3585cef75ef7c2eca72fe86bfa4a672\"}\n";
	struct summary s[2];
	autobuf struct buf b = BUF_INIT;
	int dir = new_directory();

	golden_summaries(s);
	for (size_t i = 0; i < 2; i++) {
		struct ledger_entry entry = { .session_id = s[i].session_id,
					      .completed_at = *s[i].ended ? s[i].ended
									  : s[i].started };
		bool recovery;

		CU_ASSERT_EQUAL(summary_digest(entry.digest, &s[i]), 0);
		CU_ASSERT_EQUAL(ledger_append(dir, &entry, NULL, 100, &recovery), LEDGER_APPENDED);
		CU_ASSERT_FALSE(recovery);
		summary_clear(&s[i]);
	}
	read_file(&b, dir, "ledger.ndjson");
	CU_ASSERT_STRING_EQUAL(buf_str(&b), wanted);
	remove_directory(dir);
}

/* ---- states of the two files ---- */

/* The ledger after two lines, and the head at that moment and one line before. */
struct past {
	struct buf ledger, head, earlier_head;
	size_t first_line;
};

static void
write_file(int dir, const char *name, const char *p, size_t n)
{
	autofd int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CU_ASSERT_EQUAL(fd_write_all(fd, p, n), 0);
}

static void
make_past(struct past *p, int dir)
{
	bool recovery;

	*p = (struct past){ 0 };
	CU_ASSERT_EQUAL(append(dir, "a", &recovery), LEDGER_APPENDED);
	read_file(&p->ledger, dir, "ledger.ndjson");
	p->first_line = p->ledger.n;
	read_file(&p->earlier_head, dir, "ledger.head");
	CU_ASSERT_EQUAL(append(dir, "b", &recovery), LEDGER_APPENDED);
	read_file(&p->ledger, dir, "ledger.ndjson");
	read_file(&p->head, dir, "ledger.head");
	CU_ASSERT_EQUAL(p->head.n, 256);
}

static void
clear_past(struct past *p)
{
	buf_clear(&p->ledger);
	buf_clear(&p->head);
	buf_clear(&p->earlier_head);
}

/* Killed before the line, and after it: the writer goes on where the file really ends. */
static void
test_killed(void)
{
	int dir = new_directory();
	autobuf struct buf b = BUF_INIT;
	struct past past;
	bool recovery;

	make_past(&past, dir);
	write_file(dir, "ledger.ndjson", past.ledger.p, past.first_line);
	CU_ASSERT_EQUAL(append(dir, "b", &recovery), LEDGER_APPENDED);
	CU_ASSERT_FALSE(recovery);
	read_file(&b, dir, "ledger.ndjson");
	CU_ASSERT_STRING_EQUAL(buf_str(&b), buf_str(&past.ledger));
	CU_ASSERT_EQUAL(append(dir, "c", &recovery), LEDGER_APPENDED);
	clear_past(&past);
	remove_directory(dir);
}

/* A first line that never came: the ledger is empty and the head knows of nothing before. */
static void
test_killed_first(void)
{
	int dir = new_directory();
	autobuf struct buf b = BUF_INIT;
	bool recovery;

	CU_ASSERT_EQUAL(append(dir, "a", &recovery), LEDGER_APPENDED);
	read_file(&b, dir, "ledger.ndjson");
	write_file(dir, "ledger.ndjson", "", 0);
	CU_ASSERT_EQUAL(append(dir, "a", &recovery), LEDGER_APPENDED);
	{
		autobuf struct buf again = BUF_INIT;

		read_file(&again, dir, "ledger.ndjson");
		CU_ASSERT_STRING_EQUAL(buf_str(&again), buf_str(&b));
	}
	remove_directory(dir);
}

/* Entry "b" must be pending, the ledger untouched. */
static void
assert_pending(int dir, const char *what)
{
	autobuf struct buf before = BUF_INIT, after = BUF_INIT, pending = BUF_INIT;
	bool recovery = false;
	int r;

	read_file(&before, dir, "ledger.ndjson");
	r = append(dir, "b", &recovery);
	if (r != LEDGER_PENDING)
		printf("# %s: %d\n", what, r);
	CU_ASSERT_EQUAL(r, LEDGER_PENDING);
	CU_ASSERT_TRUE(recovery);
	read_file(&after, dir, "ledger.ndjson");
	CU_ASSERT_TRUE(before.n == after.n && memcmp(before.p, after.p, after.n) == 0);
	read_file(&pending, dir, "ledger.pending/b.json");
	CU_ASSERT_STRING_EQUAL(buf_str(&pending),
			       "{\"session_id\":\"b\",\"session_digest\":"
			       "\"00000000000000000000000000000000"
			       "00000000000000000000000000000000\",\"completed_at\":\"T\"}\n");
	CU_ASSERT_EQUAL(unlinkat(dir, "ledger.pending/b.json", 0), 0);
}

static void
test_disagree(void)
{
	int dir = new_directory();
	struct past past;
	bool recovery;

	make_past(&past, dir);
	/* Torn line, a byte too few or too many, a line of another writer. */
	write_file(dir, "ledger.ndjson", past.ledger.p, past.first_line + 10);
	assert_pending(dir, "torn line");
	write_file(dir, "ledger.ndjson", past.ledger.p, past.ledger.n - 1);
	assert_pending(dir, "no newline");
	write_file(dir, "ledger.ndjson", "", 0);
	assert_pending(dir, "empty");
	write_file(dir, "ledger.ndjson", past.ledger.p, past.ledger.n);
	write_file(dir, "ledger.head", past.earlier_head.p, past.earlier_head.n);
	assert_pending(dir, "line of another writer");
	/* Last line edited, at the same length. */
	write_file(dir, "ledger.head", past.head.p, past.head.n);
	past.ledger.p[past.ledger.n - 5] ^= 1;
	write_file(dir, "ledger.ndjson", past.ledger.p, past.ledger.n);
	assert_pending(dir, "edited line");
	past.ledger.p[past.ledger.n - 5] ^= 1;
	write_file(dir, "ledger.ndjson", past.ledger.p, past.ledger.n);
	/* No head, an empty one, each byte of it changed, too short. */
	CU_ASSERT_EQUAL(unlinkat(dir, "ledger.head", 0), 0);
	assert_pending(dir, "no head");
	write_file(dir, "ledger.head", "", 0);
	assert_pending(dir, "empty head");
	for (size_t i = 0; i < past.head.n; i++) {
		past.head.p[i] ^= 0x10;
		write_file(dir, "ledger.head", past.head.p, past.head.n);
		assert_pending(dir, "changed head");
		past.head.p[i] ^= 0x10;
	}
	write_file(dir, "ledger.head", past.head.p, past.head.n - 1);
	assert_pending(dir, "short head");
	/* And its twin: all as it was. Lines that still wait are told. */
	write_file(dir, "ledger.head", past.head.p, past.head.n);
	CU_ASSERT_EQUAL(append(dir, "c", &recovery), LEDGER_APPENDED);
	CU_ASSERT_TRUE(recovery);
	CU_ASSERT_EQUAL(unlinkat(dir, "ledger.pending", AT_REMOVEDIR), 0);
	CU_ASSERT_EQUAL(append(dir, "d", &recovery), LEDGER_APPENDED);
	CU_ASSERT_FALSE(recovery);
	clear_past(&past);
	remove_directory(dir);
}

static void
test_links(void)
{
	int dir = new_directory();
	struct past past;

	/* A symbolic link is followed for none of the files. */
	make_past(&past, dir);
	CU_ASSERT_EQUAL(renameat(dir, "ledger.head", dir, "x"), 0);
	CU_ASSERT_EQUAL(symlinkat("x", dir, "ledger.head"), 0);
	assert_pending(dir, "linked head");
	CU_ASSERT_EQUAL(renameat(dir, "x", dir, "ledger.head"), 0);
	clear_past(&past);
	remove_directory(dir);
}

static void
test_legacy(void)
{
	const struct ledger_entry entry = { .session_id = "b", .completed_at = "T" };
	int dir = new_directory();
	bool recovery = false;

	/* An old ledger has to be copied first; a missing one is no reason. */
	CU_ASSERT_EQUAL(ledger_append(dir, &entry, "/dev/null", 100, &recovery), LEDGER_PENDING);
	CU_ASSERT_TRUE(recovery);
	CU_ASSERT_FALSE(exists(dir, "ledger.ndjson"));
	CU_ASSERT_EQUAL(ledger_append(dir, &entry, "/nonexistent", 100, &recovery),
			LEDGER_APPENDED);
	CU_ASSERT_EQUAL(ledger_append(dir, &entry, "/dev/null", 100, &recovery), LEDGER_APPENDED);
	remove_directory(dir);
}

static void
test_locked(void)
{
	int dir = new_directory();
	autofd int lock = -1;
	struct past past;
	bool recovery;

	make_past(&past, dir);
	lock = openat(dir, "ledger.lock", O_RDWR | O_CLOEXEC);
	CU_ASSERT_EQUAL(flock(lock, LOCK_EX | LOCK_NB), 0);
	assert_pending(dir, "locked");
	CU_ASSERT_EQUAL(flock(lock, LOCK_UN), 0);
	CU_ASSERT_EQUAL(append(dir, "c", &recovery), LEDGER_APPENDED);
	clear_past(&past);
	remove_directory(dir);
}

/* Writers at the same time: every line is there, once. */
static void
test_concurrent(void)
{
	enum { WRITERS = 8, LINES = 25 };
	int dir = new_directory(), bad = 0, status;
	autobuf struct buf b = BUF_INIT;
	size_t lines = 0;

	for (int i = 0; i < WRITERS; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			const struct ledger_entry entry = { .session_id = "a",
							    .completed_at = "T" };
			bool recovery;
			int own = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

			for (int n = 0; n < LINES; n++)
				if (ledger_append(own, &entry, NULL, LEDGER_WAIT_MS, &recovery) !=
				    LEDGER_APPENDED)
					_exit(1);
			_exit(0);
		}
	}
	while (wait(&status) > 0)
		bad += status != 0;
	CU_ASSERT_EQUAL(bad, 0);
	read_file(&b, dir, "ledger.ndjson");
	for (size_t i = 0; i < b.n; i++)
		if (b.p[i] == '\n')
			lines++;
	CU_ASSERT_EQUAL(lines, WRITERS * LINES);
	CU_ASSERT_PTR_NOT_NULL(strstr(buf_str(&b), "{\"sequence\":199,"));
	remove_directory(dir);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "golden ledger", test_golden },
		{ "killed between head and line", test_killed },
		{ "killed before the first line", test_killed_first },
		{ "head and ledger disagree", test_disagree },
		{ "symbolic links", test_links },
		{ "ledger of an old version", test_legacy },
		{ "locked by another process", test_locked },
		{ "eight writers", test_concurrent },
	};

	return unit_run("ledger", tests, UNIT_COUNT(tests));
}
