/*
 * Errors a user will read. Helpers return 0 or -errno and print nothing; functions that a user's
 * action reaches also take `struct err *` and say what was being done to which object. The text
 * lives in the struct, so that running out of memory can still be told.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>

#include "base/attr.h"

enum {
	ERR_TEXT_MAX = 2048, /* bytes with NUL; longer texts are cut */
};

/* Exit codes of spec 01 section 25. */
enum {
	EXIT_NONO = 1, /* an error of nono's own */
	EXIT_USAGE = 2,
	EXIT_SETUP = 126,   /* the child could not be set up, or the program cannot be executed */
	EXIT_MISSING = 127, /* the program was not found */
};

struct err {
	int code;      /* -errno, or 0 when unset */
	int exit_code; /* what the process shall exit with; 0 means EXIT_NONO */
	char text[ERR_TEXT_MAX];
};

#define ERR_INIT         \
	{                \
		0, 0, "" \
	}

/* Format the text; `r` (-errno) is stored and returned. Control characters in arguments stay:
 * printing goes through str_printable(). Takes e == NULL. */
int err_set(struct err *e, int r, const char *fmt, ...) ATTR_PRINTF(3, 4);

/* The same, followed by ": " and the text of -r. */
int err_set_errno(struct err *e, int r, const char *fmt, ...) ATTR_PRINTF(3, 4);

/* The same with the exit code. */
int err_set_exit(struct err *e, int exit_code, int r, const char *fmt, ...) ATTR_PRINTF(4, 5);

bool errno_is_missing(int r);
bool errno_is_denied(int r);
bool errno_is_unsupported(int r);

#endif
