/*
 * run and wrap: from the options to a plan, and from the plan to the program. Order of what is
 * printed: spec 01 section 24. Nothing is created before the dry run has ended.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/hooks.h"
#include "base/log.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "cli/config.h"
#include "cli/diagnosis.h"
#include "cli/dryrun.h"
#include "cli/env.h"
#include "cli/helper.h"
#include "cli/json.h"
#include "cli/out.h"
#include "cli/prompt.h"
#include "cli/request.h"
#include "cli/save_context.h"
#include "cli/summary.h"
#include "launch/cgroup.h"

#ifndef NONO_BUILD_ID
#define NONO_BUILD_ID "unknown"
#endif

#define BROKER_NAME "nono-broker"

struct session {
	const struct opt *o;
	char *const *environment;
	struct out out; /* standard error */
	struct config config;
	struct err config_error;
	struct request request;
	struct policy_notes notes;
	void *image;
	size_t image_bytes;
	int diagnosis_fd; /* of --diagnostics-file, or -1 */
	struct plan plan;
	struct kernel kernel;
	struct session_hooks hooks;
};

/* ---- before the plan ---- */

static int
log_level(const struct opt *o, char *const *environment)
{
	static const char *const names[] = { "NONO_LOG", "RUST_LOG" };
	size_t verbosity = opt_count(o, FLAG_VERBOSE);

	if (verbosity > 0)
		return LOG_WARN + (int)(verbosity > 3 ? 3 : verbosity);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *text = env_get(environment, names[i]);
		int level = text ? log_level_parse(text) : -1;

		if (level >= 0)
			return level;
	}
	return LOG_WARN;
}

/* A log file that cannot be used does not stop the work. */
static void
start_log(struct session *s)
{
	const char *path = opt_value(s->o, FLAG_LOG_FILE);
	struct err e = ERR_INIT;

	if (s->out.quiet && !path)
		return;
	if (log_open((enum log_level)log_level(s->o, s->environment), path, &e) == 0)
		return;
	if (s->out.quiet)
		log_close();
	out_puts(&s->out, "nono: ");
	out_text(&s->out, e.text);
	out_puts(&s->out, "; falling back to stderr\n");
}

/*
 * A configuration that is wrong ends the launch: what it restricts is not known. One that may not
 * be read lies outside of a sandbox around us, which restricts more than it could.
 */
static void
read_config(struct session *s)
{
	if (config_load(&s->config, s->environment, &s->config_error) == -EACCES) {
		out_warning(&s->out, s->config_error.text);
		s->config_error = (struct err)ERR_INIT;
	}
}

static void
choose_theme(struct session *s)
{
	const char *unknown;

	s->out.theme = theme_choose(opt_value(s->o, FLAG_THEME), s->config.theme, &unknown);
	if (unknown)
		log_line(LOG_WARN, "unknown theme '%s'; known are " THEME_LIST, unknown);
}

static void
start_messages(struct session *s)
{
	const char *sudo_uid = env_get(s->environment, "SUDO_UID");

	for (size_t i = 0; i < s->o->warnings; i++)
		out_warning_line(&s->out, s->o->warning[i]);
	summary_banner(&s->out);
	if (request_default_profile(s->o, &s->config)) {
		out_puts(&s->out, "  profile ");
		out_text(&s->out, s->config.profile);
		out_puts(&s->out, " (config.toml)\n");
	}
	config_show_notes(&s->config, &s->out, opt_has(s->o, FLAG_VERBOSE));
	if (sudo_uid && geteuid() == 0)
		out_warning_line(
			&s->out,
			"  [nono] Warning: started by sudo: HOME, grants and new files are "
			"those of root. nono needs no root; run it without sudo.");
	(void)out_flush(&s->out);
}

/* ---- the plan ---- */

/* The command as records may show it: the broker never sees which of its words are secret. */
static int
add_shown(const struct session *s, struct plan_builder *b)
{
	const struct words *words = &s->request.policy.command;
	struct redact state = { .rules = &s->config.redact };
	autobuf struct buf shown = BUF_INIT;
	int r = 0;

	for (size_t i = 0; i < words->count && r == 0; i++) {
		buf_reset(&shown);
		r = redact_word(&state, &shown, words->item[i]);
		if (r == 0)
			r = plan_build_shown(b, buf_str(&shown));
	}
	return r;
}

/* What was redacted by whose wish goes to the record. */
static int
add_redactions(const struct session *s, struct plan_builder *b)
{
	const struct redact_rules *rules = &s->config.redact;
	const struct {
		const struct redact_list *list;
		enum plan_redaction_set set;
	} sets[] = {
		{ &rules->flags, PLAN_REDACT_FLAG },
		{ &rules->headers, PLAN_REDACT_HEADER },
		{ &rules->query_keys, PLAN_REDACT_QUERY_KEY },
		{ &rules->variables, PLAN_REDACT_VARIABLE },
		{ &rules->shown, PLAN_REDACT_NOT },
	};
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(sets); i++)
		for (size_t k = 0; k < sets[i].list->count && r == 0; k++)
			r = plan_build_redaction(b, sets[i].list->item[k], sets[i].set);
	return r;
}

static int
explain_redactions(int r, struct err *e)
{
	if (r == -E2BIG)
		return err_set(e, r,
			       "[redaction] of config.toml lists more than %u names, or one longer "
			       "than %u bytes; shorten it",
			       (unsigned int)PLAN_REDACTIONS_MAX, (unsigned int)PLAN_PATH_MAX);
	return err_set(e, r, "out of memory");
}

/* Scripts of the profile before the program, with what they export. */
static int
run_hooks(struct session *s, struct plan_builder *b, struct err *e)
{
	if (opt_has(s->o, FLAG_DRY_RUN) || opt_has(s->o, FLAG_NO_SESSION_HOOKS))
		return 0;
	s->hooks.skipped = s->request.policy.mode != PLAN_MODE_RUN;
	s->hooks.profile = s->request.profile;
	s->hooks.environment = s->environment;
	s->hooks.out = &s->out;
	s->hooks.prompt_ms = config_prompt_ms(&s->config);
	return json_hooks_before(&s->hooks, b, e);
}

/* Before the plan is made: what is granted must be there. */
static int
add_agent_hooks(struct session *s, struct err *e)
{
	struct request *rq = &s->request;

	if (rq->profile && !opt_has(s->o, FLAG_DRY_RUN) &&
	    json_agent_hooks(rq->profile, s->environment, &s->notes) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	return request_name_hook_script(rq, e);
}

static int
make_plan(struct session *s, struct err *e)
{
	struct plan_builder builder;
	struct prompt prompt;
	int hooks = 0, r;

	if (request_make(&s->request, s->o, s->environment) < 0 ||
	    request_name_own_programs(&s->request) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	s->request.out = &s->out;
	request_use_config(&s->request, s->o, &s->config);
	r = request_load(&s->request, &s->notes, e);
	if (r == 0)
		r = add_agent_hooks(s, e);
	if (r < 0)
		return r;
	if (s->request.policy.command.count == 0)
		return err_set(e, -EINVAL,
			       "No command specified. Name the program behind the options, as in "
			       "'nono run --allow . -- make'");
	s->request.policy.terminal_filter = s->config.terminal_filter;
	s->request.policy.scrollback_rows = s->config.scrollback_rows;
	s->request.policy.color = s->out.depth != COLOR_NONE;
	if (plan_builder_init(&builder) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	prompt = (struct prompt){ &s->out, config_prompt_ms(&s->config) };
	r = policy_assemble(&builder, &s->request.policy, &s->notes, prompt_share_directory,
			    &prompt, e);
	if (r == 0 && add_shown(s, &builder) < 0)
		r = err_set(e, -ENOMEM, "out of memory");
	if (r == 0 && (r = add_redactions(s, &builder)) < 0)
		r = explain_redactions(r, e);
	/* A hook that must not fail leaves a plan, whose files are removed again. */
	if (r == 0)
		hooks = run_hooks(s, &builder, e);
	if (r == 0)
		r = plan_build_open(&builder, &s->image, &s->image_bytes, &s->plan,
				    hooks < 0 ? NULL : e);
	plan_builder_clear(&builder);
	if (r == 0 && hooks == 0 && s->request.profile && !opt_has(s->o, FLAG_DRY_RUN))
		r = json_compare_seen(s->request.profile,
				      plan_string(&s->plan, s->plan.settings->state_directory),
				      &s->notes, e);
	if (r == 0 && hooks < 0) {
		launch_remove_created(&s->plan);
		r = hooks;
	}
	return r;
}

/* The program could rewrite what the file says about it. */
static void
check_place(struct session *s, enum flag_id flag, const char *what)
{
	const char *file = opt_value(s->o, flag);
	autobuf struct buf path = BUF_INIT, text = BUF_INIT;
	char cwd[PATH_MAX];

	if (!file || !getcwd(cwd, sizeof(cwd)) || path_canonical(&path, cwd, file) < 0 ||
	    !plan_query_path(&s->plan, buf_str(&path), PLAN_WRITE).allowed)
		return;
	if (buf_addf(&text, "the %s file %s lies inside a grant: the program can rewrite it", what,
		     buf_str(&path)) < 0)
		s->out.failed = true;
	else
		out_warning(&s->out, buf_str(&text));
}

/* What the agent runs at its next event, maybe without nono, would be the program's own. */
static void
check_hook_script(struct session *s)
{
	const char *script = s->request.hook_script;
	autobuf struct buf path = BUF_INIT, text = BUF_INIT;

	if (!script || path_canonical(&path, "/", script) < 0 ||
	    !plan_query_path(&s->plan, buf_str(&path), PLAN_WRITE).allowed)
		return;
	if (buf_addf(&text,
		     "the hook script %s lies inside a grant: the program can rewrite what the "
		     "agent runs later without a sandbox",
		     buf_str(&path)) < 0)
		s->out.failed = true;
	else
		out_warning(&s->out, buf_str(&text));
}

static void
show_plan(struct session *s)
{
	summary_notes(&s->out, &s->notes, s->plan.settings->verbosity);
	check_place(s, FLAG_LOG_FILE, "log");
	check_place(s, FLAG_DIAGNOSTICS_FILE, "diagnostics");
	check_place(s, FLAG_CONFIG, "manifest");
	check_hook_script(s);
	summary_capabilities(&s->out, &s->plan, &s->kernel);
	log_line(LOG_DEBUG, "plan of %zu bytes, %zu grants, Landlock V%d", s->image_bytes,
		 plan_count(&s->plan, PLAN_SEC_GRANTS), s->kernel.landlock_abi);
}

/* Would there be a cgroup for --memory and --max-procs? Looks, and makes nothing. */
static int
check_limits(struct session *s, struct err *e)
{
	const struct plan_settings *settings = s->plan.settings;
	autobuf struct buf path = BUF_INIT;
	struct err reason = ERR_INIT;
	enum cgroup_kind kind;

	if (!settings->memory_bytes && !settings->max_processes)
		return 0;
	if (cgroup_find(&path, &kind, getpid(), &reason) == 0 || reason.code == -ENOMEM)
		return 0;
	return policy_notes_add(&s->notes, POLICY_NOTE_WOULD_FAIL, reason.text) < 0
		       ? err_set(e, -ENOMEM, "out of memory")
		       : 0;
}

static int
end_dry_run(struct session *s, struct err *e)
{
	autobuf struct buf json = BUF_INIT;
	int r = check_limits(s, e);

	if (r < 0)
		return r;

	(void)signal(SIGPIPE, SIG_IGN);
	dryrun_rows(&s->out, &s->plan, &s->kernel, &s->notes, &s->config.redact);
	if (out_flush(&s->out) == -ENOMEM)
		return err_set(e, -ENOMEM, "out of memory");
	if (!opt_has(s->o, FLAG_JSON))
		return 0;
	r = dryrun_json(&json, &s->plan, &s->kernel, &s->notes, &s->config.redact);
	if (r < 0)
		return err_set_errno(e, r, "cannot write the JSON report");
	r = fd_write_all(STDOUT_FILENO, json.p, json.n);
	if (r < 0 && r != -EPIPE)
		return err_set_errno(e, r, "cannot write to standard output");
	return 0;
}

/* ---- the program ---- */

/* The user asked for it, and the program is as confined as without asking. */
static int
warn_no_tree(struct session *s, const char *why, struct err *e)
{
	autobuf struct buf line = BUF_INIT;

	if (buf_addf(&line, LAUNCH_NO_TREE, why) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	out_warning(&s->out, buf_str(&line));
	(void)out_flush(&s->out);
	return 0;
}

static int
start_wrapped(struct session *s, struct err *e)
{
	struct launch *launch = NULL;
	int r;

	r = launch_prepare(&launch, &s->plan, &s->kernel, e);
	if (r == 0 && launch_state_error(launch) < 0) {
		out_warning(&s->out, STATE_WARNING);
		(void)out_flush(&s->out);
	}
	if (r == 0 && launch_no_namespace(launch)) {
		s->kernel.no_tree = true;
		r = warn_no_tree(s, launch_no_namespace(launch)->text, e);
	}
	if (r == 0)
		r = launch_check_strict(&s->plan, &s->kernel, e);
	if (r == 0)
		r = launch_exec(launch, e);
	launch_free(launch);
	return r;
}

/*
 * The broker inherits the standard streams, the plan and what --keep-fd names. Everything else
 * that our caller left open is closed at exec: the program must not find it in its parent.
 */
static int
choose_descriptors(const struct plan *p, int plan_fd, const int *more, size_t count)
{
	int r = 0;

	if (!hook_off(HOOK_CLOSE_FDS) && close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC) == -1)
		return -errno;
	for (size_t i = 0; i < plan_count(p, PLAN_SEC_KEEP_FDS) && r != -1; i++)
		r = fcntl((int)plan_keep_fd_at(p, i), F_SETFD, 0);
	if (r != -1)
		r = fcntl(plan_fd, F_SETFD, 0);
	for (size_t i = 0; i < count && r != -1; i++)
		if (more[i] != -1)
			r = fcntl(more[i], F_SETFD, 0);
	return r == -1 ? -errno : 0;
}

static int
start_broker(struct session *s, struct err *e)
{
	autobuf struct buf path = BUF_INIT;
	const char *diagnosis = opt_value(s->o, FLAG_DIAGNOSTICS_FILE);
	char plan_option[32], json_option[32], save_option[32], auto_run_option[32];
	autofd int plan_fd = -1, save_fd = -1, auto_run_fd = -1;
	char *argv[] = { (char[]){ BROKER_NAME },
			 plan_option,
			 (char[]){ "--build=" NONO_BUILD_ID },
			 NULL,
			 NULL,
			 NULL,
			 NULL };
	size_t words = 3;
	int r;

	/* Before the plan's own descriptor can take the number of one that is missing. */
	for (size_t i = 0; i < plan_count(&s->plan, PLAN_SEC_KEEP_FDS); i++) {
		int fd = (int)plan_keep_fd_at(&s->plan, i);

		if (fcntl(fd, F_GETFD) == -1)
			return err_set_errno(
				e, -errno,
				"descriptor %d of --keep-fd is not open; open it in the "
				"shell first, as in `%d<file`",
				fd, fd);
	}
	if (diagnosis) {
		if ((r = diagnosis_open(diagnosis, e)) < 0)
			return r;
		s->diagnosis_fd = r;
		(void)snprintf(json_option, sizeof(json_option), "--json-fd=%d", r);
		argv[words++] = json_option;
	}
	if (helper_find(&path, BROKER_NAME) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	r = fd_sealed_memory("nono-plan", s->image, s->image_bytes);
	if (r < 0)
		return err_set_errno(e, r, "cannot make the memory file for the plan");
	plan_fd = r;
	save_fd = save_context_make(s->o, &s->request, s->environment);
	if (save_fd != -1) {
		(void)snprintf(save_option, sizeof(save_option), "--save-fd=%d", save_fd);
		argv[words++] = save_option;
	}
	if (s->request.profile)
		auto_run_fd = json_auto_run(s->request.profile, &s->plan, s->environment);
	if (auto_run_fd != -1) {
		(void)snprintf(auto_run_option, sizeof(auto_run_option), "--auto-run-fd=%d",
			       auto_run_fd);
		argv[words++] = auto_run_option;
	}
	const int more[] = { s->diagnosis_fd, save_fd, auto_run_fd };

	r = choose_descriptors(&s->plan, plan_fd, more, ARRAY_LEN(more));
	if (r < 0)
		return err_set_errno(e, r, "cannot choose the descriptors for the broker");
	(void)snprintf(plan_option, sizeof(plan_option), "--plan-fd=%d", plan_fd);
	log_line(LOG_DEBUG, "starting %s", buf_str(&path));
	(void)execve(buf_str(&path), argv, hook_helper_environment());
	return err_set(e, -errno,
		       "cannot start '%s': %s; nono and nono-broker are installed together",
		       buf_str(&path), strerror(errno));
}

/* ---- the order ---- */

static int
launch_session(struct session *s, struct err *e)
{
	int r;

	if (s->config_error.code < 0) {
		*e = s->config_error;
		return e->code;
	}
	r = make_plan(s, e);
	if (r < 0) {
		summary_notes(&s->out, &s->notes, 0);
		(void)out_flush(&s->out);
		return r;
	}
	kernel_probe(&s->kernel);
	show_plan(s);
	if (opt_has(s->o, FLAG_DRY_RUN))
		return end_dry_run(s, e);
	if (s->o->command->id == COMMAND_SHELL)
		out_puts(&s->out, "  Exit the shell with Ctrl-D or 'exit'.\n");
	out_puts(&s->out, "  Applying sandbox...\n\n");
	/* A stream that takes nothing is the caller's choice; words that were lost are not. */
	if (out_flush(&s->out) == -ENOMEM)
		return err_set(e, -ENOMEM, "out of memory");
	r = json_hooks_stay(&s->hooks, &s->plan, e);
	if (r < 0) {
		launch_remove_created(&s->plan);
		return r;
	}
	r = s->plan.settings->mode == PLAN_MODE_WRAP ? start_wrapped(s, e) : start_broker(s, e);
	launch_remove_created(&s->plan);
	return r;
}

/* What nono-record would have said of a session that was started. */
static void
diagnose(struct session *s, const struct err *e, int code)
{
	const char *path = opt_value(s->o, FLAG_DIAGNOSTICS_FILE);
	struct err other = ERR_INIT;

	if (opt_has(s->o, FLAG_DRY_RUN) || (!path && !opt_has(s->o, FLAG_DIAGNOSTICS_JSON)))
		return;
	(void)out_flush(&s->out);
	if (path && s->diagnosis_fd == -1)
		s->diagnosis_fd = diagnosis_open(path, &other);
	if (path && s->diagnosis_fd < 0)
		return; /* which may be the very error */
	(void)!diagnosis_write(path ? s->diagnosis_fd : STDERR_FILENO, e, code);
}

static int
exit_code(const struct session *s, const struct err *e)
{
	const char *chosen = opt_value(s->o, FLAG_ERROR_EXIT_CODE);
	uint64_t code = (uint64_t)(e->exit_code ? e->exit_code : EXIT_NONO);

	if (chosen && code != EXIT_USAGE)
		(void)!str_to_u64(chosen, 1, 255, &code);
	return (int)code;
}

int
cmd_launch(struct opt *o, char **argv, char *const *environment)
{
	struct session s = { .o = o, .environment = environment, .diagnosis_fd = -1 };
	struct err e = ERR_INIT;
	int code = 0;

	out_init(&s.out, STDERR_FILENO, opt_value(o, FLAG_COLOR), environment);
	s.out.quiet = opt_has(o, FLAG_SILENT) || opt_has(o, FLAG_JSON);
	read_config(&s);
	if (!json_is_here() && request_default_profile(o, &s.config)) {
		config_clear(&s.config);
		out_clear(&s.out);
		return json_command(o, argv, environment);
	}
	start_log(&s);
	choose_theme(&s);
	start_messages(&s);
	if (launch_session(&s, &e) < 0) {
		if (opt_has(o, FLAG_LOG_FILE))
			log_line(LOG_ERROR, "%s", e.text);
		out_error(&s.out, &e);
		code = exit_code(&s, &e);
		diagnose(&s, &e, code);
	}
	s.diagnosis_fd = fd_close(s.diagnosis_fd);
	buf_clear(&s.hooks.workdir);
	policy_notes_clear(&s.notes);
	request_clear(&s.request);
	config_clear(&s.config);
	mem_free(s.image);
	out_clear(&s.out);
	log_close();
	return code;
}
