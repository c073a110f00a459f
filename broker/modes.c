/* The user's terminal as it was before the session. */
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "broker/internal.h"

void
terminal_modes_save(struct terminal_modes *m)
{
	struct stat in, out;
	pid_t session;

	m->valid = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && fstat(STDIN_FILENO, &in) == 0 &&
		   fstat(STDOUT_FILENO, &out) == 0 && in.st_rdev == out.st_rdev &&
		   ioctl(STDIN_FILENO, TIOCGSID, &session) == 0 && session == getsid(0) &&
		   tcgetattr(STDIN_FILENO, &m->cooked) == 0;
	/*
	 * Started in the background, we see the modes of the shell's line editor: a program must not
	 * inherit them, nor the shell get them back later.
	 */
	if (m->valid && tcgetpgrp(STDIN_FILENO) != getpgrp()) {
		m->cooked.c_iflag |= ICRNL;
		m->cooked.c_oflag |= OPOST | ONLCR;
		m->cooked.c_lflag |= ICANON | ECHO | ISIG | IEXTEN;
	}
}

void
terminal_modes_restore(const struct terminal_modes *m)
{
	sigset_t tty, before;

	if (!m->valid)
		return;
	/* From the background this would stop us: the terminal must be usable first. */
	(void)sigemptyset(&tty);
	(void)sigaddset(&tty, SIGTTOU);
	(void)sigprocmask(SIG_BLOCK, &tty, &before);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &m->cooked);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
}

void
terminal_modes_rescue(const struct terminal_modes *m, bool alternate)
{
	/*
	 * Mouse and focus reports, bracketed paste, kitty keys, synchronized output off; cursor,
	 * autowrap, ASCII and plain text on. Nothing that moves the cursor or clears.
	 */
	static const char common[] = "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1006l"
				     "\x1b[?1015l\x1b[?1016l\x1b[?2004l\x1b[?2026l\x1b[<u"
				     "\x1b[?1l\x1b>\x1b[?25h\x1b[?7h\x1b(B\x0f\x1b[0m\r\n";
	static const char leave[] = "\x1b[?1049l";

	if (!m->valid)
		return;
	if (alternate)
		(void)!fd_write_all(STDOUT_FILENO, leave, sizeof(leave) - 1);
	(void)!fd_write_all(STDOUT_FILENO, common, sizeof(common) - 1);
}
