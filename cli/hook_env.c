/* Lines of an environment file. There is no quoting: a value is the rest of its line. */
#include "cli/hook_env.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct slice
take_line(struct slice *text)
{
	const char *end = memchr(text->p, '\n', text->n);
	struct slice line = { text->p, end ? (size_t)(end - text->p) : text->n };

	text->p += line.n + (end != NULL);
	text->n -= line.n + (end != NULL);
	while (line.n > 0 && is_blank(line.p[0])) {
		line.p++;
		line.n--;
	}
	while (line.n > 0 && is_blank(line.p[line.n - 1]))
		line.n--;
	return line;
}

static bool
is_name(struct slice name)
{
	for (size_t i = 0; i < name.n; i++)
		if (is_blank(name.p[i]))
			return false;
	return name.n > 0;
}

bool
hook_env_next(struct slice *text, struct slice *ret)
{
	while (text->n > 0) {
		struct slice line = take_line(text);
		const char *equal = memchr(line.p, '=', line.n);

		/* A NUL would end the entry early, and what stands behind it would be lost. */
		if (line.n == 0 || line.p[0] == '#' || !equal || memchr(line.p, '\0', line.n) ||
		    !is_name((struct slice){ line.p, (size_t)(equal - line.p) }))
			continue;
		*ret = line;
		return true;
	}
	return false;
}
