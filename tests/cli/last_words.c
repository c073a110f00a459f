/*
 * last_words SCREEN DELAY-MS   what nono-screen shows before it gives the terminal back
 *
 * Starts SCREEN on a pair of terminals, asks it to give up, and lets a program print "late" only
 * DELAY-MS later, as the line discipline does with the echo of ^Z. Prints what had reached the
 * user's terminal when SCREEN_GIVEN_UP came. Exit code 125: the setting up failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "ipc/broker_screen.h"

static _Noreturn void
fail(const char *what)
{
	perror(what);
	exit(125);
}

struct pair {
	int master, slave;
};

static struct pair
make_terminal(void)
{
	struct pair p = { .master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK) };
	struct termios raw;

	if (p.master == -1 || unlockpt(p.master) == -1)
		fail("posix_openpt");
	p.slave = ioctl(p.master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (p.slave == -1 || tcgetattr(p.slave, &raw) == -1)
		fail("slave");
	cfmakeraw(&raw);
	if (tcsetattr(p.slave, TCSANOW, &raw) == -1)
		fail("tcsetattr");
	return p;
}

static void
start(char *screen, int control, int pty, int terminal)
{
	char *argv[] = { screen, (char[]){ "--rows=24" }, (char[]){ "--columns=80" }, NULL };
	int dump = memfd_create("dump", MFD_CLOEXEC);
	const int from[] = { control, pty, terminal, dump };
	int high[4];

	for (int i = 0; i < 4; i++)
		if ((high[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 20)) == -1)
			fail("dup");
	for (int i = 0; i < 4; i++)
		if (dup2(high[i], SCREEN_FD_CONTROL + i) == -1)
			fail("dup2");
	(void)execv(screen, argv);
	fail(screen);
}

static void
receive(int control, uint32_t type)
{
	struct screen_message m = { 0 };

	while (m.type != type)
		if (recv(control, &m, sizeof(m), 0) != sizeof(m))
			fail("recv");
}

int
main(int argc, char **argv)
{
	const struct screen_message give_up = { .type = SCREEN_GIVE_UP };
	struct pair program = make_terminal(), user = make_terminal();
	char text[4096];
	struct timespec pause;
	ssize_t n;
	int ends[2];
	long ms;

	if (argc != 3 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == -1)
		fail("usage: last_words SCREEN DELAY-MS");
	ms = strtol(argv[2], NULL, 10);
	pause = (struct timespec){ ms / 1000, ms % 1000 * 1000000 };
	switch (fork()) {
	case -1:
		fail("fork");
	case 0:
		start(argv[1], ends[1], program.master, user.slave);
	}
	receive(ends[0], SCREEN_READY);
	if (write(program.slave, "early ", 6) != 6 ||
	    send(ends[0], &give_up, sizeof(give_up), 0) != sizeof(give_up) ||
	    nanosleep(&pause, NULL) == -1 || write(program.slave, "late", 4) != 4)
		fail("write");
	receive(ends[0], SCREEN_GIVEN_UP);
	while ((n = read(user.master, text, sizeof(text))) > 0)
		(void)fwrite(text, 1, (size_t)n, stdout);
	return 0;
}
