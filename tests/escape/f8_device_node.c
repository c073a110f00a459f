/*
 * F-8: device nodes in a writable directory. A made node of a disk is the disk. Char 0:0 is the
 * overlayfs whiteout, which kernels let anybody make, by mknod or as what a rename leaves behind.
 * Outside, the others need root.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static void
make(const char *name, mode_t type, dev_t device)
{
	const char *path = attack_work_path("node");

	(void)unlink(path);
	attack_result(name, mknod(path, type | 0600, device));
	(void)unlink(path);
}

static void
open_made(const char *name, mode_t type, dev_t device)
{
	const char *path = attack_work_path("node");

	(void)unlink(path);
	if (mknod(path, type | 0600, device) == -1)
		attack_result(name, -1);
	else
		attack_open(name, path, O_RDONLY);
	(void)unlink(path);
}

/* glibc's name for it needs no newer kernel header than we have. */
static int
rename_leaving_whiteout(const char *from, const char *to)
{
	return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 4U /* RENAME_WHITEOUT */);
}

static void
leave_whiteout(void)
{
	const char *from = attack_work_path("node"), *to = attack_work_path("moved");

	(void)unlink(from);
	attack_twin("made", mknod(from, S_IFREG | 0600, 0) == 0);
	attack_result("whiteout-left", rename_leaving_whiteout(from, to));
	(void)unlink(from);
	(void)unlink(to);
}

int
main(void)
{
	const char *path = attack_work_path("fifo");

	make("char", S_IFCHR, makedev(1, 1));  /* /dev/mem */
	make("block", S_IFBLK, makedev(7, 0)); /* /dev/loop0 */
	make("whiteout", S_IFCHR, makedev(0, 0));
	leave_whiteout();
	open_made("char-open", S_IFCHR, makedev(1, 3)); /* /dev/null */
	(void)unlink(path);
	attack_twin("fifo", mkfifo(path, 0600) == 0);
	(void)unlink(path);
	attack_twin("regular", mknod(path, S_IFREG | 0600, 0) == 0);
	(void)unlink(path);
	return 0;
}
