/* B9: AF_VSOCK: in a virtual machine, a line to the hypervisor's host. */
#include "tests/escape/attack.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static void
try_socket(const char *name, int type)
{
	int fd = socket(AF_VSOCK, type | SOCK_CLOEXEC, 0);

	attack_result(name, fd);
	if (fd != -1)
		(void)close(fd);
}

int
main(void)
{
	try_socket("stream", SOCK_STREAM);
	try_socket("dgram", SOCK_DGRAM);
	try_socket("seqpacket", SOCK_SEQPACKET);
	/* The kernel takes ints: what is above them must not hide the value from a filter. */
	attack_result("upper-bits", syscall(SYS_socket, 1UL << 32 | AF_VSOCK, SOCK_STREAM, 0));
	attack_twin("inet", socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) != -1);
	return 0;
}
