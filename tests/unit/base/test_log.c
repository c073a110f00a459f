/* The log file: appended, private, never a link, FIFO or device; lines are clean. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/log.h"
#include "tests/harness/unit.h"

static char box[64];

static const char *
in_box(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", box, name);
	return path;
}

static void
read_back(struct buf *b, const char *path)
{
	autofd int fd = open(path, O_RDONLY | O_CLOEXEC);

	CU_ASSERT_TRUE_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(buf_read_fd(b, fd, 65536), 0);
}

static void
test_file(void)
{
	autobuf struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct stat st;
	const char *path = in_box("log");
	const char *newline;

	for (int i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(log_open(LOG_INFO, path, &e), 0);
		log_line(LOG_INFO, "seen %d\033[31m\n", i);
		log_line(LOG_DEBUG, "not seen");
		log_close();
	}
	log_line(LOG_ERROR, "closed");
	read_back(&b, path);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
	newline = strchr(buf_str(&b), '\n');
	CU_ASSERT_PTR_NOT_NULL_FATAL(newline);
	CU_ASSERT_PTR_NOT_NULL(strstr(buf_str(&b), "Z INFO seen 0 \n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(newline, "Z INFO seen 1 \n"));
	CU_ASSERT_PTR_NULL(strstr(buf_str(&b), "not seen"));
	CU_ASSERT_EQUAL(buf_str(&b)[4], '-');
	CU_ASSERT_EQUAL(buf_str(&b)[19], '.');
	CU_ASSERT_EQUAL(buf_str(&b)[26], 'Z');
	(void)unlink(path);
}

static void
test_refused(void)
{
	struct err e = ERR_INIT;

	CU_ASSERT_EQUAL(symlink("/dev/null", in_box("link")), 0);
	CU_ASSERT_EQUAL(log_open(LOG_OFF, in_box("link"), &e), -ELOOP);
	CU_ASSERT_EQUAL(mkfifo(in_box("fifo"), 0600), 0);
	CU_ASSERT_EQUAL(log_open(LOG_OFF, in_box("fifo"), &e), -ENXIO);
	CU_ASSERT_EQUAL(log_open(LOG_OFF, "/dev/null", &e), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "/dev/null"));
	CU_ASSERT_EQUAL(log_open(LOG_OFF, in_box("no/such"), &e), -ENOENT);
	log_close();
	(void)unlink(in_box("link"));
	(void)unlink(in_box("fifo"));
}

static void
test_levels(void)
{
	struct err e = ERR_INIT;

	CU_ASSERT_EQUAL(log_level_parse("WARN"), LOG_WARN);
	CU_ASSERT_EQUAL(log_level_parse("nono=trace"), LOG_TRACE);
	CU_ASSERT_EQUAL(log_level_parse("off"), LOG_OFF);
	CU_ASSERT_EQUAL(log_level_parse("hyper=debug"), -1);
	CU_ASSERT_EQUAL(log_level_parse(""), -1);
	CU_ASSERT_FALSE(log_wants(LOG_ERROR));
	CU_ASSERT_EQUAL(log_open(LOG_WARN, NULL, &e), 0);
	CU_ASSERT_TRUE(log_wants(LOG_ERROR));
	CU_ASSERT_TRUE(log_wants(LOG_WARN));
	CU_ASSERT_FALSE(log_wants(LOG_INFO));
	log_close();
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "file", test_file },
		{ "refused files", test_refused },
		{ "levels", test_levels },
	};
	int code;

	(void)snprintf(box, sizeof(box), "/tmp/nono-log.XXXXXX");
	if (!mkdtemp(box))
		return 1;
	code = unit_run("log", tests, UNIT_COUNT(tests));
	(void)rmdir(box);
	return code;
}
