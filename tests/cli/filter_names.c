/*
 * Every generated filter, one a line: "HASH LENGTH NET GUARD". HASH is what the tracer prints for
 * the program it saw installed, so that a test can say by name which filter that was.
 */
#include <stdio.h>

#include "launch/launch.h"
#include "tests/harness/trace_names.h"

static const char *const net_names[FILTER_NET_COUNT] = {
	[FILTER_NET_ALLOWED] = "allowed",
	[FILTER_NET_LISTEN] = "listen",
	[FILTER_NET_TCP] = "tcp",
	[FILTER_NET_NONE] = "none",
};

int
main(void)
{
	for (int net = 0; net < FILTER_NET_COUNT; net++)
		for (int guard = 0; guard <= 1; guard++) {
			const struct filter_table *t = filter_table_find(
				(struct filter_choice){ (enum filter_net)net, guard });

			printf("%016llx %u %s %s\n",
			       (unsigned long long)trace_hash(t->code,
							      t->length * sizeof(*t->code)),
			       t->length, net_names[net], guard ? "guarded" : "plain");
		}
	return 0;
}
