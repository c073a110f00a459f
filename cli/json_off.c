/* `nono` becomes nono-profile. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/helper.h"
#include "cli/json.h"

#define PROFILE_NAME "nono-profile"

bool
json_is_here(void)
{
	return false;
}

int
json_command(struct opt *o, char **argv, char *const *environment)
{
	autobuf struct buf path = BUF_INIT;
	struct err e = ERR_INIT;

	if (helper_find(&path, PROFILE_NAME) < 0) {
		(void)err_set(&e, -ENOMEM, "out of memory");
	} else {
		(void)execve(buf_str(&path), argv, environment);
		(void)err_set(&e, -errno,
			      "cannot start '%s': %s; nono and " PROFILE_NAME
			      " are installed together",
			      buf_str(&path), strerror(errno));
	}
	return cmd_usage_error(o, &e, environment);
}

int
json_profile(struct profile **ret, const struct profile_request *rq, struct policy_notes *notes,
	     struct err *e)
{
	(void)ret;
	(void)notes;
	return err_set(e, -ENOSYS, "profile '%s' is read by " PROFILE_NAME ", not by nono",
		       rq->reference);
}

int
json_project_profile(struct profile **ret, const char **ret_path, struct pool *pool,
		     const struct project_request *rq, struct policy_notes *notes, struct err *e)
{
	(void)ret_path;
	(void)pool;
	(void)rq;
	(void)notes;
	*ret = NULL;
	return err_set(e, -ENOSYS, "project profiles are read by " PROFILE_NAME ", not by nono");
}

int
json_user_groups(struct user_groups *ret, struct pool *pool, char *const *environment,
		 struct err *e)
{
	(void)pool;
	(void)environment;
	(void)e;
	*ret = (struct user_groups){ 0 };
	return 0;
}

int
json_expect(const struct profile *p, const char *hex, struct err *e)
{
	(void)p;
	(void)hex;
	(void)e;
	return 0;
}

int
json_compare_seen(const struct profile *p, const char *state, struct policy_notes *notes,
		  struct err *e)
{
	(void)p;
	(void)state;
	(void)notes;
	(void)e;
	return 0;
}

int
json_manifest(struct manifest **ret, const char *path, struct policy_notes *notes, struct err *e)
{
	(void)ret;
	(void)notes;
	return err_set(e, -ENOSYS, "manifest '%s' is read by " PROFILE_NAME ", not by nono", path);
}

int
json_hooks_before(struct session_hooks *h, struct plan_builder *b, struct err *e)
{
	(void)h;
	(void)b;
	(void)e;
	return 0;
}

int
json_hooks_stay(const struct session_hooks *h, const struct plan *p, struct err *e)
{
	(void)h;
	(void)p;
	(void)e;
	return 0;
}

int
json_agent_hooks(const struct profile *p, char *const *environment, struct policy_notes *notes)
{
	(void)p;
	(void)environment;
	(void)notes;
	return 0;
}

int
json_auto_run(const struct profile *p, const struct plan *plan, char *const *environment)
{
	(void)p;
	(void)plan;
	(void)environment;
	return -1;
}
