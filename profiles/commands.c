/*
 * The list of commands that are not started directly (spec 02 section 6, spec 03 3.4). It is a
 * guard against slips, not a boundary: children are not looked at, and that is documented.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/internal.h"
#include "profiles/profile.h"

static const struct command_rule *
find_rule(const struct assembly *a, const char *name, enum plan_command_rule rule)
{
	for (size_t i = 0; i < a->commands_count; i++)
		if (a->commands[i].rule == rule && str_equal(a->commands[i].name, name))
			return &a->commands[i];
	return NULL;
}

int
commands_add(struct assembly *a, const char *name, const char *source, enum plan_command_rule rule)
{
	int r;

	if (rule == PLAN_COMMAND_ALLOW && a->system->forbid_bypass &&
	    find_rule(a, name, PLAN_COMMAND_BLOCK))
		return note_add(
			a, POLICY_NOTE_WARNING,
			"command '%s' stays blocked: the system's policy %s forbids to lift "
			"a protection",
			name, a->system->forbid_bypass);
	r = mem_grow((void **)&a->commands, &a->commands_cap, a->commands_count,
		     sizeof(*a->commands));
	if (r == 0)
		a->commands[a->commands_count++] = (struct command_rule){ name, source, rule };
	return r;
}

int
commands_add_group(struct assembly *a, const struct group *g)
{
	for (size_t i = 0; i < g->commands_count; i++) {
		int r = commands_add(a, g->commands[i], g->name, PLAN_COMMAND_BLOCK);

		if (r < 0)
			return r;
	}
	return 0;
}

/* `what`: "CLI flag `--block-command`" */
static int
warn_deprecated(struct assembly *a, const char *what, const char *list, struct err *e)
{
	int r = note_add(a, POLICY_NOTE_WARNING,
			 "%s is deprecated in v0.33.0: startup-only command gating, not "
			 "kernel-enforced. Configured commands: %s.",
			 what, list);

	return r < 0 ? err_memory(e) : 0;
}

static int
add_words(struct assembly *a, const char *flag, const struct words *words,
	  enum plan_command_rule rule, struct err *e)
{
	autobuf struct buf list = BUF_INIT, what = BUF_INIT;

	if (words->count == 0)
		return 0;
	for (size_t i = 0; i < words->count; i++) {
		const char *name = path_basename(words->item[i]);

		if (!*name)
			return err_set_exit(e, EXIT_USAGE, -EINVAL,
					    "invalid value '%s' for %s: the name of a command is "
					    "needed",
					    words->item[i], flag);
		if (commands_add(a, name, "", rule) < 0 ||
		    buf_addf(&list, "%s%s", i ? ", " : "", words->item[i]) < 0)
			return err_memory(e);
	}
	if (buf_addf(&what, "CLI flag `%s`", flag) < 0)
		return err_memory(e);
	return warn_deprecated(a, buf_str(&what), buf_str(&list), e);
}

static int
add_field(struct assembly *a, const char *field, enum plan_command_rule rule, struct err *e)
{
	const struct node *names = profile_get(a->rq->profile, field);
	autobuf struct buf list = BUF_INIT, what = BUF_INIT, source = BUF_INIT;
	const char *group;

	if (!names || !names->first)
		return 0;
	if (buf_addf(&source, "profile %s", a->rq->profile->name) < 0 ||
	    !(group = pool_take(&a->pool, &source)))
		return err_memory(e);
	for (const struct node *n = names->first; n; n = n->next)
		if ((*path_basename(n->text) &&
		     commands_add(a, path_basename(n->text), group, rule) < 0) ||
		    buf_addf(&list, "%s%s", n == names->first ? "" : ", ", n->text) < 0)
			return err_memory(e);
	if (buf_addf(&what, "profile `%s` field `%s`", a->rq->profile->name, field) < 0)
		return err_memory(e);
	return warn_deprecated(a, buf_str(&what), buf_str(&list), e);
}

int
commands_add_profile(struct assembly *a, struct err *e)
{
	int r = add_field(a, "commands.deny", PLAN_COMMAND_BLOCK, e);

	return r < 0 ? r : add_field(a, "commands.allow", PLAN_COMMAND_ALLOW, e);
}

int
commands_add_flags(struct assembly *a, struct err *e)
{
	int r = add_words(a, "--allow-command", &a->rq->allow_command, PLAN_COMMAND_ALLOW, e);

	for (size_t i = 0; i < a->rq->configured_commands.count && r == 0; i++)
		if (commands_add(a, a->rq->configured_commands.item[i], "config.toml",
				 PLAN_COMMAND_BLOCK) < 0)
			r = err_memory(e);
	if (r < 0)
		return r;
	return add_words(a, "--block-command", &a->rq->block_command, PLAN_COMMAND_BLOCK, e);
}

static int
check_name(struct assembly *a, const char *name, struct err *e)
{
	const struct command_rule *block = find_rule(a, name, PLAN_COMMAND_BLOCK);

	if (!block || find_rule(a, name, PLAN_COMMAND_ALLOW))
		return 0;
	if (a->system->forbid_bypass)
		return err_set(
			e, -EPERM,
			"Command '%s' is blocked: '%s' keeps it from being started directly, "
			"and the system's policy %s forbids to lift that.",
			name, *block->group ? block->group : "--block-command",
			a->system->forbid_bypass);
	if (a->rq->manifest)
		return err_set(
			e, -EPERM,
			"Command '%s' is blocked: %s keeps it from being started directly. "
			"Name it in process.allowed_commands of the manifest if it is meant.",
			name, block->group);
	return err_set(e, -EPERM,
		       "Command '%s' is blocked: %s%s keeps it from being started directly. Start "
		       "it with --allow-command %s if that is meant.",
		       name,
		       group_find(block->group) ? "policy group "
		       : *block->group		? ""
						: "--block-command",
		       block->group, name);
}

/* busybox and toybox do what their first argument says, under whatever name they are installed. */
static bool
is_multi_call(const char *name)
{
	return str_starts_with(name, "busybox") || str_starts_with(name, "toybox");
}

int
commands_check(struct assembly *a, const char *canonical, struct err *e)
{
	const struct words *command = &a->rq->command;
	const char *typed = path_basename(command->item[0]);
	const char *real = canonical ? path_basename(canonical) : typed;
	int r;

	if (find_rule(a, typed, PLAN_COMMAND_ALLOW))
		return 0;
	if ((r = check_name(a, typed, e)) < 0)
		return r;
	if ((r = check_name(a, real, e)) < 0)
		return r;
	if (command->count > 1 && is_multi_call(typed))
		return check_name(a, path_basename(command->item[1]), e);
	return 0;
}
