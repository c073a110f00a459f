/*
 * E1: the memory, descriptors and view of another process of the same user: ESC_VICTIM, whose
 * secret lies at ESC_VICTIM_ADDRESS. What /proc shows without a ptrace check (cmdline, stat,
 * status, mountinfo) is residual F12, as the residual-* names say, in a session without processes of
 * its own.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t victim;

static const char *
proc(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", victim, name);
	return path;
}

/* Opening mem and environ checks; maps checks at open too. Read one byte to be sure. */
static void
read_proc(const char *name, const char *file)
{
	char c;
	int fd = open(proc(file), O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd == -1) {
		attack_result(name, -1);
		return;
	}
	n = read(fd, &c, 1);
	if (n == 0)
		attack_effect(name, false, "empty");
	else
		attack_result(name, n);
	(void)close(fd);
}

static int
attach(void *context)
{
	int status;

	if (ptrace((enum __ptrace_request)(intptr_t)context, victim, NULL, NULL) == -1)
		return errno;
	if ((intptr_t)context == PTRACE_ATTACH)
		(void)waitpid(victim, &status, __WALL);
	(void)ptrace(PTRACE_DETACH, victim, NULL, NULL);
	return 0;
}

static void
memory(void)
{
	uintptr_t address = (uintptr_t)attack_env_number("ESC_VICTIM_ADDRESS");
	char c;
	struct iovec local = { .iov_base = &c, .iov_len = 1 };
	struct iovec remote = { .iov_base = (void *)address, .iov_len = 1 };
	int fd;

	attack_result("process-vm-readv", process_vm_readv(victim, &local, 1, &remote, 1, 0));
	c = 'o';
	attack_result("process-vm-writev", process_vm_writev(victim, &local, 1, &remote, 1, 0));

	fd = open(proc("mem"), O_RDWR | O_CLOEXEC);
	if (fd == -1) {
		attack_result("mem", -1);
	} else {
		attack_result("mem", pread(fd, &c, 1, (off_t)address));
		(void)close(fd);
	}
}

static void
handles(void)
{
	uintptr_t page = (uintptr_t)attack_env_number("ESC_VICTIM_ADDRESS") & ~(uintptr_t)4095;
	struct iovec range = { .iov_base = (void *)page, .iov_len = 4096 };
	int pidfd = (int)syscall(SYS_pidfd_open, victim, 0);

	if (pidfd == -1) {
		attack_result("pidfd-getfd", -1);
		attack_result("process-madvise", -1);
		return;
	}
	attack_result("pidfd-getfd", syscall(SYS_pidfd_getfd, pidfd, 3, 0));
	attack_result("process-madvise",
		      syscall(SYS_process_madvise, pidfd, &range, 1, MADV_COLD, 0));
	(void)close(pidfd);
}

/* Calls that ask the kernel about another process, behind the same check. */
static void
questions(void)
{
	void *page = (void *)((uintptr_t)attack_env_number("ESC_VICTIM_ADDRESS") &
			      ~(uintptr_t)4095);
	size_t bytes;
	int node = 0;
	void *head;

	attack_result("kcmp", syscall(SYS_kcmp, victim, getpid(), KCMP_VM, 0, 0));
	attack_result("robust-list", syscall(SYS_get_robust_list, victim, &head, &bytes));
	attack_result("move-pages", syscall(SYS_move_pages, victim, 1UL, &page, NULL, &node, 0));
}

int
main(void)
{
	char text[256];

	victim = (pid_t)attack_env_number("ESC_VICTIM");
	attack_errno("ptrace-attach", attack_forked(attach, (void *)(intptr_t)PTRACE_ATTACH));
	attack_errno("ptrace-seize", attack_forked(attach, (void *)(intptr_t)PTRACE_SEIZE));
	memory();
	handles();
	questions();
	read_proc("maps", "maps");
	read_proc("environ", "environ");
	read_proc("auxv", "auxv");
	read_proc("smaps", "smaps");
	read_proc("io", "io");
	read_proc("syscall", "syscall");
	attack_result("root-link", readlink(proc("root"), text, sizeof(text)));
	attack_result("cwd-link", readlink(proc("cwd"), text, sizeof(text)));
	attack_result("exe-link", readlink(proc("exe"), text, sizeof(text)));
	attack_result("fd-link", readlink(proc("fd/3"), text, sizeof(text)));
	attack_open("root-open", proc("root/etc/passwd"), O_RDONLY);
	attack_open("cwd-open", proc("cwd/secret"), O_RDONLY);
	attack_open("fd-open", proc("fd/4"), O_RDONLY);
	attack_open("fd-task-open", proc("task/../fd/4"), O_RDONLY);
	read_proc("residual-cmdline", "cmdline");
	read_proc("residual-stat", "stat");
	read_proc("residual-status", "status");
	read_proc("residual-mountinfo", "mountinfo");

	victim = getpid();
	attack_twin_open("own-maps", proc("maps"), O_RDONLY);
	attack_twin_open("own-environ", proc("environ"), O_RDONLY);
	attack_twin("own-exe-link", readlink(proc("exe"), text, sizeof(text)) > 0);
	attack_twin("own-vm-read", process_vm_readv(victim, &(struct iovec){ text, 1 }, 1,
						    &(struct iovec){ &text[1], 1 }, 1, 0) == 1);
	return 0;
}
