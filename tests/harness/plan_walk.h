/*
 * Touch everything an opened plan offers: each accessor, each byte of each string, each query with
 * the plan's own strings. A bound that validation missed shows under the address sanitizer.
 */
#ifndef TESTS_HARNESS_PLAN_WALK_H
#define TESTS_HARNESS_PLAN_WALK_H

#include "plan/plan.h"

#include <string.h>

enum { PLAN_WALK_QUERIES_MAX = 24 }; /* the longest plans would take minutes otherwise */

struct plan_walk {
	const struct plan *p;
	uint64_t sum;
	unsigned int queries;
};

static inline void
walk_answer(struct plan_walk *w, struct plan_answer a)
{
	w->sum += a.allowed + (unsigned int)a.reason;
	if (a.grant)
		w->sum += a.grant->access + strlen(plan_string(w->p, a.grant->original));
	if (a.deny)
		w->sum += a.deny->flags + strlen(plan_string(w->p, a.deny->literal));
	if (a.socket)
		w->sum += a.socket->mode + strlen(plan_string(w->p, a.socket->original));
	if (a.command)
		w->sum += a.command->rule + strlen(plan_string(w->p, a.command->name));
}

static inline void
walk_queries(struct plan_walk *w, const char *text)
{
	for (unsigned int access = 0; access <= 4; access++) {
		walk_answer(w, plan_query_path(w->p, text, access));
		w->sum += (unsigned int)plan_alias_of(text, access);
	}
	walk_answer(w, plan_query_socket(w->p, text, false));
	walk_answer(w, plan_query_socket(w->p, text, true));
	walk_answer(w, plan_query_command(w->p, text));
}

static inline void
walk_text(struct plan_walk *w, struct plan_ref ref)
{
	const char *s = plan_string(w->p, ref);

	w->sum += strlen(s) == ref.length;
	for (size_t i = 0; i <= ref.length; i++)
		w->sum += (unsigned char)s[i];
	if (w->queries++ < PLAN_WALK_QUERIES_MAX)
		walk_queries(w, s);
}

static inline void
walk_grants(struct plan_walk *w)
{
	for (size_t i = 0; i < plan_count(w->p, PLAN_SEC_GRANTS); i++) {
		const struct plan_grant *g = plan_grant_at(w->p, i);

		walk_text(w, g->original);
		walk_text(w, g->resolved);
		walk_text(w, g->source_name);
		w->sum += g->device + g->inode + g->type + g->access + g->kind + g->source;
		w->sum += (uint64_t)g->alias + g->flags + g->zero[6];
	}
}

static inline void
walk_others(struct plan_walk *w)
{
	for (size_t i = 0; i < plan_count(w->p, PLAN_SEC_SOCKETS); i++) {
		const struct plan_socket *s = plan_socket_at(w->p, i);

		walk_text(w, s->original);
		walk_text(w, s->resolved);
		walk_text(w, s->source_name);
		w->sum += (uint64_t)s->scope + s->mode + s->source;
	}
	for (size_t i = 0; i < plan_count(w->p, PLAN_SEC_DENIES); i++) {
		const struct plan_deny *d = plan_deny_at(w->p, i);

		walk_text(w, d->literal);
		walk_text(w, d->resolved);
		walk_text(w, d->group);
		w->sum += d->flags;
	}
	for (size_t i = 0; i < plan_count(w->p, PLAN_SEC_COMMANDS); i++) {
		const struct plan_command *c = plan_command_at(w->p, i);

		walk_text(w, c->name);
		walk_text(w, c->group);
		w->sum += c->rule;
	}
	for (size_t i = 0; i < plan_count(w->p, PLAN_SEC_PORTS); i++)
		w->sum += (uint64_t)plan_port_at(w->p, i)->port + plan_port_at(w->p, i)->use;
	for (size_t i = 0; i < plan_count(w->p, PLAN_SEC_KEEP_FDS); i++)
		w->sum += plan_keep_fd_at(w->p, i);
	for (size_t i = 0; i < plan_count(w->p, PLAN_SEC_REDACTIONS); i++) {
		walk_text(w, plan_redaction_at(w->p, i)->name);
		w->sum += plan_redaction_at(w->p, i)->set;
	}
	for (size_t i = 0; i < plan_count(w->p, PLAN_SEC_ARGV); i++)
		w->sum += strlen(plan_argument_at(w->p, i));
	for (size_t i = 0; i < plan_count(w->p, PLAN_SEC_SHOWN); i++)
		w->sum += strlen(plan_shown_at(w->p, i));
	for (size_t i = 0; i < plan_count(w->p, PLAN_SEC_ENVIRONMENT); i++)
		w->sum += strlen(plan_environment_at(w->p, i));
}

/* The value depends on every byte that was read, so that no read is optimised away. */
static inline uint64_t
plan_walk(const struct plan *p)
{
	static const unsigned int ports[] = { 0, 1, 80, 443, 65535, 65536, 0xffffffff };
	static const char *const texts[] = {
		"", "/", "//", "/a", "/proc/self", "/etc/shadow", "x"
	};
	const struct plan_settings *s = p->settings;
	struct plan_walk w = { .p = p };

	w.sum = s->mode + s->flags + s->net + s->signal_mode + s->uid + s->error_exit_code +
		s->verbosity + s->startup_timeout_s + s->terminal_filter + s->scrollback_rows;
	walk_text(&w, s->program);
	walk_text(&w, s->start_directory);
	walk_text(&w, s->temp_parent);
	walk_text(&w, s->session_id);
	walk_text(&w, s->home);
	walk_text(&w, s->state_directory);
	w.sum += (uint64_t)s->utc_offset_s + s->namespaces;
	walk_text(&w, s->workdir);
	walk_grants(&w);
	walk_others(&w);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		walk_queries(&w, texts[i]);
	for (size_t i = 0; i < ARRAY_LEN(ports); i++) {
		walk_answer(&w, plan_query_connect(p, ports[i]));
		walk_answer(&w, plan_query_bind(p, ports[i]));
	}
	return w.sum + plan_binds_ports(p);
}

#endif
