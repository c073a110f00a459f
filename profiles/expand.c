/*
 * The one expander of variables in paths (spec 03 section 6). Pure. A name is read to its end
 * before it is looked up, so that $HOMEX is never $HOME followed by X, and the built-in names are
 * decided here: an exported WORKDIR or UID cannot redirect a grant.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "profiles/internal.h"

static const char home_name[] = "HOME";

static bool
is_name_byte(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static bool
name_is(struct slice name, const char *text)
{
	return slice_equal(name, slice_of(text));
}

/* An XDG directory: the variable, which must be absolute, or its place below the home. */
static int
add_xdg(struct buf *b, const struct host *h, const char *name, const char *below, struct err *e)
{
	const char *value = environment_get(h->environment, name);

	if (!value || !*value)
		return path_join(b, h->home, below);
	if (value[0] != '/')
		return err_set(e, -EINVAL,
			       "Environment variable '%s' validation failed: must be an absolute "
			       "path, got: %s",
			       name, value);
	return buf_adds(b, value);
}

/* <cfg> as roots.c finds it, without looking at the disk: a relative value counts as unset. */
static int
add_config(struct buf *b, const struct host *h, const char *below)
{
	const char *value = environment_get(h->environment, "XDG_CONFIG_HOME");
	int r;

	if (value && value[0] == '/')
		r = buf_adds(b, value);
	else
		r = path_join(b, h->home, ".config");
	return r < 0 ? r : path_join(b, "", below);
}

/* 1 when the name is built in and was appended, 0 when it is not built in. */
static int
add_builtin(struct buf *b, struct slice name, const struct host *h, struct err *e)
{
	static const struct {
		const char *name, *below;
	} xdg[] = {
		{ "XDG_CONFIG_HOME", ".config" },
		{ "XDG_DATA_HOME", ".local/share" },
		{ "XDG_STATE_HOME", ".local/state" },
		{ "XDG_CACHE_HOME", ".cache" },
	};
	int r = 0;

	if (name_is(name, home_name))
		r = buf_adds(b, h->home);
	else if (name_is(name, "WORKDIR"))
		r = buf_adds(b, h->workdir);
	else if (name_is(name, "TMPDIR"))
		r = buf_adds(b, h->temp);
	else if (name_is(name, "UID"))
		r = buf_addf(b, "%lu", (unsigned long)h->uid);
	else if (name_is(name, "NONO_CONFIG"))
		r = add_config(b, h, "nono");
	else if (name_is(name, "NONO_PACKAGES"))
		r = add_config(b, h, "nono/packages");
	else {
		for (size_t i = 0; i < ARRAY_LEN(xdg); i++)
			if (name_is(name, xdg[i].name)) {
				r = add_xdg(b, h, xdg[i].name, xdg[i].below, e);
				return r < 0 ? r : 1;
			}
		return 0;
	}
	return r < 0 ? r : 1;
}

/* The variable whose name starts at text[1]; *ret_used is the length with the '$'. */
static int
add_variable(struct buf *b, const char *text, bool leading, const struct host *h,
	     unsigned int flags, size_t *ret_used, bool *ret_replaced, struct err *e)
{
	struct slice name = { text + 1, 0 };
	const char *value;
	int r;

	while (is_name_byte(name.p[name.n]))
		name.n++;
	*ret_used = name.n + 1;
	if (name.n == 0)
		return buf_addc(b, '$'); /* "${NAME}" and a lone '$' are text */
	r = add_builtin(b, name, h, e);
	if (r != 0) {
		*ret_replaced = true;
		return r < 0 ? r : 0;
	}
	value = environment_get_n(h->environment, name.p, name.n);
	if (leading && (flags & EXPAND_STRICT) && !value)
		return err_set(e, -ENXIO, "Environment variable '%.*s' validation failed: not set",
			       (int)name.n, name.p);
	if (leading && (flags & EXPAND_STRICT) && value[0] != '/')
		return err_set(e, -ENXIO,
			       "Environment variable '%.*s' validation failed: must be an "
			       "absolute path, got: %s",
			       (int)name.n, name.p, value);
	if (!value)
		return buf_add(b, text, *ret_used);
	*ret_replaced = true;
	return buf_adds(b, value);
}

static bool
has_parent_component(const char *path)
{
	while (*path) {
		size_t n = strcspn(path, "/");

		if (n == 2 && path[0] == '.' && path[1] == '.')
			return true;
		path += n;
		path += *path == '/';
	}
	return false;
}

int
expand_path(struct buf *b, const char *text, const struct host *h, unsigned int flags,
	    struct err *e)
{
	size_t start = b->n;
	const char *at = text;
	bool replaced = false;
	int r = buf_add(b, "", 0);

	if (r < 0)
		goto memory;
	if (at[0] == '~' && (at[1] == '\0' || at[1] == '/')) {
		if ((r = buf_adds(b, h->home)) < 0)
			goto memory;
		replaced = true;
		at++;
	}
	while (*at) {
		size_t plain = strcspn(at, "$"), used;

		if ((r = buf_add(b, at, plain)) < 0)
			goto memory;
		at += plain;
		if (!*at)
			break;
		r = add_variable(b, at, at == text, h, flags, &used, &replaced, e);
		if (r == -ENOMEM)
			goto memory;
		if (r < 0)
			return r;
		at += used;
	}
	/* Denies are compared by name: ".." behind a variable would aim them beside the place. */
	if (replaced && has_parent_component(b->p + start))
		return err_set(e, -EINVAL,
			       "Configuration parse error: '%s' expands to '%s', which contains "
			       "'..'; write the path without it",
			       text, b->p + start);
	return 0;
memory:
	return err_memory(e);
}
