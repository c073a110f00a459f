/* profiles/system_policy.h */
#include "profiles/system_policy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/hooks.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/group_reader.h"
#include "profiles/internal.h"
#include "profiles/user_groups.h"

enum { NAME_BYTES_MAX = 64 };

#define WHAT "system policy"

static int
fail_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "out of memory");
}

/* ---- one text ---- */

static bool
is_name(const char *name, const char *others)
{
	size_t n = strlen(name);

	if (n == 0 || n > NAME_BYTES_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!(name[i] >= 'a' && name[i] <= 'z') && !(name[i] >= 'A' && name[i] <= 'Z') &&
		    !(name[i] >= '0' && name[i] <= '9') && !strchr(others, name[i]))
			return false;
	return true;
}

static int
fail_key(struct group_reader *l, const struct node *n, const char *text)
{
	return err_set(l->e, -EBADMSG, "Configuration parse error: " WHAT " %s:%u:%u: %s '%s'",
		       l->file, n->key_line, n->key_column, text, n->key);
}

static int
take_group(struct group_reader *l, struct group *g, const struct node *n)
{
	const struct node *required = node_find(n, "required");

	if (!is_name(n->key, "_-"))
		return fail_key(l, n,
				"the name of a group has letters, digits, '_' and '-', which are "
				"missing here:");
	if (group_find(n->key) || group_renamed(n->key))
		return fail_key(l, n, "a group of this name comes with nono; rename it:");
	*g = (struct group){ .name = n->key };
	if (required && !node_is_true(required))
		return group_reader_fail(l, required,
					 "every group of the system's policy is required; remove "
					 "this key");
	return group_read(l, g, n);
}

static int
take_groups(struct group_reader *l, struct system_text *t, const struct node *groups)
{
	int r = 0;

	if (groups && !node_is(groups, NODE_OBJECT))
		return group_reader_fail(l, groups, "an object is needed");
	if (groups && groups->count > SYSTEM_POLICY_GROUPS_MAX)
		return group_reader_fail(l, groups, "these are too many groups");
	for (const struct node *n = node_first(groups); n && r == 0; n = n->next)
		r = take_group(l, &t->group[t->groups++], n);
	return r;
}

/* What "deny" lists is a group that cannot be named by anybody: no group has a ':' in its name. */
static int
take_denied(struct group_reader *l, struct system_text *t, const struct node *list,
	    const char *name, const char *description)
{
	struct group *g = &t->group[t->groups];
	autobuf struct buf b = BUF_INIT;

	if (!list)
		return 0;
	if (buf_addf(&b, "system:%s", name) < 0)
		return fail_memory(l->e);
	*g = (struct group){ .name = pool_take(l->pool, &b),
			     .description = description,
			     .linux_group = true };
	if (!g->name)
		return fail_memory(l->e);
	t->groups++;
	return group_read_denied(l, list, &g->deny, &g->deny_count);
}

static int
take_settings(struct group_reader *l, struct system_text *t, const struct node *tree)
{
	const struct node *forbid = node_find(tree, "forbid_bypass");
	const struct node *network = node_find(tree, "max_network");

	if (forbid && !node_is(forbid, NODE_BOOL))
		return group_reader_fail(l, forbid, "true or false is needed");
	t->forbid_bypass = node_is_true(forbid);
	if (!network)
		return 0;
	if (str_equal(node_text(network, ""), "blocked"))
		t->network = NETWORK_LIMIT_BLOCKED;
	else if (str_equal(node_text(network, ""), "proxy"))
		t->network = NETWORK_LIMIT_PROXY;
	else
		return group_reader_fail(l, network, "\"blocked\" or \"proxy\" is needed");
	return 0;
}

int
system_policy_parse(struct system_text *ret, struct pool *pool, struct slice text, const char *file,
		    const char *name, char *const *environment, struct err *e)
{
	struct group_reader l = {
		.pool = pool, .environment = environment, .what = WHAT, .file = file, .e = e
	};
	const struct node *groups, *description;
	struct node *tree = NULL;
	int r = group_reader_parse(&l, &tree, text);

	*ret = (struct system_text){ 0 };
	if (r < 0 || (r = group_reader_keys(
			      &l, tree, "description groups deny forbid_bypass max_network")) < 0)
		return r;
	groups = node_find(tree, "groups");
	description = node_find(tree, "description");
	if (description && !node_is(description, NODE_STRING))
		return group_reader_fail(&l, description, "a string is needed");
	ret->group = pool_alloc(pool, ((groups ? groups->count : 0) + 1) * sizeof(*ret->group));
	if (!ret->group)
		return fail_memory(e);
	if ((r = take_groups(&l, ret, groups)) < 0 ||
	    (r = take_denied(&l, ret, node_find(tree, "deny"), name, node_text(description, ""))) <
		    0 ||
	    (r = take_settings(&l, ret, tree)) < 0)
		return r;
	for (size_t i = 0; i < ret->groups; i++) {
		ret->group[i].required = true;
		ret->group[i].system_file = file;
	}
	return 0;
}

/* ---- whose it is ---- */

struct loading {
	struct user_groups *ret;
	struct pool *pool;
	char *const *environment;
	size_t capacity; /* of ret->item */
	struct err *e;
};

/* Root; in a test build whose directory is another one, whoever runs the test. */
static uid_t
trusted_owner(void)
{
	return hook_policy_directory() ? geteuid() : 0;
}

static int
fail_trust(struct loading *l, const char *path, const char *reason, const char *step)
{
	return err_set(l->e, -EPERM,
		       "Configuration parse error: " WHAT " %s: %s; %s (nothing is started while "
		       "it cannot be trusted)",
		       path, reason, step);
}

static int
check_owner(struct loading *l, const char *path, const struct stat *st)
{
	char owner[64];

	if (st->st_uid != trusted_owner()) {
		(void)snprintf(owner, sizeof(owner), "it belongs to user %lu, not to root",
			       (unsigned long)st->st_uid);
		return fail_trust(l, path, owner, "as root: chown root");
	}
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return fail_trust(l, path, "others than root can write it", "as root: chmod go-w");
	return 0;
}

/* Who can write a directory above can put another one into its place. */
static int
check_parents(struct loading *l, const char *directory)
{
	autobuf struct buf above = BUF_INIT;
	int r = hook_policy_directory() ? 0 : buf_adds(&above, directory);

	if (r < 0)
		return fail_memory(l->e);
	while (above.n > 1) {
		const char *slash = strrchr(buf_str(&above), '/');
		struct stat st;

		above.n = slash == above.p ? 1 : (size_t)(slash - above.p);
		above.p[above.n] = '\0';
		if (lstat(buf_str(&above), &st) == -1)
			return err_set_errno(l->e, -errno,
					     "Configuration parse error: " WHAT " %s: cannot look "
					     "at it",
					     buf_str(&above));
		if (!S_ISDIR(st.st_mode))
			return fail_trust(l, buf_str(&above), "it is no directory",
					  "symbolic links are not followed here");
		if ((r = check_owner(l, buf_str(&above), &st)) < 0)
			return r;
	}
	return 0;
}

/* ---- files ---- */

static int
is_policy_file(const struct dirent *entry)
{
	return group_file_stem(entry->d_name) > 0;
}

static int
fail_file(struct loading *l, const char *path, int r)
{
	if (r == -ELOOP)
		return fail_trust(l, path, "it is a symbolic link", "put the file itself there");
	return err_set(l->e, r,
		       "Configuration parse error: " WHAT " %s: %s; nothing is started while it "
		       "cannot be read",
		       path, r == -EFBIG ? "larger than 1 MiB" : strerror(-r));
}

static int
read_file(struct loading *l, struct buf *text, int directory, const char *name, const char *path)
{
	/* Not a pipe that waits for a writer. */
	autofd int fd = openat(directory, name,
			       O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
	struct stat st;
	int r;

	if (fd == -1 || fstat(fd, &st) == -1)
		return fail_file(l, path, -errno);
	if (!S_ISREG(st.st_mode))
		return fail_trust(l, path, "it is no regular file", "remove it");
	if ((r = check_owner(l, path, &st)) < 0)
		return r;
	r = buf_read_fd(text, fd, JSON_BYTES_MAX);
	return r < 0 ? fail_file(l, path, r) : 0;
}

static int
add_group(struct loading *l, const struct group *g, const char *path)
{
	struct user_groups *all = l->ret;

	for (size_t i = 0; i < all->count; i++)
		if (str_equal(all->item[i].group.name, g->name))
			return err_set(l->e, -EEXIST,
				       "Configuration parse error: " WHAT " %s: group '%s' is also "
				       "in %s; rename one",
				       path, g->name, all->item[i].file);
	if (all->count == SYSTEM_POLICY_GROUPS_MAX)
		return err_set(l->e, -E2BIG,
			       "Configuration parse error: " WHAT " %s: more than %d groups in "
			       "all files; join some of them",
			       path, SYSTEM_POLICY_GROUPS_MAX);
	all->item[all->count++] = (struct user_group){ *g, path };
	return 0;
}

/* The strictest of all files holds. */
static int
join(struct loading *l, const struct system_text *t, const char *path)
{
	struct system_policy *s = &l->ret->system;
	int r = 0;

	for (size_t i = 0; i < t->groups && r == 0; i++)
		r = add_group(l, &t->group[i], path);
	if (t->forbid_bypass && !s->forbid_bypass)
		s->forbid_bypass = path;
	if (t->network > s->network) {
		s->network = t->network;
		s->network_file = path;
	}
	s->files++;
	return r;
}

static int
load_file(struct loading *l, int directory, const char *name)
{
	autobuf struct buf text = BUF_INIT, b = BUF_INIT;
	const char *stem = pool_add(l->pool, name, group_file_stem(name)), *path;
	struct system_text t;
	int r;

	if (path_join(&b, system_policy_directory(), name) < 0 || !stem ||
	    !(path = pool_take(l->pool, &b)))
		return fail_memory(l->e);
	if (!is_name(stem, "_-."))
		return err_set(l->e, -EINVAL,
			       "Configuration parse error: " WHAT " %s: its name has letters, "
			       "digits, '_', '-' and '.'; rename the file",
			       path);
	if ((r = read_file(l, &text, directory, name, path)) < 0)
		return r;
	r = system_policy_parse(&t, l->pool, (struct slice){ text.p, text.n }, path, stem,
				l->environment, l->e);
	return r < 0 ? r : join(l, &t, path);
}

static int
load_listed(struct loading *l, int directory, struct dirent **list, int count)
{
	int r = 0;

	if (count > SYSTEM_POLICY_FILES_MAX)
		return err_set(l->e, -E2BIG,
			       "Configuration parse error: " WHAT " %s: more than %d files; join "
			       "some of them",
			       system_policy_directory(), SYSTEM_POLICY_FILES_MAX);
	if (count == 0)
		return 0;
	l->ret->item = pool_alloc(l->pool, SYSTEM_POLICY_GROUPS_MAX * sizeof(*l->ret->item));
	if (!l->ret->item)
		return fail_memory(l->e);
	for (int i = 0; i < count && r == 0; i++)
		r = load_file(l, directory, list[i]->d_name);
	return r;
}

/*
 * Inside of a session of ours /etc/nono cannot be read. What it says was decided outside, and nothing
 * in here can have more. Modes would have let us read it: somebody who is only not allowed to is
 * refused as always.
 */
static bool
is_inside_session(const struct loading *l, const char *directory)
{
	return environment_get(l->environment, "NONO_SANDBOXED") &&
	       faccessat(AT_FDCWD, directory, R_OK | X_OK, AT_EACCESS) == 0;
}

static int
fail_directory(struct loading *l, const char *path, int r)
{
	return err_set_errno(l->e, r,
			     "Configuration parse error: " WHAT " %s: nothing is started while it "
			     "cannot be read, which every user must be able to do",
			     path);
}

int
system_policy_load(struct user_groups *ret, struct pool *pool, char *const *environment,
		   struct err *e)
{
	struct loading l = { .ret = ret, .pool = pool, .environment = environment, .e = e };
	const char *directory = system_policy_directory();
	autofd int fd = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct dirent **list = NULL;
	struct stat st;
	int count, r;

	if (fd == -1 && errno == ENOENT)
		return 0;
	if (fd == -1 && errno == EACCES && is_inside_session(&l, directory))
		return 0;
	if (fd == -1 || fstat(fd, &st) == -1)
		return fail_directory(&l, directory, -errno);
	if ((r = check_parents(&l, directory)) < 0 || (r = check_owner(&l, directory, &st)) < 0)
		return r;
	count = scandirat(fd, ".", &list, is_policy_file, alphasort);
	if (count == -1)
		return fail_directory(&l, directory, -errno);
	r = load_listed(&l, fd, list, count);
	for (int i = 0; i < count; i++)
		free(list[i]);
	free(list);
	return r;
}
