/*
 * For learn.sh: one way of naming a file or an address per word of the command line, in the
 * working directory. Each is a line of the table below.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"

static void
read_file(const char *path)
{
	int fd = open(path, O_RDONLY);

	if (fd != -1)
		(void)close(fd);
}

static void
make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	if (fd != -1)
		(void)close(fd);
}

static void
by_dirfd(void)
{
	int dir = open("dir", O_PATH | O_DIRECTORY);
	int fd = openat(dir, "by-dirfd", O_RDONLY);

	(void)close(fd);
	(void)close(dir);
}

static void
by_chdir(void)
{
	if (chdir("dir") == 0)
		read_file("by-chdir");
	(void)!chdir("..");
}

static void
by_openat2(void)
{
	struct open_how how = { .flags = O_RDONLY };

	(void)close((int)syscall(SYS_openat2, AT_FDCWD, "dir/by-openat2", &how, sizeof(how)));
}

static void *
thread(void *unused)
{
	(void)unused;
	read_file("dir/by-thread");
	return NULL;
}

static void
by_thread(void)
{
	pthread_t t;

	if (pthread_create(&t, NULL, thread, NULL) == 0)
		(void)pthread_join(t, NULL);
}

static void
by_fork(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		read_file("dir/by-fork");
		_exit(0);
	}
	(void)waitpid(pid, NULL, 0);
}

static void
by_vfork(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		(void)execl("dir/by-vfork", "dir/by-vfork", (char *)NULL);
		_exit(1);
	}
	(void)waitpid(pid, NULL, 0);
}

static void
exec_missing(void)
{
	(void)execl("dir/absent-program", "x", (char *)NULL);
}

/* execve in a thread: it takes over the number of the first one. */
static void *
execute(void *unused)
{
	(void)unused;
	(void)execl("dir/by-thread-exec", "x", (char *)NULL);
	return NULL;
}

static void
by_thread_exec(void)
{
	pthread_t t;
	pid_t pid = fork();

	if (pid == 0) {
		if (pthread_create(&t, NULL, execute, NULL) == 0)
			(void)pause();
		_exit(1);
	}
	(void)waitpid(pid, NULL, 0);
}

static void
by_symlink(void)
{
	read_file("link"); /* to dir/by-symlink */
}

static void
by_self(void)
{
	int fd = open("dir/by-self", O_PATH);
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	read_file(path);
	(void)close(fd);
	read_file("/proc/self/status");
}

static void
by_access(void)
{
	struct stat st;

	(void)!access("dir/looked-access", R_OK);
	(void)stat("dir/looked-stat", &st);
	(void)syscall(SYS_faccessat2, AT_FDCWD, "dir/looked-faccessat2", R_OK, 0);
}

static void
read_absent(void)
{
	read_file("dir/absent-file");
}

static void
create(void)
{
	make_file("out-create/new");
}

static void
create_dangling(void)
{
	make_file("dangling"); /* to out-dangling/new */
}

static void
rename_into(void)
{
	make_file("out-from/a");
	(void)rename("out-from/a", "out-to/a");
}

static void
link_into(void)
{
	(void)!link("out-link-from/a", "out-link-to/b");
}

static void
symlink_into(void)
{
	(void)!symlink("x", "out-symlink/a");
}

static void
make_directory(void)
{
	(void)mkdir("out-mkdir/a", 0700);
	make_file("out-mkdir/a/b");
}

static void
remove_file(void)
{
	(void)unlink("out-unlink/a");
}

static void
remove_directory(void)
{
	(void)unlinkat(AT_FDCWD, "out-rmdir/a", AT_REMOVEDIR);
}

static void
change(void)
{
	(void)!truncate("dir/changed-truncate", 0);
	(void)chmod("dir/changed-chmod", 0600);
	(void)utimensat(AT_FDCWD, "dir/changed-utimens", NULL, 0);
}

static void
make_socket(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "out-socket/s" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)!bind(fd, (struct sockaddr *)&un, sizeof(un));
	(void)close(fd);
}

static void
io_uring(void)
{
	char params[120] = "";
	long fd = syscall(SYS_io_uring_setup, 4, params);

	(void)printf("io_uring %s\n", fd == -1 ? strerror(errno) : "works");
}

#if defined(__x86_64__)
/* int $0x80 is a call of the 32-bit ABI, in any program. */
static void
by_i386(void)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long r = 5; /* open */

	if (low == MAP_FAILED)
		return;
	(void)strcpy(low, "dir/by-i386");
	__asm__ volatile("int $0x80"
			 : "+a"(r)
			 : "b"(low), "c"(0L), "d"(0L)
			 : "memory", "r8", "r9", "r10", "r11");
}
#endif

/* ---- addresses ---- */

static const char query[] = "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03"
			    "api\x07"
			    "example\x03"
			    "com\x00\x00\x01\x00\x01";

static struct sockaddr_in
loopback(uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons(port),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static void
connect_to(uint16_t port)
{
	struct sockaddr_in in = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	(void)!connect(fd, (struct sockaddr *)&in, sizeof(in));
	(void)close(fd);
}

static void
ask_sendto(void)
{
	struct sockaddr_in in = loopback(53);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	(void)!sendto(fd, query, sizeof(query) - 1, MSG_DONTWAIT, (struct sockaddr *)&in,
		      sizeof(in));
	(void)close(fd);
}

/* As the C library's resolver does. */
static void
ask_sendmmsg(void)
{
	struct sockaddr_in in = loopback(53);
	struct iovec v = { (void *)(uintptr_t)query, sizeof(query) - 1 };
	struct mmsghdr m[2] = { { .msg_hdr = { .msg_iov = &v, .msg_iovlen = 1 } },
				{ .msg_hdr = { .msg_iov = &v, .msg_iovlen = 1 } } };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	(void)!connect(fd, (struct sockaddr *)&in, sizeof(in));
	(void)sendmmsg(fd, m, 2, MSG_DONTWAIT);
	(void)close(fd);
}

static void
connect_named(void)
{
	ask_sendto();
	connect_to(7001);
	connect_to(7001);
}

/* The name is asked for by one process and used by a thread of another. */
static void *
ask_thread(void *unused)
{
	(void)unused;
	ask_sendmmsg();
	return NULL;
}

static void
connect_named_threads(void)
{
	pthread_t t;

	if (pthread_create(&t, NULL, ask_thread, NULL) == 0)
		(void)pthread_join(t, NULL);
	connect_to(7002);
}

static void
listen_on(void)
{
	struct sockaddr_in in = loopback(0);
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(7003) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), fd6 = socket(AF_INET6, SOCK_STREAM, 0);

	(void)!bind(fd, (struct sockaddr *)&in, sizeof(in));
	(void)!bind(fd6, (struct sockaddr *)&in6, sizeof(in6));
	(void)close(fd);
	(void)close(fd6);
}

static void
send_datagram(void)
{
	struct sockaddr_in in = loopback(7004);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	(void)!sendto(fd, "x", 1, MSG_DONTWAIT, (struct sockaddr *)&in, sizeof(in));
	(void)close(fd);
}

/* ---- how it ends ---- */

static void
die(void)
{
	(void)raise(SIGKILL);
}

static void
fail(void)
{
	exit(42);
}

static void
hang(void)
{
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN);
	for (;;)
		(void)pause();
}

static const struct {
	const char *name;
	void (*act)(void);
} acts[] = {
	{ "dirfd", by_dirfd },
	{ "chdir", by_chdir },
	{ "openat2", by_openat2 },
	{ "thread", by_thread },
	{ "fork", by_fork },
	{ "vfork", by_vfork },
	{ "exec-missing", exec_missing },
	{ "thread-exec", by_thread_exec },
	{ "symlink", by_symlink },
	{ "self", by_self },
	{ "access", by_access },
	{ "absent", read_absent },
	{ "create", create },
	{ "dangling", create_dangling },
	{ "rename", rename_into },
	{ "link", link_into },
	{ "make-symlink", symlink_into },
	{ "mkdir", make_directory },
	{ "unlink", remove_file },
	{ "rmdir", remove_directory },
	{ "change", change },
	{ "socket", make_socket },
	{ "io_uring", io_uring },
#if defined(__x86_64__)
	{ "i386", by_i386 },
#endif
	{ "named", connect_named },
	{ "named-threads", connect_named_threads },
	{ "listen", listen_on },
	{ "datagram", send_datagram },
	{ "die", die },
	{ "fail", fail },
	{ "hang", hang },
};

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		for (size_t k = 0; k < ARRAY_LEN(acts); k++)
			if (strcmp(argv[i], acts[k].name) == 0)
				acts[k].act();
	return 0;
}
