/*
 * The end of a session that leaves something to explain: nono-record gets the plan, what the broker
 * knows of the end, and the text the program left on its screen. It parses that text, confined; the
 * broker reads nothing of it back. When it found refusals that a profile could grant, nono-profile
 * asks the user about them; the list goes from one to the other through a file of a fixed size.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "broker/internal.h"
#include "ipc/auto_run.h"
#include "ipc/save.h"

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

/*
 * The exit code of a helper, or -errno when it did not end by itself. `limit_ms` 0: it takes as
 * long as a person takes.
 */
static int
wait_for_helper(pid_t pid, int signal_fd, int limit_ms)
{
	struct timespec now, end;
	siginfo_t info = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += limit_ms / 1000;
	for (;;) {
		struct pollfd wait = { .fd = signal_fd, .events = POLLIN };

		if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG) == -1)
			return -errno;
		if (info.si_pid)
			return info.si_code == CLD_EXITED ? info.si_status : -EIO;
		(void)poll(&wait, 1, limit_ms ? limit_ms : -1);
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		if (is_interrupted(signal_fd) || (limit_ms && now.tv_sec >= end.tv_sec))
			break;
	}
	(void)kill(pid, SIGKILL);
	(void)waitid(P_PID, (id_t)pid, &info, WEXITED);
	return -ETIMEDOUT;
}

/* Memory for a list: whoever fills it cannot make it larger. */
static int
make_list(const char *name, size_t bytes)
{
	autofd int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd == -1 || ftruncate(fd, (off_t)bytes) == -1 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == -1)
		return -errno;
	return fd_take(&fd);
}

/* The last question of a session. Without an answer nothing is saved, and that is no failure. */
static void
offer_save(const struct conclusion *c, int plan_fd, int list_fd)
{
	char *argv[] = { (char[]){ "nono-profile" }, (char[]){ "__save" },
			 (char[]){ NONO_BUILD_ID }, NULL };
	const struct helper_fd map[] = {
		{ plan_fd, SAVE_PLAN_FD },
		{ c->save_fd, SAVE_CONTEXT_FD },
		{ list_fd, SAVE_LIST_FD },
	};
	struct err e = ERR_INIT;
	pid_t pid;

	if (helper_spawn_on_terminal(c->directory_fd, "nono-profile", argv, map, 3, &pid, &e) < 0) {
		message_error(c->plan, &e);
		return;
	}
	/* It sets the terminal back itself, unless it was ended. */
	if (wait_for_helper(pid, c->signal_fd, 0) < 0)
		terminal_modes_rescue(c->modes, false);
	terminal_modes_restore(c->modes);
}

void
conclude(const struct conclusion *c, struct record_facts *facts)
{
	char *argv[10] = {
		(char[]){ "nono-record" },
		(char[]){ "conclude" },
		(char[]){ "--plan-fd=3" },
		(char[]){ "--facts-fd=4" },
		(char[]){ "--build=" NONO_BUILD_ID },
	};
	char option[4][32];
	size_t words = 5, count = 2;
	autofd int plan_fd = -1, facts_fd = -1, list_fd = -1;
	struct helper_fd map[HELPER_FDS_MAX];
	struct err e = ERR_INIT;
	pid_t pid;

	memcpy(facts->magic, RECORD_MAGIC, sizeof(facts->magic));
	facts->version = RECORD_VERSION;
	facts->bytes = sizeof(*facts);
	if (!is_needed(c->plan, facts, c->output_bytes))
		return;
	plan_fd = fd_sealed_memory("nono-plan", c->plan->image, c->plan->header->bytes);
	facts_fd = fd_sealed_memory("nono-facts", facts, sizeof(*facts));
	/* Without a list nothing is offered. */
	if (c->save_fd != -1)
		list_fd = make_list("nono-save", SAVE_LIST_BYTES);
	map[0] = (struct helper_fd){ plan_fd, FD_FIRST };
	map[1] = (struct helper_fd){ facts_fd, FD_FIRST + 1 };
	const struct {
		const char *name;
		int fd;
	} more[] = {
		{ "output", c->output_bytes ? c->output_fd : -1 },
		{ "json", c->json_fd },
		{ "context", list_fd >= 0 ? c->save_fd : -1 },
		{ "list", list_fd },
	};

	for (size_t i = 0; i < ARRAY_LEN(more); i++) {
		if (more[i].fd < 0)
			continue;
		(void)snprintf(option[i], sizeof(option[i]), "--%s-fd=%zu", more[i].name,
			       FD_FIRST + count);
		argv[words++] = option[i];
		map[count] = (struct helper_fd){ more[i].fd, FD_FIRST + (int)count };
		count++;
	}
	if (plan_fd < 0 || facts_fd < 0 ||
	    helper_spawn(c->directory_fd, "nono-record", argv, map, count, &pid, &e) < 0) {
		(void)err_set(&e, -EPIPE,
			      "cannot start nono-record, which explains how a session ended");
		message_error(c->plan, &e);
		return;
	}
	if (wait_for_helper(pid, c->signal_fd, RECORD_MS_MAX) == RECORD_OFFERS_SAVE && list_fd >= 0)
		offer_save(c, plan_fd, list_fd);
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

	if (r < 0)
		return r;
	r = wait_for_helper(pid, signal_fd, RECORD_MS_MAX);
	return r > 0 ? -EIO : r;
}

static bool
is_hash(const char hash[AUTO_RUN_HASH_MAX])
{
	size_t n = strspn(hash, "0123456789abcdef");

	return (n == 0 || n == 64) && hash[n] == '\0';
}

/* Its writer had read files of the program's making: no field is believed. */
static bool
is_row(const struct auto_run_row *row)
{
	if (!memchr(row->file, '\0', sizeof(row->file)) || row->file[0] != '/' ||
	    !memchr(row->kind, '\0', sizeof(row->kind)))
		return false;
	return memchr(row->before, '\0', sizeof(row->before)) &&
	       memchr(row->after, '\0', sizeof(row->after)) && is_hash(row->before) &&
	       is_hash(row->after);
}

static void
record_rows(const struct plan *p, int list_fd, struct journal *j)
{
	autofree void *image = NULL;
	const struct auto_run_list *list;
	const struct auto_run_row *rows;
	size_t bytes = 0;

	if (fd_read_file(list_fd, AUTO_RUN_LIST_BYTES, false, &image, &bytes) < 0 ||
	    bytes != AUTO_RUN_LIST_BYTES)
		return;
	list = image;
	rows = (const struct auto_run_row *)(list + 1);
	if (memcmp(list->magic, AUTO_RUN_MAGIC, sizeof(list->magic)) != 0 ||
	    list->version != AUTO_RUN_VERSION || list->count > AUTO_RUN_ROWS_MAX)
		return;
	for (uint32_t i = 0; i < list->count; i++)
		if (is_row(&rows[i]))
			journal_auto_run(j, p, &rows[i]);
}

void
conclude_auto_run(const struct plan *p, int context_fd, struct journal *j, int directory_fd,
		  int signal_fd)
{
	char *argv[] = { (char[]){ "nono-profile" }, (char[]){ "__auto-run" },
			 (char[]){ NONO_BUILD_ID }, NULL };
	autofd int list_fd = -1;
	struct err e = ERR_INIT;
	pid_t pid;
	int r;

	if (context_fd == -1)
		return;
	list_fd = make_list("nono-auto-run", AUTO_RUN_LIST_BYTES);
	const struct helper_fd map[] = { { context_fd, AUTO_RUN_CONTEXT_FD },
					 { list_fd, AUTO_RUN_LIST_FD } };

	r = list_fd < 0 ? list_fd
			: helper_spawn(directory_fd, "nono-profile", argv, map, 2, &pid, &e);
	if (r == 0)
		r = wait_for_helper(pid, signal_fd, RECORD_MS_MAX);
	if (r != 0) {
		(void)err_set(&e, -EPIPE,
			      "cannot tell whether the commands that agents run by themselves are "
			      "as they were; look at their settings");
		message_error(p, &e);
		return;
	}
	record_rows(p, list_fd, j);
}
