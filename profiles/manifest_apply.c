/*
 * What a manifest grants, denies and limits (spec 02 section 21). It is the whole policy of files:
 * no group, no profile and no working directory joins it, but for the denies of required groups
 * where it has none of its own. Only the model is looked at, never the text, so that a program
 * without a JSON library can link it.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/internal.h"
#include "profiles/manifest.h"
#include "profiles/system_policy.h"

enum { PORT_DNS = 53 };

const struct node *
manifest_get(const struct manifest *m, const char *dotted)
{
	return m ? node_at(m->tree, dotted) : NULL;
}

void
manifest_free(struct manifest *m)
{
	if (!m)
		return;
	pool_clear(&m->pool);
	mem_free(m);
}

int
manifest_fail(const struct manifest *m, const struct node *n, int r, struct err *e, const char *fmt,
	      ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(e, r, "Configuration parse error: %s:%u:%u: %s", m->shown, n->line,
		       n->column, text);
}

/* ---- what cannot be done ---- */

static int
fail_later(const struct assembly *a, const char *key, const struct node *n, const char *why,
	   struct err *e)
{
	return manifest_fail(a->rq->manifest, n, -ENOSYS, e,
			     "this version of nono cannot apply %s: %s; remove it to start without",
			     key, why);
}

static int
check_later(const struct assembly *a, struct err *e)
{
	static const struct {
		const char *key, *why;
	} later[] = {
		{ "network.allow_domains", "it has no proxy yet" },
		{ "network.endpoints", "it has no proxy yet" },
		{ "credentials", "it has no proxy yet" },
		{ "rollback.enabled", "it keeps no snapshots yet" },
	};
	const struct manifest *m = a->rq->manifest;
	const struct node *mode = manifest_get(m, "network.mode");

	if (str_equal(node_text(mode, ""), "proxy"))
		return manifest_fail(m, mode, -ENOSYS, e,
				     "this version of nono cannot apply network.mode \"proxy\": it "
				     "has no proxy yet; use \"blocked\" or \"unrestricted\"");
	for (size_t i = 0; i < ARRAY_LEN(later); i++) {
		const struct node *n = manifest_get(m, later[i].key);

		if (node_first(n) || node_is_true(n))
			return fail_later(a, later[i].key, n, later[i].why, e);
	}
	return 0;
}

static bool
has_port(const struct manifest *m, const char *key, int64_t port)
{
	int64_t value;

	for (const struct node *n = node_first(manifest_get(m, key)); n; n = n->next)
		if (node_integer(n, port, port, &value))
			return true;
	return false;
}

/* Names can be looked up where the network is open, and not where it is closed: nothing between. */
static int
check_dns(const struct assembly *a, struct err *e)
{
	const struct manifest *m = a->rq->manifest;
	const struct node *dns = manifest_get(m, "network.dns");
	const char *mode = node_text(manifest_get(m, "network.mode"), "unrestricted");

	if (!dns || dns->truth)
		return 0;
	if (!str_equal(mode, "blocked"))
		return manifest_fail(m, dns, -ENOSYS, e,
				     "this version of nono cannot apply network.dns false in mode "
				     "\"%s\": it cannot close DNS alone; use mode \"blocked\"",
				     mode);
	if (has_port(m, "network.ports.connect", PORT_DNS) ||
	    has_port(m, "network.ports.localhost", PORT_DNS))
		return manifest_fail(m, dns, -EINVAL, e,
				     "network.dns is false, but network.ports opens port 53; "
				     "remove one of the two");
	return 0;
}

/* `monitor` is the default and leaves the choice to the command. */
static int
check_strategy(const struct assembly *a, struct err *e)
{
	const struct manifest *m = a->rq->manifest;
	const struct node *n = manifest_get(m, "process.exec_strategy");
	bool wrap = a->rq->mode == PLAN_MODE_WRAP;

	if (!wrap && str_equal(node_text(n, ""), "direct"))
		return manifest_fail(m, n, -EINVAL, e,
				     "process.exec_strategy \"direct\" leaves no parent behind: "
				     "start it with `nono wrap`");
	if (wrap && str_equal(node_text(n, ""), "supervised"))
		return manifest_fail(
			m, n, -EINVAL, e,
			"process.exec_strategy \"supervised\" needs a parent: start it "
			"with `nono run`");
	return 0;
}

static int
note_process_info(struct assembly *a, struct err *e)
{
	const struct node *n = manifest_get(a->rq->manifest, "process.process_info_mode");

	if (!n || str_equal(n->text, "isolated"))
		return 0;
	if (note_add(a, POLICY_NOTE_WARNING,
		     "%s:%u:%u: process.process_info_mode \"%s\" has no effect: processes outside "
		     "cannot be traced or read in any mode",
		     a->rq->manifest->shown, n->line, n->column, n->text) < 0)
		return err_memory(e);
	return 0;
}

int
manifest_check(struct assembly *a, struct err *e)
{
	int r;

	if ((r = check_later(a, e)) < 0 || (r = check_dns(a, e)) < 0 ||
	    (r = check_strategy(a, e)) < 0)
		return r;
	return note_process_info(a, e);
}

/* ---- the request ---- */

static int
take_ports(struct assembly *a, struct ports *ports, const char *key)
{
	const struct node *list = manifest_get(a->rq->manifest, key);
	uint16_t *item;
	size_t n = 0;

	*ports = (struct ports){ NULL, 0 };
	if (!list || !list->first)
		return 0;
	item = pool_alloc(&a->pool, list->count * sizeof(*item));
	if (!item)
		return -ENOMEM;
	for (const struct node *port = list->first; port; port = port->next)
		item[n++] = (uint16_t)port->number;
	*ports = (struct ports){ item, n };
	return 0;
}

int
manifest_request(struct assembly *a, struct policy_request *rq, struct err *e)
{
	const struct manifest *m = rq->manifest;
	const struct node *memory = manifest_get(m, "resources.memory_bytes");

	rq->block_net = str_equal(node_text(manifest_get(m, "network.mode"), ""), "blocked");
	rq->memory_bytes = memory ? (uint64_t)memory->number : 0;
	if (take_ports(a, &rq->open_ports, "network.ports.localhost") < 0 ||
	    take_ports(a, &rq->listen_ports, "network.ports.bind") < 0 ||
	    take_ports(a, &rq->connect_ports, "network.ports.connect") < 0)
		return err_memory(e);
	return 0;
}

void
manifest_settings(const struct assembly *a, struct plan_settings *s)
{
	const struct manifest *m = a->rq->manifest;
	const char *signals = node_text(manifest_get(m, "process.signal_mode"), "isolated");

	s->signal_mode = str_equal(signals, "allow_all")	    ? PLAN_ALLOW_ALL
			 : str_equal(signals, "allow_same_sandbox") ? PLAN_SAME_SANDBOX
								    : PLAN_ISOLATED;
	s->flags |= PLAN_MANIFEST;
	if (str_equal(node_text(manifest_get(m, "process.ipc_mode"), ""), "full"))
		s->flags |= PLAN_IPC_FULL;
}

/* ---- files ---- */

static const char *
expanded(struct assembly *a, const struct node *path, struct err *e)
{
	autobuf struct buf b = BUF_INIT;
	struct err reason = ERR_INIT;
	const char *copy;
	int r = expand_path(&b, path->text, &a->host, EXPAND_STRICT, &reason);

	if (r < 0) {
		(void)manifest_fail(a->rq->manifest, path, r, e, "%s", reason.text);
		return NULL;
	}
	copy = pool_take(&a->pool, &b);
	if (!copy)
		(void)err_memory(e);
	return copy;
}

static int
fail_open(const struct assembly *a, const struct node *n, const char *path, int r, struct err *e)
{
	const struct manifest *m = a->rq->manifest;

	if (r == -ENOMEM)
		return err_memory(e);
	if (errno_is_missing(r))
		return err_set(e, r,
			       "Path does not exist: %s; create it, or remove the grant (%s:%u:%u)",
			       path, m->shown, n->line, n->column);
	return err_set(e, r,
		       "Failed to canonicalize path %s: %s; check it and its parents, or remove "
		       "the grant (%s:%u:%u)",
		       path, strerror(-r), m->shown, n->line, n->column);
}

static int
check_type(const struct assembly *a, const struct node *n, const char *path, const struct object *o,
	   enum plan_kind kind, struct err *e)
{
	const struct manifest *m = a->rq->manifest;
	bool directory = o->type == S_IFDIR;

	if (directory == (kind == PLAN_KIND_DIR))
		return 0;
	if (directory)
		return err_set(e, -EISDIR,
			       "Expected a file but got a directory: %s; its \"type\" is "
			       "\"directory\" (%s:%u:%u)",
			       path, m->shown, n->line, n->column);
	return err_set(e, -ENOTDIR,
		       "Expected a directory but got a file: %s; its \"type\" is \"file\" "
		       "(%s:%u:%u)",
		       path, m->shown, n->line, n->column);
}

static int
add_grant(struct assembly *a, const struct node *entry, struct err *e)
{
	const struct node *n = node_find(entry, "path");
	const char *access = node_text(node_find(entry, "access"), "");
	const char *type = node_text(node_find(entry, "type"), "directory");
	enum plan_kind kind = str_equal(type, "file") ? PLAN_KIND_FILE : PLAN_KIND_DIR;
	unsigned int rights = (unsigned int)((str_starts_with(access, "read") ? PLAN_READ : 0) |
					     (str_ends_with(access, "write") ? PLAN_WRITE : 0));
	const char *path = expanded(a, n, e);
	struct object o;
	int r;

	if (!path)
		return e->code;
	r = roots_check_request(a, path, "user", rights, kind == PLAN_KIND_DIR, e);
	if (r < 0)
		return r;
	r = object_open(a, path, &o);
	if (r == -ESTALE)
		return grant_add_nameless(a, "the grant", path, rights, kind, e);
	if (r < 0)
		return fail_open(a, n, path, r, e);
	r = check_type(a, n, path, &o, kind, e);
	if (r == 0)
		r = grant_add_object(a, NULL, path, rights, kind, PLAN_SOURCE_USER, &o, e);
	o.fd = fd_close(o.fd);
	return r;
}

static int
add_deny(struct assembly *a, const struct node *entry, struct err *e)
{
	autobuf struct buf absolute = BUF_INIT;
	const char *path = expanded(a, node_find(entry, "path"), e), *literal;

	if (!path)
		return e->code;
	if (path_absolute(&absolute, a->host.cwd, path) < 0 ||
	    !(literal = pool_take(&a->pool, &absolute)))
		return err_memory(e);
	return deny_add_profile(a, literal, e);
}

static int
add_commands(struct assembly *a, const char *key, enum plan_command_rule rule, struct err *e)
{
	const struct node *list = manifest_get(a->rq->manifest, key);

	for (const struct node *n = node_first(list); n; n = n->next)
		if (*path_basename(n->text) &&
		    commands_add(a, path_basename(n->text), "the manifest", rule) < 0)
			return err_memory(e);
	return 0;
}

/*
 * What every profile denies is not given up by leaving it out: only a manifest that says itself
 * what is denied, be it nothing, does without (spec 03 B6).
 */
static int
add_required(struct assembly *a, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < groups_count && r == 0; i++)
		if (groups_table[i].required && groups_table[i].linux_group)
			r = denies_add_group(a, &groups_table[i], e);
	return r;
}

int
manifest_add(struct assembly *a, struct err *e)
{
	const struct node *files = manifest_get(a->rq->manifest, "filesystem");
	int r = 0;

	for (const struct node *n = node_first(node_find(files, "grants")); n && r == 0;
	     n = n->next)
		r = add_grant(a, n, e);
	for (const struct node *n = node_first(node_find(files, "deny")); n && r == 0; n = n->next)
		r = add_deny(a, n, e);
	/* A list of denies that leaves them out would lift them. */
	if (r == 0 && (!node_find(files, "deny") || a->system->forbid_bypass))
		r = add_required(a, e);
	if (r == 0)
		r = add_commands(a, "process.blocked_commands", PLAN_COMMAND_BLOCK, e);
	return r < 0 ? r : add_commands(a, "process.allowed_commands", PLAN_COMMAND_ALLOW, e);
}
