/* From the parsed command line to what profiles/policy.h asks for. */
#include "cli/request.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

#include "base/alloc.h"
#include "base/size.h"
#include "base/str.h"
#include "cli/env.h"
#include "cli/helper.h"
#include "cli/json.h"
#include "profiles/agent_hooks.h"

struct field {
	enum flag_id id;
	size_t offset; /* in struct policy_request */
};

static const struct field word_fields[] = {
	{ FLAG_ALLOW, offsetof(struct policy_request, allow) },
	{ FLAG_READ, offsetof(struct policy_request, read) },
	{ FLAG_WRITE, offsetof(struct policy_request, write) },
	{ FLAG_ALLOW_FILE, offsetof(struct policy_request, allow_file) },
	{ FLAG_READ_FILE, offsetof(struct policy_request, read_file) },
	{ FLAG_WRITE_FILE, offsetof(struct policy_request, write_file) },
	{ FLAG_SOCKET, offsetof(struct policy_request, socket_connect) },
	{ FLAG_SOCKET_BIND, offsetof(struct policy_request, socket_bind) },
	{ FLAG_SOCKET_DIR, offsetof(struct policy_request, socket_dir) },
	{ FLAG_SOCKET_DIR_BIND, offsetof(struct policy_request, socket_dir_bind) },
	{ FLAG_SOCKET_SUBTREE, offsetof(struct policy_request, socket_subtree) },
	{ FLAG_SOCKET_SUBTREE_BIND, offsetof(struct policy_request, socket_subtree_bind) },
	{ FLAG_BYPASS, offsetof(struct policy_request, bypass) },
	{ FLAG_ALLOW_COMMAND, offsetof(struct policy_request, allow_command) },
	{ FLAG_BLOCK_COMMAND, offsetof(struct policy_request, block_command) },
	{ FLAG_KEEP_FD, offsetof(struct policy_request, keep_fds) },
};

static const struct field port_fields[] = {
	{ FLAG_OPEN_PORT, offsetof(struct policy_request, open_ports) },
	{ FLAG_LISTEN_PORT, offsetof(struct policy_request, listen_ports) },
	{ FLAG_CONNECT_PORT, offsetof(struct policy_request, connect_ports) },
};

_Static_assert(ARRAY_LEN(word_fields) + ARRAY_LEN(port_fields) + 1 == REQUEST_LISTS,
	       "one list each");

static int
collect_words(struct request *rq, const struct opt *o, enum flag_id id, struct words *words)
{
	size_t n = opt_count(o, id);
	const char **list;

	if (n == 0)
		return 0;
	list = mem_calloc(n, sizeof(*list));
	if (!list)
		return -ENOMEM;
	rq->list[rq->lists++] = list;
	words->item = list;
	for (size_t i = 0; i < o->count; i++)
		if (o->item[i].flag->id == id)
			list[words->count++] = o->item[i].value;
	return 0;
}

static int
collect_ports(struct request *rq, const struct opt *o, const struct field *field)
{
	struct ports *ports = (struct ports *)(void *)((char *)&rq->policy + field->offset);
	size_t n = opt_count(o, field->id);
	uint16_t *list;
	uint64_t port;

	if (n == 0)
		return 0;
	list = mem_calloc(n, sizeof(*list));
	if (!list)
		return -ENOMEM;
	rq->list[rq->lists++] = list;
	ports->item = list;
	for (size_t i = 0; i < o->count; i++)
		if (o->item[i].flag->id == field->id &&
		    str_to_u64(o->item[i].value, 0, UINT16_MAX, &port) == 0)
			list[ports->count++] = (uint16_t)port;
	return 0;
}

/* Seconds east of Greenwich: records tell local time, and the broker has no TZ. */
static int32_t
local_offset(void)
{
	time_t now = time(NULL);
	struct tm local;

	return localtime_r(&now, &local) ? (int32_t)local.tm_gmtoff : 0;
}

static const char *
find_shell(const struct opt *o, char *const *environment)
{
	const char *asked = opt_value(o, FLAG_SHELL);
	const char *usual = env_get(environment, "SHELL");

	if (asked)
		return asked;
	return usual && *usual ? usual : "/bin/sh";
}

/* Both were checked when the command line was read. */
static int
read_limits(struct policy_request *p, const struct opt *o)
{
	const char *memory = opt_value(o, FLAG_MEMORY), *processes = opt_value(o, FLAG_MAX_PROCS);
	const char *reason;
	int r = 0;

	if (memory)
		r = size_parse(&p->memory_bytes, memory, &reason);
	if (processes && r == 0)
		r = str_to_u64(processes, 1, PLAN_PROCESSES_MAX, &p->max_processes);
	return r;
}

int
request_make(struct request *rq, const struct opt *o, char *const *environment)
{
	struct policy_request *p = &rq->policy;
	uint64_t code = 0, seconds = 0;
	int r = 0;

	*rq = (struct request){ 0 };
	for (size_t i = 0; i < ARRAY_LEN(word_fields) && r == 0; i++)
		r = collect_words(rq, o, word_fields[i].id,
				  (struct words *)(void *)((char *)p + word_fields[i].offset));
	if (r == 0)
		r = collect_words(rq, o, FLAG_EXTENDS, &rq->profile_request.extends);
	for (size_t i = 0; i < ARRAY_LEN(port_fields) && r == 0; i++)
		r = collect_ports(rq, o, &port_fields[i]);
	if (r < 0)
		return r;
	if (opt_has(o, FLAG_ERROR_EXIT_CODE) &&
	    str_to_u64(opt_value(o, FLAG_ERROR_EXIT_CODE), 1, 255, &code) < 0)
		return -EINVAL;
	if (read_limits(p, o) < 0)
		return -EINVAL;
	p->mode = o->command->id == COMMAND_WRAP    ? PLAN_MODE_WRAP
		  : o->command->id == COMMAND_SHELL ? PLAN_MODE_SHELL
						    : PLAN_MODE_RUN;
	p->block_net = opt_has(o, FLAG_BLOCK_NET);
	p->allow_net = opt_has(o, FLAG_ALLOW_NET);
	p->allow_cwd = opt_has(o, FLAG_ALLOW_CWD);
	p->silent = opt_has(o, FLAG_SILENT);
	p->no_diagnostics = opt_has(o, FLAG_NO_DIAGNOSTICS) || p->silent;
	p->strict_paths = opt_has(o, FLAG_STRICT_PATHS);
	p->strict = opt_has(o, FLAG_STRICT);
	p->namespaces = opt_value(o, FLAG_NAMESPACES);
	p->protect_git = opt_has(o, FLAG_PROTECT_GIT);
	p->protect_project_policy = opt_has(o, FLAG_PROTECT_POLICY);
	if (opt_has(o, FLAG_DENY_OVERLAP))
		p->deny_overlap = str_equal(opt_value(o, FLAG_DENY_OVERLAP), "auto")
					  ? DENY_OVERLAP_AUTO
					  : DENY_OVERLAP_REFUSE;
	p->no_state = opt_has(o, FLAG_NO_STATE);
	p->shared_tmp = opt_has(o, FLAG_SHARED_TMP);
	p->no_audit = opt_has(o, FLAG_NO_AUDIT);
	p->utc_offset_s = p->no_audit || p->mode == PLAN_MODE_WRAP ? 0 : local_offset();
	p->no_pty = opt_has(o, FLAG_NO_PTY);
	p->diagnostics_json = opt_has(o, FLAG_DIAGNOSTICS_JSON) ||
			      opt_has(o, FLAG_DIAGNOSTICS_FILE);
	if (opt_has(o, FLAG_STARTUP_TIMEOUT) &&
	    str_to_u64(opt_value(o, FLAG_STARTUP_TIMEOUT), 0, 3600, &seconds) < 0)
		return -EINVAL;
	p->startup_timeout_s = (unsigned int)seconds;
	p->leave_background = opt_has(o, FLAG_LEAVE_BACKGROUND);
	p->dry_run = opt_has(o, FLAG_DRY_RUN);
	p->verbosity = (unsigned int)opt_count(o, FLAG_VERBOSE);
	p->verbosity = p->verbosity > 3 ? 3 : p->verbosity;
	p->error_exit_code = (unsigned int)code;
	p->workdir = opt_value(o, FLAG_WORKDIR);
	p->command = o->program;
	if (p->mode == PLAN_MODE_SHELL) {
		rq->shell = find_shell(o, environment);
		p->command = (struct words){ &rq->shell, 1 };
	}
	p->environment = environment;
	rq->expected_sha256 = opt_value(o, FLAG_EXPECT_SHA256);
	rq->project = opt_has(o, FLAG_PROJECT_PROFILE);
	rq->manifest_path = opt_value(o, FLAG_CONFIG);
	rq->profile_request.reference = opt_value(o, FLAG_PROFILE);
	rq->profile_request.environment = environment;
	rq->profile_request.flags = (opt_has(o, FLAG_TRUST_PROFILE) ? PROFILE_TRUST_ANY : 0) |
				    (opt_has(o, FLAG_PROJECT_PRESETS) ? PROFILE_PROJECT_PRESETS
								      : 0);
	return 0;
}

int
request_name_own_programs(struct request *rq)
{
	static const char *const names[] = { "nono", "nono-profile" };
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		autobuf struct buf path = BUF_INIT;

		if (helper_find(&path, names[i]) < 0)
			return -ENOMEM;
		rq->own[n] = pool_take(&rq->pool, &path);
		if (!rq->own[n++])
			return -ENOMEM;
	}
	rq->policy.own_programs = (struct words){ rq->own, n };
	return 0;
}

int
request_name_hook_script(struct request *rq, struct err *e)
{
	struct words *own = &rq->policy.own_programs;
	autobuf struct buf path = BUF_INIT;
	int r;

	if (!rq->profile)
		return 0;
	r = agent_hook_script(&path, rq->profile, rq->policy.environment, e);
	if (r <= 0)
		return r;
	rq->hook_script = pool_take(&rq->pool, &path);
	if (!rq->hook_script)
		return err_set(e, -ENOMEM, "out of memory");
	rq->own[own->count++] = rq->hook_script;
	return 0;
}

const char *
request_default_profile(const struct opt *o, const struct config *c)
{
	return opt_has(o, FLAG_PROFILE) || opt_has(o, FLAG_CONFIG) ||
			       opt_has(o, FLAG_PROJECT_PROFILE)
		       ? NULL
		       : c->profile;
}

void
request_use_config(struct request *rq, const struct opt *o, const struct config *c)
{
	rq->policy.configured_commands = c->blocked_commands;
	rq->policy.configured_paths = c->closed_paths;
	if (!request_default_profile(o, c))
		return;
	rq->profile_request.reference = c->profile;
	rq->config_path = c->path;
}

int
request_load(struct request *rq, struct policy_notes *notes, struct err *e)
{
	struct policy_request *p = &rq->policy;
	int r = 0;

	if (rq->project &&
	    (r = json_project_profile(&rq->profile, &rq->profile_request.reference, &rq->pool,
				      &(struct project_request){ .workdir = p->workdir,
								 .environment = p->environment,
								 .flags = rq->profile_request.flags,
								 .ask = !p->dry_run,
								 .out = rq->out },
				      notes, e)) < 0)
		return r;
	if (rq->expected_sha256 && !rq->profile_request.reference)
		return err_set_exit(e, EXIT_USAGE, -EINVAL,
				    "--expect-profile-sha256 needs a profile; name it with "
				    "--profile");
	if (!rq->profile_request.reference) {
		p->user_groups = &rq->user_groups;
		r = json_user_groups(&rq->user_groups, &rq->pool, p->environment, e);
		if (r < 0 || !rq->manifest_path)
			return r;
	}
	if (rq->manifest_path) {
		r = json_manifest(&rq->manifest, rq->manifest_path, notes, e);
		p->manifest = rq->manifest;
		return r;
	}
	if (!rq->project)
		r = json_profile(&rq->profile, &rq->profile_request, notes, e);
	if (r < 0 && rq->config_path && r != -ENOMEM) {
		struct err reason = *e;

		return err_set(e, r, "%s (profiles.default of %s)", reason.text, rq->config_path);
	}
	if (r == 0 && rq->expected_sha256)
		r = json_expect(rq->profile, rq->expected_sha256, e);
	if (r < 0)
		return r;
	p->profile = rq->profile;
	/* A shell is what was asked for, and `wrap` starts what its words say. */
	return p->mode == PLAN_MODE_RUN ? policy_command(&p->command, &rq->pool, p, notes, e) : 0;
}

void
request_clear(struct request *rq)
{
	for (size_t i = 0; i < rq->lists; i++)
		mem_free(rq->list[i]);
	profile_free(rq->profile);
	manifest_free(rq->manifest);
	pool_clear(&rq->pool);
	*rq = (struct request){ 0 };
}
