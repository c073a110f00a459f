/* The object of --diagnostics-json (spec 01 section 26.3). */
#include <errno.h>

#include "base/json_write.h"
#include "base/str.h"
#include "record/internal.h"

enum { LINE_BYTES_MAX = 4096 }; /* of a line of the program's */

struct writer {
	struct json *j;
	const struct session *session;
	bool failed;
};

static const char *
access_name(unsigned int access)
{
	static const char *const names[] = { "None", "Read", "Write", "ReadWrite" };

	return names[access & (PLAN_READ | PLAN_WRITE)];
}

static const char *
reason_name(uint32_t reason)
{
	static const char *const names[] = { "",
					     "BackendError",
					     "RateLimited",
					     "UserDenied",
					     "InsufficientAccess",
					     "PolicyBlocked",
					     "UnixSocketDenied" };

	return names[reason];
}

/*
 * A string for people and terminals: made printable. Where that changes a path, or it is not
 * UTF-8, the exact bytes stand beside it.
 */
static void
put_string(struct writer *w, const char *key, const char *value, bool exact)
{
	autobuf struct buf shown = BUF_INIT, other = BUF_INIT;

	if (str_printable(&shown, slice_of(value)) < 0 || buf_addf(&other, "%s_b64", key) < 0) {
		w->failed = true;
		return;
	}
	json_string(w->j, key, buf_str(&shown));
	if (exact && !str_equal(buf_str(&shown), value))
		json_base64(w->j, buf_str(&other), value);
}

static void
put_slice(struct writer *w, const char *key, struct slice value)
{
	autobuf struct buf text = BUF_INIT;

	if (buf_add(&text, value.p, value.n) < 0)
		w->failed = true;
	else
		put_string(w, key, buf_str(&text), false);
}

static void
begin_diagnostic(struct writer *w, const char *code, const char *severity, const char *message)
{
	json_object(w->j, NULL);
	json_string(w->j, "code", code);
	json_string(w->j, "severity", severity);
	json_string(w->j, "message", message);
}

/* A refusal that the program survived is a warning. */
static const char *
severity(const struct session *s)
{
	return s->facts.exit_code == 0 ? "warning" : "error";
}

static void
put_detail(struct writer *w, const char *kind, const char *key, const char *value)
{
	json_object(w->j, "detail");
	json_string(w->j, "kind", kind);
	json_string(w->j, key, value);
	json_end(w->j);
}

/* ---- paths ---- */

static void
put_grant(struct writer *w, const struct place *place, unsigned int access)
{
	autobuf struct buf hint = BUF_INIT;
	struct grant_flag flag;

	if (grant_flag_find(&flag, &w->session->plan, place, access) < 0 ||
	    grant_flag_add(&hint, &flag) < 0) {
		w->failed = true;
		grant_flag_clear(&flag);
		return;
	}
	if (!flag.refused && !place->deny)
		put_string(w, "hint", buf_str(&hint), false);
	json_object(w->j, "remediation");
	json_string(w->j, "kind", place->deny || flag.refused ? "check_policy" : "grant_path");
	if (!place->deny && !flag.refused) {
		put_string(w, "path", buf_str(&flag.path), true);
		json_string(w->j, "access", access_name(access));
		json_boolean(w->j, "is_file", flag.is_file);
	}
	json_end(w->j);
	grant_flag_clear(&flag);
}

static void
put_path(struct writer *w, const struct place *place, unsigned int access)
{
	begin_diagnostic(w, "sandbox_denied_path", severity(w->session),
			 "the sandbox refused access to a path");
	put_grant(w, place, access);
	put_string(w, "path", buf_str(&place->path), true);
	json_string(w->j, "access", access_name(access));
}

static void
put_observed_path(struct writer *w, const struct denied_path *d)
{
	struct place place;

	if (place_find(&place, &w->session->plan, d->path, d->access) < 0) {
		w->failed = true;
		return;
	}
	put_path(w, &place, d->access);
	put_detail(w, "supervised_denial", "reason", reason_name(d->reason));
	json_end(w->j);
	place_clear(&place);
}

/* ---- sockets ---- */

static const char *
operation_name(uint32_t operation)
{
	static const char *const names[] = { "", "open", "connect", "bind", "send" };

	return names[operation];
}

/* The flag that would grant it; only a path has one. */
static bool
socket_flag(struct writer *w, const struct record_denial *d, struct buf *b)
{
	if (d->target[0] != '/')
		return false;
	if (buf_adds(b, d->operation == RECORD_BIND ? "--allow-unix-socket-bind "
						    : "--allow-unix-socket ") < 0 ||
	    word_quote(b, d->target) < 0)
		w->failed = true;
	return true;
}

static void
put_socket_remedy(struct writer *w, const struct record_denial *d)
{
	json_object(w->j, "remediation");
	json_string(w->j, "kind", d->target[0] == '/' ? "grant_unix_socket" : "check_policy");
	if (d->target[0] == '/') {
		put_string(w, "path", d->target, true);
		json_boolean(w->j, "bind", d->operation == RECORD_BIND);
	}
	json_end(w->j);
}

static void
put_ipc_denial(struct writer *w, const struct record_denial *d)
{
	autobuf struct buf flag = BUF_INIT;

	json_object(w->j, NULL);
	put_string(w, "target", d->target, true);
	json_string(w->j, "operation", operation_name(d->operation));
	json_string(w->j, "reason", reason_name(d->reason));
	put_socket_remedy(w, d);
	if (socket_flag(w, d, &flag))
		put_string(w, "suggested_flag", buf_str(&flag), false);
	json_end(w->j);
}

static void
put_observed_socket(struct writer *w, const struct record_denial *d)
{
	autobuf struct buf flag = BUF_INIT;

	begin_diagnostic(w, "sandbox_denied_unix_socket", severity(w->session),
			 "the sandbox refused a Unix socket operation");
	if (socket_flag(w, d, &flag))
		put_string(w, "hint", buf_str(&flag), false);
	put_socket_remedy(w, d);
	json_object(w->j, "detail");
	json_string(w->j, "kind", "ipc_denial");
	json_string(w->j, "operation", operation_name(d->operation));
	put_string(w, "target", d->target, true);
	json_string(w->j, "ipc_reason", reason_name(d->reason));
	json_end(w->j);
	json_end(w->j);
}

/* ---- the guess ---- */

static void
put_observation(struct writer *w, const char *kind, struct slice line)
{
	json_object(w->j, "detail");
	json_string(w->j, "kind", "stderr_observation");
	json_string(w->j, "observation_kind", kind);
	if (line.n > LINE_BYTES_MAX) {
		line.n = LINE_BYTES_MAX;
		while (line.n > 0 && ((unsigned char)line.p[line.n] & 0xc0) == 0x80)
			line.n--;
	}
	put_slice(w, "line", line);
	json_end(w->j);
	json_end(w->j);
}

static void
put_network_hint(struct writer *w, struct slice line)
{
	const struct plan *p = &w->session->plan;
	autobuf struct buf hint = BUF_INIT;

	if (p->settings->flags & PLAN_MANIFEST)
		return;
	if (network_flag_add(&hint, p, line) < 0)
		w->failed = true;
	else
		put_string(w, "hint", buf_str(&hint), false);
}

/* The program alone: its arguments may hold secrets. */
static void
put_unclear(struct writer *w, const struct verdict *v)
{
	const struct plan *p = &w->session->plan;
	autobuf struct buf hint = BUF_INIT;

	begin_diagnostic(w, "command_failed_likely_sandbox", severity(w->session),
			 "the output speaks of a refusal and does not tell of what");
	if (buf_adds(&hint, "nono learn --sandboxed -- ") < 0 ||
	    word_quote(&hint, plan_argument_at(p, 0)) < 0 ||
	    (plan_count(p, PLAN_SEC_ARGV) > 1 && buf_adds(&hint, " ...") < 0))
		w->failed = true;
	else
		put_string(w, "hint", buf_str(&hint), false);
	json_object(w->j, "remediation");
	json_string(w->j, "kind", "run_discovery");
	json_end(w->j);
	put_observation(w, "unclear_denial", v->line);
}

static void
put_cause(struct writer *w, const struct verdict *v)
{
	switch (v->cause) {
	case CAUSE_NONE:
		break;
	case CAUSE_DENIAL:
		put_path(w, &v->place, v->place.missing);
		put_observation(w, "permission_denied", v->line);
		break;
	case CAUSE_NETWORK:
		begin_diagnostic(w, "sandbox_denied_network", severity(w->session),
				 "the sandbox restricts the network");
		put_network_hint(w, v->line);
		json_object(w->j, "remediation");
		json_string(w->j, "kind", "grant_network");
		json_end(w->j);
		put_observation(w, "network", v->line);
		break;
	case CAUSE_MISSING:
		begin_diagnostic(w, "command_failed_application", "info",
				 "the program looked for a path that does not exist");
		put_string(w, "path", buf_str(&v->place.path), true);
		put_observation(w, "missing_path", v->line);
		break;
	case CAUSE_FAILURE:
		begin_diagnostic(w, "command_failed_application", "info",
				 "the program reported an error of its own");
		put_observation(w, "application_error", v->line);
		break;
	case CAUSE_PERMISSIONS:
		begin_diagnostic(w, "command_failed_application", "info",
				 "owner, mode or a read-only file system refuse access to a path");
		put_string(w, "path", buf_str(&v->place.path), true);
		json_string(w->j, "access", access_name(v->place.closed));
		put_observation(w, "file_permissions", v->line);
		break;
	case CAUSE_UNCLEAR:
		put_unclear(w, v);
		break;
	}
}

/* ---- how it ended ---- */

static void
put_end(struct writer *w, bool explained)
{
	const struct session *s = w->session;
	const struct record_facts *facts = &s->facts;

	if (facts->flags & RECORD_STARTUP_TIMEOUT)
		begin_diagnostic(w, "cancelled", "error",
				 "the program was ended by the startup timeout");
	else if (facts->end == RECORD_NOT_STARTED && facts->exit_code == EXIT_MISSING)
		begin_diagnostic(w, "command_not_found", "error", "the program could not be found");
	else if (facts->end == RECORD_NOT_STARTED && facts->step == RECORD_STEP_EXEC)
		begin_diagnostic(w, "command_failed_likely_sandbox", "error",
				 "the program could not be executed in the sandbox");
	else if (facts->end == RECORD_NOT_STARTED && facts->error == EOPNOTSUPP)
		begin_diagnostic(w, "unsupported_platform_feature", "error",
				 "this system lacks what the sandbox needs for these options");
	else if (facts->end == RECORD_NOT_STARTED)
		begin_diagnostic(w, "other", "error", "the sandbox could not be set up");
	else if (facts->exit_code != 0 && !explained)
		begin_diagnostic(w, "command_failed_application", "info",
				 "no path denials were observed during this session");
	else
		return;
	if (facts->end == RECORD_NOT_STARTED)
		put_string(w, "path", plan_string(&s->plan, s->plan.settings->program), true);
	json_end(w->j);
}

int
diagnostics_json(struct buf *b, const struct session *s, const struct verdict *v)
{
	struct json j = JSON_INIT(b);
	struct writer w = { .j = &j, .session = s };
	bool facts_known = v->paths_count > 0 || v->sockets_count > 0;
	int r;

	json_object(&j, NULL);
	json_object(&j, "session");
	json_number(&j, "exit_code", s->facts.exit_code);
	json_string(&j, "origin", s->facts.end == RECORD_NOT_STARTED ? "nono" : "child");
	json_array(&j, "denials");
	for (size_t i = 0; i < v->paths_count; i++) {
		json_object(&j, NULL);
		put_string(&w, "path", v->paths[i].path, true);
		json_string(&j, "access", access_name(v->paths[i].access));
		json_string(&j, "reason", reason_name(v->paths[i].reason));
		json_end(&j);
	}
	json_end(&j);
	json_array(&j, "ipc_denials");
	for (size_t i = 0; i < v->sockets_count; i++)
		put_ipc_denial(&w, v->sockets[i]);
	json_end(&j);
	json_array(&j, "violations");
	json_end(&j);
	json_array(&j, "diagnostics");
	put_end(&w, facts_known || v->cause != CAUSE_NONE);
	for (size_t i = 0; i < v->paths_count; i++)
		put_observed_path(&w, &v->paths[i]);
	for (size_t i = 0; i < v->sockets_count; i++)
		put_observed_socket(&w, v->sockets[i]);
	if (!facts_known)
		put_cause(&w, v);
	json_end(&j);
	json_end(&j);
	json_end(&j);
	r = json_finish(&j);
	return r < 0 ? r : w.failed ? -ENOMEM : 0;
}
