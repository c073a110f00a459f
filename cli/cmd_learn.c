/*
 * `nono learn`: run a command, see what it uses, propose grants. Without --sandboxed the command is
 * not confined at all, which is said and asked for. What is proposed is what the plan of `nono run`
 * for the same command lacks.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/sha256.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "cli/env.h"
#include "cli/learn_save.h"
#include "cli/learn_text.h"
#include "cli/out.h"
#include "cli/prompt.h"
#include "cli/request.h"
#include "launch/launch.h"
#include "learn/cover.h"
#include "learn/names.h"
#include "learn/report.h"

enum { COLLAPSE_DEFAULT = 8, COLLAPSE_MAX = 1000000, ROOT_PATHS = 5 };

struct learning {
	const struct opt *o;
	char *const *environment;
	struct out note;   /* standard error */
	struct out result; /* standard output */
	bool json, as_profile, sandboxed, silent;

	struct request request;
	struct policy_notes notes;
	void *image;
	size_t image_bytes;
	struct plan plan;
	struct kernel kernel;
	struct launch *launch;		 /* --sandboxed */
	char *temp;			 /* the command's private temporary directory */
	const char **words, **variables; /* for execve, NULL behind the last */

	struct timespec started;
	struct trace_result trace;
	struct buf root_path[ROOT_PATHS], home, temp_real;
	struct cover_rules cover;
	struct classification found;
};

static int
out_of_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "out of memory");
}

/* ---- the plan to compare with ---- */

static int
make_plan(struct learning *l, struct err *e)
{
	struct plan_builder builder;
	char cwd[PATH_MAX];
	int r;

	if (request_make(&l->request, l->o, l->environment) < 0)
		return out_of_memory(e);
	/* As `nono run` would: the profile may put its own program in front. */
	l->request.policy.mode = PLAN_MODE_RUN;
	r = request_load(&l->request, &l->notes, e);
	if (r < 0)
		return r;
	if (l->request.policy.command.count == 0)
		return err_set_exit(
			e, EXIT_USAGE, -EINVAL,
			"the following required arguments were not provided: <PROGRAM>; "
			"as in 'nono learn -- make'");
	/* What a profile gives in the working directory needs no proposal. */
	l->request.policy.allow_cwd = l->request.profile != NULL;
	/* Confined without a broker: the process that is traced becomes the command. */
	l->request.policy.mode = l->sandboxed ? PLAN_MODE_WRAP : PLAN_MODE_RUN;
	l->request.policy.no_audit = true;
	l->request.policy.dry_run = !l->sandboxed;
	if (plan_builder_init(&builder) < 0)
		return out_of_memory(e);
	r = policy_assemble(&builder, &l->request.policy, &l->notes, NULL, NULL, e);
	for (size_t i = 0; r == 0 && i < l->request.policy.command.count; i++)
		if (plan_build_shown(&builder, "") < 0)
			r = out_of_memory(e);
	/* Without a grant for it a session starts in "/", and no relative name would be learned. */
	if (r == 0 && (!getcwd(cwd, sizeof(cwd)) ||
		       plan_build_string(&builder, cwd, &builder.settings.start_directory) < 0))
		r = err_set(e, -errno, "Learn mode error: there is no working directory");
	if (r == 0)
		r = plan_build_open(&builder, &l->image, &l->image_bytes, &l->plan, e);
	plan_builder_clear(&builder);
	return r;
}

/* What is wrong with the profile; that a program would be blocked does not matter here. */
static void
show_notes(struct learning *l)
{
	for (size_t i = 0; i < l->notes.count; i++) {
		const struct policy_note *n = &l->notes.item[i];

		if (n->kind == POLICY_NOTE_WARNING)
			out_warning(&l->note, n->text);
		else if (n->kind == POLICY_NOTE_DEPRECATED)
			out_putf(&l->note, "warning: %s\n", n->text);
	}
}

/* ---- the command ---- */

/* Variables by which a program would believe that it is confined. */
static bool
tells_of_sandbox(const char *entry)
{
	return str_starts_with(entry, "NONO_CAP_FILE=") ||
	       str_starts_with(entry, "NONO_SANDBOXED=") ||
	       str_starts_with(entry, "NONO_SESSION_ID=");
}

/* Words and environment as `nono run` would give them. */
static int
prepare_unconfined(struct learning *l, struct err *e)
{
	const struct plan *p = &l->plan;
	size_t words = plan_count(p, PLAN_SEC_ARGV), n = 0;
	size_t variables = plan_count(p, PLAN_SEC_ENVIRONMENT);
	autobuf struct buf temp = BUF_INIT;
	int r;

	r = tempdir_make(&l->temp, plan_string(p, p->settings->temp_parent), e);
	if (r < 0)
		return r;
	l->words = mem_calloc(words + 1, sizeof(*l->words));
	l->variables = mem_calloc(variables + 2, sizeof(*l->variables));
	if (!l->words || !l->variables || buf_addf(&temp, "TMPDIR=%s", l->temp) < 0)
		return out_of_memory(e);
	for (size_t i = 0; i < words; i++)
		l->words[i] = plan_argument_at(p, i);
	for (size_t i = 0; i < variables; i++) {
		const char *entry = plan_environment_at(p, i);

		if (!tells_of_sandbox(entry) && !str_starts_with(entry, "TMPDIR="))
			l->variables[n++] = entry;
	}
	l->variables[n] = buf_take(&temp);
	return l->variables[n] ? 0 : out_of_memory(e);
}

/* In the new process. */
static int
start_command(void *context, struct err *e)
{
	struct learning *l = context;
	const char *program = plan_string(&l->plan, l->plan.settings->program);

	/* The result alone goes to standard output. */
	if ((l->json || l->as_profile) && dup2(STDERR_FILENO, STDOUT_FILENO) == -1)
		return err_set_errno(e, -errno, "Learn mode error: no standard output");
	if (l->sandboxed)
		return launch_exec(l->launch, e);
	(void)execve(program, (char *const *)l->words, (char *const *)l->variables);
	return err_set_errno(e, -errno, "Learn mode error: cannot start '%s'", l->words[0]);
}

static int
confirm(struct learning *l, struct err *e)
{
	if (l->silent || l->sandboxed || opt_has(l->o, FLAG_LEARN_YES))
		return 1;
	if (l->json && isatty(STDIN_FILENO) != 1)
		return err_set(e, -EINVAL,
			       "Learn mode error: there is nobody to confirm that the command runs "
			       "without a sandbox; add --yes, or --sandboxed to confine it");
	out_puts(&l->note,
		 "WARNING: nono learn runs the command WITHOUT any sandbox restrictions.\n"
		 "It can do whatever you can do; --sandboxed confines it.\n"
		 "Continue? [y/N] ");
	if (out_flush(&l->note) == 0 && prompt_read_yes(STDIN_FILENO))
		return 1;
	out_puts(&l->note, "Aborted.\n");
	return 0;
}

static int
run_command(struct learning *l, struct err *e)
{
	const char *timeout = opt_value(l->o, FLAG_TIMEOUT);
	struct trace_options options = {
		.start = start_command,
		.context = l,
		.looks = opt_has(l->o, FLAG_ALL) || opt_has(l->o, FLAG_RECORD),
		.results = l->sandboxed,
		.allow_io_uring = opt_has(l->o, FLAG_ALLOW_IO_URING),
	};
	uint64_t seconds = 0;
	int r;

	if (timeout && str_to_u64(timeout, 1, UINT32_MAX, &seconds) < 0)
		return err_set(e, -EINVAL, "Learn mode error: --timeout takes seconds");
	options.timeout_ms = seconds * 1000;
	if (l->sandboxed) {
		kernel_probe(&l->kernel);
		r = launch_prepare(&l->launch, &l->plan, &l->kernel, e);
	} else {
		r = prepare_unconfined(l, e);
	}
	if (r < 0)
		return r;
	out_puts(&l->note, "nono learn - Tracing file accesses and network activity...\n");
	(void)out_flush(&l->note);
	(void)clock_gettime(CLOCK_REALTIME, &l->started);
	r = trace_command(&l->trace, &options, e);
	if (r < 0 || !opt_has(l->o, FLAG_VERBOSE))
		return r;
	out_putf(&l->note, "  traced by ptrace, %s\n",
		 l->trace.filtered ? "stopped by a seccomp filter" : "stopped at every call");
	return 0;
}

/* ---- what of it needs a grant ---- */

/* DIR/BELOW, canonical; empty when DIR is not absolute. */
static int
add_root(struct learning *l, size_t *n, const char **ret, const char *dir, const char *below)
{
	autobuf struct buf path = BUF_INIT;
	struct buf *to = &l->root_path[*n];

	*ret = NULL;
	if (!dir || dir[0] != '/')
		return 0;
	if (path_join(&path, dir, below) < 0 || path_canonical(to, "/", buf_str(&path)) < 0)
		return -ENOMEM;
	++*n;
	*ret = buf_str(to);
	return 0;
}

static int
fill_cover(struct learning *l)
{
	const char *home = plan_string(&l->plan, l->plan.settings->home);
	const char *temp = l->sandboxed ? launch_temp_directory(l->launch) : l->temp;
	struct cover_rules *c = &l->cover;
	size_t n = 0;

	if (path_canonical(&l->home, "/", home) < 0 ||
	    (*temp && path_canonical(&l->temp_real, "/", temp) < 0) ||
	    add_root(l, &n, &c->state[0], env_get(l->environment, "XDG_STATE_HOME"), "nono") < 0 ||
	    add_root(l, &n, &c->state[1], home, ".local/state/nono") < 0 ||
	    add_root(l, &n, &c->state[2], home, ".nono") < 0 ||
	    add_root(l, &n, &c->config[0], env_get(l->environment, "XDG_CONFIG_HOME"), "nono") <
		    0 ||
	    add_root(l, &n, &c->config[1], home, ".config/nono") < 0)
		return -ENOMEM;
	c->plan = &l->plan;
	c->home = buf_str(&l->home);
	c->temp = buf_str(&l->temp_real);
	return 0;
}

static int
judge(struct learning *l, struct err *e)
{
	const char *text = opt_value(l->o, FLAG_COLLAPSE);
	uint64_t collapse = opt_has(l->o, FLAG_COLLAPSE) ? COLLAPSE_DEFAULT : 0;
	struct classify_rules rules = {
		.ask = cover_ask,
		.too_broad = cover_too_broad,
		.context = &l->cover,
		.denied_only = l->sandboxed,
		.all = opt_has(l->o, FLAG_ALL),
	};

	if (text && str_to_u64(text, 2, COLLAPSE_MAX, &collapse) < 0)
		return err_set(e, -EINVAL, "Learn mode error: --collapse takes a number from 2 on");
	rules.collapse = (size_t)collapse;
	if (opt_has(l->o, FLAG_NO_RDNS))
		endpoints_forget_names(&l->trace.net);
	else if (names_look_up(&l->trace.net) < 0)
		return out_of_memory(e);
	paths_sort(&l->trace.paths);
	endpoints_sort(&l->trace.net);
	if (fill_cover(l) < 0 || classify(&l->found, &l->trace.paths, &rules) < 0)
		return out_of_memory(e);
	return 0;
}

/* ---- output ---- */

/* Would `nono run` start with what is proposed? Its own words when it would not. */
static int
check_proposal(struct learning *l, bool *ret_refused, struct err *refusal, struct err *e)
{
	const struct findings *f = &l->found.wanted;
	struct policy_request *rq = &l->request.policy, asked = *rq;
	const char **list[] = { NULL, NULL, NULL, NULL, NULL, NULL };
	struct words *const words[] = { &asked.read,	  &asked.write,	     &asked.allow,
					&asked.read_file, &asked.write_file, &asked.allow_file };
	struct policy_notes notes = { 0 };
	struct plan_builder builder;
	int r = 0;

	for (size_t k = 0; k < ARRAY_LEN(words) && r == 0; k++) {
		list[k] = mem_calloc(f->count + 1, sizeof(*list[k]));
		r = list[k] ? 0 : -ENOMEM;
	}
	for (size_t i = 0; i < f->count && r == 0; i++) {
		size_t k = (size_t)(f->item[i].access & 3) - 1 + (f->item[i].directory ? 0 : 3);

		words[k]->item = list[k];
		list[k][words[k]->count++] = f->item[i].path;
	}
	if (r == 0)
		r = plan_builder_init(&builder);
	if (r == 0) {
		asked.dry_run = true;
		asked.mode = PLAN_MODE_RUN;
		*ret_refused = policy_assemble(&builder, &asked, &notes, NULL, NULL, refusal) < 0;
		plan_builder_clear(&builder);
	}
	for (size_t i = 0; i < notes.count && !*ret_refused; i++)
		if (notes.item[i].kind == POLICY_NOTE_WOULD_FAIL) {
			*ret_refused = true;
			(void)err_set(refusal, -EACCES, "%s", notes.item[i].text);
		}
	policy_notes_clear(&notes);
	for (size_t k = 0; k < ARRAY_LEN(list); k++)
		mem_free(list[k]);
	return r < 0 ? out_of_memory(e) : 0;
}

/*
 * Would `nono run` ask whether the program may read its working directory? Where nobody can answer
 * it refuses to start.
 */
static bool
needs_directory(const struct learning *l)
{
	autobuf struct buf cwd = BUF_INIT;
	const struct findings *f = &l->found.wanted;
	const char *shown = plan_string(&l->plan, l->plan.settings->workdir);

	if (path_canonical(&cwd, "/", shown) < 0 ||
	    cover_too_broad(&l->cover, buf_str(&cwd), PLAN_READ) ||
	    plan_query_path(&l->plan, buf_str(&cwd), PLAN_READ).allowed)
		return false;
	for (size_t i = 0; i < f->count; i++)
		if (f->item[i].directory && (f->item[i].access & PLAN_READ) &&
		    path_is_beneath(buf_str(&cwd), f->item[i].path))
			return false;
	return true;
}

/* So that records of one command can be told from those of another without showing its words. */
static void
hash_command(char hex[SHA256_HEX_MAX], const struct words *command)
{
	unsigned char value[SHA256_BYTES];
	struct sha256 h;

	sha256_init(&h);
	for (size_t i = 0; i < command->count; i++)
		sha256_add(&h, command->item[i], strlen(command->item[i]) + 1);
	sha256_end(&h, value);
	sha256_hex(hex, value);
}

static int
write_record(struct learning *l, struct err *e)
{
	const char *name = opt_value(l->o, FLAG_RECORD);
	const char *profile = opt_value(l->o, FLAG_PROFILE);
	struct report_record head = { .profile = profile ? profile : "default",
				      .sandboxed = l->sandboxed };
	autobuf struct buf text = BUF_INIT;
	char started[CLOCK_TEXT_MAX], hex[SHA256_HEX_MAX];
	autofd int fd = -1;
	int r;

	if (!name)
		return 0;
	clock_rfc3339(started, l->started, 0);
	hash_command(hex, &l->request.policy.command);
	head.command_sha256 = hex;
	head.started = started;
	if (report_record(&text, &head, &l->trace) < 0)
		return out_of_memory(e);
	/* Like a session record it tells what was worked on. */
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0600);
	r = fd == -1 ? -errno : fd_write_all(fd, text.p, text.n);
	return r < 0 ? err_set_errno(e, r, "Learn mode error: cannot write the record '%s'", name)
		     : 0;
}

static int
print_text(struct learning *l, struct err *e)
{
	const struct words *command = &l->request.policy.command;
	struct err refusal = ERR_INIT;
	struct learn_text text = {
		.c = &l->found,
		.trace = &l->trace,
		.command = command->item,
		.words = command->count,
		.all = opt_has(l->o, FLAG_ALL),
		.profile = opt_value(l->o, FLAG_PROFILE),
		.allow_cwd = l->request.profile || needs_directory(l),
	};
	bool refused = false;
	int r = check_proposal(l, &refused, &refusal, e);

	if (r < 0)
		return r;
	if (refused)
		text.refused = refusal.text;
	learn_text_report(&l->result, &text);
	r = out_flush(&l->result);
	return r < 0 && r != -EPIPE ? err_set_errno(e, r, "cannot write to standard output") : 0;
}

static int
print_data(struct learning *l, struct err *e)
{
	autobuf struct buf text = BUF_INIT, description = BUF_INIT;
	int r;

	if (buf_addf(&description, "Auto-generated profile for %s",
		     path_basename(l->request.policy.command.item[0])) < 0)
		return out_of_memory(e);
	if (l->json) {
		r = report_json(&text, &l->found, &l->trace);
	} else {
		const struct report_profile profile = {
			.name = "learned",
			.description = buf_str(&description),
			.home = l->cover.home,
		};

		r = report_profile(&text, &profile, &l->found, &l->trace);
	}
	if (r < 0)
		return err_set_errno(e, r, "Learn mode error: cannot make the report");
	r = fd_write_all(STDOUT_FILENO, text.p, text.n);
	return r < 0 && r != -EPIPE ? err_set_errno(e, r, "cannot write to standard output") : 0;
}

static int
save(struct learning *l, struct err *e)
{
	const struct learn_save s = {
		.c = &l->found,
		.trace = &l->trace,
		.command = &l->request.policy.command,
		.profile = opt_value(l->o, FLAG_PROFILE),
		.home = l->cover.home,
		.environment = l->environment,
	};

	return learn_save(&l->note, &s, e);
}

static int
print_result(struct learning *l, struct err *e)
{
	int r;

	(void)signal(SIGPIPE, SIG_IGN);
	learn_text_end(&l->note, &l->trace);
	(void)out_flush(&l->note);
	if ((r = write_record(l, e)) < 0)
		return r;
	if (l->json || l->as_profile)
		r = print_data(l, e);
	else if ((r = print_text(l, e)) == 0 && !l->silent)
		r = save(l, e);
	if (r == 0 && l->trace.net.count > 0)
		out_puts(&l->note, "Network activity detected. Use --block-net to restrict network "
				   "access.\n");
	(void)out_flush(&l->note);
	return r;
}

/* ---- the order ---- */

static int
learn(struct learning *l, struct err *e)
{
	int r;

	/* Before anybody is asked about something that cannot be done. */
	if ((r = make_plan(l, e)) < 0)
		return r;
	show_notes(l);
	r = confirm(l, e);
	if (r <= 0)
		return r;
	if ((r = run_command(l, e)) < 0 || (r = judge(l, e)) < 0)
		return r;
	return print_result(l, e);
}

static void
clear(struct learning *l)
{
	if (l->variables) {
		size_t n = 0;

		while (l->variables[n])
			n++;
		/* The last one is ours, the others are the plan's. */
		if (n > 0 && l->temp && str_starts_with(l->variables[n - 1], "TMPDIR="))
			mem_free((void *)l->variables[n - 1]);
	}
	if (l->temp)
		(void)tempdir_remove(l->temp);
	if (l->launch && *launch_temp_directory(l->launch))
		(void)tempdir_remove(launch_temp_directory(l->launch));
	launch_free(l->launch);
	classification_clear(&l->found);
	trace_result_clear(&l->trace);
	for (size_t i = 0; i < ROOT_PATHS; i++)
		buf_clear(&l->root_path[i]);
	buf_clear(&l->home);
	buf_clear(&l->temp_real);
	mem_free(l->temp);
	mem_free(l->words);
	mem_free(l->variables);
	policy_notes_clear(&l->notes);
	request_clear(&l->request);
	mem_free(l->image);
	out_clear(&l->note);
	out_clear(&l->result);
}

int
cmd_learn(struct opt *o, char *const *environment)
{
	struct learning l = { .o = o, .environment = environment };
	const char *format = opt_value(o, FLAG_LEARN_FORMAT), *unknown;
	struct err e = ERR_INIT;
	int code = 0;

	out_init(&l.note, STDERR_FILENO, opt_value(o, FLAG_COLOR), environment);
	out_init(&l.result, STDOUT_FILENO, opt_value(o, FLAG_COLOR), environment);
	l.note.theme = l.result.theme = theme_choose(opt_value(o, FLAG_THEME), NULL, &unknown);
	l.json = opt_has(o, FLAG_LEARN_JSON) || (format && str_equal(format, "json"));
	l.as_profile = !l.json && format && str_equal(format, "profile");
	l.sandboxed = opt_has(o, FLAG_SANDBOXED);
	l.silent = opt_has(o, FLAG_SILENT);
	l.note.quiet = l.silent;
	if (learn(&l, &e) < 0) {
		if (e.exit_code == EXIT_USAGE) {
			code = cmd_usage_error(o, &e, environment);
		} else {
			out_error(&l.note, &e);
			code = e.exit_code ? e.exit_code : EXIT_NONO;
		}
	}
	(void)out_flush(&l.note);
	clear(&l);
	return code;
}
