/*
 * E2: signals to an outsider, and to nono itself: the parent (the broker under run, whoever
 * started nono under wrap) and the parent's parent (the guardian under run). They get SIGCONT,
 * which harms nobody; ESC_VICTIM gets SIGUSR1.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Field 4 of /proc/PID/stat; the name before it may hold anything. */
static pid_t
parent_of(pid_t pid)
{
	char path[64], text[1024];
	size_t n;
	FILE *f;
	char *at;
	int parent = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	n = fread(text, 1, sizeof(text) - 1, f);
	(void)fclose(f);
	text[n] = 0;
	at = strrchr(text, ')');
	return at && sscanf(at + 1, " %*c %d", &parent) == 1 ? parent : 0;
}

static void
queue(const char *name, pid_t pid, bool thread)
{
	siginfo_t info = { .si_signo = SIGUSR1, .si_code = SI_QUEUE };

	if (thread)
		attack_result(name, syscall(SYS_rt_tgsigqueueinfo, pid, pid, SIGUSR1, &info));
	else
		attack_result(name, syscall(SYS_rt_sigqueueinfo, pid, SIGUSR1, &info));
}

static void
signal_one(const char *name, pid_t pid)
{
	if (pid <= 1) {
		attack_skip(name, "no such process");
		return;
	}
	attack_result(name, kill(pid, SIGCONT));
}

int
main(void)
{
	pid_t victim = (pid_t)attack_env_number("ESC_VICTIM");
	pid_t parent = getppid();
	int pidfd;

	attack_result("kill", kill(victim, SIGUSR1));
	attack_result("kill-zero", kill(victim, 0));
	attack_result("tkill", syscall(SYS_tkill, victim, SIGUSR1));
	attack_result("tgkill", syscall(SYS_tgkill, victim, victim, SIGUSR1));
	queue("sigqueue", victim, false);
	queue("tgsigqueue", victim, true);
	pidfd = (int)syscall(SYS_pidfd_open, victim, 0);
	attack_result("pidfd",
		      pidfd == -1 ? -1 : syscall(SYS_pidfd_send_signal, pidfd, SIGUSR1, NULL, 0));
	attack_result("group", kill(-getpgid(victim), SIGUSR1));
	signal_one("parent", parent);
	signal_one("grandparent", parent_of(parent));
	signal_one("great-grandparent", parent_of(parent_of(parent)));

	(void)signal(SIGUSR1, SIG_IGN);
	attack_twin("own", kill(getpid(), SIGUSR1) == 0);
	attack_twin("own-thread", syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1) == 0);
	return 0;
}
