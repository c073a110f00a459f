/* Shared inside broker/. */
#ifndef BROKER_INTERNAL_H
#define BROKER_INTERNAL_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "plan/plan.h"

/* ---- plan_load.c ---- */

/*
 * Read the image behind `fd` into private memory (nobody can change it afterwards) and check it.
 * The memory lives as long as the process.
 */
int plan_load(struct plan *ret, int fd, struct err *e) ATTR_CHECK;

/* ---- message.c: the few lines the broker prints, on stderr ---- */

void message_error(const struct plan *p, const struct err *e);
void message_line(const struct plan *p, const char *text);

/* The exit code for an error of nono's own: --error-exit-code, else the error's. */
int message_exit_code(const struct plan *p, const struct err *e);

/* ---- tree.c: the processes of the session ---- */

/*
 * Children that this process had before the session began: `exec nono run ...` in a script with
 * background jobs keeps them. They and their descendants are not ours to end.
 */
struct strangers {
	pid_t pid[64];
	size_t count;
};

/* Note the children of now; more than fit are refused with -E2BIG. 0 or -errno. */
int strangers_note(struct strangers *s) ATTR_CHECK;

/* Signal every descendant but the strangers: how many live ones there were, or -errno. */
int tree_signal(const struct strangers *s, int signal_number);

/*
 * End every descendant but the strangers: SIGTERM and `grace_ms` to comply (0: none), then SIGKILL
 * until nothing is left. The caller is a subreaper with all signals blocked; what ended is reaped.
 * 0, or -ETIMEDOUT when something survives SIGKILL (a process stuck in the kernel).
 */
int tree_end(const struct strangers *s, unsigned int grace_ms);

/* ---- guardian.c ---- */

/*
 * The first fork. Returns in the child, which goes on as the broker; *ret_guardian_fd is a pidfd
 * of the guardian. The parent never returns: it forwards signals, outlives the broker, and ends
 * what is left when the broker was killed.
 */
int guardian_start(const struct plan *p, int *ret_guardian_fd, struct err *e) ATTR_CHECK;

/* ---- session.c ---- */

/* Launch the program and stay with it: the exit code of the session. */
int session_run(const struct plan *p, const sigset_t *original, int guardian_fd);

#endif
