/* The network of a plan as members of a JSON object, the same in a dry run and in a state file. */
#include "base/json_write.h"
#include "plan/plan.h"

static void
put_ports(struct json *j, const struct plan *p, const char *key, enum plan_port_use use)
{
	json_array(j, key);
	for (size_t i = 0; i < plan_count(p, PLAN_SEC_PORTS); i++)
		if (plan_port_at(p, i)->use == use)
			json_number(j, NULL, plan_port_at(p, i)->port);
	json_end(j);
}

void
plan_network_json(struct json *j, const struct plan *p)
{
	static const char *const mode[] = { "", "allowed", "blocked", "ports" };

	json_string(j, "mode", mode[p->settings->net & 3]);
	json_null(j, "proxy_port");
	put_ports(j, p, "bind_ports", PLAN_PORT_BIND);
	put_ports(j, p, "connect_ports", PLAN_PORT_CONNECT);
	put_ports(j, p, "localhost_ports", PLAN_PORT_LOCALHOST);
}
