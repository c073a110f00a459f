/* The machine that conditions are about. */
#ifndef PROFILES_WHEN_HOST_H
#define PROFILES_WHEN_HOST_H

#include "base/attr.h"
#include "profiles/reader.h"

/* 0 or -ENOMEM; what cannot be found out stays unknown. */
int when_host_find(struct when_host *ret, struct pool *pool, char *const *environment) ATTR_CHECK;

#endif
