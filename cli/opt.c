/*
 * The command line, token by token (spec 01 sections 1.1 and 1.2). The program's own words are
 * never looked at: everything from the first token that is no option belongs to it.
 */
#include "cli/opt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/size.h"
#include "base/str.h"
#include "cli/env.h"

struct parser {
	struct opt *o;
	int argc, i;
	char *const *argv;
	char *const *environment;
	unsigned int commands; /* ON_*: whose flags are accepted now */
	struct err *e;
};

static int
out_of_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "out of memory");
}

/* "--allow <DIR>" or "--block-net". */
static void
flag_show(const struct flag *f, char *p, size_t n)
{
	if (f->metavar)
		(void)snprintf(p, n, "--%s <%s>", f->name, f->metavar);
	else
		(void)snprintf(p, n, "--%s", f->name);
}

int
opt_refuse(const struct flag *f, const char *variable, struct err *e)
{
	if (f->status == STATUS_MACOS)
		return err_set(e, -EOPNOTSUPP,
			       "Configuration parse error: --%s is only supported on macOS",
			       f->name);
	if (variable)
		return err_set_exit(e, EXIT_USAGE, -EOPNOTSUPP,
				    "not available in this build: --%s (set by the environment "
				    "variable %s; unset it to continue)",
				    f->name, variable);
	return err_set_exit(e, EXIT_USAGE, -EOPNOTSUPP, "not available in this build: --%s",
			    f->name);
}

int
opt_warn(struct opt *o, const char *fmt, ...)
{
	autobuf struct buf b = BUF_INIT;
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = buf_vaddf(&b, fmt, ap);
	va_end(ap);
	if (r < 0)
		return r;
	for (size_t i = 0; i < o->warnings; i++)
		if (str_equal(o->warning[i], buf_str(&b)))
			return 0;
	r = mem_grow((void **)&o->warning, &o->warnings_capacity, o->warnings, sizeof(*o->warning));
	if (r < 0)
		return r;
	o->warning[o->warnings] = buf_take(&b);
	if (!o->warning[o->warnings])
		return -ENOMEM;
	o->warnings++;
	return 0;
}

/* ---- values ---- */

/* A bare number is bytes, and nobody means so few. */
static int
size_check(const struct flag *f, const char *value, const char *name, const char *from,
	   struct err *e)
{
	const char *reason = NULL;
	uint64_t bytes = 0;
	char hint[80] = "";

	if (size_parse(&bytes, value, &reason) == 0 && bytes > INT64_MAX)
		reason = "the size overflows what the kernel counts";
	if (reason)
		return err_set_exit(e, EXIT_USAGE, -EINVAL, "invalid value '%s' for '%s'%s: %s",
				    value, name, from, reason);
	if (bytes >= f->min)
		return 0;
	if (strchr("0123456789", value[strlen(value) - 1]))
		(void)snprintf(hint, sizeof(hint),
			       "; without a unit it is bytes, did you mean %lluM?",
			       (unsigned long long)bytes);
	return err_set_exit(e, EXIT_USAGE, -EINVAL,
			    "invalid value '%s' for '%s'%s: below the 1 MiB minimum%s", value, name,
			    from, hint);
}

static int
value_check(const struct flag *f, const char *value, const char *variable, struct err *e)
{
	char name[96], from[96] = "";
	uint64_t number;

	flag_show(f, name, sizeof(name));
	if (variable)
		(void)snprintf(from, sizeof(from), " (environment variable %s)", variable);
	if (!*value && f->value != VALUE_SIZE)
		return err_set_exit(e, EXIT_USAGE, -EINVAL,
				    "invalid value '' for '%s'%s: the value is empty", name, from);
	switch ((enum flag_value)f->value) {
	case VALUE_NUMBER:
		if (str_to_u64(value, f->min, f->max, &number) < 0)
			return err_set_exit(e, EXIT_USAGE, -EINVAL,
					    "invalid value '%s' for '%s'%s: not a number from %u "
					    "to %u",
					    value, name, from, f->min, f->max);
		return 0;
	case VALUE_SIZE:
		return size_check(f, value, name, from, e);
	case VALUE_CHOICE:
		if (!list_has(f->choices, value, strlen(value)))
			return err_set_exit(e, EXIT_USAGE, -EINVAL,
					    "invalid value '%s' for '%s'%s; possible values: %s",
					    value, name, from, f->choices);
		return 0;
	case VALUE_TEXT:
		if (!str_is_utf8(slice_of(value)))
			return err_set_exit(e, EXIT_USAGE, -EINVAL,
					    "invalid value '%s' for '%s'%s: not UTF-8", value, name,
					    from);
		return 0;
	case VALUE_PATH:
	case VALUE_NONE:
	case VALUE_COUNT:
	case VALUE_OPTIONAL:
	case VALUE_PAIR:
		break;
	}
	return 0;
}

/* Append one item that is known to be good; `value` may be NULL. */
static int
item_add(struct opt *o, const struct flag *f, struct slice value, const char *variable)
{
	char *copy = NULL;
	int r;

	r = mem_grow((void **)&o->item, &o->capacity, o->count, sizeof(*o->item));
	if (r < 0)
		return r;
	if (value.p) {
		copy = mem_memdup0(value.p, value.n);
		if (!copy)
			return -ENOMEM;
	}
	o->item[o->count++] = (struct opt_item){ .flag = f, .value = copy, .variable = variable };
	return 0;
}

/* "~" and "~/x" become the home directory; every other text stays. */
static int
tilde_expand(struct buf *b, struct slice value, char *const *environment)
{
	const char *home = env_get(environment, "HOME");
	int r = 0;

	if (home && value.n > 0 && value.p[0] == '~' && (value.n == 1 || value.p[1] == '/')) {
		r = buf_adds(b, home);
		value.p++;
		value.n--;
	}
	return r < 0 ? r : buf_add(b, value.p, value.n);
}

static int
path_add(struct opt *o, const struct flag *f, struct slice value, const char *variable, bool expand,
	 char *const *environment)
{
	autobuf struct buf b = BUF_INIT;
	int r;

	r = expand ? tilde_expand(&b, value, environment) : buf_add(&b, value.p, value.n);
	return r < 0 ? r : item_add(o, f, (struct slice){ b.p, b.n }, variable);
}

/* A directory whose name holds a comma is found before the name is split. */
static bool
path_exists(struct slice value, bool expand, char *const *environment)
{
	autobuf struct buf b = BUF_INIT;

	if ((expand ? tilde_expand(&b, value, environment) : buf_add(&b, value.p, value.n)) < 0)
		return false;
	return faccessat(AT_FDCWD, buf_str(&b), F_OK, AT_EACCESS) == 0;
}

/* Its answer shall not depend on which files exist: a value is one path. */
static bool
is_why(const struct opt *o)
{
	return o->command && o->command->id == COMMAND_WHY;
}

int
opt_add(struct opt *o, const struct flag *f, const char *value, const char *variable, bool expand,
	char *const *environment, struct err *e)
{
	char name[96];
	int r;

	flag_show(f, name, sizeof(name));
	if (!f->repeat)
		for (size_t i = 0; i < o->count; i++)
			if (o->item[i].flag == f)
				return err_set_exit(e, EXIT_USAGE, -EINVAL,
						    "the argument '%s' cannot be used multiple "
						    "times",
						    name);
	if (!value) {
		r = item_add(o, f, (struct slice){ NULL, 0 }, variable);
		return r < 0 ? out_of_memory(e) : 0;
	}
	r = value_check(f, value, variable, e);
	if (r < 0)
		return r;
	if (f->value != VALUE_PATH) {
		r = item_add(o, f, slice_of(value), variable);
		return r < 0 ? out_of_memory(e) : 0;
	}
	if (!f->comma || is_why(o) || path_exists(slice_of(value), expand, environment)) {
		r = path_add(o, f, slice_of(value), variable, expand, environment);
		return r < 0 ? out_of_memory(e) : 0;
	}
	for (const char *p = value;; p++) {
		size_t n = strcspn(p, ",");

		if (n == 0)
			return err_set_exit(e, EXIT_USAGE, -EINVAL,
					    "invalid value '%s' for '%s': an element of the comma "
					    "list is empty",
					    value, name);
		r = path_add(o, f, (struct slice){ p, n }, variable, expand, environment);
		if (r < 0)
			return out_of_memory(e);
		p += n;
		if (!*p)
			return 0;
	}
}

/* ---- tokens ---- */

static int
usage_error(struct parser *p, const char *token)
{
	p->o->show_usage = true;
	return err_set_exit(p->e, EXIT_USAGE, -EINVAL, "unexpected argument '%s' found", token);
}

/* An old spelling was used: remember the line about it. */
static int
warn_about(struct parser *p, const struct flag *f, const char *name, size_t n)
{
	int r = 0;

	if (f->warning)
		r = opt_warn(p->o, "%s", f->warning);
	if (r == 0 && list_has(f->legacy, name, n)) {
		if (f->legacy_warning)
			r = opt_warn(p->o, "%s", f->legacy_warning);
		else
			r = opt_warn(
				p->o,
				"  [nono] Warning: `--%.*s` is deprecated; use `--%s` instead.",
				(int)n, name, f->name);
	}
	return r < 0 ? out_of_memory(p->e) : 0;
}

/* The token behind a flag that wants a value. One that looks like an option is none. */
static int
next_value(struct parser *p, const struct flag *f, const char **ret)
{
	const char *token = p->i + 1 < p->argc ? p->argv[p->i + 1] : NULL;
	char name[96];

	if (!token || (token[0] == '-' && token[1])) {
		flag_show(f, name, sizeof(name));
		return err_set_exit(p->e, EXIT_USAGE, -EINVAL,
				    "a value is required for '%s' but none was supplied", name);
	}
	p->i++;
	*ret = token;
	return 0;
}

static bool
takes_value(const struct flag *f)
{
	return f->value != VALUE_NONE && f->value != VALUE_COUNT;
}

/* `joined`: the value in the same token, or NULL. */
static int
flag_accept(struct parser *p, const struct flag *f, const char *name, size_t n, const char *joined)
{
	const char *value = joined;
	int r;

	if (f->status != STATUS_AVAILABLE)
		return opt_refuse(f, NULL, p->e);
	if (joined && !takes_value(f))
		return err_set_exit(p->e, EXIT_USAGE, -EINVAL,
				    "unexpected value '%s' for '--%s': it takes none", joined,
				    f->name);
	if (f->id == FLAG_HELP || f->id == FLAG_VERSION) {
		p->o->help = f->id == FLAG_HELP;
		p->o->version = f->id == FLAG_VERSION;
		return 0;
	}
	if (takes_value(f) && !joined) {
		r = next_value(p, f, &value);
		if (r < 0)
			return r;
	}
	r = warn_about(p, f, name, n);
	return r < 0 ? r : opt_add(p->o, f, value, NULL, joined != NULL, p->environment, p->e);
}

static int
parse_long(struct parser *p, const char *token)
{
	const char *name = token + 2;
	size_t n = strcspn(name, "=");
	const struct flag *f = flag_find(name, n, p->commands);
	char shown[128];

	if (!f) {
		(void)snprintf(shown, sizeof(shown), "--%.*s", (int)(n < 100 ? n : 100), name);
		p->o->tip = flag_suggest(name, n, p->commands);
		return usage_error(p, shown);
	}
	return flag_accept(p, f, name, n, name[n] ? name + n + 1 : NULL);
}

static int
parse_short(struct parser *p, const char *token)
{
	for (const char *c = token + 1; *c; c++) {
		const struct flag *f = flag_find_letter(*c, p->commands);
		const char *joined = NULL;
		char shown[8];
		int r;

		if (!f) {
			/* A whole sequence: half a character is no name. */
			size_t n = str_utf8_sequence(slice_of(c));

			(void)snprintf(shown, sizeof(shown), "-%.*s", (int)(n ? n : 1), c);
			return usage_error(p, shown);
		}
		if (takes_value(f) && c[1])
			joined = c[1] == '=' ? c + 2 : c + 1;
		else if (c[1] == '=')
			joined = c + 2;
		r = flag_accept(p, f, f->name, strlen(f->name), joined);
		if (r < 0 || joined || p->o->help || p->o->version)
			return r;
	}
	return 0;
}

/* A command of a later build still answers --help. */
static int
parse_later_command(struct parser *p)
{
	while (++p->i < p->argc && !str_equal(p->argv[p->i], "--"))
		if (str_equal(p->argv[p->i], "--help") || str_equal(p->argv[p->i], "-h")) {
			p->o->help = true;
			return 0;
		}
	return err_set_exit(p->e, EXIT_USAGE, -EOPNOTSUPP, "not available in this build: %s%s%s",
			    p->o->parent ? p->o->parent->name : "", p->o->parent ? " " : "",
			    p->o->command->name);
}

/* `nono profile help show`. */
static int
parse_help_of(struct parser *p)
{
	struct opt *o = p->o;
	const struct command *c = NULL;

	o->help = true;
	if (p->i + 1 < p->argc)
		c = command_find_sub(o->command, p->argv[p->i + 1]);
	if (c) {
		o->parent = o->command;
		o->command = c;
	}
	return 0;
}

static int
parse_command(struct parser *p, const char *token)
{
	const struct command *parent = p->o->command;
	const struct command *c = parent ? command_find_sub(parent, token) : command_find(token);

	if (!c && parent && str_equal(token, "help"))
		return parse_help_of(p);
	if (!c) {
		p->o->show_usage = true;
		p->o->tip = parent ? command_suggest_sub(parent, token) : command_suggest(token);
		p->o->tip_is_command = true;
		return err_set_exit(p->e, EXIT_USAGE, -EINVAL, "unrecognized subcommand '%s'",
				    token);
	}
	p->o->parent = parent;
	p->o->command = c;
	/* Of a command that is only a name for others, everything but help is theirs. */
	p->commands = c->sub ? ON_ROOT : c->flags;
	return c->status == STATUS_LATER ? parse_later_command(p) : 0;
}

/* Options may stand between these words. */
static int
operand_add(struct parser *p, const char *token)
{
	struct opt *o = p->o;
	int r;

	if (o->program.count >= o->command->operands_max) {
		o->show_usage = true;
		return err_set_exit(p->e, EXIT_USAGE, -EINVAL, "unexpected argument '%s' found",
				    token);
	}
	r = mem_grow((void **)&o->operand, &o->operand_capacity, o->program.count,
		     sizeof(*o->operand));
	if (r < 0)
		return out_of_memory(p->e);
	o->operand[o->program.count++] = token;
	o->program.item = o->operand;
	return 0;
}

int
opt_parse(struct opt *o, int argc, char *const *argv, char *const *environment, struct err *e)
{
	struct parser p = { .o = o,
			    .argc = argc,
			    .argv = argv,
			    .environment = environment,
			    .commands = ON_ROOT,
			    .e = e };
	bool operands_only = false;
	int r = 0;

	for (p.i = 1; p.i < argc; p.i++) {
		const char *token = argv[p.i];
		bool ends = !operands_only && str_equal(token, "--");

		if (operands_only) {
			r = operand_add(&p, token);
		} else if (!ends && str_starts_with(token, "--")) {
			r = parse_long(&p, token);
		} else if (!ends && token[0] == '-' && token[1]) {
			r = parse_short(&p, token);
		} else if (o->parent) {
			operands_only = ends;
			r = ends ? 0 : operand_add(&p, token);
		} else if (o->command && o->command->sub && !ends) {
			r = parse_command(&p, token);
		} else if (o->command) {
			p.i += ends;
			o->program.item = (const char *const *)argv + p.i;
			o->program.count = (size_t)(argc - p.i);
			return 0;
		} else if (ends) {
			return usage_error(&p, token);
		} else {
			r = parse_command(&p, token);
		}
		if (r < 0 || o->help || o->version ||
		    (o->command && o->command->status == STATUS_LATER))
			return r;
	}
	return 0;
}

/* ---- relations ---- */

static void
item_show(const struct opt_item *item, char *p, size_t n)
{
	char name[96];

	flag_show(item->flag, name, sizeof(name));
	if (item->variable)
		(void)snprintf(p, n, "'%s' (environment variable %s)", name, item->variable);
	else
		(void)snprintf(p, n, "'%s'", name);
}

int
opt_check(const struct opt *o, struct err *e)
{
	char a[192], b[192];

	for (size_t i = 0; i < o->count; i++) {
		const struct opt_item *item = &o->item[i];
		const struct flag *f = item->flag;
		bool found = false;

		for (size_t j = 0; j < o->count; j++) {
			const struct flag *other = o->item[j].flag;

			found |= f->requires && str_equal(f->requires, other->name);
			if (!list_has(f->conflicts, other->name, strlen(other->name)))
				continue;
			item_show(item, a, sizeof(a));
			item_show(&o->item[j], b, sizeof(b));
			return err_set_exit(e, EXIT_USAGE, -EINVAL,
					    "the argument %s cannot be used with %s", a, b);
		}
		if (f->requires && !item->variable && !found)
			return err_set_exit(e, EXIT_USAGE, -EINVAL,
					    "the following required arguments were not provided: "
					    "--%s (needed by --%s)",
					    f->requires, f->name);
	}
	if (o->parent && o->program.count < o->command->operands_min)
		return err_set_exit(e, EXIT_USAGE, -EINVAL,
				    "the following required arguments were not provided; usage: "
				    "nono %s",
				    o->command->usage);
	if (o->command->id == COMMAND_SHELL && o->program.count > 0)
		return err_set_exit(e, EXIT_USAGE, -EINVAL,
				    "unexpected argument '%s' found; name the shell with --shell",
				    o->program.item[0]);
	if (o->command->id == COMMAND_SETUP && o->program.count > 0)
		return err_set_exit(e, EXIT_USAGE, -EINVAL, "unexpected argument '%s' found",
				    o->program.item[0]);
	if (is_why(o) && o->program.count > 0 && !opt_has(o, FLAG_WHY_COMMAND))
		return err_set_exit(e, EXIT_USAGE, -EINVAL, "unexpected argument '%s' found",
				    o->program.item[0]);
	if (o->command->id == COMMAND_WRAP && o->program.count == 0)
		return err_set_exit(
			e, EXIT_USAGE, -EINVAL,
			"the following required arguments were not provided: <PROGRAM>");
	return 0;
}

void
opt_clear(struct opt *o)
{
	for (size_t i = 0; i < o->count; i++)
		mem_free(o->item[i].value);
	mem_free(o->item);
	for (size_t i = 0; i < o->warnings; i++)
		mem_free(o->warning[i]);
	mem_free(o->warning);
	mem_free(o->operand);
	*o = (struct opt)OPT_INIT;
}

bool
opt_has(const struct opt *o, enum flag_id id)
{
	return opt_count(o, id) > 0;
}

size_t
opt_count(const struct opt *o, enum flag_id id)
{
	size_t n = 0;

	for (size_t i = 0; i < o->count; i++)
		n += o->item[i].flag->id == id;
	return n;
}

const char *
opt_value(const struct opt *o, enum flag_id id)
{
	for (size_t i = 0; i < o->count; i++)
		if (o->item[i].flag->id == id)
			return o->item[i].value;
	return NULL;
}
