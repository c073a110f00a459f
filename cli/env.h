/* Environment variables that stand for flags (spec 01 section 1.4). */
#ifndef CLI_ENV_H
#define CLI_ENV_H

#include "cli/opt.h"

/* The value of a variable, NULL when it is unset or empty. */
const char *env_get(char *const *environment, const char *name);

/* 1, 0, or -EINVAL when it is none of the words for true and false. */
int env_boolean(const char *word);

/* Add what variables say about flags that argv does not give. 0 or a usage error. */
int env_bind(struct opt *o, char *const *environment, struct err *e) ATTR_CHECK;

#endif
