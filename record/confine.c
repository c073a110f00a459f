/*
 * What nono-record gives up before it reads a byte. It looks at text that a hostile program chose,
 * so whoever takes it over through that text must find nothing: no file can be opened, nothing
 * started, no process reached, no socket made. What it keeps: its descriptors, and asking what a
 * path leads to, because a path that is granted must not be called refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/landlock.h"
#include "record/internal.h"

#ifdef __x86_64__
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#else
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#endif

enum {
	MEMORY_BYTES_MAX = 256 << 20,
	DESCRIPTORS_MAX = 64,
	CPU_SECONDS_MAX = 5,
	RECOVER_SECONDS_MAX = 20, /* another process may hold the lock for ten */
	SECONDS_MAX = 8,	  /* a look-up on a dead network file system does not come back */
	NO_FD = 0x7fffffff,
};

/* Descriptors, flags and requests are ints: the kernel drops the high halves, and so do we. */
#define LOW_OF(i) (offsetof(struct seccomp_data, args) + (i)*8)
#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, (action))
#define REFUSE(error) RETURN(SECCOMP_RET_ERRNO | (error))
/* Go on behind the next `n` instructions unless equal. */
#define UNLESS(value, n) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (n))
#define ALLOW_IF(value) UNLESS((value), 1), RETURN(SECCOMP_RET_ALLOW)
#define ALLOW_CALL(name) ALLOW_IF(SYS_##name)

/* What every role needs: malloc, looking at files, the end. The number of the call stays loaded. */
#define BASIC_RULES                                                                           \
	LOAD(offsetof(struct seccomp_data, arch)),                                            \
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 1, 0),                       \
		RETURN(SECCOMP_RET_KILL_PROCESS), LOAD(offsetof(struct seccomp_data, nr)),    \
		ALLOW_CALL(munmap), ALLOW_CALL(mremap), ALLOW_CALL(brk), ALLOW_CALL(madvise), \
		ALLOW_CALL(getrandom), ALLOW_CALL(close), ALLOW_CALL(exit),                   \
		ALLOW_CALL(exit_group), ALLOW_CALL(newfstatat), ALLOW_CALL(fstat)

/* The last ones: plain memory, never executable; nothing else. */
#define MEMORY_RULES                                                                    \
	UNLESS(SYS_mmap, 7), LOAD(LOW_OF(2)),                                           \
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 4, 0), LOAD(LOW_OF(3)), \
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, MAP_ANONYMOUS | MAP_PRIVATE),       \
		ALLOW_IF(MAP_ANONYMOUS | MAP_PRIVATE), REFUSE(EPERM), REFUSE(EPERM)

/* What is done with the files of a directory that this process works on. */
static const uint64_t files_below = LANDLOCK_FS_WRITE_FILE | LANDLOCK_FS_READ_FILE |
				    LANDLOCK_FS_READ_DIR | LANDLOCK_FS_REMOVE_DIR |
				    LANDLOCK_FS_REMOVE_FILE | LANDLOCK_FS_MAKE_DIR |
				    LANDLOCK_FS_MAKE_REG | LANDLOCK_FS_TRUNCATE;

/* Landlock over every right this kernel knows: nothing is left but files below `dir` (-1: none). */
static int
refuse_files(int dir)
{
	static const struct {
		size_t bytes;
		struct landlock_attr attr;
	} tries[] = {
		{ 24,
		  { .handled_fs = (1 << 16) - 1,
		    .handled_net = LANDLOCK_NET_BIND_TCP | LANDLOCK_NET_CONNECT_TCP,
		    .scoped = LANDLOCK_SCOPE_ABSTRACT | LANDLOCK_SCOPE_SIGNALS } },
		{ 16,
		  { .handled_fs = (1 << 16) - 1,
		    .handled_net = LANDLOCK_NET_BIND_TCP | LANDLOCK_NET_CONNECT_TCP } },
		{ 16,
		  { .handled_fs = (1 << 15) - 1,
		    .handled_net = LANDLOCK_NET_BIND_TCP | LANDLOCK_NET_CONNECT_TCP } },
		{ 8, { .handled_fs = (1 << 15) - 1 } },
		{ 8, { .handled_fs = (1 << 14) - 1 } },
		{ 8, { .handled_fs = (1 << 13) - 1 } },
	};
	struct landlock_path_rule rule = { .parent_fd = dir };
	long fd = -1;

	for (size_t i = 0; i < ARRAY_LEN(tries) && fd == -1; i++) {
		fd = syscall(SYS_landlock_create_ruleset, &tries[i].attr, tries[i].bytes, 0);
		rule.access = files_below & tries[i].attr.handled_fs;
	}
	if (fd != -1 && dir != -1 &&
	    syscall(SYS_landlock_add_rule, (int)fd, LANDLOCK_RULE_PATH, &rule, 0) == -1)
		return -errno;
	if (fd == -1 || syscall(SYS_landlock_restrict_self, (int)fd, 0) == -1)
		return -errno;
	(void)close((int)fd);
	return 0;
}

/* Root's look-ups see no more than those of the user whose session this is. */
static int
drop_capabilities(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0, 0, 0 } };

	return syscall(SYS_capset, &header, none) == -1 ? -errno : 0;
}

static int
limit(int resource, rlim_t value)
{
	const struct rlimit l = { value, value };

	return setrlimit((__rlimit_resource_t)resource, &l) == -1 ? -errno : 0;
}

/* The end comes whatever a look-up hangs on: the alarm's default action is death. */
static int
limit_time(unsigned int seconds)
{
	const struct sigaction by_default = { .sa_handler = SIG_DFL };
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGALRM);
	if (sigaction(SIGALRM, &by_default, NULL) == -1 ||
	    sigprocmask(SIG_UNBLOCK, &set, NULL) == -1)
		return -errno;
	(void)alarm(seconds);
	return 0;
}

static int
install(struct sock_filter *rules, unsigned short n)
{
	const struct sock_fprog program = { n, rules };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == -1 ? -errno : 0;
}

static int
filter_calls(const struct confine_fds *fds)
{
	const unsigned int plan = (unsigned int)fds->plan, facts = (unsigned int)fds->facts;
	const unsigned int output = fds->output >= 0 ? (unsigned int)fds->output : NO_FD;
	const unsigned int context = fds->context >= 0 ? (unsigned int)fds->context : NO_FD;
	const unsigned int json = fds->json >= 0 ? (unsigned int)fds->json : NO_FD;
	const unsigned int list = fds->list >= 0 ? (unsigned int)fds->list : NO_FD;
	struct sock_filter rules[] = {
		BASIC_RULES,
	/* As stat, of /proc/self/fd too: Landlock leaves them alone. */
#ifdef SYS_readlink
		ALLOW_CALL(readlink),
#endif
		ALLOW_CALL(readlinkat),
#ifdef SYS_access
		ALLOW_CALL(access),
#endif
		ALLOW_CALL(faccessat),
		/* A place, not the file: nothing can be read through such a descriptor. */
		UNLESS(SYS_openat, 4),
		LOAD(LOW_OF(2)),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_PATH, 0, 1),
		RETURN(SECCOMP_RET_ALLOW),
		REFUSE(EACCES),
		/* Standard input is the user's keyboard. */
		UNLESS(SYS_pread64, 10),
		LOAD(LOW_OF(0)),
		ALLOW_IF(plan),
		ALLOW_IF(facts),
		ALLOW_IF(output),
		ALLOW_IF(context),
		REFUSE(EBADF),
		UNLESS(SYS_write, 8),
		LOAD(LOW_OF(0)),
		ALLOW_IF(STDERR_FILENO),
		ALLOW_IF(json),
		ALLOW_IF(list),
		REFUSE(EBADF),
		UNLESS(SYS_ioctl, 6),
		LOAD(LOW_OF(0)),
		UNLESS(STDERR_FILENO, 3),
		LOAD(LOW_OF(1)),
		ALLOW_IF(TIOCGWINSZ),
		REFUSE(ENOTTY),
		MEMORY_RULES,
	};

	return install(rules, ARRAY_LEN(rules));
}

/* Which files these calls reach is Landlock's part; here stand the calls that recovery makes. */
static int
filter_recovery_calls(void)
{
	struct sock_filter rules[] = {
		BASIC_RULES,
		ALLOW_CALL(openat),
		ALLOW_CALL(pread64),
		ALLOW_CALL(pwrite64),
		ALLOW_CALL(getdents64),
		ALLOW_CALL(ftruncate),
		ALLOW_CALL(unlinkat),
		ALLOW_CALL(flock),
		ALLOW_CALL(clock_nanosleep),
		ALLOW_CALL(clock_gettime), /* where the kernel offers none in user space */
		ALLOW_CALL(getpid),
		ALLOW_CALL(umask),
		/* Standard input is the user's keyboard, standard output the program's. */
		UNLESS(SYS_read, 4),
		LOAD(LOW_OF(0)),
		UNLESS(STDIN_FILENO, 1),
		REFUSE(EBADF),
		RETURN(SECCOMP_RET_ALLOW),
		UNLESS(SYS_write, 4),
		LOAD(LOW_OF(0)),
		UNLESS(STDOUT_FILENO, 1),
		REFUSE(EBADF),
		RETURN(SECCOMP_RET_ALLOW),
		/* What fdopendir() does. */
		UNLESS(SYS_fcntl, 6),
		LOAD(LOW_OF(1)),
		ALLOW_IF(F_GETFL),
		ALLOW_IF(F_SETFD),
		REFUSE(EPERM),
		MEMORY_RULES,
	};

	return install(rules, ARRAY_LEN(rules));
}

static int
limit_all(unsigned int seconds)
{
	int r;

	if (prctl(PR_SET_DUMPABLE, 0) == -1 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -errno;
	if ((r = limit_time(seconds)) < 0 || (r = limit(RLIMIT_AS, MEMORY_BYTES_MAX)) < 0 ||
	    (r = limit(RLIMIT_CPU, CPU_SECONDS_MAX)) < 0 || (r = limit(RLIMIT_CORE, 0)) < 0 ||
	    (r = limit(RLIMIT_NPROC, 0)) < 0 || (r = limit(RLIMIT_NOFILE, DESCRIPTORS_MAX)) < 0)
		return r;
	return drop_capabilities();
}

int
record_confine_below(int dir)
{
	int r;

	if ((r = limit_all(RECOVER_SECONDS_MAX)) < 0 || (r = refuse_files(dir)) < 0)
		return r;
	return filter_recovery_calls();
}

int
record_confine(const struct confine_fds *fds)
{
	int r;

	if ((r = limit_all(SECONDS_MAX)) < 0 || (r = refuse_files(-1)) < 0)
		return r;
	/* Last: it forbids calls the steps above make. */
	return filter_calls(fds);
}
