/* `nono why --host`, `--scope` and `--command`. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/why.h"
#include "profiles/groups.h"
#include "profiles/hosts.h"
#include "profiles/system_policy.h"
#include "profiles/user_groups.h"

enum { PORT_HTTPS = 443, PORT_HTTP = 80 };

/* ---- hosts and ports ---- */

/* "https://name:8443/path" or a bare name, lower-cased, and the port it says (0: none). */
static int
split_host(struct buf *host, uint64_t *ret_port, const char *text)
{
	const char *scheme = strstr(text, "://"), *at, *p = scheme ? scheme + 3 : text;
	size_t n = strcspn(p, "/?#");
	int r = 0;

	*ret_port = 0;
	if (scheme && strncasecmp(text, "http://", 7) == 0)
		*ret_port = PORT_HTTP;
	at = memrchr(p, '@', n);
	if (scheme && at) {
		n -= (size_t)(at + 1 - p);
		p = at + 1;
	}
	if (*p == '[') {
		const char *end = memchr(p, ']', n);

		if (!end)
			return -EINVAL;
		r = buf_add(host, p + 1, (size_t)(end - p - 1));
		n -= (size_t)(end + 1 - p);
		p = end + 1;
	} else {
		const char *colon = memchr(p, ':', n);
		size_t name = colon && memchr(colon + 1, ':', n - (size_t)(colon + 1 - p)) == NULL
				      ? (size_t)(colon - p)
				      : n; /* two colons: an address of IPv6 without brackets */

		r = buf_add(host, p, name);
		n -= name;
		p += name;
	}
	if (r == 0 && n > 0) {
		autobuf struct buf port = BUF_INIT;

		if (*p != ':')
			return -EINVAL;
		r = buf_add(&port, p + 1, n - 1);
		if (r == 0)
			r = str_to_u64(buf_str(&port), 0, UINT16_MAX, ret_port);
	}
	for (size_t i = 0; r == 0 && i < host->n; i++)
		host->p[i] = (char)tolower((unsigned char)host->p[i]);
	return r == 0 && host->n == 0 ? -EINVAL : r;
}

static int
network_details(struct why *w, unsigned int port, bool bind, const struct plan_answer *p)
{
	struct answer *a = &w->answer;
	bool landlock = w->kernel.landlock_abi >= LANDLOCK_ABI_NET;
	const struct system_policy *system = system_policy_of(w->request.profile,
							      &w->request.user_groups);

	if (p->reason == PLAN_REASON_PORT_NOT_LISTED)
		return answer_detail(a, "port %u is not among the ports that are open", port);
	if (w->plan.settings->net == PLAN_NET_ALLOWED)
		return 0;
	if (!p->allowed && system->network != NETWORK_LIMIT_NONE) {
		a->system_file = system->network_file;
		return answer_detail(a, "max_network of the system's policy %s closes every port",
				     system->network_file);
	}
	if (!landlock)
		return answer_detail(a,
				     "Landlock V%d of this kernel knows no ports (V4, Linux 6.7, "
				     "is needed): internet sockets are refused as a whole",
				     w->kernel.landlock_abi);
	if (p->allowed)
		return answer_detail(a, "TCP only, by number: the port is open on any host");
	return answer_detail(a, bind ? "--listen-port opens a port for listening"
				     : "--block-net refuses every port that is not named");
}

/* Below it a port is bound with a capability that no program keeps (ip(7)). */
static unsigned int
first_free_port(void)
{
	autobuf struct buf text = BUF_INIT;
	autofd int fd = open("/proc/sys/net/ipv4/ip_unprivileged_port_start", O_RDONLY | O_CLOEXEC);
	uint64_t port;

	if (fd == -1 || buf_read_fd(&text, fd, 64) < 0 || text.n == 0)
		return IPPORT_RESERVED;
	text.p[strcspn(text.p, "\n")] = '\0';
	return str_to_u64(text.p, 0, UINT16_MAX + 1, &port) == 0 ? (unsigned int)port
								 : IPPORT_RESERVED;
}

static int
answer_port(struct why *w, unsigned int port, bool bind)
{
	struct plan_answer p = bind ? plan_query_bind(&w->plan, port)
				    : plan_query_connect(&w->plan, port);
	struct answer *a = &w->answer;
	bool restricted = w->plan.settings->net != PLAN_NET_ALLOWED;
	bool allowed = p.allowed && (!restricted || w->kernel.landlock_abi >= LANDLOCK_ABI_NET);
	int r = 0;

	a->status = allowed ? ANSWER_ALLOWED : ANSWER_DENIED;
	a->reason = allowed ? "network_allowed" : "network_blocked";
	a->enforcement = !restricted				      ? "none"
			 : w->kernel.landlock_abi >= LANDLOCK_ABI_NET ? "landlock"
								      : "seccomp";
	if (allowed)
		a->access = bind ? "the program may listen on this port"
				 : "the program may connect to this host";
	if ((r = network_details(w, port, bind, &p)) < 0)
		return r;
	if (allowed && bind && port > 0 && port < first_free_port()) {
		a->status = ANSWER_DENIED;
		a->reason = "network_blocked";
		a->enforcement = "none";
		a->access = NULL;
		return answer_detail(a,
				     "port %u is privileged: only a capability opens it, and no "
				     "program in a sandbox has one",
				     port);
	}
	if (!allowed && !a->system_file)
		r = buf_addf(&a->suggestion, "%s %u",
			     bind ? "--listen-port" : "--allow-connect-port", port);
	return r;
}

int
why_port(struct why *w, unsigned int port, bool bind, struct err *e)
{
	return answer_port(w, port, bind) < 0 ? err_set(e, -ENOMEM, "out of memory") : 0;
}

/*
 * The profile's list of hosts: 1 when it decides. Under --allow-net there is none; ports that are
 * open beside the proxy are a question of their own.
 */
static int
answer_filter(struct why *w, const char *host)
{
	struct answer *a = &w->answer;
	struct host_answer h;
	int r;

	if (!w->request.profile || w->request.policy.allow_net)
		return 0;
	h = host_decide(w->request.profile, host);
	if (h.verdict == HOST_NO_FILTER)
		return 0;
	a->status = h.verdict == HOST_UNLISTED || h.verdict == HOST_METADATA ? ANSWER_DENIED
									     : ANSWER_ALLOWED;
	a->reason = a->status == ANSWER_DENIED ? "proxy_filtered" : "proxy_allowed";
	a->enforcement = "none";
	if (a->status == ANSWER_ALLOWED) {
		a->access = "the proxy lets the program reach this host";
		r = h.rule ? buf_addf(&a->source, "%s %s",
				      h.by_profile ? "network group" : "network.allow_domain",
				      h.rule)
			   : 0;
		if (r == 0 && h.verdict == HOST_ENDPOINTS)
			r = answer_detail(a, "for the endpoints that the entry names");
		return r < 0 ? r : 1;
	}
	if ((r = buf_adds(&a->policy, "proxy domain filter")) < 0)
		return r;
	r = answer_detail(a,
			  h.verdict == HOST_METADATA ? "%s is in the deny list"
						     : "%s is not in the allowlist",
			  host);
	return r < 0 ? r : 1;
}

int
why_host(struct why *w, struct err *e)
{
	const char *text = opt_value(w->o, FLAG_WHY_HOST), *given = opt_value(w->o, FLAG_WHY_PORT);
	bool bind = opt_has(w->o, FLAG_WHY_BIND);
	autobuf struct buf host = BUF_INIT;
	uint64_t port = 0;
	int r = text ? split_host(&host, &port, text) : 0;

	if (r < 0 && r != -ENOMEM)
		return err_set_exit(e, EXIT_USAGE, r,
				    "invalid value '%s' for '--host <HOST>': a host name or a URL "
				    "is needed",
				    text);
	if (r == 0 && given)
		r = str_to_u64(given, 0, UINT16_MAX, &port);
	if (r == 0 && text && !bind)
		r = answer_filter(w, buf_str(&host));
	if (r < 0)
		return err_set(e, r, "out of memory");
	if (r > 0)
		return 0;
	return why_port(w, port || given ? (unsigned int)port : (unsigned int)PORT_HTTPS, bind, e);
}

/* ---- scopes ---- */

static void
say_scope(struct why *w, bool requested)
{
	struct answer *a = &w->answer;

	a->requested = requested;
	a->supported = w->kernel.landlock_abi >= LANDLOCK_ABI_SCOPE;
	a->enforced = requested && a->supported;
	a->state = !w->kernel.landlock_abi ? "unavailable"
		   : !requested		   ? "not_requested"
		   : a->supported	   ? "enforced"
					   : "unsupported";
}

int
why_scope(struct why *w, struct err *e)
{
	const struct plan_settings *s = w->plan.settings;
	struct answer *a = &w->answer;
	int r = 0;

	a->status = ANSWER_SCOPE;
	a->scope = opt_value(w->o, FLAG_WHY_SCOPE);
	a->kernel_abi = w->kernel.landlock_abi;
	if (str_equal(a->scope, "signal")) {
		say_scope(w, s->signal_mode != PLAN_ALLOW_ALL);
	} else if (str_equal(a->scope, "abstract-unix-socket")) {
		say_scope(w, !(s->flags & PLAN_IPC_FULL));
	} else {
		a->requested = true;
		a->supported = a->kernel_abi > 0;
		a->state = a->supported ? "not_enforced" : "unavailable";
		r = answer_detail(a,
				  "memory, environment and open files of processes outside are "
				  "closed by Landlock; their command lines and states can be read "
				  "in /proc");
	}
	if (r == 0 && str_equal(a->state, "unsupported"))
		r = answer_detail(a, "Landlock V6 (Linux 6.12) is needed, this kernel has V%d",
				  a->kernel_abi);
	return r < 0 ? err_set(e, -ENOMEM, "out of memory") : 0;
}

/* ---- commands ---- */

int
why_command(struct why *w, struct err *e)
{
	const char *name = path_basename(opt_value(w->o, FLAG_WHY_COMMAND));
	struct plan_answer p = plan_query_command(&w->plan, name);
	struct answer *a = &w->answer;
	const char *caller = opt_value(w->o, FLAG_WHY_CALLER);
	const char *group = p.command ? plan_string(&w->plan, p.command->group) : "";
	const struct group *own = w->request.profile
					  ? profile_find_group(w->request.profile, group)
					  : user_groups_find(&w->request.user_groups, group);
	int r = 0;

	if (caller && !str_equal(caller, "session")) {
		a->status = ANSWER_DENIED;
		a->reason = "command_policy_unavailable";
		return answer_detail(a, "no policy says what '%s' may start", caller) < 0
			       ? err_set(e, -ENOMEM, "out of memory")
			       : 0;
	}
	a->status = p.allowed ? ANSWER_ALLOWED : ANSWER_DENIED;
	a->reason = p.command ? p.allowed ? "invocation_policy_allowed" : "command_policy_denied"
			      : "command_not_policy_controlled";
	a->enforcement = "none";
	if (p.command && p.allowed) {
		r = answer_detail(a, "--allow-command %s", name);
	} else if (p.command) {
		r = answer_detail(a,
				  "nono does not start it directly; what the program itself starts "
				  "is not looked at");
		if (r == 0)
			r = group_find(group) || own ? buf_addf(&a->policy, "group:%s", group)
			    : *group		     ? buf_adds(&a->policy, group)
						     : buf_adds(&a->policy, "--block-command");
		if (r == 0 &&
		    !system_policy_of(w->request.profile, &w->request.user_groups)->forbid_bypass)
			r = buf_addf(&a->suggestion, "--allow-command %s", name);
		a->system_file = own ? own->system_file : NULL;
	} else {
		r = answer_detail(a, "no rule names this command");
	}
	return r < 0 ? err_set(e, -ENOMEM, "out of memory") : 0;
}
