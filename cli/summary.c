/* What the plan grants on this kernel, for people. */
#include "cli/summary.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/hooks.h"
#include "base/size.h"
#include "base/str.h"
#include "cli/machine.h"

#ifndef NONO_VERSION
#define NONO_VERSION "unknown"
#endif

enum { RULE_COLUMNS = 52 };

#define NOTE_INDENT "         "

struct feature {
	int since; /* Landlock ABI */
	const char *name, *effect;
};

static const struct feature features[] = {
	{ LANDLOCK_ABI_REFER, "Refer",
	  "links and renames from one directory to another fail (EXDEV)" },
	{ LANDLOCK_ABI_TRUNCATE, "Truncate",
	  "truncating a file that is not open for writing is refused everywhere" },
	{ LANDLOCK_ABI_NET, "TCP filtering",
	  "no port can be granted; --block-net refuses internet sockets as a whole" },
	{ LANDLOCK_ABI_IOCTL_DEV, "IoctlDev",
	  "device commands (ioctl) on devices that can be opened are not filtered" },
	{ LANDLOCK_ABI_SCOPE, "Scoping",
	  "signals and abstract unix sockets are not confined: the program can signal your other "
	  "processes, nono among them" },
};

const char *
summary_source(unsigned int source)
{
	switch (source) {
	case PLAN_SOURCE_USER:
		return "user";
	case PLAN_SOURCE_PROFILE:
		return "profile";
	case PLAN_SOURCE_GROUP:
		return "group";
	default:
		return "system";
	}
}

const char *
summary_missing(const struct kernel *k, size_t i, const char **ret_effect)
{
	for (size_t f = 0; f < ARRAY_LEN(features); f++)
		if (k->landlock_abi < features[f].since && i-- == 0) {
			*ret_effect = features[f].effect;
			return features[f].name;
		}
	return NULL;
}

const char *
summary_scope(bool requested, const struct kernel *k)
{
	bool supported = k->landlock_abi >= LANDLOCK_ABI_SCOPE;

	if (requested)
		return supported ? "requested, enforced" : "requested, unsupported by detected ABI";
	return supported ? "not requested" : "not requested; detected ABI has no scope support";
}

void
summary_banner(struct out *o)
{
	out_puts(o, "\n  ");
	out_role(o, ROLE_BRAND, true, "nono");
	out_puts(o, " v" NONO_VERSION);
	out_puts(o, hook_is_test_build() ? " (test build)\n" : "\n");
}

/* ---- notes ---- */

void
summary_notes(struct out *o, const struct policy_notes *notes, unsigned int verbosity)
{
	bool titled = false;

	for (size_t i = 0; i < notes->count; i++) {
		const struct policy_note *n = &notes->item[i];

		if (n->kind != POLICY_NOTE_SKIPPED)
			continue;
		if (!titled)
			out_warning(o, "some requested sandbox grants were skipped because the "
				       "path does not exist:");
		titled = true;
		out_puts(o, "    ");
		out_text(o, n->text);
		out_puts(o, "\n");
	}
	for (size_t i = 0; i < notes->count; i++) {
		const struct policy_note *n = &notes->item[i];

		if (n->kind == POLICY_NOTE_WARNING)
			out_warning(o, n->text);
		if (n->kind == POLICY_NOTE_DEPRECATED) {
			out_puts(o, "warning: ");
			out_text(o, n->text);
			out_puts(o, "\n");
		}
		if (n->kind == POLICY_NOTE_NOTICE || (n->kind == POLICY_NOTE_INFO && verbosity)) {
			out_puts(o, "  ");
			out_text(o, n->text);
			out_puts(o, "\n");
		}
	}
}

/* ---- the capability block ---- */

static void
put_rule(struct out *o)
{
	autobuf struct buf rule = BUF_INIT;
	int r = 0;

	for (int i = 0; i < RULE_COLUMNS && r == 0; i++)
		r = buf_adds(&rule, "\xe2\x94\x80");
	out_puts(o, "  ");
	out_role(o, ROLE_OVERLAY, false, buf_str(&rule));
	out_puts(o, "\n");
}

/* A row that stands under a badge: explains it, or says what it does not cover. */
static void
put_note(struct out *o, const char *text)
{
	out_puts(o, NOTE_INDENT);
	out_role(o, ROLE_SUBTEXT, false, text);
	out_puts(o, "\n");
}

/* One path of the plan in the order it is shown. */
struct row {
	const char *path;
	size_t index;
};

static int
compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int r = strcmp(x->path, y->path);

	return r ? r : (x->index > y->index) - (x->index < y->index);
}

static const char *
shown_path(const struct plan *p, struct plan_ref original, struct plan_ref resolved)
{
	return resolved.length ? plan_string(p, resolved) : plan_string(p, original);
}

static void
put_path(struct out *o, const struct plan *p, struct plan_ref original, struct plan_ref resolved)
{
	const char *path = shown_path(p, original, resolved);

	out_puts(o, " ");
	out_text(o, path);
	if (!str_equal(path, plan_string(p, original))) {
		out_puts(o, " (from ");
		out_text(o, plan_string(p, original));
		out_puts(o, ")");
	}
}

static void
put_source(struct out *o, const struct plan *p, unsigned int source, struct plan_ref name)
{
	out_putf(o, " [%s", summary_source(source));
	if (name.length) {
		out_puts(o, " ");
		out_text(o, plan_string(p, name));
	}
	out_puts(o, "]");
}

/* What a group entry is gets decided when it is opened; here it is looked at for display only. */
static const char *
kind_text(const struct plan *p, const struct plan_grant *g)
{
	struct stat st;

	if (g->kind == PLAN_KIND_DIR)
		return " (dir)";
	if (g->kind == PLAN_KIND_FILE)
		return " (file)";
	if (stat(shown_path(p, g->original, g->resolved), &st) == -1)
		return " (missing)";
	return S_ISDIR(st.st_mode) ? " (dir)" : " (file)";
}

static void
put_grant(struct out *o, const struct plan *p, const struct plan_grant *g, bool verbose)
{
	static const enum role role[] = { ROLE_TEXT, ROLE_GREEN, ROLE_YELLOW, ROLE_BRAND };
	static const char *const badge[] = { "     ", "  r  ", "  w  ", " r+w " };
	size_t from = o->text.n;

	out_puts(o, "  ");
	out_badge(o, role[g->access], badge[g->access]);
	put_path(o, p, g->original, g->resolved);
	out_puts(o, kind_text(p, g));
	if (verbose)
		put_source(o, p, g->source, g->source_name);
	out_puts(o, "\n");
	out_cut(o, from);
}

static void
put_grants(struct out *o, const struct plan *p, bool verbose)
{
	size_t n = plan_count(p, PLAN_SEC_GRANTS), shown = 0;
	autofree struct row *rows = mem_calloc(n ? n : 1, sizeof(*rows));

	if (!rows) {
		o->failed = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const struct plan_grant *g = plan_grant_at(p, i);

		if (verbose || g->source == PLAN_SOURCE_USER)
			rows[shown++] = (struct row){ shown_path(p, g->original, g->resolved), i };
	}
	qsort(rows, shown, sizeof(*rows), compare_rows);
	for (size_t i = 0; i < shown; i++)
		put_grant(o, p, plan_grant_at(p, rows[i].index), verbose);
	if (n > shown)
		out_putf(o, "       + %zu system/group paths (-v to show)\n", n - shown);
}

static void
put_socket(struct out *o, const struct plan *p, const struct plan_socket *s, bool verbose)
{
	bool bind = s->mode == PLAN_SOCKET_CONNECT_BIND;
	size_t from = o->text.n;

	out_puts(o, "  ");
	out_badge(o, bind ? ROLE_BRAND : ROLE_GREEN, bind ? "sock+" : "sock ");
	put_path(o, p, s->original, s->resolved);
	if (s->scope == PLAN_SOCKET_CHILDREN)
		out_puts(o, "  (directory grant \xe2\x80\x94 direct child sockets only)");
	if (s->scope == PLAN_SOCKET_SUBTREE)
		out_puts(o, "  (subtree grant \xe2\x80\x94 recursive socket paths)");
	if (verbose)
		put_source(o, p, s->source, s->source_name);
	out_puts(o, "\n");
	out_cut(o, from);
}

static void
put_sockets(struct out *o, const struct plan *p, bool verbose)
{
	size_t n = plan_count(p, PLAN_SEC_SOCKETS), shown = 0;
	autofree struct row *rows = mem_calloc(n ? n : 1, sizeof(*rows));

	if (!rows) {
		o->failed = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const struct plan_socket *s = plan_socket_at(p, i);

		if (verbose || s->source == PLAN_SOURCE_USER)
			rows[shown++] = (struct row){ shown_path(p, s->original, s->resolved), i };
	}
	qsort(rows, shown, sizeof(*rows), compare_rows);
	for (size_t i = 0; i < shown; i++)
		put_socket(o, p, plan_socket_at(p, rows[i].index), verbose);
	if (n > shown)
		out_putf(o, "       + %zu system/group unix sockets (-v to show)\n", n - shown);
}

/* "LABEL1, 2" of the ports with this use; nothing when there is none. */
static size_t
put_ports(struct out *o, const struct plan *p, enum plan_port_use use, const char *label)
{
	size_t n = 0;

	for (size_t i = 0; i < plan_count(p, PLAN_SEC_PORTS); i++) {
		const struct plan_port *port = plan_port_at(p, i);

		if (port->use == use)
			out_putf(o, "%s%u", n++ ? ", " : label, port->port);
	}
	return n;
}

static void
put_network(struct out *o, const struct plan *p)
{
	bool restricted = p->settings->net != PLAN_NET_ALLOWED;
	size_t connect;

	out_puts(o, "  ");
	out_badge(o, restricted ? ROLE_RED : ROLE_GREEN, " net ");
	out_puts(o,
		 p->settings->net == PLAN_NET_BLOCKED ? " outbound blocked" : " outbound allowed");
	connect = put_ports(o, p, PLAN_PORT_CONNECT,
			    p->settings->net == PLAN_NET_BLOCKED ? ", connect: " : " to TCP port ");
	(void)put_ports(o, p, PLAN_PORT_BIND, ", bind: ");
	out_puts(o, p->settings->net == PLAN_NET_PORTS ? " only\n" : "\n");
	if (!restricted) {
		put_note(o, "unix sockets stay reachable, D-Bus and ssh-agent among them; "
			    "--block-net refuses them");
		return;
	}
	put_note(o, "unix sockets to other programs are refused as well, D-Bus among them");
	if (p->settings->net == PLAN_NET_PORTS)
		put_note(o, "UDP is refused, and with it plain DNS");
	if (connect)
		put_note(o, "ports are filtered by number, not by address: they open on any host");
	if (plan_binds_ports(p))
		put_note(o,
			 "a port that the program listens on is reachable from other machines; it "
			 "can also be one that the kernel picks");
}

static void
put_local_ports(struct out *o, const struct plan *p)
{
	bool any = false;

	for (size_t i = 0; i < plan_count(p, PLAN_SEC_PORTS); i++)
		any |= plan_port_at(p, i)->use == PLAN_PORT_LOCALHOST;
	if (!any)
		return;
	out_puts(o, "  ");
	out_badge(o, ROLE_TEAL, " ipc ");
	(void)put_ports(o, p, PLAN_PORT_LOCALHOST, " localhost:");
	out_puts(o, "\n");
	if (p->settings->net != PLAN_NET_ALLOWED)
		put_note(o, "wider than its name: the kernel filters by port, not by address, so "
			    "these ports of any host open too");
}

static void
put_resources(struct out *o, const struct plan_settings *s)
{
	char size[SIZE_TEXT_MAX];

	if (s->memory_bytes) {
		size_show(size, s->memory_bytes);
		out_putf(
			o,
			"  resources memory=%s (hard cap \xe2\x80\x94 above it the kernel kills the "
			"program and everything it started)\n",
			size);
	}
	if (s->max_processes)
		out_putf(o,
			 "  resources max-procs=%llu (hard cap \xe2\x80\x94 no more processes and "
			 "threads at a time)\n",
			 (unsigned long long)s->max_processes);
}

/* ---- the kernel ---- */

static void
put_kernel(struct out *o, const struct kernel *k)
{
	const char *effect = NULL, *name = summary_missing(k, 0, &effect);
	bool wsl2 = machine_is_wsl2();

	if (k->landlock_abi == 0 || (!name && !wsl2))
		return;
	out_puts(o, "  ");
	out_badge(o, ROLE_YELLOW, " kernel ");
	out_putf(o, " Landlock V%d%s\n", k->landlock_abi, wsl2 ? " on WSL2" : "");
	if (name) {
		out_puts(o, "  degraded: ");
		for (size_t i = 0; (name = summary_missing(k, i, &effect)); i++)
			out_putf(o, "%s%s", i ? ", " : "", name);
		out_puts(o, " (upgrade kernel for full support)\n");
	}
	for (size_t i = 0; (name = summary_missing(k, i, &effect)); i++)
		out_putf(o, "    %s: %s\n", name, effect);
	if (wsl2)
		out_puts(o, "  --block-net still works on WSL2\n");
	out_puts(o, "\n");
}

static void
put_scopes(struct out *o, const struct plan *p, const struct kernel *k)
{
	out_puts(o, "  ");
	out_badge(o, ROLE_BLUE, " scope ");
	out_putf(o, " Landlock V%d detected\n", k->landlock_abi);
	out_putf(o, "          signal: %s\n",
		 summary_scope(p->settings->signal_mode != PLAN_ALLOW_ALL, k));
	out_putf(o, "          abstract-unix-socket: %s\n\n",
		 summary_scope(!(p->settings->flags & PLAN_IPC_FULL), k));
}

void
summary_capabilities(struct out *o, const struct plan *p, const struct kernel *k)
{
	bool verbose = p->settings->verbosity > 0;
	const char *workdir = plan_string(p, p->settings->workdir);

	if (o->quiet)
		return;
	out_puts(o, "\n  Capabilities:\n");
	put_rule(o);
	put_resources(o, p->settings);
	put_grants(o, p, verbose);
	put_sockets(o, p, verbose);
	put_network(o, p);
	put_local_ports(o, p);
	put_rule(o);
	out_puts(o, "\n");
	put_kernel(o, k);
	if (verbose)
		put_scopes(o, p, k);
	if (str_equal(plan_string(p, p->settings->start_directory), "/") &&
	    !str_equal(workdir, "/")) {
		out_puts(o, "  the program starts in /, as no grant covers ");
		out_text(o, workdir);
		out_puts(o, "\n\n");
	}
}
