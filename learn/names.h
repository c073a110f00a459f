/* Host names of the addresses a command spoke to, beyond what was seen in its own queries. */
#ifndef LEARN_NAMES_H
#define LEARN_NAMES_H

#include "learn/net.h"

enum { NAMES_SECONDS_MAX = 10 };

/*
 * Look up the names that were asked for, then the addresses that are left. Asks the network, at
 * most NAMES_SECONDS_MAX; what is not answered by then stays without a name. 0 or -ENOMEM.
 */
int names_look_up(struct endpoints *e) ATTR_CHECK;

#endif
