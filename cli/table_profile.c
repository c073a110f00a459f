/* The commands of `profile`, and their old names under `policy`. */
#include "cli/table.h"

#include "base/attr.h"

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
	"+ in OTHER only. The order of lists does not count.\n"
	"\n"
	"With --last it shows how one profile changed between two starts under it.";

static const char diff_examples[] = "nono profile diff default node-dev\n"
				    "nono profile diff --exit-code claude-code ./mine.json\n"
				    "nono profile diff --last my-agent";

static const char init_about[] =
	"Writes the beginning of a profile to your profiles, or to FILE. Names that a profile of nono or "
	"an installed pack has are refused.";

static const char init_examples[] =
	"nono profile init my-agent --extends default\n"
	"nono profile init my-agent --extends default --groups node_runtime,git_config\n"
	"nono profile init my-agent --full -o ./my-agent.json";

static const char validate_about[] =
	"Checks a profile: that it can be read, that everything it extends is there, and that its groups "
	"exist. PROFILE is a name, or the path of a file.\n"
	"\n"
	"The exit code is 1 when it cannot be used, and with --strict 2 when it has deprecated keys.";

static const char validate_examples[] = "nono profile validate my-agent\n"
					"nono profile validate ./my-agent.json --strict\n"
					"nono profile validate --draft my-agent --json";

static const char promote_about[] =
	"Makes the draft NAME, which a program inside may have written, the profile NAME. Shows what it "
	"changes and what it adds, and asks. Hooks, programs to start, lifted protections and switches that "
	"open the sandbox itself are accepted only when the word promote is typed.\n"
	"\n"
	"Where NAME.test.jsonc stands beside your profiles, its cases (see profile test) must hold with the "
	"draft; tests beside the draft are not looked at.\n"
	"\n"
	"A draft of a profile that exists comes with a file NAME.base, which holds the SHA-256 of the "
	"profile it was made from.";

static const char promote_examples[] = "nono profile promote my-agent --diff\n"
				       "nono profile promote my-agent\n"
				       "nono profile promote my-agent --yes";

static const char schema_about[] =
	"Prints a JSON Schema of profiles, for editors: completion of keys, and mistakes marked while "
	"you type.";

static const char lint_about[] =
	"Finds what is risky in profiles, what cannot work, and what has no effect. Without a name it "
	"looks at all of your profiles and drafts. Rules have IDs: a comment `// nono-lint: off ID "
	"REASON` on the line or above it silences one finding.\n"
	"\n"
	"The exit code is 1 for errors, and with --strict 2 for warnings.";

static const char lint_examples[] = "nono profile lint\n"
				    "nono profile lint my-agent --strict --rule P109=off\n"
				    "nono profile lint ./my-agent.json --json";

static const char explain_about[] =
	"Says whether a profile allows SUBJECT, a path, a host or an environment variable, and every rule "
	"that has to do with it, in the order in which they count; a * marks those that decide. The answer "
	"about a path is that of the policy a start with this profile and --allow-cwd would make.";

static const char explain_examples[] = "nono profile explain claude-code ~/.ssh/id_ed25519\n"
				       "nono profile explain node-dev registry.npmjs.org\n"
				       "nono profile explain my-agent AWS_PROFILE --json";

static const char drift_about[] =
	"Compares a profile with what recorded runs did: entries that none of them used, entries that "
	"could be narrower, and what was missing. The profile is never changed. UNIX sockets, credentials "
	"and variables are not in the records and are not judged.\n"
	"\n"
	"With --write a draft is made of the profile's text: entries that were not used go, those that "
	"could be narrower are, and everything else stays as it is written. What was missing is not "
	"added.";

static const char drift_examples[] =
	"nono learn --sandboxed -p my-agent --record run1.ndjson -- make check\n"
	"nono profile drift my-agent --from run1.ndjson --from run2.ndjson\n"
	"nono profile drift my-agent --from run1.ndjson --write my-agent\n"
	"nono profile promote my-agent --diff";

static const char test_about[] =
	"Asks a profile what FILE asks and compares the answers with those that FILE expects. Without "
	"FILE it is NAME.test.jsonc beside the profile. The answers are those of `nono why`.\n"
	"\n"
	"FILE is an object with the list cases. Each case has one of path, host, command or env, the "
	"expected answer in expect (allow or deny), and may have a name, an op (read, write, execute, "
	"connect, bind) and the reason that `nono why` gives. The exit code is 1 when a case fails.\n"
	"\n"
	"With --live each path is also tried in a throw-away sandbox of the profile, without terminal and "
	"session hooks, and what the kernel does is compared with the answer. What cannot be tried is named: "
	"hosts, commands, variables, paths that are not there, and programs before Linux 6.14.";

static const char test_examples[] = "nono profile test my-agent\n"
				    "nono profile test my-agent --live\n"
				    "nono profile test claude-code ./policy.test.jsonc --json";

static const char guide_about[] =
	"Prints a guide for people and agents who write profiles, in Markdown: every key, every group, "
	"variables, and what older keys are called now.";

/* clang-format off */
const struct command profile_commands[] = {
	{ .id = COMMAND_PROFILE_INIT, .name = "init", .section = SECTION_POLICY,
	  .flags = ON_PROFILE_INIT, .needs_json = true, .operands_min = 1, .operands_max = 1,
	  .line = "write the beginning of a profile", .usage = "profile init [OPTIONS] <NAME>",
	  .about = init_about, .examples = init_examples },
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
	  .flags = ON_PROFILE_DIFF, .needs_json = true, .operands_min = 1, .operands_max = 2,
	  .line = "compare two profiles", .usage = "profile diff [OPTIONS] <PROFILE> [OTHER]",
	  .about = diff_about, .examples = diff_examples },
	{ .id = COMMAND_PROFILE_VALIDATE, .name = "validate", .section = SECTION_POLICY,
	  .flags = ON_PROFILE_VALIDATE, .needs_json = true, .operands_min = 1, .operands_max = 1,
	  .line = "check a profile", .usage = "profile validate [OPTIONS] <PROFILE>",
	  .about = validate_about, .examples = validate_examples },
	{ .id = COMMAND_PROFILE_PROMOTE, .name = "promote", .section = SECTION_POLICY,
	  .flags = ON_PROFILE_PROMOTE, .needs_json = true, .operands_min = 1, .operands_max = 1,
	  .line = "make a draft a profile", .usage = "profile promote [OPTIONS] <NAME>",
	  .about = promote_about, .examples = promote_examples },
	{ .id = COMMAND_PROFILE_GROUPS, .name = "groups", .section = SECTION_POLICY,
	  .flags = ON_PROFILE_GROUPS, .needs_json = true, .operands_max = 1,
	  .line = "list groups, or show one", .usage = "profile groups [OPTIONS] [NAME]",
	  .about = groups_about, .examples = groups_examples },
	{ .id = COMMAND_PROFILE_SCHEMA, .name = "schema", .section = SECTION_POLICY,
	  .flags = ON_PROFILE_SCHEMA, .needs_json = true, .operands_min = 0, .operands_max = 0,
	  .line = "print the JSON Schema of profiles", .usage = "profile schema [OPTIONS]",
	  .about = schema_about, .examples = "nono profile schema -o nono-profile.schema.json" },
	{ .id = COMMAND_PROFILE_GUIDE, .name = "guide", .section = SECTION_POLICY,
	  .flags = ON_PROFILE_GUIDE, .needs_json = true, .operands_min = 0, .operands_max = 0,
	  .line = "print how to write profiles", .usage = "profile guide",
	  .about = guide_about, .examples = "nono profile guide | less" },
	{ .id = COMMAND_PROFILE_LINT, .name = "lint", .section = SECTION_POLICY,
	  .flags = ON_PROFILE_LINT, .needs_json = true, .operands_max = 64,
	  .line = "find what is risky or useless in profiles",
	  .usage = "profile lint [OPTIONS] [PROFILE]...",
	  .about = lint_about, .examples = lint_examples },
	{ .id = COMMAND_PROFILE_EXPLAIN, .name = "explain", .section = SECTION_POLICY,
	  .flags = ON_PROFILE_EXPLAIN, .needs_json = true, .operands_min = 2, .operands_max = 2,
	  .line = "say why a profile allows or denies something",
	  .usage = "profile explain [OPTIONS] <PROFILE> <SUBJECT>",
	  .about = explain_about, .examples = explain_examples },
	{ .id = COMMAND_PROFILE_DRIFT, .name = "drift", .section = SECTION_POLICY,
	  .flags = ON_PROFILE_DRIFT, .needs_json = true, .operands_min = 1, .operands_max = 1,
	  .line = "compare a profile with what was used",
	  .usage = "profile drift [OPTIONS] --from <FILE> <PROFILE>",
	  .about = drift_about, .examples = drift_examples },
	{ .id = COMMAND_PROFILE_TEST, .name = "test", .section = SECTION_POLICY,
	  .flags = ON_PROFILE_TEST, .needs_json = true, .operands_min = 1, .operands_max = 64,
	  .line = "check what a profile allows and denies",
	  .usage = "profile test [OPTIONS] <PROFILE> [FILE]...",
	  .about = test_about, .examples = test_examples },
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
	  .flags = ON_PROFILE_DIFF, .needs_json = true, .operands_min = 1, .operands_max = 2,
	  .line = "deprecated: use profile diff",
	  .usage = "policy diff [OPTIONS] <PROFILE> [OTHER]",
	  .about = diff_about, .examples = diff_examples },
	{ .id = COMMAND_PROFILE_VALIDATE, .name = "validate", .section = SECTION_POLICY,
	  .flags = ON_PROFILE_VALIDATE, .needs_json = true, .operands_min = 1, .operands_max = 1,
	  .line = "deprecated: use profile validate", .usage = "policy validate [OPTIONS] <PROFILE>",
	  .about = validate_about, .examples = validate_examples },
	{ .name = NULL },
};
/* clang-format on */
