/* One line of /proc/PID/stat (proc(5)). The comm field is chosen by the process: hostile bytes. */
#ifndef BASE_PROCSTAT_H
#define BASE_PROCSTAT_H

#include <stdint.h>
#include <sys/types.h>

#include "base/slice.h"

enum { PROCSTAT_BYTES_MAX = 1024 };

struct procstat {
	pid_t pid, parent;
	char state;
	uint64_t start_ticks; /* clock ticks after boot */
};

/* Pure. 0 or -EINVAL; *ret is written only on success. */
int procstat_parse(struct procstat *ret, struct slice text);

/* Read and parse /proc/PID/stat: 0, -ENOENT or -ESRCH when the process is gone, -errno. */
int procstat_read(struct procstat *ret, pid_t pid);

#endif
