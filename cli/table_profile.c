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

static const char list_about[] =
	"Lists the profiles that come with nono, and your own. A profile that cannot be read is listed "
	"with the reason.";

static const char show_about[] =
	"Shows what a profile says once everything it extends is in it. PROFILE is a name, or the path "
	"of a file.\n"
	"\n"
	"With --json two profiles that mean the same print the same bytes.";

static const char show_examples[] = "nono profile show node-dev\n"
				    "nono profile show claude-code --origin\n"
				    "nono profile show ./my-profile.json --json\n"
				    "nono profile show node-dev --format manifest";

static const char diff_about[] =
	"Shows what OTHER says differently from PROFILE: lines with - are in PROFILE only, lines with "
	"+ in OTHER only. The order of lists does not count.";

static const char diff_examples[] = "nono profile diff default node-dev\n"
				    "nono profile diff --exit-code claude-code ./mine.json";

/* clang-format off */
const struct command profile_commands[] = {
	{ LATER("init", "write the beginning of a profile") },
	{ .id = COMMAND_PROFILE_LIST, .name = "list", .section = SECTION_POLICY,
	  .flags = ON_PROFILE_LIST, .needs_json = true,
	  .line = "list profiles", .usage = "profile list [OPTIONS]",
	  .about = list_about, .examples = "nono profile list\nnono profile list --json" },
	{ .id = COMMAND_PROFILE_SHOW, .name = "show", .section = SECTION_POLICY,
	  .flags = ON_PROFILE_SHOW, .needs_json = true, .operands_min = 1, .operands_max = 1,
	  .line = "show a profile with what it inherits",
	  .usage = "profile show [OPTIONS] <PROFILE>",
	  .about = show_about, .examples = show_examples },
	{ .id = COMMAND_PROFILE_DIFF, .name = "diff", .section = SECTION_POLICY,
	  .flags = ON_PROFILE_DIFF, .needs_json = true, .operands_min = 2, .operands_max = 2,
	  .line = "compare two profiles", .usage = "profile diff [OPTIONS] <PROFILE> <OTHER>",
	  .about = diff_about, .examples = diff_examples },
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
	{ .id = COMMAND_PROFILE_LIST, .name = "profiles", .section = SECTION_POLICY,
	  .flags = ON_PROFILE_LIST, .needs_json = true,
	  .line = "deprecated: use profile list", .usage = "policy profiles [OPTIONS]",
	  .about = list_about, .examples = "nono profile list\nnono profile list --json" },
	{ .id = COMMAND_PROFILE_SHOW, .name = "show", .section = SECTION_POLICY,
	  .flags = ON_PROFILE_SHOW, .needs_json = true, .operands_min = 1, .operands_max = 1,
	  .line = "deprecated: use profile show", .usage = "policy show [OPTIONS] <PROFILE>",
	  .about = show_about, .examples = show_examples },
	{ .id = COMMAND_PROFILE_DIFF, .name = "diff", .section = SECTION_POLICY,
	  .flags = ON_PROFILE_DIFF, .needs_json = true, .operands_min = 2, .operands_max = 2,
	  .line = "deprecated: use profile diff",
	  .usage = "policy diff [OPTIONS] <PROFILE> <OTHER>",
	  .about = diff_about, .examples = diff_examples },
	{ LATER("validate", "deprecated: use profile validate") },
	{ .name = NULL },
};
/* clang-format on */
