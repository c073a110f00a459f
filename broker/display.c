/* nono-screen, seen from the broker: start it, tell it what to do, notice when it breaks. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "broker/internal.h"
#include "ipc/broker_screen.h"

#ifndef NONO_BUILD_ID
#define NONO_BUILD_ID "unknown"
#endif

enum {
	ANSWER_MS_MAX = 5000, /* a screen that says nothing for so long is broken */
	DRAIN_QUIET_MS = 100,
	DRAIN_MS_MAX = 2000,
	LEAVE_CLEAR = 1, /* enum of screen/screen.h: clear when the alternate screen is left */
	PAINT_MODES = 0, /* of enum screen_paint */
	PAINT_VISIBLE = 2,
};

static int
send_message(const struct display *d, enum screen_message_type type, uint32_t a, uint32_t b)
{
	const struct screen_message m = { type, a, b, 0 };

	if (send(d->control, &m, sizeof(m), MSG_NOSIGNAL) != sizeof(m))
		return -EPIPE;
	return 0;
}

/* One message, taken as it is only when every field is in its range. */
static int
receive(struct display *d, struct screen_message *m)
{
	ssize_t n = recv(d->control, m, sizeof(*m), MSG_DONTWAIT | MSG_TRUNC);

	if (n == -1)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n != sizeof(*m) || m->zero != 0)
		return n == 0 ? -EPIPE : -EBADMSG;
	if (m->type == SCREEN_STATE || m->type == SCREEN_ENDED) {
		if (m->a & ~(uint32_t)SCREEN_ALL_STATE_FLAGS)
			return -EBADMSG;
		d->state = m->a;
	}
	return 1;
}

static long
now_ms(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Wait for this answer; states may come in between, anything else is a breach. */
static int
await(struct display *d, enum screen_message_type type, struct screen_message *m)
{
	long end = now_ms() + ANSWER_MS_MAX;

	for (;;) {
		struct pollfd wait = { .fd = d->control, .events = POLLIN };
		long left = end - now_ms();
		int r;

		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&wait, 1, (int)left) == -1 && errno != EINTR)
			return -errno;
		r = receive(d, m);
		if (r < 0)
			return r;
		if (r == 1 && m->type == (uint32_t)type)
			return 0;
		if (r == 1 && m->type != SCREEN_STATE)
			return -EBADMSG;
	}
}

/*
 * A descriptor of the terminal that can only write and never waits. Its flags are its own, so the
 * user's shell does not see O_NONBLOCK. Where the kernel refuses (after su, the device belongs to
 * somebody else), the inherited stream is used; the screen's filter compares numbers either way.
 */
static int
open_terminal(void)
{
	int fd = open("/dev/tty", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	return fd != -1 ? fd : fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
}

int
display_start(struct display *d, const struct plan *p, int directory_fd, int master, struct err *e)
{
	static const char *const filters[] = {
		[PLAN_FILTER_STANDARD] = "standard",
		[PLAN_FILTER_STRICT] = "strict",
		[PLAN_FILTER_OFF] = "off",
	};
	char rows[32], columns[32], history[32], filter[32];
	char *argv[] = { (char[]){ "nono-screen" },
			 rows,
			 columns,
			 history,
			 filter,
			 (char[]){ "--build=" NONO_BUILD_ID },
			 NULL };
	autofd int theirs = -1, terminal = -1, null = -1;
	struct screen_message m;
	struct winsize size;
	int ends[2], r;

	*d = (struct display){ .control = -1, .dump = -1 };
	if (ioctl(master, TIOCGWINSZ, &size) == -1)
		return err_set_errno(e, -errno, "cannot read the size of the session's terminal");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == -1)
		return err_set_errno(e, -errno, "cannot make a socket for nono-screen");
	d->control = ends[0];
	theirs = ends[1];
	d->dump = memfd_create("nono-screen-text", MFD_CLOEXEC);
	terminal = open_terminal();
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (d->dump == -1 || terminal == -1 || null == -1)
		return err_set_errno(e, -errno, "cannot open the terminal for nono-screen");
	const struct helper_fd map[] = {
		{ null, 0 },
		{ null, 1 },
		{ null, 2 },
		{ theirs, SCREEN_FD_CONTROL },
		{ master, SCREEN_FD_PTY },
		{ terminal, SCREEN_FD_TERMINAL },
		{ d->dump, SCREEN_FD_DUMP },
	};
	(void)snprintf(rows, sizeof(rows), "--rows=%u", size.ws_row);
	(void)snprintf(columns, sizeof(columns), "--columns=%u", size.ws_col);
	(void)snprintf(history, sizeof(history), "--history=%u", p->settings->scrollback_rows);
	(void)snprintf(filter, sizeof(filter), "--filter=%s",
		       filters[p->settings->terminal_filter]);
	r = helper_spawn(directory_fd, "nono-screen", argv, map, ARRAY_LEN(map), &d->pid, e);
	if (r < 0)
		return r;
	theirs = fd_close(theirs);
	r = await(d, SCREEN_READY, &m);
	if (r < 0)
		return err_set(
			e, r,
			"nono-screen, which draws the terminal, did not start; it is installed "
			"beside nono-broker and of the same build. Redirect the output, as in "
			"`nono run ... | cat`, to work without it");
	return 0;
}

void
display_resize(struct display *d, unsigned int rows, unsigned int columns)
{
	/* A screen that is gone is noticed by its end. */
	(void)!send_message(d, SCREEN_RESIZE, rows, columns);
}

void
display_set_cooked(struct display *d, bool cooked)
{
	if (cooked != d->cooked)
		(void)!send_message(d, SCREEN_COOKED, cooked, 0);
	d->cooked = cooked;
}

static int
ask(struct display *d, enum screen_message_type question, uint32_t a, uint32_t b,
    enum screen_message_type answer, struct screen_message *m)
{
	int r = send_message(d, question, a, b);

	return r < 0 ? r : await(d, answer, m);
}

int
display_give_up(struct display *d)
{
	struct screen_message m;

	return ask(d, SCREEN_GIVE_UP, LEAVE_CLEAR, 0, SCREEN_GIVEN_UP, &m);
}

int
display_paint(struct display *d, bool visible)
{
	struct screen_message m;

	return ask(d, SCREEN_PAINT, visible ? PAINT_VISIBLE : PAINT_MODES, 0, SCREEN_PAINTED, &m);
}

int
display_end(struct display *d)
{
	struct screen_message m;
	int r = ask(d, SCREEN_END, DRAIN_QUIET_MS, DRAIN_MS_MAX, SCREEN_ENDED, &m);

	if (r < 0)
		return r;
	d->ended = true;
	d->dump_bytes = m.b;
	return 0;
}

int
display_read(struct display *d)
{
	struct screen_message m;
	int r;

	while ((r = receive(d, &m)) == 1)
		if (m.type != SCREEN_STATE)
			return -EBADMSG;
	return r;
}

void
display_clear(struct display *d)
{
	d->control = fd_close(d->control);
	d->dump = fd_close(d->dump);
}
