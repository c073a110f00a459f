/* From a plan to a finished struct child_plan. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/fd.h"
#include "base/hooks.h"
#include "base/path.h"
#include "base/str.h"
#include "launch/internal.h"

#define SSH_DIRECTORY "/etc/ssh"

static int
out_of_memory(struct err *e)
{
	return err_set_errno(e, -ENOMEM, "cannot prepare the launch");
}

static int
copy_words(struct launch *l, struct err *e)
{
	size_t n = plan_count(l->plan, PLAN_SEC_ARGV);

	l->argv = mem_calloc(n + 1, sizeof(*l->argv));
	if (!l->argv)
		return out_of_memory(e);
	/* execve takes char *const *, yet never writes through it. */
	for (size_t i = 0; i < n; i++)
		l->argv[i] = (char *)(uintptr_t)plan_argument_at(l->plan, i);
	return 0;
}

/* The environment of the plan, with TMPDIR moved to the private directory. */
static int
copy_environment(struct launch *l, struct err *e)
{
	size_t n = plan_count(l->plan, PLAN_SEC_ENVIRONMENT), used = 0;

	l->environment = mem_calloc(n + 3, sizeof(*l->environment));
	if (!l->environment)
		return out_of_memory(e);
	for (size_t i = 0; i < n; i++) {
		const char *entry = plan_environment_at(l->plan, i);

		if (*l->temp_directory && str_starts_with(entry, "TMPDIR="))
			continue;
		if (l->state_entry && str_starts_with(entry, "NONO_CAP_FILE="))
			continue;
		l->environment[used++] = (char *)(uintptr_t)entry;
	}
	if (*l->temp_directory) {
		autobuf struct buf b = BUF_INIT;

		if (buf_addf(&b, "TMPDIR=%s", l->temp_directory) < 0 ||
		    !(l->tmpdir_entry = buf_take(&b)))
			return out_of_memory(e);
		l->environment[used++] = l->tmpdir_entry;
	}
	l->environment[used] = l->state_entry;
	return 0;
}

static int
copy_keep_fds(struct launch *l, struct err *e)
{
	size_t n = plan_count(l->plan, PLAN_SEC_KEEP_FDS);

	l->keep_fds = mem_calloc(n, sizeof(*l->keep_fds));
	if (!l->keep_fds)
		return out_of_memory(e);
	for (size_t i = 0; i < n; i++) {
		l->keep_fds[i] = (int)plan_keep_fd_at(l->plan, i);
		if (fcntl(l->keep_fds[i], F_GETFD) == -1)
			return err_set_errno(
				e, -errno,
				"descriptor %d of --keep-fd is not open; open it in the "
				"shell first, as in `%d<file`",
				l->keep_fds[i], l->keep_fds[i]);
	}
	return 0;
}

static int
open_start_directory(struct launch *l, struct err *e)
{
	const char *path = plan_string(l->plan, l->plan->settings->start_directory);
	uint32_t mode = l->plan->settings->mode;

	l->start_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (l->start_fd == -1)
		return err_set_exit(
			e, mode == PLAN_MODE_WRAP ? EXIT_NONO : EXIT_SETUP, -errno,
			"failed to enter child working directory '%s': %s; choose another "
			"with --workdir",
			path, strerror(errno));
	return 0;
}

const struct err *
launch_no_namespace(const struct launch *l)
{
	return l->no_namespace.code ? &l->no_namespace : NULL;
}

const char *
launch_no_devpts(const struct plan *p)
{
	if (p->settings->namespaces == PLAN_NAMESPACES_OFF)
		return "--namespaces=off";
	if (p->settings->flags & PLAN_PTY_ALL)
		return "the terminals of the system are granted";
	if (hook_off(HOOK_DEVPTS))
		return "switched off";
	for (size_t i = 0; i < plan_count(p, PLAN_SEC_GRANTS); i++) {
		const struct plan_grant *g = plan_grant_at(p, i);
		const char *path = plan_string(p, g->resolved);

		if (g->alias != PLAN_ALIAS_NONE || !*path)
			continue;
		if (path_is_beneath(path, "/dev/pts"))
			return "a terminal is granted by name and must not be hidden";
		/* Without CAP_SYS_ADMIN it takes a user namespace, and "Bad owner" ends ssh. */
		if (geteuid() != 0 &&
		    (path_is_beneath(path, SSH_DIRECTORY) || path_is_beneath(SSH_DIRECTORY, path)))
			return SSH_DIRECTORY " is granted, and ssh refuses its files where they "
					     "seem to belong to nobody";
	}
	return NULL;
}

/* The way of the master. */
static int
prepare_devpts(struct launch *l, struct err *e)
{
	int ends[2];

	if (!l->terminal.own_devpts)
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == -1)
		return err_set_errno(e, -errno, "cannot make a socket to the child");
	l->master_fd = ends[0];
	l->slave_socket = ends[1];
	return 0;
}

static int
check_kernel(const struct kernel *k, struct err *e)
{
	if (k->landlock_abi == 0)
		return err_set(
			e, -EOPNOTSUPP,
			"Sandbox initialization failed: Landlock not available. Requires Linux kernel "
			"5.13+ with Landlock enabled. %s",
			k->landlock_error == -EOPNOTSUPP
				? "This kernel has it but did not start it: add landlock to the "
				  "lsm= boot parameter (see /sys/kernel/security/lsm)"
			: errno_is_denied(k->landlock_error)
				? "Something around this process refuses the call, as a container's "
				  "default seccomp profile does: allow landlock_create_ruleset, "
				  "landlock_add_rule and landlock_restrict_self there"
				: "This kernel does not know it: update the kernel");
	if (!k->seccomp)
		return err_set(
			e, -EOPNOTSUPP,
			"Sandbox initialization failed: seccomp filters are not available. Use a kernel "
			"with CONFIG_SECCOMP_FILTER, or allow seccomp(2) in the container's profile");
	return 0;
}

static int
fill_child_plan(struct launch *l, struct err *e)
{
	const struct plan_settings *s = l->plan->settings;

	l->filter_choice = filter_choose(l->plan, &l->kernel);
	if (filter_make(l->filter_choice, filter_lifted(l->plan), &l->child.filter,
			&l->filter_copy) < 0)
		return out_of_memory(e);
	l->child.report_fd = -1;
	l->child.cgroup_fd = -1;
	l->child.tty_fd = l->terminal.own_devpts ? l->slave_socket : l->terminal.tty_fd;
	l->child.own_devpts = l->terminal.own_devpts;
	l->child.tty_streams = l->terminal.tty_streams;
	/* The program needs the shim to have a terminal, or to be born into a namespace. */
	l->child.job_fd = l->child.tty_fd != -1 || l->own_processes ? l->terminal.job_fd : -1;
	l->child.close_fds = !hook_off(HOOK_CLOSE_FDS);
	l->child.keep_fds = l->keep_fds;
	l->child.keep_fds_count = plan_count(l->plan, PLAN_SEC_KEEP_FDS);
	l->child.start_directory_fd = l->start_fd;
	l->child.start_directory = plan_string(l->plan, s->start_directory);
	l->child.limit_core = !hook_off(HOOK_CORE_LIMIT);
	l->child.new_keyring = !hook_off(HOOK_KEYRING);
	l->child.drop_capabilities = !hook_off(HOOK_CAPS);
	/* A user namespace gives every user all capabilities in it. */
	l->child.drop_bounding = l->child.drop_capabilities &&
				 (geteuid() == 0 || l->child.user_ns_fd != -1);
	if (s->flags & PLAN_KEEP_FILE_CAPS && geteuid() == 0)
		l->child.keep_capabilities = PLAN_FILE_CAPS;
	l->child.new_ipc = l->child.mount_ns_fd != -1 && s->namespaces >= PLAN_NAMESPACES_FULL &&
			   !(s->flags & PLAN_IPC_FULL) && !hook_off(HOOK_IPC_NAMESPACE);
	l->child.ruleset_fd = l->ruleset_fd;
	l->child.rules = l->rules;
	l->child.rules_count = l->rules_count;
	l->child.program = plan_string(l->plan, s->program);
	l->child.argv = l->argv;
	l->child.environment = l->environment;
	return 0;
}

/* For tests of "same child for both": what was prepared, as text in the file the hook names. */
static int
write_dump(const struct launch *l, struct err *e)
{
	const char *path = hook_dump_child();
	autobuf struct buf b = BUF_INIT;
	autofd int fd = -1;
	int r;

	if (!path)
		return 0;
	if ((r = launch_dump(&b, l)) < 0)
		return err_set_errno(e, r, "cannot dump the child plan");
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd == -1)
		return err_set_errno(e, -errno, "cannot write '%s'", path);
	r = fd_write_all(fd, b.p, b.n);
	return r < 0 ? err_set_errno(e, r, "cannot write '%s'", path) : 0;
}

int
launch_prepare(struct launch **ret, const struct plan *p, const struct kernel *k, struct err *e)
{
	return launch_prepare_on(ret, p, k, NULL, e);
}

int
launch_prepare_on(struct launch **ret, const struct plan *p, const struct kernel *k,
		  const struct launch_terminal *t, struct err *e)
{
	const struct plan_settings *s = p->settings;
	struct launch *l;
	int r;

	if ((r = check_kernel(k, e)) < 0)
		return r;
	if (s->uid != getuid())
		return err_set(e, -EPERM, "the plan was made for user %u, this is user %u", s->uid,
			       (unsigned int)getuid());
	if ((r = stdio_check(e)) < 0)
		return r;
	l = mem_calloc(1, sizeof(*l));
	if (!l)
		return out_of_memory(e);
	l->plan = p;
	l->kernel = *k;
	l->ruleset_fd = l->start_fd = l->master_fd = l->slave_socket = -1;
	l->child.user_ns_fd = l->child.mount_ns_fd = l->child.pid_ns_fd = -1;
	l->init_fd = -1;
	l->pidfd = l->report_fd = l->state_fd = -1;
	l->terminal = t ? *t : (struct launch_terminal){ .tty_fd = -1, .job_fd = -1 };
	l->record = hook_dump_child() != NULL;
	l->read_only_tree = s->namespaces >= PLAN_NAMESPACES_FULL && !hook_off(HOOK_READ_ONLY_TREE);

	if (!(s->flags & PLAN_SHARED_TMP))
		r = tempdir_make(&l->temp_directory, plan_string(p, s->temp_parent), e);
	else if (!(l->temp_directory = mem_strdup("")))
		r = out_of_memory(e);
	if (r == 0) {
		statefile_make(l);
		l->opened = mem_calloc(plan_count(p, PLAN_SEC_GRANTS) + 1, 1);
		r = l->opened ? 0 : out_of_memory(e);
	}
	if (r < 0 || (r = open_start_directory(l, e)) < 0 || (r = copy_words(l, e)) < 0 ||
	    (r = copy_environment(l, e)) < 0 || (r = copy_keep_fds(l, e)) < 0 ||
	    (r = processes_choose(l, e)) < 0 || (r = prepare_devpts(l, e)) < 0 ||
	    (r = ruleset_build(l, e)) < 0 || (r = placements_finish(l, e)) < 0 ||
	    (r = namespace_make(l, e)) < 0 || (r = fill_child_plan(l, e)) < 0 ||
	    (r = write_dump(l, e)) < 0) {
		if (l->temp_directory && *l->temp_directory)
			(void)rmdir(l->temp_directory);
		launch_free(l);
		return r;
	}
	statefile_write(l);
	*ret = l;
	return 0;
}

void
launch_free(struct launch *l)
{
	if (!l)
		return;
	launch_abandon(l);
	statefile_remove(l);
	placements_free(l);
	fd_close(l->child.user_ns_fd);
	fd_close(l->child.mount_ns_fd);
	fd_close(l->child.pid_ns_fd);
	if (l->init_fd != -1)
		(void)syscall(SYS_pidfd_send_signal, l->init_fd, SIGKILL, NULL, 0);
	fd_close(l->init_fd);
	mem_free(l->state_entry);
	mem_free(l->opened);
	fd_close(l->master_fd);
	fd_close(l->slave_socket);
	fd_close(l->ruleset_fd);
	fd_close(l->start_fd);
	mem_free(l->rules);
	mem_free(l->keep_fds);
	mem_free(l->argv);
	mem_free(l->environment);
	mem_free(l->tmpdir_entry);
	mem_free(l->temp_directory);
	mem_free(l->filter_copy);
	mem_free(l->records);
	mem_free(l);
}

const struct child_plan *
launch_child_plan(const struct launch *l)
{
	return &l->child;
}

const char *
launch_temp_directory(const struct launch *l)
{
	return l->temp_directory;
}
