/* The list of environment.c, as sentences. */
#include "profiles/variable.h"

#include <string.h>

#include "profiles/internal.h"

const char *
variable_never(const char *name)
{
	switch (environment_judge(name, strlen(name))) {
	case ENVIRONMENT_DANGEROUS:
	case ENVIRONMENT_EXTENDED:
		return "it decides what programs load or run, and is never inherited";
	case ENVIRONMENT_AMBIENT:
		return "it names a way to your agents and daemons, which must be granted";
	case ENVIRONMENT_OWN:
		return "it is nono's own";
	case ENVIRONMENT_PASS:
		break;
	}
	return NULL;
}
