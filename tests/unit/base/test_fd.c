/* A whole file read from a descriptor. */
#include "base/fd.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "tests/harness/unit.h"

static void
expect(const char *text, size_t max, bool newest, int wanted_r, const char *wanted)
{
	autofd int fd = fd_sealed_memory("unit", text, strlen(text));
	autofree void *p = NULL;
	size_t n = 0;

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(fd_read_file(fd, max, newest, &p, &n), wanted_r);
	if (wanted_r < 0) {
		CU_ASSERT_PTR_NULL(p);
		return;
	}
	CU_ASSERT_EQUAL_FATAL(n, strlen(wanted));
	CU_ASSERT_STRING_EQUAL((const char *)p, wanted);
}

static void
test_limits(void)
{
	expect("abcd", 4, false, 0, "abcd");
	expect("abcd", 3, false, -EFBIG, NULL);
	expect("abcd", 4, true, 0, "abcd");
	expect("abcd", 3, true, 0, "bcd");
	expect("abcd", 0, true, 0, "");
	expect("", 0, false, 0, "");
}

static void
test_position(void)
{
	autofd int fd = fd_sealed_memory("unit", "abcd", 4);
	autofree void *p = NULL;
	size_t n = 0;

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(lseek(fd, 2, SEEK_SET), 2);
	CU_ASSERT_EQUAL_FATAL(fd_read_file(fd, 4, false, &p, &n), 0);
	CU_ASSERT_STRING_EQUAL((const char *)p, "abcd");
	CU_ASSERT_EQUAL(lseek(fd, 0, SEEK_CUR), 2);
}

static void
test_no_file(void)
{
	int pair[2];
	autofree void *p = NULL;
	size_t n = 0;

	CU_ASSERT_EQUAL_FATAL(pipe2(pair, O_CLOEXEC), 0);
	CU_ASSERT_EQUAL(fd_read_file(pair[0], 4, false, &p, &n), -EBADMSG);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
	CU_ASSERT_EQUAL(fd_read_file(-1, 4, false, &p, &n), -EBADF);
	CU_ASSERT_PTR_NULL(p);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "limits", test_limits },
		{ "the position stays", test_position },
		{ "what is no file", test_no_file },
	};

	return unit_run("fd", tests, UNIT_COUNT(tests));
}
