/* nono-profile goes on with what `nono` began. */
#include <errno.h>
#include <sys/stat.h>

#include "cli/auto_run.h"
#include "cli/cmd.h"
#include "cli/json.h"
#include "cli/profile_seen.h"
#include "cli/scope.h"
#include "profiles/agent_hooks.h"
#include "profiles/user_groups.h"

bool
json_is_here(void)
{
	return true;
}

/* Before anything is printed. What is wrong with the file is told when it is read for the launch. */
static bool
manifest_has_limits(const struct opt *o)
{
	const char *path = opt_value(o, FLAG_CONFIG);
	struct err ignored = ERR_INIT;
	struct manifest *m = NULL;
	bool limited;
	struct stat st;

	/* A pipe can be read once. */
	if (!path || stat(path, &st) == -1 || !S_ISREG(st.st_mode) ||
	    manifest_load(&m, path, NULL, &ignored) < 0)
		return false;
	limited = manifest_get(m, "resources.memory_bytes") != NULL;
	manifest_free(m);
	return limited;
}

int
json_command(struct opt *o, char **argv, char *const *environment)
{
	if (!o->command->needs_json) {
		scope_enter(o, manifest_has_limits(o), argv, environment);
		return cmd_launch(o, argv, environment);
	}
	switch (o->command->id) {
	case COMMAND_LEARN:
		return cmd_learn(o, environment);
	case COMMAND_SAVE:
		return cmd_save(o);
	case COMMAND_AUTO_RUN:
		return cmd_auto_run(o, environment);
	case COMMAND_WHY:
		return cmd_why(o, environment);
	default:
		return cmd_profile(o, environment);
	}
}

int
json_profile(struct profile **ret, const struct profile_request *rq, struct policy_notes *notes,
	     struct err *e)
{
	return profile_load(ret, rq, notes, e);
}

int
json_project_profile(struct profile **ret, const char **ret_path, struct pool *pool,
		     const struct project_request *rq, struct policy_notes *notes, struct err *e)
{
	return project_profile_load(ret, ret_path, pool, rq, notes, e);
}

int
json_user_groups(struct user_groups *ret, struct pool *pool, char *const *environment,
		 struct err *e)
{
	return user_groups_load(ret, pool, environment, e);
}

int
json_expect(const struct profile *p, const char *hex, struct err *e)
{
	return seen_expect(p, hex, e);
}

int
json_compare_seen(const struct profile *p, const char *state, struct policy_notes *notes,
		  struct err *e)
{
	return seen_compare(p, state, notes, e);
}

int
json_manifest(struct manifest **ret, const char *path, struct policy_notes *notes, struct err *e)
{
	return manifest_load(ret, path, notes, e);
}

int
json_hooks_before(struct session_hooks *h, struct plan_builder *b, struct err *e)
{
	return session_hooks_wanted(h->profile) ? session_hooks_before(h, b, e) : 0;
}

int
json_hooks_stay(const struct session_hooks *h, const struct plan *p, struct err *e)
{
	return session_hooks_stay(h, p, e);
}

int
json_agent_hooks(const struct profile *p, char *const *environment, struct policy_notes *notes)
{
	autobuf struct buf text = BUF_INIT;
	struct err e = ERR_INIT;

	if (!profile_get(p, "hooks") || agent_hooks_install(p, NULL, environment, notes, &e) == 0)
		return 0;
	if (e.code == -ENOMEM ||
	    buf_addf(&text, "Warning: Failed to install hooks: %s", e.text) < 0)
		return -ENOMEM;
	return policy_notes_add(notes, POLICY_NOTE_NOTICE, buf_str(&text));
}

int
json_auto_run(const struct profile *p, const struct plan *plan, char *const *environment)
{
	return auto_run_context(p, plan, environment);
}
