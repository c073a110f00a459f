/* `nono why --path` and `--unix-socket`. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "cli/why.h"
#include "profiles/groups.h"
#include "profiles/system_policy.h"
#include "profiles/user_groups.h"

enum { ACCESS_BOTH = PLAN_READ | PLAN_WRITE };

static const char *
access_name(unsigned int access)
{
	static const char *const names[] = { "none", "read", "write", "read+write" };

	return names[access & ACCESS_BOTH];
}

/* The question with everything that was looked up for it. */
struct question {
	struct subject subject;
	unsigned int access;
	struct plan_answer plan;
	int mode_error; /* -errno of owner, mode and file system, or 0 */
};

static int
look(struct why *w, struct question *q, const char *path, struct err *e)
{
	int r = subject_look(&q->subject, w->cwd, path);
	const char *typed = buf_str(&q->subject.typed);
	struct plan_object o = { .grants = w->grants };

	if (r < 0)
		return err_set_errno(e, r, "cannot look at '%s'", path);
	if (plan_alias_of(typed, q->access) != PLAN_ALIAS_NONE) {
		q->plan = plan_query_path(&w->plan, typed, q->access);
		return 0;
	}
	o.path = buf_str(&q->subject.path);
	o.chain = q->subject.chain;
	o.chain_count = q->subject.chain_count;
	o.missing = q->subject.missing;
	q->plan = plan_query_object(&w->plan, &o, q->access);
	q->mode_error = subject_check_mode(&q->subject, q->access);
	return 0;
}

/* ---- which flag ---- */

/* The option that made this grant; NULL when a group or a profile did. */
static const char *
flag_of(const struct why *w, const struct plan_grant *g)
{
	const struct policy_request *rq = &w->request.policy;
	const char *original = plan_string(&w->plan, g->original);
	const struct {
		const struct words *words;
		const char *flag;
	} lists[] = {
		{ &rq->allow, "--allow" },
		{ &rq->read, "--read" },
		{ &rq->write, "--write" },
		{ &rq->allow_file, "--allow-file" },
		{ &rq->read_file, "--read-file" },
		{ &rq->write_file, "--write-file" },
		{ &rq->socket_connect, "--allow-unix-socket" },
		{ &rq->socket_bind, "--allow-unix-socket-bind" },
		{ &rq->socket_dir, "--allow-unix-socket-dir" },
		{ &rq->socket_dir_bind, "--allow-unix-socket-dir-bind" },
		{ &rq->socket_subtree, "--allow-unix-socket-subtree" },
		{ &rq->socket_subtree_bind, "--allow-unix-socket-subtree-bind" },
	};

	if (g->source != PLAN_SOURCE_USER)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		for (size_t k = 0; k < lists[i].words->count; k++)
			if (str_equal(lists[i].words->item[k], original))
				return lists[i].flag;
	return rq->allow_cwd ? "--allow-cwd" : NULL;
}

static int
add_source(struct buf *b, const struct plan *p, const struct plan_grant *g)
{
	const char *name = plan_string(p, g->source_name);

	if (g->source == PLAN_SOURCE_GROUP)
		return buf_addf(b, "group:%s", name);
	return buf_adds(b, summary_source(g->source));
}

static const char *
grant_path(const struct plan *p, const struct plan_grant *g)
{
	return plan_string(p, g->resolved.length ? g->resolved : g->original);
}

static int
add_flag(struct why *w, const struct plan_grant *g)
{
	const char *flag = flag_of(w, g);

	if (!flag)
		return 0;
	return answer_detail(&w->answer, "granted by %s %s", flag,
			     plan_string(&w->plan, g->original));
}

/* ---- suggestions ---- */

static int
suggest(struct why *w, const struct question *q)
{
	static const char *const flags[2][4] = {
		{ "", "--read", "--write", "--allow" },
		{ "", "--read-file", "--write-file", "--allow-file" },
	};
	const struct subject *s = &q->subject;
	autobuf struct buf path = BUF_INIT;
	bool file = s->missing == 0 && s->type != S_IFDIR;
	int r;

	r = subject_nearest(&path, s);
	if (r == 0 && str_equal(path.p, "/") && s->missing > 0) {
		/* Nobody shall be led to grant everything. */
		buf_reset(&path);
		r = buf_add(&path, s->path.p, s->path.n);
	}
	if (r == 0)
		r = buf_addf(&w->answer.suggestion, "%s ", flags[file][q->access]);
	return r < 0 ? r : str_shell_quote(&w->answer.suggestion, path.p);
}

/* ---- answers ---- */

static int
allow(struct why *w, const struct plan_grant *g)
{
	struct answer *a = &w->answer;
	int r;

	a->status = ANSWER_ALLOWED;
	a->reason = "granted_path";
	a->enforcement = "landlock";
	a->access = access_name(g->access);
	if ((r = buf_adds(&a->granted_path, grant_path(&w->plan, g))) < 0 ||
	    (r = add_source(&a->source, &w->plan, g)) < 0)
		return r;
	return add_flag(w, g);
}

static int
add_closest(struct why *w, const struct plan_grant *g)
{
	struct answer *a = &w->answer;
	int r;

	if (!g)
		return 0;
	a->closest_access = access_name(g->access);
	if ((r = buf_adds(&a->closest_path, grant_path(&w->plan, g))) < 0)
		return r;
	return add_source(&a->closest_source, &w->plan, g);
}

static int
deny_sensitive(struct why *w, const struct plan_answer *p)
{
	struct answer *a = &w->answer;
	const char *name = plan_string(&w->plan, p->deny->group);
	const struct system_policy *system = system_policy_of(w->request.profile,
							      &w->request.user_groups);
	const struct group *group = group_find(name);
	int r;

	if (!group)
		group = w->request.profile ? profile_find_group(w->request.profile, name)
					   : user_groups_find(&w->request.user_groups, name);
	a->reason = "sensitive_path";
	a->category = group ? group->description : NULL;
	a->system_file = group ? group->system_file : NULL;
	if (str_equal(name, "manifest")) {
		r = buf_adds(&a->policy, name);
		return r < 0 ? r
			     : answer_detail(a, "protected by '%s' of filesystem.deny",
					     plan_string(&w->plan, p->deny->literal));
	}
	if ((r = buf_addf(&a->policy, "group:%s", name)) < 0)
		return r;
	if (system->forbid_bypass)
		return answer_detail(
			a, "protected by '%s'; the system's policy %s forbids to lift it",
			plan_string(&w->plan, p->deny->literal), system->forbid_bypass);
	return answer_detail(a,
			     "protected by '%s'; --bypass-protection lifts it for a path that is "
			     "granted as well",
			     plan_string(&w->plan, p->deny->literal));
}

/* The plan would let it pass, but owner, mode or the file system do not. */
static int
add_mode(struct why *w, const struct question *q)
{
	const char *path = buf_str(&q->subject.path);

	if (q->mode_error == 0)
		return 0;
	if (errno_is_denied(q->mode_error))
		return answer_detail(&w->answer, "note: file mode denies this uid: %s", path);
	return answer_detail(&w->answer, "note: the file system refuses it: %s: %s", path,
			     strerror(-q->mode_error));
}

static int
deny(struct why *w, const struct question *q)
{
	struct answer *a = &w->answer;
	int r = 0;

	a->status = ANSWER_DENIED;
	a->enforcement = q->plan.allowed ? "none" : "landlock";
	switch (q->plan.allowed ? PLAN_REASON_INSUFFICIENT : q->plan.reason) {
	case PLAN_REASON_SENSITIVE:
		r = deny_sensitive(w, &q->plan);
		break;
	case PLAN_REASON_INSUFFICIENT:
		a->reason = "insufficient_access";
		r = add_closest(w, q->plan.grant);
		break;
	default:
		a->reason = "path_not_granted";
		break;
	}
	if (r == 0 && !q->plan.allowed && q->plan.reason != PLAN_REASON_SENSITIVE)
		r = suggest(w, q);
	return r < 0 ? r : add_mode(w, q);
}

static int
note_rename(struct why *w, const struct question *q)
{
	const struct subject *s = &q->subject;

	if (str_equal(buf_str(&s->typed), buf_str(&s->path)))
		return 0;
	return answer_detail(&w->answer, "'%s' is '%s'", buf_str(&s->typed), buf_str(&s->path));
}

static int
conclude(struct why *w, const struct question *q)
{
	int r;

	if (q->plan.allowed && q->mode_error == 0)
		r = allow(w, q->plan.grant);
	else
		r = deny(w, q);
	return r < 0 ? r : note_rename(w, q);
}

int
why_path(struct why *w, const char *path, unsigned int access, struct err *e)
{
	struct question q = { .access = access };
	int r = look(w, &q, path, e);

	if (r == 0 && conclude(w, &q) < 0)
		r = err_set(e, -ENOMEM, "out of memory");
	subject_clear(&q.subject);
	return r;
}

/* ---- sockets ---- */

/* The static filter closes AF_UNIX as a whole, or not at all (spec 02 8.4). */
static int
socket_blocked(struct why *w)
{
	struct answer *a = &w->answer;

	a->status = ANSWER_DENIED;
	a->reason = "network_blocked";
	a->enforcement = "seccomp";
	return answer_detail(a, "all unix sockets are closed while the network is restricted");
}

static int
socket_open(struct why *w, const struct question *q)
{
	struct answer *a = &w->answer;
	const struct plan_answer named = plan_query_socket(&w->plan, buf_str(&q->subject.path),
							   false);

	a->status = q->mode_error ? ANSWER_DENIED : ANSWER_ALLOWED;
	a->reason = q->mode_error ? "insufficient_access" : "granted_path";
	a->enforcement = "none";
	if (add_mode(w, q) < 0)
		return -ENOMEM;
	if (named.socket)
		return buf_adds(&a->granted_path, plan_string(&w->plan, named.socket->resolved)) <
					       0 ||
				       buf_adds(&a->source, summary_source(named.socket->source)) <
					       0
			       ? -ENOMEM
			       : 0;
	return answer_detail(a, "unix sockets are not restricted while the network is allowed; "
				"--block-net closes them");
}

int
why_socket(struct why *w, struct err *e)
{
	bool bind = opt_has(w->o, FLAG_WHY_BIND);
	struct question q = { .access = PLAN_WRITE };
	int r = look(w, &q, opt_value(w->o, FLAG_WHY_SOCKET), e);

	if (r == 0) {
		if (w->plan.settings->net != PLAN_NET_ALLOWED)
			r = socket_blocked(w);
		else
			r = bind ? conclude(w, &q) : socket_open(w, &q);
		if (r < 0)
			r = err_set(e, -ENOMEM, "out of memory");
	}
	subject_clear(&q.subject);
	return r;
}
