/*
 * `nono setup`: the report about this machine (spec 01 section 11). What can be tried is tried
 * (prove.c); this file says it, for people on standard output or as JSON.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/hooks.h"
#include "base/json_write.h"
#include "base/landlock.h"
#include "base/log.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "cli/config.h"
#include "cli/env.h"
#include "cli/guarantee.h"
#include "cli/machine.h"
#include "cli/setup_profiles.h"
#include "cli/summary.h"
#include "cli/update.h"
#include "profiles/groups.h"

#ifndef NONO_VERSION
#define NONO_VERSION "unknown"
#endif

enum { NAMES_SHOWN = 8, RULE_COLUMNS = 52, ANY_PORT_CONNECT = 443, ANY_PORT_BIND = 444 };

struct setup {
	const struct opt *o;
	char *const *environment;
	struct out out, messages;
	struct config config;
	struct kernel kernel;
	struct prove_result result;
	bool verbose, json, check_only, profiles, shell_integration;
	bool filesystem_rules, port_rules; /* the kernel took such a rule set */
	size_t broken;
	int step, steps;
};

static const char *const features[LANDLOCK_ABI_MAX] = {
	"Basic filesystem access control", "File rename across directories (Refer)",
	"File truncation (Truncate)",	   "TCP network filtering",
	"Device ioctl filtering",	   "Signal and abstract UNIX socket scoping",
	"Audit logging control",
};

/* ---- lines ---- */

static void
start_step(struct setup *s, const char *title)
{
	out_putf(&s->out, "%s[%d/%d] ", s->step ? "\n" : "", s->step + 1, s->steps);
	out_role(&s->out, ROLE_TEXT, true, title);
	out_puts(&s->out, "\n");
	s->step++;
}

static void bullet(struct setup *s, const char *fmt, ...) ATTR_PRINTF(2, 3);

static void
bullet(struct setup *s, const char *fmt, ...)
{
	autobuf struct buf b = BUF_INIT;
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = buf_vaddf(&b, fmt, ap);
	va_end(ap);
	if (r < 0)
		s->out.failed = true;
	out_puts(&s->out, "  * ");
	out_text(&s->out, buf_str(&b));
	out_puts(&s->out, "\n");
}

/* ---- 1: the installation ---- */

static void
put_installation(struct setup *s)
{
	const char *container = machine_container();
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	start_step(s, "Checking installation...");
	self[n > 0 ? n : 0] = '\0';
	bullet(s, "nono binary found at %s", n > 0 ? self : "?");
	bullet(s, "Version: %s%s", NONO_VERSION, hook_is_test_build() ? " (test build)" : "");
	bullet(s, "Platform: Linux (Landlock sandbox)");
	if (machine_is_wsl2())
		bullet(s, "Environment: WSL2");
	else if (container)
		bullet(s, "Environment: container (%s), whose own limits hold as well", container);
	else
		bullet(s, "Environment: native");
}

/* ---- 2: the sandbox ---- */

static int
landlock_error(const struct kernel *k, struct err *e)
{
	static const char build[] =
		"The kernel must be 5.13 or newer and built with CONFIG_SECURITY_LANDLOCK=y, and "
		"landlock must stand in the lsm= parameter of its command line, as in "
		"lsm=landlock,lockdown,yama,integrity,apparmor (now: /sys/kernel/security/lsm).";

	if (k->landlock_error == -ENOSYS)
		return err_set(
			e, k->landlock_error,
			"Setup error: Landlock is not available: it is not compiled into this "
			"kernel. %s",
			build);
	if (errno_is_denied(k->landlock_error))
		return err_set(e, k->landlock_error,
			       "Setup error: Landlock is not available: something around this "
			       "process refuses its calls, as a container's seccomp profile does; "
			       "allow landlock_create_ruleset, landlock_add_rule and "
			       "landlock_restrict_self there. %s",
			       build);
	return err_set(e, k->landlock_error,
		       "Setup error: Landlock is not available: it is disabled at boot. %s", build);
}

/* The calls alone, with nothing enforced: tells a kernel without rules from a broken nono. */
static bool
ports_are_taken(void)
{
	const struct landlock_attr attr = {
		.handled_net = LANDLOCK_NET_BIND_TCP | LANDLOCK_NET_CONNECT_TCP,
	};
	const struct landlock_port_rule rules[] = {
		{ LANDLOCK_NET_CONNECT_TCP, ANY_PORT_CONNECT },
		{ LANDLOCK_NET_BIND_TCP, ANY_PORT_BIND },
	};
	autofd int fd = (int)syscall(SYS_landlock_create_ruleset, &attr,
				     offsetof(struct landlock_attr, scoped), 0);

	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (fd == -1 ||
		    syscall(SYS_landlock_add_rule, fd, LANDLOCK_RULE_PORT, &rules[i], 0) == -1)
			return false;
	return true;
}

static bool
files_are_taken(void)
{
	const struct landlock_attr attr = { .handled_fs = LANDLOCK_FS_READ_FILE };
	autofd int fd = (int)syscall(SYS_landlock_create_ruleset, &attr,
				     offsetof(struct landlock_attr, handled_net), 0);

	return fd != -1;
}

static int
probe(struct setup *s, struct err *e)
{
	kernel_probe(&s->kernel);
	if (s->kernel.landlock_abi == 0)
		return landlock_error(&s->kernel, e);
	if (!s->kernel.seccomp)
		return err_set(
			e, -EOPNOTSUPP,
			"Setup error: seccomp filters are not available: use a kernel with "
			"CONFIG_SECCOMP_FILTER=y, or allow seccomp(2) in the container's profile");
	s->filesystem_rules = files_are_taken();
	s->port_rules = s->kernel.landlock_abi >= LANDLOCK_ABI_NET && ports_are_taken();
	return prove_all(&s->result, &s->kernel, s->environment, e);
}

static void
put_wsl2(struct setup *s)
{
	int abi = s->kernel.landlock_abi;
	bool ports = abi >= LANDLOCK_ABI_NET;

	bullet(s, "WSL2 environment detected");
	bullet(s, "  filesystem sandbox: available (Landlock V%d)", abi);
	bullet(s, "  block-all network (--block-net): available");
	bullet(s, "  per-port filtering: %s",
	       ports ? "available" : "unavailable (needs kernel 6.7+)");
	bullet(s, "  credential proxy: %s",
	       ports ? "enforced" : "requires wsl2_proxy_policy opt-in in the profile");
	bullet(s, "  capability elevation: unavailable (the kernel's listener is taken: EBUSY, "
		  "microsoft/WSL#9548)");
	bullet(s,
	       "  full: run, shell, wrap; files%s%s; --block-net and the open network; signals, "
	       "exit codes, dry run; environment; command blocking",
	       abi >= LANDLOCK_ABI_REFER ? ", moves" : "",
	       abi >= LANDLOCK_ABI_TRUNCATE ? ", truncation" : "");
	if (!ports)
		bullet(s, "  blocked without wsl2_proxy_policy: --credential, --network-profile, "
			  "--allow-domain, --allow-endpoint, --upstream-proxy, --upstream-bypass, "
			  "--proxy-port");
	bullet(s, "  unavailable: capability elevation, approvals%s%s%s",
	       ports ? "" : ", per-port filtering (--listen-port, --open-port)",
	       abi >= LANDLOCK_ABI_IOCTL_DEV ? "" : ", device ioctl filtering",
	       abi >= LANDLOCK_ABI_SCOPE ? "" : ", signal and abstract socket scoping");
}

static void
put_guarantees(struct setup *s)
{
	static const enum role role[] = { ROLE_GREEN, ROLE_YELLOW, ROLE_RED };
	autobuf struct buf state = BUF_INIT;

	bullet(s, "Guarantees, each proved by trying what it forbids:");
	for (size_t i = 0; i < guarantees_count; i++) {
		struct guarantee g;

		guarantee_judge(&g, i, &s->result, &s->kernel);
		s->broken += g.broken;
		buf_reset(&state);
		if (buf_addf(&state, "%-11s", guarantee_state_text(g.state)) < 0)
			s->out.failed = true;
		out_puts(&s->out, "    ");
		out_role(&s->out, role[g.state], false, buf_str(&state));
		out_putf(&s->out, "  %-49s  %s", g.text, g.mechanism);
		if (*g.reason) {
			out_puts(&s->out, " - ");
			out_text(&s->out, g.reason);
		}
		out_puts(&s->out, "\n");
	}
}

static void
put_support(struct setup *s)
{
	struct utsname name = { 0 };

	start_step(s, "Testing sandbox support...");
	(void)uname(&name);
	bullet(s, "Kernel version: %s", name.release);
	bullet(s, "Landlock enabled (syscall probe)");
	bullet(s, "Landlock V%d", s->kernel.landlock_abi);
	bullet(s, "Available features:");
	for (int i = 0; i < s->kernel.landlock_abi; i++)
		out_putf(&s->out, "      %s\n", features[i]);
	if (s->kernel.landlock_abi >= LANDLOCK_ABI_SCOPE)
		bullet(s, "Scoping: signals and abstract sockets stay inside the sandbox");
	bullet(s, "AF_UNIX mediation by path is off: sockets such as D-Bus and ssh-agent can be "
		  "reached unless --block-net closes all of them");
	bullet(s, s->filesystem_rules ? "Filesystem ruleset creation verified"
				      : "Filesystem ruleset creation FAILED");
	if (machine_is_wsl2())
		put_wsl2(s);
	if (s->kernel.landlock_abi < LANDLOCK_ABI_NET)
		bullet(s, "TCP network filtering: not supported by this ABI (seccomp fallback "
			  "available: --block-net refuses all internet sockets)");
	else
		bullet(s, s->port_rules
				  ? "TCP network rule support verified"
				  : "TCP network filtering: probe failed despite ABI support");
	put_guarantees(s);
}

/* ---- 3 and 4: the policy ---- */

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, each once, what the groups of preset `default` deny; *ret is freed by the caller. */
static size_t
denied_names(const char ***ret, bool commands)
{
	size_t room = 0, count = 0, unique = 0;
	const char **names;

	for (size_t i = 0; i < groups_count; i++)
		room += groups_table[i].deny_count + groups_table[i].commands_count;
	names = mem_calloc(room + 1, sizeof(*names));
	*ret = names;
	if (!names)
		return 0;
	for (size_t i = 0; i < groups_default_count; i++) {
		const struct group *g = group_find(groups_default[i]);
		const char *const *list = !g ? NULL : commands ? g->commands : g->deny;
		size_t n = 0;

		if (g && g->linux_group && !g->extended)
			n = commands ? g->commands_count : g->deny_count;

		for (size_t j = 0; j < n; j++)
			names[count++] = list[j];
	}
	qsort(names, count, sizeof(*names), compare_names);
	for (size_t i = 0; i < count; i++)
		if (unique == 0 || !str_equal(names[unique - 1], names[i]))
			names[unique++] = names[i];
	return unique;
}

static void
put_names(struct setup *s, const char *title, bool commands)
{
	const char **names = NULL;
	size_t count = denied_names(&names, commands);
	size_t shown = s->verbose || count < NAMES_SHOWN ? count : NAMES_SHOWN;

	if (!names)
		s->out.failed = true;
	bullet(s, "%zu %s blocked by default:", count, title);
	out_puts(&s->out, "      ");
	for (size_t i = 0; i < shown; i++)
		out_putf(&s->out, "%s%s", i ? ", " : "", names[i]);
	out_puts(&s->out, shown < count ? ", ...\n" : "\n");
	mem_free(names);
}

static void
put_policy(struct setup *s)
{
	size_t more = 0;

	start_step(s, "Default protections...");
	put_names(s, "sensitive paths", false);
	for (size_t i = 0; i < groups_count; i++)
		more += groups_table[i].extended ? groups_table[i].deny_count : 0;
	out_putf(&s->out, "      + %zu more from extended groups\n", more);
	put_names(s, "dangerous commands", true);
	bullet(s, "Network access: allowed by default (use --block-net to disable)");

	start_step(s, "Built-in profiles...");
	setup_put_presets(&s->out);
	bullet(s, "Use one with: nono run --profile NAME -- PROGRAM");
}

/* ---- the shell ---- */

static void
put_shell(struct setup *s)
{
	const char *shell = path_basename(
		env_get(s->environment, "SHELL") ? env_get(s->environment, "SHELL") : "");
	bool fish = str_equal(shell, "fish"), zsh = str_equal(shell, "zsh");

	start_step(s, "Shell integration...");
	bullet(s, "Add these lines to %s:",
	       fish  ? "~/.config/fish/config.fish"
	       : zsh ? "~/.zshrc"
		     : "~/.bashrc");
	out_puts(&s->out, "      alias nono-claude='nono run --allow . -- claude'\n"
			  "      alias nono-safe='nono run --allow-cwd --block-net --'\n");
	out_puts(&s->out, fish	? "      nono completion fish | source\n"
			  : zsh ? "      source <(nono completion zsh)\n"
				: "      source <(nono completion bash)\n");
}

static void
put_end(struct setup *s)
{
	autobuf struct buf rule = BUF_INIT;
	int r = 0;

	for (int i = 0; i < RULE_COLUMNS && r == 0; i++)
		r = buf_addc(&rule, '-');
	if (r < 0)
		s->out.failed = true;
	out_puts(&s->out, "\n");
	out_role(&s->out, ROLE_OVERLAY, false, buf_str(&rule));
	out_puts(&s->out, "\n");
	if (s->broken)
		return;
	if (s->check_only) {
		out_puts(&s->out, "Installation verified!\n");
		return;
	}
	out_puts(&s->out, "Setup complete!\n"
			  "\n"
			  "Quick start:\n"
			  "  nono run --allow . -- PROGRAM               work in this directory\n"
			  "  nono run --allow . --block-net -- PROGRAM   without the network\n"
			  "  nono run --allow . --dry-run -- PROGRAM     look before you start\n"
			  "  nono shell --allow .                        a shell inside\n");
}

/* ---- JSON ---- */

static int
json_report(struct setup *s, struct buf *b)
{
	struct json j = JSON_INIT(b);
	struct utsname name = { 0 };

	(void)uname(&name);
	json_object(&j, NULL);
	json_string(&j, "version", NONO_VERSION);
	json_string(&j, "platform", "linux");
	json_string(&j, "environment",
		    machine_is_wsl2()	  ? "wsl2"
		    : machine_container() ? "container"
					  : "native");
	json_string(&j, "kernel", name.release);
	json_number(&j, "landlock_abi", (uint64_t)s->kernel.landlock_abi);
	json_boolean(&j, "wsl2", machine_is_wsl2());
	json_boolean(&j, "tcp_rules", s->port_rules);
	json_array(&j, "features");
	for (int i = 0; i < s->kernel.landlock_abi; i++)
		json_string(&j, NULL, features[i]);
	json_end(&j);
	json_array(&j, "guarantees");
	for (size_t i = 0; i < guarantees_count; i++) {
		struct guarantee g;

		guarantee_judge(&g, i, &s->result, &s->kernel);
		s->broken += g.broken;
		json_object(&j, NULL);
		json_string(&j, "name", g.id);
		json_string(&j, "description", g.text);
		json_string(&j, "mechanism", g.mechanism);
		json_string(&j, "state", guarantee_state_text(g.state));
		if (*g.reason)
			json_string(&j, "reason", g.reason);
		else
			json_null(&j, "reason");
		json_end(&j);
	}
	json_end(&j);
	json_boolean(&j, "verified", s->broken == 0);
	json_end(&j);
	return json_finish(&j);
}

/* ---- the order ---- */

static int
report(struct setup *s, struct err *e)
{
	int r;

	(void)signal(SIGPIPE, SIG_IGN);
	s->steps = 4 + s->profiles + s->shell_integration;
	if (!s->json) {
		put_installation(s);
		/* What is known so far is shown while the checks run, and when they cannot. */
		(void)out_flush(&s->out);
	}
	if ((r = probe(s, e)) < 0)
		return r;
	if (s->json) {
		r = json_report(s, &s->out.text);
		if (r < 0)
			return err_set_errno(e, r, "cannot write the JSON report");
	} else {
		put_support(s);
		put_policy(s);
		if (s->profiles) {
			start_step(s, "Setting up example profiles...");
			r = setup_write_examples(&s->out, opt_has(s->o, FLAG_SETUP_FORCE),
						 s->environment, e);
			if (r < 0)
				return r;
		}
		if (s->shell_integration)
			put_shell(s);
		put_end(s);
	}
	r = out_flush(&s->out);
	if (r < 0 && r != -EPIPE)
		return err_set_errno(e, r, "cannot write to standard output");
	if (s->broken)
		return err_set(
			e, -EPERM,
			"Setup error: %zu guarantees do not hold although this kernel could; "
			"do not rely on nono here, and report the lines marked unavailable",
			s->broken);
	return 0;
}

static void
start_output(struct setup *s)
{
	const char *color = opt_value(s->o, FLAG_COLOR), *unknown;
	struct err e = ERR_INIT;
	int r;

	out_init(&s->out, STDOUT_FILENO, s->json ? "never" : color, s->environment);
	out_init(&s->messages, STDERR_FILENO, color, s->environment);
	s->messages.quiet = opt_has(s->o, FLAG_SILENT) || s->json;
	r = config_load(&s->config, s->environment, &e);
	s->out.theme = s->messages.theme = theme_choose(opt_value(s->o, FLAG_THEME),
							s->config.theme, &unknown);
	summary_banner(&s->messages);
	out_puts(&s->messages, "\n");
	if (r < 0)
		out_warning(&s->messages, e.text);
	if (unknown)
		out_warning(&s->messages, "unknown theme; known are " THEME_LIST);
	config_show_notes(&s->config, &s->messages, s->verbose);
	(void)out_flush(&s->messages);
}

int
cmd_setup(const struct opt *o, char *const *environment)
{
	struct setup s = {
		.o = o,
		.environment = environment,
		.verbose = opt_has(o, FLAG_VERBOSE),
		.json = opt_has(o, FLAG_SETUP_JSON),
		.check_only = opt_has(o, FLAG_CHECK_ONLY),
		.profiles = opt_has(o, FLAG_SETUP_PROFILES),
		.shell_integration = opt_has(o, FLAG_SHELL_INTEGRATION),
	};
	struct err e = ERR_INIT;
	int code = 0;

	start_output(&s);
	if (report(&s, &e) < 0) {
		out_error(&s.messages, &e);
		code = EXIT_NONO;
	}
	update_notice(&s.messages, &s.config, environment, s.verbose);
	(void)out_flush(&s.messages);
	config_clear(&s.config);
	out_clear(&s.out);
	out_clear(&s.messages);
	return code;
}
