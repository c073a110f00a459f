/*
 * Recovery of the ledger by nono-record, which may parse where the broker may not. A line counts
 * only when the canonical form of what it says is the line itself, byte for byte, its own hash
 * included; so no lenient parser is needed, and a damaged line can never become the new head.
 *
 * Nothing is thrown away: a torn end goes to ledger.torn-<time>, and a head that knew more lines
 * than there are is kept as ledger.head-<time>.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "audit/internal.h"
#include "base/fd.h"
#include "base/str.h"

enum {
	TORN_BYTES_MAX = 64 << 10, /* a torn line of ours is far shorter */
	PENDING_MAX = 4096,
	TIME_BYTES_MAX = CLOCK_TEXT_MAX,
	NAME_BYTES_MAX = 64,
	COUNT_AT = 112, /* lines in the state after the last append: docs/formats/audit.md */
};

struct recovery {
	int dir, ledger, head;
	char suffix[32]; /* of files that are kept: the time */
	struct audit_recovery *told;
};

/* ---- a line ---- */

struct parsed {
	uint64_t sequence;
	unsigned char previous[SHA256_BYTES]; /* zero for the first */
	char id[AUDIT_ID_MAX + 1], completed_at[TIME_BYTES_MAX];
	unsigned char digest[SHA256_BYTES];
};

static bool
take(struct slice *s, const char *text)
{
	size_t n = strlen(text);

	if (s->n < n || memcmp(s->p, text, n) != 0)
		return false;
	s->p += n;
	s->n -= n;
	return true;
}

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
take_hash(struct slice *s, unsigned char ret[SHA256_BYTES])
{
	if (s->n < 2 * SHA256_BYTES)
		return false;
	for (size_t i = 0; i < SHA256_BYTES; i++) {
		int high = hex_digit(s->p[2 * i]), low = hex_digit(s->p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		ret[i] = (unsigned char)(high << 4 | low);
	}
	s->p += 2 * SHA256_BYTES;
	s->n -= 2 * SHA256_BYTES;
	return true;
}

/* Ids and times need no escapes. */
static bool
take_word(struct slice *s, char *ret, size_t bytes)
{
	size_t n = 0;

	while (n < s->n && s->p[n] > ' ' && s->p[n] < 0x7f && s->p[n] != '"' && s->p[n] != '\\')
		n++;
	if (n == 0 || n >= bytes)
		return false;
	memcpy(ret, s->p, n);
	ret[n] = '\0';
	s->p += n;
	s->n -= n;
	return true;
}

static bool
take_number(struct slice *s, uint64_t *ret)
{
	size_t n = 0;

	*ret = 0;
	for (; n < s->n && s->p[n] >= '0' && s->p[n] <= '9'; n++)
		if (__builtin_mul_overflow(*ret, UINT64_C(10), ret) ||
		    __builtin_add_overflow(*ret, (uint64_t)(s->p[n] - '0'), ret))
			return false;
	s->p += n;
	s->n -= n;
	return n > 0;
}

/* session_id, session_digest, completed_at: what ledger.pending and the ledger have in common. */
static bool
take_entry(struct slice *s, struct parsed *p)
{
	return take(s, "\"session_id\":\"") && take_word(s, p->id, sizeof(p->id)) &&
	       session_id_is_valid(p->id) && take(s, "\",\"session_digest\":\"") &&
	       take_hash(s, p->digest) && take(s, "\",\"completed_at\":\"") &&
	       take_word(s, p->completed_at, sizeof(p->completed_at)) && take(s, "\"");
}

/* `line` with its newline, `end` its place in the file: the state behind it. */
static bool
line_proves_itself(struct ledger_point *ret, struct slice line, uint64_t end)
{
	autobuf struct buf again = BUF_INIT;
	struct slice s = line;
	struct parsed p = { .sequence = 0 };
	struct ledger_point before = { 0 };
	struct ledger_entry entry = { 0 };
	bool first;

	if (!take(&s, "{\"sequence\":") || !take_number(&s, &p.sequence) ||
	    !take(&s, ",\"prev_chain\":"))
		return false;
	first = take(&s, "null,");
	if (!first && (!take(&s, "\"") || !take_hash(&s, p.previous) || !take(&s, "\",")))
		return false;
	if (first != (p.sequence == 0) || !take_entry(&s, &p))
		return false;
	before.bytes = end - line.n;
	before.count = p.sequence;
	memcpy(before.chain, p.previous, sizeof(before.chain));
	entry.session_id = p.id;
	entry.completed_at = p.completed_at;
	memcpy(entry.digest, p.digest, sizeof(entry.digest));
	return ledger_line(&again, ret, &before, &entry) == 0 && again.n == line.n &&
	       memcmp(again.p, line.p, line.n) == 0;
}

/* ---- the file ---- */

/* Keep these bytes beside the ledger under a name of their own. */
static int
keep(const struct recovery *r, const char *name, struct slice bytes)
{
	char file[NAME_BYTES_MAX];

	(void)snprintf(file, sizeof(file), "%s-%s", name, r->suffix);
	return file_create(r->dir, file, bytes);
}

/* Cut off what stands behind the last newline. *size is the length afterwards. */
static int
cut_torn(const struct recovery *r, uint64_t *size)
{
	static char bytes[TORN_BYTES_MAX];
	size_t n = *size < sizeof(bytes) ? (size_t)*size : sizeof(bytes), torn;
	const char *end;
	int e;

	if (pread(r->ledger, bytes, n, (off_t)(*size - n)) != (ssize_t)n)
		return -EIO;
	end = memrchr(bytes, '\n', n);
	if (!end && *size > n)
		return -EBADMSG;
	torn = end ? n - (size_t)(end + 1 - bytes) : n;
	if (torn == 0)
		return 0;
	if ((e = keep(r, "ledger.torn", (struct slice){ bytes + n - torn, torn })) < 0)
		return e;
	if (ftruncate(r->ledger, (off_t)(*size - torn)) == -1)
		return -errno;
	*size -= torn;
	r->told->torn_bytes = torn;
	return 0;
}

/* The state that the last line of the ledger proves. */
static int
point_of_last_line(struct ledger_point *ret, const struct recovery *r, uint64_t size)
{
	char bytes[LEDGER_LINE_MAX];
	size_t n = size < sizeof(bytes) ? (size_t)size : sizeof(bytes);
	const char *before;

	if (size == 0) {
		*ret = (struct ledger_point){ 0 };
		return 0;
	}
	if (pread(r->ledger, bytes, n, (off_t)(size - n)) != (ssize_t)n)
		return -EIO;
	before = memrchr(bytes, '\n', n - 1);
	if (!before && size > n)
		return -EBADMSG;
	n -= before ? (size_t)(before + 1 - bytes) : 0;
	return line_proves_itself(ret, (struct slice){ before ? before + 1 : bytes, n }, size)
		       ? 0
		       : -EBADMSG;
}

/* A head that knew more lines than there are now is the only witness of that. */
static int
keep_head(const struct recovery *r, const struct ledger_point *at)
{
	unsigned char head[512];
	ssize_t n = pread(r->head, head, sizeof(head), 0);
	uint64_t count = 0;
	int e;

	if (n <= 0)
		return n == 0 ? 0 : -errno;
	for (int i = 7; n >= COUNT_AT + 8 && i >= 0; i--)
		count = count << 8 | head[COUNT_AT + i];
	if (count <= at->count)
		return 0;
	if ((e = keep(r, "ledger.head", (struct slice){ (const char *)head, (size_t)n })) < 0)
		return e;
	r->told->lost_lines = count - at->count;
	return 0;
}

static int
find_point(struct ledger_point *at, const struct recovery *r)
{
	struct stat st;
	uint64_t size;
	int e = ledger_point_find(at, r->ledger, r->head);

	if (e != -EBADMSG)
		return e;
	if (fstat(r->ledger, &st) == -1)
		return -errno;
	size = (uint64_t)st.st_size;
	if (size > 0 && (e = cut_torn(r, &size)) < 0)
		return e;
	e = point_of_last_line(at, r, size);
	return e < 0 ? e : keep_head(r, at);
}

/* ---- what waits ---- */

static int
append_one(struct ledger_point *at, const struct recovery *r, int pending, const char *name)
{
	autobuf struct buf text = BUF_INIT, line = BUF_INIT;
	struct ledger_entry entry = { 0 };
	struct ledger_point next = { 0 };
	struct parsed p = { .sequence = 0 };
	char wanted[AUDIT_ID_MAX + sizeof(".json")];
	struct slice s;
	autofd int fd = openat(pending, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int e;

	if (fd == -1 || buf_read_fd(&text, fd, LEDGER_LINE_MAX) < 0)
		return -EBADMSG;
	s = (struct slice){ text.p, text.n };
	if (!take(&s, "{") || !take_entry(&s, &p) || !take(&s, "}\n") || s.n != 0)
		return -EBADMSG;
	(void)snprintf(wanted, sizeof(wanted), "%s.json", p.id);
	if (!str_equal(wanted, name))
		return -EBADMSG;
	entry.session_id = p.id;
	entry.completed_at = p.completed_at;
	memcpy(entry.digest, p.digest, sizeof(entry.digest));
	if ((e = ledger_line(&line, &next, at, &entry)) < 0 ||
	    (e = ledger_head_write(r->head, at, &next)) < 0 ||
	    (e = ledger_write(r->ledger, (struct slice){ line.p, line.n }, at->bytes)) < 0)
		return e;
	/* Killed before this, the line stands there twice, which readers know. */
	(void)unlinkat(pending, name, 0);
	*at = next;
	return 0;
}

static int
append_pending(struct ledger_point *at, const struct recovery *r)
{
	int fd = openat(r->dir, "ledger.pending", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	unsigned int seen = 0;
	struct dirent *entry;
	DIR *list;
	int e = 0;

	if (fd == -1)
		return errno == ENOENT ? 0 : -errno;
	if (!(list = fdopendir(fd))) {
		e = -errno;
		fd_close(fd);
		return e;
	}
	while (e == 0 && seen < PENDING_MAX && (entry = readdir(list)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		seen++;
		e = append_one(at, r, fd, entry->d_name);
		if (e == 0)
			r->told->appended++;
		else if (e == -EBADMSG) {
			r->told->refused++;
			e = 0;
		}
	}
	(void)closedir(list);
	(void)unlinkat(r->dir, "ledger.pending", AT_REMOVEDIR);
	return e;
}

/* ---- the whole ---- */

static int
recover(struct recovery *r)
{
	const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
	autofd int lock = openat(r->dir, "ledger.lock", flags, 0600), ledger = -1, head = -1;
	struct ledger_point at;
	int e;

	if (lock == -1)
		return -errno;
	if ((e = ledger_lock(lock, LEDGER_WAIT_MS)) < 0)
		return e;
	ledger = openat(r->dir, "ledger.ndjson", flags | O_APPEND, 0600);
	head = openat(r->dir, "ledger.head", flags, 0600);
	if (ledger == -1 || head == -1)
		return -errno;
	r->ledger = ledger;
	r->head = head;
	if ((e = find_point(&at, r)) < 0)
		return e;
	/* Whatever the head was: from here on both of its states are the ledger as it is. */
	if (ftruncate(head, 0) == -1)
		return -errno;
	e = ledger_head_write(head, &at, &at);
	return e < 0 ? e : append_pending(&at, r);
}

int
audit_recover(int audit_dir, struct audit_recovery *ret, struct err *e)
{
	struct recovery r = { .dir = audit_dir, .told = ret };
	mode_t saved = umask_private();
	int n;

	*ret = (struct audit_recovery){ 0 };
	(void)snprintf(r.suffix, sizeof(r.suffix), "%lld-%d", (long long)time(NULL), (int)getpid());
	n = recover(&r);
	umask_restore(saved);
	if (n == -EBADMSG)
		return err_set(e, n,
			       "the last line of the ledger of sessions does not prove itself; it "
			       "was left as it is. Look at audit/ledger.ndjson in nono's state "
			       "directory, and move it away to begin a new one");
	return n < 0 ? err_set_errno(e, n, "cannot recover the ledger of sessions") : 0;
}
