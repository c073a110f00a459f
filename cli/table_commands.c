/* The commands, in the order of the root help. Those of a later build have a name and refuse. */
#include "cli/table.h"

#include "base/attr.h"

#define LATER(command_name, command_section, command_line)                            \
	.name = (command_name), .section = (command_section), .line = (command_line), \
	.status = STATUS_LATER

static const char run_about[] =
	"Starts PROGRAM with access to nothing but what is granted here and to what every program "
	"needs (system libraries, its own terminal, a private temporary directory). The limits hold "
	"for everything PROGRAM starts and cannot be lifted from inside.\n"
	"\n"
	"nono stays as the parent outside the sandbox: it passes INT, TERM, HUP and QUIT on and ends "
	"what the program leaves behind. The exit code is that of the program, or 128+N when signal "
	"N killed it.";

static const char run_examples[] =
	"nono run --allow . -- make\n"
	"nono run --allow . --block-net -- npm test\n"
	"nono run --read ~/src --write-file ./list -- sh -c 'ls ~/src > list'\n"
	"nono run --allow . --dry-run -- make\n"
	"nono run --config policy.json -- make";

static const char shell_about[] =
	"Starts a shell inside the sandbox, with the grants of the options, and ends with it. It "
	"takes its commands from the terminal or from a pipe. The limits hold for everything that is "
	"typed there.";

static const char shell_examples[] = "nono shell --allow .\n"
				     "nono shell --allow . --block-net --shell /bin/bash\n"
				     "echo 'make test' | nono shell --silent --allow .";

static const char wrap_about[] =
	"Applies the sandbox and then becomes PROGRAM: no process of nono is left. The same grants "
	"and limits as with nono run hold; nothing watches the program, cleans up after it, or "
	"answers requests. The exit code is that of the program.";

static const char wrap_examples[] =
	"nono wrap --allow . -- make\n"
	"nono wrap --silent --allow-cwd -- git log\n"
	"nono wrap --block-net --open-port 3000 --allow . -- node server.js";

static const char why_about[] =
	"Says whether a program started by nono run with the same options could do something, and "
	"what decides: an option, a policy group, a protection, the mode of a file, or the kernel. "
	"Nothing is started or created.\n"
	"\n"
	"The answer goes to standard output and the exit code is 0, be it allowed or denied; "
	"--exit-status changes that.";

static const char why_examples[] =
	"nono why --path ~/.ssh/id_rsa\n"
	"nono why --path ./out --op write --allow .\n"
	"nono why --host example.com --port 443 --block-net\n"
	"nono why --scope signal --json\n"
	"nono wrap --allow . -- nono why --self --path ./out --op write\n"
	"nono why --command rm -- -rf /tmp/x";

static const char setup_about[] =
	"Checks what this machine can enforce. Every line of the report was proved: a process that "
	"is thrown away was put into a real sandbox and tried the forbidden thing. Needs no root, "
	"and writes nothing but a temporary directory of its own, and with --profiles example "
	"profiles.\n"
	"\n"
	"A guarantee is enforced, degraded (an older kernel holds it in another way) or unavailable. "
	"The exit code is 1 when this kernel could hold one and it did not hold, or when there can "
	"be no sandbox at all.";

static const char learn_about[] =
	"Runs PROGRAM, sees which files it opens and changes and which addresses it speaks to, and "
	"proposes the grants that nono run lacks for it. Nothing but Linux is needed: the tracer is "
	"built in.\n"
	"\n"
	"Without --sandboxed PROGRAM runs WITHOUT any restriction, which is asked for first. With "
	"--sandboxed it runs confined to the defaults, and what was refused is proposed: the way to "
	"learn about a program that is not trusted, a few refusals at a time.\n"
	"\n"
	"What the kernel does not restrict needs no grant: looking whether a file is there, its size "
	"and its owner. --all lists these, too. Never proposed are the home directory, the root and "
	"directories that hold something protected; what of them was used is listed for you to "
	"decide. Set-user-ID programs gain nothing while they are traced.\n"
	"\n"
	"The result goes to standard output, everything else to standard error. The exit code is 0 "
	"when PROGRAM could be traced, however it ended.";

static const char learn_examples[] =
	"nono learn -- make\n"
	"nono learn --sandboxed -- ./downloaded-tool\n"
	"nono learn --yes --json --timeout 60 -- npm test >paths.json\n"
	"nono learn --yes --format profile -- make >make.json";

static const char completion_about[] =
	"Prints a script that makes the shell complete nono's commands, options and values, and "
	"behind them the program's own.\n"
	"\n"
	"bash: source <(nono completion bash), in ~/.bashrc.\n"
	"zsh: nono completion zsh >DIR/_nono, where DIR is a directory of $fpath.\n"
	"fish: nono completion fish >~/.config/fish/completions/nono.fish\n"
	"powershell: nono completion powershell | Out-String | Invoke-Expression, in $PROFILE.";

static const char profile_about[] =
	"A profile describes once what a program may use: directories, groups of them, network, "
	"environment. These commands list, show, compare, check and write profiles.";

static const char profile_examples[] = "nono profile list\n"
				       "nono profile show node-dev\n"
				       "nono profile groups deny_credentials";

static const char policy_about[] =
	"The old names of some commands of nono profile. They are deprecated: each prints what its "
	"new name prints, and a warning.";

static const char hooks_about[] =
	"A hook of an agent is a script that the agent itself runs at one of its events. A profile "
	"names it in hooks; a start under that profile installs the script in nono's data directory, "
	"where the agent cannot write, and enters it in the agent's settings file. Nothing else in that "
	"file changes. These commands show what was entered and take it out again.\n"
	"\n"
	"Scripts of session_hooks run outside of the sandbox; of profiles that were named by a path they "
	"are asked for once. hooks approvals lists the answers.";

static const char hooks_examples[] = "nono hooks status\n"
				     "nono hooks remove claude-code\n"
				     "nono hooks approvals";

/* clang-format off */
const struct command commands_table[] = {
	{ .id = COMMAND_SETUP, .name = "setup", .section = SECTION_START, .flags = ON_SETUP,
	  .line = "verify the installation", .usage = "setup [OPTIONS]",
	  .about = setup_about,
	  .examples = "nono setup\nnono setup --check-only -v\nnono setup --check-only --json\n"
		      "nono setup --profiles" },

	{ .id = COMMAND_RUN, .name = "run", .section = SECTION_CORE, .flags = ON_RUN,
	  .line = "supervised execution", .usage = "run [OPTIONS] [--] <PROGRAM> [ARGS]...",
	  .about = run_about, .examples = run_examples },
	{ .id = COMMAND_SHELL, .name = "shell", .section = SECTION_CORE, .flags = ON_SHELL,
	  .line = "supervised interactive shell", .usage = "shell [OPTIONS]",
	  .about = shell_about, .examples = shell_examples },
	{ .id = COMMAND_WRAP, .name = "wrap", .section = SECTION_CORE, .flags = ON_WRAP,
	  .line = "sandbox then exec, no parent left",
	  .usage = "wrap [OPTIONS] [--] <PROGRAM> [ARGS]...",
	  .about = wrap_about, .examples = wrap_examples },

	{ .id = COMMAND_LEARN, .name = "learn", .section = SECTION_EXPLORE, .flags = ON_LEARN,
	  .needs_json = true, .line = "trace a command and propose grants",
	  .usage = "learn [OPTIONS] [--] <PROGRAM> [ARGS]...",
	  .about = learn_about, .examples = learn_examples },
	{ .id = COMMAND_WHY, .name = "why", .section = SECTION_EXPLORE, .flags = ON_WHY,
	  .needs_json = true, .line = "explain an access decision",
	  .usage = "why (--path PATH | --host HOST | --unix-socket SOCKET | --scope SCOPE | "
		   "--command COMMAND) [OPTIONS] [-- ARGS...]",
	  .about = why_about, .examples = why_examples },

	{ LATER("ps", SECTION_SESSIONS, "list sessions") },
	{ LATER("stop", SECTION_SESSIONS, "end a session") },
	{ LATER("detach", SECTION_SESSIONS, "leave a session running"), .aliases = "pause" },
	{ LATER("attach", SECTION_SESSIONS, "return to a session"), .aliases = "resume" },
	{ LATER("logs", SECTION_SESSIONS, "show the events of a session") },
	{ LATER("inspect", SECTION_SESSIONS, "show a session") },
	{ LATER("session", SECTION_SESSIONS, "manage session records") },
	{ LATER("rollback", SECTION_SESSIONS, "undo what a session changed") },
	{ LATER("audit", SECTION_SESSIONS, "read and verify records") },
	{ LATER("trust", SECTION_SESSIONS, "sign and verify instruction files") },
	{ LATER("approve", SECTION_SESSIONS, "answer a waiting request") },
	{ LATER("grants", SECTION_SESSIONS, "list what a session was granted") },
	{ LATER("revoke", SECTION_SESSIONS, "withdraw a grant") },
	{ LATER("request", SECTION_SESSIONS, "ask for a grant from inside a session") },
	{ LATER("prune", SECTION_SESSIONS, "remove old session records"), .hidden = true },

	{ LATER("pull", SECTION_PACKS, "install a pack") },
	{ LATER("remove", SECTION_PACKS, "remove a pack") },
	{ LATER("update", SECTION_PACKS, "update packs") },
	{ LATER("outdated", SECTION_PACKS, "list packs with updates") },
	{ LATER("pin", SECTION_PACKS, "keep a pack at its version") },
	{ LATER("unpin", SECTION_PACKS, "let a pack be updated again") },
	{ LATER("search", SECTION_PACKS, "search packs") },
	{ LATER("list", SECTION_PACKS, "list installed packs") },

	{ .id = COMMAND_POLICY, .name = "policy", .section = SECTION_POLICY, .flags = ON_POLICY,
	  .sub = policy_commands, .operands = "groups profiles show diff validate help",
	  .line = "deprecated: use profile", .usage = "policy <COMMAND> [OPTIONS]",
	  .about = policy_about, .examples = "nono policy groups\nnono profile groups" },
	{ .id = COMMAND_PROFILE, .name = "profile", .section = SECTION_POLICY, .flags = ON_PROFILE,
	  .sub = profile_commands, .operands = PROFILE_COMMANDS " help",
	  .line = "manage profiles", .usage = "profile <COMMAND> [OPTIONS]",
	  .about = profile_about, .examples = profile_examples },
	{ .id = COMMAND_HOOKS, .name = "hooks", .section = SECTION_POLICY, .flags = ON_HOOKS,
	  .sub = hooks_commands, .operands = "status install remove approvals help",
	  .line = "manage hooks of agents and of sessions", .usage = "hooks <COMMAND> [OPTIONS]",
	  .about = hooks_about, .examples = hooks_examples },

	{ .id = COMMAND_COMPLETION, .name = "completion", .section = SECTION_SHELL,
	  .flags = ON_ROOT, .operands = COMPLETION_SHELLS,
	  .line = "shell completion", .usage = "completion <SHELL>",
	  .about = completion_about,
	  .examples = "nono completion bash\nnono completion zsh\nnono completion fish\n"
		      "nono completion powershell" },
	{ .id = COMMAND_HELP, .name = "help", .section = SECTION_SHELL, .flags = ON_ROOT,
	  .operands = "COMMAND",
	  .line = "show help for nono or for one command", .usage = "help [COMMAND]",
	  .about = "Shows the help of nono, or of one command.", .examples = "nono help\nnono help run" },

	{ .id = COMMAND_PROVE, .name = "__prove", .section = SECTION_SHELL, .flags = ON_ROOT,
	  .hidden = true, .line = "internal", .usage = "__prove", .about = "Used by nono setup.",
	  .examples = "" },
	{ .id = COMMAND_LIVE, .name = "__live", .section = SECTION_SHELL, .flags = ON_ROOT,
	  .hidden = true, .line = "internal", .usage = "__live", .about = "Used by profile test.",
	  .examples = "" },
	{ .id = COMMAND_SAVE, .name = "__save", .section = SECTION_SHELL, .flags = ON_ROOT,
	  .needs_json = true, .hidden = true, .line = "internal",
	  .usage = "__save", .about = "Asks what of a session is saved.", .examples = "" },
	{ .id = COMMAND_AUTO_RUN, .name = "__auto-run", .section = SECTION_SHELL,
	  .flags = ON_ROOT, .needs_json = true, .hidden = true, .line = "internal",
	  .usage = "__auto-run", .about = "Tells what an agent's commands became.", .examples = "" },
	{ LATER("open-url-helper", SECTION_SHELL, "internal"), .hidden = true },
	{ LATER("pack-update-hint-helper", SECTION_SHELL, "internal"), .hidden = true },
};
/* clang-format on */

const size_t commands_count = ARRAY_LEN(commands_table);

const char *
section_title(enum section section)
{
	static const char *const title[SECTION_COUNT] = {
		[SECTION_START] = "GETTING STARTED",
		[SECTION_CORE] = "CORE USAGE",
		[SECTION_EXPLORE] = "EXPLORATION AND DEBUGGING",
		[SECTION_SESSIONS] = "SESSION MANAGEMENT",
		[SECTION_PACKS] = "PACKS",
		[SECTION_POLICY] = "POLICY AND PROFILES",
		[SECTION_SHELL] = "SHELL",
	};

	return title[section];
}
