/*
 * The log: one line per event, on standard error or in a file, never on standard output.
 *
 *   YYYY-MM-DDTHH:MM:SS.mmmmmmZ LEVEL message
 *
 * The logger and a program's main.c hold the only mutable globals. Until log_open() the level is
 * off and nothing is written.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

enum log_level { LOG_OFF = 0, LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_TRACE };

/*
 * "error", "warn", ..., "off", or "nono=LEVEL"; case does not matter. -1 when it is none of them:
 * the variables that carry it may hold rules for other programs.
 */
int log_level_parse(const char *text);

/*
 * Start logging to standard error, or, when `path` is given, to that file: appended, created with
 * mode 0600, never through a symbolic link, never to a FIFO or device. When the file cannot be
 * used, standard error is, and the answer is -errno with the reason in `e`.
 */
int log_open(enum log_level level, const char *path, struct err *e) ATTR_CHECK;
void log_close(void);

bool log_wants(enum log_level level);

/* Control bytes in arguments are removed. */
void log_line(enum log_level level, const char *fmt, ...) ATTR_PRINTF(2, 3);

#endif
