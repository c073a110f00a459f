/*
 * The state file of this session. It is believed only where and as a launch writes it, and read
 * strictly; what it says is information for the program that reads it, and never more.
 */
#include "cli/state.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/env.h"
#include "launch/launch.h"
#include "profiles/json.h"
#include "profiles/pool.h"

struct reader {
	struct plan_builder *b;
	struct policy_notes *notes;
	const struct node *root;
	struct err *e;
};

/* ---- the file ---- */

static int
refuse(struct err *e, const char *path, const char *reason)
{
	return err_set(e, -EPERM,
		       "SECURITY: NONO_CAP_FILE validation failed: '%s' %s; ask outside of the "
		       "sandbox instead, with the options of the session",
		       path, reason);
}

/* Is the file below this directory, which may be missing? `below`: a part to append, or "". */
static bool
lies_in(const char *file, const char *directory, const char *below)
{
	autobuf struct buf joined = BUF_INIT, canonical = BUF_INIT;

	if (!directory || directory[0] != '/')
		return false;
	if (buf_addf(&joined, "%s%s", directory, below) < 0 ||
	    path_canonical(&canonical, "/", joined.p) < 0)
		return false;
	return path_is_inside(file, canonical.p);
}

static bool
is_in_place(const char *file, char *const *environment)
{
	const char *temp = env_get(environment, "TMPDIR");

	return lies_in(file, "/tmp", "") || lies_in(file, temp, "") ||
	       lies_in(file, env_get(environment, "XDG_RUNTIME_DIR"), "/nono") ||
	       lies_in(file, env_get(environment, "XDG_STATE_HOME"), "/nono") ||
	       lies_in(file, env_get(environment, "HOME"), "/.local/state/nono");
}

static int
read_file(struct buf *text, const char *path, char *const *environment, struct err *e)
{
	autobuf struct buf canonical = BUF_INIT;
	autofd int fd = -1;
	const char *name;
	struct stat st;
	int r;

	if (path[0] != '/')
		return refuse(e, path, "is not absolute");
	if (str_equal(path, "/dev/null"))
		return refuse(e, path, "says that this session has no state file");
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1 || path_of_fd(&canonical, fd) < 0)
		return refuse(e, path, "cannot be opened");
	name = path_basename(canonical.p);
	if (!S_ISREG(st.st_mode))
		return refuse(e, path, "is not a file");
	if (!str_starts_with(name, ".nono-") || !str_ends_with(name, ".json"))
		return refuse(e, path, "has not the name of a state file");
	if (st.st_uid != geteuid() || (st.st_mode & 022))
		return refuse(e, path, "belongs to another user, or others may write it");
	if (!is_in_place(canonical.p, environment))
		return refuse(e, path, "is not where state files are written");
	r = buf_read_fd(text, fd, JSON_BYTES_MAX);
	if (r == -EFBIG)
		return refuse(e, path, "is larger than 1 MiB");
	return r < 0 ? refuse(e, path, "cannot be read") : 0;
}

/* ---- contents ---- */

static int
malformed(const struct reader *r, const char *what)
{
	return err_set(r->e, -EBADMSG,
		       "SECURITY: NONO_CAP_FILE validation failed: '%s' is missing or malformed",
		       what);
}

static int
note(struct reader *r, const char *fmt, const char *path)
{
	struct policy_notes *n = r->notes;
	autobuf struct buf text = BUF_INIT;

	if (buf_addf(&text, fmt, path) < 0 ||
	    mem_grow((void **)&n->item, &n->capacity, n->count, sizeof(*n->item)) < 0)
		return -ENOMEM;
	n->item[n->count].kind = POLICY_NOTE_WARNING;
	n->item[n->count].text = buf_take(&text);
	return n->item[n->count].text ? (n->count++, 0) : -ENOMEM;
}

static unsigned int
access_of(const struct node *n)
{
	static const struct {
		const char *word;
		unsigned int access;
	} words[] = {
		{ "read", PLAN_READ },
		{ "write", PLAN_WRITE },
		{ "readwrite", PLAN_READ | PLAN_WRITE },
		{ "read+write", PLAN_READ | PLAN_WRITE },
	};
	const char *text = node_text(n, "");

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_equal(text, words[i].word))
			return words[i].access;
	return 0;
}

/* 0 when it is none. */
static unsigned int
source_of(const char *text, const char **ret_name)
{
	*ret_name = "";
	if (str_starts_with(text, "group:")) {
		*ret_name = text + 6;
		return PLAN_SOURCE_GROUP;
	}
	return str_equal(text, "user")	    ? PLAN_SOURCE_USER
	       : str_equal(text, "profile") ? PLAN_SOURCE_PROFILE
	       : str_equal(text, "system")  ? PLAN_SOURCE_SYSTEM
					    : 0;
}

/*
 * Does the name still lead to what was granted? The rule belongs to the object: one that was
 * removed is granted no more, and another one in its place is not.
 */
static bool
is_still_there(const struct plan_grant *g, const char *path)
{
	autobuf struct buf canonical = BUF_INIT;
	struct stat st;

	if (stat(path, &st) == -1)
		return false;
	/* Paths of groups are written as the group has them, and may be links. */
	if (g->source == PLAN_SOURCE_GROUP || path_canonical(&canonical, "/", path) < 0)
		return true;
	return str_equal(canonical.p, path);
}

static int
read_grant(struct reader *r, const struct node *n)
{
	const char *original = node_text(node_find(n, "original"), "");
	const char *path = node_text(node_find(n, "path"), node_text(node_find(n, "resolved"), ""));
	const char *source = node_text(node_find(n, "source"), "user"), *name;
	struct plan_grant g = { .access = (uint8_t)access_of(node_find(n, "access")) };

	g.source = (uint8_t)source_of(source, &name);
	g.kind = node_is_true(node_find(n, "is_file")) ? PLAN_KIND_FILE : PLAN_KIND_DIR;
	if (path[0] != '/' || !*original || !g.access || !g.source ||
	    !node_is(node_find(n, "is_file"), NODE_BOOL))
		return malformed(r, "fs");
	g.alias = (uint8_t)plan_alias_of(original, g.access);
	if (g.alias == PLAN_ALIAS_NONE && !is_still_there(&g, path))
		return note(r, "the granted '%s' is gone, or something else has taken its place",
			    path);
	/* The image takes canonical paths only; a link is looked up as it is written. */
	if (plan_build_string(r->b, g.source == PLAN_SOURCE_GROUP ? path : original, &g.original) ||
	    plan_build_string(r->b, g.source == PLAN_SOURCE_GROUP ? "" : path, &g.resolved) ||
	    plan_build_string(r->b, name, &g.source_name))
		return -ENOMEM;
	if (g.source == PLAN_SOURCE_GROUP) {
		g.kind = PLAN_KIND_ANY;
		g.flags = PLAN_GRANT_OPTIONAL;
	}
	return plan_build_grant(r->b, &g);
}

static int
add_deny(struct reader *r, const char *path, const char *resolved, const char *group)
{
	struct plan_deny d = { .flags = 0 };

	if (path[0] != '/' || resolved[0] != '/')
		return malformed(r, "denied_paths");
	if (plan_build_string(r->b, path, &d.literal) ||
	    plan_build_string(r->b, resolved, &d.resolved) ||
	    plan_build_string(r->b, group, &d.group))
		return -ENOMEM;
	return plan_build_deny(r->b, &d);
}

/* One path, or those of a group below one directory (launch/statefile.c). */
static int
read_deny(struct reader *r, const struct node *n)
{
	const char *group = node_text(node_find(n, "group"), "");
	const char *under = node_text(node_find(n, "under"), "");
	const char *path = node_text(node_find(n, "path"), "");
	const struct node *paths = node_find(n, "paths");
	autobuf struct buf whole = BUF_INIT;

	if (!paths)
		return add_deny(r, path, node_text(node_find(n, "resolved"), path), group);
	if (paths->kind != NODE_ARRAY)
		return malformed(r, "denied_paths");
	for (const struct node *p = paths->first; p; p = p->next) {
		const char *name = node_text(p, "");
		int result;

		if (name[0] != '/')
			return malformed(r, "denied_paths");
		buf_reset(&whole);
		if (buf_addf(&whole, "%s%s", under, name) < 0)
			return -ENOMEM;
		result = add_deny(r, buf_str(&whole), buf_str(&whole), group);
		if (result < 0)
			return result;
	}
	return 0;
}

static int
read_socket(struct reader *r, const struct node *n)
{
	const char *resolved = node_text(node_find(n, "resolved"), "");
	const char *scope = node_text(node_find(n, "scope"), "file");
	const char *mode = node_text(node_find(n, "mode"), "");
	struct plan_socket s = { .source = PLAN_SOURCE_USER };

	if (node_is_true(node_find(n, "is_directory")))
		scope = "dir_children";
	s.scope = str_equal(scope, "file")	     ? PLAN_SOCKET_FILE
		  : str_equal(scope, "dir_children") ? PLAN_SOCKET_CHILDREN
		  : str_equal(scope, "dir_subtree")  ? PLAN_SOCKET_SUBTREE
						     : 0;
	s.mode = str_equal(mode, "connect")	   ? PLAN_SOCKET_CONNECT
		 : str_equal(mode, "connect+bind") ? PLAN_SOCKET_CONNECT_BIND
						   : 0;
	if (resolved[0] != '/' || !s.scope || !s.mode)
		return malformed(r, "unix_sockets");
	if (plan_build_string(r->b, node_text(node_find(n, "original"), resolved), &s.original) ||
	    plan_build_string(r->b, resolved, &s.resolved))
		return -ENOMEM;
	return plan_build_socket(r->b, &s);
}

typedef int read_item_fn(struct reader *r, const struct node *n);

static int
read_list(struct reader *r, const char *key, bool required, read_item_fn *item)
{
	const struct node *list = node_find(r->root, key);
	int e = 0;

	if (!list && !required)
		return 0;
	if (!node_is(list, NODE_ARRAY))
		return malformed(r, key);
	for (const struct node *n = node_first(list); n && e == 0; n = n->next)
		e = node_is(n, NODE_OBJECT) ? item(r, n) : malformed(r, key);
	return e;
}

static int
read_commands(struct reader *r, const char *key, enum plan_command_rule rule)
{
	const struct node *list = node_find(r->root, key);
	int e = 0;

	if (!node_is(list, NODE_ARRAY))
		return malformed(r, key);
	for (const struct node *n = node_first(list); n && e == 0; n = n->next) {
		const char *name = node_text(n, "");

		if (!*name || strchr(name, '/'))
			return malformed(r, key);
		e = plan_build_command(r->b, name, "policy of the session", rule);
	}
	return e;
}

static int
read_ports(struct reader *r, const char *key, enum plan_port_use use)
{
	const struct node *list = node_at(r->root, key);
	int64_t port;
	int e = 0;

	if (list && !node_is(list, NODE_ARRAY))
		return malformed(r, key);
	for (const struct node *n = node_first(list); n && e == 0; n = n->next)
		e = node_integer(n, 0, UINT16_MAX, &port)
			    ? plan_build_port(r->b, (unsigned int)port, use)
			    : malformed(r, key);
	return e;
}

static int
read_network(struct reader *r)
{
	const struct node *blocked = node_find(r->root, "net_blocked");
	const char *mode = node_text(node_at(r->root, "network.mode"),
				     node_is_true(blocked) ? "blocked" : "allowed");
	int e;

	if (!node_is(blocked, NODE_BOOL))
		return malformed(r, "net_blocked");
	r->b->settings.net = str_equal(mode, "allowed")	  ? PLAN_NET_ALLOWED
			     : str_equal(mode, "blocked") ? PLAN_NET_BLOCKED
			     : str_equal(mode, "ports")	  ? PLAN_NET_PORTS
							  : 0;
	if (!r->b->settings.net)
		return malformed(r, "network.mode");
	if ((e = read_ports(r, "network.bind_ports", PLAN_PORT_BIND)) < 0 ||
	    (e = read_ports(r, "network.connect_ports", PLAN_PORT_CONNECT)) < 0)
		return e;
	return read_ports(r, "network.localhost_ports", PLAN_PORT_LOCALHOST);
}

static int
read_modes(struct reader *r, struct state *ret)
{
	const char *signals = node_text(node_at(r->root, "modes.signal"), "isolated");
	int64_t abi = 0;

	r->b->settings.signal_mode = str_equal(signals, "isolated")		? PLAN_ISOLATED
				     : str_equal(signals, "allow_same_sandbox") ? PLAN_SAME_SANDBOX
				     : str_equal(signals, "allow_all")		? PLAN_ALLOW_ALL
										: 0;
	if (!r->b->settings.signal_mode)
		return malformed(r, "modes.signal");
	if (str_equal(node_text(node_at(r->root, "modes.ipc"), ""), "full"))
		r->b->settings.flags |= PLAN_IPC_FULL;
	if (str_equal(node_text(node_at(r->root, "modes.terminals"), ""), "all"))
		r->b->settings.flags |= PLAN_PTY_ALL;
	if (!node_integer(node_find(r->root, "abi"), 1, LANDLOCK_ABI_MAX, &abi))
		return malformed(r, "abi");
	ret->landlock_abi = (int)abi;
	return 0;
}

/* What a plan must have, and no answer depends on. */
static int
fill_settings(struct plan_builder *b)
{
	struct plan_settings *s = &b->settings;
	struct plan_ref root, none;

	s->mode = PLAN_MODE_RUN;
	s->flags |= PLAN_NO_AUDIT;
	s->uid = geteuid();
	if (plan_build_string(b, "/", &root) < 0 || plan_build_string(b, "", &none) < 0 ||
	    plan_build_string(b, "0000000000000000", &s->session_id) < 0 ||
	    plan_build_argument(b, "nono") < 0)
		return -ENOMEM;
	s->program = s->start_directory = s->temp_parent = s->home = s->workdir = root;
	s->state_directory = none;
	return 0;
}

int
state_parse(struct plan_builder *b, struct state *ret, struct slice text, const char *path,
	    struct policy_notes *notes, struct err *e)
{
	struct reader r = { .b = b, .notes = notes, .e = e };
	struct pool pool = { NULL };
	struct err reason = ERR_INIT;
	struct node *root = NULL;
	int result;

	if (json_parse(&root, &pool, text, NULL, JSON_PLAIN, NULL, &reason) < 0) {
		pool_clear(&pool);
		return refuse(e, path, reason.text);
	}
	r.root = root;
	if ((result = fill_settings(b)) == 0 &&
	    (result = read_list(&r, "fs", true, read_grant)) == 0 &&
	    (result = read_list(&r, "denied_paths", false, read_deny)) == 0 &&
	    (result = read_list(&r, "unix_sockets", false, read_socket)) == 0 &&
	    (result = read_network(&r)) == 0 &&
	    (result = read_commands(&r, "allowed_commands", PLAN_COMMAND_ALLOW)) == 0 &&
	    (result = read_commands(&r, "blocked_commands", PLAN_COMMAND_BLOCK)) == 0)
		result = read_modes(&r, ret);
	pool_clear(&pool);
	if (result < 0 && e->code == 0)
		return err_set_errno(e, result, "cannot use the state file '%s'", path);
	return result;
}

int
state_read(struct plan_builder *b, struct state *ret, const char *path, char *const *environment,
	   struct policy_notes *notes, struct err *e)
{
	autobuf struct buf text = BUF_INIT;
	int r = read_file(&text, path, environment, e);

	return r < 0 ? r : state_parse(b, ret, (struct slice){ text.p, text.n }, path, notes, e);
}
