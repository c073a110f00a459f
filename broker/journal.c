/*
 * The record of a session: the audit trail and the registry entry. Begun before the program starts
 * (what cannot be recorded does not run, unless --no-audit said so), ended behind its last process.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "audit/audit.h"
#include "base/alloc.h"
#include "base/fd.h"
#include "base/procstat.h"
#include "broker/internal.h"
#include "ipc/auto_run.h"

/* Files looked at while somebody waits for the program; each costs some microseconds. */
enum { SWEEP_AT_START = 16, PROGRAM_BYTES_MAX = 256 << 20 };

struct journal {
	struct audit_state state;
	struct audit_session *session;
	struct record *record;
	/* The program as it is when it starts; hashed at the end. */
	int program_fd;
	struct stat program;
	char program_path[PATH_MAX];
};

/* Everything the writer borrows while it begins. */
struct material {
	const char **command, **environment, **tracked;
	struct audit_grant *grants;
	size_t tracked_count, grant_count, system_count;
	struct audit_degradation degradation[LAUNCH_DEGRADATIONS_MAX];
	size_t degradation_count;
	struct redact_rules redaction;
	const char **redacted;
};

static void
material_clear(struct material *m)
{
	mem_free(m->command);
	mem_free(m->environment);
	mem_free(m->tracked);
	mem_free(m->grants);
	mem_free(m->redacted);
}

static bool
is_user_grant(const struct plan_grant *g)
{
	return g->source == PLAN_SOURCE_USER || g->source == PLAN_SOURCE_PROFILE;
}

/* The project first: spec 07 section 5. */
static void
collect_grants(const struct plan *p, struct material *m)
{
	const char *workdir = plan_string(p, p->settings->workdir);

	for (size_t i = 0; i < plan_count(p, PLAN_SEC_GRANTS); i++) {
		const struct plan_grant *g = plan_grant_at(p, i);
		const char *path = plan_string(p, g->resolved);

		if (!is_user_grant(g)) {
			m->system_count++;
			continue;
		}
		m->grants[m->grant_count++] = (struct audit_grant){
			.path = path,
			.source = g->source == PLAN_SOURCE_USER ? "user"
								: plan_string(p, g->source_name),
			.access = g->access,
		};
		if (g->kind != PLAN_KIND_DIR)
			continue;
		m->tracked[m->tracked_count++] = path;
		if (strcmp(path, workdir) == 0) {
			m->tracked[m->tracked_count - 1] = m->tracked[0];
			m->tracked[0] = path;
		}
	}
}

static void
collect_degradations(const struct plan *p, const struct kernel *k, struct material *m)
{
	struct degradation list[LAUNCH_DEGRADATIONS_MAX];

	m->degradation_count = launch_degradations(p, k, list);
	for (size_t i = 0; i < m->degradation_count; i++)
		m->degradation[i] = (struct audit_degradation){ list[i].guarantee, list[i].reason };
}

/* The rules that the front end took from config.toml: the records tell what they changed. */
static int
collect_redaction(const struct plan *p, struct material *m)
{
	struct redact_list *const lists[] = {
		[PLAN_REDACT_FLAG] = &m->redaction.flags,
		[PLAN_REDACT_HEADER] = &m->redaction.headers,
		[PLAN_REDACT_QUERY_KEY] = &m->redaction.query_keys,
		[PLAN_REDACT_VARIABLE] = &m->redaction.variables,
		[PLAN_REDACT_NOT] = &m->redaction.shown,
	};
	size_t count = plan_count(p, PLAN_SEC_REDACTIONS), used = 0;

	m->redacted = mem_calloc(count, sizeof(*m->redacted));
	if (!m->redacted)
		return -ENOMEM;
	for (size_t set = PLAN_REDACT_FLAG; set < ARRAY_LEN(lists); set++) {
		lists[set]->item = m->redacted + used;
		for (size_t i = 0; i < count; i++) {
			const struct plan_redaction *r = plan_redaction_at(p, i);

			if (r->set != set)
				continue;
			m->redacted[used++] = plan_string(p, r->name);
			lists[set]->count++;
		}
	}
	return 0;
}

static int
collect(const struct plan *p, const struct kernel *k, struct material *m)
{
	size_t words = plan_count(p, PLAN_SEC_SHOWN), grants = plan_count(p, PLAN_SEC_GRANTS);
	size_t variables = plan_count(p, PLAN_SEC_ENVIRONMENT);

	m->command = mem_calloc(words, sizeof(*m->command));
	m->environment = mem_calloc(variables, sizeof(*m->environment));
	m->tracked = mem_calloc(grants, sizeof(*m->tracked));
	m->grants = mem_calloc(grants, sizeof(*m->grants));
	if (!m->command || !m->environment || !m->tracked || !m->grants)
		return -ENOMEM;
	for (size_t i = 0; i < words; i++)
		m->command[i] = plan_shown_at(p, i);
	for (size_t i = 0; i < variables; i++)
		m->environment[i] = plan_environment_at(p, i);
	collect_grants(p, m);
	collect_degradations(p, k, m);
	return collect_redaction(p, m);
}

static const char *
network_text(const struct plan *p)
{
	return p->settings->net == PLAN_NET_BLOCKED ? "blocked" : "allowed";
}

static int
begin_session(struct journal *j, const struct plan *p, const struct material *m,
	      struct timespec now, struct err *e)
{
	const struct audit_policy policy = {
		.workdir = plan_string(p, p->settings->workdir),
		.network = network_text(p),
		.grants = m->grants,
		.grant_count = m->grant_count < AUDIT_GRANTS_MAX ? m->grant_count
								 : AUDIT_GRANTS_MAX,
		.system_grant_count = m->system_count,
		.deny_count = plan_count(p, PLAN_SEC_DENIES),
		.environment = m->environment,
		.environment_count = plan_count(p, PLAN_SEC_ENVIRONMENT),
	};
	const struct audit_begin begin = {
		.session_id = plan_string(p, p->settings->session_id),
		.started = now,
		.command = m->command,
		.command_count = plan_count(p, PLAN_SEC_SHOWN),
		.tracked_paths = m->tracked,
		.tracked_path_count = m->tracked_count,
		.redaction = &m->redaction,
		.policy = &policy,
		.degradations = m->degradation,
		.degradation_count = m->degradation_count,
	};

	return audit_session_begin(&j->session, &j->state, &begin, e);
}

static int
begin_record(struct journal *j, const struct plan *p, const struct material *m, struct timespec now,
	     struct err *e)
{
	struct procstat self;
	struct record_begin begin = {
		.session_id = plan_string(p, p->settings->session_id),
		.supervisor = getpid(),
		.started = now,
		.command = m->command,
		.command_count = plan_count(p, PLAN_SEC_SHOWN),
		.redaction = &m->redaction,
		.workdir = plan_string(p, p->settings->workdir),
		.network = network_text(p),
	};
	int r = procstat_read(&self, getpid());

	if (r < 0)
		return err_set_errno(e, r, "cannot read /proc/%d/stat", (int)getpid());
	begin.start_ticks = self.start_ticks;
	return record_begin(&j->record, &j->state, &begin, e);
}

/*
 * A program of 100 MB takes 50 ms to hash, so that is done at the end. The descriptor holds the very
 * file, and its change time, which nobody can set back, proves that it is as it was.
 */
static void
hold_program(struct journal *j, const struct plan *p)
{
	char link[32];
	ssize_t n;

	j->program_fd = open(plan_string(p, p->settings->program),
			     O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", j->program_fd);
	n = j->program_fd == -1 ? -1 : readlink(link, j->program_path, PATH_MAX - 1);
	if (n > 0 && fstat(j->program_fd, &j->program) == 0 && S_ISREG(j->program.st_mode))
		return;
	/* One that may be executed and not read has no identity to tell. */
	j->program_fd = fd_close(j->program_fd);
}

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* True, or the reason. */
static bool
identify_program(const struct journal *j, struct audit_executable *ret, const char **reason)
{
	struct stat after;

	*reason = NULL;
	if (j->program_fd == -1)
		return false;
	if (j->program.st_size > PROGRAM_BYTES_MAX)
		*reason = "identity of the program: larger than 256 MiB, not hashed";
	else if (sha256_fd(j->program_fd, ret->sha256) < 0)
		*reason = "identity of the program: it could not be read";
	else if (fstat(j->program_fd, &after) == -1 || !is_same(&j->program, &after))
		*reason = "identity of the program: it was changed or removed while it ran";
	ret->resolved_path = j->program_path;
	return !*reason;
}

/* What the record is for, and the way to do without. */
static int
explain(int r, struct err *e)
{
	struct err cause = *e;

	return err_set(e, r,
		       "%s. Without a record of the session nothing is started; make the directory "
		       "usable, or use --no-audit",
		       cause.text);
}

int
journal_begin(struct journal **ret, const struct plan *p, const struct kernel *k, struct err *e)
{
	struct material m = { 0 };
	struct timespec now = { 0 };
	struct journal *j;
	int r;

	*ret = NULL;
	if (p->settings->flags & PLAN_NO_AUDIT)
		return 0;
	j = mem_calloc(1, sizeof(*j));
	if (!j)
		return err_set_errno(e, -ENOMEM, "cannot record the session");
	hold_program(j, p);
	(void)clock_gettime(CLOCK_REALTIME, &now);
	r = audit_state_open(&j->state, plan_string(p, p->settings->state_directory),
			     p->settings->utc_offset_s, e);
	if (r < 0) {
		fd_close(j->program_fd);
		mem_free(j);
		return explain(r, e);
	}
	*ret = j;
	/* Sessions whose broker was killed must not look alive beside this one. */
	(void)record_sweep(&j->state, SWEEP_AT_START);
	r = collect(p, k, &m);
	if (r < 0)
		(void)err_set_errno(e, r, "cannot record the session");
	else if ((r = begin_record(j, p, &m, now, e)) == 0)
		r = begin_session(j, p, &m, now, e);
	material_clear(&m);
	return r < 0 ? explain(r, e) : 0;
}

void
journal_child(struct journal *j, const struct plan *p, pid_t child)
{
	struct err e = ERR_INIT;

	if (j && record_child(j->record, child, &e) < 0)
		message_error(p, &e);
}

void
journal_auto_run(struct journal *j, const struct plan *p, const struct auto_run_row *row)
{
	const struct audit_auto_run change = { row->file, row->kind, row->before, row->after };
	struct err e = ERR_INIT;

	if (j && j->session && audit_auto_run(j->session, &change, &e) < 0)
		message_error(p, &e);
}

/* The broker reads no JSON: nono-record parses, and may touch nothing but that directory. */
static void
recover(const struct journal *j, const struct plan *p, int directory_fd, int signal_fd)
{
	autofd int audit_fd = openat(j->state.fd, "audit",
				     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct err e = ERR_INIT;

	if (audit_fd != -1 && directory_fd >= 0 &&
	    conclude_ledger(audit_fd, directory_fd, signal_fd) == 0)
		return;
	(void)err_set(&e, -EAGAIN,
		      "the ledger of sessions needs to be put right; this session is in its "
		      "pending list and nothing is lost");
	message_error(p, &e);
}

void
journal_end(struct journal *j, const struct plan *p, int code, int directory_fd, int signal_fd)
{
	struct audit_outcome outcome = { 0 };
	struct audit_end end = { .exit_code = code };
	struct audit_executable executable;
	const char *problem;
	struct err e = ERR_INIT;

	if (!j)
		return;
	(void)clock_gettime(CLOCK_REALTIME, &end.ended);
	if (identify_program(j, &executable, &problem))
		end.executable = &executable;
	end.problems = &problem;
	end.problem_count = problem != NULL;
	if (j->session && audit_session_end(j->session, &end, &outcome, &e) < 0)
		message_error(p, &e);
	if (j->record && record_end(j->record, code, &e) < 0)
		message_error(p, &e);
	if (outcome.ledger_needs_recovery)
		recover(j, p, directory_fd, signal_fd);
	/* Others that were killed: at the end, where nobody waits for the program. */
	(void)record_sweep(&j->state, RECORD_SWEEP_MAX);
	audit_session_free(j->session);
	record_free(j->record);
	audit_state_close(&j->state);
	fd_close(j->program_fd);
	mem_free(j);
}
