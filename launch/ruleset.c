/*
 * From the grants of a plan to a Landlock rule set. Each grant is opened once, O_PATH; that
 * descriptor is compared with what the plan says it must be and is the one the rule is made from,
 * so nothing can be swapped in between.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/hooks.h"
#include "base/landlock.h"
#include "base/path.h"
#include "base/str.h"
#include "launch/internal.h"

enum {
	RIGHTS_ABI_1 = (1 << 13) - 1,
	/* What the kernel accepts in a rule on something that is no directory. */
	RIGHTS_FILE = LANDLOCK_FS_EXECUTE | LANDLOCK_FS_WRITE_FILE | LANDLOCK_FS_READ_FILE |
		      LANDLOCK_FS_TRUNCATE | LANDLOCK_FS_IOCTL_DEV,
	RIGHTS_READ = LANDLOCK_FS_EXECUTE | LANDLOCK_FS_READ_FILE | LANDLOCK_FS_READ_DIR,
	/* No device nodes: nobody needs them unprivileged, and as root they open the disk. */
	RIGHTS_WRITE = LANDLOCK_FS_WRITE_FILE | LANDLOCK_FS_TRUNCATE | LANDLOCK_FS_MAKE_DIR |
		       LANDLOCK_FS_MAKE_REG | LANDLOCK_FS_MAKE_SOCK | LANDLOCK_FS_MAKE_FIFO |
		       LANDLOCK_FS_MAKE_SYM | LANDLOCK_FS_REMOVE_DIR | LANDLOCK_FS_REMOVE_FILE |
		       LANDLOCK_FS_REFER,
};

static uint64_t
rights_of_abi(int abi)
{
	uint64_t rights = RIGHTS_ABI_1;

	if (abi >= LANDLOCK_ABI_REFER)
		rights |= LANDLOCK_FS_REFER;
	if (abi >= LANDLOCK_ABI_TRUNCATE)
		rights |= LANDLOCK_FS_TRUNCATE;
	if (abi >= LANDLOCK_ABI_IOCTL_DEV)
		rights |= LANDLOCK_FS_IOCTL_DEV;
	return rights;
}

uint64_t
ruleset_rights(unsigned int access, bool directory, bool device, int abi)
{
	uint64_t rights = 0;

	if (access & PLAN_READ)
		rights |= RIGHTS_READ;
	if (access & PLAN_WRITE)
		rights |= RIGHTS_WRITE;
	/* Without it no full-screen program works on its terminal. */
	if ((access & PLAN_WRITE) && device)
		rights |= LANDLOCK_FS_IOCTL_DEV;
	if (!directory)
		rights &= RIGHTS_FILE;
	return rights & rights_of_abi(abi);
}

static int
record_rule(struct launch *l, int fd, uint64_t port, uint64_t access, const char *path)
{
	struct rule_record *rec;
	struct stat st = { 0 };
	int r;

	if (!l->record)
		return 0;
	r = mem_grow((void **)&l->records, &l->records_capacity, l->records_count,
		     sizeof(*l->records));
	if (r < 0)
		return r;
	if (fd >= 0 && fstat(fd, &st) == -1)
		return -errno;
	rec = &l->records[l->records_count++];
	*rec = (struct rule_record){
		.device = st.st_dev, .inode = st.st_ino, .access = access, .port = port
	};
	(void)snprintf(rec->path, sizeof(rec->path), "%s", path);
	return 0;
}

/* Add a rule for an open object. A pipe or socket has no place in a file system: no rule needed. */
static int
add_path_rule(struct launch *l, int fd, uint64_t access, const char *path, struct err *e)
{
	const struct landlock_path_rule attr = { .access = access, .parent_fd = fd };
	int r;

	if (l->ruleset_fd == -1 || l->handled_fs == 0 || access == 0)
		return 0;
	if (syscall(SYS_landlock_add_rule, l->ruleset_fd, LANDLOCK_RULE_PATH, &attr, 0) == -1) {
		if (errno == EBADFD)
			return 0;
		return err_set_errno(e, -errno, "Cannot add Landlock rule for '%s'", path);
	}
	r = record_rule(l, fd, 0, access, path);
	return r < 0 ? err_set_errno(e, r, "cannot record the rule for '%s'", path) : 0;
}

static bool
is_device(const struct stat *st, const char *path)
{
	return S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode) ||
	       (S_ISDIR(st->st_mode) && path_is_beneath(path, "/dev"));
}

/* Compare what was opened with what the plan was made from. */
static int
check_identity(const struct plan_grant *g, const struct stat *st, const char *path, struct err *e)
{
	if (!(g->flags & PLAN_GRANT_CHECKED) || hook_off(HOOK_GRANT_IDENTITY))
		return 0;
	if (g->device == st->st_dev && g->inode == st->st_ino && g->type == (st->st_mode & S_IFMT))
		return 0;
	return err_set(e, -ESTALE,
		       "'%s' was replaced between the check and the launch; nothing was started. "
		       "Run the command again, and find out what moves that path if it stays",
		       path);
}

static bool
may_be_skipped(int error)
{
	return error == ENOENT || error == ENOTDIR || error == EACCES || error == ELOOP ||
	       error == ENAMETOOLONG;
}

/* In a read-only tree the user's read grant inside a write grant narrows it, too. */
static int
place_grant(struct launch *l, const struct plan_grant *g, const char *path, const struct stat *st,
	    struct err *e)
{
	if (g->access & PLAN_WRITE)
		return placement_add(l, PLACE_WRITABLE, path, st, e);
	if (g->source == PLAN_SOURCE_USER || g->source == PLAN_SOURCE_PROFILE)
		return placement_add(l, PLACE_READ_ONLY, path, st, e);
	return 0;
}

/* Whether some grant opens all of /proc for reading already. */
static bool
proc_is_readable(const struct plan *p)
{
	for (size_t i = 0; i < plan_count(p, PLAN_SEC_GRANTS); i++)
		if (plan_grant_at(p, i)->alias == PLAN_ALIAS_PROC)
			return true;
	return false;
}

static int
add_child_rule(struct launch *l, const char *path, uint64_t rights, struct err *e)
{
	int r;

	if (l->handled_fs == 0)
		return 0;
	r = mem_grow((void **)&l->rules, &l->rules_capacity, l->rules_count, sizeof(*l->rules));
	if (r < 0)
		return err_set_errno(e, r, "cannot grant '%s'", path);
	l->rules[l->rules_count++] = (struct child_rule){ path, rights };
	return 0;
}

/* An ordinary grant: open the path it was checked as. */
static int
add_path_grant(struct launch *l, const struct plan_grant *g, struct err *e)
{
	const char *resolved = plan_string(l->plan, g->resolved);
	const char *path = *resolved ? resolved : plan_string(l->plan, g->original);
	autofd int fd = -1;
	struct stat st;
	uint64_t rights;
	int r;

	if (g->flags & PLAN_GRANT_COVERED)
		return 0;
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd == -1) {
		if ((g->flags & PLAN_GRANT_OPTIONAL) && may_be_skipped(errno))
			return 0;
		return err_set_errno(e, -errno, "cannot open '%s' to grant it", path);
	}
	if (fstat(fd, &st) == -1)
		return err_set_errno(e, -errno, "cannot look at '%s' to grant it", path);
	if ((r = check_identity(g, &st, path, e)) < 0)
		return r;
	l->opened[g - plan_grant_at(l->plan, 0)] = S_ISDIR(st.st_mode) ? OPENED_DIRECTORY
								       : OPENED_FILE;
	if (g->kind == PLAN_KIND_DIR && !S_ISDIR(st.st_mode))
		return err_set(e, -ENOTDIR, "Expected a directory but got a file: %s", path);
	if (g->kind == PLAN_KIND_FILE && S_ISDIR(st.st_mode))
		return err_set(e, -EISDIR, "Expected a file but got a directory: %s", path);
	if (l->read_only_tree && !processes_hide(l, path) &&
	    (r = place_grant(l, g, path, &st, e)) < 0)
		return r;
	rights = ruleset_rights(g->access, S_ISDIR(st.st_mode), is_device(&st, path),
				l->kernel.landlock_abi);
	/* The session's /proc is not there yet, and has inodes of its own. */
	if (processes_hide(l, path))
		return proc_is_readable(l->plan) ? 0 : add_child_rule(l, path, rights, e);
	if ((l->plan->settings->flags & PLAN_DEVICE_NODES) && (rights & LANDLOCK_FS_MAKE_REG))
		rights |= LANDLOCK_FS_MAKE_CHAR | LANDLOCK_FS_MAKE_BLOCK;
	return add_path_rule(l, fd, rights, path, e);
}

/* What the program's stream `fd` will be: the caller's, or the session's own terminal (-1: not yet). */
static int
stream_of(const struct launch *l, int fd)
{
	return l->terminal.tty_streams & 1U << fd ? l->terminal.tty_fd : fd;
}

/*
 * /dev/stdin and its sisters are whatever the streams are. Opened by that name the object may be
 * used as the descriptor allows and not beyond: `2>> log` must not give reading or truncating.
 */
static int
add_stream_grant(struct launch *l, const struct plan_grant *g, int fd, struct err *e)
{
	const char *path = plan_string(l->plan, g->original);
	int flags;
	unsigned int access = g->access;
	uint64_t rights;
	struct stat st;

	/* The child makes the rules for its devpts. */
	if (fd == -1)
		return 0;
	flags = fcntl(fd, F_GETFL);
	if (flags == -1 || fstat(fd, &st) == -1)
		return err_set_errno(e, -errno, "cannot look at descriptor %d", fd);
	if (!hook_off(HOOK_STDIO_ALIAS)) {
		if (S_ISDIR(st.st_mode) || (flags & O_PATH))
			return 0;
		if ((flags & O_ACCMODE) == O_RDONLY)
			access &= PLAN_READ;
		else if ((flags & O_ACCMODE) == O_WRONLY)
			access &= PLAN_WRITE;
	}
	rights = ruleset_rights(access, S_ISDIR(st.st_mode), S_ISCHR(st.st_mode),
				l->kernel.landlock_abi);
	if ((flags & O_APPEND) && !hook_off(HOOK_STDIO_ALIAS))
		rights &= ~(uint64_t)LANDLOCK_FS_TRUNCATE;
	return add_path_rule(l, fd, rights, path, e);
}

/* linux.pty_access "all": the terminals of the system, and making more of them. */
static int
add_all_terminals(struct launch *l, const struct plan_grant *g, struct err *e)
{
	autofd int fd = open("/dev/ptmx", O_PATH | O_CLOEXEC);
	int r;

	if (fd != -1) {
		r = add_path_rule(l, fd,
				  ruleset_rights(g->access, false, true, l->kernel.landlock_abi),
				  "/dev/ptmx", e);
		if (r < 0)
			return r;
	}
	return add_path_grant(l, g, e);
}

/*
 * All of the system's /dev/pts would let the program read the keys of the user's other terminals:
 * the session's own devpts is granted when there is one (it is not mounted yet, so the child makes
 * the rules), else only the nodes the program has as streams.
 */
static int
add_tty_grant(struct launch *l, const struct plan_grant *g, struct err *e)
{
	if (l->plan->settings->flags & PLAN_PTY_ALL)
		return add_all_terminals(l, g, e);
	if (l->terminal.own_devpts) {
		l->devpts_access |= g->access;
		return 0;
	}
	if (hook_off(HOOK_OWN_TTY))
		return add_path_grant(l, g, e);
	for (int stream = 0; stream <= 2; stream++) {
		int fd = stream_of(l, stream), r;

		if (!isatty(fd))
			continue;
		r = add_path_rule(l, fd,
				  ruleset_rights(g->access, false, true, l->kernel.landlock_abi),
				  "own terminal", e);
		if (r < 0)
			return r;
	}
	return 0;
}

bool
ruleset_lists_descriptors(const char *path)
{
	return str_equal(path, "/dev/fd") || str_equal(path, "/proc/self/fd") ||
	       str_equal(path, "/proc/thread-self/fd");
}

/* An object of the child's own /proc directory: the child opens it after the fork. */
static int
add_child_grant(struct launch *l, const struct plan_grant *g, struct err *e)
{
	const char *path = plan_string(l->plan, g->original);
	unsigned int access = g->access;
	uint64_t rights;
	struct stat st;

	if (ruleset_lists_descriptors(path))
		access &= PLAN_READ;
	if (access == 0 || (access == PLAN_READ && proc_is_readable(l->plan)))
		return 0;
	if (stat(path, &st) == -1) {
		if ((g->flags & PLAN_GRANT_OPTIONAL) && may_be_skipped(errno))
			return 0;
		return err_set_errno(e, -errno, "cannot open '%s' to grant it", path);
	}
	rights = ruleset_rights(access, S_ISDIR(st.st_mode), false, l->kernel.landlock_abi);
	return add_child_rule(l, path, rights, e);
}

/* The multiplexer has a rule of its own because it may be seen through a mount on a file. */
static int
add_devpts_rules(struct launch *l, struct err *e)
{
	uint64_t rights = ruleset_rights(l->devpts_access, false, true, l->kernel.landlock_abi);
	uint64_t listing = l->devpts_access & PLAN_READ ? LANDLOCK_FS_READ_DIR : 0;
	size_t before = l->rules_count;
	int r;

	if (l->devpts_access == 0)
		return 0;
	r = add_child_rule(l, "/dev/pts", rights | listing, e);
	if (r == 0)
		r = add_child_rule(l, "/dev/ptmx", rights, e);
	l->devpts_rules = l->rules_count - before;
	return r;
}

static int
add_proc_grant(struct launch *l, const struct plan_grant *g, struct err *e)
{
	uint64_t rights = ruleset_rights(g->access, true, false, l->kernel.landlock_abi);
	autofd int fd = -1;

	if (l->own_processes)
		return add_child_rule(l, "/proc", rights, e);
	fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return err_set_errno(e, -errno, "cannot open '/proc' to grant '/proc/self'");
	return add_path_rule(l, fd, rights, "/proc", e);
}

static int
add_grant(struct launch *l, const struct plan_grant *g, struct err *e)
{
	switch ((enum plan_alias)g->alias) {
	case PLAN_ALIAS_STDIN:
	case PLAN_ALIAS_STDOUT:
	case PLAN_ALIAS_STDERR:
		return add_stream_grant(l, g, stream_of(l, g->alias - PLAN_ALIAS_STDIN), e);
	case PLAN_ALIAS_OWN_TTY:
		return add_tty_grant(l, g, e);
	case PLAN_ALIAS_PROC:
		return add_proc_grant(l, g, e);
	case PLAN_ALIAS_CHILD:
		return add_child_grant(l, g, e);
	case PLAN_ALIAS_NONE:
	case PLAN_ALIAS_COUNT:
		break;
	}
	return add_path_grant(l, g, e);
}

static int
add_state_rule(struct launch *l, struct err *e)
{
	if (l->state_fd == -1)
		return 0;
	return add_path_rule(l, l->state_fd, LANDLOCK_FS_READ_FILE, "state file", e);
}

static int
add_temp_rule(struct launch *l, struct err *e)
{
	autofd int fd = -1;
	struct stat st;
	int r;

	if (!*l->temp_directory)
		return 0;
	fd = open(l->temp_directory, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return err_set_errno(e, -errno, "cannot open the private directory '%s'",
				     l->temp_directory);
	if (l->read_only_tree) {
		if (fstat(fd, &st) == -1)
			return err_set_errno(e, -errno, "cannot look at '%s'", l->temp_directory);
		if ((r = placement_add(l, PLACE_WRITABLE, l->temp_directory, &st, e)) < 0)
			return r;
	}
	return add_path_rule(
		l, fd, ruleset_rights(PLAN_READ | PLAN_WRITE, true, false, l->kernel.landlock_abi),
		"private temporary directory", e);
}

static int
add_port_rule(struct launch *l, const struct plan_port *port, struct err *e)
{
	struct landlock_port_rule attr = { .port = port->port };
	int r;

	if (port->use != PLAN_PORT_BIND)
		attr.access |= LANDLOCK_NET_CONNECT_TCP;
	if (port->use != PLAN_PORT_CONNECT)
		attr.access |= LANDLOCK_NET_BIND_TCP;
	if (syscall(SYS_landlock_add_rule, l->ruleset_fd, LANDLOCK_RULE_PORT, &attr, 0) == -1)
		return err_set_errno(e, -errno, "Cannot add Landlock rule for port %u", port->port);
	r = record_rule(l, -1, port->port, attr.access, "");
	return r < 0 ? err_set_errno(e, r, "cannot record the rule for port %u", port->port) : 0;
}

/* Which restrictions the rule set carries; a switched-off defence of a test build is left out. */
static int
choose_handled(struct launch *l, struct err *e)
{
	const struct plan_settings *s = l->plan->settings;
	int abi = l->kernel.landlock_abi;
	bool ports = plan_count(l->plan, PLAN_SEC_PORTS) > 0 || s->net == PLAN_NET_PORTS;

	l->handled_fs = hook_off(HOOK_LANDLOCK_FS) ? 0 : rights_of_abi(abi);
	if (s->net != PLAN_NET_ALLOWED && abi < LANDLOCK_ABI_NET && ports)
		return err_set(
			e, -EOPNOTSUPP,
			"Sandbox initialization failed: Network filtering requested but kernel "
			"Landlock ABI doesn't support it (V4, Linux 6.7, is needed; this is V%d). "
			"Use --block-net without ports, which needs no such support",
			abi);
	if (s->net != PLAN_NET_ALLOWED && abi >= LANDLOCK_ABI_NET && !hook_off(HOOK_LANDLOCK_NET))
		l->handled_net = LANDLOCK_NET_BIND_TCP | LANDLOCK_NET_CONNECT_TCP;
	if (abi >= LANDLOCK_ABI_SCOPE) {
		if (s->signal_mode != PLAN_ALLOW_ALL && !hook_off(HOOK_SCOPE_SIGNAL))
			l->scoped |= LANDLOCK_SCOPE_SIGNALS;
		if (!(s->flags & PLAN_IPC_FULL) && !hook_off(HOOK_SCOPE_ABSTRACT))
			l->scoped |= LANDLOCK_SCOPE_ABSTRACT;
	} else if (s->signal_mode == PLAN_SAME_SANDBOX) {
		return err_set(
			e, -EOPNOTSUPP,
			"Sandbox initialization failed: signal mode allow_same_sandbox needs Landlock V6+ "
			"(Linux 6.12); this is V%d. Use signal mode isolated",
			abi);
	}
	return 0;
}

int
ruleset_build(struct launch *l, struct err *e)
{
	struct landlock_attr attr;
	long fd;
	int r;

	if ((r = choose_handled(l, e)) < 0)
		return r;
	attr = (struct landlock_attr){ l->handled_fs, l->handled_net, l->scoped };
	if (attr.handled_fs == 0 && attr.handled_net == 0 && attr.scoped == 0)
		return 0;
	/* A longer struct is fine for any kernel as long as the tail it does not know is zero. */
	fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (fd == -1)
		return err_set_errno(
			e, -errno,
			"Sandbox initialization failed: cannot create a Landlock rule set");
	l->ruleset_fd = (int)fd;
	for (size_t i = 0; i < plan_count(l->plan, PLAN_SEC_GRANTS); i++)
		if ((r = add_grant(l, plan_grant_at(l->plan, i), e)) < 0)
			return r;
	if ((r = add_state_rule(l, e)) < 0 || (r = add_temp_rule(l, e)) < 0 ||
	    (r = add_devpts_rules(l, e)) < 0)
		return r;
	for (size_t i = 0; l->handled_net && i < plan_count(l->plan, PLAN_SEC_PORTS); i++)
		if ((r = add_port_rule(l, plan_port_at(l->plan, i), e)) < 0)
			return r;
	return 0;
}

int
ruleset_use_slave(struct launch *l, struct err *e)
{
	int r;

	/* They come last. */
	l->rules_count -= l->devpts_rules;
	l->devpts_rules = 0;
	for (size_t i = 0; i < plan_count(l->plan, PLAN_SEC_GRANTS); i++) {
		const struct plan_grant *g = plan_grant_at(l->plan, i);

		if (g->alias < PLAN_ALIAS_STDIN || g->alias > PLAN_ALIAS_OWN_TTY)
			continue;
		if ((r = add_grant(l, g, e)) < 0)
			return r;
	}
	return 0;
}
