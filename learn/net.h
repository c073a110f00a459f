/* Addresses that a command spoke to or listened on, with counts. Bounded. */
#ifndef LEARN_NET_H
#define LEARN_NET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/attr.h"
#include "learn/dns.h"

enum { ENDPOINTS_MAX = 4096, NAMES_MAX = 4096, ENDPOINT_TEXT_MAX = INET6_ADDRSTRLEN };

struct endpoint {
	bool listening;
	uint16_t port;
	char address[ENDPOINT_TEXT_MAX];
	uint64_t count;
	char *name; /* or NULL */
};

struct endpoints {
	struct endpoint *item;
	size_t count, capacity;
	uint64_t dropped;

	/* Every name that was asked for, once. */
	char **asked;
	size_t asked_count, asked_capacity;
};

void endpoints_clear(struct endpoints *e);

/*
 * Count a use of an address. Others than INET and INET6 and port 0 are left out. `name` may be
 * NULL. 0 or -ENOMEM.
 */
int endpoints_add(struct endpoints *e, const struct sockaddr_storage *address, size_t bytes,
		  bool listening, const char *name) ATTR_CHECK;

int endpoints_add_name(struct endpoints *e, const char *name) ATTR_CHECK;

/* As if nothing had been heard of names. */
void endpoints_forget_names(struct endpoints *e);

/* Outbound before listening, then by address and port. */
void endpoints_sort(struct endpoints *e);

#endif
