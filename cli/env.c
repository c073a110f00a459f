/* Environment variables that stand for flags (spec 01 section 1.4). */
#include "cli/env.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

#define BOOLEAN_WORDS "y, yes, t, true, on, 1, n, no, f, false, off, 0"

const char *
env_get(char *const *environment, const char *name)
{
	size_t n = strlen(name);

	for (; environment && *environment; environment++)
		if (strncmp(*environment, name, n) == 0 && (*environment)[n] == '=')
			return (*environment)[n + 1] ? *environment + n + 1 : NULL;
	return NULL;
}

int
env_boolean(const char *word)
{
	static const char *const yes[] = { "y", "yes", "t", "true", "on", "1" };
	static const char *const no[] = { "n", "no", "f", "false", "off", "0" };

	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		if (strcasecmp(word, yes[i]) == 0)
			return 1;
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		if (strcasecmp(word, no[i]) == 0)
			return 0;
	return -EINVAL;
}

/* The value in force and the name it stands under; a warning for each old name in use. */
static int
env_lookup(struct opt *o, const struct flag *f, char *const *environment, const char **ret_value,
	   const char **ret_name)
{
	*ret_name = f->variable;
	*ret_value = env_get(environment, f->variable);
	for (size_t i = 0; i < ARRAY_LEN(f->legacy_variables) && f->legacy_variables[i]; i++) {
		const char *old = f->legacy_variables[i], *value = env_get(environment, old);
		int r;

		if (!value)
			continue;
		r = opt_warn(o, "  [nono] Warning: `%s` is deprecated; use `%s` instead.", old,
			     f->variable);
		if (r < 0)
			return r;
		if (!*ret_value) {
			*ret_value = value;
			*ret_name = old;
		}
	}
	return 0;
}

static int
bind_one(struct opt *o, const struct flag *f, char *const *environment, struct err *e)
{
	const char *value, *name;
	int on = 1, r;

	for (size_t i = 0; i < o->count; i++)
		if (o->item[i].flag == f)
			return 0;
	r = env_lookup(o, f, environment, &value, &name);
	if (r < 0)
		return err_set_errno(e, r, "cannot read the environment");
	if (!value)
		return 0;
	if (f->value == VALUE_NONE) {
		on = env_boolean(value);
		if (on < 0)
			return err_set_exit(
				e, EXIT_USAGE, -EINVAL,
				"invalid value '%s' for '--%s' (environment variable "
				"%s): value was not a boolean; use one of " BOOLEAN_WORDS,
				value, f->name, name);
	} else if (f->value == VALUE_OPTIONAL && env_boolean(value) == 0) {
		on = 0;
	}
	if (on == 0)
		return 0;
	if (f->status == STATUS_LATER)
		return opt_refuse(f, name, e);
	if (f->status == STATUS_MACOS) {
		/* Shared shell start-up files set it for both systems; it grants nothing here. */
		r = opt_warn(o, "  warning: %s is ignored: --%s is only supported on macOS", name,
			     f->name);
		return r < 0 ? err_set_errno(e, r, "cannot read the environment") : 0;
	}
	return opt_add(o, f, f->value == VALUE_NONE ? NULL : value, name, true, environment, e);
}

/* What is typed wins: a manifest on the command line is the whole policy. */
static bool
gives_way(const struct opt *o, const struct flag *f)
{
	return opt_has(o, FLAG_CONFIG) && (f->id == FLAG_PROFILE || f->id == FLAG_ALLOW);
}

int
env_bind(struct opt *o, char *const *environment, struct err *e)
{
	for (size_t i = 0; i < flags_count; i++) {
		const struct flag *f = &flags_table[i];
		int r;

		/*
		 * A variable of a later build refuses under every command that starts a program,
		 * also where its flag would not be accepted: whoever set NONO_ALLOW_DOMAIN believes
		 * that it restricts `wrap`, too.
		 */
		/* What `why` answers depends on its arguments alone. */
		if (o->command->id == COMMAND_WHY && (f->commands & ON_LAUNCH) != 0 &&
		    !(f->commands & ON_ROOT))
			continue;
		if (!f->variable || gives_way(o, f) ||
		    ((f->status == STATUS_AVAILABLE || !(o->command->flags & ON_LAUNCH)) &&
		     !(f->commands & o->command->flags)))
			continue;
		r = bind_one(o, f, environment, e);
		if (r < 0)
			return r;
	}
	return 0;
}
