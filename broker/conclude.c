/*
 * The end of a session that leaves something to explain: nono-record gets the plan, what the broker
 * knows of the end, and the text the program left on its screen. It parses that text, confined; the
 * broker reads nothing of it back.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "broker/internal.h"

#ifndef NONO_BUILD_ID
#define NONO_BUILD_ID "unknown"
#endif

enum {
	RECORD_MS_MAX = 10000,
	FD_FIRST = 3,
};

/* Is there anything to say? Most sessions end here, without another process. */
static bool
is_needed(const struct plan *p, const struct record_facts *facts, size_t output_bytes)
{
	if (facts->flags & RECORD_DIAGNOSTICS_JSON)
		return true;
	if (facts->flags & (RECORD_SILENT | RECORD_NO_DIAGNOSTICS | RECORD_SHELL |
			    RECORD_STARTUP_TIMEOUT | RECORD_OOM_TOLD))
		return false;
	if (p->settings->mode == PLAN_MODE_SHELL)
		return false;
	/* What failed before execve was told when it failed: no grant would have helped. */
	if (facts->end == RECORD_NOT_STARTED && facts->step != RECORD_STEP_EXEC)
		return false;
	return facts->exit_code != 0 || output_bytes > 0;
}

/* A signal while the footer is written ends us: nothing of the user's work is at stake. */
static bool
is_interrupted(int signal_fd)
{
	struct signalfd_siginfo info;

	while (read(signal_fd, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM ||
		    info.ssi_signo == SIGHUP || info.ssi_signo == SIGQUIT)
			return true;
	return false;
}

/* 0, or -errno when it did not do its work. */
static int
wait_for_record(pid_t pid, int signal_fd)
{
	struct timespec now, end;
	siginfo_t info = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += RECORD_MS_MAX / 1000;
	for (;;) {
		struct pollfd wait = { .fd = signal_fd, .events = POLLIN };

		if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG) == -1)
			return -errno;
		if (info.si_pid)
			return info.si_code == CLD_EXITED && info.si_status == 0 ? 0 : -EIO;
		(void)poll(&wait, 1, RECORD_MS_MAX);
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		if (is_interrupted(signal_fd) || now.tv_sec >= end.tv_sec)
			break;
	}
	(void)kill(pid, SIGKILL);
	(void)waitid(P_PID, (id_t)pid, &info, WEXITED);
	return -ETIMEDOUT;
}

void
conclude(const struct plan *p, struct record_facts *facts, int output_fd, size_t output_bytes,
	 int directory_fd, int json_fd, int signal_fd)
{
	char *argv[8] = {
		(char[]){ "nono-record" },
		(char[]){ "conclude" },
		(char[]){ "--plan-fd=3" },
		(char[]){ "--facts-fd=4" },
		(char[]){ "--build=" NONO_BUILD_ID },
	};
	char output_option[] = "--output-fd=5", json_option[32];
	size_t words = 5, count = 2;
	autofd int plan_fd = -1, facts_fd = -1;
	struct helper_fd map[4];
	struct err e = ERR_INIT;
	pid_t pid;

	memcpy(facts->magic, RECORD_MAGIC, sizeof(facts->magic));
	facts->version = RECORD_VERSION;
	facts->bytes = sizeof(*facts);
	if (!is_needed(p, facts, output_bytes))
		return;
	plan_fd = fd_sealed_memory("nono-plan", p->image, p->header->bytes);
	facts_fd = fd_sealed_memory("nono-facts", facts, sizeof(*facts));
	map[0] = (struct helper_fd){ plan_fd, FD_FIRST };
	map[1] = (struct helper_fd){ facts_fd, FD_FIRST + 1 };
	if (output_bytes) {
		argv[words++] = output_option;
		map[count++] = (struct helper_fd){ output_fd, FD_FIRST + 2 };
	}
	if (json_fd != -1) {
		(void)snprintf(json_option, sizeof(json_option), "--json-fd=%zu", FD_FIRST + count);
		argv[words++] = json_option;
		map[count] = (struct helper_fd){ json_fd, FD_FIRST + (int)count };
		count++;
	}
	if (plan_fd < 0 || facts_fd < 0 ||
	    helper_spawn(directory_fd, "nono-record", argv, map, count, &pid, &e) < 0) {
		(void)err_set(&e, -EPIPE,
			      "cannot start nono-record, which explains how a session ended");
		message_error(p, &e);
		return;
	}
	(void)wait_for_record(pid, signal_fd);
}

int
conclude_ledger(int audit_fd, int directory_fd, int signal_fd)
{
	char *argv[] = { (char[]){ "nono-record" }, (char[]){ "recover" },
			 (char[]){ "--audit-fd=3" }, (char[]){ "--build=" NONO_BUILD_ID }, NULL };
	const struct helper_fd map[] = { { audit_fd, FD_FIRST } };
	struct err e = ERR_INIT;
	pid_t pid;
	int r = helper_spawn(directory_fd, "nono-record", argv, map, 1, &pid, &e);

	return r < 0 ? r : wait_for_record(pid, signal_fd);
}
