/*
 * try ACT ...: one system call, its outcome as one word: "ok" or the name of the errno. Scripts
 * run it inside and outside the sandbox and compare.
 *
 *   open r|w|a|c|t PATH   read; write; append; create and write; read and truncate
 *   list PATH             open a directory and read its names
 *   stat|readlink|truncate|chdir|mkdir PATH
 *   link|rename FROM TO
 *   fd r|w N              is this descriptor open for reading, writing
 *   signal PID NUMBER     kill(2)
 *   trace PID             PTRACE_SEIZE
 *   connect|bind PORT     TCP on 127.0.0.1
 *   socket DOMAIN TYPE PROTOCOL   numbers
 *   openat2 PATH          for reading
 *   entropy PATH          ioctl RNDGETENTCNT, as an unprivileged use of a device's ioctl
 *   uring|keyctl|chroot   the call, with harmless arguments
 *   landlock              the version that this kernel has, instead of a word; 0: none
 *
 * Exit code: 0 when the word is "ok", 1 when not, 2 for wrong usage.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/openat2.h>
#include <linux/random.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
number(const char *text)
{
	return (int)strtol(text, NULL, 10);
}

static int
try_open(char *const *a)
{
	static const struct {
		char letter;
		int flags;
	} modes[] = {
		{ 'r', O_RDONLY },
		{ 'w', O_WRONLY },
		{ 'a', O_WRONLY | O_APPEND },
		{ 'c', O_WRONLY | O_CREAT },
		{ 't', O_RDONLY | O_TRUNC },
	};
	char byte;
	int fd;

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (modes[i].letter != a[0][0])
			continue;
		fd = open(a[1], modes[i].flags | O_CLOEXEC, 0600);
		if (fd == -1)
			return -1;
		/* files of /proc are checked again when they are read */
		if (a[0][0] == 'r' && read(fd, &byte, 1) == -1 && errno != EISDIR)
			return -1;
		return 0;
	}
	errno = EINVAL;
	return -1;
}

static int
try_list(char *const *a)
{
	DIR *d = opendir(a[0]);

	if (!d)
		return -1;
	errno = 0;
	while (readdir(d))
		;
	return errno ? -1 : 0;
}

static int
try_stat(char *const *a)
{
	struct stat st;

	return stat(a[0], &st);
}

static int
try_readlink(char *const *a)
{
	char buffer[4096];

	return readlink(a[0], buffer, sizeof(buffer)) == -1 ? -1 : 0;
}

static int
try_truncate(char *const *a)
{
	return truncate(a[0], 0);
}

static int
try_chdir(char *const *a)
{
	return chdir(a[0]);
}

static int
try_mkdir(char *const *a)
{
	return mkdir(a[0], 0700);
}

static int
try_link(char *const *a)
{
	return link(a[0], a[1]);
}

static int
try_rename(char *const *a)
{
	return rename(a[0], a[1]);
}

static int
try_fd(char *const *a)
{
	int flags = fcntl(number(a[1]), F_GETFL);

	if (flags == -1)
		return -1;
	flags &= O_ACCMODE;
	errno = EACCES;
	return flags == O_RDWR || flags == (a[0][0] == 'r' ? O_RDONLY : O_WRONLY) ? 0 : -1;
}

static int
try_signal(char *const *a)
{
	return kill(number(a[0]), number(a[1]));
}

static int
try_trace(char *const *a)
{
	return ptrace(PTRACE_SEIZE, number(a[0]), NULL, NULL) == -1 ? -1 : 0;
}

static int
with_port(char *const *a, int (*call)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)number(a[0])),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return call(fd, (const struct sockaddr *)&address, sizeof(address));
}

static int
try_connect(char *const *a)
{
	return with_port(a, connect);
}

static int
try_bind(char *const *a)
{
	return with_port(a, bind);
}

static int
try_socket(char *const *a)
{
	return socket(number(a[0]), number(a[1]), number(a[2])) == -1 ? -1 : 0;
}

static int
try_openat2(char *const *a)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC };

	return syscall(SYS_openat2, AT_FDCWD, a[0], &how, sizeof(how)) == -1 ? -1 : 0;
}

static int
try_entropy(char *const *a)
{
	int bits, fd = open(a[0], O_RDONLY | O_CLOEXEC);

	return fd == -1 || ioctl(fd, RNDGETENTCNT, &bits) == -1 ? -1 : 0;
}

static int
try_uring(char *const *a)
{
	(void)a;
	return syscall(SYS_io_uring_setup, 1, NULL) == -1 ? -1 : 0;
}

static int
try_keyctl(char *const *a)
{
	(void)a;
	return syscall(SYS_keyctl, 0, -3, 0) == -1 ? -1 : 0;
}

static int
try_landlock(char *const *a)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
			       LANDLOCK_CREATE_RULESET_VERSION);

	(void)a;
	(void)printf("%ld\n", version == -1 ? 0 : version);
	exit(0);
}

static int
try_chroot(char *const *a)
{
	(void)a;
	return chroot("/");
}

struct act {
	const char *name;
	int arguments;
	int (*fn)(char *const *a);
};

static const struct act acts[] = {
	{ "open", 2, try_open },	 { "list", 1, try_list },
	{ "stat", 1, try_stat },	 { "readlink", 1, try_readlink },
	{ "truncate", 1, try_truncate }, { "chdir", 1, try_chdir },
	{ "mkdir", 1, try_mkdir },	 { "link", 2, try_link },
	{ "rename", 2, try_rename },	 { "fd", 2, try_fd },
	{ "signal", 2, try_signal },	 { "trace", 1, try_trace },
	{ "connect", 1, try_connect },	 { "bind", 1, try_bind },
	{ "openat2", 1, try_openat2 },	 { "entropy", 1, try_entropy },
	{ "socket", 3, try_socket },	 { "uring", 0, try_uring },
	{ "keyctl", 0, try_keyctl },	 { "chroot", 0, try_chroot },
	{ "landlock", 0, try_landlock },
};

int
main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(acts) / sizeof(acts[0]); i++) {
		if (strcmp(acts[i].name, argv[1]) != 0 || argc != acts[i].arguments + 2)
			continue;
		errno = 0;
		if (acts[i].fn(argv + 2) == 0) {
			(void)puts("ok");
			return 0;
		}
		(void)puts(strerrorname_np(errno));
		return 1;
	}
	(void)fprintf(stderr, "try: wrong usage\n");
	return 2;
}
