/* One suite of CUnit tests, reported as lines. CUnit's own output is not used. */
#include "tests/harness/unit.h"

#include <stdbool.h>
#include <stdio.h>

static const char *suite_name;
static bool any_failed;

static void
report(const CU_pTest test, const CU_pSuite suite, const CU_pFailureRecord failure)
{
	(void)suite;
	if (!failure) {
		printf("ok %s: %s\n", suite_name, test->pName);
	} else {
		any_failed = true;
		printf("not ok %s: %s: %s:%u: %s\n", suite_name, test->pName, failure->strFileName,
		       failure->uiLineNumber, failure->strCondition);
	}
	/* A test that crashes must not take the lines of the earlier ones with it. */
	(void)fflush(stdout);
}

int
unit_run(const char *suite, const struct unit_test *tests, size_t n)
{
	CU_pSuite s;

	suite_name = suite;
	if (CU_initialize_registry() != CUE_SUCCESS)
		goto fail;
	s = CU_add_suite(suite, NULL, NULL);
	if (!s)
		goto fail;
	for (size_t i = 0; i < n; i++)
		if (!CU_add_test(s, tests[i].name, tests[i].fn))
			goto fail;
	CU_set_test_complete_handler(report);
	if (CU_run_all_tests() != CUE_SUCCESS)
		goto fail;
	CU_cleanup_registry();
	return any_failed;
fail:
	printf("not ok %s: setup: %s\n", suite, CU_get_error_msg());
	return 1;
}
