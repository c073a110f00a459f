/*
 * Standard streams. The program inherits 0, 1 and 2 as they are; a directory or a disk there would
 * hand it more than a stream, and no Landlock rule looks at an open descriptor.
 */
#include <errno.h>
#include <sys/stat.h>

#include "base/hooks.h"
#include "launch/internal.h"

int
stdio_check(struct err *e)
{
	static const char *const name[] = { "standard input", "standard output", "standard error" };

	for (int fd = 0; fd <= 2; fd++) {
		struct stat st;

		if (fstat(fd, &st) == -1)
			return err_set_errno(e, -errno, "cannot look at %s", name[fd]);
		if (hook_off(HOOK_STDIO_ALIAS))
			continue;
		if (S_ISDIR(st.st_mode))
			return err_set(
				e, -EISDIR,
				"%s is a directory: the program could list and open it past its grants. "
				"Redirect it to a file or /dev/null, and use --read DIR to grant a directory",
				name[fd]);
		if (S_ISBLK(st.st_mode))
			return err_set(
				e, -EINVAL,
				"%s is a block device: the program could read the whole disk. "
				"Redirect it to a file, or pipe what the program needs",
				name[fd]);
	}
	return 0;
}
