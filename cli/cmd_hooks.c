/* `hooks`: what was entered into the settings of agents, and which session hooks were approved. */
#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "cli/cmd_profile.h"
#include "cli/hook_trust.h"
#include "profiles/agent_hooks.h"
#include "profiles/place.h"

#define DEFAULT_PROFILE "claude-code"

/* The agent that the command line names; *ret NULL: all of them. 0 or an error. */
static int
find_target(const struct listing *l, const char **ret, struct err *e)
{
	*ret = l->o->program.count ? l->o->program.item[0] : NULL;
	if (!*ret || agent_find(*ret))
		return 0;
	return err_set(e, -ENOENT, "'%s' is no agent that nono knows hooks of; known is %s", *ret,
		       "claude-code");
}

static void
put_notes(struct listing *l, const struct policy_notes *notes)
{
	for (size_t i = 0; i < notes->count; i++) {
		struct out *o = notes->item[i].kind == POLICY_NOTE_NOTICE ? &l->out : &l->note;

		if (notes->item[i].kind != POLICY_NOTE_NOTICE) {
			out_warning(o, notes->item[i].text);
			continue;
		}
		if (l->note.quiet)
			continue;
		out_puts(o, "  ");
		out_text(o, notes->item[i].text);
		out_puts(o, "\n");
	}
}

/* ---- status ---- */

static const char *
part_text(enum agent_hook_part part)
{
	static const char *const text[] = {
		[AGENT_PART_MISSING] = "missing",
		[AGENT_PART_INSTALLED] = "installed",
		[AGENT_PART_CHANGED] = "changed",
		[AGENT_PART_UNKNOWN] = "unreadable",
	};

	return text[part];
}

static void
put_status(struct listing *l, const struct agent_hook_status *s)
{
	struct json *j = &l->j;

	json_object(j, NULL);
	json_string(j, "target", s->target);
	json_string(j, "event", s->event);
	json_string(j, "matcher", s->matcher);
	json_bytes(j, "script", s->script);
	json_string(j, "script_state", part_text(s->script_is));
	json_bytes(j, "settings", s->settings);
	json_string(j, "entry_state", part_text(s->entry_is));
	json_end(j);
	out_puts(&l->out, "  ");
	out_text(&l->out, s->target);
	out_puts(&l->out, " ");
	out_text(&l->out, s->event);
	out_puts(&l->out, " (");
	out_text(&l->out, s->matcher);
	out_puts(&l->out, ")\n    script:   ");
	out_text(&l->out, s->script);
	out_putf(&l->out, " (%s)\n    settings: ", part_text(s->script_is));
	out_text(&l->out, s->settings);
	out_putf(&l->out, " (%s)\n", part_text(s->entry_is));
}

int
hooks_status(struct listing *l, struct err *e)
{
	struct agent_hook_status *first = NULL;
	struct pool pool = { 0 };
	const char *target;
	size_t count = 0;
	int r = find_target(l, &target, e);

	if (r == 0)
		r = agent_hooks_status(&first, &pool, l->environment, e);
	json_object(&l->j, NULL);
	json_array(&l->j, "hooks");
	for (const struct agent_hook_status *s = first; s && r == 0; s = s->next) {
		if (target && !str_equal(s->target, target))
			continue;
		put_status(l, s);
		count++;
	}
	json_end(&l->j);
	json_end(&l->j);
	if (r == 0 && count == 0)
		out_puts(&l->out, "  No hooks of agents are installed.\n");
	pool_clear(&pool);
	return r;
}

/* ---- install, remove ---- */

int
hooks_install(struct listing *l, struct err *e)
{
	const char *name = opt_value(l->o, FLAG_PROFILE);
	struct policy_notes notes = { 0 };
	struct profile *p = NULL;
	const struct node *hooks;
	const char *target;
	int r = find_target(l, &target, e);

	if (!name)
		name = DEFAULT_PROFILE;
	if (r == 0)
		r = listing_load(l, &p, name, 0, e);
	hooks = r == 0 ? profile_get(p, "hooks") : NULL;
	if (r == 0 && !(target ? node_find(hooks, target) : node_first(hooks)))
		r = err_set(e, -ENOENT,
			    "profile '%s' names no hooks%s%s; add them to its key hooks", name,
			    target ? " for " : "", target ? target : "");
	if (r == 0)
		r = agent_hooks_install(p, target, l->environment, &notes, e);
	if (r == 0 && notes.count == 0 && !l->note.quiet)
		out_puts(&l->out, "  Everything is installed.\n");
	put_notes(l, &notes);
	policy_notes_clear(&notes);
	profile_free(p);
	return r;
}

int
hooks_remove(struct listing *l, struct err *e)
{
	struct policy_notes notes = { 0 };
	const char *target;
	int r = find_target(l, &target, e);

	if (r == 0)
		r = agent_hooks_remove(target, l->environment, &notes, e);
	if (r == 0 && notes.count == 0 && !l->note.quiet)
		out_puts(&l->out, "  No hooks of agents are installed.\n");
	put_notes(l, &notes);
	policy_notes_clear(&notes);
	return r;
}

/* ---- approvals ---- */

static int
list_approvals(struct listing *l, const char *state, struct err *e)
{
	const struct node *approved = NULL;
	struct pool pool = { 0 };
	int r = hook_approvals(&approved, &pool, state, e);

	json_object(&l->j, NULL);
	json_array(&l->j, "approved");
	for (const struct node *n = node_first(approved); n && r == 0; n = n->next) {
		node_write(&l->j, NULL, n);
		out_puts(&l->out, "  ");
		out_text(&l->out, node_text(node_find(n, "path"), ""));
		out_puts(&l->out, "\n    sha256 ");
		out_text(&l->out, node_text(node_find(n, "sha256"), ""));
		out_puts(&l->out, "\n");
	}
	json_end(&l->j);
	json_end(&l->j);
	if (r == 0 && !node_first(approved))
		out_puts(&l->out, "  No session hooks are approved.\n");
	pool_clear(&pool);
	return r;
}

/* As it was written, or as it was approved. */
static int
revoke(struct listing *l, const char *state, const char *script, struct err *e)
{
	autobuf struct buf path = BUF_INIT, cwd = BUF_INIT;
	int r = hook_approvals_revoke(state, script, e);

	if (r == 0 && (path_canonical(&cwd, "/", "/proc/self/cwd") < 0 ||
		       path_absolute(&path, buf_str(&cwd), script) < 0))
		return err_set(e, -ENOMEM, "out of memory");
	if (r == 0)
		r = hook_approvals_revoke(state, buf_str(&path), e);
	if (r == 0)
		return err_set(e, -ENOENT,
			       "nothing is approved of '%s'; `nono hooks approvals` lists what is",
			       script);
	if (r > 0 && !l->note.quiet) {
		out_puts(&l->out, "  Revoked ");
		out_text(&l->out, script);
		out_puts(&l->out, "\n");
	}
	l->as_json = false;
	return r < 0 ? r : 0;
}

int
hooks_approvals(struct listing *l, struct err *e)
{
	const struct words *words = &l->o->program;
	const char *what = words->count ? words->item[0] : "list";
	autobuf struct buf state = BUF_INIT;
	int r;

	if (words->count == 2 ? !str_equal(what, "revoke") : !str_equal(what, "list"))
		return err_set_exit(e, EXIT_USAGE, -EINVAL, "usage: nono %s", l->o->command->usage);
	if ((r = place_state(&state, l->environment, e)) < 0)
		return r;
	return words->count == 2 ? revoke(l, buf_str(&state), words->item[1], e)
				 : list_approvals(l, buf_str(&state), e);
}
