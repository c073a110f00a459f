/*
 * <state>/profile-seen/NAME.json: {"version": 1, "profile", "sha256", "form", "previous"}. The time of
 * the file is that of the last start. NAME is a hash, because a profile may be named by a path.
 */
#include "cli/profile_seen.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "profiles/canonical.h"
#include "profiles/json.h"
#include "profiles/store.h"

#define SEEN_DIRECTORY "profile-seen"

enum {
	SEEN_BYTES_MAX = 4 << 20,
	SEEN_FILES_MAX = 256,
	NAME_DIGITS = 32,
};

struct seen {
	struct pool *pool;
	const struct profile *p;
	const char *directory;
	char name[NAME_DIGITS + sizeof(".json")];
	char hash[SHA256_HEX_MAX];
	struct node *form; /* of the profile, as it is kept */
	struct node *kept; /* what the file says, or NULL */
	time_t when;	   /* of the last start */
	bool only_compare; /* whether it is the same; `kept` only where it is not */
	bool same;
};

/* The name of a profile in files of the user's own, else the file. */
static const char *
identity(const struct profile *p, char path[PATH_MAX])
{
	if (p->source && p->source->kind == PROFILE_FROM_PATH && realpath(p->shown, path))
		return path;
	return p->name;
}

static void
name_file(struct seen *s)
{
	unsigned char value[SHA256_BYTES];
	char path[PATH_MAX], hex[SHA256_HEX_MAX];
	const char *id = identity(s->p, path);
	struct sha256 h;

	sha256_init(&h);
	sha256_add(&h, id, strlen(id));
	sha256_end(&h, value);
	sha256_hex(hex, value);
	(void)snprintf(s->name, sizeof(s->name), "%.*s.json", NAME_DIGITS, hex);
}

static int
make_form(struct seen *s)
{
	int r;

	s->form = profile_canonical(s->pool, s->p);
	if (!s->form)
		return -ENOMEM;
	if ((r = canonical_hash(s->hash, s->form)) < 0)
		return r;
	return canonical_mask(s->pool, s->form);
}

/*
 * Nearly every start meets the form that it met before. The hash stands before it, and before everything
 * that a profile could hold: the rest need not be read for that, at some hundred entries a start.
 */
static bool
begins_with_hash(const struct seen *s, const struct buf *text)
{
	static const char key[] = "\"sha256\": \"";
	const size_t n = strlen(s->hash);
	const char *at = text->p ? strstr(text->p, key) : NULL;
	const char *form = text->p ? strstr(text->p, "\"form\"") : NULL;

	if (!at || !form || at > form)
		return false;
	at += sizeof(key) - 1;
	return strncmp(at, s->hash, n) == 0 && at[n] == '"';
}

/* What is not nono's own writing is as good as nothing. */
static int
read_kept(struct seen *s)
{
	autobuf struct buf path = BUF_INIT, text = BUF_INIT;
	struct stat st;
	int r;

	if (buf_addf(&path, "%s/%s", s->directory, s->name) < 0)
		return -ENOMEM;
	r = store_read(&text, buf_str(&path), SEEN_BYTES_MAX);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	s->same = s->only_compare && begins_with_hash(s, &text);
	if (s->same)
		return 0;
	if (stat(buf_str(&path), &st) == 0)
		s->when = st.st_mtim.tv_sec;
	r = json_parse(&s->kept, s->pool, (struct slice){ text.p, text.n }, NULL, JSON_PLAIN, NULL,
		       NULL);
	if (r == -ENOMEM)
		return r;
	if (r < 0 || !node_is(node_find(s->kept, "form"), NODE_OBJECT) ||
	    !node_text(node_find(s->kept, "sha256"), NULL))
		s->kept = NULL;
	return 0;
}

static int
open_seen(struct seen *s, const struct profile *p, const char *state)
{
	autobuf struct buf directory = BUF_INIT;
	int r;

	s->p = p;
	if (buf_addf(&directory, "%s/" SEEN_DIRECTORY, state) < 0 ||
	    !(s->directory = pool_take(s->pool, &directory)))
		return -ENOMEM;
	name_file(s);
	r = make_form(s);
	return r < 0 ? r : read_kept(s);
}

static bool
is_same(const struct seen *s)
{
	return s->same ||
	       (s->kept && str_equal(node_text(node_find(s->kept, "sha256"), ""), s->hash));
}

/* ---- what is told ---- */

struct kind {
	const char *one, *many;
	const char *lists[7]; /* up to NULL; an object counts by its members */
};

static const struct kind kinds[] = {
	{ "grant",
	  "grants",
	  { "filesystem.allow", "filesystem.read", "filesystem.write", "filesystem.allow_file",
	    "filesystem.read_file", "filesystem.write_file", NULL } },
	{ "socket",
	  "sockets",
	  { "filesystem.unix_socket", "filesystem.unix_socket_bind", "filesystem.unix_socket_dir",
	    "filesystem.unix_socket_dir_bind", "filesystem.unix_socket_subtree",
	    "filesystem.unix_socket_subtree_bind", NULL } },
	{ "deny", "denies", { "filesystem.deny", NULL } },
	{ "lifted protection", "lifted protections", { "filesystem.bypass_protection", NULL } },
	{ "group", "groups", { "groups.include", NULL } },
	{ "excluded group", "excluded groups", { "groups.exclude", NULL } },
	{ "domain", "domains", { "network.allow_domain", NULL } },
	{ "port",
	  "ports",
	  { "network.open_port", "network.listen_port", "network.connect_port", NULL } },
	{ "credential", "credentials", { "network.credentials", "env_credentials", NULL } },
	{ "variable", "variables", { "environment.set_vars", NULL } },
	{ "session hook", "session hooks", { "session_hooks", NULL } },
};

static bool
has_entry(const struct node *list, const struct node *entry)
{
	for (const struct node *n = node_first(list); n; n = n->next)
		if (node_equal(n, entry) &&
		    (!entry->key || (n->key && str_equal(n->key, entry->key))))
			return true;
	return false;
}

/* How many of `a` are not in `b`. */
static unsigned int
count_missing(const struct node *a, const struct node *b)
{
	unsigned int count = 0;

	for (const struct node *n = node_first(a); n; n = n->next)
		count += !has_entry(b, n);
	return count;
}

static int
add_count(struct buf *b, char sign, unsigned int count, const struct kind *kind)
{
	if (count == 0)
		return 0;
	return buf_addf(b, "%s%c%u %s", b->n ? ", " : "", sign, count,
			count == 1 ? kind->one : kind->many);
}

/* "+2 grants, -1 deny"; what is counted is taken out of both forms. */
static int
count_changes(struct buf *b, struct node *old, struct node *new)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(kinds) && r == 0; i++) {
		unsigned int added = 0, removed = 0;

		for (size_t k = 0; kinds[i].lists[k]; k++) {
			struct node *x = node_at(old, kinds[i].lists[k]);
			struct node *y = node_at(new, kinds[i].lists[k]);

			added += count_missing(y, x);
			removed += count_missing(x, y);
			if (x)
				*x = (struct node){ .next = x->next,
						    .key = x->key,
						    .kind = NODE_NULL };
			if (y)
				*y = (struct node){ .next = y->next,
						    .key = y->key,
						    .kind = NODE_NULL };
		}
		if ((r = add_count(b, '+', added, &kinds[i])) == 0)
			r = add_count(b, '-', removed, &kinds[i]);
	}
	return r;
}

/* Is anything left that differs? An absent key is as good as one without a value. */
static bool
differ(const struct node *a, const struct node *b)
{
	bool x = node_is(a, NODE_OBJECT), y = node_is(b, NODE_OBJECT);

	if (!x && !y) {
		bool none_a = !a || node_is(a, NODE_NULL) || (node_is(a, NODE_ARRAY) && !a->first);
		bool none_b = !b || node_is(b, NODE_NULL) || (node_is(b, NODE_ARRAY) && !b->first);

		return none_a || none_b ? none_a != none_b : !node_equal(a, b);
	}
	for (const struct node *n = node_first(x ? a : NULL); n; n = n->next)
		if (differ(n, node_find(y ? b : NULL, n->key)))
			return true;
	for (const struct node *n = node_first(y ? b : NULL); n; n = n->next)
		if (!node_find(x ? a : NULL, n->key) && differ(NULL, n))
			return true;
	return false;
}

static int
tell(struct seen *s, struct policy_notes *notes)
{
	struct node *old = node_copy(s->pool, node_find(s->kept, "form"));
	struct node *new = node_copy(s->pool, s->form);
	autobuf struct buf changes = BUF_INIT, text = BUF_INIT;
	char date[sizeof("0000-00-00")];
	struct tm day;
	int r;

	if (!old || !new)
		return -ENOMEM;
	if (!localtime_r(&s->when, &day) || strftime(date, sizeof(date), "%Y-%m-%d", &day) == 0)
		date[0] = '\0';
	r = count_changes(&changes, old, new);
	if (r == 0 && differ(old, new))
		r = buf_addf(&changes, "%sother settings", changes.n ? ", " : "");
	if (r == 0)
		r = buf_addf(&text,
			     "profile '%s' changed since last run (%s): %s; see nono profile diff "
			     "--last %s",
			     s->p->name, date, buf_str(&changes), s->p->name);
	return r < 0 ? r : policy_notes_add(notes, POLICY_NOTE_NOTICE, buf_str(&text));
}

/* ---- what is kept ---- */

/* Of more profiles than anybody has, the one that was used longest ago is forgotten. */
static void
forget_oldest(const char *directory)
{
	char oldest[NAME_MAX + 1] = "";
	struct timespec when = { 0, 0 };
	const struct dirent *entry;
	size_t files = 0;
	DIR *dir = opendir(directory);

	while (dir && (entry = readdir(dir))) {
		struct stat st;

		if (!str_ends_with(entry->d_name, ".json") ||
		    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1)
			continue;
		if (files++ == 0 || st.st_mtim.tv_sec < when.tv_sec) {
			when = st.st_mtim;
			(void)snprintf(oldest, sizeof(oldest), "%s", entry->d_name);
		}
	}
	if (dir && files > SEEN_FILES_MAX)
		(void)unlinkat(dirfd(dir), oldest, 0);
	if (dir)
		(void)closedir(dir);
}

static int
write_kept(struct seen *s)
{
	autobuf struct buf text = BUF_INIT;
	struct json j = JSON_INIT(&text);
	char path[PATH_MAX];
	int r;

	json_object(&j, NULL);
	json_number(&j, "version", 1);
	json_bytes(&j, "profile", identity(s->p, path));
	json_string(&j, "sha256", s->hash);
	node_write(&j, "form", s->form);
	if (s->kept)
		node_write(&j, "previous", node_find(s->kept, "form"));
	json_end(&j);
	if ((r = json_finish(&j)) < 0 || (r = store_make_directory(s->directory)) < 0)
		return r;
	r = store_write(s->directory, s->name, (struct slice){ text.p, text.n }, true);
	if (r == 0 && !s->kept)
		forget_oldest(s->directory);
	return r;
}

/* The same as last time: only its date moves. */
static void
touch(const struct seen *s)
{
	autobuf struct buf path = BUF_INIT;

	if (buf_addf(&path, "%s/%s", s->directory, s->name) == 0)
		(void)utimensat(AT_FDCWD, buf_str(&path), NULL, AT_SYMLINK_NOFOLLOW);
}

int
seen_compare(const struct profile *p, const char *state, struct policy_notes *notes, struct err *e)
{
	struct pool pool = { 0 };
	struct seen s = { .pool = &pool, .only_compare = true };
	int r = open_seen(&s, p, state);

	if (r == 0 && is_same(&s)) {
		touch(&s);
	} else if (r == 0) {
		r = s.kept ? tell(&s, notes) : 0;
		/* In a sandbox of its own nono may not write there. */
		if (r == 0 && (r = write_kept(&s)) < 0 && r != -ENOMEM)
			r = 0;
	}
	pool_clear(&pool);
	return r < 0 ? err_set(e, r, "out of memory") : 0;
}

int
seen_previous(struct node **ret, struct pool *pool, const struct profile *p, const char *state,
	      struct err *e)
{
	struct seen s = { .pool = pool };
	struct node *form;
	int r = open_seen(&s, p, state);

	form = r < 0 ? NULL : node_find(s.kept, is_same(&s) ? "previous" : "form");
	*ret = form;
	if (r < 0)
		r = err_set(e, -ENOMEM, "out of memory");
	else if (!form)
		r = err_set(e, -ENOENT,
			    s.kept ? "profile '%s' is what it was at its first start"
				   : "nothing was started under profile '%s' yet",
			    p->name);
	return r;
}

int
seen_expect(const struct profile *p, const char *hex, struct err *e)
{
	char hash[SHA256_HEX_MAX];
	int r = profile_hash(hash, p);

	if (r < 0)
		return err_set(e, r, "out of memory");
	if (strcasecmp(hash, hex) == 0)
		return 0;
	return err_set(
		e, -EBADMSG,
		"Configuration parse error: profile '%s' has the SHA-256 %s, not the expected "
		"%s; look at what changed (nono profile show %s) before you expect the new one",
		p->name, hash, hex, p->name);
}
