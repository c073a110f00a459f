/* Into the namespaces that were made for the program, and the directory it starts in. */
#include <errno.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child/internal.h"

/*
 * The user namespace gives its owner the capability that the other one asks for; all capabilities
 * are dropped in a later step. The pid namespace is that of later children, not of this process.
 */
int
step_namespace(const struct child_plan *p)
{
	if ((p->user_ns_fd != -1 && setns(p->user_ns_fd, CLONE_NEWUSER) == -1) ||
	    (p->mount_ns_fd != -1 && setns(p->mount_ns_fd, CLONE_NEWNS) == -1) ||
	    (p->pid_ns_fd != -1 && setns(p->pid_ns_fd, CLONE_NEWPID) == -1) ||
	    (p->new_ipc && unshare(CLONE_NEWIPC) == -1))
		return errno;
	return 0;
}

/*
 * The descriptor belongs to the tree outside: in a namespace the directory is entered by its name,
 * and must be the one that was checked.
 */
int
step_directory(const struct child_plan *p)
{
	struct stat checked, here;

	if (p->mount_ns_fd == -1)
		return fchdir(p->start_directory_fd) == -1 ? errno : 0;
	if (chdir(p->start_directory) == -1 || stat(".", &here) == -1 ||
	    fstat(p->start_directory_fd, &checked) == -1)
		return errno;
	return here.st_dev == checked.st_dev && here.st_ino == checked.st_ino ? 0 : ESTALE;
}
