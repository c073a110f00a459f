/*
 * The mount table and what is computed from it. Input: the text of mountinfo, a NUL, a path. The
 * parsers of passwd lines and of program heads run on the same bytes.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "profiles/internal.h"

enum { TABLE_MAX = 32 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
inside(struct slice part, struct slice whole)
{
	return part.p >= whole.p && part.n <= whole.n &&
	       (size_t)(part.p - whole.p) <= whole.n - part.n;
}

static void
check_heads(struct slice head)
{
	struct interpreter script = interpreter_of_script(head), elf = interpreter_of_elf(head);
	struct slice home;

	if (script.kind != INTERPRETER_NONE && (!inside(script.name, head) || !script.name.n))
		abort();
	if (elf.kind != INTERPRETER_NONE && (!inside(elf.name, head) || !elf.name.n))
		abort();
	if (passwd_home(head, 0, &home) && (!inside(home, head) || home.p[0] != '/'))
		abort();
}

static char *
unescaped(struct slice field)
{
	autobuf struct buf b = BUF_INIT;

	if (mountinfo_unescape(&b, field) < 0 || buf_str(&b)[0] != '/')
		return NULL;
	return buf_take(&b);
}

static size_t
read_table(struct slice rest, struct mount *mounts)
{
	struct mount_line line;
	size_t count = 0;

	while (count < TABLE_MAX && mountinfo_next(&rest, &line) == 1) {
		struct mount *m = &mounts[count];

		*m = (struct mount){ line.id,	 line.parent,	       line.major,
				     line.minor, unescaped(line.root), unescaped(line.point) };
		if (m->root && m->point) {
			count++;
			continue;
		}
		free((void *)(uintptr_t)m->root);
		free((void *)(uintptr_t)m->point);
	}
	return count;
}

static void
check_table(const struct mount *mounts, size_t count, const char *path)
{
	long found = mounts_find(mounts, count, path);

	if (found >= (long)count || (found >= 0 && !path_is_beneath(path, mounts[found].point)))
		abort();
	for (size_t i = 0; found >= 0 && i < count; i++) {
		autobuf struct buf seen = BUF_INIT;
		int r = mounts_alias(&seen, &mounts[found], &mounts[i], path);

		if (r < 0 || (r == 1 && !path_is_beneath(buf_str(&seen), mounts[i].point)))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mount mounts[TABLE_MAX];
	char *text = malloc(size + 1), *path;
	size_t n, count;

	if (!text)
		abort();
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	n = strlen(text);
	check_heads((struct slice){ text, size });
	path = n < size ? text + n + 1 : text;
	count = read_table((struct slice){ text, n }, mounts);
	if (path[0] == '/')
		check_table(mounts, count, path);
	for (size_t i = 0; i < count; i++) {
		free((void *)(uintptr_t)mounts[i].root);
		free((void *)(uintptr_t)mounts[i].point);
	}
	free(text);
	return 0;
}
