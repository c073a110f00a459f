/*
 * D2: system calls of another architecture have other numbers and, without a check of the
 * architecture, pass a filter made for the native ones. On x86_64: `int $0x80` (i386 numbers) and
 * the x32 bit. aarch64 has no such entry from 64-bit code.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__
enum { I386_GETPID = 20, I386_SOCKET = 359, X32_BIT = 0x40000000 };

static long
int80(long nr, long a, long b, long c)
{
	long ret = nr;

	__asm__ volatile("int $0x80"
			 : "+a"(ret)
			 : "b"(a), "c"(b), "d"(c)
			 : "memory", "r8", "r9", "r10", "r11");
	if (ret < 0 && ret > -4096) {
		errno = (int)-ret;
		return -1;
	}
	return ret;
}

static int
child_int80_getpid(void *context)
{
	(void)context;
	return int80(I386_GETPID, 0, 0, 0) == -1 ? errno : 0;
}

static int
child_int80_socket(void *context)
{
	(void)context;
	return int80(I386_SOCKET, AF_INET, SOCK_DGRAM, 0) == -1 ? errno : 0;
}

static void
int80_result(const char *name, int (*fn)(void *))
{
	int r = attack_forked(fn, NULL);

	if (r == 255)
		attack_skip(name, "this kernel has no 32-bit entry");
	else
		attack_errno(name, r);
}

int
main(void)
{
	int80_result("int80-getpid", child_int80_getpid);
	int80_result("int80-socket", child_int80_socket);
	attack_result("x32-getpid", syscall(X32_BIT | SYS_getpid));
	attack_result("x32-socket", syscall(X32_BIT | SYS_socket, AF_INET, SOCK_DGRAM, 0));
	attack_twin("native", syscall(SYS_getppid) > 0);
	return 0;
}
#else
int
main(void)
{
	attack_skip("int80-getpid", "only x86_64 has this entry");
	attack_skip("int80-socket", "only x86_64 has this entry");
	attack_skip("x32-getpid", "only x86_64 has this entry");
	attack_skip("x32-socket", "only x86_64 has this entry");
	attack_twin("native", syscall(SYS_getppid) > 0);
	return 0;
}
#endif
