/*
 * The registry record of a session (spec 04 section 7): sessions/<id>.json, which the commands
 * read, and sessions/.live/<id>, which exists and is locked while the broker lives.
 *
 * The live file also holds the record as it must read when the broker is killed: exited, detached,
 * exit code -1. So a later start can put a stale record right without parsing JSON.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "audit/internal.h"
#include "base/alloc.h"
#include "base/fd.h"
#include "base/procstat.h"
#include "base/str.h"

enum {
	NAME_MAX_BYTES = 64,
	FILE_NAME_MAX = AUDIT_ID_MAX + 64,
	TEMP_AGE_S = 60, /* a live file takes microseconds to make */
	LIVE_VERSION = 1,
	LIVE_BYTES_MAX = 16 * AUDIT_WORDS_BYTES_MAX, /* every byte of a command escaped, and more */
	VANISHED = -1,				     /* exit code of a session that left none */
	PID_WIDTH = 10,
};

static const char live_magic[8] = "NONOLIVE";
static const char live_directory[] = ".live";

/* What stands before the text in a live file. */
struct live {
	char magic[8];
	uint32_t version;
	int32_t supervisor;
	uint64_t start_ticks;
	uint64_t text_bytes;
};

_Static_assert(sizeof(struct live) == 32, "no hidden padding");

struct record {
	int dir, live_dir;
	int file, live; /* the second one locked */
	off_t child_at; /* where the child's number stands in the file */
	char id[AUDIT_ID_MAX + 1];
	char name[NAME_MAX_BYTES + 1];
	char started[CLOCK_TEXT_MAX];
	pid_t supervisor, child;
	uint64_t start_ticks;
	struct words command;
	char *profile, *workdir, *network;
	bool detached;
};

void
record_free(struct record *r)
{
	if (!r)
		return;
	fd_close(r->live);
	fd_close(r->file);
	fd_close(r->live_dir);
	fd_close(r->dir);
	words_clear(&r->command);
	mem_free(r->profile);
	mem_free(r->workdir);
	mem_free(r->network);
	mem_free(r);
}

static bool
name_is_valid(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";
	size_t n = strlen(name);

	return n > 0 && n <= NAME_MAX_BYTES && strspn(name, allowed) == n;
}

/* "<adjective>-<noun>", chosen by the first random digits of a name. */
static int
random_name(char ret[NAME_MAX_BYTES + 1])
{
	static const char adjectives[][8] = { "bold", "calm", "dark", "fast", "gold", "keen",
					      "lean", "mild", "neat", "pale", "pure", "rare",
					      "safe", "tall", "warm", "wise" };
	static const char nouns[][8] = { "arch", "beam", "core", "dart", "edge", "flux",
					 "gate", "haze", "iris", "jade", "knot", "link",
					 "mesa", "node", "opus", "pine" };
	static const char digits[] = "0123456789abcdef";
	char random[RANDOM_HEX_MAX];
	int r = random_hex(random);

	if (r < 0)
		return r;
	(void)snprintf(ret, NAME_MAX_BYTES + 1, "%s-%s",
		       adjectives[strchr(digits, random[0]) - digits],
		       nouns[strchr(digits, random[1]) - digits]);
	return 0;
}

/* Always as wide, so that another number can be put in its place. */
static void
pid_text(char ret[PID_WIDTH + 1], pid_t pid)
{
	(void)snprintf(ret, PID_WIDTH + 1, "%*d", PID_WIDTH, (int)pid);
}

/* `ended`: the exit code is known. */
static int
record_text(struct buf *b, const struct record *r, bool ended, int exit_code)
{
	struct json j = JSON_INIT(b);
	char child[PID_WIDTH + 1];

	json_object(&j, NULL);
	json_string(&j, "session_id", r->id);
	json_string(&j, "name", r->name);
	json_integer(&j, "supervisor_pid", r->supervisor);
	pid_text(child, r->child);
	json_value(&j, "child_pid", slice_of(child));
	json_string(&j, "started", r->started);
	json_number(&j, "started_epoch", r->start_ticks);
	json_string(&j, "status", ended ? "exited" : "running");
	json_string(&j, "attachment", ended || r->detached ? "detached" : "attached");
	if (ended)
		json_integer(&j, "exit_code", exit_code);
	else
		json_null(&j, "exit_code");
	words_put(&j, "command", &r->command);
	if (r->profile)
		json_string(&j, "profile", r->profile);
	else
		json_null(&j, "profile");
	json_string(&j, "workdir", r->workdir);
	json_string(&j, "network", r->network);
	json_null(&j, "rollback_session");
	json_end(&j);
	return json_finish(&j);
}

/* Replace sessions/<id>.json. */
static int
replace(int dir, const char *id, struct slice text)
{
	char random[RANDOM_HEX_MAX], temp[FILE_NAME_MAX], name[FILE_NAME_MAX];
	int e = random_hex(random);

	if (e < 0)
		return e;
	(void)snprintf(name, sizeof(name), "%.*s.json", AUDIT_ID_MAX, id);
	(void)snprintf(temp, sizeof(temp), ".%.*s.json.%s.tmp", AUDIT_ID_MAX, id, random);
	return file_replace(dir, temp, name, text);
}

/*
 * The live file gets its name when it is complete and locked: a sweep must not find it before. Its
 * session id is ours alone, because sessions/<id>.json was made exclusively.
 */
static int
make_live(struct record *r)
{
	struct live head = { .version = LIVE_VERSION,
			     .supervisor = r->supervisor,
			     .start_ticks = r->start_ticks };
	autobuf struct buf text = BUF_INIT, file = BUF_INIT;
	char temp[FILE_NAME_MAX];
	int e = record_text(&text, r, true, VANISHED);

	if (e < 0)
		return e;
	memcpy(head.magic, live_magic, sizeof(live_magic));
	head.text_bytes = text.n;
	if ((e = buf_add(&file, &head, sizeof(head))) < 0 ||
	    (e = buf_add(&file, text.p, text.n)) < 0)
		return e;
	(void)snprintf(temp, sizeof(temp), ".%s.tmp", r->id);
	r->live = openat(r->live_dir, temp, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			 0600);
	if (r->live == -1)
		return -errno;
	if (flock(r->live, LOCK_EX | LOCK_NB) == -1)
		e = -errno;
	e = e < 0 ? e : fd_write_all(r->live, file.p, file.n);
	if (e == 0 && renameat(r->live_dir, temp, r->live_dir, r->id) == -1)
		e = -errno;
	if (e < 0)
		(void)unlinkat(r->live_dir, temp, 0);
	return e;
}

static int
keep(struct record *r, const struct audit_state *state, const struct record_begin *begin)
{
	(void)snprintf(r->id, sizeof(r->id), "%s", begin->session_id);
	clock_rfc3339(r->started, begin->started, state->utc_offset_s);
	r->supervisor = begin->supervisor;
	r->start_ticks = begin->start_ticks;
	r->detached = begin->detached;
	r->workdir = mem_strdup(begin->workdir);
	r->network = mem_strdup(begin->network);
	r->profile = begin->profile ? mem_strdup(begin->profile) : NULL;
	if (!r->workdir || !r->network || (begin->profile && !r->profile))
		return -ENOMEM;
	if (begin->name)
		(void)snprintf(r->name, sizeof(r->name), "%s", begin->name);
	else if (random_name(r->name) < 0)
		return -EIO;
	return words_add_command(&r->command, begin->command, begin->command_count,
				 begin->redaction);
}

/* sessions/<id>.json; -EEXIST when the id is taken. */
static int
make_file(struct record *r)
{
	static const char key[] = "\"child_pid\": ";
	char name[FILE_NAME_MAX];
	autobuf struct buf text = BUF_INIT;
	int n = record_text(&text, r, false, 0);

	if (n < 0)
		return n;
	/* The id and the name before it hold no quotes. */
	r->child_at = strstr(text.p, key) - text.p + (off_t)strlen(key);
	(void)snprintf(name, sizeof(name), "%s.json", r->id);
	r->file = openat(r->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (r->file == -1)
		return -errno;
	n = fd_write_all(r->file, text.p, text.n);
	n = n < 0 ? n : make_live(r);
	if (n < 0)
		(void)unlinkat(r->dir, name, 0);
	return n;
}

static int
begin_record(struct record *r, const struct audit_state *state, const struct record_begin *begin,
	     struct err *e)
{
	int n;

	if ((r->dir = directory_open(state->fd, "sessions", true, e)) < 0)
		return r->dir;
	if ((r->live_dir = directory_open(r->dir, live_directory, false, e)) < 0)
		return r->live_dir;
	n = keep(r, state, begin);
	n = n < 0 ? n : make_file(r);
	if (n == -EEXIST)
		return err_set(e, n, "session '%s' exists already; start again with another id",
			       r->id);
	return n < 0 ? err_set_errno(e, n, "cannot write the record of session '%s'", r->id) : 0;
}

int
record_begin(struct record **ret, const struct audit_state *state, const struct record_begin *begin,
	     struct err *e)
{
	struct record *r;
	mode_t saved;
	int n;

	if (!session_id_is_valid(begin->session_id))
		return err_set(e, -EINVAL, "invalid session ID: '%s'", begin->session_id);
	if (begin->name && !name_is_valid(begin->name))
		return err_set(e, -EINVAL,
			       "invalid session name '%s'; use 1 to 64 of A-Z a-z 0-9 . _ -",
			       begin->name);
	if (!(r = mem_calloc(1, sizeof(*r))))
		return err_set(e, -ENOMEM, "out of memory for the record of the session");
	r->dir = r->live_dir = r->file = r->live = -1;
	saved = umask_private();
	n = begin_record(r, state, begin, e);
	umask_restore(saved);
	if (n < 0)
		record_free(r);
	else
		*ret = r;
	return n;
}

int
record_child(struct record *r, pid_t child, struct err *e)
{
	char text[PID_WIDTH + 1];
	ssize_t n;

	/* In place: to replace a file twice within a moment makes ext4 wait for the disk. So few
	 * bytes within one page are written whole or not at all, also when we are killed. */
	r->child = child;
	pid_text(text, child);
	n = pwrite(r->file, text, PID_WIDTH, r->child_at);
	if (n == PID_WIDTH)
		return 0;
	return err_set_errno(e, n == -1 ? -errno : -ENOSPC,
			     "cannot update the record of session '%s'", r->id);
}

int
record_end(struct record *r, int exit_code, struct err *e)
{
	autobuf struct buf text = BUF_INIT;
	mode_t saved = umask_private();
	int n = record_text(&text, r, true, exit_code);

	/* First this: a sweep must never put "vanished" over an exit code. Killed between the two,
	 * the record says "running", and its readers look for the broker. */
	if (unlinkat(r->live_dir, r->id, 0) == -1 && errno != ENOENT && ftruncate(r->live, 0) == -1)
		n = -errno;
	n = n < 0 ? n : replace(r->dir, r->id, (struct slice){ text.p, text.n });
	umask_restore(saved);
	return n < 0 ? err_set_errno(e, n, "cannot update the record of session '%s'", r->id) : 0;
}

static bool
broker_is_alive(const struct live *head)
{
	struct procstat st;

	return procstat_read(&st, head->supervisor) == 0 && st.state != 'Z' && st.state != 'X' &&
	       st.start_ticks == head->start_ticks;
}

/* A live file whose maker was killed before it had its name. */
static void
remove_temp(int live_dir, const char *name)
{
	struct timespec now;
	struct stat st;

	if (str_ends_with(name, ".tmp") && fstatat(live_dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    clock_gettime(CLOCK_REALTIME, &now) == 0 && st.st_mtime + TEMP_AGE_S < now.tv_sec)
		(void)unlinkat(live_dir, name, 0);
}

/* 1 when the session of this live file was dead and has been put right, else 0 or -errno. */
static int
sweep_one(int dir, int live_dir, const char *id)
{
	static const char *const leftovers[] = { "sock", "key" };
	char name[FILE_NAME_MAX];
	autobuf struct buf file = BUF_INIT;
	autofd int fd = -1;
	struct live head = { 0 };
	struct stat st;
	int r;

	fd = openat(live_dir, id, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return -errno;
	/* The lock is the proof, also where the broker lives in another PID namespace; the process
	 * is looked for as well, where the file system has no locks between machines. */
	if (flock(fd, LOCK_EX | LOCK_NB) == -1)
		return 0;
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) || st.st_nlink == 0)
		return 0;
	if ((r = buf_read_fd(&file, fd, LIVE_BYTES_MAX)) < 0)
		return r;
	if (file.n >= sizeof(head))
		memcpy(&head, file.p, sizeof(head));
	if (memcmp(head.magic, live_magic, sizeof(live_magic)) == 0 &&
	    head.version == LIVE_VERSION) {
		if (broker_is_alive(&head))
			return 0;
		(void)snprintf(name, sizeof(name), "%s.json", id);
		if (file.n - sizeof(head) == head.text_bytes &&
		    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
		    (r = replace(dir, id,
				 (struct slice){ file.p + sizeof(head), head.text_bytes })) < 0)
			return r;
	}
	for (size_t i = 0; i < ARRAY_LEN(leftovers); i++) {
		(void)snprintf(name, sizeof(name), "%s.%s", id, leftovers[i]);
		(void)unlinkat(dir, name, 0);
	}
	(void)unlinkat(live_dir, id, 0);
	return 1;
}

int
record_sweep(const struct audit_state *state, unsigned int max)
{
	autofd int dir = -1, live_dir = -1;
	unsigned int seen = 0;
	struct dirent *entry;
	mode_t saved;
	int swept = 0;
	DIR *list;

	dir = openat(state->fd, "sessions", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir == -1)
		return errno == ENOENT ? 0 : -errno;
	live_dir = openat(dir, live_directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (live_dir == -1)
		return errno == ENOENT ? 0 : -errno;
	if (!(list = fdopendir(live_dir)))
		return -errno;
	saved = umask_private();
	while (seen < max && (entry = readdir(list)) != NULL) {
		seen++;
		if (!session_id_is_valid(entry->d_name))
			remove_temp(live_dir, entry->d_name);
		else if (sweep_one(dir, live_dir, entry->d_name) == 1)
			swept++;
	}
	umask_restore(saved);
	(void)fd_take(&live_dir);
	(void)closedir(list);
	return swept;
}
