/* Before and after a session. */
#include "cli/session_hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/env.h"
#include "cli/hook_env.h"
#include "cli/hook_run.h"
#include "cli/hook_trust.h"
#include "launch/launch.h"
#include "profiles/place.h"
#include "profiles/policy.h"

enum { OUTPUT_LINES_MAX = 20, TIMEOUT_MAX_S = 1 << 30, VARIABLES_MAX = 4 };

/* One hook as the profile has it. */
struct hook {
	const char *type; /* "before", "after" */
	const char *script;
	uint64_t timeout_ms;
	bool required;
	const struct profile_source *source;
};

static bool
find_hook(struct hook *ret, const struct profile *p, const char *dotted)
{
	const struct node *n = profile_get(p, dotted);
	const struct node *script = node_find(n, "script");
	int64_t seconds = 0;

	if (!script || !script->text)
		return false;
	if (!node_integer(node_find(n, "timeout_secs"), 1, TIMEOUT_MAX_S, &seconds))
		seconds = 0;
	*ret = (struct hook){
		.type = strchr(dotted, '.') + 1,
		.script = script->text,
		.timeout_ms = (uint64_t)seconds * 1000,
		.required = node_is_true(node_find(n, "required")),
		.source = script->source,
	};
	return true;
}

bool
session_hooks_wanted(const struct profile *p)
{
	struct hook h;

	return p && (find_hook(&h, p, "session_hooks.before") ||
		     find_hook(&h, p, "session_hooks.after"));
}

/* ---- one script ---- */

/* Profiles of the user and of the product are trusted as they are. */
static int
check_trust(const struct session_hooks *s, const struct hook *h, int fd, struct err *e)
{
	autobuf struct buf state = BUF_INIT;
	struct hook_trust trust = {
		.script = h->script, .fd = fd, .out = s->out, .prompt_ms = s->prompt_ms
	};
	int r;

	if (h->source &&
	    (h->source->kind == PROFILE_FROM_USER || h->source->kind == PROFILE_FROM_PRESET))
		return 0;
	r = place_state(&state, s->environment, e);
	if (r < 0)
		return r;
	trust.state = buf_str(&state);
	trust.profile = h->source && h->source->path ? h->source->path : s->profile->shown;
	return hook_trust_check(&trust, e);
}

static bool
is_named(const char *entry, const char *variable)
{
	size_t n = strcspn(variable, "=") + 1;

	return strncmp(entry, variable, n) == 0;
}

/* The caller's environment with these in place of what has their names. NULL: out of memory. */
static char **
make_environment(char *const *environment, char *const *variables, size_t count)
{
	size_t n = 0, total = 0;
	char **all;

	while (environment[total])
		total++;
	all = mem_calloc(total + count + 1, sizeof(*all));
	for (size_t i = 0; all && i < total; i++) {
		bool replaced = false;

		for (size_t k = 0; k < count; k++)
			replaced |= is_named(environment[i], variables[k]);
		if (!replaced)
			all[n++] = environment[i];
	}
	for (size_t k = 0; all && k < count; k++)
		all[n++] = variables[k];
	return all;
}

/* The last lines of what it said. */
static void
show_output(struct out *o, const struct buf *output)
{
	const char *p = buf_str(output), *from = p + output->n;
	size_t lines = 0;

	while (from > p && lines <= OUTPUT_LINES_MAX)
		lines += *--from == '\n' && from + 1 < p + output->n;
	if (lines > OUTPUT_LINES_MAX)
		from++;
	while (*from) {
		autofree char *line = mem_memdup0(from, strcspn(from, "\n"));

		from += strcspn(from, "\n");
		from += *from == '\n';
		if (!line)
			return;
		out_puts(o, "    ");
		out_text(o, line);
		out_puts(o, "\n");
	}
}

/* `extra`: "NONO_ENV_FILE=..." or "NONO_EXIT_CODE=...". 0 only when the script succeeded. */
static int
run_hook(const struct session_hooks *s, const struct hook *h, int fd, char *extra, struct err *e)
{
	autobuf struct buf id = BUF_INIT, workdir = BUF_INIT, type = BUF_INIT;
	struct hook_run run = { .script = h->script,
				.fd = fd,
				.timeout_ms = h->timeout_ms,
				.capture = str_equal(h->type, "before") };
	char *variables[VARIABLES_MAX];
	int r;

	if (buf_addf(&id, "NONO_SESSION_ID=%s", s->session_id) < 0 ||
	    buf_addf(&workdir, "NONO_WORKDIR=%s", buf_str(&s->workdir)) < 0 ||
	    buf_addf(&type, "NONO_HOOK_TYPE=%s", h->type) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	variables[0] = id.p;
	variables[1] = workdir.p;
	variables[2] = type.p;
	variables[3] = extra;
	run.variables = make_environment(s->environment, variables, VARIABLES_MAX);
	if (!run.variables)
		return err_set(e, -ENOMEM, "out of memory");
	r = hook_run(&run, e);
	if (r == 0 && run.timed_out)
		r = err_set(e, -ETIMEDOUT, "hook '%s' (%s) took longer than %llu s and was ended",
			    h->script, h->type, (unsigned long long)(h->timeout_ms / 1000));
	else if (r == 0 && WIFSIGNALED(run.status))
		r = err_set(e, -EINTR, "hook '%s' (%s) was killed by signal %d", h->script, h->type,
			    WTERMSIG(run.status));
	else if (r == 0 && WEXITSTATUS(run.status) != 0)
		r = err_set(e, -ECANCELED, "hook '%s' (%s) failed with exit code %d", h->script,
			    h->type, WEXITSTATUS(run.status));
	if (r < 0 && run.output.n > 0)
		show_output(s->out, &run.output);
	buf_clear(&run.output);
	mem_free((void *)run.variables);
	return r;
}

/* ---- before ---- */

/* Each export that may reach a program, in place of what the plan has of that name. */
static int
take_exports(struct plan_builder *b, const struct buf *file)
{
	struct slice text = { file->p, file->n }, entry;
	int r = 0;

	while (r == 0 && hook_env_next(&text, &entry)) {
		size_t name = (size_t)((const char *)memchr(entry.p, '=', entry.n) - entry.p);
		autofree char *copy = mem_memdup0(entry.p, entry.n);

		if (!copy)
			return -ENOMEM;
		if (!policy_variable_is_dangerous(copy, name))
			r = plan_build_environment_set(b, copy);
	}
	return r;
}

/* Zeroed before it goes: what a script exports is often a secret. */
static void
wipe(const char *path)
{
	static const char zeros[4096];
	autofd int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd != -1 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		for (off_t at = 0; at < st.st_size && at < HOOK_ENV_BYTES_MAX;)
			at += fd_write_all(fd, zeros, sizeof(zeros)) == 0 ? (off_t)sizeof(zeros)
									  : HOOK_ENV_BYTES_MAX;
	(void)unlink(path);
}

static int
read_exports(struct buf *text, const char *path)
{
	autofd int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
		return -EPERM;
	return buf_read_fd(text, fd, HOOK_ENV_BYTES_MAX);
}

static int
run_before(const struct session_hooks *s, const struct hook *h, int fd, const char *temp,
	   struct plan_builder *b, struct err *e)
{
	autobuf struct buf variable = BUF_INIT, text = BUF_INIT;
	autofd int file = -1;
	const char *path;
	int r;

	if (buf_addf(&variable, "NONO_ENV_FILE=%s/env", temp) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	path = variable.p + strlen("NONO_ENV_FILE=");
	file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file == -1)
		return err_set_errno(e, -errno, "cannot make '%s' for hook '%s'", path, h->script);
	r = run_hook(s, h, fd, variable.p, e);
	/* A script that was ended may have been in the middle of a line. */
	if (r == 0 || r == -ECANCELED) {
		int t = read_exports(&text, path);

		if (t == 0)
			t = take_exports(b, &text);
		if (t < 0 && r == 0)
			r = err_set_errno(e, t, "cannot use what hook '%s' exported", h->script);
	}
	if (text.p)
		explicit_bzero(text.p, text.n);
	wipe(path);
	return r;
}

/* A failure of a script that is not required. */
static void
warn(struct out *o, const struct err *e)
{
	autobuf struct buf text = BUF_INIT;

	if (buf_addf(&text, "%s; the session goes on", e->text) == 0)
		out_warning(o, buf_str(&text));
	(void)out_flush(o);
}

static int
note_session(struct session_hooks *s, const struct plan_builder *b)
{
	const char *strings = b->section[PLAN_SEC_STRINGS].p;

	(void)snprintf(s->session_id, sizeof(s->session_id), "%s",
		       strings + b->settings.session_id.offset);
	return buf_adds(&s->workdir, strings + b->settings.workdir.offset);
}

int
session_hooks_before(struct session_hooks *s, struct plan_builder *b, struct err *e)
{
	const char *temp_parent = env_get(s->environment, "TMPDIR");
	autofree char *temp = NULL;
	struct err reason = ERR_INIT;
	autofd int fd = -1, after_fd = -1;
	struct hook h;
	int r;

	if (s->skipped) {
		out_warning(s->out, "session_hooks of the profile are run by `nono run` only");
		s->profile = NULL;
		return 0;
	}
	if (note_session(s, b) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	/* Both are judged before either runs, so that nobody is asked when the program has ended. */
	if (find_hook(&h, s->profile, "session_hooks.after")) {
		after_fd = hook_open(h.script, &reason);
		if (after_fd < 0)
			warn(s->out, &reason);
		else if ((r = check_trust(s, &h, after_fd, e)) < 0)
			return r;
		else
			s->after_known = sha256_fd(after_fd, s->after_hash) == 0;
	}
	if (!find_hook(&h, s->profile, "session_hooks.before"))
		return 0;
	fd = hook_open(h.script, &reason);
	r = fd < 0 ? fd : 0;
	if (r == 0 && (r = check_trust(s, &h, fd, e)) < 0)
		return r;
	if (r == 0)
		r = tempdir_make(&temp, temp_parent && temp_parent[0] == '/' ? temp_parent : "/tmp",
				 &reason);
	if (r == 0)
		r = run_before(s, &h, fd, temp, b, &reason);
	if (temp)
		(void)tempdir_remove(temp);
	if (r < 0 && h.required) {
		*e = reason;
		return r;
	}
	if (r < 0)
		warn(s->out, &reason);
	return 0;
}

/* ---- after ---- */

/* The same bytes as before the session: what ran meanwhile is not to choose what runs now. */
static int
check_unchanged(const struct session_hooks *s, const struct hook *h, int fd, struct err *e)
{
	unsigned char now[SHA256_BYTES];
	int r = sha256_fd(fd, now);

	if (r < 0)
		return err_set_errno(e, r, "cannot read hook script '%s'", h->script);
	if (!s->after_known || memcmp(now, s->after_hash, sizeof(now)) != 0)
		return err_set(e, -ESTALE,
			       "hook script '%s' was changed during the session and is not run",
			       h->script);
	return 0;
}

static void
run_after(const struct session_hooks *s, int code)
{
	autobuf struct buf variable = BUF_INIT;
	struct err e = ERR_INIT;
	autofd int fd = -1;
	struct hook h;
	int r;

	if (!find_hook(&h, s->profile, "session_hooks.after"))
		return;
	r = fd = hook_open(h.script, &e);
	if (r >= 0)
		r = check_unchanged(s, &h, fd, &e);
	if (r >= 0 && buf_addf(&variable, "NONO_EXIT_CODE=%d", code) < 0)
		r = err_set(&e, -ENOMEM, "out of memory");
	if (r >= 0)
		r = run_hook(s, &h, fd, variable.p, &e);
	if (r < 0) {
		out_warning(s->out, e.text);
		(void)out_flush(s->out);
	}
}

static void
add_handled(sigset_t *set)
{
	static const int handled[] = { SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP };

	(void)sigemptyset(set);
	for (size_t i = 0; i < ARRAY_LEN(handled); i++)
		(void)sigaddset(set, handled[i]);
}

/* Wait for the session as the shell waits for us: stopped with it, signals passed on. */
static int
wait_session(pid_t session, const sigset_t *handled)
{
	for (;;) {
		siginfo_t info = { 0 };
		int status;
		pid_t r;

		if (sigwaitinfo(handled, &info) == -1)
			continue;
		/* What the terminal sends, it sent to the whole job. */
		if (info.si_signo != SIGCHLD) {
			if (info.si_code != SI_KERNEL)
				(void)kill(session, info.si_signo);
			continue;
		}
		r = waitpid(session, &status, WNOHANG | WUNTRACED);
		if (r != session)
			continue;
		if (WIFSTOPPED(status)) {
			(void)kill(getpid(), SIGSTOP);
			(void)kill(session, SIGCONT);
			continue;
		}
		return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	}
}

static int
check_grants(const struct session_hooks *s, const struct plan *p, struct err *e)
{
	static const char *const hooks[] = { "session_hooks.before", "session_hooks.after" };

	for (size_t i = 0; i < ARRAY_LEN(hooks); i++) {
		autobuf struct buf path = BUF_INIT;
		struct hook h;

		if (!find_hook(&h, s->profile, hooks[i]))
			continue;
		if (path_canonical(&path, "/", h.script) < 0)
			return err_set(e, -ENOMEM, "out of memory");
		if (plan_query_path(p, buf_str(&path), PLAN_WRITE).allowed)
			return err_set(
				e, -EPERM,
				"hook script '%s' lies inside a grant: the program could write "
				"what runs without a sandbox; move it, or use "
				"--no-session-hooks",
				h.script);
	}
	return 0;
}

int
session_hooks_stay(const struct session_hooks *s, const struct plan *p, struct err *e)
{
	sigset_t handled, mask;
	struct hook h;
	pid_t session, parent = getpid();
	int code, r;

	if (!s->profile)
		return 0;
	r = check_grants(s, p, e);
	if (r < 0 || !find_hook(&h, s->profile, "session_hooks.after"))
		return r;
	add_handled(&handled);
	(void)sigprocmask(SIG_BLOCK, &handled, &mask);
	session = fork();
	if (session == -1) {
		r = -errno;
		(void)sigprocmask(SIG_SETMASK, &mask, NULL);
		return err_set_errno(e, r, "cannot start the process that the hook waits for");
	}
	if (session == 0) {
		(void)sigprocmask(SIG_SETMASK, &mask, NULL);
		/* Killed with us, as if we were it. */
		if (prctl(PR_SET_PDEATHSIG, SIGTERM) == -1 || getppid() != parent)
			_exit(EXIT_NONO);
		return 0;
	}
	code = wait_session(session, &handled);
	run_after(s, code);
	_exit(code);
}
