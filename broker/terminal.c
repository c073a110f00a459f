/*
 * The session's own terminal: a PTY whose output nono-screen shows and whose input comes from the
 * user's keyboard through here. Output bytes never pass the broker.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "broker/internal.h"
#include "ipc/broker_screen.h"

enum {
	ROWS_DEFAULT = 24,
	COLUMNS_DEFAULT = 80,
};

/* The size of the user's terminal; never 0, which full-screen programs take for no terminal. */
static struct winsize
user_size(void)
{
	struct winsize size = { 0 };

	(void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	if (size.ws_row == 0)
		size.ws_row = ROWS_DEFAULT;
	if (size.ws_col == 0)
		size.ws_col = COLUMNS_DEFAULT;
	return size;
}

void
terminal_init(struct terminal *t, const struct terminal_modes *m)
{
	*t = (struct terminal){
		.modes = m, .master = -1, .slave = -1, .display = { .control = -1, .dump = -1 }
	};
}

/* The slave through the master: no path is looked up, whatever is mounted on /dev/pts. */
int
terminal_make_pty(struct terminal *t, struct err *e)
{
	int unlocked = 0;

	t->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (t->master == -1 || ioctl(t->master, TIOCSPTLCK, &unlocked) == -1)
		return err_set_errno(e, -errno, "cannot make a terminal for the session");
	t->slave = ioctl(t->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (t->slave == -1)
		return err_set_errno(e, -errno, "cannot open the terminal of the session");
	return 0;
}

int
terminal_show(struct terminal *t, const struct plan *p, int directory_fd, struct err *e)
{
	const struct winsize size = user_size();

	/* The user's own keys for erase, interrupt and so on. Through the master: it may be all we have. */
	if (ioctl(t->master, TIOCSWINSZ, &size) == -1 ||
	    tcsetattr(t->master, TCSANOW, &t->modes->cooked) == -1)
		return err_set_errno(e, -errno, "cannot set up the terminal of the session");
	return display_start(&t->display, p, directory_fd, t->master, e);
}

void
terminal_started(struct terminal *t)
{
	t->slave = fd_close(t->slave);
}

static bool
in_foreground(void)
{
	return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

void
terminal_take(struct terminal *t)
{
	struct termios raw = t->modes->cooked;

	cfmakeraw(&raw);
	/* Not flushed: what was typed ahead is for the program. */
	if (!t->raw && !t->hung_up && in_foreground())
		t->raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
	display_set_cooked(&t->display, !t->raw);
}

void
terminal_give_back(struct terminal *t)
{
	if (t->raw)
		terminal_modes_restore(t->modes);
	t->raw = false;
}

int
terminal_suspend(struct terminal *t)
{
	int r = display_give_up(&t->display);

	terminal_give_back(t);
	display_set_cooked(&t->display, true);
	t->suspended = true;
	return r;
}

bool
terminal_waits_for_shell(const struct terminal *t)
{
	return !t->raw && !t->hung_up && !t->suspended;
}

int
terminal_look_for_shell(struct terminal *t)
{
	if (!terminal_waits_for_shell(t))
		return 0;
	/* Nobody reads the terminal here, so nothing else would tell that it was closed. */
	if (tcgetpgrp(STDIN_FILENO) == -1 && errno == EIO) {
		t->hung_up = true;
		terminal_hang_up(t);
		return 0;
	}
	return in_foreground() ? terminal_resume(t) : 0;
}

int
terminal_resume(struct terminal *t)
{
	bool alternate = t->display.state & SCREEN_IS_ALTERNATE;
	int r = 0;

	t->suspended = false;
	terminal_resize(t);
	terminal_take(t);
	/*
	 * In the background a full-screen program must not paint over the shell, and of the modes
	 * of others the screen paints none: it was told that the terminal is not raw.
	 */
	if (t->raw || !alternate)
		r = display_paint(&t->display, alternate);
	terminal_signal(t, SIGCONT);
	if (alternate)
		terminal_signal(t, SIGWINCH);
	return r;
}

void
terminal_resize(struct terminal *t)
{
	const struct winsize size = user_size();
	struct winsize now;

	if (ioctl(t->master, TIOCGWINSZ, &now) == 0 && now.ws_row == size.ws_row &&
	    now.ws_col == size.ws_col)
		return;
	display_resize(&t->display, size.ws_row, size.ws_col);
	/* The kernel tells the foreground group of the PTY. */
	(void)ioctl(t->master, TIOCSWINSZ, &size);
}

void
terminal_hang_up(struct terminal *t)
{
	if (t->hang_up_told)
		return;
	t->hang_up_told = true;
	terminal_signal(t, SIGHUP);
	/* A stopped program would not see it. */
	terminal_signal(t, SIGCONT);
}

void
terminal_read_keys(struct terminal *t)
{
	ssize_t n = read(STDIN_FILENO, t->keys + t->keys_count, sizeof(t->keys) - t->keys_count);

	if (n > 0) {
		t->keys_count += (size_t)n;
		terminal_type(t);
	} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
		/* Raw mode knows no end of file: the terminal is gone. */
		t->hung_up = true;
		t->raw = false;
		terminal_hang_up(t);
	}
}

void
terminal_type(struct terminal *t)
{
	ssize_t n;

	if (t->keys_count == 0)
		return;
	n = write(t->master, t->keys, t->keys_count);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == -1)
		n = (ssize_t)t->keys_count; /* nobody is there to type to */
	memmove(t->keys, t->keys + n, t->keys_count - (size_t)n);
	t->keys_count -= (size_t)n;
}

void
terminal_signal(const struct terminal *t, int signal_number)
{
	pid_t group = tcgetpgrp(t->master);

	if (group > 1)
		(void)kill(-group, signal_number);
}

void
terminal_close(struct terminal *t)
{
	if (display_end(&t->display) < 0)
		terminal_modes_rescue(t->modes, t->display.state & SCREEN_IS_ALTERNATE);
	terminal_give_back(t);
	t->master = fd_close(t->master);
	t->slave = fd_close(t->slave);
}
