/*
 * Host names in what a program sends: a DNS query (RFC 1035), or a line of the varlink protocol of
 * systemd-resolved. Pure; the bytes are the program's.
 */
#ifndef LEARN_DNS_H
#define LEARN_DNS_H

#include <stdbool.h>

#include "base/slice.h"

enum { DNS_NAME_MAX = 254 }; /* with NUL: RFC 1035 2.3.4 less the root's byte */

/* The name that is asked for, in lower case. False when this is no query, or asks for nothing. */
bool dns_query_name(char ret[DNS_NAME_MAX], struct slice packet);

/* The name in a call of ...ResolveHostname. */
bool dns_varlink_name(char ret[DNS_NAME_MAX], struct slice message);

#endif
