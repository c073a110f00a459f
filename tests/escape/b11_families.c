/*
 * B11: address families nobody inside needs: each is kernel code an agent could attack. `any`
 * tries every other family with every type and is refused only when all answers are the same.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FAMILY_LAST = 64 };

static const struct {
	const char *name;
	int family;
} named[] = {
	{ "alg", AF_ALG },     { "key", AF_KEY },   { "bluetooth", AF_BLUETOOTH },
	{ "can", AF_CAN },     { "tipc", AF_TIPC }, { "rds", AF_RDS },
	{ "xdp", AF_XDP },     { "nfc", AF_NFC },   { "llc", AF_LLC },
	{ "rxrpc", AF_RXRPC }, { "kcm", AF_KCM },   { "qipcrtr", AF_QIPCRTR },
};

static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET };
enum { TYPES = sizeof(types) / sizeof(types[0]) };

/* 0 when any type gives a socket, else the errno of all, or of the first that differs. */
static int
try_family(int family)
{
	int error = 0;

	for (size_t i = 0; i < TYPES; i++) {
		int fd = socket(family, types[i] | SOCK_CLOEXEC, 0);

		if (fd != -1) {
			(void)close(fd);
			return 0;
		}
		if (error == 0 || errno != EAFNOSUPPORT)
			error = errno;
	}
	return error;
}

static int
try_all(void)
{
	int error = EAFNOSUPPORT;

	for (int family = 0; family < FAMILY_LAST; family++) {
		int r;

		if (family == AF_UNIX || family == AF_INET || family == AF_INET6 ||
		    family == AF_NETLINK)
			continue;
		r = try_family(family);
		if (r == 0)
			return 0;
		if (r != EAFNOSUPPORT)
			error = r;
	}
	return error;
}

int
main(void)
{
	int pair[2];

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		attack_errno(named[i].name, try_family(named[i].family));
	attack_errno("any", try_all());
	attack_twin("inet", socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) != -1);
	attack_twin("unix-pair", socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	return 0;
}
