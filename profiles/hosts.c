/* The host filter of a profile, on paper. */
#include "profiles/hosts.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "profiles/network_policy.h"

enum { HOST_BYTES_MAX = 256 };

/* Metadata services hand out a machine's credentials; 169.254/16 and fe80::/10 is where they live. */
static bool
is_metadata(const char *host)
{
	static const char *const names[] = { "metadata.google.internal",
					     "metadata.azure.internal" };
	static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	unsigned char address[16];

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcasecmp(host, names[i]) == 0)
			return true;
	if (inet_pton(AF_INET, host, address) == 1)
		return address[0] == 169 && address[1] == 254;
	if (inet_pton(AF_INET6, host, address) != 1)
		return false;
	if (memcmp(address, mapped, sizeof(mapped)) == 0)
		return address[12] == 169 && address[13] == 254;
	return address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
}

/* Does the name end with ".example.org", and is it longer? */
static bool
is_below(const char *host, const char *suffix)
{
	size_t n = strlen(suffix);

	return strlen(host) > n && strcasecmp(host + strlen(host) - n, suffix) == 0;
}

/* "*.example.org" is every host below example.org; an entry may carry a port, which says nothing. */
static bool
entry_matches(const char *entry, const char *host)
{
	size_t n = strcspn(entry, ":");
	char name[HOST_BYTES_MAX];

	if (n >= sizeof(name))
		return false;
	memcpy(name, entry, n);
	name[n] = '\0';
	if (str_starts_with(name, "*."))
		return is_below(host, name + 1);
	return str_equal(name, "*") || strcasecmp(name, host) == 0;
}

static bool
group_matches(const struct network_group *g, const char *host)
{
	for (size_t i = 0; g && i < g->hosts_count; i++)
		if (strcasecmp(g->hosts[i], host) == 0)
			return true;
	for (size_t i = 0; g && i < g->suffixes_count; i++)
		if (is_below(host, g->suffixes[i]))
			return true;
	return false;
}

bool
host_entry_lets(const char *entry, const char *host)
{
	return entry_matches(entry, host) || group_matches(network_group_find(entry), host);
}

struct host_answer
host_decide(const struct profile *p, const char *host)
{
	const struct node *name = profile_get(p, "network.network_profile");
	const struct node *domains = profile_get(p, "network.allow_domain");
	const struct node *upstream = profile_get(p, "network.upstream_proxy");
	const struct node *credentials = profile_get(p, "network.credentials");
	const struct network_profile *profile = name && name->text
							? network_profile_find(name->text)
							: NULL;

	if (!profile && !node_first(domains) && !node_first(credentials) &&
	    !node_text(upstream, NULL))
		return (struct host_answer){ .verdict = HOST_NO_FILTER };
	if (is_metadata(host))
		return (struct host_answer){ .verdict = HOST_METADATA };
	for (size_t i = 0; profile && i < profile->groups_count; i++)
		if (group_matches(network_group_find(profile->groups[i]), host))
			return (struct host_answer){ HOST_LISTED, profile->groups[i], name, true };
	for (const struct node *n = node_first(domains); n; n = n->next) {
		const char *domain = node_text(n, node_text(node_find(n, "domain"), ""));

		if (host_entry_lets(domain, host))
			return (struct host_answer){ node_first(node_find(n, "endpoints"))
							     ? HOST_ENDPOINTS
							     : HOST_LISTED,
						     domain, n, false };
	}
	/* Only credentials, or only an upstream proxy: nothing is listed. */
	if (!profile && !node_first(domains) && !node_is_true(profile_get(p, "network.block")))
		return (struct host_answer){ .verdict = HOST_ANY };
	return (struct host_answer){ .verdict = HOST_UNLISTED,
				     .node = profile ? name : node_first(domains) };
}
