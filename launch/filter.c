/*
 * The base seccomp filter: which of the generated programs a plan needs, and the program to
 * install. The programs themselves are constant data made by tools/gen_filter.c.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hooks.h"
#include "launch/launch.h"

_Static_assert(HOOK_COUNT <= 64, "a bit for each");

struct filter_choice
filter_choose(const struct plan *p, const struct kernel *k)
{
	struct filter_choice choice = { FILTER_NET_ALLOWED, false };

	choice.guard_truncate = k->landlock_abi < LANDLOCK_ABI_TRUNCATE;
	if (p->settings->net == PLAN_NET_ALLOWED)
		return choice;
	/*
	 * Without Landlock's port rules nothing tells one port from another, so there is no
	 * network at all; a plan with port exceptions is refused before it comes here.
	 */
	if (k->landlock_abi < LANDLOCK_ABI_NET)
		choice.net = FILTER_NET_NONE;
	else
		choice.net = plan_binds_ports(p) ? FILTER_NET_LISTEN : FILTER_NET_TCP;
	return choice;
}

uint64_t
filter_lifted(const struct plan *p)
{
	uint32_t flags = p->settings->flags;

	return (flags & PLAN_DEVICE_NODES ? 1ULL << HOOK_FILTER_DEVICE : 0) |
	       (flags & PLAN_ALLOW_USERNS ? 1ULL << HOOK_FILTER_NAMESPACES : 0) |
	       (flags & PLAN_COMPAT32 ? 1ULL << HOOK_FILTER_ARCH : 0);
}

static bool
is_lifted(unsigned int hook, uint64_t lifted)
{
	return (lifted & 1ULL << hook) || hook_off((enum hook)hook);
}

static bool
any_lifted(uint64_t lifted)
{
	for (unsigned int hook = HOOK_FILTER_FIRST; hook < HOOK_COUNT; hook++)
		if (is_lifted(hook, lifted))
			return true;
	return false;
}

/* Not a lifted rule: other architectures than this one stay refused. */
static const struct filter_table *
find_table(struct filter_choice choice, uint64_t *lifted)
{
#ifdef __x86_64__
	if (*lifted & 1ULL << HOOK_FILTER_ARCH) {
		*lifted &= ~(1ULL << HOOK_FILTER_ARCH);
		return filter_table_find_compat(choice);
	}
#endif
	*lifted &= ~(1ULL << HOOK_FILTER_ARCH);
	return filter_table_find(choice);
}

int
filter_make(struct filter_choice choice, uint64_t lifted, struct sock_fprog *ret, void **ret_copy)
{
	const struct filter_table *table = find_table(choice, &lifted);
	struct sock_filter *copy;

	*ret_copy = NULL;
	if (!any_lifted(lifted)) {
		/* The kernel only reads it; struct sock_fprog has no const. */
		*ret = (struct sock_fprog){ table->length, (struct sock_filter *)table->code };
		return 0;
	}
	copy = mem_calloc(table->length, sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	memcpy(copy, table->code, table->length * sizeof(*copy));
	for (size_t i = 0; i < table->length; i++)
		if (table->tag[i] != HOOK_NONE && is_lifted(table->tag[i], lifted))
			copy[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	*ret = (struct sock_fprog){ table->length, copy };
	*ret_copy = copy;
	return 0;
}
