/* `profile lint`: findings about profiles, by place. Without a name: all of the user's, and drafts. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cli/cmd_profile.h"
#include "profiles/lint.h"

enum { PROFILES_MAX = 1024 };

static void
put_finding(struct out *o, const struct lint_finding *f)
{
	static const enum role roles[] = { [LINT_OFF] = ROLE_TEXT,
					   [LINT_INFO] = ROLE_BLUE,
					   [LINT_WARN] = ROLE_YELLOW,
					   [LINT_ERROR] = ROLE_RED };

	out_puts(o, "  ");
	out_text(o, f->file);
	if (f->line)
		out_putf(o, ":%u:%u", f->line, f->column);
	out_puts(o, ": ");
	out_role(o, roles[f->severity], false, lint_severity_name(f->severity));
	out_putf(o, " %s: ", f->rule);
	out_text(o, f->message);
	out_puts(o, "\n");
	if (f->fix) {
		out_puts(o, "      ");
		out_text(o, f->fix);
		out_puts(o, "\n");
	}
}

static void
json_optional(struct json *j, const char *key, const char *text)
{
	if (text)
		json_string(j, key, text);
	else
		json_null(j, key);
}

static void
json_finding(struct json *j, const struct lint_finding *f)
{
	json_object(j, NULL);
	json_string(j, "rule", f->rule);
	json_string(j, "severity", lint_severity_name(f->severity));
	json_bytes(j, "file", f->file);
	if (f->line) {
		json_number(j, "line", f->line);
		json_number(j, "column", f->column);
	} else {
		json_null(j, "line");
		json_null(j, "column");
	}
	json_string(j, "pointer", f->pointer);
	json_string(j, "message", f->message);
	json_optional(j, "fix", f->fix);
	json_end(j);
}

/* Every profile file of a directory. */
static int
lint_directory(struct listing *l, struct lint_report *report, const struct lint_levels *levels,
	       const char *directory, unsigned int flags, struct err *e)
{
	struct dirent **list = NULL;
	int n = scandir(directory, &list, NULL, alphasort), r = 0;

	for (int i = 0; i < n; i++) {
		autobuf struct buf name = BUF_INIT;
		const char *file = list[i]->d_name;
		size_t stem = strcspn(file, ".");

		if (r == 0 && stem > 0 && report->count < PROFILES_MAX &&
		    (str_equal(file + stem, ".json") || str_equal(file + stem, ".jsonc"))) {
			if (buf_add(&name, file, stem) < 0)
				r = err_set(e, -ENOMEM, "out of memory");
			else
				r = lint_profile(report, buf_str(&name), flags, levels,
						 l->environment, e);
		}
		free(list[i]);
	}
	free(list);
	return r;
}

static int
lint_all(struct listing *l, struct lint_report *report, const struct lint_levels *levels,
	 struct err *e)
{
	autobuf struct buf root = BUF_INIT, profiles = BUF_INIT, drafts = BUF_INIT;
	int r = profile_config_root(&root, l->environment, e);

	if (r < 0)
		return r;
	if (buf_addf(&profiles, "%s/profiles", buf_str(&root)) < 0 ||
	    buf_addf(&drafts, "%s/profile-drafts", buf_str(&root)) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	r = lint_directory(l, report, levels, buf_str(&profiles), 0, e);
	return r < 0 ? r : lint_directory(l, report, levels, buf_str(&drafts), PROFILE_DRAFT, e);
}

static int
read_levels(struct listing *l, struct lint_levels *levels, struct err *e)
{
	lint_levels_init(levels);
	for (size_t i = 0; i < l->o->count; i++)
		if (l->o->item[i].flag->id == FLAG_RULE &&
		    lint_levels_set(levels, l->o->item[i].value) < 0)
			return err_set_exit(e, EXIT_USAGE, -EINVAL,
					    "invalid value '%s' for '--rule <ID=LEVEL>'; as in "
					    "P106=warn, with off, info, warn or error",
					    l->o->item[i].value);
	return 0;
}

static void
put_report(struct listing *l, const struct lint_report *r)
{
	struct json *j = &l->j;

	listing_title(l, "%zu errors, %zu warnings, %zu infos", r->errors, r->warnings, r->infos);
	if (r->count)
		out_puts(&l->out, "\n");
	json_object(j, NULL);
	json_array(j, "findings");
	for (size_t i = 0; i < r->count; i++) {
		put_finding(&l->out, &r->item[i]);
		json_finding(j, &r->item[i]);
	}
	json_end(j);
	json_object(j, "summary");
	json_number(j, "errors", r->errors);
	json_number(j, "warnings", r->warnings);
	json_number(j, "infos", r->infos);
	json_end(j);
	json_end(j);
}

int
profile_lint(struct listing *l, struct err *e)
{
	struct lint_report report = { .count = 0 };
	struct lint_levels levels;
	int r = read_levels(l, &levels, e);

	if (r == 0 && l->o->program.count == 0)
		r = lint_all(l, &report, &levels, e);
	for (size_t i = 0; i < l->o->program.count && r == 0; i++)
		r = lint_profile(&report, l->o->program.item[i], 0, &levels, l->environment, e);
	if (r == 0) {
		put_report(l, &report);
		if (report.errors) {
			l->exit_code = EXIT_NONO;
			(void)err_set(&l->verdict, -EINVAL, "%zu errors found", report.errors);
		} else if (report.warnings && opt_has(l->o, FLAG_PROFILE_STRICT)) {
			l->exit_code = EXIT_USAGE;
		}
	}
	lint_report_clear(&report);
	return r;
}
