/*
 * The ledger of sessions in any state. Recovery may append what waits and cut off a torn end, which
 * it keeps; everything else stays byte for byte, and what it calls recovered needs no recovery.
 *
 * The input is a byte of flags and three files, each ended by a byte 0xff: the ledger, one waiting
 * entry, the head. No fuzzer finds a hash, so a flag adds a line that proves itself.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/internal.h"
#include "base/fd.h"

enum {
	GENUINE_LINE = 1 << 0,
	TORN_END = 1 << 1,
	WITH_HEAD = 1 << 2,
	WAITING = 1 << 3,
	COUNT_SHIFT = 4, /* the rest of the byte: lines before the genuine one */
	TEXT_MAX = 100 << 10,
	FILE_END = 0xff,
};

static const char torn_end[] = "{\"sequence\":7,\"prev_chain\":\"";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
demand(bool condition)
{
	if (!condition)
		abort();
}

static void
put(int dir, const char *name, struct slice text)
{
	demand(file_create(dir, name, text) == 0);
}

static void
get(struct buf *b, int dir, const char *name)
{
	autofd int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);

	demand(fd != -1 && buf_read_fd(b, fd, 2 * TEXT_MAX) == 0);
}

/* Remove everything; what was kept of a torn end goes to `torn`. */
static void
clear(int dir, struct buf *torn)
{
	int list = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = list == -1 ? NULL : fdopendir(list);
	const struct dirent *entry;

	demand(d != NULL);
	while ((entry = readdir(d))) {
		if (strncmp(entry->d_name, "ledger.torn-", 12) == 0)
			get(torn, dir, entry->d_name);
		if (entry->d_name[0] != '.' && unlinkat(dir, entry->d_name, 0) == -1)
			demand(unlinkat(dir, "ledger.pending/a.json", 0) == 0 &&
			       unlinkat(dir, "ledger.pending", AT_REMOVEDIR) == 0);
	}
	(void)closedir(d);
}

/* In memory, and below a name of its own that goes when the process ends in peace. */
static char path[] = "/dev/shm/fuzz-recover.XXXXXX";

static void
remove_directory(void)
{
	(void)rmdir(path);
}

static int
directory(void)
{
	static int fd = -1;

	if (fd != -1)
		return fd;
	demand(mkdtemp(path) != NULL && atexit(remove_directory) == 0);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	demand(fd != -1);
	return fd;
}

static struct slice
take_file(struct slice *s)
{
	const char *end = s->n ? memchr(s->p, FILE_END, s->n) : NULL;
	const struct slice file = { s->p, end ? (size_t)(end - s->p) : s->n };
	const size_t used = file.n + (end != NULL);

	s->p += used;
	s->n -= used;
	return file;
}

/* A line as a writer appends it behind `ledger`, and what the head says of it. */
static void
add_genuine(struct buf *ledger, struct ledger_point *before, struct ledger_point *after,
	    unsigned int count)
{
	const struct ledger_entry entry = { .session_id = "b", .completed_at = "T" };
	autobuf struct buf line = BUF_INIT;

	before->bytes = ledger->n;
	before->count = count;
	memset(before->chain, count ? 0x5a : 0, sizeof(before->chain));
	demand(ledger_line(&line, after, before, &entry) == 0);
	demand(buf_add(ledger, line.p, line.n) == 0);
}

/* `ledger` as it was, without the torn end, and then what was appended. */
static void
check(int dir, const struct buf *ledger, const struct audit_recovery *told)
{
	autobuf struct buf now = BUF_INIT;
	const size_t kept = ledger->n - told->torn_bytes;
	struct audit_recovery again;
	struct err e = ERR_INIT;
	size_t lines = 0;

	demand(told->torn_bytes <= ledger->n);
	get(&now, dir, "ledger.ndjson");
	demand(now.n >= kept && memcmp(now.p ? now.p : "", ledger->p ? ledger->p : "", kept) == 0);
	demand(now.n == 0 || now.p[now.n - 1] == '\n');
	for (size_t i = kept; i < now.n; i++)
		lines += now.p[i] == '\n';
	demand(lines == told->appended && told->appended + told->refused <= 1);
	demand(audit_recover(dir, &again, &e) == 0);
	demand(again.torn_bytes == 0 && again.lost_lines == 0 && again.appended == 0 &&
	       again.refused == told->refused);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s = { (const char *)data, size }, file;
	const unsigned int flags = size ? data[0] : 0;
	struct ledger_point before = { 0 }, after = { 0 };
	autobuf struct buf ledger = BUF_INIT, unchanged = BUF_INIT, torn = BUF_INIT;
	struct audit_recovery told;
	struct err e = ERR_INIT;
	const int dir = directory();
	int r;

	if (size == 0 || size > TEXT_MAX)
		return 0;
	s.p++, s.n--;
	file = take_file(&s);
	demand(buf_add(&ledger, file.p, file.n) == 0);
	/* A line of its own. */
	if (flags & GENUINE_LINE && file.n && file.p[file.n - 1] != '\n')
		demand(buf_addc(&ledger, '\n') == 0);
	if (flags & GENUINE_LINE)
		add_genuine(&ledger, &before, &after, flags >> COUNT_SHIFT);
	if (flags & TORN_END)
		demand(buf_adds(&ledger, torn_end) == 0);
	put(dir, "ledger.ndjson", (struct slice){ ledger.p, ledger.n });
	file = take_file(&s);
	if (flags & WAITING) {
		demand(mkdirat(dir, "ledger.pending", 0700) == 0);
		put(dir, "ledger.pending/a.json", file);
	}
	put(dir, "ledger.head", take_file(&s));
	if (flags & WITH_HEAD) {
		autofd int head = openat(dir, "ledger.head", O_WRONLY | O_CLOEXEC);

		demand(head != -1 && ledger_head_write(head, &before, &after) == 0);
	}
	r = audit_recover(dir, &told, &e);
	if (r == 0) {
		check(dir, &ledger, &told);
	} else {
		get(&unchanged, dir, "ledger.ndjson");
		/* At most the torn end is gone, and kept. */
		demand(r == -EBADMSG && told.appended == 0);
		demand(unchanged.n + told.torn_bytes == ledger.n);
	}
	/* A whole line behind a newline always counts; what was torn off here is all that is lost. */
	if (flags & GENUINE_LINE)
		demand(r == 0 && told.torn_bytes == (flags & TORN_END ? strlen(torn_end) : 0));
	clear(dir, &torn);
	demand(torn.n == told.torn_bytes);
	demand(memcmp(torn.p ? torn.p : "", ledger.n ? ledger.p + ledger.n - torn.n : "", torn.n) ==
	       0);
	return 0;
}
