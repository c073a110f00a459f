/* One line of /proc/PID/stat. */
#include "base/procstat.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"

enum {
	FIELD_STATE = 3,
	FIELD_PARENT = 4,
	FIELD_START = 22,
};

/* The decimal number at *p, which moves behind it; false when there is none or it is too large. */
static bool
take_number(const char **p, const char *end, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;
	const char *at = *p;

	for (; at < end && *at >= '0' && *at <= '9'; at++) {
		if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*at - '0'), &v))
			return false;
	}
	if (at == *p || v > max)
		return false;
	*p = at;
	*ret = v;
	return true;
}

int
procstat_parse(struct procstat *ret, struct slice text)
{
	const char *p = text.p, *end = text.p + text.n;
	struct procstat out = { 0 };
	uint64_t value;

	if (text.n == 0 || !take_number(&p, end, INT_MAX, &value) || value == 0)
		return -EINVAL;
	out.pid = (pid_t)value;
	/* comm is in parentheses and may hold any byte, ')' included: the last one ends it. */
	p = memrchr(text.p, ')', text.n);
	if (!p)
		return -EINVAL;
	p++;
	for (int field = FIELD_STATE; field <= FIELD_START; field++) {
		if (p >= end || *p != ' ')
			return -EINVAL;
		p++;
		if (field == FIELD_STATE) {
			if (p >= end)
				return -EINVAL;
			out.state = *p++;
		} else if (field == FIELD_PARENT) {
			if (!take_number(&p, end, INT_MAX, &value))
				return -EINVAL;
			out.parent = (pid_t)value;
		} else if (field == FIELD_START) {
			if (!take_number(&p, end, UINT64_MAX, &out.start_ticks))
				return -EINVAL;
		} else {
			while (p < end && *p != ' ')
				p++;
		}
	}
	*ret = out;
	return 0;
}

int
procstat_read(struct procstat *ret, pid_t pid)
{
	char name[64], text[PROCSTAT_BYTES_MAX];
	autofd int fd = -1;
	ssize_t n;

	(void)snprintf(name, sizeof(name), "/proc/%d/stat", (int)pid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return -errno;
	n = read(fd, text, sizeof(text));
	if (n == -1)
		return -errno;
	return procstat_parse(ret, (struct slice){ text, (size_t)n });
}
