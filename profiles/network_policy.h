/*
 * The network policy that comes with the program (spec 03 section 11), compiled from
 * profiles/data/network.json: groups of hosts, profiles made of groups, and routes for the
 * credentials of well-known services. No profile switches a credential on by itself.
 */
#ifndef PROFILES_NETWORK_POLICY_H
#define PROFILES_NETWORK_POLICY_H

#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"

struct network_group {
	const char *name;
	const char *description;
	const char *const *hosts;
	size_t hosts_count;
	const char *const *suffixes; /* with the leading dot */
	size_t suffixes_count;
};

struct network_profile {
	const char *name;
	const char *const *groups;
	size_t groups_count;
	const char *const *credentials;
	size_t credentials_count;
};

struct network_credential {
	const char *name;
	const char *upstream;
	const char *header;
	const char *format;
	const char *key;      /* name in the keyring, or a reference */
	const char *variable; /* NULL: derived from the name */
};

extern const struct network_group network_groups[];
extern const size_t network_groups_count;
extern const struct network_profile network_profiles[];
extern const size_t network_profiles_count;
extern const struct network_credential network_credentials[];
extern const size_t network_credentials_count;

/* NULL when unknown. */
const struct network_group *network_group_find(const char *name);
const struct network_profile *network_profile_find(const char *name);
const struct network_credential *network_credential_find(const char *name);

/*
 * Everything a profile lets through, sorted and without repetitions, as filter patterns: hosts, and
 * "*.example.org" for a suffix. The texts lie in *text, the vector ends with NULL and is freed with
 * mem_free(). 0 or -ENOMEM.
 */
int network_profile_hosts(const struct network_profile *p, const char ***ret,
			  struct buf *text) ATTR_CHECK;

#endif
