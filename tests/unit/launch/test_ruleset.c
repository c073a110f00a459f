/* Landlock rights per access, kind of object and ABI: the table of spec, written by hand. */
#include "base/landlock.h"
#include "launch/internal.h"
#include "tests/harness/unit.h"

enum {
	READ_DIR_RIGHTS = LANDLOCK_FS_EXECUTE | LANDLOCK_FS_READ_FILE | LANDLOCK_FS_READ_DIR,
	WRITE_DIR_ABI_1 = LANDLOCK_FS_WRITE_FILE | LANDLOCK_FS_REMOVE_DIR |
			  LANDLOCK_FS_REMOVE_FILE | LANDLOCK_FS_MAKE_DIR | LANDLOCK_FS_MAKE_REG |
			  LANDLOCK_FS_MAKE_SOCK | LANDLOCK_FS_MAKE_FIFO | LANDLOCK_FS_MAKE_SYM,
};

static void
test_directories(void)
{
	CU_ASSERT_EQUAL(ruleset_rights(PLAN_READ, true, false, 1), READ_DIR_RIGHTS);
	CU_ASSERT_EQUAL(ruleset_rights(PLAN_READ, true, false, 7), READ_DIR_RIGHTS);
	CU_ASSERT_EQUAL(ruleset_rights(PLAN_WRITE, true, false, 1), WRITE_DIR_ABI_1);
	CU_ASSERT_EQUAL(ruleset_rights(PLAN_WRITE, true, false, 2),
			WRITE_DIR_ABI_1 | LANDLOCK_FS_REFER);
	CU_ASSERT_EQUAL(ruleset_rights(PLAN_WRITE, true, false, 3),
			WRITE_DIR_ABI_1 | LANDLOCK_FS_REFER | LANDLOCK_FS_TRUNCATE);
	CU_ASSERT_EQUAL(ruleset_rights(PLAN_READ | PLAN_WRITE, true, false, 7),
			READ_DIR_RIGHTS | WRITE_DIR_ABI_1 | LANDLOCK_FS_REFER |
				LANDLOCK_FS_TRUNCATE);
	/* Below /dev: device control from ABI 5 on, with write only. */
	CU_ASSERT_EQUAL(ruleset_rights(PLAN_WRITE, true, true, 4) & LANDLOCK_FS_IOCTL_DEV, 0);
	CU_ASSERT_NOT_EQUAL(ruleset_rights(PLAN_WRITE, true, true, 5) & LANDLOCK_FS_IOCTL_DEV, 0);
	CU_ASSERT_EQUAL(ruleset_rights(PLAN_READ, true, true, 5) & LANDLOCK_FS_IOCTL_DEV, 0);
}

static void
test_files(void)
{
	CU_ASSERT_EQUAL(ruleset_rights(PLAN_READ, false, false, 7),
			LANDLOCK_FS_EXECUTE | LANDLOCK_FS_READ_FILE);
	CU_ASSERT_EQUAL(ruleset_rights(PLAN_WRITE, false, false, 2), LANDLOCK_FS_WRITE_FILE);
	CU_ASSERT_EQUAL(ruleset_rights(PLAN_WRITE, false, false, 3),
			LANDLOCK_FS_WRITE_FILE | LANDLOCK_FS_TRUNCATE);
	CU_ASSERT_EQUAL(ruleset_rights(PLAN_READ | PLAN_WRITE, false, true, 7),
			LANDLOCK_FS_EXECUTE | LANDLOCK_FS_READ_FILE | LANDLOCK_FS_WRITE_FILE |
				LANDLOCK_FS_TRUNCATE | LANDLOCK_FS_IOCTL_DEV);
}

/* Device nodes are never part of write: as root they would open the disk. */
static void
test_no_device_nodes(void)
{
	for (unsigned int access = 1; access <= 3; access++)
		for (int abi = 1; abi <= LANDLOCK_ABI_MAX; abi++)
			CU_ASSERT_EQUAL(ruleset_rights(access, true, true, abi) &
						(LANDLOCK_FS_MAKE_CHAR | LANDLOCK_FS_MAKE_BLOCK),
					0);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "directories", test_directories },
		{ "files and devices", test_files },
		{ "no device nodes", test_no_device_nodes },
	};

	return unit_run("ruleset", tests, UNIT_COUNT(tests));
}
