/*
 * Unit tests: a program runs one suite of CUnit tests and prints a line for each of them,
 *
 *   ok SUITE: NAME
 *   not ok SUITE: NAME: REASON
 *
 * which tests/harness/run counts. The functions of a suite assert with CUnit's own macros.
 */
#ifndef TESTS_HARNESS_UNIT_H
#define TESTS_HARNESS_UNIT_H

#include <CUnit/CUnit.h>
#include <stddef.h>

struct unit_test {
	const char *name;
	void (*fn)(void);
};

#define UNIT_COUNT(tests) (sizeof(tests) / sizeof((tests)[0]))

/* Run them in order; the value is the exit code of main(): 0, or 1 when a test failed. */
int unit_run(const char *suite, const struct unit_test *tests, size_t n);

#endif
