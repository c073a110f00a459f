/* The factor of patience.h. */
#include <stdlib.h>

#include "tests/harness/patience.h"

enum { PATIENCE_MAX = 100 };

unsigned int
patience(void)
{
	const char *text = getenv("TEST_PATIENCE");
	long factor = text ? strtol(text, NULL, 10) : 1;

	return factor < 1 || factor > PATIENCE_MAX ? 1 : (unsigned int)factor;
}
