/*
 * `profile promote`: a draft, perhaps written by an agent, becomes a profile. Everything is decided
 * on one reading of the draft; what it adds is told before anybody is asked.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sha256.h"
#include "base/str.h"
#include "cli/cmd_profile.h"
#include "cli/line_diff.h"
#include "cli/policy_tests.h"
#include "profiles/presets.h"
#include "profiles/store.h"

enum { ANSWER_MAX = 64, BASE_FILE_MAX = 256 };

struct promotion {
	struct listing *l;
	const char *name;
	struct buf directory, target, draft_path, base_path;
	struct buf draft, current; /* the texts */
	bool exists;		   /* there is a profile already */
	struct profile *before, *after;
	bool risky; /* it adds what runs outside, or lifts a protection */
};

static int
out_of_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "out of memory");
}

/* ---- what is there ---- */

static int
find_places(struct promotion *p, struct err *e)
{
	autobuf struct buf root = BUF_INIT;
	int r = profile_config_root(&root, p->l->environment, e);

	if (r < 0)
		return r;
	if (buf_addf(&p->directory, "%s/profiles", buf_str(&root)) < 0 ||
	    buf_addf(&p->target, "%s/%s.json", buf_str(&p->directory), p->name) < 0 ||
	    buf_addf(&p->draft_path, "%s/profile-drafts/%s.json", buf_str(&root), p->name) < 0 ||
	    buf_addf(&p->base_path, "%s/profile-drafts/%s.base", buf_str(&root), p->name) < 0)
		return out_of_memory(e);
	return 0;
}

static int
read_file(struct buf *text, const char *path, const char *what, struct err *e)
{
	int r = store_read(text, path, JSON_BYTES_MAX);

	if (r == -ELOOP || r == -EINVAL)
		return err_set(e, r, "Profile read error at %s: %s is not a regular file", path,
			       what);
	return r < 0 ? err_set_errno(e, r, "Profile read error at %s: cannot read %s", path, what)
		     : 0;
}

static int
read_current(struct promotion *p, struct err *e)
{
	struct stat st;

	if (lstat(buf_str(&p->target), &st) == -1)
		return errno == ENOENT ? 0
				       : err_set_errno(e, -errno, "cannot look at '%s'",
						       buf_str(&p->target));
	p->exists = true;
	return read_file(&p->current, buf_str(&p->target), "the profile", e);
}

/* A file that nobody looks at would be promoted, or a name taken that means something else. */
static int
check_target(struct promotion *p, struct err *e)
{
	autobuf struct buf other = BUF_INIT;

	if (buf_addf(&other, "%s/%s.jsonc", buf_str(&p->directory), p->name) < 0)
		return out_of_memory(e);
	if (faccessat(AT_FDCWD, buf_str(&other), F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return err_set(e, -EEXIST,
			       "Profile parse error: '%s' exists and is used instead of '%s.json'; "
			       "remove or rename it first",
			       buf_str(&other), p->name);
	if (!p->exists && preset_find(p->name))
		return err_set(
			e, -EEXIST,
			"Profile parse error: '%s' would shadow a built-in profile; give the "
			"draft a name of its own, as '%s-local'",
			p->name, p->name);
	return 0;
}

static int
check_base(struct promotion *p, struct err *e)
{
	autobuf struct buf text = BUF_INIT;
	unsigned char value[SHA256_BYTES];
	char hex[SHA256_HEX_MAX];
	struct sha256 h;
	size_t n;
	int r;

	if (!p->exists)
		return 0;
	sha256_init(&h);
	sha256_add(&h, p->current.p, p->current.n);
	sha256_end(&h, value);
	sha256_hex(hex, value);
	r = store_read(&text, buf_str(&p->base_path), BASE_FILE_MAX);
	n = strcspn(buf_str(&text), " \t\r\n");
	if (r == 0 && n == strlen(hex) && strncasecmp(buf_str(&text), hex, n) == 0)
		return 0;
	return err_set(
		e, -ESTALE,
		"Profile parse error: draft base hash does not match current profile. '%s' must "
		"hold the SHA-256 of '%s', which the draft was made from: %s. Compare both, then "
		"write it there",
		buf_str(&p->base_path), buf_str(&p->target), hex);
}

/* ---- does it mean something, and what ---- */

static int
load_text(struct promotion *p, struct profile **ret, const struct buf *text, const char *shown,
	  struct err *e)
{
	struct policy_notes notes = { 0 };
	struct profile_request rq = { .reference = p->name,
				      .environment = p->l->environment,
				      .flags = PROFILE_LENIENT | PROFILE_QUIET | PROFILE_TRUST_ANY,
				      .problem = &p->l->problem };
	int r = profile_load_text(ret, (struct slice){ text->p, text->n }, shown, &rq, &notes, e);

	policy_notes_clear(&notes);
	return r;
}

static int
add_problem(struct buf *b, const char *fmt, const char *name)
{
	int r = b->n ? buf_adds(b, "; ") : 0;

	return r < 0 ? r : buf_addf(b, "%s%s", fmt, name);
}

static int
check_draft(struct promotion *p, struct err *e)
{
	const char *name = node_text(profile_get(p->after, "meta.name"), "");
	autobuf struct buf problems = BUF_INIT;
	int r = 0;

	if (!str_equal(name, p->name))
		return err_set(e, -EINVAL,
			       "Profile parse error: the draft's meta.name is '%s', not '%s'", name,
			       p->name);
	for (size_t i = 0; i < p->after->groups_count && r == 0; i++)
		if (!p->after->groups[i].group)
			r = add_problem(&problems, "unknown group ", p->after->groups[i].name);
	for (const struct node *n = node_first(profile_get(p->after, "groups.exclude"));
	     n && r == 0; n = n->next) {
		const struct group *g = profile_find_group(p->after, node_text(n, ""));

		if (g && g->required)
			r = add_problem(&problems, "cannot exclude required group ", g->name);
	}
	for (const struct node *list = node_first(profile_get(p->after, "filesystem"));
	     list && r == 0; list = list->next)
		for (const struct node *n = node_first(list); n && r == 0; n = n->next)
			if (n->text && !*n->text)
				r = add_problem(&problems, "empty path in filesystem.", list->key);
	if (r < 0)
		return out_of_memory(e);
	if (problems.n)
		return err_set(e, -EINVAL,
			       "Profile parse error: draft profile failed validation: %s",
			       buf_str(&problems));
	return 0;
}

/* ---- what it adds ---- */

static void
put_risk(struct promotion *p, bool *any, const char *what, const struct node *n)
{
	struct out *o = &p->l->note;
	autobuf struct buf text = BUF_INIT;

	if (!*any)
		out_puts(o, "\nThis draft adds:\n");
	*any = true;
	out_puts(o, "  ");
	out_role(o, ROLE_YELLOW, false, what);
	if (n) {
		if (node_line(&text, n) < 0)
			o->failed = true;
		out_puts(o, " ");
		out_text(o, n->key ? n->key : buf_str(&text));
	}
	out_puts(o, "\n");
}

/* Is an entry of that meaning in the other list or map? */
static bool
had(const struct node *list, const struct node *entry)
{
	if (entry->key)
		return node_find(list, entry->key) &&
		       node_equal(node_find(list, entry->key), entry);
	for (const struct node *n = node_first(list); n; n = n->next)
		if (node_equal(n, entry))
			return true;
	return false;
}

/* A switch of the sandbox itself. */
static bool
is_open(const struct profile *p, const char *dotted, const char *word)
{
	const struct node *n = p ? profile_get(p, dotted) : NULL;

	return word ? str_equal(node_text(n, ""), word) : n && node_is_true(n);
}

static void
put_openings(struct promotion *p, bool *any)
{
	static const struct {
		const char *dotted;
		const char *word; /* NULL: true */
	} switches[] = {
		{ "linux.compat32", NULL },
		{ "linux.allow_userns", NULL },
		{ "linux.keep_file_caps", NULL },
		{ "linux.allow_device_nodes", NULL },
		{ "linux.pty_access", "all" },
		{ "security.ipc_mode", "full" },
		{ "security.signal_mode", "allow_all" },
	};

	for (size_t i = 0; i < ARRAY_LEN(switches); i++) {
		autobuf struct buf what = BUF_INIT;

		if (!is_open(p->after, switches[i].dotted, switches[i].word) ||
		    is_open(p->before, switches[i].dotted, switches[i].word))
			continue;
		if (buf_addf(&what, "a rule of the sandbox lifted: %s", switches[i].dotted) < 0)
			p->l->note.failed = true;
		put_risk(p, any, buf_str(&what), NULL);
		p->risky = true;
	}
}

static void
put_risks(struct promotion *p)
{
	static const struct {
		const char *dotted, *what;
		bool risky;
	} lists[] = {
		{ "filesystem.allow", "write access below", false },
		{ "filesystem.write", "write access below", false },
		{ "filesystem.allow_file", "write access to", false },
		{ "filesystem.write_file", "write access to", false },
		{ "filesystem.bypass_protection", "a lifted protection:", true },
		{ "groups.exclude", "an excluded group:", false },
		{ "network.allow_domain", "network access to", false },
		{ "network.connect_port", "connections to port", false },
		{ "network.listen_port", "listening on port", false },
		{ "network.open_port", "local connections to port", false },
		{ "network.credentials", "use of the credential", false },
		{ "network.custom_credentials", "a credential route:", false },
		{ "env_credentials", "a credential in the environment:", false },
		{ "credential_capture", "a command outside the sandbox:", true },
		{ "hooks", "a hook of the agent:", true },
		{ "session_hooks", "a script outside the sandbox, session_hooks.", true },
	};
	const struct node *was, *is;
	bool any = false;

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		was = p->before ? profile_get(p->before, lists[i].dotted) : NULL;
		for (is = node_first(profile_get(p->after, lists[i].dotted)); is; is = is->next) {
			if (node_is(is, NODE_NULL) || had(was, is))
				continue;
			put_risk(p, &any, lists[i].what, is);
			p->risky |= lists[i].risky;
		}
	}
	put_openings(p, &any);
	is = profile_get(p->after, "binary");
	was = p->before ? profile_get(p->before, "binary") : NULL;
	if (node_is(is, NODE_STRING) && !(was && node_equal(was, is))) {
		put_risk(p, &any, "the program to start:", is);
		p->risky = true;
	}
	is = profile_get(p->after, "network.network_profile");
	was = p->before ? profile_get(p->before, "network.network_profile") : NULL;
	if (node_is(is, NODE_STRING) && !(was && node_equal(was, is)))
		put_risk(p, &any, "the network profile", is);
	if (p->before && node_is_true(profile_get(p->before, "network.block")) &&
	    !node_is_true(profile_get(p->after, "network.block")))
		put_risk(p, &any, "network access, which is blocked now", NULL);
}

/* ---- the user's tests of it ---- */

/* Decided on the text that would be written; the draft may be another file by now. */
static int
run_tests(struct promotion *p, const char *file, struct err *e)
{
	const struct policy_tests_request rq = {
		.reference = p->name,
		.text = { p->draft.p ? p->draft.p : "", p->draft.n },
		.shown = buf_str(&p->draft_path),
		.environment = p->l->environment,
	};
	struct out *o = &p->l->note;
	struct policy_tests t;
	int r = policy_tests_begin(&t, &rq, e);

	if (r == 0)
		r = policy_tests_read(&t, file);
	if (r == 0)
		r = policy_tests_judge(&t);
	for (size_t i = 0; i < t.count && r == 0; i++)
		if (!policy_case_is_good(&t.item[i]))
			policy_case_put(o, &t.item[i], i + 1, false);
	if (r == 0 && t.failed > 0)
		r = err_set(
			e, -EINVAL,
			"%zu of %zu cases of '%s' fail with the draft, which stays a draft; change "
			"it, or the cases when they ask for the wrong thing",
			t.failed, t.count, file);
	else if (r == 0)
		out_putf(o, "%zu of %zu cases of the tests hold\n", t.count, t.count);
	policy_tests_clear(&t);
	return r;
}

/*
 * "NAME.test.jsonc" beside the profile, when there is one: not beside the draft, whose writer may
 * be an agent. In a process of its own, because answers as `nono why` gives them take the
 * capabilities of root away.
 */
static int
check_tests(struct promotion *p, struct err *e)
{
	autobuf struct buf file = BUF_INIT;
	struct stat st;
	int status;
	pid_t pid;

	if (buf_addf(&file, "%s/%s.test.jsonc", buf_str(&p->directory), p->name) < 0)
		return out_of_memory(e);
	if (lstat(buf_str(&file), &st) == -1)
		return errno == ENOENT
			       ? 0
			       : err_set_errno(e, -errno, "cannot look at '%s'", buf_str(&file));
	pid = fork();
	if (pid == -1)
		return err_set_errno(e, -errno, "cannot run the tests '%s'", buf_str(&file));
	if (pid == 0) {
		struct err reason = ERR_INIT;
		int r = run_tests(p, buf_str(&file), &reason);

		(void)out_flush(&p->l->note);
		if (r < 0)
			out_error(&p->l->note, &reason);
		_exit(r < 0 ? EXIT_NONO : 0);
	}
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return err_set_errno(e, -errno, "cannot run the tests '%s'",
					     buf_str(&file));
	return status == 0 ? 1 : -EINVAL;
}

/* ---- the question ---- */

/* 1: yes, 0: no; an error when there is nobody to ask. */
static int
ask(struct promotion *p, struct err *e)
{
	autofd int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	const char *question = p->risky ? "Type 'promote' to promote this draft: "
					: "Promote this draft? [y/N] ";
	char answer[ANSWER_MAX];
	ssize_t n;

	if (tty == -1)
		return err_set(e, -ENOTTY,
			       "promoting a draft needs a terminal to ask on, or --yes%s",
			       p->risky ? " --allow-risky" : "");
	/* What was typed before the question cannot be meant as its answer. */
	(void)tcflush(tty, TCIFLUSH);
	if (fd_write_all(tty, question, strlen(question)) < 0)
		return err_set_errno(e, -EIO, "cannot ask on the terminal");
	do
		n = read(tty, answer, sizeof(answer) - 1);
	while (n == -1 && errno == EINTR);
	while (n > 0 && (answer[n - 1] == '\n' || answer[n - 1] == '\r' || answer[n - 1] == ' '))
		n--;
	answer[n > 0 ? n : 0] = '\0';
	if (p->risky)
		return str_equal(answer, "promote");
	return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}

static int
consent(struct promotion *p, struct err *e)
{
	if (!opt_has(p->l->o, FLAG_YES))
		return ask(p, e);
	if (p->risky && !opt_has(p->l->o, FLAG_ALLOW_RISKY))
		return err_set(
			e, -EPERM,
			"this draft adds what runs outside the sandbox, or lifts a protection; "
			"--yes is not enough for that: add --allow-risky, or leave --yes out "
			"and be asked");
	return 1;
}

/* ---- the act ---- */

/* Under the lock of all writers: is the profile still what the draft was compared with? */
static int
replace(struct promotion *p, struct err *e)
{
	autobuf struct buf name = BUF_INIT, now = BUF_INIT;
	autofd int lock = -1;
	int r = store_make_directory(buf_str(&p->directory));

	if (r == 0)
		r = store_lock(buf_str(&p->directory));
	if (r < 0)
		return err_set_errno(e, r, "cannot lock '%s'", buf_str(&p->directory));
	lock = r;
	if (p->exists) {
		r = read_file(&now, buf_str(&p->target), "the profile", e);
		if (r < 0)
			return r;
		if (now.n != p->current.n || memcmp(now.p, p->current.p, now.n) != 0)
			return err_set(e, -ESTALE, "'%s' was changed meanwhile; try again",
				       buf_str(&p->target));
	}
	if (buf_addf(&name, "%s.json", p->name) < 0)
		return out_of_memory(e);
	r = store_write(buf_str(&p->directory), buf_str(&name),
			(struct slice){ p->draft.p, p->draft.n }, p->exists);
	if (r < 0)
		return err_set_errno(e, r, "cannot write '%s'", buf_str(&p->target));
	/* The profile is written; a draft that cannot be removed does no harm. */
	(void)unlink(buf_str(&p->draft_path));
	(void)unlink(buf_str(&p->base_path));
	return 0;
}

static int
show_change(struct promotion *p, struct err *e)
{
	struct out *o = &p->l->note;

	out_putf(o, "--- profiles/%s.json\n+++ profile-drafts/%s.json\n", p->name, p->name);
	if (line_diff(o, (struct slice){ p->current.p, p->current.n },
		      (struct slice){ p->draft.p, p->draft.n }) < 0)
		return out_of_memory(e);
	put_risks(p);
	/* A question on the terminal must stand below what it is about. */
	return out_flush(o) == -ENOMEM ? out_of_memory(e) : 0;
}

static int
promote(struct promotion *p, struct err *e)
{
	int r;

	if ((r = find_places(p, e)) < 0)
		return r;
	r = read_file(&p->draft, buf_str(&p->draft_path), "the draft", e);
	if (r < 0 || (r = read_current(p, e)) < 0 ||
	    (r = load_text(p, &p->after, &p->draft, buf_str(&p->draft_path), e)) < 0 ||
	    (r = check_draft(p, e)) < 0 || (r = check_target(p, e)) < 0 ||
	    (r = check_base(p, e)) < 0)
		return r;
	if (p->exists) {
		struct err ignored = ERR_INIT;

		/* One that is broken now grants nothing: all of the draft is new. */
		r = load_text(p, &p->before, &p->current, buf_str(&p->target), &ignored);
		if (r == -ENOMEM)
			return out_of_memory(e);
	}
	if ((r = show_change(p, e)) < 0 || opt_has(p->l->o, FLAG_DIFF))
		return r;
	r = check_tests(p, e);
	if (r < 0 && !e->code) {
		/* Told by the other process. */
		p->l->exit_code = EXIT_NONO;
		return 0;
	}
	if (r >= 0)
		r = consent(p, e);
	if (r <= 0) {
		p->l->exit_code = EXIT_NONO;
		return r;
	}
	if ((r = replace(p, e)) < 0)
		return r;
	out_puts(&p->l->note, "Promoted draft to ");
	out_text(&p->l->note, buf_str(&p->target));
	out_puts(&p->l->note, "\n");
	return 0;
}

int
profile_promote(struct listing *l, struct err *e)
{
	struct promotion p = { .l = l, .name = l->o->program.item[0] };
	int r;

	if (!profile_name_is_valid(p.name))
		return err_set(e, -EINVAL,
			       "Profile parse error: Invalid profile name '%s': must be "
			       "alphanumeric with hyphens only",
			       p.name);
	/* What is promoted is shown, whatever else shall be silent. */
	l->note.quiet = false;
	r = promote(&p, e);
	profile_free(p.before);
	profile_free(p.after);
	buf_clear(&p.directory);
	buf_clear(&p.target);
	buf_clear(&p.draft_path);
	buf_clear(&p.base_path);
	buf_clear(&p.draft);
	buf_clear(&p.current);
	return r;
}
