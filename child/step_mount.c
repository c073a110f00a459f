/*
 * What the session sees of the file tree: a mount namespace, and what is mounted in it. A step that
 * fails here ends this process; the broker may start another one that does without.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child/internal.h"

static int
write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), error = 0;

	if (fd == -1)
		return errno;
	/* The kernel takes a map in one write or not at all. */
	if (write(fd, text, strlen(text)) == -1)
		error = errno;
	(void)close(fd);
	return error;
}

/*
 * With CAP_SYS_ADMIN no user namespace is made: in one, the files of all other users seem to belong
 * to nobody. The capabilities that a new one gives are dropped in a later step.
 */
static int
enter_namespaces(const struct child_plan *p)
{
	int error;

	if (unshare(CLONE_NEWNS) == 0)
		return 0;
	/* The broker is not dumpable, and then these files of its children belong to root. */
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1 || prctl(PR_SET_DUMPABLE, 1) == -1)
		return errno;
	/* Without the denial the kernel takes no group map from an unprivileged process. */
	if ((error = write_text("/proc/self/setgroups", "deny")) != 0 ||
	    (error = write_text("/proc/self/uid_map", p->uid_map)) != 0 ||
	    (error = write_text("/proc/self/gid_map", p->gid_map)) != 0)
		return error;
	return prctl(PR_SET_DUMPABLE, 0) == -1 ? errno : 0;
}

/*
 * A ptmx that is no way to the new one would still make terminals of the system. All instances share
 * one small number of terminals (kernel.pty.max): a program that hoards them must not leave later
 * sessions without.
 */
static int
mount_devpts(void)
{
	struct stat ours, used;

	if (mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
		  "newinstance,ptmxmode=0666,mode=0620,max=256") == -1 ||
	    stat("/dev/pts/ptmx", &ours) == -1 || stat("/dev/ptmx", &used) == -1)
		return errno;
	if (ours.st_dev == used.st_dev && ours.st_ino == used.st_ino)
		return 0;
	return mount("/dev/pts/ptmx", "/dev/ptmx", NULL, MS_BIND, NULL) == -1 ? errno : 0;
}

int
step_mount(const struct child_plan *p)
{
	int error;

	if (!p->own_devpts)
		return 0;
	if ((error = enter_namespaces(p)) != 0)
		return error;
	/* What we mount must not appear outside; what is mounted outside may appear here. */
	if (mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) == -1)
		return errno;
	return mount_devpts();
}
