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
	const char *flag = a->limited	    ? "max_network of the system's policy"
			   : rq->manifest   ? "network.mode"
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

/* ---- what the system's policy leaves ---- */

static int
refuse_flag(const struct assembly *a, const char *flag, struct err *e)
{
	return err_set(
		e, -EPERM,
		"Configuration parse error: %s: the system's policy %s allows no such network "
		"(max_network); start without this flag",
		flag, a->system->network_file);
}

/* What somebody asks for by name is not taken away in silence. */
static int
check_asked(const struct assembly *a, const struct policy_request *asked, struct err *e)
{
	if (asked->manifest)
		return 0;
	if (asked->allow_net)
		return refuse_flag(a, "--allow-net", e);
	if (asked->connect_ports.count > 0)
		return refuse_flag(a, "--allow-connect-port", e);
	if (asked->open_ports.count > 0)
		return refuse_flag(a, "--open-port", e);
	return asked->listen_ports.count > 0 ? refuse_flag(a, "--listen-port", e) : 0;
}

int
network_limit(struct assembly *a, const struct policy_request *asked, struct policy_request *rq,
	      struct err *e)
{
	const struct system_policy *s = a->system;
	bool ports = rq->connect_ports.count + rq->open_ports.count + rq->listen_ports.count > 0;
	int r;

	if (s->network == NETWORK_LIMIT_NONE)
		return 0;
	if ((r = check_asked(a, asked, e)) < 0)
		return r;
	/* A port is open on every host, and one that is listened on for every host. */
	rq->connect_ports = rq->open_ports = rq->listen_ports = (struct ports){ NULL, 0 };
	if (!rq->block_net || ports)
		r = note_add(a, ports ? POLICY_NOTE_WARNING : POLICY_NOTE_NOTICE,
			     "%s: max_network \"%s\" of the system's policy %s%s",
			     ports ? "the network and all ports are closed" : "network blocked",
			     s->network == NETWORK_LIMIT_PROXY ? "proxy" : "blocked",
			     s->network_file,
			     s->network == NETWORK_LIMIT_PROXY
				     ? ", and this version of nono has no proxy yet"
				     : "");
	a->limited = !rq->block_net;
	rq->block_net = true;
	return r < 0 ? err_memory(e) : 0;
}

int
network_choose(struct assembly *a, enum plan_net *ret, struct err *e)
{
	*ret = network_mode(a->rq);
	return *ret == PLAN_NET_ALLOWED ? note_without_effect(a, e) : check_restricted(a, e);
}
