/*
 * audit_session STATE ID [--exit N] [--events N] [--degraded] [--no-end] [--sweep] [--time]
 *               -- COMMAND...
 *
 * Record one session with audit/, as the broker does, without running anything: registry record,
 * first records, N events more, the end. --no-end leaves as a killed broker would. --time prints
 * the microseconds that all of it took. Exit code 0; 1 when something was refused, with the
 * reason; 3 when the ledger needs recovery.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audit/audit.h"
#include "base/attr.h"
#include "base/procstat.h"

extern char **environ;

struct options {
	const char *state, *id;
	int exit_code, events;
	bool degraded, no_end, sweep, time;
	const char *const *command;
	size_t command_count;
};

static int
usage(void)
{
	(void)fprintf(stderr, "usage: audit_session STATE ID [--exit N] [--events N] [--degraded]\n"
			      "                     [--no-end] [--sweep] [--time] -- COMMAND...\n");
	return 2;
}

static bool
parse(struct options *o, int argc, char **argv)
{
	int i = 3;

	if (argc < 5)
		return false;
	*o = (struct options){ .state = argv[1], .id = argv[2] };
	for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--exit") == 0 && i + 1 < argc)
			o->exit_code = atoi(argv[++i]);
		else if (strcmp(argv[i], "--events") == 0 && i + 1 < argc)
			o->events = atoi(argv[++i]);
		else if (strcmp(argv[i], "--degraded") == 0)
			o->degraded = true;
		else if (strcmp(argv[i], "--no-end") == 0)
			o->no_end = true;
		else if (strcmp(argv[i], "--sweep") == 0)
			o->sweep = true;
		else if (strcmp(argv[i], "--time") == 0)
			o->time = true;
		else
			return false;
	}
	if (i >= argc - 1)
		return false;
	o->command = (const char *const *)argv + i + 1;
	o->command_count = (size_t)(argc - i - 1);
	return true;
}

static struct timespec
now(clockid_t clock)
{
	struct timespec t = { 0 };

	(void)clock_gettime(clock, &t);
	return t;
}

static int
begin(const struct options *o, struct audit_state *state, struct record **record,
      struct audit_session **session, const struct procstat *self, struct err *e)
{
	static const char *const paths[] = { "/project/a", "/project/\xff" };
	static const struct audit_grant grants[] = {
		{ "/project/a", "user", AUDIT_READ | AUDIT_WRITE },
		{ "/project/\xff", "some-profile", AUDIT_READ },
	};
	static const struct audit_degradation lost = { "tcp ports", "the kernel is too old" };
	size_t variables = 0;
	int r;

	while (environ[variables])
		variables++;
	const struct record_begin rb = {
		.session_id = o->id,
		.supervisor = self->pid,
		.start_ticks = self->start_ticks,
		.started = now(CLOCK_REALTIME),
		.command = o->command,
		.command_count = o->command_count,
		.workdir = "/work",
		.network = "allowed",
	};
	const struct audit_policy policy = {
		.workdir = "/work",
		.network = "allowed",
		.grants = grants,
		.grant_count = ARRAY_LEN(grants),
		.system_grant_count = 57,
		.deny_count = 12,
		.environment = (const char *const *)environ,
		.environment_count = variables,
	};
	const struct audit_begin ab = {
		.session_id = o->id,
		.started = rb.started,
		.command = o->command,
		.command_count = o->command_count,
		.tracked_paths = paths,
		.tracked_path_count = ARRAY_LEN(paths),
		.policy = &policy,
		.degradations = &lost,
		.degradation_count = o->degraded,
	};

	if ((r = audit_state_open(state, o->state, 3600, e)) < 0 ||
	    (r = record_begin(record, state, &rb, e)) < 0)
		return r;
	return audit_session_begin(session, state, &ab, e);
}

static int
end(const struct options *o, struct record *record, struct audit_session *session,
    struct audit_outcome *outcome, struct err *e)
{
	static const struct audit_executable program = { .resolved_path = "/bin/true" };
	const struct audit_end ending = { .ended = now(CLOCK_REALTIME),
					  .exit_code = o->exit_code,
					  .executable = &program };
	int r = audit_session_end(session, &ending, outcome, e), n;

	n = record_end(record, o->exit_code, r < 0 ? NULL : e);
	return r < 0 ? r : n;
}

int
main(int argc, char **argv)
{
	struct audit_state state = { .fd = -1 };
	struct audit_session *session = NULL;
	struct record *record = NULL;
	struct audit_outcome outcome = { 0 };
	struct err e = ERR_INIT;
	struct procstat self;
	struct timespec from, to;
	struct options o;
	int r;

	if (!parse(&o, argc, argv) || procstat_read(&self, getpid()) < 0)
		return usage();
	from = now(CLOCK_MONOTONIC);
	r = begin(&o, &state, &record, &session, &self, &e);
	for (int i = 0; i < o.events && r == 0; i++) {
		const struct audit_event event = {
			.type = AUDIT_SANDBOX_RUNTIME,
			.runtime = { .when = now(CLOCK_REALTIME), .landlock_abi = "V6" },
		};

		r = audit_event(session, &event, &e);
	}
	r = r < 0 ? r : record_child(record, self.pid, &e);
	if (o.no_end)
		return r < 0;
	if (r == 0)
		r = end(&o, record, session, &outcome, &e);
	if (r == 0 && o.sweep)
		r = record_sweep(&state, RECORD_SWEEP_MAX);
	to = now(CLOCK_MONOTONIC);
	audit_session_free(session);
	record_free(record);
	audit_state_close(&state);
	if (r < 0) {
		(void)fprintf(stderr, "audit_session: %s\n", e.text);
		return 1;
	}
	if (o.time)
		printf("%ld\n",
		       (to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000);
	return outcome.ledger_needs_recovery ? 3 : 0;
}
