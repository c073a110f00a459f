/*
 * One audit session from its directory to its ledger line. The directory is made exclusively and
 * its lock is held while the writer lives: a log has one writer, and whoever finds the lock free
 * and session.json without an end knows that the writer was killed (spec 07 section 14).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "audit/internal.h"
#include "base/alloc.h"
#include "base/fd.h"

struct audit_session {
	int audit_dir, dir, lock;
	int utc_offset_s;
	char id[AUDIT_ID_MAX + 1];
	char *legacy_ledger;
	bool integrity;
	struct event_log events;
	struct note_log notes;
	struct summary summary;
};

void
audit_session_free(struct audit_session *s)
{
	if (!s)
		return;
	fd_close(s->events.file.fd);
	fd_close(s->notes.file.fd);
	fd_close(s->lock);
	fd_close(s->dir);
	fd_close(s->audit_dir);
	summary_clear(&s->summary);
	mem_free(s->legacy_ledger);
	mem_free(s);
}

/* session.json as it shall be now. */
static int
write_summary(struct audit_session *s)
{
	char random[RANDOM_HEX_MAX], temp[64];
	autobuf struct buf text = BUF_INIT;
	int r;

	s->summary.note_count = s->notes.count;
	memcpy(s->summary.note_head, s->notes.head, SHA256_BYTES);
	if ((r = summary_text(&text, &s->summary)) < 0 || (r = random_hex(random)) < 0)
		return r;
	(void)snprintf(temp, sizeof(temp), ".tmp-%d-%s", (int)getpid(), random);
	return file_replace(s->dir, temp, "session.json", (struct slice){ text.p, text.n });
}

static int
add_degradation(struct audit_session *s, const struct audit_degradation *d)
{
	autobuf struct buf text = BUF_INIT, body = BUF_INIT;
	int r = note_degraded(&body, d);

	r = r < 0 ? r : buf_addf(&text, "%s: %s", d->guarantee, d->reason);
	r = r < 0 ? r : words_add(&s->summary.degradations, (struct slice){ text.p, text.n });
	if (r < 0)
		return r;
	return note_log_append(&s->notes, &s->events.chain, "degraded",
			       (struct slice){ body.p, body.n });
}

/* Everything of `begin` that is needed to the end, as copies. */
static int
keep(struct audit_session *s, const struct audit_begin *begin)
{
	struct summary *sum = &s->summary;
	int r;

	(void)snprintf(s->id, sizeof(s->id), "%s", begin->session_id);
	sum->session_id = s->id;
	sum->merkle_roots = sum->network_events = slice_of("[]");
	clock_rfc3339(sum->started, begin->started, s->utc_offset_s);
	s->integrity = !begin->no_integrity;
	r = words_add_command(&sum->command, begin->command, begin->command_count,
			      begin->redaction);
	for (size_t i = 0; i < begin->tracked_path_count && r == 0; i++)
		r = words_add_whole(&sum->tracked_paths, slice_of(begin->tracked_paths[i]));
	if (r < 0)
		return r;
	if (begin->legacy_ledger && !(s->legacy_ledger = mem_strdup(begin->legacy_ledger)))
		return -ENOMEM;
	return 0;
}

static int
make_files(struct audit_session *s)
{
	int r;

	if ((s->dir = openat(s->audit_dir, s->id,
			     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) == -1)
		return -errno;
	s->lock = openat(s->dir, ".lock", O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (s->lock == -1 || flock(s->lock, LOCK_EX | LOCK_NB) == -1)
		return -errno;
	if ((r = log_file_create(&s->events.file, s->dir, "audit-events.ndjson")) < 0)
		return r;
	return log_file_create(&s->notes.file, s->dir, "audit-ext.ndjson");
}

static int
first_records(struct audit_session *s, const struct audit_begin *begin)
{
	const struct words *command = &s->summary.command;
	autobuf struct buf event = BUF_INIT, policy = BUF_INIT, raw = BUF_INIT;
	bool any_raw;
	int r;

	r = event_started(&event, s->summary.started, command, begin->redaction);
	r = r < 0 ? r : event_log_append(&s->events, (struct slice){ event.p, event.n });
	r = r < 0 ? r
		  : note_policy(&policy, begin->policy, command, &s->summary.tracked_paths,
				begin->redaction);
	r = r < 0 ? r
		  : note_log_append(&s->notes, &s->events.chain, "policy",
				    (struct slice){ policy.p, policy.n });
	r = r < 0 ? r : note_raw(&raw, command, &any_raw);
	if (r == 0 && any_raw)
		r = note_log_append(&s->notes, &s->events.chain, "raw",
				    (struct slice){ raw.p, raw.n });
	for (size_t i = 0; i < begin->degradation_count && r == 0; i++)
		r = add_degradation(s, &begin->degradations[i]);
	return r < 0 ? r : write_summary(s);
}

/* The run is refused: leave nothing that looks like a session. */
static void
remove_files(struct audit_session *s)
{
	static const char *const names[] = { "session.json", "audit-ext.ndjson",
					     "audit-events.ndjson", ".lock" };

	for (size_t i = 0; i < ARRAY_LEN(names) && s->dir >= 0; i++)
		(void)unlinkat(s->dir, names[i], 0);
	(void)unlinkat(s->audit_dir, s->id, AT_REMOVEDIR);
}

static int
begin_session(struct audit_session *s, const struct audit_state *state,
	      const struct audit_begin *begin, struct err *e)
{
	int r;

	if ((s->audit_dir = directory_open(state->fd, "audit", false, e)) < 0)
		return s->audit_dir;
	if ((r = keep(s, begin)) < 0)
		return err_set_errno(e, r, "cannot record session '%s'", s->id);
	if (mkdirat(s->audit_dir, s->id, 0700) == -1 && errno == EEXIST)
		return err_set(e, -EEXIST,
			       "audit session '%s' exists already; start again with another id",
			       s->id);
	if ((r = make_files(s)) < 0 || (r = first_records(s, begin)) < 0) {
		remove_files(s);
		return err_set_errno(e, r,
				     "cannot write the record of session '%s' (--no-audit runs "
				     "without one)",
				     s->id);
	}
	return 0;
}

int
audit_session_begin(struct audit_session **ret, const struct audit_state *state,
		    const struct audit_begin *begin, struct err *e)
{
	struct audit_session *s;
	mode_t saved;
	int r;

	if (!session_id_is_valid(begin->session_id))
		return err_set(e, -EINVAL, "invalid audit session id: '%s'", begin->session_id);
	if (!(s = mem_calloc(1, sizeof(*s))))
		return err_set(e, -ENOMEM, "out of memory for the record of the session");
	s->audit_dir = s->dir = s->lock = s->events.file.fd = s->notes.file.fd = -1;
	s->utc_offset_s = state->utc_offset_s;
	saved = umask_private();
	r = begin_session(s, state, begin, e);
	umask_restore(saved);
	if (r < 0)
		audit_session_free(s);
	else
		*ret = s;
	return r;
}

int
audit_event(struct audit_session *s, const struct audit_event *event, struct err *e)
{
	autobuf struct buf text = BUF_INIT;
	int r = -EINVAL;

	switch (event->type) {
	case AUDIT_SANDBOX_RUNTIME:
		r = event_runtime(&text, &event->runtime);
		break;
	}
	r = r < 0 ? r : event_log_append(&s->events, (struct slice){ text.p, text.n });
	return r < 0 ? err_set_errno(e, r, "cannot write to the audit log of session '%s'", s->id)
		     : 0;
}

int
audit_degraded(struct audit_session *s, const struct audit_degradation *d, struct err *e)
{
	int r = add_degradation(s, d);

	return r < 0 ? err_set_errno(e, r, "cannot write to the audit log of session '%s'", s->id)
		     : 0;
}

int
audit_auto_run(struct audit_session *s, const struct audit_auto_run *change, struct err *e)
{
	autobuf struct buf body = BUF_INIT;
	int r = note_auto_run(&body, change);

	if (r == 0)
		r = note_log_append(&s->notes, &s->events.chain, "auto_run_changed",
				    (struct slice){ body.p, body.n });
	return r < 0 ? err_set_errno(e, r, "cannot write to the audit log of session '%s'", s->id)
		     : 0;
}

/*
 * A step of the end that failed: told in session.json, where that can still be written, and to the
 * caller, once.
 */
static void
add_problem(struct audit_session *s, int *first, int r, const char *step, struct err *e)
{
	autobuf struct buf text = BUF_INIT;

	if (r >= 0)
		return;
	if (*first == 0)
		*first = err_set_errno(e, r, "cannot write the %s of audit session '%s'", step,
				       s->id);
	if (buf_addf(&text, "%s: %s", step, strerror(-r)) == 0)
		(void)!words_add(&s->summary.problems, (struct slice){ text.p, text.n });
}

static int
append_ended(struct audit_session *s, int exit_code)
{
	autobuf struct buf text = BUF_INIT;
	int r = event_ended(&text, s->summary.ended, exit_code);

	return r < 0 ? r : event_log_append(&s->events, (struct slice){ text.p, text.n });
}

static int
append_ledger(struct audit_session *s, struct audit_outcome *ret)
{
	struct ledger_entry entry = { .session_id = s->id, .completed_at = s->summary.ended };
	int r = summary_digest(entry.digest, &s->summary);

	return r < 0 ? r
		     : ledger_append(s->audit_dir, &entry, s->legacy_ledger, LEDGER_WAIT_MS,
				     &ret->ledger_needs_recovery);
}

static int
keep_executable(struct audit_session *s, const struct audit_executable *executable)
{
	if (!executable)
		return 0;
	s->summary.executable = mem_strdup(executable->resolved_path);
	if (!s->summary.executable)
		return -ENOMEM;
	memcpy(s->summary.executable_sha256, executable->sha256, SHA256_BYTES);
	return 0;
}

int
audit_session_end(struct audit_session *s, const struct audit_end *end, struct audit_outcome *ret,
		  struct err *e)
{
	struct summary *sum = &s->summary;
	mode_t saved = umask_private();
	int first = 0, written;

	*ret = (struct audit_outcome){ 0 };
	for (size_t i = 0; i < end->problem_count; i++)
		(void)!words_add(&sum->problems, slice_of(end->problems[i]));
	clock_rfc3339(sum->ended, end->ended, s->utc_offset_s);
	sum->exit_code = end->exit_code;
	add_problem(s, &first, keep_executable(s, end->executable), "identity of the program", e);
	add_problem(s, &first, append_ended(s, end->exit_code), "last event", e);
	sum->event_count = s->events.chain.count;
	sum->integrity = s->integrity;
	memcpy(sum->chain_head, s->events.chain.head, SHA256_BYTES);
	chain_root(sum->merkle_root, &s->events.chain);
	written = write_summary(s);
	add_problem(s, &first, written, "session.json", e);
	/* The ledger line stands for what session.json says: beside the old one it would be false. */
	if (written == 0)
		add_problem(s, &first, append_ledger(s, ret), "ledger line", e);
	umask_restore(saved);
	return first;
}
