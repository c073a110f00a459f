/* What holds only in part: on this kernel, in this session, and in this version at all. */
#include <errno.h>

#include "base/str.h"
#include "launch/launch.h"

size_t
launch_degradations(const struct plan *p, const struct kernel *k,
		    struct degradation ret[LAUNCH_DEGRADATIONS_MAX])
{
	const struct {
		bool holds;
		struct degradation what;
	} list[] = {
		{ p->settings->net == PLAN_NET_ALLOWED,
		  { "unix sockets", "sockets by path are not mediated" } },
		{ k->no_devpts,
		  { "terminals inside", "no devpts of its own: only the session's" } },
		{ k->no_tree,
		  { "metadata", "no mount namespace: modes and owners can be changed" } },
		{ k->no_processes,
		  { "processes", "no pid namespace: those of others can be listed" } },
		{ k->landlock_abi < LANDLOCK_ABI_REFER,
		  { "rename", "Landlock V1 refuses it across directories" } },
		{ k->landlock_abi < LANDLOCK_ABI_TRUNCATE,
		  { "truncation", "refused as a whole before Landlock V3" } },
		{ k->landlock_abi < LANDLOCK_ABI_IOCTL_DEV,
		  { "device ioctl", "not restricted before Landlock V5" } },
		{ k->landlock_abi < LANDLOCK_ABI_SCOPE,
		  { "signals", "not restricted before Landlock V6" } },
	};
	size_t n = 0;

	_Static_assert(ARRAY_LEN(list) <= LAUNCH_DEGRADATIONS_MAX, "room for all");
	for (size_t i = 0; i < ARRAY_LEN(list); i++)
		if (list[i].holds)
			ret[n++] = list[i].what;
	return n;
}

int
launch_check_strict(const struct plan *p, const struct kernel *k, struct err *e)
{
	struct degradation list[LAUNCH_DEGRADATIONS_MAX];
	size_t n = launch_degradations(p, k, list);
	autobuf struct buf text = BUF_INIT;

	if (!(p->settings->flags & PLAN_STRICT) || n == 0)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (buf_addf(&text, "%s%s (%s)", i ? ", " : "", list[i].guarantee, list[i].reason) <
		    0)
			return err_set(e, -ENOMEM, "out of memory");
	return err_set(
		e, -EOPNOTSUPP,
		"--strict: this session would hold only in part: %s. Start without --strict%s",
		buf_str(&text),
		p->settings->net == PLAN_NET_ALLOWED
			? "; --block-net closes sockets by path as well"
			: "");
}
