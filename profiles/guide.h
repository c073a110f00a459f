/* The guide for people and agents who write profiles, in Markdown. */
#ifndef PROFILES_GUIDE_H
#define PROFILES_GUIDE_H

#include "base/attr.h"
#include "base/buf.h"

/* Append it; tables of keys, groups and profiles are those of this build. 0 or -ENOMEM. */
int guide_write(struct buf *b) ATTR_CHECK;

#endif
