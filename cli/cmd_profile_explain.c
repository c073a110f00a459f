/*
 * `profile explain`: why a profile allows or denies a path, a host or a variable. The verdict about a
 * path is that of the plan a start would make; the rules below it say where each part of it was
 * written.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/cmd_profile.h"
#include "plan/plan.h"
#include "profiles/hosts.h"
#include "profiles/inspect.h"
#include "profiles/variable.h"
#include "profiles/view.h"

enum { LINKS_MAX = 40 };

enum effect { EFFECT_DENY, EFFECT_BYPASS, EFFECT_ALLOW };

static const char *const effects[] = { "deny", "bypass", "allow" };

/* One rule that has to do with the question. */
struct rule {
	enum effect effect;
	unsigned int access;
	const char *written, *expanded, *canonical;
	const struct node *node;   /* where it was written, or NULL */
	const struct group *group; /* whose entry it is, or NULL */
	bool decisive;
};

struct explain {
	struct listing *l;
	const char *subject;
	struct profile *p;
	struct inspect *in;
	struct pool pool;
	const char *expanded, *canonical;
	struct rule *rule;
	size_t rules, capacity;
	struct plan plan;
	void *image;
	size_t image_bytes;
	bool planned;
	struct err refused; /* why there is no plan */
	bool failed;
};

static const char *
access_name(unsigned int access)
{
	return access == PLAN_READ ? "read" : access == PLAN_WRITE ? "write" : "read+write";
}

/* ---- the plan ---- */

static int
make_plan(struct explain *x, struct err *e)
{
	static const char *const command[] = { "/bin/true" };
	struct policy_request rq = { .mode = PLAN_MODE_RUN,
				     .profile = x->p,
				     .allow_cwd = true,
				     .silent = true,
				     .no_audit = true,
				     .dry_run = true,
				     .command = { command, 1 },
				     .environment = x->l->environment };
	struct policy_notes notes = { 0 };
	struct plan_builder builder;
	int r;

	if (plan_builder_init(&builder) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	r = policy_assemble(&builder, &rq, &notes, NULL, NULL, &x->refused);
	if (r == 0)
		r = plan_build_open(&builder, &x->image, &x->image_bytes, &x->plan, &x->refused);
	x->planned = r == 0;
	if (r < 0 && !*x->refused.text)
		(void)err_set_errno(&x->refused, r, "cannot make the plan");
	plan_builder_clear(&builder);
	policy_notes_clear(&notes);
	return r == -ENOMEM ? err_set(e, r, "out of memory") : 0;
}

/* ---- rules about a path ---- */

static bool
resolve(struct explain *x, const char *written, const char **expanded, const char **canonical)
{
	autobuf struct buf text = BUF_INIT, path = BUF_INIT, real = BUF_INIT;
	const char *cwd = inspect_workdir(x->in);
	struct err ignored = ERR_INIT;
	int r = inspect_expand(&text, x->in, written, &ignored);

	if (r < 0 && r != -ENOMEM)
		return false;
	if (r == 0)
		r = path_absolute(&path, cwd, buf_str(&text));
	if (r == 0)
		r = path_canonical(&real, cwd, buf_str(&path));
	if (r < 0 || !(*expanded = pool_take(&x->pool, &path)) ||
	    !(*canonical = pool_take(&x->pool, &real))) {
		x->failed = true;
		return false;
	}
	return true;
}

/* Add the rule when it says something about the subject. */
static void
add_rule(struct explain *x, struct rule r, bool exact)
{
	if (!r.written || !resolve(x, r.written, &r.expanded, &r.canonical))
		return;
	if (!(exact ? str_equal(x->canonical, r.canonical)
		    : path_is_beneath(x->canonical, r.canonical) ||
			      path_is_beneath(x->expanded, r.expanded)))
		return;
	if (mem_grow((void **)&x->rule, &x->capacity, x->rules, sizeof(*x->rule)) < 0)
		x->failed = true;
	else
		x->rule[x->rules++] = r;
}

static void
add_list(struct explain *x, const char *name, enum effect effect, unsigned int access, bool exact)
{
	const struct node *list = node_find(profile_get(x->p, "filesystem"), name);

	for (const struct node *n = node_first(list); n; n = n->next)
		add_rule(x,
			 (struct rule){ .effect = effect,
					.access = access,
					.written = n->text ? n->text
							   : node_text(node_find(n, "path"), NULL),
					.node = n },
			 exact);
}

static void
add_rules(struct explain *x)
{
	static const struct {
		const char *name;
		unsigned int access;
		bool exact;
	} grants[] = {
		{ "allow", PLAN_READ | PLAN_WRITE, false },
		{ "read", PLAN_READ, false },
		{ "write", PLAN_WRITE, false },
		{ "allow_file", PLAN_READ | PLAN_WRITE, true },
		{ "read_file", PLAN_READ, true },
		{ "write_file", PLAN_WRITE, true },
	};
	const struct node *access = profile_get(x->p, "workdir.access");
	const char *workdir = node_text(access, "none");

	for (size_t i = 0; i < x->p->groups_count; i++) {
		const struct group *g = x->p->groups[i].group;

		for (size_t k = 0; g && k < g->deny_count; k++)
			add_rule(x,
				 (struct rule){ .effect = EFFECT_DENY,
						.written = g->deny[k],
						.node = x->p->groups[i].node,
						.group = g },
				 false);
	}
	add_list(x, "deny", EFFECT_DENY, 0, false);
	add_list(x, "bypass_protection", EFFECT_BYPASS, 0, false);
	for (size_t i = 0; i < ARRAY_LEN(grants); i++)
		add_list(x, grants[i].name, EFFECT_ALLOW, grants[i].access, grants[i].exact);
	if (!str_equal(workdir, "none"))
		add_rule(x,
			 (struct rule){ .effect = EFFECT_ALLOW,
					.access = (unsigned int)((str_starts_with(workdir, "read")
									  ? PLAN_READ
									  : 0) |
								 (str_ends_with(workdir, "write")
									  ? PLAN_WRITE
									  : 0)),
					.written = "$WORKDIR",
					.node = access },
			 false);
	for (size_t i = 0; i < x->p->groups_count; i++) {
		const struct group *g = x->p->groups[i].group;

		for (size_t k = 0; g && k < g->allow_count; k++)
			add_rule(x,
				 (struct rule){ .effect = EFFECT_ALLOW,
						.access = g->allow[k].access,
						.written = g->allow[k].path,
						.node = x->p->groups[i].node,
						.group = g },
				 false);
	}
}

/* The rules that the plan's answer rests on. */
static void
mark(struct explain *x, const struct plan_answer *a, unsigned int access)
{
	for (size_t i = 0; i < x->rules; i++) {
		struct rule *r = &x->rule[i];

		if (a->deny && !a->allowed && r->effect == EFFECT_DENY)
			r->decisive |= str_equal(r->canonical,
						 plan_string(&x->plan, a->deny->resolved)) ||
				       str_equal(r->expanded,
						 plan_string(&x->plan, a->deny->literal));
		if (a->grant && a->allowed && r->effect == EFFECT_ALLOW && (r->access & access))
			r->decisive |= str_equal(r->canonical,
						 plan_string(&x->plan, a->grant->resolved)) ||
				       str_equal(r->expanded,
						 plan_string(&x->plan, a->grant->original));
	}
}

/* ---- writing ---- */

static int
add_origin(struct buf *b, const struct rule *r)
{
	int n = 0;

	if (r->group)
		n = buf_addf(b, "group:%s%s", r->group->name,
			     r->group->required ? " (required)" : "");
	if (n == 0 && r->group && r->group->system_file)
		n = buf_addf(b, ", system %s", r->group->system_file);
	if (n == 0 && r->group && r->node)
		n = buf_adds(b, ", ");
	if (n == 0 && r->node)
		n = view_origin(b, r->node);
	return n;
}

static void
put_rules(struct explain *x)
{
	struct out *o = &x->l->out;

	if (x->rules)
		out_puts(o, "\n  Rules, in the order in which they count:\n");
	for (size_t i = 0; i < x->rules; i++) {
		const struct rule *r = &x->rule[i];
		autobuf struct buf origin = BUF_INIT;

		if (add_origin(&origin, r) < 0)
			o->failed = true;
		out_putf(o, "  %s %-6s %-10s ", r->decisive ? "*" : " ", effects[r->effect],
			 r->access ? access_name(r->access) : "");
		out_text(o, r->written);
		if (!str_equal(r->written, r->canonical)) {
			out_puts(o, "  -> ");
			out_text(o, r->canonical);
		}
		out_puts(o, "  # ");
		out_text(o, buf_str(&origin));
		/* A start skips such a grant. */
		if (r->effect == EFFECT_ALLOW && access(r->canonical, F_OK) == -1)
			out_puts(o, ", does not exist here");
		out_puts(o, "\n");
	}
}

static void
json_origin(struct json *j, const struct rule *r)
{
	const struct profile_source *s = r->node ? r->node->source : NULL;

	json_object(j, "origin");
	json_string(j, "kind",
		    r->group && r->group->system_file ? "system"
		    : r->group			      ? "group"
						      : "profile");
	json_string(j, "name", r->group ? r->group->name : s ? s->name : "default");
	if (s && (s->kind == PROFILE_FROM_USER || s->kind == PROFILE_FROM_PATH)) {
		json_bytes(j, "file", s->path);
		json_number(j, "line", r->node->line);
	} else if (r->group && r->group->system_file) {
		json_bytes(j, "file", r->group->system_file);
	}
	json_array(j, "via");
	for (s = s ? s->via : NULL; s; s = s->via)
		json_string(j, NULL, s->name);
	json_end(j);
	json_end(j);
}

static void
json_rules(struct explain *x)
{
	struct json *j = &x->l->j;

	json_array(j, "provenance");
	for (size_t i = 0; i < x->rules; i++) {
		const struct rule *r = &x->rule[i];

		json_object(j, NULL);
		json_string(j, "rule", r->written);
		json_string(j, "effect", effects[r->effect]);
		if (r->access)
			json_string(j, "access", access_name(r->access));
		else
			json_null(j, "access");
		json_bytes(j, "written", r->written);
		json_bytes(j, "expanded", r->expanded);
		json_bytes(j, "canonical", r->canonical);
		json_origin(j, r);
		json_boolean(j, "decisive", r->decisive);
		json_end(j);
	}
	json_end(j);
}

static const char *
reason_name(enum plan_reason reason)
{
	switch (reason) {
	case PLAN_REASON_GRANTED:
		return "granted_path";
	case PLAN_REASON_SENSITIVE:
		return "sensitive_path";
	case PLAN_REASON_INSUFFICIENT:
		return "insufficient_access";
	case PLAN_REASON_NOT_GRANTED:
	case PLAN_REASON_NET_BLOCKED:
	case PLAN_REASON_PORT_NOT_LISTED:
	case PLAN_REASON_COMMAND_BLOCKED:
		break;
	}
	return "path_not_granted";
}

/* Each link that the path leads through, once. */
static void
put_links(struct explain *x)
{
	char target[PATH_MAX];
	size_t found = 0;

	for (const char *p = x->expanded; *p && found < LINKS_MAX; p++) {
		autobuf struct buf part = BUF_INIT;
		ssize_t n;

		if (p == x->expanded || (p[1] != '/' && p[1] != '\0'))
			continue;
		if (buf_add(&part, x->expanded, (size_t)(p + 1 - x->expanded)) < 0) {
			x->failed = true;
			return;
		}
		n = readlink(buf_str(&part), target, sizeof(target) - 1);
		if (n <= 0)
			continue;
		target[n] = '\0';
		found++;
		out_puts(&x->l->out, "             ");
		out_text(&x->l->out, buf_str(&part));
		out_puts(&x->l->out, " is a link to ");
		out_text(&x->l->out, target);
		out_puts(&x->l->out, "\n");
	}
}

/* The smallest change that would allow what is denied; NULL in *list: none is. */
static void
suggest(struct explain *x, const struct plan_answer *denied, unsigned int access, const char **list)
{
	struct out *o = &x->l->out;
	const struct profile_source *s = x->p->source;
	bool own = s && (s->kind == PROFILE_FROM_USER || s->kind == PROFILE_FROM_PATH);
	const char *file = own ? s->path : "a profile of yours that extends it";
	struct stat st;
	bool is_file = stat(x->canonical, &st) == 0 && !S_ISDIR(st.st_mode);

	if (access == PLAN_READ)
		*list = is_file ? "filesystem.read_file" : "filesystem.read";
	else
		*list = is_file ? "filesystem.allow_file" : "filesystem.allow";
	out_puts(o, "\n  to allow: add \"");
	out_text(o, x->subject);
	out_putf(o, "\" to %s", *list);
	if (denied->reason == PLAN_REASON_SENSITIVE)
		out_puts(o, " and to filesystem.bypass_protection");
	out_puts(o, " in ");
	out_text(o, file);
	out_puts(o, "\n");
}

static void
decide_path(struct explain *x)
{
	static const unsigned int accesses[] = { PLAN_READ, PLAN_WRITE };
	struct plan_answer first = { .allowed = true };
	autobuf struct buf pointer = BUF_INIT, flag = BUF_INIT;
	struct listing *l = x->l;
	const struct system_policy *system = &x->p->user_groups.system;
	const char *list = NULL;
	unsigned int wanted = 0;

	json_object(&l->j, "decisions");
	out_puts(&l->out, "\n");
	for (size_t i = 0; i < ARRAY_LEN(accesses); i++) {
		struct plan_answer a = plan_query_path(&x->plan, x->canonical, accesses[i]);
		const char *status = a.allowed ? "allowed" : "denied";

		mark(x, &a, accesses[i]);
		out_putf(&l->out, "  %-10s ", access_name(accesses[i]));
		out_role(&l->out, a.allowed ? ROLE_GREEN : ROLE_RED, false, status);
		out_putf(&l->out, " (%s)\n", reason_name(a.reason));
		json_object(&l->j, access_name(accesses[i]));
		json_string(&l->j, "status", status);
		json_string(&l->j, "reason", reason_name(a.reason));
		json_end(&l->j);
		if (!a.allowed && first.allowed) {
			first = a;
			wanted = accesses[i];
		}
	}
	json_end(&l->j);
	put_rules(x);
	json_rules(x);
	out_puts(&l->out, "\n  Enforced by: landlock\n");
	json_array(&l->j, "enforced_by");
	json_string(&l->j, NULL, "landlock");
	json_end(&l->j);
	if (first.allowed) {
		json_null(&l->j, "suggestion");
		return;
	}
	if (first.reason == PLAN_REASON_SENSITIVE && system->forbid_bypass) {
		out_puts(&l->out, "\n  no profile opens it: forbid_bypass of the system's policy ");
		out_text(&l->out, system->forbid_bypass);
		out_puts(&l->out, "\n");
		json_null(&l->j, "suggestion");
		return;
	}
	suggest(x, &first, wanted, &list);
	json_object(&l->j, "suggestion");
	if (buf_addf(&pointer, "/filesystem/%s/-", list + strlen("filesystem.")) < 0 ||
	    buf_addf(&flag, "--%s", list + strlen("filesystem.")) < 0)
		x->failed = true;
	for (size_t i = 0; i < flag.n; i++)
		if (flag.p[i] == '_')
			flag.p[i] = '-';
	json_string(&l->j, "profile_pointer", buf_str(&pointer));
	json_string(&l->j, "value", x->subject);
	json_string(&l->j, "flag", buf_str(&flag));
	json_end(&l->j);
}

static int
explain_path(struct explain *x, struct err *e)
{
	struct listing *l = x->l;
	int r = make_plan(x, e);

	if (r < 0)
		return r;
	if (!resolve(x, x->subject, &x->expanded, &x->canonical))
		return err_set(e, -EINVAL, "'%s' has no meaning as a path", x->subject);
	out_puts(&l->out, "\n  requested  ");
	out_text(&l->out, x->subject);
	out_puts(&l->out, "\n  expanded   ");
	out_text(&l->out, x->expanded);
	out_puts(&l->out, "\n  canonical  ");
	out_text(&l->out, x->canonical);
	out_puts(&l->out, "\n");
	put_links(x);
	json_string(&l->j, "kind", "path");
	json_bytes(&l->j, "expanded", x->expanded);
	json_bytes(&l->j, "canonical", x->canonical);
	add_rules(x);
	if (!x->planned) {
		/* Without a plan there is no verdict: the rules are all that is known. */
		json_string(&l->j, "refused", x->refused.text);
		put_rules(x);
		json_rules(x);
		l->verdict = x->refused;
		l->exit_code = EXIT_NONO;
		return 0;
	}
	decide_path(x);
	return 0;
}

/* ---- hosts and variables ---- */

static void
put_line(struct explain *x, bool allowed, const char *why, const char *what, const struct node *n)
{
	struct listing *l = x->l;
	autobuf struct buf origin = BUF_INIT;

	if (n && view_origin(&origin, n) < 0)
		x->failed = true;
	out_puts(&l->out, "\n  ");
	out_role(&l->out, allowed ? ROLE_GREEN : ROLE_RED, false, allowed ? "allowed" : "denied");
	out_puts(&l->out, ": ");
	out_puts(&l->out, why);
	if (what) {
		out_puts(&l->out, " ");
		out_text(&l->out, what);
	}
	if (n) {
		out_puts(&l->out, "  # ");
		out_text(&l->out, buf_str(&origin));
	}
	out_puts(&l->out, "\n");
	json_string(&l->j, "status", allowed ? "allowed" : "denied");
	json_string(&l->j, "reason", why);
	if (what)
		json_string(&l->j, "rule", what);
	else
		json_null(&l->j, "rule");
	if (n)
		json_string(&l->j, "origin", buf_str(&origin));
	else
		json_null(&l->j, "origin");
}

static void
explain_host(struct explain *x)
{
	struct host_answer a = host_decide(x->p, x->subject);
	const struct node *block = profile_get(x->p, "network.block");
	const struct system_policy *system = &x->p->user_groups.system;

	json_string(&x->l->j, "kind", "host");
	if (system->network == NETWORK_LIMIT_BLOCKED) {
		put_line(x, false, "max_network of the system's policy", system->network_file,
			 NULL);
		return;
	}
	switch (a.verdict) {
	case HOST_LISTED:
		put_line(x, true,
			 a.by_profile ? "the network profile has it in group"
				      : "network.allow_domain",
			 a.rule, a.node);
		break;
	case HOST_ENDPOINTS:
		put_line(x, true, "network.allow_domain, for the endpoints that it names:", a.rule,
			 a.node);
		break;
	case HOST_UNLISTED:
		put_line(x, false, "the proxy lets listed hosts through only, and it is not listed",
			 NULL, a.node);
		break;
	case HOST_METADATA:
		put_line(x, false, "the proxy lets nobody reach metadata services", NULL, NULL);
		break;
	case HOST_ANY:
		put_line(x, true, "the proxy has no list of hosts", NULL, NULL);
		break;
	case HOST_NO_FILTER:
		if (system->network != NETWORK_LIMIT_NONE)
			put_line(x, false, "max_network of the system's policy",
				 system->network_file, NULL);
		else if (node_is_true(block))
			put_line(x, false, "the network is blocked", NULL, block);
		else
			put_line(x, true, "the network is open", NULL, NULL);
		break;
	}
}

/* The entry of a list of NAME and PREFIX* that fits, or NULL. */
static const struct node *
find_pattern(const struct node *list, const char *name)
{
	for (const struct node *n = node_first(list); n; n = n->next) {
		const char *pattern = node_text(n, "");
		size_t length = strlen(pattern);

		if (length > 0 && pattern[length - 1] == '*'
			    ? strncmp(pattern, name, length - 1) == 0
			    : str_equal(pattern, name))
			return n;
	}
	return NULL;
}

struct variable_answer {
	bool allowed;
	const char *why, *rule;
	const struct node *at;
};

static struct variable_answer
decide_variable(const struct profile *p, const char *name)
{
	const struct node *environment = profile_get(p, "environment");
	const struct node *allow = node_find(environment, "allow_vars");
	const struct node *deny = find_pattern(node_find(environment, "deny_vars"), name);
	const struct node *set = node_find(node_find(environment, "set_vars"), name);
	const struct node *named = find_pattern(allow, name);
	const char *never = variable_never(name);

	if (set)
		return (struct variable_answer){ true, "environment.set_vars sets it", NULL, set };
	if (never)
		return (struct variable_answer){ false, never, NULL, NULL };
	if (deny)
		return (struct variable_answer){ false, "environment.deny_vars",
						 node_text(deny, ""), deny };
	if (!node_is(allow, NODE_ARRAY))
		return (struct variable_answer){ true,
						 "all variables are inherited that are not denied",
						 NULL, NULL };
	if (named)
		return (struct variable_answer){ true, "environment.allow_vars",
						 node_text(named, ""), named };
	return (struct variable_answer){ false, "environment.allow_vars does not name it", NULL,
					 allow };
}

bool
profile_passes_variable(const struct profile *p, const char *name, const char **ret_why)
{
	struct variable_answer a = decide_variable(p, name);

	*ret_why = a.why;
	return a.allowed;
}

static void
explain_variable(struct explain *x)
{
	struct variable_answer a = decide_variable(x->p, x->subject);

	json_string(&x->l->j, "kind", "variable");
	put_line(x, a.allowed, a.why, a.rule, a.at);
}

/* ---- the command ---- */

static bool
is_variable(const char *text)
{
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return n > 0 && text[n] == '\0' && !(text[0] >= '0' && text[0] <= '9');
}

static bool
is_host(const char *text)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:";

	return text[strspn(text, letters)] == '\0' && text[0] != '.' &&
	       (strchr(text, '.') || str_equal(text, "localhost"));
}

int
profile_explain(struct listing *l, struct err *e)
{
	struct explain x = { .l = l, .subject = l->o->program.item[1] };
	int r = listing_load(l, &x.p, l->o->program.item[0], 0, e);

	if (r == 0)
		r = inspect_open(&x.in, l->environment, e);
	if (r < 0)
		goto out;
	listing_title(l, "'%s' under '%s'", x.subject, l->o->program.item[0]);
	json_object(&l->j, NULL);
	json_string(&l->j, "profile", l->o->program.item[0]);
	json_bytes(&l->j, "subject", x.subject);
	if (is_variable(x.subject))
		explain_variable(&x);
	else if (is_host(x.subject) && access(x.subject, F_OK) == -1)
		explain_host(&x);
	else
		r = explain_path(&x, e);
	json_end(&l->j);
	if (r == 0 && x.failed)
		r = err_set(e, -ENOMEM, "out of memory");
out:
	mem_free(x.rule);
	mem_free(x.image);
	pool_clear(&x.pool);
	inspect_free(x.in);
	profile_free(x.p);
	return r;
}
