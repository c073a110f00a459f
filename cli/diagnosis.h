#ifndef CLI_DIAGNOSIS_H
#define CLI_DIAGNOSIS_H

#include "base/err.h"

/* Open the file of --diagnostics-file, empty: a descriptor, or -errno. */
int diagnosis_open(const char *path, struct err *e) ATTR_CHECK;

/* The object of --diagnostics-json for a launch that ended with this error. 0 or -errno. */
int diagnosis_write(int fd, const struct err *error, int exit_code) ATTR_CHECK;

#endif
