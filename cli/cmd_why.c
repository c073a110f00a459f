/*
 * `nono why`: asks the plan that `run` would make the question the kernel would be asked, and says
 * which flag, group, protection or file mode decided. Nothing is created, nothing is opened for
 * reading but the state file of --self.
 */
#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "cli/config.h"
#include "cli/env.h"
#include "cli/state.h"
#include "cli/why.h"

static int
out_of_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "out of memory");
}

/* The plan of `nono run` with the same options, without a program. */
static int
plan_from_options(struct why *w, struct err *e)
{
	static const char *const no_program[] = { "nono" };
	struct policy_request *rq = &w->request.policy;
	struct plan_builder builder;
	struct err ignored = ERR_INIT;
	int r;

	if (request_make(&w->request, w->o, w->environment) < 0)
		return out_of_memory(e);
	/* A configuration that is wrong ends a launch; here it has nothing to say. */
	if (config_load(&w->config, w->environment, &ignored) == -ENOMEM)
		return out_of_memory(e);
	request_use_config(&w->request, w->o, &w->config);
	w->request.profile_request.text = w->profile_text;
	w->request.profile_request.shown = w->profile_shown;
	if ((r = request_load(&w->request, &w->notes, e)) < 0)
		return r;
	rq->explain = true;
	rq->dry_run = true;
	rq->no_audit = true;
	rq->command = (struct words){ no_program, 1 };
	if (plan_builder_init(&builder) < 0)
		return out_of_memory(e);
	r = policy_assemble(&builder, rq, &w->notes, NULL, NULL, e);
	if (r == 0)
		r = plan_build_open(&builder, &w->image, &w->image_bytes, &w->plan, e);
	plan_builder_clear(&builder);
	return r;
}

/* The plan of the session around us. */
static int
plan_from_state(struct why *w, const char *path, struct err *e)
{
	struct plan_builder builder;
	struct state state;
	int r;

	if (plan_builder_init(&builder) < 0)
		return out_of_memory(e);
	r = state_read(&builder, &state, path, w->environment, &w->notes, e);
	if (r == 0)
		r = plan_build_open(&builder, &w->image, &w->image_bytes, &w->plan, e);
	plan_builder_clear(&builder);
	if (r == 0)
		w->kernel.landlock_abi = state.landlock_abi;
	return r;
}

/* root's program passes file modes only where linux.keep_file_caps says so: look as it would. */
static int
drop_capabilities(bool keep_file_caps, struct err *e)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct set[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (keep_file_caps && syscall(SYS_capget, &header, set) == -1)
		return err_set_errno(e, -errno, "cannot look at the capabilities of root");
	for (unsigned int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		set[i].permitted &= (uint32_t)(PLAN_FILE_CAPS >> 32 * i);
		set[i].effective = set[i].permitted;
		set[i].inheritable = 0;
	}
	if (syscall(SYS_capset, &header, set) == -1)
		return err_set_errno(e, -errno, "cannot give up the capabilities of root");
	return 0;
}

int
why_prepare(struct why *w, const struct opt *o, char *const *environment, struct err *e)
{
	const char *state = env_get(environment, "NONO_CAP_FILE");
	int r;

	w->o = o;
	w->environment = environment;
	kernel_probe(&w->kernel);
	r = opt_has(o, FLAG_WHY_SELF) ? plan_from_state(w, state, e) : plan_from_options(w, e);
	if (r < 0)
		return r;
	w->grants = subject_grants(&w->plan);
	if (!w->grants)
		return out_of_memory(e);
	if (!getcwd(w->cwd, sizeof(w->cwd)))
		return err_set_errno(e, -errno, "cannot find the current directory");
	/* Inside a session the process has what the session left it. */
	return geteuid() != 0
		       ? 0
		       : drop_capabilities(opt_has(o, FLAG_WHY_SELF) ||
						   w->plan.settings->flags & PLAN_KEEP_FILE_CAPS,
					   e);
}

void
why_clear(struct why *w)
{
	answer_clear(&w->answer);
	policy_notes_clear(&w->notes);
	request_clear(&w->request);
	config_clear(&w->config);
	mem_free(w->grants);
	mem_free(w->image);
	w->grants = NULL;
	w->image = NULL;
}

static unsigned int
asked_access(const struct opt *o)
{
	const char *op = opt_value(o, FLAG_WHY_OP);

	if (!op || str_equal(op, "read"))
		return PLAN_READ;
	return str_equal(op, "write") ? PLAN_WRITE : PLAN_READ | PLAN_WRITE;
}

static int
answer_question(struct why *w, struct err *e)
{
	const char *path = opt_value(w->o, FLAG_WHY_PATH);

	if (path)
		return why_path(w, path, asked_access(w->o), e);
	if (opt_has(w->o, FLAG_WHY_SOCKET))
		return why_socket(w, e);
	if (opt_has(w->o, FLAG_WHY_SCOPE))
		return why_scope(w, e);
	if (opt_has(w->o, FLAG_WHY_COMMAND))
		return why_command(w, e);
	return why_host(w, e);
}

/* What would end the launch is part of every answer. */
static int
add_refusals(struct why *w, struct err *e)
{
	for (size_t i = 0; i < w->notes.count; i++)
		if (w->notes.item[i].kind == POLICY_NOTE_WOULD_FAIL &&
		    answer_detail(&w->answer, "nono run would refuse to start: %s",
				  w->notes.item[i].text) < 0)
			return out_of_memory(e);
	return 0;
}

static bool
is_asked(const struct opt *o)
{
	return opt_has(o, FLAG_WHY_PATH) || opt_has(o, FLAG_WHY_SOCKET) ||
	       opt_has(o, FLAG_WHY_SCOPE) || opt_has(o, FLAG_WHY_COMMAND) ||
	       opt_has(o, FLAG_WHY_HOST) ||
	       (opt_has(o, FLAG_WHY_PORT) && opt_has(o, FLAG_WHY_BIND));
}

static int
find_answer(struct why *w, const struct opt *o, char *const *environment, struct err *e)
{
	int r;

	if (!is_asked(o))
		return err_set(
			e, -EINVAL,
			"Configuration parse error: --command, --path, --host, or --scope is "
			"required");
	if (opt_has(o, FLAG_WHY_SELF) && !env_get(environment, "NONO_CAP_FILE")) {
		w->answer.status = ANSWER_NOT_SANDBOXED;
		w->answer.message = "Not running inside a nono sandbox";
		return 0;
	}
	r = why_prepare(w, o, environment, e);
	summary_notes(&w->note, &w->notes, 0);
	if (r < 0 || (r = answer_question(w, e)) < 0)
		return r;
	return add_refusals(w, e);
}

/* A reader that leaves early is no error. */
static int
print_answer(struct why *w, struct err *e)
{
	autobuf struct buf json = BUF_INIT;
	int r;

	if (opt_has(w->o, FLAG_WHY_JSON)) {
		r = answer_json(&json, &w->answer);
		if (r == 0)
			r = fd_write_all(STDOUT_FILENO, json.p, json.n);
	} else {
		answer_text(&w->out, &w->answer);
		r = out_flush(&w->out);
	}
	if (r < 0 && r != -EPIPE)
		return err_set_errno(e, r, "cannot write to standard output");
	return 0;
}

int
cmd_why(const struct opt *o, char *const *environment)
{
	const char *color = opt_value(o, FLAG_COLOR), *unknown;
	struct why w = { .o = o };
	struct err e = ERR_INIT;
	int code = 0;

	(void)signal(SIGPIPE, SIG_IGN);
	out_init(&w.out, STDOUT_FILENO, color, environment);
	out_init(&w.note, STDERR_FILENO, color, environment);
	w.out.theme = theme_choose(opt_value(o, FLAG_THEME), env_get(environment, "NONO_THEME"),
				   &unknown);
	w.note.theme = w.out.theme;
	w.note.quiet = opt_has(o, FLAG_SILENT);
	if (find_answer(&w, o, environment, &e) == 0 && print_answer(&w, &e) == 0) {
		(void)out_flush(&w.note);
		code = opt_has(o, FLAG_WHY_EXIT_STATUS) ? answer_exit_code(&w.answer) : 0;
	} else {
		(void)out_flush(&w.note);
		out_error(&w.note, &e);
		code = e.exit_code ? e.exit_code : EXIT_NONO;
	}
	why_clear(&w);
	out_clear(&w.out);
	out_clear(&w.note);
	return code;
}
