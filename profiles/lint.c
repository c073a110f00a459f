/* The frame of the rules: loading, findings, order, and comments that silence one. */
#include "profiles/lint.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/format.h"
#include "profiles/lint_internal.h"
#include "profiles/store.h"

static const char *const rules[] = {
	"P001", "P002", "P003", "P004", "P005", "P006", "P007", "P008", "P009", "P101", "P102",
	"P103", "P104", "P105", "P106", "P107", "P108", "P109", "P110", "P111", "P112", "P201",
	"P202", "P203", "P204", "P205", "P206", "P207", "P301", "P302", "P303",
};
_Static_assert(ARRAY_LEN(rules) <= LINT_RULES, "every rule has a level");

static const char *const severities[] = { "off", "info", "warn", "error" };

void
lint_levels_init(struct lint_levels *l)
{
	memset(l->of, LINT_UNSET, sizeof(l->of));
}

int
lint_levels_set(struct lint_levels *l, const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		size_t n = strlen(rules[i]);

		if (strncmp(rules[i], text, n) != 0 || text[n] != '=')
			continue;
		for (size_t s = 0; s < ARRAY_LEN(severities); s++)
			if (str_equal(severities[s], text + n + 1)) {
				l->of[i] = (unsigned char)s;
				return 0;
			}
	}
	return -EINVAL;
}

const char *
lint_severity_name(enum lint_severity s)
{
	return severities[s];
}

/* ---- findings ---- */

static enum lint_severity
chosen(const struct lint *l, const char *rule, enum lint_severity severity)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (str_equal(rules[i], rule) && l->levels->of[i] != LINT_UNSET)
			return (enum lint_severity)l->levels->of[i];
	return severity;
}

static const char *
file_of(const struct lint *l, const struct node *node)
{
	if (node && node->source && node->source->path)
		return node->source->path;
	return l->p && l->p->shown ? l->p->shown : "";
}

static void
append(struct lint *l, struct lint_finding f)
{
	struct lint_report *r = l->report;

	f.severity = chosen(l, f.rule, f.severity);
	if (f.severity == LINT_OFF)
		return;
	f.file = pool_strdup(&r->pool, f.file);
	f.pointer = pool_strdup(&r->pool, f.pointer ? f.pointer : "");
	if (!f.file || !f.pointer || !f.message ||
	    mem_grow((void **)&r->item, &r->capacity, r->count, sizeof(*r->item)) < 0) {
		l->failed = true;
		return;
	}
	r->item[r->count++] = f;
}

void
lint_add(struct lint *l, const char *rule, enum lint_severity severity, const struct node *node,
	 const char *pointer, const char *fix, const char *fmt, ...)
{
	autobuf struct buf text = BUF_INIT;
	struct lint_finding f = { .rule = rule,
				  .severity = severity,
				  .file = file_of(l, node),
				  .line = node ? node->line : 0,
				  .column = node ? node->column : 0,
				  .pointer = pointer };
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = buf_vaddf(&text, fmt, ap);
	va_end(ap);
	f.message = r < 0 ? NULL : pool_take(&l->report->pool, &text);
	f.fix = fix ? pool_strdup(&l->report->pool, fix) : NULL;
	l->failed |= fix && !f.fix;
	append(l, f);
}

const char *
lint_pointer(struct lint *l, const struct lint_path *path)
{
	autobuf struct buf b = BUF_INIT;
	const char *kept = NULL;
	int r;

	if (str_equal(path->list, "workdir"))
		return "/workdir/access";
	if (path->group)
		return "/groups/include";
	r = buf_addf(&b, "/filesystem/%s/%zu", path->list, path->index);
	if (r == 0)
		kept = pool_take(&l->report->pool, &b);
	l->failed |= !kept;
	return kept ? kept : "";
}

bool
lint_is_ours(const struct lint_path *path)
{
	return path->group || !path->node || !path->node->source ||
	       path->node->source->kind == PROFILE_FROM_PRESET ||
	       path->node->source->kind == PROFILE_FROM_IMPLICIT;
}

/* ---- what the profile asks for ---- */

/* Absolute and normal, and with links resolved; false: the text has no meaning as a path. */
static bool
resolve(struct lint *l, const char *written, const char **path, const char **canonical)
{
	autobuf struct buf expanded = BUF_INIT, absolute = BUF_INIT, real = BUF_INIT;
	struct err ignored = ERR_INIT;
	const char *cwd = inspect_workdir(l->in);
	int r = inspect_expand(&expanded, l->in, written, &ignored);

	if (r < 0 && r != -ENOMEM)
		return false;
	if (r == 0)
		r = path_absolute(&absolute, cwd, buf_str(&expanded));
	if (r == 0)
		r = path_canonical(&real, cwd, buf_str(&absolute));
	if (r < 0 || !(*path = pool_take(&l->report->pool, &absolute)) ||
	    !(*canonical = pool_take(&l->report->pool, &real))) {
		l->failed = true;
		return false;
	}
	return true;
}

static void
add_path(struct lint *l, struct lint_path **list, size_t *n, size_t *capacity, struct lint_path p)
{
	struct stat st;

	if (!resolve(l, p.written, &p.path, &p.canonical))
		return;
	p.exists = stat(p.path, &st) == 0;
	p.directory = p.exists && S_ISDIR(st.st_mode);
	if (mem_grow((void **)list, capacity, *n, sizeof(**list)) < 0)
		l->failed = true;
	else
		(*list)[(*n)++] = p;
}

static void
add_list(struct lint *l, const char *name, unsigned int access, bool file_list, bool socket)
{
	const struct node *list = node_find(profile_get(l->p, "filesystem"), name);
	size_t index = 0;

	for (const struct node *n = node_first(list); n; n = n->next, index++) {
		const char *written = n->text ? n->text : node_text(node_find(n, "path"), NULL);

		if (written && *written)
			add_path(l, &l->path, &l->paths, &l->paths_capacity,
				 (struct lint_path){ .list = name,
						     .index = index,
						     .node = n,
						     .written = written,
						     .access = access,
						     .file_list = file_list,
						     .socket = socket });
	}
}

static void
add_deny(struct lint *l, const char *written, const struct group *g)
{
	struct lint_deny d = { .written = written, .group = g };
	const char *path;

	if (!resolve(l, written, &path, &d.canonical))
		return;
	if (mem_grow((void **)&l->deny, &l->denies_capacity, l->denies, sizeof(*l->deny)) < 0)
		l->failed = true;
	else
		l->deny[l->denies++] = d;
}

static void
collect(struct lint *l)
{
	static const struct {
		const char *name;
		unsigned int access;
		bool file_list, socket;
	} lists[] = {
		{ "allow", PLAN_READ | PLAN_WRITE, false, false },
		{ "read", PLAN_READ, false, false },
		{ "write", PLAN_WRITE, false, false },
		{ "allow_file", PLAN_READ | PLAN_WRITE, true, false },
		{ "read_file", PLAN_READ, true, false },
		{ "write_file", PLAN_WRITE, true, false },
		{ "unix_socket", 0, true, true },
		{ "unix_socket_bind", 0, true, true },
		{ "unix_socket_dir", 0, false, true },
		{ "unix_socket_dir_bind", 0, false, true },
		{ "unix_socket_subtree", 0, false, true },
		{ "unix_socket_subtree_bind", 0, false, true },
	};
	const struct node *access = profile_get(l->p, "workdir.access");
	const char *workdir = node_text(access, "none");
	size_t index = 0;

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		add_list(l, lists[i].name, lists[i].access, lists[i].file_list, lists[i].socket);
	if (!str_equal(workdir, "none"))
		add_path(l, &l->path, &l->paths, &l->paths_capacity,
			 (struct lint_path){
				 .list = "workdir",
				 .node = access,
				 .written = "$WORKDIR",
				 .access = (unsigned int)((str_starts_with(workdir, "read")
								   ? PLAN_READ
								   : 0) |
							  (str_ends_with(workdir, "write")
								   ? PLAN_WRITE
								   : 0)) });
	for (const struct node *n = node_first(profile_get(l->p, "filesystem.bypass_protection"));
	     n; n = n->next, index++) {
		const char *written = n->text ? n->text : node_text(node_find(n, "path"), NULL);

		if (written && *written)
			add_path(l, &l->bypass, &l->bypasses, &l->bypasses_capacity,
				 (struct lint_path){ .list = "bypass_protection",
						     .index = index,
						     .node = n,
						     .written = written });
	}
	for (const struct node *n = node_first(profile_get(l->p, "filesystem.deny")); n;
	     n = n->next)
		if (n->text && *n->text)
			add_deny(l, n->text, NULL);
	for (size_t i = 0; i < l->p->groups_count; i++) {
		const struct group *g = l->p->groups[i].group;

		for (size_t k = 0; g && k < g->deny_count; k++)
			add_deny(l, g->deny[k], g);
		for (size_t k = 0; g && k < g->allow_count; k++)
			if ((g->allow[k].access & PLAN_WRITE) && l->p->groups[i].node)
				add_path(l, &l->path, &l->paths, &l->paths_capacity,
					 (struct lint_path){ .list = "group",
							     .node = l->p->groups[i].node,
							     .group = g,
							     .written = g->allow[k].path,
							     .access = g->allow[k].access });
	}
}

/* ---- "// nono-lint: off P106 because of this" ---- */

/* Does this line say that the rule is off, with a reason? */
static bool
line_silences(struct slice line, const char *rule)
{
	static const char mark[] = "nono-lint: off ";
	const char *at = memmem(line.p, line.n, mark, sizeof(mark) - 1), *end = line.p + line.n;
	const char *comment = memmem(line.p, line.n, "//", 2);
	size_t n = strlen(rule);

	if (!at || !comment || comment > at)
		return false;
	at += sizeof(mark) - 1;
	if ((size_t)(end - at) <= n || strncmp(at, rule, n) != 0)
		return false;
	for (at += n; at < end && (*at == ' ' || *at == '\t' || *at == '\r'); at++)
		;
	return at < end;
}

/* On its line or the one above. */
static bool
is_silenced(struct slice text, const struct lint_finding *f)
{
	uint32_t number = 1;

	while (text.n > 0 && number <= f->line) {
		const char *end = memchr(text.p, '\n', text.n);
		size_t n = end ? (size_t)(end - text.p) : text.n;

		if (number + 1 >= f->line && line_silences((struct slice){ text.p, n }, f->rule))
			return true;
		n += end != NULL;
		text.p += n;
		text.n -= n;
		number++;
	}
	return false;
}

static void
drop_silenced(struct lint *l, size_t from)
{
	struct lint_report *r = l->report;
	autobuf struct buf text = BUF_INIT;
	const char *loaded = NULL;
	size_t kept = from;

	for (size_t i = from; i < r->count; i++) {
		const struct lint_finding *f = &r->item[i];

		if (f->line > 0 && (!loaded || !str_equal(loaded, f->file))) {
			buf_reset(&text);
			loaded = f->file;
			/* A preset has no file, and no comments. */
			if (store_read(&text, f->file, JSON_BYTES_MAX) < 0)
				buf_reset(&text);
		}
		if (f->line == 0 || !is_silenced((struct slice){ buf_str(&text), text.n }, f))
			r->item[kept++] = *f;
	}
	r->count = kept;
}

/* ---- one profile ---- */

static int
compare(const void *a, const void *b)
{
	const struct lint_finding *x = a, *y = b;
	int r = strcmp(x->file, y->file);

	if (r == 0)
		r = x->line < y->line ? -1 : x->line > y->line;
	if (r == 0)
		r = x->column < y->column ? -1 : x->column > y->column;
	return r ? r : strcmp(x->rule, y->rule);
}

static void
add_load_failure(struct lint *l, const char *reference, const struct profile_problem *problem,
		 const struct err *e)
{
	struct lint_finding f = {
		.rule = "P001",
		.severity = LINT_ERROR,
		.file = *problem->file ? problem->file : reference,
		.line = problem->place.line,
		.column = problem->place.column,
		.message = pool_strdup(&l->report->pool, e->text),
	};

	if (*problem->place.hint)
		f.fix = pool_strdup(&l->report->pool, problem->place.hint);
	append(l, f);
}

static void
count(struct lint_report *r, size_t from)
{
	for (size_t i = from; i < r->count; i++) {
		r->errors += r->item[i].severity == LINT_ERROR;
		r->warnings += r->item[i].severity == LINT_WARN;
		r->infos += r->item[i].severity == LINT_INFO;
	}
}

int
lint_profile(struct lint_report *ret, const char *reference, unsigned int flags,
	     const struct lint_levels *levels, char *const *environment, struct err *e)
{
	struct lint l = { .report = ret, .levels = levels, .environment = environment };
	struct profile_problem problem = { .class_name = NULL };
	struct profile_request rq = { .reference = reference,
				      .environment = environment,
				      .flags = flags | PROFILE_LENIENT | PROFILE_QUIET |
					       PROFILE_TRUST_ANY,
				      .problem = &problem };
	struct policy_notes notes = { 0 };
	struct err failure = ERR_INIT;
	struct profile *p = NULL;
	struct inspect *in = NULL;
	size_t from = ret->count;
	int r = inspect_open(&in, environment, e);

	if (r < 0)
		return r;
	l.in = in;
	r = profile_load(&p, &rq, &notes, &failure);
	policy_notes_clear(&notes);
	if (r == 0) {
		l.p = p;
		collect(&l);
		lint_files(&l);
		lint_groups(&l);
		lint_paths(&l);
		lint_network(&l);
	} else if (r == -ENOMEM) {
		l.failed = true;
	} else {
		add_load_failure(&l, reference, &problem, &failure);
	}
	if (ret->count > from)
		qsort(ret->item + from, ret->count - from, sizeof(*ret->item), compare);
	drop_silenced(&l, from);
	count(ret, from);
	mem_free(l.path);
	mem_free(l.bypass);
	mem_free(l.deny);
	profile_free(p);
	inspect_free(in);
	return l.failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}

void
lint_report_clear(struct lint_report *r)
{
	mem_free(r->item);
	pool_clear(&r->pool);
	*r = (struct lint_report){ .count = 0 };
}
