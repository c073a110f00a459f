/*
 * F-1: modes, owners, times and attributes of files that no grant lets be written: by name, and through
 * the descriptor that a read grant gives. Landlock has no right for these.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static void
attack_attribute(const char *path)
{
	int r = setxattr(path, "user.nono", "1", 1, 0);

	if (r == -1 && errno == EOPNOTSUPP)
		attack_skip("setxattr", "the file system has no attributes of users");
	else
		attack_result("setxattr", r);
}

int
main(void)
{
	const struct timespec times[] = { { 1, 0 }, { 1, 0 } };
	const char *secret = attack_env("ESC_SECRET"), *own = attack_work_path("granted");
	int fd;

	attack_result("chmod", chmod(secret, 0644));
	attack_result("chmod-directory", chmod(attack_env("ESC_OUT"), 0755));
	attack_result("chown", chown(secret, getuid(), getgid()));
	attack_result("utimes", utimensat(AT_FDCWD, secret, times, 0));
	attack_attribute(secret);
	fd = open(attack_env("ESC_READ_ONLY"), O_RDONLY | O_CLOEXEC);
	attack_result("fchmod-of-read-grant", fchmod(fd, 0644));
	attack_result("futimens-of-read-grant", futimens(fd, times));
	(void)close(fd);
	attack_twin("chmod-granted", chmod(own, 0600) == 0);
	attack_twin("utimes-granted", utimensat(AT_FDCWD, own, times, 0) == 0);
	return 0;
}
