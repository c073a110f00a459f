/* The contract of nono-screen: what it keeps when it starts reading hostile bytes. */
#ifndef SCREEN_CONFINE_H
#define SCREEN_CONFINE_H

#include "base/attr.h"

/*
 * No files (Landlock without rules), no network, no process, no signal; system calls by a list that
 * compares descriptor numbers (ipc/broker_screen.h); 256 MiB of memory. 0 or -errno: then the
 * caller must exit.
 */
int screen_confine(void) ATTR_CHECK;

#endif
