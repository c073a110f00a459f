/*
 * E6: let the kernel send the signal: an outsider as owner of a descriptor of ours gets SIGIO,
 * or SIGURG for out-of-band data. The system calls succeed; what counts is whether the victim got
 * the signal, which it writes to ESC_VICTIM_LOG.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static volatile sig_atomic_t got;

static void
on_signal(int number)
{
	got = number;
}

static off_t
log_size(void)
{
	struct stat st;

	return stat(attack_env("ESC_VICTIM_LOG"), &st) == -1 ? -1 : st.st_size;
}

/* Make `owner` the owner of one end, then give it a reason for the signal. */
static int
trigger(pid_t owner, int number)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		return errno;
	if (fcntl(pair[0], F_SETOWN, owner) == -1)
		return errno;
	if (number == SIGIO) {
		if (fcntl(pair[0], F_SETFL, O_ASYNC | O_NONBLOCK) == -1)
			return errno;
		return write(pair[1], "x", 1) == 1 ? 0 : errno;
	}
	return send(pair[1], "x", 1, MSG_OOB) == 1 ? 0 : errno;
}

static void
to_victim(const char *name, pid_t owner, int number)
{
	off_t before = log_size();
	int r = trigger(owner, number);

	if (r != 0) {
		attack_errno(name, r);
		return;
	}
	for (int i = 0; i < 30 && log_size() == before; i++)
		(void)usleep(10000);
	attack_effect(name, log_size() != before, "not-delivered");
}

int
main(void)
{
	pid_t victim = (pid_t)attack_env_number("ESC_VICTIM");

	to_victim("sigio", victim, SIGIO);
	to_victim("sigio-group", -getpgid(victim), SIGIO);
	to_victim("sigurg", victim, SIGURG);

	(void)signal(SIGIO, on_signal);
	attack_twin("own-sigio", trigger(getpid(), SIGIO) == 0 && got == SIGIO);
	return 0;
}
