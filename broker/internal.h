/* Shared inside broker/. */
#ifndef BROKER_INTERNAL_H
#define BROKER_INTERNAL_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>

#include "base/err.h"
#include "ipc/broker_record.h"
#include "launch/cgroup.h"
#include "launch/launch.h"
#include "plan/plan.h"
#include "shim/shim.h"

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
	pid_t init; /* process 1 of the session's pid namespace, only killed; 0: there is none */
};

/* Note the children of now; more than fit are refused with -E2BIG. 0 or -errno. */
int strangers_note(struct strangers *s) ATTR_CHECK;

/* Signal every descendant but the strangers: how many live ones there were, or -errno. */
int tree_signal(const struct strangers *s, int signal_number);

struct limits;

/*
 * End every descendant but the strangers: SIGTERM and `grace_ms` to comply (0: none), then SIGKILL
 * until nothing is left; the group of `l` (may be NULL) is killed as a whole. The caller is a
 * subreaper with all signals blocked; what ended is reaped. 0, or -ETIMEDOUT when something
 * survives SIGKILL (a process stuck in the kernel).
 */
int tree_end(const struct strangers *s, unsigned int grace_ms, const struct limits *l);

/* ---- limits.c: --memory and --max-procs ---- */

struct limits {
	struct cgroup_leaf leaf;
};

#define LIMITS_INIT              \
	{                        \
		CGROUP_LEAF_INIT \
	}

/*
 * Before any process of the session but guardian and broker exists. `shim`: the program will have a
 * process of ours beside it, which is not counted as one of its own. 0, also when none is asked.
 */
int limits_begin(struct limits *l, const struct plan *p, bool shim, struct err *e) ATTR_CHECK;

/* What the child enters first; -1: nothing. */
int limits_child_fd(const struct limits *l);

/* SIGKILL to the whole group; NULL or no group: nothing. */
void limits_kill(const struct limits *l);

/* Did the kernel kill in this session because of --memory? */
bool limits_out_of_memory(const struct limits *l);

/* Tell what the limits did to a session that ended with `code`: true when it was --memory. */
bool limits_explain(const struct limits *l, const struct plan *p, int code);

/* Behind the last process. */
void limits_end(struct limits *l, const struct plan *p);

/* ---- helper.c: programs of ours that the broker starts ---- */

enum { HELPER_FDS_MAX = 8 };

struct helper_fd {
	int from; /* ours */
	int to;	  /* its number in the helper, contiguous from 0 or 3 on */
};

/* A descriptor of the directory that holds nono-broker and its helpers, or -errno. */
int helper_open_directory(struct err *e) ATTR_CHECK;

/*
 * Start `name` of that directory in a process group of its own, with an empty environment, no new
 * privileges, every signal blocked, and the mapped descriptors only (0, 1, 2 stay when not mapped).
 * It dies with the broker.
 */
int
helper_spawn(int directory_fd, const char *name, char *const argv[], const struct helper_fd *map,
	     size_t count, pid_t *ret_pid, struct err *e) ATTR_CHECK;

/* The same in our process group, which alone may use the user's terminal. */
int helper_spawn_on_terminal(int directory_fd, const char *name, char *const argv[],
			     const struct helper_fd *map, size_t count, pid_t *ret_pid,
			     struct err *e) ATTR_CHECK;

/* ---- modes.c: the user's terminal as it was ---- */

struct terminal_modes {
	bool valid;
	struct termios cooked;
};

/*
 * Remember the modes when the streams are a terminal that a session can take over: standard input
 * and output are the same terminal, and it is ours. Else `valid` is false.
 */
void terminal_modes_save(struct terminal_modes *m);

/* Put them back, without losing type-ahead. Safe to call at any time. */
void terminal_modes_restore(const struct terminal_modes *m);

/*
 * When the screen died: switch off what programs commonly leave on. `alternate`: the program was
 * on the alternate screen.
 */
void terminal_modes_rescue(const struct terminal_modes *m, bool alternate);

/* ---- display.c: nono-screen ---- */

struct display {
	pid_t pid;   /* 0: not running */
	int control; /* SOCK_SEQPACKET */
	int dump;    /* memory file; its text is valid after display_end() */
	size_t dump_bytes;
	uint32_t state; /* enum screen_state_flag, as last told */
	bool ended;
	bool cooked; /* as last told */
};

int display_start(struct display *d, const struct plan *p, int directory_fd, int master,
		  struct err *e) ATTR_CHECK;
void display_resize(struct display *d, unsigned int rows, unsigned int columns);
/*
 * The terminal turns LF into CR LF, because it is not in raw mode: the session is in the background
 * and must not do it, too.
 */
void display_set_cooked(struct display *d, bool cooked);
/* Each waits for the answer, with a deadline: 0 or -errno (the session must end). */
int display_give_up(struct display *d) ATTR_CHECK;
int display_paint(struct display *d, bool visible) ATTR_CHECK;
int display_end(struct display *d) ATTR_CHECK;
/* Read what it said by itself. 0, or -errno when it broke the protocol or is gone. */
int display_read(struct display *d) ATTR_CHECK;
void display_clear(struct display *d);

/* ---- job.c: what the shim tells ---- */

struct job {
	int read_end, write_end; /* of the pipe; -1: there is no shim, or it has ended */
	int program_fd;		 /* pidfd of the program behind it; -1: not known */
	struct shim_report last; /* the end of the program; event 0: not told */
};

#define JOB_INIT                                                  \
	{                                                         \
		.read_end = -1, .write_end = -1, .program_fd = -1 \
	}

int job_open(struct job *j, struct err *e) ATTR_CHECK;
/* The program runs: close what was for the shim. */
void job_started(struct job *j);
void job_clear(struct job *j);
/* Read what `shim` said. True: the program stopped. */
bool job_read(struct job *j, pid_t shim);

/* ---- terminal.c: the session's own terminal ---- */

struct terminal {
	const struct terminal_modes *modes; /* of the user's */
	int master;
	int slave; /* -1 when the child made the PTY; closed once the program runs */
	struct display display;
	bool raw;		  /* the user's terminal is ours */
	bool hung_up;		  /* it is gone */
	bool hang_up_told;	  /* to the program, once */
	bool suspended;		  /* until the shell continues us */
	unsigned char keys[4096]; /* read, not yet typed */
	size_t keys_count;
};

/* In this order; `master` is made by the second, or comes from the child (launch_receive_master()). */
void terminal_init(struct terminal *t, const struct terminal_modes *m);
int terminal_make_pty(struct terminal *t, struct err *e) ATTR_CHECK;
int
terminal_show(struct terminal *t, const struct plan *p, int directory_fd, struct err *e) ATTR_CHECK;
/* The program runs: close what was for it. */
void terminal_started(struct terminal *t);
/* Take the user's terminal if the session is in the foreground. */
void terminal_take(struct terminal *t);
/* Give it back in its old modes. */
void terminal_give_back(struct terminal *t);
/* The user pressed ^Z (or stopped us): let the shell have the terminal. 0 or -errno. */
int terminal_suspend(struct terminal *t) ATTR_CHECK;
/* The shell continued us, in the foreground or not. 0 or -errno. */
int terminal_resume(struct terminal *t) ATTR_CHECK;
/*
 * The session runs in the background. `fg` of a job that runs is told to nobody, so somebody has to
 * look now and then. 0 or -errno.
 */
bool terminal_waits_for_shell(const struct terminal *t);
int terminal_look_for_shell(struct terminal *t) ATTR_CHECK;
void terminal_resize(struct terminal *t);
/* The user's terminal or its session is gone: the program hears of it, once. */
void terminal_hang_up(struct terminal *t);
/* Keys: read from the user, type into the PTY. */
void terminal_read_keys(struct terminal *t);
void terminal_type(struct terminal *t);
/* Send a signal to the foreground group of the PTY. */
void terminal_signal(const struct terminal *t, int signal_number);
/* The program is gone: show the rest, leave the screen as it should be, give the terminal back. */
void terminal_close(struct terminal *t);

/* ---- journal.c: the record of the session ---- */

struct journal;

/*
 * Begin the audit trail and the registry entry. *ret is NULL when none is wanted; it may be set on
 * failure too and is ended with journal_end().
 */
int journal_begin(struct journal **ret, const struct plan *p, const struct kernel *k,
		  struct err *e) ATTR_CHECK;
/* The program runs. */
void journal_child(struct journal *j, const struct plan *p, pid_t child);
/* What an agent runs by itself is another thing now; takes NULL. */
struct auto_run_row;
void journal_auto_run(struct journal *j, const struct plan *p, const struct auto_run_row *row);
/*
 * The session ended; takes NULL. Problems are printed: the program has run. The other two are for
 * nono-record, should the ledger need it.
 */
void
journal_end(struct journal *j, const struct plan *p, int code, int directory_fd, int signal_fd);

/* ---- conclude.c ---- */

struct conclusion {
	const struct plan *plan;
	int output_fd; /* the dump of the screen */
	size_t output_bytes;
	int json_fd; /* of --diagnostics-file, -1: none */
	int save_fd; /* ipc/save.h, -1: nothing is offered */
	int directory_fd, signal_fd;
	const struct terminal_modes *modes; /* of the user's terminal */
};

/*
 * Explain the end of the session, when there is something to explain, and let the user save what
 * was refused. The caller fills flags, end, number, exit_code, step and error.
 */
void conclude(const struct conclusion *c, struct record_facts *facts);

/* Let nono-record put the ledger of <state>/audit right. 0 or -errno; it prints what a person must know. */
int conclude_ledger(int audit_fd, int directory_fd, int signal_fd) ATTR_CHECK;

/*
 * Let nono-profile look at what changed of the commands that an agent runs by itself, tell the user
 * and write it into the record, unless `j` is NULL.
 */
void conclude_auto_run(const struct plan *p, int context_fd, struct journal *j, int directory_fd,
		       int signal_fd);

/* ---- guardian.c ---- */

/*
 * The first fork. Returns in the child, which goes on as the broker; *ret_guardian_fd is a pidfd
 * of the guardian. The parent never returns: it forwards signals, outlives the broker, and ends
 * what is left when the broker was killed.
 */
int guardian_start(const struct plan *p, const struct terminal_modes *m, int *ret_guardian_fd,
		   struct err *e) ATTR_CHECK;

/* ---- session.c ---- */

/* Descriptors that `nono` gave, or -1. */
struct handed {
	int json_fd;	 /* of --diagnostics-file */
	int save_fd;	 /* ipc/save.h */
	int auto_run_fd; /* ipc/auto_run.h */
};

/* Launch the program and stay with it: the exit code of the session. */
int session_run(const struct plan *p, const sigset_t *original, const struct terminal_modes *m,
		int guardian_fd, const struct handed *handed);

#endif
