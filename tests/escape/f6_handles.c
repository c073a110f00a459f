/* F-6: a file handle names a file without a path; opening it walks past every path rule. */
#include "tests/escape/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { HANDLE_BYTES = 128 }; /* MAX_HANDLE_SZ */

static void
by_handle(const char *name, const char *path)
{
	struct file_handle *handle = calloc(1, sizeof(*handle) + HANDLE_BYTES);
	int mount_id, mount, fd;

	if (!handle)
		return;
	handle->handle_bytes = HANDLE_BYTES;
	if (name_to_handle_at(AT_FDCWD, path, handle, &mount_id, 0) == -1) {
		attack_result(name, -1);
		free(handle);
		return;
	}
	mount = open(attack_env("ESC_WORK"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = open_by_handle_at(mount, handle, O_RDONLY | O_CLOEXEC);
	if (fd == -1) {
		attack_result(name, -1);
	} else {
		char c;

		attack_result(name, read(fd, &c, 1));
		(void)close(fd);
	}
	(void)close(mount);
	free(handle);
}

int
main(void)
{
	by_handle("outside", attack_env("ESC_SECRET"));
	by_handle("granted", attack_work_path("granted"));
	attack_twin_open("by-name", attack_work_path("granted"), O_RDONLY);
	return 0;
}
