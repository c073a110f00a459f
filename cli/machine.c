/* WSL2 and containers, by the marks they leave. */
#include "cli/machine.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fd.h"

enum { PROC_VERSION_MAX = 4096 };

bool
machine_is_wsl2(void)
{
	static const char *const marks[] = {
		"/proc/sys/fs/binfmt_misc/WSLInterop",
		"/proc/sys/fs/binfmt_misc/WSLInterop-late",
	};
	autobuf struct buf version = BUF_INIT;
	autofd int fd = -1;

	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (access(marks[i], F_OK) == 0)
			return true;
	fd = open("/proc/version", O_RDONLY | O_CLOEXEC);
	if (fd == -1 || buf_read_fd(&version, fd, PROC_VERSION_MAX) < 0)
		return false;
	return strcasestr(buf_str(&version), "microsoft") || strcasestr(buf_str(&version), "wsl");
}

const char *
machine_container(void)
{
	static const struct {
		const char *mark, *name;
	} marks[] = {
		{ "/.dockerenv", "docker" },
		{ "/run/.containerenv", "podman" },
		{ "/run/systemd/container", "container" },
		{ "/var/run/secrets/kubernetes.io", "kubernetes" },
	};

	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (access(marks[i].mark, F_OK) == 0)
			return marks[i].name;
	return NULL;
}
