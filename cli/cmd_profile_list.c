/* `profile list`: presets and the user's own profiles. Broken ones are listed with their error. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/cmd_profile.h"
#include "profiles/presets.h"

enum {
	NAME_COLUMNS = 16,
	DESCRIPTION_COLUMNS = 42,
	FILES_MAX = 4096,
};

/* Names of files, sorted, each once. */
struct names {
	char **item;
	size_t count, capacity;
};

static void
names_clear(struct names *n)
{
	for (size_t i = 0; i < n->count; i++)
		mem_free(n->item[i]);
	mem_free(n->item);
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
names_have(const struct names *n, const char *name)
{
	for (size_t i = 0; i < n->count; i++)
		if (str_equal(n->item[i], name))
			return true;
	return false;
}

static int
names_add(struct names *n, char *name)
{
	int r = name ? mem_grow((void **)&n->item, &n->capacity, n->count, sizeof(*n->item))
		     : -ENOMEM;

	if (r < 0)
		mem_free(name);
	else
		n->item[n->count++] = name;
	return r;
}

static int
preset_names(struct names *n)
{
	int r = 0;

	for (size_t i = 0; i < presets_count && r == 0; i++)
		r = names_add(n, mem_strdup(presets_table[i].name));
	if (n->count)
		qsort(n->item, n->count, sizeof(*n->item), compare);
	return r;
}

/* "x" of "x.json" and "x.jsonc". */
static int
add_stem(struct names *n, const char *file)
{
	static const char *const endings[] = { ".json", ".jsonc" };
	char *stem = NULL;

	for (size_t i = 0; i < ARRAY_LEN(endings); i++)
		if (str_ends_with(file, endings[i]) && strlen(file) > strlen(endings[i]) &&
		    file[0] != '.') {
			stem = mem_memdup0(file, strlen(file) - strlen(endings[i]));
			if (!stem)
				return -ENOMEM;
		}
	/* Tests of a profile are none. */
	if (!stem || names_have(n, stem) || str_ends_with(stem, ".test")) {
		mem_free(stem);
		return 0;
	}
	return names_add(n, stem);
}

/* A directory that is not there has no profiles. */
static int
read_names(struct names *n, const char *directory)
{
	DIR *d = opendir(directory);
	const struct dirent *entry;
	int r = 0;

	if (!d)
		return errno == ENOENT ? 0 : -errno;
	while (r == 0 && n->count < FILES_MAX && (entry = readdir(d)) != NULL)
		r = add_stem(n, entry->d_name);
	(void)closedir(d);
	if (n->count)
		qsort(n->item, n->count, sizeof(*n->item), compare);
	return r;
}

static const char *
source_of(const char *name, bool user)
{
	if (!user)
		return "built-in";
	return preset_find(name) ? "user (overrides built-in)" : "user";
}

static void
put_row(struct out *o, const char *name, const struct profile *p, const struct err *failed)
{
	const char *description = p ? node_text(profile_get(p, "meta.description"), "") : "";
	const char *before = " extends ";
	size_t written;

	out_puts(o, "    ");
	written = o->text.n;
	out_text(o, name);
	out_putf(o, "%*s ",
		 (int)(NAME_COLUMNS > o->text.n - written ? NAME_COLUMNS - (o->text.n - written)
							  : 0),
		 "");
	if (!p) {
		out_puts(o, "[error: ");
		out_text(o, failed->text);
		out_puts(o, "]\n");
		return;
	}
	written = o->text.n;
	out_text(o, description);
	for (const struct node *n = node_first(p->extends); n; n = n->next) {
		if (n == node_first(p->extends))
			out_putf(o, "%*s",
				 (int)(DESCRIPTION_COLUMNS > o->text.n - written
					       ? DESCRIPTION_COLUMNS - (o->text.n - written)
					       : 0),
				 "");
		out_puts(o, before);
		out_text(o, node_text(n, ""));
		before = ", ";
	}
	while (o->text.n > 0 && o->text.p[o->text.n - 1] == ' ')
		o->text.p[--o->text.n] = '\0';
	out_puts(o, "\n");
}

static void
json_row(struct json *j, const char *name, bool user, const struct profile *p,
	 const struct err *failed)
{
	json_object(j, NULL);
	json_string(j, "name", name);
	json_string(j, "source", source_of(name, user));
	json_null(j, "pack");
	if (p) {
		json_string(j, "description", node_text(profile_get(p, "meta.description"), ""));
		json_array(j, "extends");
		for (const struct node *n = node_first(p->extends); n; n = n->next)
			json_string(j, NULL, node_text(n, ""));
		json_end(j);
	} else {
		json_string(j, "error", failed->text);
	}
	json_end(j);
}

/* A file whose name is no profile's name can be looked at by its path only. */
static int
reference_of(struct buf *b, const char *directory, const char *name, bool user)
{
	int r = 0;

	if (user && !profile_name_is_valid(name)) {
		r = profile_user_file(b, directory, name);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	return buf_adds(b, name);
}

static int
list_one(struct listing *l, const char *root, const char *name, bool user)
{
	struct policy_notes notes = { 0 };
	autobuf struct buf reference = BUF_INIT;
	struct err failed = ERR_INIT;
	struct profile *p = NULL;
	struct profile_request rq = { .environment = l->environment,
				      .flags = PROFILE_ALONE | PROFILE_QUIET };
	int r = reference_of(&reference, root, name, user);

	if (r < 0)
		return r;
	rq.reference = buf_str(&reference);
	r = profile_load(&p, &rq, &notes, &failed);
	policy_notes_clear(&notes);
	if (r == -ENOMEM)
		return r;
	put_row(&l->out, name, r < 0 ? NULL : p, &failed);
	json_row(&l->j, name, user, r < 0 ? NULL : p, &failed);
	profile_free(p);
	return 0;
}

int
profile_list(struct listing *l, struct err *e)
{
	autobuf struct buf root = BUF_INIT, directory = BUF_INIT;
	struct names user = { NULL, 0, 0 }, presets = { NULL, 0, 0 };
	size_t count;
	int r;

	r = profile_config_root(&root, l->environment, e);
	if (r < 0)
		return r;
	r = buf_addf(&directory, "%s/profiles", buf_str(&root));
	if (r == 0)
		r = read_names(&user, buf_str(&directory));
	if (r < 0) {
		r = err_set_errno(e, r, "cannot read '%s'", buf_str(&directory));
		goto out;
	}
	r = preset_names(&presets);
	if (r < 0) {
		r = err_set(e, r, "out of memory");
		goto out;
	}
	count = user.count;
	for (size_t i = 0; i < presets.count; i++)
		count += !names_have(&user, presets.item[i]);
	listing_title(l, "%zu profiles", count);
	json_array(&l->j, NULL);
	out_puts(&l->out, "\n  Built-in:\n");
	for (size_t i = 0; i < presets.count && r == 0; i++)
		if (!names_have(&user, presets.item[i]))
			r = list_one(l, buf_str(&root), presets.item[i], false);
	if (user.count) {
		out_puts(&l->out, "\n  User (");
		out_text(&l->out, buf_str(&directory));
		out_puts(&l->out, "):\n");
	}
	for (size_t i = 0; i < user.count && r == 0; i++)
		r = list_one(l, buf_str(&root), user.item[i], true);
	json_end(&l->j);
	if (r < 0)
		r = err_set_errno(e, r, "cannot list the profiles");
out:
	names_clear(&user);
	names_clear(&presets);
	return r;
}
