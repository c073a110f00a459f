/*
 * session.json and the digest that the ledger keeps of it (spec 07 sections 5 and 8). One list of
 * keys serves both: the digest is the hash of the same values in canonical form, with paths as
 * their bytes and without "ext".
 */
#include <string.h>

#include "audit/internal.h"
#include "base/alloc.h"
#include "base/str.h"

/* Paths as numbers of up to four bytes each, the command with every byte escaped, the rest. */
enum { DIGEST_BYTES_MAX = 2 << 20 };

static const char digest_domain[] = "nono.audit.session-digest.alpha\n";

void
summary_clear(struct summary *s)
{
	words_clear(&s->command);
	words_clear(&s->tracked_paths);
	words_clear(&s->degradations);
	words_clear(&s->problems);
	mem_free(s->executable);
	s->executable = NULL;
}

static void
put_path(struct json *j, const char *key, const char *path, bool as_bytes)
{
	if (!as_bytes) {
		json_string(j, key, path);
		return;
	}
	json_array(j, key);
	for (; *path; path++)
		json_number(j, NULL, (unsigned char)*path);
	json_end(j);
}

static void
put_executable(struct json *j, const struct summary *s, bool digest)
{
	if (!s->executable) {
		json_null(j, "executable_identity");
		return;
	}
	json_object(j, "executable_identity");
	put_path(j, "resolved_path", s->executable, digest);
	chain_put(j, "sha256", s->executable_sha256, true);
	json_end(j);
}

static void
put_integrity(struct json *j, const struct summary *s)
{
	if (!s->integrity) {
		json_null(j, "audit_integrity");
		return;
	}
	json_object(j, "audit_integrity");
	json_string(j, "hash_algorithm", "sha256");
	json_number(j, "event_count", s->event_count);
	chain_put(j, "chain_head", s->chain_head, s->event_count > 0);
	chain_put(j, "merkle_root", s->merkle_root, true);
	json_end(j);
}

static void
put_protected(struct json *j, const struct summary *s, bool digest)
{
	const char *p;

	json_string(j, "session_id", s->session_id);
	json_string(j, "started", s->started);
	if (*s->ended)
		json_string(j, "ended", s->ended);
	else
		json_null(j, "ended");
	words_put(j, "command", &s->command);
	put_executable(j, s, digest);
	json_array(j, "tracked_paths");
	for (p = words_next(&s->tracked_paths, NULL); p; p = words_next(&s->tracked_paths, p))
		put_path(j, NULL, p, digest);
	json_end(j);
	json_number(j, "snapshot_count", s->snapshot_count);
	if (*s->ended)
		json_integer(j, "exit_code", s->exit_code);
	else
		json_null(j, "exit_code");
	json_value(j, "merkle_roots", s->merkle_roots);
	json_value(j, "network_events", s->network_events);
	json_number(j, "audit_event_count", s->event_count);
	put_integrity(j, s);
	json_null(j, "audit_attestation");
}

/* All paths exact, as soon as one of them cannot be written as a JSON string. */
static void
put_exact_paths(struct json *j, const struct summary *s)
{
	bool needed = false;
	const char *p;

	for (p = words_next(&s->tracked_paths, NULL); p; p = words_next(&s->tracked_paths, p))
		needed |= !str_is_utf8(slice_of(p));
	if (!needed)
		return;
	json_array(j, "tracked_paths_b64");
	for (p = words_next(&s->tracked_paths, NULL); p; p = words_next(&s->tracked_paths, p))
		json_base64(j, NULL, p);
	json_end(j);
}

int
summary_text(struct buf *b, const struct summary *s)
{
	struct json j = JSON_INIT(b);

	json_object(&j, NULL);
	put_protected(&j, s, false);
	json_object(&j, "ext");
	put_exact_paths(&j, s);
	if (s->executable && !str_is_utf8(slice_of(s->executable)))
		json_base64(&j, "executable_b64", s->executable);
	words_put(&j, "degraded", &s->degradations);
	words_put(&j, "problems", &s->problems);
	json_number(&j, "ext_count", s->note_count);
	chain_put(&j, "ext_head", s->note_head, s->note_count > 0);
	json_end(&j);
	json_end(&j);
	return json_finish(&j);
}

int
summary_digest(unsigned char ret[SHA256_BYTES], const struct summary *s)
{
	autobuf struct buf text = BUF_INIT;
	struct json j = JSON_CANONICAL_INIT(&text, DIGEST_BYTES_MAX);
	struct sha256 h;
	int r;

	json_object(&j, NULL);
	put_protected(&j, s, true);
	json_end(&j);
	if ((r = json_finish(&j)) < 0)
		return r;
	sha256_init(&h);
	sha256_add(&h, digest_domain, sizeof(digest_domain) - 1);
	sha256_add(&h, text.p, text.n);
	sha256_end(&h, ret);
	return 0;
}
