/* nono-profile goes on with what `nono` began. */
#include "cli/cmd.h"
#include "cli/json.h"

int
json_command(struct opt *o, char **argv, char *const *environment)
{
	(void)argv;
	return cmd_profile(o, environment);
}
