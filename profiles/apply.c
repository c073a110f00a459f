/*
 * What a profile adds to a request (spec 03 7.1, steps 2 to 6 and 8): its grants, denies, ports,
 * commands and modes. Only the model is looked at, never the text, so that a program without a JSON
 * library can link it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/internal.h"
#include "profiles/profile.h"

enum { CONFIG_MODE = 0700 };

/* ---- the request ---- */

static int
join_ports(struct assembly *a, struct ports *ports, const char *field)
{
	const struct node *list = profile_get(a->rq->profile, field);
	uint16_t *joined;
	size_t n = 0;

	if (!list || !list->first)
		return 0;
	joined = pool_alloc(&a->pool, (ports->count + list->count) * sizeof(*joined));
	if (!joined)
		return -ENOMEM;
	for (size_t i = 0; i < ports->count; i++)
		joined[n++] = ports->item[i];
	for (const struct node *port = list->first; port; port = port->next)
		joined[n++] = (uint16_t)port->number;
	*ports = (struct ports){ joined, n };
	return 0;
}

int
apply_request(struct assembly *a, struct policy_request *rq, struct err *e)
{
	const struct profile *p = rq->profile;

	if (!rq->block_net && !rq->allow_net && node_is_true(profile_get(p, "network.block"))) {
		rq->block_net = true;
		a->block_field = true;
	}
	if (join_ports(a, &rq->open_ports, "network.open_port") < 0 ||
	    join_ports(a, &rq->listen_ports, "network.listen_port") < 0 ||
	    join_ports(a, &rq->connect_ports, "network.connect_port") < 0)
		return err_memory(e);
	return 0;
}

unsigned int
apply_workdir_access(const struct assembly *a)
{
	const char *access = node_text(profile_get(a->rq->profile, "workdir.access"), "none");

	if (a->rq->manifest)
		return 0;
	if (!a->rq->profile || str_equal(access, "read"))
		return PLAN_READ;
	if (str_equal(access, "write"))
		return PLAN_WRITE;
	return str_equal(access, "readwrite") ? PLAN_READ | PLAN_WRITE : 0;
}

void
apply_settings(const struct assembly *a, struct plan_settings *s)
{
	const struct profile *p = a->rq->profile;
	const char *signals = node_text(profile_get(p, "security.signal_mode"), "isolated");

	s->signal_mode = str_equal(signals, "allow_all")	    ? PLAN_ALLOW_ALL
			 : str_equal(signals, "allow_same_sandbox") ? PLAN_SAME_SANDBOX
								    : PLAN_ISOLATED;
	if (str_equal(node_text(profile_get(p, "security.ipc_mode"), ""), "full"))
		s->flags |= PLAN_IPC_FULL;
	if (str_equal(node_text(profile_get(p, "linux.pty_access"), ""), "all"))
		s->flags |= PLAN_PTY_ALL;
	if (node_is_true(profile_get(p, "linux.allow_device_nodes")))
		s->flags |= PLAN_DEVICE_NODES;
	if (node_is_true(profile_get(p, "linux.compat32")))
		s->flags |= PLAN_COMPAT32;
	if (node_is_true(profile_get(p, "linux.allow_userns")))
		s->flags |= PLAN_ALLOW_USERNS;
	/* Nobody else has that power. */
	if (file_caps_kept(a))
		s->flags |= PLAN_KEEP_FILE_CAPS;
}

/* ---- grants ---- */

struct profile_rule {
	const char *field;
	uint8_t access, kind;
	const char *instead; /* flag for the other kind */
};

/* FILE:LINE:COLUMN of an entry. */
static const char *
place_text(struct assembly *a, const struct node *n)
{
	autobuf struct buf b = BUF_INIT;
	const char *text = NULL;

	if (buf_addf(&b, "%s:%u:%u", n->source ? n->source->path : a->rq->profile->shown, n->line,
		     n->column) == 0)
		text = pool_take(&a->pool, &b);
	return text ? text : a->rq->profile->shown;
}

/*
 * The kind a path is granted as. A preset names what an agent makes, which may be either: there the
 * entry follows the object (spec 03 10.3).
 */
static int
choose_kind(struct assembly *a, const struct profile_rule *rule, const struct node *n,
	    const char *path, const struct object *o, enum plan_kind *ret, struct err *e)
{
	bool directory = o->type == S_IFDIR;
	bool preset = n->source && n->source->kind == PROFILE_FROM_PRESET;

	*ret = directory ? PLAN_KIND_DIR : PLAN_KIND_FILE;
	if (rule->kind == PLAN_KIND_ANY || rule->kind == (uint8_t)*ret || preset)
		return 0;
	if (directory)
		return err_set(e, -EISDIR,
			       "Expected a file but got a directory: %s; filesystem.%s (%s) is for "
			       "files, use %s for directories",
			       path, rule->field, place_text(a, n), rule->instead);
	return err_set(e, -ENOTDIR,
		       "Configuration parse error: Profile path '%s' is not a directory. Use %s "
		       "for single files. (filesystem.%s, %s)",
		       path, rule->instead, rule->field, place_text(a, n));
}

static int
add_opened(struct assembly *a, const struct profile_rule *rule, const struct node *n,
	   const char *path, const struct object *o, struct err *e)
{
	enum plan_kind kind;
	int r;

	if ((r = choose_kind(a, rule, n, path, o, &kind, e)) < 0)
		return r;
	r = grant_add_object(a, NULL, path, rule->access, kind, PLAN_SOURCE_PROFILE, o, e);
	if (r == 0)
		a->grants[a->grants_count - 1].source_name = a->rq->profile->name;
	return r;
}

static int
skip_path(struct assembly *a, const char *field, const char *path, int r, struct err *e)
{
	enum policy_note_kind kind = errno_is_missing(r) || r == -ESTALE ? POLICY_NOTE_INFO
									 : POLICY_NOTE_WARNING;
	int n = note_add(a, kind, "profile: filesystem.%s '%s' is skipped: %s", field, path,
			 errno_is_missing(r) ? "it does not exist" : strerror(-r));

	return n < 0 ? err_memory(e) : 0;
}

static int
add_grant_path(struct assembly *a, const struct profile_rule *rule, const struct node *n,
	       const char *path, struct err *e)
{
	struct object o;
	int r = roots_check_request(a, path, "profile", rule->access, rule->kind != PLAN_KIND_FILE,
				    e);

	if (r < 0)
		return r;
	r = object_open(a, path, &o);
	if (r == -ENOMEM)
		return err_memory(e);
	if (r < 0)
		return skip_path(a, rule->field, path, r, e);
	r = add_opened(a, rule, n, path, &o, e);
	o.fd = fd_close(o.fd);
	return r;
}

/* ---- entries ---- */

typedef int path_fn(struct assembly *a, const void *rule, const struct node *n, const char *path,
		    struct err *e);

static int
each_expanded(struct assembly *a, const char *text, const void *rule, const struct node *n,
	      path_fn *fn, struct err *e)
{
	autobuf struct buf expanded = BUF_INIT;
	const char *path;
	int r = expand_path(&expanded, text, &a->host, 0, e);

	if (r < 0)
		return r;
	path = pool_take(&a->pool, &expanded);
	if (!path)
		return err_memory(e);
	return *path ? fn(a, rule, n, path, e) : 0;
}

/* Every path of a list, with its dynamic tokens and variables replaced. */
static int
each_path(struct assembly *a, const char *field, const void *rule, path_fn *fn, struct err *e)
{
	char dotted[64];
	const struct node *n;

	(void)snprintf(dotted, sizeof(dotted), "filesystem.%s", field);
	for (n = node_first(profile_get(a->rq->profile, dotted)); n; n = n->next) {
		struct paths paths = { 0 };
		int r = token_expand(a, n->text, &paths, e);

		for (size_t i = 0; r == 0 && i < paths.count; i++)
			r = fn(a, rule, n, paths.item[i], e);
		if (r > 0)
			r = each_expanded(a, n->text, rule, n, fn, e);
		mem_free(paths.item);
		if (r < 0)
			return r;
	}
	return 0;
}

static int
on_grant(struct assembly *a, const void *rule, const struct node *n, const char *path,
	 struct err *e)
{
	return add_grant_path(a, rule, n, path, e);
}

int
apply_grants(struct assembly *a, struct err *e)
{
	static const struct profile_rule rules[] = {
		{ "allow", PLAN_READ | PLAN_WRITE, PLAN_KIND_DIR, "--allow-file" },
		{ "read", PLAN_READ, PLAN_KIND_ANY, NULL },
		{ "write", PLAN_WRITE, PLAN_KIND_DIR, "--write-file" },
		{ "allow_file", PLAN_READ | PLAN_WRITE, PLAN_KIND_FILE, "--allow" },
		{ "read_file", PLAN_READ, PLAN_KIND_FILE, "--read" },
		{ "write_file", PLAN_WRITE, PLAN_KIND_FILE, "--write" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		int r = each_path(a, rules[i].field, &rules[i], on_grant, e);

		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- sockets ---- */

static int
on_socket(struct assembly *a, const void *rule, const struct node *n, const char *path,
	  struct err *e)
{
	(void)n;
	return socket_add_path(a, rule, path, e);
}

int
apply_sockets(struct assembly *a, enum plan_net net, struct err *e)
{
	static const struct socket_rule rules[] = {
		{ "unix_socket", PLAN_SOCKET_FILE, PLAN_SOCKET_CONNECT, PLAN_SOURCE_PROFILE },
		{ "unix_socket_bind", PLAN_SOCKET_FILE, PLAN_SOCKET_CONNECT_BIND,
		  PLAN_SOURCE_PROFILE },
		{ "unix_socket_dir", PLAN_SOCKET_CHILDREN, PLAN_SOCKET_CONNECT,
		  PLAN_SOURCE_PROFILE },
		{ "unix_socket_dir_bind", PLAN_SOCKET_CHILDREN, PLAN_SOCKET_CONNECT_BIND,
		  PLAN_SOURCE_PROFILE },
		{ "unix_socket_subtree", PLAN_SOCKET_SUBTREE, PLAN_SOCKET_CONNECT,
		  PLAN_SOURCE_PROFILE },
		{ "unix_socket_subtree_bind", PLAN_SOCKET_SUBTREE, PLAN_SOCKET_CONNECT_BIND,
		  PLAN_SOURCE_PROFILE },
	};
	int r;

	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		char dotted[64];

		(void)snprintf(dotted, sizeof(dotted), "filesystem.%s", rules[i].flag);
		if (!node_first(profile_get(a->rq->profile, dotted)))
			continue;
		/* A restricted network closes all UNIX sockets: the filter knows no paths. */
		if (net != PLAN_NET_ALLOWED) {
			r = note_add(a, POLICY_NOTE_WARNING,
				     "profile: %s has no effect: the network is restricted, which "
				     "closes all UNIX sockets",
				     dotted);
			if (r < 0)
				return err_memory(e);
			continue;
		}
		if ((r = each_path(a, rules[i].flag, &rules[i], on_socket, e)) < 0)
			return r;
	}
	return 0;
}

/* ---- denies and bypasses ---- */

static int
on_deny(struct assembly *a, const void *rule, const struct node *n, const char *path, struct err *e)
{
	autobuf struct buf absolute = BUF_INIT;
	const char *literal;

	(void)rule;
	(void)n;
	if (path_absolute(&absolute, a->host.cwd, path) < 0 ||
	    !(literal = pool_take(&a->pool, &absolute)))
		return err_memory(e);
	return deny_add_profile(a, literal, e);
}

int
apply_denies(struct assembly *a, struct err *e)
{
	return each_path(a, "deny", NULL, on_deny, e);
}

/* Of a missing path nothing can be granted: the deny stays. */
static int
on_bypass(struct assembly *a, const void *rule, const struct node *n, const char *path,
	  struct err *e)
{
	struct stat st;
	int r;

	(void)rule;
	(void)n;
	if (lstat(path, &st) == 0) {
		a->profile_bypasses++;
		return deny_bypass_path(a, path, path, e);
	}
	r = note_add(a, POLICY_NOTE_WARNING,
		     "profile: bypass_protection '%s' is skipped: it does not exist", path);
	return r < 0 ? err_memory(e) : 0;
}

int
apply_bypasses(struct assembly *a, struct err *e)
{
	return each_path(a, "bypass_protection", NULL, on_bypass, e);
}

/* ---- nono's own directories ---- */

/*
 * Landlock can only grant what exists, and a deny below the configuration holds only for what is
 * there: both directories exist before the first rule is made. Failure shows when it matters.
 */
int
apply_make_directories(struct assembly *a, struct err *e)
{
	static const char *const names[] = { "profiles", "profile-drafts" };
	autobuf struct buf root = BUF_INIT, parent = BUF_INIT;
	int r;

	if (a->rq->dry_run)
		return 0;
	if ((r = profile_config_root(&root, a->host.environment, e)) < 0)
		return r;
	if (buf_add(&parent, buf_str(&root), strlen(buf_str(&root)) - strlen("/nono")) < 0)
		return err_memory(e);
	(void)mkdir(buf_str(&parent), CONFIG_MODE);
	(void)mkdir(buf_str(&root), CONFIG_MODE);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		autobuf struct buf path = BUF_INIT;

		if (path_join(&path, buf_str(&root), names[i]) < 0)
			return err_memory(e);
		(void)mkdir(buf_str(&path), CONFIG_MODE);
	}
	return 0;
}

/* ---- the command ---- */

static const char *
expanded(struct assembly *a, struct pool *pool, const char *text, struct err *e)
{
	autobuf struct buf b = BUF_INIT;
	const char *copy;

	if (expand_path(&b, text, &a->host, 0, e) < 0)
		return NULL;
	copy = pool_take(pool, &b);
	if (!copy)
		(void)err_memory(e);
	return copy;
}

/* `binary`: 1 when it takes the place of the command, 0 when not. */
static int
choose_binary(struct assembly *a, struct pool *pool, const char **ret, bool *keep, struct err *e)
{
	const struct profile *p = a->rq->profile;
	const char *binary = node_text(profile_get(p, "binary"), NULL);
	const struct words *given = &a->rq->command;
	int r = 0;

	if (!binary)
		return 0;
	if (!p->is_user) {
		r = note_add(a, POLICY_NOTE_WARNING,
			     "profile '%s' is not one of yours: its binary '%s' is ignored",
			     p->name, binary);
		return r < 0 ? err_memory(e) : 0;
	}
	*ret = expanded(a, pool, binary, e);
	if (!*ret)
		return e->code;
	*keep = given->count > 0 && str_equal(path_basename(given->item[0]), path_basename(binary));
	if (given->count > 0 && !*keep)
		r = note_add(a, POLICY_NOTE_WARNING,
			     "Profile specifies binary '%s'; ignoring trailing command", binary);
	return r < 0 ? err_memory(e) : 1;
}

int
apply_command(struct assembly *a, struct pool *pool, struct words *ret, struct err *e)
{
	const struct node *args = profile_get(a->rq->profile, "command_args");
	const struct words *given = &a->rq->command;
	const char *binary = NULL, **words;
	bool keep = true;
	size_t n = 0;
	int r = choose_binary(a, pool, &binary, &keep, e);

	if (r < 0)
		return r;
	words = pool_alloc(pool, (given->count + (args ? args->count : 0) + 1) * sizeof(*words));
	if (!words)
		return err_memory(e);
	if (binary)
		words[n++] = binary;
	for (size_t i = binary ? 1 : 0; keep && i < given->count; i++)
		words[n++] = given->item[i];
	for (const struct node *arg = n ? node_first(args) : NULL; arg; arg = arg->next)
		if (!(words[n++] = expanded(a, pool, arg->text, e)))
			return e->code;
	*ret = (struct words){ words, n };
	return 0;
}
