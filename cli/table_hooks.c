/* The commands of `hooks`. */
#include "cli/table.h"

static const char status_about[] =
	"Lists the hooks of agents that nono entered, and whether script and entry are as nono wrote them.";

static const char install_about[] =
	"Installs the hooks that a profile names, as a start under it does: those of claude-code, or with "
	"--profile those of another one. With TARGET only those of that agent. What is there already is "
	"left as it is.";

static const char install_examples[] = "nono hooks install\n"
				       "nono hooks install --profile my-agent claude-code";

static const char remove_about[] =
	"Takes the entries that nono made out of the settings of agents, of all or of TARGET, and removes "
	"their scripts. What was changed since stays, and is named. A start under a profile with hooks "
	"enters them again; `\"remove\": { \"hooks\": [\"claude-code\"] }` in a profile of yours leaves them out.";

static const char approvals_about[] =
	"Lists the scripts of session_hooks that were approved, or with revoke PATH forgets the approval "
	"of one: the next start asks again.";

static const char approvals_examples[] = "nono hooks approvals\n"
					 "nono hooks approvals revoke ~/project/.nono/before.sh";

/* clang-format off */
const struct command hooks_commands[] = {
	{ .id = COMMAND_HOOKS_STATUS, .name = "status", .section = SECTION_POLICY,
	  .flags = ON_HOOKS_STATUS, .needs_json = true, .operands_min = 0, .operands_max = 1,
	  .line = "list the hooks of agents", .usage = "hooks status [OPTIONS] [TARGET]",
	  .about = status_about, .examples = "nono hooks status\nnono hooks status --json" },
	{ .id = COMMAND_HOOKS_INSTALL, .name = "install", .section = SECTION_POLICY,
	  .flags = ON_HOOKS_INSTALL, .needs_json = true, .operands_min = 0, .operands_max = 1,
	  .line = "enter the hooks of a profile", .usage = "hooks install [OPTIONS] [TARGET]",
	  .about = install_about, .examples = install_examples },
	{ .id = COMMAND_HOOKS_REMOVE, .name = "remove", .section = SECTION_POLICY,
	  .flags = ON_HOOKS_REMOVE, .needs_json = true, .operands_min = 0, .operands_max = 1,
	  .line = "take hooks out again", .usage = "hooks remove [OPTIONS] [TARGET]",
	  .about = remove_about, .examples = "nono hooks remove\nnono hooks remove claude-code" },
	{ .id = COMMAND_HOOKS_APPROVALS, .name = "approvals", .section = SECTION_POLICY,
	  .flags = ON_HOOKS_APPROVALS, .needs_json = true, .operands_min = 0, .operands_max = 2,
	  .line = "list or forget approved session hooks",
	  .usage = "hooks approvals [OPTIONS] [list | revoke <PATH>]",
	  .about = approvals_about, .examples = approvals_examples },
	{ .name = NULL },
};
/* clang-format on */
