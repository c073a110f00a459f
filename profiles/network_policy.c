/* Looking things up in the network policy. The tables are made by tools/gen_network.c. */
#include "profiles/network_policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

const struct network_group *
network_group_find(const char *name)
{
	for (size_t i = 0; i < network_groups_count; i++)
		if (str_equal(network_groups[i].name, name))
			return &network_groups[i];
	return NULL;
}

const struct network_profile *
network_profile_find(const char *name)
{
	for (size_t i = 0; i < network_profiles_count; i++)
		if (str_equal(network_profiles[i].name, name))
			return &network_profiles[i];
	return NULL;
}

const struct network_credential *
network_credential_find(const char *name)
{
	for (size_t i = 0; i < network_credentials_count; i++)
		if (str_equal(network_credentials[i].name, name))
			return &network_credentials[i];
	return NULL;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Append NUL-terminated patterns; their number. */
static int
add_patterns(struct buf *text, const struct network_group *g, size_t *count)
{
	int r = 0;

	for (size_t i = 0; i < g->hosts_count && r == 0; i++)
		r = buf_add(text, g->hosts[i], strlen(g->hosts[i]) + 1);
	for (size_t i = 0; i < g->suffixes_count && r == 0; i++) {
		r = buf_addc(text, '*');
		if (r == 0)
			r = buf_add(text, g->suffixes[i], strlen(g->suffixes[i]) + 1);
	}
	*count += g->hosts_count + g->suffixes_count;
	return r;
}

int
network_profile_hosts(const struct network_profile *p, const char ***ret, struct buf *text)
{
	size_t count = 0, kept = 0;
	const char **list, *at;
	int r = 0;

	for (size_t i = 0; i < p->groups_count && r == 0; i++)
		r = add_patterns(text, network_group_find(p->groups[i]), &count);
	if (r < 0)
		return r;
	list = mem_calloc(count + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	at = text->p;
	for (size_t i = 0; i < count; i++, at += strlen(at) + 1)
		list[i] = at;
	if (count > 0)
		qsort(list, count, sizeof(*list), compare);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || !str_equal(list[kept - 1], list[i]))
			list[kept++] = list[i];
	list[kept] = NULL;
	*ret = list;
	return 0;
}
