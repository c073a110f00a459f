/* What a command sends, as learn looks at it. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "learn/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n >= DNS_NAME_MAX ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != n)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice bytes = { (const char *)data, size };
	char name[DNS_NAME_MAX];

	if (dns_query_name(name, bytes))
		check(name);
	if (dns_varlink_name(name, bytes))
		check(name);
	return 0;
}
