/*
 * `profile validate`: everything that would keep a profile from being used, and what is doubtful.
 * The verdict is the result: it goes to standard output, also when it is bad.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/cmd_profile.h"
#include "profiles/lint.h"

struct finding {
	bool error;
	char *text;
};

struct verdict {
	struct finding *item;
	size_t count, capacity;
	size_t errors;
};

static int ATTR_PRINTF(3, 4) add(struct verdict *v, bool error, const char *fmt, ...)
{
	autobuf struct buf b = BUF_INIT;
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = buf_vaddf(&b, fmt, ap);
	va_end(ap);
	if (r == 0)
		r = mem_grow((void **)&v->item, &v->capacity, v->count, sizeof(*v->item));
	if (r < 0)
		return r;
	v->item[v->count].error = error;
	v->item[v->count].text = buf_take(&b);
	if (!v->item[v->count].text)
		return -ENOMEM;
	v->count++;
	v->errors += error;
	return 0;
}

static void
verdict_clear(struct verdict *v)
{
	for (size_t i = 0; i < v->count; i++)
		mem_free(v->item[i].text);
	mem_free(v->item);
}

/* ---- a profile that cannot be loaded ---- */

/* Is it the grammar that is broken, or what is said in it? */
static bool
is_syntax(const struct profile_problem *problem)
{
	static const struct profile_source nowhere = { 0 };
	autobuf struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;
	struct pool pool = { 0 };
	struct node *tree;
	autofd int fd = open(problem->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int r = fd == -1 ? 0 : buf_read_fd(&text, fd, JSON_BYTES_MAX);

	if (fd != -1 && r == 0)
		r = json_parse(&tree, &pool, (struct slice){ text.p, text.n }, &nowhere, 0, NULL,
			       &ignored);
	pool_clear(&pool);
	return r < 0;
}

static int
add_load_error(struct verdict *v, const struct profile_problem *problem, const struct err *e)
{
	static const struct {
		const char *class_name, *shown;
	} classes[] = {
		{ "Profile read error", "File read error" },
		{ "Profile inheritance error", "Inheritance error" },
		{ "Profile not found", "Profile not found" },
		{ "Profile parse error", "Profile error" },
	};
	const char *class_name = problem->class_name ? problem->class_name : "", *shown = "Error";
	const char *detail = strstr(e->text, ": ");

	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (str_equal(classes[i].class_name, class_name))
			shown = classes[i].shown;
	if (str_equal(class_name, "Profile parse error") && is_syntax(problem))
		shown = "JSON syntax error";
	return add(v, true, "%s: %s", shown, detail ? detail + 2 : e->text);
}

/* ---- one that can ---- */

static int
check_groups(struct verdict *v, const struct profile *p)
{
	int r = 0;

	for (size_t i = 0; i < p->groups_count && r == 0; i++)
		if (!p->groups[i].group)
			r = add(v, true, "Group '%s' not found in policy.json", p->groups[i].name);
	for (const struct node *n = node_first(profile_get(p, "groups.exclude")); n && r == 0;
	     n = n->next) {
		const struct group *g = profile_find_group(p, node_text(n, ""));

		if (!g)
			r = add(v, false, "Excluded group '%s' not found in policy.json",
				node_text(n, ""));
		else if (g->required)
			r = add(v, true, "Cannot exclude required group '%s'", g->name);
	}
	return r;
}

static int
check_paths(struct verdict *v, const struct profile *p)
{
	int r = 0;

	for (const struct node *list = node_first(profile_get(p, "filesystem")); list && r == 0;
	     list = list->next)
		for (const struct node *n = node_first(list); n && r == 0; n = n->next) {
			const char *path = n->text ? n->text : node_text(node_find(n, "path"), "");

			if (!*path)
				r = add(v, false, "Empty path in filesystem.%s", list->key);
		}
	return r;
}

static int
check_policies(struct verdict *v, const struct profile *p)
{
	const struct node *tree = profile_get(p, "command_policies");
	struct policies_findings found = { 0 };
	int r = tree ? policies_check(&found, tree, true) : 0;

	for (size_t i = 0; i < found.count && r == 0; i++)
		r = add(v, found.item[i].error, "[%s] %s", found.item[i].code, found.item[i].text);
	policies_findings_clear(&found);
	return r;
}

/*
 * What `profile lint` calls an error: the profile can be loaded, and is told about as a warning. The
 * rules that repeat what was looked at above are left out.
 */
static int
check_rules(struct verdict *v, struct listing *l, const char *name, unsigned int flags,
	    struct err *e)
{
	static const char *const repeated[] = { "P001=off", "P002=off", "P004=off" };
	struct lint_report report = { .count = 0 };
	struct lint_levels levels;
	int r = 0;

	lint_levels_init(&levels);
	for (size_t i = 0; i < ARRAY_LEN(repeated) && r == 0; i++)
		r = lint_levels_set(&levels, repeated[i]);
	if (r == 0)
		r = lint_profile(&report, name, flags, &levels, l->environment, e);
	for (size_t i = 0; i < report.count && r == 0; i++)
		if (report.item[i].severity == LINT_ERROR)
			r = add(v, false, "[%s] %s", report.item[i].rule, report.item[i].message);
	lint_report_clear(&report);
	return r;
}

/* What `profile show` lists: the extended groups are everybody's, and not counted. */
static size_t
count_groups(const struct profile *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->groups_count; i++)
		n += p->groups[i].node || !p->groups[i].group || !p->groups[i].group->extended;
	return n;
}

/* ---- the report ---- */

static void
put_row(struct out *o, enum role role, const char *mark, const char *text)
{
	out_puts(o, "  ");
	out_role(o, role, false, mark);
	out_puts(o, " ");
	out_text(o, text);
	out_puts(o, "\n");
}

static void
put_report(struct listing *l, const struct verdict *v, const struct profile *p)
{
	struct out *o = &l->out;
	autobuf struct buf groups = BUF_INIT;
	bool groups_good = p != NULL;

	if (p)
		put_row(o, ROLE_GREEN, "[ok] ", "JSON syntax valid");
	for (size_t i = 0; i < v->count; i++)
		groups_good = groups_good && !str_starts_with(v->item[i].text, "Group '") &&
			      !str_starts_with(v->item[i].text, "Cannot exclude");
	if (groups_good) {
		if (buf_addf(&groups, "All %zu group references valid", count_groups(p)) < 0)
			o->failed = true;
		put_row(o, ROLE_GREEN, "[ok] ", buf_str(&groups));
	}
	for (size_t i = 0; i < v->count; i++)
		put_row(o, v->item[i].error ? ROLE_RED : ROLE_YELLOW,
			v->item[i].error ? "[err] " : "[warn]", v->item[i].text);
	out_puts(o, "\n");
	if (v->errors)
		out_putf(o, "  Result: invalid (%zu errors)\n", v->errors);
	else if (v->count)
		out_putf(o, "  Result: valid (%zu warnings)\n", v->count);
	else
		out_puts(o, "  Result: valid\n");
}

static void
json_report(struct json *j, const struct verdict *v, const char *file, size_t deprecated)
{
	json_object(j, NULL);
	json_bytes(j, "file", file);
	json_boolean(j, "valid", v->errors == 0);
	for (int warnings = 0; warnings <= 1; warnings++) {
		json_array(j, warnings ? "warnings" : "errors");
		for (size_t i = 0; i < v->count; i++)
			if (v->item[i].error == !warnings)
				json_string(j, NULL, v->item[i].text);
		json_end(j);
	}
	json_number(j, "deprecated_keys", deprecated);
	json_end(j);
}

static int
judge(struct verdict *v, const struct profile *p)
{
	int r = check_groups(v, p);

	if (r == 0)
		r = check_paths(v, p);
	return r < 0 ? r : check_policies(v, p);
}

int
profile_validate(struct listing *l, struct err *e)
{
	const char *name = l->o->program.item[0];
	unsigned int flags = PROFILE_LENIENT | (opt_has(l->o, FLAG_DRAFT) ? PROFILE_DRAFT : 0);
	struct verdict v = { NULL, 0, 0, 0 };
	struct err failed = ERR_INIT;
	struct profile *p = NULL;
	const char *file;
	size_t deprecated;
	int r;

	r = listing_load(l, &p, name, flags, &failed);
	deprecated = l->deprecated;
	if (r == -ENOMEM)
		return err_set(e, r, "%s", failed.text);
	r = r < 0 ? add_load_error(&v, &l->problem, &failed) : judge(&v, p);
	if (r == 0 && p)
		r = check_rules(&v, l, name, flags, e);
	if (r < 0) {
		r = err_set(e, r, "out of memory");
		goto out;
	}
	file = p && p->shown ? p->shown : *l->problem.file ? l->problem.file : name;
	listing_title(l, "validating %s", file);
	out_puts(&l->out, "\n");
	put_report(l, &v, p);
	json_report(&l->j, &v, file, deprecated);
	if (deprecated)
		out_putf(
			&l->note,
			"found %zu deprecated keys; run 'nono profile guide' for migration mapping\n",
			deprecated);
	if (v.errors) {
		(void)err_set(&l->verdict, -EINVAL, "Profile parse error: validation failed");
		l->exit_code = EXIT_NONO;
	} else if (deprecated && opt_has(l->o, FLAG_PROFILE_STRICT)) {
		l->exit_code = EXIT_USAGE;
	}
out:
	verdict_clear(&v);
	profile_free(p);
	return r;
}
