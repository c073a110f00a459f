/* The log. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/str.h"

static struct {
	enum log_level level;
	int fd; /* -1: none */
} logger = { LOG_OFF, -1 };

static const char *const level_name[] = { "off", "error", "warn", "info", "debug", "trace" };
static const char *const level_mark[] = { "OFF", "ERROR", "WARN", "INFO", "DEBUG", "TRACE" };

int
log_level_parse(const char *text)
{
	if (strncasecmp(text, "nono=", 5) == 0)
		text += 5;
	for (size_t i = 0; i < ARRAY_LEN(level_name); i++)
		if (strcasecmp(text, level_name[i]) == 0)
			return (int)i;
	return -1;
}

static int
log_open_file(const char *path, int *ret)
{
	autofd int fd = -1;
	struct stat st;

	/* O_NONBLOCK: opening a FIFO nobody reads must fail, not wait. */
	fd = open(path,
		  O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
		  0600);
	if (fd == -1)
		return -errno;
	if (fstat(fd, &st) == -1)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	*ret = fd_take(&fd);
	return 0;
}

int
log_open(enum log_level level, const char *path, struct err *e)
{
	int r = 0;

	log_close();
	logger.level = level;
	if (path) {
		r = log_open_file(path, &logger.fd);
		if (r == -EINVAL)
			return err_set(e, r, "failed to open log file %s: not a regular file",
				       path);
		if (r < 0)
			return err_set_errno(e, r, "failed to open log file %s", path);
	}
	return 0;
}

void
log_close(void)
{
	logger.fd = fd_close(logger.fd);
	logger.level = LOG_OFF;
}

bool
log_wants(enum log_level level)
{
	return level != LOG_OFF && level <= logger.level;
}

void
log_line(enum log_level level, const char *fmt, ...)
{
	autobuf struct buf message = BUF_INIT, line = BUF_INIT;
	struct timespec now = { 0, 0 };
	struct tm tm;
	va_list ap;
	int r;

	if (!log_wants(level))
		return;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (!gmtime_r(&now.tv_sec, &tm))
		return;
	va_start(ap, fmt);
	r = buf_vaddf(&message, fmt, ap);
	va_end(ap);
	if (r == 0)
		r = buf_addf(&line, "%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ %s ", tm.tm_year + 1900,
			     tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
			     now.tv_nsec / 1000, level_mark[level]);
	if (r == 0)
		r = str_printable(&line, slice_of(buf_str(&message)));
	if (r == 0)
		r = buf_addc(&line, '\n');
	/* A log that cannot be written must not stop the work it is about. */
	if (r == 0)
		r = fd_write_all(logger.fd == -1 ? STDERR_FILENO : logger.fd, line.p, line.n);
}
