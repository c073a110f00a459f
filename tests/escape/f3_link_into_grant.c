/*
 * F-3: bring a file from outside under a granted directory, by hard link or rename, or carry
 * ours out; then it could be opened under its new name.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void
undo_rename(const char *from, const char *to)
{
	(void)rename(to, from);
}

int
main(void)
{
	char secret[PATH_MAX], into[PATH_MAX], out[PATH_MAX], own[PATH_MAX], symbolic[PATH_MAX];
	long ret;
	int fd;

	(void)snprintf(secret, sizeof(secret), "%s/movable", attack_env("ESC_OUT"));
	(void)snprintf(out, sizeof(out), "%s/carried-out", attack_env("ESC_OUT"));
	(void)snprintf(into, sizeof(into), "%s", attack_work_path("into"));
	(void)snprintf(own, sizeof(own), "%s", attack_work_path("own"));
	(void)snprintf(symbolic, sizeof(symbolic), "%s", attack_work_path("symbolic"));
	(void)unlink(into);
	(void)unlink(symbolic);
	fd = open(own, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	(void)close(fd);

	ret = link(secret, into);
	attack_result("link", ret);
	(void)unlink(into);
	ret = linkat(AT_FDCWD, secret, AT_FDCWD, into, AT_SYMLINK_FOLLOW);
	attack_result("linkat-follow", ret);
	(void)unlink(into);
	ret = rename(secret, into);
	attack_result("rename", ret);
	if (ret == 0)
		undo_rename(secret, into);
	ret = syscall(SYS_renameat2, AT_FDCWD, secret, AT_FDCWD, own, RENAME_EXCHANGE);
	attack_result("exchange", ret);
	if (ret == 0)
		(void)syscall(SYS_renameat2, AT_FDCWD, secret, AT_FDCWD, own, RENAME_EXCHANGE);
	ret = rename(own, out);
	attack_result("carry-out", ret);
	if (ret == 0)
		undo_rename(own, out);
	if (symlink(attack_env("ESC_SECRET"), symbolic) == -1)
		attack_result("symlink", -1);
	else
		attack_open("symlink", symbolic, O_RDONLY);
	(void)unlink(symbolic);
	(void)snprintf(out, sizeof(out), "%s/../out/secret", attack_env("ESC_WORK"));
	attack_open("dotdot", out, O_RDONLY);
	(void)snprintf(out, sizeof(out), "/proc/self/root%s", attack_env("ESC_SECRET"));
	attack_open("proc-root", out, O_RDONLY);
	(void)snprintf(out, sizeof(out), "/proc/self/cwd/../out/secret");
	attack_open("proc-cwd", out, O_RDONLY);

	attack_twin("own-link", link(own, into) == 0);
	attack_twin("own-rename", rename(into, own) == 0);
	(void)mkdir(attack_work_path("sub"), 0700);
	(void)snprintf(into, sizeof(into), "%s", attack_work_path("sub/own"));
	attack_twin("own-rename-across", rename(own, into) == 0);
	(void)unlink(into);
	return 0;
}
