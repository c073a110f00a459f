/*
 * config.toml. Whoever writes it decides what the next start shows and refuses, so a file that
 * others may write is not read, and one that cannot be understood is not half believed.
 */
#include "cli/config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/place.h"

#define DETACH_DEFAULT "ctrl-] d"

/* Types as a set: a size may be written as 5 or as 5.0. */
enum {
	IS_STRING = 1 << TOML_STRING,
	IS_INTEGER = 1 << TOML_INTEGER,
	IS_FLOAT = 1 << TOML_FLOAT,
	IS_BOOLEAN = 1 << TOML_BOOLEAN,
	IS_TABLE = 1 << TOML_TABLE,
	IS_STRINGS = 1 << 7, /* an array of nothing but strings */
};

enum { PROMPT_TIMEOUT_S = 120, PROMPT_TIMEOUT_MAX_S = 86400 };

typedef int config_apply(struct config *c, const struct toml_node *n, struct err *e);

struct config_key {
	const char *table, *name;
	unsigned int types;
	config_apply *apply; /* NULL: typed, without effect in this build */
};

static bool
has_type(const struct config *c, const struct toml_node *n, unsigned int types)
{
	if (n->type != TOML_ARRAY || !(types & IS_STRINGS))
		return types & 1U << n->type;
	for (const struct toml_node *s = toml_first(&c->toml, n); s; s = toml_next(&c->toml, s))
		if (s->type != TOML_STRING)
			return false;
	return true;
}

static int
out_of_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "out of memory");
}

static int
wrong(const struct toml_node *n, struct err *e, const char *text)
{
	return err_set(e, -EBADMSG, "%u:%u: %s", n->line, n->column, text);
}

static int note(struct config *c, enum config_note kind, struct err *e, const char *fmt, ...)
	ATTR_PRINTF(4, 5);

static int
note(struct config *c, enum config_note kind, struct err *e, const char *fmt, ...)
{
	autobuf struct buf b = BUF_INIT;
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = buf_vaddf(&b, fmt, ap);
	va_end(ap);
	if (r < 0 ||
	    mem_grow((void **)&c->note, &c->notes_capacity, c->notes, sizeof(*c->note)) < 0)
		return out_of_memory(e);
	c->note[c->notes].text = buf_take(&b);
	if (!c->note[c->notes].text)
		return out_of_memory(e);
	c->note[c->notes++].kind = kind;
	return 0;
}

/* ---- the detach sequence ---- */

static bool
word_is(const char *word, size_t n, const char *name)
{
	return strlen(name) == n && strncasecmp(word, name, n) == 0;
}

/* The byte of one key, or -1. */
static int
key_byte(const char *word, size_t n)
{
	static const struct {
		const char *name;
		char byte;
	} keys[] = {
		{ "esc", 0x1b },   { "escape", 0x1b }, { "tab", '\t' },
		{ "enter", '\r' }, { "return", '\r' }, { "space", ' ' },
	};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (word_is(word, n, keys[i].name))
			return keys[i].byte;
	if (n == 6 && strncasecmp(word, "ctrl-", 5) == 0) {
		int c = (unsigned char)word[5];

		if (c >= 'a' && c <= 'z')
			c -= 'a' - 'A';
		return c >= 0x40 && c <= 0x5f ? c & 0x1f : -1;
	}
	if (n == 1 && word[0] > ' ' && word[0] < 0x7f)
		return word[0] >= 'A' && word[0] <= 'Z' ? word[0] + ('a' - 'A') : word[0];
	return -1;
}

int
config_parse_detach(const char *text, unsigned char ret[CONFIG_DETACH_MAX], size_t *ret_bytes,
		    const char **ret_reason)
{
	unsigned char bytes[CONFIG_DETACH_MAX];
	size_t n = 0;

	for (text += strspn(text, " \t"); *text; text += strspn(text, " \t")) {
		size_t length = strcspn(text, " \t");
		int byte = key_byte(text, length);

		if (byte < 0) {
			*ret_reason = "a key of the detach sequence is neither ctrl-X, esc, tab, "
				      "enter, space nor one ASCII character";
			return -EINVAL;
		}
		if (n == CONFIG_DETACH_MAX) {
			*ret_reason = "detach sequence has more than 16 key presses";
			return -EINVAL;
		}
		bytes[n++] = (unsigned char)byte;
		text += length;
	}
	/* A single key could never be typed into the program again. */
	if (n < 2) {
		*ret_reason = "detach sequence must contain at least two key presses";
		return -EINVAL;
	}
	memcpy(ret, bytes, n);
	*ret_bytes = n;
	return 0;
}

/* ---- keys with an effect ---- */

static int
apply_theme(struct config *c, const struct toml_node *n, struct err *e)
{
	(void)e;
	c->theme = toml_string(&c->toml, n);
	return 0;
}

static int
apply_detach(struct config *c, const struct toml_node *n, struct err *e)
{
	const char *reason;

	if (config_parse_detach(toml_string(&c->toml, n), c->detach, &c->detach_bytes, &reason) < 0)
		return wrong(n, e, reason);
	return 0;
}

static int
apply_filter(struct config *c, const struct toml_node *n, struct err *e)
{
	static const char *const names[] = {
		[PLAN_FILTER_STANDARD] = "standard",
		[PLAN_FILTER_STRICT] = "strict",
		[PLAN_FILTER_OFF] = "off",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_equal(toml_string(&c->toml, n), names[i])) {
			c->terminal_filter = (enum plan_filter)i;
			return 0;
		}
	return wrong(n, e, "ui.terminal_filter must be \"standard\", \"strict\" or \"off\"");
}

static int
apply_rows(struct config *c, const struct toml_node *n, struct err *e)
{
	if (n->integer < 0 || n->integer > PLAN_SCROLLBACK_MAX)
		return wrong(n, e, "ui.scrollback_rows must be from 0 to 10000");
	c->scrollback_rows = (unsigned int)n->integer;
	return 0;
}

static int
apply_prompt_timeout(struct config *c, const struct toml_node *n, struct err *e)
{
	if (n->integer < 0 || n->integer > PROMPT_TIMEOUT_MAX_S)
		return wrong(n, e, "ui.prompt_timeout_secs must be from 0 to 86400");
	c->prompt_timeout_s = (unsigned int)n->integer;
	return 0;
}

static int
apply_check(struct config *c, const struct toml_node *n, struct err *e)
{
	(void)e;
	c->update_check = n->boolean;
	return 0;
}

static int
apply_url(struct config *c, const struct toml_node *n, struct err *e)
{
	(void)e;
	c->update_url = toml_string(&c->toml, n);
	return 0;
}

/* The strings of arrays, all of them that stand directly in `n` when it is a table. */
static int
collect(struct config *c, const struct toml_node *n, const char *const **ret, size_t *ret_count,
	struct err *e)
{
	const struct toml_node *array = n->type == TOML_TABLE ? toml_first(&c->toml, n) : n;
	const char **list = mem_calloc(c->toml.count, sizeof(*list));
	size_t count = 0;

	if (!list)
		return out_of_memory(e);
	c->list[c->lists++] = list;
	for (; array; array = n->type == TOML_TABLE ? toml_next(&c->toml, array) : NULL)
		for (const struct toml_node *s = toml_first(&c->toml, array); s;
		     s = toml_next(&c->toml, s))
			list[count++] = toml_string(&c->toml, s);
	*ret = list;
	*ret_count = count;
	return 0;
}

/* Names of an array, without the blanks around them; what is nothing but blanks is left out. */
static int
collect_names(struct config *c, const struct toml_node *array, struct redact_list *ret,
	      struct err *e)
{
	size_t count = 0, bytes = 0;
	const char **list;
	char *text;

	for (const struct toml_node *s = toml_first(&c->toml, array); s;
	     s = toml_next(&c->toml, s)) {
		count++;
		bytes += strlen(toml_string(&c->toml, s)) + 1;
	}
	list = mem_calloc(1, count * sizeof(*list) + bytes + 1);
	if (!list)
		return out_of_memory(e);
	c->list[c->lists++] = list;
	text = (char *)(list + count);
	*ret = (struct redact_list){ list, 0 };
	for (const struct toml_node *s = toml_first(&c->toml, array); s;
	     s = toml_next(&c->toml, s)) {
		static const char blanks[] = " \t\r\n";
		const char *name = toml_string(&c->toml, s) +
				   strspn(toml_string(&c->toml, s), blanks);
		size_t n = strlen(name);

		while (n > 0 && strchr(blanks, name[n - 1]))
			n--;
		if (n == 0)
			continue;
		memcpy(text, name, n);
		list[ret->count++] = text;
		text += n + 1;
	}
	return 0;
}

static int
apply_flags(struct config *c, const struct toml_node *n, struct err *e)
{
	return collect_names(c, n, &c->redact.flags, e);
}

static int
apply_headers(struct config *c, const struct toml_node *n, struct err *e)
{
	return collect_names(c, n, &c->redact.headers, e);
}

static int
apply_query_keys(struct config *c, const struct toml_node *n, struct err *e)
{
	return collect_names(c, n, &c->redact.query_keys, e);
}

static int
apply_variables(struct config *c, const struct toml_node *n, struct err *e)
{
	return collect_names(c, n, &c->redact.variables, e);
}

static int
apply_shown(struct config *c, const struct toml_node *n, struct err *e)
{
	const struct toml_node *gate = toml_find(&c->toml,
						 toml_find(&c->toml, &c->toml.node[0], "redaction"),
						 "unsafe_redaction_overrides");

	if (!gate || gate->type != TOML_BOOLEAN || !gate->boolean)
		return wrong(n, e,
			     "allow_unredacted_defaults shows secrets; it needs "
			     "unsafe_redaction_overrides = true beside it");
	return collect_names(c, n, &c->redact.shown, e);
}

/* [meta] version says nothing, and apply_shown() looks at its gate by itself. */
static int
apply_nothing(struct config *c, const struct toml_node *n, struct err *e)
{
	(void)c;
	(void)n;
	(void)e;
	return 0;
}

static int
apply_profile(struct config *c, const struct toml_node *n, struct err *e)
{
	if (!*toml_string(&c->toml, n))
		return wrong(n, e, "the name of a profile is needed");
	c->profile = toml_string(&c->toml, n);
	return 0;
}

/* NULL, or what is wrong with a path of a list. */
static const char *
closed_problem(const char *path)
{
	if (path[0] != '/' && path[0] != '$' && !str_starts_with(path, "~/"))
		return "a path is needed that begins with '/', '~/' or a variable";
	if (strpbrk(path, "*?["))
		return "patterns are not known here; name the directory";
	return NULL;
}

static int
apply_sensitive(struct config *c, const struct toml_node *n, struct err *e)
{
	size_t count = 0;

	c->closed = mem_calloc(c->toml.count, sizeof(*c->closed));
	if (!c->closed)
		return out_of_memory(e);
	for (const struct toml_node *list = toml_first(&c->toml, n); list;
	     list = toml_next(&c->toml, list)) {
		if (!has_type(c, list, IS_STRINGS) || list->type != TOML_ARRAY)
			return wrong(list, e,
				     "extensions.sensitive_paths.NAME must be an array of strings");
		for (const struct toml_node *s = toml_first(&c->toml, list); s;
		     s = toml_next(&c->toml, s)) {
			const char *path = toml_string(&c->toml, s);
			const char *problem = closed_problem(path);

			if (problem)
				return wrong(s, e, problem);
			c->closed[count++] = (struct closed_path){ toml_key(&c->toml, list), path };
		}
	}
	c->closed_paths = (struct closed_paths){ c->closed, count };
	return 0;
}

static int
apply_commands(struct config *c, const struct toml_node *n, struct err *e)
{
	for (const struct toml_node *list = toml_first(&c->toml, n); list;
	     list = toml_next(&c->toml, list)) {
		const struct toml_node *s = toml_first(&c->toml, list);

		if (list->type != TOML_ARRAY)
			return wrong(list, e,
				     "extensions.dangerous_commands.NAME must be an array "
				     "of strings");
		for (; s; s = toml_next(&c->toml, s))
			if (s->type != TOML_STRING || !*toml_string(&c->toml, s) ||
			    strchr(toml_string(&c->toml, s), '/'))
				return wrong(s, e, "the name of a command is needed, without '/'");
	}
	return collect(c, n, &c->blocked_commands.item, &c->blocked_commands.count, e);
}

static int
apply_overrides(struct config *c, const struct toml_node *n, struct err *e)
{
	return note(c, CONFIG_NOTE_WARNING, e, "[%s] in %s has no effect: %s",
		    toml_key(&c->toml, n), c->path ? c->path : "-",
		    str_equal(toml_key(&c->toml, n), "overrides")
			    ? "use --bypass-protection and --allow-command"
			    : "keys are trusted by trust-policy.json");
}

/* ---- all keys ---- */

/* clang-format off */
static const struct config_key keys[] = {
	{ "meta", "version", IS_STRING | IS_INTEGER, apply_nothing },
	{ "ui", "theme", IS_STRING, apply_theme },
	{ "ui", "detach_sequence", IS_STRING, apply_detach },
	{ "ui", "terminal_filter", IS_STRING, apply_filter },
	{ "ui", "scrollback_rows", IS_INTEGER, apply_rows },
	{ "ui", "prompt_timeout_secs", IS_INTEGER, apply_prompt_timeout },
	{ "ui", "prompt_grace_ms", IS_INTEGER, NULL },
	{ "updates", "check", IS_BOOLEAN, apply_check },
	{ "updates", "url", IS_STRING, apply_url },
	{ "profiles", "default", IS_STRING, apply_profile },
	{ "approval", "detached_wait_secs", IS_INTEGER, NULL },
	{ "rollback", "max_sessions", IS_INTEGER, NULL },
	{ "rollback", "max_storage_gb", IS_FLOAT | IS_INTEGER, NULL },
	{ "rollback", "stale_grace_hours", IS_INTEGER, NULL },
	{ "rollback", "max_snapshots", IS_INTEGER, NULL },
	{ "rollback", "restore_default", IS_STRING, NULL },
	{ "rollback", "stat_cache", IS_BOOLEAN, NULL },
	{ "redaction", "extra_flags", IS_STRINGS, apply_flags },
	{ "redaction", "extra_headers", IS_STRINGS, apply_headers },
	{ "redaction", "extra_query_keys", IS_STRINGS, apply_query_keys },
	{ "redaction", "extra_env_vars", IS_STRINGS, apply_variables },
	{ "redaction", "unsafe_redaction_overrides", IS_BOOLEAN, apply_nothing },
	{ "redaction", "allow_unredacted_defaults", IS_STRINGS, apply_shown },
	{ "extensions", "sensitive_paths", IS_TABLE, apply_sensitive },
	{ "extensions", "dangerous_commands", IS_TABLE, apply_commands },
	{ NULL, "overrides", IS_TABLE, apply_overrides },
	{ NULL, "trusted_keys", IS_TABLE, apply_overrides },
};
/* clang-format on */

static const char *
type_text(unsigned int types)
{
	if (types & IS_STRINGS)
		return "an array of strings";
	if (types & IS_STRING)
		return types & IS_INTEGER ? "a string or an integer" : "a string in quotes";
	if (types & IS_FLOAT)
		return "a number";
	if (types & IS_INTEGER)
		return "an integer";
	return types & IS_TABLE ? "a table" : "true or false";
}

/* `table`: NULL for a key of the outermost table. */
static int
take_key(struct config *c, const char *table, const struct toml_node *n, struct err *e)
{
	const char *name = toml_key(&c->toml, n), *dot = table ? "." : "";

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const struct config_key *k = &keys[i];

		if (!str_equal(k->name, name) || !k->table != !table ||
		    (table && !str_equal(k->table, table)))
			continue;
		if (!has_type(c, n, k->types))
			return err_set(e, -EBADMSG, "%u:%u: %s%s%s must be %s", n->line, n->column,
				       table ? table : "", dot, name, type_text(k->types));
		if (k->apply)
			return k->apply(c, n, e);
		return note(c, CONFIG_NOTE_INFO, e, "%s:%u: '%s%s%s' has no effect in this build",
			    c->path ? c->path : "-", n->line, table ? table : "", dot, name);
	}
	return note(c, CONFIG_NOTE_INFO, e, "%s:%u: unknown key '%s%s%s' is ignored",
		    c->path ? c->path : "-", n->line, table ? table : "", dot, name);
}

static bool
is_known_table(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (keys[i].table && str_equal(keys[i].table, name))
			return true;
	return false;
}

static int
take_all(struct config *c, struct err *e)
{
	const struct toml_node *root = &c->toml.node[0];

	for (const struct toml_node *n = toml_first(&c->toml, root); n;
	     n = toml_next(&c->toml, n)) {
		const char *name = toml_key(&c->toml, n);
		const char *table = str_equal(name, "undo") ? "rollback" : name;
		int r = 0;

		if (!is_known_table(table)) {
			r = take_key(c, NULL, n, e);
		} else if (n->type != TOML_TABLE) {
			r = err_set(e, -EBADMSG, "%u:%u: %s must be a table", n->line, n->column,
				    name);
		} else {
			for (const struct toml_node *k = toml_first(&c->toml, n); k && r == 0;
			     k = toml_next(&c->toml, k))
				r = take_key(c, table, k, e);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

int
config_parse(struct config *c, struct slice text, struct err *e)
{
	int r = toml_parse(&c->toml, text, e);

	return r < 0 ? r : take_all(c, e);
}

/* ---- the file ---- */

static void
set_defaults(struct config *c)
{
	*c = (struct config){
		.detach = { 0x1d, 'd' },
		.detach_bytes = 2,
		.scrollback_rows = PLAN_SCROLLBACK_MAX,
		.prompt_timeout_s = PROMPT_TIMEOUT_S,
		.update_check = true,
	};
}

int
config_prompt_ms(const struct config *c)
{
	return c->prompt_timeout_s ? (int)c->prompt_timeout_s * 1000 : -1;
}

static int
check_file(int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return err_set_errno(e, -errno, "Failed to read config '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, "Failed to read config '%s': not a regular file", path);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return err_set(e, -EINVAL,
			       "Failed to read config '%s': others may write it; run "
			       "`chmod go-w '%s'`",
			       path, path);
	if (st.st_size > TOML_BYTES_MAX)
		return err_set(e, -EFBIG, "Failed to read config '%s': larger than 1 MiB", path);
	return 0;
}

static int
load(struct config *c, char *const *environment, struct err *e)
{
	autobuf struct buf path = BUF_INIT, text = BUF_INIT;
	struct err reason = ERR_INIT;
	autofd int fd = -1;
	int r;

	if ((r = place_config(&path, environment, e)) < 0)
		return r;
	if (buf_adds(&path, "/config.toml") < 0)
		return out_of_memory(e);
	/* Not blocked by a FIFO that somebody put there. */
	fd = open(buf_str(&path), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd == -1 && errno_is_missing(-errno))
		return 0;
	if (fd == -1)
		return err_set_errno(e, -errno, "Failed to read config '%s'", buf_str(&path));
	if ((r = check_file(fd, buf_str(&path), e)) < 0)
		return r;
	r = buf_read_fd(&text, fd, TOML_BYTES_MAX);
	if (r < 0)
		return err_set_errno(e, r, "Failed to read config '%s'", buf_str(&path));
	c->path = buf_take(&path);
	if (!c->path)
		return out_of_memory(e);
	r = config_parse(c, (struct slice){ text.p, text.n }, &reason);
	if (r < 0)
		return err_set(e, r,
			       "Configuration parse error: Failed to parse user config '%s': %s",
			       c->path, reason.text);
	return 0;
}

int
config_load(struct config *c, char *const *environment, struct err *e)
{
	int r;

	set_defaults(c);
	r = load(c, environment, e);
	if (r < 0) {
		config_clear(c);
		set_defaults(c);
		/* What the file says about this is not known. */
		c->update_check = false;
	}
	return r;
}

void
config_clear(struct config *c)
{
	for (size_t i = 0; i < c->lists; i++)
		mem_free(c->list[i]);
	for (size_t i = 0; i < c->notes; i++)
		mem_free(c->note[i].text);
	mem_free(c->note);
	mem_free(c->closed);
	mem_free(c->path);
	toml_clear(&c->toml);
	c->lists = c->notes = c->notes_capacity = 0;
	c->note = NULL;
	c->closed = NULL;
	c->closed_paths = (struct closed_paths){ NULL, 0 };
	c->profile = NULL;
	c->path = NULL;
}

void
config_show_notes(const struct config *c, struct out *o, bool verbose)
{
	for (size_t i = 0; i < c->notes; i++)
		if (c->note[i].kind == CONFIG_NOTE_WARNING || verbose)
			out_warning(o, c->note[i].text);
}
