/*
 * Questions to an opened plan. The answers follow what the kernel enforces: rights of all covering
 * grants add up, and where the plan cannot know the object a grant will mean, it counts as not
 * granted.
 */
#include "plan/plan.h"

#include <string.h>

#include "base/str.h"
#include "plan/internal.h"

enum { ACCESS_ALL = PLAN_READ | PLAN_WRITE };

/* Step over slashes and "." components. */
static const char *
skip_empty(const char *p)
{
	while (*p == '/' || (p[0] == '.' && (p[1] == '/' || p[1] == '\0')))
		p++;
	return p;
}

static bool
is_component(const char *p, size_t n, const char *name)
{
	return strlen(name) == n && memcmp(p, name, n) == 0;
}

bool
plan_path_is_normal(const char *path)
{
	if (path[0] != '/')
		return false;
	if (path[1] == '\0')
		return true;
	/* By bytes: this runs over every path of every start, and components are short. */
	for (; *path; path++) {
		if (path[0] != '/')
			continue;
		if (path[1] == '/' || path[1] == '\0')
			return false;
		if (path[1] == '.' && (path[2] == '/' || path[2] == '\0'))
			return false;
		if (path[1] == '.' && path[2] == '.' && (path[3] == '/' || path[3] == '\0'))
			return false;
	}
	return true;
}

/*
 * How deep `dir` lies when it is `path` or above it: 1 for "/", 2 for "/a"; 0 when it is not.
 * `path` is normal. `dir` may be as somebody typed it ("/tmp/", "/a//b"), but ".." in it leads
 * where only the kernel knows: no match. *ret_rest, set on a match, is what of the path lies below.
 */
static size_t
depth_above(const char *dir, const char *path, const char **ret_rest)
{
	size_t depth = 1;

	if (dir[0] != '/')
		return 0;
	for (dir = skip_empty(dir); *dir; dir = skip_empty(dir)) {
		size_t n = strcspn(dir, "/");

		if (*path != '/' || is_component(dir, n, ".."))
			return 0;
		path++;
		if (strncmp(path, dir, n) != 0 || (path[n] != '\0' && path[n] != '/'))
			return 0;
		dir += n;
		path += n;
		depth++;
	}
	*ret_rest = path[0] == '/' && path[1] == '\0' ? path + 1 : path;
	return depth;
}

/* Depth of the object a grant covers `path` from, 0 when it does not. */
static size_t
grant_depth(const struct plan *p, const struct plan_grant *g, const char *path)
{
	const char *place = plan_string(p, g->resolved), *rest;
	bool recursive = g->kind != PLAN_KIND_FILE;
	size_t depth;

	switch ((enum plan_alias)g->alias) {
	case PLAN_ALIAS_NONE:
		if (*place == '\0')
			place = plan_string(p, g->original);
		break;
	case PLAN_ALIAS_STDIN:
	case PLAN_ALIAS_STDOUT:
	case PLAN_ALIAS_STDERR:
		/* Directories are never granted this way, and a file only as far as it is open. */
		place = plan_string(p, g->original);
		recursive = false;
		break;
	case PLAN_ALIAS_PROC:
		place = "/proc";
		break;
	case PLAN_ALIAS_CHILD:
		/* The resolved name is that of the front end's own process. */
		place = plan_string(p, g->original);
		break;
	case PLAN_ALIAS_OWN_TTY:
	default:
		/* Which nodes of /dev/pts are the program's own is not in the plan. */
		if (!(p->settings->flags & PLAN_PTY_ALL))
			return 0;
		place = "/dev/pts";
		break;
	}
	depth = depth_above(place, path, &rest);
	if (depth > 0 && !recursive && *rest != '\0')
		return 0;
	return depth;
}

static size_t
deny_depth(const struct plan *p, const struct plan_deny *d, const char *path)
{
	const char *rest;
	size_t literal = depth_above(plan_string(p, d->literal), path, &rest);
	size_t resolved = depth_above(plan_string(p, d->resolved), path, &rest);

	return literal > resolved ? literal : resolved;
}

/*
 * Depth of what a grant covers the object from. Landlock's rules belong to objects, not to names:
 * the grant holds for whatever its object contains, by any link or mount that leads there.
 */
static size_t
object_depth(const struct plan *p, size_t index, const struct plan_object *o, size_t depth)
{
	const struct plan_grant *g = plan_grant_at(p, index);
	const struct plan_identity *mine = &o->grants[index];

	if (mine->inode == 0)
		return (g->flags & PLAN_GRANT_OPTIONAL) && g->alias == PLAN_ALIAS_NONE
			       ? 0
			       : grant_depth(p, g, o->path);
	depth -= o->missing;
	for (size_t i = 0; i < o->chain_count && i < depth; i++)
		if (o->chain[i].inode == mine->inode && o->chain[i].device == mine->device)
			return depth - i;
	return 0;
}

static size_t
path_depth(const char *path)
{
	size_t depth = 1;

	for (; path[1]; path++)
		depth += path[0] == '/';
	return depth;
}

/* The rights of all grants that cover a path, and those that lie nearest to it. */
struct coverage {
	const struct plan_grant *closest, *sufficient, *narrowing;
	size_t closest_depth, sufficient_depth, narrowing_depth, writing_depth;
	unsigned int have;
};

/* As launch/ does it: a read grant that somebody asked for, in a tree that is read-only otherwise. */
static bool
may_narrow(const struct plan_grant *g)
{
	return g->alias == PLAN_ALIAS_NONE &&
	       (g->source == PLAN_SOURCE_USER || g->source == PLAN_SOURCE_PROFILE);
}

static void
coverage_add(struct coverage *c, const struct plan_grant *g, size_t depth, unsigned int access)
{
	if (depth == 0)
		return;
	c->have |= g->access;
	if ((g->access & PLAN_WRITE) && depth > c->writing_depth)
		c->writing_depth = depth;
	if (!(g->access & PLAN_WRITE) && may_narrow(g) && depth > c->narrowing_depth) {
		c->narrowing = g;
		c->narrowing_depth = depth;
	}
	if (depth >= c->closest_depth) {
		c->closest = g;
		c->closest_depth = depth;
	}
	if ((g->access & access) == access && depth >= c->sufficient_depth) {
		c->sufficient = g;
		c->sufficient_depth = depth;
	}
}

static struct plan_answer
decide(const struct plan *p, const char *path, unsigned int access, const struct coverage *c)
{
	struct plan_answer answer = { .reason = PLAN_REASON_NOT_GRANTED, .grant = c->closest };

	for (size_t i = 0; i < plan_count(p, PLAN_SEC_DENIES); i++) {
		const struct plan_deny *d = plan_deny_at(p, i);

		/* Both lie above the path, so the deeper one is at or below the other. */
		if (deny_depth(p, d, path) > c->closest_depth) {
			answer.reason = PLAN_REASON_SENSITIVE;
			answer.deny = d;
			return answer;
		}
	}
	if (!c->closest)
		return answer;
	if (p->settings->namespaces >= PLAN_NAMESPACES_FULL && (access & PLAN_WRITE) &&
	    c->narrowing_depth > c->writing_depth) {
		answer.reason = PLAN_REASON_INSUFFICIENT;
		answer.grant = c->narrowing;
		return answer;
	}
	answer.allowed = (c->have & access) == access;
	answer.reason = answer.allowed ? PLAN_REASON_GRANTED : PLAN_REASON_INSUFFICIENT;
	if (c->sufficient)
		answer.grant = c->sufficient;
	return answer;
}

static bool
is_question(const char *path, unsigned int access)
{
	return plan_path_is_normal(path) && access != 0 && !(access & ~(unsigned int)ACCESS_ALL);
}

struct plan_answer
plan_query_path(const struct plan *p, const char *path, unsigned int access)
{
	struct coverage c = { 0 };

	if (!is_question(path, access))
		return (struct plan_answer){ .reason = PLAN_REASON_NOT_GRANTED };
	for (size_t i = 0; i < plan_count(p, PLAN_SEC_GRANTS); i++) {
		const struct plan_grant *g = plan_grant_at(p, i);

		coverage_add(&c, g, grant_depth(p, g, path), access);
	}
	return decide(p, path, access, &c);
}

struct plan_answer
plan_query_object(const struct plan *p, const struct plan_object *o, unsigned int access)
{
	struct coverage c = { 0 };
	size_t depth;

	if (!is_question(o->path, access))
		return (struct plan_answer){ .reason = PLAN_REASON_NOT_GRANTED };
	depth = path_depth(o->path);
	if (o->missing > depth)
		return (struct plan_answer){ .reason = PLAN_REASON_NOT_GRANTED };
	for (size_t i = 0; i < plan_count(p, PLAN_SEC_GRANTS); i++)
		coverage_add(&c, plan_grant_at(p, i), object_depth(p, i, o, depth), access);
	return decide(p, o->path, access, &c);
}

static bool
port_is_listed(const struct plan *p, unsigned int port, enum plan_port_use use)
{
	for (size_t i = 0; i < plan_count(p, PLAN_SEC_PORTS); i++) {
		const struct plan_port *q = plan_port_at(p, i);

		if (q->port == port && (q->use == use || q->use == PLAN_PORT_LOCALHOST))
			return true;
	}
	return false;
}

static struct plan_answer
query_port(const struct plan *p, unsigned int port, enum plan_port_use use)
{
	struct plan_answer answer = { .reason = PLAN_REASON_PORT_NOT_LISTED };

	if (port > UINT16_MAX)
		return answer;
	answer.allowed = p->settings->net == PLAN_NET_ALLOWED || port_is_listed(p, port, use);
	if (answer.allowed)
		answer.reason = PLAN_REASON_GRANTED;
	else if (p->settings->net == PLAN_NET_BLOCKED)
		answer.reason = PLAN_REASON_NET_BLOCKED;
	return answer;
}

struct plan_answer
plan_query_connect(const struct plan *p, unsigned int port)
{
	return query_port(p, port, PLAN_PORT_CONNECT);
}

struct plan_answer
plan_query_bind(const struct plan *p, unsigned int port)
{
	return query_port(p, port, PLAN_PORT_BIND);
}

bool
plan_binds_ports(const struct plan *p)
{
	if (p->settings->net == PLAN_NET_ALLOWED)
		return true;
	for (size_t i = 0; i < plan_count(p, PLAN_SEC_PORTS); i++)
		if (plan_port_at(p, i)->use != PLAN_PORT_CONNECT)
			return true;
	return false;
}

static bool
socket_matches(const struct plan *p, const struct plan_socket *s, const char *path)
{
	const char *rest;

	if (depth_above(plan_string(p, s->resolved), path, &rest) == 0)
		return false;
	switch ((enum plan_socket_scope)s->scope) {
	case PLAN_SOCKET_FILE:
		return *rest == '\0';
	case PLAN_SOCKET_CHILDREN:
		return *rest == '/' && !strchr(rest + 1, '/');
	case PLAN_SOCKET_SUBTREE:
		return *rest == '/';
	}
	return false;
}

struct plan_answer
plan_query_socket(const struct plan *p, const char *path, bool bind)
{
	struct plan_answer answer = { .reason = PLAN_REASON_NOT_GRANTED };

	if (!plan_path_is_normal(path))
		return answer;
	for (size_t i = 0; i < plan_count(p, PLAN_SEC_SOCKETS); i++) {
		const struct plan_socket *s = plan_socket_at(p, i);

		if (!socket_matches(p, s, path))
			continue;
		answer.socket = s;
		if (!bind || s->mode == PLAN_SOCKET_CONNECT_BIND) {
			answer.allowed = true;
			answer.reason = PLAN_REASON_GRANTED;
			return answer;
		}
		answer.reason = PLAN_REASON_INSUFFICIENT;
	}
	return answer;
}

struct plan_answer
plan_query_command(const struct plan *p, const char *basename)
{
	struct plan_answer answer = { .allowed = true, .reason = PLAN_REASON_GRANTED };

	for (size_t i = 0; i < plan_count(p, PLAN_SEC_COMMANDS); i++) {
		const struct plan_command *c = plan_command_at(p, i);

		if (!str_equal(plan_string(p, c->name), basename))
			continue;
		if (c->rule == PLAN_COMMAND_ALLOW) {
			answer.allowed = true;
			answer.reason = PLAN_REASON_GRANTED;
			answer.command = c;
			return answer;
		}
		if (!answer.command) {
			answer.allowed = false;
			answer.reason = PLAN_REASON_COMMAND_BLOCKED;
			answer.command = c;
		}
	}
	return answer;
}

/* Take the next component; false at the end. */
static bool
next_component(const char **path, const char **ret, size_t *ret_n)
{
	*ret = skip_empty(*path);
	*ret_n = strcspn(*ret, "/");
	*path = *ret + *ret_n;
	return *ret_n > 0;
}

enum plan_alias
plan_alias_of(const char *original, unsigned int access)
{
	static const struct {
		const char *name;
		enum plan_alias alias;
	} devices[] = {
		{ "stdin", PLAN_ALIAS_STDIN },
		{ "stdout", PLAN_ALIAS_STDOUT },
		{ "stderr", PLAN_ALIAS_STDERR },
		{ "pts", PLAN_ALIAS_OWN_TTY },
	};
	const char *path = original, *top, *name, *below;
	size_t top_n, name_n, below_n;
	bool exact;

	/* "/dev", "/proc", and either in a longer spelling: most grants begin otherwise. */
	if (original[0] != '/' || !strchr("dp/.", original[1]) ||
	    !next_component(&path, &top, &top_n) || !next_component(&path, &name, &name_n))
		return PLAN_ALIAS_NONE;
	exact = !next_component(&path, &below, &below_n);
	if (is_component(top, top_n, "proc")) {
		if (is_component(name, name_n, "self"))
			return exact && access == PLAN_READ ? PLAN_ALIAS_PROC : PLAN_ALIAS_CHILD;
		if (is_component(name, name_n, "thread-self"))
			return PLAN_ALIAS_CHILD;
		return PLAN_ALIAS_NONE;
	}
	if (!is_component(top, top_n, "dev"))
		return PLAN_ALIAS_NONE;
	if (is_component(name, name_n, "fd"))
		return PLAN_ALIAS_CHILD;
	for (size_t i = 0; exact && i < ARRAY_LEN(devices); i++)
		if (is_component(name, name_n, devices[i].name))
			return devices[i].alias;
	return PLAN_ALIAS_NONE;
}
