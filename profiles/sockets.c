/*
 * Grants of UNIX domain sockets (spec 02 2.6) and the file system grants they imply. A socket
 * grant and its file system grant are added together or not at all.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/internal.h"
#include "profiles/profile.h"

static unsigned int
implied_access(const struct socket_rule *rule)
{
	return rule->mode == PLAN_SOCKET_CONNECT ? PLAN_READ : PLAN_READ | PLAN_WRITE;
}

static bool
is_profile(const struct socket_rule *rule)
{
	return rule->source == PLAN_SOURCE_PROFILE;
}

static const char *
source_text(const struct socket_rule *rule)
{
	return is_profile(rule) ? "profile" : "CLI";
}

/* The file system grant that a socket grant implies. */
static int
add_implied(struct assembly *a, const struct socket_rule *rule, const char *path,
	    enum plan_kind kind, const struct object *o, struct err *e)
{
	unsigned int access = implied_access(rule);
	int r = grant_add_object(a, is_profile(rule) ? NULL : rule->flag, path, access, kind,
				 rule->source, o, e);

	if (r == 0 && is_profile(rule))
		a->grants[a->grants_count - 1].source_name = a->rq->profile->name;
	return r;
}

/* Whoever asks, both modes make connect+bind (spec 02 2.6). */
static int
add_socket(struct assembly *a, const struct socket_rule *rule, const char *original,
	   const char *resolved, struct err *e)
{
	struct socket_grant *s;

	for (size_t i = 0; i < a->sockets_count; i++) {
		s = &a->sockets[i];
		if (s->scope != rule->scope || !str_equal(s->resolved, resolved))
			continue;
		if (rule->mode == PLAN_SOCKET_CONNECT_BIND)
			s->mode = PLAN_SOCKET_CONNECT_BIND;
		return 0;
	}
	if (mem_grow((void **)&a->sockets, &a->sockets_cap, a->sockets_count, sizeof(*s)) < 0)
		return err_memory(e);
	a->sockets[a->sockets_count++] = (struct socket_grant){
		.flag = rule->flag,
		.original = original,
		.resolved = resolved,
		.source_name = is_profile(rule) ? a->rq->profile->name : "",
		.scope = rule->scope,
		.mode = rule->mode,
		.source = rule->source,
	};
	return 0;
}

static int
err_open(struct err *e, int r, const struct socket_rule *rule, const char *path)
{
	if (r == -ENOMEM)
		return err_memory(e);
	return err_set_errno(e, r,
			     "Failed to canonicalize path %s (check it and its parents, or remove "
			     "%s)",
			     path, rule->flag);
}

static int
note_skipped(struct assembly *a, const struct socket_rule *rule, const char *path, struct err *e)
{
	int r = note_add(a, POLICY_NOTE_INFO,
			 "profile: filesystem.%s '%s' is skipped: it does not exist", rule->flag,
			 path);

	return r < 0 ? err_memory(e) : 0;
}

/* A socket that will be made: its directory must exist and becomes writable. */
static int
add_future_socket(struct assembly *a, const struct socket_rule *rule, const char *path,
		  struct err *e)
{
	const char *leaf = path_basename(path);
	autofree char *parent = mem_memdup0(path, (size_t)(leaf - path));
	autobuf struct buf name = BUF_INIT;
	const char *dir, *resolved;
	struct object o;
	int r;

	if (!parent || !(dir = pool_strdup(&a->pool, *parent ? parent : ".")))
		return err_memory(e);
	if (!*leaf || str_equal(leaf, ".") || str_equal(leaf, ".."))
		return err_set(e, -EINVAL,
			       "Expected a file but got a directory: %s; name the "
			       "socket itself after %s",
			       path, rule->flag);
	r = roots_check_request(a, dir, source_text(rule), implied_access(rule), true, e);
	if (r < 0)
		return r;
	r = object_open(a, dir, &o);
	if (errno_is_missing(r) && is_profile(rule))
		return note_skipped(a, rule, path, e);
	if (errno_is_missing(r))
		return err_set(e, r,
			       "Path does not exist: %s; create the directory before it is "
			       "given to %s",
			       dir, rule->flag);
	if (r < 0)
		return err_open(e, r, rule, dir);
	if (o.type != S_IFDIR)
		r = err_set(e, -ENOTDIR,
			    "Expected a directory but got a file: %s; give %s a path "
			    "in a directory",
			    dir, rule->flag);
	else if (path_join(&name, o.name, leaf) < 0 || !(resolved = pool_take(&a->pool, &name)))
		r = err_memory(e);
	else if ((r = add_socket(a, rule, path, resolved, e)) == 0)
		r = add_implied(a, rule, dir, PLAN_KIND_DIR, &o, e);
	o.fd = fd_close(o.fd);
	return r;
}

static int
missing_socket(struct assembly *a, const struct socket_rule *rule, const char *path, struct err *e)
{
	struct stat st;
	int r;

	if (rule->scope == PLAN_SOCKET_FILE && rule->mode == PLAN_SOCKET_CONNECT_BIND) {
		/* bind(2) follows the link and would make the socket at its target. */
		if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
			return err_set(e, -ELOOP,
				       "%s rejects dangling symlink '%s': the socket would be made "
				       "at its target; name the target instead",
				       rule->flag, path);
		return add_future_socket(a, rule, path, e);
	}
	if (is_profile(rule))
		return note_skipped(a, rule, path, e);
	if (a->rq->strict_paths)
		return err_set(e, -ENOENT,
			       "Path does not exist: %s; create it or remove %s (--strict-paths "
			       "allows no skipped grant)",
			       path, rule->flag);
	r = note_add(a, rule->scope == PLAN_SOCKET_FILE ? POLICY_NOTE_INFO : POLICY_NOTE_WARNING,
		     "%s '%s' does not exist and will be ignored.", rule->flag, path);
	return r < 0 ? err_memory(e) : 0;
}

static int
check_object(const struct socket_rule *rule, const char *path, const struct object *o,
	     struct err *e)
{
	bool directory = o->type == S_IFDIR;

	if (rule->scope == PLAN_SOCKET_FILE && directory)
		return err_set(e, -EISDIR,
			       "Expected a file but got a directory: %s; use "
			       "--allow-unix-socket-dir for directories",
			       path);
	if (rule->scope != PLAN_SOCKET_FILE && !directory)
		return err_set(e, -ENOTDIR,
			       "Expected a directory but got a file: %s; use --allow-unix-socket "
			       "for one socket",
			       path);
	if (rule->scope != PLAN_SOCKET_FILE && str_equal(o->name, "/"))
		return err_set(e, -EINVAL,
			       "unix socket directory grant at filesystem root is not permitted; "
			       "name the directory of the socket after %s",
			       rule->flag);
	return 0;
}

int
socket_add_path(struct assembly *a, const struct socket_rule *rule, const char *path, struct err *e)
{
	enum plan_kind kind = rule->scope == PLAN_SOCKET_FILE ? PLAN_KIND_FILE : PLAN_KIND_DIR;
	struct object o;
	int r;

	if (!*path)
		return err_set_exit(e, EXIT_USAGE, -EINVAL,
				    "invalid value '' for %s: a path is needed", rule->flag);
	r = roots_check_request(a, path, source_text(rule), implied_access(rule),
				kind == PLAN_KIND_DIR, e);
	if (r < 0)
		return r;
	r = object_open(a, path, &o);
	if (errno_is_missing(r))
		return missing_socket(a, rule, path, e);
	if (r < 0)
		return err_open(e, r, rule, path);
	r = check_object(rule, path, &o, e);
	if (r == 0)
		r = add_socket(a, rule, path, o.name, e);
	if (r == 0)
		r = add_implied(a, rule, path, kind, &o, e);
	o.fd = fd_close(o.fd);
	return r;
}

bool
sockets_requested(const struct policy_request *rq)
{
	return rq->socket_connect.count || rq->socket_bind.count || rq->socket_dir.count ||
	       rq->socket_dir_bind.count || rq->socket_subtree.count ||
	       rq->socket_subtree_bind.count;
}

int
sockets_add_flags(struct assembly *a, struct err *e)
{
	const struct policy_request *rq = a->rq;
	const struct {
		struct socket_rule rule;
		const struct words *words;
	} flags[] = {
		{ { "--allow-unix-socket", PLAN_SOCKET_FILE, PLAN_SOCKET_CONNECT,
		    PLAN_SOURCE_USER },
		  &rq->socket_connect },
		{ { "--allow-unix-socket-bind", PLAN_SOCKET_FILE, PLAN_SOCKET_CONNECT_BIND,
		    PLAN_SOURCE_USER },
		  &rq->socket_bind },
		{ { "--allow-unix-socket-dir", PLAN_SOCKET_CHILDREN, PLAN_SOCKET_CONNECT,
		    PLAN_SOURCE_USER },
		  &rq->socket_dir },
		{ { "--allow-unix-socket-dir-bind", PLAN_SOCKET_CHILDREN, PLAN_SOCKET_CONNECT_BIND,
		    PLAN_SOURCE_USER },
		  &rq->socket_dir_bind },
		{ { "--allow-unix-socket-subtree", PLAN_SOCKET_SUBTREE, PLAN_SOCKET_CONNECT,
		    PLAN_SOURCE_USER },
		  &rq->socket_subtree },
		{ { "--allow-unix-socket-subtree-bind", PLAN_SOCKET_SUBTREE,
		    PLAN_SOCKET_CONNECT_BIND, PLAN_SOURCE_USER },
		  &rq->socket_subtree_bind },
	};

	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		for (size_t j = 0; j < flags[i].words->count; j++) {
			int r = socket_add_path(a, &flags[i].rule, flags[i].words->item[j], e);

			if (r < 0)
				return r;
		}
	return 0;
}

bool
socket_grant_covers(const struct assembly *a, const char *path)
{
	for (size_t i = 0; i < a->sockets_count; i++) {
		const struct socket_grant *s = &a->sockets[i];
		const char *leaf = path_basename(path);

		if (s->scope == PLAN_SOCKET_FILE ? str_equal(path, s->resolved)
						 : path_is_inside(path, s->resolved)) {
			if (s->scope != PLAN_SOCKET_CHILDREN ||
			    (size_t)(leaf - path) == strlen(s->resolved) + 1)
				return true;
		}
	}
	return false;
}
