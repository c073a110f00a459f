/* cli/project_profile.h */
#include "cli/project_profile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json_write.h"
#include "base/path.h"
#include "base/sha256.h"
#include "base/str.h"
#include "cli/approvals.h"
#include "cli/prompt.h"
#include "profiles/lint.h"
#include "profiles/locate.h"
#include "profiles/place.h"

#define FLAG "--allow-project-profile"
#define APPROVALS_FILE "approved-profiles.json"

enum {
	SHOWN_LINES_MAX = 100, /* nobody reads more before saying yes */
	LINE_BYTES_MAX = 1 << 16,
};

struct project {
	const struct project_request *rq;
	struct pool *pool;
	const char *path, *state;
	char hash[SHA256_HEX_MAX];
	size_t lines;
	struct err *e;
};

static int
fail_memory(struct project *p)
{
	return err_set(p->e, -ENOMEM, "out of memory");
}

/* ---- where it is ---- */

/* Above the top of a repository, or without one above the directory itself, belongs to others. */
static int
find_file(struct project *p, const char *directory)
{
	autobuf struct buf at = BUF_INIT, found = BUF_INIT;
	bool top = false, first = true;

	if (path_canonical(&at, "/", directory) < 0)
		return fail_memory(p);
	while (!top) {
		autobuf struct buf below = BUF_INIT, git = BUF_INIT;
		char *slash = strrchr(buf_str(&at), '/');
		int r = 0;

		if (path_join(&below, buf_str(&at), ".nono") < 0 ||
		    path_join(&git, buf_str(&at), ".git") < 0)
			return fail_memory(p);
		if (found.n == 0)
			r = locate_in(&found, buf_str(&below), "profile");
		if (r < 0)
			return fail_memory(p);
		if (first && found.n > 0)
			break;
		first = false;
		top = access(buf_str(&git), F_OK) == 0;
		if (at.n == 1 || !slash)
			break;
		at.n = slash == at.p ? 1 : (size_t)(slash - at.p);
		at.p[at.n] = '\0';
	}
	if (found.n == 0 || (!first && !top))
		return err_set(p->e, -ENOENT,
			       FLAG ": there is no .nono/profile.json in '%s', nor above it up to "
				    "the top of its repository; start without this flag",
			       directory);
	p->path = pool_take(p->pool, &found);
	return p->path ? 0 : fail_memory(p);
}

static int
read_file(struct project *p, struct buf *text)
{
	unsigned char value[SHA256_BYTES];
	const char *doubt = NULL;
	struct sha256 h;
	int r = locate_read(text, p->pool, p->path, NULL, false, &doubt);

	if (r == -ELOOP)
		return err_set(p->e, r,
			       "project profile '%s' is a symbolic link; name what it leads to "
			       "with --profile",
			       p->path);
	if (r < 0)
		return err_set_errno(p->e, r, "cannot read project profile '%s'", p->path);
	if (doubt && !(p->rq->flags & PROFILE_TRUST_ANY))
		return err_set(p->e, -EPERM,
			       "project profile '%s': others can change it: %s; take their write "
			       "access away (chmod go-w)",
			       p->path, doubt);
	sha256_init(&h);
	sha256_add(&h, text->p, text->n);
	sha256_end(&h, value);
	sha256_hex(p->hash, value);
	return 0;
}

/* ---- the question ---- */

/* What is said yes to is all of the text, key by key: what it stands for depends on its bases. */
static void
put_entry(struct project *p, const char *section, const struct node *n)
{
	autobuf struct buf line = BUF_INIT;
	struct json j = JSON_CANONICAL_INIT(&line, LINE_BYTES_MAX);

	if (p->lines++ >= SHOWN_LINES_MAX)
		return;
	node_write(&j, NULL, n);
	if (json_finish(&j) < 0)
		p->lines = SHOWN_LINES_MAX + 1;
	out_puts(p->rq->out, "    ");
	out_text(p->rq->out, section);
	out_text(p->rq->out, n->key);
	out_puts(p->rq->out, ": ");
	out_text(p->rq->out, buf_str(&line));
	out_puts(p->rq->out, "\n");
}

static void
put_text(struct project *p, const struct node *written)
{
	for (const struct node *n = node_first(written); n; n = n->next) {
		bool section = node_is(n, NODE_OBJECT) && n->count > 0;
		autobuf struct buf name = BUF_INIT;

		if (buf_addf(&name, "%s.", n->key) < 0)
			p->lines = SHOWN_LINES_MAX + 1;
		for (const struct node *k = section ? n->first : NULL; k; k = k->next)
			put_entry(p, buf_str(&name), k);
		if (!section)
			put_entry(p, "", n);
	}
}

static int
refuse(struct project *p, bool changed)
{
	return err_set(p->e, -EPERM,
		       "project profile '%s' %s; start on a terminal with " FLAG
		       " to be asked, or name it: --profile %s",
		       p->path, changed ? "was changed since it was approved" : "is not approved",
		       p->path);
}

static int
check_lint(struct project *p)
{
	struct lint_report report = { 0 };
	struct lint_levels levels;
	int r;

	lint_levels_init(&levels);
	r = lint_profile(&report, p->path, p->rq->flags, &levels, p->rq->environment, p->e);
	for (size_t i = 0; r == 0 && i < report.count; i++)
		if (report.item[i].severity == LINT_ERROR)
			r = err_set(p->e, -EPERM,
				    "project profile '%s' cannot be approved: %s %s (line %u); "
				    "`nono profile lint` tells all",
				    p->path, report.item[i].rule, report.item[i].message,
				    report.item[i].line);
	lint_report_clear(&report);
	return r;
}

/* 0 when the answer is yes. */
static int
ask(struct project *p, const struct profile *profile, bool changed)
{
	autofd int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct out *o = p->rq->out;
	int r;

	if (!p->rq->ask || o->quiet || tty == -1 || isatty(STDERR_FILENO) != 1 ||
	    tcgetpgrp(tty) != getpgrp())
		return refuse(p, changed);
	if ((r = check_lint(p)) < 0)
		return r;
	out_puts(o,
		 "  This project brings a profile, which decides what the program may do:\n    ");
	out_text(o, p->path);
	out_puts(o, changed ? "\n  It was changed since it was approved. It says:\n"
			    : "\n  It says:\n");
	put_text(p, profile->written);
	if (p->lines > SHOWN_LINES_MAX)
		return err_set(p->e, -E2BIG,
			       "project profile '%s' is too long to be shown here; look at it, and "
			       "name it: --profile %s",
			       p->path, p->path);
	/* What was typed before the question cannot be meant as its answer. */
	(void)tcflush(tty, TCIFLUSH);
	out_puts(o, "  Use it, now and as long as it does not change? [y/N] ");
	return out_flush(o) == 0 && prompt_read_yes(tty) ? 0 : refuse(p, changed);
}

static int
approve(struct project *p, const struct profile *profile)
{
	struct node *approvals = NULL;
	bool changed;
	int r = approvals_read(&approvals, p->pool, p->state, APPROVALS_FILE, p->e);

	if (r < 0 || approvals_have(approvals, p->path, p->hash))
		return r;
	changed = approvals_have(approvals, p->path, NULL);
	/* Also one that is changed back must be seen again: who changes it may know what was there. */
	if (changed &&
	    (r = approvals_write(p->state, APPROVALS_FILE, approvals, p->path, NULL, p->e)) < 0)
		return r;
	r = ask(p, profile, changed);
	return r < 0 ? r
		     : approvals_write(p->state, APPROVALS_FILE, approvals, p->path, p->hash, p->e);
}

int
project_profile_load(struct profile **ret, const char **ret_path, struct pool *pool,
		     const struct project_request *rq, struct policy_notes *notes, struct err *e)
{
	struct project p = { .rq = rq, .pool = pool, .e = e };
	struct profile_request wanted = { .environment = rq->environment, .flags = rq->flags };
	autobuf struct buf text = BUF_INIT, state = BUF_INIT;
	char cwd[PATH_MAX];
	int r;

	if (!getcwd(cwd, sizeof(cwd)))
		return err_set_errno(e, -errno, FLAG ": there is no working directory");
	if ((r = place_state(&state, rq->environment, e)) < 0)
		return r;
	if (!(p.state = pool_take(pool, &state)))
		return fail_memory(&p);
	if ((r = find_file(&p, rq->workdir ? rq->workdir : cwd)) < 0 ||
	    (r = read_file(&p, &text)) < 0)
		return r;
	/* From the bytes that were hashed; files beside it are no part of them, and no bases of it. */
	wanted.reference = p.path;
	r = profile_load_text(ret, (struct slice){ text.p, text.n }, p.path, &wanted, notes, e);
	if (r == 0)
		r = approve(&p, *ret);
	if (r < 0) {
		profile_free(*ret);
		*ret = NULL;
		return r;
	}
	*ret_path = p.path;
	return 0;
}
