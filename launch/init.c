/*
 * Process 1 of a session that has process numbers of its own. It mounts the /proc that shows only
 * the session's processes, which nobody outside of the pid namespace can do, and then waits for its
 * end; with it the kernel ends all others of the namespace. A child of the broker, whose death kills
 * it, and not of the process that makes the namespaces, which ends soon.
 *
 * Orphans of the session become its children and leave no zombies, because it ignores SIGCHLD. From
 * inside nothing can end or stop it: the kernel takes no signal for process 1 that it does not
 * handle, not even SIGKILL (pid_namespaces(7)).
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/landlock.h"
#include "base/str.h"
#include "launch/internal.h"

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#else
#error "process 1 of a session is written for x86_64 and aarch64"
#endif

/* ---- the process itself: system calls, no allocation ---- */

static int
mount_proc(void)
{
	char self[8];

	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL) ==
	    -1)
		return errno;
	/* Is it the one that is seen, and of this namespace? */
	if (readlink("/proc/self", self, sizeof(self)) != 1 || self[0] != '1')
		return ESTALE;
	return 0;
}

/* No files at all, whatever it may still try. */
static int
apply_landlock(void)
{
	const struct landlock_attr attr = { .handled_fs = (1 << 13) - 1 };
	int fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr.handled_fs), 0);
	int error = 0;

	if (fd == -1 || syscall(SYS_landlock_restrict_self, fd, 0) == -1)
		error = errno;
	fd_close(fd);
	return error;
}

/*
 * Its last words, and waiting. Without a descriptor neither read nor write reaches anything. Whatever else is
 * an error and no death, with which the whole session would end without a word.
 */
static int
apply_filter(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 0, 6),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ppoll, 5, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_read, 4, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog filter = { ARRAY_LEN(code), code };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == -1 ? errno : 0;
}

static int
confine(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	const struct __user_cap_data_struct none[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
	int error;

	/*
	 * In a session of its own no terminal signals it, and an orphan's process group counts as
	 * orphaned, although its parent lives.
	 */
	if (setsid() == -1 || prctl(PR_SET_NAME, INIT_NAME) == -1 ||
	    prctl(PR_SET_DUMPABLE, 0) == -1 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    syscall(SYS_capset, &header, none) == -1)
		return errno;
	error = apply_landlock();
	return error ? error : apply_filter();
}

/* The way to the maker becomes descriptor 0, and is all that is left. */
static int
close_others(int maker)
{
	if (maker != 0 && dup2(maker, 0) == -1)
		return errno;
	return syscall(SYS_close_range, 1U, ~0U, 0) == -1 ? errno : 0;
}

static _Noreturn void
init_main(int maker)
{
	const struct sigaction no_zombies = { .sa_handler = SIG_IGN };
	struct init_report report = { INIT_START, 0 };
	sigset_t all;
	char go;

	(void)sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, NULL) == -1 ||
	    sigaction(SIGCHLD, &no_zombies, NULL) == -1 || prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		report.error = errno;
	if (report.error == 0)
		report.error = close_others(maker);
	if (report.error == 0) {
		maker = 0;
		report.step = INIT_MOUNT;
		report.error = mount_proc();
	}
	if (report.error == 0) {
		report.step = INIT_CONFINE;
		report.error = confine();
	}
	if (write(maker, &report, sizeof(report)) != sizeof(report) || report.error)
		_exit(1);
	/*
	 * A broker that died before the death signal was set took the maker along, and then nothing
	 * comes here.
	 */
	if (read(maker, &go, 1) != 1 || write(maker, &go, 1) != 1)
		_exit(1);
	(void)close(maker);
	for (;;)
		(void)syscall(SYS_ppoll, NULL, 0, NULL, NULL, 0);
}

/* ---- in the process that makes the namespaces ---- */

struct init_report
init_start(pid_t *ret_pid, int *ret_socket)
{
	struct init_report report = { INIT_START, 0 };
	int ends[2];
	ssize_t n;
	long pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == -1 ||
	    unshare(CLONE_NEWPID) == -1)
		return (struct init_report){ INIT_START, errno };
	/* As fork(2), but for whose child it is. */
	pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid == -1)
		return (struct init_report){ INIT_START, errno };
	if (pid == 0) {
		fd_close(ends[0]);
		init_main(ends[1]);
	}
	fd_close(ends[1]);
	do {
		n = read(ends[0], &report, sizeof(report));
	} while (n == -1 && errno == EINTR);
	if (n != sizeof(report))
		return (struct init_report){ INIT_START, n == -1 ? errno : ECHILD };
	*ret_pid = (pid_t)pid;
	*ret_socket = ends[0];
	return report;
}

/* From its answer on nothing that it does can fail. */
int
init_go(int socket_fd)
{
	ssize_t n;
	char answer;

	if (write(socket_fd, "", 1) != 1)
		return -errno;
	do {
		n = read(socket_fd, &answer, 1);
	} while (n == -1 && errno == EINTR);
	return n == 1 ? 0 : n == 0 ? -ECHILD : -errno;
}
