/* What was learned, for programs. */
#include "learn/report.h"

#include <errno.h>
#include <string.h>

#include "base/json_write.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/format.h"

enum { LINE_BYTES_MAX = 64 << 10 };

/* The lists of a profile, in the order of spec 03 section 14.4. */
static const struct {
	const char *key, *flag;
	unsigned int access;
	bool directory;
} lists[] = {
	{ "allow", "--allow", PLAN_READ | PLAN_WRITE, true },
	{ "read", "--read", PLAN_READ, true },
	{ "write", "--write", PLAN_WRITE, true },
	{ "allow_file", "--allow-file", PLAN_READ | PLAN_WRITE, false },
	{ "read_file", "--read-file", PLAN_READ, false },
	{ "write_file", "--write-file", PLAN_WRITE, false },
};

static bool
is_in_list(const struct finding *f, size_t list)
{
	return f->access == lists[list].access && f->directory == lists[list].directory;
}

const char *
report_flag(const struct finding *f)
{
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		if (is_in_list(f, i))
			return lists[i].flag;
	return "";
}

const char *
report_hole(const struct trace_result *t, size_t i)
{
	const struct {
		bool holds;
		const char *text;
	} holes[] = {
		{ t->io_uring, "io_uring" },
		{ t->foreign_calls, "system calls of a foreign ABI" },
		{ t->left_root, "a program mounted something or changed its root directory" },
		{ t->unreadable > 0, "a program whose memory could not be read" },
		{ t->paths.dropped > 0, "more paths than can be kept" },
		{ t->net.dropped > 0, "more addresses than can be kept" },
		{ t->set_id, "a set-user-ID program, which gains nothing while it is traced" },
		{ t->timed_out, "the timeout" },
		{ t->interrupted, "the interrupt" },
	};

	for (size_t k = 0; k < ARRAY_LEN(holes); k++)
		if (holes[k].holds && i-- == 0)
			return holes[k].text;
	return NULL;
}

static void
put_endpoints(struct json *j, const char *key, const struct endpoints *e, bool listening)
{
	json_array(j, key);
	for (size_t i = 0; i < e->count; i++) {
		const struct endpoint *p = &e->item[i];

		if (p->listening != listening)
			continue;
		json_object(j, NULL);
		json_string(j, "addr", p->address);
		json_number(j, "port", p->port);
		json_number(j, "count", p->count);
		if (p->name)
			json_string(j, "hostname", p->name);
		json_end(j);
	}
	json_end(j);
}

int
report_json(struct buf *b, const struct classification *c, const struct trace_result *t)
{
	const struct findings *const wanted[] = { &c->wanted, &c->sensitive };
	struct json j = JSON_INIT(b);
	const char *hole;

	json_object(&j, NULL);
	json_object(&j, "filesystem");
	for (size_t list = 0; list < ARRAY_LEN(lists); list++) {
		size_t at[ARRAY_LEN(wanted)] = { 0 };

		json_array(&j, lists[list].key);
		/* Both are sorted, and the list is. */
		for (;;) {
			const struct finding *next = NULL;
			size_t from = 0;

			for (size_t k = 0; k < ARRAY_LEN(wanted); k++) {
				const struct findings *f = wanted[k];

				while (at[k] < f->count && !is_in_list(&f->item[at[k]], list))
					at[k]++;
				if (at[k] < f->count &&
				    (!next || strcmp(f->item[at[k]].path, next->path) < 0)) {
					next = &f->item[at[k]];
					from = k;
				}
			}
			if (!next)
				break;
			json_string(&j, NULL, next->path);
			at[from]++;
		}
		json_end(&j);
	}
	json_end(&j);
	json_object(&j, "network");
	put_endpoints(&j, "outbound", &t->net, false);
	put_endpoints(&j, "listening", &t->net, true);
	json_end(&j);
	if (t->timed_out)
		json_boolean(&j, "timed_out", true);
	if (report_hole(t, 0)) {
		json_array(&j, "incomplete");
		for (size_t i = 0; (hole = report_hole(t, i)); i++)
			json_string(&j, NULL, hole);
		json_end(&j);
	}
	json_end(&j);
	return json_finish(&j);
}

/* ---- a profile ---- */

bool
report_can_be_written(const char *path)
{
	if (strchr(path, '$') || !str_is_utf8(slice_of(path)))
		return false;
	for (const char *p = path; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return false;
	return true;
}

static int
add_shortened(struct buf *b, const char *path, const char *home)
{
	if (path_is_inside(path, home) && !str_equal(home, "/"))
		return buf_addf(b, "~%s", path + strlen(home));
	return buf_adds(b, path);
}

static void
put_path(struct json *j, const char *path, const char *home)
{
	autobuf struct buf text = BUF_INIT;

	if (add_shortened(&text, path, home) < 0)
		j->error = j->error ? j->error : -ENOMEM;
	else
		json_string(j, NULL, buf_str(&text));
}

static void
put_list(struct json *j, const struct findings *f, size_t list, const char *home)
{
	for (size_t i = 0; i < f->count; i++)
		if (is_in_list(&f->item[i], list) && report_can_be_written(f->item[i].path))
			put_path(j, f->item[i].path, home);
}

static bool
has_list(const struct findings *f, size_t list)
{
	for (size_t i = 0; i < f->count; i++)
		if (is_in_list(&f->item[i], list) && report_can_be_written(f->item[i].path))
			return true;
	return false;
}

static void
put_filesystem(struct json *j, const struct report_profile *p, const struct classification *c)
{
	json_object(j, "filesystem");
	for (size_t list = 0; list < ARRAY_LEN(lists); list++) {
		if (!has_list(&c->wanted, list) && !(p->bypass && has_list(&c->sensitive, list)))
			continue;
		json_array(j, lists[list].key);
		put_list(j, &c->wanted, list, p->home);
		if (p->bypass)
			put_list(j, &c->sensitive, list, p->home);
		json_end(j);
	}
	if (p->bypass && c->sensitive.count > 0) {
		json_array(j, "bypass_protection");
		for (size_t list = 0; list < ARRAY_LEN(lists); list++)
			put_list(j, &c->sensitive, list, p->home);
		json_end(j);
	}
	json_end(j);
}

static void
put_network(struct json *j, const struct report_profile *p, const struct trace_result *t)
{
	bool any = t->net.count > 0, listens = false;

	if (!any && p->base)
		return;
	for (size_t i = 0; i < t->net.count; i++)
		listens |= t->net.item[i].listening;
	json_object(j, "network");
	if (!p->base)
		json_boolean(j, "block", !any);
	if (listens) {
		uint16_t last = 0;

		json_array(j, "listen_port");
		/* By address, then port: equal ports of two addresses are rare and harmless. */
		for (size_t i = 0; i < t->net.count; i++)
			if (t->net.item[i].listening && t->net.item[i].port != last) {
				last = t->net.item[i].port;
				json_number(j, NULL, last);
			}
		json_end(j);
	}
	json_end(j);
}

/* Comments: what a person has to decide. */
static int
add_comment(struct buf *b, const struct finding *f, const char *home, const char *reason)
{
	autobuf struct buf path = BUF_INIT, clean = BUF_INIT;
	int r;

	if ((r = add_shortened(&path, f->path, home)) < 0 ||
	    (r = str_printable(&clean, (struct slice){ path.p, path.n })) < 0)
		return r;
	return buf_addf(b, "//   %-18s %s%s%s\n", report_flag(f), buf_str(&clean),
			reason ? "  " : "", reason ? reason : "");
}

static int
add_comments(struct buf *b, const struct report_profile *p, const struct classification *c,
	     const struct trace_result *t)
{
	bool names = false;
	int r = 0;

	if (c->sensitive.count > 0)
		r = buf_adds(b, "// Protected, and not granted here. To grant one, add it to the "
				"list its flag names\n// and to filesystem.bypass_protection:\n");
	for (size_t i = 0; i < c->sensitive.count && r == 0; i++)
		r = add_comment(b, &c->sensitive.item[i], p->home, c->sensitive.item[i].group);
	if (r == 0 && c->broad.count > 0)
		r = buf_adds(b, "// Not granted: it would take the home directory, the root or "
				"something protected as a whole:\n");
	for (size_t i = 0; i < c->broad.count && r == 0; i++)
		r = add_comment(b, &c->broad.item[i], p->home, NULL);
	for (size_t i = 0; i < c->wanted.count && r == 0; i++)
		if (!report_can_be_written(c->wanted.item[i].path))
			r = add_comment(b, &c->wanted.item[i], p->home,
					"cannot be written in a profile");
	for (size_t i = 0; i < t->net.count && r == 0; i++) {
		const struct endpoint *e = &t->net.item[i];

		if (e->listening || !e->name)
			continue;
		if (!names)
			r = buf_adds(b, "// Hosts, for network.allow_domain:\n");
		names = true;
		if (r == 0)
			r = buf_addf(b, "//   %s\n", e->name);
	}
	return r;
}

int
report_profile(struct buf *b, const struct report_profile *p, const struct classification *c,
	       const struct trace_result *t)
{
	struct json j = JSON_INIT(b);
	int r = p->strict ? 0 : add_comments(b, p, c, t);

	if (r < 0)
		return r;
	json_object(&j, NULL);
	if (p->base) {
		json_array(&j, "extends");
		json_string(&j, NULL, p->base);
		json_end(&j);
	}
	json_object(&j, "meta");
	json_string(&j, "name", p->name);
	json_string(&j, "version", "1.0.0");
	json_string(&j, "description", p->description);
	json_end(&j);
	if (!p->base) {
		json_object(&j, "workdir");
		json_string(&j, "access", "readwrite");
		json_end(&j);
	}
	put_filesystem(&j, p, c);
	put_network(&j, p, t);
	json_end(&j);
	return json_finish(&j);
}

/* ---- lines for later comparison ---- */

static int
add_line(struct buf *b, struct json *j, struct buf *line)
{
	int r = json_finish(j);

	if (r == 0)
		r = buf_add(b, line->p, line->n);
	if (r == 0)
		r = buf_addc(b, '\n');
	buf_reset(line);
	return r;
}

static int
add_path_line(struct buf *b, struct buf *line, const struct path_seen *p, bool sandboxed)
{
	uint32_t reads = PATH_READ | PATH_MADE_READ;
	uint32_t writes = PATH_WRITE | PATH_MADE_WRITE | PATH_NAME;
	struct json j = JSON_CANONICAL_INIT(line, LINE_BYTES_MAX);
	const char *access = p->flags & reads	 ? p->flags & writes ? "readwrite" : "read"
			     : p->flags & writes ? "write"
						 : "metadata";
	const char *kind = p->flags & PATH_DIRECTORY ? "directory"
			   : p->flags & PATH_MADE    ? "created"
						     : "file";
	const char *result = p->flags & (PATH_DENIED_READ | PATH_DENIED_WRITE) ? "denied"
			     : p->flags & (reads | writes | PATH_LOOKED)       ? "ok"
									       : "missing";

	json_object(&j, NULL);
	json_bytes(&j, "path", p->path);
	json_string(&j, "access", access);
	json_string(&j, "kind", kind);
	json_string(&j, "result", result);
	json_string(&j, "source", sandboxed ? "learn-sandboxed" : "learn");
	json_end(&j);
	return add_line(b, &j, line);
}

static int
add_endpoint_line(struct buf *b, struct buf *line, const struct endpoint *e, bool sandboxed)
{
	struct json j = JSON_CANONICAL_INIT(line, LINE_BYTES_MAX);

	json_object(&j, NULL);
	json_string(&j, "addr", e->address);
	json_number(&j, "port", e->port);
	if (e->name)
		json_string(&j, "host", e->name);
	json_string(&j, "access", e->listening ? "bind" : "connect");
	json_string(&j, "kind", "network");
	json_number(&j, "count", e->count);
	json_string(&j, "source", sandboxed ? "learn-sandboxed" : "learn");
	json_end(&j);
	return add_line(b, &j, line);
}

int
report_record(struct buf *b, const struct report_record *h, const struct trace_result *t)
{
	autobuf struct buf line = BUF_INIT;
	struct json j = JSON_CANONICAL_INIT(&line, LINE_BYTES_MAX);
	int r;

	json_object(&j, NULL);
	json_number(&j, "nono_use", 1);
	json_string(&j, "profile", h->profile);
	json_string(&j, "started", h->started);
	json_string(&j, "cmd_sha256", h->command_sha256);
	json_string(&j, "coverage", report_hole(t, 0) ? "partial" : "full");
	json_end(&j);
	r = add_line(b, &j, &line);
	for (size_t i = 0; i < t->paths.count && r == 0; i++)
		r = add_path_line(b, &line, &t->paths.item[i], h->sandboxed);
	for (size_t i = 0; i < t->net.count && r == 0; i++)
		r = add_endpoint_line(b, &line, &t->net.item[i], h->sandboxed);
	return r;
}
