/*
 * Commands that must read JSON. Two implementations of one function, of which a program links one:
 * json_off.c in `nono`, which is static, is on the path of every start and holds no JSON library:
 * it becomes nono-profile, with the same arguments and environment. json_on.c in nono-profile,
 * which goes on here.
 */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include "cli/opt.h"
#include "cli/project_profile.h"
#include "cli/session_hooks.h"
#include "profiles/manifest.h"
#include "profiles/profile.h"

/* Are profiles read here? */
bool json_is_here(void);

/* Do the command: the exit code. */
int json_command(struct opt *o, char **argv, char *const *environment);

/* Load what --profile names; `nono` never comes here, because it became nono-profile before. */
int json_profile(struct profile **ret, const struct profile_request *rq, struct policy_notes *notes,
		 struct err *e) ATTR_CHECK;

/* cli/project_profile.h */
int json_project_profile(struct profile **ret, const char **ret_path, struct pool *pool,
			 const struct project_request *rq, struct policy_notes *notes,
			 struct err *e) ATTR_CHECK;

/* profiles/user_groups.h; where they cannot be read, main() made sure that there are none. */
int json_user_groups(struct user_groups *ret, struct pool *pool, char *const *environment,
		     struct err *e) ATTR_CHECK;

/* cli/profile_seen.h, for a profile that was loaded. */
int json_expect(const struct profile *p, const char *hex, struct err *e) ATTR_CHECK;
int json_compare_seen(const struct profile *p, const char *state, struct policy_notes *notes,
		      struct err *e) ATTR_CHECK;

/* The same for the file of --config. */
int json_manifest(struct manifest **ret, const char *path, struct policy_notes *notes,
		  struct err *e) ATTR_CHECK;

/* cli/session_hooks.h; without a profile, and so in `nono`, there are none. */
int json_hooks_before(struct session_hooks *h, struct plan_builder *b, struct err *e) ATTR_CHECK;
int json_hooks_stay(const struct session_hooks *h, const struct plan *p, struct err *e) ATTR_CHECK;

/*
 * Install the hooks of agents that the profile names (profiles/agent_hooks.h). What cannot be done
 * is a note: a hook is comfort. 0 or -ENOMEM.
 */
int json_agent_hooks(const struct profile *p, char *const *environment,
		     struct policy_notes *notes) ATTR_CHECK;

/* cli/auto_run.h */
int json_auto_run(const struct profile *p, const struct plan *plan, char *const *environment);

#endif
