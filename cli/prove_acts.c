/*
 * The forbidden acts. Where an unprivileged user could not do the act anyway, the arguments are
 * chosen so that the kernel itself would answer with another errno than our filter: only then the
 * answer tells who refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/random.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/fd.h"
#include "base/str.h"
#include "cli/prove.h"

enum {
	WAIT_MS = 5000,	       /* how long something left behind stays at most */
	PROTOCOL_MPTCP = 262,  /* <linux/in.h> of newer headers */
	KEYCTL_KEYRING_ID = 0, /* keyctl(2) */
	SESSION_KEYRING = -3,
	FANOTIFY_UNPRIVILEGED = 0x200, /* FAN_REPORT_FID: needs no capability since 5.13 */
	KEYS_BYTES_MAX = 256 << 10,
};

struct scene {
	const char *word[PROVE_WORD_COUNT];
	pid_t victim;
	uint16_t port, granted_port;
};

static int
answer(long ret)
{
	return ret == -1 ? errno : 0;
}

static int
in_box(char *p, size_t n, const struct scene *s, const char *name)
{
	return snprintf(p, n, "%s/%s", s->word[PROVE_WORD_BOX], name) < (int)n ? 0 : ENAMETOOLONG;
}

static int
try_open(const struct scene *s, const char *name, int flags)
{
	char path[512];
	autofd int fd = -1;

	if (in_box(path, sizeof(path), s, name) != 0)
		return ENAMETOOLONG;
	fd = open(path, flags | O_CLOEXEC);
	return fd == -1 ? errno : 0;
}

/* ---- files ---- */

static int
act_read_granted(const struct scene *s)
{
	return try_open(s, "granted/file", O_RDWR);
}

static int
act_open_read(const struct scene *s)
{
	return try_open(s, "outside/file", O_RDONLY);
}

static int
act_open_write(const struct scene *s)
{
	return try_open(s, "outside/file", O_WRONLY);
}

static int
act_list(const struct scene *s)
{
	return try_open(s, "outside", O_RDONLY | O_DIRECTORY);
}

static int
act_link_in(const struct scene *s)
{
	char from[512], to[512];

	if (in_box(from, sizeof(from), s, "outside/file") ||
	    in_box(to, sizeof(to), s, "granted/link"))
		return ENAMETOOLONG;
	return answer(link(from, to));
}

static int
act_rename_granted(const struct scene *s)
{
	char from[512], to[512];

	if (in_box(from, sizeof(from), s, "granted/moved") ||
	    in_box(to, sizeof(to), s, "second/moved"))
		return ENAMETOOLONG;
	return answer(rename(from, to));
}

static int
act_truncate(const struct scene *s)
{
	char path[512];

	return in_box(path, sizeof(path), s, "outside/file") ? ENAMETOOLONG
							     : answer(truncate(path, 0));
}

static int
act_truncate_granted(const struct scene *s)
{
	char path[512];

	return in_box(path, sizeof(path), s, "granted/file") ? ENAMETOOLONG
							     : answer(truncate(path, 0));
}

static int
act_device_ioctl(const struct scene *s)
{
	autofd int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	int bits;

	(void)s;
	return fd == -1 ? ACT_NOT_POSSIBLE : answer(ioctl(fd, RNDGETENTCNT, &bits));
}

static int
act_other_terminal(const struct scene *s)
{
	autofd int fd = -1;

	if (!*s->word[PROVE_WORD_TERMINAL])
		return ACT_NOT_POSSIBLE;
	fd = open(s->word[PROVE_WORD_TERMINAL], O_RDWR | O_CLOEXEC | O_NOCTTY);
	return fd == -1 ? errno : 0;
}

static int
act_setid(const struct scene *s)
{
	char path[512];

	return in_box(path, sizeof(path), s, "granted/file") ? ENAMETOOLONG
							     : answer(chmod(path, 04700));
}

/* ---- other processes ---- */

static int
act_signal(const struct scene *s)
{
	/* The victim ignores it; whether it arrives is all that is asked. */
	return answer(kill(s->victim, SIGURG));
}

static int
act_abstract(const struct scene *s)
{
	const char *name = s->word[PROVE_WORD_NAME];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t n = strlen(name);
	autofd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || n + 1 > sizeof(address.sun_path))
		return ACT_NOT_RUN;
	memcpy(address.sun_path + 1, name, n);
	return answer(connect(fd, (const struct sockaddr *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + n)));
}

static int
act_trace(const struct scene *s)
{
	return answer(ptrace(PTRACE_SEIZE, s->victim, NULL, NULL));
}

static int
act_read_memory(const struct scene *s)
{
	char byte;
	struct iovec to = { &byte, 1 };
	/* Every process of one program has the same constants at the same place. */
	struct iovec from = { (void *)(uintptr_t) "x", 1 };

	return answer(process_vm_readv(s->victim, &to, 1, &from, 1, 0));
}

static int
act_limits_of_others(const struct scene *s)
{
	const struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	return answer(prlimit(s->victim, RLIMIT_CPU, &limit, NULL));
}

static int
act_priority_of_others(const struct scene *s)
{
	return answer(setpriority(PRIO_PROCESS, (id_t)s->victim, 19));
}

/* ---- what was inherited ---- */

static int
act_inherited_fd(const struct scene *s)
{
	(void)s;
	return answer(fcntl(PROVE_INHERITED_FD, F_GETFD));
}

/* EPERM: none is left, and none can come back at the next exec. */
static int
act_capabilities(const struct scene *s)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	(void)s;
	if (syscall(SYS_capget, &header, data) == -1)
		return errno;
	for (size_t i = 0; i < 2; i++)
		if (data[i].effective || data[i].permitted || data[i].inheritable)
			return 0;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? EPERM : 0;
}

/* /proc/keys shows what this process possesses; the key was made visible to nobody else. */
static int
act_session_keyring(const struct scene *s)
{
	autofd int fd = open("/proc/keys", O_RDONLY | O_CLOEXEC);
	autobuf struct buf keys = BUF_INIT;

	if (fd == -1 || buf_read_fd(&keys, fd, KEYS_BYTES_MAX) < 0)
		return ACT_NOT_POSSIBLE;
	return strstr(buf_str(&keys), s->word[PROVE_WORD_NAME]) ? 0 : ENOKEY;
}

static int
act_core_limit(const struct scene *s)
{
	struct rlimit limit;

	(void)s;
	if (getrlimit(RLIMIT_CORE, &limit) == -1)
		return errno;
	return limit.rlim_max <= 1 ? EPERM : 0;
}

/* Lowering to 0 would succeed, and would make a piped core pattern count again. */
static int
act_core_change(const struct scene *s)
{
	const struct rlimit none = { 0, 0 };
	struct rlimit before, after;

	(void)s;
	if (getrlimit(RLIMIT_CORE, &before) == -1 || setrlimit(RLIMIT_CORE, &none) == -1 ||
	    getrlimit(RLIMIT_CORE, &after) == -1)
		return errno;
	if (before.rlim_max == 0)
		return ACT_NOT_POSSIBLE;
	return after.rlim_max == before.rlim_max ? EPERM : 0;
}

static int
act_type_ahead(const struct scene *s)
{
	char c = 'x';

	(void)s;
	return isatty(STDIN_FILENO) ? answer(ioctl(STDIN_FILENO, TIOCSTI, &c)) : ACT_NOT_POSSIBLE;
}

/* ---- calls of the kernel ---- */

#ifdef __x86_64__
/* getpid of i386, by its own entry; the child dies where the kernel has none. */
static int
act_foreign_calls(const struct scene *s)
{
	pid_t pid = fork();
	int status;

	(void)s;
	if (pid == -1)
		return ACT_NOT_RUN;
	if (pid == 0) {
		long ret = 20;

		__asm__ volatile("int $0x80" : "+a"(ret) : : "memory", "r8", "r9", "r10", "r11");
		_exit(ret < 0 ? (int)-ret : 0);
	}
	if (waitpid(pid, &status, 0) != pid)
		return ACT_NOT_RUN;
	return WIFEXITED(status) ? WEXITSTATUS(status) : ACT_NOT_POSSIBLE;
}
#else
static int
act_foreign_calls(const struct scene *s)
{
	(void)s;
	return ACT_NOT_POSSIBLE;
}
#endif

static int
act_uring(const struct scene *s)
{
	(void)s;
	return answer(syscall(SYS_io_uring_setup, 1, NULL));
}

static int
act_userfaultfd(const struct scene *s)
{
	(void)s;
	return answer(syscall(SYS_userfaultfd, O_CLOEXEC));
}

/* CLONE_PIDFD is nothing that unshare knows: the kernel itself would say EINVAL. */
static int
act_namespace(const struct scene *s)
{
	(void)s;
	return answer(unshare(CLONE_NEWUSER | CLONE_PIDFD));
}

static int
act_clone3(const struct scene *s)
{
	(void)s;
	return answer(syscall(SYS_clone3, NULL, 0));
}

/* Unknown flags: the kernel looks at them before it looks at capabilities. */
static int
act_mount(const struct scene *s)
{
	(void)s;
	return answer(umount2("/", 0x7fff0000));
}

static int
act_chroot(const struct scene *s)
{
	(void)s;
	return answer(chroot("/nonexistent/nonexistent"));
}

static int
act_keyctl(const struct scene *s)
{
	(void)s;
	return answer(syscall(SYS_keyctl, KEYCTL_KEYRING_ID, SESSION_KEYRING, 0));
}

static int
act_perf(const struct scene *s)
{
	(void)s;
	return answer(syscall(SYS_perf_event_open, NULL, 0, -1, -1, ~0UL));
}

static int
act_handle(const struct scene *s)
{
	(void)s;
	return answer(syscall(SYS_open_by_handle_at, -1, NULL, 0));
}

static int
act_fanotify(const struct scene *s)
{
	(void)s;
	return answer(fanotify_init(FANOTIFY_UNPRIVILEGED, O_RDONLY));
}

static int
act_personality(const struct scene *s)
{
	(void)s;
	return answer(personality(READ_IMPLIES_EXEC));
}

/* ---- sockets ---- */

static int
try_socket(int family, int type, int protocol)
{
	autofd int fd = socket(family, type | SOCK_CLOEXEC, protocol);

	return fd == -1 ? errno : 0;
}

static int
act_family(const struct scene *s)
{
	static const int families[] = { AF_PACKET, AF_ALG, AF_VSOCK, AF_KEY, AF_BLUETOOTH };
	int r = EAFNOSUPPORT;

	(void)s;
	for (size_t i = 0; i < ARRAY_LEN(families) && r == EAFNOSUPPORT; i++)
		r = try_socket(families[i], SOCK_RAW, 0);
	return r;
}

static int
act_raw(const struct scene *s)
{
	int r = try_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);

	(void)s;
	return r == EPROTONOSUPPORT ? try_socket(AF_INET, SOCK_STREAM, PROTOCOL_MPTCP) : r;
}

static int
act_netlink(const struct scene *s)
{
	(void)s;
	return try_socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
}

static int
act_unix_datagram(const struct scene *s)
{
	(void)s;
	return try_socket(AF_UNIX, SOCK_DGRAM, 0);
}

static int
act_unix(const struct scene *s)
{
	(void)s;
	return try_socket(AF_UNIX, SOCK_STREAM, 0);
}

static int
act_udp(const struct scene *s)
{
	(void)s;
	return try_socket(AF_INET, SOCK_DGRAM, 0);
}

static struct sockaddr_in
loopback(uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons(port),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static int
try_connect(uint16_t port)
{
	const struct sockaddr_in to = loopback(port);
	autofd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return errno;
	return answer(connect(fd, (const struct sockaddr *)&to, sizeof(to)));
}

static int
act_connect(const struct scene *s)
{
	return try_connect(s->port);
}

static int
act_connect_granted(const struct scene *s)
{
	return s->granted_port ? try_connect(s->granted_port) : ACT_NOT_POSSIBLE;
}

static int
act_bind(const struct scene *s)
{
	const struct sockaddr_in any = loopback(0);
	autofd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)s;
	if (fd == -1)
		return errno;
	return answer(bind(fd, (const struct sockaddr *)&any, sizeof(any)));
}

/* Without a bind the kernel picks a port, and Landlock is not asked. */
static int
act_listen(const struct scene *s)
{
	autofd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)s;
	if (fd == -1)
		return errno;
	return answer(listen(fd, 1));
}

static int
act_fast_open(const struct scene *s)
{
	const struct sockaddr_in to = loopback(s->port);
	autofd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return errno;
	return answer(sendto(fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, (const struct sockaddr *)&to,
			     sizeof(to)));
}

/* ---- a session of `nono run` ---- */

static int
act_environment(const struct scene *s)
{
	(void)s;
	return getenv(PROVE_VARIABLE) ? 0 : ENOENT;
}

static int
touch_memory(size_t bytes)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return errno;
	for (size_t i = 0; i < bytes; i += page)
		*(volatile char *)(p + i) = 1;
	return munmap(p, bytes) == -1 ? errno : 0;
}

/* What holds unless the next act comes to its end. */
static int
act_memory_below(const struct scene *s)
{
	(void)s;
	return touch_memory(PROVE_MEMORY_BELOW) == 0 ? ENOMEM : ACT_NOT_RUN;
}

/* The kernel ends this process, or nothing limits it. */
static int
act_memory_above(const struct scene *s)
{
	(void)s;
	return touch_memory(PROVE_MEMORY_ABOVE);
}

/* This process and one more are allowed. */
static int
act_process_limit(const struct scene *s)
{
	pid_t pids[2];
	int r = 0;

	(void)s;
	for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			(void)pause();
			_exit(0);
		}
		if (pids[i] == -1)
			r = i == 0 ? ACT_NOT_RUN : errno;
	}
	for (size_t i = 0; i < ARRAY_LEN(pids); i++)
		if (pids[i] > 0)
			(void)kill(pids[i], SIGKILL);
	return r;
}

/* Stays until whoever reads our standard output is gone, or some seconds. */
static _Noreturn void
stay(void)
{
	struct pollfd reader = { .fd = STDOUT_FILENO };

	(void)poll(&reader, 1, WAIT_MS);
	_exit(0);
}

static void
leave_something(void)
{
	if (fork() == 0 && setsid() != -1 && fork() == 0)
		stay();
}

/* ---- all of them ---- */

static const struct {
	enum prove_mode mode;
	enum prove_act act;
	int (*run)(const struct scene *s);
} acts[] = {
	{ PROVE_DEFAULT, ACT_READ_GRANTED, act_read_granted },
	{ PROVE_DEFAULT, ACT_OPEN_READ, act_open_read },
	{ PROVE_DEFAULT, ACT_OPEN_WRITE, act_open_write },
	{ PROVE_DEFAULT, ACT_LIST, act_list },
	{ PROVE_DEFAULT, ACT_LINK_IN, act_link_in },
	{ PROVE_DEFAULT, ACT_RENAME_GRANTED, act_rename_granted },
	{ PROVE_DEFAULT, ACT_TRUNCATE, act_truncate },
	{ PROVE_DEFAULT, ACT_TRUNCATE_GRANTED, act_truncate_granted },
	{ PROVE_DEFAULT, ACT_DEVICE_IOCTL, act_device_ioctl },
	{ PROVE_DEFAULT, ACT_OTHER_TERMINAL, act_other_terminal },
	{ PROVE_DEFAULT, ACT_SETID, act_setid },
	{ PROVE_DEFAULT, ACT_SIGNAL, act_signal },
	{ PROVE_DEFAULT, ACT_ABSTRACT, act_abstract },
	{ PROVE_DEFAULT, ACT_TRACE, act_trace },
	{ PROVE_DEFAULT, ACT_READ_MEMORY, act_read_memory },
	{ PROVE_DEFAULT, ACT_LIMITS_OF_OTHERS, act_limits_of_others },
	{ PROVE_DEFAULT, ACT_PRIORITY_OF_OTHERS, act_priority_of_others },
	{ PROVE_DEFAULT, ACT_INHERITED_FD, act_inherited_fd },
	{ PROVE_DEFAULT, ACT_CAPABILITIES, act_capabilities },
	{ PROVE_DEFAULT, ACT_SESSION_KEYRING, act_session_keyring },
	{ PROVE_DEFAULT, ACT_CORE_LIMIT, act_core_limit },
	{ PROVE_DEFAULT, ACT_CORE_CHANGE, act_core_change },
	{ PROVE_DEFAULT, ACT_TYPE_AHEAD, act_type_ahead },
	{ PROVE_DEFAULT, ACT_FOREIGN_CALLS, act_foreign_calls },
	{ PROVE_DEFAULT, ACT_URING, act_uring },
	{ PROVE_DEFAULT, ACT_USERFAULTFD, act_userfaultfd },
	{ PROVE_DEFAULT, ACT_NAMESPACE, act_namespace },
	{ PROVE_DEFAULT, ACT_CLONE3, act_clone3 },
	{ PROVE_DEFAULT, ACT_MOUNT, act_mount },
	{ PROVE_DEFAULT, ACT_CHROOT, act_chroot },
	{ PROVE_DEFAULT, ACT_KEYCTL, act_keyctl },
	{ PROVE_DEFAULT, ACT_PERF, act_perf },
	{ PROVE_DEFAULT, ACT_HANDLE, act_handle },
	{ PROVE_DEFAULT, ACT_FANOTIFY, act_fanotify },
	{ PROVE_DEFAULT, ACT_PERSONALITY, act_personality },
	{ PROVE_DEFAULT, ACT_FAMILY, act_family },
	{ PROVE_DEFAULT, ACT_RAW, act_raw },
	{ PROVE_DEFAULT, ACT_NETLINK, act_netlink },
	{ PROVE_DEFAULT, ACT_UNIX_DATAGRAM, act_unix_datagram },
	{ PROVE_BLOCKED, ACT_CONNECT, act_connect },
	{ PROVE_BLOCKED, ACT_BIND, act_bind },
	{ PROVE_BLOCKED, ACT_CONNECT_GRANTED, act_connect_granted },
	{ PROVE_BLOCKED, ACT_UDP, act_udp },
	{ PROVE_BLOCKED, ACT_LISTEN, act_listen },
	{ PROVE_BLOCKED, ACT_FAST_OPEN, act_fast_open },
	{ PROVE_BLOCKED, ACT_UNIX, act_unix },
	{ PROVE_SESSION, ACT_ENVIRONMENT, act_environment },
	{ PROVE_MEMORY, ACT_MEMORY_LIMIT, act_memory_below },
	{ PROVE_MEMORY, ACT_MEMORY_LIMIT, act_memory_above },
	{ PROVE_PROCESSES, ACT_PROCESS_LIMIT, act_process_limit },
};

static bool
read_scene(struct scene *s, uint64_t *ret_mode, size_t count, const char *const *words)
{
	uint64_t victim, port, granted;

	if (count != PROVE_WORD_COUNT + 1 ||
	    str_to_u64(words[0], PROVE_DEFAULT, PROVE_WAIT, ret_mode) < 0)
		return false;
	memcpy(s->word, words + 1, sizeof(s->word));
	if (str_to_u64(s->word[PROVE_WORD_VICTIM], 1, INT32_MAX, &victim) < 0 ||
	    str_to_u64(s->word[PROVE_WORD_PORT], 0, UINT16_MAX, &port) < 0 ||
	    str_to_u64(s->word[PROVE_WORD_GRANTED_PORT], 0, UINT16_MAX, &granted) < 0)
		return false;
	s->victim = (pid_t)victim;
	s->port = (uint16_t)port;
	s->granted_port = (uint16_t)granted;
	return true;
}

int
prove_inside(size_t count, const char *const *words)
{
	struct scene s;
	uint64_t mode;

	/* Outside of a sandbox some of the acts would succeed: nobody types this by hand. */
	if (!read_scene(&s, &mode, count, words) || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return EXIT_USAGE;
	for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
		struct prove_report report = { .act = (int32_t)acts[i].act };

		if (acts[i].mode != mode)
			continue;
		report.outcome = acts[i].run(&s);
		if (fd_write_all(STDOUT_FILENO, &report, sizeof(report)) < 0)
			return EXIT_NONO;
	}
	if (mode == PROVE_SESSION)
		leave_something();
	if (mode == PROVE_WAIT)
		stay();
	return 0;
}
