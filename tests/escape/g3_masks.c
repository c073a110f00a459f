/*
 * G-3: taking away what covers a denied directory, or getting round it. Renaming what is above would
 * move the cover along, and the next session would cover what stands there then.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
unmount_in_namespace(void *denied)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1)
		return errno;
	return umount2(denied, MNT_DETACH) == -1 ? errno : 0;
}

int
main(void)
{
	char *denied = (char *)attack_env("ESC_DENIED");
	char key[PATH_MAX + 16], moved[PATH_MAX], above[PATH_MAX], other[PATH_MAX];
	struct stat st;
	int r;

	(void)snprintf(key, sizeof(key), "%s/key", denied);
	(void)snprintf(moved, sizeof(moved), "%s", attack_work_path("moved"));
	(void)snprintf(above, sizeof(above), "%s", attack_work_path("above"));
	(void)snprintf(other, sizeof(other), "%s", attack_work_path("above-moved"));

	attack_open("open", key, O_RDONLY | O_CLOEXEC);
	r = rename(denied, moved);
	attack_result("rename", r);
	if (r == 0)
		(void)rename(moved, denied);
	(void)mkdir(moved, 0700);
	r = (int)syscall(SYS_renameat2, AT_FDCWD, denied, AT_FDCWD, moved, RENAME_EXCHANGE);
	attack_result("exchange", r);
	if (r == 0)
		(void)syscall(SYS_renameat2, AT_FDCWD, denied, AT_FDCWD, moved, RENAME_EXCHANGE);
	(void)rmdir(moved);
	attack_result("umount", umount2(denied, MNT_DETACH));
	attack_result("bind", mount(attack_env("ESC_WORK"), denied, NULL, MS_BIND, NULL));
	attack_errno("umount-in-namespace", attack_forked(unmount_in_namespace, denied));
	r = rename(above, other);
	attack_result("rename-above", r);
	if (r == 0)
		(void)rename(other, above);
	attack_twin("rename-beside", rename(attack_work_path("granted"), moved) == 0 &&
					     rename(moved, attack_work_path("granted")) == 0);
	attack_twin("stat", stat(denied, &st) == 0);
	return 0;
}
