/* profiles/user_groups.h */
#include "profiles/user_groups.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/group_reader.h"
#include "profiles/locate.h"
#include "profiles/place.h"
#include "profiles/system_policy.h"

enum { NAME_BYTES_MAX = 64 };

struct load {
	struct group_reader reader;
	struct user_groups *ret;
	const char *root, *directory;
};

static int
fail_memory(struct load *l)
{
	return err_set(l->reader.e, -ENOMEM, "out of memory");
}

static int
check_name(struct load *l, const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n > NAME_BYTES_MAX ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != n)
		return err_set(
			l->reader.e, -EINVAL,
			"Configuration parse error: policy group %s: the name of a group has "
			"letters, digits, '_' and '-'; rename the file",
			l->reader.file);
	if (group_find(name) || group_renamed(name))
		return err_set(l->reader.e, -EEXIST,
			       "Configuration parse error: policy group %s: a group of this name "
			       "comes with nono; rename the file",
			       l->reader.file);
	return 0;
}

static int
take_text(struct group_reader *l, struct group *g, struct slice text)
{
	struct node *tree = NULL;
	int r = group_reader_parse(l, &tree, text);

	return r < 0 ? r : group_read(l, g, tree);
}

int
user_group_parse(struct group *ret, struct pool *pool, struct slice text, const char *file,
		 char *const *environment, struct err *e)
{
	struct group_reader l = { .pool = pool,
				  .environment = environment,
				  .what = "policy group",
				  .file = file,
				  .e = e };

	*ret = (struct group){ .name = file };
	return take_text(&l, ret, text);
}

static int
load_file(struct load *l, const char *name)
{
	struct user_group *u = &l->ret->item[l->ret->count];
	autobuf struct buf text = BUF_INIT;
	const char *doubt = NULL;
	int r;

	if ((r = check_name(l, name)) < 0)
		return r;
	r = locate_read(&text, l->reader.pool, l->reader.file, l->root, true, &doubt);
	if (r == -ENOMEM)
		return fail_memory(l);
	if (r < 0)
		return err_set_errno(l->reader.e, r, "Configuration parse error: policy group %s",
				     l->reader.file);
	if (doubt)
		return err_set(l->reader.e, -EPERM,
			       "Configuration parse error: policy group %s: others can change it: "
			       "%s; take their write access away (chmod go-w)",
			       l->reader.file, doubt);
	u->file = l->reader.file;
	u->group.name = name;
	if ((r = take_text(&l->reader, &u->group, (struct slice){ text.p, text.n })) < 0)
		return r;
	l->ret->count++;
	return 0;
}

/* ---- all of them ---- */

static int
is_group_file(const struct dirent *entry)
{
	return group_file_stem(entry->d_name) > 0;
}

static int
fail_twice(struct load *l, const struct group *other)
{
	if (other->system_file)
		return err_set(l->reader.e, -EEXIST,
			       "Configuration parse error: policy group %s: the system's policy %s "
			       "has a group of this name; rename the file",
			       l->reader.file, other->system_file);
	return err_set(l->reader.e, -EEXIST,
		       "Configuration parse error: policy group %s: there is another file for the "
		       "same name; remove one",
		       l->reader.file);
}

static int
load_listed(struct load *l, struct dirent **list, int count)
{
	struct user_group *item;
	int r = 0;

	if (count > USER_GROUPS_MAX)
		return err_set(l->reader.e, -E2BIG,
			       "Configuration parse error: more than %d policy groups in %s",
			       USER_GROUPS_MAX, l->directory);
	item = pool_alloc(l->reader.pool, (l->ret->count + (size_t)count + 1) * sizeof(*item));
	if (!item)
		return fail_memory(l);
	for (size_t i = 0; i < l->ret->count; i++)
		item[i] = l->ret->item[i];
	l->ret->item = item;
	for (int i = 0; i < count && r == 0; i++) {
		size_t n = group_file_stem(list[i]->d_name);
		const char *name = pool_add(l->reader.pool, list[i]->d_name, n);
		autobuf struct buf path = BUF_INIT;

		if (!name || buf_addf(&path, "%s/%s", l->directory, list[i]->d_name) < 0 ||
		    !(l->reader.file = pool_take(l->reader.pool, &path)))
			return fail_memory(l);
		if (user_groups_find(l->ret, name))
			return fail_twice(l, user_groups_find(l->ret, name));
		r = load_file(l, name);
	}
	return r;
}

int
user_groups_load(struct user_groups *ret, struct pool *pool, char *const *environment,
		 struct err *e)
{
	struct load l = { .reader = { .pool = pool,
				      .environment = environment,
				      .what = "policy group",
				      .e = e },
			  .ret = ret };
	autobuf struct buf root = BUF_INIT, directory = BUF_INIT;
	struct dirent **list = NULL;
	int count, r;

	*ret = (struct user_groups){ 0 };
	if ((r = system_policy_load(ret, pool, environment, e)) < 0 ||
	    (r = place_config(&root, environment, e)) < 0)
		return r;
	if (path_join(&directory, buf_str(&root), "groups") < 0 ||
	    !(l.root = pool_take(pool, &root)) || !(l.directory = pool_take(pool, &directory)))
		return fail_memory(&l);
	count = scandir(l.directory, &list, is_group_file, alphasort);
	/* Inside a sandbox it may be out of reach: what holds there was decided outside. */
	if (count == -1 && (errno_is_missing(-errno) || errno_is_denied(-errno)))
		return 0;
	if (count == -1)
		return err_set_errno(e, -errno, "Configuration parse error: policy groups in %s",
				     l.directory);
	r = load_listed(&l, list, count);
	for (int i = 0; i < count; i++)
		free(list[i]);
	free(list);
	return r;
}
