/* nono-profile goes on with what `nono` began. */
#include "cli/cmd.h"
#include "cli/json.h"

int
json_command(struct opt *o, char **argv, char *const *environment)
{
	(void)argv;
	return o->command->id == COMMAND_LEARN ? cmd_learn(o, environment)
					       : cmd_profile(o, environment);
}
