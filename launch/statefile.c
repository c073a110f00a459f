/*
 * The state file: what this launch granted, for `nono why --self` inside (spec 02 section 20). It
 * tells the program about itself; nobody outside believes it. It lies where no grant reaches, its
 * owner may only read it, and one rule lets the program do that: it can neither be changed nor
 * replaced from inside. Best effort: without it a launch goes on, and says so.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/json_write.h"
#include "base/path.h"
#include "base/str.h"
#include "launch/internal.h"

enum {
	SWEEP_MAX = 64, /* entries looked at per start */
	NAME_MAX_BYTES = 64,
};

/* ---- where ---- */

static const char *
variable(const struct plan *p, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < plan_count(p, PLAN_SEC_ENVIRONMENT); i++) {
		const char *entry = plan_environment_at(p, i);

		if (strncmp(entry, name, n) == 0 && entry[n] == '=')
			return entry + n + 1;
	}
	return NULL;
}

/* A directory of ours alone, made when it is missing; the descriptor or -errno. */
static int
open_private(int at, const char *name)
{
	autofd int fd = -1;
	struct stat st;

	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1 && errno_is_missing(-errno) && mkdirat(at, name, 0700) == 0)
		fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1)
		return -errno;
	if (st.st_uid != geteuid() || (st.st_mode & 022))
		return -EPERM;
	return fd_take(&fd);
}

/* $XDG_RUNTIME_DIR/nono, unless a grant reaches there. */
static int
open_runtime_root(const struct plan *p, struct buf *name)
{
	const char *runtime = variable(p, "XDG_RUNTIME_DIR");
	autofd int fd = -1;
	struct stat st;
	int r;

	if (!runtime || runtime[0] != '/')
		return -ENOENT;
	fd = open(runtime, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1)
		return -errno;
	if (st.st_uid != geteuid() || (st.st_mode & 022))
		return -EPERM;
	if ((r = path_of_fd(name, fd)) < 0 || (r = buf_adds(name, "/nono")) < 0)
		return r;
	if (plan_query_path(p, name->p, PLAN_WRITE).allowed)
		return -EPERM;
	return open_private(fd, "nono");
}

/* The directories above nono's own, and it. */
static int
make_above(const char *state)
{
	autobuf struct buf at = BUF_INIT;

	for (const char *slash = strchr(state + 1, '/');; slash = strchr(slash + 1, '/')) {
		int r;

		buf_reset(&at);
		r = slash ? buf_add(&at, state, (size_t)(slash - state)) : buf_adds(&at, state);
		if (r < 0)
			return r;
		if (mkdir(at.p, 0700) == -1 && errno != EEXIST)
			return -errno;
		if (!slash)
			return 0;
	}
}

/* STATE/run: no policy may grant nono's own state (roots_check in profiles/). */
static int
open_state_root(const struct plan *p, struct buf *name)
{
	const char *state = plan_string(p, p->settings->state_directory);
	autofd int fd = -1;
	int r;

	if (!*state)
		return -ENOENT;
	fd = open_private(AT_FDCWD, state);
	if (fd < 0 && errno_is_missing(fd)) {
		if ((r = make_above(state)) < 0)
			return r;
		fd = open_private(AT_FDCWD, state);
	}
	if (fd < 0)
		return fd;
	if ((r = path_of_fd(name, fd)) < 0 || (r = buf_adds(name, "/run")) < 0)
		return r;
	return open_private(fd, "run");
}

/* ---- what crashed sessions and ended `wrap`s left ---- */

/* ".nono-HEX-PID.json" of a process that is gone? */
static bool
is_stale(const char *name)
{
	const char *dash = strrchr(name, '-');
	char *end;
	long pid;

	if (!str_starts_with(name, ".nono-") || !dash)
		return false;
	pid = strtol(dash + 1, &end, 10);
	return pid > 0 && str_equal(end, ".json") && kill((pid_t)pid, 0) == -1 && errno == ESRCH;
}

static void
sweep(int root)
{
	int copy = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy == -1 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	if (!dir) {
		fd_close(copy);
		return;
	}
	for (int n = 0; n < SWEEP_MAX && (entry = readdir(dir)); n++)
		if (is_stale(entry->d_name))
			(void)unlinkat(root, entry->d_name, 0);
	(void)closedir(dir);
}

/* ---- the file ---- */

static int
make_in(struct launch *l, int root, struct buf *name)
{
	const char *id = plan_string(l->plan, l->plan->settings->session_id);
	char file[NAME_MAX_BYTES];

	sweep(root);
	(void)snprintf(file, sizeof(file), ".nono-%s-%d.json", id, (int)getpid());
	if (buf_addf(name, "/%s", file) < 0 || !(l->state_path = buf_take(name)))
		return -ENOMEM;
	l->state_fd = openat(root, file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			     0400);
	return l->state_fd == -1 ? -errno : 0;
}

static int
make(struct launch *l)
{
	autobuf struct buf name = BUF_INIT, entry = BUF_INIT;
	autofd int root = open_runtime_root(l->plan, &name);
	int r;

	if (root < 0) {
		buf_reset(&name);
		root = open_state_root(l->plan, &name);
	}
	if (root < 0)
		return root;
	if ((r = make_in(l, root, &name)) < 0)
		return r;
	r = buf_addf(&entry, "NONO_CAP_FILE=%s", l->state_path);
	if (r == 0 && !(l->state_entry = buf_take(&entry)))
		r = -ENOMEM;
	return r;
}

void
statefile_make(struct launch *l)
{
	if (l->plan->settings->flags & PLAN_NO_STATE)
		return;
	l->state_error = make(l);
	if (l->state_error < 0)
		statefile_remove(l);
}

void
statefile_remove(struct launch *l)
{
	l->state_fd = fd_close(l->state_fd);
	if (!l->state_path)
		return;
	(void)unlink(l->state_path);
	mem_free(l->state_path);
	l->state_path = NULL;
}

/* ---- contents ---- */

static void
put_grant(struct json *j, const struct launch *l, size_t i)
{
	static const char *const access[] = { "", "read", "write", "readwrite" };
	const struct plan_grant *g = plan_grant_at(l->plan, i);
	const char *resolved = plan_string(l->plan, g->resolved);
	const char *original = plan_string(l->plan, g->original);
	autobuf struct buf source = BUF_INIT;
	int r = 0;

	/* What was not there is not granted, and what another grant covers neither more nor less. */
	if (g->alias == PLAN_ALIAS_NONE && l->opened[i] == OPENED_NOT)
		return;
	switch (g->source) {
	case PLAN_SOURCE_GROUP:
		r = buf_addf(&source, "group:%s", plan_string(l->plan, g->source_name));
		break;
	case PLAN_SOURCE_USER:
		r = buf_adds(&source, "user");
		break;
	case PLAN_SOURCE_PROFILE:
		r = buf_adds(&source, "profile");
		break;
	default:
		r = buf_adds(&source, "system");
		break;
	}
	if (r < 0) {
		j->error = r;
		return;
	}
	json_object(j, NULL);
	json_bytes(j, "original", original);
	/* Names below /proc/self mean the reader: they are compared as written. */
	json_bytes(j, "path", *resolved && g->alias == PLAN_ALIAS_NONE ? resolved : original);
	json_string(j, "access", access[g->access & 3]);
	json_boolean(j, "is_file",
		     g->alias == PLAN_ALIAS_NONE ? l->opened[i] == OPENED_FILE
						 : g->kind == PLAN_KIND_FILE);
	json_string(j, "source", buf_str(&source));
	json_end(j);
}

static void
put_temp(struct json *j, const struct launch *l)
{
	if (!*l->temp_directory)
		return;
	json_object(j, NULL);
	json_bytes(j, "original", l->temp_directory);
	json_bytes(j, "path", l->temp_directory);
	json_string(j, "access", "readwrite");
	json_boolean(j, "is_file", false);
	json_string(j, "source", "system");
	json_end(j);
}

static void
put_grants(struct json *j, const struct launch *l)
{
	json_array(j, "fs");
	for (size_t i = 0; i < plan_count(l->plan, PLAN_SEC_GRANTS); i++)
		put_grant(j, l, i);
	put_temp(j, l);
	json_end(j);
}

/*
 * Most are a group's, below the home directory, and many: one object for each group with their
 * names below "under" keeps the file short. All others have an object of their own.
 */
static bool
is_short(const struct plan *p, const struct plan_deny *d, const char *home)
{
	const char *literal = plan_string(p, d->literal);

	return home && home[0] == '/' && home[1] && path_is_beneath(literal, home) &&
	       !str_equal(literal, home) && str_equal(literal, plan_string(p, d->resolved));
}

static void
put_denies(struct json *j, const struct plan *p)
{
	const char *home = variable(p, "HOME"), *open = NULL;
	size_t count = plan_count(p, PLAN_SEC_DENIES), home_bytes = home ? strlen(home) : 0;

	json_array(j, "denied_paths");
	for (size_t i = 0; i < count; i++) {
		const struct plan_deny *d = plan_deny_at(p, i);
		const char *literal = plan_string(p, d->literal);
		const char *group = plan_string(p, d->group);
		bool is_brief = is_short(p, d, home);

		if (open && !(is_brief && str_equal(open, group))) {
			json_end(j);
			json_end(j);
			open = NULL;
		}
		if (!open) {
			json_object(j, NULL);
			json_string(j, "group", group);
		}
		if (is_brief) {
			if (!open) {
				json_bytes(j, "under", home);
				json_array(j, "paths");
			}
			open = group;
			json_bytes(j, NULL, literal + home_bytes);
			continue;
		}
		json_bytes(j, "path", literal);
		if (!str_equal(literal, plan_string(p, d->resolved)))
			json_bytes(j, "resolved", plan_string(p, d->resolved));
		json_end(j);
	}
	if (open) {
		json_end(j);
		json_end(j);
	}
	json_end(j);
}

static void
put_sockets(struct json *j, const struct plan *p)
{
	static const char *const scope[] = { "", "file", "dir_children", "dir_subtree" };

	json_array(j, "unix_sockets");
	for (size_t i = 0; i < plan_count(p, PLAN_SEC_SOCKETS); i++) {
		const struct plan_socket *s = plan_socket_at(p, i);

		json_object(j, NULL);
		json_bytes(j, "original", plan_string(p, s->original));
		json_bytes(j, "resolved", plan_string(p, s->resolved));
		json_string(j, "scope", scope[s->scope & 3]);
		json_string(j, "mode", s->mode == PLAN_SOCKET_CONNECT ? "connect" : "connect+bind");
		json_end(j);
	}
	json_end(j);
}

static void
put_network(struct json *j, const struct plan *p)
{
	json_boolean(j, "net_blocked", p->settings->net == PLAN_NET_BLOCKED);
	json_object(j, "network");
	plan_network_json(j, p);
	json_end(j);
	json_array(j, "allowed_domains");
	json_end(j);
}

static void
put_commands(struct json *j, const struct plan *p, const char *key, enum plan_command_rule rule)
{
	json_array(j, key);
	for (size_t i = 0; i < plan_count(p, PLAN_SEC_COMMANDS); i++)
		if (plan_command_at(p, i)->rule == rule)
			json_string(j, NULL, plan_string(p, plan_command_at(p, i)->name));
	json_end(j);
}

static void
put_modes(struct json *j, const struct launch *l)
{
	static const char *const signals[] = { "", "isolated", "allow_same_sandbox", "allow_all" };
	const struct plan_settings *s = l->plan->settings;

	json_object(j, "modes");
	json_string(j, "signal", signals[s->signal_mode & 3]);
	json_string(j, "ipc", s->flags & PLAN_IPC_FULL ? "full" : "shared_memory_only");
	json_string(j, "process_info", "isolated");
	if (s->flags & PLAN_PTY_ALL)
		json_string(j, "terminals", "all");
	json_end(j);
	json_string(j, "enforcement", "landlock");
	json_number(j, "abi", (uint64_t)l->kernel.landlock_abi);
	if (s->memory_bytes) {
		json_object(j, "resource_limits");
		json_number(j, "memory_bytes", s->memory_bytes);
		json_end(j);
	}
}

static int
write_contents(struct launch *l)
{
	autobuf struct buf text = BUF_INIT;
	struct json j = JSON_CANONICAL_INIT(&text, STATE_BYTES_MAX);
	int r;

	json_object(&j, NULL);
	put_grants(&j, l);
	put_denies(&j, l->plan);
	put_network(&j, l->plan);
	put_commands(&j, l->plan, "allowed_commands", PLAN_COMMAND_ALLOW);
	put_commands(&j, l->plan, "blocked_commands", PLAN_COMMAND_BLOCK);
	/* What a bypass lifted is not among the denied paths any more. */
	json_array(&j, "bypass_protection_paths");
	json_end(&j);
	put_sockets(&j, l->plan);
	put_modes(&j, l);
	json_end(&j);
	if ((r = json_finish(&j)) < 0)
		return r;
	return fd_write_all(l->state_fd, text.p, text.n);
}

void
statefile_write(struct launch *l)
{
	if (l->state_fd == -1)
		return;
	l->state_error = write_contents(l);
	l->state_fd = fd_close(l->state_fd);
	if (l->state_error == 0)
		return;
	statefile_remove(l);
	(void)strcpy(strchr(l->state_entry, '=') + 1, "/dev/null");
}

int
launch_state_error(const struct launch *l)
{
	return l->state_error;
}
