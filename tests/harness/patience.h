/* How much longer than usual a test waits before it calls something hung. */
#ifndef TESTS_HARNESS_PATIENCE_H
#define TESTS_HARNESS_PATIENCE_H

/* Factor for limits of time, at least 1: TEST_PATIENCE, set where a machine is emulated. */
unsigned int patience(void);

#endif
