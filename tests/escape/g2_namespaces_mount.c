/*
 * G2: namespaces, mounts, chroot. Each attack that needs a capability first takes a user
 * namespace, as an unprivileged attacker would; where that is refused it goes on and makes the
 * call anyway, so that the errno of the call itself is seen.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CALL_OPEN_TREE = 428, CALL_FSOPEN = 430, CALL_FSPICK = 433, CALL_MOUNT_SETATTR = 442 };

static int
answer(long ret)
{
	return ret == -1 ? errno : 0;
}

static int
unshare_flags(void *flags)
{
	return answer(unshare((int)(intptr_t)flags));
}

/* A mount namespace of one's own: through a user namespace, or directly as root. */
static void
own_mounts(void)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1)
		(void)unshare(CLONE_NEWNS);
}

static int
mount_tmpfs(void *context)
{
	(void)context;
	own_mounts();
	return answer(mount("none", attack_env("ESC_WORK"), "tmpfs", 0, NULL));
}

static int
mount_bind(void *context)
{
	(void)context;
	own_mounts();
	return answer(
		mount(attack_env("ESC_OUT"), attack_env("ESC_WORK"), NULL, MS_BIND | MS_REC, NULL));
}

static int
mount_private(void *context)
{
	(void)context;
	own_mounts();
	return answer(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
}

/* Only a mount of one's own can be taken away: what is inherited is locked. */
static int
unmount(void *context)
{
	int r;

	(void)context;
	own_mounts();
	if (umount2(attack_env("ESC_WORK"), MNT_DETACH) == -1 && errno == EPERM)
		return errno;
	r = answer(mount("none", attack_env("ESC_WORK"), "tmpfs", 0, NULL));
	return r != 0 ? r : answer(umount2(attack_env("ESC_WORK"), MNT_DETACH));
}

/* Busy mounts answer EINVAL or EBUSY: the call was let through to the mount table. */
static int
pivot(void *context)
{
	int r;

	(void)context;
	own_mounts();
	r = answer(syscall(SYS_pivot_root, attack_env("ESC_WORK"), attack_env("ESC_WORK")));
	return r == EINVAL || r == EBUSY ? 0 : r;
}

static int
change_root(void *context)
{
	(void)context;
	own_mounts();
	return answer(chroot(attack_env("ESC_WORK")));
}

static int
open_tree_clone(void *context)
{
	(void)context;
	own_mounts();
	return answer(syscall(CALL_OPEN_TREE, AT_FDCWD, attack_env("ESC_OUT"), OPEN_TREE_CLONE));
}

/* Needs no capability: a plain path descriptor. Denied because the whole call is. */
static int
open_tree_plain(void *context)
{
	(void)context;
	return answer(syscall(CALL_OPEN_TREE, AT_FDCWD, "/", 0));
}

static int
fs_open(void *context)
{
	(void)context;
	own_mounts();
	return answer(syscall(CALL_FSOPEN, "tmpfs", 0));
}

static int
fs_pick(void *context)
{
	(void)context;
	own_mounts();
	return answer(syscall(CALL_FSPICK, AT_FDCWD, "/proc", 0)) == EPERM ? EPERM : 0;
}

static int
mount_attributes(void *context)
{
	struct {
		uint64_t set, clear, propagation, userns;
	} attr = { .set = MOUNT_ATTR_RDONLY };
	int r;

	(void)context;
	own_mounts();
	r = answer(syscall(CALL_MOUNT_SETATTR, AT_FDCWD, "/", AT_RECURSIVE, &attr, sizeof(attr)));
	return r == EINVAL || r == EBUSY ? 0 : r;
}

/* Enter the user namespace of a child of ours, as the one who made it may. */
static int
set_namespace(void *context)
{
	char path[64];
	int go[2], fd, r;
	char c;
	pid_t pid;

	(void)context;
	if (pipe2(go, O_CLOEXEC) == -1)
		return errno;
	pid = fork();
	if (pid == -1)
		return errno;
	if (pid == 0) {
		r = unshare(CLONE_NEWUSER | CLONE_NEWNS);
		(void)!write(go[1], "x", 1);
		(void)pause();
		_exit(r == 0 ? 0 : 1);
	}
	(void)!read(go[0], &c, 1);
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	r = fd == -1 ? errno : answer(setns(fd, CLONE_NEWUSER));
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	return r;
}

static int
clone3_user(void *context)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	(void)context;
	if (pid == 0)
		_exit(0);
	if (pid > 0)
		(void)waitpid((pid_t)pid, NULL, 0);
	return answer(pid);
}

/* The id map makes the namespace useful; under Landlock its file cannot be written. */
static int
write_uid_map(void *context)
{
	int fd, r;

	(void)context;
	if (unshare(CLONE_NEWUSER) == -1)
		return errno;
	fd = open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
	if (fd == -1)
		return errno;
	r = dprintf(fd, "0 %u 1\n", (unsigned int)attack_env_number("ESC_UID")) < 0 ? errno : 0;
	(void)close(fd);
	return r;
}

#define TRY(name, fn, context) attack_errno(name, attack_forked(fn, (void *)(intptr_t)(context)))

int
main(void)
{
	TRY("unshare-user", unshare_flags, CLONE_NEWUSER);
	TRY("unshare-user-mount", unshare_flags, CLONE_NEWUSER | CLONE_NEWNS);
	TRY("unshare-user-pid", unshare_flags, CLONE_NEWUSER | CLONE_NEWPID);
	TRY("unshare-user-ipc", unshare_flags, CLONE_NEWUSER | CLONE_NEWIPC);
	TRY("unshare-user-uts", unshare_flags, CLONE_NEWUSER | CLONE_NEWUTS);
	TRY("unshare-user-cgroup", unshare_flags, CLONE_NEWUSER | CLONE_NEWCGROUP);
	TRY("unshare-user-time", unshare_flags, CLONE_NEWUSER | CLONE_NEWTIME);
	TRY("clone3-user", clone3_user, 0);
	TRY("setns", set_namespace, 0);
	TRY("uid-map", write_uid_map, 0);
	TRY("mount-tmpfs", mount_tmpfs, 0);
	TRY("mount-bind", mount_bind, 0);
	TRY("mount-private", mount_private, 0);
	TRY("umount", unmount, 0);
	TRY("pivot-root", pivot, 0);
	TRY("chroot", change_root, 0);
	TRY("open-tree-clone", open_tree_clone, 0);
	TRY("open-tree-plain", open_tree_plain, 0);
	TRY("fsopen", fs_open, 0);
	TRY("fspick", fs_pick, 0);
	TRY("mount-setattr", mount_attributes, 0);
	attack_twin("chdir", chdir(attack_env("ESC_WORK")) == 0);
	attack_twin("unshare-fs", unshare(CLONE_FS) == 0);
	return 0;
}
