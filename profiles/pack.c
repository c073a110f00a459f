/*
 * Profiles of installed packs (spec 03 5.2): <cfg>/packages/NAMESPACE/PACK with a manifest
 * package.json and profiles/NAME.json. Packs are looked at in the order of their names, so that
 * two machines with the same packs choose the same one. What the manifest says is only a name to
 * look for: whether a pack may be used is decided when it is verified, before a start.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/json.h"
#include "profiles/locate.h"
#include "profiles/profile.h"

struct pack_search {
	struct pool pool; /* of manifests */
	const char *root; /* <cfg>/packages */
	const char *name; /* of a profile, or NULL: the pack's first one */
	struct pack_found *found;
};

static int
is_visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static struct node *
read_manifest(struct pack_search *s, const char *directory)
{
	autobuf struct buf path = BUF_INIT, text = BUF_INIT;
	struct node *manifest = NULL;
	autofd int fd = -1;

	if (path_join(&path, directory, "package.json") < 0)
		return NULL;
	fd = open(buf_str(&path), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1 || buf_read_fd(&text, fd, JSON_BYTES_MAX) < 0 ||
	    json_parse(&manifest, &s->pool, (struct slice){ text.p, text.n }, NULL, 0, NULL, NULL) <
		    0)
		return NULL;
	return manifest;
}

static bool
offers(const struct pack_search *s, const struct node *artifact)
{
	const char *installed = node_text(node_find(artifact, "install_as"), "");

	if (!str_equal(node_text(node_find(artifact, "type"), ""), "profile") ||
	    !profile_name_is_valid(installed))
		return false;
	return !s->name || str_equal(installed, s->name) ||
	       node_item(node_find(artifact, "aliases"), s->name);
}

/* 1 when this pack has the profile, 0 when not, -ENOMEM. */
static int
look_into(struct pack_search *s, const char *namespace, const char *pack)
{
	autobuf struct buf directory = BUF_INIT;
	const struct node *artifact;
	struct stat st;

	if (buf_addf(&directory, "%s/%s/%s", s->root, namespace, pack) < 0)
		return -ENOMEM;
	artifact = node_first(node_find(read_manifest(s, buf_str(&directory)), "artifacts"));
	for (; artifact; artifact = artifact->next) {
		autobuf struct buf path = BUF_INIT;

		if (!offers(s, artifact))
			continue;
		if (buf_addf(&path, "%s/profiles/%s.json", buf_str(&directory),
			     node_text(node_find(artifact, "install_as"), "")) < 0)
			return -ENOMEM;
		if (stat(buf_str(&path), &st) == -1 || !S_ISREG(st.st_mode))
			continue;
		if (s->found->count++ > 0)
			return buf_addf(&s->found->others, ", %s/%s", namespace, pack) < 0 ? -ENOMEM
											   : 1;
		if (buf_addf(&s->found->pack, "%s/%s", namespace, pack) < 0 ||
		    buf_adds(&s->found->path, buf_str(&path)) < 0)
			return -ENOMEM;
		return 1;
	}
	return 0;
}

static int
look_into_namespace(struct pack_search *s, const char *namespace)
{
	autobuf struct buf directory = BUF_INIT;
	struct dirent **packs;
	int n, r = 0;

	if (path_join(&directory, s->root, namespace) < 0)
		return -ENOMEM;
	n = scandir(buf_str(&directory), &packs, is_visible, alphasort);
	for (int i = 0; i < n; i++) {
		if (r >= 0)
			r = look_into(s, namespace, packs[i]->d_name);
		free(packs[i]);
	}
	if (n >= 0)
		free(packs);
	return r < 0 ? r : 0;
}

static int
look_everywhere(struct pack_search *s)
{
	struct dirent **namespaces;
	int n = scandir(s->root, &namespaces, is_visible, alphasort), r = 0;

	for (int i = 0; i < n; i++) {
		if (r >= 0)
			r = look_into_namespace(s, namespaces[i]->d_name);
		free(namespaces[i]);
	}
	if (n >= 0)
		free(namespaces);
	return r;
}

/* NAMESPACE/PACK[@VERSION]: the version is looked at when the pack is verified. */
static int
look_for_pack(struct pack_search *s, const char *reference)
{
	const char *slash = strchr(reference, '/'), *at = strchr(reference, '@');
	size_t n = at ? (size_t)(at - slash) - 1 : strlen(slash + 1);
	const char *namespace = pool_add(&s->pool, reference, (size_t)(slash - reference));
	const char *pack = pool_add(&s->pool, slash + 1, n);
	int r = namespace && pack ? look_into(s, namespace, pack) : -ENOMEM;

	return r < 0 ? r : 0;
}

int
pack_find(struct pack_found *ret, const char *config_root, const char *reference)
{
	autobuf struct buf root = BUF_INIT;
	struct pack_search s = { .found = ret };
	int r;

	if (path_join(&root, config_root, "packages") < 0)
		return -ENOMEM;
	s.root = buf_str(&root);
	if (strchr(reference, '/')) {
		r = look_for_pack(&s, reference);
	} else {
		s.name = reference;
		r = look_everywhere(&s);
	}
	pool_clear(&s.pool);
	return r < 0 ? r : ret->count > 0;
}

void
pack_found_clear(struct pack_found *f)
{
	buf_clear(&f->path);
	buf_clear(&f->pack);
	buf_clear(&f->others);
}
