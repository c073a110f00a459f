/* B3: stream transports that are not TCP and that Landlock's TCP rules do not cover. */
#include "tests/escape/attack.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PROTOCOL_DCCP = 33, PROTOCOL_SMC_IN_INET = 256, PROTOCOL_MPTCP = 262, FAMILY_SMC = 43 };

static void
try_socket(const char *name, int family, int type, int protocol)
{
	int fd = socket(family, type | SOCK_CLOEXEC, protocol);

	attack_result(name, fd);
	if (fd != -1)
		(void)close(fd);
}

int
main(void)
{
	int fd;

	try_socket("mptcp", AF_INET, SOCK_STREAM, PROTOCOL_MPTCP);
	try_socket("mptcp6", AF_INET6, SOCK_STREAM, PROTOCOL_MPTCP);
	try_socket("sctp", AF_INET, SOCK_STREAM, IPPROTO_SCTP);
	try_socket("sctp-seqpacket", AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP);
	try_socket("dccp", AF_INET, SOCK_DCCP, PROTOCOL_DCCP);
	try_socket("smc-inet", AF_INET, SOCK_STREAM, PROTOCOL_SMC_IN_INET);
	try_socket("smc", FAMILY_SMC, SOCK_STREAM, 0);
	/* The kernel takes ints: what is above them must not hide the value from a filter. */
	attack_result("upper-bits",
		      syscall(SYS_socket, AF_INET, SOCK_STREAM, 1UL << 32 | PROTOCOL_MPTCP));
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
	attack_twin("tcp-socket", fd != -1);
	return 0;
}
