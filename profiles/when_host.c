/* What conditions are compared with, asked of this machine when the first one is met. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/landlock.h"
#include "base/str.h"
#include "profiles/internal.h"
#include "profiles/when_host.h"

enum { RELEASE_BYTES_MAX = 64 << 10 };

static int
read_small(struct buf *b, const char *path)
{
	autofd int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return -errno;
	return buf_read_fd(b, fd, RELEASE_BYTES_MAX);
}

static bool
is_set(char *const *environment, const char *name)
{
	const char *value = environment_get(environment, name);

	return value && *value;
}

static bool
is_container(char *const *environment)
{
	return access("/.dockerenv", F_OK) == 0 || access("/run/.containerenv", F_OK) == 0 ||
	       is_set(environment, "container");
}

int
when_host_find(struct when_host *ret, struct pool *pool, char *const *environment)
{
	autobuf struct buf release = BUF_INIT;
	struct when_host h = { 0 };
	struct utsname name;
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_VERSION);

	if (uname(&name) == 0) {
		h.hostname = pool_strdup(pool, name.nodename);
		h.arch = pool_strdup(pool, name.machine);
		if (!h.hostname || !h.arch)
			return -ENOMEM;
		h.wsl = strstr(name.release, "icrosoft");
	}
	h.landlock_abi = abi > 0 ? (unsigned int)abi : 0;
	h.home = environment_get(environment, "HOME");
	h.container = is_container(environment);
	h.ci = is_set(environment, "CI");
	if (read_small(&release, "/etc/os-release") == 0 &&
	    when_read_os_release(&h, pool, (struct slice){ release.p, release.n }) < 0)
		return -ENOMEM;
	*ret = h;
	return 0;
}
