/* The network mode a request asks for, and what contradicts it (spec 02 section 7.1). */
#include <errno.h>

#include "profiles/internal.h"

static enum plan_net
network_mode(const struct policy_request *rq)
{
	if (rq->block_net)
		return PLAN_NET_BLOCKED;
	return rq->connect_ports.count > 0 ? PLAN_NET_PORTS : PLAN_NET_ALLOWED;
}

static int
check_restricted(const struct assembly *a, struct err *e)
{
	const struct policy_request *rq = a->rq;
	const char *flag = rq->manifest	    ? "network.mode"
			   : a->block_field ? "the profile's network.block"
			   : rq->block_net  ? "--block-net"
					    : "--allow-connect-port";

	for (size_t i = 0; i < rq->open_ports.count; i++)
		if (rq->open_ports.item[i] == 0)
			return err_set(e, -EINVAL,
				       "Configuration parse error: open_port 0 (any port) is "
				       "macOS-only; name each port with --open-port");
	/* One static filter for all of AF_UNIX: it knows no paths (spec 02 8.4). */
	if (sockets_requested(rq))
		return err_set(e, -EINVAL,
			       "Configuration parse error: %s closes all UNIX sockets, so single "
			       "ones cannot be granted beside it; remove %s or the "
			       "--allow-unix-socket flags",
			       flag, flag);
	return 0;
}

static int
note_without_effect(struct assembly *a, struct err *e)
{
	const struct policy_request *rq = a->rq;
	int r = 0;

	if (rq->listen_ports.count > 0)
		r = note_add(a, POLICY_NOTE_NOTICE,
			     "%s has no effect: the network is not restricted, every port can be "
			     "bound",
			     rq->manifest ? "network.ports.bind" : "--listen-port");
	if (r == 0 && rq->open_ports.count > 0)
		r = note_add(a, POLICY_NOTE_INFO, "%s has no effect: the network is not restricted",
			     rq->manifest ? "network.ports.localhost" : "--open-port");
	return r < 0 ? err_memory(e) : 0;
}

int
network_choose(struct assembly *a, enum plan_net *ret, struct err *e)
{
	*ret = network_mode(a->rq);
	return *ret == PLAN_NET_ALLOWED ? note_without_effect(a, e) : check_restricted(a, e);
}
