/*
 * Installing: script, record, settings, in this order, so that nothing names what is not there and
 * nothing is there that the record does not know.
 */
#include "profiles/agent_hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/sha256.h"
#include "base/str.h"
#include "profiles/agent_file.h"
#include "profiles/agent_record.h"
#include "profiles/agent_settings.h"
#include "profiles/hook_scripts.h"
#include "profiles/internal.h"
#include "profiles/place.h"
#include "profiles/store.h"

enum { ATTEMPTS = 2, SCRIPT_MODE = 0755 };

/* One hook of a profile at work. */
struct installing {
	const struct agent *agent;
	char *const *environment;
	struct policy_notes *notes;
	const char *script; /* file name */
	struct agent_hook hook;
	struct buf directory, path, command, old[AGENT_OLD_COMMANDS];
	struct buf text; /* of the script */
	bool first;	 /* the script was not there */
	bool told;
};

static void
installing_clear(struct installing *i)
{
	buf_clear(&i->directory);
	buf_clear(&i->path);
	buf_clear(&i->command);
	buf_clear(&i->old[0]);
	buf_clear(&i->old[1]);
	buf_clear(&i->text);
}

/* ---- the script ---- */

/* The user's own script of this name, else ours. */
static int
choose_script(struct installing *i, struct err *e)
{
	autobuf struct buf own = BUF_INIT;
	int r = place_config(&own, i->environment, e);

	if (r < 0)
		return r;
	if (buf_addf(&own, "/hooks/%s", i->script) < 0)
		return err_memory(e);
	r = store_read(&i->text, buf_str(&own), AGENT_SCRIPT_BYTES_MAX);
	if (r == 0)
		return 0;
	if (!errno_is_missing(r))
		return err_set_errno(e, r, "cannot use the hook script '%s'", buf_str(&own));
	for (size_t k = 0; k < hook_scripts_count; k++)
		if (str_equal(hook_scripts_table[k].name, i->script))
			return buf_add(&i->text, hook_scripts_table[k].text,
				       hook_scripts_table[k].bytes) < 0
				       ? err_memory(e)
				       : 0;
	return err_set(e, -ENOENT, "Unknown hook script: %s; put it into '%s'", i->script,
		       buf_str(&own));
}

/* Into a directory of ours, 0755 when it is made: others may run what is in it. */
static int
enter(int *at, const char *name, bool make)
{
	autofd int fd = -1;
	struct stat st;

	if (make && mkdirat(*at, name, SCRIPT_MODE) == -1 && errno != EEXIST)
		return -errno;
	fd = openat(*at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1)
		return -errno;
	if (st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)))
		return -EPERM;
	*at = fd_close(*at);
	*at = fd_take(&fd);
	return 0;
}

/* The directory of the target's scripts, or -errno. Nobody else may write there. */
static int
open_scripts(const struct agent *a, char *const *environment, bool make, struct err *e)
{
	autobuf struct buf data = BUF_INIT;
	autofd int fd = -1;
	int r = place_data(&data, environment, e);

	if (r < 0)
		return r;
	if (make && (r = store_make_directory(buf_str(&data))) < 0)
		return err_set_errno(e, r, "cannot make '%s'", buf_str(&data));
	fd = open(buf_str(&data), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = fd == -1 ? -errno : enter(&fd, AGENT_DIRECTORY, make);
	if (r == 0)
		r = enter(&fd, a->target, make);
	if (r < 0)
		return err_set_errno(e, r, "cannot use '%s/" AGENT_DIRECTORY "/%s'", buf_str(&data),
				     a->target);
	return fd_take(&fd);
}

/* 1 when it is what it should be, 0 when not; what is there is in `now`. */
static int
is_script_current(const struct installing *i, int directory, struct buf *now, bool *ret_exists)
{
	struct stat st;
	int r = store_read_at(now, directory, i->script, AGENT_SCRIPT_BYTES_MAX, &st);

	*ret_exists = r == 0;
	if (r < 0)
		return errno_is_missing(r) ? 0 : r;
	return (st.st_mode & 0777) == SCRIPT_MODE &&
	       slice_equal((struct slice){ now->p, now->n },
			   (struct slice){ i->text.p, i->text.n });
}

static int
write_script(struct installing *i, struct err *e)
{
	autofd int directory = open_scripts(i->agent, i->environment, true, e);
	autobuf struct buf now = BUF_INIT;
	bool exists;
	int r = directory;

	if (r < 0)
		return r;
	r = is_script_current(i, directory, &now, &exists);
	if (r > 0)
		return 0;
	i->first = !exists;
	if (r == 0)
		r = store_swap_at(directory, i->script,
				  (struct slice){ exists ? buf_str(&now) : NULL, now.n },
				  (struct slice){ i->text.p, i->text.n }, SCRIPT_MODE, (gid_t)-1);
	if (r < 0)
		return err_set_errno(e, r, "cannot write '%s'", buf_str(&i->path));
	r = i->first ? policy_notes_addf(i->notes, POLICY_NOTE_NOTICE, "Installing %s hook to %s",
					 i->agent->target, buf_str(&i->path))
		     : policy_notes_addf(i->notes, POLICY_NOTE_NOTICE,
					 "Updating %s hook (new version available)",
					 i->agent->target);
	i->told = true;
	return r < 0 ? err_memory(e) : 0;
}

/* ---- the entry ---- */

static const char *
hash_of_script(const struct installing *i, struct pool *pool)
{
	unsigned char value[SHA256_BYTES];
	char hex[SHA256_HEX_MAX];
	struct sha256 h;

	sha256_init(&h);
	sha256_add(&h, buf_str(&i->text), i->text.n);
	sha256_end(&h, value);
	sha256_hex(hex, value);
	return pool_strdup(pool, hex);
}

static int
add_row(const struct installing *i, struct agent_record *record, const struct agent_file *f,
	const struct node *entry, unsigned int made, struct err *e)
{
	struct agent_row *row = pool_alloc(record->pool, sizeof(*row));

	if (!row || !(row->sha256 = hash_of_script(i, record->pool)) ||
	    !(row->settings = pool_strdup(record->pool, buf_str(&f->path))))
		return err_memory(e);
	row->target = i->agent->target;
	row->script = buf_str(&i->path);
	row->event = i->hook.event;
	row->matcher = i->hook.matcher;
	row->command = i->hook.command;
	row->entry = entry;
	row->made = made;
	agent_record_set(record, row);
	return agent_record_write(record, e);
}

/* The script is another one now, and the entry the same. */
static int
update_rows(const struct installing *i, const struct agent_record *record, struct err *e)
{
	const char *hash = hash_of_script(i, record->pool);

	if (!hash)
		return err_memory(e);
	for (struct agent_row *row = record->first; row; row = row->next)
		if (str_equal(row->script, buf_str(&i->path)))
			row->sha256 = hash;
	return record->first ? agent_record_write(record, e) : 0;
}

static int
write_entry(struct installing *i, struct agent_record *record, struct err *e)
{
	const struct agent *a = i->agent;
	autobuf struct buf made_text = BUF_INIT;
	const struct node *entry = NULL;
	unsigned int made = 0;
	struct agent_file f;
	int r = agent_file_open(&f, a->directory, a->name, true, i->environment, e);
	int result;

	if (r < 0)
		goto out;
	r = result = agent_settings_add(
		&made_text, f.exists ? (struct slice){ f.text.p, f.text.n } : slice_of("{}\n"),
		&i->hook, record->pool, &entry, &made, e);
	if (r < 0) {
		struct err reason = *e;

		r = err_set(e, r, "'%s': %s", buf_str(&f.path), reason.text);
		goto out;
	}
	if (result == AGENT_SETTINGS_SAME) {
		r = i->told ? update_rows(i, record, e) : 0;
		goto out;
	}
	if (!f.exists)
		made |= AGENT_MADE_FILE;
	if ((r = add_row(i, record, &f, entry, made, e)) < 0)
		goto out;
	r = agent_file_replace(&f, (struct slice){ made_text.p, made_text.n }, e);
	if (r == 0 && !i->told &&
	    policy_notes_addf(i->notes, POLICY_NOTE_NOTICE, "Installing %s hook to %s", a->target,
			      buf_str(&i->path)) < 0)
		r = err_memory(e);
out:
	agent_file_close(&f);
	return r;
}

/* Nothing to do is the usual case, and costs no lock and no record. */
static bool
is_in_place(const struct installing *i)
{
	autobuf struct buf now = BUF_INIT;
	const struct node *entry = NULL;
	struct err ignored = ERR_INIT;
	struct pool pool = { 0 };
	struct agent_file f;
	bool exists, same = false;
	autofd int directory = open_scripts(i->agent, i->environment, false, &ignored);

	if (directory < 0 || is_script_current(i, directory, &now, &exists) != 1)
		return false;
	if (agent_file_open(&f, i->agent->directory, i->agent->name, false, i->environment,
			    &ignored) == 0 &&
	    agent_settings_find(&entry, (struct slice){ f.text.p, f.text.n }, &i->hook, &pool) == 0)
		same = entry != NULL;
	pool_clear(&pool);
	agent_file_close(&f);
	return same;
}

/* ---- installing ---- */

static int
prepare(struct installing *i, const struct node *n, struct err *e)
{
	autobuf struct buf home = BUF_INIT;
	int r;

	i->script = node_text(node_find(n, "script"), "");
	i->hook.event = node_text(node_find(n, "event"), "");
	i->hook.matcher = node_text(node_find(n, "matcher"), "");
	if (!agent_script_is_valid(i->script))
		return err_set(e, -EINVAL,
			       "hooks.%s.script '%s' is not the plain name of a file; scripts of "
			       "your own are in the directory hooks beside config.toml",
			       i->agent->target, i->script);
	if (!*i->hook.event)
		return err_set(e, -EINVAL, "hooks.%s.event is empty; name an event of the agent",
			       i->agent->target);
	if ((r = agent_script_directory(&i->directory, i->agent, i->environment, e)) < 0 ||
	    (r = home_find(&home, i->environment, getuid(), e)) < 0)
		return r;
	/* The agent gives it to a shell. */
	if (path_join(&i->path, buf_str(&i->directory), i->script) < 0 ||
	    str_shell_quote(&i->command, buf_str(&i->path)) < 0 ||
	    buf_addf(&i->old[0], "$HOME/%s/hooks/%s", i->agent->directory, i->script) < 0 ||
	    buf_addf(&i->old[1], "%s/%s/hooks/%s", buf_str(&home), i->agent->directory, i->script) <
		    0)
		return err_memory(e);
	i->hook.command = buf_str(&i->command);
	i->hook.old[0] = buf_str(&i->old[0]);
	i->hook.old[1] = buf_str(&i->old[1]);
	return choose_script(i, e);
}

static int
install(struct installing *i, const struct node *n, struct err *e)
{
	struct agent_record record = { .lock = -1 };
	struct pool pool = { 0 };
	int r = prepare(i, n, e);

	if (r < 0 || is_in_place(i))
		return r;
	r = agent_record_open(&record, &pool, true, i->environment, e);
	if (r == 0)
		r = write_script(i, e);
	for (int attempt = 0; r == 0; attempt++) {
		r = write_entry(i, &record, e);
		if (r != -ESTALE || attempt + 1 == ATTEMPTS)
			break;
		r = 0;
	}
	agent_record_close(&record);
	pool_clear(&pool);
	return r;
}

int
agent_hooks_install(const struct profile *p, const char *target, char *const *environment,
		    struct policy_notes *notes, struct err *e)
{
	int r = 0;

	for (const struct node *n = node_first(profile_get(p, "hooks")); n && r == 0; n = n->next) {
		struct installing i = { .agent = agent_find(n->key),
					.environment = environment,
					.notes = notes };

		if (target && !str_equal(n->key, target))
			continue;
		if (!i.agent) {
			r = policy_notes_addf(
				notes, POLICY_NOTE_WARNING,
				"profile: hooks.%s is skipped: nono knows no agent of this name",
				n->key);
			if (r < 0)
				return err_memory(e);
			continue;
		}
		r = install(&i, n, e);
		installing_clear(&i);
	}
	return r;
}

/* ---- what is there ---- */

static enum agent_hook_part
look_at_script(const struct agent_row *row)
{
	autofd int fd = open(row->script,
			     O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	unsigned char value[SHA256_BYTES];
	char hex[SHA256_HEX_MAX];

	if (fd == -1)
		return errno_is_missing(-errno) ? AGENT_PART_MISSING : AGENT_PART_UNKNOWN;
	if (sha256_fd(fd, value) < 0)
		return AGENT_PART_UNKNOWN;
	sha256_hex(hex, value);
	return str_equal(hex, row->sha256) ? AGENT_PART_INSTALLED : AGENT_PART_CHANGED;
}

static enum agent_hook_part
look_at_entry(const struct agent_row *row, struct pool *pool, char *const *environment)
{
	const struct agent *a = agent_find(row->target);
	const struct agent_hook hook = { .event = row->event, .command = row->command };
	enum agent_hook_part part = AGENT_PART_UNKNOWN;
	const struct node *entry = NULL;
	struct err ignored = ERR_INIT;
	struct agent_file f;

	if (!a)
		return part;
	if (agent_file_open(&f, a->directory, a->name, false, environment, &ignored) == 0 &&
	    str_equal(buf_str(&f.path), row->settings) &&
	    agent_settings_find(&entry, (struct slice){ f.text.p, f.text.n }, &hook, pool) == 0)
		part = !entry			       ? AGENT_PART_MISSING
		       : node_equal(entry, row->entry) ? AGENT_PART_INSTALLED
						       : AGENT_PART_CHANGED;
	agent_file_close(&f);
	return part;
}

int
agent_hooks_status(struct agent_hook_status **ret, struct pool *pool, char *const *environment,
		   struct err *e)
{
	struct agent_record record;
	int r = agent_record_open(&record, pool, false, environment, e);

	*ret = NULL;
	for (const struct agent_row *row = record.first; row && r == 0; row = row->next) {
		struct agent_hook_status *s = pool_alloc(pool, sizeof(*s));

		if (!s)
			return err_memory(e);
		*s = (struct agent_hook_status){
			.target = row->target,
			.event = row->event,
			.matcher = row->matcher,
			.script = row->script,
			.settings = row->settings,
			.script_is = look_at_script(row),
			.entry_is = look_at_entry(row, pool, environment),
		};
		*ret = s;
		ret = &s->next;
	}
	agent_record_close(&record);
	return r;
}

/* ---- removing ---- */

struct removing {
	struct agent_record record;
	char *const *environment;
	struct policy_notes *notes;
};

static int
is_braces(struct slice text)
{
	size_t braces = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (strchr(" \t\r\n", text.p[i]) && text.p[i])
			continue;
		if (braces > 1 || text.p[i] != "{}"[braces])
			return false;
		braces++;
	}
	return braces == 2;
}

/* What was made for one of our entries is empty only when the last of them is gone. */
static void
hand_on(const struct removing *m, const struct agent_row *row)
{
	for (struct agent_row *other = m->record.first; other; other = other->next)
		if (other != row && str_equal(other->settings, row->settings))
			other->made |= row->made & (AGENT_MADE_FILE | AGENT_MADE_HOOKS);
}

/* AGENT_SETTINGS_*, or an error. */
static int
remove_entry(struct removing *m, const struct agent_row *row, const struct agent *a, struct err *e)
{
	const struct agent_hook hook = { .event = row->event, .command = row->command };
	autobuf struct buf text = BUF_INIT;
	struct agent_file f;
	int r = agent_file_open(&f, a->directory, a->name, false, m->environment, e), result = r;

	if (r < 0)
		goto out;
	if (!str_equal(buf_str(&f.path), row->settings)) {
		result = err_set(e, -EXDEV,
				 "the hook is in '%s', which is another home directory; set HOME",
				 row->settings);
		goto out;
	}
	result = AGENT_SETTINGS_SAME;
	if (!f.exists)
		goto out;
	result = agent_settings_remove(&text, (struct slice){ f.text.p, f.text.n }, &hook,
				       row->entry, row->made, e);
	if (result < 0) {
		struct err reason = *e;

		result = err_set(e, result, "'%s': %s", buf_str(&f.path), reason.text);
	}
	if (result == AGENT_SETTINGS_REMOVED) {
		struct slice now = { text.p, text.n };

		if ((row->made & AGENT_MADE_FILE) && is_braces(now))
			now = (struct slice){ NULL, 0 };
		if ((r = agent_file_replace(&f, now, e)) < 0)
			result = r;
	}
out:
	agent_file_close(&f);
	return result;
}

static int
remove_script(struct removing *m, const struct agent_row *row, const struct agent *a, struct err *e)
{
	enum agent_hook_part part = look_at_script(row);
	autobuf struct buf now = BUF_INIT;
	struct err ignored = ERR_INIT;
	autofd int directory = -1;
	struct stat st;
	int r;

	for (const struct agent_row *other = m->record.first; other; other = other->next)
		if (other != row && str_equal(other->script, row->script))
			return 0;
	if (part == AGENT_PART_MISSING)
		return 0;
	if (part != AGENT_PART_INSTALLED) {
		r = policy_notes_addf(m->notes, POLICY_NOTE_NOTICE, "%s was changed, and stays",
				      row->script);
		return r < 0 ? err_memory(e) : 0;
	}
	directory = open_scripts(a, m->environment, false, &ignored);
	r = directory < 0 ? directory
			  : store_read_at(&now, directory, path_basename(row->script),
					  AGENT_SCRIPT_BYTES_MAX, &st);
	if (r == 0)
		r = store_remove_at(directory, path_basename(row->script),
				    (struct slice){ buf_str(&now), now.n });
	return r < 0 ? err_set_errno(e, r, "cannot remove '%s'", row->script) : 0;
}

static int
remove_row(struct removing *m, const struct agent_row *row, struct err *e)
{
	const struct agent *a = agent_find(row->target);
	int r = -ESTALE;

	if (!a)
		return err_set(e, -EINVAL, "'%s' is no agent that nono knows", row->target);
	for (int attempt = 0; attempt < ATTEMPTS && r == -ESTALE; attempt++)
		r = remove_entry(m, row, a, e);
	if (r < 0)
		return r;
	if (r == AGENT_SETTINGS_KEPT) {
		r = policy_notes_addf(
			m->notes, POLICY_NOTE_NOTICE,
			"the %s entry in %s was changed, and stays with its script; take it out by "
			"hand",
			row->event, row->settings);
		return r < 0 ? err_memory(e) : 0;
	}
	if ((r = remove_script(m, row, a, e)) < 0)
		return r;
	hand_on(m, row);
	agent_record_drop(&m->record, row);
	if ((r = agent_record_write(&m->record, e)) < 0)
		return r;
	r = policy_notes_addf(m->notes, POLICY_NOTE_NOTICE, "Removed %s hook from %s", row->target,
			      row->settings);
	return r < 0 ? err_memory(e) : 0;
}

int
agent_hooks_remove(const char *target, char *const *environment, struct policy_notes *notes,
		   struct err *e)
{
	struct removing m = { .environment = environment, .notes = notes };
	struct pool pool = { 0 };
	int r = agent_record_open(&m.record, &pool, true, environment, e);

	for (const struct agent_row *row = m.record.first, *next; row && r == 0; row = next) {
		next = row->next;
		if (!target || str_equal(row->target, target))
			r = remove_row(&m, row, e);
	}
	agent_record_close(&m.record);
	pool_clear(&pool);
	return r;
}
