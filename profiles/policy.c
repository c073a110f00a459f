/*
 * The order in which a request becomes a plan (spec 02 2.3, spec 03 7.1). Later steps see what the
 * earlier ones added; the numbers are those of spec 02.
 */
#include "profiles/policy.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/internal.h"
#include "profiles/profile.h"
#include "profiles/system_policy.h"

enum {
	SESSION_ID_BYTES = 8,
	SUGGEST_DISTANCE = 2,
};

void
policy_notes_clear(struct policy_notes *n)
{
	for (size_t i = 0; i < n->count; i++)
		mem_free(n->item[i].text);
	mem_free(n->item);
	*n = (struct policy_notes){ NULL, 0, 0 };
}

int
policy_notes_add(struct policy_notes *n, enum policy_note_kind kind, const char *text)
{
	int r;

	/* Two entries may mean one place, as /tmp and $TMPDIR do. */
	for (size_t i = 0; i < n->count; i++)
		if (n->item[i].kind == kind && str_equal(n->item[i].text, text))
			return 0;
	r = mem_grow((void **)&n->item, &n->capacity, n->count, sizeof(*n->item));
	if (r < 0)
		return r;
	n->item[n->count].kind = kind;
	n->item[n->count].text = mem_strdup(text);
	return n->item[n->count].text ? (n->count++, 0) : -ENOMEM;
}

static int
add_format(struct policy_notes *n, enum policy_note_kind kind, const char *fmt, va_list ap)
{
	autobuf struct buf text = BUF_INIT;
	int r = buf_vaddf(&text, fmt, ap);

	return r < 0 ? r : policy_notes_add(n, kind, buf_str(&text));
}

int
policy_notes_addf(struct policy_notes *n, enum policy_note_kind kind, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = add_format(n, kind, fmt, ap);
	va_end(ap);
	return r;
}

int
note_add(struct assembly *a, enum policy_note_kind kind, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = add_format(a->notes, kind, fmt, ap);
	va_end(ap);
	return r;
}

int
err_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "I/O error: out of memory; end other programs and try again");
}

static int
find_temp(struct assembly *a, struct err *e)
{
	const char *value = environment_get(a->host.environment, "TMPDIR");
	size_t n;

	if (!value || !*value) {
		a->host.temp = "/tmp";
		return 0;
	}
	if (value[0] != '/')
		return err_set(e, -EINVAL,
			       "Environment variable 'TMPDIR' validation failed: must be an "
			       "absolute path, got: %s",
			       value);
	n = strlen(value);
	while (n > 1 && value[n - 1] == '/')
		n--;
	a->host.temp = pool_add(&a->pool, value, n);
	return a->host.temp ? 0 : err_memory(e);
}

static int
find_home(struct assembly *a, struct err *e)
{
	autobuf struct buf given = BUF_INIT, home = BUF_INIT;
	struct object o;
	int r = home_find(&given, a->host.environment, a->host.uid, e);

	if (r < 0)
		return r;
	if (path_absolute(&home, "/", buf_str(&given)) < 0 ||
	    !(a->host.home = pool_take(&a->pool, &home)))
		return err_memory(e);
	r = object_open(a, buf_str(&given), &o);
	if (r == -ENOMEM)
		return err_memory(e);
	if (r < 0 || o.type != S_IFDIR) {
		if (r == 0)
			o.fd = fd_close(o.fd);
		return err_set(
			e, r < 0 ? r : -ENOTDIR,
			"Home directory not found: '%s' is no directory that can be reached; "
			"set HOME to an existing one",
			buf_str(&given));
	}
	o.fd = fd_close(o.fd);
	/* One pointer for both where they are equal: see home_translated(). */
	a->host.home_real = str_equal(o.name, a->host.home) ? a->host.home : o.name;
	return 0;
}

static int
find_host(struct assembly *a, struct err *e)
{
	int r;

	a->host.environment = a->rq->environment;
	a->host.uid = getuid();
	if ((r = find_home(a, e)) < 0 || (r = find_temp(a, e)) < 0)
		return r;
	return workdir_find(a, e);
}

static int
fail_group(const char *name, struct err *e)
{
	unsigned int distance = SUGGEST_DISTANCE + 1;
	const char *near = NULL;

	for (size_t i = 0; i < groups_count; i++) {
		unsigned int d = str_distance(name, groups_table[i].name, SUGGEST_DISTANCE);

		if (d < distance) {
			distance = d;
			near = groups_table[i].name;
		}
	}
	if (near)
		return err_set(e, -ENOENT, "Unknown policy group: '%s'; did you mean '%s'?", name,
			       near);
	return err_set(e, -ENOENT, "Unknown policy group: '%s'; `nono profile groups` shows them",
		       name);
}

/* Agents that hardly work without their profile (spec 03 5.6). */
static int
hint_profile(struct assembly *a, struct err *e)
{
	static const char *const agents[][2] = {
		{ "claude", "claude-code" }, { "codex", "codex" },   { "opencode", "opencode" },
		{ "openclaw", "openclaw" },  { "swival", "swival" },
	};
	const char *program = path_basename(a->rq->command.item[0]);
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(agents) && !a->rq->silent; i++) {
		if (!str_equal(program, agents[i][0]))
			continue;
		r = note_add(a, POLICY_NOTE_NOTICE,
			     "Hint: `%s` usually needs the built-in `%s` profile for its state and "
			     "auth paths.",
			     program, agents[i][1]);
		if (r == 0)
			r = note_add(a, POLICY_NOTE_NOTICE, "Try: nono run --profile %s -- %s",
				     agents[i][1], program);
	}
	return r < 0 ? err_memory(e) : 0;
}

/* Step 1. */
static int
add_group(struct assembly *a, const char *name, const struct group *g, struct err *e)
{
	int r;

	if (!g)
		return fail_group(name, e);
	if (!g->linux_group)
		return 0;
	if ((r = grants_add_group(a, g, e)) < 0 || (r = denies_add_group(a, g, e)) < 0)
		return r;
	return commands_add_group(a, g) < 0 ? err_memory(e) : 0;
}

static int
add_groups(struct assembly *a, struct err *e)
{
	const struct profile *p = a->rq->profile;
	const struct user_groups *own = a->rq->user_groups;
	int r = 0;

	for (size_t i = 0; !p && !a->rq->manifest && i < groups_default_count && r == 0; i++)
		r = add_group(a, groups_default[i], group_find(groups_default[i]), e);
	for (size_t i = 0; p && i < p->groups_count && r == 0; i++)
		r = add_group(a, p->groups[i].name, p->groups[i].group, e);
	for (size_t i = 0; !p && own && i < own->count && r == 0; i++)
		if (own->item[i].group.required)
			r = add_group(a, own->item[i].group.name, &own->item[i].group, e);
	return r < 0 ? r : denies_add_configured(a, e);
}

/* Steps 2 to 9. */
static int
add_profile(struct assembly *a, enum plan_net net, struct err *e)
{
	int r;

	if (a->rq->manifest)
		return manifest_add(a, e);
	if (!a->rq->profile)
		return hint_profile(a, e);
	if ((r = apply_make_directories(a, e)) < 0 || (r = preflight(a, e)) < 0 ||
	    (r = apply_grants(a, e)) < 0 || (r = apply_sockets(a, net, e)) < 0 ||
	    (r = apply_denies(a, e)) < 0)
		return r;
	return commands_add_profile(a, e);
}

/* Steps 10 to 21. */
static int
add_request(struct assembly *a, policy_ask_fn *ask, void *context, enum plan_net net, struct err *e)
{
	int r;

	if ((r = add_profile(a, net, e)) < 0 || (r = grants_add_flags(a, e)) < 0 ||
	    (r = sockets_add_flags(a, e)) < 0 || (r = commands_add_flags(a, e)) < 0)
		return r;
	if ((r = denies_bypass(a, e)) < 0)
		return r;
	if ((r = denies_check(a, e)) < 0)
		return r;
	grants_dedupe(a);
	if ((r = workdir_grant(a, ask, context, e)) < 0 || (r = protection_add(a, e)) < 0)
		return r;
	grants_dedupe(a);
	/* Again: a deny under the working directory must not be lost. */
	if ((r = denies_check(a, e)) < 0 || (r = masks_check(a, e)) < 0 ||
	    (r = roots_check(a, e)) < 0 || (r = limits_check(a, e)) < 0 ||
	    (r = exposure_check(a, e)) < 0)
		return r;
	if (a->grants_count == 0 && net != PLAN_NET_ALLOWED && !a->rq->manifest)
		return err_set(e, -EINVAL,
			       "No filesystem capabilities specified; grant at least one path, for "
			       "example with --read");
	return grants_warn_nested(a) < 0 ? err_memory(e) : 0;
}

/* Most installations lie below /usr: then there is nothing to add. */
static int
add_own_programs(struct assembly *a, struct err *e)
{
	const struct words *own = &a->rq->own_programs;

	for (size_t i = 0; i < own->count; i++) {
		struct object o;
		int r;

		if (grants_cover(a, own->item[i]) & PLAN_READ)
			continue;
		r = object_open(a, own->item[i], &o);
		if (r == 0)
			r = grant_add_object(a, NULL, own->item[i], PLAN_READ, PLAN_KIND_FILE,
					     PLAN_SOURCE_SYSTEM, &o, e);
		o.fd = fd_close(o.fd);
		if (r == -ENOMEM)
			return err_memory(e);
	}
	return 0;
}

/* In a dry run what would stop the start is told, and the rest goes on. */
static int
would_fail(struct assembly *a, int r, struct err *e)
{
	struct err reason;

	if (r >= 0 || r == -ENOMEM || !a->rq->dry_run)
		return r;
	reason = *e;
	*e = (struct err)ERR_INIT;
	r = note_add(a, POLICY_NOTE_WOULD_FAIL, "%s", reason.text);
	return r < 0 ? err_memory(e) : 0;
}

/* The found program: blocked under its real name, readable. */
static int
add_found(struct assembly *a, const char *path, bool blocked, struct err *e)
{
	autobuf struct buf canonical = BUF_INIT;
	int r = 0;

	if (path_canonical(&canonical, "/", path) < 0)
		return err_memory(e);
	if (!blocked)
		r = commands_check(a, buf_str(&canonical), e);
	if ((r = would_fail(a, r, e)) < 0)
		return r;
	return program_grant(a, path, e);
}

/* The command as typed is judged first: a blocked one is not even searched for. */
static int
add_program(struct assembly *a, const char **ret, struct err *e)
{
	autobuf struct buf path = BUF_INIT;
	int blocked, found, r;

	if (a->rq->explain) {
		*ret = "/";
		return 0;
	}
	blocked = commands_check(a, NULL, e);
	if ((r = would_fail(a, blocked, e)) < 0)
		return r;
	found = program_find(a, &path, e);
	if ((r = would_fail(a, found, e)) < 0)
		return r;
	if (found == 0) {
		if ((r = add_found(a, buf_str(&path), blocked < 0, e)) < 0)
			return r;
	} else {
		buf_reset(&path);
		if (path_absolute(&path, a->host.cwd, a->rq->command.item[0]) < 0)
			return err_memory(e);
	}
	*ret = pool_take(&a->pool, &path);
	return *ret ? 0 : err_memory(e);
}

/* The plan of a dry run shows what this version can already apply. */
static int
check_later(struct assembly *a, struct err *e)
{
	return would_fail(a, a->rq->manifest ? manifest_check(a, e) : later_check(a, e), e);
}

static int
make_session_id(char *text, size_t size, struct err *e)
{
	unsigned char bytes[SESSION_ID_BYTES];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return err_set_errno(e, -errno,
				     "I/O error: no random bytes for a session id; a "
				     "system filter may forbid getrandom");
	for (size_t i = 0; i < sizeof(bytes); i++)
		(void)snprintf(text + 2 * i, size - 2 * i, "%02x", bytes[i]);
	return 0;
}

static int
assemble(struct assembly *a, struct plan_builder *b, policy_ask_fn *ask, void *context,
	 struct err *e)
{
	char session_id[2 * SESSION_ID_BYTES + 1];
	const char *program;
	enum plan_net net;
	int r;

	if (a->rq->command.count == 0)
		return err_set(e, -EINVAL,
			       "No command specified; put the program behind the options, as in "
			       "`nono run --allow-cwd -- ls`");
	if ((r = find_host(a, e)) < 0 || (r = check_later(a, e)) < 0 ||
	    (r = network_choose(a, &net, e)) < 0 || (r = add_groups(a, e)) < 0 ||
	    (r = add_request(a, ask, context, net, e)) < 0 ||
	    (r = add_program(a, &program, e)) < 0 || (r = add_own_programs(a, e)) < 0)
		return r;
	grants_dedupe(a);
	if ((r = make_session_id(session_id, sizeof(session_id), e)) < 0)
		return r;
	b->settings.net = net;
	return emit_plan(a, b, program, session_id, e);
}

int
policy_assemble(struct plan_builder *b, const struct policy_request *rq, struct policy_notes *notes,
		policy_ask_fn *ask, void *ask_context, struct err *e)
{
	struct policy_request joined = *rq;
	struct assembly a = { .rq = &joined,
			      .notes = notes,
			      .system = system_policy_of(rq->profile, rq->user_groups) };
	int r = rq->manifest ? manifest_request(&a, &joined, e) : apply_request(&a, &joined, e);

	if (r == 0)
		r = network_limit(&a, rq, &joined, e);
	if (r == 0)
		r = assemble(&a, b, ask, ask_context, e);
	if (r < 0)
		grants_undo_created(&a);
	for (size_t i = 0; i < ARRAY_LEN(a.token); i++)
		mem_free(a.token[i].item);
	mem_free(a.grants);
	mem_free(a.sockets);
	mem_free(a.denies);
	mem_free(a.commands);
	mem_free(a.created);
	mem_free(a.bypassed);
	pool_clear(&a.pool);
	return r;
}

int
policy_command(struct words *ret, struct pool *pool, const struct policy_request *rq,
	       struct policy_notes *notes, struct err *e)
{
	struct assembly a = { .rq = rq,
			      .notes = notes,
			      .system = system_policy_of(rq->profile, rq->user_groups) };
	int r = find_host(&a, e);

	if (r == 0)
		r = apply_command(&a, pool, ret, e);
	pool_clear(&a.pool);
	return r;
}
