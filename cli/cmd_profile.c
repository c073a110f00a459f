/*
 * `profile` and `policy`: what their commands have in common. Results go to standard output, all
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

/*
 * "CLASS: FILE:LINE:COLUMN: DETAIL; did you mean 'X'?" taken apart for scripts. Every part but the
 * detail may be missing.
 */
struct told {
	struct slice class, file, detail, hint;
	unsigned int line, column;
};

static bool
take_number(struct slice *rest, unsigned int *ret)
{
	size_t n = 0;
	unsigned int v = 0;

	while (n < rest->n && n < 9 && rest->p[n] >= '0' && rest->p[n] <= '9')
		v = v * 10 + (unsigned int)(rest->p[n++] - '0');
	if (n == 0 || n == rest->n || rest->p[n] != ':')
		return false;
	*ret = v;
	rest->p += n + 1;
	rest->n -= n + 1;
	return true;
}

static struct told
take_apart(const char *text)
{
	struct told t = { .detail = slice_of(text) };
	const char *colon = strstr(text, ": "), *hint = strstr(text, "did you mean ");
	struct slice rest;

	if (colon) {
		t.class = (struct slice){ text, (size_t)(colon - text) };
		t.detail = slice_of(colon + 2);
	}
	for (size_t i = 0; i < t.detail.n; i++) {
		unsigned int line, column;

		rest = (struct slice){ t.detail.p + i + 1, t.detail.n - i - 1 };
		if (t.detail.p[i] != ':' || !take_number(&rest, &line) ||
		    !take_number(&rest, &column))
			continue;
		t.file = (struct slice){ t.detail.p, i };
		t.line = line;
		t.column = column;
		while (rest.n > 0 && *rest.p == ' ')
			rest.p++, rest.n--;
		t.detail = rest;
		break;
	}
	if (hint)
		t.hint = slice_of(hint);
	return t;
}

static void
json_slice(struct json *j, const char *key, struct slice text)
{
	autobuf struct buf b = BUF_INIT;

	if (!text.p)
		json_null(j, key);
	else if (buf_add(&b, text.p, text.n) < 0)
		j->error = -ENOMEM;
	else
		json_string(j, key, buf_str(&b));
}

static void
tell_json(struct listing *l, const struct err *e)
{
	struct told t = take_apart(e->text);
	struct json j = JSON_INIT(&l->json);

	buf_reset(&l->json);
	json_object(&j, NULL);
	json_object(&j, "error");
	json_slice(&j, "class", t.class);
	json_slice(&j, "detail", t.detail);
	json_slice(&j, "file", t.file);
	if (t.line)
		json_number(&j, "line", t.line);
	else
		json_null(&j, "line");
	if (t.line)
		json_number(&j, "column", t.column);
	else
		json_null(&j, "column");
	json_slice(&j, "hint", t.hint);
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
		r = json_finish(&l->j);
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
