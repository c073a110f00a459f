/*
 * What a profile asks for and this version cannot apply. A field that restricts, or that the program
 * cannot work without, ends the start; only comfort is left out. A field that changes nothing in
 * this very start is no reason to refuse it.
 */
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/str.h"
#include "profiles/internal.h"
#include "profiles/profile.h"

/* One of the words in a list that blanks separate. */
static bool
is_listed(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = words; at; at = strchr(at, ' ')) {
		at += *at == ' ';
		if (strncmp(at, word, n) == 0 && (!at[n] || at[n] == ' '))
			return true;
	}
	return false;
}

/* A field that is set and means something: not false, not empty, none of the idle words. */
static bool
is_used(const struct node *n, const char *idle)
{
	if (!n || n->kind == NODE_NULL)
		return false;
	if (n->kind == NODE_BOOL)
		return n->truth;
	if (n->kind == NODE_STRING)
		return !is_listed(idle, n->text);
	return n->first != NULL;
}

/* ---- fields that mean something in some starts only ---- */

static bool
never(const struct assembly *a)
{
	(void)a;
	return false;
}

static bool
network_is_open(const struct assembly *a)
{
	return !a->rq->block_net && a->rq->connect_ports.count == 0;
}

static bool
proxy_is_given_up(const struct assembly *a)
{
	return a->rq->allow_net;
}

/* By the kernel's name, as the condition "wsl" of an entry. */
static bool
is_not_wsl(const struct assembly *a)
{
	struct utsname name;

	(void)a;
	return uname(&name) == 0 && !strstr(name.release, "icrosoft");
}

struct later {
	const char *field;
	const char *idle; /* values that hold already */
	bool (*is_idle)(const struct assembly *a);
};

/* clang-format off */
static const struct later later[] = {
	{ "network.network_profile", NULL, proxy_is_given_up },
	{ "network.allow_domain", NULL, proxy_is_given_up },
	{ "network.credentials", NULL, proxy_is_given_up },
	{ "network.upstream_proxy", NULL, proxy_is_given_up },
	{ "network.upstream_bypass", NULL, proxy_is_given_up },
	{ "env_credentials", NULL, never },
	{ "packs", NULL, never },
	{ "command_policies.commands", NULL, never },
	{ "security.capability_elevation", NULL, never },
	{ "linux.af_unix_mediation", "auto off", never },
	{ "linux.sandbox_policy", "auto", network_is_open },
	{ "linux.net_backend", "auto", network_is_open },
	{ "linux.unix_datagram", "deny", never },
	{ "linux.allow_windows_exec", NULL, is_not_wsl },
	{ "linux.metadata_guard", "auto off", never },
#ifndef __x86_64__
	{ "linux.compat32", NULL, never },
#endif
};
/* clang-format on */

/* What only adds comfort is left out, and told to who asks. */
static int
note_idle(struct assembly *a, struct err *e)
{
	static const char *const idle[] = { "rollback.exclude_patterns", "rollback.exclude_globs",
					    "open_urls" };

	for (size_t i = 0; i < ARRAY_LEN(idle); i++)
		if (is_used(profile_get(a->rq->profile, idle[i]), NULL) &&
		    note_add(a, POLICY_NOTE_INFO,
			     "profile: %s has no effect in this version of nono", idle[i]) < 0)
			return err_memory(e);
	return 0;
}

/* A shell and `wrap` leave the network as it is, whatever the value says. */
static int
check_policy(const struct assembly *a, struct err *e)
{
	const struct node *n = profile_get(a->rq->profile, "linux.sandbox_policy");

	if (!n || n->kind == NODE_NULL || a->rq->mode == PLAN_MODE_RUN)
		return 0;
	return err_set(e, -EINVAL,
		       "Configuration parse error: profiles containing linux.sandbox_policy are "
		       "only supported by `nono run`; profile '%s' has it (%s:%u:%u)",
		       a->rq->profile->name, n->source ? n->source->path : a->rq->profile->shown,
		       n->line, n->column);
}

static int
warn_terminals(struct assembly *a, struct err *e)
{
	const char *access = node_text(profile_get(a->rq->profile, "linux.pty_access"), "own");

	if (str_equal(access, "all") &&
	    note_add(a, POLICY_NOTE_WARNING,
		     "the program may read and write every terminal of yours (linux.pty_access is "
		     "\"all\")") < 0)
		return err_memory(e);
	return 0;
}

int
later_check(struct assembly *a, struct err *e)
{
	const struct profile *p = a->rq->profile;
	int r = check_policy(a, e);

	for (size_t i = 0; i < ARRAY_LEN(later) && r == 0; i++) {
		const struct node *n = profile_get(p, later[i].field);
		bool proxy = later[i].is_idle == proxy_is_given_up;

		if (!is_used(n, later[i].idle) || later[i].is_idle(a))
			continue;
		if (proxy && a->rq->block_net)
			return err_set(e, -EINVAL,
				       "Configuration parse error: --block-net is contradictory to "
				       "%s of profile '%s'; remove --block-net",
				       later[i].field, p->name);
		return err_set(e, -ENOSYS,
			       "Configuration parse error: profile '%s' sets %s (%s:%u:%u), which "
			       "this version of nono cannot apply; start without it%s",
			       p->name, later[i].field, n->source ? n->source->path : p->shown,
			       n->line, n->column,
			       proxy ? ", or with --allow-net for an open network" : "");
	}
	if (r == 0)
		r = warn_terminals(a, e);
	return r < 0 ? r : note_idle(a, e);
}
