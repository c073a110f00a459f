/*
 * The namespaces that a program may run in: a mount namespace, inside a user namespace where it takes
 * one to be allowed that. A process of its own makes them, mounts what the launch asks for, hands
 * both over and ends; the child enters them by descriptor. So the process that becomes the program
 * stays small, and what a system refuses is known before that process exists.
 *
 * Into the tree of the session go:
 *  - copies of what may be written, in a tree that is read-only otherwise. Landlock lets an owner
 *    chmod, chown and touch what no grant names, and before version 3 truncate it;
 *  - emptiness on what is denied inside a grant, from which Landlock can take nothing away; and each
 *    directory on the way to it as a mount, which cannot be renamed (placements.c);
 *  - a devpts, whose terminals are the session's alone;
 *  - the /proc of a pid namespace, mounted by its process 1 (init.c).
 * mount_setattr(2) and open_tree(2) are older (5.12, 5.2) than Landlock.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "launch/internal.h"

#define NS_DIRECTORY "/proc/self/ns/"

enum { NAMESPACES_MAX = 3 };

enum act {
	ACT_MAKE, /* the process itself */
	ACT_ENTER,
	ACT_MAP,
	ACT_ROOT,
	ACT_DETACH,
	ACT_STAGE,
	ACT_COPY,
	ACT_READ_ONLY,
	ACT_PLACE,
	ACT_DEVPTS,
	ACT_PROCESSES, /* from here to ACT_CONFINE: in the order of enum init_step */
	ACT_PROC,
	ACT_CONFINE,
	ACT_HAND_OVER,
	ACT_DONE,
};

static const char *const act_text[] = {
	[ACT_MAKE] = "starting a process",
	[ACT_ENTER] = "unshare",
	[ACT_MAP] = "writing id maps",
	[ACT_ROOT] = "entering it at its root",
	[ACT_DETACH] = "making mounts private",
	[ACT_STAGE] = "mounting a tmpfs",
	[ACT_COPY] = "copying the mount of",
	[ACT_READ_ONLY] = "setting it read-only",
	[ACT_PLACE] = "mounting on",
	[ACT_DEVPTS] = "mounting a devpts",
	[ACT_PROCESSES] = "making a pid namespace",
	[ACT_PROC] = "mounting its /proc",
	[ACT_CONFINE] = "confining its process 1",
	[ACT_HAND_OVER] = "handing it over",
};

/* What that process says at the end. */
struct answer {
	uint32_t act; /* that failed, or ACT_DONE: the descriptors come with it */
	int32_t error;
	uint32_t index; /* of the mount, for ACT_COPY and ACT_PLACE */
	int32_t init;	/* pid of process 1 of the pid namespace; 0: there is none */
};

/* ---- the process that makes them: system calls, no allocation ---- */

struct maker {
	struct launch *l;
	int socket_fd;
	bool user;	   /* a user namespace was needed */
	const char *stage; /* where the empty objects are, and an open directory of it */
	int stage_fd;
	int ns_fd;   /* /proc/self/ns, which the session's /proc covers; -1: it has none */
	pid_t init;  /* of the pid namespace; 0: none */
	int init_fd; /* a socket to it */
};

static _Noreturn void
give_up(const struct maker *m, enum act act, size_t index)
{
	const struct answer a = { (uint32_t)act, errno, (uint32_t)index, 0 };

	(void)!send(m->socket_fd, &a, sizeof(a), MSG_NOSIGNAL);
	_exit(1);
}

static void
write_map(const struct maker *m, const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	/* The kernel takes a map in one write or not at all. */
	if (fd == -1 || write(fd, text, strlen(text)) == -1)
		give_up(m, ACT_MAP, 0);
	(void)close(fd);
}

/*
 * With CAP_SYS_ADMIN no user namespace is made: in one, the files of all other users seem to belong
 * to nobody. The maps are of one id each, the caller's own, onto itself.
 */
static void
enter(struct maker *m)
{
	char users[32], groups[32];

	if (unshare(CLONE_NEWNS) == 0)
		return;
	m->user = true;
	(void)snprintf(users, sizeof(users), "%u %u 1\n", (unsigned int)geteuid(),
		       (unsigned int)geteuid());
	(void)snprintf(groups, sizeof(groups), "%u %u 1\n", (unsigned int)getegid(),
		       (unsigned int)getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1)
		give_up(m, ACT_ENTER, 0);
	/* The broker is not dumpable, and then these files of its children belong to root. */
	if (prctl(PR_SET_DUMPABLE, 1) == -1)
		give_up(m, ACT_MAP, 0);
	/* Without the denial the kernel takes no group map from an unprivileged process. */
	write_map(m, "/proc/self/setgroups", "deny");
	write_map(m, "/proc/self/uid_map", users);
	write_map(m, "/proc/self/gid_map", groups);
	if (prctl(PR_SET_DUMPABLE, 0) == -1)
		give_up(m, ACT_MAP, 0);
}

/*
 * setns(2) leads to the root of the namespace, whatever the caller's root was: from a chroot the
 * program would come out of it, past all that is mounted below. Tried here, where there is still a
 * way without a namespace; the path of a root tells nothing, and a bind mount has the same inode.
 */
static void
check_root(const struct maker *m)
{
	int fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	struct statx before, after;

	if (fd == -1 || statx(AT_FDCWD, "/", 0, STATX_MNT_ID | STATX_INO, &before) == -1 ||
	    setns(fd, CLONE_NEWNS) == -1 ||
	    statx(AT_FDCWD, "/", 0, STATX_MNT_ID | STATX_INO, &after) == -1)
		give_up(m, ACT_ROOT, 0);
	(void)close(fd);
	if (before.stx_mnt_id != after.stx_mnt_id || before.stx_ino != after.stx_ino) {
		errno = EXDEV;
		give_up(m, ACT_ROOT, 0);
	}
}

static int
set_read_only(int fd, const char *path)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	return mount_setattr(fd, path, AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr));
}

/* The empty file and the empty directory that all masks show. */
static void
make_stage(struct maker *m)
{
	int fd;

	if (mount("nono", m->stage, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  "mode=0755,size=4k") == -1)
		give_up(m, ACT_STAGE, 0);
	m->stage_fd = open(m->stage, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (m->stage_fd == -1 || mkdirat(m->stage_fd, "directory", 0555) == -1)
		give_up(m, ACT_STAGE, 0);
	fd = openat(m->stage_fd, "file", O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd == -1 || set_read_only(AT_FDCWD, m->stage) == -1)
		give_up(m, ACT_STAGE, 0);
	(void)close(fd);
}

/* A directory that can be covered for a moment: none of the masks is below it. */
static const char *
choose_stage(const struct launch *l)
{
	static const char *const places[] = { "/proc", "/sys", "/dev", "/run" };

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		bool used = false;

		for (size_t k = 0; k < l->placements_count; k++)
			used |= path_is_beneath(l->placements[k].path, places[i]);
		if (!used && access(places[i], X_OK) == 0)
			return places[i];
	}
	return NULL;
}

/* A copy keeps the flags that its mounts have now: what is read-only for everybody stays so. */
static int
copy(const struct maker *m, size_t i)
{
	const struct placement *p = &m->l->placements[i];
	static const char *const masks[] = {
		[PLACE_EMPTY_DIRECTORY] = "directory",
		[PLACE_EMPTY_FILE] = "file",
	};
	bool mask = p->kind == PLACE_EMPTY_DIRECTORY || p->kind == PLACE_EMPTY_FILE;
	int fd = open_tree(mask ? m->stage_fd : AT_FDCWD, mask ? masks[p->kind] : p->path,
			   OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE |
				   AT_SYMLINK_NOFOLLOW);

	if (fd == -1 || (p->kind == PLACE_READ_ONLY && set_read_only(fd, "") == -1))
		give_up(m, ACT_COPY, i);
	return fd;
}

/* The path must still be what was granted or denied when the plan was made. */
static void
put(const struct maker *m, size_t i, int tree)
{
	const struct placement *p = &m->l->placements[i];
	int place = open(p->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (place == -1 || fstat(place, &st) == -1)
		give_up(m, ACT_PLACE, i);
	if (st.st_dev != p->device || st.st_ino != p->inode) {
		errno = ESTALE;
		give_up(m, ACT_PLACE, i);
	}
	if (move_mount(tree, "", place, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) ==
	    -1)
		give_up(m, ACT_PLACE, i);
	(void)close(place);
	(void)close(tree);
}

static void
make_tree(struct maker *m)
{
	struct launch *l = m->l;
	size_t first_mask = l->placements_count - l->masks_count;

	for (size_t i = 0; i < first_mask; i++)
		if (l->placements[i].kind == PLACE_WRITABLE)
			l->placements[i].fd = copy(m, i);
	if (l->read_only_tree && set_read_only(AT_FDCWD, "/") == -1)
		give_up(m, ACT_READ_ONLY, 0);
	for (size_t i = 0; i < first_mask; i++)
		put(m, i,
		    l->placements[i].kind == PLACE_WRITABLE ? l->placements[i].fd : copy(m, i));
	if (l->masks_count == 0)
		return;
	m->stage = choose_stage(l);
	if (!m->stage) {
		errno = EBUSY;
		give_up(m, ACT_STAGE, 0);
	}
	make_stage(m);
	for (size_t i = first_mask; i < l->placements_count; i++)
		put(m, i, copy(m, i));
	if (umount2(m->stage, MNT_DETACH) == -1)
		give_up(m, ACT_STAGE, 0);
}

/*
 * A ptmx that is no way to the new one would still make terminals of the system. All instances share
 * one small number of terminals (kernel.pty.max): a program that hoards them must not leave later
 * sessions without.
 */
static void
make_devpts(const struct maker *m)
{
	struct stat ours, used;

	if (mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
		  "newinstance,ptmxmode=0666,mode=0620,max=256") == -1 ||
	    stat("/dev/pts/ptmx", &ours) == -1 || stat("/dev/ptmx", &used) == -1)
		give_up(m, ACT_DEVPTS, 0);
	if ((ours.st_dev != used.st_dev || ours.st_ino != used.st_ino) &&
	    mount("/dev/pts/ptmx", "/dev/ptmx", NULL, MS_BIND, NULL) == -1)
		give_up(m, ACT_DEVPTS, 0);
}

static void
make_processes(struct maker *m)
{
	struct init_report r;

	m->ns_fd = open(NS_DIRECTORY, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (m->ns_fd == -1)
		give_up(m, ACT_PROCESSES, 0);
	r = init_start(&m->init, &m->init_fd);
	errno = r.error;
	if (r.error)
		give_up(m, (enum act)(ACT_PROCESSES + r.step), 0);
}

static int
open_namespace(const struct maker *m, const char *path)
{
	return openat(m->ns_fd, m->ns_fd == -1 ? path : path + strlen(NS_DIRECTORY),
		      O_RDONLY | O_CLOEXEC);
}

static void
hand_over(const struct maker *m)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(NAMESPACES_MAX * sizeof(int))];
	} control = { .header = { 0, SOL_SOCKET, SCM_RIGHTS } };
	struct answer a = { .act = ACT_DONE, .init = m->init };
	struct iovec part = { &a, sizeof(a) };
	int fds[NAMESPACES_MAX], r;
	size_t n = 0, bytes;

	fds[n++] = open_namespace(m, NS_DIRECTORY "mnt");
	if (m->init)
		fds[n++] = open_namespace(m, NS_DIRECTORY "pid_for_children");
	if (m->user)
		fds[n++] = open_namespace(m, NS_DIRECTORY "user");
	for (size_t i = 0; i < n; i++)
		if (fds[i] == -1)
			give_up(m, ACT_HAND_OVER, 0);
	bytes = n * sizeof(int);
	control.header.cmsg_len = CMSG_LEN(bytes);
	memcpy(CMSG_DATA(&control.header), fds, bytes);
	const struct msghdr message = { .msg_iov = &part,
					.msg_iovlen = 1,
					.msg_control = &control,
					.msg_controllen = CMSG_SPACE(bytes) };
	/* One that is not told ends, and its namespace with it: before anything is born there. */
	if (m->init && (r = init_go(m->init_fd)) < 0) {
		errno = -r;
		give_up(m, ACT_CONFINE, 0);
	}
	if (sendmsg(m->socket_fd, &message, MSG_NOSIGNAL) == -1)
		give_up(m, ACT_HAND_OVER, 0);
}

static _Noreturn void
make(struct launch *l, int socket_fd, pid_t parent)
{
	struct maker m = { .l = l, .socket_fd = socket_fd, .stage_fd = -1, .ns_fd = -1 };
	struct rlimit files;

	/* A write grant takes one, and this process ends soon. */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(1);
	/* What stands for covered objects can be listed and read, whatever the caller's mask. */
	(void)umask(022);
	enter(&m);
	check_root(&m);
	/* What we mount must not appear outside; what is mounted outside may appear here. */
	if (mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) == -1)
		give_up(&m, ACT_DETACH, 0);
	make_tree(&m);
	if (l->terminal.own_devpts)
		make_devpts(&m);
	if (l->own_processes)
		make_processes(&m);
	hand_over(&m);
	_exit(0);
}

/* ---- who asks for them ---- */

/* 0 with the descriptors in l, or the answer that says what failed. */
static int
receive(struct launch *l, int socket_fd, struct answer *ret)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(NAMESPACES_MAX * sizeof(int))];
	} control;
	struct iovec part = { ret, sizeof(*ret) };
	struct msghdr m = { .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	const struct cmsghdr *header;
	int fds[NAMESPACES_MAX] = { -1, -1, -1 };
	size_t bytes, at = 0;
	ssize_t n;

	do {
		n = recvmsg(socket_fd, &m, MSG_CMSG_CLOEXEC);
	} while (n == -1 && errno == EINTR);
	header = n == sizeof(*ret) ? CMSG_FIRSTHDR(&m) : NULL;
	if (n != sizeof(*ret) || ret->act > ACT_DONE ||
	    (ret->act == ACT_DONE) != (header != NULL)) {
		*ret = (struct answer){ .act = ACT_MAKE, .error = n == -1 ? errno : ECHILD };
		return -ret->error;
	}
	if (ret->act != ACT_DONE)
		return -ret->error;
	bytes = header->cmsg_len - CMSG_LEN(0);
	memcpy(fds, CMSG_DATA(header), bytes < sizeof(fds) ? bytes : sizeof(fds));
	l->child.mount_ns_fd = fds[at++];
	if (ret->init)
		l->child.pid_ns_fd = fds[at++];
	l->child.user_ns_fd = fds[at];
	if (ret->init == 0)
		return 0;
	/* Its number is not given to somebody else before it was reaped. */
	l->init = ret->init;
	l->init_fd = (int)syscall(SYS_pidfd_open, l->init, 0);
	if (l->init_fd == -1) {
		*ret = (struct answer){ .act = ACT_PROCESSES, .error = errno };
		return -ret->error;
	}
	return 0;
}

static int
ask(struct launch *l, struct answer *ret)
{
	autofd int ours = -1, theirs = -1;
	pid_t parent = getpid(), pid;
	int ends[2], r;

	*ret = (struct answer){ .act = ACT_MAKE };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == -1)
		return -(ret->error = errno);
	ours = ends[0];
	theirs = ends[1];
	pid = fork();
	if (pid == -1)
		return -(ret->error = errno);
	if (pid == 0)
		make(l, theirs, parent);
	theirs = fd_close(theirs);
	r = receive(l, ours, ret);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		;
	return r;
}

static int
say_why(const struct launch *l, const struct answer *a, struct err *e)
{
	const char *object = a->act == ACT_COPY || a->act == ACT_PLACE
				     ? l->placements[a->index].path
				     : "";
	const char *hint =
		a->error == ESTALE ? " (it was replaced meanwhile; start again)"
		: a->act == ACT_ENTER || a->act == ACT_MAP
			? " (see user.max_user_namespaces, kernel.unprivileged_userns_clone and "
			  "kernel.apparmor_restrict_unprivileged_userns of sysctl)"
		: a->act == ACT_ROOT && a->error == EXDEV
			? " (nono was started in a chroot, which the program would leave)"
		: a->act == ACT_PROC ? " (as in a container that covers parts of /proc)"
				     : "";

	return err_set(e, -a->error, "this system gives the session no %s: %s%s%s: %s%s",
		       a->act >= ACT_PROCESSES && a->act <= ACT_CONFINE ? "processes of its own"
									: "mount namespace",
		       act_text[a->act], *object ? " " : "", object, strerror(a->error), hint);
}

/*
 * A system that gives nobody a namespace, or no devpts in one, or a chroot. Anything else, as a path that was
 * replaced meanwhile, must not be a way to a session that holds less.
 */
static bool
is_unsupported(const struct answer *a)
{
	return a->act == ACT_ENTER || a->act == ACT_MAP || a->act == ACT_ROOT ||
	       a->act == ACT_DETACH || a->act == ACT_DEVPTS;
}

/* A system where only this is missing: what else there is shall not be given up for it. */
static bool
go_on_without_processes(struct launch *l, const struct answer *a)
{
	const struct plan_settings *s = l->plan->settings;

	if (!l->own_processes || (a->act != ACT_PROCESSES && a->act != ACT_PROC) ||
	    (s->flags & PLAN_NEED_PROCESSES) || s->namespaces == PLAN_NAMESPACES_REQUIRE)
		return false;
	(void)say_why(l, a, &l->no_processes);
	l->own_processes = false;
	return true;
}

static bool
is_needed(const struct launch *l)
{
	return l->terminal.own_devpts || l->read_only_tree || l->masks_count > 0 ||
	       l->own_processes;
}

int
namespace_make(struct launch *l, struct err *e)
{
	const uint32_t wanted = l->plan->settings->namespaces;
	char why[ERR_TEXT_MAX];
	struct answer a;

	if (!is_needed(l) || ask(l, &a) == 0)
		return 0;
	if (go_on_without_processes(l, &a) && (!is_needed(l) || ask(l, &a) == 0))
		return 0;
	(void)say_why(l, &a, e);
	(void)snprintf(why, sizeof(why), "%s", e->text);
	if (l->masks_count > 0)
		return err_set(
			e, e->code,
			"Sandbox initialization failed: Landlock deny-overlap is not "
			"enforceable on Linux without a mount namespace. Refusing to start "
			"with conflicting policy: %.1024s. Grant narrower directories beside "
			"the denied paths",
			why);
	if (wanted == PLAN_NAMESPACES_REQUIRE || !is_unsupported(&a) ||
	    (l->own_processes && (l->plan->settings->flags & PLAN_NEED_PROCESSES)))
		return err_set_exit(e, EXIT_SETUP, e->code, "%s", why);
	l->no_namespace = *e;
	if (l->own_processes)
		l->no_processes = *e;
	l->own_processes = false;
	*e = (struct err)ERR_INIT;
	return 0;
}
