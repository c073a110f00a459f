/* Calls that name addresses, and what is sent that asks for one. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/alloc.h"
#include "base/path.h"
#include "learn/internal.h"

enum { QUERY_BYTES_MAX = 1500, MESSAGES_MAX = 16, PORT_DNS = 53 };

/* struct msghdr of the thread's ABI, as far as it is used. */
struct message {
	uint64_t address, address_bytes, vector, vectors;
	size_t word; /* bytes of a pointer */
};

static uint64_t
word(const unsigned char *p, size_t bytes)
{
	uint64_t v = 0;

	memcpy(&v, p, bytes); /* both ABIs are little-endian */
	return v;
}

static uint16_t
port_of(const struct sockaddr_storage *a)
{
	struct sockaddr_in in;

	/* The port stands at the same place in both families. */
	if (a->ss_family != AF_INET && a->ss_family != AF_INET6)
		return 0;
	memcpy(&in, a, sizeof(in));
	return ntohs(in.sin_port);
}

static size_t
read_address(const struct tracee *k, uint64_t at, uint64_t bytes, struct sockaddr_storage *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (bytes > sizeof(*ret))
		bytes = sizeof(*ret);
	return tracee_read(k->tid, at, ret, (size_t)bytes);
}

/* The name that this thread, else any thread of its process asked for last. */
static const char *
last_name(struct trace *t, struct tracee *k)
{
	const struct tracee *leader;

	if (k->name)
		return k->name;
	leader = tracees_find(&t->tracees, tracee_process(k));
	return leader ? leader->name : NULL;
}

static int
remember_name(struct trace *t, struct tracee *k, const char *name)
{
	struct tracee *leader = tracees_find(&t->tracees, tracee_process(k));
	struct tracee *const both[] = { k, leader };

	for (size_t i = 0; i < ARRAY_LEN(both); i++) {
		if (!both[i] || (i == 1 && both[1] == both[0]))
			continue;
		if (!both[i]->name && !(both[i]->name = mem_calloc(1, DNS_NAME_MAX)))
			return -ENOMEM;
		memcpy(both[i]->name, name, strlen(name) + 1);
	}
	return endpoints_add_name(&t->result->net, name);
}

/* A socket in the file system is a new name there; others of AF_UNIX are no files. */
static int
observe_unix_bind(struct trace *t, struct tracee *k, const struct sockaddr_storage *a, size_t bytes)
{
	struct place p = PLACE_INIT;
	struct sockaddr_un un = { 0 };
	char path[sizeof(un.sun_path) + 1] = "";
	size_t index, n = bytes < sizeof(un) ? bytes : sizeof(un);
	int r;

	if (n <= offsetof(struct sockaddr_un, sun_path))
		return 0;
	memcpy(&un, a, n);
	memcpy(path, un.sun_path, n - offsetof(struct sockaddr_un, sun_path));
	if (path[0] == '\0')
		return 0;
	r = place_find(&p, k->tid, AT_FDCWD, path, false);
	if (r == 0 && !p.exists && p.parent_exists &&
	    (r = paths_add(&t->result->paths, buf_str(&p.path), &index)) == 0)
		t->result->paths.item[index].flags |= PATH_NAME | PATH_MADE;
	buf_clear(&p.path);
	return r == -ESTALE || r == -E2BIG ? 0 : r;
}

static int
observe_address(struct trace *t, struct tracee *k, uint64_t at, uint64_t bytes, bool bind)
{
	struct sockaddr_storage address;
	size_t n = read_address(k, at, bytes, &address);

	if (n < sizeof(address.ss_family))
		return 0;
	if (address.ss_family == AF_UNIX)
		return bind ? observe_unix_bind(t, k, &address, n) : 0;
	return endpoints_add(&t->result->net, &address, n, bind,
			     bind || port_of(&address) == PORT_DNS ? NULL : last_name(t, k));
}

static int
observe_payload(struct trace *t, struct tracee *k, uint64_t at, uint64_t bytes)
{
	char text[QUERY_BYTES_MAX], name[DNS_NAME_MAX];
	struct slice payload = { text, 0 };

	if (bytes == 0 || bytes > sizeof(text))
		return 0;
	payload.n = tracee_read(k->tid, at, text, (size_t)bytes);
	if (dns_query_name(name, payload) || dns_varlink_name(name, payload))
		return remember_name(t, k, name);
	return 0;
}

static int
observe_message(struct trace *t, struct tracee *k, const struct message *m)
{
	unsigned char vector[16]; /* struct iovec: pointer and length */
	int r = 0;

	if (m->address != 0 && m->address_bytes > 0)
		r = observe_address(t, k, m->address, m->address_bytes, false);
	if (r < 0 || m->vectors == 0)
		return r;
	if (tracee_read(k->tid, m->vector, vector, 2 * m->word) < 2 * m->word)
		return 0;
	return observe_payload(t, k, word(vector, m->word), word(vector + m->word, m->word));
}

static int
observe_messages(struct trace *t, struct tracee *k, uint64_t at, uint64_t count, bool wide,
		 bool many)
{
	/* struct msghdr: name, namelen (padded), iov, iovlen, ...; mmsghdr adds a length. */
	size_t size = wide ? 8 : 4, bytes = wide ? 56 : 28;
	size_t stride = many ? (wide ? 64 : 32) : bytes;
	unsigned char header[56];
	int r = 0;

	for (uint64_t i = 0; i < count && i < MESSAGES_MAX && r == 0; i++) {
		struct message m = { .word = size };

		if (tracee_read(k->tid, at + i * stride, header, bytes) < bytes)
			return 0;
		m.address = word(header, size);
		m.address_bytes = word(header + size, 4);
		m.vector = word(header + 2 * size, size);
		m.vectors = word(header + 3 * size, size);
		r = observe_message(t, k, &m);
	}
	return r;
}

int
observe_socket(struct trace *t, struct tracee *k, enum call_act act, const struct entry *in)
{
	const uint64_t *arg = in->arg;
	bool wide = in->arch != CALL_I386;
	uint64_t from_memory[CALL_ARGS] = { 0 };
	int r;

	if (act == ACT_SOCKET) {
		uint32_t words[CALL_ARGS] = { 0 };

		act = (enum call_act)call_of_socketcall(arg[0]);
		if (act == 0 ||
		    tracee_read(k->tid, arg[1], words, sizeof(words)) < 3 * sizeof(words[0]))
			return 0;
		for (size_t i = 0; i < CALL_ARGS; i++)
			from_memory[i] = words[i];
		/* send() has no address */
		if (arg[0] == 9)
			from_memory[4] = from_memory[5] = 0;
		arg = from_memory;
	}
	switch (act) {
	case ACT_CONNECT:
	case ACT_BIND:
		return observe_address(t, k, arg[1], arg[2], act == ACT_BIND);
	case ACT_SEND:
		r = arg[4] && arg[5] ? observe_address(t, k, arg[4], arg[5], false) : 0;
		return r < 0 ? r : observe_payload(t, k, arg[1], arg[2]);
	case ACT_SEND_MESSAGE:
		return observe_messages(t, k, arg[1], 1, wide, false);
	case ACT_SEND_MESSAGES:
		return observe_messages(t, k, arg[1], arg[2], wide, true);
	default:
		return 0;
	}
}
