/*
 * compat32: system calls by 32-bit numbers, and modify_ldt by both; one line each, NAME and "ok" or
 * the name of the errno. Exit code 3 where there is no such entry.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__
static long
int80(long nr, long a, long b, long c)
{
	long ret = nr;

	__asm__ volatile("int $0x80"
			 : "+a"(ret)
			 : "b"(a), "c"(b), "d"(c)
			 : "memory", "r8", "r9", "r10", "r11");
	return ret;
}

static void
no_entry(int number)
{
	(void)number;
	_exit(3);
}

int
main(void)
{
	static const struct {
		const char *name;
		long nr, a, b, c;
	} calls[] = {
		{ "getpid", 20, 0, 0, 0 },	{ "socket-stream", 359, 2, 1, 0 },
		{ "socket-raw", 359, 2, 3, 1 }, { "socket-packet", 359, 17, 3, 0 },
		{ "socketcall", 102, 1, 0, 0 }, { "ipc", 117, 21, 0, 0 },
		{ "mount", 21, 0, 0, 0 },	{ "unshare-user", 310, 0x10000000, 0, 0 },
		{ "io-uring", 425, 1, 0, 0 },	{ "modify-ldt", 123, 0, 0, 0 },
	};

	(void)signal(SIGSEGV, no_entry);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		long r = int80(calls[i].nr, calls[i].a, calls[i].b, calls[i].c);

		printf("%s %s\n", calls[i].name, r < 0 ? strerrorname_np((int)-r) : "ok");
	}
	printf("modify-ldt-64 %s\n",
	       syscall(SYS_modify_ldt, 0, NULL, 0) == -1 ? strerrorname_np(errno) : "ok");
	return 0;
}
#else
int
main(void)
{
	return 3;
}
#endif
