/*
 * What a profile's filter says of a host (spec 02 24.2, spec 03 11.4), for the commands that explain
 * it. Looks at the profile alone: no name is resolved.
 */
#ifndef PROFILES_HOSTS_H
#define PROFILES_HOSTS_H

#include "profiles/profile.h"

enum host_verdict {
	HOST_NO_FILTER, /* no filter, the network is open or blocked as a whole */
	HOST_LISTED,
	HOST_UNLISTED,
	HOST_METADATA,	/* a cloud's metadata service: never */
	HOST_ANY,	/* a filter without a list lets the others through */
	HOST_ENDPOINTS, /* listed, for the requests that the entry names */
};

struct host_answer {
	enum host_verdict verdict;
	const char *rule;	 /* the group or entry that decided, or NULL */
	const struct node *node; /* where it is written, or NULL */
	bool by_profile;	 /* `rule` is a group of the network profile */
};

/* Does one entry of allow_domain let the host through: a host, a pattern, or a group's name? */
bool host_entry_lets(const char *entry, const char *host);

struct host_answer host_decide(const struct profile *p, const char *host);

#endif
