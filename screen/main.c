/*
 * nono-screen: reads what the program prints, writes what may be shown. Its descriptors are fixed
 * numbers (ipc/broker_screen.h); its arguments are --rows=N --columns=N --history=N --filter=LEVEL --build=ID.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/hooks.h"
#include "base/str.h"
#include "ipc/broker_screen.h"
#include "screen/confine.h"
#include "screen/screen.h"

#ifndef NONO_VERSION
#define NONO_VERSION "0"
#endif
#ifndef NONO_BUILD_ID
#define NONO_BUILD_ID "unknown"
#endif

enum {
	EXIT_BAD_START = 2,
	EXIT_CONFINE = 3,
	EXIT_BROKEN = 4,
	READ_BYTES = 64 << 10,
	PTY_READ_BYTES = 4 << 10,   /* the line discipline's buffer */
	QUEUE_BYTES_MAX = 64 << 10, /* above it the program waits */
	SYNCHRONIZED_MS_MAX = 150,
	FLUSH_MS_MAX = 1000, /* a terminal that takes nothing must not hold a prompt up */
	/* ^Z stops the program before the line discipline echoes it, in a worker of the kernel. */
	LAST_QUIET_MS = 20,
	LAST_MS_MAX = 200,
	/* Between two pieces of a flood there is less; a key's answer does not wait for the model. */
	CATCH_UP_AFTER_MS = 5,
	SIDE_MAX = 65535,
};

struct relay {
	struct screen *screen;
	struct buf queue; /* filtered bytes for the terminal */
	size_t written;	  /* of the queue */
	bool cooked;	  /* SCREEN_COOKED */
	bool cr;	  /* taken from the end of the queue until it is known what follows */
	bool silent;	  /* between SETTLE or GIVE_UP and PAINT */
	bool pty_open;
	uint32_t state;		    /* as last told */
	long synchronized_since_ms; /* 0: not synchronized */
	enum { MODEL_CURRENT, MODEL_BEHIND, MODEL_CATCHES_UP } model;
	/* after SCREEN_END */
	bool ending;
	long quiet_ms, quiet_until_ms, end_until_ms;
};

static long
now_ms(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static _Noreturn void
give_up(void)
{
	_exit(EXIT_BROKEN);
}

static size_t
queued(const struct relay *r)
{
	return r->queue.n - r->written;
}

/* A flood keeps the queue from ever being empty: what has been written must not pile up in it. */
static void
forget_written(struct relay *r)
{
	if (r->written < QUEUE_BYTES_MAX)
		return;
	memmove(r->queue.p, r->queue.p + r->written, queued(r));
	r->queue.n = queued(r);
	r->written = 0;
}

/* Write what the terminal takes now. A terminal that is gone takes everything. */
static void
write_some(struct relay *r)
{
	while (queued(r) > 0) {
		ssize_t n = write(SCREEN_FD_TERMINAL, r->queue.p + r->written, queued(r));

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN) {
			forget_written(r);
			return;
		}
		r->written = n == -1 ? r->queue.n : r->written + (size_t)n;
	}
	buf_reset(&r->queue);
	r->written = 0;
}

/* Write everything, within the time a prompt may be held up. */
static void
flush(struct relay *r)
{
	long end = now_ms() + FLUSH_MS_MAX;

	write_some(r);
	while (queued(r) > 0) {
		struct pollfd wait = { .fd = SCREEN_FD_TERMINAL, .events = POLLOUT };
		const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };

		(void)ppoll(&wait, 1, &pause, NULL);
		write_some(r);
		if (now_ms() > end)
			return;
	}
}

/*
 * The line discipline of the program's terminal made CR LF of every LF, and the user's terminal,
 * in the modes of the shell, would add another CR: what was queued from `from` on is to be as the
 * program wrote it.
 */
static void
undo_line_ends(struct relay *r, size_t from)
{
	struct buf *q = &r->queue;
	size_t to = from;

	if (q->n == from)
		return;
	if (r->cr && q->p[from] != '\n') {
		if (buf_addc(q, '\r') < 0)
			give_up();
		memmove(q->p + from + 1, q->p + from, q->n - 1 - from);
		q->p[from] = '\r';
	}
	r->cr = false;
	for (size_t i = from; i < q->n; i++)
		if (q->p[i] != '\r' || (i + 1 < q->n && q->p[i + 1] != '\n'))
			q->p[to++] = q->p[i];
		else if (i + 1 == q->n)
			r->cr = true;
	q->n = to;
}

static void
tell(enum screen_message_type type, uint32_t a, uint32_t b)
{
	const struct screen_message m = { type, a, b, 0 };

	if (write(SCREEN_FD_CONTROL, &m, sizeof(m)) != sizeof(m))
		give_up();
}

static uint32_t
state_of(const struct relay *r)
{
	uint32_t flags = 0;

	if (screen_on_alternate(r->screen))
		flags |= SCREEN_IS_ALTERNATE;
	if (screen_was_alternate(r->screen))
		flags |= SCREEN_WAS_ALTERNATE;
	if (screen_has_output(r->screen))
		flags |= SCREEN_HAS_OUTPUT;
	return flags;
}

static void
tell_state(struct relay *r)
{
	uint32_t state = state_of(r);

	if (state != r->state)
		tell(SCREEN_STATE, r->state = state, 0);
}

/* As much as the kernel has, for it hands out 4 KiB at a time, and writing wakes the reader. */
static size_t
read_pieces(struct relay *r, unsigned char *bytes, size_t room)
{
	size_t n = 0;

	while (room - n >= PTY_READ_BYTES) {
		ssize_t k = read(SCREEN_FD_PTY, bytes + n, PTY_READ_BYTES);

		if (k == -1 && errno == EINTR)
			continue;
		if (k == 0 || (k == -1 && errno != EAGAIN))
			r->pty_open = false; /* EIO: no process has the slave open any more */
		if (k <= 0)
			break;
		n += (size_t)k;
	}
	return n;
}

static void
read_pty(struct relay *r)
{
	static unsigned char bytes[READ_BYTES];
	const size_t before = r->queue.n, n = read_pieces(r, bytes, sizeof(bytes));

	if (!n)
		return;
	r->quiet_until_ms = now_ms() + r->quiet_ms;
	r->model = MODEL_BEHIND;
	if (screen_feed(r->screen, bytes, n, &r->queue) < 0)
		give_up();
	if (r->cooked)
		undo_line_ends(r, before);
	if (!screen_is_synchronized(r->screen))
		r->synchronized_since_ms = 0;
	else if (r->synchronized_since_ms == 0)
		r->synchronized_since_ms = now_ms();
	tell_state(r);
}

/*
 * The program has been stopped: what it said until then, and the echo of the key that stopped it,
 * belong before what the shell says. A process in the background may go on; it is not waited for.
 */
static void
read_last(struct relay *r)
{
	const long end = now_ms() + LAST_MS_MAX;

	while (r->pty_open && !r->silent && queued(r) < QUEUE_BYTES_MAX && now_ms() < end) {
		struct pollfd wait = { .fd = SCREEN_FD_PTY, .events = POLLIN };
		const struct timespec pause = { .tv_nsec = LAST_QUIET_MS * 1000 * 1000 };

		if (ppoll(&wait, 1, &pause, NULL) == 0)
			return;
		read_pty(r);
		write_some(r);
	}
}

/* The end of everything: what is held back, the terminal as it was, the text for the footer. */
static _Noreturn void
leave(struct relay *r, bool told)
{
	autobuf struct buf text = BUF_INIT;
	const size_t before = r->queue.n;
	size_t done = 0;

	if (screen_finish(r->screen, &r->queue) < 0 ||
	    screen_leave(r->screen, SCREEN_LEAVE_FINAL, &r->queue) < 0)
		give_up();
	if (r->cooked)
		undo_line_ends(r, before);
	flush(r);
	if (!told)
		_exit(0);
	if (screen_dump(r->screen, &text) < 0)
		give_up();
	while (done < text.n) {
		ssize_t n = write(SCREEN_FD_DUMP, text.p + done, text.n - done);

		if (n <= 0)
			break;
		done += (size_t)n;
	}
	tell(SCREEN_ENDED, state_of(r), (uint32_t)done);
	_exit(0);
}

static void
on_message(struct relay *r, const struct screen_message *m)
{
	/* What follows does not come from the program. */
	if (r->cr && buf_addc(&r->queue, '\r') < 0)
		give_up();
	r->cr = false;
	switch (m->type) {
	case SCREEN_RESIZE:
		if (screen_resize(r->screen, m->a, m->b) < 0)
			give_up();
		return;
	case SCREEN_SETTLE:
		if (screen_settle(r->screen, &r->queue) < 0)
			give_up();
		flush(r);
		r->silent = true;
		tell(SCREEN_SETTLED, 0, 0);
		return;
	case SCREEN_GIVE_UP:
		read_last(r);
		if (screen_leave(r->screen, m->a, &r->queue) < 0)
			give_up();
		flush(r);
		r->silent = true;
		tell(SCREEN_GIVEN_UP, 0, 0);
		return;
	case SCREEN_PAINT:
		if (m->a > SCREEN_PAINT_FRESH ||
		    screen_repaint(r->screen, (enum screen_paint)m->a, &r->queue) < 0)
			give_up();
		flush(r);
		r->silent = false;
		tell(SCREEN_PAINTED, 0, 0);
		return;
	case SCREEN_COOKED:
		r->cooked = m->a == 1;
		screen_set_background(r->screen, r->cooked);
		return;
	case SCREEN_END:
		r->ending = true;
		r->silent = false;
		r->quiet_ms = (long)m->a;
		r->quiet_until_ms = now_ms() + r->quiet_ms;
		r->end_until_ms = now_ms() + (long)m->b;
		return;
	default:
		give_up();
	}
}

static void
read_control(struct relay *r)
{
	struct screen_message m;
	ssize_t n = read(SCREEN_FD_CONTROL, &m, sizeof(m));

	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n == 0) /* the broker is gone: give the terminal back, nobody else will */
		leave(r, false);
	if (n != sizeof(m) || m.zero != 0)
		give_up();
	on_message(r, &m);
}

static long
sooner(long a, long b)
{
	return a < b ? a : b;
}

/* Milliseconds until something is due, -1: nothing. */
static long
next_due_ms(const struct relay *r)
{
	long due = LONG_MAX, now;

	if (r->model == MODEL_CATCHES_UP)
		return 0;
	if (r->model == MODEL_BEHIND)
		due = CATCH_UP_AFTER_MS;
	if (!r->synchronized_since_ms && !r->ending)
		return due == LONG_MAX ? -1 : due;
	now = now_ms();
	if (r->synchronized_since_ms)
		due = sooner(due, r->synchronized_since_ms + SYNCHRONIZED_MS_MAX - now);
	if (r->ending)
		due = sooner(due, sooner(r->quiet_until_ms, r->end_until_ms) - now);
	return due < 0 ? 0 : due;
}

/*
 * Only when nothing has come for a while: of a flood the model need not see what scrolls away
 * (backlog.c), and feeding it in between would make it see everything.
 */
static void
catch_up(struct relay *r)
{
	int more;

	if (r->model == MODEL_CURRENT)
		return;
	more = screen_idle(r->screen);
	if (more < 0)
		give_up();
	r->model = more ? MODEL_CATCHES_UP : MODEL_CURRENT;
}

static bool
has_ended(const struct relay *r)
{
	long now = now_ms();

	return r->ending && (!r->pty_open || now >= r->quiet_until_ms || now >= r->end_until_ms);
}

static void
relay_loop(struct relay *r)
{
	while (!has_ended(r)) {
		bool wants_pty = r->pty_open && !r->silent && queued(r) < QUEUE_BYTES_MAX;
		struct pollfd wait[] = {
			{ .fd = SCREEN_FD_CONTROL, .events = POLLIN },
			{ .fd = wants_pty ? SCREEN_FD_PTY : -1, .events = POLLIN },
			{ .fd = queued(r) ? SCREEN_FD_TERMINAL : -1, .events = POLLOUT },
		};
		long due = next_due_ms(r);
		const struct timespec pause = { due / 1000, due % 1000 * 1000000 };
		int ready = ppoll(wait, ARRAY_LEN(wait), due >= 0 ? &pause : NULL, NULL);

		if (ready == -1 && errno != EINTR)
			give_up();
		if (wait[0].revents)
			read_control(r);
		if (wait[1].revents && !r->silent)
			read_pty(r);
		if (r->synchronized_since_ms &&
		    now_ms() >= r->synchronized_since_ms + SYNCHRONIZED_MS_MAX) {
			r->synchronized_since_ms = 0;
			if (screen_end_synchronized(r->screen, &r->queue) < 0)
				give_up();
		}
		if (queued(r))
			write_some(r);
		if (ready == 0)
			catch_up(r);
	}
}

static bool
option_number(const char *word, const char *option, unsigned int *ret)
{
	uint64_t value;

	if (!str_starts_with(word, option) ||
	    str_to_u64(word + strlen(option), 0, SIDE_MAX, &value) < 0)
		return false;
	*ret = (unsigned int)value;
	return true;
}

static bool
option_filter(const char *word, enum screen_filter *ret)
{
	static const char *const level[] = {
		[SCREEN_FILTER_STANDARD] = "--filter=standard",
		[SCREEN_FILTER_STRICT] = "--filter=strict",
		[SCREEN_FILTER_OFF] = "--filter=off",
	};

	for (size_t i = 0; i < ARRAY_LEN(level); i++) {
		if (!str_equal(word, level[i]))
			continue;
		*ret = (enum screen_filter)i;
		return true;
	}
	return false;
}

static int
usage(void)
{
	static const char text[] = "error: nono-screen is started by nono-broker, with descriptors "
				   "and a build id of the same build\n";

	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	return EXIT_BAD_START;
}

int
main(int argc, char **argv)
{
	enum screen_filter filter = SCREEN_FILTER_STANDARD;
	unsigned int rows = 0, columns = 0, history = SCREEN_HISTORY_ROWS;
	struct relay r = { .pty_open = true };
	sigset_t all;

	for (int i = 1; i < argc; i++)
		if (!option_number(argv[i], "--rows=", &rows) &&
		    !option_number(argv[i], "--columns=", &columns) &&
		    !option_number(argv[i], "--history=", &history) &&
		    !option_filter(argv[i], &filter) &&
		    !str_equal(argv[i], "--build=" NONO_BUILD_ID))
			return usage();
	/*
	 * A killed broker would take us along before the terminal is as it was. The closed socket
	 * tells us the same, and the guardian ends us should we not listen.
	 */
	if (prctl(PR_SET_PDEATHSIG, 0) == -1)
		return EXIT_BROKEN;
	/* Blocked, the signals of the terminal's job control never reach us, nor does SIGTTOU. */
	if (argc < 2 || sigfillset(&all) == -1 || sigprocmask(SIG_SETMASK, &all, NULL) == -1)
		return usage();
	if (!(r.screen = screen_new(rows, columns, filter)))
		return EXIT_BROKEN;
	screen_limit_history(r.screen, history);
	screen_set_version(r.screen, NONO_VERSION);
	screen_set_attached(r.screen, true);
	if (screen_confine() < 0)
		return EXIT_CONFINE;
	hook_after_confinement("screen");
	tell(SCREEN_READY, 0, 0);
	relay_loop(&r);
	leave(&r, true);
}
