/* nono: understands the command line, then becomes what it asks for. */
#include <unistd.h>

#include "base/fd.h"
#include "cli/cmd.h"
#include "cli/env.h"
#include "cli/json.h"
#include "cli/live.h"
#include "cli/prove.h"
#include "cli/scope.h"
#include "profiles/system_policy.h"
#include "profiles/user_groups.h"

/* Does this command line name something that is JSON, or is there some that holds in every start? */
static bool
json_is_needed(const struct opt *o)
{
	if (o->command->needs_json || opt_has(o, FLAG_PROFILE) || opt_has(o, FLAG_CONFIG) ||
	    opt_has(o, FLAG_PROJECT_PROFILE))
		return true;
	return o->command->id != COMMAND_SETUP &&
	       (user_groups_exist(environ) || system_policy_exists());
}

static int
dispatch(struct opt *o, int argc, char **argv, struct err *e)
{
	if (opt_parse(o, argc, argv, environ, e) < 0)
		return cmd_usage_error(o, e, environ);
	if (o->help || o->version || !o->command || o->command->sub ||
	    o->command->id == COMMAND_HELP)
		return cmd_help(o, environ);
	if (o->command->id == COMMAND_PROVE)
		return prove_inside(o->program.count, o->program.item);
	if (o->command->id == COMMAND_LIVE)
		return live_inside();
	if (o->command->id == COMMAND_COMPLETION)
		return cmd_completion(o, environ);
	if (env_bind(o, environ, e) < 0 || opt_check(o, e) < 0)
		return cmd_usage_error(o, e, environ);
	if (json_is_needed(o))
		return json_command(o, argv, environ);
	if (o->command->id == COMMAND_SETUP)
		return cmd_setup(o, environ);
	scope_enter(o, false, argv, environ);
	return cmd_launch(o, argv, environ);
}

int
main(int argc, char **argv)
{
	struct opt o = OPT_INIT;
	struct err e = ERR_INIT;
	int code;

	if (fd_open_standard() < 0)
		return EXIT_NONO;
	code = dispatch(&o, argc, argv, &e);
	opt_clear(&o);
	return code;
}
