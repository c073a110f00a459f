/*
 * `profile`, `policy` and `hooks`: what their commands have in common. Results go to standard output, all
 * other words to standard error; with --json an error is told on both.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "cli/cmd_profile.h"
#include "cli/env.h"

void
listing_title(struct listing *l, const char *fmt, ...)
{
	autobuf struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	if (buf_vaddf(&text, fmt, ap) < 0)
		l->out.failed = true;
	va_end(ap);
	out_role(&l->out, ROLE_BRAND, true, "nono profile");
	out_puts(&l->out, ": ");
	out_text(&l->out, buf_str(&text));
	out_puts(&l->out, "\n");
}

/* `policy profiles` is `profile list`; the others keep their names. */
static void
warn_old_name(struct listing *l)
{
	const char *old = l->o->command->name;

	if (l->o->parent->id != COMMAND_POLICY)
		return;
	out_putf(&l->note,
		 "warning: 'nono policy %s' is deprecated and will be removed in a future release; "
		 "use 'nono profile %s'\n",
		 old, str_equal(old, "profiles") ? "list" : old);
	(void)out_flush(&l->note);
}

static void
tell_notes(struct listing *l, const struct policy_notes *notes)
{
	for (size_t i = 0; i < notes->count; i++) {
		const struct policy_note *n = &notes->item[i];

		if (n->kind == POLICY_NOTE_DEPRECATED) {
			l->deprecated++;
			out_puts(&l->note, "warning: ");
			out_text(&l->note, n->text);
			out_puts(&l->note, "\n");
		} else if (n->kind == POLICY_NOTE_WARNING) {
			out_warning(&l->note, n->text);
		}
	}
}

int
listing_load(struct listing *l, struct profile **ret, const char *reference, unsigned int flags,
	     struct err *e)
{
	struct policy_notes notes = { 0 };
	struct profile_request rq = { .reference = reference,
				      .environment = l->environment,
				      .flags = flags,
				      .problem = &l->problem };
	int r = profile_load(ret, &rq, &notes, e);

	tell_notes(l, &notes);
	policy_notes_clear(&notes);
	return r;
}

int
listing_tree(struct listing *l, const struct node *tree, struct err *e)
{
	l->as_json = true;
	if (!tree)
		return err_set(e, -ENOMEM, "out of memory");
	node_write(&l->j, NULL, tree);
	return 0;
}

int
node_line(struct buf *b, const struct node *n)
{
	struct json j = JSON_CANONICAL_INIT(b, NODE_LINE_MAX);

	if (n->text)
		return buf_adds(b, n->text);
	node_write(&j, NULL, n);
	return json_finish(&j);
}

static void
json_text(struct json *j, const char *key, const char *text)
{
	if (text && *text)
		json_string(j, key, text);
	else
		json_null(j, key);
}

static void
json_position(struct json *j, const char *key, uint32_t position)
{
	if (position)
		json_number(j, key, position);
	else
		json_null(j, key);
}

/* "CLASS: DETAIL": the class is known to the loader, and otherwise what stands before a colon. */
static void
tell_json(struct listing *l, const struct err *e)
{
	const struct profile_problem *p = &l->problem;
	const char *detail = e->text, *colon = strstr(e->text, ": ");
	autobuf struct buf class = BUF_INIT;
	struct json j = JSON_INIT(&l->json);

	if (colon) {
		if (buf_add(&class, e->text, (size_t)(colon - e->text)) < 0)
			return;
		detail = colon + 2;
	}
	buf_reset(&l->json);
	json_object(&j, NULL);
	json_object(&j, "error");
	json_text(&j, "class", p->class_name ? p->class_name : buf_str(&class));
	json_string(&j, "detail", detail);
	json_text(&j, "file", p->file);
	json_position(&j, "line", p->place.line);
	json_position(&j, "column", p->place.column);
	json_text(&j, "hint", p->place.hint);
	json_end(&j);
	json_end(&j);
	if (json_finish(&j) == 0)
		(void)!fd_write_all(STDOUT_FILENO, l->json.p, l->json.n);
}

static int
run_command(struct listing *l, struct err *e)
{
	switch (l->o->command->id) {
	case COMMAND_PROFILE_GROUPS:
		return profile_groups(l, e);
	case COMMAND_PROFILE_LIST:
		return profile_list(l, e);
	case COMMAND_PROFILE_SHOW:
		return profile_show(l, e);
	case COMMAND_PROFILE_DIFF:
		return profile_diff(l, e);
	case COMMAND_PROFILE_VALIDATE:
		return profile_validate(l, e);
	case COMMAND_PROFILE_INIT:
		return profile_init(l, e);
	case COMMAND_PROFILE_PROMOTE:
		return profile_promote(l, e);
	case COMMAND_PROFILE_SCHEMA:
		return profile_schema(l, e);
	case COMMAND_PROFILE_GUIDE:
		return profile_guide(l, e);
	case COMMAND_PROFILE_LINT:
		return profile_lint(l, e);
	case COMMAND_PROFILE_EXPLAIN:
		return profile_explain(l, e);
	case COMMAND_PROFILE_DRIFT:
		return profile_drift(l, e);
	case COMMAND_PROFILE_TEST:
		return profile_test(l, e);
	case COMMAND_HOOKS_STATUS:
		return hooks_status(l, e);
	case COMMAND_HOOKS_INSTALL:
		return hooks_install(l, e);
	case COMMAND_HOOKS_REMOVE:
		return hooks_remove(l, e);
	case COMMAND_HOOKS_APPROVALS:
		return hooks_approvals(l, e);
	default:
		return err_set(e, -EINVAL, "cannot do '%s'", l->o->command->name);
	}
}

/* A reader that leaves early is no error for a listing. */
static int
flush(struct listing *l, struct err *e)
{
	int r;

	if (l->as_json) {
		r = l->json_done ? 0 : json_finish(&l->j);
		if (r == 0)
			r = fd_write_all(STDOUT_FILENO, l->json.p, l->json.n);
	} else {
		r = out_flush(&l->out);
	}
	if (r < 0 && r != -EPIPE)
		return err_set_errno(e, r, "cannot write to standard output");
	return 0;
}

int
cmd_profile(struct opt *o, char *const *environment)
{
	const char *color = opt_value(o, FLAG_COLOR), *unknown;
	struct listing l = { .o = o, .environment = environment };
	struct err e = ERR_INIT;
	int code;

	(void)signal(SIGPIPE, SIG_IGN);
	out_init(&l.out, STDOUT_FILENO, color, environment);
	out_init(&l.note, STDERR_FILENO, color, environment);
	l.out.theme = theme_choose(opt_value(o, FLAG_THEME), env_get(environment, "NONO_THEME"),
				   &unknown);
	l.note.theme = l.out.theme;
	l.note.quiet = opt_has(o, FLAG_SILENT);
	l.as_json = opt_has(o, FLAG_PROFILE_JSON);
	l.j = (struct json)JSON_INIT(&l.json);
	warn_old_name(&l);
	if (run_command(&l, &e) == 0 && flush(&l, &e) == 0) {
		(void)out_flush(&l.note);
		code = l.exit_code;
		if (l.verdict.code)
			out_error(&l.note, &l.verdict);
	} else {
		if (l.as_json && e.exit_code != EXIT_USAGE)
			tell_json(&l, &e);
		(void)out_flush(&l.note);
		out_error(&l.note, &e);
		code = e.exit_code ? e.exit_code : EXIT_NONO;
	}
	buf_clear(&l.json);
	out_clear(&l.out);
	out_clear(&l.note);
	return code;
}
