/*
 * --diagnostics-json and --diagnostics-file in the front end: the file is opened before the program
 * can change what its name means, and an error that ends the launch here is told in the same form
 * that nono-record uses for sessions (spec 01 section 26.3).
 */
#include "cli/diagnosis.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/json_write.h"
#include "base/str.h"

int
diagnosis_open(const char *path, struct err *e)
{
	autofd int fd = -1;
	struct stat st;

	/*
	 * A program of an earlier session may have made this name, in a directory that was granted:
	 * a link that would let us empty another file of the user, or a FIFO to hang us up.
	 */
	fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	if (fd == -1 && errno == ELOOP)
		return err_set(e, -ELOOP,
			       "diagnostics file '%s' is a symbolic link; name the file itself",
			       path);
	if (fd == -1 || fstat(fd, &st) == -1)
		return err_set_errno(e, -errno, "cannot open diagnostics file '%s'", path);
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
		return err_set(
			e, -EINVAL,
			"diagnostics file '%s' is not a regular file with one name; remove it "
			"or name another",
			path);
	if (ftruncate(fd, 0) == -1)
		return err_set_errno(e, -errno, "cannot empty diagnostics file '%s'", path);
	return fd_take(&fd);
}

static const char *
code_of(const struct err *error, int exit_code)
{
	if (exit_code == EXIT_MISSING || error->exit_code == EXIT_MISSING)
		return "command_not_found";
	switch (-error->code) {
	case EBADMSG:
	case EINVAL:
	case ENOSYS: /* a profile asks for what this version does not have */
		return "configuration_error";
	case ENOTTY:
		return "cwd_access_required";
	case EOPNOTSUPP:
		return "unsupported_platform_feature";
	case EIO:
	case ENOSPC:
	case EDQUOT:
	case EROFS:
		return "io_error";
	default:
		return "other";
	}
}

static void
put_remedy(struct json *j, const struct err *error)
{
	if (error->code != -ENOTTY)
		return;
	json_string(j, "hint", "--allow-cwd");
	json_object(j, "remediation");
	json_string(j, "kind", "allow_cwd");
	json_end(j);
}

int
diagnosis_write(int fd, const struct err *error, int exit_code)
{
	static const char *const lists[] = { "denials", "ipc_denials", "violations" };
	autobuf struct buf text = BUF_INIT, message = BUF_INIT;
	struct json j = JSON_INIT(&text);
	int r = str_printable(&message, slice_of(error->text));

	if (r < 0)
		return r;
	json_object(&j, NULL);
	json_object(&j, "session");
	json_number(&j, "exit_code", (uint64_t)exit_code);
	json_string(&j, "origin", "nono");
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		json_array(&j, lists[i]);
		json_end(&j);
	}
	json_array(&j, "diagnostics");
	json_object(&j, NULL);
	json_string(&j, "code", code_of(error, exit_code));
	json_string(&j, "severity", "error");
	json_string(&j, "message", buf_str(&message));
	put_remedy(&j, error);
	json_end(&j);
	json_end(&j);
	json_end(&j);
	json_end(&j);
	r = json_finish(&j);
	return r < 0 ? r : fd_write_all(fd, text.p, text.n);
}
