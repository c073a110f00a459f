/* B10: netlink protocols other than ROUTE. */
#include "tests/escape/attack.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static void
try_protocol(const char *name, int protocol)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	attack_result(name, fd);
	if (fd != -1)
		(void)close(fd);
}

int
main(void)
{
	try_protocol("audit", NETLINK_AUDIT);
	try_protocol("sock-diag", NETLINK_SOCK_DIAG);
	try_protocol("kobject-uevent", NETLINK_KOBJECT_UEVENT);
	try_protocol("xfrm", NETLINK_XFRM);
	try_protocol("generic", NETLINK_GENERIC);
	/* The kernel takes ints: what is above them must not hide the value from a filter. */
	attack_result("upper-bits",
		      syscall(SYS_socket, AF_NETLINK, SOCK_RAW, 1UL << 32 | NETLINK_SOCK_DIAG));
	attack_twin("route-raw", socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE) != -1);
	attack_twin("route-dgram",
		    socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_ROUTE) != -1);
	return 0;
}
