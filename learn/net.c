/* The table of addresses. Linear: a command speaks to few, and one of many is not found slower. */
#include "learn/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

void
endpoints_clear(struct endpoints *e)
{
	for (size_t i = 0; i < e->count; i++)
		mem_free(e->item[i].name);
	for (size_t i = 0; i < e->asked_count; i++)
		mem_free(e->asked[i]);
	mem_free(e->item);
	mem_free(e->asked);
	*e = (struct endpoints){ 0 };
}

/* Text of address and port; false when they are not of interest. */
static bool
read_address(struct endpoint *ret, const struct sockaddr_storage *address, size_t bytes)
{
	if (address->ss_family == AF_INET && bytes >= sizeof(struct sockaddr_in)) {
		struct sockaddr_in in;

		memcpy(&in, address, sizeof(in));
		ret->port = ntohs(in.sin_port);
		(void)inet_ntop(AF_INET, &in.sin_addr, ret->address, sizeof(ret->address));
	} else if (address->ss_family == AF_INET6 &&
		   bytes >= offsetof(struct sockaddr_in6, sin6_scope_id)) {
		struct sockaddr_in6 in = { 0 };

		memcpy(&in, address, bytes < sizeof(in) ? bytes : sizeof(in));
		ret->port = ntohs(in.sin6_port);
		(void)inet_ntop(AF_INET6, &in.sin6_addr, ret->address, sizeof(ret->address));
	} else {
		return false;
	}
	return ret->port != 0;
}

int
endpoints_add(struct endpoints *e, const struct sockaddr_storage *address, size_t bytes,
	      bool listening, const char *name)
{
	struct endpoint found = { .listening = listening }, *p = NULL;
	int r;

	if (!read_address(&found, address, bytes))
		return 0;
	for (size_t i = 0; i < e->count && !p; i++)
		if (e->item[i].listening == listening && e->item[i].port == found.port &&
		    str_equal(e->item[i].address, found.address))
			p = &e->item[i];
	if (!p) {
		if (e->count >= ENDPOINTS_MAX) {
			e->dropped++;
			return 0;
		}
		r = mem_grow((void **)&e->item, &e->capacity, e->count, sizeof(*e->item));
		if (r < 0)
			return r;
		p = &e->item[e->count++];
		*p = found;
	}
	p->count++;
	if (name && !p->name) {
		p->name = mem_strdup(name);
		if (!p->name)
			return -ENOMEM;
	}
	return 0;
}

int
endpoints_add_name(struct endpoints *e, const char *name)
{
	char *copy;
	int r;

	for (size_t i = 0; i < e->asked_count; i++)
		if (str_equal(e->asked[i], name))
			return 0;
	if (e->asked_count >= NAMES_MAX)
		return 0;
	r = mem_grow((void **)&e->asked, &e->asked_capacity, e->asked_count, sizeof(*e->asked));
	copy = r < 0 ? NULL : mem_strdup(name);
	if (!copy)
		return -ENOMEM;
	e->asked[e->asked_count++] = copy;
	return 0;
}

void
endpoints_forget_names(struct endpoints *e)
{
	for (size_t i = 0; i < e->count; i++) {
		mem_free(e->item[i].name);
		e->item[i].name = NULL;
	}
	for (size_t i = 0; i < e->asked_count; i++)
		mem_free(e->asked[i]);
	e->asked_count = 0;
}

static int
compare(const void *a, const void *b)
{
	const struct endpoint *x = a, *y = b;
	int r;

	if (x->listening != y->listening)
		return x->listening ? 1 : -1;
	r = strcmp(x->address, y->address);
	if (r != 0)
		return r;
	return (x->port > y->port) - (x->port < y->port);
}

void
endpoints_sort(struct endpoints *e)
{
	if (e->count > 0)
		qsort(e->item, e->count, sizeof(*e->item), compare);
}
