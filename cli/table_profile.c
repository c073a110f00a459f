/* The commands of `profile`, and their old names under `policy`. */
#include "cli/table.h"

#include "base/attr.h"

#define LATER(command_name, command_line)                                          \
	.name = (command_name), .section = SECTION_POLICY, .line = (command_line), \
	.status = STATUS_LATER

static const char groups_about[] =
	"Lists the groups that profiles are made of, or shows one: what it allows, what it denies, "
	"and what its paths mean here.\n"
	"\n"
	"Required groups hold whatever a profile says. Extended groups hold unless a profile excludes "
	"them.";

static const char groups_examples[] = "nono profile groups\n"
				      "nono profile groups deny_credentials\n"
				      "nono profile groups --all-platforms --json";

/* clang-format off */
const struct command profile_commands[] = {
	{ LATER("init", "write the beginning of a profile") },
	{ LATER("list", "list profiles") },
	{ LATER("show", "show a profile with what it inherits") },
	{ LATER("diff", "compare two profiles") },
	{ LATER("validate", "check a profile") },
	{ LATER("promote", "make a draft a profile") },
	{ .id = COMMAND_PROFILE_GROUPS, .name = "groups", .section = SECTION_POLICY,
	  .flags = ON_PROFILE_GROUPS, .needs_json = true, .operands_max = 1,
	  .line = "list groups, or show one", .usage = "profile groups [OPTIONS] [NAME]",
	  .about = groups_about, .examples = groups_examples },
	{ LATER("schema", "print the JSON Schema of profiles") },
	{ LATER("guide", "print how to write profiles") },
	{ LATER("lint", "find what is risky or useless in profiles") },
	{ LATER("explain", "say why a profile allows or denies something") },
	{ .name = NULL },
};

const struct command policy_commands[] = {
	{ .id = COMMAND_PROFILE_GROUPS, .name = "groups", .section = SECTION_POLICY,
	  .flags = ON_PROFILE_GROUPS, .needs_json = true, .operands_max = 1,
	  .line = "deprecated: use profile groups", .usage = "policy groups [OPTIONS] [NAME]",
	  .about = groups_about, .examples = groups_examples },
	{ LATER("profiles", "deprecated: use profile list") },
	{ LATER("show", "deprecated: use profile show") },
	{ LATER("diff", "deprecated: use profile diff") },
	{ LATER("validate", "deprecated: use profile validate") },
	{ .name = NULL },
};
/* clang-format on */
