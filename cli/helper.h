/* The programs that are installed together with nono. */
#ifndef CLI_HELPER_H
#define CLI_HELPER_H

#include "base/buf.h"

/*
 * Append the path of a program: beside this one, as built and as installed by hand, else where
 * `make install` puts it. Nothing in the environment has a say. 0 or -ENOMEM.
 */
int helper_find(struct buf *b, const char *name) ATTR_CHECK;

#endif
