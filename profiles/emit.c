/* The finished working set, written into the plan builder. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "profiles/internal.h"

/* A word that many records share, stored before. */
struct last_word {
	const char *word;
	struct plan_ref ref;
};

/* Records of one source follow one another: the word of the last needs no search. */
static int
add_again(struct plan_builder *b, struct last_word *last, const char *word, struct plan_ref *ret)
{
	int r = 0;

	if (!word || word != last->word) {
		r = plan_build_string(b, word, &last->ref);
		last->word = word;
	}
	*ret = last->ref;
	return r;
}

/* Most paths are their own canonical form, and then the same string. */
static int
add_two(struct plan_builder *b, const char *one, const char *other, struct plan_ref *ret_one,
	struct plan_ref *ret_other)
{
	int r = plan_build_string(b, one, ret_one);

	if (r == 0 && other == one)
		*ret_other = *ret_one;
	else if (r == 0)
		r = plan_build_string(b, other, ret_other);
	return r;
}

static int
emit_grants(const struct assembly *a, struct plan_builder *b)
{
	struct last_word source = { NULL, { 0, 0 } };
	int r = 0;

	for (size_t i = 0; r == 0 && i < a->grants_count; i++) {
		const struct grant *g = &a->grants[i];
		struct plan_grant out = {
			.device = g->device,
			.inode = g->inode,
			.type = g->type,
			.access = g->access,
			.kind = g->kind,
			.source = g->source,
			.alias = g->alias,
			.flags = g->flags,
		};

		if ((r = add_two(b, g->original, g->resolved, &out.original, &out.resolved)) == 0 &&
		    (r = add_again(b, &source, g->source_name, &out.source_name)) == 0)
			r = plan_build_grant(b, &out);
	}
	return r;
}

static int
emit_sockets(const struct assembly *a, struct plan_builder *b)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < a->sockets_count; i++) {
		const struct socket_grant *s = &a->sockets[i];
		struct plan_socket out = {
			.scope = s->scope,
			.mode = s->mode,
			.source = s->source,
		};

		if ((r = plan_build_string(b, s->original, &out.original)) == 0 &&
		    (r = plan_build_string(b, s->resolved, &out.resolved)) == 0 &&
		    (r = plan_build_string(b, s->source_name, &out.source_name)) == 0)
			r = plan_build_socket(b, &out);
	}
	return r;
}

static int
emit_denies(const struct assembly *a, struct plan_builder *b)
{
	const char *named = a->rq->manifest ? "manifest" : "profile";
	struct last_word group = { NULL, { 0, 0 } };
	int r = 0;

	for (size_t i = 0; r == 0 && i < a->denies_count; i++) {
		const struct deny *d = &a->denies[i];
		struct plan_deny out = { .flags = (d->required ? PLAN_DENY_REQUIRED : 0U) |
						  (d->mask ? PLAN_DENY_MASK : 0U) |
						  (d->absent ? PLAN_DENY_ABSENT : 0U) };

		if ((r = add_two(b, d->literal, d->resolved, &out.literal, &out.resolved)) == 0 &&
		    (r = add_again(b, &group, d->of_profile ? named : d->group, &out.group)) == 0)
			r = plan_build_deny(b, &out);
	}
	return r;
}

static int
emit_ports(const struct policy_request *rq, struct plan_builder *b)
{
	const struct {
		const struct ports *ports;
		enum plan_port_use use;
	} lists[] = {
		{ &rq->connect_ports, PLAN_PORT_CONNECT },
		{ &rq->listen_ports, PLAN_PORT_BIND },
		{ &rq->open_ports, PLAN_PORT_LOCALHOST },
	};
	int r = 0;

	if (b->settings.net == PLAN_NET_ALLOWED)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		for (size_t j = 0; r == 0 && j < lists[i].ports->count; j++)
			r = plan_build_port(b, lists[i].ports->item[j], lists[i].use);
	return r;
}

static int
emit_words(const struct assembly *a, struct plan_builder *b)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < a->commands_count; i++)
		r = plan_build_command(b, a->commands[i].name, a->commands[i].group,
				       a->commands[i].rule);
	for (size_t i = 0; r == 0 && i < a->rq->command.count; i++)
		r = plan_build_argument(b, a->rq->command.item[i]);
	return r;
}

static int
compare_fds(const void *a, const void *b)
{
	unsigned int x = *(const unsigned int *)a, y = *(const unsigned int *)b;

	return (x > y) - (x < y);
}

static int
parse_fd(const char *word, unsigned int *ret, struct err *e)
{
	uint64_t v;

	if (str_to_u64(word, 3, 65535, &v) < 0)
		return err_set_exit(e, EXIT_USAGE, -EINVAL,
				    "invalid value '%s' for --keep-fd: a descriptor number from 3 "
				    "to 65535 is needed",
				    word);
	if (fcntl((int)v, F_GETFD) == -1)
		return err_set(e, -EBADF,
			       "Configuration parse error: --keep-fd %s: this descriptor is not "
			       "open; open it in the shell, as in `%s<file`",
			       word, word);
	*ret = (unsigned int)v;
	return 0;
}

static int
emit_keep_fds(const struct assembly *a, struct plan_builder *b, struct err *e)
{
	const struct words *words = &a->rq->keep_fds;
	unsigned int fds[PLAN_KEEP_FDS_MAX];
	int r = 0;

	if (words->count > ARRAY_LEN(fds))
		return err_set_exit(e, EXIT_USAGE, -E2BIG, "--keep-fd can be used at most %d times",
				    PLAN_KEEP_FDS_MAX);
	for (size_t i = 0; i < words->count; i++)
		if ((r = parse_fd(words->item[i], &fds[i], e)) < 0)
			return r;
	if (words->count > 1)
		qsort(fds, words->count, sizeof(*fds), compare_fds);
	for (size_t i = 0; r == 0 && i < words->count; i++)
		if (i == 0 || fds[i] != fds[i - 1])
			r = plan_build_keep_fd(b, fds[i]);
	return r < 0 ? err_memory(e) : 0;
}

static int
emit_settings(const struct assembly *a, struct plan_builder *b, const char *program,
	      const char *session_id)
{
	const struct policy_request *rq = a->rq;
	struct plan_settings *s = &b->settings;
	const char *temp = environment_get(a->host.environment, "TMPDIR");
	int r;

	s->mode = rq->mode;
	s->flags = (rq->silent ? PLAN_SILENT | PLAN_NO_DIAGNOSTICS : 0) |
		   (rq->no_diagnostics ? PLAN_NO_DIAGNOSTICS : 0) |
		   (rq->shared_tmp ? PLAN_SHARED_TMP : 0) | (rq->no_pty ? PLAN_NO_PTY : 0) |
		   (rq->no_state ? PLAN_NO_STATE : 0) |
		   (rq->diagnostics_json ? PLAN_DIAGNOSTICS_JSON : 0) |
		   (rq->no_audit || rq->mode == PLAN_MODE_WRAP ? PLAN_NO_AUDIT : 0) |
		   (rq->leave_background ? PLAN_LEAVE_BACKGROUND : 0) |
		   (rq->color ? PLAN_COLOR : 0) | (rq->strict ? PLAN_STRICT : 0);
	s->namespaces = namespaces_wanted(a);
	if (rq->manifest)
		manifest_settings(a, s);
	else
		apply_settings(a, s);
	s->uid = a->host.uid;
	s->memory_bytes = rq->memory_bytes;
	s->max_processes = rq->max_processes;
	s->error_exit_code = rq->error_exit_code;
	s->utc_offset_s = rq->utc_offset_s;
	s->terminal_filter = (uint32_t)rq->terminal_filter;
	s->scrollback_rows = rq->scrollback_rows;
	s->startup_timeout_s = rq->startup_timeout_s;
	s->verbosity = rq->verbosity < 3 ? rq->verbosity : 3;
	if (!temp || !*temp)
		temp = a->host.temp;
	if ((r = plan_build_string(b, program, &s->program)) < 0 ||
	    (r = plan_build_string(b, workdir_start(a), &s->start_directory)) < 0 ||
	    (r = plan_build_string(b, temp, &s->temp_parent)) < 0 ||
	    (r = plan_build_string(b, session_id, &s->session_id)) < 0 ||
	    (r = plan_build_string(b, roots_state(a), &s->state_directory)) < 0 ||
	    (r = plan_build_string(b, a->host.home, &s->home)) < 0)
		return r;
	return plan_build_string(b, a->host.workdir, &s->workdir);
}

int
emit_plan(struct assembly *a, struct plan_builder *b, const char *program, const char *session_id,
	  struct err *e)
{
	int r;

	if ((r = roots_find(a, false, e)) < 0)
		return r;
	if ((r = emit_settings(a, b, program, session_id)) < 0 || (r = emit_grants(a, b)) < 0 ||
	    (r = emit_sockets(a, b)) < 0 || (r = emit_denies(a, b)) < 0 ||
	    (r = emit_ports(a->rq, b)) < 0 || (r = emit_words(a, b)) < 0) {
		if (r == -ENOMEM)
			return err_memory(e);
		return err_set_errno(e, r,
				     "Configuration parse error: the policy does not fit into a "
				     "plan; use fewer or shorter grants and arguments");
	}
	if ((r = processes_wanted(a, &b->settings, e)) < 0 || (r = emit_keep_fds(a, b, e)) < 0)
		return r;
	return environment_build(a, b, session_id, e);
}
