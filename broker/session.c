/*
 * One session: launch the program, wait for it with every signal and descriptor in one poll, end
 * what it left behind. The broker decides nothing from what the program says or prints.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/hooks.h"
#include "broker/internal.h"
#include "ipc/broker_screen.h"
#include "launch/launch.h"

enum {
	LEFTOVER_GRACE_MS = 2000,
	STOPPED_CODE_FIRST = 129, /* exit codes that shells use for 128 + signal */
	STOPPED_CODE_LAST = 143,
	SIGNAL_TWICE_MS = 100, /* one act of the user, seen on two ways */
	SHELL_LOOK_MS = 100,
	SIGNALS = 32,
	STARTUP_LOOK_MS = 100, /* how often the modes of the terminal are looked at */
	STARTUP_EXIT_CODE = 137,
};

/* Why the loop ended without the end of the program. */
enum session_fault {
	FAULT_NONE,
	FAULT_GUARDIAN, /* killed */
	FAULT_SCREEN,	/* crashed or misbehaved */
	FAULT_SHIM,	/* the job-control process was stopped or killed from inside */
	FAULT_STARTUP,	/* not interactive in time */
	FAULT_LOOP,	/* a call of ours failed */
};

struct session {
	const struct plan *plan;
	struct launch *launch;
	struct journal *journal;
	struct limits limits;
	int directory_fd;		    /* of our helpers */
	const struct terminal_modes *modes; /* of the user's terminal */
	const struct handed *handed;
	int signal_fd;
	int guardian_fd; /* readable when the guardian is dead */
	pid_t guardian;
	pid_t child; /* the program, or the shim of a session with a terminal */
	int child_fd;
	siginfo_t status; /* of the child; si_pid 0 while it lives */
	bool on_terminal; /* `terminal` is in use */
	struct terminal terminal;
	bool has_shim;
	struct job job;
	enum session_fault fault;
	long startup_end_ms;	 /* 0: no startup timeout, or the program is interactive */
	long signal_ms[SIGNALS]; /* when the last one was handed on, and which way it came */
	bool signal_direct[SIGNALS];
};

static long
now_ms(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Reap everything that ended; orphans of the session come here because we are a subreaper. */
static void
reap(struct session *s)
{
	siginfo_t info = { 0 };

	/* A stopped shim would hold its session up for ever: only the program can have done that. */
	if (s->on_terminal && s->status.si_pid == 0 &&
	    waitid(P_PID, (id_t)s->child, &info, WSTOPPED | WNOHANG) == 0 && info.si_pid)
		s->fault = FAULT_SHIM;
	for (;;) {
		info = (siginfo_t){ 0 };
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) == -1 || info.si_pid == 0)
			return;
		if (info.si_pid == s->child)
			s->status = info;
		if (s->on_terminal && info.si_pid == s->terminal.display.pid)
			s->fault = FAULT_SCREEN;
	}
}

/*
 * In a session with a terminal the broker stays in the job's process group, where it and the
 * guardian both get what the shell sends to the job.
 */
static bool
is_repeated(struct session *s, const struct signalfd_siginfo *info)
{
	bool direct = info->ssi_pid != (uint32_t)s->guardian;
	uint32_t n = info->ssi_signo;
	long now = now_ms();
	bool repeated;

	if (!s->on_terminal || n >= SIGNALS)
		return false;
	repeated = s->signal_ms[n] != 0 && now - s->signal_ms[n] < SIGNAL_TWICE_MS &&
		   s->signal_direct[n] != direct;
	s->signal_ms[n] = now;
	s->signal_direct[n] = direct;
	return repeated;
}

static void
hand_on(const struct session *s, uint32_t signal_number)
{
	int fd = s->job.program_fd != -1 ? s->job.program_fd : s->child_fd;

	(void)syscall(SYS_pidfd_send_signal, fd, signal_number, NULL, 0);
}

static void
on_job_signal(struct session *s, uint32_t signal_number)
{
	if (!s->on_terminal)
		hand_on(s, signal_number);
	else if (signal_number == SIGTSTP)
		terminal_signal(&s->terminal, SIGTSTP);
	else if (terminal_resume(&s->terminal) < 0)
		s->fault = FAULT_SCREEN;
}

static void
on_signal(struct session *s)
{
	struct signalfd_siginfo info;

	while (read(s->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		bool from_terminal = info.ssi_code == SI_KERNEL;

		switch (info.ssi_signo) {
		case SIGCHLD:
			reap(s);
			break;
		case SIGWINCH:
			if (s->on_terminal)
				terminal_resize(&s->terminal);
			break;
		case SIGTSTP:
		case SIGCONT:
			if (!from_terminal && !is_repeated(s, &info))
				on_job_signal(s, info.ssi_signo);
			break;
		case SIGHUP:
			/*
			 * The session of the user's terminal is over; when its leader was killed,
			 * nothing but this tells, and to nobody but our group. SIGCONT, which the
			 * kernel sends to a stopped one, is in it.
			 */
			if (from_terminal && s->on_terminal)
				terminal_hang_up(&s->terminal);
			else if (!from_terminal && !is_repeated(s, &info))
				hand_on(s, info.ssi_signo);
			break;
		case SIGINT:
		case SIGTERM:
		case SIGQUIT:
		case SIGUSR1:
		case SIGUSR2:
			/*
			 * From the terminal, in its own group: the program has it already. But the
			 * user's terminal, while it is not raw, signals us alone.
			 */
			if ((!from_terminal || s->on_terminal) && !is_repeated(s, &info))
				hand_on(s, info.ssi_signo);
			break;
		default: /* nothing else is meant for the program */
			break;
		}
	}
}

/* The program stopped: let the shell see the job stop. */
static void
on_program_stopped(struct session *s)
{
	if (terminal_suspend(&s->terminal) < 0)
		s->fault = FAULT_SCREEN;
	else
		(void)syscall(SYS_pidfd_send_signal, s->guardian_fd, SIGTSTP, NULL, 0);
}

static void
on_job(struct session *s)
{
	/* Without a terminal of its own it stopped where the shell sees it. */
	if (job_read(&s->job, s->child) && s->on_terminal)
		on_program_stopped(s);
}

static void
wait_on_terminal(struct session *s, struct pollfd *wait)
{
	struct terminal *t = &s->terminal;

	wait[0] = (struct pollfd){ .fd = t->display.control, .events = POLLIN };
	wait[1] = (struct pollfd){ .fd = t->keys_count ? t->master : -1, .events = POLLOUT };
	wait[2] = (struct pollfd){
		.fd = t->raw && t->keys_count < sizeof(t->keys) ? STDIN_FILENO : -1,
		.events = POLLIN,
	};
}

static void
on_terminal(struct session *s, const struct pollfd *wait)
{
	if (wait[0].revents && display_read(&s->terminal.display) < 0)
		s->fault = FAULT_SCREEN;
	if (wait[1].revents)
		terminal_type(&s->terminal);
	if (wait[2].revents && s->terminal.raw)
		terminal_read_keys(&s->terminal);
	if (terminal_look_for_shell(&s->terminal) < 0)
		s->fault = FAULT_SCREEN;
}

/*
 * Interactive: on the alternate screen, or reading single keys as line editors and REPLs do. Mere
 * output does not count: a banner is printed by programs that hang as well.
 */
static bool
is_interactive(const struct session *s)
{
	struct termios modes;

	return (s->terminal.display.state & SCREEN_WAS_ALTERNATE) ||
	       (tcgetattr(s->terminal.master, &modes) == 0 && !(modes.c_lflag & ICANON));
}

static void
start_timeout(struct session *s)
{
	uint32_t seconds = s->plan->settings->startup_timeout_s;

	if (seconds && s->on_terminal)
		s->startup_end_ms = now_ms() + (long)seconds * 1000;
	else if (seconds)
		message_line(s->plan,
			     "--startup-timeout has no effect: the program has no terminal "
			     "of its own");
}

static void
check_timeout(struct session *s)
{
	if (s->startup_end_ms == 0)
		return;
	if (is_interactive(s))
		s->startup_end_ms = 0;
	else if (now_ms() >= s->startup_end_ms)
		s->fault = FAULT_STARTUP;
}

/* How long the loop may sleep. */
static int
sleep_ms_max(const struct session *s)
{
	if (s->startup_end_ms)
		return STARTUP_LOOK_MS;
	return s->on_terminal && terminal_waits_for_shell(&s->terminal) ? SHELL_LOOK_MS : -1;
}

/* The shim itself takes none: those that come before its program is known wait. */
static bool
takes_signals(const struct session *s)
{
	return s->on_terminal || !s->has_shim || s->job.program_fd != -1 || s->job.read_end == -1;
}

static void
wait_for_child(struct session *s)
{
	/* A child that ended before the descriptor existed left its signal pending. */
	while (s->status.si_pid == 0 && s->fault == FAULT_NONE) {
		struct pollfd wait[6] = {
			{ .fd = takes_signals(s) ? s->signal_fd : -1, .events = POLLIN },
			{ .fd = s->guardian_fd, .events = POLLIN },
			{ .fd = s->job.read_end, .events = POLLIN },
		};
		nfds_t count = 3;

		if (s->on_terminal) {
			wait_on_terminal(s, wait + count);
			count += 3;
		}
		if (poll(wait, count, sleep_ms_max(s)) == -1 && errno != EINTR)
			s->fault = FAULT_LOOP;
		if (wait[0].revents)
			on_signal(s);
		if (wait[1].revents)
			s->fault = FAULT_GUARDIAN;
		if (wait[2].revents)
			on_job(s);
		if (s->on_terminal)
			on_terminal(s, wait + 3);
		if (s->fault == FAULT_NONE && s->status.si_pid == 0)
			check_timeout(s);
	}
	/* What the shim said last may still be in the pipe. */
	(void)job_read(&s->job, s->child);
	if (s->has_shim && s->fault == FAULT_NONE && s->job.last.event == 0) {
		/* In a pid namespace nobody inside can have done that: the user killed the program. */
		if (s->on_terminal || s->status.si_code == CLD_EXITED)
			s->fault = FAULT_SHIM;
		else
			s->job.last = (struct shim_report){ SHIM_KILLED, s->status.si_status };
	}
	/* The memory limit kills the shim with everything else. */
	if (s->fault == FAULT_SHIM && limits_out_of_memory(&s->limits)) {
		s->fault = FAULT_NONE;
		s->job.last = (struct shim_report){ SHIM_KILLED, SIGKILL };
	}
}

/*
 * Which signals the session reads. All are blocked; those that a bug of ours raises (SIGSEGV and
 * the like) are delivered by the kernel all the same.
 */
static int
open_signals(struct err *e)
{
	sigset_t all;
	int fd;

	(void)sigfillset(&all);
	fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd == -1 ? err_set_errno(e, -errno, "cannot receive signals") : fd;
}

static bool
was_killed(const struct session *s)
{
	return s->has_shim ? s->job.last.event == SHIM_KILLED : s->status.si_code != CLD_EXITED;
}

static int
exit_code_of(const struct session *s)
{
	bool killed = was_killed(s);
	int value = s->has_shim ? s->job.last.value : s->status.si_status;
	int code = killed ? 128 + value : value & 0xff;

	if (killed || (code >= STOPPED_CODE_FIRST && code <= STOPPED_CODE_LAST))
		message_line(s->plan, "Session stopped.");
	return code;
}

static void
explain_fault(const struct session *s, struct err *e)
{
	switch (s->fault) {
	case FAULT_GUARDIAN:
		(void)err_set(
			e, -EOWNERDEAD,
			"the guardian of this session was killed: every program of the session "
			"was ended");
		break;
	case FAULT_SCREEN:
		(void)err_set(
			e, -EPIPE,
			"nono-screen, which draws the terminal, ended unexpectedly: every program "
			"of the session was ended");
		break;
	case FAULT_SHIM:
		(void)err_set(e, -EPIPE,
			      "the job-control process of this session was stopped or killed from "
			      "inside: every program of the session was ended");
		break;
	case FAULT_STARTUP:
		(void)err_set_exit(
			e, STARTUP_EXIT_CODE, -ETIMEDOUT,
			"blocked: `%s` %s %u seconds. Terminating process; run it again with -v, or "
			"without --startup-timeout",
			plan_argument_at(s->plan, 0),
			s->terminal.display.state & SCREEN_HAS_OUTPUT
				? "has not become interactive after"
				: "produced no terminal output after",
			s->plan->settings->startup_timeout_s);
		break;
	case FAULT_LOOP:
	case FAULT_NONE:
		(void)err_set(e, -EIO, "the broker cannot wait for its session any more");
		break;
	}
}

static void
clean_up_processes(const struct session *s, unsigned int grace_ms)
{
	const struct strangers none = {
		.count = 0,
		.init = s->launch ? launch_init(s->launch) : 0,
	};
	struct err e = ERR_INIT;

	if ((s->plan->settings->flags & PLAN_LEAVE_BACKGROUND) || hook_off(HOOK_LEFTOVERS) ||
	    tree_end(&none, grace_ms, &s->limits) == 0)
		return;
	(void)err_set(&e, -ETIMEDOUT,
		      "a process of the session cannot be ended; look for it with `ps`");
	message_error(s->plan, &e);
}

/* Leave no file of the session behind. */
static void
clean_up(struct session *s)
{
	const struct plan_settings *settings = s->plan->settings;

	limits_end(&s->limits, s->plan);
	launch_remove_created(s->plan);
	if (s->launch && *launch_temp_directory(s->launch) &&
	    !(settings->flags & PLAN_LEAVE_BACKGROUND))
		(void)tempdir_remove(launch_temp_directory(s->launch));
	if (!(settings->flags & PLAN_SHARED_TMP))
		tempdir_sweep(plan_string(s->plan, settings->temp_parent));
	launch_free(s->launch);
	if (s->on_terminal)
		display_clear(&s->terminal.display);
	s->directory_fd = fd_close(s->directory_fd);
	s->child_fd = fd_close(s->child_fd);
	job_clear(&s->job);
	s->signal_fd = fd_close(s->signal_fd);
}

/* Behind the end of all processes: nothing of the program can write into the footer. */
static void
explain(const struct session *s, struct record_facts *facts)
{
	static const struct {
		uint32_t plan, record;
	} flags[] = {
		{ PLAN_SILENT, RECORD_SILENT },
		{ PLAN_NO_DIAGNOSTICS, RECORD_NO_DIAGNOSTICS },
		{ PLAN_DIAGNOSTICS_JSON, RECORD_DIAGNOSTICS_JSON },
	};
	struct conclusion c = {
		.plan = s->plan,
		.output_fd = -1,
		.json_fd = s->handed->json_fd,
		.save_fd = s->handed->save_fd,
		.directory_fd = s->directory_fd,
		.signal_fd = s->signal_fd,
		.modes = s->modes,
	};

	if (s->plan->settings->mode == PLAN_MODE_SHELL)
		facts->flags |= RECORD_SHELL;
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (s->plan->settings->flags & flags[i].plan)
			facts->flags |= flags[i].record;
	if (isatty(STDERR_FILENO))
		facts->flags |= RECORD_TERMINAL;
	if (s->on_terminal) {
		facts->flags |= RECORD_PTY;
		c.output_fd = s->terminal.display.dump;
		c.output_bytes = s->terminal.display.dump_bytes;
	}
	conclude(&c, facts);
}

static void
explain_end(const struct session *s, int code)
{
	bool killed = was_killed(s);
	struct record_facts facts = {
		.end = killed ? RECORD_KILLED : RECORD_EXITED,
		.number = (uint32_t)(killed ? code - 128 : code),
		.exit_code = (uint32_t)code,
	};

	if (limits_explain(&s->limits, s->plan, code))
		facts.flags |= RECORD_OOM_TOLD;
	explain(s, &facts);
}

/* The program was not started, or did not become interactive in time; the error is printed. */
static void
explain_error(const struct session *s, const struct err *e, int code)
{
	int exec_error = s->launch ? launch_exec_error(s->launch) : 0;
	struct record_facts facts = {
		.end = RECORD_NOT_STARTED,
		.number = (uint32_t)code,
		.exit_code = (uint32_t)code,
		.step = exec_error ? RECORD_STEP_EXEC : RECORD_STEP_SETUP,
		.error = (uint32_t)(exec_error ? exec_error : -e->code),
	};

	if (s->fault == FAULT_STARTUP) {
		facts.end = RECORD_KILLED;
		facts.number = SIGKILL;
		facts.step = RECORD_STEP_NONE;
		facts.error = 0;
		facts.flags = RECORD_STARTUP_TIMEOUT;
	}
	/* Without helpers nothing can be explained, and a session that broke is no verdict. */
	if (s->directory_fd >= 0 && (s->fault == FAULT_NONE || s->fault == FAULT_STARTUP))
		explain(s, &facts);
}

/* The system allows no devpts of our own: a terminal of the system's for this session alone. */
static int
use_own_pty(struct session *s, struct err *e)
{
	int r = terminal_make_pty(&s->terminal, e);

	return r < 0 ? r : launch_use_slave(s->launch, s->terminal.slave, e);
}

static void
tell_no_devpts(const struct session *s, const char *why)
{
	autobuf struct buf line = BUF_INIT;

	if (s->plan->settings->verbosity > 0 &&
	    buf_addf(&line, "programs cannot make terminals of their own in this session: %s",
		     why) == 0)
		message_line(s->plan, buf_str(&line));
}

/* The child makes the terminal in the devpts of the session; it waits for us then. */
static int
receive_terminal(struct session *s, const sigset_t *original, struct kernel *k, struct err *e)
{
	int r;

	if (launch_no_namespace(s->launch)) {
		k->no_devpts = true;
		tell_no_devpts(s, launch_no_namespace(s->launch)->text);
		return use_own_pty(s, e);
	}
	r = launch_fork(s->launch, original, e);
	return r < 0 ? r : launch_receive_master(s->launch, &s->terminal.master, e);
}

/* The user asked for it, and the session is as confined as without asking. */
static void
tell_no_tree(const struct session *s, struct kernel *k)
{
	autobuf struct buf line = BUF_INIT;

	if (s->plan->settings->namespaces != PLAN_NAMESPACES_FULL ||
	    !launch_no_namespace(s->launch))
		return;
	k->no_tree = true;
	if (buf_addf(&line, LAUNCH_NO_TREE, launch_no_namespace(s->launch)->text) == 0)
		message_line(s->plan, buf_str(&line));
}

/* A session without a state file is as confined as any other. */
static int
say_state(const struct session *s, int r)
{
	if (r == 0 && launch_state_error(s->launch) < 0)
		message_line(s->plan, STATE_WARNING);
	return r;
}

/* The same for it. */
static void
tell_no_processes(const struct session *s, struct kernel *k)
{
	const struct err *why = launch_processes_error(s->launch);
	autobuf struct buf line = BUF_INIT;

	if (!why)
		return;
	k->no_processes = true;
	if (buf_addf(&line, "processes outside of the session can be listed: %s", why->text) == 0)
		message_line(s->plan, buf_str(&line));
}

static void
prepared(struct session *s, struct kernel *k)
{
	launch_set_cgroup(s->launch, limits_child_fd(&s->limits));
	s->has_shim = s->on_terminal || launch_init(s->launch) != 0;
	if (!s->has_shim)
		job_clear(&s->job);
	tell_no_tree(s, k);
	tell_no_processes(s, k);
}

static bool
asks_for_processes(const struct plan *p)
{
	return p->settings->flags & PLAN_OWN_PROCESSES;
}

/* Everything up to a program that could start; with a devpts its process waits already. */
static int
prepare(struct session *s, const sigset_t *original, const struct terminal_modes *m,
	struct kernel *k, struct err *e)
{
	const char *no_devpts = launch_no_devpts(s->plan);
	struct launch_terminal terminal = { .own_devpts = !no_devpts, .tty_fd = -1 };
	int r;

	if ((s->on_terminal || asks_for_processes(s->plan)) && (r = job_open(&s->job, e)) < 0)
		return r;
	terminal.job_fd = s->job.write_end;
	if (!s->on_terminal) {
		terminal.own_devpts = false;
		r = launch_prepare_on(&s->launch, s->plan, k, &terminal, e);
		if (r == 0)
			prepared(s, k);
		return say_state(s, r);
	}
	terminal_init(&s->terminal, m);
	for (int fd = 0; fd <= 2; fd++)
		if (isatty(fd))
			terminal.tty_streams |= 1U << fd;
	if (no_devpts) {
		k->no_devpts = !(s->plan->settings->flags & PLAN_PTY_ALL);
		if (k->no_devpts)
			tell_no_devpts(s, no_devpts);
		if ((r = terminal_make_pty(&s->terminal, e)) < 0)
			return r;
		terminal.tty_fd = s->terminal.slave;
	}
	if ((r = say_state(s, launch_prepare_on(&s->launch, s->plan, k, &terminal, e))) < 0)
		return r;
	prepared(s, k);
	if (terminal.own_devpts && (r = receive_terminal(s, original, k, e)) < 0)
		return r;
	return terminal_show(&s->terminal, s->plan, s->directory_fd, e);
}

static int
start(struct session *s, const sigset_t *original, const struct terminal_modes *m, struct err *e)
{
	bool on_terminal = s->on_terminal;
	struct kernel kernel;
	int r;

	s->on_terminal = false; /* nothing to close before it was opened */
	kernel_probe(&kernel);
	if ((s->signal_fd = open_signals(e)) < 0)
		return s->signal_fd;
	if ((s->directory_fd = helper_open_directory(e)) < 0)
		return s->directory_fd;
	if ((r = limits_begin(
		     &s->limits, s->plan,
		     on_terminal || (asks_for_processes(s->plan) && !launch_no_processes(s->plan)),
		     e)) < 0)
		return r;
	s->on_terminal = on_terminal;
	if ((r = prepare(s, original, m, &kernel, e)) < 0 ||
	    (r = launch_check_strict(s->plan, &kernel, e)) < 0)
		return r;
	/* What cannot be recorded does not run. */
	if ((r = journal_begin(&s->journal, s->plan, &kernel, e)) < 0)
		return r;
	/* From here on what is typed belongs to the program. */
	if (s->on_terminal)
		terminal_take(&s->terminal);
	r = launch_is_forked(s->launch) ? 0 : launch_fork(s->launch, original, e);
	if (r == 0)
		r = launch_finish(s->launch, &s->child, &s->child_fd, e);
	job_started(&s->job);
	if (s->on_terminal)
		terminal_started(&s->terminal);
	if (r >= 0)
		journal_child(s->journal, s->plan, s->child);
	/*
	 * A group of its own, so that what the terminal sends is for the program and the guardian
	 * alone. Not before the fork: the program belongs to the group the shell made for the job.
	 * With a terminal of its own the program is elsewhere, and the broker must be in the
	 * foreground to read the keys.
	 */
	if (r >= 0 && !s->on_terminal && setpgid(0, 0) == -1)
		r = err_set_errno(e, -errno, "cannot leave the terminal's process group");
	return r;
}

int
session_run(const struct plan *p, const sigset_t *original, const struct terminal_modes *m,
	    int guardian_fd, const struct handed *handed)
{
	struct session s = { .plan = p,
			     .modes = m,
			     .handed = handed,
			     .guardian_fd = guardian_fd,
			     .guardian = getppid(),
			     .child_fd = -1,
			     .job = JOB_INIT,
			     .signal_fd = -1,
			     .directory_fd = -1,
			     .limits = LIMITS_INIT,
			     .on_terminal = m->valid && !(p->settings->flags & PLAN_NO_PTY) };
	struct err e = ERR_INIT;
	int r = start(&s, original, m, &e);

	/* By us and at once: what is reaped elsewhere leaves a number that means nothing. */
	if (r < 0)
		launch_abandon(s.launch);
	if (r >= 0) {
		start_timeout(&s);
		wait_for_child(&s);
	}
	if (s.on_terminal)
		terminal_close(&s.terminal);
	if (r < 0 || s.fault != FAULT_NONE) {
		if (r >= 0)
			explain_fault(&s, &e);
		message_error(p, &e);
		clean_up_processes(&s, 0);
		journal_end(s.journal, p, message_exit_code(p, &e), s.directory_fd, s.signal_fd);
		explain_error(&s, &e, message_exit_code(p, &e));
		clean_up(&s);
		return message_exit_code(p, &e);
	}
	r = exit_code_of(&s);
	clean_up_processes(&s, LEFTOVER_GRACE_MS);
	conclude_auto_run(p, handed->auto_run_fd, s.journal, s.directory_fd, s.signal_fd);
	journal_end(s.journal, p, r, s.directory_fd, s.signal_fd);
	explain_end(&s, r);
	clean_up(&s);
	return r;
}
