/* The end of a dry run. */
#include "cli/dryrun.h"

#include <string.h>

#include "base/json_write.h"
#include "base/str.h"
#include "cli/machine.h"

#ifndef NONO_VERSION
#define NONO_VERSION "unknown"
#endif

/* The command line, without secrets, so that a shell would read it as these words. */
static int
command_line(struct buf *b, const struct plan *p, const struct redact_rules *rules)
{
	struct redact state = { .rules = rules };

	for (size_t i = 0; i < plan_count(p, PLAN_SEC_ARGV); i++) {
		autobuf struct buf word = BUF_INIT;
		int r;

		r = redact_word(&state, &word, plan_argument_at(p, i));
		if (r == 0 && i > 0)
			r = buf_addc(b, ' ');
		if (r == 0)
			r = str_shell_quote(b, buf_str(&word));
		if (r < 0)
			return r;
	}
	return 0;
}

/* Why the kernel would refuse the launch; NULL when it would not. */
static const char *
kernel_failure(const struct plan *p, const struct kernel *k)
{
	if (k->landlock_abi == 0)
		return "Sandbox initialization failed: Landlock not available. Requires Linux "
		       "kernel 5.13+ with Landlock enabled.";
	if (!k->seccomp)
		return "Sandbox initialization failed: seccomp filters are not available.";
	if (k->landlock_abi < LANDLOCK_ABI_NET && p->settings->net != PLAN_NET_ALLOWED &&
	    plan_count(p, PLAN_SEC_PORTS) > 0)
		return "Sandbox initialization failed: ports can be granted from Landlock V4 on "
		       "(Linux 6.7).";
	return NULL;
}

static void
put_failure(struct out *o, const char *text)
{
	out_puts(o, "  ");
	out_role(o, ROLE_YELLOW, false, "would fail:");
	out_puts(o, " ");
	out_text(o, text);
	out_puts(o, "\n");
}

/* The next denied path that is covered, from *i on; NULL: no more. */
static const char *
next_covered(const struct plan *p, size_t *i)
{
	while (*i < plan_count(p, PLAN_SEC_DENIES)) {
		const struct plan_deny *d = plan_deny_at(p, (*i)++);

		if ((d->flags & PLAN_DENY_MASK) && !(d->flags & PLAN_DENY_ABSENT))
			return plan_string(p, d->resolved);
	}
	return NULL;
}

static void
put_covered(struct out *o, const struct plan *p)
{
	const char *path;
	size_t i = 0;

	while ((path = next_covered(p, &i))) {
		out_puts(o, "  ");
		out_role(o, ROLE_YELLOW, false, "would cover:");
		out_puts(o, " ");
		out_text(o, path);
		out_puts(o, "\n");
	}
}

void
dryrun_rows(struct out *o, const struct plan *p, const struct kernel *k,
	    const struct policy_notes *notes, const struct redact_rules *rules)
{
	autobuf struct buf line = BUF_INIT;
	const char *failure = kernel_failure(p, k);

	if (o->quiet)
		return;
	if (command_line(&line, p, rules) < 0) {
		o->failed = true;
		return;
	}
	if (failure)
		put_failure(o, failure);
	for (size_t i = 0; i < notes->count; i++)
		if (notes->item[i].kind == POLICY_NOTE_WOULD_FAIL)
			put_failure(o, notes->item[i].text);
	put_covered(o, p);
	out_puts(o, "  ");
	out_role(o, ROLE_YELLOW, false, "dry-run");
	out_puts(o, " sandbox would be applied with above capabilities\n  $ ");
	out_text(o, buf_str(&line));
	out_puts(o, "\n  Would execute: ");
	out_text(o, buf_str(&line));
	out_puts(o, "\n");
}

/* ---- JSON ---- */

static int
json_command(struct json *j, const struct plan *p, const struct redact_rules *rules)
{
	bool exact = true;

	/* A second list is there only when the first cannot carry the bytes. */
	for (int round = 0; round < 2; round++) {
		struct redact state = { .rules = rules };

		if (round == 1 && exact)
			break;
		json_array(j, round == 0 ? "command" : "command_b64");
		for (size_t i = 0; i < plan_count(p, PLAN_SEC_ARGV); i++) {
			autobuf struct buf word = BUF_INIT;
			int r = redact_word(&state, &word, plan_argument_at(p, i));

			if (r < 0)
				return r;
			exact &= str_is_utf8(slice_of(buf_str(&word)));
			if (round == 0)
				json_string(j, NULL, buf_str(&word));
			else
				json_base64(j, NULL, buf_str(&word));
		}
		json_end(j);
	}
	return 0;
}

static void
json_grants(struct json *j, const struct plan *p)
{
	static const char *const access[] = { "none", "read", "write", "readwrite" };
	static const char *const kind[] = { "any", "dir", "file", "any" };

	json_array(j, "fs");
	for (size_t i = 0; i < plan_count(p, PLAN_SEC_GRANTS); i++) {
		const struct plan_grant *g = plan_grant_at(p, i);

		json_object(j, NULL);
		json_bytes(j, "path",
			   plan_string(p, g->resolved.length ? g->resolved : g->original));
		json_string(j, "access", access[g->access & 3]);
		json_string(j, "kind", kind[g->kind & 3]);
		json_string(j, "source", summary_source(g->source));
		json_end(j);
	}
	json_end(j);
}

static void
json_covered(struct json *j, const struct plan *p)
{
	const char *path;
	size_t i = 0;

	json_array(j, "covered");
	while ((path = next_covered(p, &i))) {
		json_object(j, NULL);
		json_bytes(j, "path", path);
		json_end(j);
	}
	json_end(j);
}

static void
json_sockets(struct json *j, const struct plan *p)
{
	static const char *const scope[] = { "", "file", "children", "subtree" };

	json_array(j, "unix_sockets");
	for (size_t i = 0; i < plan_count(p, PLAN_SEC_SOCKETS); i++) {
		const struct plan_socket *s = plan_socket_at(p, i);

		json_object(j, NULL);
		json_bytes(j, "path",
			   plan_string(p, s->resolved.length ? s->resolved : s->original));
		json_string(j, "mode", s->mode == PLAN_SOCKET_CONNECT ? "connect" : "connect_bind");
		json_string(j, "scope", scope[s->scope & 3]);
		json_string(j, "source", summary_source(s->source));
		json_end(j);
	}
	json_end(j);
}

static void
json_network(struct json *j, const struct plan *p)
{
	json_object(j, "network");
	plan_network_json(j, p);
	json_array(j, "domains");
	json_end(j);
	json_end(j);
}

static void
json_kernel(struct json *j, const struct plan *p, const struct kernel *k)
{
	const char *effect, *name;

	json_object(j, "kernel");
	json_number(j, "landlock_abi", (uint64_t)k->landlock_abi);
	json_boolean(j, "wsl2", machine_is_wsl2());
	json_array(j, "missing");
	for (size_t i = 0; (name = summary_missing(k, i, &effect)); i++)
		json_string(j, NULL, name);
	json_end(j);
	json_end(j);
	json_object(j, "scopes");
	json_string(j, "signal", summary_scope(p->settings->signal_mode != PLAN_ALLOW_ALL, k));
	json_string(j, "abstract_unix_socket",
		    summary_scope(!(p->settings->flags & PLAN_IPC_FULL), k));
	json_end(j);
	json_object(j, "resource_limits");
	if (p->settings->memory_bytes)
		json_number(j, "memory_bytes", p->settings->memory_bytes);
	if (p->settings->max_processes)
		json_number(j, "max_processes", p->settings->max_processes);
	json_end(j);
}

static void
json_notes(struct json *j, const struct policy_notes *notes, enum policy_note_kind kind,
	   const char *key)
{
	json_array(j, key);
	for (size_t i = 0; i < notes->count; i++)
		if (notes->item[i].kind == kind)
			json_string(j, NULL, notes->item[i].text);
	json_end(j);
}

static const char *
failure_code(const char *text)
{
	if (str_starts_with(text, "Command '"))
		return "command_blocked";
	if (str_starts_with(text, "Command execution failed"))
		return "program_not_found";
	return str_starts_with(text, "Sandbox initialization failed") ? "sandbox_unavailable"
								      : "error";
}

static void
json_failure(struct json *j, const char *text)
{
	json_object(j, NULL);
	json_string(j, "code", failure_code(text));
	json_string(j, "message", text);
	json_end(j);
}

int
dryrun_json(struct buf *b, const struct plan *p, const struct kernel *k,
	    const struct policy_notes *notes, const struct redact_rules *rules)
{
	const char *failure = kernel_failure(p, k);
	struct json j = JSON_INIT(b);
	int r;

	json_object(&j, NULL);
	json_string(&j, "version", NONO_VERSION);
	r = json_command(&j, p, rules);
	if (r < 0)
		return r;
	json_null(&j, "profile");
	json_bytes(&j, "workdir", plan_string(p, p->settings->workdir));
	json_grants(&j, p);
	json_covered(&j, p);
	json_sockets(&j, p);
	json_network(&j, p);
	json_object(&j, "credentials");
	json_array(&j, "env");
	json_end(&j);
	json_array(&j, "proxy");
	json_end(&j);
	json_end(&j);
	json_notes(&j, notes, POLICY_NOTE_SKIPPED, "skipped");
	json_kernel(&j, p, k);
	json_notes(&j, notes, POLICY_NOTE_WARNING, "warnings");
	json_array(&j, "would_fail");
	if (failure)
		json_failure(&j, failure);
	for (size_t i = 0; i < notes->count; i++)
		if (notes->item[i].kind == POLICY_NOTE_WOULD_FAIL)
			json_failure(&j, notes->item[i].text);
	json_end(&j);
	json_end(&j);
	return json_finish(&j);
}
