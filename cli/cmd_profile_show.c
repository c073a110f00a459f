/* `profile show`: a profile with everything it inherits, as text, JSON, profile or manifest. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/str.h"
#include "cli/cmd_profile.h"
#include "cli/config.h"
#include "cli/why.h"
#include "profiles/canonical.h"
#include "profiles/inspect.h"
#include "profiles/manifest_write.h"
#include "profiles/view.h"

enum { LABEL_COLUMNS = 20 };

struct show {
	struct out *out;
	const struct node *view;
	const struct inspect *in; /* NULL: paths stay as they are written */
	bool origin;
};

/* ---- entries ---- */

static void
put_origin(const struct show *s, const struct node *n)
{
	autobuf struct buf b = BUF_INIT;

	if (s->origin) {
		if (view_origin(&b, n) < 0)
			s->out->failed = true;
		out_puts(s->out, "  # ");
		out_text(s->out, buf_str(&b));
	}
	out_puts(s->out, "\n");
}

/* What a list entry says: its text, or a number, or an object on one line. */
static void
put_value(const struct show *s, const struct node *n)
{
	autobuf struct buf b = BUF_INIT;

	if (node_line(&b, n) < 0)
		s->out->failed = true;
	out_text(s->out, buf_str(&b));
}

static void
put_expanded(const struct show *s, const struct node *n)
{
	const char *path = n->text ? n->text : node_text(node_find(n, "path"), NULL);
	struct err ignored = ERR_INIT;
	autobuf struct buf b = BUF_INIT;
	int r;

	if (!s->in || !path)
		return;
	out_puts(s->out, "  -> ");
	r = inspect_expand(&b, s->in, path, &ignored);
	if (r == -ENOMEM)
		s->out->failed = true;
	if (r < 0)
		out_puts(s->out, "<expansion failed>");
	else
		out_text(s->out, buf_str(&b));
}

/* Every entry of a list on a line of its own behind `before`. */
static void
put_entries(const struct show *s, const struct node *list, const char *before, bool paths)
{
	for (const struct node *n = node_first(list); n; n = n->next) {
		out_puts(s->out, before);
		put_value(s, n);
		if (paths)
			put_expanded(s, n);
		put_origin(s, n);
	}
}

static void
put_title(const struct show *s, const char *title)
{
	out_putf(s->out, "\n  %s:\n", title);
}

static void
put_list(const struct show *s, const char *dotted, const char *title)
{
	const struct node *list = node_at(s->view, dotted);

	if (!node_first(list))
		return;
	put_title(s, title);
	put_entries(s, list, "    ", false);
}

/* A key without a section of its own, as JSON: nothing that is set stays unseen. */
static void
put_other(const struct show *s, const char *section, const struct node *n)
{
	bool list = node_is(n, NODE_ARRAY);

	if (node_is(n, NODE_NULL) || (n->count == 0 && (list || node_is(n, NODE_OBJECT))))
		return;
	out_putf(s->out, "\n  %s%s%s:", section, *section ? "." : "", n->key);
	if (list) {
		out_puts(s->out, "\n");
		put_entries(s, n, "    ", false);
	} else if (node_is(n, NODE_OBJECT)) {
		out_puts(s->out, "\n");
		for (const struct node *child = n->first; child; child = child->next) {
			out_puts(s->out, "    ");
			out_text(s->out, child->key);
			out_puts(s->out, ": ");
			put_value(s, child);
			put_origin(s, child);
		}
	} else {
		out_puts(s->out, " ");
		put_value(s, n);
		put_origin(s, n);
	}
}

static void
put_others(const struct show *s, const char *section, const char *shown)
{
	const struct node *object = *section ? node_find(s->view, section) : s->view;

	for (const struct node *n = node_first(object); n; n = n->next)
		if (!list_has(shown, n->key, strlen(n->key)))
			put_other(s, section, n);
}

/* ---- sections ---- */

static void
put_head(const struct show *s)
{
	const char *description = node_text(node_find(s->view, "description"), "");
	const struct node *extends = node_find(s->view, "extends");

	if (*description || node_first(extends))
		out_puts(s->out, "\n");
	if (*description) {
		out_puts(s->out, "  Description: ");
		out_text(s->out, description);
		out_puts(s->out, "\n");
	}
	if (!node_first(extends) && !node_is(extends, NODE_STRING))
		return;
	out_puts(s->out, "  Extends:     ");
	for (const struct node *n = extends->text ? extends : node_first(extends); n;
	     n = extends->text ? NULL : n->next) {
		out_text(s->out, n->text);
		if (!extends->text && n->next)
			out_puts(s->out, ", ");
	}
	out_puts(s->out, "\n");
}

static void
put_modes(const struct show *s)
{
	static const struct {
		const char *dotted, *label;
	} modes[] = {
		{ "security.signal_mode", "Signal mode" },
		{ "security.process_info_mode", "Process info" },
		{ "security.ipc_mode", "IPC mode" },
		{ "security.capability_elevation", "Capability elevation" },
		{ "security.wsl2_proxy_policy", "WSL2 proxy policy" },
		{ "linux.af_unix_mediation", "Linux AF_UNIX mediation" },
	};
	bool first = true;

	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		const struct node *n = node_at(s->view, modes[i].dotted);

		if (!n || node_is(n, NODE_NULL))
			continue;
		out_putf(s->out, "%s  %s: ", first ? "\n" : "", modes[i].label);
		put_value(s, n);
		put_origin(s, n);
		first = false;
	}
	put_others(s, "security",
		   "signal_mode process_info_mode ipc_mode capability_elevation wsl2_proxy_policy");
	put_others(s, "linux", "af_unix_mediation");
}

static void
put_filesystem(const struct show *s)
{
	const struct node *filesystem = node_find(s->view, "filesystem");
	bool first = true;

	for (const struct node *list = node_first(filesystem); list; list = list->next) {
		char label[LABEL_COLUMNS + 24], before[sizeof(label) + 24];

		if (!list->first)
			continue;
		if (first)
			put_title(s, "Filesystem");
		first = false;
		(void)snprintf(label, sizeof(label), "%s%s", list->key,
			       str_starts_with(list->key, "allow") ? " (r+w)" : "");
		(void)snprintf(before, sizeof(before), "    %-*s ", LABEL_COLUMNS, label);
		put_entries(s, list, before, true);
	}
}

static void
put_network(const struct show *s)
{
	static const struct {
		const char *key, *label;
	} rows[] = {
		{ "network_profile", "network profile" }, { "allow_domain", "allow domain" },
		{ "credentials", "credential" },	  { "open_port", "open port" },
		{ "listen_port", "listen port" },	  { "connect_port", "connect port" },
		{ "upstream_proxy", "upstream proxy" },	  { "upstream_bypass", "upstream bypass" },
	};
	const struct node *network = node_find(s->view, "network");
	bool blocked = node_is_true(node_find(network, "block")), any = blocked;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct node *n = node_find(network, rows[i].key);

		any |= node_first(n) || node_is(n, NODE_STRING);
	}
	if (any)
		put_title(s, "Network");
	if (blocked) {
		out_puts(s->out, "    network blocked");
		put_origin(s, node_find(network, "block"));
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct node *n = node_find(network, rows[i].key);
		char before[LABEL_COLUMNS + 24];

		(void)snprintf(before, sizeof(before), "    %-*s ", LABEL_COLUMNS, rows[i].label);
		if (node_is(n, NODE_STRING)) {
			out_puts(s->out, before);
			put_value(s, n);
			put_origin(s, n);
		} else {
			put_entries(s, n, before, false);
		}
	}
	put_others(s, "network",
		   "block network_profile allow_domain credentials open_port listen_port "
		   "connect_port upstream_proxy upstream_bypass");
}

static void
put_rollback(const struct show *s)
{
	const struct node *patterns = node_at(s->view, "rollback.exclude_patterns");
	const struct node *globs = node_at(s->view, "rollback.exclude_globs");

	if (!node_first(patterns) && !node_first(globs))
		return;
	put_title(s, "Rollback exclusions");
	put_entries(s, patterns, "    ", false);
	put_entries(s, globs, "    glob:", false);
}

static void
put_open_urls(const struct show *s)
{
	const struct node *origins = node_at(s->view, "open_urls.allow_origins");
	bool localhost = node_is_true(node_at(s->view, "open_urls.allow_localhost"));

	if (!node_first(origins) && !localhost)
		return;
	put_title(s, "Open URLs");
	put_entries(s, origins, "    ", false);
	if (localhost)
		out_puts(s->out, "    localhost allowed\n");
}

static void
put_all(const struct show *s)
{
	const struct node *access = node_at(s->view, "workdir.access");

	put_head(s);
	put_list(s, "groups.include", "Security groups");
	put_list(s, "groups.exclude", "Excluded security groups");
	put_list(s, "commands.allow", "Allowed commands (deprecated, startup-only)");
	put_list(s, "commands.deny", "Denied commands (deprecated, startup-only)");
	put_modes(s);
	put_filesystem(s);
	put_network(s);
	if (access) {
		out_puts(s->out, "\n  Workdir access: ");
		put_value(s, access);
		put_origin(s, access);
	}
	put_rollback(s);
	put_open_urls(s);
	put_list(s, "unsafe_macos_seatbelt_rules", "Raw Seatbelt rules (macOS)");
	put_others(s, "",
		   "name description extends groups commands security linux filesystem network "
		   "workdir rollback open_urls unsafe_macos_seatbelt_rules");
}

/* ---- JSON ---- */

static const char *
origin_kind(const struct node *n)
{
	switch (n->source ? n->source->kind : PROFILE_FROM_IMPLICIT) {
	case PROFILE_FROM_USER:
	case PROFILE_FROM_PATH:
		return n->source->via ? "base" : "profile";
	case PROFILE_FROM_PACK:
		return "pack";
	case PROFILE_FROM_PRESET:
	case PROFILE_FROM_IMPLICIT:
		break;
	}
	return "preset";
}

static void
json_origin(struct json *j, const char *key, const struct node *n)
{
	const struct profile_source *s = n->source;

	json_object(j, key);
	json_string(j, "kind", origin_kind(n));
	json_string(j, "name", s ? s->name : "default");
	if (s && s->kind != PROFILE_FROM_PRESET && s->kind != PROFILE_FROM_IMPLICIT) {
		json_bytes(j, "file", s->path);
		json_number(j, "line", n->line);
	}
	json_array(j, "via");
	for (s = s ? s->via : NULL; s; s = s->via)
		json_string(j, NULL, s->name);
	json_end(j);
	if (n->again) {
		json_array(j, "also");
		for (const struct node *also = n->again; also; also = also->again)
			json_string(j, NULL, also->source ? also->source->name : "default");
		json_end(j);
	}
	json_end(j);
}

/* RFC 6901: "~" and "/" of a name are written "~0" and "~1". */
static int
add_pointer(struct buf *b, const char *name)
{
	int r = buf_addc(b, '/');

	for (; *name && r == 0; name++) {
		if (*name == '~')
			r = buf_adds(b, "~0");
		else if (*name == '/')
			r = buf_adds(b, "~1");
		else
			r = buf_addc(b, *name);
	}
	return r;
}

/* One member for each leaf, by its pointer. */
static void
json_origins(struct json *j, struct buf *pointer, const struct node *n)
{
	size_t index = 0, length = pointer->n;

	if (!node_is(n, NODE_ARRAY) && !node_is(n, NODE_OBJECT)) {
		if (!node_is(n, NODE_NULL))
			json_origin(j, buf_str(pointer), n);
		return;
	}
	for (const struct node *child = n->first; child; child = child->next, index++) {
		char number[24];

		(void)snprintf(number, sizeof(number), "%zu", index);
		if (add_pointer(pointer, child->key ? child->key : number) < 0) {
			j->error = -ENOMEM;
			return;
		}
		json_origins(j, pointer, child);
		pointer->n = length;
		if (pointer->p)
			pointer->p[length] = '\0';
	}
}

static void
show_json(struct listing *l, const struct node *view, bool origin)
{
	autobuf struct buf pointer = BUF_INIT;
	struct json *j = &l->j;

	json_object(j, NULL);
	for (const struct node *n = view->first; n; n = n->next)
		node_write(j, n->key, n);
	if (origin)
		json_object(j, "origins");
	for (const struct node *n = origin ? view->first : NULL; n; n = n->next) {
		if (list_has("name description extends", n->key, strlen(n->key)))
			continue;
		buf_reset(&pointer);
		if (add_pointer(&pointer, n->key) < 0)
			j->error = -ENOMEM;
		json_origins(j, &pointer, n);
	}
	if (origin)
		json_end(j);
	json_end(j);
}

/* ---- manifest ---- */

static void
put_warning(struct listing *l, const char *about, const char *text)
{
	out_puts(&l->note, "  ");
	out_role(&l->note, ROLE_RED, true, "warning:");
	out_puts(&l->note, about);
	out_text(&l->note, text);
	out_puts(&l->note, "\n");
}

static void
put_notes(struct listing *l, const struct policy_notes *notes)
{
	for (size_t i = 0; i < notes->count; i++) {
		const struct policy_note *n = &notes->item[i];

		if (n->kind == POLICY_NOTE_WARNING)
			put_warning(l, " ", n->text);
		else if (n->kind == POLICY_NOTE_WOULD_FAIL)
			put_warning(l, " nono run would refuse to start: ", n->text);
	}
}

/* The plan of a start under the profile that shares the working directory. */
static int
plan_profile(struct listing *l, const struct profile *p, struct plan *plan, void **ret_image,
	     struct err *e)
{
	static const char *const command[] = { "/" };
	struct policy_request rq = { .mode = PLAN_MODE_RUN,
				     .profile = p,
				     .allow_cwd = true,
				     .silent = true,
				     .no_audit = true,
				     .dry_run = true,
				     .explain = true,
				     .command = { command, 1 },
				     .environment = l->environment };
	struct policy_notes notes = { 0 };
	struct plan_builder builder;
	struct config config;
	size_t bytes = 0;
	int r = config_load(&config, l->environment, e);

	/* As at a start: what a wrong configuration closes is not known. */
	if (r < 0 && r != -EACCES)
		return r;
	rq.configured_paths = config.closed_paths;
	rq.configured_commands = config.blocked_commands;
	r = plan_builder_init(&builder);
	if (r < 0)
		r = err_set(e, -ENOMEM, "out of memory");
	if (r == 0)
		r = policy_assemble(&builder, &rq, &notes, NULL, NULL, e);
	if (r == 0)
		r = plan_build_open(&builder, ret_image, &bytes, plan, e);
	plan_builder_clear(&builder);
	config_clear(&config);
	put_notes(l, &notes);
	policy_notes_clear(&notes);
	return r;
}

static int
show_manifest(struct listing *l, const struct profile *p, const struct inspect *in, struct err *e)
{
	autobuf struct buf lost = BUF_INIT;
	void *image = NULL;
	struct plan plan;
	char *line;
	int r = plan_profile(l, p, &plan, &image, e);

	if (r == 0)
		r = manifest_write(&l->json, &lost, p, &plan, in, e);
	mem_free(image);
	l->json_done = l->as_json = true;
	line = lost.p;
	while (r == 0 && line && *line) {
		char *end = strchr(line, '\n');

		*end = '\0';
		put_warning(l, " a manifest cannot carry ", line);
		line = end + 1;
	}
	return r;
}

static int
show_hash(struct listing *l, const struct profile *p, struct err *e)
{
	char hash[SHA256_HEX_MAX];
	int r = profile_hash(hash, p);

	if (r < 0)
		return err_set(e, r, "out of memory");
	out_putf(&l->out, "%s\n", hash);
	json_object(&l->j, NULL);
	json_string(&l->j, "sha256", hash);
	json_end(&l->j);
	return 0;
}

/* ---- --timing ---- */

struct timing {
	struct listing *l;
	struct timespec last;
};

static struct timing
timing_start(struct listing *l)
{
	struct timing t = { .l = l };

	(void)clock_gettime(CLOCK_MONOTONIC, &t.last);
	return t;
}

/* Tell how long it took since the last one. */
static void
timing_stage(struct timing *t, const char *stage)
{
	struct timespec now;
	long us;

	if (!opt_has(t->l->o, FLAG_TIMING))
		return;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	us = (now.tv_sec - t->last.tv_sec) * 1000000 + (now.tv_nsec - t->last.tv_nsec) / 1000;
	out_putf(&t->l->note, "timing: %4ld.%03ld ms  %s\n", us / 1000, us % 1000, stage);
	t->last = now;
}

/* The policy of a start under it, as nothing of showing needs it. */
static int
time_policy(struct timing *t, const char *name, struct err *e)
{
	const char *const argv[] = { "nono", "why", "--profile", name, "--path", "/" };
	struct opt o = OPT_INIT;
	struct why w = { 0 };
	int r;

	if (!opt_has(t->l->o, FLAG_TIMING))
		return 0;
	timing_stage(t, "print");
	r = opt_parse(&o, (int)ARRAY_LEN(argv), (char *const *)(uintptr_t)argv, t->l->environment,
		      e);
	if (r == 0)
		r = why_prepare(&w, &o, t->l->environment, e);
	if (r == 0)
		timing_stage(t,
			     "all of it again, and the policy: paths looked up, checked, compiled");
	why_clear(&w);
	opt_clear(&o);
	return r;
}

int
profile_show(struct listing *l, struct err *e)
{
	const char *format = opt_value(l->o, FLAG_FORMAT), *name = l->o->program.item[0];
	struct profile *p = NULL;
	struct inspect *in = NULL;
	struct pool pool = { 0 };
	struct show s = { .out = &l->out, .origin = opt_has(l->o, FLAG_ORIGIN) };
	struct timing timing = timing_start(l);
	struct node *view = NULL;
	int r;

	r = listing_load(l, &p, name, 0, e);
	timing_stage(&timing, "load: files found, read, checked and merged");
	if (r == 0)
		r = inspect_open(&in, l->environment, e);
	if (r < 0)
		goto out;
	timing_stage(&timing, "look around: user, home, working directory");
	if (opt_has(l->o, FLAG_HASH)) {
		r = show_hash(l, p, e);
		goto out;
	}
	if (format && str_equal(format, "profile")) {
		r = listing_tree(l, profile_view_flat(&pool, p), e);
		goto out;
	}
	if (format) {
		r = show_manifest(l, p, in, e);
		goto out;
	}
	view = profile_view(&pool, p);
	if (!view) {
		r = err_set(e, -ENOMEM, "out of memory");
		goto out;
	}
	if (l->as_json) {
		show_json(l, view, s.origin);
		goto out;
	}
	s.view = view;
	s.in = opt_has(l->o, FLAG_RAW) ? NULL : in;
	listing_title(l, "profile '%s'", name);
	put_all(&s);
out:
	if (r == 0)
		r = time_policy(&timing, name, e);
	pool_clear(&pool);
	inspect_free(in);
	profile_free(p);
	return r;
}
