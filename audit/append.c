/*
 * The log files. Each record is one line and one write to a descriptor opened for appending: a
 * killed writer leaves whole lines, and a chain that verifies up to the last of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "audit/internal.h"

/* The event stands in its line twice, once with up to every byte escaped. */
enum { LINE_BYTES_MAX = 3 * AUDIT_EVENT_BYTES_MAX + 1024 };

static const char note_domain[] = "nono.audit.ext.v1\n";

int
log_file_create(struct log_file *f, int dir, const char *name)
{
	int fd = openat(dir, name, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			0600);

	if (fd == -1)
		return -errno;
	*f = (struct log_file){ .fd = fd };
	return 0;
}

int
log_file_append(struct log_file *f, struct slice line)
{
	ssize_t n;

	if (f->broken)
		return -EIO;
	do
		n = write(f->fd, line.p, line.n);
	while (n == -1 && errno == EINTR);
	if (n == (ssize_t)line.n) {
		f->bytes += n;
		return 0;
	}
	if (n == -1)
		return -errno;
	/* A full disk takes a part. The next line must not be glued to it. */
	if (ftruncate(f->fd, f->bytes) == -1)
		f->broken = true;
	return -ENOSPC;
}

int
event_log_append(struct event_log *log, struct slice event_json)
{
	unsigned char leaf[SHA256_BYTES], link[SHA256_BYTES];
	autobuf struct buf line = BUF_INIT;
	struct json j = JSON_CANONICAL_INIT(&line, LINE_BYTES_MAX);
	int r;

	if (event_json.n > AUDIT_EVENT_BYTES_MAX)
		return -E2BIG;
	chain_leaf(leaf, event_json);
	chain_link(link, &log->chain, leaf);
	json_object(&j, NULL);
	json_number(&j, "sequence", log->chain.count);
	chain_put(&j, "prev_chain", log->chain.head, log->chain.count > 0);
	chain_put(&j, "leaf_hash", leaf, true);
	chain_put(&j, "chain_hash", link, true);
	json_string(&j, "event_json", event_json.p);
	json_value(&j, "event", event_json);
	json_end(&j);
	r = json_finish(&j);
	r = r < 0 ? r : buf_addc(&line, '\n');
	r = r < 0 ? r : log_file_append(&log->file, (struct slice){ line.p, line.n });
	if (r == 0)
		chain_add(&log->chain, leaf, link);
	return r;
}

/* The record of the main log that stood last when this one was written, and the body. */
static void
note_link(unsigned char ret[SHA256_BYTES], const struct note_log *log, uint64_t main_sequence,
	  const struct chain *main, struct slice body)
{
	unsigned char number[8];
	struct sha256 h;

	for (unsigned int i = 0; i < sizeof(number); i++)
		number[i] = (unsigned char)(main_sequence >> (56 - 8 * i));
	sha256_init(&h);
	sha256_add(&h, note_domain, sizeof(note_domain) - 1);
	sha256_add(&h, log->head, sizeof(log->head));
	sha256_add(&h, number, sizeof(number));
	sha256_add(&h, main->head, sizeof(main->head));
	sha256_add(&h, body.p, body.n);
	sha256_end(&h, ret);
}

int
note_log_append(struct note_log *log, const struct chain *main, const char *kind,
		struct slice body_json)
{
	unsigned char hash[SHA256_BYTES];
	autobuf struct buf line = BUF_INIT;
	struct json j = JSON_CANONICAL_INIT(&line, LINE_BYTES_MAX);
	int r;

	/* The main log has a first record before the side log has any. */
	if (main->count == 0)
		return -EINVAL;
	if (body_json.n > AUDIT_EVENT_BYTES_MAX)
		return -E2BIG;
	note_link(hash, log, main->count - 1, main, body_json);
	json_object(&j, NULL);
	json_number(&j, "seq", log->count);
	chain_put(&j, "prev", log->head, log->count > 0);
	json_number(&j, "main_sequence", main->count - 1);
	chain_put(&j, "main_chain", main->head, true);
	json_string(&j, "kind", kind);
	json_string(&j, "body_json", body_json.p);
	chain_put(&j, "hash", hash, true);
	json_end(&j);
	r = json_finish(&j);
	r = r < 0 ? r : buf_addc(&line, '\n');
	r = r < 0 ? r : log_file_append(&log->file, (struct slice){ line.p, line.n });
	if (r == 0) {
		memcpy(log->head, hash, sizeof(hash));
		log->count++;
	}
	return r;
}
