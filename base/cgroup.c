/* Texts of the cgroup file systems. */
#include "base/cgroup.h"

#include <errno.h>
#include <stdio.h>

enum { V2_PREFIX_BYTES = 3 }; /* "0::" */

/* Take the next line, without its newline; false at the end. */
static bool
take_line(struct slice *rest, struct slice *ret)
{
	const char *end;

	if (rest->n == 0)
		return false;
	end = memchr(rest->p, '\n', rest->n);
	*ret = (struct slice){ rest->p, end ? (size_t)(end - rest->p) : rest->n };
	*rest = end ? (struct slice){ end + 1, rest->n - ret->n - 1 } : (struct slice){ NULL, 0 };
	return true;
}

/* Absolute, short enough, no NUL and no ".." component. */
static bool
is_path(struct slice s)
{
	if (s.n == 0 || s.n >= CGROUP_PATH_MAX || s.p[0] != '/' || memchr(s.p, '\0', s.n))
		return false;
	for (size_t i = 0; i + 2 < s.n; i++)
		if (s.p[i] == '/' && s.p[i + 1] == '.' && s.p[i + 2] == '.' &&
		    (i + 3 == s.n || s.p[i + 3] == '/'))
			return false;
	return true;
}

/* Up to the first component that is exactly `name`; n 0 when there is none. */
static struct slice
find_component(struct slice path, struct slice name)
{
	size_t start = 1;

	while (start < path.n) {
		const char *slash = memchr(path.p + start, '/', path.n - start);
		size_t end = slash ? (size_t)(slash - path.p) : path.n;

		if (slice_equal((struct slice){ path.p + start, end - start }, name))
			return (struct slice){ path.p, end };
		start = end + 1;
	}
	return (struct slice){ path.p, 0 };
}

int
cgroup_parse(struct cgroup_place *ret, struct slice text, uid_t uid)
{
	struct slice line;
	char service[32];

	while (take_line(&text, &line)) {
		struct slice path;

		if (line.n < V2_PREFIX_BYTES || memcmp(line.p, "0::", V2_PREFIX_BYTES) != 0)
			continue;
		path = (struct slice){ line.p + V2_PREFIX_BYTES, line.n - V2_PREFIX_BYTES };
		if (!is_path(path))
			return -EBADMSG;
		(void)snprintf(service, sizeof(service), "user@%u.service", (unsigned int)uid);
		*ret = (struct cgroup_place){ path, find_component(path, slice_of(service)) };
		return 0;
	}
	return -ENOENT;
}

uint64_t
cgroup_event(struct slice text, const char *key)
{
	size_t n = strlen(key);
	struct slice line;

	while (take_line(&text, &line)) {
		uint64_t value = 0;

		if (line.n < n + 2 || memcmp(line.p, key, n) != 0 || line.p[n] != ' ')
			continue;
		for (size_t i = n + 1; i < line.n; i++)
			if (line.p[i] < '0' || line.p[i] > '9' ||
			    __builtin_mul_overflow(value, (uint64_t)10, &value) ||
			    __builtin_add_overflow(value, (uint64_t)(line.p[i] - '0'), &value))
				return 0;
		return value;
	}
	return 0;
}

bool
cgroup_has_word(struct slice text, const char *word)
{
	struct slice wanted = slice_of(word);

	for (size_t i = 0; i < text.n;) {
		size_t end = i;

		while (end < text.n && text.p[end] != ' ' && text.p[end] != '\n')
			end++;
		if (end > i && slice_equal((struct slice){ text.p + i, end - i }, wanted))
			return true;
		i = end + 1;
	}
	return false;
}
