/* Errors a user will read. */
#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void
err_format(struct err *e, int exit_code, int r, const char *fmt, va_list ap) ATTR_PRINTF(4, 0);

static void
err_format(struct err *e, int exit_code, int r, const char *fmt, va_list ap)
{
	e->code = r;
	e->exit_code = exit_code;
	(void)vsnprintf(e->text, sizeof(e->text), fmt, ap);
}

int
err_set(struct err *e, int r, const char *fmt, ...)
{
	va_list ap;

	if (e) {
		va_start(ap, fmt);
		err_format(e, EXIT_NONO, r, fmt, ap);
		va_end(ap);
	}
	return r;
}

int
err_set_errno(struct err *e, int r, const char *fmt, ...)
{
	va_list ap;
	size_t n;

	if (e) {
		va_start(ap, fmt);
		err_format(e, EXIT_NONO, r, fmt, ap);
		va_end(ap);
		n = strlen(e->text);
		(void)snprintf(e->text + n, sizeof(e->text) - n, ": %s", strerror(-r));
	}
	return r;
}

int
err_set_exit(struct err *e, int exit_code, int r, const char *fmt, ...)
{
	va_list ap;

	if (e) {
		va_start(ap, fmt);
		err_format(e, exit_code, r, fmt, ap);
		va_end(ap);
	}
	return r;
}

bool
errno_is_missing(int r)
{
	return r == -ENOENT || r == -ENOTDIR;
}

bool
errno_is_denied(int r)
{
	return r == -EACCES || r == -EPERM;
}

bool
errno_is_unsupported(int r)
{
	return r == -ENOSYS || r == -EOPNOTSUPP || r == -EINVAL;
}
