/*
 * Events of the main log and bodies of the side log, as canonical JSON. The main log carries only
 * the types and keys of spec 07 section 6.3, in that order: the reference's verifier compares.
 */
#include <errno.h>
#include <string.h>

#include "audit/internal.h"
#include "base/redact.h"
#include "base/str.h"

enum {
	SHOWN_NAMES_MAX = 64, /* of the environment (spec 07 section 6.5) */
	SHOWN_NAME_BYTES_MAX = 128,
};

/* One of the eight lists, left out when empty; the object around them begins with the first. */
static int
put_changes(struct json *j, const char *key, const struct redact_rules *rules, enum redact_set set,
	    const char *(*next)(const struct redact_rules *, enum redact_set, const char *),
	    bool *begun)
{
	const char *name = next(rules, set, NULL);
	autobuf struct buf lower = BUF_INIT;

	if (!name)
		return 0;
	if (!*begun)
		json_object(j, "redaction_policy");
	*begun = true;
	json_array(j, key);
	for (; name; name = next(rules, set, name)) {
		buf_reset(&lower);
		for (const char *p = name; *p; p++) {
			int r = buf_addc(&lower, *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p);

			if (r < 0)
				return r;
		}
		json_string(j, NULL, buf_str(&lower));
	}
	json_end(j);
	return 0;
}

/* How the rules differ from the built-in ones (spec 07 section 10.3). */
static int
put_redaction(struct json *j, const struct redact_rules *rules)
{
	static const char *const keys[REDACT_SETS][2] = {
		[REDACT_FLAGS] = { "added_flags", "removed_flags" },
		[REDACT_HEADERS] = { "added_headers", "removed_headers" },
		[REDACT_QUERY_KEYS] = { "added_query_keys", "removed_query_keys" },
		[REDACT_VARIABLES] = { "added_env_vars", "removed_env_vars" },
	};
	bool begun = false;
	int r = 0;

	for (enum redact_set set = 0; rules && set < REDACT_SETS && r == 0; set++) {
		r = put_changes(j, keys[set][0], rules, set, redact_next_added, &begun);
		r = r < 0 ? r
			  : put_changes(j, keys[set][1], rules, set, redact_next_removed, &begun);
	}
	if (begun)
		json_end(j);
	return r;
}

int
event_started(struct buf *b, const char *started, const struct words *command,
	      const struct redact_rules *rules)
{
	struct json j = JSON_CANONICAL_INIT(b, AUDIT_EVENT_BYTES_MAX);
	int r;

	json_object(&j, NULL);
	json_string(&j, "type", "session_started");
	json_string(&j, "started", started);
	words_put(&j, "command", command);
	r = put_redaction(&j, rules);
	json_end(&j);
	return r < 0 ? r : json_finish(&j);
}

int
event_ended(struct buf *b, const char *ended, int exit_code)
{
	struct json j = JSON_CANONICAL_INIT(b, AUDIT_EVENT_BYTES_MAX);

	json_object(&j, NULL);
	json_string(&j, "type", "session_ended");
	json_string(&j, "ended", ended);
	json_integer(&j, "exit_code", exit_code);
	json_end(&j);
	return json_finish(&j);
}

int
event_runtime(struct buf *b, const struct audit_runtime *r)
{
	struct json j = JSON_CANONICAL_INIT(b, AUDIT_EVENT_BYTES_MAX);
	char when[CLOCK_TEXT_MAX];

	clock_rfc3339(when, r->when, 0);
	json_object(&j, NULL);
	json_string(&j, "type", "sandbox_runtime");
	json_object(&j, "event");
	json_string(&j, "timestamp", when);
	json_string(&j, "platform", "linux");
	if (r->landlock_abi)
		json_string(&j, "landlock_abi", r->landlock_abi);
	if (r->landlock_execute_enforced)
		json_boolean(&j, "landlock_execute_enforced", *r->landlock_execute_enforced);
	json_boolean(&j, "tool_sandbox_active", r->tool_sandbox_active);
	json_end(&j);
	json_end(&j);
	return json_finish(&j);
}

/* A word of a hashed list: its length as 8 bytes, big endian, then the bytes. */
static void
hash_word(struct sha256 *h, struct slice word)
{
	unsigned char length[8];

	for (unsigned int i = 0; i < sizeof(length); i++)
		length[i] = (unsigned char)((uint64_t)word.n >> (56 - 8 * i));
	sha256_add(h, length, sizeof(length));
	sha256_add(h, word.p, word.n);
}

static const char *
access_name(unsigned int access)
{
	static const char *const names[] = { "none", "read", "write", "readwrite" };

	return names[access & (AUDIT_READ | AUDIT_WRITE)];
}

static void
put_grants(struct json *j, const struct audit_policy *p)
{
	size_t n = p->grant_count < AUDIT_GRANTS_MAX ? p->grant_count : AUDIT_GRANTS_MAX;
	size_t bytes = 0, i;

	json_array(j, "grants");
	for (i = 0; i < n; i++) {
		bytes += strlen(p->grants[i].path) + strlen(p->grants[i].source);
		if (bytes > AUDIT_WORDS_BYTES_MAX)
			break;
		json_object(j, NULL);
		json_string(j, "path", p->grants[i].path);
		json_string(j, "access", access_name(p->grants[i].access));
		json_string(j, "source", p->grants[i].source);
		json_end(j);
	}
	json_end(j);
	json_number(j, "grants_cut", p->grant_count - i);
}

/* Names alone, and of variables that hold secrets not even those. */
static void
put_environment(struct json *j, const struct audit_policy *p, const struct redact_rules *rules)
{
	unsigned char hash[SHA256_BYTES];
	struct sha256 h;
	size_t count = 0;

	sha256_init(&h);
	json_array(j, "environment_names");
	for (size_t i = 0; i < p->environment_count; i++) {
		const char *entry = p->environment[i];
		struct slice name = { entry, strcspn(entry, "=") };
		char shown[SHOWN_NAME_BYTES_MAX + sizeof("...")] = "";
		size_t n = name.n < SHOWN_NAME_BYTES_MAX ? name.n : SHOWN_NAME_BYTES_MAX;

		if (entry[name.n] != '=')
			continue;
		hash_word(&h, name);
		if (++count > SHOWN_NAMES_MAX)
			continue;
		memcpy(shown, name.p, n);
		if (n < name.n)
			memcpy(shown + n, "...", sizeof("..."));
		json_string(j, NULL, redact_is_secret_variable(name, rules) ? REDACT_TEXT : shown);
	}
	json_end(j);
	json_number(j, "environment_count", count);
	sha256_end(&h, hash);
	chain_put(j, "env_name_hash", hash, true);
}

int
note_policy(struct buf *b, const struct audit_policy *p, const struct words *command,
	    const struct words *paths, const struct redact_rules *rules)
{
	struct json j = JSON_CANONICAL_INIT(b, AUDIT_EVENT_BYTES_MAX);

	json_object(&j, NULL);
	json_string(&j, "kind", "policy");
	if (p->profile)
		json_string(&j, "profile", p->profile);
	else
		json_null(&j, "profile");
	json_string(&j, "workdir", p->workdir);
	json_string(&j, "network", p->network);
	put_grants(&j, p);
	json_number(&j, "system_grants", p->system_grant_count);
	json_number(&j, "denies", p->deny_count);
	put_environment(&j, p, rules);
	json_number(&j, "command_cut", command->cut);
	json_number(&j, "tracked_paths_cut", paths->cut);
	json_end(&j);
	return json_finish(&j);
}

int
note_degraded(struct buf *b, const struct audit_degradation *d)
{
	struct json j = JSON_CANONICAL_INIT(b, AUDIT_EVENT_BYTES_MAX);

	json_object(&j, NULL);
	json_string(&j, "kind", "degraded");
	json_string(&j, "guarantee", d->guarantee);
	json_string(&j, "reason", d->reason);
	json_end(&j);
	return json_finish(&j);
}

static void
put_hash(struct json *j, const char *key, const char *hash)
{
	if (*hash)
		json_string(j, key, hash);
	else
		json_null(j, key);
}

int
note_auto_run(struct buf *b, const struct audit_auto_run *change)
{
	struct json j = JSON_CANONICAL_INIT(b, AUDIT_EVENT_BYTES_MAX);

	json_object(&j, NULL);
	json_string(&j, "kind", "auto_run_changed");
	json_string(&j, "file", change->file);
	json_string(&j, "what", change->kind);
	put_hash(&j, "before_sha256", change->before_sha256);
	put_hash(&j, "after_sha256", change->after_sha256);
	json_end(&j);
	return json_finish(&j);
}

int
note_raw(struct buf *b, const struct words *command, bool *ret_any)
{
	struct json j = JSON_CANONICAL_INIT(b, AUDIT_EVENT_BYTES_MAX);
	uint64_t i = 0;

	*ret_any = false;
	json_object(&j, NULL);
	json_string(&j, "kind", "raw");
	json_string(&j, "field", "command");
	json_array(&j, "words");
	for (const char *p = words_next(command, NULL); p; p = words_next(command, p), i++) {
		if (str_is_utf8(slice_of(p)))
			continue;
		*ret_any = true;
		json_array(&j, NULL);
		json_number(&j, NULL, i);
		json_base64(&j, NULL, p);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	return json_finish(&j);
}
