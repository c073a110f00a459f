/*
 * F-7: a set-user-ID file in a writable directory is a present to every other user of the
 * machine: whoever runs it acts as the victim. Success is a file that carries the bit.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SETID_MODE = 04755, CALL_FCHMODAT2 = 452 };

static const char *
fresh(bool exists)
{
	const char *path = attack_work_path("setid");

	(void)unlink(path);
	if (exists)
		(void)close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	return path;
}

/* The call may have succeeded and dropped the bit. */
static void
judge(const char *name, long ret)
{
	struct stat st;

	if (ret == -1)
		attack_result(name, -1);
	else if (stat(attack_work_path("setid"), &st) == -1)
		attack_result(name, -1);
	else
		attack_effect(name, st.st_mode & S_ISUID, "no-bit");
}

/* A file without a name, made with the bit, then given a name. O_TMPFILE is not O_CREAT. */
static long
nameless(long fd)
{
	char from[64];

	if (fd == -1)
		return -1;
	(void)snprintf(from, sizeof(from), "/proc/self/fd/%ld", fd);
	return linkat(AT_FDCWD, from, AT_FDCWD, attack_work_path("setid"), AT_SYMLINK_FOLLOW);
}

int
main(void)
{
	struct open_how how = { .flags = O_CREAT | O_WRONLY, .mode = SETID_MODE };
	const char *path;
	int fd;

	(void)umask(0);
	judge("chmod", chmod(fresh(true), SETID_MODE));
	path = fresh(true);
	fd = open(path, O_RDWR | O_CLOEXEC);
	judge("fchmod", fchmod(fd, SETID_MODE));
	(void)close(fd);
	judge("fchmodat", syscall(SYS_fchmodat, AT_FDCWD, fresh(true), SETID_MODE));
	judge("fchmodat2", syscall(CALL_FCHMODAT2, AT_FDCWD, fresh(true), SETID_MODE, 0));
	judge("mknod", mknod(fresh(false), S_IFREG | SETID_MODE, 0));
	judge("mknodat", mknodat(AT_FDCWD, fresh(false), S_IFREG | SETID_MODE, 0));
#ifdef SYS_open
	judge("open", syscall(SYS_open, fresh(false), O_CREAT | O_WRONLY, SETID_MODE));
	judge("creat", syscall(SYS_creat, fresh(false), SETID_MODE));
#else
	attack_skip("open", "this architecture has no such call");
	attack_skip("creat", "this architecture has no such call");
#endif
	judge("openat", openat(AT_FDCWD, fresh(false), O_CREAT | O_WRONLY, SETID_MODE));
	(void)fresh(false);
	judge("tmpfile",
	      nameless(openat(AT_FDCWD, attack_env("ESC_WORK"), O_TMPFILE | O_WRONLY, SETID_MODE)));
	judge("upper-bits", syscall(SYS_fchmodat, AT_FDCWD, fresh(true), 1UL << 32 | SETID_MODE));
	judge("openat2", syscall(SYS_openat2, AT_FDCWD, fresh(false), &how, sizeof(how)));

	attack_twin("chmod-plain", chmod(fresh(true), 0755) == 0);
	(void)fresh(false);
	attack_twin("tmpfile-plain", nameless(openat(AT_FDCWD, attack_env("ESC_WORK"),
						     O_TMPFILE | O_WRONLY, 0644)) == 0);
	attack_twin("chmod-sticky", chmod(fresh(true), 01755) == 0);
	/* Without O_CREAT the third argument means nothing, whatever a program leaves there. */
	attack_twin("open-garbage-mode", openat(AT_FDCWD, fresh(true), O_WRONLY, SETID_MODE) != -1);
	(void)unlink(path);
	return 0;
}
