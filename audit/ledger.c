/*
 * The ledger: one chained line for each ended session of the user (spec 07 section 8).
 *
 * The writer reads no JSON. Beside the ledger lies ledger.head, 256 bytes, that knows two states
 * of the file: before and after the last append. It is written first, then the line. Whatever
 * moment the writer is killed at, the ledger is in one of the two, which its length tells and the
 * hash of its last line proves. In any third state (a torn line, a line of another writer, an
 * edited or lost file) nothing is guessed: the entry goes to ledger.pending/<id>.json, and
 * nono-record, which may parse, puts it right.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "audit/internal.h"
#include "base/fd.h"

enum {
	HEAD_BYTES = 256,
	HEAD_VERSION = 1,
	RETRY_FIRST_MS = 1,
	RETRY_LAST_MS = 16,
};

static const char head_magic[8] = "NONOLEDG";
static const char chain_domain[] = "nono.audit.ledger.chain.alpha\n";

/* ledger.head. Numbers are little endian, so that a shared home works for every machine. */
struct head {
	char magic[8];
	uint64_t version;
	struct ledger_point before, after;
	unsigned char zero[32];
	unsigned char check[SHA256_BYTES]; /* SHA-256 of all that stands before it */
};

_Static_assert(sizeof(struct ledger_point) == 88, "no hidden padding");
_Static_assert(sizeof(struct head) == HEAD_BYTES, "no hidden padding");

void
ledger_hash(unsigned char ret[SHA256_BYTES], const void *p, size_t n)
{
	struct sha256 h;

	sha256_init(&h);
	sha256_add(&h, p, n);
	sha256_end(&h, ret);
}

static void
point_order(struct ledger_point *p)
{
	p->bytes = htole64(p->bytes);
	p->count = htole64(p->count);
	p->line_bytes = htole64(p->line_bytes);
}

/* 0, -ENOENT when there is no head yet, -EBADMSG when it is not one of ours, -errno. */
static int
head_read(struct head *ret, int fd)
{
	unsigned char check[SHA256_BYTES];
	ssize_t n = pread(fd, ret, sizeof(*ret), 0);

	if (n == -1)
		return -errno;
	if (n == 0)
		return -ENOENT;
	ledger_hash(check, ret, offsetof(struct head, check));
	if (n != sizeof(*ret) || memcmp(ret->magic, head_magic, sizeof(head_magic)) != 0 ||
	    le64toh(ret->version) != HEAD_VERSION || memcmp(check, ret->check, sizeof(check)) != 0)
		return -EBADMSG;
	point_order(&ret->before);
	point_order(&ret->after);
	return 0;
}

int
ledger_head_write(int fd, const struct ledger_point *before, const struct ledger_point *after)
{
	struct head head = { .version = htole64(HEAD_VERSION), .before = *before, .after = *after };
	ssize_t n;

	memcpy(head.magic, head_magic, sizeof(head_magic));
	point_order(&head.before);
	point_order(&head.after);
	ledger_hash(head.check, &head, offsetof(struct head, check));
	n = pwrite(fd, &head, sizeof(head), 0);
	if (n == sizeof(head))
		return 0;
	return n == -1 ? -errno : -ENOSPC;
}

/* Is the ledger, `size` bytes long, in this state? */
static bool
point_holds(const struct ledger_point *p, int ledger, uint64_t size)
{
	unsigned char line[LEDGER_LINE_MAX], hash[SHA256_BYTES];

	if (p->bytes != size)
		return false;
	if (p->count == 0)
		return size == 0;
	if (p->line_bytes == 0 || p->line_bytes > sizeof(line) || p->line_bytes > size)
		return false;
	if (pread(ledger, line, p->line_bytes, (off_t)(size - p->line_bytes)) !=
	    (ssize_t)p->line_bytes)
		return false;
	ledger_hash(hash, line, p->line_bytes);
	return memcmp(hash, p->line_hash, sizeof(hash)) == 0;
}

int
ledger_point_find(struct ledger_point *ret, int ledger, int head_fd)
{
	const struct ledger_point empty = { 0 };
	struct head head;
	struct stat st;
	int r;

	if (fstat(ledger, &st) == -1)
		return -errno;
	r = head_read(&head, head_fd);
	if (r == -ENOENT && st.st_size == 0)
		*ret = empty;
	else if (r == -ENOENT)
		return -EBADMSG;
	else if (r < 0)
		return r;
	else if (point_holds(&head.after, ledger, (uint64_t)st.st_size))
		*ret = head.after;
	else if (point_holds(&head.before, ledger, (uint64_t)st.st_size))
		*ret = head.before;
	else
		return -EBADMSG;
	return 0;
}

int
ledger_lock(int fd, unsigned int wait_ms)
{
	unsigned int pause_ms = RETRY_FIRST_MS;

	while (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		const struct timespec pause = { .tv_nsec = (long)pause_ms * 1000 * 1000 };

		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (wait_ms == 0)
			return -EWOULDBLOCK;
		(void)nanosleep(&pause, NULL);
		wait_ms -= pause_ms < wait_ms ? pause_ms : wait_ms;
		pause_ms = 2 * pause_ms < RETRY_LAST_MS ? 2 * pause_ms : RETRY_LAST_MS;
	}
	return 0;
}

int
ledger_line(struct buf *line, struct ledger_point *next, const struct ledger_point *at,
	    const struct ledger_entry *entry)
{
	autobuf struct buf payload = BUF_INIT;
	struct json l = JSON_CANONICAL_INIT(&payload, LEDGER_LINE_MAX);
	struct json j = JSON_CANONICAL_INIT(line, LEDGER_LINE_MAX - 1);
	int r;

	json_object(&l, NULL);
	json_number(&l, "sequence", at->count);
	json_string(&l, "session_id", entry->session_id);
	chain_put(&l, "session_digest", entry->digest, true);
	json_string(&l, "completed_at", entry->completed_at);
	json_end(&l);
	if ((r = json_finish(&l)) < 0)
		return r;
	chain_hash(next->chain, chain_domain, at->chain, (struct slice){ payload.p, payload.n });

	json_object(&j, NULL);
	json_number(&j, "sequence", at->count);
	chain_put(&j, "prev_chain", at->chain, at->count > 0);
	json_string(&j, "session_id", entry->session_id);
	chain_put(&j, "session_digest", entry->digest, true);
	json_string(&j, "completed_at", entry->completed_at);
	chain_put(&j, "chain_hash", next->chain, true);
	json_end(&j);
	r = json_finish(&j);
	r = r < 0 ? r : buf_addc(line, '\n');
	if (r < 0)
		return r;
	next->bytes = at->bytes + line->n;
	next->count = at->count + 1;
	next->line_bytes = line->n;
	ledger_hash(next->line_hash, line->p, line->n);
	return 0;
}

int
ledger_write(int ledger, struct slice line, uint64_t bytes)
{
	ssize_t n = write(ledger, line.p, line.n);
	int r;

	if (n == (ssize_t)line.n)
		return 0;
	r = n == -1 ? -errno : -ENOSPC;
	/* Back to the state before; if that fails too, the next writer sees a third state. */
	if (n > 0)
		(void)!ftruncate(ledger, (off_t)bytes);
	return r;
}

/* A ledger of an old version must be copied before the first line of ours (spec 07 section 3). */
static int
ledger_open(int dir, const char *legacy)
{
	const int flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dir, "ledger.ndjson", flags);

	if (fd == -1 && errno == ENOENT) {
		if (legacy && faccessat(AT_FDCWD, legacy, F_OK, 0) == 0)
			return -EBADMSG;
		fd = openat(dir, "ledger.ndjson", flags | O_CREAT | O_EXCL, 0600);
	}
	return fd == -1 ? -errno : fd;
}

static int
append(int dir, const struct ledger_entry *entry, const char *legacy, unsigned int wait_ms)
{
	const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
	autofd int lock_fd = -1, ledger = -1, head = -1;
	autobuf struct buf line = BUF_INIT;
	struct ledger_point at, next = { 0 };
	int r;

	if ((lock_fd = openat(dir, "ledger.lock", flags, 0600)) == -1)
		return -errno;
	if ((r = ledger_lock(lock_fd, wait_ms)) < 0)
		return r;
	if ((ledger = ledger_open(dir, legacy)) < 0)
		return ledger;
	if ((head = openat(dir, "ledger.head", flags, 0600)) == -1)
		return -errno;
	r = ledger_point_find(&at, ledger, head);
	r = r < 0 ? r : ledger_line(&line, &next, &at, entry);
	r = r < 0 ? r : ledger_head_write(head, &at, &next);
	if (r < 0)
		return r;
	return ledger_write(ledger, (struct slice){ line.p, line.n }, at.bytes);
}

static int
leave_pending(int dir, const struct ledger_entry *entry)
{
	autobuf struct buf text = BUF_INIT;
	struct json j = JSON_CANONICAL_INIT(&text, LEDGER_LINE_MAX);
	char name[AUDIT_ID_MAX + sizeof(".json")];
	autofd int pending = -1;
	int r;

	json_object(&j, NULL);
	json_string(&j, "session_id", entry->session_id);
	chain_put(&j, "session_digest", entry->digest, true);
	json_string(&j, "completed_at", entry->completed_at);
	json_end(&j);
	r = json_finish(&j);
	r = r < 0 ? r : buf_addc(&text, '\n');
	if (r < 0)
		return r;
	if ((pending = directory_open(dir, "ledger.pending", false, NULL)) < 0)
		return pending;
	(void)snprintf(name, sizeof(name), "%s.json", entry->session_id);
	return file_create(pending, name, (struct slice){ text.p, text.n });
}

int
ledger_append(int audit_dir, const struct ledger_entry *entry, const char *legacy_ledger,
	      unsigned int wait_ms, bool *ret_recovery)
{
	int r = append(audit_dir, entry, legacy_ledger, wait_ms);

	if (r == 0) {
		*ret_recovery = faccessat(audit_dir, "ledger.pending", F_OK, 0) == 0;
		return LEDGER_APPENDED;
	}
	/* Out of memory or disk is no third state, but the line must not be lost for it either. */
	*ret_recovery = true;
	r = leave_pending(audit_dir, entry);
	return r < 0 ? r : LEDGER_PENDING;
}
