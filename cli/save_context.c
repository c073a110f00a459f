/*
 * Saving is a service: where something is missing for it, nothing is offered and the session begins
 * all the same.
 */
#include "cli/save_context.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/env.h"
#include "ipc/save.h"
#include "profiles/inspect.h"

/* What finding and reading profiles needs, and the look of the question; no secrets. */
static const char *const variables[] = {
	"HOME",
	"USER",
	"LOGNAME",
	"TMPDIR",
	"XDG_CONFIG_HOME",
	"XDG_STATE_HOME",
	"XDG_DATA_HOME",
	"XDG_CACHE_HOME",
	"TERM",
	"COLORTERM",
	"XDG_RUNTIME_DIR",
	"CLICOLOR_FORCE",
	"CLICOLOR",
	"NO_COLOR",
};

static bool
is_wanted(const struct opt *o, const struct request *rq, char *const *environment)
{
	static const char *const yes[] = { "1", "true", "yes" };
	const char *never = env_get(environment, "NONO_NO_SAVE_PROMPT");
	const struct policy_request *p = &rq->policy;
	enum profile_ref_kind kind;

	for (size_t i = 0; never && i < ARRAY_LEN(yes); i++)
		if (str_equal(never, yes[i]))
			return false;
	/* A profile that was named by its path can be no base of another one (spec 03 4.2). */
	if (rq->profile_request.reference &&
	    (profile_ref_classify(rq->profile_request.reference, &kind, NULL) < 0 ||
	     kind == PROFILE_REF_PATH))
		return false;
	/* A manifest is the whole policy: a profile could not add to it. */
	return p->mode == PLAN_MODE_RUN && !p->silent && !p->no_diagnostics && !rq->manifest &&
	       !opt_has(o, FLAG_JSON) && !env_get(environment, "CI") && isatty(STDERR_FILENO) == 1;
}

static int
add_word(struct buf *b, enum save_word kind, const char *text)
{
	int r = buf_addc(b, (char)kind);

	if (r == 0)
		r = buf_add(b, text, strlen(text) + 1);
	return r < 0 ? r : b->n > SAVE_CONTEXT_MAX ? -E2BIG : 0;
}

/* Its own name and the one it leads to: refusals are listed by the latter. */
static int
add_suppressed(struct buf *b, const char *directory, const char *path)
{
	autobuf struct buf canonical = BUF_INIT;
	int r = path_canonical(&canonical, directory, path);

	return r < 0 ? r : add_word(b, SAVE_SUPPRESSED, buf_str(&canonical));
}

static int
add_suppressed_by_profile(struct buf *b, const struct profile *profile, char *const *environment)
{
	const struct node *list = profile_get(profile, "filesystem.suppress_save_prompt");
	struct inspect *in;
	struct err e = ERR_INIT;
	int r;

	if (!list)
		return 0;
	if ((r = inspect_open(&in, environment, &e)) < 0)
		return r;
	for (const struct node *n = node_first(list); n && r == 0; n = n->next) {
		autobuf struct buf path = BUF_INIT;

		/* A variable that is not set names nothing. */
		if ((r = inspect_expand(&path, in, n->text, &e)) == 0)
			r = add_suppressed(b, inspect_workdir(in), buf_str(&path));
		else if (r != -ENOMEM)
			r = 0;
	}
	inspect_free(in);
	return r;
}

static int
fill(struct buf *b, const struct opt *o, const struct request *rq, char *const *environment)
{
	const char *reference = rq->profile_request.reference;
	char cwd[PATH_MAX];
	int r = 0;

	if (!getcwd(cwd, sizeof(cwd)))
		return -errno;
	if (reference)
		r = add_word(b, SAVE_PROFILE, reference);
	for (size_t i = 0; i < ARRAY_LEN(variables) && r == 0; i++) {
		const char *value = env_get(environment, variables[i]);
		autobuf struct buf entry = BUF_INIT;

		if (!value)
			continue;
		if ((r = buf_addf(&entry, "%s=%s", variables[i], value)) == 0)
			r = add_word(b, SAVE_VARIABLE, buf_str(&entry));
	}
	for (size_t i = 0; i < o->count && r == 0; i++)
		if (o->item[i].flag->id == FLAG_SUPPRESS)
			r = add_suppressed(b, cwd, o->item[i].value);
	if (r == 0 && rq->profile)
		r = add_suppressed_by_profile(b, rq->profile, environment);
	return r;
}

int
save_context_make(const struct opt *o, const struct request *rq, char *const *environment)
{
	autobuf struct buf b = BUF_INIT;
	int fd;

	if (!is_wanted(o, rq, environment) || fill(&b, o, rq, environment) < 0)
		return -1;
	fd = fd_sealed_memory("nono-save", b.p, b.n);
	return fd < 0 ? -1 : fd;
}
